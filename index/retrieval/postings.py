"""Postings: which passages hold which terms, how often and where, as sorted arrays in plain NumPy files.

Text is segmented and stemmed before it gets here (`index.text.tokens`). A part holds up to `PART_ROWS` passages; its files
are mapped, so that a search reads the lists of its own terms and nothing else. Parts are never changed: new passages come
in a part of their own, and passages that are gone are passed over until their part is merged into another.

Fields: ``title`` and ``words`` (terms in text order, and behind them, for Chinese, the stems of their English senses: in one
field, so that a word is as rare as it is in both languages together), ``bigrams`` (pairs of Chinese characters), ``quantity``
(numbers with their units), ``entity`` (entities named in the passage or title), ``day`` (days and months that it names, and the
one on which its article was published).
"""

import hashlib
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.errors import IndexUnavailable

Ids = NDArray[np.int64]
Mask = NDArray[np.bool_]

PART_ROWS = 65_536
"""Passages of a part: their numbers fit 16 bits, and building one takes about a gigabyte."""
MOST_PLACES = 60_000
"""Terms of one field of one passage that are read; places must fit 16 bits."""

FIELDS = ("title", "words", "bigrams", "quantity", "entity", "day")
TYPICAL_LENGTH = (20.0, 350.0, 220.0, 3.0, 12.0, 6.0)
"""Terms that a field of a passage has on average. Constants instead of a count, so that a score does not depend on what
else is in the store: passages are cut to one length anyway."""
K1, B = 1.2, 0.75
MOST_IMPACT = K1 + 1
"""What BM25's saturated term frequency tends to; an impact is its share in 255ths."""


@dataclass(frozen=True, slots=True)
class PassageDocument:
    """One passage as indexed: its id and for each field its terms in text order."""

    passage: int
    title: Sequence[str]
    words: Sequence[str]
    bigrams: Sequence[str]
    quantities: Sequence[str]
    entities: Sequence[str]
    days: Sequence[str] = ()


@dataclass(frozen=True)
class Part:
    """Postings of r passages, of t terms in p pairs of term and passage, at o places.

    ``passages`` (r,) are passage ids, ``lengths`` (6, r) the terms of each field. ``keys`` (t,) are the hashes of field and
    term, ascending, ``fields`` (t,) their fields; term i has the pairs ``starts[i]`` to ``starts[i + 1]`` of ``rows`` (p,)
    (ascending), ``impacts`` (p,) and ``counts`` (p,), and the places ``places_starts[i]`` to ``places_starts[i + 1]`` of
    ``places`` (o,), those of one row after those of the row before.
    """

    passages: Ids
    lengths: NDArray[np.uint16]
    keys: NDArray[np.uint64]
    fields: NDArray[np.uint8]
    starts: Ids
    places_starts: Ids
    rows: NDArray[np.uint16]
    impacts: NDArray[np.uint8]
    counts: NDArray[np.uint8]
    places: NDArray[np.uint16]

    def __len__(self) -> int:
        return len(self.passages)

    @cached_property
    def bytes(self) -> int:
        """Of all arrays."""
        return sum(getattr(self, name).nbytes for name in _ARRAYS)

    def find(self, key: np.uint64) -> int:
        """The number of a term, -1 where the part does not have it."""
        at = int(np.searchsorted(self.keys, key))
        return at if at < len(self.keys) and self.keys[at] == key else -1

    def frequency(self, term: int) -> int:
        """Passages that hold term number `term`."""
        return int(self.starts[term + 1] - self.starts[term])

    def having(self, term: int) -> tuple[NDArray[np.uint16], NDArray[np.uint8]]:
        """The rows (m,), ascending, that hold a term, and its impact (m,) there."""
        own = slice(int(self.starts[term]), int(self.starts[term + 1]))
        return self.rows[own], self.impacts[own]

    @cached_property
    def latin(self) -> Mask:
        """Which rows (r,) have no Chinese in them."""
        return np.asarray(self.lengths[FIELDS.index("bigrams")] == 0, np.bool_)

    def phrase(self, terms: Sequence[int], *, latin: bool = False) -> tuple[NDArray[np.uint16], NDArray[np.uint8]]:
        """The rows (m,), ascending, in which `terms` of one field follow each other, and the phrase's impact (m,) there.

        With `latin` only rows without Chinese are looked at.
        """
        rarest_first = sorted(range(len(terms)), key=lambda i: self.frequency(terms[i]))
        common = self.having(terms[rarest_first[0]])[0]
        if latin:
            common = common[self.latin[common]]
        for i in rarest_first[1:]:
            there = np.zeros(len(self), np.bool_)
            there[self.having(terms[i])[0]] = True
            common = common[there[common]]
        if not len(common):
            return common, np.zeros(0, np.uint8)
        starts = self._places(terms[rarest_first[0]], common) - rarest_first[0]  # where the phrase may begin: row << 16 | place
        for i in rarest_first[1:]:
            places = self._places(terms[i], common) - i
            at = np.minimum(np.searchsorted(places, starts), len(places) - 1)
            starts = starts[places[at] == starts]
        if not len(starts):
            return common[:0], np.zeros(0, np.uint8)
        firsts = np.flatnonzero(np.diff(starts >> 16, prepend=-1))
        rows, counts = starts[firsts] >> 16, np.diff(firsts, append=len(starts))
        field = int(self.fields[terms[0]])
        impacts = _impacts(counts, self.lengths[field, rows], np.full(len(rows), field))
        return rows.astype(np.uint16), impacts

    def _places(self, term: int, among: NDArray[np.uint16]) -> Ids:
        """Where a term stands in the rows `among`, each of which has it: row << 16 | place, ascending."""
        own = slice(int(self.starts[term]), int(self.starts[term + 1]))
        counts = self.counts[own].astype(np.int64)
        at = np.searchsorted(self.rows[own], among)
        ends = np.cumsum(counts)[at]
        some = counts[at]
        chosen = int(self.places_starts[term]) + runs(ends - some, some)
        return np.asarray(np.repeat(among.astype(np.int64) << 16, some) + self.places[chosen], np.int64)

    def save(self, folder: Path) -> None:
        """Write the arrays into a new folder. Raises OSError."""
        folder.mkdir()
        for name in _ARRAYS:
            np.save(folder / f"{name}.npy", getattr(self, name))

    @classmethod
    def load(cls, folder: Path) -> "Part":
        """Map what `save` wrote.

        Raises:
            IndexUnavailable: not a readable part.
        """
        try:
            arrays = {name: np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r")) for name in _ARRAYS}
        except (OSError, ValueError) as error:
            raise IndexUnavailable(f"{folder.name} has no readable postings.", hint="Run chipwire refresh.") from error
        return cls(**arrays)


_ARRAYS = (
    "passages", "lengths", "keys", "fields", "starts", "places_starts", "rows", "impacts", "counts", "places",
)  # fmt: skip


def runs(starts: Ids, counts: Ids) -> Ids:
    """For each of `starts` (n,) so many numbers from it on as `counts` (n,) says, all end to end."""
    return np.asarray(np.repeat(starts - (np.cumsum(counts) - counts), counts) + np.arange(int(counts.sum())), np.int64)


def key_of(field: str, term: str) -> np.uint64:
    """The key of a term: 64 bits of a hash, so that two of a million terms share one in three of a hundred million stores."""
    return np.uint64(_hash(f"{FIELDS.index(field)}\0{term}"))


def make_parts(documents: Iterable[PassageDocument], rows: int = PART_ROWS) -> Iterator[Part]:
    """Parts of at most `rows` passages each, in the order of `documents`."""
    builder = _Builder()
    for each in documents:
        builder.add(each)
        if len(builder) == rows:
            yield builder.finish()
            builder = _Builder()
    if len(builder):
        yield builder.finish()


def merged(parts: Sequence[Part], alive: Sequence[Mask]) -> Part:
    """One part with the rows of `parts` for which `alive`, a mask for each part, is true.

    Raises:
        ValueError: more than `PART_ROWS` rows.
    """
    kept = [int(mask.sum()) for mask in alive]
    if sum(kept) > PART_ROWS:
        raise ValueError(f"{sum(kept)} rows do not fit a part.")
    keys = np.unique(np.concatenate([part.keys for part in parts]))
    fields = np.zeros(len(keys), np.uint8)
    packed: list[NDArray[np.uint64]] = []
    first = 0
    for part, mask, count in zip(parts, alive, kept, strict=True):
        numbers = np.searchsorted(keys, part.keys).astype(np.uint64)
        fields[numbers] = part.fields
        new_rows = (np.cumsum(mask) - 1 + first).astype(np.uint64)
        rows = np.repeat(part.rows, part.counts)
        terms = np.repeat(numbers, np.diff(part.places_starts))
        own = mask[rows]
        packed.append(terms[own] << np.uint64(32) | new_rows[rows[own]] << np.uint64(16) | part.places[own])
        first += count
    passages = np.concatenate([part.passages[mask] for part, mask in zip(parts, alive, strict=True)])
    return _assemble(keys, fields, np.concatenate(packed), passages)


class _Builder:
    """Collects passages into a part."""

    def __init__(self) -> None:
        self._passages: list[int] = []
        self._numbers: list[defaultdict[str, int]] = []
        for _ in FIELDS:
            numbers: defaultdict[str, int] = defaultdict()
            numbers.default_factory = numbers.__len__
            self._numbers.append(numbers)
        self._terms = [array("I") for _ in FIELDS]
        self._lengths = [array("I") for _ in FIELDS]

    def __len__(self) -> int:
        return len(self._passages)

    def add(self, each: PassageDocument) -> None:
        self._passages.append(each.passage)
        for field, terms in enumerate((each.title, each.words, each.bigrams, each.quantities, each.entities, each.days)):
            terms = terms[:MOST_PLACES]
            self._terms[field].extend(map(self._numbers[field].__getitem__, terms))
            self._lengths[field].append(len(terms))

    def finish(self) -> Part:
        keys: list[int] = []
        fields: list[NDArray[np.uint8]] = []
        packed: list[NDArray[np.uint64]] = []
        for field, numbers in enumerate(self._numbers):
            lengths = np.frombuffer(self._lengths[field], np.uint32).astype(np.int64)
            rows = np.repeat(np.arange(len(lengths)), lengths)
            places = np.arange(len(rows)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
            terms = np.frombuffer(self._terms[field], np.uint32).astype(np.uint64) + np.uint64(len(keys))
            packed.append(terms << np.uint64(32) | (rows << 16 | places).astype(np.uint64))
            keys += [_hash(f"{field}\0{term}") for term in numbers]
            fields.append(np.full(len(numbers), field, np.uint8))
        hashes = np.array(keys, np.uint64)
        distinct, numbers_of = np.unique(hashes, return_inverse=True)
        field_of = np.zeros(len(distinct), np.uint8)
        field_of[numbers_of] = np.concatenate(fields)
        every = np.concatenate(packed)
        low = np.uint64(0xFFFFFFFF)
        every = numbers_of.astype(np.uint64)[every >> np.uint64(32)] << np.uint64(32) | every & low
        return _assemble(distinct, field_of, every, np.array(self._passages, np.int64))


def _assemble(keys: NDArray[np.uint64], fields: NDArray[np.uint8], packed: NDArray[np.uint64], passages: Ids) -> Part:
    """A part from its places: term << 32 | row << 16 | place, in any order. Terms that are nowhere are left out."""
    packed.sort()
    terms = packed >> np.uint64(32)
    rows = (packed >> np.uint64(16) & np.uint64(0xFFFF)).astype(np.uint16)
    field_of_place = fields[terms]
    lengths = np.stack([np.bincount(rows[field_of_place == f], minlength=len(passages)) for f in range(len(FIELDS))])
    begins = np.flatnonzero(np.diff(packed >> np.uint64(16), prepend=np.uint64(2**63)))
    counts = np.diff(begins, append=len(packed))
    if len(counts) and counts.max() > 255:  # a term this often in one passage: its later places are not kept
        kept = np.arange(len(packed)) - np.repeat(begins, counts) < 255
        return _assemble(keys, fields, packed[kept], passages)
    pair_terms, pair_rows = terms[begins].astype(np.int64), rows[begins]
    pair_fields = fields[pair_terms]
    used, pairs = np.unique(pair_terms, return_counts=True)
    places_of = np.bincount(pair_terms, counts, minlength=len(keys)).astype(np.int64)[used]
    return Part(
        passages=passages,
        lengths=lengths.astype(np.uint16),
        keys=keys[used],
        fields=fields[used],
        starts=np.concatenate([[0], np.cumsum(pairs)]).astype(np.int64),
        places_starts=np.concatenate([[0], np.cumsum(places_of)]).astype(np.int64),
        rows=pair_rows,
        impacts=_impacts(counts, lengths[pair_fields, pair_rows], pair_fields),
        counts=counts.astype(np.uint8),
        places=(packed & np.uint64(0xFFFF)).astype(np.uint16),
    )


def _impacts(counts: Ids, lengths: NDArray[np.integer], fields: NDArray[np.integer]) -> NDArray[np.uint8]:
    """BM25's saturated term frequencies (n,), of terms that stand `counts` (n,) times in `fields` of these `lengths`."""
    against = K1 * (1 - B + B * lengths / np.array(TYPICAL_LENGTH)[fields])
    impacts = np.clip(np.rint(255 * counts / (counts + against)), 1, 255)
    return np.asarray(impacts, np.uint8)


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")
