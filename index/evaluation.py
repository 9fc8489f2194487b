"""Measuring the ranking against judged queries."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from index.errors import UsageError
from index.knowledge_base import KnowledgeBase
from index.retrieval.lexical import Filters
from index.retrieval.search import SearchRequest
from index.text.address import canonical_url


@dataclass(frozen=True, slots=True)
class Judged:
    """A query with the grades (above 0) of its relevant articles, by URL or article id as a string."""

    query: str
    relevant: Mapping[str, float]
    lang: str | None = None


@dataclass(frozen=True, slots=True)
class Scores:
    """Means over the queries at depth k: nDCG (Järvelin and Kekäläinen 2002, gain 2^grade − 1), recall, reciprocal rank."""

    queries: int
    ndcg: float
    recall: float
    mrr: float


def read_judgements(path: Path) -> list[Judged]:
    """Read a JSONL file of ``{"query": …, "relevant": {"url or id": grade} or ["url or id", …], "lang": optional}``.

    Raises:
        UsageError: no such file, or a line that is not of that form.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}.") from error
    judged: list[Judged] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            relevant = record["relevant"]
            grades = (
                {str(key): 1.0 for key in relevant}
                if isinstance(relevant, list)
                else {str(key): float(grade) for key, grade in relevant.items()}
            )
            judged.append(Judged(str(record["query"]), grades, record.get("lang")))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise UsageError(
                f"{path}, line {number} is not a judged query.", hint='Write {"query": "…", "relevant": {"url": 1}}.'
            ) from None
    if not judged:
        raise UsageError(f"{path} has no judged queries.")
    return judged


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
    ndcg = recall = mrr = 0.0
    for number, each in enumerate(judged, 1):
        filters = Filters(lang=(each.lang,)) if each.lang else Filters()
        result = kb.search(SearchRequest(each.query, k, filters, group="none", mode=mode), now)
        grades = {_key(key): grade for key, grade in each.relevant.items()}
        gains = [max(grades.get(hit.article.url, 0.0), grades.get(str(hit.article.id), 0.0)) for hit in result.hits]
        one_ndcg, one_recall, one_mrr = score_ranking(gains, [g for g in grades.values() if g > 0], k)
        ndcg, recall, mrr = ndcg + one_ndcg, recall + one_recall, mrr + one_mrr
        progress("evaluating", number, len(judged))
    count = len(judged)
    return Scores(count, round(ndcg / count, 4), round(recall / count, 4), round(mrr / count, 4))


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
