"""``python -m tests.crawlers.watched PORT ARGUMENTS…``: a ``chipwire crawl`` that looks at how long its loop stands still.

Names under ``example`` lead to PORT on this machine; those that begin with ``slow`` are looked for twice as long as anybody
waits. What it prints is JSON: ``stalls`` are seconds above a tenth, ``ended`` when each source's poll was over.
"""

import asyncio
import json
import socket
import sys
import time
from typing import Any

PATIENCE = 2
"""Seconds for one try to resolve a name."""


def main() -> None:
    port, *arguments = sys.argv[1:]
    from api.cli import main as chipwire
    from crawlers import crawl, fetching, netguard

    fetching.BACKOFF = 0.01
    netguard.NAME_SECONDS = PATIENCE
    lookup, connect_ex = socket.getaddrinfo, socket.socket.connect_ex

    def getaddrinfo(host: Any, *rest: Any, **named: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if not str(name).endswith(".example"):
            return lookup(host, *rest, **named)
        if name.startswith("slow"):
            time.sleep(2 * PATIENCE)
            raise socket.gaierror("no answer")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 80))]

    def led(sock: Any, address: Any) -> int:
        return connect_ex(sock, ("127.0.0.1", int(port)) if address[0] == "93.184.216.34" else address)

    socket.getaddrinfo = getaddrinfo
    socket.socket.connect_ex = led  # type: ignore[method-assign]
    began, stalls, ended = time.monotonic(), [], dict[str, float]()
    run, once = crawl.Crawl.run, crawl.Crawl._once

    async def watched(self: Any) -> None:
        async def watch() -> None:
            while True:
                now = time.monotonic()
                await asyncio.sleep(0.02)
                if (late := time.monotonic() - now - 0.02) > 0.1:
                    stalls.append(round(late, 2))

        nonlocal began
        began = time.monotonic()
        watching = asyncio.ensure_future(watch())
        try:
            await run(self)
        finally:
            watching.cancel()
            print(json.dumps({"stalls": stalls or [0.0], "ended": ended}), flush=True)  # noqa: T201

    async def timed(self: Any, source: Any) -> Any:
        try:
            return await once(self, source)
        finally:
            ended[source.id] = round(time.monotonic() - began, 2)

    crawl.Crawl.run, crawl.Crawl._once = watched, timed  # type: ignore[method-assign]
    sys.argv = ["chipwire", *arguments]
    chipwire()


if __name__ == "__main__":
    main()
