from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from index.errors import FilterError
from index.text.times import day_range, iso, read_datetime, span_words, week_name, week_range

SHANGHAI = ZoneInfo("Asia/Shanghai")


def test_an_iso_week_begins_on_monday_in_its_zone() -> None:
    start, end = week_range("2023-W47", SHANGHAI)
    assert iso(start) == "2023-11-19T16:00:00Z"
    assert (end - start).days == 7
    assert week_name(start, SHANGHAI) == "2023-W47"


@pytest.mark.parametrize("week", ["2023-W54", "2023-W00", "W47", "2023-47", ""])
def test_a_week_that_does_not_exist_is_an_error_with_a_hint(week: str) -> None:
    with pytest.raises(FilterError, match="2023-W47"):
        week_range(week)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2023-04-19T14:05:00Z", "2023-04-19T14:05:00Z"),
        ("2023-08-16 18:24:57", "2023-08-16T18:24:57Z"),
        ("2023/8/6", "2023-08-06T00:00:00Z"),
        ("2023年10月18日 09:12", "2023-10-18T09:12:00Z"),
        ("2023-10-18T09:12:00+08:00", "2023-10-18T01:12:00Z"),
        ("yesterday", None),
        ("0001-01-01", None),
        ("9999-12-31T23:59:59-14:00", None),
        (None, None),
    ],
)
def test_times_are_read_as_written_or_not_at_all(text: str | None, expected: str | None) -> None:
    assert iso(read_datetime(text)) == expected


def test_a_filter_may_name_a_day_a_month_or_a_week() -> None:
    assert day_range("2023-11")[1] == datetime(2023, 12, 1, tzinfo=UTC)
    assert day_range("2023-12")[1] == datetime(2024, 1, 1, tzinfo=UTC)
    assert day_range("2023-W01")[0] == datetime(2023, 1, 2, tzinfo=UTC)
    assert day_range("2023-11-20")[0] == datetime(2023, 11, 20, tzinfo=UTC)
    with pytest.raises(FilterError, match="is not a date"):
        day_range("2023-13-40")


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(0), "0 s"),
        (timedelta(seconds=59), "59 s"),
        (timedelta(minutes=5), "5 min"),
        (timedelta(hours=1, minutes=40), "2 h"),
        (timedelta(hours=24), "1 day"),
        (timedelta(days=7), "7 days"),
    ],
)
def test_a_span_is_told_in_its_largest_unit(span: timedelta, words: str) -> None:
    assert span_words(span) == words
