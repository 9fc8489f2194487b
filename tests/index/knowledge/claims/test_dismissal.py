"""Figures that are none, in sentences that name an entity."""

import pytest

from index.knowledge.reading import Reading
from tests.index.knowledge.claims.reading_claims import claims_in, told


@pytest.mark.parametrize(
    "text",
    [
        "该游戏本搭载RTX 4060显卡，首发价8499元。",  # the laptop's price
        "服务器配备RTX 4080显卡、64GB内存和1TB固态硬盘，售价7999元。",
        "英伟达股价上涨7%，收于每股437.53美元。",
        "天玑9200基于4nm工艺，主频3.05GHz。",  # a line of many parts
        "其持有英伟达股票，持仓市值55.7亿美元。",
        "英特尔将支付3.53亿美元的分手费，收购高塔半导体的交易终止。",
        "相关阅读：《消息称H100售价涨至30万元》",
        "Suppose that TSMC gave NVIDIA every 4-nanometre wafer it asked for, and an H100 cost $20,000.",
        "即使假定英伟达的每块H100售价都是3万美元，营收也有165亿美元。",
    ],
)
def test_what_is_no_figure_of_an_entity_is_left_out(reading: Reading, text: str) -> None:
    assert not [claim for claim in claims_in(reading, text) if claim.low is not None and claim.attribute != "cores"]


def test_a_fall_is_negative_and_says_of_what_since_when(reading: Reading) -> None:
    text = "腾讯第三季度净利润同比下降9%。"
    [claim] = [each for each in claims_in(reading, text) if each.attribute == "growth"]
    assert (claim.entity, claim.low, claim.scope.get("of"), claim.scope.get("since")) == ("tencent", -9.0, "profit", "year")


def test_a_loss_is_a_negative_profit(reading: Reading) -> None:
    assert ("sk-hynix", "profit", "-2.88e+12 krw") in told(claims_in(reading, "SK海力士第二季度营业亏损达到2.88万亿韩元。"))


def test_a_text_about_a_phone_gives_no_figures_of_its_chip(reading: Reading) -> None:
    text = "某手机今日发布，这款手机搭载英伟达H100同款技术。手机配备8GB内存，手机续航出色，手机售价3999元。RTX 4060显存8GB。"
    assert not [claim for claim in claims_in(reading, text) if claim.low is not None]


def test_the_head_of_the_text_says_its_day(reading: Reading) -> None:
    claims = claims_in(reading, "IT之家 5 月 9 日消息，美光今日宣布HBM3E开始送样。")
    assert ("hbm3e", "sampling", "2023-05-09") in told(claims)
