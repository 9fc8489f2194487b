"""Finding a site's feed: what its page declares, and a source made of an address and what it answered."""

import re
from collections.abc import Container
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml import html

from crawlers.feeds import read_feed
from crawlers.listpage import base_of, parse_page, words
from crawlers.proposals import propose
from crawlers.sitemaps import read_sitemap
from crawlers.sources import Source
from index.errors import CatalogueError, ExtractionError
from index.text.address import canonical_url, host_of

MAX_FEEDS = 50
_FEED_TYPES = frozenset(
    [
        "application/rss+xml",
        "application/atom+xml",
        "application/rdf+xml",
        "application/feed+json",
        "application/x.atom+xml",
        "application/x-atom+xml",
    ]
)
_VAGUE_TYPES = frozenset(["application/xml", "text/xml", "application/json"])
_FEED_PATH = re.compile(
    r"(?:^|/)(?:feeds?|rss2?|atom|rdf)(?:/|\.(?:xml|php|aspx?|json)|$)|/[\w.-]*(?:feed|rss|atom)[\w-]*\.(?:xml|json)$"
    r"|\.(?:rss|atom|rdf)$",
    re.IGNORECASE,
)
_FEED_QUERY = re.compile(r"(?:^|&)(?:feed=|format=(?:rss|atom|feed)|(?:page)?template=rss)", re.IGNORECASE)
_COMMENTS = re.compile(r"comments?\b|评论|評論", re.IGNORECASE)
_MAX_LINKS = 5_000


def feeds_of_page(body: bytes, url: str, content_type: str | None = None) -> list[tuple[str, str]]:
    """The feeds of the HTML page at `url` as pairs of address and title, the likeliest first, at most `MAX_FEEDS`.

    First what the page declares (``<link rel="alternate">``), then links whose address looks like a feed's; feeds of
    comments come last. Titles may be empty; addresses are absolute and canonical, each once.

    Raises:
        ExtractionError: no HTML, or too large.
    """
    tree = parse_page(body, content_type)
    base = base_of(tree, url)
    found: dict[str, str] = {}
    for element in list(tree.iter("link"))[:_MAX_LINKS]:
        if "alternate" in (element.get("rel") or "").lower().split() and not element.get("hreflang"):
            kind = (element.get("type") or "").partition(";")[0].strip().lower()
            address = _absolute(element.get("href"), base)
            if address and (kind in _FEED_TYPES or (kind in _VAGUE_TYPES and looks_like_feed(address))):
                found.setdefault(address, " ".join((element.get("title") or "").split()))
    for element in list(tree.iter("a"))[:_MAX_LINKS]:
        address = _absolute(element.get("href"), base)
        if address and looks_like_feed(address):
            found.setdefault(address, words(element))
    ordered = sorted(found.items(), key=lambda pair: bool(_COMMENTS.search(f"{pair[0]} {pair[1]}")))
    return ordered[:MAX_FEEDS]


def looks_like_feed(address: str) -> bool:
    """True where an address is written as feeds usually are (/feed/, rss.xml, ?feed=rss2, feeds.example.com/x)."""
    parts = urlsplit(address)
    host = (parts.hostname or "").partition(".")[0]
    on_feed_host = host in ("feeds", "rss", "feed") and len(parts.path) > 1
    return on_feed_host or bool(_FEED_PATH.search(parts.path) or _FEED_QUERY.search(parts.query))


def source_from_address(
    address: str,
    body: bytes,
    content_type: str | None = None,
    taken: Container[str] = (),
    kind: str = "press",
) -> Source:
    """The source that `address` stands for, given what it answered: a feed, a sitemap, or a page that declares a feed.

    Its name and language are what the feed or page says of itself; its id is not among `taken`. The feed that a page
    declares has not been read: whoever fetches pages may call this again with that feed's answer.

    Raises:
        CatalogueError: an address that is not http(s), or an answer that is neither a feed nor a page with one.
    """
    try:
        address = canonical_url(address)
    except ValueError as error:
        raise CatalogueError(f"{address!r} cannot be a source: {error}.") from None
    start = body[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not start.startswith((b"<!doctype html", b"<html")):
        try:
            feed = read_feed(body, address, content_type)
        except ExtractionError:
            pass
        else:
            return propose(
                feed.title or "",
                address,
                taken,
                where=address,
                feeds=(address,),
                homepage=feed.homepage or _root(address),
                language=feed.language,
                sample="\n".join(entry.title or "" for entry in feed.entries[:20]),
                kind=kind,
            )
        try:
            read_sitemap(body, address, content_type)
        except ExtractionError:
            pass
        else:
            return propose(
                host_of(address), address, taken, where=address, sitemaps=(address,), homepage=_root(address), kind=kind
            )
    try:
        feeds = feeds_of_page(body, address, content_type)
        tree = parse_page(body, content_type)
    except ExtractionError as error:
        raise CatalogueError(f"{address} is neither a feed nor a page: {error}.") from None
    if not feeds:
        raise CatalogueError(
            f"{address} names no feed.", hint="Give the feed's own address, or write a source with lists into a file."
        )
    name, sample = _site_name(tree), words(tree)
    tag = tree.get("lang") or tree.get("xml:lang")
    return propose(
        name, address, taken, where=address, feeds=(feeds[0][0],), homepage=address, language=tag, sample=sample, kind=kind
    )


def _site_name(tree: html.HtmlElement) -> str:
    """What the page calls its site: ``og:site_name``, else its title up to the first separator."""
    for meta in tree.iter("meta"):
        if (meta.get("property") or meta.get("name") or "").lower() == "og:site_name" and (meta.get("content") or "").strip():
            return str(meta.get("content"))
    title = " ".join((tree.findtext(".//title") or "").split())
    return re.split(r"\s+[|\-–—_·]\s+|[|_｜]", title)[0].strip()


def _absolute(link: Any, base: str) -> str | None:
    try:
        return canonical_url(urljoin(base, link.strip())) if isinstance(link, str) and link.strip() else None
    except ValueError:
        return None


def _root(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}/"
