from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from index.digest.schedule import last_week, read_weekly
from index.errors import FilterError

BERLIN, SHANGHAI = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("now", "zone", "due"),
    [
        ("2023-11-24T12:00+00:00", UTC, "2023-11-27T07:00+00:00"),
        ("2023-11-27T06:59+00:00", UTC, "2023-11-27T07:00+00:00"),
        ("2023-11-27T07:00+00:00", UTC, "2023-12-04T07:00+00:00"),
        ("2023-11-26T22:59+00:00", SHANGHAI, "2023-11-26T23:00+00:00"),
        ("2023-11-26T23:00+00:00", SHANGHAI, "2023-12-03T23:00+00:00"),
        ("2024-03-30T12:00+00:00", BERLIN, "2024-04-01T05:00+00:00"),
    ],
)
def test_the_next_monday_at_seven_by_the_clocks_of_the_zone(now: str, zone: ZoneInfo, due: str) -> None:
    assert read_weekly("Mon 07:00").after(datetime.fromisoformat(now), zone) == datetime.fromisoformat(due)


@pytest.mark.parametrize(
    ("now", "zone", "due"),
    [
        ("2023-11-24T12:00+00:00", UTC, "2023-11-20T07:00+00:00"),
        ("2023-11-27T06:59+00:00", UTC, "2023-11-20T07:00+00:00"),
        ("2023-11-27T07:00+00:00", UTC, "2023-11-27T07:00+00:00"),
        ("2023-11-26T22:59+00:00", SHANGHAI, "2023-11-19T23:00+00:00"),
        ("2024-04-01T12:00+00:00", BERLIN, "2024-04-01T05:00+00:00"),
    ],
)
def test_the_last_monday_at_seven_by_the_clocks_of_the_zone(now: str, zone: ZoneInfo, due: str) -> None:
    assert read_weekly("Mon 07:00").last(datetime.fromisoformat(now), zone) == datetime.fromisoformat(due)


@pytest.mark.parametrize("text", ["", "Mon", "07:00", "Mon 24:00", "Mon 7:60", "Day 07:00", "Mon 07:00 UTC", "每周一 07:00"])
def test_what_is_no_time_of_the_week_is_said_so(text: str) -> None:
    with pytest.raises(FilterError):
        read_weekly(text)


def test_the_week_that_ended_last() -> None:
    assert last_week(datetime(2023, 11, 27, 7, tzinfo=UTC), UTC) == "2023-W47"
    assert last_week(datetime(2023, 12, 3, 23, tzinfo=UTC), UTC) == "2023-W47"
    assert last_week(datetime(2024, 1, 1, 0, tzinfo=UTC), UTC) == "2023-W52"
