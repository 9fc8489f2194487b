"""The days of an issue."""

from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from index.digest.period import day_period, week_period
from index.errors import FilterError


def test_a_week_begins_on_its_monday_in_the_zone() -> None:
    period = week_period("2023-W46", ZoneInfo("Asia/Shanghai"))
    assert period.since.isoformat() == "2023-11-13T00:00:00+08:00"
    assert period.until.isoformat() == "2023-11-20T00:00:00+08:00"
    assert period.label == "2023-W46"


def test_days_are_both_in_it() -> None:
    period = day_period("2023-11-14", "2023-11-15", UTC)
    assert (period.until - period.since).days == 2
    assert period.label == "2023-11-14 to 2023-11-15"


def test_seven_days_from_a_monday_are_the_week() -> None:
    assert day_period("2023-11-13", "2023-11-19", UTC).week == "2023-W46"


def test_a_month_may_be_named() -> None:
    assert day_period("2023-11", "2023-11", UTC).label == "2023-11-01 to 2023-11-30"


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("2023-11-15", "2023-11-14", "ends before"),
        ("someday", "2023-11-14", "not a date"),
        ("2020-01-01", "2023-11-14", "more than 366 days"),
    ],
)
def test_days_that_are_none_are_refused(first: str, last: str, words: str) -> None:
    with pytest.raises(FilterError, match=words):
        day_period(first, last, UTC)
