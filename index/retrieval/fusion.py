"""Scores: lexical and dense made one, recency, and the evidence that a passage is relevant at all. Pure functions of arrays.

Fusion is a convex combination of min–max-normalised scores (Bruch, Gai and Ingber 2023). The constants come from
`bench/tune.py` over all evaluation sets together, checked by leaving each family of sets out in turn
(docs/measurements.md); change them there, not by eye.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

OWN_DENSE, GLOSSED_DENSE, CROSS_DENSE = 0.57, 0.32, 0.7
"""Weight of meaning against words: between English and English, where both were glossed, and across languages."""

FIGURE_DENSE = 0.7
"""What is left of that weight where a figure is asked for: an encoder hardly tells one number from another."""

LEXICAL_SHARE = 0.5
"""What speaks for a passage is its cosine + LEXICAL_SHARE × BM25 over the sum of the units' inverse document frequencies:
about 1 where all the words are there once."""
CHINESE_GATE, ENGLISH_GATE, CROSS_GATE, ONLY_CROSS_GATE = 0.62, 0.55, 0.42, 0.37
"""One of the first `OPENING` passages of an answer must have so much evidence, or nothing is shown: between Chinese and Chinese
(both glossed), English and English, across languages, and across where the store has next to nothing in the query's language.
That is for eight units; the more a query has, the fewer of them an answer repeats: `GATE_SLOPE` less for each factor of e."""
OPENING = 3
GATE_SLOPE = 0.07
OWN_GROWTH, CROSS_GROWTH = 0.04, 0.08
SMALL, LARGE = 350, 10_000
"""The more passages there are, the more evidence the best of those has that have nothing to do with a query: gates rise by so
much for each factor of e between so many passages (above the second number nothing was measured). Not for a query that names a
company or a chip beyond doubt: what names it too is no accident in any number of passages."""
SCARCE = 0.05
"""Share of passages below which a language is next to nothing."""
WORDS_GATE, CROSS_WORDS_GATE = 0.45, 0.2
"""The same for words alone, where evidence is the lexical part by itself, in one language and across."""
ENOUGH = 1.1
RELATIVE_FLOOR, CROSS_RELATIVE_FLOOR = 0.55, 0.4
"""Once an answer is there, what has less than this share of the best one's evidence is left out: in the query's language,
and in the other, where the same relevance leaves less evidence."""

FEEDBACK_PASSAGES, FEEDBACK_WEIGHT, FEEDBACK_SHARPNESS = 5, 0.35, 4.0
"""The best passages that the query is moved towards, how far, and how much more the first of them says than the others."""

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


def moved(query: Floats, passages: Floats, fused: Floats) -> Floats:
    """The query (d,) moved towards the best passages (k, d) by their fused scores (k,): pseudo-relevance feedback (Rocchio).

    Words find passages whose meaning then finds others, which is more than a sum of the two sides.
    """
    shares = np.exp(FEEDBACK_SHARPNESS * (fused - fused.max(initial=0.0)))
    towards = query + FEEDBACK_WEIGHT * (shares / shares.sum()) @ passages
    return np.asarray(towards / max(float(np.linalg.norm(towards)), 1e-6), np.float32)


def dense_weights(
    query_chinese: bool, passage_chinese: NDArray[np.bool_], *, multilingual: bool, figures: bool = False
) -> Floats:
    """The dense share (n,) for passages in each language. A multilingual encoder reads every language as its own."""
    share = FIGURE_DENSE if figures else 1.0
    if multilingual:
        return np.full(len(passage_chinese), share * OWN_DENSE, np.float32)
    same = GLOSSED_DENSE if query_chinese else OWN_DENSE
    return np.where(passage_chinese == query_chinese, share * same, share * CROSS_DENSE).astype(np.float32)


def evidence(cosines: Floats | None, bm25: Floats, frequencies: float) -> Floats:
    """What speaks for each passage's relevance (n,); `frequencies` is the sum of the units' inverse document frequencies."""
    lexical = bm25 / max(frequencies, 1e-6)
    return lexical if cosines is None else cosines + LEXICAL_SHARE * lexical


def gates_of_words(query_chinese: bool, passage_chinese: NDArray[np.bool_]) -> Floats:
    """The evidence (n,) that each passage needs to open an answer by words alone."""
    return np.where(passage_chinese == query_chinese, WORDS_GATE, CROSS_WORDS_GATE).astype(np.float32)


def gates(
    query_chinese: bool,
    passage_chinese: NDArray[np.bool_],
    units: int,
    *,
    multilingual: bool,
    own_share: float,
    passages: int,
    named: bool,
) -> Floats:
    """The evidence (n,) that each passage needs to open an answer to a query of so many units, which has `named` something of
    the catalogue or not, among so many `passages`, of which `own_share` are in its language."""
    grown = 0.0 if named else float(np.log(min(max(passages, SMALL), LARGE) / SMALL))
    same = (CHINESE_GATE if query_chinese and not multilingual else ENGLISH_GATE) + OWN_GROWTH * grown
    across = (ONLY_CROSS_GATE if own_share < SCARCE else CROSS_GATE) + CROSS_GROWTH * grown
    longer = GATE_SLOPE * float(np.log(min(max(units, 3), 20) / 8))
    return (np.where(passage_chinese == query_chinese, same, across) - longer).astype(np.float32)


def floor_base(best: float) -> float:
    """What floors are shares of: the first one's evidence, up to what a passage with all the words and a like sense has."""
    return min(best, ENOUGH)


def floors(best: float, query_chinese: bool, passage_chinese: NDArray[np.bool_]) -> Floats:
    """The evidence (n,) that each passage needs beside one that has the evidence `best`."""
    return np.where(passage_chinese == query_chinese, RELATIVE_FLOOR * best, CROSS_RELATIVE_FLOOR * best).astype(np.float32)


def freshness(ages: NDArray[np.float64], *, news: bool) -> tuple[Floats, float]:
    """How fresh articles of these ages (n,) in days are, 0–1, and the weight that this has in their score."""
    half_life, weight = (NEWS_HALF_LIFE_DAYS, NEWS_WEIGHT) if news else (RECENCY_HALF_LIFE_DAYS, RECENCY_WEIGHT)
    return (0.5 ** (np.maximum(ages, 0) / half_life)).astype(np.float32), weight
