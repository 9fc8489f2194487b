"""Saved searches in the store, and the alerts they gave.

What people change about them goes `Store.aside`, so that a search can be saved while another process crawls; what comes of
matching is written by the process that indexes.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from sqlite3 import Connection, Row
from typing import Any

from index.errors import UsageError
from index.store.database import Store

FILTERS = ("lang", "entity", "source", "about", "after", "before")
"""What narrows a saved search, each a list of texts as `index.retrieval.filters.read_filters` takes them."""
MAIL_TIMES = ("once", "daily", "weekly")
"""When alerts are mailed: each at once, or together by the day or the week."""
MOST_SEARCHES = 10_000
_ALERTED_TO = "alerted_to"


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A search that waits for articles.

    ``new_claims``: alerts only where something is claimed that was not before. ``webhook`` and ``mail`` are where alerts go
    beside the feed, ``secret`` signs what goes to the webhook. ``trouble`` says why it could not be asked the last time;
    ``alerts`` counts those that it gave.
    """

    id: int
    name: str
    query: str
    filters: Mapping[str, tuple[str, ...]]
    created: datetime
    owner: str = ""
    new_claims: bool = False
    webhook: str | None = None
    secret: str | None = field(default=None, repr=False)
    mail: tuple[str, ...] = ()
    mail_every: str = "once"
    trouble: str | None = None
    alerts: int = 0
    last_alert: datetime | None = None


@dataclass(frozen=True, slots=True)
class SearchMemory:
    """What is remembered of a search between batches of articles: the text that was embedded, its vector (float32 bytes,
    None without a model) by which model, and the evidence for the best passage of an index of so many passages (0 where
    none opened an answer, None where it is to be measured anew)."""

    embedded: str
    model: str
    vector: bytes | None
    best: float | None
    passages: int


@dataclass(frozen=True, slots=True)
class StoredAlert:
    """An alert: an article that answers a saved search, with ``body``, the document that was sent about it."""

    id: int
    search_id: int
    article_id: int
    made: datetime
    body: Mapping[str, Any]


def save_search(store: Store, search: SavedSearch) -> int:
    """Store a new search under a new id (that of `search` does not matter), which is returned.

    Raises:
        UsageError: there is one of this name, or there are too many.
    """
    values = {
        "name": search.name,
        "owner": search.owner,
        "query": search.query,
        "filters": json.dumps({key: list(each) for key, each in search.filters.items()}, ensure_ascii=False),
        "new_claims": int(search.new_claims),
        "webhook": search.webhook,
        "secret": search.secret,
        "mail": json.dumps(search.mail),
        "mail_every": search.mail_every,
        "created": int(search.created.timestamp()),
    }
    with store.aside() as connection:
        if connection.execute("SELECT 1 FROM saved_search WHERE name = ?", [search.name]).fetchone():
            raise UsageError(
                f"There is a saved search {search.name!r} already.", hint="Choose another name, or remove it first."
            )
        if connection.execute("SELECT count(*) FROM saved_search").fetchone()[0] >= MOST_SEARCHES:
            raise UsageError(f"There are {MOST_SEARCHES:,} saved searches, which is as many as there may be.")
        cursor = connection.execute(
            f"INSERT INTO saved_search ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})", list(values.values())
        )
        return int(cursor.lastrowid or 0)


def delete_search(store: Store, search_id: int) -> bool:
    """Delete a search with its alerts and deliveries; False where there is none."""
    with store.aside() as connection:
        return connection.execute("DELETE FROM saved_search WHERE id = ?", [search_id]).rowcount > 0


def all_searches(store: Store) -> list[SavedSearch]:
    """Every saved search, by name."""
    return [_search(row) for row in store.rows("SELECT * FROM saved_search ORDER BY name")]


def search_by_id(store: Store, search_id: int) -> SavedSearch | None:
    row = store.row("SELECT * FROM saved_search WHERE id = ?", [search_id])
    return None if row is None else _search(row)


def search_by_name(store: Store, name: str) -> SavedSearch | None:
    row = store.row("SELECT * FROM saved_search WHERE name = ?", [name])
    return None if row is None else _search(row)


def search_ids(store: Store) -> set[int]:
    """The ids of all saved searches."""
    return {int(row[0]) for row in store.rows("SELECT id FROM saved_search")}


def set_trouble(store: Store, search_id: int, trouble: str | None) -> None:
    """Remember why a search could not be asked, in the caller's transaction; None where it could."""
    store.execute("UPDATE saved_search SET trouble = ? WHERE id = ? AND trouble IS NOT ?", [trouble, search_id, trouble])


def memories(store: Store) -> dict[int, SearchMemory]:
    """What is remembered of searches, by their ids."""
    rows = store.rows("SELECT search_id, embedded, model, vector, best, passages FROM search_memory")
    return {int(row[0]): SearchMemory(*tuple(row)[1:]) for row in rows}


def save_memory(store: Store, search_id: int, memory: SearchMemory) -> None:
    """Remember this of a search, in the caller's transaction."""
    values = [search_id, memory.embedded, memory.model, memory.vector, memory.best, memory.passages]
    store.execute("INSERT OR REPLACE INTO search_memory VALUES (?, ?, ?, ?, ?, ?)", values)


def alerted_to(store: Store) -> int:
    """The last article (by id) that searches were matched with."""
    return int(store.meta(_ALERTED_TO) or 0)


def set_alerted_to(store: Store, article_id: int) -> None:
    store.set_meta(_ALERTED_TO, str(article_id))


def newest_article(store: Store) -> int:
    """The greatest id that an article ever had, 0 for an empty store."""
    row = store.row("SELECT seq FROM sqlite_sequence WHERE name = 'article'")
    return int(row[0]) if row else 0


def save_alerts(store: Store, search_id: int, alerts: Sequence[tuple[int, Mapping[str, Any]]], now: datetime) -> list[int]:
    """Store alerts of a search, each an article with its document, in the caller's transaction; returns their ids."""
    moment = int(now.timestamp())
    ids = [
        int(
            store.execute(
                "INSERT INTO alert (search_id, article_id, made, body) VALUES (?, ?, ?, ?)",
                [search_id, article_id, moment, json.dumps(body, ensure_ascii=False)],
            ).lastrowid
            or 0
        )
        for article_id, body in alerts
    ]
    if ids:
        store.execute("UPDATE saved_search SET alerts = alerts + ?, last_alert = ? WHERE id = ?", [len(ids), moment, search_id])
    return ids


def alerted_among(store: Store, search_id: int, article_ids: Sequence[int]) -> set[int]:
    """Those of these articles that a search gave an alert for."""
    sql = "SELECT article_id FROM alert WHERE search_id = ? AND article_id IN (*)"
    return {int(row[0]) for row in store.rows_among(sql, article_ids, before=[search_id])}


def claimed_up_to(store: Store, keys: Sequence[str], article_id: int) -> set[str]:
    """Those of the claims with these keys that an article up to `article_id` makes."""
    sql = "SELECT DISTINCT key FROM claim WHERE key IN (*) AND article_id <= ?"
    return {str(row[0]) for row in store.rows_among(sql, keys, after=[article_id])}


def alerts_of(store: Store, search_id: int, limit: int, before: int | None = None) -> list[StoredAlert]:
    """The alerts of a search, newest first; with `before` those whose ids are below it."""
    rows = store.rows(
        "SELECT * FROM alert WHERE search_id = ? AND id < ? ORDER BY id DESC LIMIT ?",
        [search_id, 2**62 if before is None else max(min(before, 2**62), 0), limit],
    )
    return [_alert(row) for row in rows]


def alerts_between(store: Store, search_id: int, after: int, until: datetime) -> list[StoredAlert]:
    """The alerts of a search with ids above `after` that were given before `until`, oldest first."""
    rows = store.rows(
        "SELECT * FROM alert WHERE search_id = ? AND id > ? AND made < ? ORDER BY id",
        [search_id, after, int(until.timestamp())],
    )
    return [_alert(row) for row in rows]


def mailed_to(store: Store, search_id: int) -> int:
    """The last alert of a search that went into a daily or weekly mail."""
    row = store.row("SELECT mailed_to FROM saved_search WHERE id = ?", [search_id])
    return int(row[0]) if row else 0


def set_mailed_to(connection: Connection, search_id: int, before: int, alert_id: int) -> bool:
    """Move that mark from `before` on; False where somebody else has."""
    changed = connection.execute(
        "UPDATE saved_search SET mailed_to = ? WHERE id = ? AND mailed_to = ?", [alert_id, search_id, before]
    )
    return changed.rowcount > 0


def _alert(row: Row) -> StoredAlert:
    return StoredAlert(row["id"], row["search_id"], row["article_id"], _moment(row["made"]), json.loads(row["body"]))


def _search(row: Row) -> SavedSearch:
    return SavedSearch(
        id=row["id"],
        name=row["name"],
        query=row["query"],
        filters={key: tuple(values) for key, values in json.loads(row["filters"]).items()},
        created=_moment(row["created"]),
        owner=row["owner"],
        new_claims=bool(row["new_claims"]),
        webhook=row["webhook"],
        secret=row["secret"],
        mail=tuple(json.loads(row["mail"])),
        mail_every=row["mail_every"],
        trouble=row["trouble"],
        alerts=row["alerts"],
        last_alert=None if row["last_alert"] is None else _moment(row["last_alert"]),
    )


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
