"""How much of a feed is read: its first entries, and no more work than a few seconds allow, whatever its author is up to.

feedparser takes a time that grows with the square of some parts (the tags of an entry, the attributes of an element, a name
without spaces). So a feed is looked over first by a parser that does nothing else, and cut before the entry with which
it becomes too much.
"""

import re
from dataclasses import dataclass, field
from html import unescape
from itertools import islice
from xml.parsers import expat

from index.errors import ExtractionError

MAX_ENTRIES = 2_000
_MAX_LOOSE = 2_000_000
"""Bytes of an ill-formed feed: those are read by a parser in Python, of about a second for each of them."""
_MAX_LOOSE_MARKUP = 80_000
_MAX_WORK = 60_000.0
"""In elements. One takes feedparser about 30 µs."""
_MAX_MARKUP, _MAX_SIMPLE_MARKUP = 600_000, 100_000
"""Characters < and & of a well-formed feed, most of them in the HTML of its entries."""
_MAX_SHORT = 200_000
"""Bytes of an element that holds no article."""
_MAX_TOKEN = 1_000_000
"""Bytes of one tag or comment: older expat reads such a thing again with every 64 KiB of it that come."""
_MAX_NAMESPACES, _MAX_DEPTH = 200, 1000
_PEOPLE = frozenset("author creator managingeditor webmaster publisher owner contributor".split())
_TAGS = frozenset("category subject keywords tags".split())
_SHORT = frozenset(
    """title link guid id pubdate published updated modified issued created date name email url uri
    where point line box polygon""".split()
)
_ENTRY = re.compile(rb"<(?:[\w.-]+:)?(?:item|entry)[\s>/]", re.IGNORECASE)
_MARKUP = re.compile(rb"[<&]")
_TAG = re.compile(rb"<[^<>]*+>")
_CHARACTER = re.compile(rb"&#(\d++|[xX][0-9a-fA-F]++);?")
_PIECES = re.compile(rb"<!\[CDATA\[|\]\]>|<!--|-->")
_RUN = re.compile(r"[A-Za-z0-9_.+-]{200,}")
_LOOSE_TAGS = re.compile(rb"<(?:[\w.-]+:)?(?:category|subject|keywords|tags)\b", re.IGNORECASE)
_LOOSE_KEYWORDS = re.compile(rb"<(?:[\w.-]+:)?(?:keywords|tags)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Bounded:
    """A feed that can be read in bounded time. ``cut`` says why it ends before its end, None where it does not.

    ``simple``: so little markup that what feedparser does to the HTML in it takes no long time either.
    """

    body: bytes
    cut: str | None
    simple: bool


def bounded(body: bytes, entries: int = MAX_ENTRIES) -> Bounded:
    """The feed `body`, in UTF-8 and from its root element on, up to at most `entries` entries.

    Raises:
        ExtractionError: too much before its first entry has ended.
    """
    beyond = next(islice(_MARKUP.finditer(body), _MAX_MARKUP, None), None)
    look = _Look(body, entries, beyond.start() if beyond else len(body))
    try:
        look.parser.Parse(body, True)
        kept, why = body, None
    except _Enough as enough:
        kept, why = look.cut(str(enough)), str(enough)
    except expat.ExpatError:
        kept, why = _loosely(body, entries)
    return Bounded(kept, why, len(kept) <= _MAX_LOOSE and _count_of(_MARKUP, kept) <= _MAX_SIMPLE_MARKUP)


class _Enough(Exception):
    """Says what there is too much of."""


@dataclass(slots=True)
class _Look:
    """The state of looking over a well-formed feed."""

    body: bytes
    most: int
    limit: int
    work: float = 0.0
    entries: int = 0
    tags: int = 0
    open: list[str] = field(default_factory=list)
    entry_depth: int = 0
    entry_at: int = 0
    entry_inside: tuple[str, ...] = ()
    complete: int = 0
    watched: tuple[int, int] | None = None
    namespaces: set[tuple[str | None, str]] = field(default_factory=set)
    parser: expat.XMLParserType = field(init=False)

    def __post_init__(self) -> None:
        parser = expat.ParserCreate("utf-8", " ")
        parser.namespace_prefixes = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CommentHandler = self._comment
        parser.ProcessingInstructionHandler = lambda target, text: self._comment(text)
        parser.StartNamespaceDeclHandler = self._namespace
        self.parser = parser

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        parts = name.split(" ")
        local = parts[-1] if len(parts) < 3 else parts[1]
        kind = local.lower()
        if kind in ("item", "entry") and not self.entry_depth:
            self.entry_at, self.entry_inside = self.parser.CurrentByteIndex, tuple(self.open)
            self.entry_depth = len(self.open) + 1
            self.tags = 0
            if self.complete == self.most:
                raise _Enough(f"it has more than {self.most:,} entries")
        elif not self.entry_depth:
            self.entry_at, self.entry_inside = self.parser.CurrentByteIndex, tuple(self.open)
        self.open.append(local if len(parts) < 3 else f"{parts[2]}:{local}")
        if len(self.open) > _MAX_DEPTH:
            raise _Enough("it is nested too deeply")
        self.work += 1
        if attributes:
            self.work += len(attributes) * len(attributes) / 100
            if sum(map(len, attributes.values())) > _MAX_TOKEN:
                raise _Enough("it has a tag of more than a megabyte")
        if kind in _TAGS:
            self.tags += 1
            self.work += self.tags / 500
        if (kind in _TAGS or kind in _PEOPLE or kind in _SHORT) and self.watched is None:
            self.watched = (len(self.open), self.parser.CurrentByteIndex)
        if self.work > _MAX_WORK or self.parser.CurrentByteIndex > self.limit:
            raise _Enough("it has too much markup")

    def _end(self, name: str) -> None:
        if self.watched is not None and len(self.open) == self.watched[0]:
            segment = self.body[self.watched[1] : self.parser.CurrentByteIndex]
            self.watched = None
            self.work += _work_of_names(segment[:_MAX_SHORT]) + segment.count(b",") ** 2 / 1000
            if self.work > _MAX_WORK or len(segment) > _MAX_SHORT:
                raise _Enough("it has names, tags or links of a length that no feed needs")
        if self.parser.CurrentByteIndex > self.limit:
            raise _Enough("it has too much markup")
        if len(self.open) == self.entry_depth:
            self.entry_depth = 0
            self.complete += 1
        self.open.pop()

    def _comment(self, text: str) -> None:
        if len(text) > _MAX_TOKEN:
            raise _Enough("it has a comment or instruction of more than a megabyte")

    def _namespace(self, prefix: str | None, address: str) -> None:
        self.namespaces.add((prefix, address))
        if len(self.namespaces) > _MAX_NAMESPACES:
            raise _Enough(f"it has more than {_MAX_NAMESPACES} namespaces")

    def cut(self, why: str) -> bytes:
        """The feed up to the end of its last entry that was not too much, its open elements closed."""
        if not self.complete:
            raise ExtractionError(why)
        closing = "".join(f"</{name}>" for name in reversed(self.entry_inside))
        return self.body[: self.entry_at] + closing.encode()


def _loosely(body: bytes, entries: int) -> tuple[bytes, str | None]:
    """What of an ill-formed feed is read, and why no more: up to where an entry begins, as far as that can be seen."""
    limit, why = len(body), None
    if len(body) > _MAX_LOOSE:
        limit, why = _MAX_LOOSE, "it is large and not well-formed"
    marks = next(islice(_MARKUP.finditer(body, 0, limit), _MAX_LOOSE_MARKUP, None), None)
    if marks is not None:
        limit, why = marks.start(), "it is not well-formed and has too much markup"
    starts = [match.start() for match in islice(_ENTRY.finditer(body, 0, limit), entries + 1)]
    if len(starts) > entries:
        limit, why = starts[entries], f"it has more than {entries:,} entries"
    elif why is not None:
        if len(starts) < 2:
            raise ExtractionError(why)
        limit = starts[-1]
    body = _CHARACTER.sub(lambda match: match[0] if _exists(match[1]) else b"\xef\xbf\xbd", body[:limit])
    tags = _count_of(_LOOSE_TAGS, body)
    commas = sum(body.count(b",", match.end(), match.end() + 20_000) for match in islice(_LOOSE_KEYWORDS.finditer(body), 5000))
    if tags > 5_000 or commas > 20_000 or _work_of_names(body) > _MAX_WORK:
        raise ExtractionError("it is not well-formed and has names or tags of a length that no feed needs")
    return body, why


def _exists(reference: bytes) -> bool:
    """Whether a character reference stands for a character; feedparser fails as a whole at one that does not."""
    digits = reference.lstrip(b"0")
    if len(digits) > 8:
        return False
    number = int(digits[1:] or b"0", 16) if digits[:1] in b"xX" and digits else int(digits or b"0")
    return 0 < number < 0x110000 and not 0xD800 <= number < 0xE000


def _work_of_names(segment: bytes) -> float:
    """What feedparser's search for an e-mail address in the text of `segment` costs at most."""
    text = unescape(_TAG.sub(b"", _PIECES.sub(b"", segment)).decode("utf-8", "replace"))
    return sum((match.end() - match.start()) ** 2 for match in _RUN.finditer(text)) / 3000


def _count_of(pattern: re.Pattern[bytes], body: bytes) -> int:
    return sum(1 for _ in islice(pattern.finditer(body), 10_000_000))
