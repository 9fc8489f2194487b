"""Answers that are made to do harm cost themselves and nothing else: a crawl meets all of them beside a good page each.

Bombs for single readers are in the tests of those (``test_feeds.py``, ``test_sitemaps.py``, ``test_warc.py``,
``test_workers.py``); here they come over HTTP, and what is watched is the crawl as a whole.
"""

import itertools
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import brotli
import pytest
from backports import zstd

from index.store.crawls import validators_of
from index.store.database import Store
from tests.crawlers.local_site import Answering, LocalSite, Reply, html_page, rss
from tests.crawlers.raw_site import Chunks, RawSite
from tests.crawlers.running import environment, stored, write_source

SECONDS, PATIENCE = 120, 1.5
MB = 1_000_000
MOST_MEMORY = 400 * MB
"""Of the crawling process, and of each child that parses; each needs some 150 MB to be there at all."""
ZEROS = bytes(MB)
LINUX = Path("/proc/self/status").exists()


def zipped(window: int, megabytes: int = 200) -> bytes:
    """So many megabytes of nothing in a few hundred kilobytes."""
    packer = zlib.compressobj(9, wbits=window)
    return b"".join([*(packer.compress(ZEROS) for _ in range(megabytes)), packer.flush()])


def brotlied(megabytes: int = 200) -> bytes:
    packer = brotli.Compressor(quality=1)
    return b"".join([*(packer.process(ZEROS) for _ in range(megabytes)), packer.finish()])


def zstandard(megabytes: int = 200) -> bytes:
    packer = zstd.ZstdCompressor(level=1)
    return b"".join([*(packer.compress(ZEROS) for _ in range(megabytes)), packer.flush()])


GZIP, DEFLATE = 31, 15
DEEP_PAGE = b"<html><body><article>" + b"<div>" * 200_000 + b"deep" + b"</div>" * 200_000
DEEP_FEED = b'<rss version="2.0"><channel><item><description>' + b"<a>" * 200_000 + b"</a>" * 200_000 + b"</description></item>"
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
LAUGHING = f'<!DOCTYPE rss [<!ENTITY l0 "ha">{LAUGHS}]><rss version="2.0"><channel><title>&l9;</title></channel></rss>'.encode()
QUADRATIC = (
    f'<!DOCTYPE urlset [<!ENTITY a "{"a" * 100_000}">]><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    f"<url><loc>{'&a;' * 100_000}</loc></url></urlset>"
).encode()


def external(address: str) -> bytes:
    start = f'<!DOCTYPE rss [<!ENTITY f SYSTEM "{address}">]>'
    return f'{start}<rss version="2.0"><channel><title>&f;</title></channel></rss>'.encode()


def coded(body: bytes, coding: str, kind: str = "text/html") -> Reply:
    return Reply(body, headers={"Content-Encoding": coding, "Content-Type": kind})


class Crawled:
    """What a crawl of a feed with these ``pages`` and of these ``lists`` left behind."""

    def __init__(self, home: Path, site: LocalSite, stderr: str, memory: int) -> None:
        self.stderr = stderr
        self.memory = memory
        self.titles = {article.title for article in stored(home)}
        self._home = home
        self._site = site

    def note(self, path: str) -> str:
        """Why nothing came of a page, as the store has it."""
        with Store.open_reader(self._home) as store:
            known = validators_of(store, f"{self._site.address}{path}")
        assert known is not None, f"nothing is known of {path}"
        return known.note or ""


def crawl(
    folder: Path,
    pages: Mapping[str, Answering],
    lists: Mapping[str, Answering],
    sitemaps: Mapping[str, Answering],
    *others: RawSite,
) -> Crawled:
    """Crawl a good page and `pages`, all in one feed; and `lists` and `sitemaps`, each a source of its own."""
    home = folder / "home"
    with LocalSite({**pages, **lists, **sitemaps, "/a/1": html_page(1)}) as site:
        links = [f"{site.address}{path}" for path in pages]
        items = "".join(f"<item><title>A page</title><link>{link}</link></item>" for link in links)
        site.pages["/feed"] = Reply(rss(site, [1], more=items))
        sources = write_source(folder / "s.toml", feeds=[f"{site.address}/feed"])
        for number, path in enumerate(lists):
            write_source(sources, id=f"list-{number}", feeds=[f"{site.address}{path}"])
        for number, path in enumerate(sitemaps):
            write_source(sources, id=f"map-{number}", sitemaps=[f"{site.address}{path}"])
        for number, (port, path) in enumerate((raw.port, path) for raw in others for path in raw.paths):
            # Each has a host of its own: one that is silent is left alone as a whole.
            write_source(sources, id=f"raw-{number}", feeds=[f"http://raw-{number}.localhost:{port}{path}"])
        arguments = ["--home", str(home), "crawl", "--no-refresh", "--sources", str(sources)]
        ports = ",".join(str(each.port) for each in (site, *others))
        errors = folder / "errors"
        with errors.open("w") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.crawlers.impatient", str(PATIENCE), *arguments],
                stdout=subprocess.DEVNULL,
                stderr=file,
                env={**environment(site), "CHIPWIRE_LOOPBACK_PORTS": ports},
                cwd=Path(__file__).parent.parent.parent,
            )
        memory, end = 0, time.monotonic() + SECONDS
        while process.poll() is None:
            memory = max(memory, *(_most_memory(each) for each in (process.pid, *_children(process.pid))))
            if time.monotonic() > end:
                process.kill()
            time.sleep(0.05)
        assert time.monotonic() < end, "it hung"
        assert "Traceback" not in errors.read_text()
        return Crawled(home, site, errors.read_text(), memory)


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []  # it has ended, or this is no Linux


def _most_memory(pid: int) -> int:
    """The most bytes that a process ever had in memory; what is inherited from who started it does not count."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")), 0)


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    """One crawl of everything that comes as a proper answer."""
    pages: dict[str, Answering] = {
        "/gzip": coded(zipped(GZIP), "gzip"),
        "/deflate": coded(zipped(DEFLATE), "deflate"),
        "/br": coded(brotlied(), "br"),
        "/zstd": coded(zstandard(), "zstd"),
        "/twice": coded(_gzip(zipped(GZIP)), "gzip, gzip"),
        "/inside": coded(_gzip(zipped(GZIP)), "gzip"),
        "/mislabelled": coded(b"<html>not compressed at all</html>", "gzip"),
        "/deep": Reply(DEEP_PAGE, headers={"Content-Type": "text/html"}),
        "/loop": Reply(b"", 302, {"Location": "/loop"}),
        "/chain/0": Reply(b"", 302, {"Location": "/chain/1"}),
        "/refresh": Reply(b'<meta http-equiv="refresh" content="0; url=/refresh">', headers={"Content-Type": "text/html"}),
        "/large": Reply(bytes(25 * MB), headers={"Content-Type": "text/html"}),
    }
    chain = {f"/chain/{n}": Reply(b"", 302, {"Location": f"/chain/{n + 1}"}) for n in range(1, 40)}
    lists: dict[str, Answering] = {
        "/deep.xml": Reply(DEEP_FEED),
        "/laughing.xml": Reply(LAUGHING),
        "/file.xml": Reply(external("file:///etc/passwd")),
        "/bomb.xml": coded(zipped(GZIP), "gzip", "application/xml"),
        **chain,
    }
    sitemaps: dict[str, Answering] = {"/map.xml.gz": Reply(zipped(GZIP)), "/quadratic.xml": Reply(QUADRATIC)}
    return crawl(tmp_path_factory.mktemp("bombs"), pages, lists, sitemaps)


def _gzip(body: bytes) -> bytes:
    packer = zlib.compressobj(9, wbits=GZIP)
    return packer.compress(body) + packer.flush()


def test_the_good_page_beside_them_is_stored(crawled: Crawled) -> None:
    assert "Accelerator number 1 enters volume production" in crawled.titles


def test_neither_the_crawl_nor_a_parser_needs_much_memory(crawled: Crawled) -> None:
    assert (50 * MB if LINUX else -1) < crawled.memory < MOST_MEMORY


@pytest.mark.parametrize("path", ["/gzip", "/deflate", "/br", "/zstd", "/twice", "/large"])
def test_what_is_too_large_unpacked_is_refused_as_such(path: str, crawled: Crawled) -> None:
    assert crawled.note(path) == "its answer is too large"


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/inside", "compressed data"),
        ("/deep", "no article text"),
        ("/loop", "redirects come to no end"),
        ("/chain/0", "redirects come to no end"),
        ("/refresh", "redirects come to no end"),
    ],
)
def test_a_page_that_leads_nowhere_says_why_and_is_not_tried_again_soon(path: str, why: str, crawled: Crawled) -> None:
    assert why in crawled.note(path)


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/deep.xml", "nested too deeply"),
        ("/laughing.xml", "which only attacks do"),
        ("/file.xml", "which only attacks do"),
        ("/quadratic.xml", "which only attacks do"),
        ("/bomb.xml", "its answer is too large"),
        ("/map.xml.gz", "larger than 52 MB when unpacked"),
        ("/chain/1", "redirects come to no end"),
    ],
)
def test_a_list_that_cannot_be_read_is_reported_in_one_line(path: str, why: str, crawled: Crawled) -> None:
    [line] = [line for line in crawled.stderr.splitlines() if f"{path}: " in line]
    assert any(each in line for each in why.split("|")), line


def head(*lines: str) -> bytes:
    return "\r\n".join(["HTTP/1.1 200 OK", "Content-Type: application/rss+xml", *lines, "", ""]).encode()


def endless() -> Iterator[bytes]:
    yield head("Connection: close")
    yield from itertools.repeat(bytes(100_000))


def dripping() -> Iterator[bytes]:
    yield head("Content-Length: 1000000")
    while True:
        yield b" "
        time.sleep(0.2)


def many_headers() -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\n"
    yield from (f"X-{number}: {'x' * 1000}\r\n".encode() for number in itertools.count())


def one_long_header() -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nX-Long: "
    yield from itertools.repeat(b"x" * 100_000)


def many_chunks() -> Iterator[bytes]:
    yield head("Transfer-Encoding: chunked")
    yield from itertools.repeat(b"1\r\nx\r\n" * 10_000)


def wrong_length() -> Iterator[bytes]:
    yield head("Content-Length: 99999999999999999999")
    yield b"<rss"


def silent() -> Iterator[bytes]:
    time.sleep(60)
    yield b""


def nonsense() -> Iterator[bytes]:
    yield bytes(range(256)) * 100


WAYS: dict[str, Chunks] = {
    f"/{make.__name__}": make
    for make in (endless, dripping, many_headers, one_long_header, many_chunks, wrong_length, silent, nonsense)
}


@pytest.fixture(scope="module")
def met(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Crawled, RawSite]]:
    """One crawl of everything that is no proper answer."""
    with RawSite(WAYS) as raw:
        yield crawl(tmp_path_factory.mktemp("raw"), {}, {}, {}, raw), raw


def test_every_way_is_met(met: tuple[Crawled, RawSite]) -> None:
    assert len([line for line in met[0].stderr.splitlines() if line.startswith("raw-")]) == len(WAYS)


def test_a_server_that_never_ends_costs_a_bounded_time_and_memory(met: tuple[Crawled, RawSite]) -> None:
    crawled, _ = met
    assert "Accelerator number 1 enters volume production" in crawled.titles
    assert (50 * MB if LINUX else -1) < crawled.memory < MOST_MEMORY


@pytest.mark.parametrize(
    ("path", "why"),
    [
        # On a busy machine a page's time may be up before its size, headers or pieces are too many: as good an end.
        ("/endless", "its answer is too large|it did not answer in time"),
        ("/dripping", "it did not answer in time"),
        ("/many_headers", "its answer's headers are too large|it did not answer in time"),
        ("/one_long_header", "it closed the connection"),
        ("/many_chunks", "its answer comes in too many small pieces|it did not answer in time"),
        ("/wrong_length", "its answer is too large"),
        ("/silent", "it did not answer in time"),
        ("/nonsense", "its answer is not HTTP"),
    ],
)
def test_what_is_no_proper_answer_is_reported_in_one_line(path: str, why: str, met: tuple[Crawled, RawSite]) -> None:
    crawled, raw = met
    [line] = [line for line in crawled.stderr.splitlines() if f"{path}: " in line]
    assert any(each in line for each in why.split("|")), line
    assert raw.sent.get(path, 0) < 100 * MB
