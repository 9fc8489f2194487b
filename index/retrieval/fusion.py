"""Scores: lexical and dense made one, recency, and the evidence that a passage is relevant at all. Pure functions of arrays.

Fusion is a convex combination of min–max-normalised scores (Bruch, Gai and Ingber 2023). The constants come from
`bench/tune.py` over all evaluation sets together, checked by leaving each family of sets out in turn
(docs/measurements.md); change them there, not by eye.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

OWN_DENSE, GLOSSED_DENSE, CROSS_DENSE = 0.6, 0.35, 0.65
"""Weight of meaning against words: between English and English, where both were glossed, and across languages."""

COVERAGE_SHARE = 0.63
EVIDENCE_FLOOR = 0.48
"""A passage is relevant when cosine + COVERAGE_SHARE × coverage reaches the floor, where coverage is the share of the
query's weight that it matches."""
COVERAGE_FLOOR = 0.5
"""The same for words alone."""
LOWEST_COSINE = -0.3
"""Below what sentence encoders give in practice."""

RECENCY_WEIGHT, RECENCY_HALF_LIFE_DAYS = 0.03, 120.0
NEWS_WEIGHT, NEWS_HALF_LIFE_DAYS = 0.3, 21.0
"""The mild prior, and the strong one where the query asks for news."""


def fuse(bm25: Floats, cosines: Floats | None, weights: Floats) -> tuple[Floats, Floats, Floats]:
    """Fused scores (n,) in 0–1, and the normalised lexical and dense scores (n,) that they are made of.

    BM25's minimum is 0 in theory, the cosine's is the lowest among the candidates. `weights` (n,) are the dense shares.
    """
    top = float(bm25.max(initial=0.0))
    lexical = bm25 / top if top else bm25
    if cosines is None:
        return lexical, lexical, np.zeros_like(lexical)
    low, high = float(cosines.min(initial=1.0)), float(cosines.max(initial=-1.0))
    dense = (cosines - low) / (high - low) if high > low else np.ones_like(cosines)
    return weights * dense + (1 - weights) * lexical, lexical, dense


def dense_weights(query_chinese: bool, passage_chinese: NDArray[np.bool_], *, multilingual: bool) -> Floats:
    """The dense share (n,) for passages in each language. A multilingual encoder reads every language as its own."""
    if multilingual:
        return np.full(len(passage_chinese), OWN_DENSE, np.float32)
    same = GLOSSED_DENSE if query_chinese else OWN_DENSE
    return np.where(passage_chinese == query_chinese, same, CROSS_DENSE).astype(np.float32)


def evidence(cosines: Floats, coverage: Floats) -> Floats:
    """What speaks for each passage's relevance (n,); at `EVIDENCE_FLOOR` and above it is shown."""
    return cosines + COVERAGE_SHARE * coverage


def lowest_coverage(cosine: float) -> float:
    """The coverage that a passage needs whose cosine is at most `cosine`."""
    return (EVIDENCE_FLOOR - cosine) / COVERAGE_SHARE


def essential_units(weights: Floats, lowest: float) -> list[int]:
    """Units of which a passage must match at least one to reach the share `lowest` of all weight (as in MaxScore)."""
    order = np.argsort(weights, kind="stable")
    reached = np.cumsum(weights[order]) / max(float(weights.sum()), 1e-9)
    return sorted(int(i) for i in order[reached >= lowest])


def freshness(ages: NDArray[np.float64], *, news: bool) -> tuple[Floats, float]:
    """How fresh articles of these ages (n,) in days are, 0–1, and the weight that this has in their score."""
    half_life, weight = (NEWS_HALF_LIFE_DAYS, NEWS_WEIGHT) if news else (RECENCY_HALF_LIFE_DAYS, RECENCY_WEIGHT)
    return (0.5 ** (np.maximum(ages, 0) / half_life)).astype(np.float32), weight
