"""Feeds: Atom 1.0 (RFC 4287), RSS 2.0 and JSON Feed 1.1, for whoever follows something in a feed reader."""

import html
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from lxml import etree

from api.wire import JsonFeed, JsonFeedItem
from index.text.times import iso

_ATOM, _CONTENT = "http://www.w3.org/2005/Atom", "http://purl.org/rss/1.0/modules/content/"
_DC = "http://purl.org/dc/elements/1.1/"
MEDIA_TYPES = {"atom": "application/atom+xml", "rss": "application/rss+xml", "json": "application/feed+json"}


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One entry. ``id`` is a URI that never changes; ``summary`` is plain text, ``html`` what it reads like in full."""

    id: str
    title: str
    updated: datetime
    link: str
    summary: str
    published: datetime | None = None
    author: str | None = None
    categories: tuple[str, ...] = ()
    lang: str | None = None
    html: str | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed with its entries, the newest first; ``id`` is a URI that never changes, ``own_link`` where the feed itself is."""

    id: str
    title: str
    link: str
    own_link: str
    updated: datetime
    entries: Sequence[FeedEntry]


def write_feed(feed: Feed, form: str) -> bytes:
    """The document in one of `MEDIA_TYPES`, as UTF-8; characters that XML cannot carry become U+FFFD."""
    return {"atom": atom, "rss": rss, "json": json_feed}[form](feed)


def atom(feed: Feed) -> bytes:
    root = etree.Element("feed", nsmap={None: _ATOM})
    _text(root, "id", feed.id)
    _text(root, "title", feed.title)
    _text(root, "updated", iso(feed.updated))
    etree.SubElement(root, "link", href=_clean(feed.link))
    etree.SubElement(root, "link", href=_clean(feed.own_link), rel="self", type=MEDIA_TYPES["atom"])
    _text(etree.SubElement(root, "author"), "name", "Chipwire")
    for each in feed.entries:
        entry = etree.SubElement(root, "entry")
        if each.lang:
            entry.set("{http://www.w3.org/XML/1998/namespace}lang", each.lang)
        _text(entry, "id", each.id)
        _text(entry, "title", each.title)
        _text(entry, "updated", iso(each.updated))
        if each.published:
            _text(entry, "published", iso(each.published))
        etree.SubElement(entry, "link", href=_clean(each.link))
        if each.author:
            _text(etree.SubElement(entry, "author"), "name", each.author)
        for category in each.categories:
            etree.SubElement(entry, "category", term=_clean(category))
        _text(entry, "summary", each.summary)
        if each.html is not None:
            _text(entry, "content", each.html).set("type", "html")
    return _written(root)


def rss(feed: Feed) -> bytes:
    root = etree.Element("rss", version="2.0", nsmap={"atom": _ATOM, "content": _CONTENT, "dc": _DC})
    channel = etree.SubElement(root, "channel")
    _text(channel, "title", feed.title)
    _text(channel, "link", feed.link)
    _text(channel, "description", feed.title)
    etree.SubElement(channel, f"{{{_ATOM}}}link", href=_clean(feed.own_link), rel="self", type=MEDIA_TYPES["rss"])
    _text(channel, "lastBuildDate", format_datetime(feed.updated))
    for each in feed.entries:
        item = etree.SubElement(channel, "item")
        _text(item, "title", each.title)
        _text(item, "link", each.link)
        _text(item, "guid", each.id).set("isPermaLink", "false")
        _text(item, "pubDate", format_datetime(each.published or each.updated))
        if each.author:
            _text(item, f"{{{_DC}}}creator", each.author)  # RSS's own author is a mail address
        for category in each.categories:
            _text(item, "category", category)
        _text(item, "description", html.escape(each.summary, quote=False))  # what stands there is read as HTML
        if each.html is not None:
            _text(item, f"{{{_CONTENT}}}encoded", each.html)
    return _written(root)


def json_feed(feed: Feed) -> bytes:
    document = JsonFeed(
        version="https://jsonfeed.org/version/1.1",
        title=feed.title,
        home_page_url=feed.link,
        feed_url=feed.own_link,
        items=[_item(each) for each in feed.entries],
    )
    return json.dumps(document, ensure_ascii=False, indent=1).encode("utf-8", "replace")


def _item(entry: FeedEntry) -> JsonFeedItem:
    item = JsonFeedItem(
        id=entry.id, url=entry.link, title=entry.title, content_text=entry.summary, date_modified=iso(entry.updated) or ""
    )
    if entry.published:
        item["date_published"] = iso(entry.published) or ""
    if entry.html is not None:
        item["content_html"] = entry.html
    if entry.author:
        item["authors"] = [{"name": entry.author}]
    if entry.categories:
        item["tags"] = list(entry.categories)
    if entry.lang:
        item["language"] = entry.lang
    return item


def _written(root: "etree._Element") -> bytes:
    return bytes(etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True))


def _text(parent: "etree._Element", name: str, text: str | None) -> "etree._Element":
    element = etree.SubElement(parent, name)
    element.text = _clean(text or "")
    return element


def _clean(text: str) -> str:
    return "".join(char if _allowed(ord(char)) else "\ufffd" for char in text)


def _allowed(code: int) -> bool:
    return code in (0x9, 0xA, 0xD) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000
