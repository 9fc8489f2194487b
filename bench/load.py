"""A running server under load: how long answers take when it is idle, when it is full, and what it says when it is over full.

    chipwire serve &
    python bench/load.py http://localhost:8700 [--seconds 10] [--steady 300]

On one machine with the server, the clients' own times are mostly their own: the server's are in its log (CHIPWIRE_ACCESS_LOG=yes).
Clients ask one search after the other, without pause and without heeding Retry-After: ruder than any real one.

`--steady` adds, before the overload, so many seconds at half of the answers a second that eight clients got, evenly spaced
whatever comes back, while twenty articles are posted each minute: they are read, encoded and indexed, and the server takes up the
new index. After the overload it prints how long a single client waited until its answers were as fast as at first.
"""

import argparse
import asyncio
import collections
import sys
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


async def steadily(address: str, rate: float, seconds: float) -> tuple[list[float], collections.Counter[str], int]:
    """As `ask`, at `rate` requests a second, with articles posted each minute; the third number is how many of these were taken."""
    taken: list[float] = []
    statuses: collections.Counter[str] = collections.Counter()
    async with httpx2.AsyncClient(base_url=address, timeout=60, limits=httpx2.Limits(max_connections=200)) as http:

        async def search(number: int) -> None:
            began = time.perf_counter()
            try:
                answer = await http.get("/api/v1/search", params={"q": QUERIES[number % len(QUERIES)]})
            except httpx2.TransportError as error:
                statuses[type(error).__name__] += 1
                return
            statuses[str(answer.status_code)] += 1
            if answer.status_code == 200:
                taken.append((time.perf_counter() - began) * 1000)

        async def post(minute: int) -> int:
            sentence = "NVIDIA shipped {} H100 accelerators to data centre number {} of a cloud provider, the company said. "
            articles = [
                {
                    "url": f"https://load.example/{time.time_ns()}-{number}",
                    "title": f"Shipment {minute * 20 + number} of accelerators",
                    "text": "".join(sentence.format(1000 * minute + 31 * number + line, line) for line in range(12)),
                }
                for number in range(20)
            ]
            answer = await http.post("/api/v1/articles", json={"articles": articles})
            return 20 if answer.status_code < 300 else 0

        began, tasks, posts = time.perf_counter(), [], []
        for number in range(int(rate * seconds)):
            await asyncio.sleep(max(began + number / rate - time.perf_counter(), 0))
            tasks.append(asyncio.create_task(search(number)))
            if time.perf_counter() - began >= 60 * len(posts):
                posts.append(asyncio.create_task(post(len(posts))))
        await asyncio.gather(*tasks)
        posted = sum(await asyncio.gather(*posts))
    return sorted(taken), statuses, posted


async def recovered(address: str, usual: float) -> float:
    """Seconds until ten answers in a row take at most 1.5 × `usual` milliseconds in the middle."""
    began, last = time.perf_counter(), collections.deque[float](maxlen=10)
    async with httpx2.AsyncClient(base_url=address, timeout=60) as http:
        for number in range(10_000):
            asked = time.perf_counter()
            answer = await http.get("/api/v1/search", params={"q": QUERIES[number % len(QUERIES)]})
            last.append((time.perf_counter() - asked) * 1000 if answer.status_code == 200 else float("inf"))
            if len(last) == 10 and sorted(last)[5] <= 1.5 * usual:
                break
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("address")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--steady", type=float, default=0)
    given = parser.parse_args()
    print(f"{'clients':>8} {'answers/s':>10} {'p50 ms':>8} {'p99 ms':>8}  statuses")
    usual = half = 0.0
    for clients in (1, 8, 32, 192, 1):
        if clients == 32 and given.steady:
            taken, statuses, posted = asyncio.run(steadily(given.address, half, given.steady))
            line("steady", taken, statuses, given.steady)
            print(f"{'':8} {posted} articles were posted meanwhile")
        taken, statuses = asyncio.run(ask(given.address, clients, given.seconds))
        line(str(clients), taken, statuses, given.seconds)
        if not taken:
            sys.exit("No search was answered: has the server an index? `chipwire status` says so.")
        usual = usual or taken[len(taken) // 2]
        half = len(taken) / given.seconds / 2 if clients == 8 else half
        if clients == 192:
            print(f"{'':8} as fast as at first after {asyncio.run(recovered(given.address, usual)):.1f} s")


def line(name: str, taken: list[float], statuses: collections.Counter[str], seconds: float) -> None:
    p50, p99 = (taken[int(len(taken) * share)] if taken else float("nan") for share in (0.5, 0.99))
    told = ", ".join(f"{count:,} × {status}" for status, count in statuses.most_common())
    print(f"{name:>8} {len(taken) / seconds:10.0f} {p50:8.1f} {p99:8.1f}  {told}", flush=True)


if __name__ == "__main__":
    main()
