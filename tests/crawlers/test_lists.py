"""Every kind of list in which articles are found, crawled over HTTP; and what lists ask for."""

import gzip
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.crawlers.local_site import LocalSite, Reply, html_page, rss
from tests.crawlers.running import record, run, stored, write_source

_URLSET = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"{more}><url><loc>{page}</loc>{inside}</url></urlset>'
_NEWS = (
    "<news:news><news:publication><news:name>N</news:name><news:language>en</news:language></news:publication>"
    "<news:publication_date>2023-11-20T09:00:00Z</news:publication_date><news:title>Chips</news:title></news:news>"
)


def index(*maps: str) -> str:
    return f"<sitemapindex>{''.join(f'<sitemap><loc>{each}</loc></sitemap>' for each in maps)}</sitemapindex>"


def lists(site: LocalSite) -> dict[str, tuple[str, Reply | None, dict[str, Reply]]]:
    """By name of the list's kind: the key of a source, what is at ``/NAME``, and other addresses that belong to it."""

    def page(name: str) -> str:
        return f"{site.address}/a/{name}"

    def urlset(name: str, more: str = "", inside: str = "") -> bytes:
        return _URLSET.format(page=page(name), more=more, inside=inside).encode()

    rdf = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
        f'<channel><title>R</title></channel><item rdf:about="{page("rdf")}"><title>C</title><link>{page("rdf")}</link></item>'
        "</rdf:RDF>"
    )
    atom = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>A</title><entry><title>Chips</title>'
        f'<link href="{page("atom")}"/><updated>2023-11-20T09:00:00Z</updated></entry></feed>'
    )
    rss2 = (
        f'<rss version="2.0"><channel><title>R</title><item><title>C</title><link>{page("rss")}</link></item></channel></rss>'
    )
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "J",
        "items": [{"id": "1", "url": page("json"), "title": "C"}],
    }
    packed = Reply(gzip.compress(urlset("gz-of-index")), headers={"Content-Type": "application/x-gzip"})
    html = f'<html><body><nav><a href="/about">About</a></nav><h2><a href="{page("page")}">Chips</a></h2></body></html>'
    return {
        "rss": ("feeds", Reply(rss2.encode()), {}),
        "atom": ("feeds", Reply(atom.encode()), {}),
        "rdf": ("feeds", Reply(rdf.encode()), {}),
        "json": ("feeds", Reply(json.dumps(feed).encode(), headers={"Content-Type": "application/feed+json"}), {}),
        "sitemap": ("sitemaps", Reply(urlset("sitemap")), {}),
        "gz": ("sitemaps", Reply(gzip.compress(urlset("gz"))), {}),
        "gz-on-the-way": (
            "sitemaps",
            Reply(gzip.compress(urlset("gz-on-the-way")), headers={"Content-Encoding": "gzip", "Content-Type": "text/xml"}),
            {},
        ),
        "news": (
            "sitemaps",
            Reply(urlset("news", ' xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"', _NEWS)),
            {},
        ),
        "gz-of-index": ("sitemaps", Reply(index(f"{site.address}/part.xml.gz").encode()), {"/part.xml.gz": packed}),
        "page": ("lists", Reply(html.encode(), headers={"Content-Type": "text/html"}), {}),
    }


@pytest.fixture
def site() -> Iterator[LocalSite]:
    with LocalSite() as site:
        yield site


def test_articles_are_found_in_every_kind_of_list(site: LocalSite, tmp_path: Path) -> None:
    sources = tmp_path / "s.toml"
    for number, (name, (key, reply, others)) in enumerate(lists(site).items()):
        site.pages |= {f"/{name}": reply, f"/a/{name}": html_page(number), **others}
        address = f"{site.address}/{name}"
        write_source(sources, id=name, name=name, **({} if key == "lists" else {key: [address]}))
        if key == "lists":
            with sources.open("a", encoding="utf-8") as file:
                file.write(f'[[source.lists]]\nurl = "{address}"\nlinks = "h2 a"\n')
    answer = run(tmp_path / "home", site, "crawl", "--sources", str(sources))
    assert answer.returncode == 0, answer.stderr
    assert {each.source: each.url for each in stored(tmp_path / "home")} == {
        name: f"{site.address}/a/{name}" for name in lists(site)
    }


def test_what_a_source_asks_for_is_when_it_is_polled_next(site: LocalSite, tmp_path: Path) -> None:
    sources = tmp_path / "s.toml"
    site.pages |= {f"/a/{number}": html_page(number) for number in range(5)}
    asked = {
        "ttl": Reply(rss(site, [0], more="<ttl>600</ttl>")),
        "age": Reply(rss(site, [1]), headers={"Cache-Control": "public, max-age=43200"}),
        "later": Reply(b"busy", 503, {"Retry-After": "172800"}),
        "nothing": Reply(rss(site, [2])),
    }
    for name, reply in asked.items():
        site.pages[f"/{name}"] = reply
        host = "127.0.0.1" if name == "later" else "localhost"  # it asks for its host as a whole
        write_source(sources, id=name, feeds=[f"http://{host}:{site.port}/{name}"])
    run(tmp_path / "home", site, "crawl", "--sources", str(sources))
    waits = {name: record(tmp_path / "home", name).interval for name in asked}
    hour = timedelta(hours=1)
    assert (waits["ttl"], waits["age"], waits["later"]) == (10 * hour, 12 * hour, 48 * hour)
    assert waits["nothing"] is not None
    assert timedelta(minutes=5) <= waits["nothing"] <= 2 * hour
    for name, wait in waits.items():
        polled = record(tmp_path / "home", name)
        assert polled.next_due is not None
        assert polled.last_crawl is not None
        assert wait is not None
        assert wait <= polled.next_due - polled.last_crawl <= wait * 1.1 + timedelta(minutes=1), "some jitter, never sooner"
