"""Snippets: the best sentences of a passage with the matched words marked, in either language."""

import html
from collections.abc import Sequence
from dataclasses import dataclass

from index.knowledge.gloss import Glosser
from index.knowledge.linker import Linker
from index.retrieval.query import Unit
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

    def _join(self, before: str, after: str, escape: "type[str] | object") -> str:
        assert callable(escape)
        parts: list[str] = []
        position = 0
        for mark in self.marks:
            parts.append(escape(self.text[position : mark.start]))
            parts.append(before + escape(self.text[mark.start : mark.end]) + after)
            position = mark.end
        parts.append(escape(self.text[position:]))
        return "".join(parts)


def matches(text: str, units: Sequence[Unit], glosser: Glosser, linker: Linker) -> list[tuple[Span, int]]:
    """Where `text` satisfies units: spans in order, never overlapping, each with the number of the unit."""
    found: list[tuple[Span, int]] = []
    terms: dict[str, int] = {}
    glosses: dict[str, int] = {}
    entities: dict[str, int] = {}
    for number, unit in enumerate(units):
        for term in unit.terms:
            terms.setdefault(term, number)
        for gloss in unit.glosses:
            glosses.setdefault(gloss, number)
        if unit.entity is not None:
            entities.setdefault(unit.entity, number)
    if entities:
        for mention in linker.find(text):
            if mention.id in entities:
                found.append((Span(mention.start, mention.end), entities[mention.id]))
    for word in glosser.words(text):
        token = word.token
        number_of = terms.get(token.term)
        if number_of is None:
            if token.han:
                number_of = next((glosses[g] for g in word.glosses if g in glosses), None)
            else:
                number_of = glosses.get(token.term)
        if number_of is not None:
            found.append((Span(token.start, token.end), number_of))
    found.sort(key=lambda pair: (pair[0].start, -pair[0].end))
    kept: list[tuple[Span, int]] = []
    for span, number in found:
        if not kept or span.start >= kept[-1][0].end:
            kept.append((span, number))
    return kept


def make_snippet(text: str, units: Sequence[Unit], glosser: Glosser, linker: Linker, *, chinese: bool) -> Snippet:
    """The run of sentences of `text` that satisfies most units in about `LENGTH` characters.

    Longer sentences are cut at a word or character, with an ellipsis.
    """
    room = LENGTH // 2 if chinese else LENGTH
    found = matches(text, units, glosser, linker)
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
    inside = [span for span, _ in found if start <= span.start and span.end <= end]
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


def _best_start(spans: Sequence[Span], found: Sequence[tuple[Span, int]], room: int) -> int:
    best, best_score = 0, -1.0
    for i, span in enumerate(spans):
        end = span.start + max(room, span.end - span.start)
        inside = [number for mark, number in found if span.start <= mark.start and mark.end <= end]
        own = [number for mark, number in found if span.start <= mark.start and mark.end <= span.end]
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
