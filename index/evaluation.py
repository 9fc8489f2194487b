"""Measuring the ranking against judged queries: nDCG, recall, MRR with confidence, and what is rightly refused.

Judgements come as JSONL, or as a TREC qrels file with its topics beside it.
"""

import json
import math
import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from index.errors import FilterError, UsageError
from index.knowledge_base import KnowledgeBase
from index.retrieval.filters import Filters, read_filters
from index.retrieval.search import MAX_K, SearchRequest
from index.text.address import canonical_url

DEEP = 100
"""Depth of the second recall."""
_RESAMPLES = 1000
_FILTERS = {"lang", "source", "entity", "after", "before", "as_of"}


@dataclass(frozen=True, slots=True)
class Judged:
    """A query with the grades (above 0) of its relevant articles, by URL or article id as a string.

    A query without any is unanswerable: the right answer to it is none. ``kind`` groups queries in a report.
    """

    query: str
    relevant: Mapping[str, float]
    filters: Filters = field(default_factory=Filters)
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean over queries with its 95 % interval, by bootstrap over the queries (Sakai 2006); NaN-free: 0 for none."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Scores:
    """Means over the answerable queries at depth k: nDCG (Järvelin and Kekäläinen 2002, gain 2^grade − 1), recall at k and
    at `DEEP`, reciprocal rank. ``lost`` is the share of them that got no answer at all, ``refused`` the share of the
    unanswerable ones that did not."""

    queries: int
    unanswerable: int
    ndcg: Mean
    recall: Mean
    deep_recall: Mean
    mrr: Mean
    lost: float
    refused: float


def read_judgements(path: Path, topics: Path | None = None) -> list[Judged]:
    """Read judged queries.

    JSONL: ``{"query": …, "relevant": {"url or id": grade} or ["url or id", …], "filters": optional, "kind": optional}``. With
    `topics`, `path` is TREC qrels (``topic iteration document grade``) and `topics` gives ``topic<TAB>query`` lines or
    TREC ``<top>`` blocks.

    Raises:
        UsageError: no such file, or a line that is not of that form.
    """
    lines = _lines(path)
    if topics is not None:
        return _read_trec(path, lines, _read_topics(topics))
    judged: list[Judged] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            judged.append(judged_query(json.loads(line)))
        except (ValueError, KeyError, TypeError, AttributeError, FilterError):
            raise UsageError(
                f"{path}, line {number} is not a judged query.", hint='Write {"query": "…", "relevant": {"url": 1}}.'
            ) from None
    if not judged:
        raise UsageError(f"{path} has no judged queries.")
    return judged


def judged_query(record: Mapping[str, Any]) -> Judged:
    """A judged query from its JSON object. Raises KeyError, TypeError, ValueError, AttributeError or FilterError."""
    relevant = record["relevant"]
    grades = (
        {str(key): 1.0 for key in relevant}
        if isinstance(relevant, list)
        else {str(key): float(grade) for key, grade in relevant.items()}
    )
    return Judged(str(record["query"]), grades, _filters(record), str(record.get("kind", "")))


def _filters(record: Mapping[str, object]) -> Filters:
    given = dict(record.get("filters") or {})  # type: ignore[call-overload]  # anything else is an error of the line
    if record.get("lang"):
        given["lang"] = record["lang"]
    if set(given) - _FILTERS:
        raise ValueError
    lists = {
        key: [str(value)] if isinstance(value, str) else [str(each) for each in value]
        for key, value in given.items()
        if key in ("lang", "source", "entity")
    }
    times = {key: str(value) for key, value in given.items() if key not in lists}
    return read_filters(**lists, **times)  # type: ignore[arg-type]


def _read_trec(path: Path, lines: Sequence[str], topics: Mapping[str, str]) -> list[Judged]:
    grades: dict[str, dict[str, float]] = {topic: {} for topic in topics}
    for number, line in enumerate(lines, 1):
        columns = line.split()
        if not columns:
            continue
        try:
            topic, _, document, grade = columns
            if topic not in grades:
                raise UsageError(f"{path}, line {number}: the topics have no {topic!r}.")
            if float(grade) > 0:
                grades[topic][document] = float(grade)
        except ValueError:
            raise UsageError(f"{path}, line {number} is not of the form: topic iteration document grade.") from None
    return [Judged(topics[topic], relevant) for topic, relevant in grades.items()]


def _read_topics(path: Path) -> dict[str, str]:
    text = "\n".join(_lines(path))
    blocks = re.findall(r"<num>\s*(?:Number:)?\s*(\S+?)\s*(?:</num>)?\s*<title>\s*(?:Topic:)?\s*(.*?)\s*(?=<)", text, re.DOTALL)
    if blocks:
        return {number: " ".join(title.split()) for number, title in blocks}
    topics: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            topic, tab, query = line.partition("\t")
            if not tab or not query.strip():
                raise UsageError(f"{path}, line {number} is not of the form: topic, tab, query.")
            topics[topic.strip()] = query.strip()
    if not topics:
        raise UsageError(f"{path} has no topics.")
    return topics


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}.") from error


def evaluate(
    kb: KnowledgeBase,
    judged: Sequence[Judged],
    k: int,
    now: datetime,
    progress: Callable[[str, int, int], None],
    *,
    mode: str = "hybrid",
) -> Scores:
    """Search every query, ungrouped, and average the scores."""
    answered: list[tuple[float, float, float, float]] = []
    lost = refused = unanswerable = 0
    for number, each in enumerate(judged, 1):
        depth = min(MAX_K, max(k, DEEP))
        result = kb.search(SearchRequest(each.query, depth, each.filters, group="none", mode=mode), now)
        grades = {_key(key): grade for key, grade in each.relevant.items() if grade > 0}
        if grades:
            gains = [max(grades.get(hit.article.url, 0.0), grades.get(str(hit.article.id), 0.0)) for hit in result.hits]
            ideal = list(grades.values())
            answered.append((*score_ranking(gains, ideal, k), score_ranking(gains, ideal, DEEP)[1]))
            lost += result.total == 0
        else:
            unanswerable += 1
            refused += result.total == 0
        progress("evaluating", number, len(judged))
    columns = list(zip(*answered, strict=True)) or [(), (), (), ()]
    ndcg, recall, mrr, deep = (mean(column) for column in columns)
    return Scores(
        queries=len(answered),
        unanswerable=unanswerable,
        ndcg=ndcg,
        recall=recall,
        deep_recall=deep,
        mrr=mrr,
        lost=round(lost / max(len(answered), 1), 4),
        refused=round(refused / max(unanswerable, 1), 4),
    )


def mean(values: Sequence[float]) -> Mean:
    """The mean of `values` with its 95 % bootstrap interval; the same values give the same interval."""
    if not values:
        return Mean(0.0, 0.0, 0.0)
    chance = random.Random(len(values))
    means = sorted(sum(chance.choices(values, k=len(values))) / len(values) for _ in range(_RESAMPLES))
    low, high = means[int(0.025 * _RESAMPLES)], means[int(0.975 * _RESAMPLES)]
    return Mean(round(sum(values) / len(values), 4), round(low, 4), round(high, 4))


def score_ranking(gains: Sequence[float], ideal: Sequence[float], k: int) -> tuple[float, float, float]:
    """nDCG, recall and reciprocal rank at `k` of one ranking, given its grades in order and all relevant grades."""
    best = _dcg(sorted(ideal, reverse=True)[:k])
    ndcg = _dcg(gains[:k]) / best if best else 0.0
    recall = sum(gain > 0 for gain in gains[:k]) / len(ideal) if ideal else 0.0
    mrr = next((1 / rank for rank, gain in enumerate(gains[:k], 1) if gain > 0), 0.0)
    return ndcg, recall, mrr


def _dcg(gains: Sequence[float]) -> float:
    return sum((2**gain - 1) / math.log2(rank + 1) for rank, gain in enumerate(gains, 1))


def _key(key: str) -> str:
    try:
        return canonical_url(key)
    except ValueError:
        return key
