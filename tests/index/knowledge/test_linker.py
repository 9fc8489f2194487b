import pytest

from index.knowledge.linker import GUESS
from index.knowledge.reading import Reading


def found(reading: Reading, text: str) -> list[tuple[str, str]]:
    return [(mention.id, mention.surface) for mention in reading.linker.find(text)]


@pytest.mark.parametrize("name", ["NVIDIA", "Nvidia", "nvidia", "英伟达", "輝達", "辉达"])
def test_a_company_is_one_entity_in_every_script(reading: Reading, name: str) -> None:
    assert found(reading, f"据报道，{name} 发布新品")[0] == ("nvidia", name)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("H100, H800, H20 and H200", ["nvidia-h100", "nvidia-h800", "nvidia-h20", "nvidia-h200"]),
        ("H100s in an H1000 and XH100", ["nvidia-h100"]),
        ("昇腾910B、昇騰 910B、Ascend 910B", ["huawei-ascend-910b"] * 3),
        ("TPU v4, TPUv4, TPU-v4", ["google-tpu-v4"] * 3),
        ("AMD MI300A and MI300X", ["amd-mi300a", "amd-mi300x"]),
    ],
)
def test_chip_identifiers_are_exact(reading: Reading, text: str, expected: list[str]) -> None:
    assert [mention.id for mention in reading.linker.find(text) if mention.id != "amd"][-len(expected) :] == expected


def test_a_code_name_counts_only_where_the_field_is_near(reading: Reading) -> None:
    assert ("microsoft-athena", "雅典娜") in found(reading, "微软正在研发自己的芯片“雅典娜”")
    assert found(reading, "希腊神话中的雅典娜是智慧女神") == []


def test_capitals_count_where_a_name_is_also_a_word(reading: Reading) -> None:
    assert "arm" in {i for i, _ in found(reading, "Chips with Arm cores, said Arm Holdings, the chip designer")}
    assert "arm" not in {i for i, _ in found(reading, "He broke his arm at the chip fab")}


def test_a_query_may_name_what_an_article_would_have_to_explain(reading: Reading) -> None:
    [mention] = reading.linker.find("雅典娜", guess=True)
    assert (mention.id, mention.confidence) == ("microsoft-athena", GUESS)


def test_offsets_and_surfaces_are_those_of_the_text(reading: Reading) -> None:
    text = "Ａ100 與輝達 H200：台積電"
    for mention in reading.linker.find(text):
        assert text[mention.start : mention.end] == mention.surface


def test_a_chip_named_with_its_maker_counts_for_both(reading: Reading) -> None:
    rows = reading.link("NVIDIA H100 prices", "Renting an NVIDIA H100 is dear. " * 2)
    assert {row.entity_id for row in rows if row.field == "text"} == {"nvidia", "nvidia-h100"}
