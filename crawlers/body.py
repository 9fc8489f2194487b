"""The main text of a page, as paragraphs: what the article's part of the page holds, less what is addressed to the reader."""

import re
from dataclasses import dataclass
from itertools import groupby

from lxml import html

from crawlers.article_part import article_part
from crawlers.declared_body import declared_text
from crawlers.notices import is_author_note, is_notice
from crawlers.outline import HEADINGS, STOPS, Paragraph

_ITEMS = frozenset(("li", "dd", "dt", "row"))
_DATE = re.compile(
    r"20\d\d\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}|\d{1,2} [A-Z][a-z]{2,8}\.? 20\d\d|[A-Z][a-z]{2,8}\.? \d{1,2}, 20\d\d"
)
_NO_BYLINE = (".", "!", "?", "。", "！", "？", "…", ":", "：", "报道", "報導", ",", "，", "讯", "訊", "电", "電")
"""The last of these end a dateline, with which Chinese news begins."""
_AT_THE_END = re.compile(
    r"(?:\s*(?:返回搜狐[，,]?\s?查看更多|返回(?:腾讯网)?首页|[（(【\[]\s?(?:责任编辑|責任編輯|责编|責編|编辑|編輯)\s?[:：/][^）)】\]]{1,40}[）)】\]]))+\s*$"
)
"""What Chinese sites append to the last sentence."""
_BYLINE_LENGTH, _STAMP_LENGTH = 100, 30
_CLOSING = re.compile(
    r"(?:\W{0,3})(?:相关阅读|相關閱讀|延伸阅读|延伸閱讀|延伸\s?[·•・]\s?(?:推荐|阅读)|推荐阅读|推薦閱讀|热门文章|熱門文章|友情链接|版权声明|版權聲明|免责声明"
    r"|免責聲明|责任编辑|責任編輯|本文内容仅供|展开阅读全文|上滑加载|标签[:：]|標籤[:：]|关于我们|本站资料"
    r"|related (?:articles|stories|posts)|most read|join the discussion|log in to comment|comments \(\d+\)|©)",
    re.IGNORECASE,
)


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
    chosen = article_part(tree, url, title)
    captions = tuple(dict.fromkeys(p.text for p in chosen if p.caption))
    kept = _without_notices(_without_link_lists([p for p in chosen if not p.caption])) or chosen
    text = without_chrome(tidy("\n".join(p.text for p in kept)), title)
    declared = tidy(declared_text(tree))
    # A page that a script builds, or that shows the beginning only, may still declare the whole.
    if len(declared) > 2 * len(text):
        text = without_chrome(declared, title)
    return Body(text, captions)


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
    return "p" if paragraph.linked > 0.9 and not paragraph.text.endswith(STOPS) else ""


def _without_notices(paragraphs: list[Paragraph]) -> list[Paragraph]:
    """Without the publisher's words to the reader, headings under which nothing is left, and notes on the author at the end."""
    kept = [p for p in _until_closing(paragraphs) if not (p.notice or is_notice(p.text, p.width, p.tag in HEADINGS))]
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
    if kept:
        kept[-1].text = _AT_THE_END.sub("", kept[-1].text)
    return kept


def _until_closing(paragraphs: list[Paragraph]) -> list[Paragraph]:
    """All before a late heading such as "Comments" or "Related stories"."""
    whole, seen = sum(p.mass for p in paragraphs), 0
    for place, p in enumerate(paragraphs):
        closes = is_notice(p.text, p.width, heading=True) if p.tag in HEADINGS else _closes(p)
        if closes and seen > 0.7 * whole:
            return paragraphs[:place]
        seen += p.mass
    return paragraphs


def _closes(p: Paragraph) -> bool:
    return p.width <= _STAMP_LENGTH and _CLOSING.match(p.text) is not None


def _trails_off(last: Paragraph) -> bool:
    """Whether the last paragraph is a heading with nothing under it, a link or a label."""
    if last.tag in HEADINGS or not any(char.isalnum() for char in last.text):
        return True
    return not last.mass and last.linked > 0.8 and not last.text.endswith(STOPS)


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
