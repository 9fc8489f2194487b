"""An internet on one machine: names and addresses lead where a test says, and every dialling is written down.

`Internet.install` runs in every Python process of a crawl, parsers included, before anything else does. From then on a
name answers what `Internet.names` says, a public address leads to a local server, and whatever else is dialled leads to a
canary: an address that should never have been dialled is then seen by a listener, on any machine and without a network.
"""

import asyncio
import json
import os
import socket
import socketserver
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

PUBLIC = "93.184.216.34"
TIMEOUT = 120
_VARIABLE = "INTERNET_ON_ONE_MACHINE"
_ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True, slots=True)
class Internet:
    """What a crawl can reach.

    ``names`` are answers of the name service, one list of addresses for each time it is asked; the last one stays.
    ``site`` is the port of the server at `PUBLIC`, reached over loopback as well; ``canary`` of whatever else is dialled.
    ``log`` takes a line of JSON for each lookup and each dialling. ``guarded`` false takes every guard away.
    """

    names: Mapping[str, Sequence[Sequence[str]]]
    site: int
    canary: int
    log: str
    guarded: bool = True
    asked: dict[str, int] = field(default_factory=dict)

    def install(self) -> None:
        """Put this internet in place of the real one, for the rest of this process."""
        lookup, connect, connect_ex = socket.getaddrinfo, socket.socket.connect, socket.socket.connect_ex

        def getaddrinfo(host: Any, port: Any, *rest: Any, **named: Any) -> Any:
            name = host.decode() if isinstance(host, bytes) else host
            if name not in self.names:
                # No name server is asked: what is no address has none.
                flags = socket.AI_NUMERICHOST | named.pop("flags", 0)
                family, kind = (*rest, 0, 0)[:2]
                return lookup(host, port, named.get("family", family), named.get("type", kind), 0, flags)
            answers = self.names[name]
            now = self.asked[name] = self.asked.get(name, -1) + 1
            found = answers[min(now, len(answers) - 1)]
            self._write("lookup", name, found)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port or 0)) for address in found]

        def led(sock: Any, address: Any) -> Any:
            if sock.family not in (socket.AF_INET, socket.AF_INET6):
                return address
            self._write("dial", *address[:2])
            here = address[0] == PUBLIC or (address[0] in ("127.0.0.1", "::1") and address[1] == self.site)
            return ("127.0.0.1", self.site if here else self.canary)

        def watch(event: str, arguments: tuple[Any, ...]) -> None:
            if event == "socket.connect" and arguments[0].family in (socket.AF_INET, socket.AF_INET6):
                self._write("connect", *arguments[1][:2])

        socket.getaddrinfo = getaddrinfo
        socket.socket.connect = lambda sock, address: connect(sock, led(sock, address))  # type: ignore[method-assign]
        socket.socket.connect_ex = lambda sock, address: connect_ex(sock, led(sock, address))  # type: ignore[method-assign]
        sys.addaudithook(watch)
        self._write("process", os.getpid())

    def _write(self, *entry: Any) -> None:
        file = os.open(self.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(file, json.dumps(entry).encode() + b"\n")
        os.close(file)

    def logged(self, kind: str) -> list[list[Any]]:
        """All that was written down of a ``lookup`` (name, answer), ``dial`` (address, port), ``connect`` (where that led)
        or ``process`` (its id).
        """
        path = Path(self.log)
        lines = path.read_text().splitlines() if path.exists() else []
        return [entry[1:] for entry in map(json.loads, lines) if entry[0] == kind]

    def start(self, folder: Path, *arguments: str, loopback_ports: str = "") -> "subprocess.Popen[str]":
        """Run the ``chipwire`` command, or ``proxy FILE``, in a process that has only this internet."""
        from tests.conftest import clean_environment  # here, because every process of a run reads this module first

        folder.mkdir(exist_ok=True)
        (folder / "sitecustomize.py").write_text("from tests.crawlers.internet import install\ninstall()\n")
        (folder / "internet.json").write_text(json.dumps(asdict(self)))
        search = [str(folder), str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        given = {_VARIABLE: str(folder / "internet.json"), "PYTHONPATH": os.pathsep.join(search)}
        return subprocess.Popen(
            [sys.executable, "-m", "tests.crawlers.internet", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=clean_environment(CHIPWIRE_MODEL="none", CHIPWIRE_LOOPBACK_PORTS=loopback_ports, **given),
        )


class Canary:
    """A listener on 127.0.0.1 that answers nothing of use and keeps the first line of whatever is sent to it."""

    def __init__(self) -> None:
        self.connections = 0
        self.lines: list[str] = []
        canary = self

        class Handler(socketserver.StreamRequestHandler):
            timeout = 5

            def handle(self) -> None:
                try:
                    canary.lines.append(self.rfile.readline(2000).decode("latin-1").strip())
                    while self.rfile.readline(2000).strip():
                        pass
                    self.wfile.write(b"HTTP/1.1 404 No\r\nContent-Length: 8\r\nConnection: close\r\n\r\nnot here")
                except OSError:
                    pass  # who connects need not speak HTTP

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            request_queue_size = 128

            def verify_request(self, request: Any, client_address: Any) -> bool:
                canary.connections += 1
                return True

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def paths(self) -> set[str]:
        """The paths that were asked for, without host or query."""
        return {line.split(" ")[1].partition("?")[0] for line in self.lines if line.count(" ") == 2}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()


def install() -> None:
    """What ``sitecustomize`` calls in every process of a run."""
    _given().install()


def _given() -> Internet:
    return Internet(**json.loads(Path(os.environ[_VARIABLE]).read_text()))


def _main() -> None:
    from crawlers import engine, fetching, netguard, poll, proxy

    fetching.BACKOFF = 0.01
    poll._MAX_IN_VAIN = fetching.SILENT = 10**6  # most of what is listed here answers nothing, and all of it is to be tried
    settings = engine.scrapy_settings
    # With meta refresh, which a crawl does not follow, there is one more way in for the guard to hold.
    more = {"METAREFRESH_ENABLED": True, "DOWNLOAD_DELAY": 0}
    engine.scrapy_settings = lambda *given: {**settings(*given), **more}
    if not _given().guarded:
        for module in (netguard, proxy):
            module.refusal = lambda url, ports: None  # type: ignore[attr-defined]
            module.is_loopback_name = lambda host: False  # type: ignore[attr-defined]
        netguard.is_public = lambda address: True
        netguard._HERE = ""
    if sys.argv[1] == "proxy":
        json.dump(asyncio.run(_ask_proxy(json.loads(Path(sys.argv[2]).read_text()))), sys.stdout)
        return
    from api.cli import main

    main()


async def _ask_proxy(requests: Sequence[str]) -> list[str]:
    """The first line of what a `DiallingProxy` answers to each request."""
    from crawlers.proxy import DiallingProxy

    answers = []
    async with DiallingProxy(()) as proxy:
        port = int(proxy.address.rsplit(":", 1)[1])
        for request in requests:
            # A socket of C's own makes, which this internet does not lead elsewhere.
            sock = socket.socket()
            sock.setblocking(False)
            super(socket.socket, sock).connect_ex(("127.0.0.1", port))
            reader, writer = await asyncio.open_connection(sock=sock)
            writer.write(request.encode())
            answers.append((await asyncio.wait_for(reader.readline(), TIMEOUT)).decode().strip())
            writer.close()
    return answers


if __name__ == "__main__":
    _main()
