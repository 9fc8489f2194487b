"""Crawling: sources in, articles out, over Scrapy. One request at a time per host, robots.txt obeyed.

`run_crawl` may be called once in a process, because Twisted's reactor cannot be started twice.
"""

import logging
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from scrapy import Request, Spider, signals
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.http import Response
from twisted.python.failure import Failure

from crawlers.extract import Hint, Page, extract
from crawlers.feeds import FeedEntry, parse_feed, parse_sitemap
from crawlers.reasons import reason
from crawlers.sources import Source
from index.article import Article, IngestReport
from index.errors import ExtractionError
from index.settings import Settings
from index.store.crawls import Validators
from index.text.address import host_of
from index.text.language import detect_language

MAX_PAGES = 400
"""Pages fetched from one source in one crawl; the rest come with the next."""
_MAX_SITEMAPS = 20
_SHOWN_ERRORS = 3

logger = logging.getLogger(__name__)


class Sink(Protocol):
    """Where a crawl puts what it finds, and asks what is there already."""

    def known_since(self, url: str) -> datetime | None:
        """When the article at `url` was last changed in the store; None when it is not there."""

    def validators(self, url: str) -> Validators | None: ...

    def save_validators(self, url: str, validators: Validators) -> None: ...

    def store(self, article: Article) -> IngestReport: ...


@dataclass(slots=True)
class SourceReport:
    """What came of one source. ``errors`` are one-line reasons, the most telling first; ``reached``: anything answered."""

    source: Source
    listed: int = 0
    fetched: int = 0
    new: int = 0
    updated: int = 0
    reached: bool = False
    errors: list[str] = field(default_factory=list)

    @property
    def outcome(self) -> str:
        """One line: ``ok`` with counts, or what went wrong."""
        if not self.errors:
            return f"ok: {self.listed} listed, {self.fetched} fetched, {self.new} new, {self.updated} updated"
        more = f" (and {len(self.errors) - 1} more)" if len(self.errors) > 1 else ""
        return f"{self.errors[0]}{more}"


Progress = Callable[[str, int, int], None]


def run_crawl(
    sources: Sequence[Source], sink: Sink, settings: Settings, now: datetime, progress: Progress
) -> list[SourceReport]:
    """Fetch what is new from `sources`; returns a report for each, in their order."""
    reports = [SourceReport(source) for source in sources]
    # What goes wrong is in the reports; Scrapy's own log would say it again, at length.
    logging.getLogger("scrapy").setLevel(logging.CRITICAL)
    logging.getLogger("twisted").setLevel(logging.CRITICAL)
    process = AsyncCrawlerProcess(scrapy_settings(sources, settings))
    process.crawl(NewsSpider, reports=reports, sink=sink, now=now, progress=progress)
    process.start()
    return reports


def user_agent(settings: Settings) -> str:
    """Who is asking, with a contact where one is set."""
    contact = f" (+{settings.contact})" if settings.contact else ""
    return f"Chipwire/0.1{contact}"


def scrapy_settings(sources: Sequence[Source], settings: Settings) -> dict[str, Any]:
    """Scrapy's settings for a crawl: polite, bounded, and without the parts that listen or reach inward."""
    hosts: dict[str, float] = {}
    for source in sources:
        for address in (*source.feeds, *source.sitemaps):
            for host in {host_of(address), f"www.{host_of(address)}"}:
                hosts[host] = max(hosts.get(host, 0.0), source.delay)
    return {
        "USER_AGENT": user_agent(settings),
        "ROBOTSTXT_OBEY": True,
        "ROBOTSTXT_USER_AGENT": "Chipwire",
        "CONCURRENT_REQUESTS": 16,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "DOWNLOAD_DELAY": 1.0,
        "RANDOMIZE_DOWNLOAD_DELAY": True,
        "DOWNLOAD_SLOTS": {host: {"delay": delay, "concurrency": 1} for host, delay in hosts.items()},
        "DOWNLOAD_TIMEOUT": 30,
        "DOWNLOAD_MAXSIZE": 20_000_000,
        "DOWNLOAD_WARNSIZE": 0,
        "REDIRECT_MAX_TIMES": 5,
        "RETRY_TIMES": 1,
        "DNS_TIMEOUT": 10,
        "COOKIES_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "LOG_ENABLED": False,
        "LOG_INSTALL_ROOT_HANDLER": False,
        "HTTPPROXY_ENABLED": False,
        "TWISTED_DNS_RESOLVER": "crawlers.netguard.FilteringResolver",
        "DOWNLOAD_HANDLERS": {"data": None, "file": None, "ftp": None, "s3": None},
        "CHIPWIRE_LOOPBACK_PORTS": list(settings.loopback_ports),
        "DOWNLOADER_MIDDLEWARES": {
            "crawlers.netguard.AddressGuard": 50,
            "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
            "crawlers.robots.StrictRobots": 100,
        },
        "EXTENSIONS": {
            "scrapy.extensions.corestats.CoreStats": None,
            "scrapy.extensions.logstats.LogStats": None,
            "scrapy.extensions.memusage.MemoryUsage": None,
        },
    }


class NewsSpider(Spider):
    """Lists from feeds and sitemaps, then pages. All state is in the reports and the sink that it is given."""

    name = "chipwire"

    def __init__(self, reports: Sequence[SourceReport], sink: Sink, now: datetime, progress: Progress) -> None:
        super().__init__()
        self._reports = reports
        self._sink = sink
        self._now = now
        self._progress = progress
        self._asked = 0
        self._answered = 0
        self._validators: list[tuple[SourceReport, str, Validators]] = []

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> "NewsSpider":
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider._closed, signal=signals.spider_closed)
        return spider

    async def start(self) -> AsyncIterator[Request]:
        for report in self._reports:
            for address in report.source.feeds:
                yield self._request(address, self.parse_feed, report)
            for address in report.source.sitemaps:
                yield self._request(address, self.parse_sitemap, report, {"depth_left": _MAX_SITEMAPS})

    def _request(
        self,
        url: str,
        callback: Callable[..., Any],
        report: SourceReport,
        more: dict[str, Any] | None = None,
        *,
        conditional: bool = True,
        once: bool = False,
    ) -> Request:
        headers: dict[str, str] = {}
        if report.source.user_agent:
            headers["User-Agent"] = report.source.user_agent
        known = self._sink.validators(url) if conditional else None
        if known is not None and known.etag:
            headers["If-None-Match"] = known.etag
        if known is not None and known.last_modified:
            headers["If-Modified-Since"] = known.last_modified
        self._asked += 1
        return Request(
            url,
            callback=callback,
            errback=self.failed,
            headers=headers,
            dont_filter=not once,
            cb_kwargs={"report": report, **(more or {})},
            meta={"handle_httpstatus_all": True},
        )

    def parse_feed(self, response: Response, report: SourceReport) -> Iterator[Request]:
        """A feed's answer: follow its new entries."""
        if not self._usable(response, report):
            return
        try:
            entries = parse_feed(response.body, response.url, _header(response, "Content-Type"))
        except ExtractionError as error:
            report.errors.append(f"{response.url}: {error.message}")
            return
        self._remember(response, report)
        yield from self._follow(entries, report)

    def parse_sitemap(self, response: Response, report: SourceReport, depth_left: int) -> Iterator[Request]:
        """A sitemap's answer: follow its new pages and further sitemaps."""
        if not self._usable(response, report):
            return
        try:
            sitemap = parse_sitemap(response.body, response.url)
        except ExtractionError as error:
            report.errors.append(f"{response.url}: {error.message}")
            return
        self._remember(response, report)
        for address in sitemap.sitemaps[:depth_left]:
            yield self._request(address, self.parse_sitemap, report, {"depth_left": 0}, once=True)
        newest = sorted(sitemap.pages, key=_listed_time, reverse=True)
        yield from self._follow(newest, report)

    def _follow(self, entries: Sequence[FeedEntry], report: SourceReport) -> Iterator[Request]:
        for entry in entries:
            if report.listed >= MAX_PAGES:
                return
            report.listed += 1
            since = self._sink.known_since(entry.url)
            changed = entry.updated or entry.published
            if since is not None and (changed is None or changed <= since):
                continue
            if report.source.stored == "metadata":
                self._store(_from_feed(entry, report.source), report)
            else:
                yield self._request(
                    entry.url, self.parse_page, report, {"entry": entry}, conditional=since is not None, once=True
                )

    def parse_page(self, response: Response, report: SourceReport, entry: FeedEntry) -> None:
        """A page's answer: extract and store; where nothing can be extracted, what the feed carries."""
        if not self._usable(response, report):
            return
        hint = Hint(entry.title, entry.published, entry.author, entry.summary)
        page = Page(response.url, response.body, _header(response, "Content-Type"))
        try:
            article = extract(page, report.source.id, hint)
        except ExtractionError as error:
            if entry.content is None:
                report.errors.append(f"{response.url}: {error.message}")
                return
            article = _from_feed(entry, report.source)
        own = article.canonical_url and host_of(article.canonical_url) == host_of(response.url)
        self._store(replace(article, url=article.canonical_url) if own else article, report)
        self._sink.save_validators(response.request.url if response.request else response.url, self._seen(response))

    def _store(self, article: Article, report: SourceReport) -> None:
        result = self._sink.store(article)
        report.fetched += 1
        report.new += result.new
        report.updated += result.updated
        report.errors.extend(f"{article.url}: {each.why}" for each in result.rejected)

    def failed(self, failure: Failure) -> None:
        """A request without an answer."""
        request: Request = failure.request  # type: ignore[attr-defined]  # Scrapy puts it there
        report: SourceReport = request.cb_kwargs["report"]
        self._count()
        why = reason(failure.value or RuntimeError("no reason given"))
        # One line is enough for a source whose every page fails the same way.
        if all(why not in error for error in report.errors[:_SHOWN_ERRORS]):
            report.errors.append(f"{request.url}: {why}")

    def _usable(self, response: Response, report: SourceReport) -> bool:
        self._count()
        report.reached = True
        if response.status == 304:
            return False
        if response.status != 200:
            report.errors.append(f"{response.url}: answered HTTP {response.status}")
            return False
        return True

    def _count(self) -> None:
        self._answered += 1
        self._progress("fetching", self._answered, self._asked)

    def _seen(self, response: Response) -> Validators:
        return Validators(_header(response, "ETag"), _header(response, "Last-Modified"), response.status, self._now)

    def _remember(self, response: Response, report: SourceReport) -> None:
        address = response.request.url if response.request else response.url
        self._validators.append((report, address, self._seen(response)))

    def _closed(self, reason: str) -> None:
        # A list's validators count only when all that it listed was read: otherwise its pages would be missed for good.
        for report, url, validators in self._validators:
            if reason == "finished" and not report.errors and report.listed < MAX_PAGES:
                self._sink.save_validators(url, validators)


def _from_feed(entry: FeedEntry, source: Source) -> Article:
    """An article of what the feed itself says: all there may be where a site's terms forbid copying its pages."""
    text = entry.summary or ""
    if entry.content is not None and source.stored == "full":
        text = extract_fragment(entry.content) or text
    title = entry.title or entry.url
    return Article(
        url=entry.url,
        title=title,
        text=text,
        lang=detect_language(f"{title}\n{text}"),
        source=source.id,
        published=entry.published,
        modified=entry.updated,
        author=entry.author,
        summary=entry.summary,
    )


def extract_fragment(fragment: str) -> str:
    """Plain text of an HTML fragment, a paragraph for each block."""
    from lxml import html

    from crawlers.body import tidy

    root = html.fromstring(f"<div>{fragment}</div>")
    for block in root.iter("p", "div", "br", "li", "h1", "h2", "h3", "h4", "blockquote", "tr"):
        block.tail = "\n" + (block.tail or "")
    return tidy(str(root.text_content()))


def _listed_time(entry: FeedEntry) -> float:
    moment = entry.published or entry.updated
    return moment.timestamp() if moment else 0.0


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None
