"""Sitemaps: bytes in, addresses out. Sitemaps and their indexes, news sitemaps, lists in plain text, feeds used as sitemaps."""

import io
import re
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from itertools import islice
from typing import Any

from lxml import etree

from crawlers.charset import decode_page
from crawlers.decompression import TooLarge, decompress
from crawlers.feed_dates import read_time
from crawlers.feeds import FeedEntry, absolute_address, plain_text, read_feed
from crawlers.xml_text import xml_text
from index.errors import ExtractionError
from index.text.address import canonical_url

MAX_BYTES = 52_428_800
MAX_PAGES = 50_000
"""Both are what the protocol allows (sitemaps.org); the size is of the unpacked file."""
_MAX_ROBOTS = 2_000_000
"""Bytes of a robots.txt in which sitemaps are looked for: they often stand at its end."""
_FEEDS = frozenset(("rss", "rdf", "feed"))
_ROOT = re.compile(r"<(?:[\w.-]+:)?([\w.-]+)")
_MAX_TAGS, _MAX_ELEMENT = 50, 2_000_000
_END = re.compile(r"</(?:[\w.-]+:)?(?:url|sitemap)\s*>")


@dataclass(frozen=True, slots=True)
class SitemapLink:
    """A further sitemap that an index lists; ``url`` is canonical."""

    url: str
    lastmod: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sitemap:
    """A sitemap's pages, or the further sitemaps of an index, in its order.

    ``left_out`` is how many more it lists than `MAX_PAGES`. A page's ``updated`` is its lastmod; ``published``, ``title``,
    ``tags`` and ``language`` come from the news namespace, ``image`` from the image namespace.
    """

    pages: tuple[FeedEntry, ...]
    sitemaps: tuple[SitemapLink, ...] = ()
    left_out: int = 0


def read_sitemap(body: bytes, url: str, content_type: str | None = None, zone: tzinfo = UTC) -> Sitemap:
    """The sitemap or sitemap index at `url`, gzipped or not. What has no http(s) address is left out.

    Times that name no zone are in `zone`.

    Raises:
        ExtractionError: not a sitemap, larger than `MAX_BYTES` unpacked, or entities of which only attacks are made.
    """
    if len(body) > MAX_BYTES:
        raise TooLarge(f"larger than {MAX_BYTES // 1_000_000} MB")
    if body.startswith(b"\x1f\x8b"):
        body = decompress(body, "gzip", MAX_BYTES)
    if (listed := _plain_list(body, url, content_type)) is not None:
        return listed
    text = xml_text(body, content_type, MAX_BYTES)
    root = _ROOT.match(text)
    kind = root[1].lower() if root else ""
    if kind in _FEEDS:
        feed = read_feed(body, url, content_type, zone)
        return Sitemap(feed.entries)
    if kind not in ("urlset", "sitemapindex"):
        raise ExtractionError("this is not a sitemap")
    return _elements(text, url, zone)


def sitemaps_in_robots(body: bytes, content_type: str | None = None) -> tuple[str, ...]:
    """The sitemaps that a robots.txt names, canonical, each once, in its order; at most a thousand."""
    found: dict[str, None] = {}
    text = decode_page(body[:_MAX_ROBOTS], content_type)
    for line in islice(text.removeprefix("\ufeff").splitlines(), 100_000):
        name, colon, value = line.partition(":")
        if colon and name.strip().lower() == "sitemap":
            # A fragment has no meaning there, and what follows the address is a comment.
            address = absolute_address(value.partition("#")[0], "")
            if address is not None and len(found) < 1000:
                found.setdefault(canonical_url(address))
    return tuple(found)


def _plain_list(body: bytes, url: str, content_type: str | None) -> Sitemap | None:
    """The pages of a sitemap in plain text, one address a line; None where it is none."""
    start = body[:4000].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xfe\xff \t\r\n").lower()
    if not start.startswith((b"http://", b"https://")):
        return None
    pages: list[FeedEntry] = []
    left_out = 0
    for line in decode_page(body, content_type).splitlines():
        if len(pages) == MAX_PAGES:
            left_out += bool(line.strip())
        elif address := absolute_address(line.lstrip("\ufeff"), ""):
            pages.append(FeedEntry(canonical_url(address), raw_url=address))
    if not pages:
        raise ExtractionError("this is not a sitemap")
    return Sitemap(tuple(pages), left_out=left_out)


def _elements(text: str, url: str, zone: tzinfo) -> Sitemap:
    if max(map(len, _END.split(text))) > _MAX_ELEMENT:
        raise ExtractionError("one of its entries is larger than 2 MB")
    pages: list[FeedEntry] = []
    further: list[SitemapLink] = []
    left_out = 0
    events = etree.iterparse(
        io.BytesIO(text.encode("utf-8", "replace")),
        tag=("{*}url", "{*}sitemap"),
        encoding="utf-8",
        recover=True,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
    )
    try:
        for _, element in events:
            root = element.getparent()
            if root is None or root.getparent() is not None:
                continue
            if len(pages) + len(further) == MAX_PAGES:
                left_out = max(0, sum(1 for _ in _END.finditer(text)) - MAX_PAGES)
                break
            if _local(element) == "sitemap" and (link := _further(element, url, zone)):
                further.append(link)
            elif _local(element) == "url" and (page := _page(element, url, zone)):
                pages.append(page)
            element.clear()
            while element.getprevious() is not None:
                del root[0]
        broken = bool(events.error_log)
    except (etree.LxmlError, ValueError):
        broken = True
    if broken and not pages and not further:
        raise ExtractionError("this is not a sitemap: it is not well-formed")
    return Sitemap(tuple(pages), tuple(further), left_out)


def _further(element: Any, base: str, zone: tzinfo) -> SitemapLink | None:
    said = {_local(child): (child.text or "").strip() for child in islice(element, 100)}
    address = absolute_address(said.get("loc"), base)
    return SitemapLink(canonical_url(address), read_time(said.get("lastmod", ""), zone)) if address else None


def _page(element: Any, base: str, zone: tzinfo) -> FeedEntry | None:
    said: dict[str, str] = {}
    news: dict[str, str] = {}
    image: str | None = None
    for child in islice(element, 2000):
        name = _local(child)
        if name == "news":
            for part in islice(child.iter(), 100):
                news.setdefault(_local(part), (part.text or "").strip())
        elif name == "image":
            place = next((part for part in islice(child, 20) if _local(part) == "loc"), None)
            image = image or absolute_address(place.text if place is not None else None, base)
        else:
            said.setdefault(name, (child.text or "").strip())
    address = absolute_address(said.get("loc"), base)
    if address is None:
        return None
    keywords = [plain for word in news.get("keywords", "")[:5000].split(",") if (plain := plain_text(word, 100))]
    return FeedEntry(
        url=canonical_url(address),
        title=plain_text(news.get("title", ""), 2000),
        published=read_time(news.get("publication_date", ""), zone),
        updated=read_time(said.get("lastmod", ""), zone),
        tags=tuple(dict.fromkeys(keywords))[:_MAX_TAGS],
        image=image,
        raw_url=address,
        language=news.get("language") or None,
    )


def _local(element: Any) -> str:
    return etree.QName(element).localname.lower() if isinstance(element.tag, str) else ""
