"""The pages as a reader without JavaScript has them: every state is an address."""

import re
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from index.knowledge_base import KnowledgeBase
from tests.conftest import MAIA, MAIA_ZH, NOW


@pytest.fixture
def client(filled: KnowledgeBase) -> Iterator[TestClient]:
    with TestClient(create_app(filled.settings, filled), raise_server_exceptions=False) as client:
        client.app.state.ready.wait(10)  # type: ignore[attr-defined]
        yield client


def test_a_browser_that_asks_for_chinese_gets_the_interface_in_chinese(client: TestClient) -> None:
    page = client.get("/", headers={"Accept-Language": "zh-CN,zh;q=0.9"})
    assert '<html lang="zh-Hans">' in page.text
    assert "最新资讯" in page.text
    assert "Accept-Language" in page.headers["Vary"]


def test_the_language_is_chosen_once_and_the_reader_is_back_where_they_were(client: TestClient) -> None:
    page = client.get("/search?q=Maia")
    [link] = re.findall(r'href="(/language/zh\?[^"]+)"', page.text)
    back = client.get(link.replace("&amp;", "&"))
    assert str(back.url).endswith("/search?q=Maia")
    assert "最相关" in back.text


@pytest.mark.parametrize(
    "to", ["//evil.example/", "https://evil.example/", "/\\evil.example", "/\r\nSet-Cookie: a=b", "javascript:alert(1)"]
)
def test_choosing_a_language_leads_to_no_other_site(client: TestClient, to: str) -> None:
    answer = client.get("/language/zh", params={"to": to}, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/"


def test_an_interface_in_an_unknown_language_is_not_found(client: TestClient) -> None:
    assert client.get("/language/xx").status_code == 404


@pytest.mark.parametrize(
    "path",
    ["/", "/search?q=Maia&lang=zh", "/articles/1", "/entities", "/entities/nvidia", "/digests/2023-W46", "/sources", "/status"],
)
def test_every_page_names_its_json_which_is_there(client: TestClient, path: str) -> None:
    page = client.get(path)
    [data] = re.findall(r'<link rel="alternate" type="application/json" href="([^"]+)"', page.text)
    answer = client.get(data.replace("&amp;", "&"))
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].startswith("application/json")


def test_a_bar_of_the_histogram_narrows_the_search(client: TestClient) -> None:
    page = client.get("/search", params={"q": "Microsoft OR DGX"})
    bars = re.findall(r'<a href="(/search\?[^"]*after=[^"]*)" tabindex="-1">', page.text)
    assert bars
    narrowed = client.get(bars[0].replace("&amp;", "&"))
    assert narrowed.status_code == 200
    assert "from " in narrowed.text, "what narrows the search stands there, to be taken out again"


def test_facets_of_companies_and_chips_set_the_same_parameter(client: TestClient) -> None:
    page = client.get("/search", params={"q": "chip 芯片", "entity": "microsoft"})
    assert re.search(r'class="chosen"[^>]*><span>✓ Microsoft', page.text)
    assert MAIA.title.split()[0] in page.text


def test_a_search_for_nothing_is_the_first_page(client: TestClient) -> None:
    assert client.get("/search?q=%20").url.path == "/"


def test_chinese_headlines_are_glossed_for_readers_of_english_only(client: TestClient) -> None:
    english = client.get("/search", params={"q": "Microsoft Maia", "lang": "zh"})
    assert MAIA_ZH.title[:4] in re.sub("</?mark>", "", english.text)
    assert 'class="gloss"' in english.text
    chinese = client.get("/search", params={"q": "Microsoft Maia", "lang": "zh"}, headers={"Accept-Language": "zh"})
    assert 'class="gloss"' not in chinese.text


def test_the_first_page_shows_what_moved_and_how_much_was_published(client: TestClient) -> None:
    page = client.get("/").text
    assert "Articles a day" in page
    assert "<svg" in page
    assert "As a table" in page


def test_entities_that_no_article_names_are_listed_on_request(client: TestClient) -> None:
    named, everything = client.get("/entities").text, client.get("/entities?all=1").text
    assert len(everything) > 5 * len(named)


def test_the_first_page_is_light(client: TestClient) -> None:
    page = client.get("/")
    parts = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text))
    assert len(parts) + 1 <= 8
    assert len(page.content) + sum(len(client.get(part).content) for part in parts) <= 60_000
    assert not re.findall(r'(?:src|href)="(?:https?:)?//(?!testserver)[^"]*\.(?:js|css|woff2?|png)', page.text)


def test_a_story_shows_how_it_was_told_and_what_each_article_added(client: TestClient, filled: KnowledgeBase) -> None:
    story = next(story for story in filled.stories() if len(story.members) > 1)
    page = client.get(f"/stories/{story.id}").text
    for member in story.members:
        assert f'href="/articles/{member.article.id}"' in page
        assert member.article.title in page
    assert 'class="original"' in page
    assert client.get(f"/stories/{story.id}.json", follow_redirects=True).json()["id"] == story.id


def test_a_story_that_is_not_there_is_not_found(client: TestClient) -> None:
    assert client.get("/stories/999999").status_code == 404


def test_a_story_that_was_merged_leads_to_what_it_became(client: TestClient, filled: KnowledgeBase) -> None:
    one, other = sorted(story.id for story in filled.stories())[:2]
    filled.story_desk.merge([one, other], NOW)
    filled.refresh(NOW)
    [kept] = {filled.story_desk.story(each).story.id for each in (one, other)}
    gone = one if kept == other else other
    answer = client.get(f"/stories/{gone}", follow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (308, f"/stories/{kept}")


def test_an_entity_shows_when_it_was_named_and_who_supplies_it(client: TestClient) -> None:
    assert "Articles over time" in client.get("/entities/nvidia").text
    assert "Supply chain" in client.get("/entities/microsoft").text


def test_an_article_lists_its_claims_each_leading_to_its_sentence(client: TestClient, filled: KnowledgeBase) -> None:
    article = next(a for a in filled.latest() if any(c.field == "text" for c in filled.ledger.article(a.id)))
    page = client.get(f"/articles/{article.id}").text
    [first, *_] = re.findall(rf'href="(/articles/{article.id}\?said=\d+)#said"', page)
    assert '<mark id="said">' in client.get(first).text


@pytest.mark.parametrize(
    ("page", "feed"),
    [
        ("/search?q=Maia+100&lang=zh&after=2023", "/api/v1/feeds/atom/search?q=Maia+100&lang=zh"),
        ("/entities/tsmc", "/api/v1/feeds/atom/entities/tsmc"),
        ("/sources/hyperscale", "/api/v1/feeds/atom/sources/hyperscale"),
        ("/digests", "/api/v1/feeds/atom/digests"),
    ],
)
def test_what_can_be_followed_says_where(client: TestClient, page: str, feed: str) -> None:
    text = client.get(page).text
    [found] = re.findall(r'<link rel="alternate" type="application/atom\+xml" [^>]*href="([^"]+)"', text)
    assert found.replace("&amp;", "&") == feed
    assert f'<a href="{found}">Feed</a>' in text
    assert client.get(feed).headers["content-type"].startswith("application/atom+xml")


@pytest.mark.parametrize("page", ["/search?q=Maia+100&lang=zh&month=2023-11", "/entities/tsmc/claims"])
def test_a_list_leads_to_its_table(client: TestClient, page: str) -> None:
    [table] = re.findall(r'<a href="([^"]+)">This list as CSV</a>', client.get(page).text)
    answer = client.get(table.replace("&amp;", "&"))
    assert answer.headers["content-type"].startswith("text/csv")
    assert len(answer.text.splitlines()) > 1


def test_two_entities_stand_side_by_side_each_cell_with_its_sentence(client: TestClient, filled: KnowledgeBase) -> None:
    one, other = sorted({claim.entity_id for claim in filled.ledger.everything()}, reverse=True)[:2]
    page = client.get(f"/compare?entity={one}&entity={other}").text
    assert page.index(f'href="/entities/{one}"') < page.index(f'href="/entities/{other}"')
    assert "<blockquote" in page
    assert re.search(r'href="/articles/\d+\?said=\d+#said"', page)


@pytest.mark.parametrize("query", ["", "?entity=nvidia", "?entity=nvidia&entity=NVIDIA"])
def test_with_fewer_than_two_there_is_a_form_and_no_table(client: TestClient, query: str) -> None:
    page = client.get(f"/compare{query}")
    assert page.status_code == 200
    assert "<table" not in page.text
    assert page.text.count('name="entity"') == 4


def test_a_name_that_nothing_has_is_not_compared(client: TestClient) -> None:
    assert client.get("/compare?entity=nvidia&entity=nonsense").status_code == 404
    assert client.get("/compare?entity=amd&entity=intel&entity=nvidia&entity=tsmc&entity=microsoft").status_code == 400
