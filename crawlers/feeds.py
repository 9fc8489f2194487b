"""Feeds: bytes in, entries out. RSS, Atom and RDF, which feedparser reads, and JSON Feed."""

import io
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from html import escape
from typing import Any
from urllib.parse import urljoin

import feedparser
from lxml import etree, html

from crawlers.decompression import TooLarge, decompress
from crawlers.feed_bounds import MAX_ENTRIES, bounded
from crawlers.feed_dates import feed_time, read_time
from crawlers.xml_text import xml_text
from index.errors import ExtractionError
from index.text.address import canonical_url

MAX_BYTES = 20_000_000
_SUMMARY_LENGTH, _TITLE_LENGTH, _AUTHOR_LENGTH, _TAG_LENGTH, _MAX_TAGS = 2000, 2000, 500, 100, 50
_TEASER = 500
"""Characters. A longer description, where a feed has nothing else, is the article; WordPress cuts a teaser at 55 words."""
_LONGEST_TTL = timedelta(days=366)
_PERIODS = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(weeks=1),
    "monthly": timedelta(days=30),
    "yearly": timedelta(days=365),
}
_BLOCKS = frozenset(
    "address article blockquote br dd div dl dt figcaption figure h1 h2 h3 h4 h5 h6 hr li ol p pre section td th tr ul".split()
)
_HIDDEN = frozenset(("script", "style", "template", "iframe"))
_TAG = re.compile(r"<[^<>]*+>")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_IMAGE_NAME = re.compile(r"\.(?:jpe?g|png|webp|gif|avif)(?:$|[?#])", re.IGNORECASE)
_HTML = re.compile(r"</[a-z]|<(?:br|img|p|hr)\b|&(?:#\d+|#x[0-9a-f]+|[a-z]\w+);", re.IGNORECASE)
_PAGE = re.compile(r"<\s*html[\s>]", re.IGNORECASE)
_DECLARATION = b'<?xml version="1.0" encoding="utf-8"?>\n'


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """What a feed, sitemap or list page says of one page.

    ``url`` is canonical, ``raw_url`` as it was linked; both are http(s). Title, summary and author (several joined by a
    comma) are plain text. ``content`` is HTML as the feed wrote it, where the feed carries the article itself: it may hold
    anything, and must not be shown. Times are timezone-aware and may lie in the future. ``image`` is an http(s)
    address. ``language`` is the tag that a news sitemap gives.
    """

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
    id: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """``entries`` are in the feed's order, those without an http(s) address left out.

    ``ttl`` is how long the feed asks to be left alone (ttl, sy:updatePeriod), ``homepage`` the site it belongs to,
    ``new_address`` where it says that it has moved. ``cut`` says why entries at its end were not read, None where all were.
    """

    entries: tuple[FeedEntry, ...]
    title: str | None = None
    language: str | None = None
    ttl: timedelta | None = None
    homepage: str | None = None
    new_address: str | None = None
    cut: str | None = None


def read_feed(body: bytes, url: str, content_type: str | None = None, zone: tzinfo | None = None) -> Feed:
    """The feed at `url`, whatever its format, with at most `MAX_ENTRIES` entries.

    Relative links are resolved against xml:base and `url`. Times that name no zone are in `zone`, in UTC where it is None.

    Raises:
        ExtractionError: not a feed, larger than `MAX_BYTES` (also unpacked), entities of which only attacks are made, or
            so much of something that reading its first entry could take long.
    """
    if len(body) > MAX_BYTES:
        raise TooLarge(f"larger than {MAX_BYTES // 1_000_000} MB")
    if body.startswith(b"\x1f\x8b"):
        body = decompress(body, "gzip", MAX_BYTES)
    if body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{":
        return _json_feed(body.removeprefix(b"\xef\xbb\xbf"), url, zone)
    text = xml_text(body, content_type, MAX_BYTES)
    if _PAGE.match(text):
        raise ExtractionError("this is a web page, not a feed")
    part = bounded(text.encode("utf-8", "replace"))
    parsed = _parse(part.body, url, simple=part.simple)
    if not dict.get(parsed, "version") and not parsed.entries:
        raise ExtractionError("this is not a feed")
    told = parsed.feed
    language = _string(dict.get(told, "language"))
    atom = str(dict.get(parsed, "version")).startswith("atom")
    chinese = (language or "").lower().startswith("zh") or (zone is not None and _offset(zone) == timedelta(hours=8))
    found = (_entry(item, url, zone, chinese=chinese, atom=atom) for item in parsed.entries[:MAX_ENTRIES])
    return Feed(
        entries=tuple(entry for entry in found if entry is not None),
        title=_text(told, "title", _TITLE_LENGTH, atom=atom),
        language=language,
        ttl=_ttl(told),
        homepage=_address(dict.get(told, "link"), url),
        new_address=_address(dict.get(told, "itunes_new-feed-url") or dict.get(told, "newlocation"), url),
        cut=part.cut,
    )


def plain_text(markup: str, longest: int) -> str | None:
    """The text of an HTML fragment on one line, at most `longest` characters; None where there is none."""
    markup = _FORBIDDEN.sub("", markup[: 50 * longest])
    if "<" in markup or "&" in markup:
        try:
            markup = "".join(_words(html.fromstring(f"<div>{markup}</div>")))
        except (etree.LxmlError, ValueError, AssertionError):
            markup = _TAG.sub(" ", markup)
    return " ".join(markup.split())[:longest].strip() or None


def absolute_address(link: Any, base: str) -> str | None:
    """The http(s) address that `link` means on the page at `base`, None where it means none.

    Line breaks in it are left out and spaces are escaped, as browsers do.
    """
    if not isinstance(link, str) or not link.strip():
        return None
    link = re.sub(r"[\t\r\n]+", "", link.strip()).replace(" ", "%20")
    try:
        address: str = urljoin(base, link)
        canonical_url(address)
    except ValueError:
        return None
    return address


def _address(link: Any, base: str) -> str | None:
    address = absolute_address(link, base)
    return None if address is None else canonical_url(address)


# -- RSS, Atom, RDF


def _parse(body: bytes, url: str, *, simple: bool) -> Any:
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": url}
    # Resolving links within the HTML of entries is what may fail or take long; links are not all that a feed is read for.
    for resolve in (True, False) if simple else (False,):
        try:
            return feedparser.parse(
                io.BytesIO(_DECLARATION + body),
                response_headers=headers,
                sanitize_html=False,
                resolve_relative_uris=resolve,
            )
        except Exception as error:
            # feedparser lets whatever goes wrong in its own code pass: ValueError, AttributeError, IndexError and others.
            failure = error
    raise ExtractionError(f"it cannot be read as a feed ({type(failure).__name__})") from failure


def _entry(item: Any, base: str, zone: tzinfo | None, *, chinese: bool, atom: bool) -> FeedEntry | None:
    raw = next((found for link in _links(item) if (found := absolute_address(link, base)) is not None), None)
    if raw is None:
        return None
    original = absolute_address(dict.get(item, "feedburner_origlink") or dict.get(item, "pheedo_origlink"), base)

    def time(name: str) -> datetime | None:
        # dict.get: feedparser's own `get` answers "updated" for "published" and the reverse, with a warning.
        return feed_time(_string(dict.get(item, name)), dict.get(item, f"{name}_parsed"), zone, chinese=chinese)

    updated = time("updated")
    # In RSS and RDF the one date that an item has (dc:date) is when it came out.
    published = time("published") or time("created") or (None if atom else updated)
    summary = _text(item, "summary", _SUMMARY_LENGTH, atom=atom)
    return FeedEntry(
        url=canonical_url(original or raw),
        title=_text(item, "title", _TITLE_LENGTH, atom=atom),
        published=published,
        updated=updated,
        author=_authors(item),
        summary=summary,
        content=_content(item, summary),
        tags=_short(tag.get("term") or tag.get("label") for tag in dict.get(item, "tags") or ()),
        image=next((found for link in _images(item) if (found := absolute_address(link, base)) is not None), None),
        raw_url=raw,
        id=_string(dict.get(item, "id")),
    )


def _links(item: Any) -> Iterator[Any]:
    """Where the entry's page may be, the likeliest first: feedparser's choice, any other alternate, the id, itself."""
    yield dict.get(item, "link")
    links = [link for link in dict.get(item, "links") or () if isinstance(link, dict)]
    yield from (dict.get(link, "href") for link in links if dict.get(link, "rel") == "alternate")
    identity = _string(dict.get(item, "id"))
    if identity is not None and identity.startswith(("http://", "https://")):
        yield identity
    yield from (dict.get(link, "href") for link in links if dict.get(link, "rel") in ("via", "self"))


def _authors(item: Any) -> str | None:
    names: list[str] = []
    for author in dict.get(item, "authors") or ():
        name = _string(dict.get(author, "name")) or _string(dict.get(author, "email"))
        # Of "mail@site.example (Ann)" feedparser leaves "ple (Ann": it knows no domain of more than four letters.
        if name and name.count("(") > name.count(")"):
            name = name.rpartition("(")[2]
        if name and (plain := plain_text(name, _AUTHOR_LENGTH)):
            names.append(plain)
    if not names and (said := _string(dict.get(item, "author"))):
        names = [plain for plain in [plain_text(said, _AUTHOR_LENGTH)] if plain]
    return ", ".join(dict.fromkeys(names))[:_AUTHOR_LENGTH] or None


def _content(item: Any, summary: str | None) -> str | None:
    """The longest text that the entry has, as HTML; None where it has a teaser only."""
    found = [_as_html(each) for each in dict.get(item, "content") or () if isinstance(each, dict)]
    described = _string(dict.get(item, "summary"))
    if described and not any(found) and len(summary or "") >= _TEASER:
        found.append(_as_html(dict.get(item, "summary_detail") or {"value": described}))
    return max(found, key=len, default="") or None


def _as_html(detail: Any) -> str:
    value, kind = _string(dict.get(detail, "value")) or "", str(dict.get(detail, "type") or "text/html")
    if kind == "text/plain":
        return escape(value, quote=False)
    return value if kind in ("text/html", "application/xhtml+xml", "application/xml", "text/xml") else ""


def _images(item: Any) -> Iterator[Any]:
    media = [each for each in dict.get(item, "media_content") or () if isinstance(each, dict)]
    for each in media:
        kind, address = str(dict.get(each, "type") or ""), _string(dict.get(each, "url")) or ""
        medium = dict.get(each, "medium")
        if medium == "image" or kind.startswith("image/") or (not medium and not kind and _IMAGE_NAME.search(address)):
            yield address
    for link in dict.get(item, "links") or ():
        if dict.get(link, "rel") == "enclosure" and str(dict.get(link, "type") or "").startswith("image/"):
            yield dict.get(link, "href")
    for each in dict.get(item, "media_thumbnail") or ():
        yield dict.get(each, "url")
    image = dict.get(item, "image")
    yield dict.get(image, "href") if isinstance(image, dict) else image


def _text(told: Any, name: str, longest: int, *, atom: bool) -> str | None:
    """Plain text of one field. Atom says whether it is HTML; in RSS it is, where it has what only HTML has."""
    value = _string(dict.get(told, name))
    if not value:
        return None
    detail = dict.get(told, f"{name}_detail")
    kind = dict.get(detail, "type") if isinstance(detail, dict) else None
    if kind == "text/plain" and (atom or not _HTML.search(value)):
        return " ".join(value.split())[:longest] or None
    return plain_text(value, longest)


def _ttl(told: Any) -> timedelta | None:
    """The longer of what RSS's ttl (minutes) and the syndication module ask for."""
    minutes = _number(dict.get(told, "ttl"))
    spans = [timedelta(minutes=min(minutes, 600_000))] if minutes else []
    period = _PERIODS.get(str(dict.get(told, "sy_updateperiod") or "").strip().lower())
    if period is not None:
        spans.append(period / (_number(dict.get(told, "sy_updatefrequency")) or 1))
    return min(max(spans), _LONGEST_TTL) if spans else None


def _number(value: Any) -> int | None:
    match = re.match(r"\s*(\d{1,9})(?:\.\d+)?\s*$", str(value or ""))
    return int(match[1]) if match else None


# -- JSON Feed


def _json_feed(body: bytes, url: str, zone: tzinfo | None) -> Feed:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ExtractionError("this is not a JSON Feed: its JSON cannot be read") from error
    if not isinstance(data, dict) or "jsonfeed.org" not in str(data.get("version")):
        raise ExtractionError("this is JSON but no JSON Feed")
    items = data.get("items")
    items = items if isinstance(items, list) else []
    found = (_json_entry(item, url, zone or UTC) for item in items[:MAX_ENTRIES] if isinstance(item, dict))
    return Feed(
        entries=tuple(entry for entry in found if entry is not None),
        title=plain_text(escape(_string(data.get("title")) or "", quote=False), _TITLE_LENGTH),
        language=_string(data.get("language")),
        homepage=_address(data.get("home_page_url"), url),
        cut=f"it has more than {MAX_ENTRIES:,} entries" if len(items) > MAX_ENTRIES else None,
    )


def _json_entry(item: dict[str, Any], base: str, zone: tzinfo) -> FeedEntry | None:
    links = (item.get("url"), item.get("id"), item.get("external_url"))
    named = (link for link in links if link != item.get("id") or str(link).startswith(("http://", "https://")))
    raw = next((found for link in named if (found := absolute_address(link, base)) is not None), None)
    if raw is None:
        return None
    authors = item.get("authors") if isinstance(item.get("authors"), list) else [item.get("author")]
    names = (author.get("name") for author in authors or () if isinstance(author, dict))
    markup, words = _string(item.get("content_html")), _string(item.get("content_text"))
    content = markup or (escape(words, quote=False) if words else None)
    summary = escape(_string(item.get("summary")) or "", quote=False)
    tags = item.get("tags")
    return FeedEntry(
        url=canonical_url(raw),
        title=plain_text(escape(_string(item.get("title")) or "", quote=False), _TITLE_LENGTH),
        published=read_time((_string(item.get("date_published")) or "").strip(), zone),
        updated=read_time((_string(item.get("date_modified")) or "").strip(), zone),
        author=", ".join(_short(names, _AUTHOR_LENGTH))[:_AUTHOR_LENGTH] or None,
        summary=plain_text(summary or content or "", _SUMMARY_LENGTH),
        content=content,
        tags=_short(tags if isinstance(tags, list) else ()),
        image=absolute_address(item.get("image"), base) or absolute_address(item.get("banner_image"), base),
        raw_url=raw,
        id=_string(item.get("id")),
    )


def _short(values: Iterable[Any], longest: int = _TAG_LENGTH) -> tuple[str, ...]:
    """The strings among `values` as plain text, each once."""
    found: dict[str, None] = {}
    for value in values:
        if isinstance(value, str) and (plain := plain_text(value, longest)):
            found.setdefault(plain)
        if len(found) == _MAX_TAGS:
            break
    return tuple(found)


def _words(tree: Any) -> Iterator[str]:
    """The text of a parsed fragment in order, with a space where a block begins or ends."""
    hidden = 0
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else None
        block = tag in _BLOCKS
        if event == "start":
            hidden += tag in _HIDDEN or tag is None
            if not hidden:
                yield " " if block else ""
                yield element.text or ""
        else:
            hidden -= tag in _HIDDEN or tag is None
            if not hidden and element is not tree:
                yield " " if block else ""
                yield element.tail or ""


def _offset(zone: tzinfo) -> timedelta | None:
    return datetime(2023, 6, 1, tzinfo=zone).utcoffset()


def _string(value: Any) -> str | None:
    return value if isinstance(value, str) else None
