import pytest

from index.text.fold import fold


@pytest.mark.parametrize(
    ("written", "folded"),
    [("輝達", "辉达"), ("臺積電", "台积电"), ("Ｈ１００", "h100"), ("NVIDIA", "nvidia"), ("昇騰", "升腾"), ("a\u00a0b", "a b")],
)
def test_scripts_widths_and_capitals_fold_together(written: str, folded: str) -> None:
    assert fold(written) == folded


@pytest.mark.parametrize("text", ["İstanbul", "ﬁne", "Straße", "𝐇𝟏𝟎𝟎", "한국", "👩‍🔬 lab"])
def test_folding_never_moves_an_offset(text: str) -> None:
    assert len(fold(text)) == len(text)
