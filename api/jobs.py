"""Work that goes on behind an answer: one thing at a time, remembered for as long as the server runs."""

import queue
import threading
import uuid
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime

from api.wire import JobDocument
from index.errors import ChipwireError, NotFound
from index.text.times import iso

Progress = Callable[[str, int, int], None]
Work = Callable[[Progress], str]
_REMEMBERED = 200


class Jobs:
    """Runs jobs in order. A job that still waits stands for every further one of its kind."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._jobs: OrderedDict[str, JobDocument] = OrderedDict()
        self._queue: queue.Queue[tuple[JobDocument, Work] | None] = queue.Queue()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)
        self._thread.start()

    def submit(self, kind: str, work: Work) -> str:
        """Have `work` done; it returns a line on what it did. Returns the job's id."""
        with self._lock:
            for waiting in self._jobs.values():
                if waiting["kind"] == kind and waiting["state"] == "waiting":
                    return waiting["id"]
            job = JobDocument(
                id=uuid.uuid4().hex,
                kind=kind,
                state="waiting",
                stage=None,
                done=0,
                total=0,
                detail=None,
                created=iso(self._clock()) or "",
                finished=None,
            )
            self._jobs[job["id"]] = job
            while len(self._jobs) > _REMEMBERED:
                self._jobs.popitem(last=False)
        self._queue.put((job, work))
        return job["id"]

    def job(self, name: str) -> JobDocument:
        """Raises NotFound."""
        with self._lock:
            if name not in self._jobs:
                raise NotFound(f"There is no job {name[:64]!r}.", hint="Jobs are remembered until the server ends.")
            return self._jobs[name].copy()

    def close(self, seconds: float = 5) -> None:
        """Take no more; what runs is waited for, and goes on at the next start where it is interrupted."""
        self._queue.put(None)
        self._thread.join(seconds)

    def _run(self) -> None:
        while (item := self._queue.get()) is not None:
            job, work = item
            self._change(job, state="running")

            def progress(stage: str, done: int, total: int, job: JobDocument = job) -> None:
                self._change(job, stage=stage, done=done, total=total)

            try:
                detail = work(progress)
                self._change(job, state="done", detail=detail, finished=iso(self._clock()))
            except ChipwireError as error:
                self._change(job, state="failed", detail=str(error), finished=iso(self._clock()))
            except Exception:
                self._change(job, state="failed", detail="Something went wrong here.", finished=iso(self._clock()))
                raise

    def _change(self, job: JobDocument, **values: object) -> None:
        with self._lock:
            job.update(values)  # type: ignore[typeddict-item]  # the callers above name fields of a job
