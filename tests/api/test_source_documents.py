"""Sources over HTTP: how each fares, what was left out of it, and its changes of health as a feed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

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
