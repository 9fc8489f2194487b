"""``python audited.py LOG ARGUMENTS…``: a ``chipwire`` command that writes down what it dials, with a name server of its own.

Only this machine is really dialled; whatever else is tried is written down and refused, as by a network that is down.
"""

import errno
import socket
import sys
from itertools import count
from pathlib import Path
from typing import Any

PUBLIC = "93.184.216.34"
ANSWERS = {
    "inward.example": (("127.0.0.1",),),
    "metadata.example": (("169.254.169.254",),),
    "mixed.example": ((PUBLIC, "127.0.0.1"),),
    "mixed-first.example": (("10.0.0.1", PUBLIC),),
    "rebinding.example": ((PUBLIC,), ("127.0.0.1",)),
    "empty.example": ((),),
}
"""Names, and the addresses that one lookup after another brings, over and over."""


def main() -> None:
    log, *arguments = sys.argv[1:]
    _watch(Path(log))
    sys.argv = ["chipwire", *arguments]
    from api.__main__ import main as chipwire

    chipwire()


def _watch(log: Path) -> None:
    file = log.open("a", encoding="utf-8", buffering=1)
    connect_ex, looked_up = socket.socket.connect_ex, count()

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "socket.connect" and isinstance(arguments[1], tuple):
            file.write(f"{arguments[1][0]} {arguments[1][1]}\n")

    def connecting(self: socket.socket, address: Any) -> int:
        if isinstance(address, tuple) and address[0] != "127.0.0.1":
            file.write(f"{address[0]} {address[1]}\n")
            return errno.ENETUNREACH
        return connect_ex(self, address)

    def resolving(host: Any, port: Any, *_: Any) -> list[Any]:
        answers = ANSWERS.get(host.decode() if isinstance(host, bytes) else str(host))
        if answers is None:
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        found = answers[next(looked_up) % len(answers)] if len(answers) > 1 else answers[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port or 0)) for address in found]

    sys.addaudithook(hook)
    socket.socket.connect_ex = connecting  # type: ignore[method-assign]
    socket.getaddrinfo = resolving  # type: ignore[assignment]


if __name__ == "__main__":
    main()
