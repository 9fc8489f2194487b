"""Scrapy's engine, held open while something of ours runs over it: its downloader, its manners, none of its scheduling.

`run_engine` may be called once in a process, because Twisted's reactor cannot be started twice.
"""

import logging
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import nullcontext
from copy import deepcopy
from pathlib import Path
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess

from crawlers.browser import bounded_browser, browser_path, browser_settings
from crawlers.fetching import Download
from crawlers.limits import SAFETY_SETTINGS
from crawlers.proxy import DiallingProxy
from crawlers.reasons import first_error
from crawlers.report import Parse
from crawlers.robots import PARSE
from crawlers.sources import Source
from crawlers.workers import ParserPool
from index.settings import Settings
from index.text.address import host_of

_SWITCH_SECONDS = 0.0005
Work = Callable[[Download, Parse], Awaitable[None]]
"""What runs while the engine is open, with ways to download and to parse in child processes."""


def run_engine(sources: Sequence[Source], settings: Settings, work: Work) -> None:
    """Start the engine, run `work`, stop it.

    Raises:
        ChipwireError: what `work` raised.
    """
    # What goes wrong is in the reports; Scrapy's own log would say it again, at length.
    for name in ("scrapy", "twisted"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    scrapy = scrapy_settings(sources, settings)
    browser = browser_path() if any(source.javascript for source in sources) else None
    proxy = DiallingProxy(settings.loopback_ports) if browser is not None else None
    # The thread that stores articles is busy in Python, and would otherwise hold up the next request for 5 ms at a time.
    sys.setswitchinterval(_SWITCH_SECONDS)
    raised: list[BaseException] = []
    with tempfile.TemporaryDirectory() as folder:
        if browser is not None and proxy is not None:
            wanted = browser_settings(bounded_browser(browser, Path(folder)), proxy.address)
            handlers = {**scrapy["DOWNLOAD_HANDLERS"], **wanted["DOWNLOAD_HANDLERS"]}
            scrapy = {**scrapy, **wanted, "DOWNLOAD_HANDLERS": handlers}
        process = AsyncCrawlerProcess(scrapy)
        process.crawl(_Host, work=work, raised=raised, proxy=proxy)
        process.start()
    if raised:
        raise raised[0]


class _Host(Spider):
    """Keeps the engine open until the work is done; nothing passes through Scrapy's scheduler."""

    name = "chipwire"

    def __init__(self, work: Work, raised: list[BaseException], proxy: DiallingProxy | None) -> None:
        super().__init__()
        self._work = work
        self._proxy = proxy
        self._raised = raised

    async def start(self) -> AsyncIterator[Request]:
        assert self.crawler.engine is not None
        try:
            async with ParserPool() as pool, self._proxy or nullcontext():
                setattr(self, PARSE, pool.run)
                await self._work(self.crawler.engine.download_async, pool.run)
        except BaseExceptionGroup as group:
            self._raised.append(first_error(group))
        except Exception as error:
            self._raised.append(error)
        return
        yield  # makes this the generator that Scrapy asks for


def user_agent(settings: Settings) -> str:
    """Who is asking, with a contact where one is set."""
    contact = f" (+{settings.contact})" if settings.contact else ""
    return f"Chipwire/0.1{contact}"


def scrapy_settings(sources: Sequence[Source], settings: Settings) -> dict[str, Any]:
    """Scrapy's settings for a crawl: polite, bounded, and without the parts that listen or reach inward."""
    hosts: dict[str, float] = {}
    for source in sources:
        for address in source.addresses:
            for host in {host_of(address), f"www.{host_of(address)}"}:
                hosts[host] = max(hosts.get(host, 0.0), source.delay)
    return {
        "USER_AGENT": user_agent(settings),
        "ROBOTSTXT_OBEY": True,
        "ROBOTSTXT_USER_AGENT": "Chipwire",
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "DOWNLOAD_DELAY": 1.0,
        "DOWNLOAD_DELAY_JITTER": 0.5,
        "DOWNLOAD_SLOTS": {host: {"delay": delay, "concurrency": 1} for host, delay in hosts.items()},
        "RETRY_ENABLED": False,  # crawlers.fetching knows Retry-After, and backs off from a host as a whole
        "COOKIES_ENABLED": False,
        "DOWNLOADER_STATS": False,
        "TELNETCONSOLE_ENABLED": False,
        "LOG_ENABLED": False,
        "LOG_INSTALL_ROOT_HANDLER": False,
        "HTTPPROXY_ENABLED": False,
        "TWISTED_DNS_RESOLVER": "crawlers.netguard.FilteringResolver",
        "CHIPWIRE_LOOPBACK_PORTS": list(settings.loopback_ports),
        "DOWNLOADER_MIDDLEWARES": {
            "crawlers.netguard.AddressGuard": 50,
            "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
            "crawlers.robots.StrictRobots": 100,
            "crawlers.browser.Rendering": 120,
            "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
            "crawlers.answers.MetaRefresh": 580,
            "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
            "crawlers.answers.Decoding": 590,
            # What it could tell from a spider's domains, the guard tells from the address.
            "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
        },
        "EXTENSIONS": {
            "scrapy.extensions.corestats.CoreStats": None,
            "scrapy.extensions.logstats.LogStats": None,
            "scrapy.extensions.memusage.MemoryUsage": None,
        },
        **deepcopy(SAFETY_SETTINGS),
    }
