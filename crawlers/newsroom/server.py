"""The newsroom's web server: every outlet a host of its own under ``localhost``, all on one loopback port."""

import threading
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from crawlers.newsroom.catalogue import Newsroom
from crawlers.newsroom.site import Page, base_url, build_site, feed_paths, item_url, sitemap_paths


class NewsroomServer:
    """Serves a newsroom on 127.0.0.1; a context manager.

    ``port`` 0 takes any free port. ``requests`` lists (host, path, status) of every request so far.

    Raises:
        OSError: the port is taken.
    """

    def __init__(self, newsroom: Newsroom, port: int = 0) -> None:
        self.newsroom = newsroom
        self.requests: list[tuple[str, str, int]] = []
        self._http = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._http.daemon_threads = True
        self.port: int = self._http.server_address[1]
        self._pages: Mapping[tuple[str, str], Page] = build_site(newsroom, self.port)
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def page(self, host: str, path: str) -> Page | None:
        """What is at `path` of `host` (with or without port)."""
        name = host.split(":")[0].lower()
        name = "localhost" if name == "127.0.0.1" else name
        return self._pages.get((name, path.split("?")[0]))

    def url_of(self, outlet_id: str, slug: str) -> str:
        """The address of an article. Raises KeyError."""
        return item_url(self.newsroom.item(f"{outlet_id}/{slug}"), self.port)

    def replace_newsroom(self, newsroom: Newsroom) -> None:
        """Serve other content from now on, as when outlets publish."""
        self.newsroom = newsroom
        self._pages = build_site(newsroom, self.port)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


def demo_sources(newsroom: Newsroom, port: int) -> list[dict[str, Any]]:
    """The newsroom's outlets as entries of a source catalogue (see `crawlers.sources`)."""
    return [
        {
            "id": outlet.id,
            "name": outlet.name,
            "kind": outlet.kind,
            "language": outlet.language,
            "country": outlet.country,
            "homepage": base_url(outlet, port) + "/",
            "feeds": [base_url(outlet, port) + path for path in feed_paths(outlet)],
            "sitemaps": [base_url(outlet, port) + path for path in sitemap_paths(outlet)],
            "topic": "all",
            "expected": [0, 0],  # its last article is of May 2024
            "delay": 0.02,
        }
        for outlet in newsroom.outlets
    ]


def _handler(server: NewsroomServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        server_version = "newsroom"

        def do_GET(self) -> None:  # the name that http.server calls
            self._answer(with_body=True)

        def do_HEAD(self) -> None:
            self._answer(with_body=False)

        def _answer(self, *, with_body: bool) -> None:
            host = self.headers.get("Host", "")
            page = server.page(host, self.path)
            status = 404 if page is None else 304 if self._unchanged(page) else page.status
            server.requests.append((host, self.path, status))
            body = b"Not found\n" if page is None else b"" if status == 304 else page.body
            self.send_response(status)
            if page is not None:
                self.send_header("ETag", page.etag)
                self.send_header("Last-Modified", page.last_modified)
            self.send_header("Content-Type", page.content_type if page is not None else "text/plain")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if with_body and body:
                self.wfile.write(body)

        def _unchanged(self, page: Page) -> bool:
            tag, since = self.headers.get("If-None-Match"), self.headers.get("If-Modified-Since")
            if tag is not None:
                return page.etag in tag
            try:
                return since is not None and parsedate_to_datetime(page.last_modified) <= parsedate_to_datetime(since)
            except (ValueError, TypeError):
                return False

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing: the terminal belongs to the demo."""

    return Handler
