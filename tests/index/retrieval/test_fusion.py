from typing import Any

import numpy as np
import pytest

from index.retrieval import fusion


def floats(*values: float) -> np.ndarray:  # type: ignore[type-arg]
    return np.array(values, np.float32)


def test_the_best_of_both_sides_has_the_score_one() -> None:
    fused, lexical, dense = fusion.fuse(floats(4, 2, 0), floats(0.7, 0.2, 0.2), floats(0.5, 0.5, 0.5))
    assert fused == pytest.approx([1, 0.25, 0])
    assert lexical == pytest.approx([1, 0.5, 0])
    assert dense == pytest.approx([1, 0, 0])


def test_without_an_encoder_words_are_all_there_is() -> None:
    fused, _, dense = fusion.fuse(floats(4, 2), None, floats(0.5, 0.5))
    assert (fused.tolist(), dense.tolist()) == ([1, 0.5], [0, 0])


def test_meaning_counts_less_where_a_figure_is_asked_for() -> None:
    chinese = np.array([True, False])
    plain = fusion.dense_weights(True, chinese, multilingual=False)
    figures = fusion.dense_weights(True, chinese, multilingual=False, figures=True)
    assert plain == pytest.approx([fusion.GLOSSED_DENSE, fusion.CROSS_DENSE])
    assert figures == pytest.approx(plain * fusion.FIGURE_DENSE)


def test_feedback_moves_a_query_towards_the_best_passages_most_towards_the_first() -> None:
    query, passages = floats(1, 0, 0), np.eye(3, dtype=np.float32)[1:]
    moved = fusion.moved(query, passages, floats(1.0, 0.2))
    assert np.linalg.norm(moved) == pytest.approx(1)
    assert moved[0] > moved[1] > moved[2] > 0


def test_evidence_is_the_cosine_and_a_share_of_what_bm25_could_be() -> None:
    assert fusion.evidence(floats(0.4), floats(3), 6.0) == pytest.approx([0.4 + fusion.LEXICAL_SHARE * 0.5])
    assert fusion.evidence(None, floats(3), 6.0) == pytest.approx([0.5])


GATES: dict[str, Any] = {"multilingual": False, "own_share": 0.5, "passages": 300, "named": False}


def test_gates_sink_with_the_number_of_units_and_differ_by_language() -> None:
    chinese = np.array([True, False])
    short, long = (fusion.gates(True, chinese, units, **GATES) for units in (3, 20))
    assert (short > long).all()
    assert short[0] > short[1]


def test_gates_rise_with_the_number_of_passages_but_not_for_a_query_that_names_something() -> None:
    chinese = np.array([True, False])
    few, many, most, more = (fusion.gates(True, chinese, 8, **{**GATES, "passages": n}) for n in (300, 3000, 10_000, 1_000_000))
    assert (few < many).all()
    assert (many < most).all()
    assert (most == more).all(), "what was not measured is not guessed"
    named = fusion.gates(True, chinese, 8, **{**GATES, "passages": 1_000_000, "named": True})
    assert (named == few).all()
