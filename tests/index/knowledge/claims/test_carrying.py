"""Sentences that go on about what only the text before them names, and those that do not."""

import pytest

from index.knowledge.reading import Reading
from tests.index.knowledge.claims.reading_claims import claims_in, told

_BEFORE = "AMD在发布会上介绍了MI300X。"


@pytest.mark.parametrize("text", ["其功耗为750W。", "该芯片功耗为750W。", "这款加速卡的功耗为750W。", "功耗为750W。"])
def test_a_sentence_that_begins_with_it_or_with_nobody_goes_on(reading: Reading, text: str) -> None:
    assert ("amd-mi300x", "power", "750 w") in told(claims_in(reading, _BEFORE + text))


@pytest.mark.parametrize(
    "text",
    [
        "三星的服务器功耗为750W。",
        "有玩家给自己的散热器标价，功耗为750W。",
        "这套测试平台的功耗为750W。",
        "Falcon Ridge处理器的功耗为750W。",
        "整套系统共有数百个节点，功耗为750W。",
    ],
)
def test_a_sentence_that_names_somebody_else_does_not(reading: Reading, text: str) -> None:
    assert not any(claim[0] == "amd-mi300x" for claim in told(claims_in(reading, _BEFORE + text)))


def test_this_chip_is_the_one_that_was_named_last(reading: Reading) -> None:
    text = "英伟达先后介绍了H100。随后登场的是H200。这款芯片的功耗为700W。"
    assert ("nvidia-h100", "power", "700 w") not in told(claims_in(reading, text))


def test_of_two_chips_before_it_a_sentence_without_a_name_is_of_neither(reading: Reading) -> None:
    assert told(claims_in(reading, "机房里有H100。另一间机房里有MI300X。功耗为700W。")) == set()


def test_a_milestone_with_another_thing_behind_it_is_not_carried(reading: Reading) -> None:
    text = "Mobileye介绍了EyeQ。公司计划于2025年推出基于激光雷达的自动驾驶芯片。"
    assert not any(claim[1] == "availability" for claim in told(claims_in(reading, text)))
