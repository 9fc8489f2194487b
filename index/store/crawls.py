"""What crawling remembers: sources with their last outcome, and validators for conditional requests."""

from dataclasses import dataclass
from datetime import UTC, datetime

from index.store.database import Store


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """A source as `status` and the web page show it. ``last_outcome`` is one line: ``ok``, or what went wrong."""

    id: str
    name: str
    kind: str
    language: str
    homepage: str | None = None
    last_crawl: datetime | None = None
    last_success: datetime | None = None
    last_outcome: str | None = None
    fetched: int = 0
    new: int = 0


@dataclass(frozen=True, slots=True)
class Validators:
    """What an address answered last: for If-None-Match and If-Modified-Since."""

    etag: str | None
    last_modified: str | None
    status: int
    fetched: datetime


def save_source(store: Store, record: SourceRecord) -> None:
    """Insert or update a source; ``fetched`` and ``new`` are those of its last crawl."""
    store.execute(
        """INSERT INTO source (id, name, kind, language, homepage, last_crawl, last_success, last_outcome, fetched, new)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET name = excluded.name, kind = excluded.kind, language = excluded.language,
            homepage = excluded.homepage, last_crawl = coalesce(excluded.last_crawl, last_crawl),
            last_success = coalesce(excluded.last_success, last_success),
            last_outcome = coalesce(excluded.last_outcome, last_outcome),
            fetched = excluded.fetched, new = excluded.new""",
        [
            record.id,
            record.name,
            record.kind,
            record.language,
            record.homepage,
            _seconds(record.last_crawl),
            _seconds(record.last_success),
            record.last_outcome,
            record.fetched,
            record.new,
        ],
    )


def all_sources(store: Store) -> list[SourceRecord]:
    """Every source that was crawled or registered, by id."""
    rows = store.rows(
        "SELECT id, name, kind, language, homepage, last_crawl, last_success, last_outcome, fetched, new "
        "FROM source ORDER BY id"
    )
    return [
        SourceRecord(
            row["id"],
            row["name"],
            row["kind"],
            row["language"],
            row["homepage"],
            _moment(row["last_crawl"]),
            _moment(row["last_success"]),
            row["last_outcome"],
            row["fetched"],
            row["new"],
        )
        for row in rows
    ]


def source_names(store: Store) -> dict[str, str]:
    """Display names by source id, of the sources that were crawled or registered."""
    return {str(row[0]): str(row[1]) for row in store.rows("SELECT id, name FROM source")}


def source_article_counts(store: Store) -> dict[str, int]:
    """Number of stored articles by source id, including sources known only from imports."""
    return {str(row[0]): int(row[1]) for row in store.rows("SELECT source, count(*) FROM article GROUP BY source")}


def validators_of(store: Store, url: str) -> Validators | None:
    row = store.row("SELECT etag, last_modified, status, fetched FROM fetch WHERE url = ?", [url])
    if row is None:
        return None
    return Validators(row["etag"], row["last_modified"], row["status"], datetime.fromtimestamp(row["fetched"], UTC))


def save_validators(store: Store, url: str, validators: Validators) -> None:
    store.execute(
        "INSERT OR REPLACE INTO fetch (url, etag, last_modified, status, fetched) VALUES (?, ?, ?, ?, ?)",
        [url, validators.etag, validators.last_modified, validators.status, int(validators.fetched.timestamp())],
    )


def _seconds(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp())


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
