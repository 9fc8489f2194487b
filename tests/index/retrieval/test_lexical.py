from datetime import UTC, datetime
from pathlib import Path

import pytest

from index.errors import IndexUnavailable
from index.retrieval.lexical import Alternative, Filters, LexicalIndex, PassageDocument, write_index


def document(passage: int, words: str, **values: object) -> PassageDocument:
    given: dict[str, object] = {
        "passage": passage, "article": passage, "title": [], "words": words.split(), "bigrams": [],
        "entities": [], "article_entities": [], "lang": "en", "source": "a", "time": passage * 100, "first_seen": 0,
    }  # fmt: skip
    return PassageDocument(**{**given, **values})  # type: ignore[arg-type]


@pytest.fixture
def index(tmp_path: Path) -> LexicalIndex:
    write_index(
        tmp_path,
        [
            document(1, "h100 gpu price", article_entities=["nvidia-h100"]),
            document(2, "h800 gpu for china", lang="zh", source="b"),
            document(3, "price of the gpu gpu gpu"),
            document(4, "芯片 价格 chip price", lang="zh"),
        ],
    )
    return LexicalIndex(tmp_path)


def words(*terms: str) -> list[list[Alternative]]:
    return [[Alternative("words", (term,))] for term in terms]


def test_an_identifier_never_matches_its_neighbours(index: LexicalIndex) -> None:
    assert [p for p, _ in index.search(words("h100"), Filters(), 10)] == [1]
    assert index.search(words("h10"), Filters(), 10) == []


def test_a_unit_is_satisfied_by_any_of_its_alternatives(index: LexicalIndex) -> None:
    unit = [Alternative("words", ("price",)), Alternative("title", ("price",), 0.5)]
    assert {p for p, _ in index.search([unit], Filters(), 10)} == {1, 3, 4}


def test_several_terms_are_a_phrase(index: LexicalIndex) -> None:
    assert [p for p, _ in index.search([[Alternative("words", ("gpu", "price"))]], Filters(), 10)] == [1]


def test_matched_units_come_back_as_bits(index: LexicalIndex) -> None:
    assert index.matched_units(words("gpu", "price", "china"), [1, 2, 3, 4]) == {1: 0b011, 2: 0b101, 3: 0b011, 4: 0b010}


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(lang=("zh",)), {2}),
        (Filters(source=("a",)), {1, 3}),
        (Filters(entity=("nvidia-h100", "tsmc")), {1}),
        (Filters(after=datetime.fromtimestamp(200, UTC)), {2, 3}),
        (Filters(before=datetime.fromtimestamp(200, UTC)), {1}),
        (Filters(as_of=datetime.fromtimestamp(201, UTC)), {1, 2}),
        (Filters(lang=("zh",), source=("a",)), set()),
    ],
)
def test_filters_are_exact(index: LexicalIndex, filters: Filters, expected: set[int]) -> None:
    assert {p for p, _ in index.search(words("gpu"), filters, 10)} == expected


def test_replaced_articles_leave_the_index(tmp_path: Path, index: LexicalIndex) -> None:
    write_index(tmp_path, [document(9, "new text", article=1)], replaced_articles=[1])
    again = LexicalIndex(tmp_path)
    assert again.search(words("h100"), Filters(), 10) == []
    assert [p for p, _ in again.search(words("new"), Filters(), 10)] == [9]


def test_a_folder_without_an_index_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(IndexUnavailable, match="not a readable lexical index"):
        LexicalIndex(tmp_path / "empty")
