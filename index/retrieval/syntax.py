"""The query language: what was typed becomes plain words and operators. Nothing that a person can type is an error.

``"phrases"``, ``-word`` (or ``NOT word``), ``OR``, and fields: ``title:``, ``company:``, ``chip:``, ``entity:``, ``about:``,
``source:``, ``lang:``, ``after:``, ``before:``, ``date:`` (a bare ISO week is a ``date:`` too). A quotation mark without
its partner is a space. Within running text, and in a whole sentence as pasted from an article, quotation marks only quote
and hyphens only join: they demand nothing.
"""

import re
from dataclasses import dataclass

from index.text.tokens import HAN

FIELDS = {
    "title": "title", "intitle": "title", "company": "company", "chip": "chip", "entity": "entity", "about": "about",
    "source": "source", "site": "source", "lang": "lang", "language": "lang", "after": "after", "since": "after",
    "before": "before", "until": "before", "date": "date", "week": "date",
}  # fmt: skip
_OPENING, _CLOSING = '"“”„「『＂', '"“”「」『』＂'
_QUOTED = rf"[{_OPENING}](?P<{{0}}>[^{_OPENING}{_CLOSING}]*)[{_CLOSING}]"
_CLAUSE = re.compile(
    r"(?P<minus>(?<!\S)(?:[-－−](?=[^\s-])|(?-i:NOT)\s+))?"
    rf"(?:(?P<field>\b(?:{'|'.join(FIELDS)}))[:：](?:{_QUOTED.format('quoted')}|(?P<value>[^\s{_OPENING}]+))"
    rf"|{_QUOTED.format('phrase')}"
    r"|(?P<week>(?<![\w-])(?:19|20)\d{2}-?W\d{1,2}(?![\w-]))"
    rf"|(?P<or>(?<!\S)(?:OR|\|{{1,2}})(?!\S))"
    rf"|(?P<word>[^\s{_OPENING}{_CLOSING}]+))",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.?!。？！…]['\"”’」』)）]*$")
_SENTENCE_WORDS, _SENTENCE_CHARACTERS = 12, 30


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator at characters ``start`` to ``end``: ``kind`` is phrase, word, or a field's name; ``value`` what it says."""

    kind: str
    value: str
    negative: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Syntax:
    """A query taken apart.

    ``plain`` is the text with all operators blanked, of the same length; ``alternatives`` are the places of ``OR``;
    ``sentence`` tells whether it reads as prose, in which quotation marks only quote.
    """

    plain: str
    operators: tuple[Operator, ...]
    alternatives: tuple[int, ...]
    sentence: bool


def read_syntax(text: str) -> Syntax:
    """Take `text` apart."""
    sentence = _is_sentence(text)
    plain = list(text)
    operators: list[Operator] = []
    alternatives: list[int] = []
    for match in _CLAUSE.finditer(text):
        if match["or"]:
            if match["or"] != "OR" and not match["or"].startswith("|"):
                continue  # "or" in small letters is a word
            alternatives.append(match.start())
            _blank(plain, match.start(), match.end())
            continue
        negative = bool(match["minus"]) and not sentence
        if match["field"]:
            value = match["quoted"] if match["quoted"] is not None else match["value"]
            kind = FIELDS[match["field"].lower()]
        elif match["week"]:
            kind, value = "date", match["week"]
        elif match["phrase"] is not None:
            kind, value = "phrase", match["phrase"]
        else:
            kind, value = "word", match["word"]
        value = value.strip()
        if kind == "word" and not negative:
            continue
        if kind == "phrase" and (sentence or not _stands_alone(text, match.start(), match.end())):
            continue
        _blank(plain, match.start(), match.end())
        if any(char.isalnum() for char in value):
            operators.append(Operator(kind, value, negative, match.start(), match.end()))
    bare = "".join(" " if char in _OPENING + _CLOSING else char for char in plain)
    return Syntax(bare, tuple(operators), tuple(alternatives), sentence)


def _is_sentence(text: str) -> bool:
    if any(f"{name}:" in text.lower() for name in FIELDS):
        return False
    words = re.findall(r"[^\W\d_]+", re.sub(f"[{HAN}]", " ", text))
    characters = len(re.findall(f"[{HAN}]", text))
    long = len(words) > _SENTENCE_WORDS or characters > _SENTENCE_CHARACTERS
    return long or (bool(_SENTENCE_END.search(text.strip())) and (len(words) > 3 or characters > 6))


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Nothing is attached to a quotation on either side, as something is in 什么是“算力”."""
    return (start == 0 or text[start - 1].isspace()) and (end == len(text) or text[end].isspace())


def _blank(plain: list[str], start: int, end: int) -> None:
    plain[start:end] = " " * (end - start)
