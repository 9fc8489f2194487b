from index.knowledge.reading import Reading
from index.knowledge.sketch import IN_LEAD, IN_NAME, IN_TITLE, Sketch, make_sketch, occurrences, shingles
from index.text.fold import fold


def sketch(reading: Reading, title: str, text: str, lang: str = "en") -> Sketch:
    return make_sketch(title, text, lang, reading.link(title, text), reading)


def test_a_sketch_survives_the_store(reading: Reading) -> None:
    made = sketch(
        reading,
        "TSMC reports October revenue",
        "TSMC on Friday, November 10, 2023, reported NT$243.20 billion, up 34.8 percent. The H100 and Gaudi 3 sold well. " * 4,
    )
    read = Sketch.load(made.dump())
    assert (read.shingles == made.shingles).all() and len(made.shingles)
    assert [getattr(read, name) for name in ("lang", "words", "figures", "days", "focus", "marks", "titled")] == [
        getattr(made, name) for name in ("lang", "words", "figures", "days", "focus", "marks", "titled")
    ]


def test_figures_are_one_in_both_languages(reading: Reading) -> None:
    english = sketch(reading, "Revenue", "Revenue was $13.5 billion, up 88% from 40,000 units.")
    chinese = sketch(reading, "营收", "营收为135亿美元，增长88%，此前为4万台。", "zh")
    assert english.figures == chinese.figures == {"1.35e+10", "88%", "4e+04"}


def test_small_counts_and_years_are_no_figures(reading: Reading) -> None:
    assert sketch(reading, "Chips", "In 2023 the 3 firms made 12 chips.").figures == frozenset()


def test_days_are_read_as_either_language_writes_them(reading: Reading) -> None:
    assert sketch(reading, "x", "On Oct. 17, 2023 and on 7 October it changed.").days == ((2023, 10, 17), (0, 10, 7))
    assert sketch(reading, "x", "2023年10月17日，以及11月。", "zh").days == ((2023, 10, 17), (0, 11, 0))


def test_marks_tell_the_quarter_the_round_the_product_and_the_company(reading: Reading) -> None:
    results = sketch(reading, "NVIDIA announces results for third quarter fiscal 2024", "The H100 and the A100 sold well.")
    assert results.focus["quarter"] == {"3"} and results.focus["year"] == {"24"}
    assert results.focus["company"] == {"nvidia"}
    assert {"h100", ":nvidia-h100", "a100"} <= results.marks["product"]
    chinese = sketch(reading, "英伟达公布2024财年第三季度财报", "H100卖得很好。", "zh")
    assert chinese.focus["quarter"] == {"3"} and chinese.focus["year"] == {"24"} and chinese.focus["company"] == {"nvidia"}
    assert sketch(reading, "Start-up raises Series C", "").focus["round"] == {"c"}
    assert sketch(reading, "Intel launches Gaudi 3", "").focus["series gaudi"] == {"3"}


def test_numbers_of_things_are_no_series(reading: Reading) -> None:
    kinds = sketch(reading, "It ordered 20 servers and 300 gpus", "With 96 GB and 700 W each, in May 2023.").marks
    assert not [kind for kind in kinds if kind.startswith("series")]


def test_chinese_words_come_with_their_english_and_names_are_marked(reading: Reading) -> None:
    made = sketch(reading, "微软发布芯片", "微软的芯片。", "zh")
    assert made.words["微软"] & IN_NAME and made.words["微软"] & IN_LEAD
    assert made.glosses["microsoft"] & IN_NAME
    assert occurrences(made.words["微软"]) == 2  # the text does not begin with the title, which is read before it


def test_words_of_the_title_are_marked_whether_the_text_repeats_it_or_not(reading: Reading) -> None:
    for text in ("Prices of memory rose.", "Wafers are short. Prices of memory rose."):
        words = sketch(reading, "Wafers are short", text).words
        assert words["wafer"] & IN_TITLE and not words["price"] & IN_TITLE


def test_marks_tell_the_step_the_country_the_year_and_the_version(reading: Reading) -> None:
    made = sketch(reading, "Intel opens its fab in Ireland in 2023", "Built since 2019, it was planned in Germany.")
    assert made.focus["step works"] == {"opened"} and made.focus["place"] == {"ie"} and made.focus["year named"] == {"2023"}
    assert made.marks["place"] == {"ie", "de"} and made.marks["year named"] == {"2019", "2023"}
    assert "place" not in sketch(reading, "Intel opens its fab", "It is in Ireland.").focus  # a text names many
    assert sketch(reading, "OpenAI releases GPT-4 Turbo", "It is cheaper than GPT-4.").marks["version gpt-4"] == {
        "turbo",
        "plain",
    }
    assert sketch(reading, "智谱发布GLM-4.5-Air", "比GLM-4.5更轻。", "zh").focus["version glm-4.5"] == {"air"}


def test_a_capital_at_the_start_of_a_sentence_makes_no_name(reading: Reading) -> None:
    words = sketch(reading, "x", "Prices rose. Prices fell when Zyphra came.").words
    assert not words["price"] & IN_NAME
    assert words["zyphra"] & IN_NAME


def test_shingles_are_those_of_letters_alone_and_one_in_eight_is_a_part_of_them() -> None:
    whole = shingles(fold("The chip, they say, is fast enough for anybody's model."))
    assert (whole == shingles(fold("the chip they say is fast; enough for anybodys MODEL"))).all()
    assert set(shingles(fold("The chip, they say, is fast enough for anybody's model."), 8)) <= set(whole)
    assert len(shingles("abc")) == 0
