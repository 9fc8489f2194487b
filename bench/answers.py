"""What validators and compression cost an answer, and what they save: time of the middleware alone, over answers of several sizes.

python bench/answers.py
"""

import asyncio
import json
import time
from typing import Any

from api.encoding import Encoding


def answer_of(size: int) -> bytes:
    """A JSON document like those of the API, of `size` bytes about."""
    hits: list[dict[str, Any]] = []
    while len(json.dumps(hits)) < size:
        n = len(hits)
        text = f"<mark>Microsoft</mark> introduced accelerator {n * 7919 % 1000}, made by TSMC on a {n % 7 + 2} nm process. 微软发布自研芯片"
        hits.append({"article_id": n, "title": f"Report {n * 104729}", "snippet": text, "entities": ["microsoft", "tsmc"]})
    return json.dumps(hits, ensure_ascii=False).encode()


def measure(body: bytes, accepted: str, times: int = 300) -> tuple[float, int]:
    """Milliseconds (the median) and bytes of the answer as sent."""
    sent = 0

    async def app(scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def receive(message: Any) -> None:
        nonlocal sent
        sent += len(message.get("body", b""))

    wrapped = Encoding(app)
    scope = {"type": "http", "method": "GET", "path": "/", "headers": [(b"accept-encoding", accepted.encode())]}

    async def run() -> list[float]:
        taken = []
        for _ in range(times):
            began = time.perf_counter()
            await wrapped(dict(scope), None, receive)  # type: ignore[arg-type]
            taken.append(time.perf_counter() - began)
        return taken

    taken = sorted(asyncio.run(run()))
    return taken[len(taken) // 2] * 1000, sent // times


def main() -> None:
    print(f"{'bytes':>8}  " + "  ".join(f"{name:>18}" for name in ("identity", "gzip", "br")))
    for size in (300, 1_500, 10_000, 60_000, 400_000):
        body = answer_of(size)
        cells = [measure(body, accepted) for accepted in ("identity", "gzip", "br")]
        print(f"{len(body):8,}  " + "  ".join(f"{ms:7.3f} ms {sent:7,}" for ms, sent in cells))


if __name__ == "__main__":
    main()
