"""Passages and their embeddings. Embeddings are keyed by what was embedded and by which model, so none is made twice.

A passage is a span; its wordings are what encoders read for it: ``gloss`` (Chinese in English words) for an English
model, ``text`` for a multilingual one. Both can stand side by side while a model is being changed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.store.database import Store

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class PassageSpan:
    """Characters ``start`` to ``end`` of an article's text."""

    ordinal: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class PassageRow:
    """A stored passage."""

    id: int
    article_id: int
    ordinal: int
    start: int
    end: int


def replace_passages(store: Store, article_id: int, spans: Sequence[PassageSpan], kind: str, hashes: Sequence[str]) -> None:
    """Make `spans` the passages of an article, worded as `hashes` for `kind`.

    A span keeps its id unless its wording changed: vectors are found by the ids of passages, so these must never stand
    for two texts.
    """
    old = _ids_by_span(store, article_id)
    wanted = {(each.ordinal, each.start, each.end): digest for each, digest in zip(spans, hashes, strict=True)}
    reworded = store.rows(
        'SELECT p.ordinal, p.start, p."end", w.hash FROM passage p JOIN wording w ON w.passage_id = p.id AND w.kind = ? '
        "WHERE p.article_id = ?",
        [kind, article_id],
    )
    new = set(wanted)
    gone = {(int(row[0]), int(row[1]), int(row[2])) for row in reworded if wanted.get((row[0], row[1], row[2])) != row[3]}
    store.executemany("DELETE FROM passage WHERE id = ?", [(old.pop(key),) for key in gone])
    store.executemany("DELETE FROM passage WHERE id = ?", [(old[key],) for key in old if key not in new])
    store.executemany(
        'INSERT INTO passage (article_id, ordinal, start, "end") VALUES (?, ?, ?, ?)',
        [(article_id, *key) for key in sorted(new) if key not in old],
    )
    ids = _ids_by_span(store, article_id)
    store.executemany(
        "INSERT OR REPLACE INTO wording (passage_id, kind, hash) VALUES (?, ?, ?)",
        [(ids[each.ordinal, each.start, each.end], kind, digest) for each, digest in zip(spans, hashes, strict=True)],
    )


def _ids_by_span(store: Store, article_id: int) -> dict[tuple[int, int, int], int]:
    rows = store.rows('SELECT id, ordinal, start, "end" FROM passage WHERE article_id = ?', [article_id])
    return {(int(row[1]), int(row[2]), int(row[3])): int(row[0]) for row in rows}


def articles_to_embed(store: Store, kind: str, model: str) -> list[tuple[int, int]]:
    """Articles with passages that `model` has not embedded yet, and how many those are."""
    rows = store.rows(
        "SELECT p.article_id, count(*) FROM passage p JOIN wording w ON w.passage_id = p.id AND w.kind = ? "
        "LEFT JOIN embedding e ON e.hash = w.hash AND e.model = ? WHERE e.hash IS NULL GROUP BY p.article_id ORDER BY 1",
        [kind, model],
    )
    return [(int(row[0]), int(row[1])) for row in rows]


def missing_hashes(store: Store, hashes: Iterable[str], model: str) -> list[str]:
    """Those of `hashes` that have no embedding by `model`, without repeats, in order."""
    wanted = list(dict.fromkeys(hashes))
    rows = store.rows_among("SELECT hash FROM embedding WHERE model = ? AND hash IN (*)", wanted, before=[model])
    present = {str(row[0]) for row in rows}
    return [each for each in wanted if each not in present]


def save_embeddings(store: Store, model: str, hashes: Sequence[str], vectors: Vectors) -> None:
    """Store float32 rows (n, d) for n hashes."""
    store.executemany(
        "INSERT OR REPLACE INTO embedding VALUES (?, ?, ?)",
        [(digest, model, row.astype("<f4").tobytes()) for digest, row in zip(hashes, vectors, strict=True)],
    )


def passages_with_vectors(
    store: Store, kind: str, model: str, dimension: int, above: int = 0
) -> tuple[NDArray[np.int64], NDArray[np.int64], Vectors]:
    """Every passage with an id greater than `above` that has an embedding by `model`, ordered by id.

    Returns:
        passage ids (n,), article ids (n,), vectors float32 (n, dimension).
    """
    rows = store.rows(
        "SELECT p.id, p.article_id, e.vector FROM passage p JOIN wording w ON w.passage_id = p.id AND w.kind = ? "
        "JOIN embedding e ON e.hash = w.hash AND e.model = ? WHERE p.id > ? AND length(e.vector) = ? ORDER BY p.id",
        [kind, model, above, dimension * 4],
    )
    ids = np.fromiter((row[0] for row in rows), np.int64, len(rows))
    articles = np.fromiter((row[1] for row in rows), np.int64, len(rows))
    joined = b"".join(row[2] for row in rows)
    return ids, articles, np.frombuffer(joined, "<f4").reshape(len(rows), dimension).astype(np.float32, copy=False)


def passages_of(store: Store, article_ids: Sequence[int]) -> list[PassageRow]:
    """The passages of the articles, ordered by article and position."""
    return _by_key(store, "article_id", article_ids)


def passages_by_id(store: Store, ids: Sequence[int]) -> dict[int, PassageRow]:
    return {row.id: row for row in _by_key(store, "id", ids)}


def forget_unused(store: Store) -> int:
    """Delete the embeddings, by whatever model, of strings that no passage is worded as any more; returns how many."""
    with store.atomic():
        return store.execute(
            "DELETE FROM embedding WHERE NOT EXISTS (SELECT 1 FROM wording WHERE wording.hash = embedding.hash)"
        ).rowcount


def all_passage_articles(store: Store) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Ids of all passages and of their articles, (n,) each, ordered by passage id."""
    rows = store.rows("SELECT id, article_id FROM passage ORDER BY id")
    ids = np.fromiter((row[0] for row in rows), np.int64, len(rows))
    return ids, np.fromiter((row[1] for row in rows), np.int64, len(rows))


def count_passages(store: Store) -> int:
    row = store.row("SELECT count(*) FROM passage")
    return int(row[0]) if row else 0


def _by_key(store: Store, key: str, values: Sequence[int]) -> list[PassageRow]:
    sql = f'SELECT id, article_id, ordinal, start, "end" FROM passage WHERE {key} IN (*) ORDER BY article_id, ordinal'
    return [PassageRow(*row) for row in store.rows_among(sql, values)]
