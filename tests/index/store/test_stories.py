from index.knowledge_base import KnowledgeBase
from index.store.database import Store
from index.store.stories import StoryChange, current_story, note_change, save_sketches, sketches_of, story_changes
from tests.conftest import NOW


def test_an_id_leads_on_through_every_merge(filled: KnowledgeBase) -> None:
    with filled.store.atomic():
        note_change(filled.store, StoryChange(NOW, "merged", 71, 72, 3))
        note_change(filled.store, StoryChange(NOW, "merged", 72, 1, 4))
        note_change(filled.store, StoryChange(NOW, "split", 1, 73, 1))
    assert current_story(filled.store, 71) == current_story(filled.store, 1) == 1
    assert current_story(filled.store, 73) is None
    assert [(c.kind, c.story_id, c.other_id) for c in story_changes(filled.store, 1)] == [("merged", 72, 1), ("split", 1, 73)]


def test_redirects_in_a_circle_lead_nowhere(filled: KnowledgeBase) -> None:
    with filled.store.atomic():
        note_change(filled.store, StoryChange(NOW, "merged", 81, 82, 1))
        note_change(filled.store, StoryChange(NOW, "merged", 82, 81, 1))
    assert current_story(filled.store, 81) is None


def test_sketches_of_another_recipe_are_not_found_and_go_with_their_article(filled: KnowledgeBase) -> None:
    store: Store = filled.store
    with store.atomic():
        save_sketches(store, "new", [(1, b"sketch")])
    assert sketches_of(store, "new", [1, 2]) == {1: b"sketch"}
    assert sketches_of(store, "old", [1]) == {}
    filled.delete(1)
    assert sketches_of(store, "new", [1]) == {}
