"""A crawl's desk over the store: the on-topic gate, what is remembered, and how a source fares."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from api.crawling import StoreDesk
from crawlers.health import Trouble
from crawlers.poll import Step
from crawlers.report import SourceReport
from crawlers.schedule import Wishes
from crawlers.sources import Source
from index.article import Article
from index.knowledge_base import KnowledgeBase
from index.store.articles import count_articles
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
    quick = desk.finish(SourceReport(SOURCE, NOW, lists=1, lists_read=1, listed=1))
    patient = Wishes(retry_after=timedelta(hours=12))
    slow = desk.finish(SourceReport(SOURCE, NOW, lists=1, lists_read=1, listed=1, wishes=patient))
    assert NOW + timedelta(minutes=5) <= quick < NOW + timedelta(hours=3)
    assert slow >= NOW + timedelta(hours=12)
    assert desk.due(SOURCE) == slow.replace(microsecond=0)


def test_a_change_of_health_is_written_down_once(desk: StoreDesk, writer: KnowledgeBase) -> None:
    desk.finish(SourceReport(SOURCE, NOW, lists=1, lists_read=1, listed=1))
    for _ in range(2):
        wall = Trouble("refused", "it answered HTTP 403")
        desk.finish(SourceReport(SOURCE, NOW, lists=1, reached=True, troubles=[wall], errors=["HTTP 403"]))
    assert [(each.before, each.state) for each in health_changes(writer.store)] == [("ok", "blocked")]
