"""The server's time for a page of results over that of the search in it: what reading, facets, glosses and the template add.

    python bench/page_time.py --home HOME [--queries 60]

`HOME` is a filled data folder. Each query is asked once as a page and once as a search, in turns, in the same process and
without a socket, so that both pay for the query's encoding; the queries are words of the articles' own titles, each asked once.
"""

import argparse
import asyncio
import random
import statistics
import sys
import time
from collections.abc import Mapping, MutableMapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI

from api.app import create_app
from index.knowledge_base import KnowledgeBase
from index.retrieval.search import SearchRequest
from index.settings import Settings


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--queries", type=int, default=60)
    options = parser.parse_args()
    if not (options.home / "chipwire.db").is_file():
        sys.exit(f"There is no knowledge base in {options.home}.")
    with KnowledgeBase.open(Settings(home=options.home, threads=2)) as kb:
        asyncio.run(measured(kb, options.queries))


async def measured(kb: KnowledgeBase, count: int) -> None:
    rng = random.Random(7)
    titles = [str(row[0]) for row in kb.store.rows("SELECT title FROM article ORDER BY id")]
    asked = [title[:24] for title in rng.sample(titles, min(2 * count, len(titles)))]
    app = create_app(kb.settings, kb)
    pages: list[float] = []
    searches: list[float] = []
    async with app.router.lifespan_context(app) as state:
        for path in ("/search?q=a", "/search?q=b"):
            await page(app, path, state)
        for number, query in enumerate(asked):
            start = time.perf_counter()
            if number % 2:
                kb.search(SearchRequest(query, 10), datetime.now(UTC))
                searches.append(time.perf_counter() - start)
            else:
                await page(app, "/search?" + urlencode({"q": query}), state)
                pages.append(time.perf_counter() - start)
    for name, times in (("search", searches), ("page", pages)):
        print(
            f"{name}: p50 {1000 * statistics.median(times):.1f} ms, p95 {1000 * sorted(times)[int(0.95 * len(times))]:.1f} ms"
        )
    print(f"page over search, p50: {statistics.median(pages) / statistics.median(searches):.2f} ×")


async def page(app: FastAPI, path: str, state: Mapping[str, Any] | None) -> None:
    """One GET through the whole application, without a socket."""
    name, _, query = path.partition("?")
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http", "path": name,
        "raw_path": name.encode(), "query_string": query.encode(), "root_path": "", "client": ("127.0.0.1", 1), "server": ("localhost", 80),
        "headers": [(b"host", b"localhost"), (b"accept-language", b"en"), (b"accept-encoding", b"gzip")], "state": dict(state or {}),
    }  # fmt: skip
    statuses: list[int] = []

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(30)
        return {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    await app(scope, receive, send)
    assert statuses == [200], statuses


if __name__ == "__main__":
    main()
