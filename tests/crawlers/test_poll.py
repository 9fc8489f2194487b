"""What a poll makes of pages that cannot be had. Polls over real HTTP are in ``test_crawl.py`` and ``test_politeness.py``."""

import asyncio
import importlib
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import pytest
from scrapy import Request
from scrapy.http import HtmlResponse, Response

from crawlers.fetching import Fetcher
from crawlers.poll import Poller
from crawlers.report import Outcome, SourceReport, Step
from crawlers.sources import Source
from crawlers.workers import ParserFailed
from index.store.crawls import Validators
from tests.conftest import NOW
from tests.crawlers.local_site import html_page

SITE = "https://site.example"
SOURCE = Source("site", "Site", "press", "en", feeds=(f"{SITE}/feed",))


class Kept:
    """A store in memory: the steps in the order in which they were written."""

    def __init__(self) -> None:
        self.steps: list[Step] = []

    def handled(self, url: str) -> datetime | None:
        return NOW if any(step.asked == url for step in self.steps) else None

    def validators(self, url: str) -> Validators | None:
        return None

    def moved_to(self, url: str) -> str | None:
        return None

    def backfilled_to(self, source: str, url: str) -> datetime | None:
        return None

    def save(self, steps: Sequence[Step]) -> list[Outcome]:
        raise NotImplementedError

    async def write(self, step: Step) -> Outcome:
        self.steps.append(step)
        return Outcome("new" if step.article else "noted")


def feed(count: int) -> bytes:
    items = "".join(
        f"<item><title>Chip {n}</title><link>{SITE}/a/{n}</link><description>A teaser of {n}.</description></item>"
        for n in range(count)
    )
    return f'<rss version="2.0"><channel><title>Site</title>{items}</channel></rss>'.encode()


def poll(
    kept: Kept, page: Callable[[str], Response], *, count: int = 6, extract: Callable[[str], None] = lambda url: None
) -> SourceReport:
    """A poll of a feed of `count` pages, of which `page` gives the answers and `extract` may raise what reading them does."""

    async def download(request: Request) -> Response:
        if request.url.endswith("/feed"):
            return Response(request.url, body=feed(count), headers={"Content-Type": "application/rss+xml"}, request=request)
        return page(request.url)

    async def parse(task: str, *arguments: Any, party: str = "") -> Any:
        assert party == SOURCE.id
        if task.endswith(":extract"):
            extract(arguments[0].url)
        module, _, name = task.partition(":")
        return getattr(importlib.import_module(module), name)(*arguments)

    async def run() -> SourceReport:
        fetcher = Fetcher(download, lambda: NOW)
        return await Poller(fetcher, parse, kept, kept.write, lambda: NOW, lambda *_: None).poll(SOURCE)

    return asyncio.run(run())


def article(url: str) -> Response:
    return HtmlResponse(url, body=html_page(int(url.rsplit("/", 1)[1])).body, headers={"Content-Type": "text/html"})


def test_of_a_page_that_is_refused_what_the_feed_says_is_kept_and_its_address_is_noted() -> None:
    kept = Kept()
    report = poll(kept, lambda url: Response(url, status=403), count=4)
    assert (report.new, report.read, report.unread) == (4, 0, 4)
    stand_ins = [step for step in kept.steps if step.article]
    assert [step.article.text for step in stand_ins if step.article] == [f"A teaser of {n}." for n in range(4)]
    assert all(step.stand_in and step.validators and step.validators.note for step in stand_ins)
    assert report.page_trouble is not None
    assert report.page_trouble.kind == "refused"
    assert kept.steps[-1].asked == f"{SITE}/feed", "all was dealt with"


def test_of_a_page_that_is_gone_nothing_is_kept() -> None:
    kept = Kept()
    report = poll(kept, lambda url: Response(url, status=410))
    assert (report.new, report.unread) == (0, 6)
    assert not [step for step in kept.steps if step.article]


def test_pages_that_hang_their_reader_end_the_poll_after_a_few_and_are_not_tried_again_at_once() -> None:
    kept, tried = Kept(), []

    def hang(url: str) -> None:
        tried.append(url)
        raise ParserFailed("it could not be read within 20 s")

    report = poll(kept, article, count=100, extract=hang)
    assert report.gave_up
    assert report.errors[0].startswith("3 of its pages hang or crash their reader")
    assert 3 <= len(tried) <= 15, "those under way may still end"
    assert not [step for step in kept.steps if step.asked == f"{SITE}/feed"], "the feed is not taken for read"
    again = poll(kept, article, count=100)
    assert again.new == 100 - len(tried)
    assert not again.gave_up


@pytest.mark.parametrize(("bad", "unread"), [({0, 1, 2}, 0), ({3, 4, 5}, 3)])
def test_pages_in_a_row_that_cannot_be_read_are_counted(bad: set[int], unread: int) -> None:
    def page(url: str) -> Response:
        return Response(url, status=404) if int(url.rsplit("/", 1)[1]) in bad else article(url)

    report = poll(Kept(), page)
    assert (report.new, report.read, report.unread) == (3, 3, unread)


def test_a_long_wait_that_a_page_asks_for_is_the_sources_wish() -> None:
    report = poll(Kept(), lambda url: Response(url, status=429, headers={"Retry-After": "7200"}))
    assert report.wishes.retry_after is not None
    assert report.wishes.retry_after.total_seconds() == 7200


def test_the_outcome_is_one_line() -> None:
    assert poll(Kept(), article).outcome == "6 listed, 6 new"
    assert poll(Kept(), lambda url: Response(url, status=410)).outcome == (
        f"{SITE}/a/0: it answered HTTP 410 (and 5 more); 6 listed, 0 new"
    )
    idle = SourceReport(SOURCE, NOW, lists=1, lists_read=1, unchanged=1)
    assert idle.outcome == "nothing changed"
