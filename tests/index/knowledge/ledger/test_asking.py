from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from index.errors import FilterError
from index.knowledge.claims.attributes import load_attributes
from index.knowledge.ledger.asking import read_claim_filter
from index.store.claims import ClaimFilter

NAMES = load_attributes().names()


def test_nothing_asked_narrows_nothing() -> None:
    assert read_claim_filter(NAMES) == ClaimFilter()


def test_attributes_are_known_by_id_and_by_their_name_in_either_language() -> None:
    english, chinese = NAMES["volume-production"]
    asked = read_claim_filter(NAMES, attribute=[f"power,{english.lower()}", chinese])
    assert asked.attributes == ("power", "volume-production")


def test_days_begin_in_the_zone_that_is_asked_in() -> None:
    asked = read_claim_filter(NAMES, after="2023-W16", before="2023-05", zone=ZoneInfo("Asia/Shanghai"))
    assert asked.after is not None and asked.before is not None
    assert datetime.fromisoformat(asked.after).astimezone(UTC) == datetime(2023, 4, 16, 16, tzinfo=UTC)
    assert datetime.fromisoformat(asked.before).astimezone(UTC) == datetime(2023, 4, 30, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"attribute": ["colour"]}, "no attribute 'colour'"),
        ({"status": ["sure"]}, "status is 'sure'"),
        ({"lang": ["fr"]}, "lang is 'fr'"),
        ({"after": "someday"}, "someday"),
        ({"after": "2024", "before": "2023"}, "does not lie before"),
        ({"source": [",".join(f"s{n}" for n in range(60))]}, "at most 50"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_one_line(asked: dict[str, object], says: str) -> None:
    with pytest.raises(FilterError, match=says):
        read_claim_filter(NAMES, **asked)  # type: ignore[arg-type]
