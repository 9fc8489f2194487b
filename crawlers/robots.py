"""robots.txt in a crawl: 4xx means that there are no rules, anything unreadable means no (RFC 9309); Crawl-delay is kept."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http.request import NO_CALLBACK

from crawlers.reasons import reason
from crawlers.robots_rules import MAX_BYTES, Rules, read_robots
from index.errors import ExtractionError

PARSE = "chipwire_parse"
"""Attribute of the spider: `crawlers.workers.ParserPool.run`, which reads the larger ones."""
_READ_AGAIN = 24 * 3600.0
"""Seconds after which a robots.txt is read again; RFC 9309 has a day at most."""
_TRY_AGAIN = (1.0, 2.0, 600.0)
"""The same for one that could not be read, after the first failure in a row, the second, and later ones."""
_SMALL = 10_000
"""Bytes that are read here, in a millisecond; larger ones are read in a child process."""
_MAX_SITES, _MAX_RULES = 5_000, 300_000
"""Sites whose rules are kept in memory, and rules of all of them; beyond that the ones longest unused are asked for again."""
_OWN = "chipwire_robots"
"""In ``Request.meta``: true for a robots.txt itself."""


@dataclass(frozen=True, slots=True)
class _Known:
    """A site's rules, None where its robots.txt could not be read, for the reason ``why``, ``failures`` times in a row.

    ``asked`` is when it was asked for, on the loop's clock.
    """

    rules: Rules | None
    asked: float
    why: str = ""
    failures: int = 0

    @property
    def lasts(self) -> float:
        """Seconds after `asked` for which this holds."""
        return _READ_AGAIN if self.rules is not None else _TRY_AGAIN[min(self.failures, len(_TRY_AGAIN)) - 1]


class StrictRobots:
    """Downloader middleware: refuses what the robots.txt of a request's site forbids, and waits as long as it asks."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._product: str = crawler.settings["ROBOTSTXT_USER_AGENT"]
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._reading: dict[str, asyncio.Task[_Known]] = {}
        self._rules = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "StrictRobots":
        return cls(crawler)

    async def process_request(self, request: Request, spider: Any = None) -> None:
        if request.meta.get(_OWN):
            return
        parts = urlsplit(request.url)
        known = await self._of(f"{parts.scheme}://{parts.netloc}")
        if known.rules is None:
            raise IgnoreRequest(known.why)
        if not known.rules.allow(request.url):
            raise IgnoreRequest("robots.txt forbids it")
        if known.rules.delay is not None:
            self._slow_down(request, known.rules.delay)

    async def _of(self, site: str) -> _Known:
        now = asyncio.get_running_loop().time()
        known = self._known.get(site)
        if known is not None and now - known.asked <= known.lasts:
            self._known.move_to_end(site)
            return known
        if known is not None:
            self._forget(site)
        if site not in self._reading:
            self._reading[site] = asyncio.create_task(self._read(site, now, known.failures if known is not None else 0))
        return await asyncio.shield(self._reading[site])  # whoever else waits for it must not lose it

    async def _read(self, site: str, now: float, failures: int) -> _Known:
        try:
            known = _Known(await self._fetch(f"{site}/robots.txt"), now)
        except Exception as error:
            why = error.message if isinstance(error, ExtractionError) else reason(error)
            known = _Known(None, now, why, failures + 1)
        finally:
            del self._reading[site]
        self._known[site] = known
        self._rules += len(known.rules.rules) if known.rules is not None else 0
        while len(self._known) > 1 and (self._rules > _MAX_RULES or len(self._known) > _MAX_SITES):
            self._forget(next(iter(self._known)))
        return known

    async def _fetch(self, address: str) -> Rules:
        assert self._crawler.engine is not None
        response = await self._crawler.engine.download_async(Request(address, callback=NO_CALLBACK, meta={_OWN: True}))
        if response.status >= 300:
            # Redirects were followed before this; what is still 3xx, and 5xx, could not be read.
            if 400 <= response.status < 500:
                return Rules()
            raise IgnoreRequest(f"its robots.txt answered HTTP {response.status}, which means no")
        parse = getattr(self._crawler.spider, PARSE, None)
        if len(response.body) <= _SMALL or parse is None:
            return read_robots(response.body, self._product)
        task = "crawlers.robots_rules:read_robots"
        rules: Rules = await parse(task, response.body[: MAX_BYTES + 1], self._product, party=address)
        return rules

    def _forget(self, site: str) -> None:
        known = self._known.pop(site)
        self._rules -= len(known.rules.rules) if known.rules is not None else 0

    def _slow_down(self, request: Request, delay: float) -> None:
        """Keep requests to a host at least so far apart. Said with each, because hosts unasked for a minute are forgotten."""
        assert self._crawler.engine is not None
        _, slot = self._crawler.engine.downloader._get_slot(request)
        slot.delay, slot.jitter = max(slot.delay, delay), 0.0  # jitter would shorten every other wait
