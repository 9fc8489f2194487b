"""What crawling remembers of addresses."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from index.store.articles import save_article
from index.store.crawls import (
    RETRY_AFTER,
    LeftOut,
    Validators,
    backfilled_to,
    handled,
    left_out,
    left_out_counts,
    moved_to,
    save_backfilled,
    save_left_out,
    save_moved,
    save_validators,
    validators_of,
)
from index.store.database import Store
from tests.conftest import NOW, article

PAGE = "https://news.example/a"
DAY = timedelta(days=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open_writer(tmp_path / "home") as store:
        yield store


def left(number: int, source: str = "news", seen: datetime = NOW) -> LeftOut:
    return LeftOut(f"{PAGE}/{number}", source, "Roses", "no chip is named", 0.1, seen, NOW - DAY)


def test_an_unchanged_answer_leaves_the_validators_and_moves_the_time(store: Store) -> None:
    assert validators_of(store, PAGE) is None
    save_validators(store, PAGE, Validators('"1"', "Wed", 200, NOW))
    save_validators(store, PAGE, Validators(None, None, 304, NOW + DAY))
    assert validators_of(store, PAGE) == Validators('"1"', "Wed", 200, NOW + DAY)
    save_validators(store, PAGE, Validators('"2"', None, 200, NOW + 2 * DAY))
    assert validators_of(store, PAGE) == Validators('"2"', None, 200, NOW + 2 * DAY)


def test_a_page_of_no_use_is_looked_at_again_after_a_week(store: Store) -> None:
    assert handled(store, PAGE, NOW) is None
    save_validators(store, PAGE, Validators(None, None, 200, NOW, "no article text was found in the page"))
    assert handled(store, PAGE, NOW + DAY) == NOW
    assert handled(store, PAGE, NOW + RETRY_AFTER + DAY) is None


def test_of_a_page_that_was_refused_its_lists_word_is_stored_and_the_page_is_tried_again_after_a_week(store: Store) -> None:
    save_validators(store, PAGE, Validators(None, None, 403, NOW, "it answered HTTP 403"))
    save_article(store, article("Maia", "The word of a feed.", url=PAGE), NOW)
    assert handled(store, PAGE, NOW + DAY) == NOW
    assert handled(store, PAGE, NOW + RETRY_AFTER + DAY) is None
    save_validators(store, PAGE, Validators(None, None, 200, NOW + RETRY_AFTER + DAY))
    assert handled(store, PAGE, NOW + 30 * DAY) == NOW + RETRY_AFTER + DAY


def test_a_page_left_out_is_not_asked_for_again(store: Store) -> None:
    save_left_out(store, left(1))
    assert handled(store, f"{PAGE}/1", NOW + 30 * DAY) == NOW


def test_what_was_left_out_is_counted_by_source_and_shown_newest_first(store: Store) -> None:
    for item in (left(1), left(2, seen=NOW + DAY), left(3, "other")):
        save_left_out(store, item)
    assert left_out_counts(store) == {"news": 2, "other": 1}
    assert left_out(store, "news") == [left(2, seen=NOW + DAY), left(1)]
    assert len(left_out(store, limit=2)) == 2


def test_an_address_that_moved_twice_is_followed_to_its_end_and_never_in_a_circle(store: Store) -> None:
    assert moved_to(store, PAGE) is None
    save_moved(store, PAGE, f"{PAGE}2", NOW)
    save_moved(store, f"{PAGE}2", f"{PAGE}3", NOW)
    assert moved_to(store, PAGE) == f"{PAGE}3"
    save_moved(store, f"{PAGE}3", PAGE, NOW)
    assert moved_to(store, PAGE) == f"{PAGE}3"


def test_how_far_back_a_list_was_walked_is_kept_by_source(store: Store) -> None:
    save_backfilled(store, "news", PAGE, NOW - 30 * DAY, NOW)
    assert backfilled_to(store, "news", PAGE) == NOW - 30 * DAY
    assert backfilled_to(store, "other", PAGE) is None
