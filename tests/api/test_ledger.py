"""The ledger as users meet it: commands, the API, pages, files."""

import csv
import io
import json
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.claim_documents import COLUMNS, ledger_lines
from index.knowledge_base import KnowledgeBase
from index.settings import Settings
from index.store.database import FILE_NAME
from tests.api.test_cli import run
from tests.conftest import CORPUS, NOW, article
from tests.index.knowledge.ledger.stored import stored
from tests.index.knowledge.ledger.test_ledger import ATHENA, ATHENA_ZH, OTHER_POWER, POWER

ARTICLES = (*CORPUS, ATHENA, ATHENA_ZH, POWER, OTHER_POWER)


@pytest.fixture
def client(writer: KnowledgeBase) -> Iterator[TestClient]:
    writer.ingest(ARTICLES, NOW)
    writer.refresh(NOW)
    with TestClient(create_app(writer.settings, writer), raise_server_exceptions=False) as client:
        client.app.state.ready.wait(10)  # type: ignore[attr-defined]
        yield client


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    with KnowledgeBase.open(Settings(home=home, model="none"), writer=True) as kb:
        kb.ingest(ARTICLES, NOW)
        kb.refresh(NOW)
    return home


@pytest.mark.parametrize("name", ["microsoft-athena", "Athena", "雅典娜"])
def test_a_claim_is_found_by_any_name_with_its_sentences_and_their_sources(client: TestClient, name: str) -> None:
    document = client.get("/api/v1/claims", params={"entity": name}).json()
    assert document["entity"]["id"] == "microsoft-athena"
    [claim] = [claim for claim in document["claims"] if claim["attribute"] == "developer"]
    assert (claim["value"], claim["status"], claim["cited"]) == ("Microsoft", "reported", ["the-information"])
    assert (claim["articles"], claim["origins"]) == (2, ["the-information"])
    assert {source["quote"] for source in claim["sources"]} == {ATHENA.text, ATHENA_ZH.text}
    assert {source["url"] for source in claim["sources"]} == {ATHENA.url, ATHENA_ZH.url}
    assert claim["event"]["text"] == "2023-04-18"


def test_chips_stand_side_by_side_and_a_contradiction_shows_in_its_cell(client: TestClient) -> None:
    document = client.get("/api/v1/compare", params={"entity": ["Gaudi 3", "microsoft-maia-100,H800"], "k": 1}).json()
    chips = ["intel-gaudi3", "microsoft-maia-100", "nvidia-h800"]
    assert [each["id"] for each in document["entities"]] == chips
    rows = {row["attribute"]: row["cells"] for row in document["rows"]}
    assert all([cell["entity"] for cell in cells] == chips for cells in rows.values())
    power = rows["power"][0]
    assert (power["total"], len(power["entries"]), len(power["contradicting"])) == (2, 1, 1)
    assert power["entries"][0]["claim_id"] in power["contradicting"][0]["claims"]
    assert power["entries"][0]["quote"] in POWER.text
    assert power["entries"][0]["value"] == "900 W", "what the company announced stands before what somebody states"
    assert [(cell["total"], [entry["value"] for entry in cell["entries"]]) for cell in rows["maker"]] == [
        (1, ["TSMC"]),
        (1, ["TSMC"]),
        (0, []),
    ]


@pytest.mark.parametrize(
    ("entities", "status"),
    [(["H800"], 400), (["H800", "nvidia-h800"], 400), (["a,b"], 404), (["H100,H800,Maia 100,MI300X,TSMC"], 400)],
)
def test_what_cannot_be_compared_is_refused(client: TestClient, entities: list[str], status: int) -> None:
    assert client.get("/api/v1/compare", params={"entity": entities}).status_code == status


def test_contradictions_stand_side_by_side(client: TestClient) -> None:
    [conflict] = client.get("/api/v1/claims", params={"entity": "Gaudi 3"}).json()["conflicts"]
    assert conflict["attribute"] == "power"
    assert sorted(side["value"] for side in conflict["sides"]) == ["600 W", "900 W"]


def test_claims_are_filtered_and_given_out_in_pages(client: TestClient) -> None:
    def of(**params: object) -> list[str]:
        return [
            claim["attribute"] for claim in client.get("/api/v1/claims", params={"entity": "intel", **params}).json()["claims"]
        ]

    assert set(of()) == {"power", "maker"}
    assert of(attribute="made by") == ["maker"]
    assert of(status="announced", attribute="power") == ["power"]
    assert of(source="other") == ["power"]
    assert of(lang="zh") == of(before="2023-01") == []
    first = client.get("/api/v1/claims", params={"entity": "intel", "k": 2}).json()
    rest = client.get("/api/v1/claims", params={"entity": "intel", "k": 2, "cursor": first["next_cursor"]}).json()
    assert (len(first["claims"]), len(rest["claims"]), rest["next_cursor"]) == (2, first["total"] - 2, None)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("claims", 400),
        ("claims?entity=nonsense", 404),
        ("claims?entity=nvidia&k=0", 400),
        ("claims?entity=nvidia&k=" + "9" * 400, 400),
        ("claims?entity=nvidia&cursor=-1", 400),
        ("claims?entity=nvidia&attribute=colour", 400),
        ("claims?entity=nvidia&status=sure", 400),
        ("claims?entity=nvidia&after=someday", 400),
        ("claims?entity=" + "x" * 300, 400),
        ("timeline?entity=nvidia&k=1001", 400),
        ("claims/export?format=xls", 400),
        ("relations", 400),
    ],
)
def test_wrong_questions_are_refused_with_a_problem_document(client: TestClient, path: str, status: int) -> None:
    answer = client.get(f"/api/v1/{path}")
    assert answer.status_code == status
    assert answer.json()["status"] == status


def test_the_timeline_has_events_by_their_day_and_reports_apart(client: TestClient) -> None:
    document = client.get("/api/v1/timeline", params={"entity": "microsoft-athena"}).json()
    [moment] = [moment for moment in document["timeline"] if moment["attribute"] == "developer"]
    assert (moment["date"], moment["reported"]) == ("2023-04-18", "2023-04-19")
    maia = client.get("/api/v1/timeline", params={"entity": "Maia 100"}).json()
    assert [(each["attribute"], each["reached"]) for each in maia["roadmap"]] == [("deployment", False)]


def test_relations_rumours_and_reliability_have_their_own_addresses(client: TestClient) -> None:
    ties = client.get("/api/v1/relations", params={"entity": "台积电"}).json()["relations"]
    assert ("microsoft-maia-100", "maker", "tsmc") in {(tie["subject"], tie["relation"], tie["object"]) for tie in ties}
    rumours = client.get("/api/v1/rumours", params={"entity": "microsoft-athena"}).json()["rumours"]
    assert {rumour["state"] for rumour in rumours} <= {"reported", "corroborated", "confirmed", "denied", "expired"}
    assert rumours[0]["steps"][0]["source"]["quote"]
    assert any(each["origin"] == "the-information" for each in client.get("/api/v1/reliability").json()["origins"])
    assert {"id": "power", "name": "Power", "zh": "功耗"} in client.get("/api/v1/attributes").json()["attributes"]


def test_the_ledger_is_given_out_as_csv_and_as_json_lines(client: TestClient) -> None:
    answer = client.get("/api/v1/claims/export")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    lines = [json.loads(line) for line in client.get("/api/v1/claims/export?format=jsonl").text.splitlines()]
    assert len(rows) == len(lines) > 10
    assert [row["quote"] for row in rows] == [line["quote"] for line in lines]
    only = client.get("/api/v1/claims/export?format=jsonl&entity=gaudi 3&attribute=power").text.splitlines()
    assert {json.loads(line)["low"] for line in only} == {900.0, 600.0}


def test_no_cell_of_a_file_is_a_formula() -> None:
    hostile = stored(quote='=HYPERLINK("http://evil.example")', title="@sum", written="-1+1", source="\tx", low=-5.0)
    [_, row] = csv.reader(io.StringIO("".join(ledger_lines([hostile], "csv", str))))
    cells = dict(zip(COLUMNS, row, strict=True))
    assert (cells["quote"][:2], cells["title"], cells["written"], cells["source"]) == ("'=", "'@sum", "'-1+1", "'\tx")
    assert cells["low"] == "-5.0"  # a number is one


def test_the_page_of_an_entity_shows_claims_with_their_sentence_one_click_away(client: TestClient) -> None:
    page = client.get("/entities/microsoft-athena").text
    assert "2 articles, 1 origin" in page
    address = re.search(r'href="(/articles/\d+\?said=\d+)#said"', page[page.index("<blockquote") :])
    assert address is not None
    article_page = client.get(address[1]).text
    marked = re.search(r'<mark id="said">(.*?)</mark>', article_page, re.DOTALL)
    assert marked is not None
    assert re.sub(r"<[^>]+>", "", marked[1]) in (ATHENA.text, ATHENA_ZH.text)


def test_the_pages_of_the_ledger_show_contradictions_promises_and_filters(client: TestClient) -> None:
    page = client.get("/entities/intel-gaudi3/claims").text
    assert "What contradicts" in page and "600 W" in page and "900 W" in page
    assert "made by TSMC" in client.get("/entities/intel-gaudi3/claims?attribute=maker").text
    assert "What contradicts" not in client.get("/entities/intel-gaudi3/claims?attribute=maker").text
    assert "What was promised" in client.get("/entities/microsoft-maia-100/timeline").text
    assert client.get("/entities/nobody/claims").status_code == 404
    assert client.get("/entities/nvidia/claims?from=x").status_code == 400
    assert client.get("/entities/nvidia/claims?attribute=<script>").status_code == 400


@pytest.mark.parametrize("said", ["999999", "x", "-1", "9" * 100, ""])
def test_an_article_is_shown_though_it_has_no_such_claim(client: TestClient, said: str) -> None:
    answer = client.get(f"/articles/1?said={said}")
    assert answer.status_code == 200
    assert "<mark" not in answer.text


def test_quotes_are_shown_as_text(writer: KnowledgeBase) -> None:
    writer.ingest([article("<b>H100</b>", "The <script>alert(1)</script> H100 draws 700 watts.")], NOW)
    writer.refresh(NOW)
    with TestClient(create_app(writer.settings, writer)) as client:
        for path in ("/entities/nvidia-h100", "/entities/nvidia-h100/claims", "/articles/1?said=1"):
            assert "<script>alert" not in client.get(path).text
            assert "alert(1)" in client.get(path).text


def test_claims_and_timeline_print_one_json_document(home: Path) -> None:
    document = json.loads(run("claims", "微软雅典娜", "--json", home=home).stdout)
    assert document["claims"][0]["quote"]
    assert {"entity", "total", "claims", "conflicts"} <= set(document)
    assert json.loads(run("timeline", "Maia 100", "--json", home=home).stdout)["roadmap"]


def test_claims_for_a_person_have_sentence_source_and_counts(home: Path) -> None:
    shown = run("claims", "Gaudi 3", home=home).stdout
    assert "900 W" in shown and "“Intel said Gaudi 3 draws 900 watts.”" in shown
    assert "1 article, 1 origin (Intel itself)" in shown
    assert "Contradiction: Intel Gaudi 3 · Power" in shown
    assert "2023-04-18" in run("timeline", "Athena", home=home).stdout


def test_a_wrong_claim_is_corrected_on_the_command_line_and_stays_so(home: Path) -> None:
    claims = json.loads(run("claims", "Gaudi 3", "--attribute", "power", "--json", home=home).stdout)["claims"]
    [wrong] = [claim["claim_id"] for claim in claims if claim["low"] == 600]
    [right] = [claim["claim_id"] for claim in claims if claim["low"] == 900]
    decision = json.loads(run("ledger", "wrong", str(wrong), "--note", "a misprint", "--json", home=home).stdout)
    assert run("ledger", "change", str(right), "low=850", home=home).returncode == 0
    report = json.loads(run("reprocess", "--all", "--json", home=home).stdout)
    assert (report["claims"]["read"], report["claims"]["changed"]) == (len(ARTICLES), 0)
    [claim] = json.loads(run("claims", "Gaudi 3", "--attribute", "power", "--json", home=home).stdout)["claims"]
    assert (claim["low"], claim["corrected"] is not None) == (850, True)
    assert "a misprint" in run("ledger", "corrections", home=home).stdout
    assert run("ledger", "undo", str(decision["id"]), home=home).returncode == 0
    left = json.loads(run("claims", "Gaudi 3", "--attribute", "power", "--json", home=home).stdout)["claims"]
    assert {claim["low"] for claim in left} == {850, 600}
    [changed] = json.loads(run("ledger", "corrections", "--json", home=home).stdout)["corrections"]
    taken_back = run("correct", "undo", str(changed["id"]), home=home)
    assert "Gaudi 3 power" in taken_back.stdout, "either command takes back either kind of decision"
    assert json.loads(run("ledger", "corrections", "--json", home=home).stdout)["corrections"] == []


def test_reprocess_says_what_improved_rules_changed(home: Path) -> None:
    db = sqlite3.connect(home / FILE_NAME)
    with db:
        db.execute("DELETE FROM claim WHERE attribute = 'power'")
        db.execute("UPDATE claim_reading SET rules = 'older'")
    db.close()
    told = run("reprocess", home=home).stdout
    assert f"claims: {len(ARTICLES)} articles read, 2 changed; 2 came, 0 went" in told
    assert "0 articles read" in run("reprocess", home=home).stdout


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["claims", "nonsense"], 1, "no entity"),
        (["claims", "nvidia", "--attribute", "colour"], 2, "no attribute"),
        (["ledger", "wrong", "99999"], 1, "no claim 99999"),
        (["ledger", "change", "1", "power"], 2, "does not say"),
        (["ledger", "change", "1", "colour=red"], 2, "no 'colour'"),
        (["ledger", "undo", "5"], 1, "no decision 5"),
        (["ledger", "export", "--format", "xls"], 2, "csv or jsonl"),
    ],
)
def test_bad_input_is_one_line(home: Path, arguments: list[str], code: int, says: str) -> None:
    answer = run(*arguments, home=home)
    assert (answer.returncode, answer.stderr.count("\n")) == (code, 1), answer.stderr
    assert says in answer.stderr


def test_the_other_commands_of_the_ledger_answer(home: Path) -> None:
    assert "Made by: TSMC" in run("ledger", "relations", "tsmc", home=home).stdout
    assert "reported 2023-04-19" in run("ledger", "rumours", "microsoft-athena", home=home).stdout
    assert "The Information" in run("ledger", "reliability", home=home).stdout
    assert run("ledger", "export", "--entity", "tsmc", home=home).stdout.startswith("claim_id,entity,")
