"""What changed between two states of a text: by sentences first, then by words (Chinese by characters) within them."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from index.text.sentences import sentences
from index.text.tokens import HAN

_TOKEN = re.compile(rf"[{HAN}]|[^\W_{HAN}]+|\s+|.", re.DOTALL)
_MOST_SENTENCES, _MOST_TOKENS = 2_000, 1_500
"""Comparing costs the product of both sides: what is longer counts as replaced whole."""
_SLIVER = 3
"""Characters; so little that stayed between two changes is part of the change to a reader's eye."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that is the ``same`` in both states, was ``removed`` or was ``added``."""

    kind: str
    text: str


def difference(before: str, after: str) -> list[Piece]:
    """The pieces in order: without the added ones they make up `before`, without the removed ones `after`."""
    pieces: list[Piece] = []
    old, new = _sentences(before), _sentences(after)
    if max(len(old), len(new)) > _MOST_SENTENCES:
        return _replaced(before, after)
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        one, two = "".join(old[i:j]), "".join(new[k:m])
        pieces += [Piece("same", one)] if tag == "equal" else _words(one, two)
    return _tidied(pieces)


def abridged(pieces: list[Piece], context: int = 60) -> list[Piece]:
    """The changes with `context` characters of what stayed around them; the rest becomes an ellipsis."""
    shown: list[Piece] = []
    for number, piece in enumerate(pieces):
        head = 0 if number == 0 else context
        tail = 0 if number == len(pieces) - 1 else context
        if piece.kind != "same" or len(piece.text) <= head + tail + 1:
            shown.append(piece)
        else:
            shown.append(Piece("same", f"{_opening(piece.text, head)}…{_closing(piece.text, tail)}"))
    return shown


def _opening(text: str, length: int) -> str:
    """The first characters, ending with a paragraph or at least with a word."""
    cut = text[:length]
    for mark in ("\n\n", " "):
        if mark in cut:
            return cut[: cut.index(mark) if mark == "\n\n" else cut.rindex(mark)] + " "
    return cut


def _closing(text: str, length: int) -> str:
    """The last characters, beginning with a paragraph or at least with a word."""
    cut = text[len(text) - length :]
    for mark in ("\n\n", " "):
        if mark in cut:
            return " " + cut[cut.rindex(mark) + 2 if mark == "\n\n" else cut.index(mark) + 1 :]
    return cut


def _sentences(text: str) -> list[str]:
    """The sentences with whatever follows each, so that joined they are the text."""
    starts = [span.start for span in sentences(text)] or [0]
    starts[0] = 0
    return [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]


def _words(before: str, after: str) -> list[Piece]:
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    if max(len(old), len(new)) > _MOST_TOKENS or not old or not new:
        return _replaced(before, after)
    pieces: list[Piece] = []
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        one, two = "".join(old[i:j]), "".join(new[k:m])
        pieces += [Piece("same", one)] if tag == "equal" else _replaced(one, two)
    same = sum(len(piece.text) for piece in pieces if piece.kind == "same")
    # Two sentences that share only small words are two sentences.
    return pieces if same * 3 >= max(len(before), len(after)) else _replaced(before, after)


def _replaced(before: str, after: str) -> list[Piece]:
    return [Piece(kind, text) for kind, text in (("removed", before), ("added", after)) if text]


def _tidied(pieces: list[Piece]) -> list[Piece]:
    """Neighbours of a kind joined, removed before added, slivers of sameness folded into the changes around them."""
    joined: list[Piece] = []
    for piece in pieces:
        if joined and joined[-1].kind == piece.kind:
            joined[-1] = Piece(piece.kind, joined[-1].text + piece.text)
        elif piece.text:
            joined.append(piece)
    tidy: list[Piece] = []
    removed = added = ""
    for number, piece in enumerate(joined):
        between = 0 < number < len(joined) - 1 and (removed or added)
        if piece.kind == "same" and not (between and len(piece.text) <= _SLIVER and "\n" not in piece.text):
            tidy += _replaced(removed, added)
            removed = added = ""
            tidy.append(piece)
            continue
        removed += piece.text if piece.kind != "added" else ""
        added += piece.text if piece.kind != "removed" else ""
    return tidy + _replaced(removed, added)
