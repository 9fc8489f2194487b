"""Scrapy's download handler with a bound on an answer's head, which Twisted would go on collecting for as long as it comes."""

from typing import Any

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from twisted.web.client import _HTTP11ClientFactory

from crawlers.limits import MAX_HEAD


class HeadTooLarge(Exception):
    """An answer's status line and headers are larger than `MAX_HEAD`."""


class BoundedHandler(HTTP11DownloadHandler):
    """Fetches over HTTP/1.1 and gives up on answers whose head does not end within `MAX_HEAD` bytes."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        bound_heads(self)


def bound_heads(handler: HTTP11DownloadHandler) -> None:
    """Bound the heads of all answers that `handler` will get."""
    given: type[_HTTP11ClientFactory] = handler._pool._factory

    class Factory(given):  # type: ignore[misc,valid-type]
        def buildProtocol(self, addr: Any) -> Any:  # noqa: N802  # Twisted's name
            return _watched(super().buildProtocol(addr))

    handler._pool._factory = Factory


def _watched(protocol: Any) -> Any:
    request = protocol.request

    def requesting(asked: Any) -> Any:
        answer = request(asked)
        _watch(protocol._parser)  # made for this request
        return answer

    protocol.request = requesting
    return protocol


def _watch(parser: Any) -> None:
    receive, received = parser.dataReceived, 0

    def receiving(data: bytes) -> None:
        nonlocal received
        if parser.state in ("STATUS", "HEADER"):
            received += len(data)
            if received > MAX_HEAD:
                raise HeadTooLarge  # the protocol closes the connection and hands this on
        receive(data)

    parser.dataReceived = receiving
