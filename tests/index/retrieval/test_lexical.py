import math
from pathlib import Path

import numpy as np
import pytest

from index.retrieval.lexical import Alternative, LexicalIndex
from index.retrieval.postings import PassageDocument, make_parts


def document(passage: int, words: str, **values: list[str]) -> PassageDocument:
    given: dict[str, list[str]] = {"title": [], "bigrams": [], "quantities": [], "entities": []}
    return PassageDocument(passage=passage, words=words.split(), **{**given, **values})


PASSAGES = [
    document(1, "h100 gpu price", entities=["nvidia-h100"]),
    document(2, "h800 gpu for china"),
    document(3, "price of the gpu gpu gpu"),
    document(4, "芯片 价格 chip price", title=["price", "news"]),
]


def opened(*parts: list[PassageDocument], ids: list[int] | None = None, gone: tuple[int, ...] = ()) -> LexicalIndex:
    """An index of `parts`, in which only the passages `ids` have rows, those that are `gone` excepted."""
    made = [part for documents in parts for part in make_parts(documents)]
    passages = np.array(ids or sorted(each.passage for documents in parts for each in documents))
    return LexicalIndex(made, np.unique(passages), ~np.isin(np.unique(passages), gone))


@pytest.fixture
def index() -> LexicalIndex:
    return opened(PASSAGES)


def found(index: LexicalIndex, *units: list[Alternative]) -> list[int]:
    """Rows that match, best first."""
    scored = index.score(units)
    return [row for row in np.argsort(-scored.bm25, kind="stable").tolist() if row in set(scored.rows.tolist())]


def word(*terms: str, boost: float = 1.0) -> list[Alternative]:
    return [Alternative("words", terms, boost)]


def test_an_identifier_never_matches_its_neighbours(index: LexicalIndex) -> None:
    assert found(index, word("h100")) == [0]
    assert found(index, word("h10")) == []


def test_a_score_is_bm25(index: LexicalIndex) -> None:
    # Two of four passages of which the third has three of six terms: 1.2 × (0.25 + 0.75 × 6 / 260) is the norm.
    idf = math.log(1 + (4 - 3 + 0.5) / (3 + 0.5))
    norm = 1.2 * (0.25 + 0.75 * 6 / 260)
    assert index.rarity(word("gpu")) == pytest.approx(idf)
    assert index.score([word("gpu")]).bm25[2] == pytest.approx(idf * 2.2 * 3 / (3 + norm), rel=0.005)


def test_a_boost_multiplies_a_score(index: LexicalIndex) -> None:
    assert index.score([word("gpu", boost=0.5)]).bm25 == pytest.approx(index.score([word("gpu")]).bm25 / 2)


def test_a_unit_is_satisfied_by_any_of_its_alternatives_and_worth_little_more_than_the_best(index: LexicalIndex) -> None:
    title, body = [Alternative("title", ("price",))], word("price")
    assert set(found(index, title + body)) == {0, 2, 3}
    apart = index.score([title]).bm25[3], index.score([body]).bm25[3]
    assert index.score([title + body]).bm25[3] == pytest.approx(max(apart) + 0.1 * min(apart))


def test_several_terms_are_a_phrase(index: LexicalIndex) -> None:
    assert found(index, word("gpu", "price")) == [0]
    assert found(index, word("price", "gpu")) == []
    assert found(index, word("gpu", "gpu", "gpu")) == [2]
    assert found(index, word("of", "the", "gpu")) == [2]


def test_a_phrase_of_one_field_does_not_go_on_in_another() -> None:
    index = opened([document(1, "price list", title=["gpu"])])
    assert found(index, word("gpu", "price")) == []


def test_what_matches_is_told_by_bits(index: LexicalIndex) -> None:
    assert index.score([word("gpu"), word("price"), word("china")]).matched.tolist() == [0b011, 0b101, 0b011, 0b010]


def test_extra_ways_to_score_are_no_units(index: LexicalIndex) -> None:
    scored = index.score([word("price")], [word("gpu", "price", boost=0.25)])
    assert scored.matched.tolist() == [1, 0, 1, 1]
    assert scored.bm25[0] > index.score([word("price")]).bm25[0]


def test_everything_that_satisfies_something_is_found(index: LexicalIndex) -> None:
    assert index.rows_with(word("price")).tolist() == [0, 2, 3]
    assert index.rows_with([*word("h800"), Alternative("entity", ("nvidia-h100",))]).tolist() == [0, 1]
    assert index.rows_with(word("nowhere")).tolist() == []
    assert index.occurs(word("h800")[0])
    assert not index.occurs(word("h800", "price")[0])


def test_a_frequency_counts_passages_whatever_part_they_are_in() -> None:
    index = opened(PASSAGES[:2], PASSAGES[2:])
    assert index.document_frequency(word("gpu")[0]) == 3
    assert index.score([word("gpu"), word("price")]).bm25 == pytest.approx(
        opened(PASSAGES).score([word("gpu"), word("price")]).bm25
    )


def test_what_is_gone_is_not_found() -> None:
    index = opened(PASSAGES, gone=(1,))
    assert found(index, word("h100")) == []
    assert not index.occurs(word("h100")[0])
    assert index.passages == 3
    assert opened(PASSAGES, ids=[2, 3, 4]).rows_with(word("price")).tolist() == [1, 2]


def test_a_passage_counts_as_its_latest_part_has_it() -> None:
    index = opened(PASSAGES, [document(1, "b200 gpu price")])
    assert found(index, word("h100")) == []
    assert index.score([word("gpu")]).bm25[0] == pytest.approx(index.score([word("price")]).bm25[0])


def test_an_empty_index_finds_nothing(tmp_path: Path) -> None:
    index = opened([])
    assert found(index, word("gpu")) == []
    assert index.rarity(word("gpu")) > 0
