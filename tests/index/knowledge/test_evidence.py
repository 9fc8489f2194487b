"""Evidence: what counts for and against an ambiguous name, and words that only look like one."""

from pathlib import Path

import pytest

from index.errors import CatalogueError
from index.knowledge.evidence import CUES, across_words, confidence, inside_word, load_cues
from index.knowledge.reading import Reading


def sure_of(reading: Reading, text: str, entity: str) -> float:
    return max((m.confidence for m in reading.linker.weigh(text) if m.id == entity), default=0.0)


def test_confidence_is_even_at_no_evidence_and_never_certain() -> None:
    assert confidence(0) == 0.5
    assert confidence(-2) < 0.3 < 0.7 < confidence(2) < confidence(50) < 0.98


@pytest.mark.parametrize(
    ("less", "more"),
    [
        ("Blackwell arrived.", "Blackwell racks arrived."),
        ("It runs on Gaudi.", "It runs on Gaudi, Intel's accelerator."),
        ("I saw Apple.", "I saw Apple, Microsoft and Google."),
        ("苹果来了。", "苹果首席执行官来了。"),
        ("Judge Blackwell ruled on the chip.", "Blackwell ruled on the chip."),
        ("The Amazon is long.", "Amazon is long."),
        ("小米熬粥。", "小米发布手机芯片。"),
    ],
)
def test_each_kind_of_evidence_moves_the_confidence(reading: Reading, less: str, more: str) -> None:
    entity = {"B": "nvidia-blackwell", "J": "nvidia-blackwell", "I": "", "T": "amazon", "苹": "apple", "小": "xiaomi"}[less[0]]
    entity = entity or ("intel-gaudi" if "Gaudi" in less else "apple")
    assert sure_of(reading, less, entity) < sure_of(reading, more, entity)


def test_a_name_within_a_longer_word_or_across_two_is_none() -> None:
    words = {"高通胀", "骁龙", "芯片", "深邃", "思考", "英特尔公司"}
    assert inside_word("应对高通胀的", 2, 4, words)
    assert not inside_word("高通发布", 0, 2, words)
    assert not inside_word("英特尔公司说", 0, 3, words), "a company called one stays it"
    assert across_words("骁龙芯片组", 1, 3, words)
    assert across_words("深邃思考", 1, 3, words)
    assert not across_words("用龙芯片", 1, 3, words)


@pytest.mark.parametrize(("content", "why"), [("field = 1", "must have"), ("x =", "cues.toml")])
def test_cues_that_break_the_schema_are_refused(tmp_path: Path, content: str, why: str) -> None:
    file = tmp_path / "cues.toml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(CatalogueError, match=why):
        load_cues(file)


def test_a_cue_twice_in_a_list_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "cues.toml"
    file.write_text(CUES.read_text(encoding="utf-8").replace('"chip", "chips"', '"chip", "chip"'), encoding="utf-8")
    with pytest.raises(CatalogueError, match="twice"):
        load_cues(file)


def test_no_word_speaks_for_the_field_and_for_something_else() -> None:
    cues = load_cues()
    assert set(cues.field) & set(cues.other) == set()
    assert all(each[0] in " ',：" or not each.isascii() or each == "ceo" or each == "gpu" for each in cues.after_company)
