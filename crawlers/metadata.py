"""What a page declares about its article: JSON-LD, meta tags, microdata, ``<time>``. Nothing is guessed here."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from lxml import html

from crawlers.marks import Marks

_ARTICLES = frozenset(
    "Article NewsArticle ReportageNewsArticle AnalysisNewsArticle OpinionNewsArticle BackgroundNewsArticle ReviewNewsArticle "
    "BlogPosting TechArticle ScholarlyArticle Report LiveBlogPosting SocialMediaPosting Posting Review".split()
)
_PAGES = frozenset(("WebPage", "ItemPage", "AboutPage", "QAPage", "FAQPage"))
"""Whose dates serve where no article is declared."""
_PUBLISHED = (
    "article:published_time",
    "article:published",
    "og:article:published_time",
    "og:published_time",
    "og:pubdate",
    "datepublished",
    "date_published",
    "publishdate",
    "publish_date",
    "publish-date",
    "publication_date",
    "publicationdate",
    "pubdate",
    "pubtime",
    "bytedance:published_time",
    "weibo:article:create_at",
    "weibo: article:create_at",
    "apub:time",
    "citation_publication_date",
    "citation_date",
    "dc.date",
    "dc.date.issued",
    "dc.date.created",
    "dcterms.created",
    "dcterms.issued",
    "dcterms.date",
    "parsely-pub-date",
    "sailthru.date",
    "cxenseparse:recs:publishtime",
    "date",
)
_MODIFIED = (
    "article:modified_time",
    "article:modified",
    "og:article:modified_time",
    "og:updated_time",
    "og:modified_time",
    "datemodified",
    "date_modified",
    "last-modified",
    "lastmod",
    "revised",
    "dcterms.modified",
    "dc.date.modified",
    "bytedance:updated_time",
    "weibo:article:update_at",
    "weibo: article:update_at",
)
_AUTHORS = (
    "author",
    "article:author",
    "citation_author",
    "parsely-author",
    "sailthru.author",
    "dc.creator",
    "dcterms.creator",
    "byl",
)
_OUTLETS = ("mediaid", "contentsource", "content-source", "article:source", "original-source", "syndication-source", "source")
_IMAGES = ("og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src")
_LARGEST, _DEEPEST, _MOST_SCRIPTS = 500_000, 8, 40
"""Characters of a JSON-LD script, levels of its nesting, and scripts of a page; what is beyond is not read."""
_ASIDE = re.compile(r"related|recommend|comment|sidebar|aside|promo|teaser|more-|footer|\bnav", re.IGNORECASE)
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")


@dataclass(frozen=True, slots=True)
class Declared:
    """Metadata as declared, in the order of trust where there are several; times and addresses still as written.

    ``published`` are by source: ``json-ld``, ``meta``, ``microdata``, ``time``.
    """

    headline: str | None = None
    og_title: str | None = None
    authors: tuple[str, ...] = ()
    description: str | None = None
    site_name: str | None = None
    canonical: str | None = None
    section: str | None = None
    language: str | None = None
    published: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    modified: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    outlets: tuple[str, ...] = ()
    """Whom the page is from: its origin, or its own site."""
    tags: tuple[str, ...] = ()
    """Of this article."""
    keywords: tuple[str, ...] = ()
    """Of this article or of the whole site: nobody knows."""


def declared_metadata(tree: html.HtmlElement, marks: Marks) -> Declared:
    """Read what the page declares."""
    meta = _meta_tags(tree)
    nodes = list(_json_ld(tree))
    ld = _article_node(nodes, tree)
    pages = (node for node in nodes if _kinds(node) & _PAGES)
    dated = next((node for node in (ld, *pages) if node.get("datePublished") or node.get("dateCreated")), ld)
    micro = {
        prop: _microdata(marks, prop) for prop in ("headline", "datePublished", "dateModified", "author", "articleSection")
    }
    published_times, updated_times = _time_elements(tree)
    dates = {
        "json-ld": _present(_text(dated.get("datePublished")), _text(dated.get("dateCreated")), _text(dated.get("uploadDate"))),
        "meta": _present(*(value for key in _PUBLISHED for value in meta.get(key, ()))),
        "microdata": _present(micro["datePublished"]),
        "time": _present(*published_times),
    }
    modified = (
        _text(dated.get("dateModified")),
        *(value for key in _MODIFIED for value in meta.get(key, ())),
        micro["dateModified"],
        *updated_times,
    )
    links = (link for link in tree.iter("link") if link.get("rel", "").strip().lower() == "canonical")
    canonical = next((href for link in links if (href := link.get("href"))), None)
    return Declared(
        headline=_first_text(ld.get("headline")) or micro["headline"],
        og_title=_first(meta, "og:title", "twitter:title"),
        authors=_authors(ld, nodes)
        or _present(*(value for key in _AUTHORS for value in meta.get(key, ())))
        or _present(micro["author"], *meta.get("itemprop:author", ())[:1]),
        description=_text(ld.get("description")) or _first(meta, "og:description", "description", "twitter:description"),
        site_name=_first(meta, "og:site_name", "application-name") or _name(ld.get("publisher"), nodes),
        canonical=canonical.strip() if canonical else _first(meta, "og:url"),
        section=_first_text(ld.get("articleSection"))
        or _first(meta, "article:section")
        or micro["articleSection"]
        or _crumb(nodes),
        published={source: values for source, values in dates.items() if values},
        modified=_present(*modified),
        images=(*(value for key in _IMAGES for value in meta.get(key, ())), *_images(ld.get("image"))),
        outlets=_present(*(value for key in _OUTLETS for value in meta.get(key, ()))),
        tags=_present(*meta.get("article:tag", ()), *_listed(ld.get("keywords")), *_rel_tags(marks)),
        keywords=_present(
            *(word for key in ("news_keywords", "keywords") for value in meta.get(key, ()) for word in _split(value))
        ),
    )


# -- meta tags, microdata, <time>


def _meta_tags(tree: html.HtmlElement) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for element in tree.iter("meta"):
        key = element.get("property") or element.get("name") or element.get("itemprop")
        content = element.get("content")
        # Of several things in a page, such as the works that it cites, each may have an author of this kind.
        if key == "author" and not element.get("name") and not element.get("property"):
            key = "itemprop:author"
        if key and content and content.strip():
            values = found.setdefault(key.strip().lower(), [])
            if len(values) < 50:
                values.append(" ".join(content.split()))
    return found


def _first(meta: Mapping[str, list[str]], *keys: str) -> str | None:
    return next((meta[key][0] for key in keys if key in meta), None)


def _microdata(marks: Marks, prop: str) -> str | None:
    for element in marks.properties.get(prop, ()):
        if element.tag == "meta" and prop != "datePublished" and prop != "dateModified":
            continue  # read with the other meta tags
        value = element.get("content") or element.get("datetime") or (element.tag == "abbr" and element.get("title"))
        value = value or element.text_content()
        if value and value.strip() and len(value) < 1000:
            return " ".join(str(value).split())
    return None


def _time_elements(tree: html.HtmlElement) -> tuple[list[str], list[str]]:
    """What ``<time>`` elements say of publication and of changes: those that are marked so, or the first that is not apart."""
    published: list[str] = []
    updated: list[str] = []
    plain: list[str] = []
    for number, element in enumerate(tree.iter("time")):
        if number == 40:
            break
        value = element.get("datetime") or element.text_content()
        if not value.strip() or len(value) > 80 or _apart(element):
            continue
        marks = " ".join([element.get("class", ""), element.get("itemprop", ""), *_around(element)]).lower()
        if "updat" in marks or "modif" in marks or "更新" in marks:
            updated.append(value)
        elif "publi" in marks or "entry-date" in marks or element.get("pubdate") is not None or "发布" in marks:
            published.append(value)
        else:
            plain.append(value)
    return published + plain[:1], updated


def _around(element: html.HtmlElement) -> Iterator[str]:
    """The parent's class, and the words just before the element."""
    parent, previous = element.getparent(), element.getprevious()
    if parent is not None:
        yield parent.get("class", "")
        yield ((previous.tail if previous is not None else parent.text) or "")[-24:]


def _apart(element: html.HtmlElement) -> bool:
    for depth, parent in enumerate(element.iterancestors()):
        if parent.tag in ("aside", "nav", "footer", "li") or depth == 12:
            return True
        if parent.tag in ("article", "main", "body"):
            return False
        if _ASIDE.search(f"{parent.get('class', '')} {parent.get('id', '')}"):
            return True
    return False


def _rel_tags(marks: Marks) -> list[str]:
    return [" ".join(link.text_content().split()).lstrip("#") for link in marks.tags]


# -- JSON-LD


def _json_ld(tree: html.HtmlElement) -> Iterator[dict[str, Any]]:
    """Every object of the page's JSON-LD, outer ones first."""
    scripts = (script for script in tree.iter("script") if "ld+json" in script.get("type", "").lower())
    for script in islice(scripts, _MOST_SCRIPTS):
        text = (script.text or "").strip()
        for wrapping in ("<!--", "//<![CDATA[", "/*<![CDATA[*/", "<![CDATA["):
            text = text.removeprefix(wrapping)
        for wrapping in ("-->", "//]]>", "/*]]>*/", "]]>"):
            text = text.removesuffix(wrapping)
        if len(text) > _LARGEST:
            continue
        for attempt in (text, _TRAILING_COMMA.sub(r"\1", text.strip().rstrip(";"))):
            try:
                data = json.loads(attempt, strict=False)
            except (ValueError, RecursionError):
                continue
            yield from _objects(data, 0)
            break


def _objects(data: Any, depth: int) -> Iterator[dict[str, Any]]:
    if depth > _DEEPEST:
        return
    if isinstance(data, list):
        for item in data[:200]:
            yield from _objects(item, depth + 1)
    elif isinstance(data, dict):
        yield data
        for key in ("@graph", "mainEntity", "mainEntityOfPage", "hasPart", "author", "publisher", "breadcrumb"):
            if isinstance(data.get(key), dict | list):
                yield from _objects(data[key], depth + 1)


def _kinds(node: Mapping[str, Any]) -> set[str]:
    kinds = node.get("@type")
    return {kind.rsplit("/", 1)[-1] for kind in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(kind, str)}


def _article_node(nodes: list[dict[str, Any]], tree: html.HtmlElement) -> dict[str, Any]:
    """The object of the article itself; of several the one whose headline the page's title repeats. Empty where none."""
    articles = [node for node in nodes if _kinds(node) & _ARTICLES]
    if len(articles) > 1:
        title = "".join((tree.findtext(".//title") or "").split())
        for node in articles:
            headline = "".join((_text(node.get("headline")) or "").split())
            if headline and headline[:20] in title:
                return node
    return next(iter(articles), {})


def _authors(ld: Mapping[str, Any], nodes: list[dict[str, Any]]) -> tuple[str, ...]:
    value = ld.get("author") or ld.get("creator")
    people = [each for item in _as_list(value) for each in _each_person(item)]
    return _present(*(_name(each, nodes) for each in people[:20]))


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _each_person(person: Any) -> list[Any]:
    """Several people whose names stand in one node, each in a node of its own."""
    names = person.get("name") if isinstance(person, dict) else None
    return [{"name": name} for name in names] if isinstance(names, list) else [person]


def _name(value: Any, nodes: list[dict[str, Any]]) -> str | None:
    """The name of a person or organisation, also where it is only pointed at."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        name = _first_text(value.get("name"))
        identifier = value.get("@id")
        if name is None and isinstance(identifier, str):
            there = (node for node in nodes if node.get("@id") == identifier)
            name = next((found for node in there if (found := _first_text(node.get("name")))), None)
        return name
    return _text(value)


def _crumb(nodes: list[dict[str, Any]]) -> str | None:
    """The section by the breadcrumbs: the second, because the first is the home page and the last often the article."""
    for node in nodes:
        items = node.get("itemListElement")
        if "BreadcrumbList" in _kinds(node) and isinstance(items, list) and len(items) > 2:
            item = items[1] if isinstance(items[1], dict) else {}
            inner = item.get("item")
            return _text(item.get("name")) or (_text(inner.get("name")) if isinstance(inner, dict) else None)
    return None


def _images(value: Any) -> list[str]:
    items = value if isinstance(value, list) else [value]
    found = [item.get("url") or item.get("contentUrl") if isinstance(item, dict) else item for item in items[:5]]
    return [item for item in found if isinstance(item, str)]


def _listed(value: Any) -> list[str]:
    if isinstance(value, list):
        return [item for item in value[:50] if isinstance(item, str)]
    return _split(value) if isinstance(value, str) else []


def _split(value: str) -> list[str]:
    return re.split(r"[,，、;；|]", value)[:50]


def _present(*values: str | None) -> tuple[str, ...]:
    """The values that are there, each once."""
    return tuple(dict.fromkeys(text for value in values if value and (text := " ".join(value.split()))))


def _first_text(value: Any) -> str | None:
    if isinstance(value, list):
        return next((text for item in value if (text := _text(item))), None)
    return _text(value)


def _text(value: Any) -> str | None:
    if isinstance(value, str) and value.strip() and len(value) < 20_000:
        return " ".join(html.fromstring(f"<p>{value}</p>").text_content().split()) if "&" in value else " ".join(value.split())
    return None
