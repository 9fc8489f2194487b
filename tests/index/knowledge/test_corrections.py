"""What people decide about the catalogue and about links is applied on top, in order, and can be taken back."""

from typing import Any

import pytest

from index.knowledge.corrections import ADD, MERGE, SPLIT, LinkRule, apply_rules, corrected, sentence_at
from index.knowledge.entities import Catalogue, Entity
from index.store.articles import MentionRow
from index.store.decisions import Decision
from tests.conftest import NOW

ACME = Entity("acme", "company", "Acme", zh="艾克美", aliases=("Acme Corp", "Zenith"), ambiguous=("Zenith",), context=("chip",))
OLD = Entity("acme-old", "company", "Acme Silicon", aliases=("AcmeSi",))
CHIP = Entity("acme-x1", "chip", "Acme X1", maker="acme-old")
CATALOGUE = Catalogue([ACME, OLD, CHIP], "v")


def decision(kind: str, subject: str, number: int = 1, **detail: Any) -> Decision:
    return Decision(number, kind, subject, detail, None, NOW)


def test_without_decisions_the_catalogue_is_the_same_object() -> None:
    assert corrected(CATALOGUE, []) is CATALOGUE


def test_merging_moves_names_references_and_the_id() -> None:
    merged = corrected(CATALOGUE, [decision(MERGE, "acme-old", into="acme")])
    assert set(merged.by_id) == {"acme", "acme-x1"}
    assert {"Acme", "艾克美", "Acme Silicon", "AcmeSi"} <= set(merged.by_id["acme"].surfaces)
    assert merged.by_id["acme-x1"].maker == "acme"
    assert merged.get("acme-old") is merged.by_id["acme"], "an id that was stored or linked to leads on"
    assert merged.version != CATALOGUE.version
    assert set(CATALOGUE.by_id) == {"acme", "acme-old", "acme-x1"}, "the shipped catalogue stays as it is"


def test_merges_chain() -> None:
    steps = [decision(MERGE, "acme-old", into="acme"), decision(MERGE, "acme", 2, into="acme-x1")]
    merged = corrected(CATALOGUE, steps)
    assert merged.get("acme-old") is merged.get("acme") is merged.by_id["acme-x1"]


def test_splitting_gives_names_to_a_new_entity_with_their_doubts() -> None:
    split = corrected(CATALOGUE, [decision(SPLIT, "acme", names=["Zenith", "艾克美"], into="zenith", name="Zenith Inc.")])
    new, rest = split.by_id["zenith"], split.by_id["acme"]
    assert (new.name, new.kind, set(new.aliases), new.ambiguous) == (
        "Zenith Inc.",
        "company",
        {"Zenith", "艾克美"},
        ("Zenith",),
    )
    assert set(rest.surfaces) == {"Acme", "Acme Corp"}
    assert rest.ambiguous == ()


def test_splitting_the_display_name_off_leaves_another() -> None:
    split = corrected(CATALOGUE, [decision(SPLIT, "acme", names=["Acme"], into="acme-old")])
    assert split.by_id["acme"].name == "艾克美" or split.by_id["acme"].name == "Acme Corp"
    assert "Acme" in split.by_id["acme-old"].surfaces


def test_an_added_entity_is_there() -> None:
    entry = {"id": "zeta", "kind": "chip", "name": "Zeta", "maker": "acme"}
    assert corrected(CATALOGUE, [decision(ADD, "zeta", entry=entry)]).by_id["zeta"].maker == "acme"


@pytest.mark.parametrize(
    "unfit",
    [
        decision(MERGE, "gone", into="acme"),
        decision(MERGE, "acme", into="gone"),
        decision(SPLIT, "gone", names=["Acme"], into="x"),
        decision(SPLIT, "acme", names=["No Such Name"], into="x"),
        decision(SPLIT, "acme", names=list(ACME.surfaces), into="x"),
        decision(ADD, "acme", entry={"id": "acme", "kind": "company", "name": "Another"}),
        decision(ADD, "bad", entry={"id": "bad", "kind": "tree", "name": "Bad"}),
    ],
    ids=lambda each: f"{each.kind} {each.subject}",
)
def test_a_decision_that_no_longer_fits_changes_nothing(unfit: Decision) -> None:
    assert dict(corrected(CATALOGUE, [unfit]).by_id) == dict(CATALOGUE.by_id)


TITLE, TEXT = "Apple news", "Apple said so. The Apple fell. Zeta chips sold."
ROWS = [
    MentionRow("title", 0, 5, "apple", "Apple", 0.9),
    MentionRow("text", 0, 5, "apple", "Apple", 0.9),
    MentionRow("text", 19, 24, "apple", "Apple", 0.4),
]


def test_a_wrong_link_goes_everywhere_in_the_article_or_in_one_sentence() -> None:
    assert apply_rules(ROWS, [LinkRule("apple", "apple", False)], TITLE, TEXT) == []
    kept = apply_rules(ROWS, [LinkRule("apple", None, False, "The Apple fell.")], TITLE, TEXT)
    assert kept == ROWS[:2]
    assert apply_rules(ROWS, [LinkRule("apple", "samsung", False)], TITLE, TEXT) == ROWS, "it never meant that"


def test_a_right_link_is_certain_and_finds_names_that_nothing_linked() -> None:
    found = apply_rules(ROWS, [LinkRule("zeta", "acme-zeta", True)], TITLE, TEXT)
    assert MentionRow("text", 31, 35, "acme-zeta", "Zeta", 1.0) in found
    assert [row.confidence for row in apply_rules(ROWS, [LinkRule("apple", "acme", True)], TITLE, TEXT)] == [1.0] * 3


def test_the_last_decision_on_a_name_stands() -> None:
    rules = [LinkRule("apple", None, False), LinkRule("apple", "acme", True)]
    assert {row.entity_id for row in apply_rules(ROWS, rules, TITLE, TEXT)} == {"acme"}
    assert apply_rules(ROWS, rules[::-1], TITLE, TEXT) == []


def test_the_sentence_around_a_place() -> None:
    assert sentence_at(TEXT, 20) == "The Apple fell."
    assert sentence_at(TEXT, 10_000) == ""
