"""Drafts on a schedule, as files."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.drafting import DRAFTS, draft_every, drafting, write_draft
from index.digest.schedule import read_weekly
from index.errors import SettingsError
from index.knowledge_base import KnowledgeBase
from index.settings import Settings
from index.store.database import Store
from index.store.issues import claim_draft
from tests.api.receivers import mail_server
from tests.conftest import MAIA

WEEK = "2023-W46"


def test_a_draft_is_written_in_every_format(filled: KnowledgeBase, tmp_path: Path) -> None:
    paths = write_draft(filled, WEEK, tmp_path / "drafts")
    assert sorted(path.name for path in paths) == [f"{WEEK}.{form}" for form in ("eml", "html", "json", "md")]
    assert MAIA.title in (tmp_path / "drafts" / f"{WEEK}.md").read_text("utf-8")
    assert json.loads((tmp_path / "drafts" / f"{WEEK}.json").read_text("utf-8"))["week"] == WEEK


def test_each_week_is_drafted_once_however_time_passes() -> None:
    now = datetime(2023, 11, 24, 12, tzinfo=UTC)
    drafted: list[str] = []

    class Enough(Exception):
        pass

    def sleep(seconds: float) -> None:
        nonlocal now
        assert 0 < seconds <= 60
        now += timedelta(hours=5)  # the machine slept longer than it was asked to

    def work(week: str) -> None:
        drafted.append(week)
        if len(drafted) == 3:
            raise Enough

    with pytest.raises(Enough):
        draft_every(read_weekly("mon 07:00"), Settings(), work, lambda: now, sleep)
    assert drafted == ["2023-W47", "2023-W48", "2023-W49"]


MONDAY = datetime(2023, 11, 20, 7, tzinfo=UTC)


def until(true: Callable[[], bool]) -> bool:
    """Whether it becomes true within ten seconds."""
    end = time.monotonic() + 10
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    return true()


def scheduled(kb: KnowledgeBase, **values: object) -> Settings:
    return replace(kb.settings, draft_every="Mon 07:00", **values)  # type: ignore[arg-type]


def test_beside_a_server_the_draft_is_written_when_it_is_due_and_mailed_once(filled: KnowledgeBase) -> None:
    now = MONDAY - timedelta(minutes=1)
    with mail_server() as box:
        settings = scheduled(
            filled, draft_to="Ada <ada@example.org>", smtp_host="127.0.0.1", smtp_port=box.port, smtp_security="none",
            smtp_from="Chips <chips@example.org>",
        )  # fmt: skip
        draft = settings.home / DRAFTS / f"{WEEK}.md"
        with drafting(settings, lambda: now, 0.02), drafting(settings, lambda: now, 0.02):
            time.sleep(0.2)
            assert not draft.exists()
            now = MONDAY
            assert until(lambda: len(box.mails) == 1)
            assert MAIA.title in draft.read_text("utf-8")
            time.sleep(0.2)
        assert len(box.mails) == 1


def test_a_draft_that_fell_due_while_nothing_ran_is_made_up_for(filled: KnowledgeBase) -> None:
    settings = scheduled(filled)
    with drafting(settings, lambda: MONDAY - timedelta(days=1), 0.02):
        assert until(lambda: filled.store.meta("drafted") is not None)
    with drafting(settings, lambda: MONDAY + timedelta(days=2), 0.02):
        assert until((settings.home / DRAFTS / f"{WEEK}.eml").exists)


def test_of_many_that_ask_one_makes_the_draft(filled: KnowledgeBase) -> None:
    claim_draft(filled.store, MONDAY - timedelta(days=7))
    won: list[bool] = []

    def ask() -> None:
        with Store.open_reader(filled.settings.home) as store:
            won.append(claim_draft(store, MONDAY))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == [False] * 7 + [True]


def test_a_draft_that_fails_is_said_and_the_next_one_is_made(filled: KnowledgeBase, caplog: pytest.LogCaptureFixture) -> None:
    now = MONDAY - timedelta(days=1)
    settings = scheduled(filled, draft_to="ada@example.org")
    with drafting(settings, lambda: now, 0.02):
        assert until(lambda: filled.store.meta("drafted") is not None)
        now = MONDAY
        assert until(lambda: "There is no mail server" in caplog.text)
        now = MONDAY + timedelta(days=7)
        assert until((settings.home / DRAFTS / "2023-W47.md").exists)


def test_the_server_keeps_the_schedule(filled: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    claim_draft(filled.store, MONDAY - timedelta(days=7))
    monkeypatch.setattr("api.app.utc_now", lambda: MONDAY)
    with TestClient(create_app(scheduled(filled), filled), base_url="http://localhost"):
        assert until((filled.settings.home / DRAFTS / f"{WEEK}.md").exists)


@pytest.mark.parametrize(("every", "to"), [("at dawn", ""), ("Mon 07:00", "nobody")])
def test_a_schedule_that_cannot_be_is_said_at_the_start(every: str, to: str) -> None:
    with (
        pytest.raises(SettingsError, match="No drafts can be scheduled"),
        drafting(Settings(draft_every=every, draft_to=to), lambda: MONDAY),
    ):
        pass
