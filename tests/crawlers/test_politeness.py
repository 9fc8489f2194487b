"""Manners and memory of a crawl, against a real site: what is asked for, when, and what is not asked for again."""

import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from tests.crawlers.local_site import LocalSite, Reply, html_page, rss
from tests.crawlers.running import TIMEOUT, command, environment, record, run, stored, write_source

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def site() -> Iterator[LocalSite]:
    with LocalSite() as site:
        site.pages["/feed"] = Reply(rss(site, [1, 2, 3]), headers={"ETag": '"f1"', "Content-Type": "application/rss+xml"})
        for number in (1, 2, 3):
            page = html_page(number)
            site.pages[f"/a/{number}"] = Reply(page.body, headers={**page.headers, "ETag": f'"p{number}"'})
        yield site


@pytest.fixture
def sources(site: LocalSite, tmp_path: Path) -> Path:
    return write_source(tmp_path / "s.toml", feeds=[f"{site.address}/feed"])


def test_an_unchanged_feed_costs_a_fiftieth_of_its_first_poll_or_less(site: LocalSite, sources: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    run(home, site, "crawl", "--sources", str(sources))
    first = sum(asked.sent for asked in site.asked)
    site.asked.clear()
    answer = run(home, site, "crawl", "--sources", str(sources))
    assert (answer.returncode, "nothing changed" in answer.stderr) == (0, True)
    assert sum(asked.sent for asked in site.asked) <= first * 0.02
    assert record(home).health == "ok"


def test_a_changed_entry_asks_for_its_page_with_the_pages_own_validators(
    site: LocalSite, sources: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    run(home, site, "crawl", "--sources", str(sources))
    site.asked.clear()
    later = "Wed, 15 Nov 2090 09:00:00 GMT"
    site.pages["/feed"] = Reply(rss(site, [1, 2, 3], date=later), headers={"ETag": '"f2"'})
    answer = run(home, site, "crawl", "--sources", str(sources))
    assert answer.returncode == 0
    pages = {asked.path: asked for asked in site.asked if asked.path.startswith("/a/")}
    assert {path: asked.headers.get("If-None-Match") for path, asked in pages.items()} == {
        "/a/1": '"p1"', "/a/2": '"p2"', "/a/3": '"p3"'
    }  # fmt: skip
    assert {asked.status for asked in pages.values()} == {304}
    assert len(stored(home)) == 3


def test_retry_after_is_waited_for_and_the_page_is_had(site: LocalSite, sources: Path, tmp_path: Path) -> None:
    answers = iter([Reply(b"busy", 503, {"Retry-After": "2"}), html_page(1)])
    site.pages["/a/1"] = lambda headers: next(answers)
    run(tmp_path / "home", site, "crawl", "--sources", str(sources))
    times = [asked.at for asked in site.asked if asked.path == "/a/1"]
    assert len(times) == 2
    assert times[1] - times[0] >= 2
    others = [asked.at for asked in site.asked if asked.path in ("/a/2", "/a/3")]
    assert all(at < times[0] or at >= times[0] + 1.9 for at in others), "the host as a whole was left alone"
    assert len(stored(tmp_path / "home")) == 3


def test_a_long_retry_after_is_left_to_the_next_poll_and_the_list_is_read_again(
    site: LocalSite, sources: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    site.pages["/a/2"] = Reply(b"later", 429, {"Retry-After": "86400"})
    answer = run(home, site, "crawl", "--sources", str(sources))
    assert "HTTP 429" in answer.stderr
    site.pages["/a/2"] = html_page(2)
    run(home, site, "crawl", "--sources", str(sources))
    assert len(stored(home)) == 3, "the feed was not taken for unchanged while a page of it was missing"


def test_a_page_that_is_gone_or_is_no_article_is_not_asked_for_at_every_poll(
    site: LocalSite, sources: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    site.pages["/a/1"] = Reply(b"gone", 410)
    site.pages["/a/2"] = Reply(b"<html><body><p>Short.</p></body></html>", headers={"Content-Type": "text/html"})
    answer = run(home, site, "crawl", "--sources", str(sources))
    assert "HTTP 410" in answer.stderr or "no article text" in answer.stderr
    site.pages["/feed"] = Reply(rss(site, [1, 2, 3], more="<description>changed</description>"), headers={"ETag": '"f2"'})
    site.asked.clear()
    run(home, site, "crawl", "--sources", str(sources))
    assert site.paths() == ["/feed"]


def test_a_permanent_redirect_of_a_feed_is_followed_and_remembered(site: LocalSite, sources: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    site.pages["/new-feed"] = site.pages["/feed"]
    site.pages["/feed"] = Reply(b"", 301, {"Location": "/new-feed"})
    run(home, site, "crawl", "--sources", str(sources))
    assert (record(home).health, len(stored(home))) == ("moved", 3)
    assert "/new-feed" in (record(home).health_note or "")
    site.asked.clear()
    run(home, site, "crawl", "--sources", str(sources))
    assert site.paths() == ["/new-feed"], "the new address is asked at once"


def test_a_passing_redirect_is_followed_and_not_remembered(site: LocalSite, sources: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    site.pages["/elsewhere"] = site.pages["/feed"]
    site.pages["/feed"] = Reply(b"", 302, {"Location": "/elsewhere"})
    run(home, site, "crawl", "--sources", str(sources))
    run(home, site, "crawl", "--sources", str(sources))
    assert record(home).health == "ok"
    assert site.paths().count("/feed") == 2


ITUNES = '<itunes:new-feed-url xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd">{}</itunes:new-feed-url>'


def test_a_feed_that_says_it_has_moved_is_believed_once_there_is_one(site: LocalSite, sources: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    moved = ITUNES.format(f"{site.address}/new-feed")
    site.pages["/feed"] = Reply(rss(site, [1], more=moved))
    answer = run(home, site, "crawl", "--sources", str(sources))
    assert "where there is no feed" in answer.stderr
    assert (record(home).health, len(stored(home))) == ("ok", 1)
    site.pages["/new-feed"] = Reply(rss(site, [1, 2, 3]))
    run(home, site, "crawl", "--sources", str(sources))
    assert record(home).health == "moved"
    site.asked.clear()
    run(home, site, "crawl", "--sources", str(sources))
    assert [path for path in site.paths() if "feed" in path] == ["/new-feed"]
    assert len(stored(home)) == 3


def test_two_feeds_that_send_readers_to_each_other_are_each_read_where_they_are(
    site: LocalSite, sources: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    site.pages["/feed"] = Reply(rss(site, [1], more=ITUNES.format(f"{site.address}/other")))
    site.pages["/other"] = Reply(rss(site, [2], more=ITUNES.format(f"{site.address}/feed")))
    run(home, site, "crawl", "--sources", str(sources))
    assert (record(home).health, [article.url for article in stored(home)]) == ("ok", [f"{site.address}/a/1"])


def test_what_a_feed_lists_beyond_the_bound_is_told(site: LocalSite, tmp_path: Path) -> None:
    entry = f"<item><title>Accelerators</title><link>{site.address}/a/1</link></item>"
    body = f'<?xml version="1.0"?><rss version="2.0"><channel>{entry * 30_000}</channel></rss>'
    site.pages["/feed"] = Reply(body.encode())
    sources = write_source(tmp_path / "s.toml", feeds=[f"{site.address}/feed"])
    answer = run(tmp_path / "home", site, "crawl", "--sources", str(sources))
    assert "what follows was not read" in answer.stderr
    assert len(stored(tmp_path / "home")) == 1


@pytest.mark.parametrize(
    ("reply", "health", "words"),
    [
        (Reply(b"no", 403), "blocked", "HTTP 403"),
        (Reply(b"<title>Just a moment...</title>", headers={"Content-Type": "text/html"}), "blocked", "bot check"),
        (Reply(b"<html>we have a new look</html>", headers={"Content-Type": "text/html"}), "broken", "not a feed"),
        (Reply(b"gone", 404), "broken", "HTTP 404"),
        (Reply(b'<rss version="2.0"><channel><title>x</title></channel></rss>'), "broken", "empty"),
    ],
)
def test_what_is_wrong_with_a_source_is_its_health(
    site: LocalSite, sources: Path, tmp_path: Path, reply: Reply, health: str, words: str
) -> None:
    home = tmp_path / "home"
    site.pages["/feed"] = reply
    run(home, site, "crawl", "--sources", str(sources))
    found = record(home)
    assert (found.health, words in (found.health_note or "")) == (health, True), found
    assert found.health_since is not None


@pytest.mark.parametrize(
    ("robots", "allowed"),
    [
        (Reply(b"User-agent: *\nDisallow: /a/2\n"), {"/a/1", "/a/3"}),
        (Reply(b"User-agent: Chipwire\nDisallow: /\n"), set()),
        (Reply(b"", 404), {"/a/1", "/a/2", "/a/3"}),
        (Reply(b"", 403), {"/a/1", "/a/2", "/a/3"}),
        (Reply(b"", 500), set()),
        (Reply(b"", 503), set()),
    ],
)
def test_robots_txt_is_obeyed_as_rfc_9309_has_it(
    site: LocalSite, sources: Path, tmp_path: Path, robots: Reply, allowed: set[str]
) -> None:
    site.pages["/robots.txt"] = robots
    run(tmp_path / "home", site, "crawl", "--sources", str(sources))
    assert {path for path in site.paths() if path.startswith("/a/")} == allowed


def test_crawl_delay_is_the_least_between_two_requests(site: LocalSite, sources: Path, tmp_path: Path) -> None:
    site.pages["/robots.txt"] = Reply(b"User-agent: *\nCrawl-delay: 1.5\n")
    run(tmp_path / "home", site, "crawl", "--sources", str(sources))
    times = [asked.at for asked in site.asked if asked.path != "/robots.txt"]
    assert len(times) == 4
    assert min(later - earlier for earlier, later in pairwise(times)) >= 1.4


def test_a_poll_of_a_host_that_has_gone_away_ends_soon_and_the_next_one_goes_on(site: LocalSite, tmp_path: Path) -> None:
    home, gone = tmp_path / "home", LocalSite()
    links = "".join(f"<item><title>A</title><link>{gone.address}/a/{n}</link></item>" for n in range(40))
    site.pages["/feed"] = Reply(rss(site, [], more=links), headers={"ETag": '"1"'})
    sources = write_source(tmp_path / "s.toml", feeds=[f"{site.address}/feed"])
    arguments = ["--home", str(home), "crawl", "--no-refresh", "--sources", str(sources)]
    variables = environment(site, gone)
    gone.close()  # its port is allowed, and nobody listens there
    for _ in range(2):
        impatient = [sys.executable, "-m", "tests.crawlers.impatient", "2", *arguments]
        subprocess.run(impatient, env=variables, capture_output=True, timeout=60, check=True, cwd=ROOT)
        said = record(home).last_outcome or ""
        assert "10 requests in a row brought nothing (it refused the connection" in said
        found = re.search(r"and (\d+) more", said)
        assert found is not None and int(found[1]) < 30, "not all forty were tried"
    assert site.paths().count("/feed") == 2, "it was not taken for unchanged"


def test_a_host_sees_one_request_at_a_time_from_a_crawler_that_says_who_it_is(
    site: LocalSite, sources: Path, tmp_path: Path
) -> None:
    for number in (1, 2, 3):
        site.pages[f"/a/{number}"] = Reply(html_page(number).body, headers=html_page(number).headers, wait=0.2)
    run(tmp_path / "home", site, "crawl", "--sources", str(sources))
    assert all(asked.headers["User-Agent"].startswith("Chipwire/") for asked in site.asked)
    times = [asked.at for asked in site.asked if asked.path.startswith("/a/")]
    assert len(times) == 3
    # Answers are sent at these times, each after a fifth of a second: two at once would be sent together.
    assert min(later - earlier for earlier, later in pairwise(times)) >= 0.2


def test_a_crawl_delay_is_waited_for(site: LocalSite, sources: Path, tmp_path: Path) -> None:
    site.pages["/robots.txt"] = Reply(b"User-agent: *\nCrawl-delay: 1\n")
    run(tmp_path / "home", site, "crawl", "--sources", str(sources))
    times = [asked.at for asked in site.asked]
    assert len(times) == 5
    # An answer may go out a little late on a busy machine, which makes the gap behind it shorter.
    assert min(later - earlier for earlier, later in pairwise(times)) >= 0.5
    assert times[-1] - times[0] >= 3.5


def test_a_robots_txt_that_fails_once_does_not_close_a_site(site: LocalSite, sources: Path, tmp_path: Path) -> None:
    answers = iter([Reply(b"", 503)])
    site.pages["/robots.txt"] = lambda headers: next(answers, Reply(b"User-agent: *\nDisallow: /a/2\n"))
    run(tmp_path / "home", site, "crawl", "--sources", str(sources))
    assert {path for path in site.paths() if path.startswith("/a/")} == {"/a/1", "/a/3"}
    assert site.paths(503) == []


@pytest.mark.parametrize("wall", ["robots", "refused"])
def test_where_pages_are_closed_to_us_the_feeds_word_is_kept_and_the_source_is_blocked(
    site: LocalSite, sources: Path, tmp_path: Path, wall: str
) -> None:
    home = tmp_path / "home"
    if wall == "robots":
        site.pages["/robots.txt"] = Reply(b"User-agent: *\nDisallow: /a/\n")
    else:
        site.pages |= {f"/a/{number}": Reply(b"no", 403) for number in (1, 2, 3)}
    answer = run(home, site, "crawl", "--sources", str(sources))
    assert {(each.title, each.text) for each in stored(home)} == {(f"Article {number}", "") for number in (1, 2, 3)}
    found = record(home)
    assert (found.health, found.unread, found.new) == ("blocked", 3, 3)
    assert answer.stdout == "3 new; sources: 1 blocked\n"
    site.asked.clear()
    run(home, site, "crawl", "--sources", str(sources))
    assert not [path for path in site.paths() if path.startswith("/a/")], "nobody knocks again for a week"
    assert record(home).health == "blocked"


def test_a_source_can_be_asked_with_a_contact(site: LocalSite, tmp_path: Path) -> None:
    sources = write_source(tmp_path / "s.toml", feeds=[f"{site.address}/feed"], user_agent="Mozilla/5.0 (compatible; Chipwire)")
    environ = {**environment(site), "CHIPWIRE_CONTACT": "ops@chipwire.example"}
    arguments = command(tmp_path / "home", site, "crawl", "--sources", str(sources))
    subprocess.run(arguments, env=environ, capture_output=True, timeout=TIMEOUT, check=True)
    agents = {asked.path: asked.headers["User-Agent"] for asked in site.asked}
    assert agents["/robots.txt"] == "Chipwire/0.1 (+ops@chipwire.example)"
    assert agents["/feed"] == "Mozilla/5.0 (compatible; Chipwire) (+ops@chipwire.example)"
