"""One owner thread for a GPU index, and micro-batches across requests.

FAISS's GPU indexes are not safe even for concurrent reads, and a batch of queries costs a GPU hardly more than one. So
every search is handed to one thread, which answers all that wait at once. After any error the owner is `broken`: those who
wait get `GpuFailed` and search on the CPU, and so does everybody after them.
"""

import logging
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.store.passages import Vectors

MAX_BATCH = 64
MAX_LIMIT = 2048
"""Neighbours that FAISS's GPU indexes can return at most."""

logger = logging.getLogger(__name__)
Answer = tuple[Vectors, NDArray[np.int64]]


class GpuFailed(RuntimeError):
    """The GPU could not answer; the CPU can."""


@dataclass(frozen=True, slots=True)
class _Asked:
    query: Vectors
    limit: int
    answer: "Future[Answer]"


class GpuOwner:
    """Owns a copy of an index on a GPU. `search` may be called from any thread."""

    def __init__(self, make: Callable[[], Any]) -> None:
        """`make` copies the index to the GPU; it runs on the owner's thread, where everything else about it will.

        Raises:
            GpuFailed: the GPU has no room, or is none.
        """
        self._queue: queue.SimpleQueue[_Asked | None] = queue.SimpleQueue()
        self.broken = False
        self.batches = 0
        made: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, args=(make, made), name="gpu", daemon=True)
        self._thread.start()
        try:
            made.result()
        except Exception as error:
            self.broken = True
            raise GpuFailed(_first_line(error)) from error

    def search(self, query: Vectors, limit: int) -> Answer:
        """Scores and rows of the `limit` ≤ `MAX_LIMIT` nearest to `query` (d,), best first.

        Raises:
            GpuFailed: this search or an earlier one failed.
        """
        if self.broken:
            raise GpuFailed("an earlier search failed")
        asked = _Asked(query, limit, Future())
        self._queue.put(asked)
        return asked.answer.result()

    def close(self) -> None:
        """Let the thread end once it has answered what waits."""
        self._queue.put(None)

    def _run(self, make: Callable[[], Any], made: "Future[None]") -> None:
        try:
            index = make()
        except Exception as error:
            made.set_exception(error)
            return
        made.set_result(None)
        while (first := self._queue.get()) is not None:
            batch, ended = self._waiting(first)
            self._answer(index, batch)
            if ended:
                return

    def _waiting(self, first: _Asked) -> tuple[list[_Asked], bool]:
        batch = [first]
        while len(batch) < MAX_BATCH:
            try:
                following = self._queue.get_nowait()
            except queue.Empty:
                return batch, False
            if following is None:
                return batch, True
            batch.append(following)
        return batch, False

    def _answer(self, index: Any, batch: list[_Asked]) -> None:
        self.batches += 1
        try:
            if self.broken:
                raise GpuFailed("an earlier search failed")
            queries = np.stack([each.query for each in batch])
            scores, rows = index.search(np.ascontiguousarray(queries, np.float32), max(each.limit for each in batch))
        except Exception as error:  # FAISS raises RuntimeError, and a driver may raise anything
            if not self.broken:
                logger.warning("GPU search failed, going on with the CPU: %s", _first_line(error))
            self.broken = True
            for each in batch:
                each.answer.set_exception(GpuFailed(_first_line(error)))
            return
        for number, each in enumerate(batch):
            each.answer.set_result((scores[number, : each.limit], rows[number, : each.limit]))


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
