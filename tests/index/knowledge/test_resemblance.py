import numpy as np

from crawlers.newsroom.catalogue import load_newsroom
from index.knowledge.reading import Reading
from index.knowledge.resemblance import JOIN, Resemblance, contained
from index.knowledge.sketch import make_sketch


def compared(reading: Reading, *articles: tuple[str, str, str]) -> Resemblance:
    """The articles (title, text, language) with embeddings that are all alike, so that words and marks decide."""
    sketches = [make_sketch(title, text, lang, reading.link(title, text), reading) for title, text, lang in articles]
    vectors = np.tile(np.array([[0.6, 0.8]], np.float32), (len(sketches), 1))
    return Resemblance(sketches, vectors, reading.catalogue, {})


H20 = "Nvidia has developed a chip for the Chinese market after the latest export controls, people familiar with it said."


def test_one_wording_about_two_products_is_two_events(reading: Reading) -> None:
    pairs = compared(
        reading,
        ("Nvidia develops H20 chip for China", H20, "en"),
        ("Nvidia develops H800 chip for China", H20, "en"),
        ("Nvidia's H20 chip for China is ready", H20, "en"),
    )
    assert pairs.score(0, 2) > JOIN > pairs.score(0, 1)
    assert pairs.reasons(0, 1).other_thing == 1.0 and pairs.reasons(0, 2).other_thing == 0.0


def test_a_company_of_ones_own_and_another_quarter_speak_against(reading: Reading) -> None:
    pairs = compared(
        reading,
        ("AMD reports second quarter results", "Revenue rose.", "en"),
        ("Intel reports second quarter results", "Revenue rose.", "en"),
        ("AMD公布第三季度财报", "营收增长。", "zh"),
    )
    assert pairs.reasons(0, 1).other_company == 1.0
    assert pairs.reasons(0, 2).other_company == 0.0 and pairs.reasons(0, 2).other_thing == 1.0


def test_figures_and_days_speak_for_or_against(reading: Reading) -> None:
    pairs = compared(
        reading,
        ("a", "On October 7 it sold 1,500 units for $320 million, up 17%, with 93 shops.", "en"),
        ("b", "10月7日，售出1500台，收入3.2亿美元，增长17%，门店93家。", "zh"),
        ("c", "On March 2 it sold 2,500 units for $410 million, up 29%, with 71 shops.", "en"),
    )
    near, far = pairs.reasons(0, 1), pairs.reasons(0, 2)
    assert (near.shared_figures, near.other_figures, near.same_day, near.other_day) == (1.0, 0.0, 1.0, 0.0)
    assert (far.shared_figures, far.other_figures, far.same_day, far.other_day) == (0.0, 1.0, 0.0, 1.0)


def test_a_rounded_figure_is_the_figure(reading: Reading) -> None:
    pairs = compared(
        reading,
        ("a", "It earned 2.881 billion yuan.", "en"),
        ("b", "盈利28.8亿元。", "zh"),
        ("c", "It earned 2.8 billion.", "en"),
    )
    assert pairs.reasons(0, 1).shared_figures > 0 == pairs.reasons(0, 2).shared_figures


def test_one_wording_with_other_names_is_no_likeness(reading: Reading) -> None:
    wording = "Intel is putting its plant near {} on hold for two years as it cuts spending, {} said."
    pairs = compared(
        reading,
        ("Intel halts its plant in Magdeburg", wording.format("Magdeburg", "Otto Brandt"), "en"),
        ("Intel halts its plant in Wroclaw", wording.format("Wroclaw", "Anna Nowak"), "en"),
        ("Work on Intel's plant in Magdeburg stops", "Otto Brandt says that Magdeburg waits.", "en"),
    )
    twins, one = pairs.reasons(0, 1), pairs.reasons(0, 2)
    assert min(twins.strange_names, twins.new_words, twins.twin_titles) > 0.1
    assert one.strange_names == one.twin_titles == 0.0
    assert pairs.score(0, 2) > pairs.score(0, 1)


def test_a_score_is_one_both_ways(reading: Reading) -> None:
    pairs = compared(reading, ("Nvidia H20", H20, "en"), ("英伟达开发H20", "英伟达为中国市场开发芯片。", "zh"))
    assert pairs.score(0, 1) == pairs.score(1, 0)


def test_a_model_with_high_cosines_is_read_in_the_default_ones_terms(reading: Reading) -> None:
    sketches = [make_sketch("x", text, "en", [], reading) for text in ("Wafers are dear.", "Ferries are late.")]
    vectors = np.array([[1, 0], [0.8, 0.6]], np.float32)
    assert Resemblance(sketches, vectors, reading.catalogue, {}).reasons(0, 1).cosine == np.float32(0.8)
    assert Resemblance(sketches, vectors, reading.catalogue, {}, baseline=0.8).reasons(0, 1).cosine < 0.04


def test_the_share_of_a_text_in_another_is_that_of_the_shorter() -> None:
    short, long = np.arange(0, 20, 2, dtype=np.uint32), np.arange(0, 100, dtype=np.uint32)
    assert contained(short, long) == contained(long, short) == 1.0
    assert contained(short, np.arange(1, 99, 2, dtype=np.uint32)) == 0.0
    assert contained(short[:3], long) == 0.0  # too few to tell


def test_what_is_told_to_be_impossible_is_never_one_event(reading: Reading) -> None:
    chosen = load_newsroom().items[:40]
    read = compared(reading, *((item.title, item.text, item.lang[:2]) for item in chosen))
    pairs = Resemblance(read.sketches, np.eye(len(chosen), dtype=np.float32), reading.catalogue, {})
    every = [(i, j) for i in range(len(chosen)) for j in range(i)]
    possible = [pair for pair in every if pairs.possible(*pair)]
    assert {pair for pair in every if pairs.score(*pair) >= JOIN} <= set(possible)
    assert 0 < len(possible) < 0.7 * len(every), "it saves much of the scoring"
