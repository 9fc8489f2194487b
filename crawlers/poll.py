"""One poll of one source: its lists, then the pages that they list and that are not known yet.

What is fetched is handed to a `Writer` and counts only when it is committed. A list's validators are kept last, when
all that it listed was dealt with: whatever interrupts a poll, the next one finds the same entries again and goes on.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

from crawlers.entry_article import article_of, hint_of
from crawlers.extract import Page
from crawlers.feeds import Feed, FeedEntry
from crawlers.fetching import Answer, Fetcher, FetchFailed
from crawlers.health import Trouble
from crawlers.reasons import first_error
from crawlers.report import Parse, Progress, Sink, SourceReport, Step, Write
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
_MAX_STUCK = 3
"""Pages of one poll that hang or crash their reader: no accident any more."""
_MAX_IN_VAIN = 10
"""Requests in a row that take time and bring nothing, after which the rest of a poll is left to the next one."""
_LOOKED_UP = 200
"""Entries that are looked up in the store before other sources get their turn."""
_LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(slots=True)
class _Poll:
    """One poll under way. ``pages`` are by address, because two lists of a source often list the same ones.

    ``gated``: what is being listed is the whole site's.
    """

    report: SourceReport
    gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))
    pages: dict[str, asyncio.Task[bool]] = field(default_factory=dict)
    gated: bool = False
    stuck: int = 0

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
        feed: Feed = await self._read(
            report.source, "crawlers.feeds:read_feed", answer.body, answer.url, answer.content_type, zone
        )
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
            feed: Feed = await self._read(
                report.source, "crawlers.feeds:read_feed", answer.body, answer.url, answer.content_type, None
            )
        except (FetchFailed, ExtractionError) as error:
            report.errors.append(f"{asked}: it says that it has moved to {address}, where there is no feed ({error})")
            return
        if feed.entries and feed.new_address in (None, address, answer.url):
            report.moved_to = address
            await self._write(Step(report.source, asked, moved_to=address))

    async def _sitemap(self, poll: _Poll, answer: Answer, depth: int = 0) -> bool:
        zone = poll.report.source.zone
        sitemap: Sitemap = await self._read(
            poll.source, "crawlers.sitemaps:read_sitemap", answer.body, answer.url, answer.content_type, zone
        )
        newest = sorted(sitemap.sitemaps, key=lambda entry: _listed(entry) or _LAST, reverse=True)
        if self._since is not None:
            newest = [entry for entry in newest if (_listed(entry) or _LAST) >= self._since]
        else:
            newest = newest[:_MAX_SITEMAPS]
        complete = True
        for entry in newest if depth < 3 else ():
            complete = not poll.report.gave_up and await self._child(poll, entry.url, depth) and complete
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
        """Walk the sitemaps that the robots.txt of the source's site names, or that are at the usual address."""
        report = poll.report
        named: list[str] = []
        try:
            answer = await self._get(report, urljoin(report.source.homepage, "/robots.txt"), None)
            task = "crawlers.sitemaps:sitemaps_in_robots"
            named = list(await self._read(report.source, task, answer.body, answer.content_type))
        except (FetchFailed, ExtractionError):
            pass  # most sites that have none answer 404
        own = host_of(report.source.homepage).removeprefix("www.")
        named = [url for url in named if host_of(url) == own or host_of(url).endswith(f".{own}")]
        if not named and await self._is_sitemap(report, usual := urljoin(report.source.homepage, "/sitemap.xml")):
            named = [usual]
        for url in named:
            await self._child(poll, url, 0)
        if not named:
            report.errors.append(f"{report.source.homepage}: no sitemap was found, so that only its lists were walked")

    async def _is_sitemap(self, report: SourceReport, url: str) -> bool:
        try:
            answer = await self._get(report, url, None)
            await self._read(report.source, "crawlers.sitemaps:read_sitemap", answer.body, answer.url, answer.content_type)
        except (FetchFailed, ExtractionError):
            return False
        return True

    async def _child(self, poll: _Poll, url: str, depth: int) -> bool:
        """A sitemap that an index lists; True where all it lists was dealt with."""
        report = poll.report
        if self._since is not None and _covers(self._sink.backfilled_to(report.source.id, url), self._since):
            report.unchanged += 1
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
                entries, older = await self._read(
                    report.source,
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
            url = None if self._since is None or old or report.gave_up else older

    # -- pages

    async def _follow(self, poll: _Poll, entries: Iterable[FeedEntry]) -> bool:
        """Fetch the entries that are new or changed; True where all were dealt with, so that none must be tried again."""
        report = poll.report
        tasks: list[asyncio.Task[bool]] = []
        async with asyncio.TaskGroup() as group:
            for number, entry in enumerate(entries):
                if number % _LOOKED_UP == _LOOKED_UP - 1:
                    await asyncio.sleep(0)
                if entry.url in poll.pages:
                    tasks.append(poll.pages[entry.url])
                    continue
                report.listed += 1
                if self._too_old(entry):
                    continue
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
                step = Step(poll.source, entry.url, article=await self._from_feed(entry, poll.source), gated=poll.gated)
                await self._store(poll.report, step)
                return True
            return not poll.report.gave_up and await self._page(poll, entry, known=known)
        finally:
            poll.gate.release()

    async def _page(self, poll: _Poll, entry: FeedEntry, *, known: bool) -> bool:
        """Fetch and store one page; True where it need not be tried again."""
        report, source = poll.report, poll.source
        try:
            answer = await self._get(report, entry.url, self._sink.validators(entry.url) if known else None, rendered=True)
        except FetchFailed as failed:
            return await self._without_page(poll, entry, failed)
        if answer.status == 304:
            report.read, report.unread = report.read + 1, 0
            report.fetched += 1
            await self._write(Step(source, entry.url, answer.validators(self._clock())))
            return True
        kept = tuple((name, value) for name, value in answer.headers.items() if name in _KEPT_HEADERS)
        page = Page(answer.url, answer.body, answer.content_type, kept)
        try:
            article = await self._parsed(poll, "crawlers.extract:extract", page, source.id, hint_of(entry), self._clock())
        except ExtractionError as error:
            _unread(report, Trouble("unreadable", error.message))
            if entry.content is None:
                report.errors.append(f"{answer.url}: {error.message}")
                await self._write(Step(source, entry.url, answer.validators(self._clock(), error.message)))
                return True
            article = await self._from_feed(entry, source)
        else:
            report.read, report.unread = report.read + 1, 0
        own = article.canonical_url and host_of(article.canonical_url) == host_of(answer.url)
        article = replace(article, url=article.canonical_url if own else article.url, raw_url=entry.raw_url or entry.url)
        await self._store(report, Step(source, entry.url, answer.validators(self._clock()), article, gated=poll.gated))
        return True

    async def _parsed(self, poll: _Poll, task: str, *arguments: Any) -> Any:
        """What reading a page gives. A source with several pages that hang or crash their reader is left for this poll."""
        try:
            return await self._read(poll.source, task, *arguments, poll.source.zone)
        except ParserFailed:
            poll.stuck += 1
            if poll.stuck == _MAX_STUCK:
                _give_up(poll.report, f"{_MAX_STUCK} of its pages hang or crash their reader")
            raise

    async def _without_page(self, poll: _Poll, entry: FeedEntry, failed: FetchFailed) -> bool:
        """Remember that a page could not be had. One that is refused is not: what its list says of it is kept instead."""
        report, trouble = poll.report, failed.trouble
        report.errors.append(f"{entry.url}: {trouble.words}")
        _unread(report, trouble)
        if failed.retry_after is not None:
            report.wishes = report.wishes.merged(Wishes(retry_after=failed.retry_after))
        if not failed.final:
            return False
        article = None
        if trouble.kind == "refused" and entry.title:
            article = await self._from_feed(entry, poll.source)
        note = Validators(None, None, failed.status, self._clock(), trouble.words)
        step = Step(poll.source, entry.url, note, article, gated=poll.gated, stand_in=True)
        await (self._write(step) if article is None else self._store(report, step))
        return True

    async def _from_feed(self, entry: FeedEntry, source: Source) -> Article:
        try:
            article: Article = await self._read(
                source, "crawlers.entry_article:article_of", entry, source.id, source.stored == "full"
            )
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

    async def _read(self, source: Source, task: str, *arguments: Any) -> Any:
        return await self._parse(task, *arguments, party=source.id)

    async def _get(self, report: SourceReport, url: str, known: Validators | None, *, rendered: bool = False) -> Answer:
        self._asked += 1
        try:
            answer = await self._fetcher.get(url, report.source, known, rendered=rendered and report.source.javascript)
        except FetchFailed as failed:
            report.reached |= failed.status > 0
            report.in_vain += failed.costly
            if failed.costly and report.in_vain == _MAX_IN_VAIN:
                _give_up(report, f"{_MAX_IN_VAIN} requests in a row brought nothing ({failed.trouble.words})")
            raise
        finally:
            self._answered += 1
            self._progress("fetching", self._answered, self._asked)
        report.reached, report.in_vain = True, 0
        return answer

    def _trouble(self, report: SourceReport, url: str, trouble: Trouble) -> None:
        report.troubles.append(trouble)
        report.errors.insert(0, f"{url}: {trouble.words}")


def _give_up(report: SourceReport, why: str) -> None:
    report.gave_up = True
    report.errors.insert(0, f"{why}; the rest waits for next time")


def _unread(report: SourceReport, trouble: Trouble) -> None:
    report.unread += 1
    report.page_trouble = trouble


_Reader = Callable[[_Poll, Answer], Awaitable[bool]]
_KEPT_HEADERS = frozenset({"content-type", "content-language", "last-modified", "etag", "date", "link"})


def _listed(entry: FeedEntry | SitemapLink) -> datetime | None:
    return entry.lastmod if isinstance(entry, SitemapLink) else entry.updated or entry.published


def _covers(walked: datetime | None, since: datetime) -> bool:
    return walked is not None and walked <= since
