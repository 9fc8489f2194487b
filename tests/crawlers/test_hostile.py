"""Sources that mean harm cost themselves: what they take of the crawl's one thread, its names and its memory is bounded.

All of them are crawled together with a good one, in one process, while something in it looks at how long its loop stands
still; `tests/crawlers/watched.py` is that process.
"""

import json
import re
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crawlers.local_site import LocalSite, Reply, html_page, rss
from tests.crawlers.raw_site import Chunks, RawSite
from tests.crawlers.running import environment, record, stored, write_source

TIMEOUT = 120
PAGES = 12
SLOW = [f"slow-{number}.example" for number in range(30)]
"""Names whose server does not answer in time."""


def head(*lines: str, status: str = "200 OK") -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode("latin-1")


def whole(body: bytes, *lines: str) -> Iterator[bytes]:
    yield head(f"Content-Length: {len(body)}", "Connection: close", *lines) + body


def crumbs() -> Iterator[bytes]:
    """Chunks of one byte, each of which costs the one who takes it in as much as a page."""
    yield head("Content-Type: text/html", "Transfer-Encoding: chunked")
    for _ in range(400):
        yield b"1\r\nx\r\n" * 10_000


def onion() -> Iterator[bytes]:
    """Four hundred layers of gzip around what is almost too large."""
    body = bytes(4_000_000)
    for _ in range(400):
        packer = zlib.compressobj(0, wbits=31)
        body = packer.compress(body) + packer.flush()
    yield from whole(body, "Content-Type: text/html", f"Content-Encoding: {', '.join(['gzip'] * 400)}")


def many_headers() -> Iterator[bytes]:
    yield from whole(b"<html>", *["a:b"] * 55_000)


def many_rules() -> Iterator[bytes]:
    yield from whole(b"User-agent: *\n" + b"".join(b"Disallow: /x%d*y$\n" % n for n in range(900_000)))


def odd_number() -> Iterator[bytes]:
    """A superscript two, which is a digit to some and a number to nobody."""
    yield head("Retry-After: \xb2", "Content-Length: 0", "Connection: close", status="503 Later")


def odd_age() -> Iterator[bytes]:
    yield from whole(html_page(50).body, "Content-Type: text/html; charset=utf-8", "Cache-Control: max-age=\xb2")


PAGES_OF = {"crumbs": crumbs, "onion": onion, "headers": many_headers, "number": odd_number, "age": odd_age}


class Met:
    """What became of a crawl of them all."""

    def __init__(self, home: Path, said: str) -> None:
        self.home = home
        [line] = [line for line in said.splitlines() if line.startswith("{")]
        self.stalls: list[float] = json.loads(line)["stalls"]
        self.ended: dict[str, float] = json.loads(line)["ended"]

    def tried(self, source: str) -> int:
        """Pages of a source that were asked for: one line of errors each, and one that says that there were more."""
        found = re.search(r"\(and (\d+) more\)", self.outcome(source))
        return int(found[1]) if found else 0

    def outcome(self, source: str) -> str:
        return record(self.home, source).last_outcome or ""


@pytest.fixture(scope="module")
def met(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Met]:
    folder = tmp_path_factory.mktemp("hostile")
    chunks: dict[str, dict[str, Chunks]] = {name: {"/page": page} for name, page in PAGES_OF.items()}
    chunks["rules"] = {"/robots.txt": many_rules, "/page": lambda: whole(html_page(60).body, "Content-Type: text/html")}
    with LocalSite() as good:
        raw = {name: RawSite(pages) for name, pages in chunks.items()}
        for site in raw.values():
            site.__enter__()
        try:
            sources = write_source(folder / "s.toml", id="good", feeds=[f"{good.address}/feed"])
            good.pages |= {f"/a/{number}": html_page(number) for number in range(PAGES)}
            good.pages["/feed"] = Reply(rss(good, list(range(PAGES))))
            for name, site in raw.items():
                link = f"<item><title>Page</title><link>http://127.0.0.1:{site.port}/page</link></item>"
                good.pages[f"/feed/{name}"] = Reply(rss(good, [], more=link))
                write_source(sources, id=name, feeds=[f"{good.address}/feed/{name}"])
            links = "".join(f"<item><title>Page</title><link>http://{name}/page</link></item>" for name in SLOW)
            good.pages["/feed/names"] = Reply(rss(good, [], more=links))
            write_source(sources, id="names", feeds=[f"{good.address}/feed/names"])
            # A host of its own for each page: every one needs its name resolved.
            links = "".join(f"<item><title>P</title><link>http://p{n}.example/a/{n}</link></item>" for n in range(PAGES, 20))
            good.pages["/feed/hosts"] = Reply(rss(good, [], more=links))
            good.pages |= {f"/a/{number}": html_page(number) for number in range(PAGES, 20)}
            write_source(sources, id="hosts", feeds=[f"{good.address}/feed/hosts"])
            ports = ",".join(str(site.port) for site in (good, *raw.values()))
            arguments = ["--home", str(folder / "home"), "crawl", "--no-refresh", "--sources", str(sources)]
            answer = subprocess.run(
                [sys.executable, "-m", "tests.crawlers.watched", str(good.port), *arguments],
                capture_output=True,
                text=True,
                timeout=TIMEOUT,
                env={**environment(good), "CHIPWIRE_LOOPBACK_PORTS": ports},
                cwd=Path(__file__).parent.parent.parent,
                check=False,
            )
            assert answer.stdout, answer.stderr
            assert "Traceback" not in answer.stderr
            yield Met(folder / "home", answer.stdout)
        finally:
            for site in raw.values():
                site.__exit__(None, None, None)


def test_good_sources_are_read_beside_hostile_ones(met: Met) -> None:
    titles = {article.title for article in stored(met.home)}
    assert titles >= {f"Accelerator number {number} enters volume production" for number in range(20)}


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("crumbs", "too many small pieces"),
        ("onion", "compressed 400 times over"),
        ("headers", ""),
        ("number", "HTTP 503"),
        ("age", "1 new"),
        ("rules", "1 new"),
    ],
)
def test_each_is_reported_as_what_it_is(source: str, why: str, met: Met) -> None:
    assert why in met.outcome(source)
    assert "internal error" not in met.outcome(source)


def test_none_makes_the_crawl_stand_still_for_long(met: Met) -> None:
    # Without bounds each of the first two takes the crawl's thread for half a minute, and the rules ten seconds.
    assert max(met.stalls) < 4
    assert sum(met.stalls) < 10


def test_names_that_nobody_answers_for_hold_up_no_other_name(met: Met) -> None:
    assert met.ended["hosts"] < met.ended["names"], "the pages of one were had while the other waited"


def test_a_poll_that_brings_nothing_ends_and_the_next_goes_on(met: Met) -> None:
    assert "10 requests in a row brought nothing (its name cannot be resolved" in met.outcome("names")
    assert met.tried("names") < len(SLOW)
