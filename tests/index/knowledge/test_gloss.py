from pathlib import Path

import pytest

from index.errors import CatalogueError
from index.knowledge.gloss import FOLDER, KINDS, load_lexicon
from index.knowledge.reading import Reading
from index.text.fold import fold
from index.text.tokens import has_han

LINES = [
    (path.name, number, line.split("\t"))
    for path in sorted(FOLDER.glob("*.tsv"))
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
]


def test_the_lexicon_has_at_least_two_thousand_entries_with_a_sense() -> None:
    assert sum(columns[1] != "-" for _, _, columns in LINES) >= 2000


def test_every_entry_is_a_chinese_word_with_short_english_senses() -> None:
    seen: dict[str, str] = {}
    for name, number, columns in LINES:
        where = f"{name}:{number} {columns}"
        assert len(columns) == 3, where
        word, senses, kind = columns
        assert kind in KINDS, where
        assert has_han(word), where
        assert not has_han(senses), where
        assert "(" not in senses, where
        assert all(part.strip() for part in senses.split(";")), where
        assert len(senses.split(";")) <= 4, where
        assert fold(word) not in seen, f"{where} is already in {seen.get(fold(word))}"
        seen[fold(word)] = where


@pytest.mark.parametrize(
    ("chinese", "english"),
    [
        ("自研", "in-house custom"), ("代工", "foundry"), ("流片", "tape-out"), ("算力", "computing power"), ("租赁", "rental"),
        ("量产", "mass production"), ("良率", "yield"), ("制程", "process node"),
        ("伺服器", "server"), ("記憶體", "memory"), ("晶片", "chip"),
    ],
)  # fmt: skip
def test_the_fields_sense_comes_first(reading: Reading, chinese: str, english: str) -> None:
    assert reading.glosser.gloss(chinese) == english


def test_a_gloss_takes_names_from_the_catalogue_and_leaves_particles_out(reading: Reading) -> None:
    gloss = reading.glosser.gloss("微软的自研芯片由台积电代工。")
    assert gloss == "Microsoft custom chip by TSMC foundry."


@pytest.mark.parametrize(
    ("chinese", "english"),
    [
        ("晶体管2080亿", "transistor 208 billion"),
        ("3.5万颗芯片", "35000 chip"),
        ("投资1.2万亿美元", "investment 1.2 trillion dollar"),
        ("50萬顆晶片", "500000 chip"),
        ("1,050亿个晶体管", "105 billion transistor"),
        ("1500万", "15 million"),
        ("200万台积电股票", "2 million TSMC stock"),
        ("300万台服务器", "3 million server"),
        ("H100售价4万美元", "NVIDIA H100 price 40000 dollar"),
    ],
)
def test_a_reader_gets_numbers_as_english_counts_them(reading: Reading, chinese: str, english: str) -> None:
    assert reading.glosser.for_reader(chinese) == english


def test_english_passes_through_unchanged(reading: Reading) -> None:
    assert reading.glosser.gloss("Azure rents 35 MW of power.", []) == "Azure rents 35 MW of power."


def test_an_unlisted_compound_is_read_by_its_parts(reading: Reading) -> None:
    assert "chip" in reading.glosser.gloss("芯片股价")


def test_traditional_text_has_the_same_gloss(reading: Reading) -> None:
    assert reading.glosser.gloss("台積電產能短缺") == reading.glosser.gloss("台积电产能短缺")


@pytest.mark.parametrize("line", ["芯片 chip field", "芯片\tchip", "芯片\t\tfield", "芯片\tchip\tnoun"])
def test_a_malformed_line_is_named_by_file_and_number(tmp_path: Path, line: str) -> None:
    (tmp_path / "a.tsv").write_text(f"云\tcloud\tfield\n{line}\n", encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"a\.tsv, line 2"):
        load_lexicon(tmp_path)
