"""The running text of a page, roughly and fast: for a first look before the page is parsed and read properly."""

import html
import re

_HIDDEN = re.compile(r"<(/?)(?:script|style)\b", re.IGNORECASE)
_TITLE = re.compile(r"<(?:title|h1)\b[^<>]*>([^<>]{1,500})", re.IGNORECASE)
_INLINE = re.compile(r"</?(?:a|abbr|b|code|em|font|i|mark|s|small|span|strong|sub|sup|u|wbr)(?:\s[^<>]*)?/?>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_SENTENCE_ENDS = frozenset(".!?。！？；…”\"'’」』)）:：")
_LONG = {True: 40, False: 120}
"""Characters from which a line without a sentence's end is running text all the same: of Chinese, and of anything else."""


def running_text(page: str) -> str:
    """The titles of markup, and its lines that are long or end as sentences do: neither navigation nor lists of headlines.

    Every tag that is not within a line ends the line. Linear in `page` whatever it holds, unclosed tags included.
    """
    titles = [match[1] for match in _TITLE.finditer(page)]
    # Line breaks in the markup mean nothing: what ends a line here is a tag, marked by a character that no text has.
    text = _TAG.sub("\0", _INLINE.sub("", _without_scripts(page).replace("\0", " ")))
    if "&" in text:
        text = html.unescape(text)
    lines = (line.strip() for line in text.split("\0"))
    return "\n".join([*titles, *(" ".join(line.split()) for line in lines if line and _runs(line))])


def _runs(line: str) -> bool:
    return line[-1] in _SENTENCE_ENDS or len(line) >= _LONG[line[len(line) // 2] > "\u2e80"]


def _without_scripts(page: str) -> str:
    kept: list[str] = []
    start, hidden = 0, False
    for match in _HIDDEN.finditer(page):
        closing = match[1] == "/"
        if not hidden and not closing:
            kept.append(page[start : match.start()])
            hidden = True
        elif hidden and closing:
            start, hidden = match.start(), False
    if not hidden:
        kept.append(page[start:])
    return "\n".join(kept)
