"""What answers say of when to come again. How a crawl fetches is in ``test_politeness.py``."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from scrapy import Request
from scrapy.http import Response

from crawlers import fetching
from crawlers.fetching import REST, SILENT, Download, Fetcher, FetchFailed, read_max_age, read_retry_after
from crawlers.health import Trouble
from crawlers.netguard import AddressGuard
from crawlers.sources import Source

SOURCE = Source("site", "Site", "press", "en", feeds=("https://site.example/feed",))
NOW = datetime(2023, 11, 15, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "span"),
    [
        ("120", timedelta(minutes=2)),
        (" 5 ", timedelta(seconds=5)),
        ("Wed, 15 Nov 2023 17:00:00 GMT", timedelta(hours=1)),
        ("Wed, 15 Nov 2023 15:00:00 GMT", timedelta(0)),
        ("9" * 40, timedelta(seconds=10**7)),
        ("soon", None),
        ("-5", None),
        ("Wed, 99 Nov 2023 17:00:00 GMT", None),
        ("Wed, 15 Nov 2023 17:00:00 +9999999999", None),
        ("\xb2", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str | None, span: timedelta | None) -> None:
    assert read_retry_after(value, NOW) == span


@pytest.mark.parametrize(
    ("value", "span"),
    [
        ("max-age=600", timedelta(minutes=10)),
        ('public, Max-Age="600", stale-while-revalidate=5', timedelta(minutes=10)),
        ("no-cache, max-age=600", None),
        ("no-store", None),
        ("max-age=", None),
        ("max-age=ten", None),
        ("s-maxage=600", None),
        ("max-age=\xb2", None),
        ("max-age=" + "9" * 40, timedelta(seconds=10**7)),
        (None, None),
    ],
)
def test_max_age_counts_unless_the_answer_is_not_to_be_kept(value: str | None, span: timedelta | None) -> None:
    assert read_max_age(value) == span


@pytest.mark.parametrize(
    ("kind", "final"),
    [("gone", True), ("refused", True), ("address", True), ("unreadable", True), ("busy", False), ("unreachable", False)],
)
def test_what_is_gone_or_refused_is_not_asked_for_again_soon(kind: str, final: bool) -> None:
    assert FetchFailed(Trouble(kind, "it is so")).final is final


class Site:
    """A download that does not answer while it is down, and a clock."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.down = True
        self.now = NOW

    async def download(self, request: Request) -> Response:
        self.asked.append(request)
        if self.down:
            raise TimeoutError
        return Response(request.url)

    def clock(self) -> datetime:
        return self.now


async def failure(fetcher: Fetcher, path: str) -> FetchFailed:
    with pytest.raises(FetchFailed) as caught:
        await fetcher.get(f"https://site.example/{path}", SOURCE)
    return caught.value


def test_a_host_that_says_nothing_is_left_alone_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "BACKOFF", 0.0)
    site = Site()

    async def visit() -> None:
        fetcher = Fetcher(site.download, site.clock)
        for path in "ab":
            assert (await failure(fetcher, path)).trouble == Trouble("unreachable", "it did not answer in time")
        assert len(site.asked) == SILENT
        words = (await failure(fetcher, "c")).trouble.words
        assert words == "it did not answer in time, and is left alone until 16:05 UTC"
        assert len(site.asked) == SILENT, "nobody waits for it any more"
        site.now, site.down = NOW + REST, False
        for path in "cd":
            assert (await fetcher.get(f"https://site.example/{path}", SOURCE)).status == 200

    asyncio.run(visit())


def test_where_a_redirect_leads_to_silence_it_is_not_the_host_that_redirects_which_is_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fetching, "BACKOFF", 0.0)
    site = Site()

    async def download(request: Request) -> Response:
        guard = AddressGuard([])
        guard.process_request(request)
        if "/to/" in request.url:
            guard.process_request(request.replace(url="https://gone.example/"))
        return await site.download(request)

    async def visit() -> None:
        fetcher = Fetcher(download, site.clock)
        for number in range(4):
            await failure(fetcher, f"to/{number}")
        assert len(site.asked) == 12, "every one was asked for, as often as makes sense"
        with pytest.raises(FetchFailed, match="left alone"):
            await fetcher.get("https://gone.example/a", SOURCE)

    asyncio.run(visit())


def test_an_answer_of_any_kind_is_no_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "BACKOFF", 0.0)
    site = Site()

    async def visit() -> None:
        fetcher = Fetcher(site.download, site.clock)
        for number in range(4):
            site.down = True
            await failure(fetcher, f"{number}")
            site.down = False
            await fetcher.get("https://site.example/up", SOURCE)
        assert len(site.asked) == 4 * 4

    asyncio.run(visit())


@pytest.mark.parametrize(
    ("own", "contact", "sent"),
    [
        ("", "ops@chipwire.example", None),
        ("Mozilla/5.0 (compatible; Chipwire/0.1)", "", b"Mozilla/5.0 (compatible; Chipwire/0.1)"),
        (
            "Mozilla/5.0 (compatible; Chipwire/0.1)",
            "ops@chipwire.example",
            b"Mozilla/5.0 (compatible; Chipwire/0.1) (+ops@chipwire.example)",
        ),
    ],
)
def test_a_user_agent_of_a_sources_own_has_the_contact_too(own: str, contact: str, sent: bytes | None) -> None:
    site = Site()
    site.down = False
    asyncio.run(Fetcher(site.download, site.clock, contact).get("https://site.example/a", replace(SOURCE, user_agent=own)))
    assert site.asked[0].headers.get("User-Agent") == sent


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        *((status, "gone") for status in (404, 410)),
        *((status, "refused") for status in (400, 401, 402, 403, 405, 406, 418, 451)),
        *((status, "busy") for status in (408, 425, 429, 500, 501, 503, 505, 520, 526, 599)),
        *((status, "unreadable") for status in (204, 206, 300, 305)),
    ],
)
def test_every_status_means_a_kind_of_trouble(monkeypatch: pytest.MonkeyPatch, status: int, kind: str) -> None:
    monkeypatch.setattr(fetching, "BACKOFF", 0.0)

    async def download(request: Request) -> Response:
        return Response(request.url, status=status)

    async def visit() -> None:
        assert (await failure(Fetcher(download, lambda: NOW), "a")).trouble == Trouble(kind, f"it answered HTTP {status}")

    asyncio.run(visit())


def test_a_wall_is_a_refusal_whatever_its_status(monkeypatch: pytest.MonkeyPatch) -> None:
    body, head = b"<html><title>Just a moment...</title></html>", {"Content-Type": "text/html"}
    for status in (200, 400, 403, 429, 503):

        async def download(request: Request, status: int = status) -> Response:
            return Response(request.url, status=status, body=body, headers=head)

        async def visit(download: Download = download) -> None:
            trouble = (await failure(Fetcher(download, lambda: NOW), "a")).trouble
            assert (trouble.kind, "bot check" in trouble.words) == ("refused", True)

        asyncio.run(visit())
