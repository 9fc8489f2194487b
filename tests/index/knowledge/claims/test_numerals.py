from index.knowledge.claims.numerals import english_number, han_number


def test_english_words_are_numbers() -> None:
    assert [english_number(words) for words in ("seven", "twenty-five", "five hundred", "a dozen")] == [7, 25, 500, 12]


def test_chinese_words_are_numbers() -> None:
    assert [han_number(words) for words in ("八", "十二", "三十五", "五百", "两")] == [8, 12, 35, 500, 2]
