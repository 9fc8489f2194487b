"""The period of a figure, in Chinese: the time that governs it."""

from datetime import UTC, datetime

import pytest

from index.knowledge.reading import Reading
from tests.index.knowledge.claims.reading_claims import claims_in, one, told


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("今年一季度，AMD营收53亿美元，不及2021年同期。", "2023-Q1"),
        ("对于二季度，AMD在5月2日发布的一季度财报中，预计营收53亿美元。", "2023-Q2"),
        ("AMD一季度财报显示，营收为53亿美元。", "2023-Q1"),
        ("本月，AMD公布了第一季度的财报，营收为53亿美元。", "2023-Q1"),
        ("AMD在一季度财报中预计营收53亿美元。", None),
        ("AMD今年4月宣布，营收将达到53亿美元。", None),
        ("AMD今年累计前四月营收53亿美元。", None),
        ("今年1月至3月，AMD营收53亿美元。", None),
        ("在截至3月的一个季度中，AMD营收53亿美元。", None),
        ("AMD 2022 年的 11 月份营收53亿美元。", "2022-11"),
    ],
)
def test_a_figure_is_of_the_time_that_governs_it(reading: Reading, text: str, period: str | None) -> None:
    assert one(claims_in(reading, text), "revenue").scope.get("period") == period


def test_figures_of_several_years_are_each_of_their_own(reading: Reading) -> None:
    claims = claims_in(reading, "2021年度和2022年度，华虹半导体分别实现净利润16亿元和30亿元。")
    assert {(claim.low, claim.scope["period"]) for claim in claims} == {(1.6e9, "2021"), (3e9, "2022")}


def test_a_number_of_millions_is_no_year(reading: Reading) -> None:
    assert "period" not in one(claims_in(reading, "现代汽车投资 2000 万美元，英特尔投资 3000 万美元。"), "investment").scope


def test_a_text_that_nothing_dates_tells_no_quarter_and_no_milestone_of_this_year(reading: Reading) -> None:
    seen = datetime(2024, 1, 1, tzinfo=UTC)
    claims = claims_in(reading, "AMD本季营收53亿美元。MI300X将在今年量产。", published=None, seen=seen)
    assert told(claims) == {("amd", "revenue", "5.3e+09 usd")} and "period" not in claims[0].scope
    claims = claims_in(reading, "4月19日，AMD本季营收53亿美元。", published=None, seen=seen)
    assert one(claims, "revenue").scope["period"] == "2023-Q2"


def test_the_day_of_the_word_is_not_the_day_of_what_it_tells(reading: Reading) -> None:
    claims = claims_in(reading, "5月8日，蔚来副总裁表示，公司计划在未来量产自研芯片。")
    assert not any(claim.attribute == "volume-production" for claim in claims)
    claims = claims_in(reading, "5月8日，美光宣布其HBM3E已开始送样。")
    assert one(claims, "sampling").when is not None


def test_a_forecast_goes_on_until_something_of_the_past(reading: Reading) -> None:
    text = "联发科预计，三季度营收有望回升，达到1000亿至1100亿新台币（约合230亿至250亿元人民币）。"
    assert {claim.expected for claim in claims_in(reading, text) if claim.attribute == "revenue"} == {True}
    text = "英特尔预计二季度营收120亿美元，而在今年一季度，英特尔的营收是117亿美元。"
    assert [claim.expected for claim in claims_in(reading, text) if claim.low == 1.17e10] == [False]
