"""A small web site on loopback whose every answer a test decides, and which writes down what it was asked."""

import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

PARAGRAPHS = (
    "The company said the accelerator carries {number} gigabytes of high-bandwidth memory and is made on a 5 nm process.",
    "Customers are to receive the first systems in the second half of the year, the company's head of data centres said.",
    "Analysts had expected a later date, because packaging capacity at TSMC has been short since the spring of last year.",
)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; ``wait`` seconds pass before it is sent."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    wait: float = 0.0


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came: ``at`` is on a monotonic clock, ``sent`` the bytes of the answer's body."""

    path: str
    headers: Mapping[str, str]
    at: float
    status: int
    sent: int


Answering = Reply | Callable[[Mapping[str, str]], Reply]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 1024  # of a crawl of hundreds of hosts that are all this one

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):  # a client that had enough
            super().handle_error(request, client_address)


class LocalSite:
    """Serves ``pages`` (path → `Reply`, or a function of the request's headers) on 127.0.0.1; a context manager.

    An address that is not there answers 404. A `Reply` with an ``ETag`` answers 304 to whoever has it already.
    """

    def __init__(self, pages: Mapping[str, Answering] | None = None) -> None:
        self.pages: dict[str, Answering] = dict(pages or {})
        self.asked: list[Asked] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # head and body in one packet: two would wait for each other's acknowledgement

            def do_GET(self) -> None:
                found = site.pages.get(self.path, Reply(b"not here", 404))
                reply = found if isinstance(found, Reply) else found(self.headers)
                time.sleep(reply.wait)
                if reply.headers.get("ETag") and self.headers.get("If-None-Match") == reply.headers["ETag"]:
                    reply = Reply(b"", 304, reply.headers)
                site.asked.append(Asked(self.path, dict(self.headers), time.monotonic(), reply.status, len(reply.body)))
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._http = _Server(("127.0.0.1", 0), Handler)
        self.port: int = self._http.server_address[1]
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def address(self) -> str:
        return f"http://localhost:{self.port}"

    def paths(self, status: int | None = None) -> list[str]:
        """What was asked for, in order, robots.txt left out; only what was answered with `status` where given."""
        return [a.path for a in self.asked if a.path != "/robots.txt" and status in (None, a.status)]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def close(self) -> None:
        """Give the port back without having served anything."""
        self._http.server_close()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._http.shutdown()
        self._http.server_close()


def html_page(number: int, more: str = "", title: str | None = None) -> Reply:
    """An article page that differs from others by its number."""
    text = "".join(f"<p>{paragraph.format(number=number)}</p>" for paragraph in PARAGRAPHS)
    name = title or f"Accelerator number {number} enters volume production"
    head = f'<title>{name}</title><meta property="article:published_time" content="2023-11-{number % 27 + 1:02d}T09:00:00Z">'
    page = f"<html><head>{head}</head><body><article><h1>{name}</h1>{text}{more}</article></body></html>"
    return Reply(page.encode(), headers={"Content-Type": "text/html; charset=utf-8"})


def rss(site: LocalSite, numbers: list[int], *, date: str = "Wed, 15 Nov 2023 09:00:00 GMT", more: str = "") -> bytes:
    """A feed that lists the article pages of these numbers at ``/a/NUMBER``."""
    items = "".join(
        f"<item><title>Article {n}</title><link>{site.address}/a/{n}</link><pubDate>{date}</pubDate></item>" for n in numbers
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>Feed</title>{more}{items}</channel></rss>'.encode()
