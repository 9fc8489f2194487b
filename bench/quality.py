"""Search quality on the shared evaluation sets and our own: nDCG@10 by words alone, by meaning alone, and by both.

    python bench/quality.py [--shared ../shared] [--queries 200] [--only NAME,…] [--without-gloss] [--keep FOLDER]

Each set becomes a store of its own in a temporary folder, filled and searched through the same code as any other. The sets:
Chinese questions on Chinese passages (CMRC 2018), the same in traditional characters (DRCD), news questions in English
and Chinese with marked passages (RGB), English–Chinese news (NTREX: a document's first sentence asks for the rest of its
translation, and for its own rest as a control), and judged queries over the demo newsroom (bench/newsroom.jsonl). "lost" is
the share of answerable queries that got no answer, "refused" the share of unanswerable ones that got none: queries of other
sets, of which a few are answered by chance; the newsroom has its own. `--without-gloss` adds what the same model does with
Chinese as it is.
"""

import argparse
import gzip
import json
import os
import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from crawlers.newsroom.catalogue import load_newsroom
from index.article import Article
from index.evaluation import Judged, Scores, evaluate, judged_query
from index.knowledge.reading import Reading
from index.knowledge_base import KnowledgeBase
from index.retrieval.encoder import make_encoder
from index.settings import Settings
from index.text.language import detect_language

NOW = datetime(2024, 1, 1, tzinfo=UTC)
PUBLISHED = datetime(2023, 6, 1, tzinfo=UTC)


@dataclass(frozen=True)
class EvaluationSet:
    name: str
    articles: list[Article]
    judged: list[Judged]


def article(name: str, number: int, title: str, text: str) -> Article:
    url = f"https://eval.example/{name.replace(' ', '-')}/{number}"
    return Article(url, title, text, detect_language(f"{title}\n{text}"), name, PUBLISHED)


def squad(name: str, path: Path) -> EvaluationSet:
    """SQuAD-like files: a passage is an article, its questions are the queries."""
    data = json.loads(gzip.decompress(path.read_bytes()))
    articles: list[Article] = []
    judged: list[Judged] = []
    for entry in data["data"] if isinstance(data, dict) else data:
        title = entry.get("title") or ""
        for passage in entry.get("paragraphs") or [{"context": entry.get("context_text", ""), "qas": entry.get("qas", [])}]:
            one = article(name, len(articles), title, passage["context"])
            articles.append(one)
            for question in passage["qas"]:
                text = question.get("question") or question.get("query_text")
                if text:
                    judged.append(Judged(text, {str(one.url): 1.0}))
    return EvaluationSet(name, articles, judged)


def rgb(name: str, path: Path) -> EvaluationSet:
    """RGB: the positive passages of a question are relevant, all other passages are the crowd."""
    articles: list[Article] = []
    judged: list[Judged] = []
    for line in gzip.decompress(path.read_bytes()).decode().splitlines():
        record = json.loads(line)
        relevant: dict[str, float] = {}
        for grade, key in ((1.0, "positive"), (0.0, "negative")):
            for passage in _flat(record.get(key, [])):
                one = article(name, len(articles), "", passage)
                articles.append(one)
                if grade:
                    relevant[str(one.url)] = grade
        if relevant:
            judged.append(Judged(record["query"], relevant))
    return EvaluationSet(name, articles, judged)


def _flat(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _flat(item)


def parallel(name: str, folder: Path, ask: str, answer: str) -> EvaluationSet:
    """NTREX: the first sentence of a document in one language asks for the rest of it in the other."""
    names = [line.split("\t")[0] for line in (folder / "DOCUMENT_IDS.tsv").read_text().splitlines()]
    asked = (folder / ask).read_text(encoding="utf-8").splitlines()
    answered = (folder / answer).read_text(encoding="utf-8").splitlines()
    names = names[-len(asked) :]
    documents: dict[str, list[int]] = {}
    for line, document in enumerate(names):
        documents.setdefault(document, []).append(line)
    articles: list[Article] = []
    judged: list[Judged] = []
    for lines in documents.values():
        if len(lines) < 4:
            continue
        one = article(name, len(articles), "", "\n\n".join(answered[i] for i in lines[1:]))
        articles.append(one)
        judged.append(Judged(asked[lines[0]], {str(one.url): 1.0}))
    return EvaluationSet(name, articles, judged)


def newsroom(path: Path) -> EvaluationSet:
    """Our own judged queries over the demo newsroom; articles are named by outlet and slug."""
    room = load_newsroom()
    articles: list[Article] = []
    urls: dict[str, str] = {}
    for item in room.items:
        url = f"https://{item.outlet.host}.example{item.path}"
        urls[item.key] = url
        articles.append(Article(url, item.title, item.text, item.lang[:2], item.outlet.id, item.published))
    judged = []
    for line in path.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        record["relevant"] = {urls[key]: grade for key, grade in record["relevant"].items()}
        judged.append(judged_query(record))
    return EvaluationSet("newsroom", articles, judged)


def sets(shared: Path) -> list[Callable[[], EvaluationSet]]:
    data = shared / "data"
    english, simplified, traditional = (
        "newstest2019-src.eng.txt", "newstest2019-ref.zho-CN.txt", "newstest2019-ref.zho-TW.txt",
    )  # fmt: skip
    return [
        lambda: squad("cmrc zh-zh", data / "retrieval/cmrc2018_trial.json.gz"),
        lambda: squad("drcd tw-tw", data / "retrieval/drcd_dev_zh-TW.json.gz"),
        lambda: rgb("rgb en-en", data / "retrieval/rgb_en_fact.jsonl.gz"),
        lambda: rgb("rgb zh-zh", data / "retrieval/rgb_zh_int.jsonl.gz"),
        lambda: parallel("ntrex en-zh", data / "parallel", english, simplified),
        lambda: parallel("ntrex en-tw", data / "parallel", english, traditional),
        lambda: parallel("ntrex zh-en", data / "parallel", simplified, english),
        lambda: parallel("ntrex en-en", data / "parallel", english, english),
        lambda: newsroom(Path(__file__).parent / "newsroom.jsonl"),
    ]


def foreign(sets: list[EvaluationSet], own: EvaluationSet, number: int) -> list[Judged]:
    """Queries of the other kinds of sets, as unanswerable ones."""
    queries: list[Judged] = []
    for each in sets:
        if each.name.split()[0] != own.name.split()[0]:
            chosen = random.Random(2).sample(each.judged, min(number, len(each.judged)))
            queries += [Judged(one.query, {}) for one in chosen if one.relevant]
    return queries


def measure(each: EvaluationSet, home: Path, asked: list[Judged], reading: Reading, *, glossed: bool) -> dict[str, Scores]:
    """Fill a store with a set and search it in every way."""
    settings = Settings.from_env(os.environ, home)
    encoder = make_encoder(settings if glossed else replace(settings, multilingual=True))
    with KnowledgeBase.open(settings, writer=True, encoder=encoder, reading=reading) as kb:
        kb.ingest(each.articles, NOW)
        kb.refresh(NOW)
        modes = ("lexical", "dense", "hybrid") if glossed else ("dense", "hybrid")
        return {mode: evaluate(kb, asked, 10, NOW, lambda *_: None, mode=mode) for mode in modes}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--shared", type=Path, default=Path(__file__).parent.parent.parent / "shared")
    parser.add_argument("--queries", type=int, default=200, help="answerable queries of each set")
    parser.add_argument("--foreign", type=int, default=20, help="unanswerable queries from each other set")
    parser.add_argument("--only", help="names of sets, with commas")
    parser.add_argument("--without-gloss", action="store_true", help="also embed Chinese as it is")
    parser.add_argument("--keep", type=Path, help="keep the stores in this folder and reuse them")
    options = parser.parse_args()
    if not (options.shared / "data").is_dir():
        sys.exit(f"There is no evaluation data in {options.shared}.")
    reading = Reading.build()
    made = [make() for make in sets(options.shared)]
    print(
        f"{'set':14} {'articles':>8} {'queries':>7} {'words':>7} {'meaning':>7} {'both':>7} {'gain':>6} {'95 %':>13} {'r@100':>6} "
        f"{'lost':>6} {'refused':>8} {'no gloss: meaning, both':>24}"
    )
    with tempfile.TemporaryDirectory() as temporary:
        for each in made:
            if options.only and each.name not in options.only.split(","):
                continue
            base = options.keep or Path(temporary)
            asked = random.Random(1).sample(each.judged, min(options.queries, len(each.judged)))
            if each.name != "newsroom":
                asked += foreign(made, each, options.foreign)
            scores = measure(each, base / each.name.replace(" ", "-"), asked, reading, glossed=True)
            words, meaning, both = (scores[mode] for mode in ("lexical", "dense", "hybrid"))
            plain = ""
            if options.without_gloss and each.name not in ("rgb en-en", "ntrex en-en"):
                other = measure(each, base / f"{each.name.replace(' ', '-')}-no-gloss", asked, reading, glossed=False)
                plain = f"{other['dense'].ndcg.value:.3f}, {other['hybrid'].ndcg.value:.3f}"
            best = max(words.ndcg.value, meaning.ndcg.value, 1e-9)
            print(
                f"{each.name:14} {len(each.articles):8} {both.queries:7} {words.ndcg.value:7.3f} {meaning.ndcg.value:7.3f} "
                f"{both.ndcg.value:7.3f} {both.ndcg.value / best:6.3f} {both.ndcg.low:6.3f}-{both.ndcg.high:.3f} "
                f"{both.deep_recall.value:6.3f} {both.lost:6.3f} {both.refused:8.3f} {plain:>24}",
                flush=True,
            )
            if each.name == "newsroom":
                by_kind(each, base / "newsroom", reading)


def by_kind(each: EvaluationSet, home: Path, reading: Reading) -> None:
    """The newsroom's queries by their kinds."""
    settings = Settings.from_env(os.environ, home)
    with KnowledgeBase.open(settings, encoder=make_encoder(settings), reading=reading) as kb:
        for kind in dict.fromkeys(one.kind for one in each.judged):
            asked = [one for one in each.judged if one.kind == kind]
            scores = evaluate(kb, asked, 10, NOW, lambda *_: None)
            print(
                f"  {kind:12} {len(asked):4} queries, nDCG@10 {scores.ndcg.value:.3f}, lost {scores.lost:.3f}, refused {scores.refused:.3f}"
            )


if __name__ == "__main__":
    main()
