"""The Python client against a real server, and against one that fails."""

import asyncio
import json
import re
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn

from api.app import create_app
from api.client import ApiError, AsyncChipwire, Chipwire, pause_before_next
from api.listening import bind
from index.knowledge_base import KnowledgeBase
from tests.conftest import CORPUS, DGX, MAIA, MAIA_ZH, NOW, article

README = Path(__file__).parent.parent.parent / "README.md"


@pytest.fixture
def address(filled: KnowledgeBase) -> Iterator[str]:
    filled.ingest([article(f"Foundry report {n}", f"Wafer prices rose, says report {n}.") for n in range(120)], NOW)
    filled.refresh(NOW)
    sock = bind("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(create_app(filled.settings, filled), log_level="warning", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{sock.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)
    sock.close()


def test_every_operation_answers(address: str) -> None:
    with Chipwire(address) as chipwire:
        found = chipwire.search("microsoft custom chip", lang="en", group="none", explain=True)
        assert [hit["title"] for hit in found["hits"]] == [MAIA.title]
        number = found["hits"][0]["article_id"]
        assert chipwire.article(number)["text"] == MAIA.text
        assert chipwire.similar(number, 2)["article_id"] == number
        assert chipwire.revisions(number)["edits"] == []
        assert chipwire.entity("台積電")["id"] == "tsmc"
        assert chipwire.entities()["total"] > 100
        assert chipwire.digest("2023-W46")["week"] == "2023-W46"
        assert {"week": "2023-W46", "articles": 122} in chipwire.digests()["weeks"]
        story = next(each for each in chipwire.stories("2023-W46")["stories"] if MAIA.title in each["headline"])
        assert chipwire.story(story["id"])["articles"][0]["title"] == story["articles"][0]["title"]
        assert {claim["value"] for claim in chipwire.claims("Maia 100", attribute="maker")["claims"]} == {"TSMC"}
        assert chipwire.timeline("Maia 100")["entity"]["id"] == "microsoft-maia-100"
        compared = chipwire.compare("microsoft-maia-100", "H800", attribute=["maker", "process-node"])
        assert [entity["id"] for entity in compared["entities"]] == ["microsoft-maia-100", "nvidia-h800"]
        assert {row["attribute"] for row in compared["rows"]} == {"maker", "process-node"}
        assert {source["id"] for source in chipwire.sources()["sources"]} >= {"hyperscale"}
        assert chipwire.status()["articles"] == len(CORPUS) + 120


def test_pages_are_walked_to_the_end(address: str) -> None:
    with Chipwire(address) as chipwire:
        ids = [hit["article_id"] for hit in chipwire.every("foundry wafer prices report", group="none")]
        assert len(ids) == len(set(ids)) >= 120
        lines = list(chipwire.export("foundry wafer prices report", text=True))
        assert {line["article_id"] for line in lines} == set(ids)
        assert any(line["text"].startswith("Wafer prices rose") for line in lines)


def test_articles_are_added_once_and_found(address: str) -> None:
    with Chipwire(address, sleep=lambda seconds: time.sleep(0.05)) as chipwire:
        batch: Any = [{"title": "Etched raises money for Sohu", "text": "Etched builds Sohu, a transformer chip."}]
        answer = chipwire.add(batch, idempotency_key="once")
        assert chipwire.add(batch, idempotency_key="once") == answer
        assert answer["job"] is not None
        assert chipwire.wait(answer["job"])["state"] == "done"
        assert chipwire.search("Etched Sohu")["hits"][0]["title"] == batch[0]["title"]


def test_what_the_server_refuses_is_an_error_with_its_code(address: str) -> None:
    with Chipwire(address) as chipwire:
        with pytest.raises(ApiError, match="There is no article 9999") as refused:
            chipwire.article(9999)
        assert (refused.value.status, refused.value.code) == (404, "not-found")
        assert refused.value.request_id
        with pytest.raises(ApiError, match="sort"):
            list(chipwire.export("chip", sort="fame"))  # type: ignore[arg-type]


def test_all_of_it_works_with_asyncio(address: str) -> None:
    async def scenario() -> None:
        async with AsyncChipwire(address, sleep=lambda seconds: asyncio.sleep(0.05)) as chipwire:
            found, entity = await asyncio.gather(chipwire.search("DGX Cloud price"), chipwire.entity("tsmc"))
            claims, compared, weeks, timeline = await asyncio.gather(
                chipwire.claims("Maia 100"),
                chipwire.compare("Maia 100", "H800"),
                chipwire.digests(),
                chipwire.timeline("Maia 100"),
            )
            assert claims["entity"] == timeline["entity"] == compared["entities"][0]
            stories = await chipwire.stories(weeks["weeks"][0]["week"])
            assert (await chipwire.story(stories["stories"][0]["id"]))["id"] == stories["stories"][0]["id"]
            assert found["hits"][0]["title"] == DGX.title
            assert entity["id"] == "tsmc"
            ids = [hit["article_id"] async for hit in chipwire.every("foundry wafer prices report", group="none")]
            assert len(ids) == len(set(ids)) >= 120
            assert [each["title"] async for each in chipwire.export("微软自研芯片", lang="zh")] == [MAIA_ZH.title]
            answer = await chipwire.add([{"text": "Groq cuts prices for its chips."}])
            assert (await chipwire.wait(answer["job"] or ""))["state"] == "done"
            with pytest.raises(ApiError):
                await chipwire.digest("soon")

    asyncio.run(scenario())


class Failing:
    """Answers each request with the next of some answers: a status, a Retry-After, or an error."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.requests: list[httpx2.Request] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        status, retry = self.answers.pop(0)
        if isinstance(status, Exception):
            raise status
        headers = {"retry-after": retry} if retry else {}
        return httpx2.Response(status, headers=headers, json={"sources": []} if status == 200 else {"code": "busy"})


def test_a_busy_server_is_asked_again_when_it_said(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    failing = Failing((503, "7"), (429, "2"), (httpx2.ConnectError("refused"), None), (200, None))
    with Chipwire(sleep=pauses.append, transport=httpx2.MockTransport(failing)) as chipwire:
        assert chipwire.sources() == {"sources": []}
    assert pauses[:2] == [7.0, 2.0]
    assert 0 < pauses[2] <= 2.0
    waited: list[float] = []

    async def wait(seconds: float) -> None:
        waited.append(seconds)

    async def scenario() -> None:
        again = Failing((503, "7"), (200, None))
        async with AsyncChipwire(sleep=wait, transport=httpx2.MockTransport(again)) as chipwire:
            await chipwire.sources()

    asyncio.run(scenario())
    assert waited == [7.0]


def test_it_gives_up_in_the_end_and_does_not_repeat_what_was_refused() -> None:
    failing = Failing(*[(503, "0")] * 3)
    with Chipwire(retries=2, sleep=lambda seconds: None, transport=httpx2.MockTransport(failing)) as chipwire:
        with pytest.raises(ApiError) as refused:
            chipwire.sources()
        assert (refused.value.status, refused.value.code, len(failing.requests)) == (503, "http", 3)
        failing.answers = [(400, None)]
        with pytest.raises(ApiError):
            chipwire.sources()
    assert len(failing.requests) == 4


def test_a_batch_that_is_sent_again_carries_the_same_key() -> None:
    failing = Failing((httpx2.ReadError("gone"), None), (200, None))
    with Chipwire(sleep=lambda seconds: None, transport=httpx2.MockTransport(failing)) as chipwire:
        chipwire.add([{"text": "A chip."}])
    first, second = failing.requests
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]
    assert json.loads(first.content) == {"articles": [{"text": "A chip."}]}


def test_pauses_grow_and_have_an_end() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert all(0.25 * 2**n <= pause_before_next(n, None, 0) <= 0.5 * 2**n for n in range(5))
    assert pause_before_next(20, None, 0) <= 30
    assert pause_before_next(0, "3600", 0) == 30
    assert pause_before_next(0, "-5", 0) == 0
    assert pause_before_next(0, format_datetime(now.replace(second=9), usegmt=True), now.timestamp()) == 9
    assert pause_before_next(0, "soon", 0) == 0.5


def test_a_key_is_sent_as_bearer() -> None:
    failing = Failing((200, None))
    with Chipwire(key="chipwire_x", transport=httpx2.MockTransport(failing)) as chipwire:
        chipwire.sources()
    assert failing.requests[0].headers["authorization"] == "Bearer chipwire_x"


def test_the_example_of_the_readme_runs(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert "from api.client import Chipwire" in example
    exec(compile(example.replace("http://localhost:8700", address), "README.md", "exec"), {})
    assert MAIA.title in capsys.readouterr().out
