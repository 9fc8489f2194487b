"""Feeds and sitemaps: bytes in, entries out. RSS, Atom, RDF, JSON Feed; sitemaps, sitemap indexes, news sitemaps."""

import gzip
import io
import json
import re
import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

import feedparser
from lxml import etree, html

from index.errors import ExtractionError
from index.text.address import canonical_url
from index.text.times import read_datetime

MAX_BYTES = 20_000_000
MAX_ENTRIES = 2_000
_DECLARATION = re.compile(rb"<!\s*(?:DOCTYPE\s[^>]*\[|ENTITY)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """What a feed or sitemap says of one page. ``content`` is HTML where the feed carries the article itself."""

    url: str
    title: str | None = None
    published: datetime | None = None
    updated: datetime | None = None
    author: str | None = None
    summary: str | None = None
    content: str | None = None
    tags: tuple[str, ...] = ()
    image: str | None = None
    raw_url: str | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    entries: list[FeedEntry]
    ttl: object = None


def read_feed(body, url, content_type=None):
    return Feed(parse_feed(body, url, content_type))


@dataclass(frozen=True, slots=True)
class Sitemap:
    """A sitemap's pages, or the addresses of further sitemaps."""

    pages: tuple[FeedEntry, ...]
    sitemaps: tuple


def parse_feed(body: bytes, url: str, content_type: str | None = None) -> list[FeedEntry]:
    """Entries in the feed's order, at most `MAX_ENTRIES`; entries without a usable address are left out.

    Raises:
        ExtractionError: not a feed, too large, or with entity declarations (feedparser expands them without bound).
    """
    _guard(body)
    if body.lstrip()[:1] == b"{":
        return _json_feed(body, url)
    headers = {"content-type": content_type or "application/xml", "content-location": url}
    parsed = feedparser.parse(io.BytesIO(body), response_headers=headers, sanitize_html=False)
    if not parsed.get("version") and not parsed.entries:
        raise ExtractionError("this is not a feed")
    entries: list[FeedEntry] = []
    # dict.get: feedparser's own `get` answers "updated" for "published" and the reverse, with a warning.
    for item in parsed.entries[:MAX_ENTRIES]:
        address = _address(item.get("link") or item.get("id"), url)
        if address is None:
            continue
        contents = [c.get("value") for c in item.get("content", []) if c.get("value")]
        entries.append(
            FeedEntry(
                url=address,
                title=_plain(item.get("title")),
                published=_struct(dict.get(item, "published_parsed")),
                updated=_struct(dict.get(item, "updated_parsed")),
                author=_plain(item.get("author")),
                summary=_plain(item.get("summary")),
                content=contents[0] if contents else None,
            )
        )
    return entries


def parse_sitemap(body: bytes, url: str) -> Sitemap:
    """Read a sitemap or sitemap index, gzipped or not.

    Raises:
        ExtractionError: not a sitemap, too large, or with entity declarations.
    """
    if body.startswith(b"\x1f\x8b"):
        body = _gunzip(body)
    _guard(body)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ExtractionError(f"this is not a sitemap ({error})") from error
    if root is None or etree.QName(root).localname not in ("urlset", "sitemapindex"):
        raise ExtractionError("this is not a sitemap")
    pages: list[FeedEntry] = []
    further: list[str] = []
    for element in root.iterchildren(tag=etree.Element):
        values = {
            etree.QName(child).localname: (child.text or "").strip()
            for child in element.iter(tag=etree.Element)
            if child is not element
        }
        address = _address(values.get("loc"), url)
        if address is None:
            continue
        if etree.QName(element).localname == "sitemap":
            further.append(FeedEntry(address, updated=read_datetime(values.get("lastmod"))))
        elif len(pages) < MAX_ENTRIES * 10:
            published = read_datetime(values.get("publication_date"))
            pages.append(FeedEntry(address, values.get("title") or None, published, read_datetime(values.get("lastmod"))))
    return Sitemap(tuple(pages), tuple(further[:500]))


def _guard(body: bytes) -> None:
    if len(body) > MAX_BYTES:
        raise ExtractionError(f"larger than {MAX_BYTES // 1_000_000} MB")
    probe = body.replace(b"\x00", b"")  # UTF-16 would hide the declaration
    if _DECLARATION.search(probe):
        raise ExtractionError("it declares entities, which only attacks do in feeds")


def _json_feed(body: bytes, url: str) -> list[FeedEntry]:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ExtractionError(f"this is not a JSON Feed ({error})") from error
    if not isinstance(data, dict) or "jsonfeed.org" not in str(data.get("version")):
        raise ExtractionError("this is JSON but no JSON Feed")
    entries: list[FeedEntry] = []
    items = data.get("items")
    for item in items[:MAX_ENTRIES] if isinstance(items, list) else []:
        address = _address(item.get("url") or item.get("id"), url) if isinstance(item, dict) else None
        if address is None:
            continue
        authors = item.get("authors") if isinstance(item.get("authors"), list) else []
        names = [a["name"] for a in authors if isinstance(a, dict) and isinstance(a.get("name"), str)]
        entries.append(
            FeedEntry(
                url=address,
                title=_plain(item.get("title")),
                published=read_datetime(_string(item.get("date_published"))),
                updated=read_datetime(_string(item.get("date_modified"))),
                author=", ".join(names) or None,
                summary=_plain(item.get("summary")),
                content=_string(item.get("content_html")),
            )
        )
    return entries


def _gunzip(body: bytes) -> bytes:
    engine = zlib.decompressobj(wbits=31)
    try:
        plain = engine.decompress(body, MAX_BYTES + 1)
    except (zlib.error, gzip.BadGzipFile) as error:
        raise ExtractionError(f"it is not valid gzip ({error})") from error
    if len(plain) > MAX_BYTES:
        raise ExtractionError(f"larger than {MAX_BYTES // 1_000_000} MB unpacked")
    return plain


def _address(link: Any, base: str) -> str | None:
    if not isinstance(link, str) or not link.strip():
        return None
    try:
        return canonical_url(urljoin(base, link.strip()))
    except ValueError:
        return None


def _struct(value: Any) -> datetime | None:
    """feedparser's time tuples are in UTC."""
    try:
        return (
            read_datetime(f"{value[0]:04d}-{value[1]:02d}-{value[2]:02d}T{value[3]:02d}:{value[4]:02d}:{value[5]:02d}+00:00")
            if value
            else None
        )
    except (TypeError, ValueError):
        return None


def _plain(value: Any) -> str | None:
    if not isinstance(value, str) or not value.strip():
        return None
    text = html.fromstring(f"<div>{value}</div>").text_content() if "<" in value or "&" in value else value
    return " ".join(str(text).split())[:2000] or None


def _string(value: Any) -> str | None:
    return value if isinstance(value, str) else None
