"""A composed issue is kept, and never a moment longer than it is right."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from index.digest.edits import Edits
from index.digest.sections import OWN
from index.knowledge_base import KnowledgeBase
from index.settings import Settings
from index.store.issues import claim_draft
from index.store.sources import SourceRecord, save_disabled, save_source
from tests.conftest import MAIA, NOW, article

WEEK = "2023-W46"
LATE = article(
    "Maia 100 is delayed, says Microsoft", "Microsoft said on Friday that Maia 100 comes a quarter later than planned."
)


def test_an_issue_is_composed_once_for_all_who_look_at_it(filled: KnowledgeBase) -> None:
    assert filled.digest(WEEK) is filled.digest(WEEK)
    assert filled.digest_between("2023-11-13", "2023-11-19") is filled.digest(WEEK)


def test_an_editor_who_saves_makes_nobody_compose_it_again(filled: KnowledgeBase) -> None:
    composed = filled.digest(WEEK)
    story = composed.entries[0].story_id
    desk = filled.issues
    desk.hold(WEEK, "Ada", "a" * 32, NOW)
    for headline in ("One", "Two", "Three"):
        desk.save(WEEK, Edits().with_entry(story, headline=headline), "a" * 32, NOW)
        assert desk.draft(WEEK).composed is composed
        assert desk.draft(WEEK).digest.entries[0].headline == headline
    claim_draft(filled.store, NOW)
    assert filled.digest(WEEK) is composed


def arrive(kb: KnowledgeBase) -> None:
    kb.ingest([LATE], NOW)
    kb.refresh(NOW)


def delete(kb: KnowledgeBase) -> None:
    kb.delete(kb.digest(WEEK).entries[0].coverage[-1].article.id)


def fall_ill(kb: KnowledgeBase) -> None:
    with kb.store.atomic():
        save_source(kb.store, SourceRecord("example", "Example", "press", "en", health="late"))


def disable(kb: KnowledgeBase) -> None:
    with kb.store.atomic():
        save_disabled(kb.store, "example", NOW)


def part(kb: KnowledgeBase) -> None:
    [entry] = kb.digest(WEEK).entries
    kb.story_desk.split(entry.story_id, [entry.coverage[-1].article.id], NOW)
    kb.refresh(NOW)


def correct(kb: KnowledgeBase) -> None:
    [claim, *_] = kb.ledger.article(kb.digest(WEEK).entries[0].coverage[0].article.id)
    kb.ledger.mark_wrong(claim.id, NOW)


def read_again(kb: KnowledgeBase) -> None:
    kb.reprocess(everything=True)


def other_sections(kb: KnowledgeBase) -> None:
    (kb.settings.home / OWN).write_text('[[section]]\nid = "chips"\ntitle = "Chips"\nmakers = ["microsoft"]\n', "utf-8")


@pytest.mark.parametrize("change", [arrive, delete, fall_ill, disable, part, correct, read_again, other_sections])
def test_whatever_changes_the_issue_composes_it_again(filled: KnowledgeBase, change: Callable[[KnowledgeBase], None]) -> None:
    before = filled.digest(WEEK)
    change(filled)
    assert filled.digest(WEEK) is not before


def test_a_decision_that_is_undone_composes_it_again(filled: KnowledgeBase) -> None:
    [claim, *_] = filled.ledger.article(filled.digest(WEEK).entries[0].coverage[0].article.id)
    decision = filled.ledger.mark_wrong(claim.id, NOW)
    before = filled.digest(WEEK)
    filled.ledger.undo(decision.id, NOW + timedelta(hours=1))
    assert filled.digest(WEEK) is not before


def test_what_another_process_wrote_is_seen(filled: KnowledgeBase, settings: Settings) -> None:
    with KnowledgeBase.open(settings, lexical_only=True, reading=filled.reading) as reader:
        assert reader.digest(WEEK).articles == 2
        filled.ingest([replace(MAIA, url="https://other.example/1", source="other")], NOW)
        filled.refresh(NOW)
        assert reader.digest(WEEK).articles == 3


def test_progress_is_told_where_there_is_something_to_compose(filled: KnowledgeBase) -> None:
    told: list[tuple[str, int, int]] = []
    filled.digest(WEEK, lambda *progress: told.append(progress))
    assert told[-1] == ("composing the issue", 1, 1)
    filled.digest(WEEK, lambda *progress: told.append(progress))
    assert len(told) == 3
