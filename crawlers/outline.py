"""A page as its paragraphs, in one walk over the parsed tree: what the choice of the main text is made from.

Nothing of the tree is changed or copied. Every block element, every line break and every cell ends a paragraph; an element
knows which run of paragraphs it holds, so that the text in any part of the page is a difference of two sums.
"""

import re
from dataclasses import dataclass, field
from itertools import accumulate

from lxml import etree, html

from crawlers.furniture import ROLE_TAGS, Role, role_of

BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption figure footer form "
    "h1 h2 h3 h4 h5 h6 header hgroup hr li main menu nav ol p pre section summary table tbody td tfoot th thead tr ul".split()
)
UNSEEN = frozenset(
    "script style noscript template iframe svg canvas object embed audio video map head select button input textarea option "
    "annotation dialog menu link meta base applet frameset rt rp".split()
)
STOPS = (".", "!", "?", "。", "！", "？", "…", "”", '"')
"""What a sentence ends in."""
HEADINGS = frozenset("h1 h2 h3 h4 h5 h6".split())
_WIDE = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]")
_SENTENCE = re.compile(r"[。！？；…]|[.!?][\"'”’)\]]*(?:\s|$)|[，,、:;]\s*\S.*[，,、:;]\s*\S")
_APART = Role.FURNITURE | Role.CAPTION | Role.UNSEEN | Role.FOLDED | Role.COMMENTS
_RUNNING = 50
"""Columns; a shorter piece of text is not taken for running text."""
_WIDE_SENTENCE = 18
_BREAK = "\x1d"
_CELL_WIDTH, _MIN_ROWS = 240, 2


@dataclass(slots=True)
class Paragraph:
    """One run of text. `tag` is the element that gives it its kind: p, li, h1 … h6, td, pre, blockquote, caption, row."""

    text: str
    tag: str
    element: int
    link: int
    """Characters of it that are link text; of all its lines where it is one of several."""
    outside: bool = False
    """It is in an element that is no part of the article."""
    caption: bool = False
    stamp: bool = False
    notice: bool = False
    """The publisher's word to the reader, in a page that has more than such words."""
    width: int = 0
    sentence: bool = False
    mass: int = 0
    """Its width where it is running text, else nothing."""

    def __post_init__(self) -> None:
        # A Chinese character says what two or three Latin letters say.
        wide = len(_WIDE.findall(self.text))
        self.width = len(self.text) + wide
        # Many who write Chinese on the web put a space where a comma would be, and a line break for a full stop.
        self.sentence = wide >= _WIDE_SENTENCE or _SENTENCE.search(self.text) is not None
        running = self.sentence and self.width >= (_RUNNING if wide < _WIDE_SENTENCE else 2 * _WIDE_SENTENCE)
        if running and self.link * 2 < len(self.text) and self.tag not in HEADINGS:
            self.mass = self.width

    @property
    def linked(self) -> float:
        return self.link / max(len(self.text), 1)


@dataclass(slots=True)
class Outline:
    """The page. Element 0 is the root; `start`/`end` are numbers of paragraphs, `parent` and `last` of elements."""

    elements: list[html.HtmlElement] = field(default_factory=list)
    parent: list[int] = field(default_factory=list)
    start: list[int] = field(default_factory=list)
    end: list[int] = field(default_factory=list)
    roles: list[int] = field(default_factory=list)
    paragraphs: list[Paragraph] = field(default_factory=list)
    sums: list[int] = field(default_factory=lambda: [0])

    def mass(self, element: int) -> int:
        return self.sums[self.end[element]] - self.sums[self.start[element]]


@dataclass(slots=True)
class _Table:
    element: int
    first: int
    rows: list[list[int]] = field(default_factory=list)
    """For each row, the number of the first paragraph of each of its cells."""
    nested: bool = False


class _Walk:
    """One walk over a tree; see :func:`outline_of`."""

    def __init__(self) -> None:
        self.page = Outline()
        self.parts: list[str] = []
        self.blank = True
        self.link = 0
        self.in_link = 0
        self.blocks: list[tuple[str, int]] = []
        self.open: list[tuple[int, bool, bool]] = []
        self.tables: list[_Table] = []

    def text(self, text: str) -> None:
        self.parts.append(text)
        if self.blank and not text.isspace():
            self.blank = False
        if self.in_link:
            self.link += len(text)

    def flush(self) -> None:
        if not self.parts:
            return
        if not self.blank:
            whole = "".join(self.parts)
            tag, element = self.blocks[-1] if self.blocks else ("body", 0)
            lines = [" ".join(line.split()) for line in whole.split(_BREAK)]
            lines = [line for line in lines if line]
            share = self.link / max(sum(map(len, lines)), 1)
            new = [Paragraph(line, tag, element, round(min(share, 1.0) * len(line))) for line in lines]
            if len(new) > 1 and tag not in HEADINGS and share < 0.5 and any(p.sentence for p in new):
                # Lines between breaks are a paragraph together, however short each is.
                if sum(p.width for p in new) >= _RUNNING:
                    for p in new:
                        p.mass = p.width
            self.page.paragraphs.extend(new)
        self.parts.clear()
        self.blank = True
        self.link = 0

    def enter(self, element: html.HtmlElement, tag: str) -> None:
        page, number = self.page, len(self.page.elements)
        attributes = element.items()
        role = role_of(tag, attributes) if attributes or tag in ROLE_TAGS else Role.NONE
        # An inline element that is furniture stands alone, unless a sentence goes on around it.
        block = tag in BLOCKS or (role & _APART != 0 and self.blank and not (element.tail or "").strip())
        if block:
            self.flush()
        page.elements.append(element)
        page.parent.append(self.open[-1][0] if self.open else -1)
        page.start.append(len(page.paragraphs))
        page.end.append(0)
        page.roles.append(role)
        # A link within the page is a footnote or a heading's own anchor.
        link = tag == "a" and not element.get("href", "").startswith("#")
        self.open.append((number, block, link))
        if block:
            self.blocks.append((tag, number))
        self.in_link += link
        if tag == "table":
            if self.tables:
                self.tables[-1].nested = True
            self.tables.append(_Table(number, len(page.paragraphs)))
        elif tag == "tr" and self.tables:
            self.tables[-1].rows.append([])
        elif tag in ("td", "th") and self.tables and self.tables[-1].rows:
            self.tables[-1].rows[-1].append(len(page.paragraphs))

    def leave(self, tag: str) -> None:
        number, block, link = self.open.pop()
        self.in_link -= link
        if block:
            self.flush()
            self.blocks.pop()
            if tag == "table":
                self.rows(self.tables.pop())
        # Text of an inline element belongs to the paragraph that is still being read.
        self.page.end[number] = len(self.page.paragraphs)

    def rows(self, table: _Table) -> None:
        """Make each row of a table of facts one paragraph; a table that only places things stays as it is."""
        if table.nested:
            return
        page, end = self.page, len(self.page.paragraphs)
        cells = sum(map(len, table.rows))
        wide = sum(p.width for p in page.paragraphs[table.first :])
        full = sum(len(row) > 1 for row in table.rows)
        if full < _MIN_ROWS or wide > _CELL_WIDTH * cells:
            return
        bounds = [start for row in table.rows for start in row] + [end]
        merged = page.paragraphs[table.first : bounds[0]]
        at = 0
        for row in table.rows:
            texts, link = [], 0
            for _ in row:
                cell = page.paragraphs[bounds[at] : bounds[at + 1]]
                texts.append(" ".join(p.text for p in cell))
                link += sum(p.link for p in cell)
                at += 1
            if any(texts):
                merged.append(Paragraph(" | ".join(filter(None, texts)), "row", table.element, link))
        page.paragraphs[table.first :] = merged
        for inner in range(table.element + 1, len(page.elements)):
            page.start[inner] = page.end[inner] = len(page.paragraphs)
            page.roles[inner] = Role.NONE


def outline_of(
    tree: html.HtmlElement, unseen: frozenset[str] = UNSEEN, drop: frozenset[html.HtmlElement] = frozenset()
) -> Outline:
    """Read the page, except what is in an element with an `unseen` tag or in one of `drop`.

    Time and memory grow with the number of elements and characters.
    """
    walk = _Walk()
    steps = etree.iterwalk(tree, events=("start", "end", "comment", "pi"))
    for event, element in steps:
        if event == "start":
            tag = element.tag
            if tag in unseen or (drop and element in drop):
                steps.skip_subtree()
            elif tag == "br":
                walk.parts.append(_BREAK)
            else:
                walk.enter(element, tag)
                if text := element.text:
                    walk.text(text)
            continue
        if event == "end":
            tag = element.tag
            if tag != "br" and tag not in unseen and not (drop and element in drop):
                walk.leave(tag)
        if element is not tree and (text := element.tail):
            walk.text(text)
    walk.flush()
    page = walk.page
    page.sums = list(accumulate((p.mass for p in page.paragraphs), initial=0))
    return page
