"""The two sides of a hybrid search: passages by words and by meaning, taken as deep as an answer turns out to need."""

import numpy as np
from numpy.typing import NDArray

from index.retrieval import fusion
from index.retrieval.lexical import Filters
from index.retrieval.query import ParsedQuery
from index.retrieval.reader import LoadedGeneration

DEPTH = 1000
"""Passages that are first taken from each side."""
MOST = 16_000
"""Passages of a side beyond which counts become lower bounds."""

Ids = NDArray[np.int64]
Mask = NDArray[np.bool_]
Floats = NDArray[np.float32]


class MeaningSide:
    """Rows by cosine with a query vector, best first."""

    def __init__(self, loaded: LoadedGeneration, vector: Floats, allowed: Mask | None) -> None:
        """`allowed` (n,) are the rows that may be in the answer; None for all."""
        assert loaded.vectors is not None
        self._vectors = loaded.vectors
        self._vector = vector
        self._allowed = allowed
        self._depth = DEPTH
        self.rows, self._cosines = self._vectors.search(vector, DEPTH, allowed)
        self._index()

    def _index(self) -> None:
        self._order = np.argsort(self.rows)
        self._sorted = self.rows[self._order]

    @property
    def whole(self) -> bool:
        """True when there are no other rows."""
        return len(self.rows) < self._depth

    @property
    def lowest(self) -> float:
        """No row that is not in `rows` has a greater cosine."""
        return -1.0 if self.whole else float(self._cosines[-1])

    def reaching(self, cosine: float) -> Ids:
        """The rows with at least this cosine."""
        return self.rows[self._cosines >= cosine]

    def extend(self, floor: float) -> bool:
        """Take all rows whose cosine reaches `floor`; false where these are too many, or the index is not exact."""
        while not self.whole and self.lowest >= floor and self._depth < MOST:
            self._depth *= 4
            self.rows, self._cosines = self._vectors.search(self._vector, self._depth, self._allowed)
            self._index()
        return self.whole or (self.lowest < floor and self._vectors.exact)

    def cosines_of(self, rows: Ids) -> Floats:
        """Cosines (m,) of distinct rows (m,)."""
        cosines = np.zeros(len(rows), np.float32)
        if not len(rows):
            return cosines
        at = np.minimum(np.searchsorted(self._sorted, rows), max(len(self._sorted) - 1, 0))
        known = self._sorted[at] == rows if len(self._sorted) else np.zeros(len(rows), np.bool_)
        cosines[known] = self._cosines[self._order[at[known]]]
        cosines[~known] = self._vectors.cosines(self._vector, rows[~known])
        return cosines


class WordSide:
    """Rows by BM25 of a query's units and pairs, best first."""

    def __init__(self, loaded: LoadedGeneration, query: ParsedQuery, filters: Filters, allowed: Mask | None) -> None:
        """`filters` are known to the lexical index; `allowed` (n,) are the rows that may be in the answer, None for all."""
        self._loaded = loaded
        self._units = [*(unit.alternatives for unit in query.units), *query.pairs]
        self._filters = filters
        self._allowed = allowed
        self._depth = 0
        self._complete = False
        self.rows: Ids = np.zeros(0, np.int64)
        self._scores: Floats = np.zeros(0, np.float32)
        self._lowest = 0.0

    def take(self, wanted: int) -> None:
        """Take passages until `wanted` of them are allowed or there are no more."""
        self._search(wanted if self._allowed is None else 4 * wanted)
        while len(self.rows) < wanted and not self._complete and self._depth < MOST:
            self._search(self._depth * 4)

    def add(self, rows: Ids) -> None:
        """Take these allowed rows too, so far as they match."""
        missing = np.setdiff1d(rows, self.rows)
        if self._complete or not len(missing):
            return
        among = self._loaded.passages[missing].tolist()
        passages, scores = self._loaded.lexical.search(self._units, self._filters, len(missing), among=among)
        self.rows = np.concatenate([self.rows, self._loaded.rows_of(passages)])
        self._scores = np.concatenate([self._scores, scores])
        self._index()

    def extend(self, floor: float, frequencies: float, meaning: MeaningSide | None) -> bool:
        """Take all rows that can reach the evidence `floor`, given the cosines of `meaning`; false where these are too many."""
        if meaning is not None and meaning.whole:
            self.add(meaning.rows)  # there are no others
            return True
        least = floor * frequencies if meaning is None else fusion.least_bm25(floor, meaning.lowest, frequencies)
        if not self._complete and self._lowest >= least:
            self._search(MOST)
        enough = self._scores >= least
        self.rows, self._scores = self.rows[enough], self._scores[enough]
        self._index()
        if meaning is not None:
            # Of the nearest passages that were not taken no more is known than that they match less than the last taken.
            self.add(meaning.reaching(floor - fusion.LEXICAL_SHARE * self._lowest / max(frequencies, 1e-6)))
        return self._complete or self._lowest < least

    def scores_of(self, rows: Ids) -> Floats:
        """BM25 (m,) of rows (m,), 0 for those that were not taken."""
        scores = np.zeros(len(rows), np.float32)
        if len(self._sorted) and len(rows):
            at = np.minimum(np.searchsorted(self._sorted, rows), len(self._sorted) - 1)
            known = self._sorted[at] == rows
            scores[known] = self._scores[self._order[at[known]]]
        return scores

    def _search(self, depth: int) -> None:
        self._depth = depth
        passages, scores = self._loaded.lexical.search(self._units, self._filters, depth)
        self._complete = len(passages) < depth
        self._lowest = float(scores[-1]) if len(scores) else 0.0
        rows = self._loaded.rows_of(passages)
        kept = rows >= 0
        if self._allowed is not None:
            kept[kept] = self._allowed[rows[kept]]
        self.rows, self._scores = rows[kept], scores[kept]
        self._index()

    def _index(self) -> None:
        self._order = np.argsort(self.rows)
        self._sorted = self.rows[self._order]
