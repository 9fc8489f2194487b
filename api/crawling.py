"""Crawls, composed: what `crawlers` finds goes into the `KnowledgeBase`, with how each source fares."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from crawlers.crawl import Finished, Plan, run_crawl
from crawlers.health import Health, judge
from crawlers.report import Outcome, Progress, SourceReport, Step
from crawlers.schedule import OBSERVED, Bounds, interval, with_jitter
from crawlers.sources import Source
from index.article import Article, Rejected
from index.knowledge.topic import TopicGate
from index.knowledge_base import KnowledgeBase
from index.store.articles import is_stored
from index.store.crawls import (
    LeftOut,
    Validators,
    backfilled_to,
    handled,
    moved_to,
    save_backfilled,
    save_left_out,
    save_moved,
    save_validators,
    validators_of,
)
from index.store.database import Store
from index.store.inbox import waiting
from index.store.sources import SourceRecord, active_days, arrivals, save_health_change, save_source, source_record


def crawl(
    kb: KnowledgeBase, plan: Plan, clock: Callable[[], datetime], progress: Progress, finished: Finished
) -> list[tuple[SourceReport, Health]]:
    """Crawl sources into the store; every poll is recorded when it ends. Returns each source's last one, and how it fares.

    Raises:
        StoreError: the store refused.
    """
    with StoreDesk(kb, clock) as desk:
        return run_crawl(plan, desk, kb.settings, clock, progress, finished)


class StoreDesk:
    """A crawl's `crawlers.crawl.Desk` over the store. Reads have a connection of their own, so that no write holds them up."""

    def __init__(self, kb: KnowledgeBase, clock: Callable[[], datetime]) -> None:
        self._kb = kb
        self._clock = clock
        self._reader = Store.open_reader(kb.store.home)
        self._gate: TopicGate | None = None
        shortest, longest = kb.settings.poll_between
        self._bounds = Bounds(timedelta(seconds=shortest), timedelta(seconds=longest))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._reader.close()

    # -- what is there already

    def handled(self, url: str) -> datetime | None:
        return handled(self._reader, url, self._clock())

    def validators(self, url: str) -> Validators | None:
        return validators_of(self._reader, url)

    def moved_to(self, url: str) -> str | None:
        return moved_to(self._reader, url)

    def backfilled_to(self, source: str, url: str) -> datetime | None:
        return backfilled_to(self._reader, source, url)

    def due(self, source: Source) -> datetime | None:
        record = source_record(self._reader, source.id)
        return None if record is None else record.next_due

    # -- what is kept

    def save(self, steps: Sequence[Step]) -> list[Outcome]:
        now = self._clock()
        with self._kb.store.atomic():
            return [self._save(step, now) for step in steps]

    def _save(self, step: Step, now: datetime) -> Outcome:
        store = self._kb.store
        if step.moved_to is not None:
            save_moved(store, step.asked, step.moved_to, now)
        if step.backfilled_to is not None:
            save_backfilled(store, step.source.id, step.asked, step.backfilled_to, now)
        outcome = Outcome("noted")
        if step.article is not None and not (step.stand_in and is_stored(store, step.asked)):
            outcome = self._keep(step.article, step.source, now, gated=step.gated)
        if step.validators is not None:
            save_validators(store, step.asked, step.validators)
        return outcome

    def _keep(self, article: Article, source: Source, now: datetime, *, gated: bool) -> Outcome:
        if gated or source.topic == "on-topic":
            self._gate = self._gate or TopicGate.of(self._kb.reading)
            verdict = self._gate.judge(article.title, article.text, article.lang)
            if not verdict.on_topic:
                address = article.raw_url or article.url or ""
                title, published = article.title[:300], article.published
                item = LeftOut(address, source.id, title, verdict.reason, verdict.score, now, published)
                save_left_out(self._kb.store, item)
                return Outcome("left out", verdict.reason)
        kept = self._kb.keep(article, now)
        return Outcome("rejected", kept.why) if isinstance(kept, Rejected) else Outcome(kept)

    # -- how the sources fare

    def finish(self, report: SourceReport) -> tuple[Health, datetime]:
        now = self._clock()
        with self._kb.store.atomic():
            before = source_record(self._kb.store, report.source.id)
            record, health = self._record(report, before, now)
            save_source(self._kb.store, record)
            old = before.health if before else None
            if health.state != old:
                good = record.last_success
                when = f"; last read {good:%Y-%m-%d %H:%M} UTC" if good else "; never read"
                save_health_change(
                    self._kb.store, record.id, health.state, old, health.note + ("" if health.state == "ok" else when), now
                )
        return health, record.next_due or now

    def _record(self, report: SourceReport, before: SourceRecord | None, now: datetime) -> tuple[SourceRecord, Health]:
        source = report.source
        times = arrivals(self._kb.store, source.id, now - OBSERVED)
        good = report.lists_read > 0
        failures = 0 if good else (before.failures if before else 0) + 1
        unread = report.unread + (0 if report.read or before is None else before.unread)
        first = (before.first_crawl if before else None) or report.began
        known_since = min([first, *times])
        last_good = report.began if good else before.last_success if before else None
        seen = replace(
            report.observation(now),
            known_since=known_since,
            last_good=last_good,
            failures=failures,
            unread=unread,
            arrivals=tuple(times),
            active=tuple(active_days(self._kb.store, source.id, now)),
        )
        earlier = None
        if before is not None and before.health is not None and before.health_since is not None:
            earlier = Health(before.health, before.health_note or "", before.health_since)
        health = judge(source, seen, earlier)
        setbacks = failures + report.gave_up
        wait = interval(times, now, now - known_since, wishes=report.wishes, failures=setbacks, bounds=self._bounds)
        record = SourceRecord(
            id=source.id,
            name=source.name,
            kind=source.kind,
            language=source.language,
            homepage=source.homepage or None,
            country=source.country or None,
            first_crawl=first,
            last_crawl=report.began,
            last_success=last_good,
            last_outcome=report.outcome,
            fetched=report.fetched,
            new=report.new,
            health=health.state,
            health_since=health.since,
            health_note=health.note,
            failures=failures,
            unread=unread,
            interval=wait,
            next_due=now + with_jitter(wait, random.random()),
        )
        return record, health

    def waiting(self) -> bool:
        return waiting(self._reader) > 0

    def settle(self) -> None:
        self._kb.refresh(self._clock())
