import io
import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from api import access
from api import app as composed
from api.app import create_app
from index.errors import StoreCorrupt
from index.knowledge_base import KnowledgeBase


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    text = io.StringIO()
    monkeypatch.setattr(composed, "log_of", lambda wanted: text if wanted else None)
    return text


@pytest.fixture
def client(filled: KnowledgeBase, log: io.StringIO) -> Iterator[TestClient]:
    app = create_app(replace(filled.settings, access_log=True, cors_origins=("https://desk.example",)), filled)

    @app.get("/api/v1/fails")
    def fails() -> None:
        raise RuntimeError("a secret of the server's")

    with TestClient(app) as client:
        yield client


def test_every_answer_has_an_id_that_the_log_knows(client: TestClient, log: io.StringIO) -> None:
    answer = client.get("/api/v1/search?q=maia")
    (line,) = log.getvalue().splitlines()
    entry = json.loads(line)
    assert entry["request"] == answer.headers["x-request-id"]
    assert (entry["method"], entry["path"], entry["query"], entry["status"]) == ("GET", "/api/v1/search", "q=maia", 200)
    assert entry["ms"] > 0


def test_an_id_of_the_client_is_kept_where_it_is_harmless(client: TestClient, log: io.StringIO) -> None:
    assert client.get("/healthz", headers={"x-request-id": "trace-12345"}).headers["x-request-id"] == "trace-12345"
    forged = client.get("/healthz", headers={"x-request-id": 'x"} {"status": 200'})
    assert forged.headers["x-request-id"].isalnum()
    assert all(json.loads(line) for line in log.getvalue().splitlines())


def test_what_goes_wrong_is_a_problem_that_tells_nothing_of_the_inside(
    client: TestClient, log: io.StringIO, caplog: pytest.LogCaptureFixture
) -> None:
    answer = client.get("/api/v1/fails")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "secret" not in answer.text
    assert answer.headers["x-request-id"] in answer.json()["detail"]
    assert answer.headers["x-request-id"] in caplog.text
    assert json.loads(log.getvalue())["status"] == 500


def test_a_store_that_fails_before_the_handler_is_told_as_such(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*arguments: object) -> None:
        raise StoreCorrupt("The store is damaged.")

    monkeypatch.setattr(access, "key_of", fails)
    answer = client.get("/api/v1/entities/tsmc", headers={"authorization": "Bearer chipwire_x"})
    assert (answer.status_code, answer.json()["code"]) == (500, "store-corrupt")


def test_metrics_count_by_pattern_and_never_by_what_was_asked(client: TestClient) -> None:
    for path in ("/api/v1/articles/1", "/api/v1/articles/2", "/api/v1/articles/999", "/nonsense/1", "/nonsense/2"):
        client.get(path)
    client.request("BREW", "/nonsense")
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    families = {family.name: family for family in text_string_to_metric_families(answer.text)}
    counts = {
        tuple(sample.labels.values()): sample.value
        for sample in families["chipwire_requests"].samples
        if sample.name.endswith("_total")
    }
    assert counts["GET", "/api/v1/articles/{article_id}", "200"] == 2
    assert counts["GET", "/api/v1/articles/{article_id}", "404"] == 1
    assert counts["GET", "other", "404"] == 2
    assert "nonsense" not in answer.text
    assert families["chipwire_articles"].samples[0].value == 5
    assert families["chipwire_index_bytes"].samples


def test_other_sites_may_read_where_a_setting_says_so(client: TestClient) -> None:
    answer = client.get("/api/v1/entities/tsmc", headers={"origin": "https://desk.example"})
    assert answer.headers["access-control-allow-origin"] == "https://desk.example"
    other = client.get("/api/v1/entities/tsmc", headers={"origin": "https://evil.example"})
    assert "access-control-allow-origin" not in other.headers
    asked = {"origin": "https://desk.example", "access-control-request-method": "GET"}
    asked["access-control-request-headers"] = "authorization"
    assert client.options("/api/v1/entities/tsmc", headers=asked).status_code == 200


def test_without_the_setting_no_other_site_may(filled: KnowledgeBase) -> None:
    with TestClient(create_app(filled.settings, filled)) as client:
        answer = client.get("/api/v1/entities/tsmc", headers={"origin": "https://desk.example"})
    assert "access-control-allow-origin" not in answer.headers
