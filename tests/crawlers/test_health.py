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
    pages_tried=2,
    pages_read=2,
    listed=10,
    known_since=NOW - 20 * DAY,
    last_good=NOW,
    arrivals=DAILY,
)
SILENT = replace(WELL, lists_read=0, listed=0, pages_tried=0, pages_read=0, last_good=NOW - DAY)


def state(seen: Observation, source: Source = SOURCE, before: Health | None = None) -> str:
    return judge(source, seen, before).state


def test_a_source_that_answers_and_publishes_as_expected_is_ok() -> None:
    assert state(WELL) == "ok"
    assert state(replace(WELL, unchanged=True, listed=0, pages_tried=0, pages_read=0)) == "ok"


def test_a_new_source_is_ok_before_anything_can_be_expected_of_it() -> None:
    assert state(replace(WELL, known_since=NOW, arrivals=())) == "ok"


@pytest.mark.parametrize(
    ("arrivals", "expected"),
    [
        (tuple(moment - 10 * DAY for moment in DAILY), (2.0, 40.0)),  # silent for ten days, at a weekly minimum of two
        (tuple(NOW - 9 * DAY - timedelta(hours=4) * n for n in range(40)), (0.0, 400.0)),  # it used to come six times a day
    ],
)
def test_a_source_that_answers_but_brings_nothing_new_in_time_is_late(
    arrivals: tuple[datetime, ...], expected: tuple[float, float]
) -> None:
    seen = replace(WELL, arrivals=tuple(arrivals), known_since=NOW - 28 * DAY)
    late = judge(replace(SOURCE, expected=expected), seen, None)
    assert (late.state, "nothing new for" in late.note) == ("late", True)


def test_a_weekend_is_not_late() -> None:
    arrivals = tuple(NOW - timedelta(hours=40) - timedelta(hours=2) * n for n in range(100))
    assert state(replace(WELL, arrivals=arrivals), replace(SOURCE, expected=(0.0, 400.0))) == "ok"


def test_too_many_or_too_few_articles_are_broken() -> None:
    many = tuple(NOW - timedelta(hours=1) * n for n in range(300))
    assert state(replace(WELL, arrivals=many)) == "broken"
    few = (NOW - DAY,)
    answer = judge(SOURCE, replace(WELL, arrivals=few), None)
    assert (answer.state, answer.note) == ("broken", "1 articles in two weeks, where at least 2 a week are expected")


def test_volume_is_not_judged_in_the_first_two_weeks() -> None:
    many = tuple(NOW - timedelta(hours=1) * n for n in range(300))
    assert state(replace(WELL, arrivals=many, known_since=NOW - 13 * DAY)) == "ok"


def test_an_empty_list_and_pages_that_cannot_be_read_are_broken() -> None:
    assert state(replace(WELL, listed=0, pages_tried=0, pages_read=0)) == "broken"
    assert state(replace(WELL, pages_tried=5, pages_read=0)) == "broken"
    assert state(replace(WELL, pages_tried=2, pages_read=0)) == "ok", "two pages may be bad luck"


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
    late = replace(WELL, arrivals=tuple(moment - 10 * DAY for moment in DAILY), known_since=NOW - 28 * DAY)
    assert judge(SOURCE, late, before).since == before.since
    assert judge(SOURCE, WELL, before).since == NOW


def test_every_state_is_one_of_the_six() -> None:
    assert set(STATES) == {"ok", "late", "moved", "blocked", "broken", "dead"}
