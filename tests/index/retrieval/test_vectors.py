import logging
from pathlib import Path

import faiss
import numpy as np
import pytest

from index.errors import IndexUnavailable
from index.retrieval import vectors as module
from index.retrieval.vectors import VectorIndex

RANDOM = np.random.default_rng(7)


def unit_rows(count: int, dimension: int = 32) -> np.ndarray:
    rows = RANDOM.standard_normal((count, dimension)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def brute_force(rows: np.ndarray, query: np.ndarray, k: int, mask: np.ndarray) -> set[int]:
    scores = np.where(mask, rows.astype(np.float16).astype(np.float32) @ query, -2)
    return set(np.argsort(-scores)[:k].tolist())


@pytest.mark.parametrize("exact_limit", [10_000, 100], ids=["exact", "ivf"])
@pytest.mark.parametrize("share", [0.001, 0.01, 0.1, 0.5])
def test_a_filtered_search_is_exact_at_any_selectivity_and_for_any_index(exact_limit: int, share: float) -> None:
    rows = unit_rows(4000)
    index = VectorIndex.build(rows, exact_limit=exact_limit)
    for query in unit_rows(5):
        mask = np.zeros(4000, np.bool_)
        mask[RANDOM.choice(4000, max(1, int(4000 * share)), replace=False)] = True
        found, _ = index.search(query, 10, mask)
        assert set(found.tolist()) == brute_force(rows, query, min(10, int(mask.sum())), mask)


def test_scores_are_cosines_and_given_rows_can_be_scored() -> None:
    rows = unit_rows(50)
    index = VectorIndex.build(rows)
    found, scores = index.search(rows[3], 2)
    assert found[0] == 3
    assert scores[0] == pytest.approx(1, abs=2e-3)
    assert index.cosines(rows[3], found) == pytest.approx(scores, abs=1e-4)


def test_an_empty_index_and_an_empty_filter_find_nothing() -> None:
    assert len(VectorIndex.build(np.zeros((0, 32), np.float32)).search(unit_rows(1)[0], 5)[0]) == 0
    assert len(VectorIndex.build(unit_rows(9)).search(unit_rows(1)[0], 5, np.zeros(9, np.bool_))[0]) == 0


def test_an_index_survives_saving_and_loading(tmp_path: Path) -> None:
    rows = unit_rows(300)
    for limit in (1000, 50):
        index = VectorIndex.build(rows, exact_limit=limit)
        index.save(tmp_path / "v.faiss")
        again = VectorIndex.load(tmp_path / "v.faiss")
        assert (len(again), again.dimension, again.kind) == (300, 32, index.kind)
        assert again.search(rows[9], 1)[0].tolist() == [9]


def test_a_file_that_faiss_cannot_read_is_an_unavailable_index(tmp_path: Path) -> None:
    (tmp_path / "v.faiss").write_bytes(b"nonsense")
    with pytest.raises(IndexUnavailable, match="cannot be read"):
        VectorIndex.load(tmp_path / "v.faiss")


def test_a_gpu_that_fails_leaves_the_cpu_to_answer_with_a_warning(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    if hasattr(faiss, "StandardGpuResources"):
        pytest.skip("this FAISS has real GPU classes")
    monkeypatch.setattr(module.faiss, "get_num_gpus", lambda: 1)  # a machine whose GPU library is broken
    rows = unit_rows(20)
    with caplog.at_level(logging.WARNING):
        index = VectorIndex.build(rows, device="auto")
    assert not index.on_gpu
    assert "going on with the CPU" in caplog.text
    assert index.search(rows[5], 1)[0].tolist() == [5]
