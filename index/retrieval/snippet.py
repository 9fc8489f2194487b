"""Snippets: the best sentences of a passage with the matched words marked, in either language."""

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from index.knowledge.gloss import Glosser, Word
from index.knowledge.linker import Linker
from index.retrieval.query import Unit
from index.text.quantities import quantities
from index.text.sentences import Span, sentences

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


class Matcher:
    """Finds where texts satisfy the units of one query; one for all the texts of an answer."""

    def __init__(self, units: Sequence[Unit], glosser: Glosser, linker: Linker) -> None:
        self._glosser = glosser
        self._linker = linker
        self._glosses: dict[str, int] = {}
        self._entities: dict[str, int] = {}
        self._quantities: dict[str, int] = {}
        # The number of the unit that a term satisfies and the sense by which it does, None for none: filled as met.
        self._known: dict[str, tuple[int, str | None] | None] = {}
        for number, unit in enumerate(units):
            for term in unit.terms:
                self._known.setdefault(term, (number, None))
            for gloss in unit.glosses:
                self._glosses.setdefault(gloss, number)
            for entity in unit.entities:
                self._entities.setdefault(entity, number)
            for term in unit.quantities:
                self._quantities.setdefault(term, number)

    def find(self, text: str) -> list[Marked]:
        """What satisfies units, in order, never overlapping."""
        found: list[Marked] = []
        if self._entities:
            for mention in self._linker.find(text):
                if mention.id in self._entities:
                    found.append(Marked(Span(mention.start, mention.end), self._entities[mention.id], entity=mention.id))
        if self._quantities:
            for quantity in quantities(text):
                number = next((self._quantities[term] for term in quantity.terms if term in self._quantities), None)
                if number is not None:
                    found.append(Marked(Span(quantity.start, quantity.end), number))
        known = self._known
        for word in self._glosser.words(text):
            token = word.token
            if token.term not in known:
                known[token.term] = self._by_gloss(word)
            satisfied = known[token.term]
            if satisfied is not None:
                found.append(Marked(Span(token.start, token.end), satisfied[0], sense=satisfied[1]))
        found.sort(key=lambda each: (each.span.start, -each.span.end))
        kept: list[Marked] = []
        for each in found:
            if not kept or each.span.start >= kept[-1].span.end:
                kept.append(each)
        return kept

    def _by_gloss(self, word: Word) -> tuple[int, str | None] | None:
        senses = word.glosses if word.token.han else (word.token.term,)
        for sense in senses:
            if sense in self._glosses:
                return self._glosses[sense], (word.english or sense) if word.token.han else sense
        return None


def make_snippet(text: str, found: Sequence[Marked], *, chinese: bool) -> Snippet:
    """The run of sentences of `text` that satisfies most units (`found` by a `Matcher`) in about `LENGTH` characters.

    Longer sentences are cut at a word or character, with an ellipsis.
    """
    room = LENGTH // 2 if chinese else LENGTH
    spans = sentences(text)
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
    best, best_score = 0, -1.0
    for i, span in enumerate(spans):
        end = span.start + max(room, span.end - span.start)
        inside = [each.unit for each in found if span.start <= each.span.start and each.span.end <= end]
        own = [each.unit for each in found if span.start <= each.span.start and each.span.end <= span.end]
        score = len(set(inside)) + 0.5 * len(set(own)) + 0.05 * min(len(inside), 8)
        if own or not found:
            if score > best_score:
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
