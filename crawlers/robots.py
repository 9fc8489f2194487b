"""robots.txt as RFC 9309 has it: 4xx means there are no rules, anything unreadable means no; Crawl-delay is kept."""

import asyncio
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
_READ_AGAIN, _TRY_AGAIN = 24 * 3600.0, 600.0
"""Seconds after which a robots.txt is read again (RFC 9309: at most a day), and after which one that could not be read."""


class StrictRobots(RobotsTxtMiddleware):
    """Scrapy's middleware, which on its own takes an unreadable robots.txt for permission."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._unreadable: dict[str, str] = {}
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
        """Let a crawl that runs for weeks notice a new robots.txt."""
        now = asyncio.get_running_loop().time()
        known = self._parsers.get(netloc)
        if netloc in self._parsers and not isinstance(known, Deferred):
            if now - self._asked_at.get(netloc, now) > (_TRY_AGAIN if known is None else _READ_AGAIN):
                del self._parsers[netloc]
                self._unreadable.pop(netloc, None)
        if netloc not in self._parsers:
            self._asked_at[netloc] = now

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        waiting = self._parsers[netloc]
        if response.status < 300:
            await super()._parse_robots(response, netloc, request)
            self._slow_down(netloc)
            return
        # Redirects were followed before this; what is still 3xx, and 5xx, could not be read.
        parser = build_from_crawler(self._parserimpl, self.crawler, b"") if 400 <= response.status < 500 else None
        self._parsers[netloc] = parser
        waiting.callback(parser)  # type: ignore[union-attr]  # the base class put a Deferred there

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        self._unreadable[netloc] = reason(exc)
        waiting = self._parsers[netloc]
        self._parsers[netloc] = None
        waiting.callback(None)  # type: ignore[union-attr]

    def _slow_down(self, netloc: str) -> None:
        parser = getattr(self._parsers[netloc], "rp", None)
        wanted = parser.crawl_delay(self._default_useragent) if parser is not None else None
        if wanted is None or self.crawler.engine is None:
            return
        downloader = self.crawler.engine.downloader
        slot = downloader.slots.get(urlsplit(f"//{netloc}").hostname or netloc)
        if slot is not None:
            slot.delay = max(slot.delay, min(float(wanted), MAX_CRAWL_DELAY))
