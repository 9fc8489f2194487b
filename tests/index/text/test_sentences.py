from index.text.sentences import sentences


def cut(text: str) -> list[str]:
    return [text[span.start : span.end] for span in sentences(text)]


def test_english_sentences_end_at_full_stops_but_not_at_abbreviations_or_decimals() -> None:
    text = "Nvidia Corp. sells 4.8 TB/s parts in the U.S. market. Prices rose. “Good,” he said."
    assert cut(text) == ["Nvidia Corp. sells 4.8 TB/s parts in the U.S. market.", "Prices rose.", "“Good,” he said."]


def test_chinese_sentences_keep_their_closing_quotation_mark() -> None:
    assert cut("他说：“很好。”台积电将量产。") == ["他说：“很好。”", "台积电将量产。"]


def test_a_line_break_always_ends_a_sentence() -> None:
    assert cut("Heading without a stop\n\nBody.") == ["Heading without a stop", "Body."]


def test_nothing_has_no_sentences() -> None:
    assert cut(" \n ") == []
