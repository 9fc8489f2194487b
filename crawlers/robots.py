"""robots.txt as RFC 9309 has it: 4xx means there are no rules, anything unreadable means no; Crawl-delay is kept."""

import asyncio
from collections import Counter
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.utils.misc import build_from_crawler
from twisted.internet.defer import Deferred

from crawlers.reasons import reason

MAX_CRAWL_DELAY = 60.0
"""Seconds; a longer Crawl-delay would keep a crawl of one site running for days."""
_READ_AGAIN = 24 * 3600.0
"""Seconds after which a robots.txt is read again; RFC 9309 has a day at most."""
_TRY_AGAIN = (1.0, 2.0, 600.0)
"""The same for one that could not be read, after the first failure in a row, the second, and later ones."""


class StrictRobots(RobotsTxtMiddleware):
    """Scrapy's middleware, which on its own takes an unreadable robots.txt for permission."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._unreadable: dict[str, str] = {}
        self._failures: Counter[str] = Counter()
        self._asked_at: dict[str, float] = {}

    async def process_request(self, request: Request, spider: Any = None) -> None:
        if request.meta.get("dont_obey_robotstxt"):
            return
        netloc = urlsplit(request.url).netloc
        self._forget_old(netloc)
        parser = await self.robot_parser(request)
        if parser is None:
            raise IgnoreRequest(self._unreadable.get(netloc, "its robots.txt cannot be read, which means no"))
        agent = self._robotstxt_useragent or request.headers.get(b"User-Agent") or self._default_useragent
        if not parser.allowed(request.url, agent):
            self._stats.inc_value("robotstxt/forbidden")
            raise IgnoreRequest("robots.txt forbids it")

    def _forget_old(self, netloc: str) -> None:
        """Let a crawl that runs for weeks notice a new robots.txt, and a passing fault not close a site."""
        now = asyncio.get_running_loop().time()
        known = self._parsers.get(netloc)
        if netloc in self._parsers and not isinstance(known, Deferred):
            again = _TRY_AGAIN[min(self._failures[netloc], len(_TRY_AGAIN)) - 1] if known is None else _READ_AGAIN
            if now - self._asked_at.get(netloc, now) > again:
                del self._parsers[netloc]
                self._unreadable.pop(netloc, None)
        if netloc not in self._parsers:
            self._asked_at[netloc] = now

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        waiting = self._parsers[netloc]
        if response.status < 300:
            self._failures.pop(netloc, None)
            await super()._parse_robots(response, netloc, request)
            self._slow_down(netloc)
            return
        # Redirects were followed before this; what is still 3xx, and 5xx, could not be read.
        parser = None
        if 400 <= response.status < 500:
            self._failures.pop(netloc, None)
            parser = build_from_crawler(self._parserimpl, self.crawler, b"")
        else:
            self._failures[netloc] += 1
            self._unreadable[netloc] = f"its robots.txt answered HTTP {response.status}, which means no"
        self._parsers[netloc] = parser
        waiting.callback(parser)  # type: ignore[union-attr]  # the base class put a Deferred there

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        self._unreadable[netloc] = reason(exc)
        self._failures[netloc] += 1
        waiting = self._parsers[netloc]
        self._parsers[netloc] = None
        waiting.callback(None)  # type: ignore[union-attr]

    def _slow_down(self, netloc: str) -> None:
        parser = getattr(self._parsers[netloc], "rp", None)
        wanted = parser.crawl_delay(self._robotstxt_useragent or self._default_useragent) if parser is not None else None
        if wanted is None or self.crawler.engine is None:
            return
        host = urlsplit(f"//{netloc}").hostname or netloc
        downloader = self.crawler.engine.downloader
        usual = self.crawler.settings.getfloat("DOWNLOAD_DELAY")
        # Scrapy forgets an idle host's slot after a minute, and makes another by these settings.
        settings = downloader.per_slot_settings.setdefault(host, {"concurrency": 1, "delay": usual})
        delay = min(float(wanted), MAX_CRAWL_DELAY)
        if delay > settings["delay"]:
            settings |= {"delay": delay, "jitter": 0.0}  # jitter would go below what was asked for
            if (slot := downloader.slots.get(host)) is not None:
                slot.delay, slot.jitter = delay, 0.0
