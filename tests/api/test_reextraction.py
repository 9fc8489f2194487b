"""Reading kept pages again: offline, with a report of what changed, and without losing anything."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.store.database import Store
from tests.crawlers.local_site import LocalSite, Reply, html_page, rss
from tests.crawlers.running import run, stored, write_source


@pytest.fixture
def site() -> Iterator[LocalSite]:
    with LocalSite() as site:
        yield site


@pytest.fixture
def home(site: LocalSite, tmp_path: Path) -> Path:
    """Two crawled pages, of which one is stored with a wrong text, as an older extraction may have left it."""
    site.pages["/feed"] = Reply(rss(site, [1, 2]))
    site.pages["/a/1"], site.pages["/a/2"] = html_page(1), html_page(2)
    sources = write_source(tmp_path / "s.toml", feeds=[f"{site.address}/feed"])
    home = tmp_path / "home"
    run(home, site, "crawl", "--sources", str(sources))
    with Store.open_writer(home) as store, store.atomic():
        store.execute("UPDATE article SET text = 'Share this page. Share that page.' WHERE url LIKE '%/a/1'")
    site.asked.clear()
    return home


def test_what_reads_differently_is_reported_stored_and_searchable_without_a_request(site: LocalSite, home: Path) -> None:
    document = json.loads(run(home, site, "reextract", "--json").stdout)
    assert (document["read"], document["fields"], document["unreadable"]) == (2, {"text": 1}, [])
    assert all("high-bandwidth memory" in article.text for article in stored(home))
    assert site.asked == []
    hits = json.loads(run(home, site, "search", "high-bandwidth memory", "--group", "none", "--json").stdout)["hits"]
    assert len(hits) == 2


def test_a_second_time_nothing_changes(site: LocalSite, home: Path) -> None:
    run(home, site, "reextract")
    assert json.loads(run(home, site, "reextract", "--json").stdout)["changed"] == []


def test_a_dry_run_reports_and_changes_nothing(site: LocalSite, home: Path) -> None:
    before = {article.id: article.text for article in stored(home)}
    answer = run(home, site, "reextract", "--dry-run")
    assert answer.stdout.splitlines()[-1] == "2 pages read again: 1 articles would change (text 1)"
    assert {article.id: article.text for article in stored(home)} == before


def test_only_the_pages_of_one_source_are_read_where_it_is_named(site: LocalSite, home: Path) -> None:
    assert json.loads(run(home, site, "reextract", "--source", "site", "--json").stdout)["read"] == 2
    assert json.loads(run(home, site, "reextract", "--source", "other", "--json").stdout)["read"] == 0
