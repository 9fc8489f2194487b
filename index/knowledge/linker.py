"""Linking: which entities a text names, where, and how sure that is.

Names are found with one Aho–Corasick pass over the folded text (Aho and Corasick 1975), longest match first. Chip
identifiers are exact by construction: a name ends where its letters and digits end, so ``H100`` is not in ``H1000``
and ``910`` not in ``910B``. Names that also mean something else are judged by what is around them (`evidence`).
"""

import bisect
import hashlib
import itertools
import re
from collections import OrderedDict
from collections.abc import Collection, Container, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import ahocorasick

from index.knowledge.entities import Catalogue
from index.knowledge.evidence import CUES, Candidate, Judge, across_words, confidence
from index.knowledge.names import MISPRINT, Name, flattened, is_han, is_word, named
from index.knowledge.names import SURE as _SURE
from index.text.fold import fold, fold_width_and_script
from index.text.tokens import HAN

SURE, GUESS = 0.98, 0.5
"""Confidence of an unambiguous name; of an ambiguous one without evidence (only asked for in queries)."""
ACCEPTED, UNSURE_FROM, UNSURE_TO = 0.5, 0.3, 0.62
"""An ambiguous name counts from the first confidence on; between the others a person should look at it."""
_MISPRINT_AT_MOST = 0.7

_REMEMBERED = 2048
_RECIPE = 3
"""Raise it where the same data would be linked in another way."""


_Span = tuple[int, int, list[Name]]
"""Start, end, and the names that may stand there; none where a longer expression hides them."""


@dataclass(frozen=True, slots=True)
class Mention:
    """An entity named at characters ``start`` to ``end``; ``surface`` is the text there as written."""

    id: str
    surface: str
    start: int
    end: int
    confidence: float


class Linker:
    """Finds the names of a catalogue in text. Building takes some tens of milliseconds; finding is linear in the text.

    Args:
        words: Chinese words (the lexicon); one that overlaps a short Chinese name speaks against it.
    """

    def __init__(self, catalogue: Catalogue, words: Container[str] = ()) -> None:
        self._catalogue = catalogue
        self._words = words
        self.version = f"{_RECIPE}.{catalogue.version}.{hashlib.sha256(CUES.read_bytes()).hexdigest()[:8]}"
        """Of everything that decides what is linked."""
        self._names, self._hidden = named(catalogue)
        self._readings: OrderedDict[tuple[str, bool], list[Mention]] = OrderedDict()
        self._automaton = ahocorasick.Automaton()
        for spelling in (*self._names, *self._hidden):
            self._automaton.add_word(spelling, spelling)
        if self._names:
            self._automaton.make_automaton()

    @cached_property
    def _judge(self) -> Judge:
        return Judge(self._catalogue, self._words)

    @property
    def spellings(self) -> Collection[str]:
        """Every folded spelling, with spaces for hyphens."""
        return self._names.keys()

    @property
    def han_names(self) -> Iterable[str]:
        """Chinese spellings, for the segmenter's user dictionary."""
        only_han = re.compile(f"[{HAN}]+")
        return (spelling for spelling in self._names if only_han.fullmatch(spelling))

    def find(self, text: str, *, guess: bool = False, remember: bool = True) -> list[Mention]:
        """Mentions in order, never overlapping. The last texts read are remembered, because hits recur.

        With `guess` capitals do not count, and an ambiguous name without evidence is returned too, at confidence `GUESS`:
        right for a query, where the field is the context, and wrong for an article. Without `remember` the text is not kept:
        for articles that stream through once.
        """
        if not remember:
            return self._find(text, guess)
        known = self._readings.get((text, guess))
        if known is None:
            known = self._readings[text, guess] = self._find(text, guess)
            if len(self._readings) > _REMEMBERED:
                self._readings.popitem(last=False)
        return known

    def _find(self, text: str, guess: bool) -> list[Mention]:
        if guess:
            return [
                mention
                if mention.confidence >= ACCEPTED
                else Mention(mention.id, mention.surface, mention.start, mention.end, GUESS)
                for mention in self.weigh(text, cased=False)
            ]
        return [mention for mention in self.weigh(text) if mention.confidence >= ACCEPTED]

    def weigh(self, text: str, *, cased: bool = True) -> list[Mention]:
        """Every name in `text` that is not plainly part of another word, with its confidence, however low; the likeliest entity
        of each. With `cased` false, capitals do not count."""
        if not self._names:
            return []
        folded = fold(text)
        spans = self._spans(text, folded, cased)
        if not spans:
            return []
        sure: list[tuple[int, int, str]] = []
        doubtful: list[Candidate] = []
        for start, end, names in spans:
            certain = next((name for name in names if name.standing == _SURE), None)
            if certain is not None:
                sure.append((start, end, certain.entity.id))
            else:
                doubtful += [Candidate(start, end, name) for name in names]
        mentions = [Mention(entity, text[start:end], start, end, SURE) for start, end, entity in sure]
        if doubtful:
            scores = self._judge.scores(text, folded, doubtful, sure, cased=cased)
            mentions += _likeliest(text, doubtful, scores)
            mentions.sort(key=lambda mention: mention.start)
        return mentions

    def _spans(self, text: str, folded: str, cased: bool) -> list[_Span]:
        """Where names stand, longest first, never overlapping; with those names that are written so."""
        found: list[_Span] = []
        flat = flattened(folded)
        as_written: str | None = None
        for last, spelling in self._automaton.iter(flat):
            end = last + 1
            start = end - len(spelling)
            if not _bounded(folded, start, end):
                continue
            names = self._names.get(spelling, ())
            if names:
                if any(name.cased or name.written for name in names):
                    if as_written is None:
                        as_written = fold_width_and_script(text)
                    names = [name for name in names if _written_so(name, text, as_written, start, end, cased)]
                    if not names:
                        continue
                    told = {name.entity.id for name in names if name.written}
                    names = [name for name in names if name.written or name.entity.id not in told]
                if end - start == 2 and is_han(folded[start]) and across_words(folded, start, end, self._words):
                    names = []
            found.append((start, end, list(names)))
        found.sort(key=lambda span: (span[0], -span[1]))
        kept: list[_Span] = []
        reached = 0
        hiding = [span for span in found if not span[2] and flat[span[0] : span[1]] in self._hidden]
        for number, span in enumerate(found):
            if hiding and span[2] and _ends_inside(span, hiding):
                continue
            if span[0] >= reached:
                span = _before_longer(found, number) or span
                reached = span[1]
                if span[2]:
                    kept.append(span)
        return kept


def _before_longer(found: Sequence[_Span], number: int) -> _Span | None:
    """The shorter name at the same place that a name follows which reaches beyond: of 寒武纪思元590 with the names 寒武纪,
    寒武纪思元 and 思元590, the first. Only where the long name is the short one with another name of its own (思元), or its
    maker's before a product of this family (华为Atlas, Atlas 900): 三星4nm工艺 stays what 三星4nm is.

    `found` is in order of places, longest first."""
    start, end, names = found[number]
    inside = list(itertools.takewhile(lambda span: span[0] < end, found[number + 1 :]))
    longer = [span for span in inside if span[1] > end and span[2]]
    if not longer:
        return None
    own = {name.entity.id: name.entity for name in names}
    rest = {span[0] for span in inside if span[1] == end and any(name.entity.id in own for name in span[2])}
    for shorter in inside:
        if shorter[0] != start or not shorter[2]:
            continue
        made = {id for id, entity in own.items() if entity.maker in {name.entity.id for name in shorter[2]}}
        for later in longer:
            near = later[0] - shorter[1] in (0, 1)
            if near and (later[0] in rest or any({name.entity.id, name.entity.parent} & made for name in later[2])):
                return shorter
    return None


def _ends_inside(span: _Span, hiding: Sequence[_Span]) -> bool:
    """Whether the name ends in the middle of what hides a shorter one: 美国高通 in 美国高通胀."""
    first = bisect.bisect_right(hiding, span[0], key=lambda other: other[0])
    last = bisect.bisect_left(hiding, span[1], key=lambda other: other[0])
    return any(other[1] > span[1] for other in hiding[first:last])


def _written_so(name: Name, text: str, as_written: str, start: int, end: int, cased: bool) -> bool:
    if name.written is not None:
        return text[start:end] == name.written and (cased or not name.written.isascii())
    if name.cased is None or (not cased and name.standing != MISPRINT):
        return True
    return flattened(as_written[start:end]) == flattened(name.cased) or _unspaced(as_written[start:end]) == _unspaced(
        name.cased
    )


def _unspaced(text: str) -> str:
    return text.replace(" ", "").replace("-", "")


def _likeliest(text: str, candidates: Sequence[Candidate], scores: Sequence[float]) -> Iterable[Mention]:
    """For each place the entity with the best score; less sure where another one is nearly as likely."""
    by_place: dict[tuple[int, int], list[tuple[float, Name]]] = {}
    for candidate, score in zip(candidates, scores, strict=True):
        by_place.setdefault((candidate.start, candidate.end), []).append((score, candidate.name))
    for (start, end), rivals in by_place.items():
        rivals.sort(key=lambda pair: -pair[0])
        score, name = rivals[0]
        sure = confidence(score)
        if len(rivals) > 1 and rivals[1][0] > 0 and score - rivals[1][0] < 0.5 and rivals[1][1].entity is not name.entity:
            sure = min(sure, 0.55)
        if name.standing == MISPRINT:
            sure = min(sure, _MISPRINT_AT_MOST)
        yield Mention(name.entity.id, text[start:end], start, end, round(sure, 3))


def _bounded(folded: str, start: int, end: int) -> bool:
    """A name that begins or ends with a letter or digit must not go on in the text; a plural s is allowed."""
    if start > 0 and is_word(folded[start - 1]) and is_word(folded[start]):
        return False
    final = folded[end - 1]
    if end >= len(folded) or not is_word(final) or not is_word(folded[end]):
        # "HBM3.5" is not HBM3; "HBM3. The" is.
        return not (final.isdigit() and folded[end : end + 1] == "." and folded[end + 1 : end + 2].isdigit())
    plural = folded[end] == "s" and (end + 1 >= len(folded) or not is_word(folded[end + 1]))
    return plural and final != "s"
