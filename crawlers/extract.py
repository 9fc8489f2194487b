"""Extraction: a page's bytes and address become an Article. Parsing never fetches.

Metadata comes from what the page declares first (JSON-LD, meta tags, microdata, ``<time>``),
then from a date written near its top; htmldate's extensive search is off, because it takes a footer's © year for the date.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

from lxml import etree, html

from crawlers.body import main_body, tidy
from crawlers.charset import decode_page
from crawlers.metadata import Declared, declared_metadata, visible_date
from index.article import Article, Origin
from index.errors import ExtractionError
from index.text.address import canonical_url, host_of
from index.text.language import detect_language

MAX_BYTES = 10_000_000
MIN_TEXT = 40
"""Characters; a page with less running text than this is no article."""

_ORIGIN_PATTERNS = (
    re.compile(r"以下文章来源于\s*[:：]?\s*(?P<name>[^\s,，。、|｜;；]{2,30})"),
    re.compile(r"(?:文章|信息|新闻|稿件|本文)?(?:来源|來源|转自|轉自)\s*[:：|｜]\s*(?P<name>[^\s,，。、|｜;；()（）]{2,30})"),
    re.compile(
        r"(?:[Tt]his (?:article|story|post)|[Ii]t) (?:was )?(?:originally|first) (?:appeared|published|ran|was published)"
        r" (?:on|in|by|at) (?P<name>[A-Z][\w&.'’-]*(?: (?:&|of|the|[A-Z0-9])[\w&.'’-]*){0,5})"
    ),
)
_OWN_NAMES = frozenset({"本站", "原创", "本网", "网络", "互联网", "综合", "未知", "官网", "作者"})
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
    """What a feed or sitemap said of a page; used only where the page itself says nothing."""

    title: str | None = None
    published: datetime | None = None
    author: str | None = None
    summary: str | None = None


def extract(page: Page, source: str | None = None, hint: Hint | None = None, seen=None, zone=None) -> Article:
    """Read one page.

    Args:
        source: the source's id; the page's host where None.
        hint: what the feed said.
    Raises:
        ExtractionError: not an HTML page, too large, or no article in it.
    """
    tree = _parse(page)
    hint = hint or Hint()
    declared = declared_metadata(tree)
    title = _title(declared, hint, tree)
    text = main_body(tree, page.url, title).text
    if sum(char.isalnum() for char in text) < MIN_TEXT // 2 or len(text) < MIN_TEXT:
        raise ExtractionError("no article text was found in the page")
    lang = detect_language(f"{title}\n{text}")
    zone = ZoneInfo("Asia/Shanghai") if lang == "zh" else UTC
    flat = _visible_text(tree)
    published = declared.published(zone) or visible_date(flat, title, zone) or hint.published
    site = declared.site_name
    canonical = _canonical(declared.canonical, page.url)
    origin = _origin(flat, text, site, canonical, page.url)
    return Article(
        url=page.url,
        title=title,
        text=text,
        lang=lang,
        source=source or host_of(page.url or "") or "import",
        published=published,
        modified=declared.modified(zone),
        author=declared.author or hint.author,
        summary=declared.description or hint.summary,
        canonical_url=canonical,
        origin=origin,
        html=page.body,
        headers=page.headers,
    )


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


def _title(declared: Declared, hint: Hint, tree: html.HtmlElement) -> str:
    headings = [" ".join(h.text_content().split()) for h in tree.iter("h1")]
    headings = [heading for heading in headings if heading]
    title = declared.headline or declared.og_title or hint.title or (headings[0] if len(headings) == 1 else None)
    if title is None:
        whole = tree.findtext(".//title") or ""
        whole = " ".join(whole.split())
        # The heading that the <title> begins with is the article's; the rest of the <title> is the site's name.
        title = next((h for h in headings if h and h in whole), None) or _without_site(whole, declared.site_name)
    return tidy(title).replace("\n\n", " ")[:500] or "Untitled"


def _without_site(title: str, site: str | None) -> str:
    parts = re.split(r"\s+[|\-–—_·]\s+|_", title)
    if site and len(parts) > 1 and parts[-1].strip().lower() == site.lower():
        return title[: title.rfind(parts[-1])].rstrip(" |-–—_·")
    # A Chinese headline says in six characters what an English one says in a dozen.
    width = sum(2 if char > "\u2e80" else 1 for char in parts[0])
    return parts[0].strip() if len(parts) > 1 and width >= 12 else title


def _visible_text(tree: html.HtmlElement) -> str:
    return "\n".join(_texts(tree))


def _texts(tree: html.HtmlElement) -> Iterator[str]:
    for element in tree.iter():
        if not isinstance(element.tag, str) or element.tag in ("script", "style", "noscript", "template"):
            if element.tail and element.tail.strip():
                yield " ".join(element.tail.split())
            continue
        if element.text and element.text.strip():
            yield " ".join(element.text.split())
        if element.tail and element.tail.strip():
            yield " ".join(element.tail.split())


def _canonical(link: str | None, url: str | None) -> str | None:
    if not link:
        return None
    try:
        return canonical_url(urljoin(url or "", link))
    except ValueError:
        return None


def named_origin(text: str, site: str | None = None) -> str | None:
    """The outlet that a repost names as its source (来源：, 以下文章来源于, "originally appeared on"), unless it is `site`."""
    for pattern in _ORIGIN_PATTERNS:
        for match in pattern.finditer(text):
            name = match["name"].strip(" .·“”\"'《》【】")
            if name and name not in _OWN_NAMES and (site is None or name.lower() != site.lower()):
                return name
    return None


def _origin(flat: str, body: str, site: str | None, canonical: str | None, url: str | None) -> Origin | None:
    elsewhere = canonical if canonical and url and host_of(canonical) != host_of(url) else None
    name = named_origin(flat, site) or named_origin(body, site)
    if name is not None:
        return Origin(name, elsewhere)
    return Origin(host_of(elsewhere), elsewhere) if elsewhere else None


def as_document(article: Article) -> Mapping[str, Any]:
    """The JSON document of ``chipwire extract``."""
    from index.text.times import iso

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
        "origin": None if article.origin is None else {"name": article.origin.name, "url": article.origin.url},
    }


def extract_fragment(fragment: str) -> str:
    """Plain text of an HTML fragment, a paragraph for each block."""
    root = html.fromstring(f"<div>{fragment}</div>")
    for block in root.iter("p", "div", "br", "li", "h1", "h2", "h3", "h4", "blockquote", "tr"):
        block.tail = "\n" + (block.tail or "")
    return tidy(str(root.text_content()))
