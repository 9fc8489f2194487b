"""Bars are where their numbers put them."""

from itertools import pairwise

import pytest

from web.charts import HEIGHT, Column, bar_chart


def test_bars_stand_on_the_line_and_the_highest_is_below_a_round_number() -> None:
    chart = bar_chart([Column("a", 3), Column("b", 0), Column("c", 17)])
    assert chart.top == 20
    assert [round(bar.y + bar.height, 2) for bar in chart.bars] == [HEIGHT] * 3
    assert chart.bars[2].height == pytest.approx(HEIGHT * 17 / 20)
    assert chart.bars[1].height == 0


def test_one_among_thousands_can_still_be_seen() -> None:
    assert bar_chart([Column("a", 1), Column("b", 9000)]).bars[0].height >= 1


@pytest.mark.parametrize("count", [1, 3, 28, 105, 400])
def test_bars_share_the_width_without_overlapping(count: int) -> None:
    bars = bar_chart([Column(str(n), n) for n in range(count)]).bars
    assert bars[-1].x + bars[-1].width <= 100
    assert all(left.x + left.width < right.x for left, right in pairwise(bars))


def test_only_so_many_ticks_are_kept() -> None:
    chart = bar_chart([Column(str(n), n, tick=str(n)) for n in range(28)], ticks=4)
    assert [bar.tick for bar in chart.bars if bar.tick] == ["0", "7", "14", "21"]


def test_a_tick_near_the_right_edge_is_known_to_have_no_room_on_a_phone() -> None:
    bars = bar_chart([Column(str(n), n, tick=str(n)) for n in range(28)], ticks=7).bars
    assert [bar.tick for bar in bars if bar.tick and bar.late] == ["24"]


@pytest.mark.parametrize(("most", "top"), [(0, 0), (1, 1), (2, 2), (3, 5), (10, 10), (11, 20), (99, 100), (501, 1000)])
def test_the_upper_line_is_a_round_number(most: int, top: int) -> None:
    assert bar_chart([Column("a", most)]).top == top


def test_nothing_gives_an_empty_chart() -> None:
    assert bar_chart([]).bars == ()
