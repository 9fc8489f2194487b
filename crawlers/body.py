"""The main text of a page: which element holds it, and which paragraphs in that element are the article's."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate, groupby

from lxml import html

from crawlers.declared_body import declared_text
from crawlers.furniture import Role
from crawlers.notices import is_author_note, is_notice
from crawlers.outline import HEADINGS, UNSEEN, Outline, Paragraph, outline_of
from crawlers.overrides import override_of
from index.text.address import host_of

_BODY = Role.BODY | Role.ARTICLE
_ITEMS = frozenset(("li", "dd", "dt", "row"))
_PIECES = frozenset("p blockquote li pre ul ol dl".split())
_STOPS = (".", "!", "?", "。", "！", "？", "…", "”", '"')
_ORIGIN = re.compile(
    r"(?:This|The) \w+ (?:was )?(?:originally|first)|以下文章来源|本文来源|来源[:：]|來源[:：]|转自|轉自", re.IGNORECASE
)
_DATE = re.compile(
    r"20\d\d\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}|\d{1,2} [A-Z][a-z]{2,8}\.? 20\d\d|[A-Z][a-z]{2,8}\.? \d{1,2}, 20\d\d"
)
_NO_BYLINE = (".", "!", "?", "。", "！", "？", "…", ":", "：", "报道", "報導", "讯", "訊", "电", "電")
"""The last of these end a dateline, with which Chinese news begins."""
_BYLINE_LENGTH, _STAMP_LENGTH = 100, 30
_CLOSING = re.compile(
    r"(?:\W{0,3})(?:相关阅读|相關閱讀|延伸阅读|延伸閱讀|推荐阅读|推薦閱讀|热门文章|熱門文章|友情链接|版权声明|版權聲明|免责声明"
    r"|免責聲明|责任编辑|責任編輯|本文内容仅供|展开阅读全文|上滑加载|标签[:：]|標籤[:：]|关于我们|本站资料"
    r"|related (?:articles|stories|posts)|most read|read more:|join the discussion|log in to comment|comments \(\d+\)"
    r"|subscribe to our|sign up for|©|\(c\) )",
    re.IGNORECASE,
)
_LITTLE, _LEAD, _NEAR, _START, _STANDFIRST = 300, 80, 40, 24, 400
_SCRIPTLESS = UNSEEN - {"noscript"}


@dataclass(frozen=True, slots=True)
class Body:
    """`text`: paragraphs separated by one blank line; `captions`: those of figures, which are not in the text."""

    text: str
    captions: tuple[str, ...] = ()


def main_body(tree: html.HtmlElement, url: str | None, title: str = "") -> Body:
    """The main text of a parsed page, which is not changed. Empty where there is none.

    Args:
        url: the page's address, for the override of its site if there is one.
        title: the headline, which is not part of the text.
    """
    page, node, head = _from_site(tree, url) or _from_page(tree, title)
    inside = page.paragraphs[page.start[node] : page.end[node]]
    chosen = [*_deck(page, node, head), *(p for p in inside if not p.outside)]
    captions = tuple(dict.fromkeys(p.text for p in chosen if p.caption))
    kept = _without_notices(_without_link_lists([p for p in chosen if not p.caption])) or chosen
    text = without_chrome(tidy("\n".join(p.text for p in kept)), title)
    declared = tidy(declared_text(tree))
    # A page that a script builds, or that shows the beginning only, may still declare the whole.
    if len(declared) > 2 * len(text):
        text = without_chrome(declared, title)
    return Body(text, captions)


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
    heads = [k for k, p in enumerate(page.paragraphs) if p.tag == "h1" and _is_headline(p.text, name)]
    node = _container(page, heads)
    head = max((k for k in heads if k < page.start[node]), default=None)
    return page, _from_headline(page, node, head), head


def _mark(page: Outline) -> None:
    """Tell the paragraphs that are in furniture, in comments or under a picture, unless too much of the page would be."""
    _leave_out(page, Role.COMMENTS, Role.ARTICLE, 0.85)
    captions = [i for i, role in enumerate(page.roles) if role & Role.CAPTION]
    if 2 * _held(page, captions) <= page.sums[-1]:
        reach = 0
        for i in captions:
            for p in page.paragraphs[max(reach, page.start[i]) : page.end[i]]:
                p.caption = p.tag not in ("row", "pre", "blockquote")
            reach = max(reach, page.end[i])
    _sum(page)
    _leave_out(page, Role.UNSEEN, Role.NONE, 0.75, together=True)
    _leave_out(page, Role.FOLDED, Role.NONE, 0.4, together=True)
    _leave_out(page, Role.FURNITURE, _BODY, 0.4)
    for kind in (Role.HEADER, Role.STAMP):
        _thin_out(page, kind)
    _sum(page)


def _thin_out(page: Outline, kind: int) -> None:
    """Leave out bylines, dates and labels, but neither a standfirst nor a sentence nor the name of the origin."""
    stamps, reach = kind == Role.STAMP, 0
    for i, role in enumerate(page.roles):
        if role & kind and page.end[i] > reach and 3 * page.mass(i) < page.sums[-1]:
            for p in page.paragraphs[max(reach, page.start[i]) : page.end[i]]:
                p.stamp = p.stamp or stamps
                keep = _ORIGIN.match(p.text) or (p.mass and p.text.endswith(_STOPS) if stamps else _standfirst(p))
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
    page.sums = list(accumulate((0 if p.outside or p.caption else p.mass for p in page.paragraphs), initial=0))


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
            least = 0.92 * mass
        options = [c for c in children.get(node, ()) if page.elements[c].tag not in _PIECES]
        if not options:
            return node
        best = max(options, key=page.mass)
        share = page.mass(best) / mass
        if least:
            if page.mass(best) < least:
                return node
            node = best
        elif share >= (0.92 if roles & Role.ARTICLE else 0.7 if _follows(page, best, node, heads) else 0.85):
            node = best
        else:
            named = [c for c in options if page.roles[c] & _BODY and page.mass(c) >= 0.2 * mass]
            if not named or page.mass(named[0]) < 0.35 * mass or (roles & Role.ARTICLE and len(named) > 1):
                return node
            node = named[0]


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
    found = [p for p in between if not p.outside and not p.caption and _standfirst(p)]
    return found if len(found) <= 2 else []


def _standfirst(paragraph: Paragraph) -> bool:
    return paragraph.width >= 60 and paragraph.linked < 0.3 and paragraph.tag not in ("h1", "li", "row")


def _without_link_lists(paragraphs: list[Paragraph]) -> list[Paragraph]:
    """Without lists and tables whose every item is a link, and runs of paragraphs that are each one link: further reading."""
    kept: list[Paragraph] = []
    for kind, group in groupby(paragraphs, key=_kind_of_item):
        items = list(group)
        links = sum(p.link for p in items) >= 0.8 * sum(len(p.text) for p in items)
        if not kind or not links or (kind == "p" and len(items) < 2):
            kept += items
    return kept


def _kind_of_item(paragraph: Paragraph) -> str:
    if paragraph.tag in _ITEMS:
        return "li"
    return "p" if paragraph.linked > 0.9 and not paragraph.text.endswith(_STOPS) else ""


def _without_notices(paragraphs: list[Paragraph]) -> list[Paragraph]:
    """Without the publisher's words to the reader, headings under which nothing is left, and notes on the author at the end."""
    kept = [p for p in _until_closing(paragraphs) if not is_notice(p.text, p.width, p.tag in HEADINGS)]
    if sum(p.mass for p in kept) < 0.7 * sum(p.mass for p in paragraphs):
        kept = list(paragraphs)  # an article about newsletters, or a page of terms and conditions
    whole, seen = sum(p.mass for p in kept), 0
    for place, p in enumerate(kept):
        seen += p.mass
        late = seen > 0.6 * whole and len(kept) - place <= 5
        if late and len(kept) > 4 and (p.stamp or is_author_note(p.text, p.width)) and p.mass < 0.3 * whole:
            p.outside = True
    kept = [p for p in kept if not p.outside]
    while kept and _trails_off(kept[-1]):
        kept.pop()
    return kept


def _until_closing(paragraphs: list[Paragraph]) -> list[Paragraph]:
    """All before a late heading such as "Comments" or "Related stories"."""
    whole, seen = sum(p.mass for p in paragraphs), 0
    for place, p in enumerate(paragraphs):
        if p.tag in HEADINGS and seen > 0.7 * whole and is_notice(p.text, p.width, heading=True):
            return paragraphs[:place]
        seen += p.mass
    return paragraphs


def _trails_off(last: Paragraph) -> bool:
    """Whether the last paragraph is a heading with nothing under it, a link or a label."""
    if last.tag in HEADINGS or not any(char.isalnum() for char in last.text):
        return True
    return not last.mass and last.linked > 0.8 and not last.text.endswith(_STOPS)


def without_chrome(text: str, title: str = "") -> str:
    """`text` without what sites put around an article: headline and byline before it, everything from a closing marker on.

    A byline is a short first paragraph that is no sentence. A closing marker (相关阅读, 版权声明, "Related
    articles") counts in the second half only, where it stands first in its paragraph.
    """
    paragraphs = text.split("\n\n")
    while paragraphs and (paragraphs[0].strip() == title.strip() or _is_byline(paragraphs[0])):
        paragraphs.pop(0)
    if not paragraphs:
        return text
    seen, whole = 0, sum(map(len, paragraphs))
    for number, paragraph in enumerate(paragraphs):
        if seen * 2 >= whole and _CLOSING.match(paragraph):
            return "\n\n".join(paragraphs[:number])
        seen += len(paragraph)
    return "\n\n".join(paragraphs)


def _is_byline(paragraph: str) -> bool:
    """A stamp, a section name, an author, a date: short and no sentence; longer only with a date in it."""
    if len(paragraph) >= _BYLINE_LENGTH or paragraph.rstrip().endswith(_NO_BYLINE):
        return False
    return len(paragraph) <= _STAMP_LENGTH or _DATE.search(paragraph) is not None


def tidy(text: str) -> str:
    """One blank line between paragraphs, no trailing spaces, no control characters or lone surrogates."""
    lines = (_printable(" ".join(line.split())).strip() for line in text.splitlines())
    return "\n\n".join(line for line in lines if line)


def _printable(line: str) -> str:
    return line if line.isprintable() else "".join(char for char in line if char.isprintable())
