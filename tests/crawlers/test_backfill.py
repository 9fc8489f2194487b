"""``crawl NAME --since DAY``: archives walked by sitemaps and list pages, once, however often it is interrupted."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from index.store.crawls import left_out_counts
from index.store.database import Store
from tests.crawlers.local_site import LocalSite, Reply, html_page, rss
from tests.crawlers.running import record, run, stored, write_source

ABOUT_GARDENS = """<html><head><title>How to prune roses in March</title></head><body><article><h1>How to prune roses</h1>
<p>Roses are pruned when the forsythia is in bloom, with clean shears and at a slant above a bud that looks outwards.</p>
<p>Dead wood is cut away first, then what crosses, and in the end every shoot is shortened to the length of a hand.</p>
<p>Climbing roses are left alone until they have flowered, and old ones are tied to the wall again with soft string.</p>
</article></body></html>"""
FIRST = date(2022, 12, 20)


def day(number: int) -> date:
    """The day of article `number`: a week after the one before."""
    return FIRST + timedelta(days=7 * number)


def sitemap(site: LocalSite, numbers: range) -> Reply:
    urls = "".join(f"<url><loc>{site.address}/a/{n}</loc><lastmod>{day(n)}</lastmod></url>" for n in numbers)
    return Reply(f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'.encode())


@pytest.fixture
def site() -> Iterator[LocalSite]:
    """Forty articles, a week apart, in four sitemaps of ten; the last is also in the feed."""
    with LocalSite() as site:
        maps = "".join(
            f"<sitemap><loc>{site.address}/map-{n}.xml</loc><lastmod>{day(n * 10 + 9)}</lastmod></sitemap>" for n in range(4)
        )
        site.pages["/sitemap.xml"] = Reply(
            f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{maps}</sitemapindex>'.encode()
        )
        for n in range(4):
            site.pages[f"/map-{n}.xml"] = sitemap(site, range(n * 10, n * 10 + 10))
        site.pages |= {f"/a/{n}": html_page(n) for n in range(40)}
        site.pages["/feed"] = Reply(rss(site, [39], date="Tue, 19 Sep 2023 09:00:00 GMT"))
        yield site


@pytest.fixture
def sources(site: LocalSite, tmp_path: Path) -> Path:
    return write_source(tmp_path / "s.toml", feeds=[f"{site.address}/feed"], archive=[f"{site.address}/sitemap.xml"])


def test_an_ordinary_crawl_leaves_the_archive_alone(site: LocalSite, sources: Path, tmp_path: Path) -> None:
    run(tmp_path / "home", site, "crawl", "--sources", str(sources))
    assert site.paths() == ["/feed", "/a/39"]


def test_since_walks_the_archive_back_to_that_day_and_no_further(site: LocalSite, sources: Path, tmp_path: Path) -> None:
    since = day(25)
    answer = run(tmp_path / "home", site, "crawl", "site", "--since", str(since), "--sources", str(sources))
    assert answer.returncode == 0, answer.stderr
    asked = set(site.paths())
    assert {path for path in asked if path.startswith("/a/")} == {f"/a/{n}" for n in range(25, 40)}
    assert not asked & {"/map-0.xml", "/map-1.xml"}, "their newest article is older"
    assert len(stored(tmp_path / "home")) == 15


def test_a_backfill_goes_on_where_it_was_interrupted(site: LocalSite, sources: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    for n in (13, 14):
        site.pages[f"/a/{n}"] = Reply(b"later", 503, {"Retry-After": "7200"})
    run(home, site, "crawl", "site", "--since", str(FIRST), "--sources", str(sources))
    before = len(stored(home))
    assert before < 40
    site.pages |= {f"/a/{n}": html_page(n) for n in (13, 14)}
    site.asked.clear()
    run(home, site, "crawl", "site", "--since", str(FIRST), "--sources", str(sources))
    assert len(stored(home)) == 40
    fetched = [path for path in site.paths() if path.startswith("/a/")]
    assert len(fetched) == 40 - before, "nothing was fetched twice"
    site.asked.clear()
    run(home, site, "crawl", "site", "--since", str(FIRST), "--sources", str(sources))
    assert not [path for path in site.paths() if path.startswith(("/a/", "/map"))], "what was walked is not walked again"


def test_walking_further_back_later_reads_what_was_left(site: LocalSite, sources: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    run(home, site, "crawl", "site", "--since", str(day(35)), "--sources", str(sources))
    assert len(stored(home)) == 5
    run(home, site, "crawl", "site", "--since", str(day(5)), "--sources", str(sources))
    assert len(stored(home)) == 35


def test_a_source_without_sitemaps_is_walked_by_those_that_its_robots_txt_names(site: LocalSite, tmp_path: Path) -> None:
    names = f"User-agent: *\nSitemap: {site.address}/sitemap.xml\nSitemap: http://elsewhere.example/sitemap.xml\n"
    site.pages["/robots.txt"] = Reply(names.encode())
    site.pages["/a/38"] = Reply(ABOUT_GARDENS.encode(), headers={"Content-Type": "text/html"})
    sources = write_source(tmp_path / "s.toml", feeds=[f"{site.address}/feed"], homepage=f"{site.address}/")
    home = tmp_path / "home"
    answer = run(home, site, "crawl", "site", "--since", str(day(35)), "--sources", str(sources))
    assert answer.returncode == 0, answer.stderr
    assert "elsewhere.example" not in answer.stderr + answer.stdout
    assert sorted(article.url for article in stored(home)) == [f"{site.address}/a/{n}" for n in (35, 36, 37, 39)]
    assert record(home).fetched == 5, "a whole site's pages pass the on-topic gate, whatever the source's own lists hold"
    with Store.open_reader(home) as store:
        assert left_out_counts(store) == {"site": 1}


def test_a_site_whose_robots_txt_names_no_sitemap_may_have_one_at_the_usual_address(site: LocalSite, tmp_path: Path) -> None:
    sources = write_source(tmp_path / "s.toml", feeds=[f"{site.address}/feed"], homepage=f"{site.address}/news/")
    home = tmp_path / "home"
    run(home, site, "crawl", "site", "--since", str(day(37)), "--sources", str(sources))
    assert sorted(article.url for article in stored(home)) == [f"{site.address}/a/{n}" for n in (37, 38, 39)]
    del site.pages["/sitemap.xml"]
    answer = run(home, site, "crawl", "site", "--since", str(day(30)), "--sources", str(sources))
    assert answer.returncode == 0
    assert "no sitemap was found, so that only its lists were walked" in answer.stderr


def test_an_ordinary_crawl_does_not_ask_for_a_whole_site(site: LocalSite, tmp_path: Path) -> None:
    site.pages["/robots.txt"] = Reply(f"Sitemap: {site.address}/sitemap.xml\n".encode())
    sources = write_source(tmp_path / "s.toml", feeds=[f"{site.address}/feed"], homepage=f"{site.address}/")
    run(tmp_path / "home", site, "crawl", "--sources", str(sources))
    assert site.paths() == ["/feed", "/a/39"]


def test_watching_and_walking_back_are_two_things(site: LocalSite, sources: Path, tmp_path: Path) -> None:
    answer = run(tmp_path / "home", site, "crawl", "--watch", "--since", "2023", "--sources", str(sources))
    assert (answer.returncode, answer.stderr.count("\n")) == (2, 1)


def test_a_day_that_is_none_is_said_in_one_line(site: LocalSite, sources: Path, tmp_path: Path) -> None:
    answer = run(tmp_path / "home", site, "crawl", "--since", "someday", "--sources", str(sources))
    assert (answer.returncode, answer.stderr.count("\n")) == (2, 1)
    assert "2023-11-20" in answer.stderr
