"""A proxy on this machine that dials for a browser, because a browser would otherwise resolve and dial names by itself.

It holds a browser to the same rule as everything else: the address that is checked is the address that is dialled, for
pages, redirects, scripts and whatever a page's scripts ask for.
"""

import asyncio
import socket
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit, urlunsplit

from crawlers.netguard import is_loopback_name, refusal, resolve_public
from crawlers.reasons import reason

_MAX_HEAD = 64_000
"""Bytes of a request's head."""
_MAX_BYTES = 50_000_000
"""Bytes that one connection may bring in."""
_SECONDS = 60.0
"""One connection's life."""
_NAMES_AT_ONCE = 8
"""Names that are resolved at a time; a page may name hundreds that no server answers for."""

Resolve = Callable[[str], str]


class DiallingProxy:
    """An HTTP proxy for one browser, listening on a free loopback port from its making on; use it with ``async with``."""

    def __init__(self, loopback_ports: Sequence[int], resolve: Resolve = resolve_public) -> None:
        self._loopback_ports = tuple(loopback_ports)
        self._resolve = resolve
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._names = ThreadPoolExecutor(_NAMES_AT_ONCE, "names")

    @property
    def address(self) -> str:
        """What a browser is given as its proxy."""
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, sock=self._socket, limit=_MAX_HEAD)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._names.shutdown(wait=False, cancel_futures=True)

    def close(self) -> None:
        """Give the port back where the proxy was never entered."""
        self._socket.close()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            async with asyncio.timeout(_SECONDS):
                await self._serve(reader, writer)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError):
            pass  # the browser sees a connection that ended, which is what happened
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        line, _, rest = head.partition(b"\r\n")
        try:
            method, target, version = line.decode("ascii").split(" ")
        except ValueError:
            return await _refuse(writer, 400, "this is not an HTTP request")
        tunnel = method == "CONNECT"
        url = f"https://{target}/" if tunnel else target
        try:
            host, port = await self._checked(url)
            upstream, downstream = await asyncio.open_connection(host, port)
        except (OSError, ValueError) as error:
            return await _refuse(writer, 403, str(error))
        try:
            if tunnel:
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                parts = urlsplit(target)
                path = urlunsplit(("", "", parts.path or "/", parts.query, ""))
                # One request a connection: the next one may be for another host, which would have to be checked.
                kept = [each for each in rest.split(b"\r\n") if not _is_connection_header(each)]
                downstream.write(f"{method} {path} {version}\r\nConnection: close\r\n".encode("ascii") + b"\r\n".join(kept))
            await _join(reader, writer, upstream, downstream)
        finally:
            downstream.close()

    async def _checked(self, url: str) -> tuple[str, int]:
        """The address and port to dial. Raises ValueError or OSError with the reason where they may not be."""
        why = refusal(url, self._loopback_ports)
        if why is not None:
            raise ValueError(why)
        parts = urlsplit(url)
        name, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        if is_loopback_name(name) or name in ("127.0.0.1", "::1"):
            return "127.0.0.1", port
        try:
            return await asyncio.get_running_loop().run_in_executor(self._names, self._resolve, name), port
        except Exception as error:
            raise ValueError(reason(error)) from error


def _is_connection_header(line: bytes) -> bool:
    return line.lower().startswith((b"connection:", b"proxy-connection:", b"proxy-authorization:", b"keep-alive:"))


async def _refuse(writer: asyncio.StreamWriter, status: int, why: str) -> None:
    body = why.encode("utf-8", "replace")
    head = f"HTTP/1.1 {status} Refused\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
    writer.write(f"{head}Connection: close\r\n\r\n".encode("ascii") + body)
    await writer.drain()


async def _join(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    upstream: asyncio.StreamReader,
    downstream: asyncio.StreamWriter,
) -> None:
    """Pass bytes both ways until either side has had enough."""
    ways = [
        asyncio.create_task(_pass(reader, downstream, _MAX_BYTES)),
        asyncio.create_task(_pass(upstream, writer, _MAX_BYTES)),
    ]
    try:
        # A request's end says nothing, an answer's end says that all is said.
        await ways[1]
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, most: int) -> None:
    left = most
    while left > 0 and (data := await reader.read(1 << 16)):
        left -= len(data)
        writer.write(data)
        await writer.drain()
