"""What a person sees of a command: progress on a terminal (and none when piped), tables, marked words."""

import html
import json
import re
import sys
import time
from types import TracebackType
from typing import Any, Self

_BOLD, _DIM, _MARK, _OFF = "\x1b[1m", "\x1b[2m", "\x1b[1;33m", "\x1b[0m"
_QUIET_SECONDS = 0.5
_EVERY_SECONDS = 0.1


def say(line: str = "") -> None:
    """A line of the answer, on stdout."""
    print(line)


def note(line: str) -> None:
    """A line about the work, on stderr."""
    print(line, file=sys.stderr, flush=True)


def print_json(document: Any) -> None:
    """One JSON document on stdout and nothing else."""
    json.dump(document, sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")


def bold(text: str) -> str:
    return f"{_BOLD}{text}{_OFF}" if sys.stdout.isatty() else text


def dim(text: str) -> str:
    return f"{_DIM}{text}{_OFF}" if sys.stdout.isatty() else text


def highlighted(snippet: str) -> str:
    """A marked snippet (escaped HTML with <mark>) for the terminal; piped, matches stand between asterisks."""
    before, after = (_MARK, _OFF) if sys.stdout.isatty() else ("*", "*")
    parts = re.split(r"</?mark>", snippet)
    marked = [before + part + after if i % 2 else part for i, part in enumerate(parts)]
    return html.unescape("".join(marked))


def printable(text: str) -> str:
    """`text` without control characters: crawled text must not steer a terminal."""
    return "".join(char if char.isprintable() else " " for char in text)


class ProgressLine:
    """A `Progress` that keeps one line on a terminal's stderr, from half a second of work on; nothing when piped."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._began = time.monotonic()
        self._shown = 0.0
        self._width = 0

    def __call__(self, stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        last = total and done >= total
        if not self._terminal or now - self._began < _QUIET_SECONDS or (now - self._shown < _EVERY_SECONDS and not last):
            return
        self._shown = now
        if total:
            filled = 24 * done // total
            text = f"{stage} [{'█' * filled}{'░' * (24 - filled)}] {done:,}/{total:,}"
        else:
            text = f"{stage} … {done:,}" if done else f"{stage} …"
        sys.stderr.write("\r" + text.ljust(self._width))
        sys.stderr.flush()
        self._width = len(text)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.clear()

    def clear(self) -> None:
        """Take the line away, so that another can be printed; the next progress draws it anew."""
        if self._width:
            sys.stderr.write("\r" + " " * self._width + "\r")
            sys.stderr.flush()
            self._width = 0
