"""Crawling a local site of 5,000 pages: pages a second against a Scrapy spider that only fetches, and against news-please.

    python bench/crawl.py [--pages 5000] [--wait 0] [--rounds 1]

The spider has a delay of a millisecond: without any, Scrapy 2.19 starts every waiting request at once, whatever the limit per host.
Everything runs in processes of its own, one after the other, over the same site (a server process of its own as well) with one
request at a time. ``--wait`` is the seconds that the site takes to answer a page: on the open web nothing answers in less than 0.02.
What is counted is the wall time from the first request that the site saw to the last commit (or the last answer, for the
spider); starting Python is left out of both.
"""

import argparse
import asyncio
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
WORDS = (
    "chip accelerator memory process node packaging foundry wafer customer order supply quarter data centre power yield".split()
)

SPIDER = """
import sys, time, json
import scrapy
from scrapy.crawler import AsyncCrawlerProcess
class Fetch(scrapy.Spider):
    name = "fetch"
    async def start(self):
        yield scrapy.Request(sys.argv[1] + "/sitemap.xml")
    def parse(self, response):
        response.selector.remove_namespaces()
        for url in response.xpath("//loc/text()").getall():
            yield scrapy.Request(url, self.page)
    def page(self, response):
        self.crawler.stats.inc_value("pages")
process = AsyncCrawlerProcess({"LOG_ENABLED": False, "CONCURRENT_REQUESTS_PER_DOMAIN": 1, "ROBOTSTXT_OBEY": True,
                               "TELNETCONSOLE_ENABLED": False, "DOWNLOAD_DELAY": 1e-3, "DOWNLOAD_DELAY_JITTER": 0})
process.crawl(Fetch)
process.start()
"""

NEWSPLEASE = """
import sys
from newsplease import NewsPlease
from lxml import etree
import urllib.request
tree = etree.fromstring(urllib.request.urlopen(sys.argv[1] + "/sitemap.xml").read())
for url in tree.xpath("//*[local-name()='loc']/text()")[: int(sys.argv[2])]:
    NewsPlease.from_url(url, timeout=10)
"""


def page(number: int) -> bytes:
    """An article page of about 40 KB: 700 words among a site's navigation."""
    chance = random.Random(number)
    text = "".join(f"<p>{' '.join(chance.choices(WORDS, k=70))}. Number {number} is the {i}th.</p>" for i in range(10))
    links = "".join(f'<li><a href="/section/{i}">Section {i} of the site</a></li>' for i in range(150))
    head = f'<title>Report {number} on chips</title><meta property="article:published_time" content="2023-11-01T09:00:00Z">'
    script = "<script>" + "var x = 1;" * 1000 + "</script>"
    body = f"<header><ul>{links}</ul></header><article><h1>Report {number} on chips</h1>{text}</article><footer><ul>{links}</ul></footer>"
    return f"<html><head>{head}{script}</head><body>{body}</body></html>".encode()


async def serve(pages: int, wait: float, log: Path) -> None:
    """The site: a sitemap and its pages; writes the times of the first and the last page to `log` when asked for /log."""
    bodies = {f"/a/{n}": page(n) for n in range(pages)}
    times: list[float] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                path = line.split()[1].decode()
                while (await reader.readline()).strip():
                    pass
                status = b"200 OK"
                if path == "/sitemap.xml":
                    urls = "".join(
                        f"<url><loc>http://localhost:{port}/a/{n}</loc><lastmod>2023-11-01</lastmod></url>"
                        for n in range(pages)
                    )
                    body = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'.encode()
                elif path == "/log":
                    body = json.dumps([times[0], times[-1], len(times)] if times else [0, 0, 0]).encode()
                    times.clear()
                elif path in bodies:
                    if wait:
                        await asyncio.sleep(wait)
                    body = bodies[path]
                    times.append(time.time())
                else:
                    status, body = b"404 Not Found", b""
                writer.write(
                    b"HTTP/1.1 %b\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n" % (status, len(body))
                )
                writer.write(body)
                await writer.drain()
        except (ConnectionError, IndexError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    log.write_text(str(port))
    await server.serve_forever()


def seen(address: str) -> tuple[float, float, int]:
    import urllib.request

    first, last, count = json.loads(urllib.request.urlopen(f"{address}/log").read())
    return first, last, count


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--pages", type=int, default=5000)
    parser.add_argument("--wait", type=float, default=0.0)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--newsplease", help="A Python that has news-please installed.")
    parser.add_argument("--newsplease-pages", type=int, default=300)
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        asyncio.run(serve(options.pages, options.wait, Path(options.serve)))
        return
    with tempfile.TemporaryDirectory() as folder:
        at = Path(folder)
        arguments = [
            sys.executable,
            __file__,
            "--serve",
            str(at / "port"),
            "--pages",
            str(options.pages),
            "--wait",
            str(options.wait),
        ]
        server = subprocess.Popen(arguments)
        try:
            while not (at / "port").exists() or not (at / "port").read_text():
                time.sleep(0.1)
            port = int((at / "port").read_text())
            for _ in range(options.rounds):
                one_round(options, at, port)
        finally:
            server.kill()


def one_round(options: argparse.Namespace, at: Path, port: int) -> None:
    address = f"http://localhost:{port}"
    environment = {key: value for key, value in os.environ.items() if not key.startswith("CHIPWIRE_")}
    environment |= {"CHIPWIRE_MODEL": "none", "CHIPWIRE_LOOPBACK_PORTS": str(port), "PYTHONPATH": str(ROOT)}
    seen(address)
    subprocess.run([sys.executable, "-c", SPIDER, address], check=True, env=environment)
    first, last, count = seen(address)
    spider = count / (last - first)
    print(f"Scrapy, fetching only   {count:6,} pages  {spider:7.1f}/s")
    shutil.rmtree(at / "home", ignore_errors=True)
    source = f'[[source]]\nid = "site"\nname = "Site"\nkind = "press"\nlanguage = "en"\ndelay = 0\nsitemaps = ["{address}/sitemap.xml"]\n'
    (at / "s.toml").write_text(source)
    crawl = [
        sys.executable,
        "-m",
        "api",
        "--home",
        str(at / "home"),
        "crawl",
        "--since",
        "2023",
        "--no-refresh",
        "--sources",
        str(at / "s.toml"),
    ]
    subprocess.run(crawl, check=True, env=environment, cwd=ROOT)
    first, fetched, count = seen(address)
    with sqlite3.connect(at / "home" / "chipwire.db") as db:
        stored = db.execute("SELECT count(*) FROM article").fetchone()[0]
    done = (at / "home" / "chipwire.db-wal").stat().st_mtime if (at / "home" / "chipwire.db-wal").exists() else None
    last = max(fetched, done or 0.0, (at / "home" / "chipwire.db").stat().st_mtime)
    ours = stored / (last - first)
    print(
        f"Chipwire, to the commit {stored:6,} pages  {ours:7.1f}/s  = {ours / spider:.2f} of the spider (fetched at {count / (fetched - first):.1f}/s)"
    )
    if options.newsplease:
        number = min(options.newsplease_pages, options.pages)
        subprocess.run([options.newsplease, "-c", NEWSPLEASE, address, str(number)], check=True, stderr=subprocess.DEVNULL)
        first, last, count = seen(address)
        rival = count / (last - first)
        print(f"news-please             {count:6,} pages  {rival:7.1f}/s  ours is {ours / rival:.1f} times as fast")


if __name__ == "__main__":
    main()
