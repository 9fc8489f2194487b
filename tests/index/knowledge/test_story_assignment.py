import tomllib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from index.article import Article
from index.knowledge_base import KnowledgeBase
from index.store.stories import current_story, story_changes
from index.text.times import read_datetime
from tests.conftest import CORPUS, MAIA, MAIA_ZH, NOW, WordEncoder, article

FAMILIES = tomllib.loads((Path(__file__).parent / "lookalikes.toml").read_text())["family"]


def test_announcements_that_only_resemble_each_other_are_never_merged(writer: KnowledgeBase) -> None:
    events: dict[str, tuple[int, int]] = {}
    given: list[Article] = []
    for f, family in enumerate(FAMILIES):
        for e, event in enumerate(family["event"]):
            for lang in ("en", "zh"):
                url = f"https://news.example/{f}/{e}/{lang}"
                events[url] = f, e
                given.append(Article(url, *event[lang], lang, "example", read_datetime(event["date"])))
    writer.ingest(given, NOW)
    writer.refresh(NOW)
    stories = [[events[m.article.url] for m in story.members] for story in writer.stories()]
    assert [set(story) for story in stories if len(set(story)) > 1 and len({f for f, _ in story}) == 1] == []
    assert sum(len(story) == 2 for story in stories) >= 0.9 * len(events) / 2  # and the two languages meet


def test_nor_without_a_date_but_where_nothing_tells_them_apart(writer: KnowledgeBase) -> None:
    events: dict[str, tuple[int, int]] = {}
    for f, family in enumerate(FAMILIES):
        for e, event in enumerate(family["event"]):
            for lang in ("en", "zh"):
                url = f"https://news.example/{f}/{e}/{lang}"
                events[url] = f, e
                writer.ingest([Article(url, *event[lang], lang, "example", None)], NOW)
    writer.refresh(NOW)
    merged = set()
    for story in writer.stories():
        found = {events[member.article.url] for member in story.members}
        merged |= {FAMILIES[f]["name"] for f, _ in found if sum(g == f for g, _ in found) > 1}
    assert merged <= {"two lawsuits over training data"}


def test_one_at_a_time_or_all_at_once_gives_the_same_stories(writer: KnowledgeBase) -> None:
    for each in reversed(CORPUS):
        writer.ingest([each], NOW)
        writer.refresh(NOW)
    grouped = {frozenset(m.article.title for m in story.members) for story in writer.stories()}
    assert frozenset({MAIA.title, MAIA_ZH.title}) in grouped and len(grouped) == 4


def test_a_refresh_without_news_looks_at_nothing(filled: KnowledgeBase, encoder: WordEncoder) -> None:
    before = [(story.id, [m.article.id for m in story.members]) for story in filled.stories()]
    assert not filled.refresh(NOW + timedelta(days=3)).built
    assert [(story.id, [m.article.id for m in story.members]) for story in filled.stories()] == before


def test_an_edit_can_take_an_article_out_of_its_story(filled: KnowledgeBase) -> None:
    edited = replace(MAIA_ZH, title="存储芯片价格上涨", text="内存厂商上调报价，存储芯片价格在第四季度上涨一成。")
    filled.ingest([edited], NOW)
    filled.refresh(NOW)
    assert all(len(story.members) == 1 for story in filled.stories())


def test_a_story_put_right_by_the_daily_look_keeps_its_id_and_leaves_a_trace(filled: KnowledgeBase) -> None:
    """Two articles of one event stand in two stories, as where they were read before what joins them was known."""
    both = next(story for story in filled.stories() if len(story.members) == 2)
    lead, other = (member.article.id for member in both.members)
    with filled.store.atomic():
        made = filled.store.execute("INSERT INTO story (created) VALUES (0)").lastrowid
        filled.store.execute("UPDATE article_story SET story_id = ? WHERE article_id = ?", [made, other])
    later = NOW + timedelta(days=2)
    filled.ingest([article("Unrelated news of ferries", "Ferries to the islands were late.")], later)
    filled.refresh(later)
    [found] = [story for story in filled.stories() if len(story.members) == 2]
    assert found.id == both.id
    assert current_story(filled.store, int(made or 0)) == both.id
    assert [(c.kind, c.story_id, c.other_id) for c in story_changes(filled.store, both.id)] == [("merged", made, both.id)]
    assert {m.article.id for m in found.members} == {lead, other}


def test_another_model_regroups_and_ids_stay(filled: KnowledgeBase) -> None:
    before = {story.headline: story.id for story in filled.stories()}
    filled.encoder.model_id = "other words"  # type: ignore[union-attr, misc]
    filled.refresh(NOW)
    assert {story.headline: story.id for story in filled.stories()} == before
