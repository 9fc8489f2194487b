from dataclasses import replace
from datetime import timedelta

from index.article import Origin
from index.knowledge.stories import roles
from index.knowledge_base import KnowledgeBase
from index.store.articles import articles_by_id, save_article
from index.store.sources import SourceRecord, save_source
from tests.conftest import CORPUS, DGX, HBM, MAIA, MAIA_ZH, NOW, article


def groups(kb: KnowledgeBase) -> set[frozenset[str]]:
    return {frozenset(m.article.title for m in story.members) for story in kb.stories()}


def test_two_languages_on_one_event_are_one_story_and_other_events_are_not(filled: KnowledgeBase) -> None:
    assert frozenset({MAIA.title, MAIA_ZH.title}) in groups(filled)
    assert frozenset({DGX.title}) in groups(filled)
    assert frozenset({HBM.title}) in groups(filled)


def test_a_repost_is_a_copy_and_the_earlier_report_is_the_original(writer: KnowledgeBase) -> None:
    repost = replace(
        MAIA, url="https://repost.example/1", title="Maia 100 is here", source="repost", origin=Origin("Example"),
        published=(MAIA.published or NOW) - timedelta(hours=2),
    )  # fmt: skip
    with writer.store.atomic():
        save_source(writer.store, SourceRecord("example", "Example", "press", "en"))
    writer.ingest([repost, MAIA], NOW)
    writer.refresh(NOW)
    [story] = writer.stories()
    assert [(m.article.source, m.role) for m in story.members] == [("example", "original"), ("repost", "copy")]
    assert story.origins == 1
    assert story.headline == MAIA.title


def test_the_same_subject_a_month_later_is_another_story(writer: KnowledgeBase) -> None:
    later = replace(MAIA, url="https://news.example/later", published=(MAIA.published or NOW) + timedelta(days=30))
    writer.ingest([MAIA, later], NOW)
    writer.refresh(NOW)
    assert len(writer.stories()) == 2


def test_stories_keep_their_ids_when_news_comes_in(filled: KnowledgeBase) -> None:
    before = {story.headline: story.id for story in filled.stories()}
    filled.ingest([article("A completely different matter", "Wafer prices in Arizona rose after a storm.")], NOW)
    filled.refresh(NOW)
    after = {story.headline: story.id for story in filled.stories()}
    assert before.items() <= after.items()


def test_a_deleted_original_passes_its_part_on(filled: KnowledgeBase) -> None:
    filled.delete(1)
    filled.ingest([article("Unrelated", "Some other text on memory prices.")], NOW)
    filled.refresh(NOW)
    story = next(s for s in filled.stories() if s.headline == MAIA_ZH.title)
    assert [m.role for m in story.members] == ["original"]


def test_most_of_a_text_repeated_is_a_copy_even_without_a_word_of_its_origin(writer: KnowledgeBase) -> None:
    with writer.store.atomic():
        ids = [save_article(writer.store, a, NOW)[1] for a in (MAIA, replace(MAIA, url="https://b.example/1", source="b"))]
    stored = articles_by_id(writer.store, ids)
    assert roles([stored[i] for i in ids], {}) == {ids[0]: ("original", None), ids[1]: ("copy", ids[0])}


def test_every_article_is_in_exactly_one_story(filled: KnowledgeBase) -> None:
    members = [m.article.id for story in filled.stories() for m in story.members]
    assert sorted(members) == list(range(1, len(CORPUS) + 1))


def test_two_parts_of_a_text_are_copies_of_one_once_the_whole_is_seen(writer: KnowledgeBase) -> None:
    halves = [
        "The foundry will build a plant in the north. It is to open in the spring of next year, its chairman said.",
        "Analysts had expected the plant to be larger. Shares fell by two percent after the meeting with investors.",
    ]
    texts = [*halves, " ".join(halves)]
    with writer.store.atomic():
        ids = [
            save_article(writer.store, replace(MAIA, url=f"https://{i}.example/", text=text), NOW)[1]
            for i, text in enumerate(texts)
        ]
    stored = articles_by_id(writer.store, ids)
    parts = roles([stored[i] for i in ids], {})
    assert parts == {ids[0]: ("original", None), ids[1]: ("copy", ids[0]), ids[2]: ("copy", ids[0])}
