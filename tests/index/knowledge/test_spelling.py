import pytest

from index.knowledge.reading import Reading
from index.knowledge.spelling import edit_distance


@pytest.mark.parametrize(
    ("word", "entity"),
    [
        ("nvdia", "nvidia"), ("nvidai", "nvidia"), ("micorsoft", "microsoft"), ("hauwei", "huawei"), ("qualcom", "qualcomm"),
        ("semianalisys", "semianalysis"), ("samsumg", "samsung"),
    ],
)  # fmt: skip
def test_a_misspelt_name_finds_its_entity(word: str, entity: str, reading: Reading) -> None:
    found = reading.speller.correct(word)
    assert found is not None
    assert found[1] == entity


@pytest.mark.parametrize("word", ["h10", "h101", "mi300", "910c", "tpu", "amb", "37000", "xnvidia", "banana", "英伟大"])
def test_identifiers_numbers_short_words_and_other_words_are_left_alone(word: str, reading: Reading) -> None:
    assert reading.speller.correct(word) is None


@pytest.mark.parametrize(
    ("left", "right", "distance"),
    [("abc", "abc", 0), ("abc", "acb", 1), ("abc", "abcd", 1), ("abc", "xbc", 1), ("abcd", "badc", 2)],
)
def test_two_letters_swapped_are_one_typo(left: str, right: str, distance: int) -> None:
    assert edit_distance(left, right, 2) == distance
    assert edit_distance("abcdef", "uvwxyz", 2) > 2
