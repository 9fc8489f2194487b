"""How likely two articles report one event: a sum of few reasons, each of which can be named.

For: the cosine of what they say, weighed by how rare each word is (names and the first lines count more), of the whole and of
the beginning; the cosine of their embeddings (two texts in one language); figures and days in common. Against: many figures and
none in common; days that lie apart; what `index.knowledge.contrasts` finds; and, in one language, names and numbers of each
beginning that the other text has nowhere, words of each title that it has nowhere, and titles that are one but for their
names. The weights are those of a logistic regression on labelled pairs (`bench/story_weights.py` fits them, `bench/stories.py`
measures what comes of them); above `JOIN` is one event.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from index.knowledge.contrasts import Contrasts
from index.knowledge.entities import Catalogue
from index.knowledge.sketch import IN_LEAD, IN_NAME, IN_TITLE, Sketch, occurrences

JOIN = 0.5
"""The average score of the pairs of two groups from which on they are one story."""
SURE = 6.0
COPIED_SHARE = 0.5
"""Share of the shorter text's shingles in the other one from which on one is made from the other."""
_FEWEST_SHINGLES = 6
LIKEST = 4.0
"""No likeness of words makes up for more than two plain contradictions."""
LIKEST_COPY = 6.0
"""What a copy has: not so much that two results told in one wording, each with its own figures, become one."""
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
    strange_names: float
    new_words: float
    twin_titles: float
    penalty_bias: float

    def likeness(self, cosine: float, weighed: float, words: float, lead: float) -> float:
        """Of two texts by their meaning, their words and their leads, before the limit."""
        return self.cosine * cosine + self.weighed * weighed + self.words * words + self.lead * lead + self.bias


ONE_LANGUAGE = Weights(
    cosine=4.91, weighed=20.99, words=0.0, lead=9.16, bias=-7.58, shared_figures=2.35, same_day=2.44, other_figures=-3.32,
    other_day=0.0, other_thing=-8.48, other_company=-6.22, strange_names=-2.52, new_words=-0.91, twin_titles=-4.84,
    penalty_bias=-0.27,
)  # fmt: skip
TWO_LANGUAGES = Weights(
    cosine=0.0, weighed=0.0, words=28.99, lead=2.0, bias=-10.59, shared_figures=4.6, same_day=1.93, other_figures=0.0,
    other_day=0.0, other_thing=-10.01, other_company=-6.42, strange_names=0.0, new_words=0.0, twin_titles=0.0,
    penalty_bias=1.53,
)  # fmt: skip


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
    strange_names: float = 0.0
    new_words: float = 0.0
    twin_titles: float = 0.0

    def score(self, weights: Weights) -> float:
        """From -`SURE` to `SURE`."""
        likeness = weights.likeness(self.cosine, self.weighed, self.words, self.lead)
        total = (
            (LIKEST_COPY if self.copied >= COPIED_SHARE else min(likeness, LIKEST)) + weights.penalty_bias
            + weights.shared_figures * self.shared_figures + weights.same_day * self.same_day
            + weights.other_figures * self.other_figures + weights.other_day * self.other_day
            + weights.other_thing * self.other_thing + weights.other_company * self.other_company
            + weights.strange_names * self.strange_names + weights.new_words * self.new_words
            + weights.twin_titles * self.twin_titles
        )  # fmt: skip
        return max(-SURE, min(SURE, total))


@cache
def _most_beside(weights: Weights) -> float:
    """The most that everything but likeness can add to a score."""
    beside = (
        weights.shared_figures, weights.same_day, weights.other_figures, weights.other_day, weights.other_thing,
        weights.other_company, weights.strange_names, weights.new_words, weights.twin_titles,
    )  # fmt: skip
    return weights.penalty_bias + sum(max(weight, 0.0) for weight in beside)


_Terms = tuple[Mapping[str, float], Mapping[str, float]]
"""Terms of a text and of its lead with their weights, of unit length."""


@dataclass(frozen=True, slots=True)
class _View:
    """The beginning of an article: its terms with their weights. ``lead`` and ``title_rest`` are of unit length.

    ``names`` are the names and numbers of the lead, ``title_names`` those of the title, ``title_rest`` its other words.
    """

    lead: Mapping[str, float]
    names: Mapping[str, float]
    title: Mapping[str, float]
    title_names: Mapping[str, float]
    title_rest: Mapping[str, float]


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
        self._contrasts = Contrasts(catalogue)
        self._own = _rarities((sketch.words for sketch in sketches), len(sketches), senses)
        self._neutral = _rarities((sketch.neutral for sketch in sketches), len(sketches), senses)
        self._weighed: dict[int, Mapping[str, float]] = {}
        self._glossed: dict[int, _Terms] = {}
        self._views: dict[int, _View] = {}
        self._round: dict[int, frozenset[str]] = {}

    def weighed(self, i: int) -> Mapping[str, float]:
        """The words of article `i` with their weights, of unit length."""
        known = self._weighed.get(i)
        if known is None:
            if len(self._weighed) >= _REMEMBERED:
                self._weighed.clear()
            known = self._weighed[i] = _unit(
                {
                    term: (1 + math.log(occurrences(code))) * self._own[term] * (_NAME if code & IN_NAME else 1.0)
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
            weights = {term: (1 + math.log(occurrences(code))) * self._neutral[term] for term, code in terms.items()}
            lead = {term: self._neutral[term] for term, code in terms.items() if code & IN_LEAD}
            known = self._glossed[i] = _unit(weights), _unit(lead)
        return known

    def _view(self, i: int) -> "_View":
        """The beginning of article `i`, by what its words do there."""
        known = self._views.get(i)
        if known is None:
            if len(self._views) >= _REMEMBERED:
                self._views.clear()
            known = self._views[i] = _view(self.sketches[i].words, self.weighed(i))
        return known

    def _rounded(self, i: int) -> frozenset[str]:
        """The figures of article `i` as written, and rounded to three and to two digits."""
        known = self._round.get(i)
        if known is None:
            if len(self._round) >= _REMEMBERED:
                self._round.clear()
            figures = self.sketches[i].figures
            known = self._round[i] = figures.union(*({_round(figure, digits) for figure in figures} for digits in (2, 3)))
        return known

    def _differing(self, i: int, j: int) -> tuple[float, float, float]:
        """How far two reports in one language differ where they tell one event: strange names, new words, twin titles."""
        a, b = self._view(i), self._view(j)
        words, other_words = self.sketches[i].words, self.sketches[j].words
        names = min(_lacking(a.names, other_words), _lacking(b.names, words))
        new = min(_lacking(a.title, other_words), _lacking(b.title, words))
        titled = min(_lacking(a.title_names, other_words), _lacking(b.title_names, words))
        return names, new, titled * _dot(a.title_rest, b.title_rest) if titled else 0.0

    def possible(self, i: int, j: int) -> bool:
        """Whether a pair may reach `JOIN`: not where words and meaning are further apart than anything else makes up for."""
        one = self.sketches[i].lang == self.sketches[j].lang
        weights = ONE_LANGUAGE if one else TWO_LANGUAGES
        if weights.likeness(*self._likeness(i, j)) + _most_beside(weights) >= JOIN:
            return True
        return contained(self.sketches[i].shingles, self.sketches[j].shingles) >= COPIED_SHARE

    def _likeness(self, i: int, j: int) -> tuple[float, float, float, float]:
        """How far meaning, words of one language, words of two, and the leads agree."""
        if self.sketches[i].lang == self.sketches[j].lang:
            cosine = 1 - (1 - float(self.vectors[i] @ self.vectors[j])) * self._stretch
            return cosine, _dot(self.weighed(i), self.weighed(j)), 0.0, _dot(self._view(i).lead, self._view(j).lead)
        (whole, first), (other_whole, other_first) = self.glossed(i), self.glossed(j)
        return 0.0, 0.0, _dot(whole, other_whole), _dot(first, other_first)

    def score(self, i: int, j: int) -> float:
        """How likely articles `i` and `j` report one event; `JOIN` and above: they do."""
        one = self.sketches[i].lang == self.sketches[j].lang
        return self.reasons(i, j).score(ONE_LANGUAGE if one else TWO_LANGUAGES)

    def reasons(self, i: int, j: int) -> Reasons:
        """What the score of a pair is made of."""
        a, b = self.sketches[i], self.sketches[j]
        one = a.lang == b.lang
        shared, unshared = _figures(a.figures, b.figures, self._rounded(i), self._rounded(j))
        near, far = _days(a.days, b.days)
        return Reasons(
            *self._likeness(i, j), shared, near, unshared, far,
            self._contrasts.other_thing(a, b), self._contrasts.other_company(a, b), contained(a.shingles, b.shingles),
            *(self._differing(i, j) if one else (0.0, 0.0, 0.0)),
        )  # fmt: skip


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


def _view(words: Mapping[str, int], weights: Mapping[str, float]) -> _View:
    lead = {term: weight for term, weight in weights.items() if words[term] & IN_LEAD}
    title = {term: weight for term, weight in weights.items() if words[term] & IN_TITLE}
    names = {term: weight for term, weight in lead.items() if _names(term, words[term])}
    title_names = {term: weight for term, weight in title.items() if _names(term, words[term])}
    rest = {term: weight for term, weight in title.items() if term not in title_names}
    return _View(_unit(lead), names, title, title_names, _unit(rest))


def _names(term: str, code: int) -> bool:
    """Whether a term is one that tells an event from others told in the same words: a name or a number."""
    return bool(code & IN_NAME) or any(char.isdigit() for char in term)


def _lacking(terms: Mapping[str, float], words: Mapping[str, int]) -> float:
    """The share of the weight of `terms` that those have which are not among `words`."""
    whole = sum(terms.values())
    return sum(weight for term, weight in terms.items() if term not in words) / whole if whole else 0.0


def _unit(terms: dict[str, float]) -> dict[str, float]:
    norm = math.sqrt(sum(weight * weight for weight in terms.values())) or 1.0
    return {term: weight / norm for term, weight in terms.items()}


def _dot(a: Mapping[str, float], b: Mapping[str, float]) -> float:
    if len(a) > len(b):
        a, b = b, a
    return sum(weight * b[term] for term, weight in a.items() if term in b)


def _round(figure: str, digits: int) -> str:
    return f"{float(figure.rstrip('%')):.{digits}g}{figure[-1:] if figure.endswith('%') else ''}"


def _figures(a: frozenset[str], b: frozenset[str], a_rounded: frozenset[str], b_rounded: frozenset[str]) -> tuple[float, float]:
    """How much two texts' figures agree, one perhaps rounded, and how much they do not."""
    fewest = min(len(a), len(b))
    if not fewest:
        return 0.0, 0.0
    shared = min(fewest, max(len(a & b_rounded), len(b & a_rounded)))
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
