"""Steps are committed in their order, in batches, and acknowledged when they are."""

import asyncio
from collections.abc import Callable, Sequence

import pytest

from api.crawling import StoreDesk
from crawlers.report import Outcome, Step
from crawlers.sources import Source
from crawlers.writing import Writer
from index.errors import StoreError
from index.knowledge_base import KnowledgeBase
from index.store.articles import count_articles, latest_articles
from tests.conftest import NOW, article

SOURCE = Source("site", "Site", "press", "en", feeds=("https://news.example/feed",))
SECONDS = 30


class Counted(StoreDesk):
    """The real desk, which also notes how many steps each transaction had."""

    def __init__(self, kb: KnowledgeBase) -> None:
        super().__init__(kb, lambda: NOW)
        self.batches: list[int] = []

    def save(self, steps: Sequence[Step]) -> list[Outcome]:
        self.batches.append(len(steps))
        return super().save(steps)


class Refusing(Counted):
    """A desk whose disk is full."""

    def save(self, steps: Sequence[Step]) -> list[Outcome]:
        super().save([])
        raise StoreError("The disk is full.")


def steps(count: int) -> list[Step]:
    return [Step(SOURCE, f"https://news.example/{n}", article=article(f"Nvidia ships B{n}00 to a cloud")) for n in range(count)]


def write_all(kb: KnowledgeBase, given: Sequence[Step], desk: Callable[[KnowledgeBase], Counted] = Counted) -> Counted:
    """Write the steps at once; the outcomes are checked by the caller over the store."""
    with desk(kb) as sink:

        async def work() -> None:
            writer = Writer(sink)
            try:
                async with asyncio.timeout(SECONDS):
                    await asyncio.gather(*(writer.write(step) for step in given))
            finally:
                await writer.close()

        asyncio.run(work())
        return sink


def test_what_waits_while_one_batch_is_written_makes_up_the_next(writer: KnowledgeBase) -> None:
    sink = write_all(writer, steps(250))
    assert sum(sink.batches) == 250
    assert len(sink.batches) <= 5
    assert count_articles(writer.store) == 250


def test_a_step_is_acknowledged_only_when_it_is_committed(writer: KnowledgeBase) -> None:
    async def work(sink: StoreDesk) -> list[int]:
        writing = Writer(sink)
        counts = []
        async with asyncio.timeout(SECONDS):
            for step in steps(5):
                assert (await writing.write(step)).kind == "new"
                counts.append(count_articles(writer.store))
            await writing.close()
        return counts

    with Counted(writer) as sink:
        assert asyncio.run(work(sink)) == [1, 2, 3, 4, 5]


def test_steps_of_one_article_are_kept_in_the_order_in_which_they_came(writer: KnowledgeBase) -> None:
    texts = [f"Nvidia says version {n} of it is the last one." for n in range(120)]
    url = "https://news.example/same"
    write_all(writer, [Step(SOURCE, url, article=article("Nvidia", text, url=url)) for text in texts])
    assert [stored.text for stored in latest_articles(writer.store, 10)] == [texts[-1]]


def test_a_store_that_refuses_is_told_to_everyone_who_waits(writer: KnowledgeBase) -> None:
    with pytest.raises(StoreError, match="full"):
        write_all(writer, steps(3), Refusing)
    assert count_articles(writer.store) == 0


def test_what_was_handed_over_is_committed_before_it_closes(writer: KnowledgeBase) -> None:
    async def work(sink: StoreDesk) -> None:
        writing = Writer(sink)
        waiting = [asyncio.ensure_future(writing.write(step)) for step in steps(30)]
        await asyncio.sleep(0)
        async with asyncio.timeout(SECONDS):
            await writing.close()
            await asyncio.gather(*waiting)

    with Counted(writer) as sink:
        asyncio.run(work(sink))
    assert count_articles(writer.store) == 30
