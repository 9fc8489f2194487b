"""Snippets: the best sentences of a passage with the matched words marked, in either language."""

import html
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import ahocorasick

from index.knowledge.gloss import Glosser
from index.retrieval.units import Unit
from index.text.days import days_folded
from index.text.fold import fold
from index.text.quantities import Quantity, quantities_folded
from index.text.sentences import Span, sentences
from index.text.tokens import WORD, has_han, term_of

LENGTH = 240
"""Characters of an English snippet; a Chinese one has half as many, which take the same space and time to read."""


@dataclass(frozen=True, slots=True)
class Snippet:
    """Plain text with the offsets of matched words; ``matched`` are those words as written, without repeats."""

    text: str
    marks: tuple[Span, ...]
    matched: tuple[str, ...]

    def marked(self, before: str = "<mark>", after: str = "</mark>") -> str:
        """HTML: the text escaped, with `before` and `after` around every mark."""
        return self._join(before, after, html.escape)

    def plain(self, before: str = "", after: str = "") -> str:
        """The text as it is, with `before` and `after` around every mark."""
        return self._join(before, after, str)

    def _join(self, before: str, after: str, escape: Callable[[str], str]) -> str:
        parts: list[str] = []
        position = 0
        for mark in self.marks:
            parts.append(escape(self.text[position : mark.start]))
            parts.append(before + escape(self.text[mark.start : mark.end]) + after)
            position = mark.end
        parts.append(escape(self.text[position:]))
        return "".join(parts)


@dataclass(frozen=True, slots=True)
class Marked:
    """A span that satisfies unit number ``unit``: as the ``entity`` named, by a ``sense`` in the other language, or as is."""

    span: Span
    unit: int
    entity: str | None = None
    sense: str | None = None


class ReadText:
    """A text with what is looked for in it, each worked out once, when it is first needed: many queries ask the same of it."""

    def __init__(self, text: str) -> None:
        self.text = text

    @classmethod
    def of(cls, text: "str | ReadText") -> "ReadText":
        return text if isinstance(text, ReadText) else cls(text)

    @cached_property
    def folded(self) -> str:
        return fold(self.text)

    @cached_property
    def han(self) -> bool:
        """Whether it has any Chinese."""
        return has_han(self.folded)

    @cached_property
    def words(self) -> Mapping[str, Sequence[Span]]:
        """Where each term that is not Chinese stands."""
        found: dict[str, list[Span]] = {}
        for match in WORD.finditer(self.folded):
            found.setdefault(term_of(match.group()), []).append(Span(*match.span()))
        return found

    @cached_property
    def quantities(self) -> Sequence[Quantity]:
        """Amounts, and days."""
        return (*days_folded(self.folded), *quantities_folded(self.folded))

    @cached_property
    def sentences(self) -> Sequence[Span]:
        return sentences(self.text)


Named = tuple[int, int, str]
"""Characters start to end of a text name the entity with this id."""


class Matcher:
    """Finds where texts satisfy the units of one query; one for all the texts of an answer.

    Chinese words are looked for wherever they stand, without cutting the text into words: those asked for, and those
    that the lexicon gives for an English word asked for.
    """

    def __init__(self, units: Sequence[Unit], glosser: Glosser) -> None:
        self._words: dict[str, tuple[int, str | None]] = {}
        self._entities: dict[str, int] = {}
        self._quantities: dict[str, int] = {}
        han: dict[str, tuple[int, str | None]] = {}
        for number, unit in enumerate(units):
            for term in unit.terms:
                (han if has_han(term) else self._words).setdefault(term, (number, None))
            for entity in (*unit.entities, *unit.family):
                self._entities.setdefault(entity, number)
            for term in unit.quantities:
                self._quantities.setdefault(term, number)
        for number, unit in enumerate(units):
            for gloss in unit.glosses:
                self._words.setdefault(gloss, (number, gloss))
                for word, english in glosser.chinese_for(gloss):
                    han.setdefault(word, (number, english))
        self._han = ahocorasick.Automaton()
        for word, satisfied in han.items():
            self._han.add_word(word, (len(word), *satisfied))
        if han:
            self._han.make_automaton()

    def find(self, text: "str | ReadText", named: Sequence[Named] = ()) -> list[Marked]:
        """What satisfies units, in order, never overlapping; `named` are the entities that the text names."""
        text = ReadText.of(text)
        found = [
            Marked(Span(start, end), self._entities[entity], entity=entity)
            for start, end, entity in named
            if entity in self._entities
        ]
        if self._quantities:
            for quantity in text.quantities:
                number = next((self._quantities[term] for term in quantity.terms if term in self._quantities), None)
                if number is not None:
                    found.append(Marked(Span(quantity.start, quantity.end), number))
        if len(self._han) and text.han:
            for last, (length, number, sense) in self._han.iter(text.folded):
                found.append(Marked(Span(last + 1 - length, last + 1), number, sense=sense))
        for term in self._words.keys() & text.words.keys() if self._words else ():
            number, sense = self._words[term]
            found += [Marked(span, number, sense=sense) for span in text.words[term]]
        found.sort(key=lambda each: (each.span.start, -each.span.end, each.entity is None))
        kept: list[Marked] = []
        for each in found:
            if not kept or each.span.start >= kept[-1].span.end:
                kept.append(each)
        return kept


def make_snippet(given: str | ReadText, found: Sequence[Marked], *, chinese: bool) -> Snippet:
    """The run of sentences of a text that satisfies most units (`found` by a `Matcher`) in about `LENGTH` characters.

    Longer sentences are cut at a word or character, with an ellipsis.
    """
    text = given.text if isinstance(given, ReadText) else given
    room = LENGTH // 2 if chinese else LENGTH
    if len(text) <= room and "\n" not in text and text.strip() == text:  # a title: nothing to choose from
        marks = tuple(each.span for each in found)
        return Snippet(text, marks, tuple(dict.fromkeys(text[span.start : span.end] for span in marks)))
    spans = ReadText.of(given).sentences
    if not spans:
        return Snippet("", (), ())
    first = _best_start(spans, found, room)
    end = spans[first].end
    for span in spans[first + 1 :]:
        if span.end - spans[first].start > room:
            break
        end = span.end
    start = spans[first].start
    inside = [each.span for each in found if start <= each.span.start and each.span.end <= end]
    head, tail = "", ""
    if end - start > room:
        anchor = inside[0].start if inside else start
        if anchor - start > room * 2 // 3:
            start = _word_start(text, anchor - room // 3)
            head = "… "
        if end - start > room:
            end = _word_end(text, start + room)
            tail = " …"
    inside = [span for span in inside if start <= span.start and span.end <= end]
    shift = len(head) - start
    body = head + text[start:end].replace("\n", " ") + tail
    return Snippet(
        body,
        tuple(Span(span.start + shift, span.end + shift) for span in inside),
        tuple(dict.fromkeys(text[span.start : span.end] for span in inside)),
    )


def _best_start(spans: Sequence[Span], found: Sequence[Marked], room: int) -> int:
    """The sentence that a snippet begins with best; `found` are in order and do not overlap."""
    starts = [each.span.start for each in found]
    best, best_score = 0, -1.0
    # A sentence that has nothing of it is none to begin with.
    holding = {bisect_right(spans, start, key=lambda span: span.start) - 1 for start in starts}
    for i in sorted(each for each in holding if each >= 0):
        span = spans[i]
        end = span.start + max(room, span.end - span.start)
        inside, own = [], []
        for each in found[bisect_left(starts, span.start) :]:
            if each.span.start >= end:
                break
            if each.span.end <= end:
                inside.append(each.unit)
            if each.span.end <= span.end:
                own.append(each.unit)
        score = len(set(inside)) + 0.5 * len(set(own)) + 0.05 * min(len(inside), 8)
        if own and score > best_score:
            best, best_score = i, score
    return best


def _word_start(text: str, position: int) -> int:
    position = max(position, 0)
    while position > 0 and text[position].isascii() and text[position].isalnum() and text[position - 1].isalnum():
        position -= 1
    return position


def _word_end(text: str, position: int) -> int:
    while (
        position > 0
        and position < len(text)
        and text[position].isascii()
        and text[position - 1].isalnum()
        and (text[position].isalnum())
    ):
        position -= 1
    while position > 0 and text[position - 1].isspace():
        position -= 1
    return position
