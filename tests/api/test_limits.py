"""Bounds on what is asked: 429 and 503 with Retry-After, and recovery."""

import asyncio
from dataclasses import replace

import httpx
import pytest
from fastapi.testclient import TestClient

from api.access import Identity
from api.app import create_app
from api.limits import Buckets, Limits
from index.knowledge_base import KnowledgeBase
from index.store.keys import create_key
from tests.conftest import NOW


class Clock:
    """Seconds that only a test moves on."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_empties_and_fills_again_evenly() -> None:
    clock = Clock()
    buckets = Buckets(3, 6, clock)
    assert [buckets.take("a")[:2] for _ in range(4)] == [(True, 2), (True, 1), (True, 0), (False, 0)]
    assert buckets.take("b")[0], "every client has its own"
    assert buckets.take("a")[2] == pytest.approx(2.0)
    clock.now = 2.0
    assert buckets.take("a")[0]
    assert not buckets.take("a")[0]
    clock.now = 100.0
    assert buckets.take("a") == (True, 2, 0.0)


def test_clients_that_went_away_are_forgotten() -> None:
    buckets = Buckets(1, 60, Clock())
    for n in range(20_000):
        buckets.take(str(n))
    assert len(buckets._levels) == 10_000


def test_who_asks_too_often_is_told_when_to_come_again(filled: KnowledgeBase) -> None:
    with TestClient(create_app(replace(filled.settings, rate_limit=(2, 60)), filled)) as client:
        first = client.get("/api/v1/entities/tsmc")
        assert (first.headers["ratelimit-limit"], first.headers["ratelimit-remaining"]) == ("2", "1")
        client.get("/api/v1/entities/tsmc")
        refused = client.get("/api/v1/entities/tsmc")
        assert (refused.status_code, refused.json()["code"]) == (429, "rate")
        assert 1 <= int(refused.headers["retry-after"]) <= 30
        assert client.get("/healthz").status_code == 200, "whoever watches over the server is not counted"


def test_each_key_has_its_own_share(filled: KnowledgeBase) -> None:
    keys = [create_key(filled.store, name, "read", NOW, None)[0] for name in ("a", "b")]
    with TestClient(create_app(replace(filled.settings, rate_limit=(1, 60), require_keys=True), filled)) as client:
        codes = [
            client.get("/api/v1/entities/tsmc", headers={"authorization": f"Bearer {key}"}).status_code
            for key in (keys[0], keys[0], keys[1])
        ]
    assert codes == [200, 429, 200]


def test_a_full_server_says_so_and_recovers() -> None:
    async def scenario() -> tuple[list[int], int, str]:
        opened = asyncio.Event()

        async def slow(scope: object, receive: object, send: object) -> None:
            await opened.wait()
            await send({"type": "http.response.start", "status": 200, "headers": []})  # type: ignore[operator]
            await send({"type": "http.response.body", "body": b"done"})  # type: ignore[operator]

        limits = Limits(slow, concurrency=3)  # type: ignore[arg-type]

        async def app(scope: dict[str, object], receive: object, send: object) -> None:
            scope["state"] = {"identity": Identity("127.0.0.1", "admin")}
            await limits(scope, receive, send)  # type: ignore[arg-type]

        transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            waiting = [asyncio.create_task(client.get("/")) for _ in range(9)]
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            refused = next(iter(done)).result()
            opened.set()
            codes = [answer.status_code for answer in await asyncio.gather(*waiting)]
            return codes, (await client.get("/")).status_code, refused.headers["retry-after"]

    codes, afterwards, retry = asyncio.run(scenario())
    assert sorted(codes) == [200] * 3 + [503] * 6
    assert (afterwards, retry) == (200, "1")
