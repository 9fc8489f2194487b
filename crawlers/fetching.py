"""Fetching over Scrapy's downloader: polite, with retries, and with every way to fail named.

Scrapy keeps to one request at a time per host with a delay between them, obeys robots.txt, follows redirects and guards
the addresses that are dialled. What it does not do is here: Retry-After, backing off from a host as a whole, permanent
redirects told from passing ones, and walls that answer 200.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Protocol
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from crawlers.browser import NEEDED, RENDERED
from crawlers.health import Trouble
from crawlers.limits import AT_ONCE
from crawlers.netguard import HOPS
from crawlers.reasons import HEAD_TOO_LARGE, NO_END, NOT_HTTP, TOO_LARGE, TOO_MANY_PIECES, UNREADABLE, reason
from crawlers.schedule import Wishes
from crawlers.sources import Source
from crawlers.walls import wall
from index.store.crawls import Validators
from index.text.address import canonical_url, host_of

ATTEMPTS = 3
BACKOFF = 2.0
"""Seconds before the second attempt; doubled for the third, each lengthened by up to its half."""
PATIENCE = timedelta(minutes=2)
"""A longer Retry-After is left to the next poll."""
_REMEMBERED = 1000
SILENT, REST = 6, timedelta(minutes=5)
"""Requests in a row to which a host says nothing, and for how long it is left alone then: a page would take minutes."""
_BUSY, _GONE = frozenset({408, 425, 429}), frozenset({404, 410})
"""What 4xx mean; the others refuse us, and all 5xx are faults that may pass."""
_PERMANENT = frozenset({301, 308})


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that can be used: status 200 or 304. ``url`` is where it came from, redirects followed.

    ``headers`` have lower-case names; ``moved_to`` is where every redirect on the way was permanent.
    """

    asked: str
    url: str
    status: int
    body: bytes
    headers: dict[str, str]
    moved_to: str | None
    wishes: Wishes

    @property
    def content_type(self) -> str | None:
        return self.headers.get("content-type")

    def validators(self, now: datetime, note: str | None = None) -> Validators:
        return Validators(self.headers.get("etag"), self.headers.get("last-modified"), self.status, now, note)


class FetchFailed(Exception):
    """No usable answer. ``status`` is the HTTP status where there was one; ``retry_after`` what the host asked for."""

    def __init__(self, trouble: Trouble, status: int = 0, retry_after: timedelta | None = None) -> None:
        super().__init__(trouble.words)
        self.trouble = trouble
        self.status = status
        self.retry_after = retry_after

    @property
    def final(self) -> bool:
        """True where asking again soon would bring the same: the page is gone, or not for us."""
        return self.trouble.kind in ("gone", "refused", "address", "unreadable") and self.trouble.words != NEEDED

    @property
    def costly(self) -> bool:
        """True where it took time to find out: no answer, or one that went beyond a bound."""
        return self.trouble.kind in ("unreachable", "busy") or self.trouble.words in (TOO_LARGE, TOO_MANY_PIECES)


class Download(Protocol):
    """The engine's `download_async`: middlewares applied, redirects followed; raises what Scrapy raises."""

    async def __call__(self, request: Request) -> Response: ...


class Fetcher:
    """Fetches for all sources: one request at a time per host, few per source, and none while the host asked to be left alone.

    Scrapy's own limit per host is not enough: with no delay between them, its downloader starts every waiting request
    before it counts the first as under way (2.19). ``contact`` is added to the user agents that sources have of their own;
    the usual one has it already.
    """

    def __init__(self, download: Download, clock: Callable[[], datetime], contact: str = "") -> None:
        self._download = download
        self._clock = clock
        self._contact = f" (+{contact})" if contact else ""
        self._paused: dict[str, datetime] = {}
        # Both are forgotten when nobody waits: a crawl that runs for weeks meets any number of hosts.
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._shares: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()
        self._silent: Counter[str] = Counter()
        self._resting: dict[str, tuple[datetime, str]] = {}

    async def get(self, url: str, source: Source, known: Validators | None = None, *, rendered: bool = False) -> Answer:
        """Fetch one address, unchanged ones not again where `known` are its validators.

        Args:
            rendered: as a browser shows it, after its scripts ran; tried once, because it takes so long to fail.

        Raises:
            FetchFailed: saying why, after as many attempts as make sense.
        """
        attempt, host = 1, host_of(url)
        turn = self._turns.setdefault(host, asyncio.Lock())
        share = self._shares.setdefault(source.id, asyncio.Semaphore(AT_ONCE))
        while True:
            try:
                async with share, turn:
                    await self._wait_for(host, _site(url))
                    hops: list[str] = []
                    try:
                        answer = await self._once(url, source, known, rendered, hops)
                    except FetchFailed as failed:
                        # Where it redirects, it is another host that says nothing.
                        self._note_silence(_site(hops[-1] if hops else url), failed)
                        if failed.retry_after is not None:
                            self._pause(host, failed.retry_after)
                        raise
                    self._silent.pop(_site(url), None)
                    return answer
            except FetchFailed as failed:
                passing = failed.trouble.kind in ("busy", "unreachable")
                wait = failed.retry_after or timedelta(seconds=BACKOFF * 2 ** (attempt - 1) * (1 + random.random() / 2))
                if not passing or rendered or attempt >= ATTEMPTS or wait > PATIENCE:
                    raise
                await asyncio.sleep(wait.total_seconds())
                attempt += 1

    def _pause(self, host: str, span: timedelta) -> None:
        now = self._clock()
        if len(self._paused) > _REMEMBERED:
            self._paused = {each: until for each, until in self._paused.items() if until > now}
        self._paused[host] = now + min(span, timedelta(days=1))

    def _note_silence(self, site: str, failed: FetchFailed) -> None:
        if failed.trouble.kind != "unreachable":
            self._silent.pop(site, None)
            return
        if len(self._silent) > _REMEMBERED:
            self._silent.clear()
        if len(self._resting) > _REMEMBERED:
            now = self._clock()
            self._resting = {each: rest for each, rest in self._resting.items() if rest[0] > now}
        self._silent[site] += 1
        if self._silent[site] >= SILENT:
            self._resting[site] = self._clock() + REST, failed.trouble.words

    async def _wait_for(self, host: str, site: str) -> None:
        if site in self._resting:
            until, words = self._resting[site]
            if self._clock() < until:
                raise FetchFailed(Trouble("unreachable", f"{words}, and is left alone until {until:%H:%M} UTC"), 0, REST)
            del self._resting[site]
        if host not in self._paused:
            return
        until = self._paused[host]
        left = until - self._clock()
        if left > PATIENCE:
            raise FetchFailed(Trouble("busy", f"{host} asked to be left alone until {until:%H:%M} UTC"), 429, left)
        if left > timedelta(0):
            await asyncio.sleep(left.total_seconds())

    async def _once(self, url: str, source: Source, known: Validators | None, rendered: bool, hops: list[str]) -> Answer:
        headers = {"User-Agent": source.user_agent + self._contact} if source.user_agent else {}
        if known is not None and known.etag:
            headers["If-None-Match"] = known.etag
        if known is not None and known.last_modified:
            headers["If-Modified-Since"] = known.last_modified
        try:
            meta = {RENDERED: rendered, HOPS: hops}
            response = await self._download(Request(url, headers=headers, dont_filter=True, meta=meta))
        except IgnoreRequest as error:
            words = reason(error)
            kind = "address" if words.startswith("refused:") else "refused" if "forbids" in words else "unreachable"
            kind = "unreadable" if words in (NEEDED, TOO_LARGE, NO_END) or str(error).startswith(UNREADABLE) else kind
            raise FetchFailed(Trouble(kind, words.removeprefix("refused: "))) from error
        except Exception as error:
            # A name that cannot be resolved may be gone, or there is no network at all: only time tells.
            words = reason(error)
            improper = words in (TOO_LARGE, TOO_MANY_PIECES, HEAD_TOO_LARGE, NOT_HTTP)
            kind = "address" if "not public" in words else "unreadable" if improper else "unreachable"
            raise FetchFailed(Trouble(kind, words)) from error
        return _answer(url, response, self._clock())


def _answer(asked: str, response: Response, now: datetime) -> Answer:
    headers = {
        name.decode("latin-1").lower(): b", ".join(values).decode("latin-1") for name, values in response.headers.items()
    }
    status = response.status
    if status not in (200, 304):
        retry_after = read_retry_after(headers.get("retry-after"), now)
        words = f"it answered HTTP {status}"
        # A bot check often comes as 503: then asking again is what it is there to stop.
        blocked = None if status in _GONE else wall(response.body, headers)
        if blocked:
            raise FetchFailed(Trouble("refused", f"{words}: {blocked}"), status, retry_after)
        raise FetchFailed(Trouble(_kind(status), words), status, retry_after)
    if status == 200 and (blocked := wall(response.body, headers)):
        raise FetchFailed(Trouble("refused", f"it answered with {blocked}"), status)
    reasons = response.request.meta.get("redirect_reasons", []) if response.request else []
    moved = bool(reasons) and all(each in _PERMANENT for each in reasons)
    wishes = Wishes(max_age=read_max_age(headers.get("cache-control")))
    return Answer(asked, response.url, status, response.body, headers, _canonical(response.url) if moved else None, wishes)


def _kind(status: int) -> str:
    """The kind of trouble that a status means."""
    if status in _GONE:
        return "gone"
    if status in _BUSY or status >= 500:
        return "busy"
    return "refused" if status >= 400 else "unreadable"


def read_retry_after(value: str | None, now: datetime) -> timedelta | None:
    """Retry-After as seconds or an HTTP date; None for anything else."""
    if not value:
        return None
    if (seconds := _seconds(value)) is not None:
        return seconds
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return max((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now, timedelta(0))


def read_max_age(value: str | None) -> timedelta | None:
    """``max-age`` of a Cache-Control header, unless it says no-cache or no-store as well."""
    parts = [part.strip().lower() for part in (value or "").split(",")]
    if "no-cache" in parts or "no-store" in parts:
        return None
    for part in parts:
        name, _, number = part.partition("=")
        if name == "max-age" and (seconds := _seconds(number.strip('"'))) is not None:
            return seconds
    return None


def _seconds(number: str) -> timedelta | None:
    """A header's whole number of seconds, no more than some months; None for anything else, such as a superscript 2."""
    number = number.strip()
    return timedelta(seconds=min(int(number[:9]), 10**7)) if number.isascii() and number.isdigit() else None


def _site(url: str) -> str:
    """The host with its port: who names another port of a host must not have that host left alone."""
    return urlsplit(url).netloc.lower()


def _canonical(url: str) -> str | None:
    try:
        return canonical_url(url)
    except ValueError:
        return None
