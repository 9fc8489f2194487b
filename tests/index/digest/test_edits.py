"""An editor's changes as an overlay over the composed issue."""

import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from index.digest.compose import Digest
from index.digest.edits import Edits, EntryEdit, edited, edits_document, moved, read_edits
from index.digest.render import FORMATS, render
from index.errors import FilterError
from index.knowledge_base import KnowledgeBase
from tests.conftest import MAIA, NOW, article

WEEK = "2023-W46"
FANS = article(
    "Makers of fans see demand rise", "A maker of fans said that demand rose by 12 percent. It gave no other figures."
)
OPTICS = article(
    "Broadcom samples an optical switch for AI clusters",
    "Broadcom said it samples an optical switch to three cloud companies. The switch carries 51.2 terabits a second.",
)
LATE = article(
    "TSMC opens a packaging plant", "TSMC opened a packaging plant in Chiayi. The plant serves makers of accelerators.",
    published=(MAIA.published or NOW) + timedelta(days=2),
)  # fmt: skip


@pytest.fixture
def issue(filled: KnowledgeBase) -> Digest:
    filled.ingest([FANS, OPTICS], NOW)
    filled.refresh(NOW)
    return filled.digest(WEEK)


def story(digest: Digest, headline: str) -> int:
    return next(e.story_id for e in digest.entries if e.headline == headline)


def headlines(digest: Digest) -> list[str]:
    return [entry.headline for entry in digest.entries]


def test_nothing_changed_gives_the_same_bytes(issue: Digest) -> None:
    for form in FORMATS:
        assert render(edited(issue, Edits()), form) == render(issue, form)


def test_what_is_dropped_is_in_no_format_and_does_not_make_the_week_thin(issue: Digest) -> None:
    fans = story(issue, FANS.title)
    shown = edited(replace(issue, left_out=2), Edits().with_entry(fans, dropped=True))
    for form in ("md", "html", "json"):
        assert FANS.title in render(issue, form)
        assert FANS.title not in render(shown, form)
    assert edited(issue, Edits().with_entry(fans, dropped=True)).thin == issue.thin


def test_a_story_moves_within_its_section_and_those_of_others_stay(issue: Digest) -> None:
    same = replace(issue, entries=tuple(replace(entry, section="nvidia") for entry in issue.entries))
    ids = [entry.story_id for entry in same.entries]
    up = moved(same, Edits(), ids[2], -1)
    assert [e.story_id for e in edited(same, up).entries] == [ids[0], ids[2], ids[1]]
    assert [e.story_id for e in edited(same, moved(same, up, ids[2], 5)).entries] == [ids[0], ids[1], ids[2]]
    apart = replace(same, entries=(same.entries[0], replace(same.entries[1], section="china"), same.entries[2]))
    assert [e.story_id for e in edited(apart, moved(apart, Edits(), ids[2], -1)).entries] == [ids[2], ids[1], ids[0]]


def test_what_is_pinned_stands_first(issue: Digest) -> None:
    last = issue.entries[-1].story_id
    assert edited(issue, Edits().with_entry(last, pinned=True)).entries[0].story_id == last


def test_merged_entries_have_the_sources_and_sentences_of_both(issue: Digest) -> None:
    maia, fans = story(issue, MAIA.title), story(issue, FANS.title)
    shown = edited(issue, Edits().with_entry(fans, merged_into=maia))
    assert FANS.title not in headlines(shown)
    entry = shown.entry(maia)
    assert {c.article.title for c in entry.coverage} >= {MAIA.title, FANS.title}
    assert any("12 percent" in extract.text for extract in entry.extract)
    assert FANS.url in render(shown, "md")


def test_merging_in_a_circle_or_into_what_is_not_there_changes_nothing(issue: Digest) -> None:
    maia, fans = story(issue, MAIA.title), story(issue, FANS.title)
    circle = Edits().with_entry(fans, merged_into=maia).with_entry(maia, merged_into=fans)
    assert headlines(edited(issue, circle)) == headlines(issue)
    assert headlines(edited(issue, Edits().with_entry(fans, merged_into=999_999))) == headlines(issue)
    gone = Edits().with_entry(fans, merged_into=maia).with_entry(maia, dropped=True)
    assert FANS.title in headlines(edited(issue, gone))


def test_every_format_has_what_the_editor_wrote_and_none_takes_it_for_markup(issue: Digest) -> None:
    maia = story(issue, MAIA.title)
    edits = replace(
        Edits().with_entry(
            maia,
            headline="Maia & <b>friends</b>",
            summary="First *paragraph*.\n\nSecond one.",
            note="Seen <script>first</script> here.",
        ),
        introduction="Three things happened.",
    )
    shown = edited(issue, edits)
    document = json.loads(render(shown, "json"))
    told = next(each for each in document["stories"] if each["id"] == maia)
    assert (told["headline"], told["rewritten"]) == ("Maia & <b>friends</b>", True)
    assert told["summary"] == "First *paragraph*.\n\nSecond one."
    assert told["extract"], "where the sentences of the sources are stays on record"
    for form in ("md", "html"):
        text = render(shown, form)
        assert "Second one." in text
        assert "Three things happened." in text
        assert "Editor&#39;s note:" in text or "Editor's note:" in text
        assert not re.search(r"(?<!\\)<(script|b)\b", text)
        assert "made by TSMC on a 5 nm process" not in text
    assert r"First \*paragraph\*." in render(shown, "md")


def test_a_rewritten_headline_still_knows_its_article(issue: Digest) -> None:
    maia = story(issue, MAIA.title)
    shown = edited(issue, Edits().with_entry(maia, headline="Another"))
    assert shown.entry(maia).lead == issue.entry(maia).lead


def test_lengths_are_of_the_issue_and_of_single_entries(issue: Digest) -> None:
    maia = story(issue, MAIA.title)
    short = edited(issue, Edits(length="short"))
    assert {len(entry.extract) for entry in short.entries} == {1}
    assert not any(entry.figures for entry in short.entries)
    mixed = edited(issue, Edits(length="short").with_entry(maia, length="normal"))
    assert mixed.entry(maia) == replace(issue.entry(maia), lead_id=issue.entry(maia).lead.id)


def test_regenerating_keeps_the_edits_and_puts_what_is_new_where_it_would_stand(filled: KnowledgeBase, issue: Digest) -> None:
    ids = [entry.story_id for entry in issue.entries]
    edits = replace(Edits().with_entry(ids[0], headline="Mine"), order=(ids[2], ids[0], ids[1]))
    filled.ingest([LATE], NOW)
    filled.refresh(NOW)
    again = edited(filled.digest(WEEK), edits)
    order = [entry.story_id for entry in again.entries if entry.story_id in ids]
    assert order == [ids[2], ids[0], ids[1]]
    assert "Mine" in headlines(again)
    assert LATE.title in headlines(again)


def test_edits_follow_a_story_that_became_part_of_another() -> None:
    edits = replace(Edits().with_entry(3, headline="Mine").with_entry(5, merged_into=3, note="Kept"), order=(5, 3, 9))
    followed = edits.followed({3: 4, 5: 5}.get)
    assert followed.order == (5, 4, 9)
    assert followed.of(4) == EntryEdit(headline="Mine")
    assert followed.of(5) == EntryEdit(merged_into=4, note="Kept")
    both = edits.followed({3: 4, 5: 4}.get)
    assert both.of(4) == EntryEdit(headline="Mine", note="Kept")


def test_edits_are_the_same_after_they_were_stored() -> None:
    edits = replace(
        Edits((3, 1))
        .with_entry(3, headline="芯片 \U0001f9e0", pinned=True, length="long", section="china")
        .with_entry(1, merged_into=3),
        introduction="One.\n\nTwo.",
    )
    assert read_edits(json.loads(json.dumps(edits_document(edits)))) == edits


@pytest.mark.parametrize(
    "document",
    [
        None, [], {"sort": 1}, {"order": "1"}, {"order": ["x"]}, {"order": [True]}, {"order": [10**30]}, {"entries": {"0": {}}},
        {"entries": {"1": {"headline": "x" * 501}}}, {"entries": {"1": {"note": 5}}}, {"entries": {"1": {"colour": 1}}},
        {"length": "huge"}, {"entries": {"1": {"length": ""}}}, {"order": list(range(1, 3000))},
    ],
)  # fmt: skip
def test_what_are_no_edits_is_refused(document: object) -> None:
    with pytest.raises(FilterError):
        read_edits(document)


def test_control_characters_and_lone_surrogates_of_a_text_are_left_out() -> None:
    assert read_edits({"entries": {"1": {"note": "a\x00b\ud800c\r\nd"}}}).of(1).note == "abc\nd"
