"""The words of a page, roughly and fast: everything between its tags, for a first look before it is read properly."""

import html
import re

_HIDDEN = re.compile(r"<(/?)(?:script|style)\b", re.IGNORECASE)
_INLINE = re.compile(r"</?(?:a|abbr|b|code|em|font|i|mark|s|small|span|strong|sub|sup|u|wbr)(?:\s[^<>]*)?/?>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")


def rough_text(page: str) -> str:
    """The text of markup without scripts and styles: navigation, comments and all.

    Tags within a line vanish and others become a space, so that words stay whole and apart. Linear in `page` whatever it
    holds: nothing is searched for more than once, unclosed tags included.
    """
    text = _TAG.sub(" ", _INLINE.sub("", _without_scripts(page)))
    return html.unescape(text) if "&#" in text else text


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
    return " ".join(kept)
