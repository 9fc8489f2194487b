"""OPML: lists of feeds as feed readers exchange them, in and out."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from email.utils import format_datetime
from html import unescape

from lxml import etree

from crawlers.proposals import propose
from crawlers.sources import KINDS, Source
from index.errors import CatalogueError
from index.text.address import canonical_url

MAX_BYTES = 5_000_000
MAX_OUTLINES = 5_000
_MAX_REJECTED = 200
_DECLARATION = re.compile(rb"<!\s*+(?:DOCTYPE\s[^<>\[]*+\[|ENTITY)", re.IGNORECASE)


def read_opml(body: bytes, where: str, taken: Iterable[str] = ()) -> tuple[list[Source], list[str]]:
    """The feeds of an OPML list as sources, and a line for each outline that cannot be one, saying which and why.

    Folders count only where they bear the name of a kind; other sources are ``press``, and all are ``on-topic``.
    Outlines with the same title and homepage become one source. `taken` are ids that are in use already; `where` names
    the list in messages.

    Raises:
        CatalogueError: no OPML, too large, or with entity declarations.
    """
    root, damage = _parse(body, where)
    sources: dict[str, Source] = {}
    rejected: list[str] = [f"{where}: {damage}"] if damage else []
    by_site: dict[tuple[str, str, str], str] = {}
    seen: set[str] = set()
    in_use = set(taken)
    outlines = [element for element in root.iter() if isinstance(element.tag, str) and _local(element.tag) == "outline"]
    for element in outlines[:MAX_OUTLINES]:
        attributes = {_local(str(name)): str(value).strip() for name, value in element.attrib.items()}
        address = attributes.get("xmlurl", "")
        name = unescape(attributes.get("title") or attributes.get("text") or "")  # readers escape titles twice
        if not address:
            # A folder is an outline with others under it; anything else without a feed is of no use here.
            if len(element) == 0:
                rejected.append(f"line {element.sourceline}: {name!r} has no feed.")
            continue
        try:
            feed = canonical_url(address.replace("feed://", "http://", 1))
            if feed in seen:
                raise CatalogueError(f"the feed {address} is listed twice.")
            seen.add(feed)
            source = propose(
                name,
                feed,
                in_use,
                where=where,
                feeds=(feed,),
                homepage=_homepage(attributes.get("htmlurl", "")),
                language=attributes.get("language") or None,
                kind=_kind(element),
            )
        except (CatalogueError, ValueError) as error:
            rejected.append(f"line {element.sourceline}: {name or address!r}: {str(error).removeprefix(f'{where}: ')}")
            continue
        same = by_site.get((source.name, source.homepage, source.kind)) if source.homepage else None
        if same is not None:
            sources[same] = replace(sources[same], feeds=(*sources[same].feeds, feed))
        else:
            sources[source.id] = source
            by_site[(source.name, source.homepage, source.kind)] = source.id
            in_use.add(source.id)
    if len(outlines) > MAX_OUTLINES:
        rejected.append(f"{where}: only the first {MAX_OUTLINES:,} of {len(outlines):,} outlines were read.")
    if len(rejected) > _MAX_REJECTED:
        rejected[_MAX_REJECTED:] = [f"and {len(rejected) - _MAX_REJECTED:,} more."]
    return list(sources.values()), rejected


def write_opml(sources: Iterable[Source], created: datetime) -> str:
    """An OPML 2.0 document: a folder for each kind, in it an outline of type ``rss`` for each feed.

    A source without a feed is an outline of type ``link`` to its sitemap or list page, which feed readers pass over.
    """
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = "Chipwire sources"
    etree.SubElement(head, "dateCreated").text = format_datetime(created)
    body = etree.SubElement(root, "body")
    listed = list(sources)
    for kind in KINDS:
        chosen = [source for source in listed if source.kind == kind]
        folder = etree.SubElement(body, "outline", text=kind) if chosen else body
        for source in chosen:
            about = {"text": source.name, "title": source.name, "language": source.language}
            for feed in source.feeds:
                attributes = {"type": "rss", **about, "xmlUrl": feed}
                if source.homepage:
                    attributes["htmlUrl"] = source.homepage
                etree.SubElement(folder, "outline", attributes)
            if not source.feeds:
                etree.SubElement(folder, "outline", {"type": "link", **about, "url": source.addresses[0]})
    etree.indent(root)
    text = etree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _parse(body: bytes, where: str) -> tuple[etree._Element, str]:
    """The root, and what the parser had to mend, as one clause."""
    if len(body) > MAX_BYTES:
        raise CatalogueError(f"{where} is larger than {MAX_BYTES // 1_000_000} MB.")
    if _DECLARATION.search(body.replace(b"\x00", b"")):  # UTF-16 would hide the declaration
        raise CatalogueError(f"{where} declares entities, which only attacks do in OPML.")
    # Readers export bare ampersands and other faults: mend them, and say so.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise CatalogueError(f"{where} is not OPML ({error}).") from None
    if root is None or _local(str(root.tag)) != "opml":
        raise CatalogueError(f"{where} is not OPML.")
    faults = [entry for entry in parser.error_log if entry.level >= etree.ErrorLevels.ERROR]
    damage = (
        f"line {faults[0].line} is not well-formed ({faults[0].message.strip()}); what is behind it may be lost."
        if faults
        else ""
    )
    return root, damage


def _local(name: str) -> str:
    return name.rpartition("}")[2].lower()


def _kind(element: etree._Element) -> str:
    for ancestor in element.iterancestors():
        name = str(ancestor.get("text") or ancestor.get("title") or "").strip().lower()
        if name in KINDS:
            return name
    return "press"


def _homepage(address: str) -> str:
    """The address of the site; a wrong one costs the source nothing but that."""
    try:
        return canonical_url(address)
    except ValueError:
        return ""
