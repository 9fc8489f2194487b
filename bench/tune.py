"""Where the constants of index/retrieval/fusion.py come from: weights of fusion and gates of relevance, cross-validated.

    python bench/tune.py --keep FOLDER [--queries 150] [--foreign 20]

Uses the stores that `bench/quality.py --keep FOLDER` made. For each kind of search (Chinese on Chinese, English on English,
across languages) it prints nDCG@10 of every set for every dense weight, the weight that is best for all sets of the kind but
one with what it gives on that one, and for every gate the share of answerable queries that it loses and of unanswerable ones
that it refuses. Kinds of which there is one set have nothing to leave out.
"""

import argparse
import random
import statistics
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from quality import NOW, EvaluationSet, foreign, sets

from index.evaluation import Judged, score_ranking
from index.knowledge.reading import Reading
from index.knowledge_base import KnowledgeBase
from index.retrieval import fusion
from index.retrieval.encoder import make_encoder
from index.retrieval.relevance import Ranking
from index.settings import Settings
from index.text.tokens import has_han

KINDS = {
    "Chinese": ("cmrc zh-zh", "drcd tw-tw", "rgb zh-zh"),
    "English": ("rgb en-en", "ntrex en-en"),
    "across": ("ntrex en-zh", "ntrex en-tw", "ntrex zh-en"),
}
WEIGHTS = (0.0, 0.2, 0.3, 0.38, 0.5, 0.62, 0.7, 0.8, 1.0)
GATES = tuple(round(0.2 + 0.05 * step, 2) for step in range(14))


@dataclass(frozen=True)
class Asked:
    """A query's candidates: articles (n,), BM25 and cosines (n,), their vectors (n, d) and its own (d,), the sum of its units'
    frequencies, how many these are, whether it names anything, among how many passages, and what is relevant."""

    articles: NDArray[np.int64]
    bm25: NDArray[np.float32]
    cosines: NDArray[np.float32]
    vectors: NDArray[np.float16]
    vector: NDArray[np.float32]
    frequencies: float
    units: int
    named: bool
    passages: int
    relevant: dict[int, float]

    def fused(self, weight: float) -> NDArray[np.float32]:
        """Scores (n,) with this dense weight, feedback included."""
        weights = np.full(len(self.bm25), weight, np.float32)
        fused, _, _ = fusion.fuse(self.bm25, self.cosines, weights)
        best = np.argsort(-fused)[: fusion.FEEDBACK_PASSAGES]
        towards = fusion.moved(self.vector, self.vectors[best].astype(np.float32), fused[best])
        return fusion.fuse(self.bm25, self.vectors.astype(np.float32) @ towards, weights)[0]

    def ndcg(self, weight: float) -> float:
        """Of the candidates' articles ranked with this dense weight, at 10."""
        ranked = list(dict.fromkeys(self.articles[np.argsort(-self.fused(weight), kind="stable")].tolist()))[:10]
        return score_ranking([self.relevant.get(each, 0.0) for each in ranked], list(self.relevant.values()), 10)[0]

    def best_evidence(self, weight: float, *, across: bool) -> float:
        """The most evidence of the first candidates, put for a query of eight units in a small store."""
        if not len(self.bm25):
            return -1.0
        gates = fusion.gates(
            True,
            np.array([not across]),
            self.units,
            multilingual=False,
            own_share=0.5,
            passages=self.passages,
            named=self.named,
        )
        risen = float(gates[0]) - (fusion.CROSS_GATE if across else fusion.CHINESE_GATE)
        first = np.argsort(-self.fused(weight))[: fusion.OPENING]
        return float(fusion.evidence(self.cosines, self.bm25, self.frequencies)[first].max()) - risen


def candidates(kb: KnowledgeBase, asked: list[Judged]) -> Iterator[Asked]:
    loaded = kb._reader.current()
    assert kb.encoder is not None
    urls = {str(row[1]): int(row[0]) for row in kb.store.rows("SELECT id, url FROM article")}
    for each in asked:
        query = kb._searcher.parse(each.query, NOW, loaded)
        if not query.units or not query.embedded:
            continue
        words = loaded.lexical.score([unit.alternatives for unit in query.units], query.pairs)
        vector = kb.encoder.encode_query(query.embedded)
        everything = np.ones(len(loaded.columns), np.bool_)
        ranking = Ranking(loaded, query, words, everything, vector, "hybrid", multilingual=False)
        assert ranking.cosine is not None and loaded.vectors is not None
        yield Asked(
            loaded.row_articles[ranking.rows],
            words.bm25[ranking.rows],
            ranking.cosine,
            loaded.vectors.rows(ranking.rows).astype(np.float16),
            vector,
            ranking.frequencies,
            len(query.units),
            bool(query.named),
            loaded.lexical.passages,
            {urls[url]: grade for url, grade in each.relevant.items() if url in urls},
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--shared", type=Path, default=Path(__file__).parent.parent.parent / "shared")
    parser.add_argument("--keep", type=Path, required=True, help="the folder of bench/quality.py --keep")
    parser.add_argument("--queries", type=int, default=150)
    parser.add_argument("--foreign", type=int, default=20)
    options = parser.parse_args()
    if not (options.shared / "data").is_dir():
        sys.exit(f"There is no evaluation data in {options.shared}.")
    reading = Reading.build()
    made = {each.name: each for each in (make() for make in sets(options.shared)) if each.name != "newsroom"}
    encoder = make_encoder(Settings())
    for kind, names in KINDS.items():
        answerable: dict[str, list[Asked]] = {}
        unanswerable: dict[str, list[Asked]] = {}
        for name in names:
            chosen = random.Random(3).sample(made[name].judged, min(options.queries, len(made[name].judged)))
            home = options.keep / name.replace(" ", "-")
            with KnowledgeBase.open(Settings(home=home), encoder=encoder, reading=reading) as kb:
                kb.ready()
                answerable[name] = list(candidates(kb, chosen))
                strangers = of_kind(kind, made[name], foreign(list(made.values()), made[name], options.foreign))
                unanswerable[name] = list(candidates(kb, strangers))
        show(kind, answerable, unanswerable)


def of_kind(kind: str, each: EvaluationSet, asked: list[Judged]) -> list[Judged]:
    """Those of `asked` whose language makes them a search of this kind on the set."""
    chinese_set = each.name.split()[1].split("-")[1] != "en"
    across: Callable[[Judged], bool] = lambda one: has_han(one.query) != chinese_set  # noqa: E731
    return [one for one in asked if across(one) == (kind == "across")]


def show(kind: str, answerable: dict[str, list[Asked]], unanswerable: dict[str, list[Asked]]) -> None:
    print(f"\n{kind}: nDCG@10 by dense weight\n{'':14}" + "".join(f"{weight:7.2f}" for weight in WEIGHTS))
    means = {
        name: [statistics.fmean(each.ndcg(weight) for each in asked) for weight in WEIGHTS]
        for name, asked in answerable.items()
    }
    for name, values in means.items():
        print(f"{name:14}" + "".join(f"{value:7.3f}" for value in values))
    for name in means if len(means) > 1 else ():
        others = [[value / max(values) for value in values] for other, values in means.items() if other != name]
        best = max(range(len(WEIGHTS)), key=lambda i: sum(values[i] for values in others))
        print(
            f"  without {name}: {WEIGHTS[best]:.2f}, which gives {means[name][best]:.3f} there (its own best {max(means[name]):.3f})"
        )
    weight = {"Chinese": fusion.GLOSSED_DENSE, "English": fusion.OWN_DENSE, "across": fusion.CROSS_DENSE}[kind]
    print(f"{kind}: lost / refused by gate")
    for gate in GATES:
        cells = []
        for name in answerable:
            lost = statistics.fmean(each.best_evidence(weight, across=kind == "across") < gate for each in answerable[name])
            refused = statistics.fmean(
                each.best_evidence(weight, across=kind == "across") < gate for each in unanswerable[name] or []
            )
            cells.append(f"{name} {lost:.3f} / {refused:.3f}")
        print(f"  {gate:.2f}  " + "   ".join(cells))


if __name__ == "__main__":
    main()
