"""The commands and routes by which people judge what was read of entities."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from api.cli import app as cli
from index.errors import WriterBusy
from index.knowledge_base import KnowledgeBase
from index.settings import Settings
from tests.conftest import NOW, article
from tests.index.knowledge.test_curation import FRUIT, ZETA

Run = Callable[..., Any]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command on a folder with the fruit and three articles on a chip that the catalogue lacks; returns its JSON."""
    monkeypatch.setenv("CHIPWIRE_MODEL", "none")
    monkeypatch.setenv("CHIPWIRE_HOME", str(tmp_path / "home"))
    lines = [
        json.dumps({"url": each.url, "title": each.title, "text": each.text, "published": "2024-05-01", "source": "x"})
        for each in (FRUIT, *ZETA, article("Arm and Intel", "Arm sued. Intel said nothing."))
    ]
    (tmp_path / "in.jsonl").write_text("\n".join(lines), encoding="utf-8")

    def invoke(*arguments: str, code: int = 0) -> Any:
        result = CliRunner().invoke(cli, [*arguments, "--json"])
        assert result.exit_code == code, result.output + str(result.exception)
        return json.loads(result.stdout) if code == 0 else result

    invoke("import", str(tmp_path / "in.jsonl"))
    return invoke


def test_review_lists_and_a_decision_settles(run: Run) -> None:
    [review] = [each for each in run("review")["reviews"] if each["surface"] == "Apple"]
    assert (review["id"], review["linked"], review["article"]["title"]) == ("apple", False, FRUIT.title)
    decision = run("review", "accept", str(review["article"]["article_id"]), "Apple", "--note", "a price list")
    assert (decision["kind"], decision["note"]) == ("right-link", "a price list")
    assert [each for each in run("review")["reviews"] if each["surface"] == "Apple"] == []
    assert run("search", "entity:apple")["total"] == 1
    run("correct", "undo", str(decision["id"]))
    assert run("search", "entity:apple")["total"] == 0


def test_a_link_is_corrected_in_search_at_once(run: Run) -> None:
    [hit] = run("search", "entity:intel")["hits"]
    decision = run("correct", "unlink", str(hit["article_id"]), "Intel", "intel")
    assert run("search", "entity:intel")["total"] == 0
    assert [each["id"] for each in run("correct", "list")["corrections"]] == [decision["id"]]
    run("correct", "link", str(hit["article_id"]), "nothing", "amd")
    assert run("search", "entity:amd title:arm")["total"] == 1


def test_a_decision_made_while_another_process_writes_waits_for_it(run: Run, tmp_path: Path) -> None:
    [hit] = run("search", "entity:intel")["hits"]
    article_id = str(hit["article_id"])
    settings = Settings(home=tmp_path / "home", model="none")
    with KnowledgeBase.open(settings, writer=True) as writer:
        left = run("correct", "unlink", article_id, "Intel", "intel", "--note", "a namesake")
        assert left["waiting"] and left["note"] == "a namesake"
        listed = run("correct", "list")
        assert (listed["corrections"], [each["why"] for each in listed["left"]]) == ([], [None])
        assert "does not have" in run("correct", "unlink", article_id, "Marvell", code=1).exception.message, (
            "nothing waits for nothing"
        )
        assert "There is no claim 999" in run("ledger", "wrong", "999", code=1).exception.message
        assert "no decision 999" in run("correct", "undo", "999", code=1).exception.message
        writer.refresh(NOW)
    assert run("search", "entity:intel")["total"] == 0
    [made] = run("correct", "list")["corrections"]
    assert (made["kind"], made["note"]) == ("wrong-link", "a namesake")
    assert run("correct", "list")["left"] == []


def test_what_concerns_the_catalogue_does_not_wait(run: Run, tmp_path: Path) -> None:
    merged = run("correct", "merge", "arm", "softbank")
    with KnowledgeBase.open(Settings(home=tmp_path / "home", model="none"), writer=True):
        assert run("correct", "undo", str(merged["id"]), code=1).exception.hint == "Stop it, and try again."
        assert isinstance(run("correct", "merge", "amd", "intel", code=1).exception, WriterBusy)
    assert run("correct", "list")["left"] == []


def test_proposals_become_entities(run: Run) -> None:
    [proposal] = run("proposals")["proposals"]
    assert (proposal["name"], proposal["maker"], len(proposal["articles"])) == ("Zephyrus", "amd", 3)
    assert run("proposals", "accept", "Zephyrus", "--maker", "AMD")["subject"] == "amd-zephyrus"
    assert run("search", "chip:Zephyrus", "--group", "none")["total"] == 3
    assert run("proposals")["proposals"] == []
    assert [m["id"] for m in run("entities", "Zephyrus by AMD")["mentions"]] == ["amd-zephyrus", "amd"]


def test_entities_merge_and_split(run: Run) -> None:
    merged = run("correct", "merge", "arm", "softbank")
    assert run("search", "entity:softbank")["total"] == 1
    run("correct", "undo", str(merged["id"]))
    assert run("search", "entity:softbank")["total"] == 0
    run("correct", "split", "intel", "Intel", "--into", "intel-the-pub", "--called", "The Intel")
    assert run("search", "entity:intel-the-pub")["total"] == 1


def test_a_filter_asks_what_articles_are_about(run: Run) -> None:
    [hit] = run("search", "about:amd", "--group", "none")["hits"]
    assert hit["title"] == "AMD readies an accelerator"
    assert run("search", "tsmc", "--about", "TSMC")["total"] == 0
    assert run("search", "tsmc", "--entity", "TSMC")["total"] == 1


def test_the_catalogue_is_listed_searched_and_shown(run: Run) -> None:
    everything = run("entities", "--list")
    assert everything["entities"][0]["articles"] >= 3, "the most mentioned first"
    assert run("entities", "--list", "昇騰910B")["entities"][0]["id"] == "huawei-ascend-910b"
    companies = run("entities", "--list", "intel", "--kind", "company")["entities"]
    assert "intel" in {each["id"] for each in companies}
    assert {each["kind"] for each in companies} == {"company"}
    shown = run("entities", "--show", "英特尔")
    assert (shown["id"], shown["articles"], shown["latest"][0]["title"]) == ("intel", 1, "Arm and Intel")


def test_an_entity_is_shown_in_words(run: Run) -> None:
    shown = CliRunner().invoke(cli, ["entities", "--show", "microsoft-athena"])
    assert shown.exit_code == 0, shown.output
    assert "maker: Microsoft" in shown.output
    assert "雅典娜" in shown.output
    assert "in 0 articles" in shown.output
    unknown = CliRunner().invoke(cli, ["entities", "--show", "nobody-at-all"])
    assert "nobody-at-all" in str(unknown.exception)


def test_the_catalogue_is_checked(run: Run) -> None:
    document = run("catalogue", "check")
    assert document["ok"]
    assert document["errors"] == []
    assert document["counts"]["entities"] > 1000


@pytest.mark.parametrize(
    ("arguments", "code", "why"),
    [
        (("correct", "undo", "99"), 1, "no decision 99"),
        (("correct", "link", "99", "Apple", "apple"), 1, "no article 99"),
        (("correct", "merge", "nvidia", "nobody-at-all"), 1, "no entity"),
        (("review", "-k", "0"), 2, "from 1 to 1000"),
        (("proposals", "accept", "紫电"), 2, "No id can be made"),
    ],
)
def test_what_is_wrong_is_one_line(run: Run, arguments: tuple[str, ...], code: int, why: str) -> None:
    from api.errors import exit_code

    result = CliRunner().invoke(cli, list(arguments))
    assert result.exit_code != 0
    assert why in str(result.exception)
    assert exit_code(result.exception) == code  # type: ignore[arg-type]


def test_the_routes_answer_with_the_same(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from api.app import create_app
    from index.settings import Settings

    with TestClient(create_app(Settings(home=tmp_path / "home", model="none")), base_url="http://127.0.0.1") as client:
        assert client.get("/api/v1/entities/review").json()["reviews"] == run("review")["reviews"]
        assert client.get("/api/v1/entities/proposals").json() == run("proposals")
        assert client.get("/api/v1/entities/corrections").json() == run("correct", "list") == {"corrections": [], "left": []}
        chips = client.get("/api/v1/entities", params={"q": "TPU v5", "kind": "chip"}).json()["entities"]
        assert {each["id"] for each in chips} == {"google-tpu-v5", "google-tpu-v5e", "google-tpu-v5p"}
        assert client.get("/api/v1/entities", params={"kind": "fruit"}).status_code == 400
        assert client.get("/api/v1/search", params={"q": "chip", "about": "amd"}).json()["articles"] == 1
        assert client.get("/api/v1/entities/review", params={"k": 0}).status_code == 400
        entity = client.get("/api/v1/entities/nvidia").json()
        assert (entity["wikidata"], entity["about"]) == ("Q182477", 0)
