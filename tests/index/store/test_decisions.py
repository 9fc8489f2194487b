"""What people decide is kept, listed and taken back."""

from datetime import timedelta

import pytest

from index.errors import NotFound
from index.knowledge_base import KnowledgeBase
from index.store.decisions import decisions, save_decision, undo_decision
from tests.conftest import NOW


def test_decisions_come_in_the_order_in_which_they_were_made_by_kind(writer: KnowledgeBase) -> None:
    store = writer.store
    with store.atomic():
        first = save_decision(store, "wrong-link", "article:1", {"entity": "apple", "surface": "苹果"}, NOW, "the fruit")
        save_decision(store, "merge-stories", "story:3", {"into": 2}, NOW)
        last = save_decision(store, "wrong-link", "article:2", {"entity": "arm"}, NOW)
    assert decisions(store, "wrong-link") == [first, last]
    assert [each.kind for each in decisions(store)] == ["wrong-link", "merge-stories", "wrong-link"]
    assert decisions(store, "split-story") == []


def test_a_decision_that_is_taken_back_no_longer_holds_but_stays_on_record(writer: KnowledgeBase) -> None:
    store = writer.store
    later = NOW + timedelta(days=1)
    with store.atomic():
        made = save_decision(store, "wrong-claim", "claim:9", {}, NOW)
        undo_decision(store, made.id, later)
    assert decisions(store, "wrong-claim") == []
    assert [each.undone for each in decisions(store, "wrong-claim", undone=True)] == [later]
    with pytest.raises(NotFound, match="no decision 1 that holds"):
        undo_decision(store, made.id, later)
