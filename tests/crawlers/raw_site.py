"""A server that answers with whatever bytes a test wants, for answers that no proper server gives."""

import socket
import threading
from collections.abc import Callable, Iterable, Mapping
from socketserver import BaseRequestHandler, ThreadingTCPServer
from types import TracebackType
from typing import Self

Chunks = Callable[[], Iterable[bytes]]


class RawSite:
    """Sends the chunks of ``pages`` (path → function that makes them) as they come, head included; a context manager.

    ``sent`` counts bytes by path. An address that is not there answers 404.
    """

    def __init__(self, pages: Mapping[str, Chunks]) -> None:
        self.sent: dict[str, int] = {}
        self.paths = tuple(pages)
        site = self

        class Handler(BaseRequestHandler):
            def handle(self) -> None:
                connection: socket.socket = self.request
                head = b""
                while b"\r\n\r\n" not in head and (data := connection.recv(4096)):
                    head += data
                path = head.split(b" ")[1].decode() if b" " in head else ""
                missing: Chunks = lambda: [b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"]  # noqa: E731
                try:
                    for chunk in pages.get(path, missing)():
                        connection.sendall(chunk)
                        site.sent[path] = site.sent.get(path, 0) + len(chunk)
                except OSError:
                    pass  # the client had enough, which is what is being tested

        class Server(ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True
            request_queue_size = 100

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
