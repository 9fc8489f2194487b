from datetime import UTC, datetime
from pathlib import Path

import pytest

from index.errors import IndexUnavailable
from index.retrieval.lexical import Alternative, Filters, LexicalIndex, PassageDocument, write_index


def document(passage: int, words: str, **values: object) -> PassageDocument:
    given: dict[str, object] = {
        "passage": passage, "article": passage, "title": [], "words": words.split(), "bigrams": [], "quantities": [],
        "entities": [], "article_entities": [], "lang": "en", "source": "a", "time": passage * 100, "known": passage * 100,
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


def found(index: LexicalIndex, units: list[list[Alternative]], filters: Filters | None = None) -> list[int]:
    return index.search(units, filters or Filters(), 10)[0].tolist()


def words(*terms: str) -> list[list[Alternative]]:
    return [[Alternative("words", (term,))] for term in terms]


def test_an_identifier_never_matches_its_neighbours(index: LexicalIndex) -> None:
    assert found(index, words("h100")) == [1]
    assert found(index, words("h10")) == []


def test_a_unit_is_satisfied_by_any_of_its_alternatives(index: LexicalIndex) -> None:
    unit = [Alternative("words", ("price",)), Alternative("title", ("price",), 0.5)]
    assert set(found(index, [unit])) == {1, 3, 4}


def test_several_terms_are_a_phrase(index: LexicalIndex) -> None:
    assert found(index, [[Alternative("words", ("gpu", "price"))]]) == [1]


def test_matched_units_come_back_as_bits(index: LexicalIndex) -> None:
    units = words("gpu", "price", "china")
    ids, bits = index.matched_units(units, [1, 2, 3, 4])
    assert dict(zip(ids.tolist(), bits.tolist(), strict=True)) == {1: 0b011, 2: 0b101, 3: 0b011, 4: 0b010}


def test_the_articles_that_satisfy_something_are_all_found(index: LexicalIndex) -> None:
    assert index.articles_with([Alternative("words", ("price",))]).tolist() == [1, 3, 4]
    assert index.articles_with([Alternative("words", ("h800",)), Alternative("lang", ("zh",))]).tolist() == [2, 4]
    assert index.articles_with([Alternative("words", ("nowhere",))]).tolist() == []


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
    assert set(found(index, words("gpu"), filters)) == expected


def test_replaced_articles_leave_the_index(tmp_path: Path, index: LexicalIndex) -> None:
    write_index(tmp_path, [document(9, "new text", article=1)], replaced_articles=[1])
    again = LexicalIndex(tmp_path)
    assert found(again, words("h100")) == []
    assert found(again, words("new")) == [9]


def test_a_folder_without_an_index_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(IndexUnavailable, match="not a readable lexical index"):
        LexicalIndex(tmp_path / "empty")
