from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crawlers.health import STATES, Health, Observation, Trouble, judge
from crawlers.sources import Source

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
SOURCE = Source("wire", "The Wire", "press", "en", feeds=("https://wire.example/feed",), expected=(2.0, 40.0))
DAILY = tuple(NOW - DAY * n for n in range(20))
WELL = Observation(
    now=NOW,
    lists=1,
    lists_read=1,
    listed=10,
    known_since=NOW - 20 * DAY,
    last_good=NOW,
    arrivals=DAILY,
    active=DAILY,
)
SILENT = replace(WELL, lists_read=0, listed=0, last_good=NOW - DAY)
HABIT = replace(SOURCE, expected=(0.0, 400.0))
REFUSED, EMPTY = Trouble("refused", "it answered HTTP 403"), Trouble("unreadable", "no article text was found in the page")


def state(seen: Observation, source: Source = SOURCE, before: Health | None = None) -> str:
    return judge(source, seen, before).state


def test_a_source_that_answers_and_publishes_as_expected_is_ok() -> None:
    assert state(WELL) == "ok"
    assert state(replace(WELL, unchanged=True, listed=0)) == "ok"


def test_a_new_source_is_ok_before_anything_can_be_expected_of_it() -> None:
    assert state(replace(WELL, known_since=NOW, arrivals=())) == "ok"


def days_ago(*days: float) -> tuple[datetime, ...]:
    return tuple(NOW - DAY * n for n in days)


@pytest.mark.parametrize(
    ("active", "expected"),
    [
        (days_ago(*range(10, 30)), (2.0, 40.0)),  # silent for ten days, at a weekly minimum of two
        (days_ago(*range(9, 16)), (0.0, 400.0)),  # it used to come every day
        (days_ago(*range(400, 420)), (0.0, 400.0)),  # and did so more than a year ago
        (days_ago(*range(20, 160, 7)), (0.0, 400.0)),  # a weekly letter that missed two weeks
        ((), (2.0, 40.0)),
    ],
)
def test_a_source_that_answers_but_brings_nothing_new_in_time_is_late(
    active: tuple[datetime, ...], expected: tuple[float, float]
) -> None:
    seen = replace(WELL, arrivals=(), active=active, known_since=NOW - 28 * DAY)
    late = judge(replace(SOURCE, expected=expected), seen, None)
    assert (late.state, "nothing new for" in late.note) == ("late", True)


@pytest.mark.parametrize(
    "active",
    [
        days_ago(1.7, 2.7, 3.7, 4.7, 5.7),  # a weekend
        days_ago(5, 6, 7, 8, 9, 12, 13, 14, 15, 16, 19, 20),  # a long one, of an outlet that never writes at weekends
        days_ago(12, 19, 26, 33, 40, 47),  # a weekly letter that missed one week
        days_ago(20, 21, 22),  # too little is known of it
        (),
    ],
)
def test_a_rest_that_is_usual_is_not_late(active: tuple[datetime, ...]) -> None:
    assert state(replace(WELL, arrivals=(), active=active), HABIT) == "ok"


def test_one_long_holiday_does_not_make_long_silence_usual() -> None:
    active = days_ago(9, 10, 11, 12, 42, 43, 44)
    assert state(replace(WELL, active=active), HABIT) == "late"


def test_a_source_that_has_ended_is_never_late_and_may_come_back() -> None:
    ended = replace(SOURCE, expected=(0.0, 0.0))
    assert state(replace(WELL, arrivals=(), active=days_ago(*range(400, 420))), ended) == "ok"
    assert state(WELL, ended) == "ok"


def test_too_many_or_too_few_articles_are_broken() -> None:
    many = tuple(NOW - timedelta(hours=1) * n for n in range(300))
    assert state(replace(WELL, arrivals=many)) == "broken"
    few = (NOW - DAY,)
    answer = judge(SOURCE, replace(WELL, arrivals=few, active=few), None)
    assert (answer.state, answer.note) == ("broken", "1 articles in two weeks, where at least 2 a week are expected")


def test_volume_is_not_judged_in_the_first_two_weeks() -> None:
    many = tuple(NOW - timedelta(hours=1) * n for n in range(300))
    assert state(replace(WELL, arrivals=many, known_since=NOW - 13 * DAY)) == "ok"


def test_an_empty_list_is_broken_but_for_a_few_days_after_an_article() -> None:
    assert state(replace(WELL, listed=0, active=days_ago(5, 6))) == "broken"
    assert state(replace(WELL, listed=0, active=())) == "broken"
    assert state(replace(WELL, listed=0, active=days_ago(3, 4))) == "ok", "some are emptied for the weekend"


def test_pages_of_which_none_can_be_read_are_broken_or_blocked() -> None:
    broken = judge(SOURCE, replace(WELL, unread=3, page_trouble=EMPTY), None)
    assert broken == Health("broken", f"none of its last 3 pages could be read: {EMPTY.words}", NOW)
    assert state(replace(WELL, unread=3, page_trouble=REFUSED)) == "blocked"
    assert state(replace(WELL, unread=2, page_trouble=REFUSED)) == "ok", "two pages may be bad luck"


def test_a_poll_that_tried_no_page_leaves_the_state_that_pages_gave() -> None:
    before = judge(SOURCE, replace(WELL, unread=5, page_trouble=REFUSED), None)
    later = judge(SOURCE, replace(WELL, now=NOW + DAY, unread=5, unchanged=True, listed=0), before)
    assert later == before
    assert state(replace(WELL, unread=5, unchanged=True)) == "broken"


def test_a_list_that_cannot_be_parsed_is_broken_at_once() -> None:
    assert state(replace(SILENT, troubles=(Trouble("unreadable", "this is not a feed"),), failures=1)) == "broken"


@pytest.mark.parametrize("words", ["it answered HTTP 403", "robots.txt forbids it", "it answered with a bot check"])
def test_a_refusal_is_blocked(words: str) -> None:
    assert judge(SOURCE, replace(SILENT, troubles=(Trouble("refused", words),)), None) == Health("blocked", words, NOW)


def test_lists_that_moved_for_good_are_told_with_their_new_address() -> None:
    moved = judge(SOURCE, replace(WELL, moved_to="https://new.example/feed"), None)
    assert (moved.state, "https://new.example/feed" in moved.note) == ("moved", True)


def test_a_source_that_does_not_answer_keeps_its_state_for_two_polls() -> None:
    before = Health("ok", "10 listed", NOW - 9 * DAY)
    silent = replace(SILENT, troubles=(Trouble("unreachable", "it did not answer in time"),))
    first = judge(SOURCE, replace(silent, failures=1), before)
    assert (first.state, first.since, first.note) == ("ok", before.since, "it did not answer in time")
    assert judge(SOURCE, replace(silent, failures=3), before) == Health("broken", "it did not answer in time", NOW)


def test_a_source_is_dead_after_two_weeks_of_silence_or_three_days_of_404() -> None:
    silent = replace(SILENT, failures=30, last_good=NOW - 15 * DAY, troubles=(Trouble("unreachable", "refused"),))
    assert state(silent) == "dead"
    gone = replace(SILENT, failures=3, troubles=(Trouble("gone", "it answered HTTP 404"),))
    assert state(replace(gone, last_good=NOW - DAY)) == "broken"
    assert state(replace(gone, last_good=NOW - 4 * DAY)) == "dead"


def test_one_dead_list_of_two_leaves_a_source_ok_and_is_mentioned() -> None:
    seen = replace(WELL, lists=2, troubles=(Trouble("gone", "it answered HTTP 404"),))
    answer = judge(SOURCE, seen, None)
    assert (answer.state, "1 of 2 lists" in answer.note) == ("ok", True)


def test_the_state_keeps_the_moment_at_which_it_began() -> None:
    before = Health("late", "nothing new", NOW - 5 * DAY)
    late = replace(WELL, active=tuple(moment - 10 * DAY for moment in DAILY), known_since=NOW - 28 * DAY)
    assert judge(SOURCE, late, before).since == before.since
    assert judge(SOURCE, WELL, before).since == NOW


def test_every_state_is_one_of_the_six() -> None:
    assert set(STATES) == {"ok", "late", "moved", "blocked", "broken", "dead"}
