"""Decisions of people on stories: these are one, these articles are another one. They are about articles, whose ids last.

``story-merge`` holds all articles of the stories that are one, ``story-split`` those that leave a story and those that stay.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import combinations, product

from index.errors import NotFound, UsageError
from index.store.database import Store
from index.store.decisions import Decision, decisions, save_decision, undo_decision
from index.store.stories import current_story

MERGE, SPLIT = "story-merge", "story-split"


def judgements(store: Store) -> list[tuple[int, int, bool]]:
    """(article, article, whether they share a story) for every pair that people judged, oldest first."""
    pairs: list[tuple[int, int, bool]] = []
    for decision in decisions(store, MERGE, SPLIT):
        together = decision.detail["together"]
        if decision.kind == SPLIT:
            pairs += [(a, b, False) for a, b in product(together, decision.detail["from"])]
            pairs += [(together[0], other, True) for other in together[1:]]
        else:
            pairs += [(a, b, True) for a, b in combinations(together, 2)]
    return pairs


def decide_merge(store: Store, story_ids: Sequence[int], now: datetime, note: str | None = None) -> Decision:
    """Record that stories are one, inside the caller's transaction.

    Raises:
        NotFound: no such story. UsageError: fewer than two.
    """
    ids = sorted({_current(store, each) for each in story_ids})
    if len(ids) < 2:
        raise UsageError("A merge takes two stories; these are one already.")
    together = [article for each in ids for article in articles_in(store, each)]
    return save_decision(store, MERGE, f"story:{ids[0]}", {"stories": ids, "together": together}, now, note)


def decide_split(store: Store, story_id: int, article_ids: Sequence[int], now: datetime, note: str | None = None) -> Decision:
    """Record that articles are not of the story they are in, but of one of their own, inside the caller's transaction.

    Raises:
        NotFound: no such story. UsageError: it has not these articles, or no others.
    """
    current = _current(store, story_id)
    members = articles_in(store, current)
    leaving = sorted(set(article_ids))
    strangers = [each for each in leaving if each not in members]
    if strangers:
        raise UsageError(f"Story {current} has no article {strangers[0]}.")
    if not leaving or len(leaving) == len(members):
        raise UsageError("A split leaves at least one article on either side.")
    staying = [each for each in members if each not in leaving]
    return save_decision(store, SPLIT, f"story:{current}", {"together": leaving, "from": staying}, now, note)


def undo(store: Store, decision_id: int, now: datetime) -> Decision:
    """Take a decision on stories back, inside the caller's transaction.

    Raises:
        NotFound: there is none with this id that holds.
    """
    if not any(decision.id == decision_id for decision in decisions(store, MERGE, SPLIT)):
        raise NotFound(f"There is no decision {decision_id} on a story that holds.")
    return undo_decision(store, decision_id, now)


def articles_of(decision: Decision) -> list[int]:
    """The articles that a decision on stories is about."""
    return sorted({*decision.detail["together"], *decision.detail.get("from", ())})


def articles_in(store: Store, story_id: int) -> list[int]:
    """Ids of a story's articles."""
    return [int(row[0]) for row in store.rows("SELECT article_id FROM article_story WHERE story_id = ? ORDER BY 1", [story_id])]


def _current(store: Store, story_id: int) -> int:
    current = current_story(store, story_id)
    if current is None:
        raise NotFound(f"There is no story {story_id}.")
    return current
