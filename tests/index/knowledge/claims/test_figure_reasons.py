"""Figures that stand beside a name and are not its own."""

import pytest

from index.knowledge.reading import Reading
from tests.index.knowledge.claims.reading_claims import claims_in, one, told


@pytest.mark.parametrize(
    ("text", "entity", "attribute"),
    [
        ("AMD第二季度营收60亿美元，比预期高出4亿美元。", "amd", "4e+08 usd"),
        ("RTX 4090的售价从原来的15999元左右，涨到了17999元。", "nvidia-rtx-4090", "15999 cny"),
        ("RTX 4090比首发价便宜了1000元，售价为11999元。", "nvidia-rtx-4090", "1000 cny"),
        ("美光第三季度营收40亿美元，高于去年同期的35亿美元。", "micron", "3.5e+09 usd"),
        ("高通只分到台积电15%的3nm产能。", "node-3nm", "15 %"),
        ("GDDR7显存的带宽可达32Gbps。", "gddr7", "4e+09 b/s"),
        ("RTX 4090待机功耗为20W。", "nvidia-rtx-4090", "20 w"),
        ("高通营收下滑，研发费用也同比下降12%。", "qualcomm", "-12 %"),
        ("英伟达净亏损2亿美元，环比下降30%。", "nvidia", "-30 %"),
        ("该主机可选配RTX 4080、64GB DDR5内存。", "nvidia-rtx-4080", "6.4e+10 b"),
        ("该工作站用上了MI300X，功耗为3000W。", "amd-mi300x", "3000 w"),
        ("台积电第二季度毛利润为80亿美元。", "tsmc", "8e+09 usd"),
    ],
)
def test_what_is_not_the_names_own_figure_is_not_claimed(reading: Reading, text: str, entity: str, attribute: str) -> None:
    assert (entity, attribute) not in {(claim[0], claim[2]) for claim in told(claims_in(reading, text))}


@pytest.mark.parametrize(
    "text",
    [
        "在英特尔宣布建厂之后，又将投资20亿美元。",
        "英特尔、三星和台积电将共同投资50亿美元。",
        "比亚迪股份被售出后，三星电子获得了7亿美元的投资。",
        "软银与Arm谈判多月，前者投资了3亿美元。",
    ],
)
def test_who_is_paid_or_only_named_beside_has_invested_nothing(reading: Reading, text: str) -> None:
    assert not any(claim.attribute == "investment" for claim in claims_in(reading, text))


def test_who_pays_is_still_told(reading: Reading) -> None:
    assert ("intel", "investment", "3e+09 usd") in told(claims_in(reading, "英特尔计划在未来五年内在印度投资30亿美元。"))
    assert ("intel", "investment", "3e+09 usd") in told(claims_in(reading, "英特尔将与高塔合作，投资30亿美元建厂。"))


def test_an_organisation_that_counts_has_not_what_it_counts(reading: Reading) -> None:
    assert claims_in(reading, "SEMI预计，2024年存储芯片领域的投资将增至300亿美元。") == []


def test_a_part_of_a_company_is_told_as_a_part(reading: Reading) -> None:
    claim = one(claims_in(reading, "英特尔客户计算业务营收为60亿美元。"), "revenue")
    assert claim.scope["segment"] == "客户计算"
    claim = one(claims_in(reading, "三星第一季度的DRAM营收为40亿美元。"), "revenue")
    assert claim.scope["segment"] == "dram"
    assert "segment" not in one(claims_in(reading, "英特尔第二季度营收为129亿美元。"), "revenue").scope


def test_a_growth_says_what_grows(reading: Reading) -> None:
    assert one(claims_in(reading, "HBM出货量将增长40%。"), "growth").scope["of"] == "shipments"
    assert (
        one(claims_in(reading, "华虹半导体净利润为8000万美元（约5.7亿元人民币），同比下降6%。"), "growth").scope["of"]
        == "profit"
    )
    assert claims_in(reading, "腾讯的用户数同比增长20%。") == []


def test_of_two_products_with_one_figure_each_each_has_its_own(reading: Reading) -> None:
    found = told(claims_in(reading, "RTX 4080、RTX 4090的售价分别为9499元和12999元。"))
    assert {("nvidia-rtx-4080", "price", "9499 cny"), ("nvidia-rtx-4090", "price", "12999 cny")} <= found
    assert ("nvidia-rtx-4080", "price", "12999 cny") not in found


def test_a_sum_of_hundred_millions_and_ten_thousands_is_one_number(reading: Reading) -> None:
    assert ("tsmc", "investment", "3.49993e+09 eur") in told(claims_in(reading, "台积电投资34亿9993万欧元建厂。"))


def test_a_sum_that_is_converted_beside_it_is_told_in_both_currencies_and_of_one_period(reading: Reading) -> None:
    claims = claims_in(reading, "英特尔第一季度营收117亿美元（当前约840亿元人民币）。")
    assert {(claim.unit, claim.scope["period"]) for claim in claims} == {("usd", "2023-Q1"), ("cny", "2023-Q1")}
    found = told(claims_in(reading, "英特尔宣布以54亿美元（当前约394亿元人民币）收购高塔半导体。"))
    assert {("intel", "deal", "5.4e+09 usd"), ("intel", "deal", "3.94e+10 cny")} <= found
