"""What speaks for and against an ambiguous name: a score, from which comes the confidence.

A name begins with how it stands in general (mostly meant, or mostly something else). Then counts what is near: words that go
with the entity or with the other meaning, relatives, words of the field, grammar (people have first names, companies announce,
common nouns have articles). A text means one thing by one name (Gale, Church and Yarowsky 1992), so what is clear in one place
helps elsewhere. Scores are logits: 0 is even odds. The weights are set by hand, by ``bench/entities.py``.
"""

import bisect
import math
import re
import tomllib
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import ahocorasick

from index.errors import CatalogueError
from index.knowledge.entities import Catalogue, Entity
from index.knowledge.names import AMBIGUOUS, CODENAME, MISPRINT, SHORT, USUAL, Name, is_han, is_word
from index.text.fold import fold

CUES = Path(__file__).parent / "field" / "cues.toml"
_CUE_LISTS = ("field", "other", "after_company", "before_company", "after_product", "titles", "determiners")

_PRIOR = {USUAL: 0.0, AMBIGUOUS: -1.0, CODENAME: -1.1, MISPRINT: -2.0, SHORT: 1.6}
_LONGEST_SENTENCE, _LONGEST_NAME = 1000, 200
"""Characters: what is written without an end, or is a list of names, must not be looked at as a whole for each of them."""
_WINDOW = 160
"""Characters on either side, beyond the sentence, in which a word still says something: about two sentences."""
_NEAR, _NEAR_MORE, _FAR, _FAR_MORE = 1.7, 0.6, 0.9, 0.3
"""Context words: the first in the sentence, each further one; the first around it, each further one."""
_AGAINST, _AGAINST_MORE, _AGAINST_FAR = -2.2, -0.8, -0.9
_KIN_NEAR, _KIN_FAR = 1.5, 0.9
_FIELD_NEAR, _FIELD_MORE, _FIELD_FAR = 0.6, 0.2, 0.3
_OTHER_NEAR, _OTHER_MORE = -0.9, -0.4
_COMPANY_NEAR, _PRODUCT_NEAR = 0.5, 0.6
"""Another company, and another chip, in the sentence."""
_LISTED, _LISTED_PRODUCT = 1.6, 0.8
"""A company in an enumeration of companies, a chip in one of chips."""
_AFTER, _BEFORE, _HEAD = 0.9, 0.4, 1.6
"""What follows a company's name, stands before it, follows a product's name."""
_CAPITAL, _CAPITAL_USUAL, _OPENING = 0.4, 1.0, -0.2
"""A capital within a sentence, where a common noun would have none; at its beginning, where anything has one."""
_DETERMINER, _PERSON, _LOWER = -1.0, -1.6, -1.3
_COVERED = -3.0
"""A Chinese name inside a longer word of the lexicon, or across two of them."""
_DISCOURSE = 1.4
_CLEAR = 0.8
"""The score from which a name is clear enough to help others."""
_AT_MOST = 3
"""Further context words that count."""

_BREAK = re.compile(r"[。！？!?；;\n]|\.(?=\s)")
_ABBREVIATED = tuple(
    f"{before}{word}" for word in ("inc", "corp", "ltd", "co", "dr", "mr", "ms", "mrs", "vs", "st") for before in " ("
)
_CAPITALISED = re.compile(r"(?<![A-Za-z])[A-Z][a-z’'A-Z]*[a-z]$")
_CAPITALISED_AFTER = re.compile(r" ([A-Z][a-z]+)(?![A-Za-z0-9-])")
_SEPARATED = re.compile(r"\s*(?:[,、，/和与及或]|\band\b|\bor\b|&|, and )\s*")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A doubtful name at ``start`` to ``end`` of a text."""

    start: int
    end: int
    name: Name


@dataclass(frozen=True, slots=True)
class Cues:
    """General cues, folded; see ``field/cues.toml``."""

    field: tuple[str, ...]
    other: tuple[str, ...]
    after_company: tuple[str, ...]
    before_company: tuple[str, ...]
    after_product: tuple[str, ...]
    titles: tuple[str, ...]
    determiners: tuple[str, ...]


@cache
def load_cues(file: Path = CUES) -> Cues:
    """Read the file.

    Raises:
        CatalogueError: not TOML, or not these lists of non-empty strings.
    """
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{file.name}: {error}.") from error
    if set(content) != set(_CUE_LISTS):
        raise CatalogueError(f"{file.name} must have {', '.join(_CUE_LISTS)} and nothing else.")
    return Cues(**{key: _cues(content[key], f"{file.name}: {key}") for key in _CUE_LISTS})


def _cues(values: Any, where: str) -> tuple[str, ...]:
    if not isinstance(values, list) or not all(isinstance(value, str) and value.strip() for value in values):
        raise CatalogueError(f"{where} must be a list of non-empty strings.")
    if len(set(values)) < len(values):
        raise CatalogueError(f"{where} has an entry twice.")
    return tuple(fold(value) for value in values)


def confidence(score: float) -> float:
    """The confidence in 0..1 that a score means; .5 at 0."""
    return min(0.97, 1 / (1 + math.exp(-1.1 * score)))


class Judge:
    """Scores doubtful names. Built once for a catalogue, at the first text that has one; safe for threads."""

    def __init__(self, catalogue: Catalogue, words: Container[str] = ()) -> None:
        self._catalogue = catalogue
        self._words = words
        """Chinese words of the lexicon: one that overlaps a name speaks against it."""
        cues = load_cues()
        self._after_company, self._before_company, self._after_product, self._titles, self._determiners = map(
            _Affixes,
            (cues.after_company, cues.before_company, cues.after_product, cues.titles, cues.determiners),
        )
        self._context = {e.id: frozenset(map(fold, e.context)) for e in catalogue.by_id.values() if e.context}
        self._against = {e.id: frozenset(map(fold, e.against)) for e in catalogue.by_id.values() if e.against}
        self._field, self._other = frozenset(cues.field), frozenset(cues.other)
        self._names = frozenset(fold(surface) for e in catalogue.by_id.values() for surface in e.surfaces)
        self._automaton = ahocorasick.Automaton()
        for word in set().union(self._field, self._other, *self._context.values(), *self._against.values()):
            self._automaton.add_word(word, (word, len(word), word.isascii()))
        self._automaton.make_automaton()

    def scores(
        self, text: str, folded: str, candidates: Sequence[Candidate], sure: Sequence[tuple[int, int, str]], *, cased: bool
    ) -> list[float]:
        """The score of each candidate of a text. `sure` are the mentions beyond doubt: start, end, entity id; in order.

        With `cased` false, capitals say nothing: in a query.
        """
        scene = _Scene(text, folded, self._automaton, sure, candidates)
        scores = [self._score(scene, each, cased) for each in candidates]
        clear = {each for each, score in zip(candidates, scores, strict=True) if score >= _CLEAR}
        if not clear and not scene.sure_ids & {each.name.entity.id for each in candidates}:
            return scores
        # What is clear helps what is not: by company, and by meaning the same.
        scene.add(sorted((each.start, each.end, each.name.entity.id) for each in clear))
        again = [
            score if each in clear else self._score(scene, each, cased) for each, score in zip(candidates, scores, strict=True)
        ]
        return [
            score + (_DISCOURSE if each not in clear and each.name.entity.id in scene.sure_ids else 0)
            for each, score in zip(candidates, again, strict=True)
        ]

    def _score(self, scene: "_Scene", candidate: Candidate, cased: bool) -> float:
        name, entity = candidate.name, candidate.name.entity
        if name.standing == SHORT:
            return _PRIOR[SHORT] if self._in_family(entity, scene.sure_ids) else -5.0
        company = entity.kind in ("company", "organisation")
        low, high = scene.sentence(candidate)
        near, far = scene.words(candidate, low, high)
        score = _PRIOR[name.standing]
        context, against = self._context.get(entity.id, frozenset()), self._against.get(entity.id, frozenset())
        score += _graded(len(near & context), _NEAR, _NEAR_MORE) + _graded(len((far - near) & context), _FAR, _FAR_MORE)
        score += _graded(len(near & against), _AGAINST, _AGAINST_MORE) + (_AGAINST_FAR if (far - near) & against else 0)
        score += _graded(len(near & self._field), _FIELD_NEAR, _FIELD_MORE) or (_FIELD_FAR if far & self._field else 0)
        score += _graded(len(near & self._other - context), _OTHER_NEAR, _OTHER_MORE)
        score += self._kinship(scene, entity, low, high)
        kinds = {other.kind for each in scene.sure_in(low, high) if (other := self._catalogue.get(each)) is not None}
        score += _COMPANY_NEAR if "company" in kinds else 0
        # A1000 beside A100 says nothing: numbers are alike; only relatives count for them.
        numbered = not company and any(char.isdigit() for char in name.surface)
        score += _PRODUCT_NEAR if kinds & {"chip", "system"} and not numbered else 0
        if company:
            score += self._company_grammar(scene, candidate)
        elif not numbered:
            score += self._product_grammar(scene, candidate)
        if is_han(scene.folded[candidate.start]):
            score += self._covered(scene.folded, candidate)
        elif cased:
            score += self._latin_grammar(scene, candidate, company)
        return score

    def _in_family(self, entity: Entity, named: Iterable[str]) -> bool:
        for each in named:
            other = self._catalogue.get(each)
            if other is not None and (each == entity.id or (entity.parent and entity.parent in (each, other.parent))):
                return True
        return False

    def _kinship(self, scene: "_Scene", entity: Entity, low: int, high: int) -> float:
        kin = {each for each in scene.sure_ids if self._kin(entity, each)}
        if not kin:
            return 0
        return _KIN_FAR if kin.isdisjoint(scene.sure_in(low, high)) else _KIN_NEAR

    def _kin(self, entity: Entity, other_id: str) -> bool:
        other = self._catalogue.get(other_id)
        if other is None or other_id == entity.id:
            return False
        kin = {entity.maker, entity.parent, entity.codename_of, entity.successor} - {None}
        return (
            other_id in kin
            or entity.id in (other.maker, other.parent)
            or (entity.maker is not None and other.maker == entity.maker)
        )

    def _company_grammar(self, scene: "_Scene", candidate: Candidate) -> float:
        score = 0.0
        if self._after_company.begins(scene.folded, candidate.end):
            score += _AFTER
        if self._before_company.ends(scene.folded, candidate.start):
            score += _BEFORE
        if scene.listed(candidate, self._catalogue, {"company"}):
            score += _LISTED
        return score

    def _product_grammar(self, scene: "_Scene", candidate: Candidate) -> float:
        score = _HEAD if self._after_product.begins(scene.folded, candidate.end) else 0.0
        return score + (_LISTED_PRODUCT if scene.listed(candidate, self._catalogue, {"chip", "system"}) else 0)

    def _latin_grammar(self, scene: "_Scene", candidate: Candidate, company: bool) -> float:
        text, start, end = scene.text, candidate.start, candidate.end
        score = 0.0
        if text[start:end].islower() and not candidate.name.surface.islower():
            score += _LOWER
        if self._titles.ends(scene.folded, start):
            score += _PERSON
        usual = candidate.name.standing == USUAL
        determined = company and self._determiners.ends(scene.folded, start)
        headline = scene.headline(candidate)
        before = _CAPITALISED.search(text, max(0, start - 24), start - 1) if text[start - 1 : start] == " " else None
        foreign = (
            before is not None
            and not headline
            and not scene.opens_sentence(before.start())
            and not scene.known(before.start(), before.end(), self._names)
        )
        if determined or (company and foreign and before and self._determiners.ends(scene.folded, before.start())):
            return score + _DETERMINER
        if scene.opens_sentence(start):
            score += _OPENING
        elif text[start : start + 1].isupper() and not headline and text[start:end].replace(" ", "").isalpha():
            score += _CAPITAL_USUAL if usual else _CAPITAL
        if company and usual:
            return score
        if foreign:
            score += _PERSON
        after = None if headline else _CAPITALISED_AFTER.match(text, end)
        if after and not scene.known(after.start(1), after.end(1), self._names):
            score += _PERSON
        return score

    def _covered(self, folded: str, candidate: Candidate) -> float:
        return _COVERED if inside_word(folded, candidate.start, candidate.end, self._words) else 0


def inside_word(folded: str, start: int, end: int, words: Container[str]) -> bool:
    """Whether the Chinese name at `start` to `end` is part of a longer word of `words`: 高通 in 高通胀."""
    for first in range(max(0, start - 3), start + 1):
        for last in range(end, min(len(folded), end + 3, first + 6) + 1):
            longer = folded[first:last]
            if (first < start or last > end) and longer in words and not longer.endswith("公司"):
                return True
    return False


def across_words(folded: str, start: int, end: int, words: Container[str]) -> bool:
    """Whether the Chinese name at `start` to `end` is made of the halves of two words: 龙芯 in 骁龙芯片."""
    left = any(folded[first:last] in words for first in range(max(0, start - 2), start) for last in range(start + 1, end))
    return left and any(
        folded[first:last] in words for last in range(end + 1, min(len(folded), end + 2) + 1) for first in range(start + 1, end)
    )


def _graded(count: int, first: float, more: float) -> float:
    return 0.0 if not count else first + more * min(count - 1, _AT_MOST)


class _Affixes:
    """Strings that a text has at, or up to, a place."""

    def __init__(self, affixes: Iterable[str]) -> None:
        self._affixes = tuple(affixes)

    def begins(self, folded: str, at: int) -> bool:
        return folded.startswith(self._affixes, at)

    def ends(self, folded: str, at: int) -> bool:
        return folded.endswith(self._affixes, max(0, at - 16), at) and (
            at < 2 or any(folded.endswith(each, 0, at) and not _inside(folded, at - len(each)) for each in self._affixes)
        )


def _abbreviation(folded: str, stop: int) -> bool:
    """Whether the full stop at `stop` ends an abbreviation: Inc., U.S."""
    return folded.endswith(_ABBREVIATED, max(0, stop - 6), stop) or folded[stop - 2 : stop - 1] == "."


def _inside(folded: str, at: int) -> bool:
    return at > 0 and is_word(folded[at]) and is_word(folded[at - 1])


@dataclass
class _Scene:
    """A text with its words of interest, sentences and sure mentions."""

    text: str
    folded: str
    automaton: Any
    sure: Sequence[tuple[int, int, str]]
    candidates: Sequence[Candidate]
    sure_ids: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self.sure_ids = frozenset(each[2] for each in self.sure)

    def add(self, clear: Sequence[tuple[int, int, str]]) -> None:
        """Take further mentions as sure."""
        self.sure = sorted([*self.sure, *clear])
        self.sure_ids = frozenset(each[2] for each in self.sure)

    @cached_property
    def _hits(self) -> list[tuple[int, int, str]]:
        text, found = self.folded, []
        for last, (word, length, latin) in self.automaton.iter(text):
            start, end = last + 1 - length, last + 1
            if latin and (_inside(text, start) or (end < len(text) and is_word(text[last]) and is_word(text[end]))):
                continue
            found.append((start, end, word))
        found.sort()
        return found

    @cached_property
    def _starts(self) -> list[int]:
        return [hit[0] for hit in self._hits]

    @cached_property
    def _breaks(self) -> list[int]:
        text = self.folded
        return [
            match.end()
            for match in _BREAK.finditer(text)
            if text[match.start()] != "." or not _abbreviation(text, match.start())
        ]

    def sentence(self, candidate: Candidate) -> tuple[int, int]:
        """Where the sentence around a name begins and ends; of one without an end, what is near."""
        at = bisect.bisect_right(self._breaks, candidate.start)
        low, high = self._breaks[at - 1] if at else 0, self._breaks[at] if at < len(self._breaks) else len(self.folded)
        return max(low, candidate.start - _LONGEST_SENTENCE), min(high, candidate.end + _LONGEST_SENTENCE)

    def words(self, candidate: Candidate, low: int, high: int) -> tuple[set[str], set[str]]:
        """The words of interest in the sentence, and in all that is near; without those that overlap the name."""
        near: set[str] = set()
        far: set[str] = set()
        first = bisect.bisect_left(self._starts, min(low, candidate.start - _WINDOW))
        last = bisect.bisect_left(self._starts, max(high, candidate.end + _WINDOW))
        for start, end, word in self._hits[first:last]:
            if start < candidate.end and candidate.start < end:
                continue
            far.add(word)
            if low <= start < high:
                near.add(word)
        return near, far

    def sure_in(self, low: int, high: int) -> list[str]:
        first, last = bisect.bisect_left(self._sure_starts, low), bisect.bisect_left(self._sure_starts, high)
        return [entity for _, _, entity in self.sure[first:last]]

    @cached_property
    def _sure_starts(self) -> list[int]:
        return [start for start, _, _ in self.sure]

    @cached_property
    def _named(self) -> list[tuple[int, int]]:
        """Where any name stands, sure or doubtful, in order."""
        return sorted({(start, end) for start, end, _ in self.sure} | {(each.start, each.end) for each in self.candidates})

    def listed(self, candidate: Candidate, catalogue: Catalogue, kinds: Container[str]) -> bool:
        """Whether the name stands beside a sure one of `kinds`, with nothing between but what separates items."""
        first = bisect.bisect_left(self._sure_starts, candidate.start - _LONGEST_NAME)
        last = bisect.bisect_right(self._sure_starts, candidate.end + 6)
        for start, end, entity in self.sure[first:last]:
            if end <= candidate.start and candidate.start - end <= 6:
                between = self.folded[end : candidate.start]
            elif start >= candidate.end and start - candidate.end <= 6:
                between = self.folded[candidate.end : start]
            else:
                continue
            other = catalogue.get(entity)
            if other is not None and other.kind in kinds and _SEPARATED.fullmatch(between):
                return True
        return False

    def opens_sentence(self, start: int) -> bool:
        before = self.text[max(0, start - _LONGEST_NAME) : start].rstrip(" \"'“”‘’(")
        return not before or before[-1] in ".!?:;\n。！？"

    def headline(self, candidate: Candidate) -> bool:
        """Whether the sentence capitalises most of its words, so that capitals say nothing."""
        low, high = self.sentence(candidate)
        words = [word for word in re.findall(r"[A-Za-z][A-Za-z'’-]*", self.text[low:high]) if len(word) > 3]
        return len(words) >= 4 and sum(word[0].isupper() for word in words) > 0.7 * len(words)

    def known(self, start: int, end: int, names: frozenset[str]) -> bool:
        """Whether the word there is part of a sure or doubtful name, or a word of interest: then it is no first name."""
        low, high = bisect.bisect_left(self._named, (start - _LONGEST_NAME, 0)), bisect.bisect_left(self._named, (end, 0))
        if any(first < end and start < last for first, last in self._named[low:high]):
            return True
        word = self.folded[start:end]
        at = bisect.bisect_left(self._starts, start)
        return word in names or any(hit[0] == start for hit in self._hits[at : at + 3])
