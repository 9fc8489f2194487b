"""Judging what was read from a browser, without JavaScript."""

import re
import time
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from index.knowledge_base import KnowledgeBase
from tests.conftest import DGX, NOW
from tests.index.knowledge.test_curation import FRUIT, ZETA

OWN = {"Origin": "http://testserver"}


@pytest.fixture
def client(writer: KnowledgeBase) -> Iterator[TestClient]:
    writer.ingest([FRUIT, *ZETA, DGX], NOW)
    writer.refresh(NOW)
    with TestClient(create_app(writer.settings, writer), raise_server_exceptions=False) as client:
        client.app.state.ready.wait(10)  # type: ignore[attr-defined]
        yield client


def decide(client: TestClient, page: str, label: str) -> str:
    """Press the first button of this label; returns the page that follows."""
    form = next(form for form in re.findall(r'<form[^>]* action="/review">.*?</form>', page, re.DOTALL) if f">{label}<" in form)
    fields = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form))
    [what] = re.findall(r'<button name="what" value="([^"]*)"', form)
    answer = client.post("/review", data={**fields, "what": what}, headers=OWN)
    assert (answer.status_code, answer.url.path) == (200, "/review")
    return answer.text


def finds(client: TestClient, query: str, total: int) -> bool:
    """Whether a search finds so many, once what was decided is indexed."""
    for _ in range(200):
        if client.get("/api/v1/search", params={"q": query}).json()["total"] == total:
            return True
        time.sleep(0.05)
    return False


def test_a_doubtful_name_is_settled_and_the_decision_taken_back(client: TestClient) -> None:
    page = client.get("/review").text
    assert "Apple: is it Apple?" in page
    assert "<mark>Apple</mark>" in page
    assert finds(client, "entity:apple", 0)
    decided = decide(client, page, "It is")
    assert "Decided. What follows from it is being indexed." in decided
    assert "Apple: is it Apple?" not in decided
    assert finds(client, "entity:apple", 1)
    again = decide(client, decided, "Take back")
    assert "Apple: is it Apple?" in again
    assert finds(client, "entity:apple", 0)


def test_a_proposed_name_is_turned_down(client: TestClient) -> None:
    page = client.get("/review").text
    assert "Zephyrus" in page.partition("Names that the catalogue lacks")[2]
    assert "Zephyrus" not in decide(client, page, "Not a name to keep").partition("<section id")[0]


def test_a_claim_is_taken_out_from_its_row_and_put_back(client: TestClient) -> None:
    page = client.get("/entities/nvidia-dgx-cloud/claims").text
    before = client.get("/api/v1/claims", params={"entity": "nvidia-dgx-cloud"}).json()["total"]
    assert before > 0
    decided = decide(client, page, "This is not what it says")
    assert "Not claimed:" in decided
    assert client.get("/api/v1/claims", params={"entity": "nvidia-dgx-cloud"}).json()["total"] < before
    decide(client, decided, "Take back")
    assert client.get("/api/v1/claims", params={"entity": "nvidia-dgx-cloud"}).json()["total"] == before


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({"what": "link", "article": "x", "name": "Apple", "entity": "apple"}, 400, "article must be a number"),
        ({"what": "link", "article": "999", "name": "Apple", "entity": "apple"}, 404, "There is no article 999"),
        ({"what": "dance"}, 400, "nothing that can be decided here"),
        ({"what": "wrong", "claim": "123456"}, 404, "There is no claim 123456"),
        ({"what": "undo", "decision": "77"}, 404, "There is no decision 77"),
    ],
)
def test_what_cannot_be_decided_is_said_in_a_line(client: TestClient, fields: dict[str, str], status: int, said: str) -> None:
    answer = client.post("/review", data=fields, headers=OWN)
    assert answer.status_code == status
    assert said in answer.text


def test_no_page_of_another_site_decides_anything(client: TestClient) -> None:
    answer = client.post("/review", data={"what": "refuse", "name": "Zephyrus"}, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert "Zephyrus" in client.get("/review").text


def test_a_name_narrows_the_list(client: TestClient) -> None:
    assert "Apple: is it Apple?" in client.get("/review?entity=apple").text
    assert "Apple: is it Apple?" not in client.get("/review?entity=nvidia").text
    assert client.get("/review?entity=nonsense-of-no-kind").status_code == 404


def test_what_is_decided_while_another_process_writes_is_carried_out_by_it(writer: KnowledgeBase) -> None:
    writer.ingest([FRUIT], NOW)
    writer.refresh(NOW)
    with (
        KnowledgeBase.open(writer.settings, encoder=writer.encoder) as reader,
        TestClient(create_app(reader.settings, reader), raise_server_exceptions=False) as client,
    ):
        noted = decide(client, client.get("/review").text, "It is")
        assert "The process that is writing now carries it out" in noted
        assert "waits for the process that is writing" in noted
        lost = client.post("/review", data={"what": "link", "article": "999", "name": "Apple", "entity": "apple"}, headers=OWN)
        assert lost.status_code == 200
        writer.refresh(NOW)
        page = client.get("/review").text
    assert "Apple: is it Apple?" not in page
    assert "apple in article 1 means Apple" in page
    assert "There is no article 999." in page, "what could not be done is told"
    assert "waits for the process" not in page
