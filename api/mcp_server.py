"""The Model Context Protocol: the tools of `api.mcp_tools` for agents, over stdio and over HTTP under ``/mcp``."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, TypeVar

import anyio
from anyio import to_thread
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.transport_security import TransportSecuritySettings
from mcp.types import ToolAnnotations
from pydantic import Field

from api import mcp_ledger as ledger
from api import mcp_tools as tools
from index.errors import ChipwireError
from index.knowledge_base import KnowledgeBase

T = TypeVar("T")

_READS = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
_MAX_BODY = 1_000_000
_LangHint = Annotated[str | None, Field(description="en or zh; both where not given.")]
_Day = Annotated[str | None, Field(description="A day, month, quarter, year or ISO week: 2023-11-15, 2023-Q4, 2023-W46.")]


def make_server(kb: KnowledgeBase, clock: Callable[[], datetime], version: str) -> MCPServer:
    """A server over one knowledge base; everything that it offers reads."""
    server = MCPServer(name="chipwire", title="Chipwire", instructions=tools.INSTRUCTIONS, version=version, log_level="WARNING")

    @server.tool(title="Search AI-chip news", annotations=_READS)
    async def search(
        query: Annotated[str, Field(description='Words in English or Chinese; "phrases", -word, company:, after: too.')],
        k: Annotated[int, Field(description="How many results, 1 to 20.")] = 8,
        lang: _LangHint = None,
        entity: Annotated[str | None, Field(description="Id or name of a company or chip; several with commas.")] = None,
        after: _Day = None,
        before: _Day = None,
        cursor: Annotated[str | None, Field(description="next_cursor of an earlier answer.")] = None,
    ) -> tools.SearchFound:
        """Find articles on AI chips in English and Chinese, one a story, each with its citation."""
        return await _run(
            lambda: tools.search(kb, query, k, clock(), lang=lang, entity=entity, after=after, before=before, cursor=cursor)
        )

    @server.tool(title="Read an article", annotations=_READS)
    async def get_article(
        article_id: int,
        offset: Annotated[int, Field(description="Where to begin, in characters: next_offset of an earlier part.")] = 0,
        max_characters: Annotated[int, Field(description="How much of the text, 200 to 20,000.")] = 6000,
    ) -> tools.ArticlePart:
        """Read an article's text, part by part."""
        return await _run(lambda: tools.get_article(kb, article_id, offset, max_characters))

    @server.tool(title="See who reported a story", annotations=_READS)
    async def get_story(story_id: int) -> tools.StoryFound:
        """List the articles on one event: the original, independent reports, translations and copies."""
        return await _run(lambda: tools.get_story(kb, story_id))

    @server.tool(title="Look up a company or chip", annotations=_READS)
    async def get_entity(
        name: Annotated[str, Field(description="Id or name in either language: nvidia-h100, 台积电.")],
    ) -> tools.EntityFound:
        """Look up a company, chip or other entity: its names, its relatives, the latest articles on it."""
        return await _run(lambda: tools.get_entity(kb, name))

    @server.tool(title="List what is claimed of a company or chip", annotations=_READS)
    async def list_claims(
        entity: Annotated[str, Field(description="Id or name in either language: nvidia-h100, 台积电.")],
        attribute: Annotated[
            str | None, Field(description="power, price, maker…; several with commas, all if left out.")
        ] = None,
        k: Annotated[int, Field(description="How many claims, 1 to 50.")] = 20,
        cursor: Annotated[int, Field(description="next_cursor of an earlier answer.")] = 0,
    ) -> ledger.ClaimsFound:
        """List the facts, figures and dates claimed of a company or chip, with their sentences, and what contradicts."""
        return await _run(lambda: ledger.list_claims(kb, entity, attribute, k, cursor))

    @server.tool(title="Compare chips or companies", annotations=_READS)
    async def compare(
        entities: Annotated[list[str], Field(description="2 to 4 ids or names.")],
        attribute: Annotated[
            str | None, Field(description="power, price, maker…; several with commas, all if left out.")
        ] = None,
        k: Annotated[int, Field(description="How many claims of each one an attribute, 1 to 5.")] = 1,
    ) -> ledger.ComparisonFound:
        """Put chips or companies side by side, attribute by attribute, each claim with its sentence and source."""
        return await _run(lambda: ledger.compare(kb, entities, attribute, k))

    @server.tool(title="Read a week's digest", annotations=_READS)
    async def get_digest(
        week: Annotated[str, Field(description="An ISO week: 2023-W46.")],
        stories: Annotated[int, Field(description="How many stories, 1 to 20.")] = 10,
    ) -> tools.DigestFound:
        """Read the most important stories of a week, with who reported them."""
        return await _run(lambda: tools.get_digest(kb, week, stories))

    return server


def run_stdio(kb: KnowledgeBase, clock: Callable[[], datetime], version: str) -> None:
    """Serve one agent over stdin and stdout until it hangs up."""
    anyio.run(make_server(kb, clock, version).run_stdio_async)


def make_http_server(kb: KnowledgeBase, clock: Callable[[], datetime], version: str) -> MCPServer:
    """A server whose ``session_manager`` answers requests once it runs: each stands alone, and is answered with JSON."""
    server = make_server(kb, clock, version)
    server.streamable_http_app(
        json_response=True,
        stateless_http=True,
        max_request_body_size=_MAX_BODY,
        # Hosts, origins and keys are checked for every path alike, in api.guard and api.access.
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )
    return server


async def _run(work: Callable[[], T]) -> T:
    """Do blocking work in a thread; what a user may see of an error becomes the tool's."""
    try:
        return await to_thread.run_sync(work)
    except ChipwireError as error:
        raise ToolError(str(error)) from None
