"""From fetched to found: how long a new item of a watched feed takes until a search answers with it.

    python bench/watch.py [--home HOME] [--items 60]

`chipwire crawl --watch` runs over a local site that publishes an article every few seconds; beside it, as a server would, a
process searches for each until it is the first hit. What is counted begins when the site has answered with the page.
``--home`` is a data folder that is filled already (it is copied; see `bench/multiply.py`), because bringing an index up to
date takes longer the larger it is. The model is the one that the folder uses, or the one that the environment names.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from index.knowledge_base import KnowledgeBase  # noqa: E402
from index.retrieval.search import SearchRequest  # noqa: E402
from index.settings import Settings  # noqa: E402
from index.store.articles import count_articles  # noqa: E402
from index.store.database import Store  # noqa: E402

WORDS = (
    "chip accelerator memory process node packaging foundry wafer customer order supply quarter data centre power yield".split()
)
PATIENCE = 120.0
"""Seconds after which an article that no search finds is counted as lost."""


class Site:
    """A feed of the ten newest of ``published`` articles; ``fetched`` is when each page was answered, on time.time()."""

    def __init__(self) -> None:
        self.published = 0
        self.fetched: dict[int, float] = {}
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                status, body = site.answer(self.path)
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
                if self.path.startswith("/a/"):
                    site.fetched.setdefault(int(self.path[3:]), time.time())

            def log_message(self, *_: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port: int = self._http.server_address[1]
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def answer(self, path: str) -> tuple[int, bytes]:
        if path == "/feed":
            numbers = range(self.published, max(0, self.published - 10), -1)
            items = "".join(
                f"<item><title>Report {n}</title><link>http://localhost:{self.port}/a/{n}</link></item>" for n in numbers
            )
            return 200, f'<rss version="2.0"><channel><title>Reports</title>{items}</channel></rss>'.encode()
        if path.startswith("/a/"):
            return 200, page(int(path[3:]))
        return 404, b""


def name(number: int) -> str:
    """A chip that no other article names."""
    return f"QX{7000 + number}"


def page(number: int) -> bytes:
    """An article of 500 words."""
    chance = random.Random(number)
    text = "".join(f"<p>The {name(number)} has {' '.join(chance.choices(WORDS, k=60))}.</p>" for _ in range(8))
    title = f"{name(number)} accelerator shown"
    return f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1>{text}</article></body></html>".encode()


@contextmanager
def watching(home: Path, site: Site, at: Path) -> Iterator[subprocess.Popen[bytes]]:
    source = f'[[source]]\nid = "site"\nname = "Site"\nkind = "press"\nlanguage = "en"\ndelay = 0\nfeeds = ["http://localhost:{site.port}/feed"]\n'
    (at / "s.toml").write_text(source)
    environment = {
        **os.environ,
        "CHIPWIRE_LOOPBACK_PORTS": str(site.port),
        "CHIPWIRE_POLL_BETWEEN": "1-2",
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "api", "--home", str(home), "crawl", "--watch", "--sources", str(at / "s.toml")]
    process = subprocess.Popen(command, env=environment, stderr=(at / "errors").open("wb"))
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)
        if process.returncode > 0:
            print((at / "errors").read_text()[-2000:], file=sys.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--home", type=Path, help="a data folder that is filled already; it is copied")
    parser.add_argument("--items", type=int, default=60)
    parser.add_argument("--every", type=float, default=5.0, help="seconds from one article to the next, on average")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        at = Path(folder)
        if options.home:
            shutil.copytree(options.home, at / "home")
        Store.open_writer(at / "home").close()
        site = Site()
        with (
            watching(at / "home", site, at) as process,
            KnowledgeBase.open(Settings.from_env(os.environ, at / "home")) as kb,
        ):
            print(f"{count_articles(kb.store):,} articles are there", flush=True)
            waited = sorted(one(kb, site, number, process) for number in range(1, options.items + 1) if pause(options.every))
    spread = ", ".join(f"p{p} {waited[min(len(waited) - 1, len(waited) * p // 100)]:.2f} s" for p in (50, 90, 95))
    print(f"{len(waited)} articles, from fetched to the first hit: {spread}, longest {waited[-1]:.2f} s")


def pause(every: float) -> bool:
    time.sleep(random.uniform(0.2, 1.8) * every)
    return True


def one(kb: KnowledgeBase, site: Site, number: int, process: "subprocess.Popen[bytes]") -> float:
    site.published = number
    began = time.time()
    while time.time() - began < PATIENCE:
        if process.poll() is not None:
            sys.exit(f"The crawl ended by itself, with {process.returncode}.")
        if number in site.fetched:
            hits = kb.search(SearchRequest(name(number)), datetime.now(UTC)).hits
            if hits and name(number) in hits[0].article.title:
                return time.time() - site.fetched[number]
        time.sleep(0.05)
    return PATIENCE


if __name__ == "__main__":
    main()
