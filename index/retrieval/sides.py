"""The side of a search that goes by meaning: passages by cosine, taken as deep as an answer turns out to need."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.retrieval.calibration import Stretch
from index.retrieval.reader import LoadedGeneration

DEPTH = 1000
"""Passages that are first taken."""
MOST = 16_000
"""Passages beyond which counts become lower bounds."""

Ids = NDArray[np.int64]
Mask = NDArray[np.bool_]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Nearest:
    """The nearest rows (k,) to a query, best first, with their stretched cosines (k,); ``whole``: there are no others."""

    rows: Ids
    cosines: Floats
    whole: bool

    @classmethod
    def among(cls, rows: Ids, cosines: Floats, *, whole: bool) -> "Nearest":
        """Of rows (k,) in any order."""
        order = np.argsort(-cosines, kind="stable")
        return cls(rows[order], cosines[order], whole)


class MeaningSide:
    """Rows by cosine with a query vector, best first. Cosines are stretched to the default model's terms throughout."""

    def __init__(self, loaded: LoadedGeneration, vector: Floats, allowed: Mask | None, known: "Nearest | None" = None) -> None:
        """`allowed` (n,) are the rows that may be in the answer, None for all; the `known` ones are not asked for again."""
        assert loaded.vectors is not None
        self._vectors = loaded.vectors
        self._vector = vector
        self._allowed = allowed
        self._stretch = Stretch(loaded.manifest.baseline)
        if known is None:
            self._take(DEPTH)
        else:
            self._depth = len(known.rows) + known.whole
            self._keep(known.rows, known.cosines)

    def _take(self, depth: int) -> None:
        self._depth = depth
        rows, cosines = self._vectors.search(self._vector, depth, self._allowed)
        self._keep(rows, self._stretch.of(cosines))

    def _keep(self, rows: Ids, cosines: Floats) -> None:
        self.rows, self._cosines = rows, cosines
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

    def nearest(self, count: int) -> Nearest:
        """The first `count` rows."""
        return Nearest(self.rows[:count], self._cosines[:count], self.whole and len(self.rows) <= count)

    def extend(self, floor: float) -> bool:
        """Take all rows whose cosine reaches `floor`; false where these are too many, or the index is not exact."""
        while not self.whole and self.lowest >= floor and self._depth < MOST:
            self._take(4 * self._depth)
        return self.whole or (self.lowest < floor and self._vectors.exact)

    def cosines_of(self, rows: Ids) -> Floats:
        """Cosines (m,) of distinct rows (m,)."""
        cosines = np.zeros(len(rows), np.float32)
        if not len(rows):
            return cosines
        at = np.minimum(np.searchsorted(self._sorted, rows), max(len(self._sorted) - 1, 0))
        known = self._sorted[at] == rows if len(self._sorted) else np.zeros(len(rows), np.bool_)
        cosines[known] = self._cosines[self._order[at[known]]]
        cosines[~known] = self._stretch.of(self._vectors.cosines(self._vector, rows[~known]))
        return cosines
