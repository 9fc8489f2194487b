"""Drafts on a schedule, as files."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.drafting import draft_every, write_draft
from index.digest.schedule import read_weekly
from index.knowledge_base import KnowledgeBase
from index.settings import Settings
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
