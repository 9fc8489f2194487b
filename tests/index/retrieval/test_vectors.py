import logging
from pathlib import Path

import faiss
import numpy as np
import pytest

from index.errors import IndexUnavailable
from index.retrieval import vectors as module
from index.retrieval.vectors import SegmentedIndex, VectorIndex

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


def test_a_library_that_sees_a_gpu_but_cannot_use_it_leaves_the_cpu_to_answer(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    if hasattr(faiss, "StandardGpuResources"):
        pytest.skip("this FAISS has real GPU classes")
    monkeypatch.setattr(module.faiss, "get_num_gpus", lambda: 1)
    rows = unit_rows(20)
    with caplog.at_level(logging.WARNING):
        index = VectorIndex.build(rows, device="auto")
    assert not index.on_gpu
    assert "going on with the CPU" in caplog.text
    assert index.search(rows[5], 1)[0].tolist() == [5]


@pytest.mark.skipif(module.gpu_count() == 0, reason="no GPU that FAISS can use")
@pytest.mark.parametrize("exact_limit", [10_000, 1000], ids=["exact", "ivf"])
def test_a_real_gpu_agrees_with_the_cpu(exact_limit: int) -> None:
    rows = unit_rows(5000, 384)
    cpu, gpu = (VectorIndex.build(rows, exact_limit=exact_limit, device=device) for device in ("cpu", "cuda"))
    assert gpu.on_gpu
    for query in unit_rows(20, 384):
        (expected, _), (found, scores) = cpu.search(query, 10), gpu.search(query, 10)
        assert len(set(expected.tolist()) & set(found.tolist())) >= (10 if exact_limit > 5000 else 8)
        assert scores == pytest.approx(rows[found] @ query, abs=3e-3)
        mask = np.zeros(5000, np.bool_)
        mask[::50] = True
        assert set(gpu.search(query, 10, mask)[0].tolist()) == brute_force(rows, query, 10, mask)


@pytest.mark.parametrize("exact_limit", [10_000, 200], ids=["exact", "ivf"])
@pytest.mark.parametrize("share", [0.001, 0.01, 0.1, 0.5])
def test_segments_are_searched_as_one_index_at_any_selectivity(exact_limit: int, share: float) -> None:
    rows = unit_rows(3000)
    parts = [VectorIndex.build(part, exact_limit=exact_limit) for part in np.split(rows, [2000, 2900])]
    alive = np.ones(3000, np.bool_)
    alive[::7] = False
    index = SegmentedIndex(parts, alive)
    assert len(index) == 3000
    for query in unit_rows(5):
        mask = np.zeros(3000, np.bool_)
        mask[RANDOM.choice(3000, max(1, int(3000 * share)), replace=False)] = True
        found, _ = index.search(query, 10, mask)
        assert set(found.tolist()) == brute_force(rows, query, min(10, int((mask & alive).sum())), mask & alive)


def test_rows_that_are_gone_are_never_found() -> None:
    rows = unit_rows(400)
    alive = np.ones(400, np.bool_)
    alive[[5, 399]] = False
    for limit in (1000, 50):
        index = SegmentedIndex([VectorIndex.build(rows, exact_limit=limit)], alive)
        assert 5 not in index.search(rows[5], 20)[0]
        assert 399 not in index.search(rows[399], 20)[0]


def test_rows_of_any_segment_can_be_scored_and_read() -> None:
    rows = unit_rows(90)
    index = SegmentedIndex([VectorIndex.build(rows[:50]), VectorIndex.build(rows[50:])], np.ones(90, np.bool_))
    wanted = np.array([80, 3, 51])
    assert index.cosines(rows[0], wanted) == pytest.approx(rows[wanted] @ rows[0], abs=2e-3)
    assert index.rows(wanted) == pytest.approx(rows[wanted], abs=1e-3)
    assert index.kind == "exact fp16 in 2 segments"
