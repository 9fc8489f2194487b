"""``crawl --watch``: a process that runs on, over sites that publish, are slow, or come back."""

import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from index.store.database import Store
from index.store.inbox import leave, waiting
from index.store.sources import all_sources
from tests.conftest import NOW, article
from tests.crawlers.local_site import LocalSite, Reply, html_page, rss
from tests.crawlers.running import command, environment, record, run, stored, write_source


@pytest.fixture
def site() -> Iterator[LocalSite]:
    with LocalSite() as site:
        site.pages["/feed"] = Reply(rss(site, [1]), headers={"ETag": '"1"'})
        site.pages |= {f"/a/{number}": html_page(number) for number in range(1, 10)}
        yield site


@contextmanager
def watching(home: Path, sources: Path, *sites: LocalSite, between: str = "1-2") -> Iterator[subprocess.Popen[str]]:
    Store.open_writer(home).close()  # what looks at the folder while it is being made would hold its lock
    process = subprocess.Popen(
        command(home, sites[0], "crawl", "--watch", "--sources", str(sources)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**environment(*sites), "CHIPWIRE_POLL_BETWEEN": between},
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate(timeout=30)


def wait_until(true: Callable[[], bool], seconds: float = 40) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)


def is_scheduled(home: Path) -> bool:
    """Whether a poll of the source has ended: its articles are there before."""
    with Store.open_reader(home) as store:
        return any(source.next_due is not None for source in all_sources(store))


def titles_found(home: Path, site: LocalSite, query: str) -> list[str]:
    found = run(home, site, "search", "--lexical", "--json", query)
    return [] if found.returncode else [hit["title"] for hit in json.loads(found.stdout)["hits"]]


def test_what_is_published_while_watching_can_be_searched_without_anything_being_started(
    site: LocalSite, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    with watching(home, write_source(tmp_path / "s.toml", feeds=[f"{site.address}/feed"]), site):
        wait_until(lambda: len(stored(home)) == 1)
        site.pages["/feed"] = Reply(rss(site, [2, 1]), headers={"ETag": '"2"'})
        wait_until(lambda: len(stored(home)) == 2)
        title = "Accelerator number 2 enters volume production"
        wait_until(lambda: title in titles_found(home, site, "accelerator number 2"))


def test_what_came_in_beside_the_watch_is_stored_and_found_though_no_source_has_anything_new(
    site: LocalSite, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    sources = write_source(tmp_path / "s.toml", feeds=[f"{site.address}/feed"])
    with watching(home, sources, site, between="3600-7200"):
        wait_until(lambda: is_scheduled(home))
        with Store.open_reader(home) as store:
            leave(store, [article("Etched raises money for Sohu")], NOW)
        wait_until(lambda: "Etched raises money for Sohu" in titles_found(home, site, "Etched Sohu"))
        with Store.open_reader(home) as store:
            assert waiting(store) == 0


def test_ctrl_c_ends_it_well_and_the_schedule_survives(site: LocalSite, tmp_path: Path) -> None:
    home, sources = tmp_path / "home", write_source(tmp_path / "s.toml", feeds=[f"{site.address}/feed"])
    with watching(home, sources, site, between="3600-7200") as process:
        wait_until(lambda: len(stored(home)) == 1 and is_scheduled(home))
        process.send_signal(signal.SIGINT)
        said, told = process.communicate(timeout=30)
        assert (process.returncode, said) == (0, "1 new; sources: 1 ok\n")
        assert told.splitlines()[0] == "Watching 1 source; Ctrl-C stops."
        assert "\r" not in told, "no progress where it is piped"
    site.asked.clear()
    with watching(home, sources, site, between="3600-7200"):
        time.sleep(4)
        assert site.asked == [], "it is not due for an hour"


def test_a_crawl_that_is_interrupted_says_how_far_it_came_and_keeps_what_it_has(site: LocalSite, tmp_path: Path) -> None:
    home, sources = tmp_path / "home", write_source(tmp_path / "s.toml", feeds=[f"{site.address}/feed"])
    with LocalSite({"/robots.txt": Reply(b"", wait=60)}) as tarpit:
        write_source(sources, id="slow", feeds=[f"http://127.0.0.1:{tarpit.port}/feed"])
        Store.open_writer(home).close()
        process = subprocess.Popen(
            command(home, site, "crawl", "--sources", str(sources)),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(site, tarpit),
        )
        wait_until(lambda: health(home) == "ok")
        process.send_signal(signal.SIGINT)
        said, told = process.communicate(timeout=60)
    assert (process.returncode, said) == (1, "1 new; sources: 1 ok\n")
    assert told.splitlines()[-1] == "Stopped after 1 of 2 sources; the next crawl goes on from there."
    assert "Traceback" not in told
    assert len(stored(home)) == 1


def test_a_site_that_never_answers_holds_up_no_other(site: LocalSite, tmp_path: Path) -> None:
    home, sources = tmp_path / "home", tmp_path / "s.toml"
    with LocalSite({"/robots.txt": Reply(b"", wait=60)}) as tarpit:
        for number in range(30):
            write_source(sources, id=f"slow-{number}", feeds=[f"http://127.0.0.1:{tarpit.port}/feed/{number}"])
        write_source(sources, feeds=[f"{site.address}/feed"])
        with watching(home, sources, site, tarpit):
            wait_until(lambda: len(stored(home)) == 1, 20)
            polls = site.paths().count("/feed")
            wait_until(lambda: site.paths().count("/feed") >= polls + 3, 15)


def test_a_source_that_comes_back_is_well_again(site: LocalSite, tmp_path: Path) -> None:
    home, sources = tmp_path / "home", write_source(tmp_path / "s.toml", feeds=[f"{site.address}/feed"])
    feed = site.pages["/feed"]
    site.pages["/feed"] = Reply(b"no", 403)
    with watching(home, sources, site):
        wait_until(lambda: health(home) == "blocked")
        site.pages["/feed"] = feed
        wait_until(lambda: health(home) == "ok")


def health(home: Path) -> str | None:
    try:
        return record(home).health
    except StopIteration:
        return None
