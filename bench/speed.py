"""Speed against what a user would otherwise pick, side by side in one run, as ratios.

    python bench/speed.py [--articles FILE.jsonl.gz] [--passages 1500] [--scale 14000]

1. Encoding: a query, and passages a second, against sentence-transformers as it comes.
2. Import and index: passages a second of the whole pipeline over the same encoder's bare `encode` of the same texts.
3. HTTP search: median time of a request over the sum of its bare parts: encoding the query, FAISS's nearest 100, and Tantivy's
   best 100 of the same words, OR between them (`pip install tantivy`; without it that part counts nothing). With `--scale`,
   over so many articles: the given ones again and again, each time with other numbers and a vector a little off.
   `bench/multiply.py` makes folders of hundreds of thousands, for `--home`.
4. Searches while a thousand articles are added: the longest that any of them took.
5. Cold starts of the command line, in seconds.

Threads are pinned. The articles are the chip news beside the repository, or any JSONL file that ``chipwire import`` takes.
"""

import argparse
import gzip
import http.client
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

THREADS = 2
for _name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[_name] = str(THREADS)  # before any library that reads them is imported

import numpy as np  # noqa: E402
import uvicorn  # noqa: E402

from api.app import create_app  # noqa: E402
from api.process import give_way  # noqa: E402
from api.server import bind  # noqa: E402
from crawlers.files import article_from_json  # noqa: E402
from index.article import Article  # noqa: E402
from index.knowledge.reading import Reading  # noqa: E402
from index.knowledge_base import KnowledgeBase  # noqa: E402
from index.retrieval.encoder import SentenceTransformerEncoder  # noqa: E402
from index.retrieval.passages import make_passages  # noqa: E402
from index.retrieval.postings import FIELDS, Part, key_of  # noqa: E402
from index.retrieval.query import parse_query  # noqa: E402
from index.retrieval.search import SearchRequest  # noqa: E402
from index.settings import Settings  # noqa: E402
from index.store.articles import StoredArticle, articles_by_id  # noqa: E402
from index.store.passages import Vectors  # noqa: E402

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
    parser.add_argument("--scale", type=int, default=0, help="articles to search, by repeating the given ones with edits")
    parser.add_argument("--adding", type=int, default=1000, help="articles to add while searching; with --home they stay there")
    parser.add_argument("--add", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--there", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--cold", action=argparse.BooleanOptionalAction, default=True, help="time cold starts too")
    options = parser.parse_args()
    if not options.articles.is_file():
        sys.exit(f"There is no file {options.articles}: name one with --articles.")
    articles = read(options.articles, options.limit)
    if options.add:
        add(options.home, articles, options.add, options.there)
        return
    settings = Settings(threads=THREADS)
    encoder = SentenceTransformerEncoder(settings)
    encoder.encode_query("warm")
    with tempfile.TemporaryDirectory() as folder:
        home = options.home or Path(folder) / "search"
        if options.home is None:
            if options.passages:
                encoding(articles, encoder, options.passages)
                indexing(articles, encoder, Path(folder) / "indexing", options.passages)
            filling = Repeating(encoder) if options.scale else encoder
            with KnowledgeBase.open(Settings(home=home, threads=THREADS), writer=True, encoder=filling) as kb:
                kb.ingest(repeated(articles, options.scale or len(articles)), NOW)
                kb.refresh(NOW)
        searching(home, encoder)
        if options.adding:
            adding(home, Repeating(encoder), options, options.scale or len(articles))
        if options.cold:
            cold_starts(home)


def read(path: Path, limit: int) -> list[Article]:
    opened = gzip.open(path) if path.suffix == ".gz" else open(path, "rb")
    with opened as lines:
        chosen = (line for line in lines if json.loads(line).get("bucket", "chip") != "other")
        return [article_from_json(line) for line, _ in zip(chosen, range(limit), strict=False)]


class Repeating:
    """The encoder for repeated articles: a text that differs in its serial number only has its twin's vector, a little off.

    Embedding a million passages would take hours, and would say nothing of searching them.
    """

    def __init__(self, encoder: SentenceTransformerEncoder) -> None:
        self._encoder = encoder
        self._known: dict[str, Vectors] = {}
        self._chance = np.random.default_rng(1)
        self.model_id, self.model_hash = encoder.model_id, encoder.model_hash
        self.dimension, self.multilingual = encoder.dimension, False

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        plain = [SERIAL.sub("", text) for text in texts]
        new = list(dict.fromkeys(text for text in plain if text not in self._known))
        self._known.update(zip(new, self._encoder.encode_documents(new), strict=True))
        vectors = np.stack([self._known[text] for text in plain])
        vectors += self._chance.normal(0, 0.02, vectors.shape).astype(np.float32)
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)

    def encode_query(self, text: str) -> Vectors:
        return self._encoder.encode_query(text)


SERIAL = re.compile(r" ?\bSN\d+\b")


def repeated(articles: list[Article], count: int, first: int = 0) -> Iterator[Article]:
    """`count` articles: the given ones again and again, told apart by a serial number at the end of each sentence run."""
    for number in range(first, first + count):
        each = articles[number % len(articles)]
        if number < len(articles):
            yield each
            continue
        published = (each.published or NOW) + timedelta(hours=number // len(articles))
        text = f"{each.text}\nSN{number}"
        yield replace(each, url=f"https://bench.example/{number}", text=text, published=published)


def encoding(articles: list[Article], encoder: SentenceTransformerEncoder, passages: int) -> None:
    """Our encoder against sentence-transformers as it comes, on the same texts."""
    from sentence_transformers import SentenceTransformer

    from index.retrieval.encoder import find_model
    from index.retrieval.tokenizer import tokenizer_of
    from index.settings import DEFAULT_MODEL

    folder = find_model(DEFAULT_MODEL)
    assert folder is not None
    plain = SentenceTransformer(str(folder), device="cpu")
    reading = Reading.build()
    texts: list[str] = []
    for number, each in enumerate(articles):
        stored = StoredArticle(number, each.url or "", each.title, each.text, each.lang, each.source, None, None,
                               each.published, None, NOW)  # fmt: skip
        texts += [one.embedded for one in make_passages(stored, reading.glosser, each.source, glossed=True)]
        if len(texts) >= min(passages, 400):
            break
    tokens = sum(tokenizer_of(folder).count(texts))
    rates: dict[str, list[float]] = {"plain": [], "ours": []}
    vectors: dict[str, Vectors] = {}
    for _ in range(3):
        for name, encode in (("plain", lambda: plain.encode(texts, normalize_embeddings=True)),
                             ("ours", lambda: encoder.encode_documents(texts))):  # fmt: skip
            began = time.perf_counter()
            vectors[name] = encode()
            rates[name].append(len(texts) / (time.perf_counter() - began))
    queries = [f"{query.strip()} {number}" for number in range(4) for query in QUERIES]
    times: dict[str, list[float]] = {"plain": [], "ours": []}
    for query in queries:  # one after the other: PyTorch's threads go on spinning for a while after each call
        times["plain"].append(timed(lambda: plain.encode(query, normalize_embeddings=True)))
    time.sleep(1)
    for query in queries:
        encoder.forget_queries()
        times["ours"].append(timed(lambda: encoder.encode_query(query)))
    ours, theirs = (statistics.median(times[name]) * 1000 for name in ("ours", "plain"))
    cosine = (vectors["ours"] * vectors["plain"]).sum(axis=1)
    print(f"encoding with {encoder.backend}: a query {ours:.1f} ms over {theirs:.1f} ms = {ours / theirs:.2f} ×")
    print(f"  {len(texts)} passages of {tokens / len(texts):.0f} tokens: {statistics.median(rates['ours']):.1f}/s over "
          f"{statistics.median(rates['plain']):.1f}/s = {statistics.median(rates['ours']) / statistics.median(rates['plain']):.2f} ×, "
          f"lowest cosine {cosine.min():.5f}")  # fmt: skip


def adding(home: Path, encoder: Repeating, options: argparse.Namespace, there: int) -> None:
    """Searches one after the other while another process adds articles and refreshes: the longest of them."""
    queries = [query.strip() for query in QUERIES]
    with KnowledgeBase.open(Settings(home=home, threads=THREADS), encoder=encoder) as kb:
        kb.ready()
        stopping = threading.Event()

        def follow() -> None:  # as the server does
            while not stopping.wait(0.5):
                kb.follow()

        follower = threading.Thread(target=follow)
        follower.start()
        before = sorted(timed(lambda: kb.search(SearchRequest(query), NOW)) for query in queries * 4)[len(queries) :]
        arguments = ["--articles", str(options.articles), "--limit", str(options.limit), "--home", str(home)]
        process = subprocess.Popen(
            [sys.executable, __file__, *arguments, "--add", str(options.adding), "--there", str(there)],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
        )
        during: list[float] = []
        generations = set()
        deadline = time.monotonic() + 600
        while (process.poll() is None or len(generations) < 2) and time.monotonic() < deadline:
            query = queries[len(during) % len(queries)]
            during.append(timed(lambda: kb.search(SearchRequest(query), NOW)))
            generations.add(kb._reader.current().manifest.number)
            time.sleep(0.005)
        stopping.set()
        follower.join()
    during.sort()
    print(f"searches in process: p50 {statistics.median(before) * 1000:.1f} ms, longest {before[-1] * 1000:.1f} ms")
    print(f"  while {options.adding} articles are added: {len(during)} searches on {len(generations)} generations, "
          f"p50 {statistics.median(during) * 1000:.1f} ms, p99 {during[int(len(during) * 0.99)] * 1000:.1f} ms, "
          f"longest {during[-1] * 1000:.1f} ms")  # fmt: skip


def add(home: Path, articles: list[Article], count: int, there: int) -> None:
    """What `adding` runs beside itself."""
    give_way()  # as the commands that index do
    encoder = Repeating(SentenceTransformerEncoder(Settings(threads=THREADS)))
    with KnowledgeBase.open(Settings(home=home, threads=THREADS), writer=True, encoder=encoder) as kb:
        kb.ingest(repeated(articles, count, there), NOW)
        kb.refresh(NOW)


def indexing(articles: list[Article], encoder: SentenceTransformerEncoder, home: Path, passages: int) -> None:
    """Whole pipeline against bare encode, alternating, on the same texts."""
    with KnowledgeBase.open(Settings(home=home / "count"), writer=True, encoder=encoder) as kb:
        glosser = kb.reading.glosser
        kb.ingest(articles[: passages // 2], NOW)
        texts: list[str] = []
        taken = 0
        for stored in articles_by_id(kb.store, list(range(1, passages // 2 + 1))).values():
            texts += [p.embedded for p in make_passages(stored, glosser, stored.source, glossed=True)]
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
        tantivy = BareTantivy(loaded.lexical._parts)
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
                    encoder.forget_queries()
                    vector = encoder.encode_query(fresh)
                    terms = [unit.terms[0] for unit in parsed.units if unit.terms]
                    measured = {
                        "encode": timed(lambda: (encoder.forget_queries(), encoder.encode_query(fresh))),
                        "faiss": timed(lambda: loaded.vectors.search(vector, 100)),  # type: ignore[union-attr]
                        "tantivy": timed(lambda: tantivy.search(terms)),
                    }
                    encoder.forget_queries()
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


class BareTantivy:
    """Tantivy over the words of the same passages, in a temporary folder."""

    def __init__(self, parts: Sequence[Part]) -> None:
        try:
            import tantivy
        except ImportError:
            print("Tantivy is not installed: its part counts nothing.")
            self._searcher = None
            return
        self._tantivy = tantivy
        self._folder = tempfile.TemporaryDirectory()
        schema = tantivy.SchemaBuilder().add_text_field("words", tokenizer_name="whitespace", index_option="freq").build()
        self._index = tantivy.Index(schema, path=self._folder.name)
        self._register()
        writer = self._index.writer(256_000_000, 1)
        for part in parts:
            for text in texts_of(part):
                writer.add_document(tantivy.Document(words=text))
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        self._schema, self._searcher = self._index.schema, self._index.searcher()

    def _register(self) -> None:
        analyzer = self._tantivy.TextAnalyzerBuilder(self._tantivy.Tokenizer.whitespace()).build()
        self._index.register_tokenizer("whitespace", analyzer)

    def search(self, terms: Sequence[str]) -> object:
        if self._searcher is None:
            return None
        query = self._tantivy.Query
        words = [query.term_query(self._schema, "words", f"{key_of('words', term):x}") for term in terms]
        ranked = query.boolean_query([(self._tantivy.Occur.Should, word) for word in words])
        return self._searcher.search(ranked, 100, count=False).hits


def texts_of(part: Part) -> Iterator[str]:
    """The words of each passage of a part, each as the hash that stands for it, in no order."""
    names = np.array([f"{key:x}" for key in part.keys.tolist()], object)
    terms = np.repeat(np.arange(len(part.keys)), np.diff(part.starts))
    own = part.fields[terms] == FIELDS.index("words")
    terms = np.repeat(terms[own], part.counts[own])
    rows = np.repeat(part.rows[own], part.counts[own])
    order = np.argsort(rows, kind="stable")
    ends = np.searchsorted(rows[order], np.arange(len(part) + 1))
    for first, last in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True):
        yield " ".join(names[terms[order[first:last]]])


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
