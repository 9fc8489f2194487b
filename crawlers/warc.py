"""Web archives: the articles in a WARC file, as Common Crawl ships its news (CC-NEWS), one record in memory at a time.

Of hundreds of thousands of records few are wanted, so tests come in the order of their cost: kind of record, status, media
type and host from the headers; the language and the words of the field from the page's running text; only what is left is
extracted and judged. Nothing is dropped silently: each response that is no article comes out as `LeftOut` with its reason.
"""

import gzip
import re
import zlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Protocol

from crawlers.charset import decode_page
from crawlers.decompression import TooLarge, decompress
from crawlers.extract import Page, extract
from crawlers.rough_text import running_text
from index.article import Article, Rejected
from index.errors import ExtractionError
from index.text.address import canonical_url, host_of
from index.text.times import read_datetime
from index.text.tokens import HAN

MAX_BYTES = 10_000_000
"""Bytes of one page, packed and unpacked."""
_MAX_HEADERS = 1_000_000
"""Bytes of headers of one record; more is a damaged file that reads like a header."""
_HTML_TYPES = ("text/html", "application/xhtml+xml")
_HAN_CHARACTER = re.compile(f"[{HAN}]")
_ENGLISH_WORD = re.compile(r"\b(?:the|of|and|to|is|for|that|with)\b", re.IGNORECASE)
_FEWEST = 5
"""Chinese characters, or commonest English words, without which a page holds no article in that language."""

ReadPage = Callable[[Page, str | None], Article]
"""Reads a page for a source's id (None: the page's host): `crawlers.extract.extract`, or the same in a child process."""

Reason = Literal["address", "host", "status", "type", "size", "encoding", "language", "topic", "extraction"]


class Gate(Protocol):
    """What decides whether an article is of the field: `index.knowledge.topic.TopicGate`."""

    def may_be_on_topic(self, text: str) -> bool: ...

    def judge(self, title: str, text: str, lang: str) -> Any:
        """Something with ``on_topic`` and a readable ``reason``."""


@dataclass(frozen=True, slots=True)
class Captured:
    """An article and when the archive fetched it: a hint of when it was first seen, never of when it was published."""

    article: Article
    seen: datetime | None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A response that gave no article: its address as recorded, the kind of reason, and the reason in words."""

    url: str
    reason: Reason
    why: str


@dataclass(slots=True)
class WarcCounts:
    """What became of a file's records; `add` is given every item that `read_warc` yields."""

    articles: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    rejected: int = 0

    def add(self, item: Captured | LeftOut | Rejected) -> None:
        if isinstance(item, Captured):
            self.articles += 1
        elif isinstance(item, LeftOut):
            self.left_out[item.reason] += 1
        else:
            self.rejected += 1

    @property
    def records(self) -> int:
        """Pages in all."""
        return self.articles + self.left_out.total() + self.rejected

    def __str__(self) -> str:
        """One line: ``12 articles; left out: 7 by status, 80 by topic``."""
        reasons = ", ".join(f"{count} by {reason}" for reason, count in sorted(self.left_out.items()))
        return f"{self.articles} articles" + (f"; left out: {reasons}" if reasons else "")


def read_warc(
    path: Path,
    *,
    languages: Collection[str] = (),
    hosts: Collection[str] = (),
    gate: Gate | None = None,
    source: str | None = None,
    read_page: ReadPage = extract,
) -> Iterator[Captured | LeftOut | Rejected]:
    """The articles among the responses of a ``.warc`` or ``.warc.gz`` file.

    Args:
        languages: of ``en``, ``zh`` and ``und``; all where empty.
        hosts: only pages of these hosts and those under them (``example.com`` takes ``www.example.com``); all where empty.
        gate: only articles that it takes; all where None.
        source: the source's id for every article; each page's host where None.
        read_page: how a page that is left after all the tests is read.
    Yields:
        An item for each response record, and one `Rejected` at the end of a file that is damaged or no WARC file: what
        came before the damage has been yielded by then.
    """
    finished = 0
    try:
        with _Source(path) as stream:
            for record in _records(stream):
                item = _read(record, languages, hosts, gate, source, read_page) if record.rec_type == "response" else None
                _finish(record)
                finished += 1
                if item is not None:
                    yield item
            if stream.damage is not None:
                raise _Damaged(str(stream.damage))
        if not finished:
            raise _Damaged("there is no WARC record in it")
    except (_Damaged, OSError) as error:
        kept = f"the {finished} records before that were read" if finished else "nothing was read"
        yield Rejected(finished + 1, f"the file cannot be read on from record {finished + 1}: {error}; {kept}", str(path))


class _Damaged(Exception):
    """The file cannot be read any further; the message says why."""


class _Source:
    """The file without its gzip layer (by content: Common Crawl's files are gzip members, one to a record).

    Damage ends it as if the file ended there and is kept in ``damage``: what was unpacked before it is read first.
    """

    def __init__(self, path: Path) -> None:
        self.damage: Exception | None = None
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        self._file = gzip.open(path, "rb") if packed else path.open("rb")  # noqa: SIM115  # closed in __exit__

    def __enter__(self) -> "_Source":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def read(self, size: int) -> bytes:
        if self.damage is not None:
            return b""
        try:
            return self._file.read1(size)
        except (OSError, EOFError, zlib.error) as error:
            self.damage = error
            return b""

    def tell(self) -> int:
        return 0  # offsets are of no use here


def _records(stream: _Source) -> Iterator[Any]:
    """The records; each must be finished before the next is asked for."""
    from warcio.archiveiterator import ArchiveIterator
    from warcio.bufferedreaders import BufferedReader
    from warcio.exceptions import ArchiveLoadFailed

    class Reader(BufferedReader):  # type: ignore[misc]
        """Lines are headers here; the parser would read them for ever, and take their end for the file's."""

        headers = 0
        ended = False

        def readline(self, length: int | None = None) -> bytes:
            line: bytes = super().readline(min(length or _MAX_HEADERS, _MAX_HEADERS))
            self.headers += len(line.strip())
            self.ended = not line
            if self.headers > _MAX_HEADERS:
                raise ArchiveLoadFailed("a record's headers do not end")
            return line

    records = ArchiveIterator(stream)
    records.reader = reader = Reader(stream, block_size=1 << 16)
    while True:
        try:
            record = next(records, None)
        except ArchiveLoadFailed as error:
            raise _Damaged(" ".join(str(error).split())[:120]) from error
        except (AttributeError, LookupError, TypeError, ValueError) as error:  # what warcio makes of headers that lack a field
            raise _Damaged("the record's headers are damaged") from error
        if records.err_count:
            raise _Damaged("the record before it is longer than it says")
        if record is None:
            if reader.headers:
                raise _Damaged("the file ends inside the record's headers")
            return
        if reader.ended:
            raise _Damaged("the file ends inside the record's headers")
        if record.format != "warc":
            raise _Damaged("this is an ARC file; convert it with `warcio recompress`")
        if not record.rec_type or record.length is None:
            raise _Damaged("the record does not say what it is and how long")
        reader.headers = 0
        yield record


def _finish(record: Any) -> None:
    """Read what is left of a record, and notice where the file ends inside it."""
    while record.raw_stream.read(1 << 16):
        pass
    _check_whole(record)


def _check_whole(record: Any) -> None:
    missing = record.raw_stream.limit
    if missing > 0:
        raise _Damaged(f"the file ends {missing:,} bytes too early")


def _read(
    record: Any,
    languages: Collection[str],
    hosts: Collection[str],
    gate: Gate | None,
    source: str | None,
    read_page: ReadPage,
) -> Captured | LeftOut:
    headers = record.rec_headers
    given = (headers.get_header("WARC-Target-URI") or "").strip("<> ")
    http = record.http_headers
    status = http.get_statuscode() if http is not None else ""
    if status != "200":
        return LeftOut(given, "status", f"the server answered {status[:10] or 'nothing'}")
    media_type = http.get_header("Content-Type") or headers.get_header("WARC-Identified-Payload-Type") or "text/html"
    if media_type.split(";")[0].strip().lower() not in _HTML_TYPES:
        return LeftOut(given, "type", f"the page is {media_type[:60]}, not HTML")
    try:
        url = canonical_url(given)
    except ValueError as error:
        return LeftOut(given, "address", str(error))
    host = host_of(url)
    if hosts and not any(host == each or host.endswith(f".{each}") for each in hosts):
        return LeftOut(given, "host", f"{host} is not among the wanted hosts")
    try:
        body = _body(record)
    except TooLarge as error:
        return LeftOut(given, "size", error.message)
    except ExtractionError as error:
        return LeftOut(given, "encoding", error.message)
    if gate is not None or languages:
        rough = running_text(decode_page(body, media_type))
        if languages and not _may_be_in(rough, languages):
            return LeftOut(given, "language", f"the page is not in {' or '.join(sorted(languages))}")
        if gate is not None and not gate.may_be_on_topic(rough):
            return LeftOut(given, "topic", "the page has too few words of the field")
    return _extract(given, url, body, media_type, record, languages, gate, source, read_page)


def _extract(
    given: str,
    url: str,
    body: bytes,
    media_type: str,
    record: Any,
    languages: Collection[str],
    gate: Gate | None,
    source: str | None,
    read_page: ReadPage,
) -> Captured | LeftOut:
    try:
        article = read_page(Page(url, body, media_type), source)
    except ExtractionError as error:
        return LeftOut(given, "extraction", error.message)
    except Exception as error:  # a page that trips a parser costs that page only
        return LeftOut(given, "extraction", f"the page could not be read ({type(error).__name__})")
    if languages and article.lang not in languages:
        return LeftOut(given, "language", f"the article's language is {article.lang}")
    if gate is not None:
        verdict = gate.judge(article.title, article.text, article.lang)
        if not verdict.on_topic:
            return LeftOut(given, "topic", verdict.reason)
    return Captured(article, read_datetime(record.rec_headers.get_header("WARC-Date") or ""))


def _body(record: Any) -> bytes:
    """The page's bytes without transfer and content coding.

    Raises:
        TooLarge: more than `MAX_BYTES`.
        ExtractionError: not in the coding that is claimed.
    """
    raw: bytes = record.raw_stream.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise TooLarge(f"the page is larger than {MAX_BYTES // 1_000_000} MB")
    _check_whole(record)  # half a page is no article
    http = record.http_headers
    if (http.get_header("Transfer-Encoding") or "").strip().lower() == "chunked":
        raw = _unchunked(raw)
    return decompress(raw, http.get_header("Content-Encoding"), MAX_BYTES)


def _unchunked(raw: bytes) -> bytes:
    """`raw` without chunk headers (RFC 9112, 7.1); as it is where there are none, because archives often took them out."""
    parts: list[bytes] = []
    position = 0
    while True:
        end = raw.find(b"\r\n", position, position + 64)
        size = raw[position:end].split(b";")[0].strip() if end >= 0 else b""
        if not re.fullmatch(rb"[0-9A-Fa-f]{1,8}", size):
            return b"".join(parts) if parts else raw
        length = int(size, 16)
        if length == 0:
            return b"".join(parts)
        parts.append(raw[end + 2 : end + 2 + length])
        position = end + 4 + length


def _may_be_in(text: str, languages: Collection[str]) -> bool:
    """False where a page of this running `text` holds too little of any of the languages for an article."""
    if "und" in languages:
        return True
    return ("zh" in languages and _at_least(_HAN_CHARACTER, text)) or ("en" in languages and _at_least(_ENGLISH_WORD, text))


def _at_least(pattern: re.Pattern[str], text: str) -> bool:
    return any(number >= _FEWEST for number, _ in enumerate(pattern.finditer(text), 1))
