"""The GPU path on a machine without one: a fake copy of the index that behaves like FAISS's, faults included."""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from index.retrieval.gpu import MAX_BATCH, GpuFailed, GpuOwner
from index.retrieval.vectors import VectorIndex
from tests.index.retrieval.test_vectors import unit_rows

ROWS = unit_rows(500)


class FakeGpuIndex:
    """Searches like `index`, tells its threads and batches, ignores selectors as GpuIndexFlat does, and fails when told."""

    def __init__(self, index: Any) -> None:
        self._index = index
        self.threads: set[int] = set()
        self.batches: list[int] = []
        self.fails = False
        self.hold = threading.Event()
        self.hold.set()

    def search(self, queries: np.ndarray, limit: int, params: object = None) -> tuple[np.ndarray, np.ndarray]:
        self.threads.add(threading.get_ident())
        self.batches.append(len(queries))
        self.hold.wait(5)
        if self.fails:
            raise RuntimeError("CUDA error: out of memory\nat 0x1")
        scores, rows = self._index.search(queries, limit)
        return scores, rows


class FakeGpus:
    def __init__(self, error: Exception | None = None) -> None:
        self.copies: list[FakeGpuIndex] = []
        self._error = error

    def count(self) -> int:
        return 1

    def copy(self, index: Any) -> Any:
        if self._error:
            raise self._error
        self.copies.append(FakeGpuIndex(index))
        return self.copies[-1]


def on_gpu(gpus: FakeGpus) -> VectorIndex:
    return VectorIndex(VectorIndex.build(ROWS)._index, "auto", gpus)


def wait_for(condition: Callable[[], bool]) -> None:
    for _ in range(5000):
        if condition():
            return
        time.sleep(0.001)
    raise AssertionError("it never came about")


def test_an_unfiltered_search_is_the_gpus_and_agrees_with_the_cpu() -> None:
    gpus = FakeGpus()
    index = on_gpu(gpus)
    assert index.kind == "exact fp16, on the GPU"
    rows, scores = index.search(ROWS[7], 10)
    expected_rows, expected = VectorIndex.build(ROWS).search(ROWS[7], 10)
    assert rows.tolist() == expected_rows.tolist()
    assert scores == pytest.approx(expected)
    assert gpus.copies[0].batches == [1]


def test_a_filtered_search_never_goes_to_an_index_that_ignores_filters() -> None:
    gpus = FakeGpus()
    index = on_gpu(gpus)
    mask = np.zeros(500, np.bool_)
    mask[[3, 4, 5]] = True
    assert set(index.search(ROWS[7], 10, mask)[0].tolist()) == {3, 4, 5}
    assert gpus.copies[0].batches == []


def test_all_searches_run_on_one_thread_and_wait_in_batches() -> None:
    gpus = FakeGpus()
    index = on_gpu(gpus)
    gpus.copies[0].hold.clear()
    with ThreadPoolExecutor(40) as pool:
        answers = [pool.submit(index.search, ROWS[0], 3)]
        wait_for(lambda: gpus.copies[0].batches == [1])
        answers += [pool.submit(index.search, ROWS[n], 3) for n in range(1, 40)]
        owner = index._gpu
        assert owner is not None
        wait_for(lambda: owner._queue.qsize() == 39)
        gpus.copies[0].hold.set()
        assert [answer.result()[0][0] for answer in answers] == list(range(40))
    assert len(gpus.copies[0].threads) == 1
    assert threading.get_ident() not in gpus.copies[0].threads
    assert gpus.copies[0].batches == [1, 39]
    assert max(gpus.copies[0].batches) <= MAX_BATCH


def test_no_query_fails_when_the_gpu_does(caplog: pytest.LogCaptureFixture) -> None:
    gpus = FakeGpus()
    index = on_gpu(gpus)
    gpus.copies[0].fails = True
    with caplog.at_level(logging.WARNING):
        assert index.search(ROWS[7], 1)[0].tolist() == [7]
        assert index.search(ROWS[8], 1)[0].tolist() == [8]
    assert [record.message for record in caplog.records] == [
        "GPU search failed, going on with the CPU: CUDA error: out of memory"
    ]
    assert gpus.copies[0].batches == [1]
    assert not index.on_gpu


def test_a_gpu_without_room_leaves_the_cpu_to_answer(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        index = on_gpu(FakeGpus(RuntimeError("out of memory")))
    assert "going on with the CPU: out of memory" in caplog.text
    assert index.search(ROWS[7], 1)[0].tolist() == [7]


def test_more_neighbours_than_a_gpu_can_give_are_the_cpus() -> None:
    big = unit_rows(3000)
    gpus = FakeGpus()
    index = VectorIndex(VectorIndex.build(big)._index, "auto", gpus)
    assert len(index.search(big[0], 2500)[0]) == 2500
    assert gpus.copies[0].batches == []


def test_an_owner_that_was_closed_ends_its_thread() -> None:
    owner = GpuOwner(lambda: FakeGpuIndex(VectorIndex.build(ROWS)._index))
    owner.close()
    owner._thread.join(5)
    assert not owner._thread.is_alive()
    with pytest.raises(GpuFailed):
        GpuOwner(lambda: 1 / 0)
