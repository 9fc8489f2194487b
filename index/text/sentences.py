"""Sentences with offsets, English and Chinese."""

import re
from dataclasses import dataclass

_END = re.compile(
    r"[。！？!?；.\n]"  # a class of characters first lets the engine skip to the next one
    r"(?:(?<=[。！？!?；])[。！？!?；]*[”’」』\"')）】]*|(?<=\.)(?=[\"'”’)]*(?:\s|$))[\"'”’)]*|(?<=\n)\n*)"
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:mr|mrs|ms|dr|prof|inc|corp|co|ltd|vs|no|jan|feb|mar|apr|jun|jul|aug|sep|sept|oct|nov|dec|st|jr|sr|fig|approx|est)"
    r"|\b[a-z]|\b(?:[a-z]\.)+[a-z])\.$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Span:
    """Characters ``start`` to ``end`` (exclusive) of a text."""

    start: int
    end: int


def sentences(text: str) -> list[Span]:
    """Sentence spans in order, trimmed of white space; line breaks always end one, abbreviations (Inc., U.S.) do not."""
    spans: list[Span] = []
    start = 0
    for match in _END.finditer(text):
        if match.group().startswith(".") and _ABBREVIATION.search(text, max(start, match.start() - 12), match.start() + 1):
            continue
        _append(spans, text, start, match.end())
        start = match.end()
    _append(spans, text, start, len(text))
    return spans


def _append(spans: list[Span], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if end > start:
        spans.append(Span(start, end))
