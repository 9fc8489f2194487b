"""Bounds on what is asked: how many requests of each client in a time, and how many of all at once."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.access import OPEN_PATHS
from api.answers import problem_answer
from api.errors import problem

_CLIENTS = 10_000
_BUSY_SECONDS = "1"
_FREE = ("/static/",)


class Buckets:
    """Token buckets, one for each client: so many requests at once, filled again evenly within the window.

    Args:
        clock: seconds that only grow.
    """

    def __init__(self, requests: int, seconds: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.requests = requests
        self.seconds = seconds
        self._rate = requests / seconds
        self._clock = clock
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, client: str) -> tuple[bool, int, float]:
        """Take a token: whether there was one, how many are left, and seconds until there is one again."""
        now = self._clock()
        level, since = self._levels.pop(client, (float(self.requests), now))
        level = min(self.requests, level + (now - since) * self._rate)
        allowed = level >= 1
        level -= 1 if allowed else 0
        self._levels[client] = level, now
        while len(self._levels) > _CLIENTS:
            self._levels.popitem(last=False)
        return allowed, int(level), max(0.0, (1 - level) / self._rate)

    def seconds_to_full(self, left: int) -> int:
        return math.ceil((self.requests - left) / self._rate)


class Limits:
    """ASGI middleware: 429 for a client that asks too often, 503 for whoever comes while the server is full."""

    def __init__(self, app: ASGIApp, concurrency: int, rate: tuple[int, int] = (0, 60)) -> None:
        self._app = app
        self._room = concurrency
        self._buckets = Buckets(*rate) if rate[0] else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in OPEN_PATHS or scope["path"].startswith(_FREE):
            await self._app(scope, receive, send)
            return
        headers: dict[str, str] = {}

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(headers)
            await send(message)

        if self._buckets is not None:
            allowed, left, wait = self._buckets.take(scope["state"]["identity"].name)
            headers |= {
                "RateLimit-Policy": f'"client";q={self._buckets.requests};w={self._buckets.seconds}',
                "RateLimit-Limit": str(self._buckets.requests),
                "RateLimit-Remaining": str(left),
                "RateLimit-Reset": str(self._buckets.seconds_to_full(left)),
            }
            if not allowed:
                many = f"More than {self._buckets.requests} requests in {self._buckets.seconds} s."
                answer = problem_answer(problem(429, "rate", many), {"Retry-After": str(math.ceil(wait))})
                await answer(scope, receive, counted)
                return
        if self._room <= 0:
            answer = problem_answer(
                problem(503, "busy", "The server works on as many requests as it takes."),
                {"Retry-After": _BUSY_SECONDS},
            )
            await answer(scope, receive, counted)
            return
        self._room -= 1
        try:
            await self._app(scope, receive, counted)
        finally:
            self._room += 1
