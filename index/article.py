"""The values that cross folder borders on the way in: an extracted article and what ingest made of it."""

from dataclasses import dataclass, field
from datetime import datetime

LANGUAGES = ("en", "zh")
"""Languages that Chipwire segments, glosses and filters by; anything else is stored as ``und``."""

DATE_SOURCES = ("json-ld", "meta", "microdata", "time", "url", "text", "feed", "given")
"""Where a publication date may come from, the most trusted first; ``given``: by whoever imported the article."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Whom a reposted article names as its source: 来源：, 以下文章来源于, "originally appeared on", a canonical link.

    ``words`` is the place it was read from, as written, so that a reader can check it.
    """

    name: str
    url: str | None = None
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """One article as read from a page, a feed entry or an import line; what `KnowledgeBase.ingest` takes.

    ``text`` is plain text with paragraphs separated by one blank line. ``lang`` is ``en``, ``zh`` or ``und``.
    ``url`` is the address the reader is sent to; None means that the article has none and is known by its text.
    Times are timezone-aware. ``date_source`` says where ``published`` was read (`DATE_SOURCES`); ``date_note`` what was
    wrong with it, as when it lay in the future. ``image`` is the lead image's address. ``captions`` are those of
    figures, which are not in ``text``. ``raw_url`` is the address as it was linked, before anything was tidied away.
    ``html`` is the page as fetched (kept compressed) with the ``headers`` that say how to read it, where there was one.
    """

    url: str | None
    title: str
    text: str
    lang: str
    source: str
    published: datetime | None = None
    modified: datetime | None = None
    author: str | None = None
    summary: str | None = None
    canonical_url: str | None = None
    origin: Origin | None = None
    html: bytes | None = None
    headers: tuple[tuple[str, str], ...] = ()
    date_source: str | None = None
    date_note: str | None = None
    image: str | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    captions: tuple[str, ...] = ()
    raw_url: str | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """One input that was not taken: ``line`` counts from 1 (0: the whole file), ``why`` is one clear sentence."""

    line: int
    why: str
    file: str | None = None


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What happened to a stream of articles; every count is of committed articles."""

    read: int = 0
    new: int = 0
    updated: int = 0
    duplicate: int = 0
    rejected: tuple[Rejected, ...] = field(default=())

    def __add__(self, other: "IngestReport") -> "IngestReport":
        return IngestReport(
            self.read + other.read,
            self.new + other.new,
            self.updated + other.updated,
            self.duplicate + other.duplicate,
            self.rejected + other.rejected,
        )
