import numpy as np

from index.retrieval.page import best_passages, page_of, sort_keys


def test_each_article_is_there_with_its_best_passage_and_the_first_of_equal_ones() -> None:
    found = best_passages(np.array([3, 1, 3, 1, 0]), np.array([0.2, 0.5, 0.9, 0.5, 0.1]), articles=5)
    assert found.positions.tolist() == [0, 1, 3]
    assert found.best.tolist() == [4, 1, 2]


def test_groups_come_in_the_order_of_their_best_article() -> None:
    groups, keys = np.array([7, 2, 7, 4]), np.array([0.3, 0.8, 0.9, 0.1])
    assert page_of(groups, keys, 0, 10) == ([[2, 0], [1], [3]], 3)


def test_pages_of_any_size_make_up_the_whole_without_repeats() -> None:
    chance = np.random.default_rng(1)
    groups = chance.integers(0, 60, 300)
    keys = sort_keys(np.round(chance.random(300), 1), np.arange(300), scale=0.1)  # many are equal
    whole, total = page_of(groups, keys, 0, 100)
    assert total == len(whole) == len(set(groups.tolist()))
    for size in (1, 7, 10):
        assert [group for first in range(0, total, size) for group in page_of(groups, keys, first, size)[0]] == whole


def test_beyond_the_end_there_is_nothing_but_the_count() -> None:
    assert page_of(np.array([1, 2]), np.array([0.1, 0.2]), 10, 10) == ([], 2)
    assert page_of(np.zeros(0, np.int64), np.zeros(0), 0, 10) == ([], 0)


def test_keys_of_dates_keep_seconds_apart_and_put_the_later_article_first_among_equals() -> None:
    times, positions = np.array([1_700_000_000, 1_700_000_001, 1_700_000_001]), np.array([900_000, 5, 6])
    assert np.argsort(-sort_keys(times, -positions, scale=1e5)).tolist() == [2, 1, 0]
