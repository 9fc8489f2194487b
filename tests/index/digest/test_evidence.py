"""What somebody wrote beside its sources: numbers, dates, names and quotations."""

from datetime import UTC, datetime

import pytest

from index.digest.evidence import Evidence
from index.knowledge.reading import Reading

ENGLISH = (
    "Microsoft unveils Maia 100\nMicrosoft introduced the Azure Maia 100 accelerator at Ignite on Nov. 15. The chip has "
    "105 billion transistors and is made by TSMC on a 5 nm process. “We reimagined every aspect of our data centers,” said "
    "Scott Guthrie. It costs $37,000, twice as much as its predecessor."
)
CHINESE = (
    "微软发布首款自研AI芯片\n微软发布自研人工智能芯片，由台积电5纳米工艺代工，将于2024年初部署。"
    "商务部的规则3月1日起生效，投资40亿元。"
)
SOURCES = (ENGLISH, CHINESE)
PUBLISHED = (datetime(2023, 11, 15, 9, tzinfo=UTC),)


@pytest.fixture(scope="module")
def evidence(reading: Reading) -> Evidence:
    return Evidence(SOURCES, PUBLISHED, reading, ["The Register"])


@pytest.mark.parametrize(
    "sentence",
    [
        "Microsoft showed Maia 100, with 105 billion transistors, made by TSMC at 5 nanometres.",
        "It was shown on November 15, 2023, at Ignite.",
        "On Wednesday Microsoft said so.",
        "Scott Guthrie spoke of the data centres, and the chip costs 37,000 dollars.",
        "It costs twice as much.",
        "However, buyers may wait, wrote The Register.",
        "The rule holds from 1 March.",
        "投资为40亿元，芯片采用5纳米工艺。",
        "The yuan investment is 4 billion yuan.",
        '"We reimagined every aspect of our data centers", Guthrie said.',
    ],
)
def test_what_the_sources_have_is_borne_out_however_it_is_written(evidence: Evidence, sentence: str) -> None:
    assert evidence.missing(sentence) == []


@pytest.mark.parametrize(
    ("sentence", "missing"),
    [
        ("It has 106 billion transistors.", ["106 billion"]),
        ("It has 105 million transistors.", ["105 million"]),
        ("It costs $38,000.", ["$38,000"]),
        ("It is made on a 4 nm process.", ["4 nm"]),
        ("It was shown on November 16.", ["November 16"]),
        ("It ships in July.", ["July"]),
        ("On Friday Microsoft said so.", ["Friday"]),
        ("It is made by Samsung.", ["Samsung"]),
        ("It competes with the H100.", ["H100"]),
        ("Satya Nadella said so.", ["Nadella"]),
        ("Three customers have it.", ["three"]),
        ("Sales tripled.", ["tripl"]),
        ("投资为50亿元。", ["50亿元"]),
        ("该芯片由三星代工。", ["三星代工"]),
        ("规则自4月1日起生效。", ["4月1日"]),
        ("已有三家客户。", ["三"]),
        ('"We are very proud of this chip", Guthrie said.', ["We are very proud of this chip"]),
        ("It runs at 2025 MHz.", ["2025 MHz"]),
    ],
)
def test_what_no_source_has_is_named(evidence: Evidence, sentence: str, missing: list[str]) -> None:
    assert [each.casefold() for each in evidence.missing(sentence)] == [each.casefold() for each in missing]


def test_each_sentence_is_judged_by_itself(evidence: Evidence) -> None:
    doubts = evidence.doubts("Microsoft showed Maia 100. It has 900 cores. 三星代工。TSMC makes it.")
    assert [(doubt.sentence, doubt.missing) for doubt in doubts] == [
        ("It has 900 cores.", ("900",)),
        ("三星代工。", ("三星代工",)),
    ]


@pytest.mark.parametrize("text", ["", "   ", "…", "A" * 5_000, "9" * 5_000, "“" * 500, "Nov " * 500])
def test_odd_texts_are_judged_in_no_time(evidence: Evidence, text: str) -> None:
    evidence.doubts(text)


def test_the_sources_bear_out_themselves(evidence: Evidence) -> None:
    assert [doubt for text in SOURCES for doubt in evidence.doubts(text)] == []
