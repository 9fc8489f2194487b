"""Sources as the store knows them: how they fared, when they are due, and what was chosen about them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from sqlite3 import Row
from typing import Any

from index.store.database import Store


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """A source as `status` and the web page show it. ``last_outcome`` is one line: ``ok``, or what went wrong.

    ``health`` is a state of `crawlers.health.STATES`, None before the first poll; ``failures`` are polls in a row without
    an answer, ``unread`` pages in a row that could not be read; ``interval`` and ``next_due`` are those of watching;
    ``last_success`` is the last poll in which a list was read.
    """

    id: str
    name: str
    kind: str
    language: str
    homepage: str | None = None
    country: str | None = None
    first_crawl: datetime | None = None
    last_crawl: datetime | None = None
    last_success: datetime | None = None
    last_outcome: str | None = None
    fetched: int = 0
    new: int = 0
    health: str | None = None
    health_since: datetime | None = None
    health_note: str | None = None
    failures: int = 0
    unread: int = 0
    interval: timedelta | None = None
    next_due: datetime | None = None

    @property
    def words(self) -> str:
        """How it fares, in one line."""
        return told(self.health or "ok", self.health_note or "", self.last_outcome or "")


def told(state: str, note: str, outcome: str) -> str:
    """What came of a poll, after what is wrong with the source, where the one does not say the other."""
    if state == "ok" or note in outcome:
        return outcome
    what, _, why = note.partition(": ")
    return f"{what if why and why in outcome else note}; {outcome}"


@dataclass(frozen=True, slots=True)
class HealthChange:
    """A source came into a state of health; ``before`` is the one it was in, None for the first."""

    id: int
    source: str
    state: str
    before: str | None
    note: str
    moment: datetime


_COLUMNS = tuple(SourceRecord.__dataclass_fields__)
_KEPT = (
    "first_crawl",
    "last_crawl",
    "last_success",
    "last_outcome",
    "country",
    "homepage",
    "health",
    "health_since",
    "health_note",
)
"""What a record without it does not take away."""


def save_source(store: Store, record: SourceRecord) -> None:
    """Insert or update a source; ``fetched`` and ``new`` are those of its last crawl."""
    sets = ", ".join(
        f"{name} = coalesce(excluded.{name}, {name})" if name in _KEPT else f"{name} = excluded.{name}"
        for name in _COLUMNS
        if name != "id"
    )
    store.execute(
        f"INSERT INTO source ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))}) "
        f"ON CONFLICT (id) DO UPDATE SET {sets}",
        [_stored(getattr(record, name)) for name in _COLUMNS],
    )


def save_health_change(store: Store, source: str, state: str, before: str | None, note: str, moment: datetime) -> None:
    """Write down that a source came into another state."""
    store.execute(
        "INSERT INTO health_change (source, state, before, note, moment) VALUES (?, ?, ?, ?, ?)",
        [source, state, before, note, int(moment.timestamp())],
    )


def health_changes(store: Store, limit: int = 100, source: str | None = None) -> list[HealthChange]:
    """The last changes of health, of one source or of all, newest first; a first state counts only where it is not ``ok``."""
    rows = store.rows(
        "SELECT id, source, state, before, note, moment FROM health_change "
        "WHERE (before IS NOT NULL OR state != 'ok') AND source = coalesce(?, source) ORDER BY id DESC LIMIT ?",
        [source, limit],
    )
    return [
        HealthChange(
            row["id"], row["source"], row["state"], row["before"], row["note"], datetime.fromtimestamp(row["moment"], UTC)
        )
        for row in rows
    ]


def all_sources(store: Store) -> list[SourceRecord]:
    """Every source that was crawled or registered, by id."""
    return [_record(row) for row in store.rows(f"SELECT {', '.join(_COLUMNS)} FROM source ORDER BY id")]


def source_record(store: Store, source: str) -> SourceRecord | None:
    row = store.row(f"SELECT {', '.join(_COLUMNS)} FROM source WHERE id = ?", [source])
    return None if row is None else _record(row)


def source_names(store: Store) -> dict[str, str]:
    """Display names by source id, of the sources that were crawled or registered."""
    return {str(row[0]): str(row[1]) for row in store.rows("SELECT id, name FROM source")}


def source_article_counts(store: Store) -> dict[str, int]:
    """Number of stored articles by source id, including sources known only from imports."""
    return {str(row[0]): int(row[1]) for row in store.rows("SELECT source, count(*) FROM article GROUP BY source")}


def arrivals(store: Store, source: str, since: datetime, limit: int = 20_000) -> list[datetime]:
    """Times of the source's articles (published, else first seen) from `since` on, those left out included; newest first."""
    return _times(store, f"{_ARRIVALS} WHERE moment >= :since ORDER BY moment DESC LIMIT :limit", source, since, limit)


def active_days(store: Store, source: str, until: datetime, limit: int = 20) -> list[datetime]:
    """The last days (UTC) up to `until` on which the source had articles, each as the time of its last one; newest first."""
    last = f"{_ARRIVALS} WHERE moment <= :since ORDER BY moment DESC LIMIT 10000"  # of a wire, two weeks
    query = f"SELECT max(moment) AS moment FROM ({last}) GROUP BY moment / 86400 ORDER BY moment DESC LIMIT :limit"
    return _times(store, query, source, until, limit)


_ARRIVALS = """SELECT moment FROM (
    SELECT coalesce(published, first_seen) AS moment FROM article WHERE source = :source
    UNION ALL SELECT coalesce(published, seen) FROM left_out WHERE source = :source)"""


def _times(store: Store, query: str, source: str, since: datetime, limit: int) -> list[datetime]:
    rows = store.rows(query, {"source": source, "since": int(since.timestamp()), "limit": limit})
    return [datetime.fromtimestamp(row[0], UTC) for row in rows]


def own_entries(store: Store) -> dict[str, dict[str, object]]:
    """Sources added to this data folder, by id, each as an entry of the source catalogue."""
    rows = store.rows("SELECT id, entry FROM source_choice WHERE entry IS NOT NULL ORDER BY id")
    return {str(row["id"]): json.loads(row["entry"]) for row in rows}


def disabled_sources(store: Store) -> dict[str, datetime]:
    """Sources that are not to be crawled, with since when."""
    rows = store.rows("SELECT id, disabled FROM source_choice WHERE disabled IS NOT NULL ORDER BY id")
    return {str(row["id"]): datetime.fromtimestamp(row["disabled"], UTC) for row in rows}


def save_own_entry(store: Store, source: str, entry: Mapping[str, object] | None) -> None:
    """Add a source to this data folder, or replace it; None takes it away."""
    with store.atomic():
        store.execute(
            "INSERT INTO source_choice (id, entry) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET entry = excluded.entry",
            [source, None if entry is None else json.dumps(entry, ensure_ascii=False)],
        )


def save_disabled(store: Store, source: str, since: datetime | None) -> None:
    """Leave a source out of crawls from `since` on; None takes that back."""
    with store.atomic():
        store.execute(
            "INSERT INTO source_choice (id, disabled) VALUES (?, ?) "
            "ON CONFLICT (id) DO UPDATE SET disabled = excluded.disabled",
            [source, _stored(since)],
        )


def _record(row: Row) -> SourceRecord:
    values: dict[str, Any] = {name: row[name] for name in _COLUMNS}
    for name in ("first_crawl", "last_crawl", "last_success", "health_since", "next_due"):
        seconds = values[name]
        values[name] = None if seconds is None else datetime.fromtimestamp(seconds, UTC)
    wait = values["interval"]
    values["interval"] = None if wait is None else timedelta(seconds=wait)
    return SourceRecord(**values)


def _stored(value: object) -> object:
    if isinstance(value, datetime):
        return int(value.timestamp())
    return int(value.total_seconds()) if isinstance(value, timedelta) else value
