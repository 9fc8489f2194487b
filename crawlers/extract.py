"""A page in, an article out: title, times, authors, origin, language and the main text. Pure: nothing is fetched here."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from itertools import islice
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml import etree, html

from crawlers.authors import authors_of
from crawlers.body import main_body
from crawlers.byline import Byline, byline_of, dates_in, visible_lines
from crawlers.charset import decode_page
from crawlers.dates import Dates, as_stated, choose_dates, date_in_address, day_or_moment, outlet_zone, read_stated
from crawlers.headline import headline, names_of_site
from crawlers.marks import Marks, marks_of
from crawlers.metadata import Declared, declared_metadata
from crawlers.origin import marked_sources, origin_of
from crawlers.overrides import Override, override_of
from index.article import Article
from index.errors import ExtractionError
from index.text.address import canonical_url, host_of
from index.text.language import detect_language

MAX_BYTES = 10_000_000
MIN_TEXT = 40
"""Characters; a page with less running text than this is no article."""

_MOST_TAGS = 20
_NO_PICTURE = re.compile(r"logo|favicon|icon[._-]|default[_-]?(?:image|share)|placeholder|\.svg$", re.IGNORECASE)
_NOT_HTML = (
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "compressed data"),
    (b"RIFF", "a media file"),
)


@dataclass(frozen=True, slots=True)
class Page:
    """A fetched page. ``content_type`` is the header's value, for its charset."""

    url: str | None
    body: bytes
    content_type: str | None = None
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Hint:
    """What a feed, a sitemap or a list page said of a page; used only where the page itself says nothing."""

    title: str | None = None
    published: datetime | None = None
    author: str | None = None
    summary: str | None = None
    image: str | None = None
    tags: tuple[str, ...] = ()


def extract(
    page: Page,
    source: str | None = None,
    hint: Hint | None = None,
    seen: datetime | None = None,
    zone: tzinfo | None = None,
    least: int = MIN_TEXT,
) -> Article:
    """Read one page.

    Args:
        source: the source's id; the page's host where None.
        hint: what the feed said.
        seen: when the page was fetched; without it "3 hours ago" says nothing and no date is in the future.
        zone: the outlet's, for times that name none; where None, China's for Chinese and UTC for other pages.
        least: characters of running text; a page with less is no article.
    Raises:
        ExtractionError: not an HTML page, too large, or no article in it.
    """
    tree = _parse(page)
    hint = hint or Hint()
    # What is held is not made anew by each walk over the tree.
    held = list(tree.iter())
    marks = marks_of(tree)
    declared = declared_metadata(tree, marks)
    lines = visible_lines(tree)
    title = headline(declared, hint.title, tree, lines)
    body = main_body(tree, page.url, title)
    text = body.text
    del held
    letters = min(least, MIN_TEXT // 2)
    if len(text) < least or len(list(islice(filter(str.isalnum, text), letters))) < letters:
        raise ExtractionError("no article text was found in the page")
    lang = detect_language(f"{title}\n{text}")
    zone = zone or outlet_zone(lang)
    override = override_of(host_of(page.url or ""))
    if override is not None:
        declared = _overridden(declared, override, tree)
    byline = byline_of(lines, title, text)
    canonical = _canonical(declared.canonical, page.url)
    dates = _dates(declared, byline, hint, page.url or canonical, zone, seen)
    site_names = names_of_site(declared, tree)
    origin = origin_of(byline, text, site_names, canonical, page.url, [*declared.outlets, *marked_sources(marks)])
    nobodies = [*site_names, origin.name if origin else ""]
    return Article(
        url=page.url,
        title=title,
        text=text,
        lang=lang,
        source=source or host_of(page.url or "") or "import",
        published=dates.published,
        modified=dates.modified,
        author=authors_of(declared.authors, marks, byline, nobodies)
        or authors_of([hint.author or ""], Marks(), Byline(), nobodies),
        summary=declared.description or hint.summary,
        canonical_url=canonical,
        origin=origin,
        html=page.body,
        headers=page.headers,
        date_source=dates.source,
        date_note=dates.note,
        image=_image(declared.images, page.url) or hint.image,
        section=declared.section[:100] if declared.section else None,
        tags=_tags(declared, f"{title}\n{text}") or hint.tags,
        captions=body.captions,
    )


def _overridden(declared: Declared, override: Override, tree: html.HtmlElement) -> Declared:
    """With what a site's entry finds where the page declares nothing of the kind."""
    author, published = override.author(tree), override.published(tree)
    return replace(
        declared,
        authors=declared.authors or ((author,) if author else ()),
        published=declared.published or ({"meta": (published,)} if published else {}),
    )


def _dates(declared: Declared, byline: Byline, hint: Hint, url: str | None, zone: tzinfo, seen: datetime | None) -> Dates:
    written, updated = dates_in(byline, zone, seen)
    published = {
        source: [stated for text in texts if (stated := read_stated(text, zone)) is not None]
        for source, texts in declared.published.items()
    }
    in_address = date_in_address(url, zone)
    published["url"] = [in_address] if in_address else []
    published["text"] = as_stated(written)
    published["feed"] = [day_or_moment(hint.published, zone)] if hint.published else []
    modified = [stated for text in declared.modified if (stated := read_stated(text, zone)) is not None]
    return choose_dates(published, [*modified, *as_stated(updated)], zone, seen)


def _parse(page: Page) -> html.HtmlElement:
    if len(page.body) > MAX_BYTES:
        raise ExtractionError(f"the page is larger than {MAX_BYTES // 1_000_000} MB")
    start = page.body[:1024].lstrip()
    for magic, name in _NOT_HTML:
        if start.startswith(magic):
            raise ExtractionError(f"this is {name}, not an HTML page")
    if not start:
        raise ExtractionError("the page is empty")
    if b"\x00" in page.body[:1024] and not start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ExtractionError("this is binary data, not an HTML page")
    decoded = decode_page(page.body, page.content_type)
    if "<" not in decoded[:200_000]:
        raise ExtractionError("this is plain text, not an HTML page")
    try:
        # An encoding declaration inside a decoded string makes lxml refuse it.
        tree = html.document_fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", decoded.replace("\x00", "")))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise ExtractionError(f"the page cannot be parsed as HTML ({error})") from error
    return tree


def _canonical(link: str | None, url: str | None) -> str | None:
    if not link:
        return None
    try:
        return canonical_url(urljoin(url or "", link))
    except ValueError:
        return None


def _image(images: Sequence[str], url: str | None) -> str | None:
    """The first that is an http(s) address and no logo."""
    for image in images:
        try:
            address = canonical_url(urljoin(url or "", image))
        except ValueError:
            continue
        if not _NO_PICTURE.search(urlsplit(address).path):
            return address
    return None


def _tags(declared: Declared, words: str) -> tuple[str, ...]:
    """The article's tags; keywords, which are often the whole site's, only where the article has them."""
    folded = words.casefold()
    keywords = [word for word in declared.keywords if word.casefold() in folded]
    kept = dict.fromkeys(tag.strip() for tag in declared.tags or keywords)
    return tuple(tag for tag in kept if tag and len(tag) <= 50)[:_MOST_TAGS]


def as_document(article: Article) -> Mapping[str, Any]:
    """The JSON document of ``chipwire extract``."""
    from index.text.times import iso

    origin = article.origin
    return {
        "url": article.url,
        "title": article.title,
        "author": article.author,
        "published": iso(article.published),
        "modified": iso(article.modified),
        "lang": article.lang,
        "source": article.source,
        "text": article.text,
        "summary": article.summary,
        "canonical_url": article.canonical_url,
        "origin": None if origin is None else {"name": origin.name, "url": origin.url, "words": origin.words},
        "date_source": article.date_source,
        "date_note": article.date_note,
        "image": article.image,
        "section": article.section,
        "tags": list(article.tags),
        "captions": list(article.captions),
    }
