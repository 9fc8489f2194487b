"""What a page declares about its article: JSON-LD, meta tags, microdata, ``<time>``; and a date written near its top."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from email.utils import parsedate_to_datetime
from typing import Any

from lxml import html

from index.text.times import read_datetime

_ARTICLE_TYPES = frozenset(
    [
        "Article",
        "NewsArticle",
        "ReportageNewsArticle",
        "AnalysisNewsArticle",
        "OpinionNewsArticle",
        "BlogPosting",
        "TechArticle",
        "ScholarlyArticle",
        "Report",
        "LiveBlogPosting",
        "BackgroundNewsArticle",
        "ReviewNewsArticle",
        "SocialMediaPosting",
    ]
)
_PUBLISHED_META = (
    "article:published_time",
    "og:article:published_time",
    "datepublished",
    "publishdate",
    "pubdate",
    "publish_date",
    "date",
    "dc.date",
    "dc.date.issued",
    "dcterms.created",
    "parsely-pub-date",
    "sailthru.date",
    "weibo:article:create_at",
    "apub:time",
)
_MODIFIED_META = ("article:modified_time", "og:updated_time", "datemodified", "last-modified", "dcterms.modified")
_VISIBLE_DATE = re.compile(
    r"(?P<y>20\d\d)\s*[-/.年]\s*(?P<m>\d{1,2})\s*[-/.月]\s*(?P<d>\d{1,2})\s*日?"
    r"(?:[T\s]*(?P<h>\d{1,2})\s*[:：]\s*(?P<min>\d{2}))?"
)
_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_ENGLISH_DATE = re.compile(
    r"\b(?:(?P<d1>\d{1,2})\s+(?P<m1>[A-Z][a-z]{2,8})\.?,?|(?P<m2>[A-Z][a-z]{2,8})\.?\s+(?P<d2>\d{1,2})(?:st|nd|rd|th)?,)"
    r"\s+(?P<y>20\d\d)(?:,?\s+(?:at\s+)?(?P<h>\d{1,2}):(?P<min>\d{2})\s*(?P<half>[AaPp]\.?[Mm]\.?)?)?"
)
_NEAR = 600
"""Characters after the headline in which a byline's date stands."""


@dataclass(frozen=True, slots=True)
class Declared:
    """Metadata as declared; times still as written, because their zone may depend on the page's language."""

    headline: str | None = None
    og_title: str | None = None
    author: str | None = None
    description: str | None = None
    site_name: str | None = None
    canonical: str | None = None
    published_texts: tuple[str, ...] = ()
    modified_texts: tuple[str, ...] = ()

    def published(self, zone: tzinfo) -> datetime | None:
        """The first readable published time; times without an offset are taken to be in `zone`."""
        return _first_time(self.published_texts, zone)

    def modified(self, zone: tzinfo) -> datetime | None:
        """The modified time, where it is later than the published one."""
        modified, published = _first_time(self.modified_texts, zone), self.published(zone)
        return modified if modified and (published is None or modified > published) else None


def declared_metadata(tree: html.HtmlElement) -> Declared:
    """Read what the page declares; nothing is guessed here."""
    meta = _meta_tags(tree)
    ld = _article_node(tree)
    micro = {prop: _microdata(tree, prop) for prop in ("headline", "datePublished", "dateModified", "author")}
    times = [
        str(element.get("datetime")) for element in tree.xpath("//article//time[@datetime] | //header//time[@datetime]")
    ] or [str(element.get("datetime")) for element in tree.xpath("//time[@datetime]")[:1]]
    published = [_text(ld.get("datePublished")), micro["datePublished"], *(meta.get(k) for k in _PUBLISHED_META), *times[:1]]
    modified = [_text(ld.get("dateModified")), micro["dateModified"], *(meta.get(key) for key in _MODIFIED_META)]
    canonical = tree.xpath("//link[translate(@rel, 'CANONIL', 'canonil')='canonical']/@href")
    return Declared(
        headline=_text(ld.get("headline")) or micro["headline"],
        og_title=meta.get("og:title") or meta.get("twitter:title"),
        author=_author(ld.get("author")) or micro["author"] or _name(meta.get("author") or meta.get("article:author")),
        description=_text(ld.get("description")) or meta.get("og:description") or meta.get("description"),
        site_name=meta.get("og:site_name") or _author(ld.get("publisher")),
        canonical=str(canonical[0]).strip() if canonical else None,
        published_texts=tuple(text for text in published if text),
        modified_texts=tuple(text for text in modified if text),
    )


def visible_date(flat: str, title: str, zone: tzinfo) -> datetime | None:
    """A date that stands within a few lines of the headline, in Chinese, ISO-like or English form; else None.

    A date without a clock time is the day's beginning in `zone`.
    """
    at = flat.find(title[:20]) if title else -1
    windows = [flat[max(0, at - 200) : at + len(title) + _NEAR]] if at >= 0 else []
    # The headline usually stands in <title> and in navigation too: look behind each of its places.
    position = at
    while position >= 0 and len(windows) < 6:
        position = flat.find(title[:20], position + 1)
        if position >= 0:
            windows.insert(0, flat[position : position + len(title) + _NEAR])
    for window in windows or [flat[: _NEAR * 2]]:
        for pattern in (_VISIBLE_DATE, _ENGLISH_DATE):
            for match in pattern.finditer(window):
                moment = _moment(match.groupdict(), zone)
                if moment is not None:
                    return moment
    return None


def _moment(parts: dict[str, str | None], zone: tzinfo) -> datetime | None:
    name = parts.get("m1") or parts.get("m2")
    try:
        if name is not None:
            month = next(i for i, full in enumerate(_MONTHS, 1) if full.startswith(name.lower()[:3]))
        else:
            month = int(parts["m"] or 0)
        day = int(parts.get("d") or parts.get("d1") or parts.get("d2") or 0)
        hour = int(parts.get("h") or 0)
        half = (parts.get("half") or "").lower().replace(".", "")
        hour = hour % 12 + 12 if half == "pm" else hour % 12 if half == "am" else hour
        moment = datetime(int(parts["y"] or 0), month, day, hour, int(parts.get("min") or 0), tzinfo=zone)
    except (ValueError, StopIteration):
        return None
    return moment


def _first_time(texts: tuple[str, ...], zone: tzinfo) -> datetime | None:
    for text in texts:
        moment = read_datetime(text, zone)
        if moment is None:
            try:
                moment = parsedate_to_datetime(text)
            except (ValueError, TypeError, IndexError):
                continue
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=zone)
        return moment
    return None


def _meta_tags(tree: html.HtmlElement) -> dict[str, str]:
    found: dict[str, str] = {}
    for element in tree.iter("meta"):
        key = element.get("property") or element.get("name") or element.get("itemprop")
        content = element.get("content")
        if key and content and content.strip():
            found.setdefault(key.strip().lower(), " ".join(content.split()))
    return found


def _article_node(tree: html.HtmlElement) -> dict[str, Any]:
    """The JSON-LD object of the article; empty where there is none."""
    for script in tree.xpath("//script[contains(translate(@type, 'LDJSON', 'ldjson'), 'ld+json')]"):
        text = (script.text or "").strip().removeprefix("<!--").removesuffix("-->")
        if len(text) > 500_000:
            continue
        try:
            data = json.loads(text, strict=False)
        except (ValueError, RecursionError):
            continue
        for node in _nodes(data):
            kinds = node.get("@type")
            names = kinds if isinstance(kinds, list) else [kinds]
            if any(isinstance(name, str) and name.rsplit("/", 1)[-1] in _ARTICLE_TYPES for name in names):
                return node
    return {}


def _nodes(data: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    if depth > 6:
        return
    if isinstance(data, list):
        for item in data[:200]:
            yield from _nodes(item, depth + 1)
    elif isinstance(data, dict):
        yield data
        for key in ("@graph", "mainEntity", "mainEntityOfPage"):
            yield from _nodes(data.get(key), depth + 1)


def _microdata(tree: html.HtmlElement, prop: str) -> str | None:
    for element in tree.xpath("//*[@itemprop=$prop]", prop=prop):
        value = element.get("content") or element.get("datetime") or element.text_content()
        if value and value.strip():
            return " ".join(str(value).split())
    return None


def _author(value: Any) -> str | None:
    if isinstance(value, list):
        names = [name for name in (_author(item) for item in value[:5]) if name]
        return ", ".join(names) or None
    if isinstance(value, dict):
        return _text(value.get("name"))
    return _name(_text(value))


def _name(text: str | None) -> str | None:
    """An author is a name, not the address of a profile."""
    return text if text and not text.lower().startswith(("http://", "https://", "/")) else None


def _text(value: Any) -> str | None:
    if isinstance(value, str) and value.strip():
        return " ".join(html.fromstring(f"<p>{value}</p>").text_content().split()) if "&" in value else " ".join(value.split())
    return None
