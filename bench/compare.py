"""Hybrid search against what a user would otherwise pick, side by side in one run: how fast, and how good.

    python bench/compare.py [--set cmrc,drcd,rgb] [--queries 200] [--keep FOLDER]
    python bench/compare.py --home DIR --judged FILE.jsonl [--kinds en,zh-Hans]

The rivals are txtai, LanceDB, Chroma and Milvus Lite, each in the best hybrid configuration that its documentation gives,
telemetry off; for Chinese words, each with the one of its tokenizers that did best on CMRC. They are no dependencies of
Chipwire: install those that you want to see into an environment of their own that has Chipwire too,
`pip install txtai lancedb chromadb pymilvus milvus-lite jieba`. One that is missing is listed as "not installed".

Everybody gets the same passages, the same vectors of them, the same encoder object and the same judged queries. A search goes
from the query's string to the first ten articles, each with its id, its title and the text of its best passage; encoding the
query is part of it, and no encoder remembers a query. Everybody is asked in process, Chipwire through `KnowledgeBase.search`
(no grouping, no filters); Milvus Lite brings a server of its own, on the same machine. Rivals are asked for thirty passages,
which are reduced to articles. The engines take turns of ten queries, so that whatever else the machine does falls on all of
them; every query is asked once.

What the rivals read is up to `--wording`, because Chipwire embeds Chinese as an English gloss of it, which no rival makes:

- `gloss`: the strings and vectors that Chipwire embeds, and each query glossed likewise, which costs the rivals no time;
- `mixed`: those vectors and glossed queries for meaning, but words are matched in the text and the query as they are written;
- `text`: titles, texts and queries as they are written, embedded anew by the same encoder: what a user has without Chipwire;
- `raw`: the strings and vectors that Chipwire embeds, but the queries as they are written.

For English all of them are nearly the same. Times are in milliseconds; "× Chipwire" is the ratio of the medians, above 1 where
the rival is slower; nDCG@10 is the mean over the queries that have an answer, with its 95 % bootstrap interval.
"""

import argparse
import gc
import importlib
import importlib.metadata
import importlib.util
import logging
import os
import random
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

THREADS = 2
_NAMES = """OMP_NUM_THREADS MKL_NUM_THREADS OPENBLAS_NUM_THREADS RAYON_NUM_THREADS TOKIO_WORKER_THREADS LANCE_CPU_THREADS
    LANCE_IO_THREADS""".split()
os.environ |= dict.fromkeys(_NAMES, str(THREADS))  # before any library that reads them is imported, as are these
os.environ |= {"ANONYMIZED_TELEMETRY": "False", "DO_NOT_TRACK": "1", "HF_HUB_OFFLINE": "1", "LANCEDB_LOG": "error"}

import numpy as np  # noqa: E402
from quality import NOW, sets  # noqa: E402

from index.article import Article  # noqa: E402
from index.evaluation import Judged, mean, read_judgements, score_ranking  # noqa: E402
from index.knowledge.reading import Reading  # noqa: E402
from index.knowledge_base import KnowledgeBase  # noqa: E402
from index.retrieval.encoder import SentenceTransformerEncoder  # noqa: E402
from index.retrieval.filters import Filters  # noqa: E402
from index.retrieval.passages import make_passages  # noqa: E402
from index.retrieval.search import SearchRequest  # noqa: E402
from index.settings import Settings  # noqa: E402
from index.store.articles import articles_by_id  # noqa: E402
from index.store.passages import Vectors  # noqa: E402
from index.store.sources import source_names  # noqa: E402
from index.text.address import canonical_url  # noqa: E402

K = 10
"""Articles of an answer."""
DEPTH = 30
"""Passages that a rival is asked for, to be reduced to `K` articles."""
TURN = 10
"""Queries that an engine answers in a row."""
WARM_UP = 10
"""Queries, other than the measured ones where there are enough, that each engine answers before the clock runs."""
WORDINGS = ("gloss", "mixed", "text", "raw")


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage: what an answer shows of it (``article``, ``title``, ``text``), and the string whose words are matched."""

    id: int
    article: int
    title: str
    text: str
    words: str


@dataclass(frozen=True, slots=True)
class Corpus:
    """What an engine gets: passages (n,) with unit vectors float32 (n, d), and whether the words in them are Chinese."""

    passages: list[Passage]
    vectors: Vectors
    chinese: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """A query: as typed, as words and meaning are asked for at a rival, and the grades (above 0) of articles by id."""

    text: str
    words: str
    meaning: str
    grades: dict[int, float]


@dataclass(frozen=True, slots=True)
class Found:
    """An article of an answer with its best passage."""

    article: int
    title: str
    text: str


T = TypeVar("T")
Search = Callable[[Asked], list[Found]]
Encode = Callable[[str], Vectors]


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine with everything built. ``how`` says which of its configurations this is."""

    name: str
    how: str
    search: Search
    close: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True)
class Task:
    """What one process compares: ``queries`` of the ``judged``, on the store of ``settings``."""

    name: str
    settings: Settings
    judged: list[Judged]
    now: datetime
    wording: str
    queries: int


@dataclass(frozen=True, slots=True)
class Measured:
    """Milliseconds of every query, in the order asked, and nDCG@10 of every query."""

    times: list[float]
    ndcg: list[float]

    @property
    def p50(self) -> float:
        return statistics.median(self.times)

    @property
    def p95(self) -> float:
        return sorted(self.times)[int(len(self.times) * 0.95)]


# -- the rivals


def txtai(corpus: Corpus, encode: Encode, folder: Path) -> Engine:
    """``hybrid=True``: FAISS and BM25, scores normalised and averaged; content kept in SQLite and read by a SQL query."""
    known = {passage.words: vector for passage, vector in zip(corpus.passages, corpus.vectors, strict=True)}
    meanings: list[str] = []  # txtai has one string for both sides; this is what the meaning side reads instead

    def transform(texts: list[str]) -> Vectors:
        return np.stack([known[text] if not meanings else encode(meanings[0]) for text in texts])

    scoring: dict[str, object] = {"method": "bm25", "terms": True, "normalize": True}  # what hybrid=True stands for
    if corpus.chinese:
        scoring["tokenizer"] = {"ngrams": 2}
    embeddings = importlib.import_module("txtai").Embeddings(
        method="external", transform=transform, hybrid=True, scoring=scoring, content=True
    )
    embeddings.index(
        (
            str(passage.id),
            {"text": passage.words, "article": passage.article, "title": passage.title, "passage": passage.text},
            None,
        )
        for passage in corpus.passages
    )
    sql = f"SELECT article, title, passage, score FROM txtai WHERE similar(:query, {DEPTH}) LIMIT {DEPTH}"

    def search(asked: Asked) -> list[Found]:
        meanings[:] = [asked.meaning]
        rows = embeddings.search(sql, DEPTH, parameters={"query": asked.words})
        return first((int(row["article"]), row["title"], row["passage"]) for row in rows)

    how = f"FAISS + BM25 ({'pairs of characters' if corpus.chinese else 'words'}), scores averaged"
    return Engine("txtai", how, search, embeddings.close)


def lancedb(corpus: Corpus, encode: Encode, folder: Path) -> Engine:
    """A hybrid query: every vector compared, full-text index, reciprocal ranks fused (its default reranker)."""
    library = importlib.import_module("lancedb")
    fts = importlib.import_module("lancedb.index").FTS
    reranker = importlib.import_module("lancedb.rerankers").RRFReranker()
    table = library.connect(str(folder)).create_table(
        "passages",
        data=[
            {"vector": vector, "words": passage.words, "article": passage.article, "title": passage.title, "text": passage.text}
            for passage, vector in zip(corpus.passages, corpus.vectors, strict=True)
        ],
    )
    pairs: dict[str, object] = {"base_tokenizer": "ngram", "ngram_min_length": 2, "ngram_max_length": 2}
    pairs |= {"stem": False, "remove_stop_words": False}
    table.create_index("words", config=fts(**(pairs if corpus.chinese else {})))
    columns = ["article", "title", "text"]

    def search(asked: Asked) -> list[Found]:
        query = table.search(query_type="hybrid").vector(encode(asked.meaning)).text(asked.words)
        rows = query.rerank(reranker).limit(DEPTH).select(columns).to_arrow()
        return first(zip(*(rows.column(name).to_pylist() for name in columns), strict=True))

    how = f"exact vectors + FTS ({'pairs of characters' if corpus.chinese else 'English stems'}), RRF"
    return Engine("LanceDB", how, search)


def chroma(corpus: Corpus, encode: Encode, folder: Path) -> Engine:
    """Vectors only: the embedded Chroma has no hybrid search, `Collection.search` is for its cloud alone."""
    library = importlib.import_module("chromadb")
    settings = importlib.import_module("chromadb.config").Settings(anonymized_telemetry=False)
    client = library.PersistentClient(path=str(folder), settings=settings)
    collection = client.create_collection("passages", embedding_function=None, configuration={"hnsw": {"space": "cosine"}})
    size = client.get_max_batch_size()
    for at in range(0, len(corpus.passages), size):
        passages = corpus.passages[at : at + size]
        collection.add(
            ids=[str(passage.id) for passage in passages],
            embeddings=corpus.vectors[at : at + size],
            documents=[passage.text for passage in passages],
            metadatas=[{"article": passage.article, "title": passage.title} for passage in passages],
        )

    def search(asked: Asked) -> list[Found]:
        answer = collection.query(
            query_embeddings=[encode(asked.meaning)],
            n_results=min(DEPTH, len(corpus.passages)),
            include=["documents", "metadatas"],
        )
        pairs = zip(answer["metadatas"][0], answer["documents"][0], strict=True)
        return first((about["article"], about["title"], text) for about, text in pairs)

    return Engine("Chroma", "HNSW vectors only: embedded, it has no hybrid", search, client.close)


def milvus(corpus: Corpus, encode: Encode, folder: Path) -> Engine:
    """Dense vectors and its BM25 function in one hybrid search, reciprocal ranks fused."""
    library = importlib.import_module("pymilvus")
    kind = library.DataType
    client = library.MilvusClient(str(folder / "milvus.db"))
    jieba = corpus.chinese and importlib.util.find_spec("jieba") is not None
    schema = client.create_schema(auto_id=False)
    schema.add_field("id", kind.INT64, is_primary=True)
    schema.add_field("article", kind.INT64)
    schema.add_field("title", kind.VARCHAR, max_length=65_535)
    schema.add_field("text", kind.VARCHAR, max_length=65_535)
    analyzer = {"tokenizer": "jieba" if jieba else "standard"}
    schema.add_field("words", kind.VARCHAR, max_length=65_535, enable_analyzer=True, analyzer_params=analyzer)
    schema.add_field("dense", kind.FLOAT_VECTOR, dim=corpus.vectors.shape[1])
    schema.add_field("sparse", kind.SPARSE_FLOAT_VECTOR)
    bm25 = library.FunctionType.BM25
    schema.add_function(
        library.Function(name="bm25", function_type=bm25, input_field_names=["words"], output_field_names=["sparse"])
    )
    client.create_collection("passages", schema=schema)
    rows = [
        {"id": p.id, "article": p.article, "title": p.title, "text": p.text, "words": p.words, "dense": vector.tolist()}
        for p, vector in zip(corpus.passages, corpus.vectors, strict=True)
    ]
    for at in range(0, len(rows), 1000):
        client.insert("passages", rows[at : at + 1000])
    client.flush("passages")
    indexes = client.prepare_index_params()
    indexes.add_index(field_name="dense", index_type="AUTOINDEX", metric_type="COSINE")
    indexes.add_index(field_name="sparse", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25")
    client.create_index("passages", indexes)
    client.load_collection("passages")
    ranker = library.RRFRanker()

    def search(asked: Asked) -> list[Found]:
        sides = [
            library.AnnSearchRequest([encode(asked.meaning).tolist()], "dense", {"metric_type": "COSINE"}, DEPTH),
            library.AnnSearchRequest([asked.words], "sparse", {"metric_type": "BM25"}, DEPTH),
        ]
        answer = client.hybrid_search("passages", sides, ranker, DEPTH, output_fields=["article", "title", "text"])
        entities = (hit["entity"] for hit in answer[0])
        return first((entity["article"], entity["title"], entity["text"]) for entity in entities)

    return Engine("Milvus Lite", f"dense + BM25 ({'jieba' if jieba else 'its standard analyzer'}), RRF", search, client.close)


RIVALS: dict[str, tuple[tuple[str, ...], Callable[[Corpus, Encode, Path], Engine]]] = {
    "txtai": (("txtai",), txtai),
    "LanceDB": (("lancedb",), lancedb),
    "Chroma": (("chromadb",), chroma),
    "Milvus Lite": (("pymilvus", "milvus_lite"), milvus),
}


def first(rows: Iterable[tuple[int, str, str]]) -> list[Found]:
    """The first `K` articles of passages in their order, each with its first passage."""
    best: dict[int, Found] = {}
    for article, title, text in rows:
        if article not in best:
            best[article] = Found(article, title, text)
            if len(best) == K:
                break
    return list(best.values())


# -- Chipwire, and what the rivals get from it


def chipwire(kb: KnowledgeBase, now: datetime) -> Engine:
    def search(asked: Asked) -> list[Found]:
        result = kb.search(SearchRequest(asked.text, K, group="none"), now)
        return [Found(hit.article.id, hit.article.title, hit.snippet.text) for hit in result.hits]

    return Engine("Chipwire", "in process: KnowledgeBase.search, ungrouped, unfiltered", search)


def read_corpus(kb: KnowledgeBase, encoder: SentenceTransformerEncoder, wording: str) -> Corpus:
    """The passages of a store as `wording` gives them to the rivals."""
    kind = "text" if encoder.multilingual else "gloss"
    rows = kb.store.rows(
        'SELECT p.id, p.article_id, a.title, a.text, p.start, p."end", a.lang, w.hash, e.vector FROM passage p '
        "JOIN article a ON a.id = p.article_id JOIN wording w ON w.passage_id = p.id AND w.kind = ? "
        "JOIN embedding e ON e.hash = w.hash AND e.model = ? ORDER BY p.id",
        [kind, encoder.model_id],
    )
    if not rows:
        sys.exit(f"{kb.settings.home} has no passages with vectors by {encoder.model_id}: run chipwire refresh.")
    texts = [row[3][row[4] : row[5]] for row in rows]
    written = [f"{row[2]}\n{text}".strip() for row, text in zip(rows, texts, strict=True)]
    words, vectors = written, np.frombuffer(b"".join(row[8] for row in rows), "<f4").reshape(len(rows), -1).astype(np.float32)
    if wording == "text":
        vectors = encoder.encode_documents(written)
    elif wording != "mixed":
        strings = apart(embedded, kb.settings, kind == "gloss")
        if any(row[7] not in strings for row in rows):
            sys.exit(f"{kb.settings.home} was indexed by another version of Chipwire: run chipwire refresh.")
        words = [strings[row[7]] for row in rows]
    passages = [
        Passage(int(row[0]), int(row[1]), row[2], text, each) for row, text, each in zip(rows, texts, words, strict=True)
    ]
    chinese = sum(row[6] == "zh" for row in rows) * 2 > len(rows)
    return Corpus(passages, vectors, chinese and (words is written or kind == "text"))


def read_asked(kb: KnowledgeBase, judged: Iterable[Judged], wording: str, *, glossed: bool) -> list[Asked]:
    """The queries that have an answer and no filters, each once."""
    ids = {key: int(row[0]) for row in kb.store.rows("SELECT id, url FROM article") for key in (str(row[0]), str(row[1]))}
    graded: dict[str, dict[int, float]] = {}
    for each in judged:
        grades = {ids[key]: grade for name, grade in each.relevant.items() if grade > 0 and (key := address(name)) in ids}
        if grades and each.filters == Filters():
            graded.setdefault(each.query, grades)
    texts = list(graded)
    meanings = apart(glosses, texts) if glossed and wording in ("gloss", "mixed") else texts
    words = meanings if wording == "gloss" else texts
    return [Asked(text, word, meaning, graded[text]) for text, word, meaning in zip(texts, words, meanings, strict=True)]


def address(key: str) -> str:
    """The key of a judgement, an article's URL or id, as the store has it."""
    try:
        return canonical_url(key)
    except ValueError:
        return key


# -- measuring


def measure(
    engines: Sequence[Engine], asked: Sequence[Asked], warm_up: Sequence[Asked], forget: Callable[[], None]
) -> list[Measured]:
    """Ask every engine every query, in turns."""
    measured = [Measured([], []) for _ in engines]
    for engine in engines:
        for each in warm_up:
            engine.search(each)
    gc.collect()
    gc.freeze()  # or one engine's turn pays for looking through what all have built
    for turn, at in enumerate(range(0, len(asked), TURN)):
        for number in range(len(engines)):
            chosen = (turn + number) % len(engines)
            for each in asked[at : at + TURN]:
                forget()
                began = time.perf_counter()
                found = engines[chosen].search(each)
                measured[chosen].times.append((time.perf_counter() - began) * 1000)
                gains = [each.grades.get(one.article, 0.0) for one in found]
                measured[chosen].ndcg.append(score_ranking(gains, list(each.grades.values()), K)[0])
    gc.unfreeze()
    return measured


def compare(task: Task) -> None:
    """Print the table of one store and one wording. In a process of its own: Chipwire must not know the queries yet, and
    whatever a rival leaves running ends with it."""
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    with KnowledgeBase.open(task.settings) as kb, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        encoder = kb.encoder
        if not isinstance(encoder, SentenceTransformerEncoder):
            sys.exit(f"{task.settings.home} has no model.")
        corpus = read_corpus(kb, encoder, task.wording)
        queries = read_asked(kb, task.judged, task.wording, glossed=not encoder.multilingual)
        if not queries:
            sys.exit(f"No query has an answer in {task.settings.home}.")
        random.Random(1).shuffle(queries)
        asked, warm_up = queries[: task.queries], (queries[task.queries :] or queries)[:WARM_UP]
        engines = [only_encoding(encoder.encode_query), chipwire(kb, task.now)]
        for rival, (modules, build) in RIVALS.items():
            if installed(modules):
                place = Path(folder) / rival.replace(" ", "-")
                place.mkdir()
                engines.append(build(corpus, encoder.encode_query, place))
        measured = measure(engines, asked, warm_up, encoder.forget_queries)
        articles = len({passage.article for passage in corpus.passages})
        print(
            f"\n{task.name}: {articles} articles, {len(corpus.passages)} passages, {len(asked)} queries; rivals read {task.wording}"
        )
        report(engines, measured)
        for engine in engines:
            engine.close()


def only_encoding(encode: Encode) -> Engine:
    """What is in everybody's time."""

    def search(asked: Asked) -> list[Found]:
        encode(asked.meaning)
        return []

    return Engine("(encoding)", "the query to its vector, a part of all times below", search)


def installed(modules: Sequence[str]) -> bool:
    return all(importlib.util.find_spec(module) is not None for module in modules)


def report(engines: Sequence[Engine], measured: Sequence[Measured]) -> None:
    own = next(each.p50 for engine, each in zip(engines, measured, strict=True) if engine.name == "Chipwire")
    print(f"{'':12} {'p50 ms':>8} {'p95 ms':>8} {'× Chipwire':>10} {'nDCG@10':>8} {'95 %':>13}")
    for engine, each in zip(engines, measured, strict=True):
        quality = mean(each.ndcg)
        marks = f"{quality.value:8.3f} {quality.low:7.3f}-{quality.high:.3f}" if engine.name != "(encoding)" else " " * 22
        print(f"{engine.name:12} {each.p50:8.1f} {each.p95:8.1f} {each.p50 / own:10.2f} {marks}  {engine.how}")
    for name, (modules, _) in RIVALS.items():
        if not installed(modules):
            print(f"{name:12} not installed")
    sys.stdout.flush()


# -- processes, so that Chipwire answers with caches that have seen neither passages nor queries, and reads its data files
# once in each: reading them twice moves what rjieba cuts


def apart(work: Callable[..., T], *arguments: object) -> T:
    """What `work` returns, from another process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result()


def fill(settings: Settings, articles: list[Article]) -> None:
    """Index the articles of a set."""
    with KnowledgeBase.open(settings, writer=True) as kb:
        kb.ingest(articles, NOW)
        kb.refresh(NOW)


def embedded(settings: Settings, glossed: bool) -> dict[str, str]:
    """The strings that a store has vectors of, by their hashes: it keeps no strings, so they are made again."""
    with KnowledgeBase.open(settings) as kb:
        outlets = source_names(kb.store)
        ids = [int(row[0]) for row in kb.store.rows("SELECT id FROM article ORDER BY id")]
        return {
            each.embedded_hash: each.embedded
            for article in articles_by_id(kb.store, ids).values()
            for each in make_passages(article, kb.reading.glosser, outlets.get(article.source, article.source), glossed=glossed)
        }


def glosses(texts: list[str]) -> list[str]:
    glosser = Reading.build().glosser
    return [glosser.gloss(text) for text in texts]


def versions() -> Iterator[str]:
    for name in ("chipwire", "txtai", "lancedb", "chromadb", "pymilvus", "milvus-lite"):
        try:
            yield f"{name} {importlib.metadata.version(name)}"
        except importlib.metadata.PackageNotFoundError:
            yield f"{name} not installed"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--shared", type=Path, default=Path(__file__).parent.parent.parent / "shared")
    parser.add_argument(
        "--set", default="cmrc,drcd,rgb", help="sets of bench/quality.py by the first word of their names, with commas"
    )
    parser.add_argument("--keep", type=Path, help="keep the stores of the sets in this folder and reuse them")
    parser.add_argument("--home", type=Path, help="a filled data folder, instead of the sets; needs --judged")
    parser.add_argument("--judged", type=Path, help="judged queries over --home, as chipwire evaluate takes them")
    parser.add_argument("--kinds", help="only judged queries of these kinds, with commas: no rival reads Chipwire's operators")
    parser.add_argument("--queries", type=int, default=200, help="queries of each store")
    parser.add_argument("--wording", default="gloss", help=f"what the rivals read, with commas: {', '.join(WORDINGS)}")
    options = parser.parse_args()
    wordings = options.wording.split(",")
    if set(wordings) - set(WORDINGS):
        parser.error(f"--wording takes {', '.join(WORDINGS)}.")
    if (options.home is None) != (options.judged is None):
        parser.error("--home and --judged go together.")

    def run(name: str, settings: Settings, judged: Sequence[Judged], now: datetime) -> None:
        kinds = options.kinds.split(",") if options.kinds else []
        chosen = [each for each in judged if not kinds or each.kind in kinds]
        for wording in wordings:
            apart(compare, Task(name, settings, chosen, now, wording, options.queries))

    print(", ".join(versions()), flush=True)
    if options.home is not None:
        run(str(options.home), settings_of(options.home), read_judgements(options.judged), datetime.now(UTC))
        return
    with tempfile.TemporaryDirectory() as temporary:
        for make in sets(options.shared):
            each = make()
            if each.name.split()[0] in options.set.split(","):
                settings = settings_of((options.keep or Path(temporary)) / each.name.replace(" ", "-"))
                apart(fill, settings, each.articles)
                run(each.name, settings, each.judged, NOW)


def settings_of(home: Path) -> Settings:
    return replace(Settings.from_env(os.environ, home), threads=THREADS)


if __name__ == "__main__":
    main()
