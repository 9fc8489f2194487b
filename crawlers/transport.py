"""Scrapy's download handler with bounds on what Twisted would go on taking in: an answer's head, and the work that it makes."""

import time
from typing import Any

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from twisted.web._newclient import ParseError, _DataLoss  # type: ignore[attr-defined]
from twisted.web.client import _HTTP11ClientFactory

from crawlers.limits import MAX_HEAD, MAX_RECEIVING

_SLICE = 16_384
"""Bytes between two looks at the clock."""


class HeadTooLarge(Exception):
    """An answer's status line and headers are larger than `MAX_HEAD`."""


class TooManyPieces(Exception):
    """Taking an answer in takes longer than `MAX_RECEIVING`: it comes in chunks of a byte, or as thousands of headers."""


class BoundedHandler(HTTP11DownloadHandler):
    """Fetches over HTTP/1.1 and gives up on answers that go beyond the bounds."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        bound_answers(self)


def bound_answers(handler: HTTP11DownloadHandler) -> None:
    """Bound all answers that `handler` will get."""
    given: type[_HTTP11ClientFactory] = handler._pool._factory

    class Factory(given):  # type: ignore[misc,valid-type]
        def buildProtocol(self, addr: Any) -> Any:  # noqa: N802  # Twisted's name
            return _watched(super().buildProtocol(addr))

    handler._pool._factory = Factory


def _watched(protocol: Any) -> Any:
    request = protocol.request

    def requesting(asked: Any) -> Any:
        answer = request(asked)
        _watch(protocol, protocol._parser)  # the parser is made for this request
        return answer

    protocol.request = requesting
    return protocol


def _watch(protocol: Any, parser: Any) -> None:
    receive, received, spent = parser.dataReceived, 0, 0.0

    def receiving(data: bytes) -> None:
        nonlocal received, spent
        if parser.state in ("STATUS", "HEADER"):
            received += len(data)
            if received > MAX_HEAD:
                raise HeadTooLarge  # the protocol closes the connection and hands this on
        for start in range(0, len(data), _SLICE):
            if protocol._parser is not parser:
                raise ParseError("bytes after the end of an answer", b"")  # type: ignore[no-untyped-call]  # closes it
            began = time.thread_time()
            receive(data[start : start + _SLICE])
            spent += time.thread_time() - began
            if spent > MAX_RECEIVING:
                if parser.bodyDecoder is not None:
                    parser.bodyDecoder.noMoreData = _incomplete  # a body without a length would count as whole
                raise TooManyPieces

    parser.dataReceived = receiving


def _incomplete() -> None:
    raise _DataLoss
