"""``python -m tests.crawlers.warm``: runs ``chipwire`` commands as processes that have everything imported already.

It reads the arguments of each command as a line of JSON, forks a process that runs it, and answers with that process's id.
A crawl starts a second sooner so, which counts where a test starts dozens of them. It leads a group, to which its parsers
belong: those of a crawl that is killed would else go on importing for a while beside the next one.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from types import SimpleNamespace, TracebackType
from typing import Any, Self


class WarmCommands:
    """Starts commands, each in a process of its own; a context manager."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crawlers.warm"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=dict(environment),
        )

    def start(self, *arguments: str) -> int:
        """Start ``chipwire`` with `arguments`; returns the process's id."""
        assert self._process.stdin is not None and self._process.stdout is not None
        print(json.dumps(arguments), file=self._process.stdin, flush=True)
        return int(self._process.stdout.readline())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._process.communicate(timeout=30)


def kill(process: int) -> bool:
    """Kill a command that was started so, and wait until it is gone; False where it had ended."""
    there = running(process)
    try:
        os.killpg(process, signal.SIGKILL)
    except ProcessLookupError:
        return False
    end = time.monotonic() + 30
    while running(process):
        if time.monotonic() > end:
            raise TimeoutError(f"Process {process} was killed and is still there.")
        time.sleep(0.002)
    return there


def running(process: int) -> bool:
    """Whether a process that was started so has not ended."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def main() -> None:
    import api.commands.collecting  # noqa: F401
    import crawlers.crawl  # noqa: F401
    from api.cli import main as chipwire
    from crawlers import workers

    def in_our_group(*arguments: Any, **named: Any) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(*arguments, **{**named, "start_new_session": False})

    workers.subprocess = SimpleNamespace(**{**vars(subprocess), "Popen": in_our_group})  # type: ignore[assignment]
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system forgets processes that end
    for line in sys.stdin:
        process = os.fork()
        if process:
            try:
                os.setpgid(process, process)  # whoever comes first: it may be killed at once
            except OSError:
                pass
            print(process, flush=True)  # noqa: T201
            continue
        os.setpgid(0, 0)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.dup2(os.open(os.devnull, os.O_RDWR), 0)
        os.dup2(0, 1)
        sys.argv[1:] = json.loads(line)
        try:
            chipwire()
        finally:
            os._exit(1)


if __name__ == "__main__":
    main()
