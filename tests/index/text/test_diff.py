from itertools import pairwise

import pytest

from index.text.diff import Piece, abridged, difference

PAIRS = [
    ("", ""),
    ("The chip ships in May.", "The chip ships in May."),
    ("The chip ships in May.", "The chip ships in June."),
    ("One. Two. Three.", "One. Three."),
    ("One.\n\nThree.", "One.\n\nTwo is new.\n\nThree."),
    ("英伟达发布H200芯片。台积电代工。", "英伟达发布H20芯片。台积电代工。"),
    ("", "All of it is new."),
    ("All of it is gone.", ""),
    ("a b c d e f", "b a d c f e"),
]


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_the_pieces_make_up_both_states(before: str, after: str) -> None:
    pieces = difference(before, after)
    assert "".join(piece.text for piece in pieces if piece.kind != "added") == before
    assert "".join(piece.text for piece in pieces if piece.kind != "removed") == after
    kinds = [piece.kind for piece in pieces]
    assert all(one != two for one, two in pairwise(kinds)), "neighbours of a kind are one piece"


def test_a_corrected_word_is_the_only_change() -> None:
    pieces = difference("It has 80 GB of memory. It ships in May.", "It has 96 GB of memory. It ships in May.")
    assert [piece for piece in pieces if piece.kind != "same"] == [Piece("removed", "80"), Piece("added", "96")]


def test_chinese_is_compared_by_characters_and_identifiers_whole() -> None:
    changed = [piece for piece in difference(*PAIRS[5]) if piece.kind != "same"]
    assert changed == [Piece("removed", "H200"), Piece("added", "H20")]


def test_a_sentence_that_was_rewritten_is_shown_whole() -> None:
    pieces = difference("Nobody at the company wished to comment on it.", "A fire broke out in one of its two clean rooms.")
    assert [piece.kind for piece in pieces] == ["removed", "added"]


def test_what_stayed_is_abridged_around_the_changes() -> None:
    long = "A sentence that stays as it is. " * 20
    shown = abridged(difference(f"{long}Old. {long}", f"{long}New. {long}"), context=10)
    assert [piece.kind for piece in shown] == ["same", "removed", "added", "same"]
    assert shown[0].text.startswith("…")
    assert shown[-1].text.endswith("…")
    assert all(len(piece.text) <= 23 for piece in shown)


def test_very_long_texts_are_compared_without_comparing_every_pair() -> None:
    one = " ".join(f"word{n} other{n % 7}." for n in range(6000))
    two = " ".join(f"word{n} another{n % 5}." for n in range(6000))
    pieces = difference(one, two)
    assert "".join(piece.text for piece in pieces if piece.kind != "added") == one
