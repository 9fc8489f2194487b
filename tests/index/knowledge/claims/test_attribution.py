"""Who says so: sentences of both languages, each with what stands before it."""

import pytest

from index.knowledge.claims.attribution import UNNAMED
from index.knowledge.reading import Reading
from tests.index.knowledge.claims.reading_claims import claims_in


@pytest.mark.parametrize(
    ("text", "attribute", "by"),
    [
        ("据知情人士透露，英伟达H20将配备96GB HBM3。", "memory-capacity", ("reported", (UNNAMED,))),
        ("两位与英伟达关系密切的人士表示，H20将配备96GB显存。", "memory-capacity", ("reported", (UNNAMED,))),
        ("据经销商透露，A800的价格已涨到13万元。", "price", ("reported", (UNNAMED,))),
        ("据 Videocardz 报道，H20配备96GB HBM3。", "memory-capacity", ("reported", ("Videocardz",))),
        ("据路透社报道，美光今日宣布HBM3E单颗容量为24GB。", "memory-capacity", ("announced", ("micron",))),
        ("AMD于12月6日正式发布MI300X，配备192GB HBM3。", "memory-capacity", ("announced", ("amd",))),
        ("英伟达尚未公布价格，H20配备96GB HBM3。", "memory-capacity", ("stated", ())),
        ("据福布斯的统计显示，英伟达市值达到1万亿美元。", "market-value", ("estimated", ("福布斯",))),
        ("机构普遍认为，到2024年英伟达出货量将超过400万颗GPU。", "volume", ("estimated", ())),
        ("IT之家 8 月 9 日消息，H20配备96GB HBM3。", "memory-capacity", ("stated", ())),
        ("The H20 has 96 GB of HBM3, according to Nvidia.", "memory-capacity", ("announced", ("nvidia",))),
        ("The H20 has 96 GB of HBM3, said two people familiar with it.", "memory-capacity", ("reported", (UNNAMED,))),
        ("Nvidia told clients the H20 carries 96 GB, Reuters reported.", "memory-capacity", ("reported", ("reuters",))),
        ("The H200 was unveiled with 141 GB of HBM3e.", "memory-capacity", ("announced", ("nvidia",))),
    ],
)  # fmt: skip
def test_the_subject_of_a_verb_of_saying_is_who_says_it(
    reading: Reading, text: str, attribute: str, by: tuple[str, tuple[str, ...]]
) -> None:
    found = [claim for claim in claims_in(reading, text) if claim.attribute == attribute]
    assert {(claim.status, claim.cited) for claim in found} == {by}


@pytest.mark.parametrize(
    ("text", "attribute", "by"),
    [
        (
            "Nvidia unveiled the H200 on Monday, the company said. It carries 141 GB of HBM3e.",
            "memory-capacity",
            ("announced", ("nvidia",)),
        ),
        (
            "TSMC chairman Mark Liu spoke in Taipei. Orders for CoWoS have tripled within a year, Liu said.",
            "growth",
            ("announced", ("tsmc",)),
        ),
        (
            "集邦咨询发布报告指出，存储器原厂正在扩产。预计2024年HBM出货量将增长105%。",
            "growth",
            ("estimated", ("trendforce",)),
        ),
        (
            "美光称HBM3E的能效最高。未来还有12层堆叠的版本，HBM3E容量可达36GB。",
            "memory-capacity",
            ("announced", ("micron",)),
        ),
    ],
)
def test_what_goes_on_is_said_by_who_began_it(
    reading: Reading, text: str, attribute: str, by: tuple[str, tuple[str, ...]]
) -> None:
    assert {(c.status, c.cited) for c in claims_in(reading, text) if c.attribute == attribute} == {by}


@pytest.mark.parametrize(
    "text",
    [
        "英伟达宣布推出H20。\n\nH20配备96GB HBM3。",  # another paragraph
        "英伟达称H20已量产。作为对比，AMD的MI300X配备192GB HBM3。",  # another company's, and the writer's comparison
    ],
)
def test_what_turns_elsewhere_is_the_articles(reading: Reading, text: str) -> None:
    assert [c.status for c in claims_in(reading, text) if c.attribute == "memory-capacity"] == ["stated"]


def test_in_chinese_what_stands_before_the_speaker_is_the_articles(reading: Reading) -> None:
    claims = claims_in(reading, "H200配备141GB HBM3e，英伟达称其推理速度最高为H100的1.9倍。")
    assert {(c.attribute, c.status) for c in claims if c.attribute in ("memory-capacity", "performance")} == {
        ("memory-capacity", "stated"),
        ("performance", "announced"),
    }


def test_what_analysts_had_expected_is_their_estimate(reading: Reading) -> None:
    claims = claims_in(reading, "英特尔公布业绩。英特尔第二季度营收129亿美元，市场预期120.2亿美元。")
    assert {(c.low, c.status) for c in claims if c.attribute == "revenue"} >= {(1.202e10, "estimated")}


@pytest.mark.parametrize(
    ("text", "status", "cited"),
    [
        ("AMD公布了业绩。报告显示，AMD第二季度营收为53亿美元。", "announced", ("amd",)),
        ("英特尔宣布会用Intel 20A，但后续有消息称，Arrow Lake会改用台积电的N3工艺。", "reported", ("unnamed sources",)),
        ("富士康宣布将在印度建厂。根据当地政府的声明，富士康将投资3亿美元。", "stated", ()),
        ("英伟达表示，H100供不应求。英伟达去年营收为270亿美元。", "stated", ()),
        ("台积电以制程领先著称，去年营收为700亿美元。", "stated", ()),
        ("分析师预计，英伟达营收将增长。而英伟达自己的营收预测为110亿美元。", "stated", ()),
        ("英伟达CEO发布了新品，英伟达总市值1.05万亿美元。", "stated", ()),
        ("索泰公司于5月1日宣布，RTX 4060的售价为2399元。", "stated", ()),
    ],
)
def test_what_goes_on_in_chinese_is_ascribed_only_where_it_says_so(
    reading: Reading, text: str, status: str, cited: tuple[str, ...]
) -> None:
    claim = claims_in(reading, text)[-1]
    assert (claim.status, claim.cited) == (status, cited)


def test_of_two_companies_that_speak_in_one_sentence_each_is_behind_its_own_figure(reading: Reading) -> None:
    claims = claims_in(reading, "美光宣布投资8亿美元，英特尔也称将投资4亿美元。")
    assert {(c.entity, c.cited) for c in claims} == {("micron", ("micron",)), ("intel", ("intel",))}
