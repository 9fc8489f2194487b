"""How likely two articles report one event: a sum of few reasons, each of which can be named.

For: the cosine of what they say, weighed by how rare each word is (names and the first lines count more); the cosine of their
embeddings (two texts in one language); figures and days in common. Against: many figures and none in common; days that lie
apart; another product, quarter, round or company in the place where a report says what it is about. The weights are those of
a logistic regression on labelled pairs (`bench/stories.py` measures what comes of them); above `JOIN` is one event.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.knowledge.entities import Catalogue
from index.knowledge.sketch import IN_LEAD, IN_NAME, Sketch

JOIN = 0.5
"""The average score of the pairs of two groups from which on they are one story."""
SURE = 6.0
COPIED_SHARE = 0.5
"""Share of the shorter text's shingles in the other one from which on one is made from the other."""
_FEWEST_SHINGLES = 6
_LIMIT = 4.0
"""No likeness of words makes up for more than two plain contradictions."""
_COPIED = 2.0
"""What a copy has above that: not so much that two results told in one wording, each with its own figures, become one."""
_NAME, _LEAD = 2.0, 1.5
_REMEMBERED = 8192
"""Articles whose weighed words are kept in memory, some 50 kilobytes each."""
_PRIOR = 1000
"""Articles on everything, that a word's rarity is reckoned against along with those at hand."""
_COMMON, _PER_WORD = 0.2, 0.004
"""A word is taken to be in so many of them for each Chinese word that it glosses, up to a fifth: said, company, report."""


@dataclass(frozen=True, slots=True)
class Weights:
    """The weights of one kind of pairs; ``bias`` and ``penalty_bias`` stand before and after the limit on likeness."""

    cosine: float
    weighed: float
    words: float
    lead: float
    bias: float
    shared_figures: float
    same_day: float
    other_figures: float
    other_day: float
    other_thing: float
    other_company: float
    penalty_bias: float


ONE_LANGUAGE = Weights(4.83, 16.67, 0.0, 0.0, -6.91, 1.32, 3.82, -2.94, 0.0, -6.54, -5.45, -0.25)
TWO_LANGUAGES = Weights(0.0, 0.0, 25.8, 12.4, -9.1, 4.55, 1.36, 0.0, -1.02, -6.15, -2.49, -0.99)


@dataclass(frozen=True, slots=True)
class Reasons:
    """What speaks for and against one event, each from 0 to 1 before it is weighed."""

    cosine: float
    weighed: float
    words: float
    lead: float
    shared_figures: float
    same_day: float
    other_figures: float
    other_day: float
    other_thing: float
    other_company: float
    copied: float

    def score(self, weights: Weights) -> float:
        """From -`SURE` to `SURE`."""
        likeness = (
            weights.cosine * self.cosine + weights.weighed * self.weighed + weights.words * self.words
            + weights.lead * self.lead + weights.bias
        )  # fmt: skip
        copied = self.copied >= COPIED_SHARE
        total = (
            (_LIMIT + _COPIED if copied else min(likeness, _LIMIT)) + weights.penalty_bias
            + weights.shared_figures * self.shared_figures + weights.same_day * self.same_day
            + weights.other_figures * self.other_figures + weights.other_day * self.other_day
            + weights.other_thing * self.other_thing + weights.other_company * self.other_company
        )  # fmt: skip
        return max(-SURE, min(SURE, total))


_Terms = tuple[Mapping[str, float], Mapping[str, float]]
"""Terms of a text and of its lead with their weights, of unit length."""


class Resemblance:
    """Scores pairs among the articles at hand, which tell how rare a word is."""

    def __init__(
        self,
        sketches: Sequence[Sketch],
        vectors: NDArray[np.float32],
        catalogue: Catalogue,
        senses: Mapping[str, int],
        baseline: float = 0.0,
    ) -> None:
        """
        Args:
            vectors: (n, d) float32, of unit length or zero, in the order of `sketches`.
            senses: how many Chinese words have a given English term among their senses.
            baseline: the cosine of unrelated texts by the model that gave the vectors.
        """
        # The weights are those of a model whose unrelated texts lie at a cosine of 0.03.
        self._stretch = 0.97 / (1 - min(max(baseline, 0.03), 0.99))
        self.sketches, self.vectors = sketches, vectors
        self._catalogue = catalogue
        self._above: dict[str, frozenset[str]] = {}
        self._own = _rarities((sketch.words for sketch in sketches), len(sketches), senses)
        self._neutral = _rarities((sketch.neutral for sketch in sketches), len(sketches), senses)
        self._weighed: dict[int, Mapping[str, float]] = {}
        self._glossed: dict[int, _Terms] = {}

    def weighed(self, i: int) -> Mapping[str, float]:
        """The words of article `i` with their weights, of unit length."""
        known = self._weighed.get(i)
        if known is None:
            if len(self._weighed) >= _REMEMBERED:
                self._weighed.clear()
            known = self._weighed[i] = _unit(
                {
                    term: (1 + math.log(code >> 2)) * self._own[term] * (_NAME if code & IN_NAME else 1.0)
                    * (_LEAD if code & IN_LEAD else 1.0)
                    for term, code in self.sketches[i].words.items()
                }
            )  # fmt: skip
        return known

    def glossed(self, i: int) -> _Terms:
        """The English terms of article `i` and of its lead."""
        known = self._glossed.get(i)
        if known is None:
            if len(self._glossed) >= _REMEMBERED:
                self._glossed.clear()
            terms = self.sketches[i].neutral
            weights = {term: (1 + math.log(code >> 2)) * self._neutral[term] for term, code in terms.items()}
            lead = {term: self._neutral[term] for term, code in terms.items() if code & IN_LEAD}
            known = self._glossed[i] = _unit(weights), _unit(lead)
        return known

    def score(self, i: int, j: int) -> float:
        """How likely articles `i` and `j` report one event; `JOIN` and above: they do."""
        one = self.sketches[i].lang == self.sketches[j].lang
        return self.reasons(i, j).score(ONE_LANGUAGE if one else TWO_LANGUAGES)

    def reasons(self, i: int, j: int) -> Reasons:
        """What the score of a pair is made of."""
        a, b = self.sketches[i], self.sketches[j]
        weighed = words = lead = cosine = 0.0
        if a.lang == b.lang:
            cosine = 1 - (1 - float(self.vectors[i] @ self.vectors[j])) * self._stretch
            weighed = _dot(self.weighed(i), self.weighed(j))
        else:
            (whole, first), (other_whole, other_first) = self.glossed(i), self.glossed(j)
            words, lead = _dot(whole, other_whole), _dot(first, other_first)
        shared, unshared = _figures(a.figures, b.figures)
        near, far = _days(a.days, b.days)
        return Reasons(
            cosine, weighed, words, lead, shared, near, unshared, far,
            self._other_thing(a, b), self._other_company(a, b), contained(a.shingles, b.shingles),
        )  # fmt: skip

    def _ancestors(self, entity_id: str) -> frozenset[str]:
        known = self._above.get(entity_id)
        if known is None:
            chain, entity = {entity_id}, self._catalogue.get(entity_id)
            while entity is not None and entity.parent and entity.parent not in chain and len(chain) < 4:
                chain.add(entity.parent)
                entity = self._catalogue.get(entity.parent)
            known = self._above[entity_id] = frozenset(chain)
        return known

    def _kin(self, a: str, b: str) -> bool:
        """Whether two products or companies are one, or one is part of the other."""
        if a == b:
            return True
        if a[0] == ":" and b[0] == ":":
            a, b = a[1:], b[1:]
        elif a[0] == ":" or b[0] == ":":
            return False
        return a in self._ancestors(b) or b in self._ancestors(a)

    def _line(self, product: str) -> str:
        """What a product belongs with: its maker, or the letters that its name starts with."""
        if product[0] == ":":
            entity = self._catalogue.get(product[1:])
            return f":{entity.maker or '' if entity else ''}"
        return product[: next(i for i, char in enumerate(product) if char.isdigit())]

    def _specific(self, products: Iterable[str]) -> set[str]:
        """Without what others among them are part of: a report on the H100 names Hopper, too."""
        listed = set(products)
        above = {f":{up}" for each in listed if each[0] == ":" for up in self._ancestors(each[1:]) if f":{up}" != each}
        return listed - above

    def _other_thing(self, a: Sketch, b: Sketch) -> float:
        """How plainly the two are about another product or another of a row of alike events."""
        worst = 0.0
        mine, yours = self._specific(a.focus.get("product", ())), self._specific(b.focus.get("product", ()))
        if mine and yours and not mine & yours and not any(self._kin(x, y) for x in mine for y in yours):
            strange = self._unnamed(mine, b, "product") + self._unnamed(yours, a, "product")
            alike = {self._line(x) for x in mine} & {self._line(y) for y in yours}
            worst = (0.4, 0.7, 1.0)[strange] * (1.0 if alike else 0.6)
        for kind in (a.focus.keys() & b.focus.keys()) - {"product", "company"}:
            if a.focus[kind] & b.focus[kind]:
                continue
            strange = (not a.focus[kind] & b.marks[kind]) + (not b.focus[kind] & a.marks[kind])
            if kind.startswith("series "):
                value = (0.5, 0.8, 1.0)[strange] * (0.6, 0.8, 1.0)[(kind in a.titled) + (kind in b.titled)]
            else:
                value = (0.6, 0.8, 1.0)[strange]
            worst = max(worst, value)
        return worst

    def _other_company(self, a: Sketch, b: Sketch) -> float:
        mine, yours = a.focus.get("company"), b.focus.get("company")
        if not mine or not yours or any(self._kin(x, y) for x in mine for y in yours):
            return 0.0
        return (0.25, 0.5, 1.0)[self._unnamed(mine, b, "company") + self._unnamed(yours, a, "company")]

    def _unnamed(self, things: Iterable[str], other: Sketch, kind: str) -> bool:
        """Whether none of `things` is named anywhere in the other article."""
        named = other.marks.get(kind, frozenset())
        return not any(self._kin(x, y) for x in things for y in named)


def contained(a: NDArray[np.uint32], b: NDArray[np.uint32], fewest: int = _FEWEST_SHINGLES) -> float:
    """The share of the shorter text's shingles (sorted hashes) that stand in the other; 0 where there are too few to tell."""
    if len(a) > len(b):
        a, b = b, a
    if len(a) < fewest:
        return 0.0
    places = np.searchsorted(b, a)
    places[places == len(b)] = 0
    return float(np.count_nonzero(b[places] == a)) / len(a)


def _rarities(texts: Iterable[Mapping[str, int]], count: int, senses: Mapping[str, int]) -> dict[str, float]:
    frequency: dict[str, int] = {}
    for terms in texts:
        for term in terms:
            frequency[term] = frequency.get(term, 0) + 1
    return {
        term: max(math.log((count + _PRIOR) / (n + _PRIOR * min(_COMMON, senses.get(term, 0) * _PER_WORD))), 0.05)
        for term, n in frequency.items()
    }


def _unit(terms: dict[str, float]) -> dict[str, float]:
    norm = math.sqrt(sum(weight * weight for weight in terms.values())) or 1.0
    return {term: weight / norm for term, weight in terms.items()}


def _dot(a: Mapping[str, float], b: Mapping[str, float]) -> float:
    if len(a) > len(b):
        a, b = b, a
    return sum(weight * b[term] for term, weight in a.items() if term in b)


def _figures(a: frozenset[str], b: frozenset[str]) -> tuple[float, float]:
    """How much two texts' figures agree, and how much they do not."""
    fewest = min(len(a), len(b))
    if not fewest:
        return 0.0, 0.0
    shared = len(a & b)
    ratio = shared / fewest
    return min(1.0, shared / 3) * math.sqrt(ratio), max(0.0, 1 - 4 * ratio) * min(1.0, fewest / 4)


def _days(a: Sequence[tuple[int, int, int]], b: Sequence[tuple[int, int, int]]) -> tuple[float, float]:
    """Whether the days that two leads name are near each other, or all lie apart."""
    if not a or not b:
        return 0.0, 0.0
    gap = min(_gap(x, y) for x in a for y in b)
    near = 1.0 if gap <= 1 else 0.5 if gap <= 5 else 0.0
    return near, min(1.0, 0.4 + gap / 50) if gap > 8 else 0.0


def _gap(a: tuple[int, int, int], b: tuple[int, int, int]) -> float:
    """Days between two days, of which year or day may be unknown (0)."""
    gap = abs((a[1] - b[1]) * 30.4 + (a[2] - b[2] if a[2] and b[2] else 0))
    gap = min(gap, 365 - gap)
    if not (a[2] and b[2]) and gap == 0:
        gap = 3  # some day of the same month
    return max(gap, 300) if a[0] and b[0] and a[0] != b[0] else gap
