"""The commands of `chipwire sources` as a user types them, against a real site."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crawlers.local_site import LocalSite, Reply, html_page, rss
from tests.crawlers.running import run, stored, write_source

FEED = {"Content-Type": "application/rss+xml"}


@pytest.fixture
def site() -> Iterator[LocalSite]:
    with LocalSite() as site:
        site.pages["/feed"] = Reply(rss(site, [1, 2]), headers=FEED)
        site.pages["/"] = Reply(
            b'<html><head><title>Wafer Daily</title><link rel="alternate" type="application/rss+xml" title="Wafer Daily"'
            b' href="/feed"></head><body><p>News of wafers.</p></body></html>',
            headers={"Content-Type": "text/html"},
        )
        site.pages["/a/1"], site.pages["/a/2"] = html_page(1), html_page(2)
        yield site


def ids(home: Path, site: LocalSite, *arguments: str) -> dict[str, dict[str, object]]:
    document = json.loads(run(home, site, "sources", "list", "--json", *arguments).stdout)
    return {each["id"]: each for each in document["sources"]}


def test_a_site_is_added_by_its_home_page_crawled_by_its_feed_and_named_by_itself(site: LocalSite, tmp_path: Path) -> None:
    home = tmp_path / "home"
    answer = run(home, site, "sources", "add", f"{site.address}/", "--id", "wafer-daily", "--topic", "all")
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.splitlines()[0] == "added wafer-daily: Wafer Daily (en, press)"
    assert f"  {site.address}/feed" in answer.stdout
    crawled = run(home, site, "crawl", "wafer-daily")
    assert crawled.returncode == 0, crawled.stderr
    assert len(stored(home)) == 2
    added = ids(home, site)["wafer-daily"]
    assert (added["own"], added["topic"]) == (True, "all")


def test_a_dry_run_of_add_changes_nothing(site: LocalSite, tmp_path: Path) -> None:
    answer = run(tmp_path / "home", site, "sources", "add", f"{site.address}/feed", "--id", "new", "--dry-run")
    assert answer.stdout.startswith("would add new")
    assert "new" not in ids(tmp_path / "home", site)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("ftp://a.example/feed", "cannot be a source"),
        ("http://10.0.0.1/feed", "is not a public address"),
        ("http://127.0.0.1:9/feed", "is on this machine"),
        ("{site}/absent", "HTTP 404"),
        ("{site}/a/1", "feed"),
    ],
)
def test_an_address_that_cannot_be_a_source_is_refused_in_one_line(
    site: LocalSite, tmp_path: Path, address: str, words: str
) -> None:
    answer = run(tmp_path / "home", site, "sources", "add", address.format(site=site.address))
    assert answer.returncode != 0
    assert words in answer.stderr
    assert "Traceback" not in answer.stderr


def test_the_same_feed_is_not_added_twice(site: LocalSite, tmp_path: Path) -> None:
    run(tmp_path / "home", site, "sources", "add", f"{site.address}/feed", "--id", "one")
    again = run(tmp_path / "home", site, "sources", "add", f"{site.address}/feed", "--id", "two")
    assert again.returncode == 1
    assert "belongs to the source 'one' already" in again.stderr


def test_a_disabled_source_is_left_out_of_crawls_unless_it_is_named(site: LocalSite, tmp_path: Path) -> None:
    home = tmp_path / "home"
    sources = write_source(tmp_path / "s.toml", feeds=[f"{site.address}/feed"])
    run(home, site, "sources", "add", str(sources))
    assert run(home, site, "sources", "disable", "site").stdout == "site is disabled.\n"
    assert ids(home, site)["site"]["disabled"]
    run(home, site, "crawl", "site")
    assert len(stored(home)) == 2, "what a user names is crawled"
    run(home, site, "sources", "enable", "site")
    assert ids(home, site)["site"]["disabled"] is None


def test_disabling_what_is_no_source_names_it(site: LocalSite, tmp_path: Path) -> None:
    answer = run(tmp_path / "home", site, "sources", "disable", "nonsense")
    assert answer.returncode != 0
    assert "no source 'nonsense'" in answer.stderr


def test_check_prints_a_row_a_list_with_what_can_be_read_and_what_is_wrong(site: LocalSite, tmp_path: Path) -> None:
    sources = write_source(tmp_path / "s.toml", id="good", feeds=[f"{site.address}/feed"])
    write_source(sources, id="gone", feeds=[f"{site.address}/gone"])
    write_source(sources, id="page", feeds=[f"{site.address}/a/1"])
    home = tmp_path / "home"
    answer = run(home, site, "sources", "check", "--sources", str(sources))
    rows = {line.split()[0]: line for line in answer.stdout.splitlines()[1:-1]}
    assert "Accelerator number 1 enters volume production" in rows["good"]
    assert "HTTP 404" in rows["gone"]
    assert "not a feed" in rows["page"]
    assert answer.stdout.splitlines()[-1] == "3 lists of 3 sources tried, 2 with a problem"
    document = json.loads(run(home, site, "sources", "check", "good", "--sources", str(sources), "--json").stdout)
    [checked] = document["checked"]
    assert (checked["entries"], checked["problem"], checked["page_problem"]) == (2, None, None)
    assert stored(home) == [], "trying stores nothing"


def test_check_fails_where_nothing_can_be_read(site: LocalSite, tmp_path: Path) -> None:
    sources = write_source(tmp_path / "s.toml", id="gone", feeds=[f"{site.address}/gone"])
    assert run(tmp_path / "home", site, "sources", "check", "--sources", str(sources)).returncode == 1


def test_opml_goes_out_and_comes_in_again(site: LocalSite, tmp_path: Path) -> None:
    sources = write_source(tmp_path / "s.toml", id="one", name="第一芯片报", feeds=[f"{site.address}/feed"])
    write_source(sources, id="two", name="Two & Co.", feeds=[f"{site.address}/feed2"])
    exported = run(tmp_path / "a", site, "sources", "export", "--sources", str(sources)).stdout
    (tmp_path / "feeds.opml").write_text(exported, encoding="utf-8")
    imported = run(tmp_path / "b", site, "sources", "import", str(tmp_path / "feeds.opml"))
    assert imported.stdout.splitlines()[-1] == "2 added, 0 not"
    names = {each["name"]: each["feeds"] for each in ids(tmp_path / "b", site).values() if each["own"]}
    assert names == {"第一芯片报": [f"{site.address}/feed"], "Two & Co.": [f"{site.address}/feed2"]}
    again = run(tmp_path / "b", site, "sources", "import", str(tmp_path / "feeds.opml"))
    assert (again.returncode, again.stdout.splitlines()[-1]) == (1, "0 added, 2 not")


def test_show_tells_how_a_source_fares_and_what_the_gate_left_out(site: LocalSite, tmp_path: Path) -> None:
    site.pages["/feed"] = Reply(rss(site, [1, 7]), headers=FEED)
    site.pages["/a/7"] = Reply(
        (
            "<html><head><title>The choir sings in spring</title></head><body><article><h1>The choir sings in spring</h1><p>"
            + "The village choir will sing in the old church on the first Sunday of April, and tea is served after it. " * 4
            + "</p></article></body></html>"
        ).encode(),
        headers={"Content-Type": "text/html"},
    )
    sources = write_source(tmp_path / "s.toml", feeds=[f"{site.address}/feed"], topic="on-topic")
    home = tmp_path / "home"
    crawled = run(home, site, "crawl", "--sources", str(sources))
    assert "1 left out" in crawled.stderr
    shown = run(home, site, "sources", "show", "site", "--sources", str(sources)).stdout
    assert "health       ok since" in shown
    assert "1 stored, 1 left out as off topic" in shown
    assert "left out: The choir sings in spring (names no chip, company or term of the field)" in shown
    status = run(home, site, "status").stdout
    assert "left out           1 as off topic" in status
    document = json.loads(run(home, site, "status", "--json").stdout)
    assert (document["left_out"], document["health"]) == (1, {"ok": 1})
