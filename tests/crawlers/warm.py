"""``python -m tests.crawlers.warm``: runs ``chipwire`` commands as processes that have everything imported already.

It reads the arguments of each command as a line of JSON, forks a process that runs it, and answers with that process's id.
A crawl starts a second sooner so, which counts where a test starts dozens of them.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from types import TracebackType
from typing import Self


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


def running(process: int) -> bool:
    """Whether a process that was started so has not ended."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def main() -> None:
    import api.commands.collecting
    import crawlers.crawl
    import crawlers.workers  # noqa: F401
    from api.cli import main as chipwire

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system forgets processes that end
    for line in sys.stdin:
        process = os.fork()
        if process:
            print(process, flush=True)  # noqa: T201
            continue
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
