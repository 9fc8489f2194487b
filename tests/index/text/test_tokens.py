from index.text.tokens import ChineseSegmenter, bigrams, tokenize

SEGMENTER = ChineseSegmenter(["英伟达", "雅典娜"])


def terms(text: str) -> list[str]:
    return [token.term for token in tokenize(text, SEGMENTER)]


def test_english_words_are_stemmed_and_identifiers_are_not() -> None:
    assert terms("The chips' pricing: H100s, MI300X, 910B, HBM3e") == [
        "the",
        "chip",
        "price",
        "h100s",
        "mi300x",
        "910b",
        "hbm3e",
    ]


def test_the_plurals_of_processors_meet_their_singulars() -> None:
    assert terms("GPUs and TPUs, status") == ["gpu", "and", "tpu", "status"]


def test_a_number_with_thousands_separators_is_one_term() -> None:
    assert terms("$36,999 and 4.8 TB/s") == ["36999", "and", "4.8", "tb", "s"]


def test_chinese_is_segmented_with_the_names_as_user_words() -> None:
    assert terms("英伟达发布H100芯片") == ["英伟达", "发布", "h100", "芯片"]


def test_traditional_and_simplified_give_the_same_terms() -> None:
    assert terms("英偉達發佈晶片") == terms("英伟达发布晶片")


def test_offsets_point_into_the_text_as_written() -> None:
    text = "微軟Maia 100，自研晶片"
    for token in tokenize(text, SEGMENTER):
        assert text[token.start : token.end].lower() == token.text or token.han


def test_an_identifier_mixes_letters_and_digits() -> None:
    kinds = {token.text: token.identifier for token in tokenize("H100 chip 2023 芯片", SEGMENTER)}
    assert kinds == {"h100": True, "chip": False, "2023": False, "芯片": False}


def test_bigrams_cover_every_pair_of_adjacent_characters() -> None:
    assert bigrams("昇腾芯片 ai 卡") == ["昇腾", "腾芯", "芯片"]


def test_segmenters_do_not_change_how_others_cut() -> None:
    plain = ChineseSegmenter()
    before = plain.cut("雅典娜神像")
    assert ChineseSegmenter(["雅典娜神像"]).cut("雅典娜神像") == ["雅典娜神像"]
    assert plain.cut("雅典娜神像") == before != ["雅典娜神像"]
