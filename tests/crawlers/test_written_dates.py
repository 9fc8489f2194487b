"""Dates as people write them, with the moment that they mean to a reader of the outlet."""

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

import pytest

from crawlers.written_dates import written_dates

BEIJING, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
SEEN = datetime(2023, 4, 26, 4, 30, tzinfo=UTC)
"""Half past noon in Beijing, half past midnight in New York."""


def read(line: str, zone: tzinfo = BEIJING, seen: datetime | None = SEEN) -> list[tuple[str, bool]]:
    """Moments in UTC, and whether they have a clock time."""
    return [(f"{each.moment.astimezone(UTC):%Y-%m-%d %H:%M}", each.clock) for each in written_dates(line, zone, seen)]


@pytest.mark.parametrize(
    ("line", "moment"),
    [
        ("2023年4月24日 09:12", "2023-04-24 01:12"),
        ("2023年04月24日09时12分", "2023-04-24 01:12"),
        ("2023年4月24日 上午9:12", "2023-04-24 01:12"),
        ("2023年4月24日 下午3:05", "2023-04-24 07:05"),
        ("2023年4月24日 晚上8点30分", "2023-04-24 12:30"),
        ("2023年4月24日（星期一）09:12", "2023-04-24 01:12"),
        ("2023-04-24 09:12:33", "2023-04-24 01:12"),
        ("2023/4/24 9:12", "2023-04-24 01:12"),
        ("2023.04.24 09:12", "2023-04-24 01:12"),
        ("发布时间：2023-04-24 09:12  来源：芯闻", "2023-04-24 01:12"),
    ],
)
def test_chinese_forms_with_a_clock_are_in_the_outlets_zone(line: str, moment: str) -> None:
    assert read(line) == [(moment, True)]


@pytest.mark.parametrize(
    ("line", "moment"),
    [
        ("Apr 24, 2023 6:00 AM ET", "2023-04-24 10:00"),
        ("April 24, 2023 at 6:00 a.m. EDT", "2023-04-24 10:00"),
        ("Mon, Apr 24, 2023, 6:00 AM PT", "2023-04-24 13:00"),
        ("24 April 2023 18:00 GMT", "2023-04-24 18:00"),
        ("Published 24 Apr 2023, 06:00 BST", "2023-04-24 05:00"),
        ("2023-04-24T06:00:00-04:00", "2023-04-24 10:00"),
        ("2023-04-24 06:00 UTC", "2023-04-24 06:00"),
        ("Apr. 24, 2023 | 6:00 pm", "2023-04-24 22:00"),
        ("April 24, 2023 12:30 AM", "2023-04-24 04:30"),
        ("April 24, 2023 12:30 PM", "2023-04-24 16:30"),
    ],
)
def test_english_forms_are_in_the_zone_that_they_name_or_the_outlets(line: str, moment: str) -> None:
    assert read(line, NEW_YORK) == [(moment, True)]


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("2023年4月24日", "2023-04-24 04:00"),
        ("2023-4-24", "2023-04-24 04:00"),
        ("April 24th, 2023", "2023-04-24 04:00"),
        ("24 Apr 2023", "2023-04-24 04:00"),
        ("4月24日", "2023-04-24 04:00"),
        ("昨天", "2023-04-25 04:00"),
        ("前天", "2023-04-24 04:00"),
        ("2天前", "2023-04-24 04:00"),
        ("yesterday", "2023-04-25 04:00"),
        ("2 days ago", "2023-04-24 04:00"),
    ],
)
def test_a_day_without_a_clock_is_its_noon(line: str, day: str) -> None:
    assert read(line) == [(day, False)]


@pytest.mark.parametrize(
    ("line", "moment"),
    [
        ("3小时前", "2023-04-26 01:30"),
        ("15分钟前", "2023-04-26 04:15"),
        ("刚刚", "2023-04-26 04:30"),
        ("昨天 18:20", "2023-04-25 10:20"),
        ("今天 09:12", "2023-04-26 01:12"),
        ("4月24日 09:12", "2023-04-24 01:12"),
        ("04-24 09:12", "2023-04-24 01:12"),
        ("3 hours ago", "2023-04-26 01:30"),
        ("an hour ago", "2023-04-26 03:30"),
        ("15 mins ago", "2023-04-26 04:15"),
    ],
)
def test_what_is_said_from_the_moment_of_reading_counts_from_when_the_page_was_fetched(line: str, moment: str) -> None:
    assert read(line) == [(moment, True)]
    assert read(line, seen=None) == [], "and says nothing where that is unknown"


def test_a_day_without_a_year_is_the_last_one_before_the_page_was_fetched() -> None:
    assert read("12月30日", seen=datetime(2024, 1, 3, tzinfo=UTC)) == [("2023-12-30 04:00", False)]
    assert read("8月30日", seen=datetime(2024, 1, 3, tzinfo=UTC)) == [], "too long ago to go without its year"


@pytest.mark.parametrize(
    "line",
    [
        "2023年13月40日",
        "2023-02-30",
        "© 2021 News",
        "Model 2023-24",
        "12:30",
        "HBM3 4/24",
        "version 2.04.24",
        "1889年4月24日",
        "",
    ],
)
def test_what_is_no_date_is_none(line: str) -> None:
    assert read(line) == []


def test_several_dates_of_a_line_come_in_their_order() -> None:
    line = "2023-04-24 09:12 发布 2023-04-25 10:00 更新"
    assert read(line) == [("2023-04-24 01:12", True), ("2023-04-25 02:00", True)]
