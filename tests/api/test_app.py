"""The HTTP API and the pages, asked as a client would."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from index.knowledge_base import KnowledgeBase
from tests.conftest import DGX, MAIA, MAIA_ZH, NOW, article


@pytest.fixture
def client(filled: KnowledgeBase) -> Iterator[TestClient]:
    with TestClient(create_app(filled.settings, filled), raise_server_exceptions=False) as client:
        client.app.state.ready.wait(10)  # type: ignore[attr-defined]
        yield client


def test_search_answers_with_the_document_of_the_contract(client: TestClient) -> None:
    document = client.get("/api/v1/search", params={"q": "microsoft custom chip", "k": 5}).json()
    assert {"query", "took_ms", "total", "hits"} <= set(document)
    hit = document["hits"][0]
    assert {
        "article_id", "url", "title", "published", "source", "lang", "story_id", "score", "snippet", "entities", "matched"
    } <= set(hit)  # fmt: skip
    assert hit["title"] in (MAIA.title, MAIA_ZH.title)
    assert "<mark>" in hit["snippet"]


def test_filters_are_parameters(client: TestClient) -> None:
    def titles(**params: object) -> list[str]:
        document = client.get("/api/v1/search", params={"q": "Maia 100 chip 芯片", "group": "none", **params}).json()
        return [hit["title"] for hit in document["hits"]]

    assert titles(lang="zh") == [MAIA_ZH.title]
    assert titles(entity="微软", lang="en") == [MAIA.title]
    assert titles(after="2023-W47") == []


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/v1/search", 400, "parameter"),
        ("/api/v1/search?q=", 400, "query"),
        ("/api/v1/search?q=" + "x" * 10_240, 400, "query"),
        ("/api/v1/search?q=%ED%A0%80", 200, None),  # bytes that are no UTF-8 arrive as replacement characters
        ("/api/v1/search?q=a&k=0", 400, "filter"),
        ("/api/v1/search?q=a&k=1000000000", 400, "filter"),
        ("/api/v1/search?q=a&k=abc", 400, "parameter"),
        ("/api/v1/search?q=a&k=NaN", 400, "parameter"),
        ("/api/v1/search?q=a&k=" + "9" * 5000, 400, "parameter"),
        ("/api/v1/search?q=a&lang=fr", 400, "filter"),
        ("/api/v1/search?q=a&entity=nonsense", 404, "not-found"),
        ("/api/v1/search?q=a&after=someday", 400, "filter"),
        ("/api/v1/search?q=a&after=2024&before=2023", 400, "filter"),
        ("/api/v1/search?q=a&sort=fame", 400, "filter"),
        ("/api/v1/search?q=a&group=all", 400, "filter"),
        ("/api/v1/search?q=a&cursor=zzz", 400, "filter"),
        ("/api/v1/articles/999", 404, "not-found"),
        ("/api/v1/articles/-1", 404, "not-found"),
        ("/api/v1/articles/99999999999999999999999", 404, "not-found"),
        ("/api/v1/articles/abc", 400, "parameter"),
        ("/api/v1/articles/1/similar?k=0", 400, "filter"),
        ("/api/v1/entities/nonsense", 404, "not-found"),
        ("/api/v1/digests/2023-W60", 400, "filter"),
        ("/api/v1/digests/2023-W46?format=pdf", 400, "filter"),
        ("/api/v1/nothing", 404, "http"),
    ],
)
def test_bad_input_gets_one_clear_problem_and_the_right_status(
    client: TestClient, path: str, status: int, code: str | None
) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    if code is not None:
        assert answer.headers["content-type"] == "application/problem+json"
        problem = answer.json()
        assert (problem["status"], problem["code"]) == (status, code)
        assert "\n" not in problem["title"]
        assert len(problem["title"]) < 500


def test_an_article_comes_with_mentions_story_and_similar_ones(client: TestClient) -> None:
    document = client.get("/api/v1/articles/1").json()
    assert document["title"] == MAIA.title
    mention = next(m for m in document["mentions"] if m["id"] == "tsmc")
    assert document["text"][mention["start"] : mention["end"]] == mention["surface"] == "TSMC"
    similar = client.get("/api/v1/articles/1/similar").json()["similar"]
    assert similar[0]["title"] == MAIA_ZH.title
    assert client.get("/api/v1/similar?id=1").json()["similar"] == similar


def test_a_changed_headline_and_a_silent_correction_are_seen_in_the_api_and_on_the_page(
    client: TestClient, filled: KnowledgeBase
) -> None:
    assert client.get("/api/v1/articles/3").json()["edits"] == []
    assert 'id="edits"' not in client.get("/articles/3").text
    headline = DGX.title.replace("36,999", "37,000")
    filled.ingest([replace(DGX, title=headline)], NOW + timedelta(hours=1))
    filled.ingest([replace(DGX, title=headline, text=DGX.text.replace("eight H100", "four H100"))], NOW + timedelta(hours=2))
    correction, change = client.get("/api/v1/articles/3").json()["edits"]
    assert (change["seen"], correction["seen"]) == ("2024-06-01T13:00:00Z", "2024-06-01T14:00:00Z")
    assert [piece["kind"] for piece in change["title"]] == ["same", "removed", "added", "same"]
    assert [piece["text"] for piece in change["title"][1:3]] == ["36,999", "37,000"]
    assert all(piece["kind"] == "same" for piece in change["text"])
    assert correction["title"] is None, "only the text was corrected"
    assert [piece["text"] for piece in correction["text"] if piece["kind"] != "same"] == ["eight", "four"]
    page = client.get("/articles/3").text
    assert "<del>36,999</del><ins>37,000</ins>" in page
    assert "<del>eight</del><ins>four</ins>" in page
    assert page.count('<span class="badge">headline</span>') == 1


def test_an_entity_answers_to_any_of_its_names(client: TestClient) -> None:
    for name in ("tsmc", "台積電", "TSMC"):
        document = client.get(f"/api/v1/entities/{name}").json()
        assert (document["id"], document["articles"]) == ("tsmc", 2)
    assert client.get("/api/v1/entities").json()["total"] >= 180


def test_a_story_comes_with_what_each_article_added(client: TestClient, filled: KnowledgeBase) -> None:
    story_id = client.get("/api/v1/articles/1").json()["story"]["id"]
    document = client.get(f"/api/v1/stories/{story_id}").json()
    assert (document["id"], document["headline"], document["origins"]) == (story_id, MAIA.title, 2)
    assert [article["title"] for article in document["articles"]] == [MAIA.title, MAIA_ZH.title]
    assert all({"article_id", "url", "role", "new"} <= set(article) for article in document["articles"])
    assert document["changes"] == []
    assert story_id in [story["id"] for story in client.get("/api/v1/stories?week=2023-W46").json()["stories"]]
    assert client.get("/api/v1/stories/999").status_code == 404


def test_a_digest_comes_as_json_markdown_and_html(client: TestClient) -> None:
    document = client.get("/api/v1/digests/2023-W46").json()
    assert {MAIA.title} <= {story["headline"] for story in document["stories"]}
    assert client.get("/api/v1/digests/2023-W46?format=md").text.startswith("# AI chips, week 2023-W46")
    assert "<h1>AI chips, week 2023-W46</h1>" in client.get("/api/v1/digests/2023-W46?format=html").text


def test_health_and_readiness(client: TestClient) -> None:
    assert client.get("/healthz").text == "ok\n"
    assert client.get("/readyz").status_code == 200


def test_without_an_index_the_server_is_up_but_not_ready(writer: KnowledgeBase) -> None:
    with TestClient(create_app(writer.settings, writer)) as client:
        client.app.state.ready.wait(10)  # type: ignore[attr-defined]
        assert client.get("/healthz").status_code == 200
        answer = client.get("/readyz")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert client.get("/api/v1/search?q=chip").status_code == 503
        assert "Nothing is stored yet" in client.get("/").text


def test_openapi_describes_every_route_and_docs_load_nothing_from_elsewhere(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert {"/api/v1/search", "/api/v1/articles/{article_id}", "/api/v1/digests/{week}", "/healthz", "/readyz"} <= set(paths)
    page = client.get("/docs").text
    assert "/api/v1/search" in page
    assert 'src="http' not in page


def test_every_page_renders_with_a_strict_policy(client: TestClient) -> None:
    for path in ("/", "/search?q=maia", "/articles/1", "/articles/2", "/entities", "/entities/tsmc", "/digests",
                 "/digests/2023-W46", "/digests/2019-W01", "/sources", "/docs"):  # fmt: skip
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "<script>" not in answer.text


def test_the_search_page_shows_hits_facets_and_marks(client: TestClient) -> None:
    page = client.get("/search", params={"q": "microsoft custom chip", "group": "none"}).text
    assert "<mark>Microsoft</mark>" in page
    assert "<mark>微软</mark>" in page
    assert "/search?q=microsoft+custom+chip&amp;group=none&amp;lang=zh" in page
    filtered = client.get("/search", params={"q": "microsoft custom chip", "lang": "zh"}).text
    assert "<mark>Microsoft</mark>" not in filtered
    assert client.get("/search", params={"q": "knitting patterns for beginners"}).text.count("Nothing relevant was found") == 1


@pytest.mark.parametrize(
    ("path", "status"),
    [("/search?q=a&lang=fr", 400), ("/articles/999", 404), ("/entities/nonsense", 404), ("/digests/x", 400), ("/nope", 404)],
)
def test_a_wrong_address_gets_a_page_that_says_so(client: TestClient, path: str, status: int) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")


def test_crawled_text_is_shown_as_text(writer: KnowledgeBase) -> None:
    attack = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    evil = article(f"Chip news {attack}", f"TSMC says {attack} in this chip report. More text follows here.", source=attack)
    writer.ingest([evil], NOW)
    writer.refresh(NOW)
    with TestClient(create_app(writer.settings, writer)) as client:
        for path in ("/", "/search?q=chip+report", "/articles/1", "/entities/tsmc", "/digests/2023-W46", "/sources",
                     "/api/v1/digests/2023-W46?format=html"):  # fmt: skip
            page = client.get(path).text
            assert "<script>alert" not in page, path
            assert "<img src=x" not in page, path


def test_an_article_of_which_only_the_headline_is_kept_links_out(writer: KnowledgeBase) -> None:
    writer.ingest([replace(article("Nvidia ships H200"), text="", url="https://closed.example/a")], NOW)
    writer.refresh(NOW)
    with TestClient(create_app(writer.settings, writer)) as client:
        page = client.get("/articles/1").text
    assert "Only the headline is kept here. The article is at" in page
    assert page.count('href="https://closed.example/a"') == 2


def test_a_foreign_host_name_is_refused(client: TestClient) -> None:
    assert client.get("/", headers={"host": "evil.example"}).status_code == 421
    assert client.get("/", headers={"host": "127.0.0.1:8700"}).status_code == 200


def test_a_damaged_query_parameter_never_breaks_the_error_page(client: TestClient) -> None:
    answer = client.get("/search?q=%00%ff%fe&k=%ED%A0%80")
    assert answer.status_code in (200, 400)


def test_static_files_are_served_under_hashed_names_for_good(client: TestClient) -> None:
    page = client.get("/").text
    start = page.index("/static/chipwire.")
    sheet = client.get(page[start : page.index('"', start)])
    assert sheet.headers["cache-control"].endswith("immutable")
    assert client.get("/static/../pages.py").status_code == 404


def test_the_price_of_renting_is_found_from_chinese(client: TestClient) -> None:
    hits = client.get("/api/v1/search", params={"q": "英伟达 租赁 DGX 价格"}).json()["hits"]
    assert hits[0]["title"] == DGX.title


@pytest.mark.parametrize(
    "path",
    ["/api/v1/articles/{n}", "/api/v1/stories/{n}", "/api/v1/digests/2023-W47?version={n}", "/api/v1/searches/{n}",
     "/articles/{n}", "/stories/{n}", "/digests/2023-W47?version={n}", "/searches/{n}", "/api/v1/jobs/{n}"],
)  # fmt: skip
def test_a_number_of_more_than_64_bits_is_the_number_of_nothing(client: TestClient, path: str) -> None:
    assert client.get(path.format(n=159218938694091916967936)).status_code in (400, 404)
