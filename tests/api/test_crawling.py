"""A crawl's desk over the store: the on-topic gate, what is remembered, and how a source fares."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from api.crawling import StoreDesk
from crawlers.health import Trouble
from crawlers.report import SourceReport, Step
from crawlers.schedule import Wishes
from crawlers.sources import Source
from index.article import Article
from index.knowledge_base import KnowledgeBase
from index.store.articles import count_articles, latest_articles
from index.store.crawls import Validators, left_out
from index.store.sources import health_changes, source_record
from tests.conftest import NOW, article

SOURCE = Source("site", "Site", "press", "en", feeds=("https://news.example/feed",), topic="on-topic")
CHIPS = article(
    "Nvidia ships H200 accelerators with HBM3e",
    "Nvidia ships the H200 GPU, whose HBM3e comes from Micron and SK Hynix, to AWS.",
)
ROSES = article("How to prune roses", "Roses are pruned in March, when the forsythia is in bloom, with clean shears.")


@pytest.fixture
def desk(writer: KnowledgeBase) -> Iterator[StoreDesk]:
    with StoreDesk(writer, lambda: NOW) as desk:
        yield desk


def step(given: Article, source: Source = SOURCE, *, gated: bool = False, validators: Validators | None = None) -> Step:
    old = replace(given, published=NOW - timedelta(days=400))
    return Step(source, given.url or "", validators, old, gated=gated)


def test_the_gate_leaves_out_with_a_reason_what_is_not_of_the_field(desk: StoreDesk, writer: KnowledgeBase) -> None:
    assert [outcome.kind for outcome in desk.save([step(CHIPS), step(ROSES)])] == ["new", "left out"]
    [item] = left_out(writer.store)
    assert (item.url, item.title, item.seen) == (ROSES.url, ROSES.title, NOW)
    assert item.why
    assert desk.handled(str(ROSES.url)) == NOW, "it is not fetched again"


def test_a_source_that_is_all_about_the_field_has_no_gate_but_where_its_whole_site_is_walked(
    desk: StoreDesk, writer: KnowledgeBase
) -> None:
    own = replace(SOURCE, topic="all")
    assert desk.save([step(ROSES, own, gated=True)])[0].kind == "left out"
    assert desk.save([step(ROSES, own)])[0].kind == "new"
    assert count_articles(writer.store) == 1


def test_an_article_that_cannot_be_stored_is_refused_and_the_others_are_kept(desk: StoreDesk) -> None:
    bad = replace(CHIPS, url="https:///no-host")
    outcomes = desk.save([step(bad, replace(SOURCE, topic="all"), validators=Validators(None, None, 200, NOW)), step(CHIPS)])
    assert [outcome.kind for outcome in outcomes] == ["rejected", "new"]


def test_walking_an_archive_does_not_make_a_source_look_busier(desk: StoreDesk, writer: KnowledgeBase) -> None:
    texts = [
        article(f"Garden {n}", f"Roses number {n} are pruned in March, when the forsythia is in bloom.") for n in range(200)
    ]
    desk.save([step(each) for each in texts])
    report = SourceReport(replace(SOURCE, expected=(0, 5)), NOW - timedelta(minutes=1), lists=1, lists_read=1, listed=200)
    desk.finish(report)
    record = source_record(writer.store, "site")
    assert record is not None
    assert record.health == "ok", record.health_note


def test_a_poll_sets_when_the_source_is_due_and_what_it_asked_for_counts(desk: StoreDesk) -> None:
    quick = desk.finish(SourceReport(SOURCE, NOW, lists=1, lists_read=1, listed=1))[1]
    patient = Wishes(retry_after=timedelta(hours=12))
    slow = desk.finish(SourceReport(SOURCE, NOW, lists=1, lists_read=1, listed=1, wishes=patient))[1]
    assert NOW + timedelta(minutes=5) <= quick < NOW + timedelta(hours=3)
    assert slow >= NOW + timedelta(hours=12)
    assert desk.due(SOURCE) == slow.replace(microsecond=0)


def test_a_lists_word_for_a_page_that_is_refused_never_replaces_the_page_itself(desk: StoreDesk, writer: KnowledgeBase) -> None:
    own = replace(SOURCE, topic="all")
    assert desk.save([step(CHIPS, own)])[0].kind == "new"
    teaser = replace(CHIPS, text="A teaser.")
    assert desk.save([replace(step(teaser, own), stand_in=True)])[0].kind == "noted"
    assert latest_articles(writer.store, 10)[0].text == CHIPS.text
    other = replace(teaser, url="https://news.example/other")
    assert desk.save([replace(step(other, own), stand_in=True)])[0].kind == "new"
    assert desk.save([step(replace(CHIPS, url=other.url), own)])[0].kind == "updated", "the page replaces the list's word"


def test_a_source_stays_late_when_its_last_articles_are_months_old(desk: StoreDesk) -> None:
    own = replace(SOURCE, topic="all", expected=(0, 50))
    days = [
        replace(
            CHIPS, source="site", url=f"https://news.example/{n}", title=f"Chip {n}", published=NOW - timedelta(days=60 + n)
        )
        for n in range(9)
    ]
    desk.save([Step(own, each.url or "", None, each) for each in days])
    report = SourceReport(own, NOW, lists=1, lists_read=1, listed=9, new=9, read=9)
    health, _ = desk.finish(report)
    assert (health.state, health.note) == ("late", "nothing new for 60 days, which is unusual")


def test_pages_that_cannot_be_read_are_counted_over_polls(desk: StoreDesk) -> None:
    def poll(**pages: int) -> str:
        trouble = Trouble("unreadable", "no article text was found in the page") if pages.get("unread") else None
        report = SourceReport(SOURCE, NOW, lists=1, lists_read=1, listed=9, page_trouble=trouble, **pages)  # type: ignore[arg-type]
        return desk.finish(report)[0].state

    assert [poll(unread=1), poll(unread=1), poll(), poll(unread=1), poll()] == ["ok", "ok", "ok", "broken", "broken"]
    assert poll(read=1, unread=1) == "ok"


def test_a_source_that_hangs_its_reader_is_asked_less_often(desk: StoreDesk) -> None:
    usual = desk.finish(SourceReport(SOURCE, NOW, lists=1, lists_read=1, listed=9))[1]
    hostile = desk.finish(SourceReport(SOURCE, NOW, lists=1, lists_read=1, listed=9, gave_up=True))[1]
    assert (hostile - NOW) > 1.5 * (usual - NOW)


def test_a_change_of_health_is_written_down_once(desk: StoreDesk, writer: KnowledgeBase) -> None:
    desk.finish(SourceReport(SOURCE, NOW, lists=1, lists_read=1, listed=1))
    for _ in range(2):
        wall = Trouble("refused", "it answered HTTP 403")
        desk.finish(SourceReport(SOURCE, NOW, lists=1, reached=True, troubles=[wall], errors=["HTTP 403"]))
    [change] = health_changes(writer.store)
    assert (change.before, change.state) == ("ok", "blocked")
    assert change.note == "it answered HTTP 403; last read 2024-06-01 12:00 UTC"
