import csv
import gzip
import io
import json

import pytest
from fastapi.testclient import TestClient

from api import exporting
from api.app import create_app
from api.exporting import cell
from index.knowledge_base import KnowledgeBase
from tests.api.test_app import client as client
from tests.conftest import CORPUS, DGX, MAIA, MAIA_ZH, NOW, article


def rows(text: str) -> list[dict[str, str]]:
    assert text.startswith("\ufeff"), "Excel takes Chinese for Latin-1 without it"
    return list(csv.DictReader(io.StringIO(text[1:], newline="")))


def test_an_export_has_every_article_of_the_search_in_its_order(client: TestClient) -> None:
    asked = {"q": "microsoft custom chip", "group": "none"}
    found = [hit["article_id"] for hit in client.get("/api/v1/search", params={**asked, "k": 100}).json()["hits"]]
    answer = client.get("/api/v1/export", params=asked)
    assert answer.headers["content-type"] == "application/x-ndjson"
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [line["article_id"] for line in lines] == found
    assert {line["title"] for line in lines} == {MAIA.title, MAIA_ZH.title}
    assert "text" not in lines[0]
    table = rows(client.get("/api/v1/export", params={**asked, "format": "csv", "text": "yes", "lang": "zh"}).text)
    assert [(row["title"], row["text"]) for row in table] == [(MAIA_ZH.title, MAIA_ZH.text)]
    assert "tsmc" in table[0]["entities"].split()


def test_filters_alone_export_whatever_they_let_through(client: TestClient) -> None:
    lines = client.get("/api/v1/export", params={"q": "source:hyperscale"}).text.splitlines()
    assert [json.loads(line)["title"] for line in lines] == [DGX.title]


def test_cells_cannot_be_formulas(writer: KnowledgeBase) -> None:
    titles = ['=HYPERLINK("http://evil.example")', "+1 chip", "-2 chips", "@chip", " =1+1 chip", "＝cmd chip", 'chip, "quoted"']
    writer.ingest([article(title, f"A report on chip wafers number {n}.") for n, title in enumerate(titles)], NOW)
    writer.refresh(NOW)
    with TestClient(create_app(writer.settings, writer)) as client:
        table = rows(client.get("/api/v1/export", params={"q": "lang:en", "format": "csv"}).text)
    written = {row["title"] for row in table}
    assert written == {*(f"'{title}" for title in titles[:6]), titles[6]}
    assert cell("\t=1") == "'\t=1"
    assert cell(None) == ""


def test_only_some_articles_are_in_memory_at_a_time(filled: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "AT_ONCE", 2)
    asked: list[int] = []
    read = exporting.articles_by_id
    monkeypatch.setattr(exporting, "articles_by_id", lambda store, ids: (asked.append(len(ids)), read(store, ids))[1])
    pieces = exporting.json_lines(filled, [1, 2, 3, 4, 5], text=True)
    assert next(pieces).count(b"\n") == 2
    assert asked == [2], "the next ones are not read before they are wanted"
    assert sum(piece.count(b"\n") for piece in pieces) == 3


def test_an_article_that_is_deleted_meanwhile_is_passed_over(filled: KnowledgeBase) -> None:
    filled.delete(2)
    assert b"".join(exporting.json_lines(filled, [1, 2, 3], text=False)).count(b"\n") == 2


def test_an_export_is_compressed_as_it_comes(client: TestClient) -> None:
    with client.stream("GET", "/api/v1/export?q=after:2020&text=yes", headers={"accept-encoding": "gzip"}) as answer:
        body = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "gzip"
    assert len(gzip.decompress(body).splitlines()) == len(CORPUS)


@pytest.mark.parametrize("wrong", ["format=xml", "lang=fr", "sort=fame", "q="])
def test_a_wrong_export_is_refused_before_it_begins(client: TestClient, wrong: str) -> None:
    answer = client.get(f"/api/v1/export?{'' if wrong == 'q=' else 'q=chip&'}{wrong}")
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
