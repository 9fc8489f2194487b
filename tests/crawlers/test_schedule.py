from datetime import UTC, datetime, timedelta

import pytest

from crawlers.schedule import Bounds, Wishes, interval, rate, with_jitter

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)
WEEKS = timedelta(days=28)
SHORTEST, LONGEST = timedelta(minutes=5), timedelta(hours=24)


def every(gap: timedelta, count: int) -> list[datetime]:
    return [NOW - gap * n for n in range(count)]


def test_a_source_is_asked_about_twice_between_two_of_its_articles() -> None:
    wait = interval(every(timedelta(hours=8), 84), NOW, WEEKS)
    assert timedelta(hours=3.5) < wait < timedelta(hours=4.5)


def test_a_wire_is_asked_every_five_minutes_and_a_silent_blog_once_a_day() -> None:
    assert interval(every(timedelta(minutes=3), 2000), NOW, timedelta(hours=100)) == SHORTEST
    assert interval([], NOW, WEEKS) == LONGEST


def test_a_source_of_which_nothing_is_known_is_asked_again_within_the_hour() -> None:
    assert interval([], NOW, timedelta(0)) == timedelta(hours=1)


def test_one_article_in_the_first_minute_does_not_make_a_wire() -> None:
    assert interval([NOW], NOW, timedelta(minutes=1)) > timedelta(minutes=20)


def test_rates_count_only_what_lies_in_the_time_looked_at() -> None:
    old = [NOW - timedelta(days=40)] * 500
    assert rate(old, NOW, timedelta(days=100)) == rate([], NOW, WEEKS)
    assert rate([NOW + timedelta(days=1)], NOW, WEEKS) == rate([], NOW, WEEKS), "a time in the future is a mistake"


@pytest.mark.parametrize(
    ("wishes", "expected"),
    [
        (Wishes(ttl=timedelta(hours=3)), timedelta(hours=3)),
        (Wishes(max_age=timedelta(hours=2)), timedelta(hours=2)),
        (Wishes(max_age=timedelta(days=365)), LONGEST),
        (Wishes(retry_after=timedelta(days=2)), timedelta(days=2)),
        (Wishes(retry_after=timedelta(days=900)), timedelta(days=7)),
        (Wishes(ttl=timedelta(minutes=1)), SHORTEST),
    ],
)
def test_what_a_source_wishes_raises_its_interval_and_never_lowers_it(wishes: Wishes, expected: timedelta) -> None:
    assert interval(every(timedelta(minutes=3), 2000), NOW, timedelta(hours=100), wishes=wishes) == expected


def test_each_failure_in_a_row_doubles_the_interval_up_to_a_day() -> None:
    busy = every(timedelta(minutes=3), 2000)
    waits = [interval(busy, NOW, timedelta(hours=100), failures=n) for n in range(12)]
    assert waits[:3] == [SHORTEST, SHORTEST * 2, SHORTEST * 4]
    assert waits[-1] == LONGEST


def test_of_several_lists_the_longest_wish_counts() -> None:
    hour = timedelta(hours=1)
    merged = Wishes(ttl=hour).merged(Wishes(ttl=2 * hour, max_age=hour)).merged(Wishes())
    assert merged == Wishes(ttl=2 * hour, max_age=hour)


def test_jitter_lengthens_by_a_tenth_at_most() -> None:
    assert with_jitter(timedelta(hours=1), 0.0) == timedelta(hours=1)
    assert with_jitter(timedelta(hours=1), 1.0) == timedelta(minutes=66)


def test_other_bounds_can_be_set() -> None:
    bounds = Bounds(timedelta(minutes=10), timedelta(hours=1))
    assert interval([], NOW, WEEKS, bounds=bounds) == bounds.longest
    assert interval(every(timedelta(minutes=3), 2000), NOW, timedelta(hours=100), bounds=bounds) == bounds.shortest
