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
    assert json.loads(run(home, site, "sources", "disable", "site", "--json").stdout) == {"disabled": ["site"]}
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
    assert imported.stdout.splitlines()[-1] == "2 added, 0 rejected"
    names = {each["name"]: each["feeds"] for each in ids(tmp_path / "b", site).values() if each["own"]}
    assert names == {"第一芯片报": [f"{site.address}/feed"], "Two & Co.": [f"{site.address}/feed2"]}
    again = run(tmp_path / "b", site, "sources", "import", str(tmp_path / "feeds.opml"))
    assert (again.returncode, again.stdout.splitlines()[-1]) == (0, "0 added, 2 known already, 0 rejected")


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


def test_show_tells_everything_that_the_catalogue_has(site: LocalSite, tmp_path: Path) -> None:
    sources = write_source(
        tmp_path / "s.toml",
        feeds=[f"{site.address}/feed"],
        archive=[f"{site.address}/map.xml"],
        company="nvidia",
        stored="metadata",
        topic="on-topic",
        expected=[2, 60],
        delay=3,
        user_agent="Mozilla/5.0 (compatible; Chipwire/0.1)",
        javascript=True,
        terms="They forbid crawlers.",
        note="Large.",
    )
    shown = run(tmp_path / "home", site, "sources", "show", "site", "--sources", str(sources)).stdout
    assert shown.splitlines() == [
        "Site",
        "press · en · belongs to nvidia",
        f"feed         {site.address}/feed",
        f"archive      {site.address}/map.xml",
        "keeps        of what it publishes what is on topic, and only what its feed says",
        "expected     2 to 60 items a week",
        "asked by     Mozilla/5.0 (compatible; Chipwire/0.1), one request every 3 s, in a browser",
        "terms        They forbid crawlers.",
        "note         Large.",
    ]


def test_show_after_a_crawl_tells_since_when_the_last_good_one_and_the_next(site: LocalSite, tmp_path: Path) -> None:
    home, sources = tmp_path / "home", write_source(tmp_path / "s.toml", feeds=[f"{site.address}/feed"])
    run(home, site, "crawl", "--sources", str(sources))
    lines = dict(
        line.split(maxsplit=1) if not line.startswith(("last ", "next ")) else (line[:9], line[13:])
        for line in run(home, site, "sources", "show", "site", "--sources", str(sources)).stdout.splitlines()[2:]
    )
    assert lines["health"].startswith("ok since 20")
    assert lines["last good"].startswith("20")
    assert "(chipwire crawl --watch)" in lines["next poll"]


def test_a_list_can_be_narrowed(site: LocalSite, tmp_path: Path) -> None:
    home, sources = tmp_path / "home", write_source(tmp_path / "s.toml", id="good", feeds=[f"{site.address}/feed"])
    write_source(sources, id="gone", kind="vendor", feeds=[f"{site.address}/gone"], expected=[1, 2])
    run(home, site, "crawl", "--sources", str(sources))
    file = ("--sources", str(sources))
    assert list(ids(home, site, *file, "--health", "broken")) == ["gone"]
    assert list(ids(home, site, *file, "--kind", "press")) == ["good"]
    rows = run(home, site, "sources", "list", *file).stdout.splitlines()
    assert [row.split()[0] for row in rows[1:-1]] == ["good", "gone"]
    assert "1-2" in rows[2]
    wrong = run(home, site, "sources", "list", "--health", "fine")
    assert (wrong.returncode, wrong.stderr.count("\n")) == (2, 1)


@pytest.mark.parametrize(
    ("option", "words"), [("--kind", "vendor, cloud"), ("--topic", "all, on-topic"), ("--stored", "full, metadata")]
)
def test_an_option_of_add_that_is_not_known_is_refused_before_anything_is_fetched(
    site: LocalSite, tmp_path: Path, option: str, words: str
) -> None:
    answer = run(tmp_path / "home", site, "sources", "add", f"{site.address}/feed", option, "nonsense")
    assert (answer.returncode, answer.stderr.count("\n"), words in answer.stderr) == (2, 1, True)
    assert site.asked == []


def test_a_source_can_be_replaced_and_taken_back(site: LocalSite, tmp_path: Path) -> None:
    home = tmp_path / "home"
    run(home, site, "sources", "add", f"{site.address}/feed", "--id", "one")
    again = run(home, site, "sources", "add", f"{site.address}/feed", "--id", "one", "--name", "Other")
    assert (again.returncode, "--replace" in again.stderr) == (1, True)
    changed = run(home, site, "sources", "add", f"{site.address}/feed", "--id", "one", "--name", "Other", "--replace", "--json")
    assert json.loads(changed.stdout)["added"][0]["name"] == "Other"
    assert ids(home, site)["one"]["name"] == "Other"
    assert run(home, site, "sources", "remove", "one").stdout == "one is removed.\n"
    assert "one" not in ids(home, site)


def test_a_source_of_the_catalogue_can_be_changed_here_and_is_itself_again_when_that_is_taken_back(
    site: LocalSite, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    mine = write_source(tmp_path / "s.toml", id="nvidia-blog", name="Mine", feeds=[f"{site.address}/feed"])
    assert run(home, site, "sources", "add", str(mine), "--replace").returncode == 0
    assert ids(home, site)["nvidia-blog"]["name"] == "Mine"
    run(home, site, "sources", "remove", "nvidia-blog")
    assert ids(home, site)["nvidia-blog"]["name"] == "NVIDIA Blog"
    refused = run(home, site, "sources", "remove", "nvidia-blog")
    assert (refused.returncode, "chipwire sources disable nvidia-blog" in refused.stderr) == (2, True)


def test_import_reports_what_it_did_as_one_json_document(site: LocalSite, tmp_path: Path) -> None:
    opml = tmp_path / "feeds.opml"
    opml.write_text(
        '<opml><body><outline text="A" xmlUrl="https://a.example/feed"/><outline text="B" xmlUrl="https://blogs.nvidia.com/feed/"/>'
        '<outline text="C" xmlUrl="javascript:1"/></body></opml>',
        encoding="utf-8",
    )
    document = json.loads(run(tmp_path / "home", site, "sources", "import", str(opml), "--json").stdout)
    assert [each["name"] for each in document["added"]] == ["A"]
    assert [each["name"] for each in document["known"]] == ["B"]
    assert len(document["rejected"]) == 1


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("tomshardwar", "Did you mean tomshardware or tomshardware-semiconductors?"),
        ("phoronixx", "Did you mean phoronix?"),
        ("zzzz", "chipwire sources list shows them all."),
    ],
)
def test_a_name_that_no_source_has_is_answered_in_one_line_with_those_that_are_like_it(
    site: LocalSite, tmp_path: Path, name: str, words: str
) -> None:
    for command in (("sources", "show"), ("sources", "check"), ("sources", "disable"), ("crawl",)):
        answer = run(tmp_path / "home", site, *command, name)
        assert (answer.returncode, answer.stderr) == (1, f"chipwire: There is no source {name!r}. {words}\n")


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (None, 2, "cannot be read: No such file or directory."),
        (b"\x80\x81", 1, "is not UTF-8 text."),
        (b"[[source]]\nid = 'x'\n", 1, "'x' lacks 'name'."),
        (b"nothing = 1\n", 1, "has no [[source]] entries."),
    ],
)
def test_a_file_of_sources_that_cannot_be_used_is_said_in_one_line(
    site: LocalSite, tmp_path: Path, content: bytes | None, code: int, words: str
) -> None:
    path = tmp_path / "mine.toml"
    if content is not None:
        path.write_bytes(content)
    for command in (("crawl", "--sources"), ("sources", "check", "--sources"), ("sources", "add")):
        answer = run(tmp_path / "home", site, *command, str(path))
        assert (answer.returncode, answer.stderr.count("\n"), answer.stdout) == (code, 1, "")
        assert words in answer.stderr
