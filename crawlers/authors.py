"""Who wrote an article: names only, without the words, addresses and job titles that sites put around them."""

import re
from collections.abc import Iterator, Sequence

from lxml import etree, html

from crawlers.byline import Byline
from index.text.tokens import HAN

_CLASSES = ("author", "author-name", "byline", "byline-name")
_MARKED = etree.XPath(
    "//a[@rel='author'] | //*[@itemprop='author']//*[@itemprop='name'] | "
    + " | ".join(f"//*[contains(concat(' ', @class, ' '), ' {name} ')]" for name in _CLASSES)
)
MOST = 10
"""Authors of one article; a page that names more lists its staff."""
_LONGEST, _LONGEST_HAN = 60, 20
"""Characters of one name."""
_BEFORE = re.compile(
    r"^\s*(?:(?:written|words|story|reported|posted)?\s*by[:\s]+|author[s]?\s*[:：]\s*|(?:本报|本刊|本台|特约|实习|見習|见习)?(?:记者|記者)[:：\s]*"
    r"|(?:文章)?作者\s*[:：|｜/]?\s*|撰文\s*[:：|｜]?\s*|文\s*[/｜|:：·]\s*)",
    re.IGNORECASE,
)
_APART = re.compile(r"\s*(?:,|;|，|；|、|/|\||｜|&|\band\b|\bwith\b|\s和\s|\s与\s|\u3000)\s*", re.IGNORECASE)
_AFTER = re.compile(
    r"(?:\s+[-–—]\s.*|\s*[(（<].*|\s+\S+@\S+.*|\s+(?:updated|published|posted|on|for)\b.*|\s*(?:编辑|編輯).*|报道$|報導$|\s+\d{4}.*)$",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"^(?:https?:|www\.|/|@)|\.(?:com|cn|net|org|html?)\b|\S@\S")
_NOBODY = frozenset(
    "no-author admin root editor author staff writer unknown none null anonymous guest webmaster 作者 佚名 匿名 管理员 "
    "小编 编辑 原创 未知 网络 本站".split()
)
_ROLES = frozenset(
    "staff team desk newsroom editor editors reporter reporters correspondent writer writers contributor contributors analyst "
    "journalist columnist editorial bureau".split()
)
"""What the last word of a job title or of a whole newsroom is, and of no name."""
_CHINESE = re.compile(
    rf"(?:(?<![{HAN}])(?:文章)?作者(?:名)?\s*[:：|｜/]\s*|(?:^|[\s|｜])文\s*[/｜|:：]\s*|撰文\s*[:：|｜]\s*|(?:记者|記者)\s*[:：]?\s+)"
    rf"(?P<names>[{HAN}A-Za-z·.]{{2,20}}(?:\s?[、,，/和]\s?[{HAN}A-Za-z·.]{{2,20}}){{0,4}})"
)
_NAME = r"[A-Z][\w.'’-]*(?:\s(?:[A-Z][\w.'’-]*|de|van|von|der|la|al|bin)){1,3}"
_BY = rf"(?P<names>{_NAME}(?:(?:,\s|\sand\s|,\sand\s){_NAME}){{0,4}})(?=$|[\s,|·•–—(])"
_ENGLISH = re.compile(
    rf"^(?:[Ww]ritten |[Ww]ords )?[Bb]y:?\s+{_BY}|^[Pp]osted on .{{6,40}}? by {_BY.replace('names', 'posted')}"
)


def authors_of(declared: Sequence[str], tree: html.HtmlElement, byline: Byline, site: str | None) -> str | None:
    """The names joined by ", ": as declared, else as marked in the page, else as written in the byline; None without any."""
    for candidates in (declared, list(_marked(tree)), list(_written(byline))):
        names = _names(candidates, site)
        if names:
            return ", ".join(names[:MOST])
    return None


def _names(candidates: Sequence[str], site: str | None) -> list[str]:
    found: dict[str, str] = {}
    for candidate in candidates:
        if candidate.lower().startswith(("http:", "https:", "/", "@")):
            continue  # a profile's address
        for piece in _APART.split(_BEFORE.sub("", candidate[:400])):
            name = _AFTER.sub("", _BEFORE.sub("", piece)).strip(" .,·:：*\"'“”")
            if _is_name(name, site):
                found.setdefault(name.casefold(), name)
    return list(found.values())


def _is_name(name: str, site: str | None) -> bool:
    wide = any("\u2e80" <= char <= "\u9fff" for char in name)
    if not name or len(name) > (_LONGEST_HAN if wide else _LONGEST) or _ADDRESS.search(name):
        return False
    if sum(char.isdigit() for char in name) > 3 or not any(char.isalpha() for char in name):
        return False
    if not wide and (len(name.split()) > 6 or name.split()[-1].casefold() in _ROLES):
        return False
    return (
        name.casefold().replace(" ", "-") not in _NOBODY
        and (len(name) > 1)
        and (site is None or name.casefold() != site.casefold())
    )


def _marked(tree: html.HtmlElement) -> Iterator[str]:
    """Elements that are marked as the author's name, outside lists of other articles; short ones only."""
    for element in _MARKED(tree)[:6]:
        text = " ".join(element.text_content().split())
        if text and len(text) <= 2 * _LONGEST:
            yield text
            if element.get("rel") != "author":
                return  # what follows are the authors of other articles


def _written(byline: Byline) -> Iterator[str]:
    lines = [*byline.near, "", *byline.after[:3]]
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        if line.rstrip(":").lower() in ("by", "written by", "author"):
            yield below
            return
        for form in (_CHINESE, _ENGLISH):
            if match := form.search(line):
                yield next(filter(None, match.groupdict().values()))
                return
