import pytest

from index.text.language import detect_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Nvidia said it will ship the chip to customers in the second quarter of the year.", "en"),
        ("英伟达 NVIDIA H100 GPU 租赁 DGX Cloud 价格", "zh"),
        ("輝達推出新晶片", "zh"),
        ("NVIDIA発表の新しいチップについて、この記事で詳しく説明します。", "und"),
        (
            "Der Konzern hat heute einen neuen Chip vorgestellt, der schneller rechnet und weniger Strom braucht.",
            "und",
        ),
        ("", "und"),
    ],
)
def test_english_and_chinese_are_told_apart_and_others_are_not_claimed(text: str, language: str) -> None:
    assert detect_language(text) == language
