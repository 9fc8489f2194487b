"""Relations that Chinese says with words on both sides of a name."""

import pytest

from index.knowledge.reading import Reading
from tests.index.knowledge.claims.reading_claims import claims_in, told


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("SK海力士是英伟达的主要供应商。", ("nvidia", "memory-supplier", "sk-hynix")),
        ("SK海力士HBM3领先其他原厂，成为英伟达服务器GPU的主要供应商。", ("nvidia", "memory-supplier", "sk-hynix")),
        ("美光为英伟达供货。", ("nvidia", "memory-supplier", "micron")),
        ("鸿海已成为亚马逊的最大供应商。", ("foxconn", "customer", "amazon")),
        ("台积电为AMD代工。", ("amd", "maker", "tsmc")),
        ("英伟达与联发科联合开发汽车芯片。", ("nvidia", "partner", "mediatek")),
        ("科大讯飞与华为联合打造了一体机。", ("iflytek", "partner", "huawei")),
        ("微软与英伟达宣布达成多年合作。", ("microsoft", "partner", "nvidia")),
    ],
)
def test_a_supplier_a_foundry_or_a_partner_is_told(reading: Reading, text: str, claim: tuple[str, str, str]) -> None:
    assert claim in told(claims_in(reading, text))


def test_what_is_not_so_is_not_told(reading: Reading) -> None:
    assert told(claims_in(reading, "SK海力士不再是英伟达的主要供应商。")) == set()


def test_what_a_company_adopts_is_not_what_others_chips_are_built_on(reading: Reading) -> None:
    text = "Meta有35万块H100，谷歌、微软都宣布将采用Blackwell。"
    assert ("nvidia-h100", "based-on", "nvidia-blackwell") not in told(claims_in(reading, text))


def test_who_invests_is_told_the_right_way_round(reading: Reading) -> None:
    found = told(claims_in(reading, "Tenstorrent完成了融资，参投的是三星。"))
    assert ("samsung", "investor", "tenstorrent") not in found
