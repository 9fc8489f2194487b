"""Which part of a page is its article: the element that holds it, without the furniture in that element.

Furniture is told by the names of elements, but believed only where enough running text remains: the words that sites put into
class names are often about something else. Then the way leads from the root down to where the running text branches.
"""

import re
from collections.abc import Iterable
from itertools import accumulate

from lxml import html

from crawlers.furniture import Role
from crawlers.notices import is_notice
from crawlers.outline import HEADINGS, STOPS, UNSEEN, Outline, Paragraph, outline_of
from crawlers.overrides import override_of
from index.text.address import host_of

_BODY = Role.BODY | Role.ARTICLE
_PIECES = frozenset("p blockquote li pre ul ol dl".split())
_SCRIPTLESS = UNSEEN - {"noscript"}
_REPOST = re.compile(r"(?:This|The) \w+ (?:was )?(?:originally|first) |以下文章来源|以下文章來源")
_ORIGIN = re.compile(rf"{_REPOST.pattern}|本文来源|[来來]源[:：]|[转轉]自")
_LITTLE = 300
"""Columns of running text; with less, a page may show its text only to those without scripts."""
_LEAD, _STANDFIRST, _NEAR = 80, 400, 40
"""Columns of a lead and at most of a standfirst; paragraphs between a headline and the text."""
_START, _HEADLINES = 24, 8
"""Letters by which a headline is known: what follows is often worded differently in ``<title>``. Headlines looked at."""
# Shares of the page's running text up to which an element of the kind may be left out.
_MOST_COMMENTS, _MOST_UNSEEN, _MOST_FOLDED, _MOST_FURNITURE, _MOST_STAMPS = 0.85, 0.75, 0.4, 0.4, 1 / 3
_MOST_OF_BODY = 0.7
_LISTED = HEADINGS | {"li", "row", "pre", "dd", "dt"}
_LINE_COST, _LONG_TAIL = 30, 8
"""What a line that is no running text takes away, in columns, and how many lines must follow an article to be cut off."""
# Shares of an element's running text with which one of its children stands for it.
_IN_BODY, _IN_ARTICLE, _IN_PAGE, _AFTER_HEADLINE, _NAMED, _FIRST_NAMED, _NESTED = 0.92, 0.92, 0.8, 0.7, 0.2, 0.35, 0.6


def article_part(tree: html.HtmlElement, url: str | None, title: str) -> list[Paragraph]:
    """The paragraphs of the article, those of its captions marked as such; empty where the page has no text.

    Args:
        url: the page's address, for the override of its site if there is one.
        title: the headline; where empty, the page's ``<title>`` serves to know it by.
    """
    page, node, head = _from_site(tree, url) or _from_page(tree, title)
    inside = [p for p in _inside(page, node) if not p.outside]
    if not page.roles[node] & _BODY:
        inside = _densest(inside)
    return [*_deck(page, node, head), *inside]


def _from_site(tree: html.HtmlElement, url: str | None) -> tuple[Outline, int, None] | None:
    override = override_of(host_of(url)) if url else None
    found = override.body(tree) if override else []
    if override is None or not found:
        return None
    page = outline_of(found[0], drop=frozenset(override.dropped(found[0])))
    page.roles[0] = Role.BODY
    _mark(page)
    return page, 0, None


def _from_page(tree: html.HtmlElement, title: str) -> tuple[Outline, int, int | None]:
    page = outline_of(tree)
    _mark(page)
    if page.sums[-1] < _LITTLE:
        fuller = outline_of(tree, _SCRIPTLESS)
        _mark(fuller)
        if fuller.sums[-1] > 2 * page.sums[-1]:
            page = fuller
    name = _letters(title or tree.findtext(".//title") or "")
    heads = [k for k, p in enumerate(page.paragraphs) if p.tag == "h1" and _is_headline(p.text, name)][:_HEADLINES]
    node = _first_of_several(page, _container(page, heads), name)
    head = max((k for k in heads if k < page.start[node]), default=None)
    return page, _from_headline(page, node, head), head


def _mark(page: Outline) -> None:
    """Tell the paragraphs that are in furniture, in comments or under a picture, unless too much of the page would be."""
    _leave_out(page, Role.COMMENTS, Role.ARTICLE, _MOST_COMMENTS)
    captions = [i for i, role in enumerate(page.roles) if role & Role.CAPTION]
    if 2 * _held(page, captions) <= page.sums[-1]:
        reach = 0
        for i in captions:
            for p in page.paragraphs[max(reach, page.start[i]) : page.end[i]]:
                p.caption = p.tag not in ("row", "pre", "blockquote")
            reach = max(reach, page.end[i])
    _sum(page)
    _leave_out(page, Role.UNSEEN, Role.NONE, _MOST_UNSEEN, together=True)
    _leave_out(page, Role.FOLDED, Role.NONE, _MOST_FOLDED, together=True)
    _trust_body(page)
    _leave_out(page, Role.FURNITURE, _BODY, _MOST_FURNITURE)
    for kind in (Role.HEADER, Role.STAMP):
        _thin_out(page, kind)
    _sum(page)
    _weigh_notices(page)
    if page.sums[-1] < _LITTLE:
        _weigh_short_lines(page)


def _trust_body(page: Outline) -> None:
    """Believe no names of furniture in an article that would have next to nothing left: they say what is beside its parts."""
    reach = -1
    for i, role in enumerate(page.roles):
        if not role & _BODY or page.start[i] < reach or page.mass(i) < _LITTLE:
            continue
        reach = page.end[i]
        inside = []
        for k in range(i + 1, len(page.elements)):
            if page.start[k] >= reach:
                break
            if page.roles[k] & Role.FURNITURE and not page.roles[k] & _BODY and page.mass(k):
                inside.append(k)
        if _held(page, inside) > _MOST_OF_BODY * page.mass(i):
            for k in inside:
                page.roles[k] &= ~Role.FURNITURE


def _weigh_short_lines(page: Outline) -> None:
    """Take the lines of what is named as the body for running text, where hardly any is in the page: verse, or a list."""
    bodies = [i for i, role in enumerate(page.roles) if role & _BODY][:_HEADLINES]
    inside = {i: [p for p in _inside(page, i) if not p.outside and not p.caption] for i in bodies}
    best = max(bodies, key=lambda i: _unlinked(inside[i]), default=None)
    if best is not None and _unlinked(inside[best]) > 2 * page.sums[-1]:
        for p in inside[best]:
            p.mass = p.width
        _sum(page)


def _unlinked(paragraphs: list[Paragraph]) -> int:
    return sum(p.width for p in paragraphs if p.linked < 0.5)


def _weigh_notices(page: Outline) -> None:
    """Give no weight to what the publisher says to its readers: below a short article a disclaimer may be as long as it."""
    inside = (p for p in page.paragraphs if p.mass and not p.outside and not p.caption)
    notices = [p for p in inside if is_notice(p.text, p.width)]
    if 2 * sum(p.mass for p in notices) < page.sums[-1]:
        for p in notices:
            p.notice = True
        _sum(page)


def _thin_out(page: Outline, kind: int) -> None:
    """Leave out bylines, dates and labels, but neither a standfirst nor a sentence nor the name of the origin."""
    stamps, reach = kind == Role.STAMP, 0
    for i, role in enumerate(page.roles):
        if role & kind and page.end[i] > reach and page.mass(i) < _MOST_STAMPS * page.sums[-1]:
            for p in page.paragraphs[max(reach, page.start[i]) : page.end[i]]:
                p.stamp = p.stamp or stamps
                keep = _ORIGIN.match(p.text) or (p.mass and p.text.endswith(STOPS) if stamps else _standfirst(p))
                p.outside = p.outside or not keep
            reach = page.end[i]


def _leave_out(page: Outline, role: int, but: int, most: float, together: bool = False) -> None:
    chosen = [i for i, its in enumerate(page.roles) if its & role and not its & but]
    if together and _held(page, chosen) > most * page.sums[-1]:
        return
    for i in chosen:
        start, end = page.start[i], page.end[i]
        if start < end and not page.paragraphs[start].outside and page.mass(i) <= most * page.sums[-1]:
            for p in page.paragraphs[start:end]:
                p.outside = True
    _sum(page)


def _held(page: Outline, elements: Iterable[int]) -> int:
    """The text in any of the elements, which are in the page's order; counted once where one is in another."""
    held = reach = 0
    for i in elements:
        held += max(page.sums[page.end[i]] - page.sums[max(reach, page.start[i])], 0)
        reach = max(reach, page.end[i])
    return held


def _sum(page: Outline) -> None:
    page.sums = list(accumulate((0 if p.outside or p.caption or p.notice else p.mass for p in page.paragraphs), initial=0))


def _container(page: Outline, heads: list[int]) -> int:
    """The number of the element that holds the article, found by going down from the root to where the text branches."""
    children: dict[int, list[int]] = {}
    for i, parent in enumerate(page.parent):
        if page.mass(i):
            children.setdefault(parent, []).append(i)
    node, least = 0, 0.0
    while True:
        mass, roles = page.mass(node), page.roles[node]
        if not least and roles & Role.BODY:
            least = _IN_BODY * mass
        options = [c for c in children.get(node, ()) if page.elements[c].tag not in _PIECES or _places(page, c)]
        if not options:
            return node
        best = max(options, key=page.mass)
        share = page.mass(best) / mass
        if least:
            if page.mass(best) < least:
                bodies = [c for c in options if page.roles[c] & Role.BODY and page.mass(c) >= _NESTED * mass]
                if not bodies:
                    return node
                best, least = bodies[0], _IN_BODY * page.mass(bodies[0])
            node = best
        elif share >= _enough(page, node, best, heads):
            node = best
        else:
            named = [c for c in options if page.roles[c] & _BODY and page.mass(c) >= _NAMED * mass]
            if not named or page.mass(named[0]) < _FIRST_NAMED * mass or (roles & Role.ARTICLE and len(named) > 1):
                return node
            node = named[0]


def _first_of_several(page: Outline, node: int, name: str) -> int:
    """`node`, or of the whole articles in it, which pages append to each other, the one with the headline."""
    articles = [i for i, parent in enumerate(page.parent) if parent == node and page.elements[i].tag == "article"]
    articles = [i for i in articles if page.mass(i) >= _LITTLE]
    if len(articles) < 2 or sum(map(page.mass, articles)) < _IN_PAGE * page.mass(node):
        return node
    named = [i for i in articles if any(p.tag in HEADINGS and _is_headline(p.text, name) for p in _inside(page, i))]
    return named[0] if len(named) == 1 else node


def _inside(page: Outline, element: int) -> list[Paragraph]:
    return page.paragraphs[page.start[element] : page.end[element]]


def _densest(paragraphs: list[Paragraph]) -> list[Paragraph]:
    """Without a long tail of lines that are no running text, where no name tells the article from what follows it."""
    best = total = end = 0
    for place, p in enumerate(paragraphs):
        total += p.mass or (0 if p.caption or p.sentence or p.tag in _LISTED else -_LINE_COST)
        if total >= best:
            best, end = total, place + 1
    return paragraphs[:end] if len(paragraphs) - end >= _LONG_TAIL else paragraphs


def _places(page: Outline, element: int) -> bool:
    """Whether a list or one of its items only places other blocks, as columns do, and has no text of its own."""
    if page.elements[element].tag not in ("ul", "ol", "li"):
        return False
    inside = _inside(page, element)
    return sum(p.mass for p in inside if p.tag != "li") > 0.9 * sum(p.mass for p in inside) and len(inside) > 3


def _enough(page: Outline, node: int, best: int, heads: list[int]) -> float:
    if page.roles[node] & Role.ARTICLE:
        return _IN_ARTICLE
    return _AFTER_HEADLINE if _follows(page, best, node, heads) else _IN_PAGE


def _letters(text: str) -> str:
    return "".join(char for char in text if char.isalnum()).casefold()


def _is_headline(heading: str, name: str) -> bool:
    """Whether a heading is in what the page calls itself and makes out much of it; a site's name does not."""
    letters = _letters(heading)
    return bool(letters) and letters[:_START] in name and 2 * len(letters) >= len(name)


def _from_headline(page: Outline, node: int, head: int | None) -> int:
    """`node`, or the element around it that also holds the running text between the headline and it."""
    start, end = page.start[node], page.end[node]
    if head is None or page.sums[start] - page.sums[head] < _LEAD:
        return node
    first = next(k for k in range(head, start) if page.paragraphs[k].mass and not page.paragraphs[k].outside)
    around = node
    while page.start[around] > first:
        around = page.parent[around]
    # More than a lead: a page that goes on with other articles.
    return around if page.sums[end] - page.sums[first] >= 0.8 * page.mass(around) else node


def _follows(page: Outline, element: int, node: int, heads: list[int]) -> bool:
    """Whether the headline is in the element, or in `node` with nothing between but its standfirst."""
    start = page.start[element]
    return any(
        page.start[node] <= k < page.end[element] and page.sums[max(start, k)] - page.sums[min(k, start)] <= _STANDFIRST
        for k in heads
    )


def _deck(page: Outline, node: int, head: int | None) -> list[Paragraph]:
    """The standfirst, where it stands between the headline and the element that holds the rest."""
    if head is None or page.start[node] - head > _NEAR:
        return []
    between = page.paragraphs[head + 1 : page.start[node]]
    found = [p for p in between if not p.outside and not p.caption and (_standfirst(p) or _REPOST.match(p.text))]
    return found if len(found) <= 2 else []


def _standfirst(paragraph: Paragraph) -> bool:
    return paragraph.width >= 60 and paragraph.linked < 0.3 and paragraph.tag not in ("h1", "li", "row")
