"""What a crawl finds goes to the store in batches, from a thread of its own: the crawl never waits for a disk."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from crawlers.report import Outcome, Sink, Step

_BATCH = 100
_Result = TypeVar("_Result")


class Writer:
    """Commits steps in the order in which they come; a call returns when its step is committed.

    Whatever waits while one batch is being written makes up the next: the busier the crawl, the larger the batches.
    """

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._thread = ThreadPoolExecutor(1, "writer")
        self._waiting: list[tuple[Step, asyncio.Future[Outcome]]] = []
        self._task: asyncio.Task[None] | None = None

    async def write(self, step: Step) -> Outcome:
        """Commit one step.

        Raises:
            StoreError: what the store refused with; every later step is refused too.
        """
        waiting: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.append((step, waiting))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._drain())
        return await waiting

    async def run(self, function: Callable[[], _Result]) -> _Result:
        """Run something else that writes, between two batches."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, function)

    async def close(self) -> None:
        """Wait until all that was handed over is committed."""
        if self._task is not None:
            await asyncio.wait([self._task])
        self._thread.shutdown(wait=True)

    async def _drain(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:_BATCH], self._waiting[_BATCH:]
            try:
                outcomes = await self.run(lambda steps=[step for step, _ in batch]: self._sink.save(steps))  # type: ignore[misc]
            except BaseException as error:
                for _, future in batch:
                    if not future.cancelled():
                        future.set_exception(error)
                continue
            for (_, future), outcome in zip(batch, outcomes, strict=True):
                if not future.cancelled():
                    future.set_result(outcome)
