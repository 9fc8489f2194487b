"""Functions for the children of a `ParserPool` to run: well-behaved, and in every way not."""

import ctypes
import os
import sys
import time

from index.errors import ExtractionError

kept: list[bytearray] = []
"""What a child goes on holding."""


def add(one: int, two: int) -> int:
    return one + two


def own_process() -> int:
    return os.getpid()


def refuse(words: str) -> None:
    raise ExtractionError(words)


def fail(words: str) -> None:
    raise KeyError(words)


def hang() -> None:
    while True:
        pass


def sleep(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


def hoard() -> int:
    kept = []
    while True:
        kept.append(bytearray(50_000_000))


def keep(megabytes: int) -> int:
    kept.append(bytearray(b"x") * (megabytes * 1_000_000))
    return os.getpid()


def nest(depth: int = 0) -> int:
    return nest(depth + 1)


def end() -> None:
    os._exit(3)


def crash() -> None:
    ctypes.string_at(0)


def chatter(text: str) -> int:
    os.write(1, text.encode())
    print(text)  # noqa: T201
    sys.stdout.flush()
    return len(text)


def echo(data: bytes) -> bytes:
    return data
