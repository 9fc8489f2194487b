from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.health import Watch, degraded_parts
from index.knowledge_base import KnowledgeBase
from index.store.sources import SourceRecord
from index.text.times import read_datetime
from index.views import SourceView


def test_readiness_names_what_is_degraded(filled: KnowledgeBase) -> None:
    status = filled.status()
    built = read_datetime(status.generation_created)
    assert built is not None
    later = built + timedelta(hours=2)
    assert degraded_parts(status, None, later) == []
    waiting = replace(status, pending=3)
    assert degraded_parts(waiting, None, built) == [], "an index may be some minutes behind"
    assert [each["part"] for each in degraded_parts(waiting, None, later)] == ["freshness"]
    assert degraded_parts(status, "One file is damaged.", later) == [{"part": "index", "why": "One file is damaged."}]
    states = ("broken", "ok", "ok", "ok")
    views = tuple(SourceView(SourceRecord(f"s{n}", f"S{n}", "press", "en", health=state), 1) for n, state in enumerate(states))
    (part,) = degraded_parts(replace(status, sources=views), None, later)
    assert part == {"part": "sources", "why": "1 of 4 sources are blocked, broken or dead."}
    assert degraded_parts(replace(status, sources=(*views, *views[1:])), None, later) == []


def test_readyz_tells_strangers_which_part_and_no_more(filled: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    troubled = replace(filled.status(), trouble="/srv/chipwire/index-3 is damaged.")
    monkeypatch.setattr(Watch, "status", lambda watch: troubled)
    for required, part in ((False, {"part": "index", "why": troubled.trouble}), (True, {"part": "index"})):
        with TestClient(create_app(replace(filled.settings, require_keys=required), filled)) as client:
            client.app.state.ready.wait(10)  # type: ignore[attr-defined]
            answer = client.get("/readyz")
        assert answer.status_code == 200, "searches are answered"
        assert answer.json() == {"status": "degraded", "degraded": [part]}


def test_the_folder_is_not_looked_at_for_every_question(filled: KnowledgeBase) -> None:
    now = 0.0
    watch = Watch(filled, lambda: now)
    first = watch.status()
    filled.delete(1)
    now = 5.0
    assert watch.status() is first
    now = 11.0
    assert watch.status().articles == first.articles - 1
