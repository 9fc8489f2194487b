"""How well the on-topic gate tells the field from the rest, in both languages, and what it costs.

    python bench/topic.py [--shared ../shared] [--errors N] [--fit] [--half tune|report|all]

Chinese: a year's news whose bucket was given by keyword (a wristband of the plastic TPU is in "ai-chip"), so the recall of a
bucket says little. `topic_labels.tsv` holds what a reader called some of it (on, off, either), by the hash of the text:
precision and recall are given on those too. English: the demo newsroom's articles against news of other subjects
(ECB+, NTREX) and web passages (RGB). Half of the Chinese texts (by hash) tune the weights (`--fit` prints them), the other half
is reported; nothing English is fitted. With `--errors`, examples from each side with the gate's reasons.
"""

import argparse
import gzip
import hashlib
import json
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from crawlers.newsroom.catalogue import load_newsroom
from index.knowledge.field_terms import load_field_terms
from index.knowledge.reading import Reading
from index.knowledge.topic import TopicGate

LABELS = Path(__file__).parent / "topic_labels.tsv"
REGULARISATION = 0.02
PRIOR = {"indices": -1.0}
"""Weights that the fit is drawn to, where not to a small one: market reports that name chip makers first are rare in 2023's news."""
MISS = 4.0
"""How much worse it is to leave out an article of the field than to let another in."""


@dataclass(frozen=True)
class Case:
    """``label``: on, off or either where somebody read it or its set says so; None where only the bucket is known.

    ``drawn``: not chosen for being near the gate's border, so that a share of such texts says something of all."""

    bucket: str
    lang: str
    title: str
    text: str
    label: str | None
    drawn: bool = True

    @property
    def hash(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()[:12]

    @property
    def tunes(self) -> bool:
        return int(self.hash[0], 16) % 2 == 0


def read_labels() -> dict[str, tuple[str, bool]]:
    """The label of each text by hash, and whether it was drawn at random."""
    rows = [line.split("\t") for line in LABELS.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    return {key: (label, how == "drawn") for key, label, how in rows}


def chinese(shared: Path) -> Iterator[Case]:
    labels = read_labels()
    with gzip.open(shared / "data/zh_news_2023.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            key = hashlib.sha256(record["text"].encode()).hexdigest()[:12]
            label, drawn = labels.get(key, (None, False))
            yield Case(record["bucket"], "zh", "", record["text"], label, drawn)


def english(shared: Path) -> Iterator[Case]:
    for item in load_newsroom().items:
        yield Case(f"newsroom-{item.lang}", item.lang, item.title, item.text, "on")
    for line in gzip.open(shared / "data/stories/ecbplus_topics_1-22.jsonl.gz", "rt", encoding="utf-8"):
        title, _, text = json.loads(line)["text"].partition("\n")
        yield Case("ecbplus", "en", title, text, "off")
    documents: dict[str, list[str]] = defaultdict(list)
    ids = (shared / "data/parallel/DOCUMENT_IDS.tsv").read_text(encoding="utf-8").splitlines()
    for name, lang in (("src.eng", "en"), ("ref.zho-CN", "zh"), ("ref.zho-TW", "zh")):
        sentences = (shared / f"data/parallel/newstest2019-{name}.txt").read_text(encoding="utf-8").splitlines()
        documents.clear()
        for document, sentence in zip(ids, sentences, strict=True):
            documents[document].append(sentence)
        for first, *rest in documents.values():
            yield Case(f"ntrex-{lang}", lang, first, "\n\n".join(rest), "off")
    for line in gzip.open(shared / "data/retrieval/rgb_en_fact.jsonl.gz", "rt", encoding="utf-8"):
        for passage in json.loads(line)["positive"]:
            yield Case("rgb", "en", "", passage, "off")


def fit(gate: TopicGate, cases: list[Case]) -> None:
    """Prints weights: logistic regression, drawn to small weights of each group's sign, on read labels and on "other" taken as off."""
    terms = load_field_terms()
    names = [f"{group}.{where}" for group in terms.groups for where in ("lead", "body")]
    place = {name: number for number, name in enumerate(names)}
    chosen = [
        case
        for case in cases
        if case.tunes and case.lang == "zh" and (case.label in ("on", "off") or (case.bucket == "other" and case.label is None))
    ]
    rows, target, weight = np.zeros((len(chosen), len(names))), np.zeros(len(chosen)), np.ones(len(chosen))
    for number, case in enumerate(chosen):
        for name, value in gate.evidence(case.title, case.text, case.lang).values.items():
            rows[number, place[name]] = value
        target[number] = case.label == "on"
        weight[number] = 0.1 if case.label is None else MISS if case.label == "on" else 1.0

    prior = np.array(
        [PRIOR.get(group, -0.3 if terms.groups[group].against else 0.5) for group, _ in (name.split(".") for name in names)]
    )

    def loss(x: np.ndarray) -> tuple[float, np.ndarray]:
        z = rows @ x[1:] + x[0]
        p = 1 / (1 + np.exp(-np.clip(z, -30, 30)))
        value = -(weight * (target * np.log(p + 1e-12) + (1 - target) * np.log(1 - p + 1e-12))).sum() / weight.sum()
        slope = weight * (p - target) / weight.sum()
        from_prior = x[1:] - prior
        pull = 2 * REGULARISATION * from_prior / len(names)
        return value + REGULARISATION * (from_prior**2).mean(), np.concatenate([[slope.sum()], rows.T @ slope + pull])

    bounds = [(None, None)] + [((None, 0) if terms.groups[name.split(".")[0]].against else (0, None)) for name in names]
    found = minimize(loss, np.zeros(len(names) + 1), jac=True, bounds=bounds, method="L-BFGS-B")
    print(f"fitted on {len(chosen)} texts ({int(target.sum())} on): loss {found.fun:.4f}\nbias = {found.x[0]:.2f}")
    for group in terms.groups:
        print(
            f"[group.{group}] lead = {found.x[1 + place[group + '.lead']]:.2f}  body = {found.x[1 + place[group + '.body']]:.2f}"
        )


def report(gate: TopicGate, cases: list[Case], errors: int) -> None:
    taken: dict[str, list[tuple[Case, bool, float, str]]] = defaultdict(list)
    spent: dict[str, float] = defaultdict(float)
    letters: dict[str, int] = defaultdict(int)
    for case in cases:
        before = time.process_time()
        verdict = gate.judge(case.title, case.text, case.lang)
        spent[case.bucket] += time.process_time() - before
        letters[case.bucket] += len(case.text)
        taken[case.bucket].append((case, verdict.on_topic, verdict.score, verdict.reason))
    print(
        f"{'bucket':<16}{'texts':>7}{'taken':>7}{'share':>8}   {'read: on':>9}{'recall':>8}{'off':>6}{'taken':>7}{'precision':>10}{'either':>8}{'taken':>7}{'ms each':>9}{'letters':>9}"
    )
    for bucket, judged in taken.items():
        by_label = {
            label: [on for case, on, *_ in judged if case.label == label and case.drawn] for label in ("on", "off", "either")
        }
        on, off, either = (by_label[label] for label in ("on", "off", "either"))
        recall = f"{sum(on) / len(on):8.3f}" if on else "       –"
        precision = f"{sum(on) / (sum(on) + sum(off)):10.3f}" if on and sum(on) + sum(off) else "         –"
        share = sum(on for _, on, *_ in judged)
        print(
            f"{bucket:<16}{len(judged):7}{share:7}{share / len(judged):8.3f}   {len(on):9}{recall}{len(off):6}{sum(off):7}{precision}"
            f"{len(either):8}{sum(either):7}{spent[bucket] * 1000 / len(judged):9.2f}{letters[bucket] / len(judged):9.0f}"
        )
    for bucket, judged in taken.items():
        for wanted, name in ((True, "taken"), (False, "left out")):
            wrong = [row for row in judged if row[1] == wanted and row[0].label != ("on" if wanted else "off")]
            if bucket not in ("other",) and wanted:
                wrong = [row for row in wrong if row[0].label == "off"]
            if bucket in ("ai-chip", "semiconductor") and not wanted:
                wrong = [row for row in wrong if row[0].label == "on"]
            if bucket == "other" and not wanted:
                continue
            for case, _, score, reason in wrong[:errors]:
                print(
                    f"\n{bucket}: {name}, {score:.2f}, {case.hash}, read as {case.label}: {reason}\n    {case.title} | {' '.join(case.text.split())[:220]}"
                )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path(__file__).parent.parent.parent / "shared")
    parser.add_argument("--errors", type=int, default=0)
    parser.add_argument("--fit", action="store_true")
    parser.add_argument("--half", choices=("tune", "report", "all"), default="report")
    given = parser.parse_args()
    reading = Reading.build()
    gate = TopicGate(reading.catalogue, reading.linker)
    cases = [*chinese(given.shared), *english(given.shared)]
    if given.fit:
        fit(gate, cases)
        return
    report(
        gate,
        [
            c
            for c in cases
            if given.half == "all" or c.tunes == (given.half == "tune") or c.bucket not in ("ai-chip", "semiconductor", "other")
        ],
        given.errors,
    )


if __name__ == "__main__":
    main()
