"""Whom a repost names as its source, with the words that say so."""

import re
from collections.abc import Sequence

from crawlers.byline import Byline
from crawlers.marks import Marks
from index.article import Origin
from index.text.address import canonical_url, host_of

_NAME = r"(?P<name>[A-Z][\w&.'’-]*(?: [A-Z][\w&.'’-]*){1,4}|[^\s,，。、|｜;；:：()（）\[\]【】\"“”]{2,30})"
_ACCOUNT = r"[:：|｜]?\s*(?:(?:微信)?公众号|(?:微信)?公眾號)?\s*[:：|｜]?\s*[“\"「『]?"
_PLAIN = (
    re.compile(rf"(?:以下)?文章(?:来源|來源)(?:于|於|自)\s*[:：]?\s*{_NAME}"),
    # 数据来源 and 图片来源 are those of a chart and of a picture.
    re.compile(
        rf"(?<![据據料片图圖息收入金动動能])(?:文章|信息|新闻|新聞|稿件|本文|内容|原文)?(?:来源|來源|出处|出處|稿源|信源)(?:于|於|自)?\s*[:：|｜]\s*{_NAME}"
    ),
    re.compile(rf"(?:^|[\s，。（(])(?:本文|文章|内容)?(?:转自|轉自|转载自|轉載自|摘自|编译自|編譯自)\s*{_ACCOUNT}{_NAME}"),
    re.compile(rf"^本文(?:来自|來自|转载于|首发于|首發於)\s*{_ACCOUNT}{_NAME}"),
)
_CAPITALISED = r"(?P<name>[A-Z][\w&.'’-]*(?: (?:&|of|the|[A-Z0-9])[\w&.'’-]*){0,5})"
_ENGLISH = (
    re.compile(
        r"(?:[Tt]his|[Tt]he) (?:article|story|post|piece|report|column)? ?(?:was )?(?:originally|first) "
        rf"(?:appeared|published|ran|was published|posted)(?: (?:on|in|by|at|with))? {_CAPITALISED}"
    ),
    re.compile(rf"^(?:[Oo]riginally|[Ff]irst) (?:published|appeared|posted) (?:on|in|by|at) {_CAPITALISED}"),
    re.compile(rf"^(?:Source|SOURCE|Via|Republished from|Reprinted from)\s*[:：]\s*{_CAPITALISED}\W{{0,2}}$"),
)
_AGENCY = (
    re.compile(r"^[A-Z][A-Z .,'/-]{2,40}(?:, [A-Z][a-z]{2,8}\.? \d{1,2})? \((?P<name>[A-Z][\w .-]{1,30})\) ?[-–—]"),
    re.compile(
        r"^[（(]?(?P<name>(?:新华|新華|中央|路透|法新|美联|美聯|彭博|共同|韩联|韓聯)社)(?:记者|記者)?[^，。\s]{0,14}\d{1,2}日[电電]"
    ),
)
_NOBODY = frozenset(
    "本站 原创 原創 本网 本網 网络 網路 互联网 網際網路 综合 綜合 未知 官网 官網 作者 转载 见文末 本站原创 网络整理 "
    "综合整理".split()
)
_EDGE = " .·“”\"'《》「」【】…-—"
_WORDS = 160


def origin_of(
    byline: Byline, text: str, site_names: Sequence[str], canonical: str | None, url: str | None, marked: Sequence[str] = ()
) -> Origin | None:
    """The outlet that a page names as its text's source, in its byline, in the text, or by a canonical link elsewhere.

    Args:
        site_names: names of the page's own outlet, which is never its origin.
        marked: what the page marks as the source, by a meta tag or an element's name; it counts where the byline has it too.
    """
    elsewhere = canonical if canonical and url and not _same_site(canonical, url) else None
    own = {name.casefold() for name in site_names if name}
    paragraphs = text.split("\n\n")
    edges = [*paragraphs[:3], *paragraphs[-3:]]
    for lines, patterns in (
        ((*byline.near, *byline.after), (*_PLAIN, *_ENGLISH)),
        (edges, (*_PLAIN, *_ENGLISH, *_AGENCY)),
        (paragraphs, _ENGLISH[:1]),
    ):
        for line in lines:
            found = _named(line, patterns, own)
            if found is not None:
                name, words = found
                return Origin(name, elsewhere, words)
    for name in marked:
        where = next((line for line in byline.near if name in line), None)
        if where is not None and _is_outlet(name, own):
            return Origin(name, elsewhere, where[:_WORDS])
    if elsewhere is None:
        return None
    return Origin(host_of(elsewhere), elsewhere, f'link rel="canonical": {elsewhere}'[:_WORDS])


def named_origin(text: str) -> Origin | None:
    """The origin that a plain text names at its beginning or end."""
    return origin_of(Byline(), text, (), None, None)


def _named(line: str, patterns: Sequence["re.Pattern[str]"], own: set[str]) -> tuple[str, str] | None:
    line = line[:2000]
    for pattern in patterns:
        for match in pattern.finditer(line):
            name = match["name"].strip(_EDGE)
            if not _is_outlet(name, own):
                continue
            start = max(0, match.start() - 20)
            return name, line[start : start + _WORDS].strip()
    return None


def _is_outlet(name: str, own: set[str]) -> bool:
    folded = name.casefold()
    if len(name) < 2 or name in _NOBODY or any(folded in each or each in folded for each in own):
        return False
    return any(char.isalpha() for char in name)


def marked_sources(marks: Marks) -> list[str]:
    """Short texts of elements that are named as the source, at most five."""
    texts = (" ".join(element.text_content().split()) for element in marks.sources[:5])
    return [text for text in texts if 2 <= len(text) <= 30]


def _same_site(one: str, other: str) -> bool:
    """Whether both addresses are of one outlet: equal hosts, or one host under the other."""
    try:
        first, second = host_of(canonical_url(one)), host_of(canonical_url(other))
    except ValueError:
        return True
    for prefix in ("m.", "wap.", "mobile.", "amp.", "3g."):
        first, second = first.removeprefix(prefix), second.removeprefix(prefix)
    return first == second or first.endswith(f".{second}") or second.endswith(f".{first}")
