"""What is relevant to a query: the candidates of both sides, ranked; whether they open an answer; all above the floor."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.retrieval import fusion
from index.retrieval.lexical import WordScores
from index.retrieval.query import ParsedQuery
from index.retrieval.reader import LoadedGeneration
from index.retrieval.sides import MOST, MeaningSide, Nearest

CANDIDATES = 200
"""Passages ranked by fused score from each side; what is relevant beyond them follows by evidence."""

FEW = 4
"""Units of a query that one passage may be expected to have all of."""

Ids = NDArray[np.int64]
Mask = NDArray[np.bool_]
Floats = NDArray[np.float32]


@dataclass(slots=True)
class Found:
    """Relevant passages: rows (n,) with their scores, in no order. ``exact`` is false where there may be more."""

    rows: Ids
    score: Floats
    lexical: Floats
    dense: Floats
    cosine: Floats
    exact: bool = True


class Ranking:
    """The candidates of a query among the articles that are allowed, ranked.

    ``rows`` (n,) with their normalised ``lexical`` and ``dense`` scores, ``fused``, and the evidence for each, ``proof``.
    """

    def __init__(
        self,
        loaded: LoadedGeneration,
        query: ParsedQuery,
        words: WordScores,
        allowed: Mask,
        vector: Floats | None,
        mode: str,
        *,
        multilingual: bool,
        nearest: Nearest | None = None,
    ) -> None:
        """`allowed` (m,) are the articles of the columns that may be there, `words` the scores of all passages, `nearest` those
        of them that are nearest to `vector`, where that is known."""
        self._loaded = loaded
        self._query = query
        self._words = words
        self._chinese = query.lang == "zh"
        self.frequencies = sum(loaded.lexical.rarity(unit.alternatives) for unit in query.units)
        rows_allowed = loaded.allowed_rows(allowed)
        self.empty = rows_allowed is not None and not rows_allowed.any()
        if self.empty:
            return
        self._by_words = words.rows if rows_allowed is None else words.rows[rows_allowed[words.rows]]
        self.meaning = MeaningSide(loaded, vector, rows_allowed, nearest) if vector is not None else None
        sides = [_top(self._by_words, words.bm25, CANDIDATES), *([self.meaning.rows[:CANDIDATES]] if self.meaning else [])]
        self.rows = _union(sides[1:] if mode == "dense" and self.meaning else sides, len(words.bm25))
        self.empty = not len(self.rows)
        bm25 = words.bm25[self.rows]
        self.cosine = self.meaning.cosines_of(self.rows) if self.meaning else None
        self.proof = fusion.evidence(self.cosine, bm25, self.frequencies)
        chinese = loaded.row_chinese[self.rows]
        weights = fusion.dense_weights(self._chinese, chinese, multilingual=multilingual, figures=query.figures)
        if mode == "dense":
            weights = np.ones_like(weights)
        self.fused, self.lexical, self.dense = fusion.fuse(bm25, self.cosine, weights)
        if vector is not None and mode == "hybrid" and not self.empty:
            self.fused, self.lexical, self.dense = fusion.fuse(bm25, self._with_feedback(vector), weights)
        self._gates = (
            fusion.gates_of_words(self._chinese, chinese)
            if self.cosine is None
            else gates_of(query, chinese, loaded, multilingual=multilingual)
        )

    def _with_feedback(self, vector: Floats) -> Floats:
        """Cosines (n,) of the candidates with the query moved towards the best of them."""
        assert self._loaded.vectors is not None
        best = _top(np.arange(len(self.rows)), self.fused, fusion.FEEDBACK_PASSAGES)
        towards = fusion.moved(vector, self._loaded.vectors.rows(self.rows[best]), self.fused[best])
        return self._loaded.vectors.cosines(towards, self.rows)

    @property
    def opens(self) -> bool:
        """Whether one of the first candidates has evidence enough for there to be an answer, or any passage all of a few words
        asked for."""
        if self.empty:
            return False
        first = np.argsort(-self.fused, kind="stable")[: fusion.OPENING]
        return bool((self.proof[first] >= self._gates[first]).any()) or self._has_all_of_few()

    def _has_all_of_few(self) -> bool:
        units = len(self._query.units)
        return units <= FEW and bool((self._words.matched[self._by_words] == (1 << units) - 1).any())

    @property
    def best(self) -> float:
        """The evidence for the first candidate."""
        return float(self.proof[np.argmax(self.fused)])

    def relevant(self, opening: "Ranking") -> Found:
        """Everything above the floor that `opening` sets: this ranking, or the one of the same query without filters."""
        if self.empty or not opening.opens:
            return nothing()
        best = fusion.floor_base(opening.best)
        others, exact = self._reaching(best)
        cosine = self.meaning.cosines_of(others) if self.meaning else None
        proof = fusion.evidence(cosine, self._words.bm25[others], self.frequencies)
        kept = proof >= self._floors(best, others)
        above = self.proof >= self._floors(best, self.rows)
        # What lies beyond the candidates has no fused score: it follows them by its evidence.
        last = float(self.fused[above].min(initial=1.0))
        tail = last * proof[kept] / max(float(proof.max(initial=0.0)), 1e-6)
        zeros = np.zeros(int(kept.sum()), np.float32)
        rows = np.concatenate([self.rows[above], others[kept]])
        return Found(
            rows=rows,
            score=np.concatenate([self.fused[above], tail]),
            lexical=np.concatenate([self.lexical[above], zeros]),
            dense=np.concatenate([self.dense[above], zeros]),
            cosine=(
                np.full(len(rows), np.nan, np.float32)
                if self.cosine is None or cosine is None
                else np.concatenate([self.cosine[above], cosine[kept]])
            ),
            exact=exact,
        )

    def _reaching(self, best: float) -> tuple[Ids, bool]:
        """Rows beside the candidates that may be above the floors beside the evidence `best`; false where there may be more."""
        rows, exact = self._by_words, True
        if self.meaning is not None:
            share = self._loaded.chinese_share
            mixed = 0 < share < 1 or (share > 0) != self._chinese
            exact = self.meaning.extend(best * (fusion.CROSS_RELATIVE_FLOOR if mixed else fusion.RELATIVE_FLOOR))
            # Who was not taken by meaning has at most the cosine of the last one taken: the rest must be words.
            bm25 = self._words.bm25[rows]
            needed = self._floors(best, rows) - self.meaning.lowest
            rows = rows[fusion.evidence(None, bm25, self.frequencies) * fusion.LEXICAL_SHARE >= needed]
            if len(rows) > MOST:
                rows, exact = _top(rows, self._words.bm25, MOST), False
            rows = _union([rows, self.meaning.rows], len(self._words.bm25))
        beside = np.ones(len(self._words.bm25), np.bool_)
        beside[self.rows] = False
        return rows[beside[rows]], exact

    def _floors(self, best: float, rows: Ids) -> Floats:
        return fusion.floors(best, self._chinese, self._loaded.row_chinese[rows])


def gates_of(query: ParsedQuery, chinese: Mask, loaded: LoadedGeneration, *, multilingual: bool) -> Floats:
    """The evidence (n,) that passages, Chinese or not (n,), need to open an answer to a query by words and meaning."""
    ours = query.lang == "zh"
    return fusion.gates(
        ours,
        chinese,
        len(query.units),
        multilingual=multilingual,
        own_share=loaded.chinese_share if ours else 1 - loaded.chinese_share,
        passages=loaded.lexical.passages,
        named=bool(query.named),
    )


def browsed(loaded: LoadedGeneration, allowed: Mask) -> Found:
    """Everything that is allowed, where only filters were given."""
    rows_allowed = loaded.allowed_rows(allowed)
    rows = np.arange(len(loaded.row_positions)) if rows_allowed is None else np.flatnonzero(rows_allowed)
    zeros = np.zeros(len(rows), np.float32)
    return Found(rows, zeros, zeros, zeros, np.full(len(rows), np.nan, np.float32))


def nothing() -> Found:
    empty = np.zeros(0, np.float32)
    return Found(np.zeros(0, np.int64), empty, empty, empty, empty)


def _top(rows: Ids, scores: Floats, count: int) -> Ids:
    """Those of `rows` (m,) that have the `count` greatest of `scores` (n,)."""
    if len(rows) <= count:
        return rows
    own = scores[rows]
    if len(rows) > 50 * count:
        # Of many, a sample tells roughly where the line is, and what is clearly below it need not be sorted.
        sample = own[:: len(rows) // (10 * count)]
        likely = own >= np.partition(sample, -40)[-40]
        if np.count_nonzero(likely) >= count:
            rows, own = rows[likely], own[likely]
    return rows[np.argpartition(-own, count - 1)[:count]] if len(rows) > count else rows


def _union(rows: list[Ids], count: int) -> Ids:
    """The rows that are in any of `rows`, ascending, each below `count`."""
    there = np.zeros(count, np.bool_)
    for each in rows:
        there[each] = True
    return np.flatnonzero(there)
