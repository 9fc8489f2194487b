"""One poll of one source: its lists, then the pages that they list and that are not known yet.

What is fetched is handed to a `Writer` and counts only when it is committed. A list's validators are kept last, when
all that it listed was dealt with: whatever interrupts a poll, the next one finds the same entries again and goes on.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from typing import Any, Protocol
from urllib.parse import urljoin

from crawlers.entry_article import article_of, hint_of
from crawlers.extract import Page
from crawlers.feeds import Feed, FeedEntry
from crawlers.fetching import Answer, Fetcher, FetchFailed
from crawlers.health import Trouble
from crawlers.reasons import first_error
from crawlers.report import SourceReport
from crawlers.schedule import Wishes
from crawlers.sitemaps import Sitemap, SitemapLink
from crawlers.sources import Source
from crawlers.workers import ParserFailed
from index.article import Article
from index.errors import ExtractionError
from index.store.crawls import Validators
from index.text.address import host_of

MAX_PAGES = 400
"""Of one list, the newest entries that a poll looks at; older ones are for a backfill."""
_MAX_SITEMAPS = 20
"""Sitemaps of one index that a poll reads, newest first; a backfill reads them all."""
_AT_ONCE = 12
"""Pages of one source under way. Its host sees one request at a time all the same; the others are being read."""
_MAX_LIST_PAGES = 1000
_LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Step:
    """Something to keep, in one transaction: an article, what its address answered, that a list was dealt with.

    A step with `validators` alone says that there is nothing more to have at ``asked`` for now. ``gated``: the article
    was found where a site lists all that it has, so it must be on topic even where the source's own lists need not be.
    """

    source: Source
    asked: str
    validators: Validators | None = None
    article: Article | None = None
    moved_to: str | None = None
    backfilled_to: datetime | None = None
    gated: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a step: ``new``, ``updated``, ``duplicate``, ``left out`` (off topic), ``rejected`` or ``noted``."""

    kind: str
    why: str | None = None


class Sink(Protocol):
    """Where a crawl puts what it finds, and asks what is there already. Reads are quick; `save` may block."""

    def handled(self, url: str) -> datetime | None:
        """When what is at `url` was last stored, left out or found to be of no use; None where it is new."""

    def validators(self, url: str) -> Validators | None: ...

    def moved_to(self, url: str) -> str | None:
        """The address to which `url` was permanently redirected."""

    def backfilled_to(self, source: str, url: str) -> datetime | None:
        """Back to when the list at `url` was walked to its end."""

    def save(self, steps: Sequence[Step]) -> list[Outcome]:
        """Commit the steps in one transaction, and say what became of each."""


Parse = Callable[..., Awaitable[Any]]
"""``await parse("module:function", *arguments, whose=source)``: runs it beside the crawl. Raises what the function raises."""
Write = Callable[[Step], Awaitable[Outcome]]
"""Hands a step over and waits until it is committed."""
Progress = Callable[[str, int, int], None]


@dataclass(slots=True)
class _Poll:
    """One poll under way. ``pages`` are by address, because two lists of a source often list the same ones.

    ``gated``: what is being listed is the whole site's.
    """

    report: SourceReport
    gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))
    pages: dict[str, asyncio.Task[bool]] = field(default_factory=dict)
    gated: bool = False

    @property
    def source(self) -> Source:
        return self.report.source


class Poller:
    """Polls sources; one for a whole crawl. ``since`` makes every poll a backfill down to that moment."""

    def __init__(
        self,
        fetcher: Fetcher,
        parse: Parse,
        sink: Sink,
        write: Write,
        clock: Callable[[], datetime],
        progress: Progress,
        since: datetime | None = None,
    ) -> None:
        self._fetcher = fetcher
        self._parse = parse
        self._sink = sink
        self._write = write
        self._clock = clock
        self._progress = progress
        self._since = since
        self._asked = 0
        self._answered = 0

    async def poll(self, source: Source) -> SourceReport:
        """Fetch what is new from a source. Its own failures are in the report; only a store that refuses raises."""
        report = SourceReport(source, self._clock())
        poll = _Poll(report)
        lists = [(url, self._feed) for url in source.feeds]
        lists += [(url, self._sitemap) for url in source.sitemaps]
        if self._since is not None:
            lists += [(url, self._sitemap) for url in source.archive]
        try:
            async with asyncio.TaskGroup() as group:
                for url, read in lists:
                    group.create_task(self._list(poll, url, read))
                for rule in source.lists:
                    group.create_task(self._list_pages(poll, rule))
            if self._since is not None and source.homepage and not (source.sitemaps or source.archive or source.lists):
                await self._whole_site(replace(poll, gated=True))
        except BaseExceptionGroup as errors:
            raise first_error(errors) from None
        if report.given_up:
            report.errors.append("nothing came of the last requests: the rest is left to the next poll")
        report.ended = self._clock()
        return report

    # -- lists

    async def _list(self, poll: _Poll, url: str, read: "_Reader") -> None:
        report = poll.report
        report.lists += 1
        answer = await self._ask_list(report, url)
        if answer is None:
            return
        try:
            complete = await read(poll, answer)
        except ExtractionError as error:
            self._trouble(report, url, Trouble("unreadable", error.message))
            return
        report.lists_read += 1
        if complete and self._since is None:
            await self._write(Step(report.source, answer.asked, answer.validators(self._clock())))

    async def _ask_list(self, report: SourceReport, url: str, *, rendered: bool = False) -> Answer | None:
        """A list's answer, or None where there is none to read: unchanged, or not to be had."""
        address = self._sink.moved_to(url) or url
        known = self._sink.validators(address) if self._since is None else None
        try:
            answer = await self._get(report, address, known, rendered=rendered)
        except FetchFailed as failed:
            self._trouble(report, address, failed.trouble)
            if failed.retry_after is not None:
                report.wishes = report.wishes.merged(Wishes(retry_after=failed.retry_after))
            return None
        report.wishes = report.wishes.merged(answer.wishes)
        if answer.moved_to is not None and answer.moved_to != url:
            report.moved_to = answer.moved_to
            await self._write(Step(report.source, url, moved_to=answer.moved_to))
        elif address != url:
            report.moved_to = address
        if answer.status == 304:
            report.unchanged += 1
            report.lists_read += 1
            return None
        return answer

    async def _feed(self, poll: _Poll, answer: Answer) -> bool:
        report = poll.report
        zone = report.source.zone
        feed: Feed = await self._read(report, "crawlers.feeds:read_feed", answer, zone)
        report.wishes = report.wishes.merged(Wishes(ttl=feed.ttl))
        if feed.cut is not None:
            report.errors.append(f"{answer.url}: {feed.cut}; what follows was not read")
        if feed.new_address is not None and feed.new_address not in (answer.asked, answer.url):
            await self._announced(report, answer.asked, feed.new_address)
        return await self._follow(poll, feed.entries)

    async def _announced(self, report: SourceReport, asked: str, address: str) -> None:
        """Believe a feed that says where it has moved, once there is a feed at that address which does not send us back."""
        if self._sink.moved_to(asked) is not None or self._sink.moved_to(address) is not None:
            return
        try:
            answer = await self._get(report, address, None)
            feed: Feed = await self._read(report, "crawlers.feeds:read_feed", answer, None)
        except (FetchFailed, ExtractionError) as error:
            report.errors.append(f"{asked}: it says that it has moved to {address}, where there is no feed ({error})")
            return
        if feed.entries and feed.new_address in (None, address, answer.url):
            report.moved_to = address
            await self._write(Step(report.source, asked, moved_to=address))

    async def _sitemap(self, poll: _Poll, answer: Answer, depth: int = 0) -> bool:
        zone = poll.report.source.zone
        sitemap: Sitemap = await self._read(poll.report, "crawlers.sitemaps:read_sitemap", answer, zone)
        newest = sorted(sitemap.sitemaps, key=lambda entry: _listed(entry) or _LAST, reverse=True)
        if self._since is not None:
            newest = [entry for entry in newest if (_listed(entry) or _LAST) >= self._since]
        else:
            newest = newest[:_MAX_SITEMAPS]
        complete = True
        for entry in newest if depth < 3 else ():
            if poll.report.given_up:
                return False
            complete &= await self._child(poll, entry.url, depth)
        dated = [page for page in sitemap.pages if _listed(page) is not None]
        undated = [page for page in sitemap.pages if _listed(page) is None]
        if self._since is None:
            dated = sorted(dated, key=lambda page: _listed(page) or _LAST, reverse=True)[:MAX_PAGES]
            fresh = [page for page in undated if self._sink.handled(page.url) is None]
            complete &= len(fresh) <= MAX_PAGES
            undated = fresh[:MAX_PAGES]
        if sitemap.left_out:
            poll.report.errors.append(f"{answer.url}: it lists {sitemap.left_out:,} addresses more than the protocol allows")
        return await self._follow(poll, [*dated, *undated]) and complete

    async def _whole_site(self, poll: _Poll) -> None:
        """Walk the sitemaps that the robots.txt of the source's site names: all that there is where it names none itself."""
        report = poll.report
        try:
            answer = await self._get(report, urljoin(report.source.homepage, "/robots.txt"), None)
        except FetchFailed:
            return  # most sites that have none answer 404
        own = host_of(report.source.homepage).removeprefix("www.")
        try:
            named = await self._parsed(report, "crawlers.sitemaps:sitemaps_in_robots", answer.body, answer.content_type)
        except ExtractionError as error:
            self._trouble(report, answer.url, Trouble("unreadable", error.message))
            return
        for url in named:
            if host_of(url) == own or host_of(url).endswith(f".{own}"):
                await self._child(poll, url, 0)

    async def _child(self, poll: _Poll, url: str, depth: int) -> bool:
        """A sitemap that an index lists; True where all it lists was dealt with."""
        report = poll.report
        if self._since is not None and _covers(self._sink.backfilled_to(report.source.id, url), self._since):
            return True
        report.lists += 1
        answer = await self._ask_list(report, url)
        if answer is None:
            return report.lists_read > 0 and not any(url in error for error in report.errors)
        try:
            complete = await self._sitemap(poll, answer, depth + 1)
        except ExtractionError as error:
            self._trouble(report, url, Trouble("unreadable", error.message))
            return False
        report.lists_read += 1
        if complete and self._since is not None:
            await self._write(Step(report.source, url, backfilled_to=self._since))
        elif complete:
            await self._write(Step(report.source, answer.asked, answer.validators(self._clock())))
        return complete

    async def _list_pages(self, poll: _Poll, rule: Any) -> None:
        """A list page and, for a backfill, the older ones it leads to."""
        report = poll.report
        url: str | None = rule.url
        seen: set[str] = set()
        while url is not None and url not in seen and len(seen) < _MAX_LIST_PAGES:
            seen.add(url)
            report.lists += 1
            answer = await self._ask_list(report, url, rendered=True)
            if answer is None:
                return
            try:
                entries, older = await self._parsed(
                    report,
                    "crawlers.listpage:read_page",
                    answer.body,
                    answer.url,
                    rule,
                    len(seen),
                    answer.content_type,
                    report.source.zone,
                )
            except ExtractionError as error:
                self._trouble(report, url, Trouble("unreadable", error.message))
                return
            report.lists_read += 1
            complete = await self._follow(poll, entries)
            if complete and self._since is None:
                await self._write(Step(report.source, answer.asked, answer.validators(self._clock())))
            old = self._since is not None and entries and all(self._too_old(entry) for entry in entries)
            url = None if self._since is None or old else older

    # -- pages

    async def _follow(self, poll: _Poll, entries: Iterable[FeedEntry]) -> bool:
        """Fetch the entries that are new or changed; True where all were dealt with, so that none must be tried again."""
        report = poll.report
        tasks: list[asyncio.Task[bool]] = []
        async with asyncio.TaskGroup() as group:
            for entry in entries:
                if report.given_up:
                    return False
                if self._too_old(entry):
                    continue
                if entry.url in poll.pages:
                    tasks.append(poll.pages[entry.url])
                    continue
                report.listed += 1
                handled = self._sink.handled(entry.url)
                changed = entry.updated or entry.published
                if handled is not None and (changed is None or changed <= handled):
                    continue
                await poll.gate.acquire()
                if entry.url in poll.pages:  # another list came to it while this one waited
                    poll.gate.release()
                else:
                    poll.pages[entry.url] = group.create_task(self._entry(poll, entry, known=handled is not None))
                tasks.append(poll.pages[entry.url])
        return all([await task for task in tasks])

    def _too_old(self, entry: FeedEntry) -> bool:
        listed = _listed(entry)
        return self._since is not None and listed is not None and listed < self._since

    async def _entry(self, poll: _Poll, entry: FeedEntry, *, known: bool) -> bool:
        try:
            if poll.source.stored == "metadata":
                step = Step(poll.source, entry.url, article=await self._from_feed(poll.report, entry), gated=poll.gated)
                await self._store(poll.report, step)
                return True
            return await self._page(poll, entry, known=known)
        finally:
            poll.gate.release()

    async def _page(self, poll: _Poll, entry: FeedEntry, *, known: bool) -> bool:
        """Fetch and store one page; True where it need not be tried again."""
        report, source = poll.report, poll.source
        report.tried += 1
        try:
            answer = await self._get(report, entry.url, self._sink.validators(entry.url) if known else None, rendered=True)
        except FetchFailed as failed:
            report.errors.append(f"{entry.url}: {failed.trouble.words}")
            if failed.final:
                gone = Validators(None, None, failed.status, self._clock(), failed.trouble.words)
                await self._write(Step(source, entry.url, gone))
            return failed.final
        if answer.status == 304:
            report.fetched += 1
            await self._write(Step(source, entry.url, answer.validators(self._clock())))
            return True
        kept = tuple((name, value) for name, value in answer.headers.items() if name in _KEPT_HEADERS)
        page = Page(answer.url, answer.body, answer.content_type, kept)
        try:
            hint, now = hint_of(entry), self._clock()
            article = await self._parsed(report, "crawlers.extract:extract", page, source.id, hint, now, source.zone)
        except ExtractionError as error:
            if entry.content is None:
                report.errors.append(f"{answer.url}: {error.message}")
                await self._write(Step(source, entry.url, answer.validators(self._clock(), error.message)))
                return True
            article = await self._from_feed(report, entry)
        own = article.canonical_url and host_of(article.canonical_url) == host_of(answer.url)
        article = replace(article, url=article.canonical_url if own else article.url, raw_url=entry.raw_url or entry.url)
        await self._store(report, Step(source, entry.url, answer.validators(self._clock()), article, gated=poll.gated))
        return True

    async def _from_feed(self, report: SourceReport, entry: FeedEntry) -> Article:
        source = report.source
        full = source.stored == "full"
        try:
            article: Article = await self._parsed(report, "crawlers.entry_article:article_of", entry, source.id, full)
        except ExtractionError:  # its content is such that the parser gave up
            return article_of(entry, source.id, False)
        return article

    async def _store(self, report: SourceReport, step: Step) -> None:
        outcome = await self._write(step)
        report.fetched += 1
        report.new += outcome.kind == "new"
        report.updated += outcome.kind == "updated"
        report.left_out += outcome.kind == "left out"
        if outcome.kind == "rejected":
            report.errors.append(f"{step.asked}: {outcome.why}")

    async def _get(self, report: SourceReport, url: str, known: Validators | None, *, rendered: bool = False) -> Answer:
        self._asked += 1
        try:
            answer = await self._fetcher.get(url, report.source, known, rendered=rendered and report.source.javascript)
        except FetchFailed as failed:
            report.reached |= failed.status > 0
            report.in_vain += failed.costly
            raise
        finally:
            self._answered += 1
            self._progress("fetching", self._answered, self._asked)
        report.reached = True
        if answer.status == 304:
            report.in_vain = 0
        return answer

    async def _read(self, report: SourceReport, task: str, answer: Answer, zone: tzinfo | None) -> Any:
        """What a reader of lists makes of an answer."""
        return await self._parsed(report, task, answer.body, answer.url, answer.content_type, zone)

    async def _parsed(self, report: SourceReport, task: str, *arguments: Any) -> Any:
        try:
            result = await self._parse(task, *arguments, whose=report.source.id)
        except ParserFailed:
            report.in_vain += 1
            raise
        except ExtractionError:
            report.in_vain = 0
            raise
        report.in_vain = 0
        return result

    def _trouble(self, report: SourceReport, url: str, trouble: Trouble) -> None:
        report.troubles.append(trouble)
        report.errors.insert(0, f"{url}: {trouble.words}")


_Reader = Callable[[_Poll, Answer], Awaitable[bool]]
_KEPT_HEADERS = frozenset({"content-type", "content-language", "last-modified", "etag", "date", "link"})


def _listed(entry: FeedEntry | SitemapLink) -> datetime | None:
    return entry.lastmod if isinstance(entry, SitemapLink) else entry.updated or entry.published


def _covers(walked: datetime | None, since: datetime) -> bool:
    return walked is not None and walked <= since
