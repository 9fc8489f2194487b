"""What crawling remembers of addresses: what they answered, where they went, what was left out, what was walked."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from index.store.database import Store

RETRY_AFTER = timedelta(days=7)
"""After which an address that had nothing to offer is looked at again, where it is still listed."""


@dataclass(frozen=True, slots=True)
class Validators:
    """What an address answered last: for If-None-Match and If-Modified-Since. ``note``: why nothing came of it."""

    etag: str | None
    last_modified: str | None
    status: int
    fetched: datetime
    note: str | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An article that the gate found off topic: what it was and why it is not stored. ``score`` is from 0 to 1."""

    url: str
    source: str
    title: str
    why: str
    score: float
    seen: datetime
    published: datetime | None = None


def validators_of(store: Store, url: str) -> Validators | None:
    row = store.row("SELECT etag, last_modified, status, fetched, note FROM fetch WHERE url = ?", [url])
    if row is None:
        return None
    return Validators(row["etag"], row["last_modified"], row["status"], _moment(row["fetched"]), row["note"])


def save_validators(store: Store, url: str, validators: Validators) -> None:
    """Keep what an address answered. Unchanged (304) leaves what is known of it, but for the time."""
    if validators.status == 304:
        store.execute("UPDATE fetch SET fetched = ? WHERE url = ?", [int(validators.fetched.timestamp()), url])
        return
    store.execute(
        "INSERT OR REPLACE INTO fetch (url, etag, last_modified, status, fetched, note) VALUES (?, ?, ?, ?, ?, ?)",
        [
            url,
            validators.etag,
            validators.last_modified,
            validators.status,
            int(validators.fetched.timestamp()),
            validators.note,
        ],
    )


def handled(store: Store, url: str, now: datetime) -> datetime | None:
    """When what is at `url` was last stored, left out, or found to be of no use; None where it is to be fetched.

    What is stored of a page that could not be read is what its list said of it: then the page is to be tried again too.
    """
    row = store.row(
        """SELECT max(moment) FROM (
            SELECT last_changed AS moment FROM article
                WHERE url = ?1 AND NOT EXISTS (SELECT 1 FROM fetch WHERE url = ?1 AND note IS NOT NULL AND fetched <= ?2)
            UNION ALL SELECT fetched FROM fetch WHERE url = ?1 AND (note IS NULL OR fetched > ?2)
            UNION ALL SELECT seen FROM left_out WHERE url = ?1)""",
        [url, int((now - RETRY_AFTER).timestamp())],
    )
    return None if row is None or row[0] is None else _moment(row[0])


def save_moved(store: Store, url: str, target: str, now: datetime) -> None:
    """Remember that `url` redirects to `target` for good."""
    store.execute("INSERT OR REPLACE INTO moved (url, target, seen) VALUES (?, ?, ?)", [url, target, int(now.timestamp())])


def moved_to(store: Store, url: str) -> str | None:
    """Where `url` went for good, over as many steps as are known."""
    seen = {url}
    target: str | None = None
    while (row := store.row("SELECT target FROM moved WHERE url = ?", [target or url])) is not None and row[0] not in seen:
        target = str(row[0])
        seen.add(target)
    return target


def save_left_out(store: Store, item: LeftOut) -> None:
    store.execute(
        "INSERT OR REPLACE INTO left_out (url, source, title, why, score, seen, published) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            item.url,
            item.source,
            item.title,
            item.why,
            item.score,
            int(item.seen.timestamp()),
            None if item.published is None else int(item.published.timestamp()),
        ],
    )


def left_out_counts(store: Store) -> dict[str, int]:
    """How many articles the gate left out, by source."""
    return {str(row[0]): int(row[1]) for row in store.rows("SELECT source, count(*) FROM left_out GROUP BY source")}


def left_out(store: Store, source: str | None = None, limit: int = 50) -> list[LeftOut]:
    """The articles left out last, newest first, of one source or of all."""
    where, values = ("", []) if source is None else ("WHERE source = ?", [source])
    rows = store.rows(
        f"SELECT url, source, title, why, score, seen, published FROM left_out {where} ORDER BY seen DESC, url LIMIT ?",
        [*values, limit],
    )
    return [
        LeftOut(
            row["url"],
            row["source"],
            row["title"],
            row["why"],
            row["score"],
            _moment(row["seen"]),
            None if row["published"] is None else _moment(row["published"]),
        )
        for row in rows
    ]


def save_backfilled(store: Store, source: str, url: str, since: datetime, now: datetime) -> None:
    """Remember that all that the list at `url` has since `since` was dealt with."""
    store.execute(
        "INSERT OR REPLACE INTO backfilled (source, url, since, done) VALUES (?, ?, ?, ?)",
        [source, url, int(since.timestamp()), int(now.timestamp())],
    )


def backfilled_to(store: Store, source: str, url: str) -> datetime | None:
    row = store.row("SELECT since FROM backfilled WHERE source = ? AND url = ?", [source, url])
    return None if row is None else _moment(row[0])


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
