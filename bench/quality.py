"""Search quality on the shared evaluation sets: nDCG@10 for each set, with words alone and with both.

    python bench/quality.py [--shared ../shared] [--queries 200]

Each set becomes a store of its own in a temporary folder, filled and searched through the same code as any other. The sets:
Chinese questions on Chinese passages (CMRC 2018), the same in traditional characters (DRCD), news questions in English
and Chinese with marked passages (RGB), and English–Chinese news (NTREX: a document's first sentence asks for the rest
of its translation). "refused" is the share of questions about nothing in the store that return nothing.
"""

import argparse
import gzip
import json
import os
import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from index.article import Article
from index.evaluation import Judged, evaluate
from index.knowledge.reading import Reading
from index.knowledge_base import KnowledgeBase
from index.retrieval.encoder import make_encoder
from index.retrieval.search import SearchRequest
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
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--shared", type=Path, default=Path(__file__).parent.parent.parent / "shared")
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--keep", type=Path, help="keep the stores in this folder and reuse them")
    options = parser.parse_args()
    if not (options.shared / "data").is_dir():
        sys.exit(f"There is no evaluation data in {options.shared}.")
    reading = Reading.build()
    settings = Settings.from_env(os.environ)
    encoder = make_encoder(settings)
    made = [make() for make in sets(options.shared)]
    print(f"{'set':14} {'articles':>8} {'queries':>7} {'words':>7} {'both':>7} {'recall':>7} {'refused':>8}")
    with tempfile.TemporaryDirectory() as temporary:
        for number, each in enumerate(made):
            home = (options.keep or Path(temporary)) / each.name.replace(" ", "-")
            with KnowledgeBase.open(Settings(home=home), writer=True, encoder=encoder, reading=reading) as kb:
                kb.ingest(each.articles, NOW)
                kb.refresh(NOW)
                chosen = random.Random(1).sample(each.judged, min(options.queries, len(each.judged)))
                words = evaluate(kb, chosen, 10, NOW, lambda *_: None, mode="lexical")
                both = evaluate(kb, chosen, 10, NOW, lambda *_: None)
                other = made[(number + 4) % len(made)].judged[:60]
                refused = sum(kb.search(SearchRequest(q.query), NOW).total == 0 for q in other) / len(other)
            print(
                f"{each.name:14} {len(each.articles):8} {len(chosen):7} {words.ndcg:7.3f} {both.ndcg:7.3f} "
                f"{both.recall:7.3f} {refused:8.2f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
