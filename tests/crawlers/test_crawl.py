"""Crawls of the newsroom over real HTTP, by the command line in a process of its own (a reactor runs only once)."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from crawlers.newsroom.catalogue import Block, Newsroom, load_newsroom
from crawlers.newsroom.server import NewsroomServer, demo_sources
from crawlers.newsroom.site import DRAFT
from index.store.articles import StoredArticle, latest_articles
from index.store.database import Store
from index.store.pages import page_of
from index.store.revisions import revisions_of
from tests.conftest import clean_environment

NEWSROOM = load_newsroom()
FEW = Newsroom(NEWSROOM.outlets, NEWSROOM.items[:30])


@pytest.fixture
def server() -> Iterator[NewsroomServer]:
    with NewsroomServer(FEW) as server:
        yield server


def write_sources(path: Path, server: NewsroomServer, **changes: object) -> Path:
    lines = []
    for entry in demo_sources(server.newsroom, server.port):
        values = {**entry, **changes}
        lines.append("[[source]]\n" + "\n".join(f"{key} = {json.dumps(value)}" for key, value in values.items()))
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def crawl(home: Path, sources: Path, *names: str, ports: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "api", "--home", str(home), "crawl", "--sources", str(sources), *names],
        capture_output=True,
        text=True,
        timeout=120,
        env=clean_environment(CHIPWIRE_MODEL="none", CHIPWIRE_LOOPBACK_PORTS=ports),
    )


def stored(home: Path) -> list[StoredArticle]:
    with Store.open_reader(home) as store:
        return latest_articles(store, 1000)


def test_every_article_of_every_outlet_is_fetched_once_and_robots_is_obeyed(server: NewsroomServer, tmp_path: Path) -> None:
    home, sources = tmp_path / "home", write_sources(tmp_path / "s.toml", server)
    answer = crawl(home, sources, ports=str(server.port))
    assert answer.returncode == 0, answer.stderr
    articles = stored(home)
    assert {(a.source, a.title) for a in articles} == {(i.outlet.id, i.title) for i in FEW.items}
    assert DRAFT not in " ".join(a.text for a in articles)
    paths = [path for _, path, _ in server.requests]
    assert not [path for path in paths if path.startswith("/drafts")]
    fetched = [(host, path) for host, path, status in server.requests if status == 200 and not path.endswith("robots.txt")]
    assert len(fetched) == len(set(fetched)), "nothing was fetched twice"
    assert {host for host, path, _ in server.requests if path == "/robots.txt"} >= {
        f"{outlet.host}.localhost:{server.port}" for outlet in FEW.outlets
    }
    with Store.open_reader(home) as store:
        assert page_of(store, articles[0].id), "the page is kept as fetched"


def test_a_second_crawl_asks_only_whether_the_lists_changed(server: NewsroomServer, tmp_path: Path) -> None:
    home, sources = tmp_path / "home", write_sources(tmp_path / "s.toml", server)
    crawl(home, sources, ports=str(server.port))
    before = [(a.id, a.first_seen) for a in stored(home)]
    server.requests.clear()
    answer = crawl(home, sources, ports=str(server.port))
    assert answer.returncode == 0
    assert {status for _, path, status in server.requests if path != "/robots.txt"} == {304}
    assert [(a.id, a.first_seen) for a in stored(home)] == before


def test_a_corrected_article_is_fetched_again_and_keeps_its_revision(server: NewsroomServer, tmp_path: Path) -> None:
    home, sources = tmp_path / "home", write_sources(tmp_path / "s.toml", server)
    crawl(home, sources, ports=str(server.port))
    old = next(item for item in FEW.items if item.outlet.id == "hyperscale-review" and item.copy_of is None)
    later = old.published.replace(year=2099)
    correction = Block("p", "Correction: an earlier version of this article gave a wrong number of cores in the new chip.")
    new = replace(old, modified=later, blocks=(*old.blocks, correction))
    server.replace_newsroom(Newsroom(FEW.outlets, tuple(new if item is old else item for item in FEW.items)))
    assert "1 updated" in crawl(home, sources, "hyperscale-review", ports=str(server.port)).stderr
    changed = next(a for a in stored(home) if a.title == old.title)
    assert "Correction:" in changed.text
    with Store.open_reader(home) as store:
        assert len(revisions_of(store, changed.id)) == 1


def test_where_terms_forbid_copying_only_the_feeds_word_is_kept(server: NewsroomServer, tmp_path: Path) -> None:
    home, sources = tmp_path / "home", write_sources(tmp_path / "s.toml", server, stored="metadata")
    crawl(home, sources, "pacific-wire", ports=str(server.port))
    articles = stored(home)
    assert articles
    assert all(len(a.text) <= 230 for a in articles)
    assert not [path for _, path, _ in server.requests if path.startswith("/wire/")]


def test_a_loopback_address_is_refused_unless_its_port_is_allowed(server: NewsroomServer, tmp_path: Path) -> None:
    answer = crawl(tmp_path / "home", write_sources(tmp_path / "s.toml", server))
    assert answer.returncode == 1
    assert server.requests == []
    assert "is on this machine" in answer.stderr


def test_without_a_network_each_source_says_so_in_one_line_and_the_data_stays(server: NewsroomServer, tmp_path: Path) -> None:
    home, sources = tmp_path / "home", write_sources(tmp_path / "s.toml", server)
    crawl(home, sources, "wafer-ledger", ports=str(server.port))
    before = stored(home)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        dead = unused.getsockname()[1]
    text = sources.read_text(encoding="utf-8").replace(f":{server.port}/", f":{dead}/")
    sources.write_text(text, encoding="utf-8")
    answer = crawl(home, sources, ports=str(dead))
    assert answer.returncode == 1
    lines = answer.stderr.strip().splitlines()
    assert len(lines) == len(FEW.outlets)
    assert all("refused the connection" in line for line in lines)
    assert stored(home) == before


def test_an_unknown_source_is_named_with_the_known_ones(server: NewsroomServer, tmp_path: Path) -> None:
    answer = crawl(tmp_path / "home", write_sources(tmp_path / "s.toml", server), "nonsense")
    assert (answer.returncode, answer.stderr.count("\n")) == (1, 1)
    assert "wafer-ledger" in answer.stderr
