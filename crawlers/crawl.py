"""A crawl: sources in, articles out. Once through, or watching for ever."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from crawlers.engine import run_engine
from crawlers.fetching import Download, Fetcher
from crawlers.health import Health
from crawlers.poll import Poller
from crawlers.report import Parse, Progress, Sink, SourceReport
from crawlers.sources import Source
from crawlers.writing import Writer
from index.errors import StoreError
from index.settings import Settings

logger = logging.getLogger(__name__)

_LOOK_SECONDS = 2.0
"""How often a watch that finds nothing looks for what came in beside it."""


class Desk(Sink, Protocol):
    """A `Sink` that also keeps how the sources fare."""

    def due(self, source: Source) -> datetime | None:
        """When a watched source is to be polled next; None for at once."""

    def finish(self, report: SourceReport) -> tuple[Health, datetime]:
        """Keep what came of a poll; returns how the source fares and when it is due again. Runs in the writer's thread."""

    def waiting(self) -> bool:
        """Whether something came in beside the crawl that `settle` would store."""

    def settle(self) -> None:
        """Called in the writer's thread when articles were stored and nothing more is coming: bring searches up to date."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a crawl does. ``since`` walks archives back to that moment; ``watch`` goes on for ever."""

    sources: tuple[Source, ...]
    since: datetime | None = None
    watch: bool = False


Finished = Callable[[SourceReport, Health], None]


def run_crawl(
    plan: Plan, desk: Desk, settings: Settings, clock: Callable[[], datetime], progress: Progress, finished: Finished
) -> list[tuple[SourceReport, Health]]:
    """Crawl by `plan`; returns the last report of each source and how it fares, in their order. `finished` hears of every poll.

    Raises:
        StoreError: the store refused; all that was acknowledged before is kept.
    """
    reports: Reports = {}

    async def work(download: Download, parse: Parse) -> None:
        fetcher = Fetcher(download, clock, settings.contact)
        await Crawl(fetcher, parse, plan, desk, clock, progress, finished, reports).run()

    run_engine(plan.sources, settings, work)
    return [reports[source.id] for source in plan.sources if source.id in reports]


Reports = dict[str, tuple[SourceReport, Health]]


class Crawl:
    """All polls of one crawl, each a task of its own: a source that is slow or hostile holds up nobody else."""

    def __init__(
        self,
        fetcher: Fetcher,
        parse: Parse,
        plan: Plan,
        desk: Desk,
        clock: Callable[[], datetime],
        progress: Progress,
        finished: Finished,
        reports: Reports,
    ) -> None:
        self._plan = plan
        self._desk = desk
        self._clock = clock
        self._finished = finished
        self._reports = reports
        self._writer = Writer(desk)
        self._poller = Poller(fetcher, parse, desk, self._writer.write, clock, progress, plan.since)
        self._stored = asyncio.Event()

    async def run(self) -> None:
        """Poll every source once, or for ever where the plan says to watch."""
        try:
            async with asyncio.TaskGroup() as group:
                for source in self._plan.sources:
                    group.create_task(self._watch(source) if self._plan.watch else self._once(source))
                if self._plan.watch:
                    group.create_task(self._settle())
        finally:
            await self._writer.close()

    async def _once(self, source: Source) -> datetime:
        try:
            report = await self._poller.poll(source)
        except StoreError:
            raise
        except Exception as error:  # a fault of ours in reading one source must not end the crawl of the others
            logger.exception("%s: the poll failed", source.id)
            report = SourceReport(source, self._clock(), errors=[f"internal error: {type(error).__name__}: {error}"])
        if report.new or report.updated:
            self._stored.set()
        health, due = await self._writer.run(lambda: self._desk.finish(report))
        self._reports[source.id] = report, health
        self._finished(report, health)
        return due

    async def _watch(self, source: Source) -> None:
        due = self._desk.due(source)
        while True:
            while due is not None and (left := due - self._clock()) > timedelta(0):
                await asyncio.sleep(min(left.total_seconds(), 60.0))  # the clock of a laptop stands still while it sleeps
            due = await self._once(source)

    async def _settle(self) -> None:
        while True:
            try:
                await asyncio.wait_for(self._stored.wait(), _LOOK_SECONDS)
                await asyncio.sleep(0.5)  # what else is just being stored comes along
                self._stored.clear()
            except TimeoutError:
                if not await asyncio.to_thread(self._desk.waiting):
                    continue
            await asyncio.to_thread(self._desk.settle)
