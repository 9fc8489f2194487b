"""Undoing an HTTP Content-Encoding within a limit, so that a compression bomb costs no more than an ordinary page."""

import sys
import zlib

from index.errors import ExtractionError

_MAX_LAYERS = 3
"""Servers compress once, a few proxies twice; more is meant to do harm."""
_STEP = 65_536
_MAX_MEMBERS = 64
"""Gzip members of one body; one is usual, and thousands of empty ones only take time."""
_ZSTD_WINDOW = 23
"""Base-2 logarithm of the most memory that a zstd body may ask for: the 8 MB of RFC 9659."""


class TooLarge(ExtractionError):
    """More bytes than a page may have."""


def decompress(body: bytes, encoding: str | None, limit: int) -> bytes:
    """`body` without the codings of the header value `encoding` (gzip, deflate, br, zstd, identity), last one first.

    A body that is not in the coding that is claimed, but looks like plain markup, is returned as it is: archives keep the
    header of pages that they unpacked.

    Raises:
        TooLarge: more than `limit` bytes.
        ExtractionError: damaged data, an unknown coding, or more than `_MAX_LAYERS`.
    """
    codings = [name.strip().lower() for name in (encoding or "").split(",")]
    codings = [name for name in codings if name not in ("", "identity", "none", "utf-8")]
    if len(codings) > _MAX_LAYERS:
        raise ExtractionError(f"the page is compressed {len(codings)} times over")
    for coding in reversed(codings):
        if body.lstrip()[:1] == b"<":
            continue
        body = _undo(body, coding, limit)
    return body


def _undo(body: bytes, coding: str, limit: int) -> bytes:
    try:
        if coding in ("gzip", "x-gzip"):
            return _inflate(body, 16 + zlib.MAX_WBITS, limit)
        if coding == "deflate":
            # RFC 9110 means a zlib stream; some servers send a raw one.
            raw = len(body) < 2 or body[0] & 15 != 8 or (body[0] * 256 + body[1]) % 31
            return _inflate(body, -zlib.MAX_WBITS if raw else zlib.MAX_WBITS, limit)
        if coding == "br":
            return _unbrotli(body, limit)
        if coding == "zstd":
            return _unzstd(body, limit)
    except (zlib.error, EOFError, ValueError) as error:
        raise ExtractionError(f"the page's {coding} data is damaged ({error})") from error
    raise ExtractionError(f"the page is in the unknown encoding {coding[:40]!r}")


def _inflate(body: bytes, window: int, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    for _ in range(_MAX_MEMBERS):
        engine = zlib.decompressobj(wbits=window)
        plain = engine.decompress(body, limit + 1 - size)
        parts.append(plain)
        size += len(plain)
        _check(size, limit)
        if not engine.eof:
            raise EOFError("it ends too early")
        # A gzip body may have several members; what follows them that is none is padding.
        body = engine.unused_data if window > zlib.MAX_WBITS else b""
        if body[:2] != b"\x1f\x8b":
            return b"".join(parts)
    raise ValueError(f"it has more than {_MAX_MEMBERS} parts")


def _unbrotli(body: bytes, limit: int) -> bytes:
    import brotli

    engine = brotli.Decompressor()
    parts: list[bytes] = []
    size = 0
    try:
        given: bytes = body
        while not engine.is_finished():
            plain: bytes = engine.process(given, output_buffer_limit=min(_STEP, limit + 1 - size))
            given = b""
            if not plain and engine.can_accept_more_data():
                raise EOFError("it ends too early")
            parts.append(plain)
            size += len(plain)
            _check(size, limit)
    except brotli.error as error:
        raise ValueError(str(error) or "not Brotli") from error
    return b"".join(parts)


def _unzstd(body: bytes, limit: int) -> bytes:
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd

    engine = zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: _ZSTD_WINDOW})
    try:
        plain = engine.decompress(body, limit + 1)
    except zstd.ZstdError as error:
        raise ValueError(str(error)) from error
    _check(len(plain), limit)
    if not engine.eof:
        raise EOFError("it ends too early")
    return plain


def _check(size: int, limit: int) -> None:
    if size > limit:
        raise TooLarge(f"the page is larger than {limit // 1_000_000} MB when unpacked")
