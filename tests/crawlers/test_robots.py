"""robots.txt beyond what a single crawl shows (``test_politeness.py`` has that): delays that last, faults that pass."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from scrapy import Request, Spider
from scrapy.core.downloader import Downloader
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from crawlers.engine import scrapy_settings
from crawlers.robots import StrictRobots
from crawlers.robots_rules import MAX_DELAY
from crawlers.sources import Source
from index.settings import Settings

SOURCE = Source("site", "Site", "press", "en", feeds=("https://site.example/feed",), delay=2.0)


class Robots:
    """The middleware over a downloader whose sites answer what ``answer`` says."""

    def __init__(self, answer: Callable[[], Response], agent: str = "") -> None:
        self.asked = 0
        self._answer = answer
        self.crawler = Crawler(Spider, {**scrapy_settings([SOURCE], Settings(contact=agent)), "TWISTED_REACTOR_ENABLED": False})
        self.crawler._apply_settings()
        self.downloader = Downloader(self.crawler)
        self.crawler.engine = SimpleNamespace(downloader=self.downloader, download_async=self._download)  # type: ignore[assignment]
        self.middleware = StrictRobots(self.crawler)

    async def _download(self, request: Request) -> Response:
        self.asked += 1
        self.slot(request.url)
        return self._answer()

    def slot(self, url: str) -> Any:
        return self.downloader._get_slot(Request(url))[1]

    async def allows(self, url: str) -> bool:
        try:
            await self.middleware.process_request(Request(url))
        except IgnoreRequest:
            return False
        return True


def robots_txt(text: str, status: int = 200) -> Callable[[], Response]:
    return lambda: Response("https://site.example/robots.txt", status=status, body=text.encode())


def visit(robots: Robots, play: Callable[[], Any]) -> None:
    async def whole() -> None:
        await play()
        robots.downloader._stop_slot_gc()

    asyncio.run(whole())


@pytest.mark.parametrize(
    ("text", "host", "delay"),
    [
        ("User-agent: *\nCrawl-delay: 7", "site.example", 7.0),
        ("User-agent: *\nCrawl-delay: 0.5", "site.example", 2.0),  # the catalogue asks for more
        ("User-agent: *\nCrawl-delay: 7", "pages.example", 7.0),
        ("User-agent: *\nCrawl-delay: 86400", "site.example", MAX_DELAY),
        ("User-agent: chipwire\nCrawl-delay: 9\nUser-agent: *\nCrawl-delay: 3", "site.example", 9.0),
        ("User-agent: *\nCrawl-delay: soon", "site.example", 2.0),
        ("", "pages.example", 1.0),
    ],
)
def test_a_crawl_delay_is_kept_even_when_scrapy_has_forgotten_the_host(text: str, host: str, delay: float) -> None:
    robots = Robots(robots_txt(text), agent="ops@chipwire.example")

    async def play() -> None:
        assert await robots.allows(f"https://{host}/a")
        slot = robots.slot(f"https://{host}/a")
        assert slot.delay == delay
        robots.downloader.slots.clear()  # what its clean-up does to a host that was idle for a minute
        assert await robots.allows(f"https://{host}/a")
        again = robots.slot(f"https://{host}/a")
        assert again is not slot
        assert again.delay == delay
        if "Crawl-delay" in text and delay > 2.0:
            assert {again.download_delay() for _ in range(50)} == {delay}, "never sooner than it asks"

    visit(robots, play)


def test_a_robots_txt_that_fails_once_is_asked_for_again_soon_and_then_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    answers = [robots_txt("", 503), robots_txt("User-agent: *\nDisallow: /private")]
    robots = Robots(lambda: answers[min(robots.asked, len(answers)) - 1]())

    async def play() -> None:
        nonlocal now
        loop = asyncio.get_running_loop()
        monkeypatch.setattr(loop, "time", lambda: now)
        assert not await robots.allows("https://site.example/a"), "unreadable means no"
        assert not await robots.allows("https://site.example/b")
        assert robots.asked == 1
        now += 1.5
        assert await robots.allows("https://site.example/a")
        assert not await robots.allows("https://site.example/private/x")
        assert robots.asked == 2
        now += 23 * 3600
        assert await robots.allows("https://site.example/a")
        assert robots.asked == 2
        now += 3601
        assert await robots.allows("https://site.example/a")
        assert robots.asked == 3, "it is read again every day"

    visit(robots, play)


def test_a_robots_txt_that_goes_on_failing_is_left_for_ten_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    robots = Robots(robots_txt("", 500))

    async def play() -> None:
        nonlocal now
        monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: now)
        for _ in range(100):
            now += 3
            assert not await robots.allows("https://site.example/a")
        assert robots.asked == 3

    visit(robots, play)
