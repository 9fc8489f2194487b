"""``/mcp``: the server for agents inside the app, made when the first one asks, since its library takes a second to import."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from anyio import to_thread
from starlette.types import Receive, Scope, Send

from index.knowledge_base import KnowledgeBase

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer


class McpEndpoint:
    """ASGI: hands requests to the `McpRunner` of the app."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        runner: McpRunner = scope["state"]["mcp"]
        await runner.handle(scope, receive, send)


class McpRunner:
    """Runs one server from the first request to the end of the app."""

    def __init__(self, make: Callable[[], "MCPServer"]) -> None:
        self._make = make
        self._wanted, self._made, self._over = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._server: MCPServer | None = None

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._wanted.set()
        await self._made.wait()
        if self._server is None:
            raise RuntimeError("The MCP server could not be made.")
        await self._server.session_manager.handle_request(scope, receive, send)

    async def run(self) -> None:
        """Wait to be wanted, then serve until `stop`."""
        await self._wanted.wait()
        if self._over.is_set():
            return
        try:
            server = await to_thread.run_sync(self._make)
            async with server.session_manager.run():
                self._server = server
                self._made.set()
                await self._over.wait()
        finally:
            self._server = None
            self._made.set()

    def stop(self) -> None:
        self._over.set()
        self._wanted.set()


@asynccontextmanager
async def running_mcp(kb: KnowledgeBase, clock: Callable[[], datetime], version: str) -> AsyncIterator[McpRunner]:
    """A runner over `kb`, for as long as the block lasts."""

    def make() -> "MCPServer":
        from api.mcp_server import make_http_server

        return make_http_server(kb, clock, version)

    runner = McpRunner(make)
    task = asyncio.create_task(runner.run())
    try:
        yield runner
    finally:
        runner.stop()
        await task
