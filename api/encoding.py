"""How answers travel: with a validator, not at all where the client has them already, and compressed."""

import hashlib
import re
import zlib
from collections.abc import Callable

import brotli
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SMALLEST = 1024
"""Bytes below which compressing costs more than it saves: an answer of one packet stays one."""
_BROTLI_QUALITY, _GZIP_LEVEL = 4, 5
_COMPRESSED = ("text/", "application/json", "application/problem+json", "application/xml", "application/atom+xml",
               "application/rss+xml", "application/feed+json", "application/x-ndjson", "image/svg+xml")  # fmt: skip
_NEVER = ("text/event-stream",)
_TOOK = re.compile(rb'"took_ms":[0-9.]+')
_USUAL_CACHING = "private, no-cache"


def encoding_for(accepted: str) -> str | None:
    """``br``, ``gzip`` or None: the best that an Accept-Encoding header takes."""
    weights: dict[str, float] = {}
    for part in accepted.lower().split(",")[:20]:
        name, _, parameters = part.partition(";")
        weight = parameters.strip().removeprefix("q=").strip() or "1"
        weights[name.strip()] = float(weight) if re.fullmatch(r"[01](\.[0-9]{0,3})?", weight) else 0
    for name in ("br", "gzip"):
        if weights.get(name, weights.get("*", 0)) > 0:
            return name
    return None


def entity_tag(body: bytes) -> str:
    """A weak validator: equal for bodies that differ in nothing but the time that they took."""
    return f'W/"{hashlib.blake2b(_TOOK.sub(b"", body, count=1), digest_size=12).hexdigest()}"'


def is_known(tag: str, if_none_match: str) -> bool:
    """Whether an If-None-Match header names `tag`, by weak comparison."""
    bare = tag.removeprefix("W/")
    return any(each.strip() == "*" or each.strip().removeprefix("W/") == bare for each in if_none_match.split(","))


class Encoding:
    """ASGI middleware. Answers in one piece get an ETag; those in many pieces are compressed as they come."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(scope, send)
        if scope["method"] == "HEAD":
            scope["method"] = "GET"  # the same answer, of which `answer` sends the head
        await self._app(scope, receive, answer)


class _Answer:
    """One answer on its way; called as ASGI's ``send``."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._send = send
        self._asked = Headers(scope=scope)
        self._reads = scope["method"] in ("GET", "HEAD")
        self._head_only = scope["method"] == "HEAD"
        self._start: Message | None = None
        self._compress: Callable[[bytes, bool], bytes] | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        if message["type"] != "http.response.body":
            await self._send(message)
            return
        body, more = message.get("body", b""), message.get("more_body", False)
        if self._start is not None:
            start, self._start = self._start, None
            body = self._begun(start, body, more)
            await self._send(start)
        elif self._compress is not None:
            body = self._compress(body, more)
        await self._send({**message, "body": b"" if self._head_only else body})

    def _begun(self, start: Message, body: bytes, more: bool) -> bytes:
        """Complete the head, which goes out now, and return what of the body goes with it."""
        headers = MutableHeaders(scope=start)
        kind = headers.get("content-type", "")
        if self._reads and start["status"] == 200:
            headers.setdefault("Cache-Control", _USUAL_CACHING)
            if not more and "no-store" not in headers["Cache-Control"]:
                headers.setdefault("ETag", entity_tag(body))
                if is_known(headers["ETag"], self._asked.get("if-none-match", "")):
                    start["status"] = 304
                    for name in ("content-length", "content-type"):
                        del headers[name]
                    return b""
        if not kind.startswith(_COMPRESSED) or kind.startswith(_NEVER) or "content-encoding" in headers:
            return body
        headers.add_vary_header("Accept-Encoding")
        if not more and len(body) < SMALLEST:
            return body
        encoding = encoding_for(self._asked.get("accept-encoding", ""))
        if encoding is None:
            return body
        headers["Content-Encoding"] = encoding
        self._compress = _compressor(encoding)
        body = self._compress(body, more)
        if "content-length" in headers:
            headers["Content-Length"] = str(len(body))
        return body


def _compressor(encoding: str) -> Callable[[bytes, bool], bytes]:
    """Compresses piece after piece; the second argument says whether more will come."""
    if encoding == "br":
        made = brotli.Compressor(quality=_BROTLI_QUALITY)

        def by_brotli(piece: bytes, more: bool) -> bytes:
            out: bytes = made.process(piece)
            out += made.flush() if more else made.finish()
            return out

        return by_brotli
    stream = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, 31)

    def by_gzip(piece: bytes, more: bool) -> bytes:
        return stream.compress(piece) + stream.flush(zlib.Z_SYNC_FLUSH if more else zlib.Z_FINISH)

    return by_gzip
