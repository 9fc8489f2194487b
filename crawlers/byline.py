"""The lines around an article's text where a page says who wrote it, when, and where it is from."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from lxml import etree, html

from crawlers.outline import BLOCKS, UNSEEN
from crawlers.written_dates import Written, written_dates

_ABOVE, _BELOW, _AFTER = 5, 16, 8
"""Lines above the headline, below it where the text is not found, and after the text, that are looked at."""
_LONGEST = 240
"""Characters of a line that may be a byline; a longer one is running text."""
_HEADLINE, _START = 16, 24
"""Characters by which a headline and the text's beginning are known."""
_NOT_SHOWN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_CELLS = frozenset({"td", "th", "dt", "dd"})
_UPDATED = re.compile(
    r"(?:更新|修改|修訂|修订|最后编辑|最後編輯|[Uu]pdated?|UPDATED?|[Mm]odified|[Rr]evised|[Ee]dited)(?:时间|時間|日期|于|於|on)?\W{0,4}$"
)
_UPDATED_AFTER = re.compile(r"\s{0,2}[(（]?\s?(?:更新|修改|[Uu]pdated)")
_PUBLISHED = re.compile(
    r"(?:发布|發布|发表|發表|刊登|上线|发稿|發稿|时间|時間|日期|[Pp]ublished|[Pp]osted|PUBLISHED|[Dd]ate|[Ff]irst published)"
    r"(?:时间|時間|日期|于|於|on)?\W{0,4}$"
)
_OTHER = re.compile(r"©|[Cc]opyright|版权所有|版權所有|ICP|(?:活动|会议|開幕|开幕|截止|直播)(?:时间|時間|日期)\W{0,4}$")


@dataclass(frozen=True, slots=True)
class Byline:
    """Lines of a page: ``near`` the headline (those below it first), and ``after`` the text's end. Short ones only."""

    near: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


def byline_of(lines: Sequence[str], title: str, text: str) -> Byline:
    """Find the byline among a page's lines (`visible_lines`) by the headline above it and the text below it."""
    start = _first_of_text(lines, text)
    heads = [i for i, line in enumerate(lines) if title and title[:_HEADLINE] in line and len(line) <= 3 * len(title) + 40]
    if start is not None:
        heads = [i for i in heads if i < start]
    head = heads[-1] if heads else None
    if head is None and start is None:
        return Byline(tuple(_short(lines[:_BELOW])))
    if head is None:
        assert start is not None
        near = list(lines[max(0, start - _BELOW) : start])
    else:
        end = start if start is not None else head + 1 + _BELOW
        near = [*lines[head + 1 : min(end, head + 1 + 3 * _BELOW)], *lines[max(0, head - _ABOVE) : head]]
    after = lines[start + 1 :] if start is not None else ()
    last = _last_of_text(after, text)
    near += _between(after[:last], text)
    return Byline(tuple(_short(near)), tuple(_short(after[last : last + _AFTER])) if last else ())


def dates_in(byline: Byline, zone: tzinfo, seen: datetime | None) -> tuple[Written | None, Written | None]:
    """When the article was published and when it was updated, as its byline says.

    A date that is said to be an update's is never the publication's; after the text, only a date with its label counts.
    """
    published: list[tuple[bool, Written]] = []
    updated: list[Written] = []
    for line in byline.near:
        for each, label in _labelled(line, zone, seen):
            if label == "updated":
                updated.append(each)
            elif label != "other":
                published.append((label == "published", each))
    for line in byline.after:
        for each, label in _labelled(line, zone, seen):
            if label == "updated":
                updated.append(each)
            elif label == "published":
                published.append((True, each))
    said = next((each for labelled, each in published if labelled), None)
    first = said or next((each for _, each in published), None)
    return first, updated[0] if updated else None


def _labelled(line: str, zone: tzinfo, seen: datetime | None) -> list[tuple[Written, str]]:
    found = []
    before = 0
    for each in written_dates(line, zone, seen):
        label = line[before : each.start][-24:]
        before = each.end
        if _UPDATED.search(label) or _UPDATED_AFTER.match(line, each.end):
            kind = "updated"
        elif _OTHER.search(label):
            kind = "other"
        else:
            kind = "published" if _PUBLISHED.search(label) else ""
        found.append((each, kind))
    return found


def visible_lines(tree: html.HtmlElement) -> list[str]:
    """The page's text as its blocks break it into lines, white space collapsed; what no reader sees is left out."""
    lines: list[str] = []
    pieces: list[str] = []
    hidden = 0
    for event, element in etree.iterwalk(tree, events=("start", "end", "comment", "pi")):
        tag = element.tag
        if event == "start":
            if hidden or tag in UNSEEN or _is_hidden(element):
                hidden += 1
                continue
            if (tag in BLOCKS and tag not in _CELLS) or tag == "br":
                _flush(pieces, lines)
            if (text := element.text) is not None:
                pieces.append(text)
            continue
        if event == "end":
            if hidden:
                hidden -= 1
            elif tag in BLOCKS and tag not in _CELLS:
                _flush(pieces, lines)
        if not hidden and (tail := element.tail) is not None:
            pieces.append(tail)
    _flush(pieces, lines)
    return lines


def _is_hidden(element: html.HtmlElement) -> bool:
    style = element.get("style")
    return (style is not None and _NOT_SHOWN.search(style) is not None) or element.get("hidden") is not None


def _flush(pieces: list[str], lines: list[str]) -> None:
    if pieces:
        line = " ".join(" ".join(pieces).split())
        if line:
            lines.append(line)
        pieces.clear()


def _first_of_text(lines: Sequence[str], text: str) -> int | None:
    """The line in which the text begins; a line of a few characters begins many things, and is passed over."""
    starts = ["".join(paragraph.split())[:_START] for paragraph in text[:800].split("\n\n")[:6]]
    for i, line in enumerate(lines):
        bare = "".join(line[: 2 * _START].split())[:_START]
        if len(bare) >= 12 and any(start.startswith(bare) for start in starts):
            return i
    return None


def _last_of_text(lines: Sequence[str], text: str) -> int:
    """How many of the lines belong to the text."""
    end = "".join(text[-200:].split())[-_START:]
    for i, line in enumerate(lines):
        if end and end in "".join(line[-300:].split()):
            return i + 1
    return 0


def _between(lines: Sequence[str], text: str) -> list[str]:
    """The lines that are no text between the text's first and its second paragraph: of a byline below a standfirst."""
    start = "".join(text[:3000].split())
    for i, line in enumerate(lines[: _AFTER + 1]):
        bare = "".join(line[: 2 * _START].split())[:_START]
        if len(bare) >= 12 and bare in start:
            return list(lines[:i])
    return []


def _short(lines: Sequence[str]) -> list[str]:
    return [line for line in lines if len(line) <= _LONGEST]
