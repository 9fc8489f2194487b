"""The headline of a page, told from the names of its site and section, and what the site is called."""

import re
from collections.abc import Sequence
from itertools import islice

from lxml import html

from crawlers.body import tidy
from crawlers.metadata import Declared

_MOST_HEADINGS = 60
_SEPARATOR = re.compile(r"\s+[|｜\-–—_·»]\s+|[_|｜]")
"""Between a headline and the names of site and section in a ``<title>``."""
_SITE_BEHIND = re.compile(
    r"(?<=[\u2e80-\u9fff！？”》）])\s?[-–—]{1,2}\s?[^-–—\s]{0,12}(?:网|網|新闻|新聞|在线|在線|频道|日报|日報|时报|時報|社|APP)$"
)
"""The name of a Chinese site after a hyphen without spaces."""


def headline(declared: Declared, hint: str | None, tree: html.HtmlElement, lines: Sequence[str]) -> str:
    """The page's own headline before the feed's, which stays as it was when a headline is changed.

    What readers see above the article counts most where another statement bears it out: the ``<title>``, or a meta tag.

    Args:
        hint: the feed's.
        lines: those of the page (`crawlers.byline.visible_lines`).
    """
    whole = _whole(tree)
    parts = [part.strip() for part in _SEPARATOR.split(whole)]
    headings = [(tag, text) for tag, text in _headings(tree) if text != declared.site_name]
    # What the <title> ends in is the site's name; what it begins with, or holds, is the article's.
    firsts = [text for tag, text in headings if tag == "h1" and (text == whole or not whole.endswith(text))]
    stated = _without_site(declared.headline or declared.og_title or "", declared.site_name, cut=False)
    seen = _agreeing(headings, parts) or next((text for text in firsts if text == declared.og_title), None)
    if seen and stated and stated in parts[:-1]:
        seen = None  # the <title> bears out what is stated: the heading may be the site's
    inside = next((text for text in firsts if len(text) > 3 and text in whole and 2 * len(text) > len(parts[0])), None)
    if inside and stated and inside.startswith(stated):
        stated = inside  # a quotation mark in the headline ended a careless meta tag
    elif inside and not declared.headline and stated.startswith(inside):
        stated = inside
    alone = firsts[0] if len(firsts) == 1 else None
    title = seen or stated or inside or alone or hint or _line_of(lines, whole)
    title = title or _without_site(whole, declared.site_name)
    return tidy(title).replace("\n\n", " ")[:500] or "Untitled"


def names_of_site(declared: Declared, tree: html.HtmlElement) -> list[str]:
    """What the page calls its outlet, as declared or as its ``<title>`` ends; some may be of sections, some are empty."""
    whole = _whole(tree)
    behind = _SITE_BEHIND.search(whole)
    return [declared.site_name or "", *_SEPARATOR.split(whole)[1:], behind[0].strip(" -–—") if behind else ""]


def _whole(tree: html.HtmlElement) -> str:
    return " ".join((tree.findtext(".//title") or "").split())


def _headings(tree: html.HtmlElement) -> list[tuple[str, str]]:
    found = ((h.tag, " ".join(h.text_content().split())) for h in islice(tree.iter("h1", "h2", "h3"), _MOST_HEADINGS))
    return [(tag, text) for tag, text in found if text]


def _line_of(lines: Sequence[str], whole: str) -> str | None:
    """The line of the page with which the ``<title>`` begins, where the line makes out enough of it to be no section's name."""
    beginning = (
        line for line in lines if len(line) < len(whole) and whole.startswith(line) and 5 * len(line) >= 2 * len(whole)
    )
    return max(beginning, key=len, default=None)


def _agreeing(headings: Sequence[tuple[str, str]], parts: Sequence[str]) -> str | None:
    """The longest heading that is one of the parts of the ``<title>``, and no small one, which a section or a site may be."""
    longest = max(map(len, parts), default=0)
    return max((text for _, text in headings if text in parts and 2 * len(text) > longest), key=len, default=None)


def _without_site(title: str, site: str | None, *, cut: bool = True) -> str:
    """`title` without the site's name at its end or beginning; with `cut`, also without what only looks like one."""
    parts = _SEPARATOR.split(title)
    if site and len(parts) > 1:
        if parts[-1].strip().lower() == site.lower():
            return title[: title.rfind(parts[-1])].rstrip(" |｜-–—_·»")
        if parts[0].strip().lower() == site.lower():
            return title[len(parts[0]) :].strip(" |｜-–—_·»")
    if not cut:
        return title
    title = _SITE_BEHIND.sub("", title)
    # A Chinese headline says in six characters what an English one says in a dozen.
    width = sum(2 if char > "\u2e80" else 1 for char in parts[0])
    return parts[0].strip() if len(parts) > 1 and width >= 12 else title
