import pytest

from index.knowledge.claims.values import value_finder
from index.text.fold import fold


def found(text: str) -> list[tuple[float, float, str]]:
    return [(value.low, value.high, value.unit) for value in value_finder().find(fold(text))]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("it costs $37,000 a month", (37_000, 37_000, "usd")),
        ("每月37000美元", (37_000, 37_000, "usd")),
        ("3.7万美元", (37_000, 37_000, "usd")),
        ("1.28亿元", (128e6, 128e6, "cny")),
        ("a die with 80 billion transistors", (80e9, 80e9, "transistor")),
        ("800亿个晶体管", (80e9, 80e9, "transistor")),
        ("141 GB of HBM3e", (141e9, 141e9, "b")),
        ("4.8TB/s", (4.8e12, 4.8e12, "b/s")),
        ("功耗为700瓦", (700, 700, "w")),
        ("two thirds of its revenue", (2 / 3, 2 / 3, "part")),
        ("三分之一", (1 / 3, 1 / 3, "part")),
        ("1.7倍", (1.7, 1.7, "x")),
    ],
)
def test_a_figure_is_read_with_its_unit_in_either_language(text: str, value: tuple[float, float, str]) -> None:
    assert [(pytest.approx(low), pytest.approx(high), unit) for low, high, unit in found(text)] == [value]


def test_a_range_is_one_figure_with_two_ends() -> None:
    assert found("between $30,000 and $40,000") == [(30_000, 40_000, "usd")]
    assert found("3万至4万美元") == [(30_000, 40_000, "usd")]


def test_numbers_of_names_are_no_figures() -> None:
    assert found("The H100, the 910B and the MI300X") == []


def test_a_figure_knows_where_it_stands() -> None:
    text = fold("The part draws 700 watts.")
    [value] = value_finder().find(text)
    assert text[value.start : value.end] == "700 watts"


def test_the_first_figure_of_a_change_is_marked() -> None:
    before, after = value_finder().find(fold("from 35 megawatts to 5 megawatts"))
    assert (before.low, before.change, after.low, after.change) == (35e6, True, 5e6, False)
