"""What was read of entities in articles, beside the mentions themselves: doubts, saliences, new names."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from index.store.articles import MentionRow
from index.store.database import Store


@dataclass(frozen=True, slots=True)
class Doubt:
    """An ambiguous name in an article that a person should look at; ``linked`` is 1 where it counts meanwhile."""

    article_id: int
    field: str
    start: int
    end: int
    entity_id: str
    surface: str
    confidence: float
    linked: int


@dataclass(frozen=True, slots=True)
class FoundName:
    """A new name in an article: folded ``key``, the name as written, the sentence, what kind and whose it may be."""

    article_id: int
    key: str
    name: str
    sentence: str
    kind: str
    maker: str | None


def save_doubts(store: Store, article_id: int, doubts: Iterable[tuple[MentionRow, bool]]) -> None:
    """Replace the doubts of an article, inside the caller's transaction: each a mention and whether it counts."""
    store.execute("DELETE FROM doubt WHERE article_id = ?", [article_id])
    store.executemany(
        "INSERT OR IGNORE INTO doubt VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [(article_id, m.field, m.start, m.end, m.entity_id, m.surface, m.confidence, int(linked)) for m, linked in doubts],
    )


def doubts(store: Store, limit: int, *, article_id: int | None = None, entity: str | None = None) -> list[Doubt]:
    """Doubts, those of the newest articles first, in order of place within one."""
    where, parameters = ["1"], list[object]()
    if article_id is not None:
        where.append("d.article_id = ?")
        parameters.append(article_id)
    if entity is not None:
        where.append("d.entity_id = ?")
        parameters.append(entity)
    rows = store.rows(
        f'SELECT d.article_id, d.field, d.start, d."end", d.entity_id, d.surface, d.confidence, d.linked FROM doubt d '
        f"JOIN article a ON a.id = d.article_id WHERE {' AND '.join(where)} "
        "ORDER BY coalesce(a.published, a.first_seen) DESC, a.id DESC, d.field DESC, d.start LIMIT ?",
        [*parameters, limit],
    )
    return [Doubt(*row) for row in rows]


def count_doubts(store: Store) -> int:
    row = store.row("SELECT count(*) FROM doubt")
    return int(row[0]) if row else 0


def save_saliences(store: Store, article_id: int, saliences: Iterable[tuple[str, int, float]]) -> None:
    """Replace the saliences of an article, inside the caller's transaction: (entity, mentions, salience)."""
    store.execute("DELETE FROM salience WHERE article_id = ?", [article_id])
    store.executemany(
        "INSERT INTO salience VALUES (?, ?, ?, ?)", [(article_id, entity, count, value) for entity, count, value in saliences]
    )


def saliences_of(store: Store, article_ids: Sequence[int]) -> dict[int, dict[str, float]]:
    """For each article: the salience of every entity that it mentions, the highest first."""
    found: dict[int, dict[str, float]] = {article_id: {} for article_id in article_ids}
    for row in store.rows_among(
        "SELECT article_id, entity_id, salience FROM salience WHERE article_id IN (*) ORDER BY salience DESC, entity_id",
        article_ids,
    ):
        found[int(row[0])][str(row[1])] = float(row[2])
    return found


def articles_about(store: Store, entity_id: str, least: float) -> int:
    """How many articles have `entity_id` at a salience of at least `least`."""
    row = store.row("SELECT count(*) FROM salience WHERE entity_id = ? AND salience >= ?", [entity_id, least])
    return int(row[0]) if row else 0


def save_new_names(store: Store, article_id: int, names: Iterable[tuple[str, str, str, str, str | None]]) -> None:
    """Replace the new names of an article, inside the caller's transaction: (key, name, sentence, kind, maker)."""
    store.execute("DELETE FROM new_name WHERE article_id = ?", [article_id])
    store.executemany("INSERT OR IGNORE INTO new_name VALUES (?, ?, ?, ?, ?, ?)", [(article_id, *name) for name in names])


def recurring_names(store: Store, least: int) -> list[FoundName]:
    """New names that at least `least` articles have, copies of others left out; the most frequent first, article by article."""
    rows = store.rows(
        "WITH own AS (SELECT n.* FROM new_name n LEFT JOIN article_story s ON s.article_id = n.article_id "
        "WHERE s.role IS NULL OR s.role <> 'copy'), "
        "often AS (SELECT name_key, count(*) AS n FROM own GROUP BY name_key HAVING count(*) >= ?) "
        "SELECT own.article_id, own.name_key, own.name, own.sentence, own.kind, own.maker FROM own JOIN often USING (name_key) "
        "ORDER BY often.n DESC, own.name_key, own.article_id",
        [least],
    )
    return [FoundName(*row) for row in rows]
