"""Who wrote an article: names only, without the words, addresses and job titles that sites put around them."""

import re
from collections.abc import Iterator, Sequence

from crawlers.byline import Byline
from crawlers.marks import Marks
from index.text.tokens import HAN

MOST = 10
"""Authors of one article; a page that names more lists its staff."""
_LONGEST, _LONGEST_HAN = 60, 10
"""Characters of one name; more only in a foreign one, whose parts a middle dot joins."""
_FEW = 2
"""Elements that are marked as an author; with more, some are of other articles."""
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
_ADDRESS = re.compile(r"^(?:https?:|www\.|/|@)|\.(?:com|cn|net|org|html?)\b|\S@\S", re.IGNORECASE)
_NOBODY = frozenset(
    "no-author admin root editor author staff writer unknown none null name anonymous guest webmaster administrator "
    "作者 佚名 匿名 管理员 管理員 小编 小編 编辑 編輯 原创 原創 未知 网络 網路 本站 网络整理 综合 整理 综合整理 "
    "发布于 發佈於 转载 轉載".split()
)
_EDITED = re.compile(r"\b(?:edit(?:ed|ion)|translated|by)\b", re.IGNORECASE)
_ROLES = frozenset(
    "staff team desk newsroom editor editors reporter reporters correspondent writer writers contributor contributors analyst "
    "journalist columnist editorial bureau agency agencies report reports service services wire wires online".split()
)
"""What the last word of a job title or of a whole newsroom is, and of no name."""
_CHINESE = re.compile(
    rf"(?:(?<![{HAN}])(?:文章)?作者(?:名)?\s*[:：|｜/]\s*|(?:^|[\s|｜])文\s*[/｜|:：]\s*|撰文\s*[:：|｜]\s*|(?:记者|記者)\s*[:：]?\s+)"
    rf"(?P<names>[{HAN}A-Za-z·.]{{2,20}}(?:\s?(?:[、/和]|[,，](?=[{HAN}]{{2,4}}(?![{HAN}])))\s?[{HAN}A-Za-z·.]{{2,20}}){{0,4}})"
)
_UNLABELLED = re.compile(
    rf"(?:^|[\s|｜])作者\s+(?P<names>[{HAN}·]{{2,8}})(?=\s*(?:[|｜/]|发|發|\d|$))"
    rf"|[,，]\s?作者(?P<writer>[{HAN}·]{{2,8}})$|^文\s(?P<pen>[{HAN}·]{{2,4}})$"
)
_NAME = r"[A-Z][\w.'’-]*(?:\s(?:[A-Z][\w.'’-]*|de|van|von|der|la|al|bin)){1,3}"
_BY = rf"(?P<names>{_NAME}(?:(?:,\s|\sand\s|,\sand\s){_NAME}){{0,4}})(?=$|[\s,|·•–—(])"
_ENGLISH = re.compile(
    rf"^(?:[Ww]ritten |[Ww]ords )?[Bb]y:?\s+{_BY}|^[Pp]osted on .{{6,40}}? by {_BY.replace('names', 'posted')}"
)


def authors_of(declared: Sequence[str], marks: Marks, byline: Byline, outlets: Sequence[str]) -> str | None:
    """The names joined by ", ": as declared, else as marked in the page, else as written in the byline; None without any.

    Args:
        outlets: names of the page's own outlet and of the text's origin, which are nobody's.
    """
    known = [outlet.casefold() for outlet in outlets if outlet]
    for candidates in (declared, list(_marked(marks, byline)), list(_written(byline))):
        names = _names(candidates, known)
        if names:
            return ", ".join(names[:MOST])
    return None


def _names(candidates: Sequence[str], outlets: Sequence[str]) -> list[str]:
    found: dict[str, str] = {}
    for candidate in candidates:
        if candidate.lower().startswith(("http:", "https:", "/", "@")):
            continue  # a profile's address
        for piece in _APART.split(_BEFORE.sub("", candidate[:400])):
            name = _AFTER.sub("", _BEFORE.sub("", piece)).strip(" .,·:：*\"'“”")
            name = _without_job(name, outlets)
            if _is_name(name, outlets):
                found.setdefault(name.casefold(), name)
    return list(found.values())


def _without_job(name: str, outlets: Sequence[str]) -> str:
    """ "Ann Lee" of "Ann Lee Ledger Staff Writer", where the outlet's name is Ledger."""
    words = name.split()
    while words and words[-1].casefold() in _ROLES:
        words.pop()
    if len(words) == len(name.split()):
        return name
    shorter = " ".join(words)
    own = next((outlet for outlet in outlets if shorter.casefold().endswith(f" {outlet}")), None)
    return shorter[: -len(own) - 1] if own else name


def _is_name(name: str, outlets: Sequence[str]) -> bool:
    wide = any("\u2e80" <= char <= "\u9fff" for char in name)
    if not name or len(name) > (_LONGEST_HAN if wide and "·" not in name else _LONGEST) or _ADDRESS.search(name):
        return False
    if sum(char.isdigit() for char in name) > 3 or not any(char.isalpha() for char in name):
        return False
    if not wide and (len(name.split()) > 6 or name.split()[-1].casefold() in _ROLES):
        return False
    if name.casefold().replace(" ", "-") in _NOBODY or len(name) < 2 or _EDITED.search(name):
        return False
    return not any(_is_of(name.casefold(), outlet) for outlet in outlets)


def _is_of(name: str, outlet: str) -> bool:
    """Whether a name is the outlet's, or what the outlet's begins with: 网易 of 网易财经, Google of Google Security Blog."""
    wide = any("\u2e80" <= char <= "\u9fff" for char in name)
    if wide:
        return outlet.startswith(name) or (len(outlet) > 2 and name.startswith(outlet))
    return name == outlet or outlet.startswith(f"{name} ")


def _marked(marks: Marks, byline: Byline) -> Iterator[str]:
    """What is marked as the author's name, short texts only; where much is, as in lists of columns, what the byline has too.

    What only looks so, by a class that has the word in it, counts where it begins as a byline does.
    """
    texts = [(" ".join(element.text_content().split()), element.get("rel") == "author") for element in marks.authors]
    texts = [(text, link) for text, link in texts if text and len(text) <= 2 * _LONGEST]
    around = "".join("".join(line.split()) for line in (*byline.near, *byline.after))
    if len(texts) > _FEW:
        texts = [(text, link) for text, link in texts if "".join(text.split()) in around]
    for text, link in texts[:6]:
        yield text
        if not link:
            return  # what follows are the authors of other articles
    for element in marks.perhaps[:6]:
        text = " ".join(element.text_content().split())
        if len(text) <= 2 * _LONGEST and (match := _ENGLISH.match(text) or _CHINESE.match(text)):
            yield next(filter(None, match.groupdict().values()))
            return


def _written(byline: Byline) -> Iterator[str]:
    lines = [*byline.near, "", *byline.after[:3]]
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        if line.rstrip(":").lower() in ("by", "written by", "author"):
            yield below
            return
        for form in (_CHINESE, _UNLABELLED, _ENGLISH):
            if match := form.search(line):
                yield next(filter(None, match.groupdict().values()))
                return
