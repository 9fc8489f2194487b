"""Of all that a page says about its time, what is most to be trusted."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from crawlers.dates import ONLY_THE_DAY, Dates, Stated, choose_dates, date_in_address, day_or_moment, read_stated
from index.article import DATE_SOURCES

BEIJING = ZoneInfo("Asia/Shanghai")
SEEN = datetime(2023, 11, 20, 8, tzinfo=UTC)


def at(day: int, hour: int = 9, minute: int = 5) -> Stated:
    return Stated(datetime(2023, 11, day, hour, minute, tzinfo=UTC))


def on(day: int) -> Stated:
    return Stated(datetime(2023, 11, day, 12, tzinfo=UTC), clock=False)


def choose(published: dict[str, list[Stated]], modified: list[Stated] | None = None, seen: datetime | None = SEEN) -> Dates:
    return choose_dates(published, modified or [], UTC, seen)


def test_each_source_is_trusted_before_those_that_follow() -> None:
    assert DATE_SOURCES == ("json-ld", "meta", "microdata", "time", "url", "text", "feed", "given")
    for number, name in enumerate(DATE_SOURCES):
        stated = {each: [at(place + 1)] for place, each in enumerate(DATE_SOURCES) if place >= number}
        found = choose(stated)
        assert (found.published, found.source, found.note) == (at(number + 1).moment, name, None)


def test_a_page_that_says_nothing_has_no_date() -> None:
    assert choose({}) == Dates()


def test_a_page_that_tells_only_its_update_has_no_publication_date() -> None:
    assert choose({}, [at(7)]) == Dates(modified=at(7).moment)


def test_a_day_takes_the_clock_of_a_lesser_source_that_names_the_same_day() -> None:
    found = choose({"url": [on(7)], "text": [at(7, 16)]})
    assert (found.published, found.source, found.note) == (at(7, 16).moment, "url", None)
    found = choose({"url": [on(7)], "text": [at(8, 16)]})
    assert (found.published, found.note) == (on(7).moment, ONLY_THE_DAY)


def test_a_date_in_the_future_becomes_the_time_of_the_first_fetch_and_is_flagged() -> None:
    found = choose({"meta": [at(28)]})
    assert found.published == SEEN
    assert "2023-11-28 09:05 +0000" in (found.note or "")
    assert choose({"meta": [at(28)]}, seen=None).published == at(28).moment


def test_todays_noon_is_not_in_the_future_in_the_morning() -> None:
    assert choose({"text": [on(20)]}) == Dates(SEEN, "text", ONLY_THE_DAY)


def test_an_update_counts_only_after_the_publication_and_never_in_the_future() -> None:
    assert choose({"meta": [at(7)]}, [at(8)]).modified == at(8).moment
    assert choose({"meta": [at(7)]}, [at(7)]).modified is None
    assert choose({"meta": [at(7)]}, [at(6)]).modified is None
    assert choose({"meta": [at(7)]}, [on(7)]).modified is None, "the same day"
    assert choose({"meta": [at(7)]}, [at(28)]).modified == SEEN


@pytest.mark.parametrize(
    ("text", "moment", "clock"),
    [
        ("2023-11-13T08:30:00+08:00", "2023-11-13 00:30", True),
        ("2023-11-13T08:30:00Z", "2023-11-13 08:30", True),
        ("2023-11-13T08:30:00", "2023-11-13 00:30", True),
        ("2023-11-13 08:30", "2023-11-13 00:30", True),
        ("20231113T083000Z", "2023-11-13 08:30", True),
        ("Mon, 13 Nov 2023 08:30:00 GMT", "2023-11-13 08:30", True),
        ("1699864200", "2023-11-13 08:30", True),
        ("1699864200000", "2023-11-13 08:30", True),
        ("2023-11-13", "2023-11-13 04:00", False),
        ("2023/11/13", "2023-11-13 04:00", False),
        ("2023年11月13日", "2023-11-13 04:00", False),
        ("2023-11-13T00:00:00+08:00", "2023-11-13 04:00", False),
        ("November 13, 2023", "2023-11-13 04:00", False),
    ],
)
def test_declared_times_are_read_in_every_usual_form(text: str, moment: str, clock: bool) -> None:
    stated = read_stated(text, BEIJING)
    assert stated is not None
    assert (f"{stated.moment.astimezone(UTC):%Y-%m-%d %H:%M}", stated.clock) == (moment, clock)


@pytest.mark.parametrize("text", ["", "soon", "0000-00-00", "2023-13-45", "99999999999999", "0001-01-01T00:00:00Z", "x" * 5000])
def test_what_declares_no_time_says_nothing(text: str) -> None:
    assert read_stated(text, BEIJING) is None


def test_midnight_is_what_programs_write_for_a_day() -> None:
    midnight = datetime(2023, 11, 13, tzinfo=BEIJING)
    assert day_or_moment(midnight, BEIJING) == Stated(midnight + timedelta(hours=12), clock=False)
    assert day_or_moment(midnight + timedelta(seconds=1), BEIJING).clock


@pytest.mark.parametrize(
    ("path", "day"),
    [
        ("2023/11/20/nvidia-results", "2023-11-20"),
        ("2023/11/20/", "2023-11-20"),
        ("news/20231120/c1.html", "2023-11-20"),
        ("a/2023-11-20/x", "2023-11-20"),
        ("2023-11/20/c_1.htm", "2023-11-20"),
        ("t20231120_42.html", "2023-11-20"),
        ("2023/11/nvidia", None),
        ("2023/13/45/x", None),
        ("p/20231120123", None),
        ("?d=2023/11/20/", None),
        ("1999/11/20/x", None),
    ],
)
def test_an_address_names_its_day(path: str, day: str | None) -> None:
    stated = date_in_address(f"https://news.example/{path}", BEIJING)
    assert (f"{stated.moment:%Y-%m-%d}" if stated else None) == day
