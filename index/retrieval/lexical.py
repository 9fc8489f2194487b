"""The lexical index: BM25 of every passage that has any of the words asked for.

All of them are scored, not the first hundred: totals and facets count what is relevant, and whether a passage is depends
on its words and its meaning together (docs/decisions/0007-own-postings.md).
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from index.retrieval.postings import MOST_IMPACT, Part, key_of

Ids = NDArray[np.int64]
Scores = NDArray[np.float32]
Mask = NDArray[np.bool_]

MAX_UNITS = 32
"""Query units that are told apart in `WordScores.matched`."""
_TIE = 0.1
"""What a unit's alternatives beside the best one add to its score."""
_LEVELS = np.arange(256, dtype=np.float32) * np.float32(MOST_IMPACT / 255)


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way to satisfy a unit: all `terms` in `field` (a phrase where there are several), worth `boost`."""

    field: str
    terms: tuple[str, ...]
    boost: float = 1.0


@dataclass(frozen=True)
class WordScores:
    """For each of n rows: ``bm25`` (n,), and ``matched`` (n,), in which bit i says that unit i matches."""

    bm25: Scores
    matched: NDArray[np.uint32]

    @cached_property
    def rows(self) -> Ids:
        """The rows (m,), ascending, that match anything."""
        return np.flatnonzero(self.bm25)


class LexicalIndex:
    """The parts of a generation, searched as one. Safe from several threads."""

    def __init__(self, parts: Sequence[Part], passages: Ids, alive: Mask) -> None:
        """`passages` (n,) are the ids of the rows that scores are for, ascending; where `alive` (n,) is false they are gone."""
        self._parts = list(parts)
        self._rows = current_rows(parts, passages, alive)
        self._count = len(passages)
        self.passages = int(alive.sum())

    @property
    def bytes(self) -> int:
        """Of the parts' files, which are mapped: how much of them is in memory is up to the system."""
        return sum(part.bytes for part in self._parts)

    def rarity(self, alternatives: Sequence[Alternative]) -> float:
        """The inverse document frequency, as BM25 has it, of the most common of the first alternatives of a unit."""
        return self._idf(max(self.document_frequency(each) for each in alternatives[:3]))

    def document_frequency(self, alternative: Alternative) -> int:
        """Passages that hold the rarest of the alternative's terms."""
        return min(self._frequencies(alternative))

    def occurs(self, alternative: Alternative) -> bool:
        """True when any passage satisfies `alternative`."""
        return any(bool((rows >= 0).any()) for rows, _ in self._having(alternative))

    def rows_with(self, alternatives: Sequence[Alternative]) -> Ids:
        """The rows (m,), ascending, that satisfy one of `alternatives`."""
        found = [rows for each in alternatives for rows, _ in self._having(each)]
        rows = np.unique(np.concatenate(found)) if found else np.zeros(0, np.int64)
        return rows[rows >= 0]

    def score(self, units: Sequence[Sequence[Alternative]], extra: Sequence[Sequence[Alternative]] = ()) -> WordScores:
        """BM25 of the best alternative of each unit, summed over `units`, and over `extra`, which do not count as units."""
        # One slot more than there are rows: passages that are gone have the row -1, which is that slot.
        bm25, best, every = (np.zeros(self._count + 1, np.float32) for _ in range(3))
        matched = np.zeros(self._count + 1, np.uint32)
        for number, unit in enumerate([*units, *extra]):
            found = [each for alternative in unit for each in self._having(alternative, weighed=True)]
            for rows, scores in found:
                best[rows] = np.maximum(best[rows], scores)
                every[rows] += scores
            bit = np.uint32(1 << number if number < min(len(units), MAX_UNITS) else 0)
            for rows, _ in found:
                bm25[rows] += (1 - _TIE) * best[rows] + _TIE * every[rows]
                best[rows] = every[rows] = 0  # a row that another alternative has too is added once
                if bit:
                    matched[rows] |= bit
        return WordScores(bm25[:-1], matched[:-1])

    def _having(self, alternative: Alternative, *, weighed: bool = False) -> Iterator[tuple[Ids, Scores]]:
        """Of each part the rows (m,) that satisfy `alternative`, and, `weighed`, their scores (m,)."""
        keys = [key_of(alternative.field, term) for term in alternative.terms]
        weight = 0.0
        if weighed:
            weight = alternative.boost * sum(self._idf(each) for each in self._frequencies(alternative))
        levels = _LEVELS * np.float32(weight)
        for part, rows in zip(self._parts, self._rows, strict=True):
            terms = [part.find(key) for key in keys]
            if -1 not in terms:
                local, impacts = part.having(terms[0]) if len(terms) == 1 else part.phrase(terms)
                yield rows.take(local), levels.take(impacts) if weighed else levels[:0]

    def _frequencies(self, alternative: Alternative) -> list[int]:
        return [
            sum(part.frequency(term) for part in self._parts if (term := part.find(key)) >= 0)
            for key in (key_of(alternative.field, term) for term in alternative.terms)
        ]

    def _idf(self, frequency: int) -> float:
        seen = min(frequency, self.passages)  # passages that are gone still count in their part
        return math.log(1 + (self.passages - seen + 0.5) / (seen + 0.5))


def current_rows(parts: Sequence[Part], passages: Ids, alive: Mask) -> list[Ids]:
    """For each part the rows of its passages in `passages` (n,), -1 for those that are gone or stand in a later part too."""
    free = alive.copy()
    rows: list[Ids] = []
    for part in reversed(parts):
        found = np.minimum(np.searchsorted(passages, part.passages), len(passages) - 1)
        there = np.zeros(len(part), np.bool_)
        if len(passages):
            there = (passages[found] == part.passages) & free[found]
            free[found[there]] = False
        rows.append(np.where(there, found, -1))
    return rows[::-1]
