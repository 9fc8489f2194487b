"""Who and what a text names: exact identifiers, longest match, and names that also mean something else."""

from itertools import pairwise

import pytest

from index.knowledge.linker import GUESS, SURE
from index.knowledge.reading import Reading


def found(reading: Reading, text: str) -> list[tuple[str, str]]:
    return [(mention.id, mention.surface) for mention in reading.mentions(text)]


def ids(reading: Reading, text: str) -> set[str]:
    return {mention.id for mention in reading.mentions(text)}


@pytest.mark.parametrize("name", ["NVIDIA", "Nvidia", "nvidia", "英伟达", "輝達", "辉达"])
def test_a_company_is_one_entity_in_every_script(reading: Reading, name: str) -> None:
    assert found(reading, f"据报道，{name} 发布新品")[0] == ("nvidia", name)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("H100, H800, H20 and H200", ["nvidia-h100", "nvidia-h800", "nvidia-h20", "nvidia-h200"]),
        ("H100s in an H1000 and XH100", ["nvidia-h100"]),
        ("an H100 NVL and an H100", ["nvidia-h100-nvl", "nvidia-h100"]),
        ("A100, A800 and A1000", ["nvidia-a100", "nvidia-a800"]),
        ("B200 and GB200", ["nvidia-b200", "nvidia-gb200"]),
        ("RTX 4090, RTX 4090D, RTX 4090 D", ["nvidia-rtx-4090", "nvidia-rtx-4090d", "nvidia-rtx-4090d"]),
        ("RTX 4090 Ti", []),
        ("RTX 4060, RTX4060 Ti 16G, GeForce RTX 4060Ti", ["nvidia-rtx-4060", "nvidia-rtx-4060-ti", "nvidia-rtx-4060-ti"]),
        ("昇腾910B、昇騰 910B、Ascend 910B", ["huawei-ascend-910b"] * 3),
        ("昇腾910、昇腾910B、昇腾910C", ["huawei-ascend-910", "huawei-ascend-910b", "huawei-ascend-910c"]),
        ("TPU v4, TPUv4, TPU-v4, 第四代TPU", ["google-tpu-v4"] * 4),
        ("TPU v5e, TPU v5p and TPU v5", ["google-tpu-v5e", "google-tpu-v5p", "google-tpu-v5"]),
        ("MI300A and MI300X", ["amd-mi300a", "amd-mi300x"]),
        ("HBM3, HBM3E and HBM3.5", ["hbm3", "hbm3e"]),
    ],
)
def test_chip_identifiers_are_exact(reading: Reading, text: str, expected: list[str]) -> None:
    assert [mention.id for mention in reading.mentions(text)] == expected


def test_a_chip_named_with_its_maker_is_two_mentions_side_by_side(reading: Reading) -> None:
    assert found(reading, "NVIDIA H100 prices") == [("nvidia", "NVIDIA"), ("nvidia-h100", "H100")]
    assert found(reading, "华为昇腾910B") == [("huawei", "华为"), ("huawei-ascend-910b", "昇腾910B")]
    assert found(reading, "Amazon Web Services") == [("aws", "Amazon Web Services")], "no product, but a name"
    assert found(reading, "昆仑芯片") == [("kunlun", "昆仑芯片")], "not the company 昆仑芯 and a 片"


def test_a_maker_before_its_family_does_not_cut_off_the_number(reading: Reading) -> None:
    assert found(reading, "寒武纪思元590") == [("cambricon", "寒武纪"), ("cambricon-mlu590", "思元590")]
    assert found(reading, "华为Atlas 900集群") == [("huawei", "华为"), ("huawei-atlas-900", "Atlas 900集群")]
    assert found(reading, "华为Atlas服务器") == [("huawei", "华为"), ("huawei-atlas", "Atlas服务器")]
    assert found(reading, "百度昆仑芯二代") == [("baidu", "百度"), ("kunlun-2", "昆仑芯二代")]
    assert [id for id, _ in found(reading, "三星4nm工艺")] == ["samsung", "samsung-sf4"], "what it is, not any 4 nm"


@pytest.mark.parametrize(
    ("meant", "other", "entity"),
    [
        ("Amazon plans to design another accelerator.", "Trees of the Amazon rainforest were counted.", "amazon"),
        ("Apple taps TSMC for its next chip.", "She ate an apple under the tree.", "apple"),
        ("The cores come from Arm, which licenses them.", "He broke his arm at the chip fab.", "arm"),
        ("Meta told investors about its data centers.", "The study is a meta-analysis of trials.", "meta"),
        ("One Grace CPU feeds two Blackwell GPUs.", "Grace Kelly lived in Monaco.", "nvidia-grace"),
        ("A rack of Hopper GPUs was delivered.", "Edward Hopper painted Nighthawks.", "nvidia-hopper"),
        ("Intel prices Gaudi below its rivals.", "Tourists admire Gaudi's basilica in Barcelona.", "intel-gaudi"),
        ("Microsoft's chip Athena is in testing.", "Athena was the goddess of wisdom.", "microsoft-athena"),
        ("Ampere sells Arm server processors.", "A current of one ampere flows.", "ampere"),
        ("The Ampere generation of NVIDIA GPUs came in 2020.", "André-Marie Ampère was a physicist.", "nvidia-ampere"),
        ("Oracle rents out GPUs.", "The oracle at Delphi spoke in riddles.", "oracle"),
        ("Intel delayed its fab.", "American intel pointed to troops near the border.", "intel"),
        ("Microsoft moves Bing to Maia accelerators.", "Maia Sandu won the election in Moldova.", "microsoft-maia-100"),
        ("苹果计划采用自研芯片。", "果农把苹果运到批发市场。", "apple"),
        ("亚马逊宣布增加资本开支。", "亚马逊雨林的火点增多。", "amazon"),
        ("平头哥的含光芯片用于推理。", "含光是古代名剑。", "t-head-hanguang-800"),
        ("寒武纪三季度营收大增。", "三叶虫是寒武纪的化石。", "cambricon"),
        ("百度发布新一代昆仑芯。", "不懂就百度一下。", "baidu"),
        ("国产算力卡中升腾出货最多。", "山间云雾升腾。", "huawei-ascend"),
        ("地平线的智驾芯片已经量产。", "太阳从地平线上升起。", "horizon-robotics"),
        ("高通发布推理芯片。", "央行应对高通胀。", "qualcomm"),
        ("美国高通发布推理芯片。", "美国高通胀难退。", "qualcomm"),
        ("龙芯发布新处理器。", "骁龙芯片组支持透视。", "loongson"),
    ],
)  # fmt: skip
def test_what_is_near_tells_what_a_name_means(reading: Reading, meant: str, other: str, entity: str) -> None:
    assert entity in ids(reading, meant)
    assert entity not in ids(reading, other)


def test_what_is_clear_in_one_place_helps_elsewhere(reading: Reading) -> None:
    unclear = "The painter showed a canvas at Hopper."
    assert "nvidia-hopper" not in ids(reading, unclear)
    both = [m for m in reading.mentions(f"NVIDIA's Hopper GPUs are sold out.\n\n{unclear}") if m.id == "nvidia-hopper"]
    assert len(both) == 2


def test_a_short_form_counts_after_the_full_name_or_one_of_its_family(reading: Reading) -> None:
    assert ids(reading, "The parser is at v4 and v5e.") == set()
    assert {"google-tpu-v4", "google-tpu-v5e"} <= ids(reading, "Google compared TPU v5p with v4 and v5e.")


def test_two_entities_of_one_name_are_told_apart(reading: Reading) -> None:
    assert "nvidia-helios" in ids(reading, "NVIDIA builds Helios of four DGX GH200.")
    assert "amd-helios" in ids(reading, "AMD's Helios rack holds 72 MI400 accelerators.")


def test_a_misprint_counts_for_less_and_only_in_context(reading: Reading) -> None:
    [amd] = [m for m in reading.mentions("微软、谷歌、亚马逊、ADM等纷纷入局自研AI芯片。") if m.id == "amd"]
    assert (amd.surface, amd.confidence) == ("ADM", 0.7)
    assert ids(reading, "ADM bought a soybean mill in Iowa.") == set()


def test_a_typo_is_read_where_the_text_also_spells_the_name_well(reading: Reading) -> None:
    mentions = reading.mentions("Nvidia raised its forecast. Shares of Nvidai rose.")
    assert [(m.id, m.surface) for m in mentions] == [("nvidia", "Nvidia"), ("nvidia", "Nvidai")]
    assert mentions[1].confidence < mentions[0].confidence
    assert ids(reading, "Shares of Nvidai rose.") == set()


def test_a_query_may_name_what_an_article_would_have_to_explain(reading: Reading) -> None:
    [mention] = reading.linker.find("雅典娜", guess=True)
    assert (mention.id, mention.confidence) == ("microsoft-athena", GUESS)
    [intel] = reading.linker.find("intel", guess=True)
    assert (intel.id, intel.confidence) == ("intel", SURE), "people type queries without capitals"


def test_offsets_and_surfaces_are_those_of_the_text(reading: Reading) -> None:
    text = "Ａ100 與輝達 H200：台積電，NVIDIA H100 和 Google TPU v4"
    for mention in reading.mentions(text):
        assert text[mention.start : mention.end] == mention.surface


def test_mentions_never_overlap(reading: Reading) -> None:
    mentions = reading.mentions("华为Atlas 900 SuperCluster，NVIDIA DGX H100, AMD Instinct MI300X, Amazon EC2 P5 instances")
    assert all(left.end <= right.start for left, right in pairwise(mentions))


@pytest.mark.parametrize("text", ["", " ", "\n", "。", "a", "H", "-" * 1000, "苹果" * 500, "Amazon " * 500, "\ud800H100"])
def test_any_text_can_be_read(reading: Reading, text: str) -> None:
    assert reading.mentions(text) == sorted(reading.mentions(text), key=lambda mention: mention.start)
