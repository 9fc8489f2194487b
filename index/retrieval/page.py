"""From relevant passages to a page of an answer: the best passage of each article, articles grouped, the groups in order."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]
Keys = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Articles:
    """The articles of an answer: ``positions`` (a,) in the columns, ascending, and ``best`` (a,), which of the passages
    that were found is the best one of each."""

    positions: Ids
    best: Ids


def best_passages(positions: Ids, scores: Keys, articles: int) -> Articles:
    """Of passages (n,) of the articles at `positions` (n,), out of so many, each article's best one; of equals the first."""
    top = np.full(articles, -np.inf)
    np.maximum.at(top, positions, scores)
    candidates = np.flatnonzero(scores == top[positions])[::-1]
    best = np.full(articles, -1, np.int64)
    best[positions[candidates]] = candidates
    found = np.flatnonzero(best >= 0)
    return Articles(found, best[found])


def sort_keys(values: NDArray[np.floating] | Ids, positions: Ids, scale: float) -> Keys:
    """Keys (a,) that order articles like `values` (a,) and no two alike, so that pages never overlap; differences of less
    than a millionth of `scale` do not count."""
    return np.asarray(values, np.float64) - positions * (1e-12 * scale)


def page_of(groups: Ids, keys: Keys, offset: int, count: int) -> tuple[list[list[int]], int]:
    """The groups number `offset` to `offset + count`, those with the greatest of `keys` (a,) first.

    `groups` (a,) tells the group of each article in small numbers.

    Returns:
        for each group the indices of its articles, greatest key first; and how many groups there are in all.
    """
    if not len(groups):
        return [], 0
    top = np.full(int(groups.max()) + 1, -np.inf)
    np.maximum.at(top, groups, keys)
    there = np.flatnonzero(top > -np.inf)
    wanted = min(offset + count, len(there))
    if wanted <= offset:
        return [], len(there)
    first = there[np.argpartition(-top[there], wanted - 1)[:wanted]]
    chosen = first[np.argsort(-top[first])][offset:]
    rank = np.full(len(top), -1, np.int64)
    rank[chosen] = np.arange(len(chosen))
    members = np.flatnonzero(rank[groups] >= 0)
    page: list[list[int]] = [[] for _ in chosen]
    for member in members[np.argsort(-keys[members])].tolist():
        page[int(rank[groups[member]])].append(member)
    return page, len(there)


def rank_after(groups: Ids, keys: Keys, last: int | None, key: float) -> int:
    """How many groups of `page_of` come up to and with the one that article `last` is of.

    Where that article is no longer there, those count that stand above `key`, which it had.
    """
    if not len(groups):
        return 0
    top = np.full(int(groups.max()) + 1, -np.inf)
    np.maximum.at(top, groups, keys)
    if last is None:
        return int((top > key).sum())
    return int((top >= top[groups[last]]).sum())
