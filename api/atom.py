"""Atom 1.0 (RFC 4287): what changes, for whoever follows it in a feed reader."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from index.text.times import iso

_NAMESPACE = "http://www.w3.org/2005/Atom"


@dataclass(frozen=True, slots=True)
class AtomEntry:
    """One entry. ``id`` is a URI that never changes; ``summary`` is plain text."""

    id: str
    title: str
    updated: datetime
    link: str
    summary: str
    category: str | None = None


def atom_feed(*, id: str, title: str, link: str, own_link: str, updated: datetime, entries: Sequence[AtomEntry]) -> bytes:
    """A feed document as UTF-8 XML; characters that XML cannot carry become U+FFFD."""
    feed = etree.Element("feed", nsmap={None: _NAMESPACE})
    _text(feed, "id", id)
    _text(feed, "title", title)
    _text(feed, "updated", iso(updated) or "")
    etree.SubElement(feed, "link", href=link)
    etree.SubElement(feed, "link", href=own_link, rel="self", type="application/atom+xml")
    author = etree.SubElement(feed, "author")
    _text(author, "name", "Chipwire")
    for each in entries:
        entry = etree.SubElement(feed, "entry")
        _text(entry, "id", each.id)
        _text(entry, "title", each.title)
        _text(entry, "updated", iso(each.updated) or "")
        etree.SubElement(entry, "link", href=each.link)
        if each.category:
            etree.SubElement(entry, "category", term=each.category)
        _text(entry, "summary", each.summary)
    return bytes(etree.tostring(feed, encoding="utf-8", xml_declaration=True, pretty_print=True))


def _text(parent: "etree._Element", name: str, text: str) -> None:
    etree.SubElement(parent, name).text = "".join(char if _allowed(ord(char)) else "\ufffd" for char in text)


def _allowed(code: int) -> bool:
    return code in (0x9, 0xA, 0xD) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000
