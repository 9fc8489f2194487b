"""What is relevant to a query: the candidates of both sides, ranked; whether they open an answer; all above the floor."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.retrieval import fusion
from index.retrieval.lexical import Filters
from index.retrieval.query import ParsedQuery
from index.retrieval.reader import LoadedGeneration
from index.retrieval.sides import MeaningSide, WordSide

CANDIDATES = 200
"""Passages ranked by fused score from each side; what is relevant beyond them follows by evidence."""

FEW, MOST_LOOKED_AT = 4, 20
"""Units of a query that one passage may be expected to have all of, and the passages in which they are looked for."""

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
        filters: Filters,
        allowed: Mask,
        vector: Floats | None,
        mode: str,
        *,
        multilingual: bool,
    ) -> None:
        """`allowed` (m,) are the articles of the columns that may be there; those that `filters` excludes are not."""
        self._loaded = loaded
        self._query = query
        self._chinese = query.lang == "zh"
        self.frequencies = sum(loaded.lexical.rarity(unit.alternatives) for unit in query.units)
        rows_allowed = None if allowed.all() else allowed[loaded.row_positions] & (loaded.row_positions >= 0)
        self.empty = rows_allowed is not None and not rows_allowed.any()
        if self.empty:
            return
        self.words = WordSide(loaded, query, filters, rows_allowed)
        self.meaning = MeaningSide(loaded, vector, rows_allowed) if vector is not None else None
        self.words.take(CANDIDATES)
        sides = [self.words.rows[:CANDIDATES], *([self.meaning.rows[:CANDIDATES]] if self.meaning else [])]
        self.rows = np.unique(np.concatenate(sides[1:] if mode == "dense" and self.meaning else sides))
        self.empty = not len(self.rows)
        self.words.add(self.rows)
        bm25 = self.words.scores_of(self.rows)
        self.cosine = self.meaning.cosines_of(self.rows) if self.meaning else None
        self.proof = fusion.evidence(self.cosine, bm25, self.frequencies)
        chinese = loaded.chinese(self.rows)
        weights = fusion.dense_weights(self._chinese, chinese, multilingual=multilingual)
        if mode == "dense":
            weights = np.ones_like(weights)
        self.fused, self.lexical, self.dense = fusion.fuse(bm25, self.cosine, weights)
        own = loaded.chinese_share if self._chinese else 1 - loaded.chinese_share
        self._gates = (
            fusion.gates_of_words(self._chinese, chinese)
            if self.cosine is None
            else fusion.gates(self._chinese, chinese, len(query.units), multilingual=multilingual, own_share=own)
        )

    @property
    def opens(self) -> bool:
        """Whether a candidate has evidence enough for there to be an answer, or all of a few words asked for."""
        return not self.empty and (bool((self.proof >= self._gates).any()) or self._has_all_of_few())

    def _has_all_of_few(self) -> bool:
        units = [unit.alternatives for unit in self._query.units]
        if len(units) > FEW:
            return False
        passages = self._loaded.passages[self.words.rows[:MOST_LOOKED_AT]].tolist()
        _, masks = self._loaded.lexical.matched_units(units, passages)
        return bool((masks == (1 << len(units)) - 1).any())

    @property
    def best(self) -> float:
        """The evidence for the first candidate."""
        return float(self.proof[np.argmax(self.fused)])

    def relevant(self, opening: "Ranking") -> Found:
        """Everything above the floor that `opening` sets: this ranking, or the one of the same query without filters."""
        if self.empty or not opening.opens:
            return nothing()
        loaded, best = self._loaded, fusion.floor_base(opening.best)
        mixed = 0 < loaded.chinese_share < 1 or (loaded.chinese_share > 0) != self._chinese
        lowest = best * (fusion.CROSS_RELATIVE_FLOOR if mixed else fusion.RELATIVE_FLOOR)
        exact = self.words.extend(lowest, self.frequencies, self.meaning)
        exact = (self.meaning is None or self.meaning.extend(lowest)) and exact
        taken = [self.words.rows, *([self.meaning.rows] if self.meaning else [])]
        others = np.setdiff1d(np.concatenate(taken), self.rows)
        cosine = self.meaning.cosines_of(others) if self.meaning else None
        proof = fusion.evidence(cosine, self.words.scores_of(others), self.frequencies)
        kept = proof >= fusion.floors(best, self._chinese, loaded.chinese(others))
        above = self.proof >= fusion.floors(best, self._chinese, loaded.chinese(self.rows))
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


def browsed(loaded: LoadedGeneration, allowed: Mask) -> Found:
    """Everything that is allowed, where only filters were given."""
    rows = np.nonzero(allowed[loaded.row_positions] & (loaded.row_positions >= 0))[0]
    zeros = np.zeros(len(rows), np.float32)
    return Found(rows, zeros, zeros, zeros, np.full(len(rows), np.nan, np.float32))


def nothing() -> Found:
    empty = np.zeros(0, np.float32)
    return Found(np.zeros(0, np.int64), empty, empty, empty, empty)
