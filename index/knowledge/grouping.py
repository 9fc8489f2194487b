"""Grouping by average likeness: the two likest groups become one, again and again, as long as they are alike enough.

Only pairs that were found to be candidates are looked at, and what joins two groups is the average over all their pairs: one
article that resembles both does not chain two stories. The result does not depend on the order of the articles.
"""

import heapq
from collections.abc import Callable, Iterable, Sequence

Pair = tuple[int, int]


def group(
    start: Sequence[Sequence[int]],
    candidates: Iterable[Pair],
    score: Callable[[int, int], float],
    join: float,
    apart: Iterable[Pair] = (),
    settled: Iterable[int] = (),
    margin: float = 0.0,
    possible: Callable[[int, int], bool] = lambda a, b: True,
) -> list[list[int]]:
    """Agglomerate groups with average linkage.

    Args:
        start: the groups to begin with, each of one item or more; every item in one of them.
        candidates: pairs of items (in any order) that may bring their groups together.
        score: of any two items; it is asked at most once for a pair.
        join: the average score from which on two groups become one.
        apart: pairs of items that never share a group, unless they do in `start`.
        settled: items whose groups in `start` have stood so far: two of those need `margin` more to become one.
        possible: whether a pair may reach `join` at all, where that can be told with less work than its score.

    Returns:
        The groups, each sorted, in order of their first item.
    """
    groups: dict[int, list[int]] = {number: sorted(items) for number, items in enumerate(start)}
    of_item = {item: number for number, items in groups.items() for item in items}
    known: dict[Pair, float] = {}
    sums: dict[Pair, float] = {}
    beside: dict[int, set[int]] = {number: set() for number in groups}
    forbidden: dict[int, set[int]] = {number: set() for number in groups}
    for a, b in apart:
        x, y = of_item.get(a), of_item.get(b)
        if x is not None and y is not None and x != y:
            forbidden[x].add(y)
            forbidden[y].add(x)
    old = {of_item[item] for item in settled if item in of_item}

    def likeness(a: int, b: int) -> float:
        pair = (a, b) if a < b else (b, a)
        if pair not in known:
            known[pair] = score(*pair)
        return known[pair]

    for a, b in dict.fromkeys((a, b) if a < b else (b, a) for a, b in candidates):
        x, y = of_item[a], of_item[b]
        # Where the average reaches `join`, one pair does: so the others bring nothing together.
        if x != y and y not in forbidden[x] and possible(a, b) and likeness(a, b) >= join:
            beside[x].add(y)
            beside[y].add(x)

    def total(x: int, y: int) -> float:
        pair = (x, y) if x < y else (y, x)
        if pair not in sums:
            sums[pair] = sum(likeness(a, b) for a in groups[x] for b in groups[y])
        return sums[pair]

    heap: list[tuple[float, int, int, int, int]] = []

    def offer(x: int, y: int) -> None:
        average = total(x, y) / (len(groups[x]) * len(groups[y]))
        if average >= join + (margin if x in old and y in old else 0.0):
            first, second = sorted((groups[x][0], groups[y][0]))
            heapq.heappush(heap, (-round(average, 9), first, second, min(x, y), max(x, y)))

    for x in groups:
        for y in beside[x]:
            if x < y:
                offer(x, y)
    following = len(groups)
    while heap:
        *_, x, y = heapq.heappop(heap)
        if x not in groups or y not in groups:
            continue
        made, following = following, following + 1
        neighbours = (beside.pop(x) | beside.pop(y)) - {x, y}
        forbidden[made] = (forbidden.pop(x) | forbidden.pop(y)) & groups.keys()
        for other in forbidden[made]:
            forbidden[other].add(made)
        for z in neighbours:
            beside[z] -= {x, y}
        neighbours -= forbidden[made]
        for z in neighbours:
            sums[z, made] = total(x, z) + total(y, z)
        groups[made] = sorted(groups.pop(x) + groups.pop(y))
        if x in old or y in old:
            old.add(made)
        beside[made] = neighbours
        for z in neighbours:
            beside[z].add(made)
            offer(z, made)
    return sorted(groups.values())


def bound(pairs: Sequence[tuple[int, int, bool]]) -> tuple[list[list[int]], set[Pair]]:
    """Groups and pairs that people's judgements make: (item, item, whether they belong together), oldest first.

    The latest judgement on a pair counts; one that would break a later one by way of other items is left out.
    """
    latest: dict[Pair, tuple[int, bool]] = {}
    for number, (a, b, together) in enumerate(pairs):
        if a != b:
            latest[min(a, b), max(a, b)] = number, together
    root: dict[int, int] = {}
    members: dict[int, set[int]] = {}
    apart: set[Pair] = set()

    def find(item: int) -> int:
        while root.setdefault(item, item) != item:
            item = root[item]
        members.setdefault(item, {item})
        return item

    for (a, b), (_, together) in sorted(latest.items(), key=lambda entry: -entry[1][0]):
        x, y = find(a), find(b)
        if x == y:
            continue
        parted = any((min(p, q), max(p, q)) in apart for p in members[x] for q in members[y])
        if not together:
            apart.add((a, b))
        elif not parted:
            root[y] = x
            members[x] |= members.pop(y)
    return [sorted(group) for group in members.values() if len(group) > 1], apart
