"""Extraction: a page's bytes and address become an Article. Parsing never fetches.

The body is trafilatura's. Metadata comes from what the page declares first (JSON-LD, meta tags, microdata, ``<time>``),
then from a date written near its top; htmldate's extensive search is off, because it takes a footer's © year for the date.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

import trafilatura
from lxml import etree, html

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
_DATE = re.compile(
    r"20\d\d\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}|\d{1,2} [A-Z][a-z]{2,8}\.? 20\d\d|[A-Z][a-z]{2,8}\.? \d{1,2}, 20\d\d"
)
_BYLINE_LENGTH, _STAMP_LENGTH = 100, 30
_CLOSING = re.compile(
    r"(?:\W{0,3})(?:相关阅读|相關閱讀|延伸阅读|延伸閱讀|推荐阅读|推薦閱讀|热门文章|熱門文章|友情链接|版权声明|版權聲明|免责声明"
    r"|免責聲明|责任编辑|責任編輯|本文内容仅供|展开阅读全文|上滑加载|标签[:：]|標籤[:：]|关于我们|本站资料"
    r"|related (?:articles|stories|posts)|most read|read more:|join the discussion|log in to comment|comments \(\d+\)"
    r"|subscribe to our|sign up for|©|\(c\) )",
    re.IGNORECASE,
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
    text = _body(tree, page.url)
    if sum(char.isalnum() for char in text) < MIN_TEXT // 2 or len(text) < MIN_TEXT:
        raise ExtractionError("no article text was found in the page")
    declared = declared_metadata(tree)
    title = _title(declared, hint, tree)
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
        text=without_chrome(text, title),
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


def _body(tree: html.HtmlElement, url: str | None) -> str:
    copy = html.fromstring(html.tostring(tree))  # trafilatura prunes the tree it is given
    _unfold_layout_tables(copy)
    found = trafilatura.bare_extraction(
        copy,
        url=url,
        include_comments=False,
        include_tables=True,
        with_metadata=False,
        date_extraction_params={"extensive_search": False},
    )
    text: str | None = getattr(found, "text", None)
    return tidy(text or "")


def _unfold_layout_tables(tree: html.HtmlElement) -> None:
    """Turn tables that only place things on the page into plain blocks: those with paragraphs or divisions in a cell.

    The extractor would otherwise print the whole page, navigation included, as rows and columns.
    """
    for table in list(tree.iter("table")):
        if table.xpath(".//td[.//p or .//div or .//table]"):
            for part in table.iter("table", "tbody", "tr", "td", "th"):
                part.tag = "div"


def without_chrome(text: str, title: str = "") -> str:
    """`text` without what sites put around an article: headline and byline before it, everything from a closing marker on.

    A byline is a short first paragraph that is no sentence. A closing marker (相关阅读, 版权声明, "Related
    articles") counts in the second half only, where it stands first in its paragraph.
    """
    paragraphs = text.split("\n\n")
    while paragraphs and (paragraphs[0].strip() == title.strip() or _is_byline(paragraphs[0])):
        paragraphs.pop(0)
    seen, whole = 0, sum(map(len, paragraphs))
    for number, paragraph in enumerate(paragraphs):
        if seen * 2 >= whole and _CLOSING.match(paragraph):
            return "\n\n".join(paragraphs[:number])
        seen += len(paragraph)
    return "\n\n".join(paragraphs)


def _is_byline(paragraph: str) -> bool:
    """A stamp, a section name, an author, a date: short and no sentence; longer only with a date in it."""
    if len(paragraph) >= _BYLINE_LENGTH or paragraph.rstrip().endswith((".", "!", "?", "。", "！", "？", "…", ":", "：")):
        return False
    return len(paragraph) <= _STAMP_LENGTH or _DATE.search(paragraph) is not None


def tidy(text: str) -> str:
    """One blank line between paragraphs, no trailing spaces, no control characters or lone surrogates."""
    clean = "".join(c for c in text if c == "\n" or (c.isprintable() and not 0xD800 <= ord(c) <= 0xDFFF) or c == "\t")
    lines = [" ".join(line.split()) for line in clean.splitlines()]
    return "\n\n".join(line for line in lines if line)


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
