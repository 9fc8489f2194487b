"""Passages and their embeddings. Embeddings are keyed by what was embedded and by which model, so none is made twice."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.store.database import Store

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class PassageSpan:
    """Characters ``start`` to ``end`` of an article's text; ``embedded_hash`` is the SHA-256 of what is embedded for it."""

    ordinal: int
    start: int
    end: int
    embedded_hash: str


@dataclass(frozen=True, slots=True)
class PassageRow:
    """A stored passage."""

    id: int
    article_id: int
    ordinal: int
    start: int
    end: int


def replace_passages(store: Store, article_id: int, spans: Sequence[PassageSpan]) -> None:
    """Make `spans` the passages of an article; unchanged ones keep their ids."""
    old = {
        (row["ordinal"], row["start"], row["end"], row["embedded_hash"]): row["id"]
        for row in store.rows('SELECT id, ordinal, start, "end", embedded_hash FROM passage WHERE article_id = ?', [article_id])
    }
    new = {(s.ordinal, s.start, s.end, s.embedded_hash) for s in spans}
    store.executemany("DELETE FROM passage WHERE id = ?", [(old[key],) for key in old if key not in new])
    store.executemany(
        'INSERT INTO passage (article_id, ordinal, start, "end", embedded_hash) VALUES (?, ?, ?, ?, ?)',
        [(article_id, *key) for key in sorted(new) if key not in old],
    )


def missing_hashes(store: Store, hashes: Iterable[str], model: str) -> list[str]:
    """Those of `hashes` that have no embedding by `model`, without repeats, in order."""
    wanted = list(dict.fromkeys(hashes))
    present: set[str] = set()
    for first in range(0, len(wanted), 500):
        chunk = wanted[first : first + 500]
        marks = ",".join("?" * len(chunk))
        rows = store.rows(f"SELECT hash FROM embedding WHERE model = ? AND hash IN ({marks})", [model, *chunk])
        present.update(str(row[0]) for row in rows)
    return [each for each in wanted if each not in present]


def save_embeddings(store: Store, model: str, hashes: Sequence[str], vectors: Vectors) -> None:
    """Store float32 rows (n, d) for n hashes."""
    store.executemany(
        "INSERT OR REPLACE INTO embedding VALUES (?, ?, ?)",
        [(digest, model, row.astype("<f4").tobytes()) for digest, row in zip(hashes, vectors, strict=True)],
    )


def passages_with_vectors(store: Store, model: str, dimension: int) -> tuple[NDArray[np.int64], NDArray[np.int64], Vectors]:
    """Every passage that has an embedding by `model`, ordered by id.

    Returns:
        passage ids (n,), article ids (n,), vectors float32 (n, dimension).
    """
    rows = store.rows(
        "SELECT p.id, p.article_id, e.vector FROM passage p JOIN embedding e ON e.hash = p.embedded_hash AND e.model = ? "
        "WHERE length(e.vector) = ? ORDER BY p.id",
        [model, dimension * 4],
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


def all_passage_articles(store: Store) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Ids of all passages and of their articles, (n,) each, ordered by passage id."""
    rows = store.rows("SELECT id, article_id FROM passage ORDER BY id")
    table = np.array([tuple(row) for row in rows], np.int64).reshape(len(rows), 2)
    return table[:, 0], table[:, 1]


def count_passages(store: Store) -> int:
    row = store.row("SELECT count(*) FROM passage")
    return int(row[0]) if row else 0


def _by_key(store: Store, key: str, values: Sequence[int]) -> list[PassageRow]:
    found: list[PassageRow] = []
    for first in range(0, len(values), 500):
        chunk: list[Any] = list(values[first : first + 500])
        marks = ",".join("?" * len(chunk))
        rows = store.rows(
            f'SELECT id, article_id, ordinal, start, "end" FROM passage WHERE {key} IN ({marks}) ORDER BY article_id, ordinal',
            chunk,
        )
        found.extend(PassageRow(*row) for row in rows)
    return found
