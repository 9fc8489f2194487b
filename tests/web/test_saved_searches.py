"""Saving a search from its page, without JavaScript."""

import re
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from index.knowledge_base import KnowledgeBase
from tests.conftest import NOW, article


@pytest.fixture
def client(filled: KnowledgeBase) -> Iterator[TestClient]:
    app = create_app(filled.settings, filled)
    with TestClient(app, raise_server_exceptions=False, headers={"Sec-Fetch-Site": "same-origin"}) as client:
        client.app.state.ready.wait(10)  # type: ignore[attr-defined]
        yield client


def form_of(page: str, action: str) -> dict[str, str]:
    """The fields of a form, as a browser would send them unchanged."""
    [form] = re.findall(rf'<form method="post" action="{action}".*?</form>', page, re.DOTALL)
    return dict(re.findall(r'<input(?: type="hidden")? name="([^"]*)" value="([^"]*)"', form))


def test_a_search_is_saved_with_its_filters_and_removed(client: TestClient, filled: KnowledgeBase) -> None:
    page = client.get("/search?q=Maia+100&lang=zh&entity=microsoft&month=2023-11").text
    fields = form_of(page, "/searches")
    assert (fields["q"], fields["name"], fields["lang"]) == ("Maia 100", "Maia 100", "zh")
    saved = client.post("/searches", data={**fields, "new_claims": "yes"})
    assert re.fullmatch(r"/searches/\d+", saved.url.path)
    [search] = filled.searches.all()
    assert search.new_claims
    assert dict(search.filters) == {
        "lang": ("zh",), "entity": ("microsoft",), "after": ("2023-11",), "before": ("2023-12",)
    }  # fmt: skip
    assert "No alert yet" in saved.text
    client.post(f"/searches/{search.id}/remove", data={"sure": "yes"})
    assert "No search is saved yet" in client.get("/searches").text


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {}])
def test_a_form_of_another_sites_page_saves_nothing(filled: KnowledgeBase, headers: dict[str, str]) -> None:
    with TestClient(create_app(filled.settings, filled), raise_server_exceptions=False, headers=headers) as stranger:
        assert stranger.post("/searches", data={"name": "a", "q": "nvidia"}).status_code == 403
    assert filled.searches.all() == []


def test_a_browser_that_says_only_the_origin_may_save(filled: KnowledgeBase) -> None:
    with TestClient(create_app(filled.settings, filled), headers={"Origin": "http://testserver"}) as old:
        page = old.get("/search?q=nvidia")
        assert page.headers["Referrer-Policy"] == "same-origin", "else browsers send Origin: null with the form"
        assert old.post("/searches", data={"name": "a", "q": "nvidia"}).status_code == 200
    assert [search.name for search in filled.searches.all()] == ["a"]


def test_its_page_shows_alerts_and_why(client: TestClient, filled: KnowledgeBase) -> None:
    client.post("/searches", data={"name": "微软", "q": "Maia 200"})
    new = article("Microsoft unveils Maia 200 <b>", "The Maia 200 follows the Maia 100, Microsoft said on <i>Monday</i>.")
    filled.ingest([new], NOW)
    filled.refresh(NOW)
    [search] = filled.searches.all()
    page = client.get(f"/searches/{search.id}").text
    assert "Microsoft unveils Maia 200 &lt;b&gt;" in page
    assert re.search(r"Why:\s+(names|has) ", page)
    assert f'href="/api/v1/feeds/atom/searches/{search.id}"' in page
    assert "微软" in client.get("/searches").text


def test_pages_name_their_json(client: TestClient) -> None:
    client.post("/searches", data={"name": "a", "q": "nvidia"})
    for path in ("/searches", "/searches/1"):
        [data] = re.findall(r'<link rel="alternate" type="application/json" href="([^"]+)"', client.get(path).text)
        assert client.get(data).headers["Content-Type"].startswith("application/json")


@pytest.mark.parametrize(
    ("data", "status"), [({"name": "a"}, 400), ({"q": "b", "mail": "nonsense"}, 400), ({"q": "b", "entity": "x"}, 404)]
)
def test_a_form_that_says_nothing_usable_is_told_so_on_a_page(client: TestClient, data: dict[str, str], status: int) -> None:
    answer = client.post("/searches", data=data)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "text/html; charset=utf-8")


def test_a_page_of_a_search_that_is_not_there_is_not_found(client: TestClient) -> None:
    assert client.get("/searches/99").status_code == 404
    assert client.get("/searches/x").status_code == 400
    assert client.post("/searches/99/remove", data={"sure": "yes"}).status_code == 404


def test_the_form_asks_for_mail_only_where_mails_can_be_sent(client: TestClient) -> None:
    assert 'name="mail"' not in client.get("/search?q=Maia").text
