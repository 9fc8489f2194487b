"""Speed against what a user would otherwise pick, side by side in one run, as ratios.

    python bench/speed.py [--articles FILE.jsonl.gz] [--passages 1500] [--queries 60]

1. Cold starts of the command line, in seconds.
2. Import and index: passages a second of the whole pipeline over the same encoder's bare `encode` of the same texts.
3. HTTP search: median time of a request over the sum of its bare parts: encoding the query, FAISS, Tantivy.

Threads are pinned. The articles are the chip news beside the repository, or any JSONL file that ``chipwire import`` takes.
"""

import argparse
import gzip
import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

THREADS = 2
for _name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[_name] = str(THREADS)  # before any library that reads them is imported

import uvicorn  # noqa: E402

from api.app import create_app  # noqa: E402
from api.server import bind  # noqa: E402
from crawlers.files import article_from_json  # noqa: E402
from index.article import Article  # noqa: E402
from index.knowledge_base import KnowledgeBase  # noqa: E402
from index.retrieval.encoder import SentenceTransformerEncoder  # noqa: E402
from index.retrieval.lexical import Alternative, Filters  # noqa: E402
from index.retrieval.passages import make_passages  # noqa: E402
from index.retrieval.query import parse_query  # noqa: E402
from index.settings import Settings  # noqa: E402
from index.store.articles import articles_by_id  # noqa: E402

NOW = datetime(2024, 1, 1, tzinfo=UTC)
QUERIES = """英伟达 H800 供应 | microsoft custom chip | 台积电 先进封装 产能 | nvidia export controls china | HBM3 SK海力士 | AMD MI300X
| 华为 昇腾 910 | price of renting GPUs | 大模型 算力 需求 | Intel foundry losses | 美光 存储 涨价 | samsung memory profit
| 光刻机 出口 限制 | Arm IPO | 特斯拉 Dojo | google TPU | 苹果 A17 芯片 | semiconductor subsidies Europe | 中芯国际 营收
| chiplet packaging | 汽车芯片 短缺 | data center revenue | 联发科 天玑 | Gaudi2 accelerator""".replace("\n", "").split("|")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    default = Path(__file__).parent.parent.parent / "shared" / "data" / "zh_news_2023.jsonl.gz"
    parser.add_argument("--articles", type=Path, default=default)
    parser.add_argument("--limit", type=int, default=1641, help="articles to index for the search figure")
    parser.add_argument("--passages", type=int, default=1500, help="passages for the indexing figure")
    parser.add_argument("--home", type=Path, help="a data folder that is filled already, for the search figure")
    parser.add_argument("--cold", action=argparse.BooleanOptionalAction, default=True, help="time cold starts too")
    options = parser.parse_args()
    if not options.articles.is_file():
        sys.exit(f"There is no file {options.articles}: name one with --articles.")
    articles = read(options.articles, options.limit)
    settings = Settings(threads=THREADS)
    encoder = SentenceTransformerEncoder(settings)
    encoder.encode_query("warm")
    with tempfile.TemporaryDirectory() as folder:
        home = options.home or Path(folder) / "search"
        if options.home is None:
            indexing(articles, encoder, Path(folder) / "indexing", options.passages)
            with KnowledgeBase.open(Settings(home=home, threads=THREADS), writer=True, encoder=encoder) as kb:
                kb.ingest(articles, NOW)
                kb.refresh(NOW)
        searching(home, encoder)
        if options.cold:
            cold_starts(home)


def read(path: Path, limit: int) -> list[Article]:
    opened = gzip.open(path) if path.suffix == ".gz" else open(path, "rb")
    with opened as lines:
        chosen = (line for line in lines if json.loads(line).get("bucket", "chip") != "other")
        return [article_from_json(line) for line, _ in zip(chosen, range(limit), strict=False)]


def indexing(articles: list[Article], encoder: SentenceTransformerEncoder, home: Path, passages: int) -> None:
    """Whole pipeline against bare encode, alternating, on the same texts."""
    with KnowledgeBase.open(Settings(home=home / "count"), writer=True, encoder=encoder) as kb:
        glosser = kb.reading.glosser
        kb.ingest(articles[: passages // 2], NOW)
        texts: list[str] = []
        taken = 0
        for stored in articles_by_id(kb.store, list(range(1, passages // 2 + 1))).values():
            texts += [p.embedded for p in make_passages(stored, glosser, multilingual=False)]
            taken += 1
            if len(texts) >= passages:
                break
        reading = kb.reading
    ratios, bare_rates = [], []
    for run in range(2):
        began = time.perf_counter()
        encoder.encode_documents(texts)
        bare = time.perf_counter() - began
        with KnowledgeBase.open(Settings(home=home / str(run)), writer=True, encoder=encoder, reading=reading) as kb:
            began = time.perf_counter()
            kb.ingest(articles[:taken], NOW)
            kb.refresh(NOW)
            whole = time.perf_counter() - began
        ratios.append(bare / whole)
        bare_rates.append(len(texts) / bare)
    print(f"import + index: {len(texts)} passages, bare encode {statistics.median(bare_rates):.1f}/s, "
          f"whole pipeline {statistics.median(ratios):.2f} × that (runs: {', '.join(f'{r:.2f}' for r in ratios)})")  # fmt: skip


def searching(home: Path, encoder: SentenceTransformerEncoder) -> None:
    """A request over HTTP against its bare parts, query by query."""
    queries = [query.strip() for query in QUERIES]
    with KnowledgeBase.open(Settings(home=home, threads=THREADS), encoder=encoder) as kb:
        kb.ready()
        loaded = kb._reader.current()
        assert loaded.vectors is not None
        with bind("127.0.0.1", 0) as sock:
            server = uvicorn.Server(uvicorn.Config(create_app(kb.settings, kb), log_level="warning"))
            thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]}, daemon=True)
            thread.start()
            while not server.started:
                time.sleep(0.05)
            connection = http.client.HTTPConnection("127.0.0.1", sock.getsockname()[1])

            def ask(query: str) -> None:
                connection.request("GET", "/api/v1/search?" + urllib.parse.urlencode({"q": query}))
                connection.getresponse().read()

            whole: list[float] = []
            parts: dict[str, list[float]] = {"encode": [], "faiss": [], "tantivy": []}
            for number in range(3):
                for query in queries:
                    parsed = parse_query(query, kb.reading)
                    text = parsed.embedded
                    fresh = f"{text} " + " " * number  # the encoder remembers queries: never the same string twice
                    encoder._queries.clear()
                    vector = encoder.encode_query(fresh)
                    units = [[Alternative("words", unit.terms[:1])] for unit in parsed.units if unit.terms]
                    measured = {
                        "encode": timed(lambda: (encoder._queries.clear(), encoder.encode_query(fresh))),
                        "faiss": timed(lambda: loaded.vectors.search(vector, 100)),  # type: ignore[union-attr]
                        "tantivy": timed(lambda: loaded.lexical.search(units, Filters(), 100)),
                    }
                    encoder._queries.clear()
                    request = timed(lambda: ask(query))
                    if number:  # the first round warms caches on both sides
                        whole.append(request)
                        for part, seconds in measured.items():
                            parts[part].append(seconds)
            connection.close()
            server.should_exit = True
            thread.join()
    medians = {part: statistics.median(values) * 1000 for part, values in parts.items()}
    bare = sum(medians.values())
    request = statistics.median(whole) * 1000
    print(f"search over HTTP: {loaded.manifest.articles} articles, {loaded.manifest.passages} passages, "
          f"p50 {request:.1f} ms, p95 {sorted(whole)[int(len(whole) * 0.95)] * 1000:.1f} ms")  # fmt: skip
    print(f"  bare parts: {', '.join(f'{k} {v:.2f} ms' for k, v in medians.items())}, sum {bare:.1f} ms")
    print(f"  ratio p50 / bare: {request / bare:.2f}")


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def cold_starts(home: Path) -> None:
    """Whole processes, median of five after one that warms the file cache."""
    for name, arguments in (
        ("--help", ["--help"]),
        ("status", ["status"]),
        ("search --lexical", ["search", "H100 租赁 价格", "--lexical"]),
        ("search (loads the model)", ["search", "H100 租赁 价格"]),
    ):
        times = []
        for _ in range(6):
            began = time.perf_counter()
            environment = {k: v for k, v in os.environ.items() if not k.startswith(("CHIPWIRE_", "PYTHONDONT"))}
            subprocess.run(
                [sys.executable, "-m", "api", *arguments],
                env={**environment, "CHIPWIRE_HOME": str(home)}, capture_output=True, check=True,
            )  # fmt: skip
            times.append(time.perf_counter() - began)
        print(f"cold {name}: {statistics.median(times[1:]):.2f} s (min {min(times[1:]):.2f}, max {max(times[1:]):.2f})")


if __name__ == "__main__":
    main()
