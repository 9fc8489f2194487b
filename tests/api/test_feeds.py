"""Feeds, read by a feed reader's library."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from typing import Any

import feedparser
import pytest
from fastapi.testclient import TestClient
from jsonschema import Draft202012Validator

from api.app import create_app
from api.feeds import Feed, FeedEntry, write_feed
from index.knowledge_base import KnowledgeBase
from tests.api.test_app import client as client
from tests.conftest import DGX, HBM, MAIA, MAIA_ZH, NOW, article

ENTRY = FeedEntry(
    id="tag:example,2026:1",
    title="微软发布《Maia 100》 & <b>台積電</b>\x00\ud800",
    updated=datetime(2023, 11, 16, tzinfo=UTC),
    published=datetime(2023, 11, 15, tzinfo=UTC),
    link="https://news.example/a?b=1&c=2",
    summary="“自研”芯片 ]]> <script>alert(1)</script>",
    author="记者",
    categories=("芯片",),
    lang="zh",
    html="<p>正文</p>",
)
FEED = Feed("tag:example,2026:f", "Chipwire: 芯片 <i>", "http://localhost/", "http://localhost/f", ENTRY.updated, [ENTRY])


@pytest.mark.parametrize("form", ["atom", "rss"])
def test_chinese_markup_and_broken_characters_arrive_as_they_should(form: str) -> None:
    parsed = feedparser.parse(write_feed(FEED, form), sanitize_html=False)
    assert (parsed.bozo, parsed.version) == (False, {"atom": "atom10", "rss": "rss20"}[form])
    assert parsed.feed.title == FEED.title
    (entry,) = parsed.entries
    assert entry.title.startswith("微软发布《Maia 100》 & <b>台積電</b>\ufffd")
    assert (entry.id, entry.link, entry.author) == (ENTRY.id, ENTRY.link, "记者")
    # RSS has HTML there, so a text is escaped once more than in Atom, where it is declared as text.
    assert entry.summary_detail.type == {"atom": "text/plain", "rss": "text/html"}[form]
    assert (unescape(entry.summary) if form == "rss" else entry.summary) == ENTRY.summary
    assert form == "atom" or "<" not in entry.summary
    assert entry.published_parsed[:3] == (2023, 11, 15)
    assert entry.content[0].value == "<p>正文</p>"
    assert [tag.term for tag in entry.tags] == ["芯片"]


def test_a_json_feed_has_what_the_format_asks_for(client: TestClient) -> None:
    document = json.loads(write_feed(FEED, "json"))
    (item,) = document["items"]
    assert (item["id"], item["url"], item["language"]) == (ENTRY.id, ENTRY.link, "zh")
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    of_feeds = Draft202012Validator({"$ref": "#/components/schemas/JsonFeed", "components": {"schemas": schemas}})
    assert list(of_feeds.iter_errors(document)) == []
    answer = client.get("/api/v1/feeds/json/search?q=maia")
    assert answer.headers["content-type"].startswith("application/feed+json")
    assert list(of_feeds.iter_errors(answer.json())) == []


@pytest.mark.parametrize("form", ["atom", "rss", "json"])
@pytest.mark.parametrize(
    ("what", "titles"),
    [
        ("search?q=microsoft+custom+chip", {MAIA.title, MAIA_ZH.title}),
        ("search?q=microsoft+custom+chip&lang=zh", {MAIA_ZH.title}),
        ("search?q=nothing+of+the+kind+here", set()),
        ("entities/台積電", {MAIA.title, MAIA_ZH.title}),
        ("sources/hyperscale", {DGX.title}),
    ],
)
def test_searches_entities_and_sources_can_be_followed(client: TestClient, form: str, what: str, titles: set[str]) -> None:
    answer = client.get(f"/api/v1/feeds/{form}/{what}")
    assert answer.status_code == 200
    entries: list[Any]
    if form == "json":
        entries = answer.json()["items"]
    else:
        parsed = feedparser.parse(answer.content)
        assert not parsed.bozo
        entries = parsed.entries
        assert any(link.rel == "self" and link.href == str(answer.url) for link in parsed.feed.links), parsed.feed.links
    assert {entry["title"] for entry in entries} == titles
    assert len({entry["id"] for entry in entries}) == len(titles)


def test_the_digests_of_weeks_that_are_over_can_be_followed(client: TestClient) -> None:
    parsed = feedparser.parse(client.get("/api/v1/feeds/atom/digests").content)
    assert [entry.title.split(":")[0] for entry in parsed.entries] == [
        f"AI chips, week {week}" for week in ("2023-W46", "2023-W34", "2023-W12")
    ]
    assert MAIA.title in parsed.entries[0].content[0].value


def test_an_entry_keeps_its_id_when_its_article_is_corrected(client: TestClient, filled: KnowledgeBase) -> None:
    def read() -> dict[str, str]:
        parsed = feedparser.parse(client.get("/api/v1/feeds/atom/sources/example").content)
        return {entry.id: entry.title for entry in parsed.entries}

    before = read()
    filled.ingest([replace(HBM, title="SK hynix samples HBM3E", text=HBM.text + " Corrected.")], NOW)
    after = read()
    assert set(before) == set(after)
    assert "SK hynix samples HBM3E" in after.values()


def test_an_unchanged_feed_is_not_sent_again(client: TestClient) -> None:
    first = client.get("/api/v1/feeds/rss/entities/tsmc")
    assert first.headers["cache-control"] == "private, max-age=300"
    assert client.get("/api/v1/feeds/rss/entities/tsmc", headers={"if-none-match": first.headers["etag"]}).status_code == 304


@pytest.fixture
def hostile(writer: KnowledgeBase) -> Iterator[TestClient]:
    attack = "<script>alert(1)</script>]]><img src=x onerror=alert(2)>"
    writer.ingest([article(f"Chip {attack}", f"TSMC says {attack}. More.", source=f"evil {attack}", author=attack)], NOW)
    writer.refresh(NOW)
    with TestClient(create_app(writer.settings, writer)) as client:
        yield client


@pytest.mark.parametrize("what", ["entities/tsmc", "digests", "search?q=chip"])
def test_crawled_text_is_text_in_feeds_too(hostile: TestClient, what: str) -> None:
    for form in ("atom", "rss"):
        answer = hostile.get(f"/api/v1/feeds/{form}/{what}")
        parsed = feedparser.parse(answer.content, sanitize_html=False)
        assert not parsed.bozo
        assert len(parsed.entries) == 1
        assert "<script" not in answer.text
        for content in parsed.entries[0].get("content", []):
            assert "<script" not in content.value, "markup of a digest is ours alone"


@pytest.mark.parametrize(
    ("path", "status"),
    [("xml/digests", 400), ("atom/search", 400), ("atom/search?q=", 400), ("rss/entities/nonsense", 404),
     ("json/sources/nonsense", 404), ("atom/digests?k=5", 200), ("atom/search?q=a&k=0", 400)],
)  # fmt: skip
def test_a_wrong_feed_is_refused(client: TestClient, path: str, status: int) -> None:
    assert client.get(f"/api/v1/feeds/{path}").status_code == status
