"""The command line as a user types it: exit codes, one JSON document, one line for what is wrong."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from index.settings import Settings
from index.store.database import Store
from tests.conftest import CORPUS, MAIA, NOW, KnowledgeBase, clean_environment


def run(
    *arguments: str | bytes, home: Path | None = None, stdin: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    settings = {"CHIPWIRE_MODEL": "none", **environment}
    if home is not None:
        settings["CHIPWIRE_HOME"] = str(home)
    return subprocess.run(
        [sys.executable, "-m", "api", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        input=stdin,
        env=clean_environment(**settings),
    )


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with the corpus, searchable by words."""
    home = tmp_path / "home"
    settings = Settings(home=home, model="none")
    with KnowledgeBase.open(settings, writer=True) as kb:
        kb.ingest(CORPUS, NOW)
        kb.refresh(NOW)
    return home


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    path = tmp_path / "in.jsonl"
    records = [
        {"text": f"Report {n}: the foundry raised prices for wafers.", "url": f"https://a.example/{n}"} for n in range(3)
    ]
    path.write_text("\n".join(json.dumps(record) for record in records), encoding="utf-8")
    return path


def test_search_prints_one_json_document_and_nothing_else(home: Path) -> None:
    answer = run("search", "microsoft custom chip", "--json", "-k", "3", "--group", "none", home=home)
    assert (answer.returncode, answer.stderr) == (0, "")
    document = json.loads(answer.stdout)
    assert {hit["title"] for hit in document["hits"]} == {a.title for a in CORPUS[:2]}


def test_search_for_a_person_marks_the_words(home: Path) -> None:
    answer = run("search", "台積電", home=home)
    assert "*台积电*" in answer.stdout
    assert "https://news.example/" in answer.stdout
    assert "\x1b" not in answer.stdout, "no colours when piped"


def test_home_may_stand_before_or_behind_the_command(home: Path) -> None:
    first = run("--home", str(home), "search", "HBM3E", "--json")
    second = run("search", "HBM3E", "--json", "--home", str(home))
    assert json.loads(first.stdout)["total"] == json.loads(second.stdout)["total"] == 1


def test_import_counts_and_the_second_time_everything_is_a_duplicate(tmp_path: Path, lines: Path) -> None:
    home = tmp_path / "home"
    first = json.loads(run("import", str(lines), "--json", home=home).stdout)
    assert first == {"read": 3, "new": 3, "updated": 0, "duplicate": 0, "rejected": []}
    before = (home / "index" / "CURRENT").read_text()
    second = json.loads(run("import", str(lines), "--json", home=home).stdout)
    assert second == {"read": 3, "new": 0, "updated": 0, "duplicate": 3, "rejected": []}
    assert (home / "index" / "CURRENT").read_text() == before
    assert json.loads(run("search", "wafer prices", "--group", "none", "--json", home=home).stdout)["total"] == 3


def test_a_malformed_line_is_reported_by_number_and_the_rest_is_imported(tmp_path: Path, lines: Path) -> None:
    lines.write_text(lines.read_text() + "\n{broken\n" + '{"text": "The last line is fine again."}', encoding="utf-8")
    answer = run("import", str(lines), "--json", home=tmp_path / "home")
    document = json.loads(answer.stdout)
    assert (answer.returncode, document["new"]) == (0, 4)
    assert [each["line"] for each in document["rejected"]] == [4]
    assert "line 4: not valid JSON" in answer.stderr


def test_a_page_that_is_a_pdf_fails_with_one_line(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(b"%PDF-1.7\n...")
    answer = run("import", str(tmp_path / "a.html"), home=tmp_path / "home")
    assert answer.returncode == 1
    assert answer.stderr == f"{tmp_path / 'a.html'}: this is a PDF, not an HTML page\n"


def test_extract_prints_one_document_or_one_line_a_file(tmp_path: Path) -> None:
    page = (
        "<html><head><title>A headline of the day</title></head><body><article><p>" + "TSMC said more. " * 10 + "</p></article>"
    )
    for name in ("a.html", "b.html"):
        (tmp_path / name).write_text(page, encoding="utf-8")
    one = run("extract", str(tmp_path / "a.html"), "--url", "https://a.example/x", "--json")
    document = json.loads(one.stdout)
    assert {"title", "author", "published", "modified", "lang", "text", "canonical_url", "origin"} <= set(document)
    two = run("extract", str(tmp_path / "a.html"), str(tmp_path / "b.html"), "--json").stdout.splitlines()
    assert [json.loads(line)["title"] for line in two] == ["A headline of the day"] * 2


def test_extract_shows_a_text_too_short_to_be_stored_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<html><head><title>T</title></head><body><p>Too short.</p></body></html>", "utf-8")
    shown = run("extract", str(tmp_path / "a.html"), "--json")
    assert (shown.returncode, json.loads(shown.stdout)["text"]) == (0, "Too short.")
    assert "would not store it" in shown.stderr
    imported = run("import", str(tmp_path / "a.html"), home=tmp_path / "home")
    assert (imported.returncode, "no article text" in imported.stderr) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["search", ""], 2, "The query is empty."),
        (["search", "x" * 10_240], 2, "at most 1,000"),
        (["search", b"chip \xff\xfe"], 2, "not valid Unicode"),
        (["search", "a", "-k", "0"], 2, "k is 0"),
        (["search", "a", "-k", "1000000000"], 2, "k is 1000000000"),
        (["search", "a", "--lang", "fr"], 2, "lang is 'fr'"),
        (["search", "a", "--entity", "nonsense"], 1, "There is no entity 'nonsense'."),
        (["search", "a", "--after", "someday"], 2, "'someday' is not a date."),
        (["search", "a", "--sort", "x"], 2, "sort is 'x'"),
        (["digest", "2023-W99"], 2, "not an ISO week"),
        (["stories"], 2, "--week 2023-W47"),
        (["stories", "99"], 1, "There is no story 99."),
        (["stories", "--all", "--merge", "2"], 2, "Which story?"),
        (["stories", "1", "--split", "99"], 2, "has no article 99"),
        (["import", "missing.jsonl"], 2, "There is no file missing.jsonl."),
        (["entities"], 2, "No text is given."),
        (["eval", "missing.jsonl"], 2, "cannot be read"),
        (["serve", "--host", "0.0.0.0"], 2, "needs access keys"),
        (["crawl", "--sources", "missing.toml"], 2, "cannot be read"),
    ],
)
def test_bad_input_is_one_clear_line_and_the_right_exit_code(
    home: Path, arguments: list[str | bytes], code: int, says: str
) -> None:
    answer = run(*arguments, home=home)
    assert answer.returncode == code
    assert says in answer.stderr
    assert answer.stderr.count("\n") == 1, answer.stderr
    assert answer.stdout == ""


@pytest.mark.parametrize("arguments", [["nonsense"], ["search"], ["search", "a", "-k", "x"], ["search", "a", "--nonsense"]])
def test_wrong_usage_exits_2(arguments: list[str]) -> None:
    assert run(*arguments).returncode == 2


def test_a_misspelt_setting_is_named(home: Path) -> None:
    answer = run("status", home=home, CHIPWIRE_MODLE="x")
    assert (answer.returncode, answer.stderr.split(" is not")[0]) == (2, "chipwire: CHIPWIRE_MODLE")


def test_a_second_writer_is_refused_in_one_line(home: Path, lines: Path) -> None:
    with Store.open_writer(home):
        answer = run("import", str(lines), home=home)
    assert (answer.returncode, answer.stderr.count("\n")) == (1, 1)
    assert f"(process {os.getpid()})" in answer.stderr


def test_a_damaged_index_gives_one_line_and_refresh_mends_it(home: Path) -> None:
    rows = home / "index" / "gen-000001" / "words-000001-000" / "rows.npy"
    rows.write_bytes(b"\0" * rows.stat().st_size)
    answer = run("search", "Maia", home=home)
    assert (answer.returncode, answer.stderr.count("\n")) == (1, 1)
    assert "is damaged" in answer.stderr
    assert "chipwire refresh" in answer.stderr
    assert run("refresh", home=home).returncode == 0
    assert run("search", "Maia", home=home).returncode == 0


def test_status_shows_the_state_of_the_data(home: Path) -> None:
    document = json.loads(run("status", "--json", home=home).stdout)
    assert (document["articles"], document["passages"], document["pending"]) == (5, 5, 0)
    assert (document["generation"], document["model"], document["up_to_date"]) == (1, "none", True)
    text = run("status", home=home).stdout
    for label in ("articles", "passages", "pending changes", "index generation", "model", "last crawl"):
        assert label in text


def test_entities_come_from_an_argument_or_from_standard_input() -> None:
    for answer in (run("entities", "微软 H100", "--json"), run("entities", "-", "--json", stdin="微软 H100")):
        mentions = json.loads(answer.stdout)["mentions"]
        assert [(m["id"], m["surface"], m["start"], m["end"]) for m in mentions] == [
            ("microsoft", "微软", 0, 2),
            ("nvidia-h100", "H100", 3, 7),
        ]


def test_stories_and_digest_follow_the_contract(home: Path) -> None:
    stories = json.loads(run("stories", "--week", "2023-W46", "--json", home=home).stdout)["stories"]
    assert {"id", "headline", "articles", "origins"} <= set(stories[0])
    assert {"article_id", "url", "role"} <= set(stories[0]["articles"][0])
    digest = json.loads(run("digest", "2023-W46", "--format", "json", home=home).stdout)
    assert digest["week"] == "2023-W46"
    assert MAIA.title in run("digest", "2023-W46", home=home).stdout
    assert "<h1>" in run("digest", "2023-W46", "--format", "html", home=home).stdout


def test_stories_are_put_right_and_the_correction_taken_back(home: Path) -> None:
    stories = json.loads(run("stories", "--all", "--json", home=home).stdout)["stories"]
    first, second = [story["id"] for story in stories if len(story["articles"]) == 1][:2]
    done = run("stories", str(first), "--merge", str(second), "--note", "one deal", home=home)
    assert done.stdout == "Decision 1 is recorded; --undo 1 takes it back.\n"
    merged = json.loads(run("stories", str(second), "--json", home=home).stdout)
    assert len(merged["articles"]) == 2 and {"new", "role"} <= set(merged["articles"][1])
    assert "one deal" in run("stories", "--decisions", home=home).stdout
    assert "merged into" in run("stories", str(first), home=home).stdout
    assert run("stories", "--undo", "1", home=home).stdout == "Decision 1 is undone.\n"
    assert len(json.loads(run("stories", str(first), "--json", home=home).stdout)["articles"]) == 1
    assert json.loads(run("stories", "--decisions", "--json", home=home).stdout) == {"decisions": []}


def test_eval_measures_judged_queries(home: Path, tmp_path: Path) -> None:
    judged = tmp_path / "judged.jsonl"
    judged.write_text(json.dumps({"query": "HBM3E samples", "relevant": {str(CORPUS[4].url): 1}}), encoding="utf-8")
    whole = {"value": 1.0, "low": 1.0, "high": 1.0}
    assert json.loads(run("eval", str(judged), "--json", home=home).stdout) == {
        "queries": 1, "unanswerable": 0, "ndcg": whole, "recall": whole, "deep_recall": whole, "mrr": whole,
        "lost": 0.0, "refused": 0.0,
    }  # fmt: skip


def test_help_names_every_command_of_this_version() -> None:
    text = run("--help").stdout
    for command in (
        "crawl",
        "import",
        "extract",
        "refresh",
        "search",
        "entities",
        "claims",
        "timeline",
        "ledger",
        "reprocess",
        "stories",
        "digest",
        "serve",
        "eval",
        "status",
        "demo",
    ):
        assert command in text


def test_a_reader_who_has_seen_enough_causes_no_traceback(home: Path) -> None:
    command = f"{sys.executable} -m api entities --list | head -1"
    answer = subprocess.run(
        command, shell=True, capture_output=True, text=True, env=clean_environment(CHIPWIRE_HOME=str(home)), timeout=60
    )  # fmt: skip
    assert answer.stderr == ""
