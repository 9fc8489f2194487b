"""Parsing in child processes with limits: a page that hangs, eats memory or crashes its parser costs that page only.

Crawled bytes are hostile, and what reads them (libxml2, feedparser, regular expressions) is not written for that. The
pools of the standard library cannot end a single hung task, and one dead child breaks them whole; so this is our own:
children that read tasks from a pipe, one at a time, and are replaced when they fail.
"""

import asyncio
import importlib
import os
import pickle
import queue
import select
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import IO, Any, Self

from crawlers.limits import PARSER_MEMORY_MB, PARSER_SECONDS
from crawlers.turns import Turns
from index.errors import ChipwireError, ExtractionError

_TASKS_A_CHILD = 2000
_MOST_MEMORY_MB = 400
"""After either of which a child is replaced: libxml2 gives memory back slowly."""
_AHEAD = 50
"""Tasks before its end at which a child's successor is started, which takes half a second to be ready."""
_LENGTH = struct.Struct(">Q")
_MOST = 200_000_000
"""Bytes of one answer."""


class ParserFailed(ExtractionError):
    """What was to be read hung its reader, ended it, or took more memory than there is."""


class ParserPool:
    """Runs top-level functions, given as ``module:function``, in child processes that start when first needed.

    Use it as a context manager, plain or asynchronous. Arguments and results are pickled. ``processes`` is what a single
    party, such as a source, may use at once; there is one more, so that a party whose tasks hang delays no other.
    """

    def __init__(
        self, processes: int | None = None, *, seconds: float = PARSER_SECONDS, memory_mb: int = PARSER_MEMORY_MB
    ) -> None:
        processes = processes or max(1, min(4, os.cpu_count() or 1))
        self._turns = Turns(processes)
        self._seconds = seconds
        self._memory_mb = memory_mb
        self._idle: queue.LifoQueue[_Child] = queue.LifoQueue()
        self._threads = ThreadPoolExecutor(processes + 1, "parser")
        self._children: set[_Child] = set()
        self._lock = threading.Lock()

    async def run(self, task: str, *arguments: Any, party: str = "") -> Any:
        """What the function returns; other tasks of the event loop go on meanwhile. Raises as `call`.

        Args:
            party: whose task it is. The parties take turns, and one whose task failed has one child at a time.
        """
        async with self._turns.turn(party):
            try:
                return await asyncio.get_running_loop().run_in_executor(self._threads, self.call, task, *arguments)
            except ParserFailed:
                self._turns.slow(party)
                raise

    def call(self, task: str, *arguments: Any) -> Any:
        """What the function returns.

        Raises:
            ChipwireError: what the function raised. ExtractionError: it raised something else. ParserFailed: it took
                longer or more memory than is allowed, or ended its process.
        """
        child = self._take()
        try:
            good, result = child.do(task, arguments, self._seconds)
        except BaseException:
            self._discard(child)
            raise
        if child.worn:
            successor = child.successor or self._start()
            self._discard(child)
            self._idle.put(successor)
        else:
            if child.tasks == _TASKS_A_CHILD - _AHEAD:
                child.successor = self._start()
            self._idle.put(child)
        if not good:
            raise result
        return result

    def close(self) -> None:
        """End the children. What still runs is cut off."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            children, self._children = self._children, set()
        for child in children:
            child.kill()

    def _take(self) -> "_Child":
        try:
            return self._idle.get_nowait()
        except queue.Empty:
            return self._start()

    def _start(self) -> "_Child":
        child = _Child(self._memory_mb, self._seconds)
        with self._lock:
            self._children.add(child)
        return child

    def _discard(self, child: "_Child") -> None:
        child.kill()
        with self._lock:
            self._children.discard(child)
        if child.successor is not None and not child.worn:
            self._idle.put(child.successor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Child:
    """One child process, and the parent's ends of its pipes."""

    def __init__(self, memory_mb: int, seconds: float) -> None:
        self.tasks = 0
        self.successor: _Child | None = None
        self._memory_mb = 0
        # The parent's own search path, so that the child finds what the parent found.
        start = f"import sys; sys.path[:] = {sys.path!r}; from crawlers.workers import serve; serve()"
        arguments = [sys.executable, "-P", "-c", start, str(memory_mb), str(seconds)]
        self._process = subprocess.Popen(
            arguments,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is the parent's to handle
        )

    @property
    def worn(self) -> bool:
        """Whether it is to be replaced."""
        return self.tasks >= _TASKS_A_CHILD or self._memory_mb > _MOST_MEMORY_MB

    def do(self, task: str, arguments: tuple[Any, ...], seconds: float) -> tuple[bool, Any]:
        """Whether the function returned, and what it returned or raised. Raises ParserFailed where the child failed."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        starting = 30.0 if self.tasks == 0 else 0.0  # its first task waits for its imports
        self.tasks += 1
        message = pickle.dumps((task, arguments), pickle.HIGHEST_PROTOCOL)
        try:
            # A child that does not read would block this for ever; it reads before it does anything else.
            self._process.stdin.write(_LENGTH.pack(len(message)) + message)
            self._process.stdin.flush()
            body = _read_answer(self._process.stdout.fileno(), time.monotonic() + seconds + starting)
        except TimeoutError:
            raise ParserFailed(f"it could not be read within {seconds:g} s") from None
        except (OSError, EOFError):
            raise ParserFailed("it made the parser fail") from None
        good, result, self._memory_mb = pickle.loads(body)
        return good, result

    def kill(self) -> None:
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:  # what was not flushed has nobody left to read it
                    pass
        self._process.wait()


def _read_answer(descriptor: int, until: float) -> bytes:
    """One answer of a child. Raises TimeoutError, or EOFError where the child ended."""
    (length,) = _LENGTH.unpack(_read(descriptor, _LENGTH.size, until))
    if length > _MOST:
        raise EOFError
    return _read(descriptor, length, until)


def _read(descriptor: int, size: int, until: float) -> bytes:
    parts: list[bytes] = []
    while size:
        ready, _, _ = select.select([descriptor], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            raise TimeoutError
        part = os.read(descriptor, min(size, 1 << 20))
        if not part:
            raise EOFError
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


# -- in the child


def serve() -> None:
    """The child's loop: tasks from standard input, answers to standard output, until the input ends."""
    memory_mb, seconds = int(sys.argv[1]), float(sys.argv[2])
    tasks, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    # Whatever a library prints must not end up among the answers.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    importlib.import_module("crawlers.extract")
    importlib.import_module("crawlers.sitemaps")
    _limit_memory(memory_mb)
    while (message := _next(tasks)) is not None:
        task, arguments = pickle.loads(message)
        # Ends this process by itself, were its parent gone: the default action works even inside a C function.
        signal.setitimer(signal.ITIMER_REAL, seconds + 10)
        answer = _answer(task, arguments)
        signal.setitimer(signal.ITIMER_REAL, 0)
        answers.write(_LENGTH.pack(len(answer)) + answer)
        answers.flush()


def _next(tasks: IO[bytes]) -> bytes | None:
    head = tasks.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    return tasks.read(length)


def _answer(task: str, arguments: tuple[Any, ...]) -> bytes:
    try:
        module, _, name = task.partition(":")
        function: Callable[..., Any] = getattr(importlib.import_module(module), name)
        return pickle.dumps((True, function(*arguments), _memory_mb()), pickle.HIGHEST_PROTOCOL)
    except ChipwireError as error:
        return pickle.dumps((False, error, _memory_mb()))
    except MemoryError:
        return pickle.dumps((False, ParserFailed("reading it takes too much memory"), _memory_mb()))
    except RecursionError:
        return pickle.dumps((False, ExtractionError("it is nested too deeply"), _memory_mb()))
    except Exception as error:
        words = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        return pickle.dumps((False, ExtractionError(f"it made the parser fail ({words})"), _memory_mb()))


def _memory_mb() -> int:
    """The memory that this process has now, in megabytes; 0 where the system does not tell."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1_000_000
    except (OSError, ValueError):
        return 0


def _limit_memory(megabytes: int) -> None:
    """Limit the address space to what it is now and `megabytes` more, where the system can (Linux does)."""
    try:
        import resource

        with open("/proc/self/statm", encoding="ascii") as file:
            size = int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
        limit = size + megabytes * 1_000_000
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    except (ImportError, OSError, ValueError):
        return
