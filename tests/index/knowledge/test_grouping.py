import random
from itertools import combinations

from index.knowledge.grouping import bound, group

ALIKE = {(0, 1): 3.0, (1, 2): 2.0, (0, 2): -4.0, (3, 4): 1.0}


def score(a: int, b: int) -> float:
    return ALIKE.get((min(a, b), max(a, b)), -6.0)


def test_what_is_alike_on_average_is_one_group_and_one_bridge_joins_nothing() -> None:
    assert group([[i] for i in range(5)], combinations(range(5), 2), score, 0.5) == [[0, 1], [2], [3, 4]]


def test_the_order_of_what_comes_in_changes_nothing() -> None:
    rng = random.Random(1)
    values = {pair: rng.uniform(-3, 3) for pair in combinations(range(12), 2)}
    pairs = list(values)
    expected = group([[i] for i in range(12)], pairs, lambda a, b: values[min(a, b), max(a, b)], 0.5)
    for _ in range(5):
        rng.shuffle(pairs)
        items = rng.sample(range(12), 12)
        assert group([[i] for i in items], pairs, lambda a, b: values[min(a, b), max(a, b)], 0.5) == expected


def test_pairs_that_people_parted_stay_apart() -> None:
    assert group([[0], [1], [3], [4]], combinations((0, 1, 3, 4), 2), score, 0.5, apart=[(1, 0)]) == [[0], [1], [3, 4]]


def test_two_groups_that_stand_need_more_to_become_one_than_a_newcomer() -> None:
    assert group([[3], [4]], [(3, 4)], score, 0.8, settled=[3, 4], margin=0.5) == [[3], [4]]
    assert group([[3], [4]], [(3, 4)], score, 0.8, settled=[3], margin=0.5) == [[3, 4]]


def test_pairs_are_scored_once() -> None:
    asked: list[tuple[int, int]] = []

    def counting(a: int, b: int) -> float:
        asked.append((a, b))
        return score(a, b)

    group([[i] for i in range(5)], [*combinations(range(5), 2), (1, 0)], counting, 0.5)
    assert len(asked) == len(set(asked)) == 10


def test_judgements_bind_and_the_latest_counts() -> None:
    assert bound([(1, 2, True), (2, 3, True), (4, 5, False)]) == ([[1, 2, 3]], {(4, 5)})
    assert bound([(1, 2, True), (2, 1, False)]) == ([], {(1, 2)})
    assert bound([(1, 2, False), (1, 2, True)]) == ([[1, 2]], set())


def test_an_older_judgement_gives_way_to_later_ones_it_would_break_by_a_chain() -> None:
    groups, apart = bound([(1, 2, True), (2, 3, True), (1, 3, False)])
    assert apart == {(1, 3)} and groups == [[2, 3]]
