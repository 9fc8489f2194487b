"""A running server under load: how long answers take when it is idle, when it is full, and what it says when it is over full.

    chipwire serve &
    python bench/load.py http://localhost:8700 [--seconds 10]

On one machine with the server, the clients' own times are mostly their own: the server's are in its log (CHIPWIRE_ACCESS_LOG=yes).
Clients ask one search after the other, without pause and without heeding Retry-After: ruder than any real one.
"""

import argparse
import asyncio
import collections
import time

import httpx2

QUERIES = ("microsoft custom chip", "英伟达 租赁 DGX 价格", "H20 delay", "HBM3E", "台积电 CoWoS", "wafer prices", "AI", "芯片")


async def ask(address: str, clients: int, seconds: float) -> tuple[list[float], collections.Counter[str]]:
    """Milliseconds of the answers that were given, and how often which status came; 503 counts as such only with Retry-After."""
    taken: list[float] = []
    statuses: collections.Counter[str] = collections.Counter()
    until = time.perf_counter() + seconds

    async def one(http: httpx2.AsyncClient, number: int) -> None:
        while time.perf_counter() < until:
            number += 1
            began = time.perf_counter()
            try:
                answer = await http.get("/api/v1/search", params={"q": QUERIES[number % len(QUERIES)]})
            except httpx2.TransportError as error:
                statuses[type(error).__name__] += 1
                continue
            status = str(answer.status_code)
            if answer.status_code in (429, 503) and "retry-after" not in answer.headers:
                status += " without Retry-After"
            statuses[status] += 1
            if answer.status_code == 200:
                taken.append((time.perf_counter() - began) * 1000)

    limits = httpx2.Limits(max_connections=clients)
    async with httpx2.AsyncClient(base_url=address, timeout=30, limits=limits) as http:
        await asyncio.gather(*(one(http, number) for number in range(clients)))
    return sorted(taken), statuses


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("address")
    parser.add_argument("--seconds", type=float, default=10)
    given = parser.parse_args()
    print(f"{'clients':>8} {'answers/s':>10} {'p50 ms':>8} {'p99 ms':>8}  statuses")
    for clients in (1, 8, 32, 192, 1):
        taken, statuses = asyncio.run(ask(given.address, clients, given.seconds))
        p50, p99 = (taken[int(len(taken) * share)] if taken else float("nan") for share in (0.5, 0.99))
        told = ", ".join(f"{count:,} × {status}" for status, count in statuses.most_common())
        print(f"{clients:8} {len(taken) / given.seconds:10.0f} {p50:8.1f} {p99:8.1f}  {told}", flush=True)


if __name__ == "__main__":
    main()
