"""Saved searches over HTTP and by command, as a tool would use them; and that other sites' pages may not."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from lxml import etree
from typer.testing import CliRunner

from api.app import create_app
from api.cli import app
from index.knowledge_base import KnowledgeBase
from tests.conftest import DGX, MAIA, MAIA_ZH, NOW, article

SEARCHES = "/api/v1/searches"
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def client(writer: KnowledgeBase) -> Iterator[TestClient]:
    writer.ingest([DGX], NOW)
    writer.refresh(NOW)
    with TestClient(create_app(writer.settings, writer), raise_server_exceptions=False) as client:
        client.app.state.ready.wait(10)  # type: ignore[attr-defined]
        yield client


def save(client: TestClient, **values: object) -> dict[str, Any]:
    answer = client.post(SEARCHES, json={"name": "mine", "query": "Maia 100", **values})
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == f"{SEARCHES}/{answer.json()['id']}"
    made: dict[str, Any] = answer.json()
    return made


def bring(kb: KnowledgeBase, *articles: object) -> None:
    kb.ingest(articles or [MAIA, MAIA_ZH], NOW)  # type: ignore[arg-type]
    kb.refresh(NOW)


def test_a_search_is_saved_told_of_and_removed(client: TestClient, writer: KnowledgeBase) -> None:
    made = save(client, filters={"lang": ["zh"]}, new_claims=False)
    bring(writer)
    assert [each["alerts"] for each in client.get(SEARCHES).json()["searches"]] == [1]
    document = client.get(f"{SEARCHES}/{made['id']}/alerts").json()
    [alert] = document["alerts"]
    assert (alert["title"], alert["lang"], document["next_before"]) == (MAIA_ZH.title, "zh", None)
    assert alert["why"]["similarity"] is not None
    assert client.delete(f"{SEARCHES}/{made['id']}").status_code == 204
    assert client.get(f"{SEARCHES}/{made['id']}").status_code == 404
    assert client.get(SEARCHES).json() == {"searches": []}


def test_alerts_are_paged_through(client: TestClient, writer: KnowledgeBase) -> None:
    made = save(client, query="Microsoft OR NVIDIA OR SK hynix")
    for number in range(3):
        bring(writer, article(f"NVIDIA part {number}", f"NVIDIA has news number {number}, of {'abc'[number] * 9}."))
    seen: list[int] = []
    before: object = ""
    while before is not None:
        page = client.get(f"{SEARCHES}/{made['id']}/alerts?k=1" + (f"&before={before}" if before else "")).json()
        seen += [alert["id"] for alert in page["alerts"]]
        before = page["next_before"]
    assert len(seen) >= 1 and seen == sorted(seen, reverse=True)
    assert len(seen) == client.get(f"{SEARCHES}/{made['id']}").json()["alerts"]


def test_the_feed_says_why_and_an_unchanged_one_stays_the_same(client: TestClient, writer: KnowledgeBase) -> None:
    made = save(client, name="微软 & <chips>")
    bring(writer)
    address = f"/api/v1/feeds/atom/searches/{made['id']}"
    answer = client.get(address)
    assert answer.headers["Content-Type"].startswith("application/atom+xml")
    feed = etree.fromstring(answer.content)
    assert feed.findtext(f"{ATOM}title") == "Chipwire: 微软 & <chips>"
    [entry] = feed.findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") in (MAIA.title, MAIA_ZH.title)
    assert "names Microsoft" in str(entry.findtext(f"{ATOM}summary"))
    assert client.get(address).content == answer.content


def test_the_secret_is_told_once(client: TestClient) -> None:
    made = save(client, webhook="https://hooks.example/x")
    assert len(made["secret"]) >= 40
    for path in ("", f"/{made['id']}", f"/{made['id']}/alerts", f"/{made['id']}/deliveries"):
        assert made["secret"] not in client.get(SEARCHES + path).text


def test_a_test_is_put_on_its_way(client: TestClient) -> None:
    made = save(client, query="DGX Cloud", webhook="https://hooks.invalid/x", mail=["ada@example.com"])
    answer = client.post(f"{SEARCHES}/{made['id']}/test")
    assert answer.status_code == 202
    found = client.get(f"{SEARCHES}/{made['id']}/deliveries").json()["deliveries"]
    assert sorted(each["key"] for each in found) == sorted(answer.json()["keys"])
    assert client.post(f"{SEARCHES}/{save(client, name='b')['id']}/test").status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        "[]", "{}", '{"name": "a"}', '{"name": 1, "query": "b"}', '{"name": "a", "query": ""}', "nonsense", '{"name": NaN}',
        '{"name": "a", "query": "b", "colour": 1}', '{"name": "a", "query": "b", "filters": []}',
        '{"name": "a", "query": "b", "filters": {"lang": [1]}}', '{"name": "a", "query": "b", "filters": {"lang": "fr"}}',
        '{"name": "a", "query": "b", "mail": ["x"]}', '{"name": "a", "query": "b", "new_claims": 1}',
        '{"name": "a", "query": "b", "mail_every": "hourly"}', '{"name": "a", "query": "b", "webhook": "http://127.0.0.1/"}',
        '{"name": "a", "query": "b", "webhook": "http://169.254.169.254/"}', '{"name": "a", "query": "b", "webhook": 5}',
        '{"name": "a", "query": "\\ud800"}', '{"name": "a", "query": "b", "filters": {"\\ud800": "x"}}',
        '{"name": "a", "query": "b", "mail": {"a": 1}}', "[" * 50_000, '{"name": "' + "x" * 200_000 + '"}',
    ],
)  # fmt: skip
def test_what_is_not_a_search_is_one_clear_problem(client: TestClient, body: str) -> None:
    answer = client.post(SEARCHES, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert client.get(SEARCHES).json() == {"searches": []}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/9", 404), ("/-1", 404), ("/0/alerts", 404), (f"/{9**40}", 404), ("/x", 400), ("/1/alerts?k=0", 400),
        ("/1/alerts?k=9999", 400), ("/1/alerts?before=-5", 200), (f"/1/alerts?before={9**40}", 200),
        ("/1/deliveries?k=0", 400),
    ],
)  # fmt: skip
def test_numbers_out_of_bounds_are_told(client: TestClient, path: str, status: int) -> None:
    save(client)
    assert client.get(SEARCHES + path).status_code == status


OTHERS = [
    {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
    {"Origin": "http://testserver.evil.example"},
]  # fmt: skip


@pytest.mark.parametrize("headers", OTHERS)
def test_no_page_of_another_site_changes_anything(client: TestClient, headers: dict[str, str]) -> None:
    made = save(client)
    number = made["id"]
    form = {"name": "x", "q": "nvidia"}
    assert client.post(SEARCHES, json={"name": "x", "query": "y"}, headers=headers).status_code == 403
    assert client.delete(f"{SEARCHES}/{number}", headers=headers).status_code == 403
    assert client.post(f"{SEARCHES}/{number}/test", headers=headers).status_code == 403
    assert client.post("/searches", data=form, headers=headers).status_code == 403
    assert client.post(f"/searches/{number}/remove", data={"sure": "yes"}, headers=headers).status_code == 403
    assert [each["name"] for each in client.get(SEARCHES).json()["searches"]] == ["mine"]


def test_a_form_of_another_kind_saves_nothing(client: TestClient) -> None:
    body = '{"name": "x", "query": "y"}'
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        assert client.post(SEARCHES, content=body, headers={"Content-Type": kind}).status_code == 400


def run(kb: KnowledgeBase, *arguments: str, code: int = 0) -> Any:
    result = CliRunner().invoke(app, ["--home", str(kb.settings.home), "searches", *arguments])
    assert result.exit_code == code, result.output + str(result.exception)
    return json.loads(result.stdout) if "--json" in arguments else result.stdout


def test_the_commands_save_show_and_remove(writer: KnowledgeBase) -> None:
    assert "None is saved yet" in run(writer, "list")
    made = run(writer, "add", "mine", "Maia 100", "--lang", "zh", "--webhook", "https://hooks.example/x", "--json")
    assert (made["filters"]["lang"], bool(made["secret"])) == (["zh"], True)
    bring(writer)
    assert MAIA_ZH.title in run(writer, "show", "mine")
    assert "1 alerts" in run(writer, "list")
    assert run(writer, "deliveries", "mine", "--json")["deliveries"][0]["state"] == "waiting"
    assert run(writer, "remove", str(made["id"])) == "Removed mine.\n"
    assert run(writer, "list", "--json") == {"searches": []}


def test_deliver_and_test_work_without_a_server(writer: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.api.receivers import web_server

    bring(writer)
    with web_server() as hook:
        monkeypatch.setenv("CHIPWIRE_LOOPBACK_PORTS", str(hook.port))
        monkeypatch.setenv("CHIPWIRE_MODEL", "none")
        run(writer, "add", "mine", "DGX", "--webhook", hook.url)
        assert "answered 204" in run(writer, "test", "mine")
        assert json.loads(hook.requests[0][2])["type"] == "test"
        bring(writer, DGX)
        assert run(writer, "deliver", "--json") == {"attempts": 1, "waiting": 0}
        hook.answers = [(500, {})]
        assert "waiting" in run(writer, "test", "mine", code=1)
    assert len(hook.requests) == 3


def test_a_command_works_while_another_process_writes(writer: KnowledgeBase) -> None:
    assert writer.store.writable, "the fixture holds the writer lock"
    run(writer, "add", "mine", "nvidia")
    assert [each.name for each in writer.searches.all()] == ["mine"]
