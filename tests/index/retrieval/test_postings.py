import random
from pathlib import Path

import numpy as np
import pytest

from index.errors import IndexUnavailable
from index.retrieval.postings import FIELDS, Part, PassageDocument, key_of, make_parts, merged

WORDS = [f"w{number}" for number in range(40)]


def documents(count: int, first: int = 0) -> list[PassageDocument]:
    chance = random.Random(first)
    return [
        PassageDocument(
            passage=first + number,
            title=chance.choices(WORDS, k=4),
            words=chance.choices(WORDS, k=chance.randint(0, 60)),
            bigrams=chance.choices(WORDS, k=10),
            quantities=chance.choices(WORDS, k=1),
            entities=chance.choices(WORDS, k=2),
        )
        for number in range(count)
    ]


def part_of(given: list[PassageDocument]) -> Part:
    [part] = make_parts(given)
    return part


def same(one: Part, other: Part) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in Part.__dataclass_fields__)


def following(words: list[str], phrase: tuple[str, ...]) -> int:
    return sum(tuple(words[i : i + len(phrase)]) == phrase for i in range(len(words)))


def test_every_term_has_the_rows_and_counts_of_the_documents() -> None:
    given = documents(50)
    part = part_of(given)
    assert len(part) == 50
    for word in WORDS:
        term = part.find(key_of("words", word))
        own = slice(int(part.starts[term]), int(part.starts[term + 1]))
        counts = {row: each.words.count(word) for row, each in enumerate(given) if word in each.words}
        assert dict(zip(part.rows[own].tolist(), part.counts[own].tolist(), strict=True)) == counts
        assert part.frequency(term) == len(counts)
    assert part.find(key_of("words", "nowhere")) == -1


def test_fields_are_kept_apart() -> None:
    part = part_of([PassageDocument(1, ["a"], ["b"], ["c"], ["d"], ["e"], ["f"])])
    for field, own in zip(FIELDS, "abcdef", strict=True):
        assert [part.find(key_of(field, term)) >= 0 for term in "abcde"] == [term == own for term in "abcde"]


def test_phrases_are_those_that_stand_in_the_documents() -> None:
    given = documents(200)
    part = part_of(given)
    for phrase in [("w1", "w2"), ("w3", "w3"), ("w4", "w5", "w6"), ("w0", "w39")]:
        rows, _ = part.phrase([part.find(key_of("words", word)) for word in phrase])
        assert rows.tolist() == [row for row, each in enumerate(given) if following(list(each.words), phrase)]


def test_a_phrase_may_be_looked_for_in_passages_without_chinese_only() -> None:
    words = ["middl", "east"]
    part = part_of([PassageDocument(1, [], words, ["中东"], [], []), PassageDocument(2, [], words, [], [], [])])
    terms = [part.find(key_of("words", word)) for word in words]
    assert part.phrase(terms)[0].tolist() == [0, 1]
    assert part.phrase(terms, latin=True)[0].tolist() == [1]


def test_an_impact_grows_with_repetition_and_shrinks_with_length() -> None:
    part = part_of(
        [
            PassageDocument(1, [], ["gpu"], [], [], []),
            PassageDocument(2, [], ["gpu", "gpu"], [], [], []),
            PassageDocument(3, [], ["gpu", *["other"] * 400], [], [], []),
        ]
    )
    _, impacts = part.having(part.find(key_of("words", "gpu")))
    assert impacts[1] > impacts[0] > impacts[2] > 0


def test_documents_beyond_the_size_of_a_part_begin_another() -> None:
    parts = list(make_parts(documents(25), rows=10))
    assert [len(part) for part in parts] == [10, 10, 5]
    assert np.concatenate([part.passages for part in parts]).tolist() == list(range(25))


def test_merging_parts_is_like_building_one_of_what_is_alive() -> None:
    first, second = documents(30), documents(20, first=100)
    alive = [np.arange(30) % 3 > 0, np.arange(20) % 4 > 0]
    kept = [each for each, is_alive in zip([*first, *second], np.concatenate(alive), strict=True) if is_alive]
    assert same(merged([part_of(first), part_of(second)], alive), part_of(kept))


def test_a_term_repeated_beyond_reason_is_counted_up_to_a_byte() -> None:
    part = part_of([PassageDocument(1, [], ["a"] * 1000 + ["b"], [], [], [])])
    assert part.counts.tolist() == [255, 1] or part.counts.tolist() == [1, 255]
    assert len(part.places) == 256


def test_a_saved_part_is_read_as_it_was(tmp_path: Path) -> None:
    part = part_of(documents(30))
    part.save(tmp_path / "part")
    assert same(Part.load(tmp_path / "part"), part)
    assert Part.load(tmp_path / "part").bytes == part.bytes


def test_a_part_without_one_of_its_files_is_unavailable(tmp_path: Path) -> None:
    part_of(documents(3)).save(tmp_path / "part")
    (tmp_path / "part" / "rows.npy").unlink()
    with pytest.raises(IndexUnavailable, match="no readable postings"):
        Part.load(tmp_path / "part")
