"""Summaries by an endpoint that lies on purpose: what it makes up is never published as news."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from api.summaries import summarise
from index.digest.render import FORMATS, render
from index.errors import SettingsError, UnreachableError
from index.knowledge_base import KnowledgeBase
from index.settings import Settings
from tests.conftest import NOW
from tests.index.digest.test_desk import WEEK

TRUE = "Microsoft introduced the Azure Maia 100 accelerator."
LIES = (
    "[1] Microsoft introduced the Azure Maia 100 accelerator for $900 million.",
    "[1] Nvidia introduced the Azure Maia 100 accelerator at Ignite.",
    "[1] Microsoft introduced it on 3 August 2019.",
    "[1] Satya Nadella introduced it.",
    "Microsoft leads the market.",
    "[77] Microsoft introduced an accelerator.",
)


@contextmanager
def endpoint(answer: Callable[[dict[str, Any]], str]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """An OpenAI-compatible server on loopback; yields its address and what it was asked."""
    asked: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append({**body, "path": self.path, "key": self.headers["Authorization"]})
            text = json.dumps({"choices": [{"message": {"role": "assistant", "content": answer(body)}}]}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", asked
    finally:
        server.shutdown()
        server.server_close()


def run(kb: KnowledgeBase, address: str) -> tuple[dict[str, int], list[str]]:
    log: list[str] = []
    settings = replace(kb.settings, summary_url=address, summary_model="any", summary_key="k")
    return dict(summarise(kb, settings, WEEK, lambda: NOW, log.append)), log


def summary(kb: KnowledgeBase) -> str:
    return " ".join(kb.issues.draft(WEEK).digest.entries[0].summary)


def test_what_its_source_says_is_kept_and_the_endpoint_is_asked_in_its_form(filled: KnowledgeBase) -> None:
    with endpoint(lambda _: f"[1] {TRUE}") as (address, asked):
        fared, log = run(filled, address)
    assert (fared, log) == ({"written": 1, "refused": 0, "failed": 0}, [])
    assert summary(filled) == TRUE
    [request] = asked
    assert (request["path"], request["key"], request["model"]) == ("/v1/chat/completions", "Bearer k", "any")
    assert "[1] Microsoft introduced" in request["messages"][1]["content"]


@pytest.mark.parametrize("lie", LIES)
def test_a_sentence_that_says_more_than_its_source_is_refused_logged_and_in_no_format(filled: KnowledgeBase, lie: str) -> None:
    with endpoint(lambda _: f"{lie}\n[2] It is made by TSMC.") as (address, asked):
        fared, log = run(filled, address)
    spans = asked[0]["messages"][1]["content"]
    assert "TSMC" in spans
    assert fared["refused"] >= 1
    assert any(lie.partition("] ")[2] in line or lie in line for line in log)
    told = lie.partition("] ")[2] or lie
    for form in FORMATS:
        assert told not in render(filled.issues.draft(WEEK).digest, form)


def test_in_the_place_of_a_refused_sentence_stands_its_source(filled: KnowledgeBase) -> None:
    with endpoint(lambda body: f"{LIES[0]}\n{LIES[1]}\n[2] {_second(body)}") as (address, _):
        run(filled, address)
    text = summary(filled)
    assert "Microsoft introduced the Azure Maia 100 accelerator at Ignite." in text
    assert text.count("Ignite") == 1, "once, though two sentences were refused for it"


def _second(body: dict[str, Any]) -> str:
    return str(body["messages"][1]["content"]).partition("[2] ")[2].partition("\n")[0]


def test_where_all_of_it_is_made_up_the_extract_stays(filled: KnowledgeBase) -> None:
    before = render(filled.issues.draft(WEEK).digest, "md")
    with endpoint(lambda _: "\n".join(LIES[:3])) as (address, _):
        fared, _ = run(filled, address)
    assert fared == {"written": 0, "refused": 3, "failed": 0}
    assert render(filled.issues.draft(WEEK).digest, "md") == before


def test_an_endpoint_that_fails_leaves_the_extract_and_an_editors_summary_is_never_asked_for(filled: KnowledgeBase) -> None:
    fared, log = run(filled, "http://127.0.0.1:9/v1")
    assert fared["failed"] == 1
    assert "gave no summary" in log[0]
    story = filled.digest(WEEK).entries[0].story_id
    filled.issues.hold(WEEK, "Ada", "ada", NOW)
    filled.issues.save(WEEK, filled.issues.edits(WEEK).with_entry(story, summary="Mine."), "ada", NOW)
    with endpoint(lambda _: f"[1] {TRUE}") as (address, asked):
        with pytest.raises(UnreachableError, match="Ada is editing"):
            run(filled, address)
        filled.issues.leave(WEEK, "ada")
        run(filled, address)
    assert asked == []
    assert summary(filled) == "Mine."


def test_it_is_off_by_default(filled: KnowledgeBase) -> None:
    assert Settings().summary_url == ""
    with pytest.raises(SettingsError, match="CHIPWIRE_SUMMARY_URL"):
        summarise(filled, filled.settings, WEEK, lambda: NOW, print)
