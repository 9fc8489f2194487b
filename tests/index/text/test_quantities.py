import pytest

from index.text.quantities import quantities


def terms(text: str) -> list[tuple[str, ...]]:
    return [each.terms for each in quantities(text)]


@pytest.mark.parametrize(
    "spellings",
    [
        ("37000美元", "$37,000", "37 thousand dollars", "3.7万美元", "US$37,000", "$37k", "37,000 USD", "3.7萬美元"),
        ("35兆瓦", "35 MW", "35MW", "35 megawatts", "35-megawatt", "35,000 kW"),
        ("4万", "40,000", "四万", "40 thousand", "40000"),
        ("95%", "95 percent", "百分之95", "95 per cent"),
        ("30亿美元", "$3 billion", "$3b", "3 billion dollars", "3bn dollars"),
        ("7纳米", "7 nm", "7nm", "7奈米", "7-nanometer"),
        ("1.7倍", "1.7x", "1.7 times"),
        ("3.35TB/s", "3.35 TB/s", "3350 GB/s"),
        ("12英寸", "12-inch", "12吋"),
    ],
)
def test_the_same_amount_is_the_same_term_however_it_is_written(spellings: tuple[str, ...]) -> None:
    found = {spelling: terms(spelling)[0][0] for spelling in spellings}
    assert len(set(found.values())) == 1, found


@pytest.mark.parametrize(
    ("one", "other"),
    [("35 MW", "35 kW"), ("37000美元", "37000元"), ("4万", "4亿"), ("7nm", "7mm"), ("80GB", "80TB"), ("35 MW", "35")],
)
def test_other_amounts_are_other_terms(one: str, other: str) -> None:
    assert terms(one)[0][0] != terms(other)[0][0]


@pytest.mark.parametrize("text", ["H100", "910B", "MI300X", "TPU v5e", "v4.1", "A800/H800", "GB200NVL72"])
def test_an_identifier_holds_no_quantity(text: str) -> None:
    assert terms(text) == []


def test_money_and_counts_are_found_without_their_unit_and_measures_are_not() -> None:
    assert terms("$37,000") == [("37000usd", "37000")]
    assert terms("35 MW") == [("35000000w",)]


def test_offsets_are_those_of_the_text_also_in_the_middle_of_chinese() -> None:
    text = "每月租金为３７０００美元，同比上涨10多亿元。"
    found = [text[each.start : each.end] for each in quantities(text)]
    assert found == ["３７０００美元", "10多亿元"]


def test_a_number_in_digits_alone_is_plain() -> None:
    assert [each.plain for each in quantities("40,000 GPUs and 4万 and $5")] == [True, False, False]
