"""The lexical index: BM25 of every passage that has any of the words asked for.

All of them are scored, not the first hundred: totals and facets count what is relevant, and whether a passage is depends
on its words and its meaning together (docs/decisions/0007-own-postings.md).
"""

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

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
_MOST_KNOWN = 20_000
_DENSE = 0.15
"""Share of a part's rows from which on it is faster to go over all of them than over those that match."""
_LEVELS = np.arange(256, dtype=np.float32) * np.float32(MOST_IMPACT / 255)


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way to satisfy a unit: all `terms` in `field` (a phrase where there are several), worth `boost`.

    A phrase that is `latin` is looked for in passages without Chinese only: what a Chinese word means, which a Chinese
    passage has as that word.
    """

    field: str
    terms: tuple[str, ...]
    boost: float = 1.0
    latin: bool = False


@dataclass(frozen=True)
class WordScores:
    """For each of n rows: ``bm25`` (n,), and ``matched`` (n,), in which bit i says that unit i matches; ``rows`` (m,) are those
    that match anything."""

    bm25: Scores
    matched: NDArray[np.uint32]
    rows: Ids


class LexicalIndex:
    """The parts of a generation, searched as one. Safe from several threads."""

    def __init__(self, parts: Sequence[Part], passages: Ids, alive: Mask) -> None:
        """`passages` (n,) are the ids of the rows that scores are for, ascending; where `alive` (n,) is false they are gone."""
        self._parts = list(parts)
        self._rows = current_rows(parts, passages, alive)
        self._whole = [_is_run(rows) for rows in self._rows]
        self._known: dict[tuple[str, str], tuple[tuple[int, ...], int]] = {}
        self._count = len(passages)
        self.passages = int(alive.sum())

    @property
    def bytes(self) -> int:
        """Of the parts' files, which are mapped: how much of them is in memory is up to the system."""
        return sum(part.bytes for part in self._parts)

    def prepare(self) -> None:
        """Work out now what phrases need of all passages: with many of them the first search would wait for it."""
        for part in self._parts:
            part.latin  # noqa: B018  # kept by the part

    def rarity(self, alternatives: Sequence[Alternative]) -> float:
        """The inverse document frequency, as BM25 has it, of the most common of the first alternatives of a unit."""
        return self._idf(max(self.document_frequency(each) for each in alternatives[:3]))

    def document_frequency(self, alternative: Alternative) -> int:
        """Passages that hold the rarest of the alternative's terms."""
        return min(self._frequencies(alternative))

    def occurs(self, alternative: Alternative) -> bool:
        """True when any passage satisfies `alternative`."""
        return any(bool((rows >= 0).any()) for rows in self._having(alternative))

    def rows_with(self, alternatives: Sequence[Alternative]) -> Ids:
        """The rows (m,), ascending, that satisfy one of `alternatives`."""
        found = [rows for each in alternatives for rows in self._having(each)]
        rows = np.unique(np.concatenate(found)) if found else np.zeros(0, np.int64)
        return rows[rows >= 0]

    def parts_with(self, rows: Mask) -> list[int]:
        """The numbers of the parts that hold any of `rows` (n,)."""
        return [number for number, own in enumerate(self._rows) if rows[own[own >= 0]].any()]

    def score(
        self,
        units: Sequence[Sequence[Alternative]],
        extra: Sequence[Sequence[Alternative]] = (),
        parts: Collection[int] | None = None,
    ) -> WordScores:
        """BM25 of the best alternative of each unit, summed over `units`, and over `extra`, which do not count as units.

        With `parts` only the rows of the parts with these numbers are scored.
        """
        bm25 = np.zeros(self._count, np.float32)
        matched = np.zeros(self._count, np.uint32)
        found = [np.zeros(0, np.int64)]
        asked = [[(each, self._levels(each)) for each in unit] for unit in [*units, *extra]]
        counted = min(len(units), MAX_UNITS)
        # Part by part, because what a part adds up fits the processor's cache.
        for number, (part, rows) in enumerate(zip(self._parts, self._rows, strict=True)):
            if parts is not None and number not in parts:
                continue
            sums, bits = _score_part(part, [self._found_in(number, unit) for unit in asked], counted)
            own = np.flatnonzero(sums != 0)  # of numbers it takes ten times as long as of truth values
            target = rows[own]
            if self._whole[number]:
                run = slice(int(rows[0]), int(rows[0]) + len(rows))
                bm25[run], matched[run] = sums, bits
            else:
                own, target = own[target >= 0], target[target >= 0]
                bm25[target], matched[target] = sums[own], bits[own]
            found.append(target)
        return WordScores(bm25, matched, np.concatenate(found))

    def _found_in(self, number: int, unit: Sequence[tuple[Alternative, Scores]]) -> list[tuple[Ids, Scores]]:
        """For each alternative that a part satisfies anywhere, the rows (m,) of the part and their scores (m,)."""
        found = []
        for alternative, levels in unit:
            matches = self._matches(number, alternative)
            if matches is not None:
                found.append((matches[0].astype(np.int64), levels.take(matches[1])))
        return found

    def _matches(self, number: int, alternative: Alternative) -> tuple[NDArray[np.uint16], NDArray[np.uint8]] | None:
        """The rows (m,) of part number `number` that satisfy `alternative`, with its impacts (m,); None where it has none."""
        part = self._parts[number]
        terms = [self._look_up(alternative.field, term)[0][number] for term in alternative.terms]
        if -1 in terms:
            return None
        return part.having(terms[0]) if len(terms) == 1 else part.phrase(terms, latin=alternative.latin)

    def _having(self, alternative: Alternative) -> Iterator[Ids]:
        """The rows that satisfy `alternative`, part by part, -1 for those that are gone."""
        for number, rows in enumerate(self._rows):
            matches = self._matches(number, alternative)
            if matches is not None:
                yield rows.take(matches[0])

    def _levels(self, alternative: Alternative) -> Scores:
        """The score of each impact (256,)."""
        return _LEVELS * np.float32(alternative.boost * sum(self._idf(each) for each in self._frequencies(alternative)))

    def _look_up(self, field: str, term: str) -> tuple[tuple[int, ...], int]:
        """The number of a term in each part, -1 where it is not there, and how many passages have it. Remembered: a query
        asks for its terms several times."""
        known = self._known.get((field, term))
        if known is None:
            key = key_of(field, term)
            numbers = tuple(part.find(key) for part in self._parts)
            known = numbers, sum(part.frequency(n) for part, n in zip(self._parts, numbers, strict=True) if n >= 0)
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[field, term] = known
        return known

    def _frequencies(self, alternative: Alternative) -> list[int]:
        return [self._look_up(alternative.field, term)[1] for term in alternative.terms]

    def _idf(self, frequency: int) -> float:
        seen = min(frequency, self.passages)  # passages that are gone still count in their part
        return math.log(1 + (self.passages - seen + 0.5) / (seen + 0.5))


def _is_run(rows: Ids) -> bool:
    """True when nothing is gone and the rows follow each other."""
    return len(rows) > 0 and rows[0] >= 0 and bool((np.diff(rows) == 1).all())


def _score_part(part: Part, units: Sequence[Sequence[tuple[Ids, Scores]]], counted: int) -> tuple[Scores, NDArray[np.uint32]]:
    """The sums over units (r,) for a part's rows, and which of the first `counted` units match (r,).

    No row is twice among those of one alternative. `ufunc.at` adds in place: half the time of reading and writing back.
    """
    sums, best, every = (np.zeros(len(part), np.float32) for _ in range(3))
    bits = np.zeros(len(part), np.uint32)
    for number, found in enumerate(units):
        bit = np.uint32(1 << number if number < counted else 0)
        if len(found) == 1:
            rows, scores = found[0]
            np.add.at(sums, rows, scores)
            if bit:
                np.add.at(bits, rows, bit)
            continue
        for first, (rows, scores) in enumerate(found):
            if first:
                np.maximum.at(best, rows, scores)
            else:
                best[rows] = scores
            np.add.at(every, rows, scores)
        if sum(len(rows) for rows, _ in found) > _DENSE * len(part):
            sums += (1 - _TIE) * best + _TIE * every
            if bit:
                bits |= (every > 0) * bit
            best.fill(0)
            every.fill(0)
            continue
        for rows, _ in found:
            np.add.at(sums, rows, (1 - _TIE) * best[rows] + _TIE * every[rows])
            best[rows] = every[rows] = 0  # a row that another alternative has too is added once
            if bit:
                bits[rows] |= bit
    return sums, bits


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
