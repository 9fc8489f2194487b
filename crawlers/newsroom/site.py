"""The newsroom's sites as bytes: pages, feeds, sitemaps, robots.txt. Pure, and the same for every build."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import cache
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from crawlers.newsroom.catalogue import FOLDER, NewsItem, Newsroom, Outlet

DRAFT = "This draft is not for robots."
_RELATED = 5
_FEED_ITEMS = 60


@dataclass(frozen=True, slots=True)
class Page:
    """What the server answers at one address. ``last_modified`` is an HTTP date."""

    status: int
    body: bytes
    content_type: str
    etag: str
    last_modified: str


def build_site(newsroom: Newsroom, port: int) -> Mapping[tuple[str, str], Page]:
    """Every page by (host without port, path)."""
    pages: dict[tuple[str, str], Page] = {}
    for outlet in newsroom.outlets:
        items = newsroom.of(outlet.id)
        host = f"{outlet.host}.localhost"
        newest = max((item.modified or item.published for item in items), default=datetime(2024, 1, 1, tzinfo=UTC))
        for item in items:
            body = _render(f"{outlet.id}.html", newsroom, outlet, port, item=item, items=items)
            pages[host, item.path] = _page(body, outlet, "text/html", item.modified or item.published)
        front = _render("front.html", newsroom, outlet, port, items=items)
        draft = _render("front.html", newsroom, outlet, port, items=[], draft=DRAFT)
        pages[host, "/"] = _page(front, outlet, "text/html", newest)
        pages[host, "/drafts/next"] = _page(draft, outlet, "text/html", newest)
        pages[host, "/robots.txt"] = _page(_robots(outlet, port), outlet, "text/plain", newest)
        for path, (body, kind) in _lists(outlet, items, port).items():
            pages[host, path] = _page(body, outlet, kind, newest)
    index = _environment().get_template("index.html").render(newsroom=newsroom, port=port)
    pages["localhost", "/"] = _page(index, newsroom.outlets[0], "text/html", datetime(2024, 1, 1, tzinfo=UTC))
    return pages


def base_url(outlet: Outlet, port: int) -> str:
    return f"http://{outlet.host}.localhost:{port}"


def item_url(item: NewsItem, port: int) -> str:
    return base_url(item.outlet, port) + item.path


def feed_paths(outlet: Outlet) -> list[str]:
    """Paths of the outlet's feeds."""
    return {"rss": ["/feed.xml"], "rss-full": ["/rss"], "atom": ["/atom.xml"], "json": ["/feed.json"], "none": []}[outlet.feed]


def sitemap_paths(outlet: Outlet) -> list[str]:
    """Paths of the outlet's sitemaps, the index only where there is one."""
    return {"index": ["/sitemap.xml"], "plain": ["/sitemap.xml"], "news": ["/sitemap-news.xml"], "none": []}[outlet.sitemap]


def _page(body: str, outlet: Outlet, kind: str, changed: datetime) -> Page:
    encoded = body.encode(outlet.encoding)
    # The GB2312 outlet's server says nothing of the encoding: pages and feeds declare it themselves, as such sites do.
    content_type = kind if outlet.encoding != "utf-8" else f"{kind}; charset=utf-8"
    etag = '"' + hashlib.sha256(encoded).hexdigest()[:20] + '"'
    return Page(200, encoded, content_type, etag, format_datetime(changed.astimezone(UTC), usegmt=True))


def _render(template: str, newsroom: Newsroom, outlet: Outlet, port: int, **values: object) -> str:
    item = values.get("item")
    original = newsroom.item(item.copy_of) if isinstance(item, NewsItem) and item.copy_of else None
    items = values["items"]
    assert isinstance(items, list)
    related = [other for other in items if other is not item][:_RELATED]
    return (
        _environment()
        .get_template(template)
        .render(
            outlet=outlet,
            base=base_url(outlet, port),
            port=port,
            original=original,
            original_url=item_url(original, port) if original else None,
            related=related,
            **{"item": None, "draft": None, **values},
        )
    )


def _robots(outlet: Outlet, port: int) -> str:
    lines = ["User-agent: *", "Disallow: /drafts/", "Disallow: /search", "Disallow: /comments/"]
    if outlet.id == "wafer-ledger":
        lines.append("Crawl-delay: 0.05")
    lines += [f"Sitemap: {base_url(outlet, port)}{path}" for path in sitemap_paths(outlet)]
    return "\n".join(lines) + "\n"


def _lists(outlet: Outlet, items: list[NewsItem], port: int) -> dict[str, tuple[str, str]]:
    made: dict[str, tuple[str, str]] = {}
    for path in feed_paths(outlet):
        if outlet.feed == "atom":
            made[path] = (_atom(outlet, items, port), "application/atom+xml")
        elif outlet.feed == "json":
            made[path] = (_json_feed(outlet, items, port), "application/feed+json")
        else:
            made[path] = (_rss(outlet, items, port), "application/rss+xml")
    if outlet.sitemap == "index":
        made["/sitemap.xml"] = (_sitemap_index(outlet, items, port), "application/xml")
        for year in {item.published.year for item in items}:
            of_year = [item for item in items if item.published.year == year]
            made[f"/sitemap-{year}.xml"] = (_sitemap(of_year, port, news=None), "application/xml")
    elif outlet.sitemap != "none":
        news = outlet if outlet.sitemap == "news" else None
        made[sitemap_paths(outlet)[0]] = (_sitemap(items, port, news=news), "application/xml")
    return made


def html_of(item: NewsItem) -> str:
    """The article's blocks as HTML."""
    parts: list[str] = []
    for i, block in enumerate(item.blocks):
        opening = "<ul>" if block.kind == "li" and (i == 0 or item.blocks[i - 1].kind != "li") else ""
        last = i + 1 == len(item.blocks) or item.blocks[i + 1].kind != "li"
        closing = "</ul>" if block.kind == "li" and last else ""
        inner = f"<p>{escape(block.text)}</p>" if block.kind == "blockquote" else escape(block.text)
        parts.append(f"{opening}<{block.kind}>{inner}</{block.kind}>{closing}")
    return "\n".join(parts)


def _rss(outlet: Outlet, items: list[NewsItem], port: int) -> str:
    entries = []
    for item in items[:_FEED_ITEMS]:
        content = f"<content:encoded><![CDATA[{html_of(item)}]]></content:encoded>" if outlet.feed == "rss-full" else ""
        entries.append(
            f"<item><title>{escape(item.title)}</title><link>{item_url(item, port)}</link>"
            f'<guid isPermaLink="false">{item.key}</guid><pubDate>{format_datetime(_local(item.published, outlet))}</pubDate>'
            f"<description>{escape(item.summary)}</description>{content}</item>"
        )
    return (
        f'<?xml version="1.0" encoding="{outlet.encoding}"?>\n'
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
        f"<title>{escape(outlet.name)}</title><link>{base_url(outlet, port)}/</link>"
        f"<description>{escape(outlet.tagline)}</description><language>{_xml_language(outlet)}</language>\n"
        + "\n".join(entries)
        + "\n</channel></rss>\n"
    )


def _atom(outlet: Outlet, items: list[NewsItem], port: int) -> str:
    entries = []
    for item in items[:_FEED_ITEMS]:
        author = f"<author><name>{escape(item.author)}</name></author>" if item.author else ""
        changed = (item.modified or item.published).isoformat()
        entries.append(
            f'<entry><id>urn:{item.key}</id><title>{escape(item.title)}</title><link href="{item_url(item, port)}"/>'
            f"<published>{_local(item.published, outlet).isoformat()}</published><updated>{changed}</updated>{author}"
            f"<summary>{escape(item.summary)}</summary></entry>"
        )
    updated = max((i.modified or i.published for i in items), default=datetime(2024, 1, 1, tzinfo=UTC)).isoformat()
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{_xml_language(outlet)}"><id>{base_url(outlet, port)}/</id>'
        f'<title>{escape(outlet.name)}</title><link href="{base_url(outlet, port)}/atom.xml" rel="self"/>'
        f"<updated>{updated}</updated>\n" + "\n".join(entries) + "\n</feed>\n"
    )


def _json_feed(outlet: Outlet, items: list[NewsItem], port: int) -> str:
    entries = [
        {
            "id": item.key,
            "url": item_url(item, port),
            "title": item.title,
            "date_published": _local(item.published, outlet).isoformat(),
            "content_html": html_of(item),
            **({"authors": [{"name": item.author}]} if item.author else {}),
        }
        for item in items[:_FEED_ITEMS]
    ]
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": outlet.name,
        "home_page_url": base_url(outlet, port) + "/",
        "language": outlet.language,
        "items": entries,
    }
    return json.dumps(document, ensure_ascii=False, indent=1)


def _sitemap_index(outlet: Outlet, items: list[NewsItem], port: int) -> str:
    years = sorted({item.published.year for item in items})
    parts = "".join(f"<sitemap><loc>{base_url(outlet, port)}/sitemap-{year}.xml</loc></sitemap>" for year in years)
    return f'<?xml version="1.0"?>\n<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{parts}</sitemapindex>\n'


def _sitemap(items: list[NewsItem], port: int, *, news: Outlet | None) -> str:
    parts = []
    for item in items:
        extra = f"<lastmod>{(item.modified or item.published).isoformat()}</lastmod>"
        if news is not None:
            extra = (
                f"<news:news><news:publication><news:name>{escape(news.name)}</news:name><news:language>en</news:language>"
                f"</news:publication><news:publication_date>{item.published.isoformat()}</news:publication_date>"
                f"<news:title>{escape(item.title)}</news:title></news:news>"
            )
        parts.append(f"<url><loc>{item_url(item, port)}</loc>{extra}</url>")
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">\n' + "\n".join(parts) + "\n</urlset>\n"
    )


def _local(moment: datetime, outlet: Outlet) -> datetime:
    return moment.astimezone(ZoneInfo(outlet.zone))


def _xml_language(outlet: Outlet) -> str:
    return {"zh-Hans": "zh-CN", "zh-Hant": "zh-TW"}.get(outlet.language, outlet.language)


@cache
def _environment() -> Environment:
    environment = Environment(loader=FileSystemLoader(FOLDER / "templates"), autoescape=True, undefined=StrictUndefined)
    environment.filters["local"] = _local
    environment.globals.update(html_of=html_of, item_url=item_url, base_url=base_url)
    return environment
