import pytest

from index.retrieval.syntax import read_syntax


def operators(text: str) -> list[tuple[str, str, bool]]:
    return [(each.kind, each.value, each.negative) for each in read_syntax(text).operators]


def plain(text: str) -> str:
    return " ".join(read_syntax(text).plain.split())


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ('"custom chip" microsoft -intel', "microsoft", [("phrase", "custom chip", False), ("word", "intel", True)]),
        ("“雅典娜” 芯片", "芯片", [("phrase", "雅典娜", False)]),
        ('company:nvidia chip:"TPU v5e" price', "price", [("company", "nvidia", False), ("chip", "TPU v5e", False)]),
        ("-company:intel 芯片", "芯片", [("company", "intel", True)]),
        ('-"export controls" china', "china", [("phrase", "export controls", True)]),
        ("NOT intel foundry", "foundry", [("word", "intel", True)]),
        ('after:"last week" before:2023-12 hbm', "hbm", [("after", "last week", False), ("before", "2023-12", False)]),
        ("google tpu 2023-W47", "google tpu", [("date", "2023-W47", False)]),
        ("lang：zh 英伟达", "英伟达", [("lang", "zh", False)]),
        ("title:maia site:export-desk", "", [("title", "maia", False), ("source", "export-desk", False)]),
    ],
)
def test_operators_are_told_from_words(text: str, words: str, expected: list[tuple[str, str, bool]]) -> None:
    assert operators(text) == expected
    assert plain(text) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [('unbalanced " quote', "unbalanced quote"), ("- stray", "- stray"), ('"" x', "x"), ("title:", "title:"), ("“", ""),
     ("state-of-the-art GPU", "state-of-the-art GPU"), ("http://a.b/c", "http://a.b/c"), ("a -", "a -"), ("and or", "and or")],
)  # fmt: skip
def test_what_is_no_operator_stays_a_word(text: str, words: str) -> None:
    assert operators(text) == []
    assert plain(text) == words


def test_or_in_capitals_joins_its_neighbours() -> None:
    assert read_syntax("H100 OR H200").alternatives == (5,)
    assert read_syntax("H100 or H200").alternatives == ()


def test_a_quotation_within_running_text_only_quotes() -> None:
    assert operators("什么是“算力”？") == []
    assert plain("威尔士议员担心“看起来像傻瓜”") == "威尔士议员担心 看起来像傻瓜"


def test_in_a_pasted_sentence_quotation_marks_only_quote() -> None:
    syntax = read_syntax('Wales members are worried about "looking like muppets".')
    assert (syntax.sentence, syntax.operators) == (True, ())
    assert "muppets" in syntax.plain
    assert not read_syntax('"custom silicon" plans').sentence
