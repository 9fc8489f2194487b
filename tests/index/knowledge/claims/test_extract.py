from datetime import UTC, date, datetime

import pytest

from crawlers.newsroom.catalogue import load_newsroom
from index.knowledge.reading import Reading
from tests.index.knowledge.claims.reading_claims import claims_in, one, told


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("AMD's MI300X carries 192 GB of HBM3.", ("amd-mi300x", "memory-capacity", "1.92e+11 b")),
        ("AMD MI300X配备192GB HBM3。", ("amd-mi300x", "memory-type", "hbm3")),
        ("The H200 has a memory bandwidth of 4.8 TB/s.", ("nvidia-h200", "memory-bandwidth", "4.8e+12 b/s")),
        ("H200的显存带宽达到每秒4.8TB。", ("nvidia-h200", "memory-bandwidth", "4.8e+12 b/s")),
        ("Gaudi 3 draws up to 900 watts.", ("intel-gaudi3", "power", "900 w")),
        ("昇腾910B的功耗为400瓦。", ("huawei-ascend-910b", "power", "400 w")),
        ("Maia 100 is made by TSMC.", ("microsoft-maia-100", "maker", "tsmc")),
        ("Maia 100由台积电代工。", ("microsoft-maia-100", "maker", "tsmc")),
        ("Cerebras raised $250 million.", ("cerebras", "funding", "2.5e+08 usd")),
        ("Nvidia's data center revenue was $14.5 billion in the third quarter.", ("nvidia", "revenue", "1.45e+10 usd")),
    ],
)
def test_a_plain_sentence_is_a_claim_in_either_language(reading: Reading, text: str, claim: tuple[str, str, str]) -> None:
    assert claim in told(claims_in(reading, text))


@pytest.mark.parametrize(
    ("text", "claim", "by"),
    [
        (
            "Nvidia will rent out its DGX systems from the cloud for $37,000 a month, Jensen Huang said at GTC.",
            ("nvidia-dgx", "rental-price", "37000 usd"),
            ("announced", ("nvidia",)),
        ),
        (
            "英伟达在GTC上宣布以租赁方式提供DGX系统，每月租金37000美元。",
            ("nvidia-dgx", "rental-price", "37000 usd"),
            ("announced", ("nvidia",)),
        ),
        (
            "Orders for Nvidia's A100 and H100 are booked into 2024, DIGITIMES reported.",
            ("nvidia-h100", "sold-out", "2024"),
            ("reported", ("digitimes",)),
        ),
        (
            "《电子时报》报道称，英伟达A100和H100的订单已经排到2024年。",
            ("nvidia-a100", "sold-out", "2024"),
            ("reported", ("digitimes",)),
        ),
        (
            "Microsoft is developing an AI chip code-named Athena, The Information reported on April 19.",
            ("microsoft-athena", "developer", "microsoft"),
            ("reported", ("the-information",)),
        ),
        (
            "The Information 4月19日报道，微软正在研发代号“雅典娜”的AI芯片。",
            ("microsoft-athena", "developer", "microsoft"),
            ("reported", ("the-information",)),
        ),
        (
            "SemiAnalysis分析师帕特尔估计，OpenAI每天运行ChatGPT的成本高达70万美元。",
            ("openai", "cost", "700000 usd"),
            ("estimated", ("semianalysis",)),
        ),
        (
            "据The Information报道，谷歌的自研芯片有望由台积电在2024年下半年开始量产。",
            ("google", "volume-production", "2024-H2"),
            ("reported", ("the-information",)),
        ),
        (
            "SK海力士宣布已于8月开始向客户送样HBM3E。",
            ("hbm3e", "sampling", "2022-08"),
            ("announced", ("sk-hynix",)),
        ),
    ],
)
def test_a_claim_is_ascribed_to_whom_it_comes_from(
    reading: Reading, text: str, claim: tuple[str, str, str], by: tuple[str, tuple[str, ...]]
) -> None:
    claims = claims_in(reading, text)
    assert claim in told(claims)
    [found] = [each for each in claims if (each.entity, each.attribute) == claim[:2]]
    assert (found.status, found.cited) == by


@pytest.mark.parametrize(
    "text",
    [
        "With cuLitho, 500 DGX H100 systems replace 40,000 CPU servers, and power falls from 35 megawatts to 5 megawatts.",
        "采用cuLitho后，500台DGX H100系统可替代4万台CPU服务器，功耗从35兆瓦降至5兆瓦。",
    ],
)
def test_what_replaces_what_and_what_power_falls_to(reading: Reading, text: str) -> None:
    assert told(claims_in(reading, text)) >= {
        ("nvidia-culitho", "replaces", "40000 system"),
        ("nvidia-culitho", "power", "5e+06 w"),
    }


def test_how_much_better_is_said_against_what(reading: Reading) -> None:
    text = "谷歌称，TPU v4系统比基于英伟达A100的系统快1.7倍，能效高1.9倍。"
    claims = claims_in(reading, text)
    assert {(c.entity.partition("-pod")[0], c.attribute, c.low, c.compared) for c in claims if c.unit == "x"} == {
        ("google-tpu-v4", "performance", 1.7, "nvidia-a100"),
        ("google-tpu-v4", "efficiency", 1.9, "nvidia-a100"),
    }


@pytest.mark.parametrize(
    ("text", "qualifier"),
    [
        ("Gaudi 3 draws up to 900 watts.", "up to"),
        ("Gaudi 3 draws about 900 watts.", "about"),
        ("Gaudi 3的功耗最高900瓦。", "up to"),
        ("Gaudi 3的功耗约为900瓦。", "about"),
        ("Gaudi 3的功耗超过900瓦。", "over"),
    ],
)
def test_how_a_figure_is_hedged_is_kept(reading: Reading, text: str, qualifier: str) -> None:
    assert one(claims_in(reading, text), "power").qualifier == qualifier


def test_peak_compute_has_its_precision(reading: Reading) -> None:
    claims = claims_in(reading, "The MI300X reaches 1.3 petaflops at FP16 and 2.6 petaflops at FP8.")
    assert {(c.low, c.scope.get("precision")) for c in claims if c.attribute == "compute"} == {
        (1.3e15, "fp16"),
        (2.6e15, "fp8"),
    }


def test_the_value_is_kept_as_it_was_written_and_the_quote_is_its_sentence(reading: Reading) -> None:
    text = "微软自研芯片有了价格。租用DGX Cloud每月要37,000美元起。"
    claim = one(claims_in(reading, text), "rental-price")
    assert claim.written == "37,000美元"
    assert (claim.field, claim.quote) == ("text", "租用DGX Cloud每月要37,000美元起。")
    assert text[claim.start : claim.end] == claim.quote


def test_a_year_less_day_is_resolved_and_is_not_the_day_of_the_report(reading: Reading) -> None:
    claims = claims_in(reading, "Microsoft is developing a chip named Athena, The Information reported on April 19.")
    claim = one(claims, "developer")
    assert claim.event is not None and claim.event.first == date(2023, 4, 19)


def test_an_undated_text_dates_itself_by_what_it_tells(reading: Reading) -> None:
    text = "4月19日，The Information爆料，微软正在研发自己的芯片“雅典娜”。台积电预计2024年量产。页面更新：2024-03-07"
    claims = claims_in(reading, text, published=None, seen=datetime(2026, 1, 1, tzinfo=UTC))
    claim = one(claims, "developer")
    assert claim.event is not None and claim.event.label == "2023-04-19"


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("Gaudi 3, described on Tuesday at an event in Phoenix, joins two dies.", ("intel-gaudi3", "announced", "2023-05-09")),
        ("In 2024 Azure will add the H200, which NVIDIA unveiled on Monday.", ("nvidia-h200", "announced", "2023-05-08")),
        ("去年11月公布的A800，把A100的NVLink带宽降了下来。", ("nvidia-a800", "announced", "2022-11")),
        (
            "微软发布了Maia 100。该芯片将于明年初部署到微软数据中心。",
            ("microsoft-maia-100", "deployment", "2024-01-01/2024-05-02"),
        ),
        ("DGX Cloud is here. The service was announced today at GTC.", ("nvidia-dgx-cloud", "announced", "2023-05-10")),
    ],
)
def test_a_milestone_is_of_what_the_clause_is_about(reading: Reading, text: str, claim: tuple[str, str, str]) -> None:
    published = datetime(2023, 5, 10, 18, tzinfo=UTC)
    assert claim in told(claims_in(reading, text, published=published, seen=published))


@pytest.mark.parametrize(
    "text",
    [
        "SemiAnalysis estimates that ChatGPT costs OpenAI up to $700,000 a day to run.",
        "Running ChatGPT may cost OpenAI up to $700,000 a day, according to SemiAnalysis analyst Dylan Patel.",
    ],
)
def test_what_is_paid_by_the_day_is_a_cost_and_no_price(reading: Reading, text: str) -> None:
    [claim] = claims_in(reading, text)
    assert (claim.entity, claim.attribute, claim.low, claim.scope["per"]) == ("openai", "cost", 700_000, "day")
    assert (claim.status, claim.cited) == ("estimated", ("semianalysis",))


@pytest.mark.parametrize(
    "text",
    [
        "New Street Research estimates that Nvidia supplies 95 percent of the GPUs used to train neural networks.",
        "New Street Research的报告显示，用于训练神经网络的GPU中，95%来自英伟达。",
    ],
)
def test_a_share_of_all_chips_is_a_market_share(reading: Reading, text: str) -> None:
    [claim] = claims_in(reading, text)
    assert (claim.entity, claim.attribute, claim.low, claim.status) == ("nvidia", "market-share", 95, "estimated")


@pytest.mark.parametrize(
    "text", ["Tencent Cloud's new HCC cluster uses Nvidia's H800 GPUs.", "腾讯云新一代HCC集群采用了英伟达H800 GPU。"]
)
def test_a_cluster_is_built_on_the_chips_it_uses(reading: Reading, text: str) -> None:
    assert ("tencent-hcc", "based-on", "nvidia-h800") in told(claims_in(reading, text))


@pytest.mark.parametrize(
    "text",
    [
        "The A800 and H800 are versions of the A100 and H100 that Nvidia made for China.",
        "A800和H800是英伟达A100、H100的中国特供版。",
    ],
)
def test_versions_for_china(reading: Reading, text: str) -> None:
    found = told(claims_in(reading, text))
    assert {("nvidia-a800", "china-version", "nvidia-a100"), ("nvidia-h800", "china-version", "nvidia-h100")} <= found


@pytest.mark.parametrize(
    "text",
    [
        "4月24日消息，谷歌把AI芯片团队划入了谷歌云部门。",
        "Google moved its AI chip team into its cloud unit, it was reported on April 24.",
    ],
)
def test_a_team_that_is_moved_is_dated(reading: Reading, text: str) -> None:
    claim = one(claims_in(reading, text), "organisation")
    assert claim.event is not None and (claim.entity, claim.event.label, claim.status) == ("google", "2023-04-24", "reported")


def test_an_architecture_that_is_only_built_on_has_no_figures(reading: Reading) -> None:
    claims = claims_in(reading, "英伟达准备了H20。它沿用Hopper架构，配96GB HBM3。")
    assert {claim.entity for claim in claims if claim.attribute == "memory-capacity"} <= {"nvidia-h20"}


def test_a_share_of_the_cost_is_no_size(reading: Reading) -> None:
    claims = claims_in(reading, "The optical network of TPU v4 comes to less than 5 percent of its bandwidth bill.")
    assert [claim for claim in claims if claim.attribute == "memory-bandwidth"] == []


def test_companies_that_have_one_figure_each_are_given_them_in_turn(reading: Reading) -> None:
    found = told(claims_in(reading, "百度、阿里和腾讯上半年营收分别为640亿元、4200亿元和2990亿元。"))
    assert {("baidu", "6.4e+10 cny"), ("alibaba", "4.2e+11 cny"), ("tencent", "2.99e+11 cny")} == {
        (entity, value) for entity, attribute, value in found if attribute == "revenue"
    }


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        (
            "中芯国际发布财报，公司上半年营收213.18亿元，同比下滑，毛利率走低，产能利用率回升，出货增加，库存下降，订单改善。",
            "cny",
        ),
        (
            "台積電公布財報，該公司上半年營收9,895億元，較去年同期下滑，毛利率走低，產能利用率回升，出貨增加，庫存下降，訂單改善。",
            "twd",
        ),
    ],
)
def test_yuan_are_taiwans_only_in_a_text_in_traditional_characters(reading: Reading, text: str, unit: str) -> None:
    """Full-width commas are no traditional characters."""
    assert one(claims_in(reading, text), "revenue").unit == unit


def test_plans_are_told_from_what_is(reading: Reading) -> None:
    plan = one(
        claims_in(reading, "Samsung plans to start mass production of HBM3E in the first half of 2024."), "volume-production"
    )
    past = one(claims_in(reading, "Samsung started mass production of HBM3E in March 2023."), "volume-production")
    assert (plan.expected, past.expected) == (True, False)


def test_a_question_claims_nothing(reading: Reading) -> None:
    assert claims_in(reading, "Does the H200 draw 700 watts?") == []


def test_a_text_that_names_nobody_of_the_field_claims_nothing(reading: Reading) -> None:
    assert claims_in(reading, "The bridge cost 700 million dollars and opens in March.") == []
    assert claims_in(reading, "") == []


def test_what_is_said_twice_is_one_claim(reading: Reading) -> None:
    claims = claims_in(reading, "The H200 has 141 GB of HBM3e. With 141 GB of memory, the H200 holds larger models.")
    assert len([claim for claim in claims if claim.attribute == "memory-capacity"]) == 1


def test_equal_claims_have_equal_keys_in_both_languages(reading: Reading) -> None:
    english = one(claims_in(reading, "The H200 has 141 GB of HBM3e."), "memory-capacity")
    chinese = one(claims_in(reading, "H200配备141GB HBM3e显存。"), "memory-capacity")
    assert english.key == chinese.key
    assert english.key != one(claims_in(reading, "The H100 has 80 GB of HBM3."), "memory-capacity").key


@pytest.mark.parametrize(
    "text", ["\x00\ud800 H100 9GB", "H100 " * 3000 + "700 watts.", "H100 1e999 GB", "H100售价" + "9" * 400 + "美元。"]
)
def test_odd_texts_are_read_without_harm(reading: Reading, text: str) -> None:
    for claim in claims_in(reading, text):
        assert text[claim.start : claim.end] == claim.quote


def test_every_quote_is_an_exact_part_of_its_article(reading: Reading) -> None:
    """Over the demo newsroom, 86 articles of both languages."""
    quotes = 0
    for item in load_newsroom().items:
        claims = reading.claims.read(
            item.title,
            item.text,
            reading.link(item.title, item.text),
            published=item.published,
            seen=item.published,
            lang=item.lang[:2],
        )
        for claim in claims:
            body = item.title if claim.field == "title" else item.text
            assert body[claim.start : claim.end] == claim.quote != "", (item.key, claim)
            assert claim.low is None or (claim.high is not None and claim.low <= claim.high), (item.key, claim)
            assert claim.event is None or claim.event.first <= claim.event.last, (item.key, claim)
            quotes += 1
    assert quotes > 800
