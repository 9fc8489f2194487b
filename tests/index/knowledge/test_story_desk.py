from dataclasses import replace

import pytest

from index.errors import NotFound, UsageError
from index.knowledge.stories import Story
from index.knowledge_base import KnowledgeBase
from tests.conftest import DGX, HBM, MAIA, MAIA_ZH, NOW


def story_of(kb: KnowledgeBase, title: str) -> Story:
    return next(story for story in kb.stories() if any(m.article.title == title for m in story.members))


def test_what_each_article_added_is_told_with_its_sentence(filled: KnowledgeBase) -> None:
    later = replace(
        MAIA,
        url="https://b.example/1",
        title="Microsoft's Maia 100 chip: what we know",
        text="Microsoft introduced the Azure Maia 100 accelerator at Ignite. It has 105 billion transistors and draws 700 W.",
        published=NOW.replace(year=2023, month=11, day=16),
    )
    filled.ingest([later], NOW)
    filled.refresh(NOW)
    view = filled.story_desk.story(story_of(filled, MAIA.title).id)
    [addition] = view.additions[6]
    assert addition.sentence == "It has 105 billion transistors and draws 700 W."
    assert later.text[addition.start : addition.end] == addition.sentence
    assert addition.figures == ("105 billion", "700 W")
    assert view.story.lead.article.id not in view.additions


def test_a_merge_holds_through_a_rebuild_and_can_be_taken_back(filled: KnowledgeBase) -> None:
    one, other = story_of(filled, DGX.title), story_of(filled, HBM.title)  # five months apart
    decision = filled.story_desk.merge([one.id, other.id], NOW, "one programme")
    filled.refresh(NOW)
    merged = story_of(filled, DGX.title)
    assert {m.article.title for m in merged.members} == {DGX.title, HBM.title}
    assert filled.story_desk.story(one.id).story.id == filled.story_desk.story(other.id).story.id == merged.id
    filled.refresh(NOW, rebuild=True)
    assert len(story_of(filled, DGX.title).members) == 2
    assert [(d.id, d.note) for d in filled.story_desk.decisions()] == [(decision.id, "one programme")]
    filled.story_desk.undo(decision.id, NOW)
    filled.refresh(NOW)
    assert len(story_of(filled, DGX.title).members) == len(story_of(filled, HBM.title).members) == 1
    assert filled.story_desk.decisions() == []


def test_a_split_holds_when_its_articles_change_and_can_be_taken_back(filled: KnowledgeBase) -> None:
    story = story_of(filled, MAIA.title)
    decision = filled.story_desk.split(story.id, [2], NOW)
    filled.refresh(NOW)
    assert story_of(filled, MAIA.title).id != story_of(filled, MAIA_ZH.title).id
    filled.ingest([replace(MAIA, text=MAIA.text + " It has 105 billion transistors.")], NOW)
    filled.refresh(NOW)
    assert story_of(filled, MAIA.title).id != story_of(filled, MAIA_ZH.title).id
    filled.story_desk.undo(decision.id, NOW)
    filled.refresh(NOW)
    assert story_of(filled, MAIA.title).id == story_of(filled, MAIA_ZH.title).id == story.id


def test_what_cannot_be_done_is_said(filled: KnowledgeBase) -> None:
    desk, both = filled.story_desk, story_of(filled, MAIA.title)
    with pytest.raises(NotFound, match="There is no story 99"):
        desk.story(99)
    with pytest.raises(NotFound, match="There is no story 99"):
        desk.merge([both.id, 99], NOW)
    with pytest.raises(UsageError, match="one already"):
        desk.merge([both.id, both.id], NOW)
    with pytest.raises(UsageError, match="has no article 3"):
        desk.split(both.id, [3], NOW)
    with pytest.raises(UsageError, match="at least one article on either side"):
        desk.split(both.id, [1, 2], NOW)
    with pytest.raises(NotFound, match="no decision 7"):
        desk.undo(7, NOW)
