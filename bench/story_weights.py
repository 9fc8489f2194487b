"""Where the weights of index/knowledge/resemblance.py come from, and what they are worth on topics that fitted nothing.

    python bench/story_weights.py --data ../shared/data [--splits 8]

Fits a logistic regression on labelled pairs of ECB+, NTREX, the newsroom, the lookalikes (all without dates) and half of the
pairs of Chinese news in `bench/story_news.tsv`; prints the weights, what the other half of those pairs becomes by them, and the
B-cubed F1 of ECB+ topics that were left out of the fit beside that of a single pass by cosine.
"""

import argparse
import csv
import dataclasses
import gzip
import json
import random
import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from bench.stories import Labelled, article, bcubed, best, ecb, lookalikes, newsroom, ntrex, single_pass, told
from index.knowledge.grouping import group
from index.knowledge.reading import Reading
from index.knowledge.resemblance import (
    COPIED_SHARE,
    JOIN,
    LIKEST,
    LIKEST_COPY,
    SURE,
    Reasons,
    Resemblance,
    Weights,
)
from index.knowledge.sketch import make_sketch
from index.retrieval.encoder import make_encoder
from index.settings import Settings

LABELS = Path(__file__).parent / "story_news.tsv"
SHARES = {"ecb": 3.0, "ntrex": 1.0, "ntrex-tw": 1.0, "newsroom": 2.0, "lookalikes": 3.0, "news": 4.0}
"""What each set counts. ECB+ and the Chinese news are of hands that are not ours."""
SAME = 6.0
"""What the pairs of one event count beside those that only resemble each other, as an average asks for less than each pair."""
RIDGE = 5e-7
BEGIN = {"cosine": 5.0, "weighed": 15.0, "lead": 5.0, "bias": -7.0}, {"words": 25.0, "lead": 5.0, "bias": -10.0}
"""Where the search begins: in one language, and in two."""
_LIKENESS = ("cosine", "weighed", "words", "lead")
_FOR = (*_LIKENESS, "shared_figures", "same_day")
_BIASES = ("bias", "penalty_bias")
WEIGHTS = tuple(field.name for field in dataclasses.fields(Weights))
REASONS = tuple(field.name for field in dataclasses.fields(Reasons))
_ACROSS = {"cosine", "weighed", "strange_names", "new_words", "twin_titles"}
"""What pairs in two languages do not have."""

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclasses.dataclass(frozen=True)
class Pairs:
    """Pairs of a set with their reasons (pairs, reasons), and whether they are of one event and in one language."""

    name: str
    numbers: NDArray[np.int64]
    reasons: Floats
    same: Bools
    one: Bools
    labels: Sequence[str]
    vectors: NDArray[np.float32]


def pairs_of(name: str, labelled: Labelled, encoder: object, reading: Reading, judged: Mapping[tuple[int, int], bool]) -> Pairs:
    """All pairs of a set, or those that are `judged`, by their numbers."""
    with tempfile.TemporaryDirectory() as folder:
        undated = [(label, dataclasses.replace(each, published=None)) for label, each in labelled]
        *_, vectors, _ = told(undated, Path(folder), encoder, reading)  # type: ignore[arg-type]
    made = [make_sketch(a.title, a.text, a.lang, reading.link(a.title, a.text), reading) for _, a in labelled]
    resemblance = Resemblance(made, vectors.astype(np.float32), reading.catalogue, _Senses(reading))
    numbers = list(judged) or [(i, j) for i in range(len(made)) for j in range(i + 1, len(made))]
    reasons = np.array([dataclasses.astuple(resemblance.reasons(i, j)) for i, j in numbers])
    labels = [label for label, _ in labelled]
    same = [judged.get((i, j), labels[i] == labels[j]) for i, j in numbers]
    one = [made[i].lang == made[j].lang for i, j in numbers]
    return Pairs(name, np.array(numbers), reasons, np.array(same), np.array(one), labels, vectors)


class _Senses(dict[str, int]):
    def __init__(self, reading: Reading) -> None:
        self._glosser = reading.glosser

    def get(self, term: str, default: int = 0) -> int:  # type: ignore[override]
        return len(self._glosser.chinese_for(term)) if term.isascii() else default


def news(data: Path, part: str, reading: Reading) -> tuple[Labelled, dict[tuple[int, int], bool]]:
    """The Chinese news of the field, and its judged pairs of a part (fitted or held)."""
    found: Labelled = []
    at: dict[str, int] = {}
    with gzip.open(data / "zh_news_2023.jsonl.gz") as lines:
        for number, line in enumerate(map(json.loads, lines)):
            if line["bucket"] in ("ai-chip", "semiconductor"):
                at[str(number)] = len(found)
                found.append((str(number), article(f"n/{number}", line["text"], "zh")))
    with LABELS.open(encoding="utf-8") as file:
        rows = list(csv.DictReader((line for line in file if line[0] != "#"), delimiter="\t"))
    return found, {(at[row["line"]], at[row["other"]]): row["same"] == "yes" for row in rows if row["part"] == part}


def scores(pairs: Pairs, one: Weights, two: Weights) -> Floats:
    """The scores of the pairs by two kinds of weights, as `Reasons.score` gives them."""
    return np.where(pairs.one, *(np.clip(_raw(pairs.reasons, dataclasses.asdict(each)), -SURE, SURE) for each in (one, two)))


def _raw(reasons: Floats, weights: Mapping[str, float]) -> Floats:
    column = dict(zip(REASONS, reasons.T, strict=True))
    likeness = np.minimum(weights["bias"] + sum(weights[name] * column[name] for name in _LIKENESS), LIKEST)
    likeness = np.where(column["copied"] >= COPIED_SHARE, LIKEST_COPY, likeness)
    others = sum(weights[name] * column[name] for name in WEIGHTS if name not in (*_LIKENESS, *_BIASES))
    return np.asarray(likeness + weights["penalty_bias"] + others)


def _alike(reasons: Floats, one: bool) -> Bools:
    """The pairs that have something in common: of the others there are as many as one likes, and they teach nothing."""
    column = dict(zip(REASONS, reasons.T, strict=True))
    found = column["weighed"] + column["cosine"] / 3 > 0.35 if one else column["words"] + column["lead"] / 3 > 0.25
    return np.asarray(found)


def fit(sets: Sequence[tuple[Pairs, Bools]], one: bool) -> Weights:
    """Weights for pairs in one language or in two, fitted on the pairs of each set that its mask has."""
    names = [name for name in WEIGHTS if (name not in _ACROSS if not one else name != "words")]
    begin = dict.fromkeys(WEIGHTS, 0.0) | BEGIN[0 if one else 1]
    reasons, same, worth = [], [], []
    for pairs, mask in sets:
        here = mask & (pairs.one == one)
        hard = _alike(pairs.reasons, one) & ~pairs.same & here
        if here.any():
            reasons.append(pairs.reasons[here])
            same.append(pairs.same[here])
            each = np.where(pairs.same, SAME / max(1, (pairs.same & here).sum()), 1 / max(1, hard.sum()))
            worth.append(SHARES[pairs.name] * each[here])
    x, y, w = np.concatenate(reasons), np.concatenate(same), np.concatenate(worth)
    w /= w.sum()
    column = dict(zip(REASONS, x.T, strict=True))
    copies = column["copied"] >= COPIED_SHARE

    def loss(values: Floats) -> tuple[float, Floats]:
        weights = begin | dict(zip(names, values, strict=True))
        margin = np.where(y, -1, 1) * (_raw(x, weights) - JOIN)
        slope = w * np.where(y, -1, 1) / (1 + np.exp(-margin))
        likeness = weights["bias"] + sum(weights[name] * column[name] for name in _LIKENESS)
        free = ~copies & (likeness < LIKEST)
        gradient = np.array(
            [
                slope.sum() if name == "penalty_bias"
                else (slope * free).sum() if name == "bias"
                else (slope * column[name] * (free if name in _LIKENESS else 1)).sum()
                for name in names
            ]
        )  # fmt: skip
        ridge = RIDGE * np.array([0 if name in _BIASES else 0.1 if name in _LIKENESS else 1 for name in names])
        return float((w * np.logaddexp(0, margin)).sum() + (ridge * values**2).sum()), gradient + 2 * ridge * values

    bounds = [(0, None) if name in _FOR else (None, None) if name in _BIASES else (None, 0) for name in names]
    found = minimize(
        loss, [begin[name] for name in names], jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 2000}
    )
    return Weights(**(begin | dict(zip(names, (round(float(value), 2) + 0.0 for value in found.x), strict=True))))


def grouped(pairs: Pairs, found: Floats, items: Sequence[int]) -> list[int]:
    """The groups that `items` fall into by the scores of all pairs of a set."""
    place = {item: number for number, item in enumerate(items)}
    table = {
        (place[i], place[j]): float(score)
        for (i, j), score in zip(pairs.numbers.tolist(), found, strict=True) if i in place and j in place
    }  # fmt: skip
    near = [pair for pair, score in table.items() if score >= JOIN]
    groups = group([[number] for number in range(len(items))], near, lambda a, b: table[min(a, b), max(a, b)], JOIN)
    of = {item: number for number, members in enumerate(groups) for item in members}
    return [of[number] for number in range(len(items))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--splits", type=int, default=8)
    parser.add_argument("--cache", type=Path, help="a module that gives an encoder (for tuning)")
    args = parser.parse_args()
    reading = Reading.build()
    reading.warm()
    encoder: object = make_encoder(Settings(home=args.data))
    if args.cache:
        import runpy

        encoder = runpy.run_path(str(args.cache))["encoder"]()
    labelled = {
        "ecb": ecb(args.data, 1, reading),
        "ntrex": ntrex(args.data, 1, reading),
        "ntrex-tw": ntrex(args.data, 1, reading, "zho-TW"),
        "newsroom": newsroom(args.data, 1, reading),
        "lookalikes": lookalikes(args.data, 1, reading, dated=False),
    }
    sets = [pairs_of(name, each, encoder, reading, {}) for name, each in labelled.items()]
    stream, judged = news(args.data, "fitted", reading)
    _, held = news(args.data, "held", reading)
    both = pairs_of("news", stream, encoder, reading, judged | held)
    fitted = np.array([pair in judged for pair in map(tuple, both.numbers.tolist())])

    def both_fitted(topics: Bools) -> tuple[Weights, Weights]:
        masks = [topics if each.name == "ecb" else np.ones(len(each.same), bool) for each in sets]
        given = [*zip(sets, masks, strict=True), (both, fitted)]
        return fit(given, True), fit(given, False)

    events = sets[0]
    one, two = both_fitted(np.ones(len(events.same), bool))
    print(one, two, sep="\n")
    together = scores(both, one, two) >= JOIN
    for name, mask in (("fitted", fitted), ("held", ~fitted)):
        kept, wrong = (together & both.same & mask).sum(), (together & ~both.same & mask).sum()
        print(f"news, {name}: {kept} of {(both.same & mask).sum()} kept, {wrong} of {(~both.same & mask).sum()} merged")
    topic = np.array([int(re.match(r"\d+", label)[0]) for label in events.labels])  # type: ignore[index]
    figures = []
    for split in range(args.splits):
        names = sorted(set(topic.tolist()))
        random.Random(split).shuffle(names)
        used = np.isin(topic, names[: len(names) // 2])
        found = scores(events, *both_fitted(used[events.numbers].all(1)))
        rest = np.nonzero(~used)[0]
        labels = [events.labels[i] for i in rest.tolist()]
        ours = bcubed(labels, grouped(events, found, rest.tolist()))
        figures.append(
            (ours, best(lambda t: bcubed(labels, single_pass(events.vectors[rest], t)), np.arange(0.4, 0.85, 0.025))[0])
        )
    ours, rival = np.mean(figures, 0)
    print(
        f"ECB+ topics left out, {args.splits} splits: B-cubed F1 {ours:.3f}, single-pass cosine {rival:.3f}, ratio {ours / rival:.3f}"
    )


if __name__ == "__main__":
    main()
