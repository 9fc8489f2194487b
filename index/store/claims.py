"""The ledger in the store: claims with their sentences, who takes part in them, and by which rules articles were read.

A claim keeps where its sentence is, not the sentence: the quote is cut from the article whenever it is read, so it is the
article's by construction.
"""

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from index.store.database import Store

ROLES = ("subject", "value", "compared", "object", "cited", "involved")
"""How an entity takes part in a claim, the nearest first; ``involved`` is merely named in the sentence."""

Days = tuple[str, str, str]
"""First day, last day (ISO, both included) and grain of a period."""


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """A claim to store; fields as in `index.knowledge.claims.claim.Claim`, in types that a database has."""

    key: str
    entity_id: str
    attribute: str
    field: str
    start: int
    end: int
    written: str
    low: float | None
    high: float | None
    unit: str
    value_entity: str | None
    value_text: str | None
    when: Days | None
    qualifier: str | None
    status: str
    expected: bool
    cited: tuple[str, ...]
    compared: str | None
    scope: Mapping[str, str]
    event: Days | None
    parties: tuple[tuple[str, str], ...] = ()
    """(entity id, role) of everybody who takes part."""
    decision_id: int | None = None


@dataclass(frozen=True, slots=True)
class StoredClaim(ClaimRow):
    """A claim as stored, with its quote and what is known of its article.

    ``origin`` names whom the article says it repeats; ``copy_of`` is the stored article that it repeats, and
    ``copy_source`` the outlet of that one; ``roles`` are those of the entity that was asked for.
    """

    id: int = 0
    article_id: int = 0
    quote: str = ""
    url: str = ""
    title: str = ""
    source: str = ""
    lang: str = ""
    published: datetime | None = None
    first_seen: datetime | None = None
    origin: str | None = None
    story_id: int | None = None
    copy_of: int | None = None
    copy_source: str | None = None
    roles: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class ClaimFilter:
    """Which claims are wanted; what is empty or None does not narrow. ``after`` and ``before`` are ISO days or
    moments (of UTC where they name no zone) of the report, ``before`` excluded."""

    attributes: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    lang: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    expected: bool | None = None
    after: str | None = None
    before: str | None = None

    def with_roles(self, roles: tuple[str, ...]) -> "ClaimFilter":
        """The same with `roles`, where it names none of its own."""
        return self if self.roles else replace(self, roles=roles)


_COLUMNS = (
    "key", "entity_id", "attribute", "field", "start", '"end"', "written", "low", "high", "unit", "value_entity", "value_text",
    "when_first", "when_last", "when_grain", "qualifier", "status", "expected", "cited", "compared", "scope", "event_first",
    "event_last", "event_grain", "decision_id",
)  # fmt: skip
_SELECT = f"""SELECT c.id, c.article_id, {", ".join(f"c.{name}" for name in _COLUMNS)},
    substr(CASE c.field WHEN 'title' THEN a.title ELSE a.text END, c.start + 1, c."end" - c.start) AS quote,
    a.url, a.title, a.source, a.lang, a.published, a.first_seen, a.origin_name, s.story_id, s.copy_of, o.source AS copy_source
    FROM claim c JOIN article a ON a.id = c.article_id
    LEFT JOIN article_story s ON s.article_id = a.id LEFT JOIN article o ON o.id = s.copy_of"""
_PAGE = 1000


def save_claims(store: Store, article_id: int, claims: Iterable[ClaimRow], rules: str) -> None:
    """Make these the claims of an article, read by `rules`; inside the caller's transaction.

    A claim that was there with the same key keeps its id.
    """
    old = {str(row[1]): int(row[0]) for row in store.rows("SELECT id, key FROM claim WHERE article_id = ?", [article_id])}
    store.execute("DELETE FROM claim WHERE article_id = ?", [article_id])
    marks = ", ".join("?" * (len(_COLUMNS) + 2))
    for claim in claims:
        cursor = store.execute(
            f"INSERT INTO claim (id, article_id, {', '.join(_COLUMNS)}) VALUES ({marks})",
            [old.pop(claim.key, None), article_id, *_values(claim)],
        )
        store.executemany(
            "INSERT OR IGNORE INTO claim_party VALUES (?, ?, ?)",
            [(entity, int(cursor.lastrowid or 0), role) for entity, role in claim.parties],
        )
    store.execute("INSERT OR REPLACE INTO claim_reading VALUES (?, ?)", [article_id, rules])


def keys_of(store: Store, article_id: int) -> dict[str, str]:
    """The attribute of every claim of an article, by key."""
    return {
        str(row[0]): str(row[1]) for row in store.rows("SELECT key, attribute FROM claim WHERE article_id = ?", [article_id])
    }


def claim_by_id(store: Store, claim_id: int) -> StoredClaim | None:
    row = store.row(f"{_SELECT} WHERE c.id = ?", [claim_id])
    return None if row is None else _claim(row)


def claims_of_article(store: Store, article_id: int) -> list[StoredClaim]:
    """The claims of one article in order of place."""
    rows = store.rows(f"{_SELECT} WHERE c.article_id = ? ORDER BY c.field = 'text', c.start, c.id", [article_id])
    return [_claim(row) for row in rows]


def claims_of_articles(store: Store, article_ids: Sequence[int]) -> dict[int, list[StoredClaim]]:
    """The claims of each article that has any, in order of place."""
    found: dict[int, list[StoredClaim]] = {}
    order = "c.article_id, c.field = 'text', c.start, c.id"
    for row in store.rows_among(f"{_SELECT} WHERE c.article_id IN (*) ORDER BY {order}", article_ids):
        found.setdefault(int(row["article_id"]), []).append(_claim(row))
    return found


def told_before(store: Store, keys: Collection[str], moment: datetime) -> set[str]:
    """Those of `keys` that an article before `moment` claims."""
    rows = store.rows_among(
        "SELECT DISTINCT c.key FROM claim c JOIN article a ON a.id = c.article_id "
        "WHERE c.key IN (*) AND coalesce(a.published, a.first_seen) < ?",
        sorted(keys),
        after=[int(moment.timestamp())],
    )
    return {str(row[0]) for row in rows}


def claims_of(store: Store, entities: Sequence[str], wanted: ClaimFilter) -> list[StoredClaim]:
    """The claims in which any of `entities` takes part, newest report first."""
    if not entities:
        return []
    where, parameters = _conditions(wanted)
    marks = ",".join("?" * len(entities))
    roles = f"AND p.role IN ({','.join('?' * len(wanted.roles))})" if wanted.roles else ""
    parties = store.rows(
        f"SELECT p.claim_id, p.role FROM claim_party p WHERE p.entity_id IN ({marks}) {roles}", [*entities, *wanted.roles]
    )
    part: dict[int, list[str]] = {}
    for row in parties:
        part.setdefault(int(row[0]), []).append(str(row[1]))
    rows = store.rows_among(f"{_SELECT} WHERE c.id IN (*) {where}", sorted(part), after=parameters)
    found = [_claim(row, tuple(sorted(part[int(row["id"])], key=ROLES.index))) for row in rows]
    found.sort(key=lambda claim: (_reported(claim), claim.id), reverse=True)
    return found


def newest_keys(store: Store, entities: Sequence[str], roles: Sequence[str], most: int) -> tuple[list[str], int]:
    """(keys of the claims reported last, how many keys there are) of those in which any of `entities` takes part.

    Nothing of the articles' texts is read, so that it stays quick where an entity has ten thousands of claims.
    """
    if not entities:
        return [], 0
    marks, parts = ",".join("?" * len(entities)), ",".join("?" * len(roles))
    rows = store.rows(
        "SELECT c.key, max(coalesce(a.published, a.first_seen)) AS told, max(c.id) AS last FROM claim_party p "
        "JOIN claim c ON c.id = p.claim_id JOIN article a ON a.id = c.article_id "
        f"WHERE p.entity_id IN ({marks}) AND p.role IN ({parts}) GROUP BY c.key ORDER BY told DESC, last DESC",
        [*entities, *roles],
    )
    return [str(row[0]) for row in rows[:most]], len(rows)


def claims_with_keys(store: Store, keys: Sequence[str]) -> list[StoredClaim]:
    """The claims that say what `keys` stand for, in every article, newest report first."""
    found = [_claim(row) for row in store.rows_among(f"{_SELECT} WHERE c.key IN (*)", keys)]
    return sorted(found, key=lambda claim: (_reported(claim), claim.id), reverse=True)


def all_claims(store: Store, wanted: ClaimFilter | None = None) -> Iterator[StoredClaim]:
    """Every claim in order of id, a page at a time, so that a ledger of any size can be written out."""
    where, parameters = _conditions(wanted or ClaimFilter())
    last = 0
    while True:
        rows = store.rows(f"{_SELECT} WHERE c.id > ? {where} ORDER BY c.id LIMIT {_PAGE}", [last, *parameters])
        if not rows:
            return
        for row in rows:
            yield _claim(row)
        last = int(rows[-1]["id"])


def count_claims(store: Store) -> int:
    row = store.row("SELECT count(*) FROM claim")
    return int(row[0]) if row else 0


def rumoured_entities(store: Store) -> list[str]:
    """Ids of the entities of which a medium or a source reported something, in order."""
    return [str(row[0]) for row in store.rows("SELECT DISTINCT entity_id FROM claim WHERE status = 'reported' ORDER BY 1")]


def stale_articles(store: Store, rules: str, after: int, limit: int) -> list[int]:
    """Ids above `after` of articles that were not read by `rules`, in order; at most `limit`."""
    rows = store.rows(
        "SELECT a.id FROM article a LEFT JOIN claim_reading r ON r.article_id = a.id "
        "WHERE a.id > ? AND (r.rules IS NULL OR r.rules <> ?) ORDER BY a.id LIMIT ?",
        [after, rules, limit],
    )
    return [int(row[0]) for row in rows]


def count_stale(store: Store, rules: str) -> int:
    """How many articles were not read by `rules`."""
    row = store.row(
        "SELECT count(*) FROM article a LEFT JOIN claim_reading r ON r.article_id = a.id WHERE r.rules IS NULL OR r.rules <> ?",
        [rules],
    )
    return int(row[0]) if row else 0


def _conditions(wanted: ClaimFilter) -> tuple[str, list[object]]:
    where: list[str] = []
    parameters: list[object] = []
    for column, values in (
        ("c.attribute", wanted.attributes),
        ("c.status", wanted.statuses),
        ("a.source", wanted.sources),
        ("a.lang", wanted.lang),
    ):
        if values:
            where.append(f"{column} IN ({','.join('?' * len(values))})")
            parameters.extend(values)
    if wanted.expected is not None:
        where.append("c.expected = ?")
        parameters.append(int(wanted.expected))
    for day, sign in ((wanted.after, ">="), (wanted.before, "<")):
        if day is not None:
            where.append(f"coalesce(a.published, a.first_seen) {sign} ?")
            moment = datetime.fromisoformat(day)
            parameters.append(int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()))
    return ("AND " + " AND ".join(where) if where else ""), parameters


def _values(claim: ClaimRow) -> list[object]:
    return [
        claim.key,
        claim.entity_id,
        claim.attribute,
        claim.field,
        claim.start,
        claim.end,
        claim.written,
        claim.low,
        claim.high,
        claim.unit,
        claim.value_entity,
        claim.value_text,
        *(claim.when or (None, None, None)),
        claim.qualifier,
        claim.status,
        int(claim.expected),
        json.dumps(claim.cited, ensure_ascii=False),
        claim.compared,
        json.dumps(dict(claim.scope), ensure_ascii=False, sort_keys=True),
        *(claim.event or (None, None, None)),
        claim.decision_id,
    ]


def _claim(row: sqlite3.Row, roles: tuple[str, ...] = ()) -> StoredClaim:
    return StoredClaim(
        key=row["key"],
        entity_id=row["entity_id"],
        attribute=row["attribute"],
        field=row["field"],
        start=row["start"],
        end=row["end"],
        written=row["written"],
        low=row["low"],
        high=row["high"],
        unit=row["unit"],
        value_entity=row["value_entity"],
        value_text=row["value_text"],
        when=_days(row, "when"),
        qualifier=row["qualifier"],
        status=row["status"],
        expected=bool(row["expected"]),
        cited=tuple(json.loads(row["cited"])),
        compared=row["compared"],
        scope=json.loads(row["scope"]),
        event=_days(row, "event"),
        decision_id=row["decision_id"],
        id=row["id"],
        article_id=row["article_id"],
        quote=row["quote"],
        url=row["url"],
        title=row["title"],
        source=row["source"],
        lang=row["lang"],
        published=None if row["published"] is None else datetime.fromtimestamp(row["published"], UTC),
        first_seen=datetime.fromtimestamp(row["first_seen"], UTC),
        origin=row["origin_name"],
        story_id=row["story_id"],
        copy_of=row["copy_of"],
        copy_source=row["copy_source"],
        roles=roles,
    )


def _days(row: sqlite3.Row, name: str) -> Days | None:
    first = row[f"{name}_first"]
    return None if first is None else (str(first), str(row[f"{name}_last"]), str(row[f"{name}_grain"]))


def _reported(claim: StoredClaim) -> float:
    moment = claim.published or claim.first_seen
    return moment.timestamp() if moment is not None else 0.0
