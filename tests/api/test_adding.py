"""Adding articles through the API."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api import adding, archive_routes
from api.app import create_app
from index.knowledge_base import KnowledgeBase
from index.settings import Settings
from index.store import inbox
from index.store.inbox import waiting
from tests.conftest import HBM, MAIA, NOW, WordEncoder

PAGE = (
    "<html><head><title>Rapidus starts its pilot line</title></head><body><article><h1>Rapidus starts its pilot line</h1>"
    + (
        "<p>Rapidus has started a pilot line for 2 nm chips in Hokkaido, it said, and will sample wafers this year.</p>" * 4
        + "</article></body></html>"
    )
)


@pytest.fixture
def served(filled: KnowledgeBase) -> Iterator[TestClient]:
    """A server beside the writer's folder, as ``chipwire serve`` is: it reads, and writes only while it must."""
    settings, encoder, reading = filled.settings, filled.encoder, filled.reading
    filled.close()
    with KnowledgeBase.open(settings, encoder=encoder, reading=reading) as kb, TestClient(create_app(settings, kb)) as client:
        client.app.state.ready.wait(10)  # type: ignore[attr-defined]
        yield client


def post(client: TestClient, *records: object, **headers: str) -> Any:
    return client.post("/api/v1/articles", json={"articles": list(records)}, headers=headers)


def finished(client: TestClient, job: str) -> dict[str, Any]:
    for _ in range(300):
        document: dict[str, Any] = client.get(f"/api/v1/jobs/{job}").json()
        if document["state"] in ("done", "failed"):
            return document
        time.sleep(0.05)
    raise AssertionError("the job does not end")


def test_a_batch_is_stored_at_once_and_found_when_its_job_is_done(served: TestClient) -> None:
    answer = post(
        served,
        {
            "title": "Etched raises money for Sohu",
            "text": "Etched builds Sohu, a transformer chip.",
            "url": "https://a.example/1",
        },
        {"title": HBM.title, "text": HBM.text, "url": HBM.url},
        {"title": "no text"},
        {"html": PAGE, "url": "https://a.example/2"},
        "no object",
        {"text": 7},
    ).json()
    assert (answer["read"], answer["new"], answer["duplicate"]) == (6, 2, 1)
    assert [(each["line"], each["why"]) for each in answer["rejected"]] == [
        (3, "neither text nor html is given"),
        (5, "not a JSON object"),
        (6, "text must be a string"),
    ]
    assert served.get("/api/v1/articles/6").json()["title"] == "Etched raises money for Sohu"
    assert finished(served, answer["job"])["state"] == "done"
    for query, title in (
        ("Etched Sohu", "Etched raises money for Sohu"),
        ("Rapidus pilot line", "Rapidus starts its pilot line"),
    ):
        assert served.get("/api/v1/search", params={"q": query}).json()["hits"][0]["title"] == title


def test_json_lines_are_taken_too_and_a_broken_line_spoils_no_other(served: TestClient) -> None:
    lines = '{"text": "SMIC adds capacity for 7 nm chips."}\n\n{"text": \n{"text": NaN}\n'
    answer = served.post("/api/v1/articles", content=lines, headers={"content-type": "application/x-ndjson"}).json()
    assert (answer["read"], answer["new"], [each["line"] for each in answer["rejected"]]) == (3, 1, [2, 3])


def test_a_batch_sent_again_with_its_key_is_answered_again_and_not_done_again(served: TestClient) -> None:
    record = {"text": "Cerebras files for an offering. It makes wafer-sized chips.", "url": "https://a.example/3"}
    first = post(served, record, **{"idempotency-key": "batch-1"})
    again = post(served, record, **{"idempotency-key": "batch-1"})
    assert (first.json()["new"], again.json()) == (1, first.json())
    assert ("idempotency-replayed" in first.headers, again.headers["idempotency-replayed"]) == (False, "true")
    other = post(served, {"text": "Another."}, **{"idempotency-key": "batch-1"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency")
    without = post(served, record).json()
    assert (without["duplicate"], without["job"]) == (1, None)


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        ("{}", "text/plain", 415, "media-type"),
        ("{}", "", 415, "media-type"),
        ("", "application/json", 400, "body"),
        ("{}", "application/json", 400, "body"),
        ("[" * 100_000, "application/json", 400, "body"),
        ('{"articles": [NaN]}', "application/json", 400, "body"),
        (b"\xff\xfe", "application/json", 400, "body"),
        ('{"articles": [' + ",".join(["{}"] * 1001) + "]}", "application/json", 400, "body"),
    ],
)
def test_what_is_no_batch_is_refused(served: TestClient, content: Any, kind: str, status: int, code: str) -> None:
    answer = served.post("/api/v1/articles", content=content, headers={"content-type": kind})
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_body_without_end_is_cut_off(served: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_routes, "MAX_BYTES", 1_000_000)
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        for _ in range(64):
            taken += 1
            yield b" " * 100_000

    answer = served.post("/api/v1/articles", content=endless(), headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")


def test_while_another_process_writes_a_batch_waits_in_its_inbox_and_is_stored_once(
    served: TestClient, monkeypatch: pytest.MonkeyPatch, settings: Settings, encoder: WordEncoder
) -> None:
    monkeypatch.setattr(adding, "_WAIT_SECONDS", 0.2)
    records = [
        {"text": "Tenstorrent licenses its cores.", "url": "https://a.example/4", "published": "2023-11-15T16:00:00Z"},
        {"html": PAGE, "url": "https://a.example/5"},
        {"title": "no text"},
    ]
    with KnowledgeBase.open(settings, writer=True, encoder=encoder) as other:
        answer = post(served, *records, **{"idempotency-key": "busy"})
        document = answer.json()
        assert (answer.status_code, document["read"], document["waiting"], document["new"]) == (202, 3, 2, 0)
        assert [each["line"] for each in document["rejected"]] == [3]
        again = post(served, *records, **{"idempotency-key": "busy"})
        assert (again.status_code, again.json(), again.headers["idempotency-replayed"]) == (202, document, "true")
        assert waiting(other.store) == 2
        before = other.status().articles
        other.refresh(NOW)
        assert (other.status().articles - before, waiting(other.store)) == (2, 0)
        assert finished(served, document["job"])["detail"] == "The process that writes has taken everything in."
    [hit] = served.get("/api/v1/search", params={"q": "Tenstorrent licenses cores"}).json()["hits"]
    assert (hit["url"], hit["published"]) == ("https://a.example/4", "2023-11-15T16:00:00Z")
    answer = post(served, *records)
    assert (answer.status_code, answer.json()["duplicate"], answer.json()["waiting"]) == (200, 2, 0)


def test_what_waits_is_stored_before_what_comes_later(
    served: TestClient, monkeypatch: pytest.MonkeyPatch, settings: Settings, encoder: WordEncoder
) -> None:
    monkeypatch.setattr(adding, "_WAIT_SECONDS", 0.2)
    record = {"url": "https://a.example/6", "title": "Groq", "text": "Groq sells inference by the token."}
    with KnowledgeBase.open(settings, writer=True, encoder=encoder):
        assert post(served, record).status_code == 202
    monkeypatch.setattr(adding, "_WAIT_SECONDS", 20)
    assert post(served, {**record, "text": "Groq sells inference by the hour."}).json()["updated"] == 1
    texts = [state["text"] for state in served.get("/api/v1/articles/6/revisions").json()["revisions"]]
    assert texts == ["Groq sells inference by the token.", "Groq sells inference by the hour."]


def test_an_inbox_that_is_full_takes_no_more(
    served: TestClient, monkeypatch: pytest.MonkeyPatch, settings: Settings, encoder: WordEncoder
) -> None:
    monkeypatch.setattr(adding, "_WAIT_SECONDS", 0.2)
    monkeypatch.setattr(inbox, "MOST_BYTES", 10)
    with KnowledgeBase.open(settings, writer=True, encoder=encoder) as other:
        answer = post(served, {"text": "Tenstorrent licenses its cores."}, **{"idempotency-key": "full"})
        assert (answer.status_code, answer.json()["code"]) == (503, "writer-busy")
        assert int(answer.headers["retry-after"]) > 0
        assert waiting(other.store) == 0
    assert post(served, {"text": "Tenstorrent licenses its cores."}, **{"idempotency-key": "full"}).json()["new"] == 1


def test_lone_surrogates_and_control_characters_do_no_harm(served: TestClient) -> None:
    body = json.dumps({"articles": [{"text": "\ud800"}, {"title": "\x00", "text": "A chip \x00 report\x1b[31m."}]})
    answer = served.post("/api/v1/articles", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 200
    assert [each["line"] for each in answer.json()["rejected"]][:1] == [1]


def test_every_state_of_an_article_can_be_read(served: TestClient) -> None:
    post(served, {"url": MAIA.url, "title": MAIA.title, "text": MAIA.text.replace("5 nm", "4 nm")})
    document = served.get("/api/v1/articles/1/revisions").json()
    first, second = document["revisions"]
    assert (first["text"], second["until"]) == (MAIA.text, None)
    assert first["until"] == document["edits"][0]["seen"]
    assert "4 nm" in second["text"]
    assert served.get("/api/v1/articles/99/revisions").status_code == 404
    assert served.get("/api/v1/jobs/nonsense").status_code == 404
