"""Names that the catalogue lacks, where a text introduces them."""

import pytest

from index.knowledge.new_names import likeliest
from index.knowledge.reading import Reading


def names(reading: Reading, text: str) -> list[tuple[str, str, str | None]]:
    return [(each.name, each.kind, each.maker) for each in reading.read("", text).new_names]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("AMD is testing a chip code-named Zephyrus, people said.", ("Zephyrus", "chip", "amd")),
        ("Microsoft's next chip, dubbed Quillon, is due in 2028.", ("Quillon", "chip", "microsoft")),
        ("Intel showed the QX900 to customers.", ("QX900", "chip", "intel")),
        ("Samsung will make the Veldhoven accelerator for it.", ("Veldhoven", "chip", "samsung")),
        ("Nvidia invested in the start-up Quantelle, it said.", ("Quantelle", "company", "nvidia")),
        ("华为正在研发代号“紫电”的新芯片。", ("紫电", "chip", "huawei")),
        ("阿里发布名为“青霜”的AI芯片。", ("青霜", "chip", "alibaba")),
        ("腾讯投资了初创公司燎原科技。", ("燎原科技", "company", "tencent")),
    ],
)
def test_a_name_is_found_where_it_is_introduced(reading: Reading, text: str, expected: tuple[str, str, str]) -> None:
    assert expected in names(reading, text)


@pytest.mark.parametrize(
    "text",
    [
        "Nvidia's H100 and B200 GPUs are sold out.",
        "The QX900 vacuum cleaner is quiet.",
        "AMD said in Q3 that sales rose.",
        "微软代号“雅典娜”的芯片由台积电生产。",
        "",
    ],
)
def test_known_names_units_and_other_fields_are_not_proposed(reading: Reading, text: str) -> None:
    assert names(reading, text) == []


def test_guesses_go_with_the_majority() -> None:
    assert likeliest(["amd", None, "intel", "amd"]) == "amd"
    assert likeliest([None]) is None
