from datetime import UTC, datetime

import pytest

from index.errors import UsageError
from index.knowledge.claims.corrections import CHANGED, WRONG, checked_change, corrected
from index.knowledge.reading import Reading
from index.store.decisions import Decision
from tests.index.knowledge.claims.reading_claims import claims_in, one

TEXT = "Gaudi 3 draws up to 900 watts. Gaudi 3 is made by TSMC."


def decision(number: int, kind: str, detail: dict[str, object]) -> Decision:
    return Decision(number, kind, "article:1", detail, None, datetime(2024, 1, 1, tzinfo=UTC))


def detail(reading: Reading, attribute: str, **changes: object) -> dict[str, object]:
    claim = one(claims_in(reading, TEXT), attribute)
    told = {"key": claim.key, "entity": claim.entity, "attribute": attribute, "written": claim.written, "quote": claim.quote}
    return {**told, **changes}


def test_a_claim_that_is_wrong_is_gone_and_the_others_stay(reading: Reading) -> None:
    left = corrected(claims_in(reading, TEXT), [decision(1, WRONG, detail(reading, "power"))], "", TEXT)
    assert [(claim.attribute, by) for claim, by in left] == [("maker", None)]


def test_a_correction_holds_where_better_rules_read_another_entity(reading: Reading) -> None:
    """Such a claim has another key, and is known by its sentence, attribute and value."""
    other = detail(reading, "power", key="0" * 16, entity="intel")
    assert [claim.attribute for claim, _ in corrected(claims_in(reading, TEXT), [decision(1, WRONG, other)], "", TEXT)] == [
        "maker"
    ]


def test_a_changed_claim_stands_in_place_of_what_was_read(reading: Reading) -> None:
    change = decision(7, CHANGED, detail(reading, "power", to={"low": 600.0}))
    [found] = [
        (claim, by) for claim, by in corrected(claims_in(reading, TEXT), [change], "", TEXT) if claim.attribute == "power"
    ]
    assert (found[0].low, found[0].high, found[1]) == (600.0, 600.0, 7)


def test_a_changed_claim_stays_while_its_sentence_does_even_if_rules_no_longer_find_it(reading: Reading) -> None:
    change = decision(7, CHANGED, detail(reading, "power", to={"low": 600.0}))
    [(claim, by)] = corrected([], [change], "", TEXT)
    assert (claim.low, claim.quote, by) == (600.0, "Gaudi 3 draws up to 900 watts.", 7)
    assert corrected([], [change], "", "Another text.") == []


def test_values_of_a_change_are_checked(reading: Reading) -> None:
    catalogue, attributes = reading.catalogue, reading.claims.attributes
    assert checked_change({"entity": "intel-gaudi3", "low": "600", "when": "2024-03"}, catalogue, attributes) == {
        "entity": "intel-gaudi3",
        "low": 600.0,
        "when": ["2024-03-01", "2024-03-31", "month"],
    }


@pytest.mark.parametrize(
    ("to", "says"),
    [
        ({}, "Nothing is to be changed"),
        ({"quote": "x"}, "no 'quote'"),
        ({"entity": "intel-gaudi-99"}, "no entity"),
        ({"attribute": "colour"}, "no attribute"),
        ({"status": "sure"}, "is no status"),
        ({"low": "nan"}, "is no number"),
        ({"low": "many"}, "is no number"),
        ({"when": "someday"}, "."),
    ],
)
def test_a_change_that_cannot_be_read_is_refused(reading: Reading, to: dict[str, object], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        checked_change(to, reading.catalogue, reading.claims.attributes)
