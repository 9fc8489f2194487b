"""Downloader middlewares for what an answer's body is: its content codings undone, and pages that lead on to another."""

from typing import Any

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.redirect import MetaRefreshMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import HtmlResponse, Response

from crawlers.decompression import TooLarge, decompress
from crawlers.limits import MAX_BODY
from crawlers.reasons import TOO_LARGE, UNREADABLE
from index.errors import ExtractionError

_HEAD = 4096
"""Bytes of a page in which a browser's meta refresh is looked for."""


class Decoding:
    """Asks for compressed answers, and unpacks them within `crawlers.decompression`'s bounds.

    Scrapy's own undoes as many codings as a header names, one after the other.
    """

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Decoding":
        return cls()

    def process_request(self, request: Request, spider: Any = None) -> None:
        request.headers.setdefault("Accept-Encoding", b"gzip, deflate, br, zstd")

    def process_response(self, request: Request, response: Response, spider: Any = None) -> Response:
        encodings = response.headers.getlist("Content-Encoding")
        if not encodings:
            return response
        try:
            body = decompress(response.body, b",".join(encodings).decode("latin-1"), MAX_BODY)
        except TooLarge:
            raise IgnoreRequest(TOO_LARGE) from None
        except ExtractionError as error:
            raise IgnoreRequest(f"{UNREADABLE}{error.message}") from None
        del response.headers["Content-Encoding"]
        return response.replace(body=body)


class MetaRefresh(MetaRefreshMiddleware):
    """Scrapy's middleware, which decodes every page as a whole to see whether its first lines send a browser elsewhere."""

    def process_response(self, request: Request, response: Response, spider: Any = None) -> Request | Response:
        head = response.body[:_HEAD]
        if b"refresh" not in head.lower():
            return response
        page = HtmlResponse(response.url, response.status, response.headers, head, request=request)
        found = super().process_response(request, page)
        return found if isinstance(found, Request) else response
