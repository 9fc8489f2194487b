"""The editor's desk: one editor at a time, nothing lost, and what was published stays as it was."""

import json
import sqlite3
from dataclasses import replace
from datetime import timedelta

import pytest

from index.digest.desk import HELD_FOR, PAGE, IssueDesk
from index.digest.edits import Edits
from index.digest.render import FORMATS, render
from index.errors import NotFound, UsageError
from index.knowledge_base import KnowledgeBase
from index.settings import Settings
from index.store.database import FILE_NAME
from tests.conftest import MAIA, NOW, article
from tests.index.digest.test_edits import FANS

WEEK = "2023-W46"
LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def desk(filled: KnowledgeBase) -> IssueDesk:
    filled.ingest([FANS], NOW)
    filled.refresh(NOW)
    return filled.issues


@pytest.fixture
def maia(desk: IssueDesk) -> int:
    return next(e.story_id for e in desk.draft(WEEK).composed.entries if e.headline == MAIA.title)


def write(desk: IssueDesk, edits: Edits, editor: str = "Ada") -> None:
    assert desk.hold(WEEK, editor, editor, NOW).token == editor
    assert desk.save(WEEK, edits, editor, NOW) is not None


def test_an_untouched_issue_is_as_composed(desk: IssueDesk, filled: KnowledgeBase) -> None:
    draft = desk.draft(WEEK)
    assert (draft.edits, draft.revision, draft.hold) == (Edits(), 0, None)
    assert render(draft.digest, "md") == render(filled.digest(WEEK), "md")


def test_edits_last_and_readers_see_them_while_the_writer_is_open(desk: IssueDesk, maia: int, settings: Settings) -> None:
    write(desk, Edits().with_entry(maia, headline="Maia"))
    with KnowledgeBase.open(settings, lexical_only=True) as other:
        assert other.issues.draft(WEEK).digest.entry(maia).headline == "Maia"


def test_a_reader_process_edits_while_another_holds_the_writer_lock(desk: IssueDesk, maia: int, settings: Settings) -> None:
    with KnowledgeBase.open(settings, lexical_only=True) as other:
        write(other.issues, Edits().with_entry(maia, note="Seen"))
    assert desk.draft(WEEK).edits.of(maia).note == "Seen"


def test_one_editor_at_a_time_and_the_second_sees_who_it_is(desk: IssueDesk, maia: int) -> None:
    write(desk, Edits())
    hold = desk.hold(WEEK, "Bob", "bob", LATER)
    assert (hold.holder, hold.token) == ("Ada", "Ada")
    assert desk.save(WEEK, Edits().with_entry(maia, headline="Bob's"), "bob", LATER) is None
    assert desk.draft(WEEK).edits == Edits()


def test_taking_over_keeps_what_the_other_had_and_shuts_them_out(desk: IssueDesk, maia: int) -> None:
    write(desk, Edits().with_entry(maia, headline="Ada's"))
    assert desk.hold(WEEK, "Bob", "bob", LATER, by_force=True).token == "bob"
    assert desk.save(WEEK, Edits(), "Ada", LATER) is None
    assert desk.draft(WEEK).edits.of(maia).headline == "Ada's"
    [kept] = desk.versions(WEEK)
    assert kept.editor == "Ada"
    assert desk.hold(WEEK, "Ada", "Ada", LATER).holder == "Bob"


def test_an_issue_that_nobody_works_on_is_free_and_who_comes_back_first_goes_on(desk: IssueDesk, maia: int) -> None:
    write(desk, Edits())
    late = NOW + HELD_FOR + timedelta(seconds=1)
    assert desk.save(WEEK, Edits().with_entry(maia, note="Back"), "Ada", late) is not None
    later = late + HELD_FOR + timedelta(seconds=1)
    assert desk.hold(WEEK, "Bob", "bob", later).token == "bob"
    assert desk.save(WEEK, Edits(), "Ada", later) is None


def test_leaving_frees_the_issue(desk: IssueDesk) -> None:
    write(desk, Edits())
    desk.leave(WEEK, "somebody else")
    assert desk.hold(WEEK, "Bob", "bob", LATER).holder == "Ada"
    desk.leave(WEEK, "Ada")
    assert desk.hold(WEEK, "Bob", "bob", LATER).token == "bob"


def test_versions_are_kept_compared_and_restored(desk: IssueDesk, maia: int) -> None:
    write(desk, Edits().with_entry(maia, headline="First"))
    assert desk.keep(WEEK, "Ada", "", NOW) == 1
    assert desk.keep(WEEK, "Ada", "the same again", NOW) == 1
    write(desk, Edits().with_entry(maia, headline="Second"))
    assert "Second" in desk.text_of(WEEK, desk.draft(WEEK).edits)
    assert desk.restore(WEEK, 1, "Ada", "Ada", LATER) is not None
    assert desk.draft(WEEK).edits.of(maia).headline == "First"
    assert [version.number for version in desk.versions(WEEK)] == [2, 1], "what was replaced is kept"
    with pytest.raises(NotFound):
        desk.restore(WEEK, 9, "Ada", "Ada", LATER)


def test_what_no_source_has_is_found_and_published_only_when_somebody_stands_for_it(desk: IssueDesk, maia: int) -> None:
    write(desk, Edits().with_entry(maia, summary="Microsoft showed Maia 100. It has 900 cores."))
    draft = desk.draft(WEEK)
    assert [doubt.missing for doubt in draft.doubts[maia]] == [("900",)]
    assert draft.digest.entry(maia).summary == ("Microsoft showed Maia 100. It has 900 cores.",), "it is kept"
    with pytest.raises(UsageError, match="900"):
        desk.publish(WEEK, "Ada", NOW)
    assert desk.publish(WEEK, "Ada", NOW, accept=True).accepted == ("It has 900 cores. [900]",)


def test_an_introduction_rests_on_what_the_issue_tells(desk: IssueDesk) -> None:
    write(desk, replace(Edits(), introduction="A week of Maia 100. Intel lost 7 percent."))
    assert [doubt.missing for doubt in desk.draft(WEEK).doubts[0]] == [("7 percent", "Intel")]


def test_what_is_published_stays_to_the_byte_whatever_happens_to_the_draft_and_the_articles(
    desk: IssueDesk, maia: int, filled: KnowledgeBase
) -> None:
    write(desk, Edits().with_entry(maia, headline="As it went out"))
    first = desk.publish(WEEK, "Ada", NOW)
    assert (first.number, first.title) == (1, "AI chips, week 2023-W46")
    before = {form: desk.document(WEEK, form) for form in (*FORMATS, PAGE)}
    assert all("As it went out" in before[form] for form in ("md", "html", "json", PAGE))
    write(desk, Edits().with_entry(maia, headline="Changed since"))
    filled.ingest([article("Another story of that week", "Nvidia said it sold more. Then came more.")], NOW)
    filled.delete(filled.digest(WEEK).entry(maia).lead.id)
    filled.refresh(NOW)
    assert {form: desk.document(WEEK, form) for form in before} == before
    with sqlite3.connect(filled.settings.home / FILE_NAME) as connection, pytest.raises(sqlite3.IntegrityError):
        connection.execute("UPDATE published_document SET body = x''")
    connection.close()


def test_a_correction_is_a_new_version_that_says_so(desk: IssueDesk, maia: int) -> None:
    desk.publish(WEEK, "Ada", NOW)
    with pytest.raises(UsageError, match="correction"):
        desk.publish(WEEK, "Ada", LATER)
    write(desk, Edits().with_entry(maia, headline="Put right"))
    second = desk.publish(WEEK, "Ada", LATER, note="The headline named the wrong chip.")
    assert second.number == 2
    assert "Corrected 2024-06-01: The headline named the wrong chip." in desk.document(WEEK, "md")
    assert "Put right" in desk.document(WEEK, "md")
    assert "Put right" not in desk.document(WEEK, "md", 1)
    assert json.loads(desk.document(WEEK, "json"))["corrections"]
    assert [each.number for each in desk.published(WEEK)] == [2, 1]
    assert [(each.week, each.number) for each in desk.archive()] == [(WEEK, 2)]


def test_an_empty_issue_and_one_that_was_not_published(desk: IssueDesk) -> None:
    with pytest.raises(UsageError, match="no stories"):
        desk.publish("2020-W10", "Ada", NOW)
    with pytest.raises(NotFound):
        desk.document(WEEK, "md")
    assert desk.archive() == []
