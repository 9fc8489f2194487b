"""Sources over HTTP: how each fares, what was left out of it, and its changes of health as a feed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import feedparser
import pytest
from fastapi.testclient import TestClient
from lxml import etree

from api.app import create_app
from crawlers.feeds import read_feed
from index.knowledge_base import KnowledgeBase
from index.store.crawls import LeftOut, save_left_out
from index.store.sources import SourceRecord, save_health_change, save_source
from tests.conftest import NOW

RECORD = SourceRecord(
    id="wafer-daily",
    name="Wafer Daily <b>",
    kind="press",
    language="en",
    homepage="https://wafer.example",
    country="TW",
    first_crawl=NOW,
    last_crawl=NOW,
    last_success=NOW,
    last_outcome="ok: 3 listed",
    fetched=3,
    new=1,
    health="ok",
    health_since=NOW,
    health_note="3 listed",
    failures=0,
    interval=timedelta(hours=2),
    next_due=NOW + timedelta(hours=2),
)


@pytest.fixture
def client(filled: KnowledgeBase) -> Iterator[TestClient]:
    store = filled.store
    with store.atomic():
        save_source(store, RECORD)
        save_source(store, replace(RECORD, id="gone", name="Gone Post", health="dead", health_note="HTTP 410 for 3 days"))
        save_health_change(store, "gone", "ok", None, "3 listed", NOW - timedelta(days=9))
        save_health_change(store, "gone", "dead", "ok", "HTTP 410\x00 for 3 days & more", NOW)
        for number in range(5):
            title, why = f"Choir {number}", "names no chip, company or term of the field"
            save_left_out(store, LeftOut(f"https://wafer.example/{number}", "wafer-daily", title, why, 0.01, NOW))
    with TestClient(create_app(filled.settings, filled), raise_server_exceptions=False) as client:
        client.app.state.ready.wait(10)  # type: ignore[attr-defined]
        yield client


def test_every_source_is_listed_with_its_health_and_what_was_left_out(client: TestClient) -> None:
    sources = {each["id"]: each for each in client.get("/api/v1/sources").json()["sources"]}
    assert sources["wafer-daily"]["left_out"] == 5
    assert sources["wafer-daily"]["interval_seconds"] == 7200
    assert (sources["gone"]["health"], sources["gone"]["health_note"]) == ("dead", "HTTP 410 for 3 days")


def test_what_was_left_out_comes_with_its_reason(client: TestClient) -> None:
    document = client.get("/api/v1/sources/wafer-daily/left-out", params={"k": 2}).json()
    assert len(document["left_out"]) == 2
    assert document["left_out"][0]["why"] == "names no chip, company or term of the field"


def test_a_source_that_is_not_there_is_a_404(client: TestClient) -> None:
    answer = client.get("/api/v1/sources/nonsense/left-out")
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


@pytest.mark.parametrize("k", ["0", "1001", "x"])
def test_how_many_is_bounded(client: TestClient, k: str) -> None:
    assert client.get("/api/v1/sources/wafer-daily/left-out", params={"k": k}).status_code == 400


def test_changes_of_health_are_an_atom_feed_that_a_feed_reader_reads(client: TestClient) -> None:
    answer = client.get("/api/v1/sources/health.atom")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    etree.fromstring(answer.content)  # well-formed, whatever a host answered
    entries = read_feed(answer.content, "http://testserver/api/v1/sources/health.atom").entries
    assert [entry.title for entry in entries] == ["Gone Post: ok → dead"], "that a source began well is no news"
    assert entries[0].updated == NOW
    assert "& more" in (entries[0].summary or "")
    parsed = feedparser.parse(answer.content)
    assert (parsed.bozo, parsed.version) == (False, "atom10")
    assert parsed.feed.id and parsed.feed.title and parsed.feed.updated and parsed.feed.author
    [entry] = parsed.entries
    assert entry.link == "http://testserver/sources/gone"
    assert entry.id.startswith("tag:chipwire,2026:")
    assert all(entry.get(name) for name in ("id", "title", "updated", "link", "summary"))


def rows_of(page: str) -> list[str]:
    return [row.get("id", "") for row in etree.HTML(page).iter("tr") if row.get("id")]


def test_the_page_of_sources_begins_with_what_needs_attention_and_can_be_narrowed(client: TestClient) -> None:
    page = client.get("/sources").text
    assert rows_of(page)[:2] == ["gone", "wafer-daily"]
    assert "HTTP 410 for 3 days; ok: 3 listed" in page
    assert "since 1 Jun 2024" in page
    assert "2024-06-01 12:00" in page, "the last good fetch"
    assert rows_of(client.get("/sources?health=dead").text) == ["gone"]
    assert "No source is like that." in client.get("/sources?health=nonsense").text


def test_a_sources_own_page_tells_how_it_fares_and_what_was_left_out_and_why(client: TestClient) -> None:
    page = client.get("/sources/wafer-daily").text
    assert "Wafer Daily &lt;b&gt;" in page
    assert "2024-06-01 14:00 UTC where it is watched, 2 h after the last" in page
    assert page.count("names no chip, company or term of the field") == 5
    assert '<a href="https://wafer.example/0"' in page
    changes = client.get("/sources/gone").text
    assert "HTTP 410" in changes
    assert "9 May" not in changes


def test_a_page_of_a_source_that_is_not_there_says_so(client: TestClient) -> None:
    answer = client.get("/sources/nonsense")
    assert (answer.status_code, "No source" in answer.text) == (404, True)


def test_the_page_of_a_source_that_only_imports_name(client: TestClient) -> None:
    assert "imported" in client.get("/sources/example").text
