"""Assigning stories, as a part of every refresh: a new article joins a story, opens one, or (rarely) brings two together.

For each new article the candidates are few: its nearest by embedding, by rare words, and by runs of text in common, within
`WINDOW` of its time; `index.knowledge.resemblance` scores them, `index.knowledge.grouping` joins what is alike on average.
Once a day the stories that grew are put together from scratch, as if all their articles had come at once, which may merge or
split; ids stay with the larger part, an id that ends leads on, and both are on record. What people decided stands above it.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import overload

import numpy as np
from numpy.typing import NDArray

from index.knowledge.circumstances import circumstances
from index.knowledge.grouping import Pair, bound, group
from index.knowledge.reading import Reading
from index.knowledge.resemblance import JOIN, SURE, Resemblance
from index.knowledge.sketch import RECIPE, Sketch, make_sketch
from index.knowledge.stories import INDEPENDENT, assign_roles, stories_without_lead
from index.knowledge.story_decisions import judgements
from index.store.articles import articles_by_id, mentions_of
from index.store.changes import changes_since
from index.store.database import Store
from index.store.stories import StoryChange, note_change, save_sketches, sketches_of

WINDOW = timedelta(days=4)
"""Coverage of one event trails off within days; a later article on the same subject is another story."""
CONSOLIDATE = timedelta(days=1)
_MARGIN = 0.5
"""How much likelier than an article's joining the merging of two stories has to be."""
_NEAREST = 24
_UNPACKED = 8192
_RARE, _MOST_SHARED = 120, 50
"""So many of an article's rarest words and shingles look for candidates; what more articles have in common tells little."""
_PENDING, _SEQUENCE, _MADE_WITH, _CONSOLIDATED = "stories_pending", "stories_sequence", "stories_model", "stories_consolidated"


@dataclass(slots=True)
class _Item:
    """An article under assignment; ``story`` is the one it has been in."""

    id: int
    time: int
    story: int | None


def assign_stories(store: Store, reading: Reading, model_id: str, now: datetime, baseline: Callable[[], float]) -> int:
    """Give every changed article its story; returns how many were looked at. Part of `refresh`; needs embeddings.

    Args:
        baseline: gives the cosine of unrelated texts by the model `model_id`; asked only where something changed.
    """
    version = f"{RECIPE}.{circumstances().version}.{reading.glosser.version}"
    made_with = f"{model_id} {version}"
    done_to = int(store.meta(_SEQUENCE) or 0) if store.meta(_MADE_WITH) == made_with else 0
    changes = changes_since(store, done_to)
    pending = {int(each) for each in json.loads(store.meta(_PENDING) or "[]")}
    if not changes and not pending:
        return 0
    changed = {change.article_id for change in changes if change.kind == "upsert"}
    with store.atomic():
        consolidated = datetime.fromtimestamp(int(store.meta(_CONSOLIDATED) or 0), UTC)
        due = done_to > 0 and now - consolidated >= CONSOLIDATE
        free = _recent(store, consolidated) if due else set()
        _Assignment(store, reading, model_id, version, baseline()).run(changed, free, pending, now, anew=done_to == 0)
        if due or done_to == 0:
            store.set_meta(_CONSOLIDATED, str(int(now.timestamp())))
        for story in stories_without_lead(store):
            assign_roles(store, story, reading.glosser)
        store.execute("DELETE FROM story WHERE id NOT IN (SELECT story_id FROM article_story)")
        store.set_meta(_SEQUENCE, str(max((change.seq for change in changes), default=done_to)))
        store.set_meta(_MADE_WITH, made_with)
        store.set_meta(_PENDING, "[]")
    return len(changed | pending)


def look_again(store: Store, article_ids: Iterable[int]) -> None:
    """Have the next refresh place these articles anew, inside the caller's transaction."""
    pending = {int(each) for each in json.loads(store.meta(_PENDING) or "[]")} | set(article_ids)
    store.set_meta(_PENDING, json.dumps(sorted(pending)))


def _recent(store: Store, since: datetime) -> set[int]:
    """All articles of the stories that got one since `since`."""
    rows = store.rows(
        "SELECT article_id FROM article_story WHERE story_id IN (SELECT s.story_id FROM article_story s "
        "JOIN article a ON a.id = s.article_id WHERE a.first_seen >= ?)",
        [int(since.timestamp())],
    )
    return {int(row[0]) for row in rows}


class _Assignment:
    """One pass over what changed."""

    def __init__(self, store: Store, reading: Reading, model_id: str, version: str, baseline: float) -> None:
        self._store, self._reading, self._version = store, reading, version
        self._model_id, self._baseline = model_id, baseline

    def run(self, changed: set[int], free: set[int], pending: set[int], now: datetime, *, anew: bool) -> None:
        waiting = changed | pending | free
        if not waiting:
            return
        self._sketch(changed)
        groups, apart = bound(judgements(self._store))
        decided = {item for each in groups for item in each} | {item for pair in apart for item in pair}
        self._items = items = self._load(waiting, decided if decided & waiting else set())
        if not items:
            return
        at = {item.id: number for number, item in enumerate(items)}
        moving = [number for number, item in enumerate(items) if anew or item.id in waiting or item.story is None]
        start = self._start(moving, [[at[each] for each in members if each in at] for members in groups])
        apart_here = {(min(at[a], at[b]), max(at[a], at[b])) for a, b in apart if a in at and b in at}
        start = _without(start, apart_here)
        settled = set(range(len(items))) - set(moving)
        self._resemblance = Resemblance(
            self._sketches, self._vectors, self._reading.catalogue, _Senses(self._reading),
            self._baseline,
        )  # fmt: skip
        candidates = [pair for number in moving for pair in self._candidates(number)]
        found = group(start, candidates, self._score, JOIN, apart_here, settled, _MARGIN, self._resemblance.possible)
        self._store_groups(found, now)

    def _sketch(self, article_ids: Iterable[int]) -> None:
        """Make and store the sketches of these articles."""
        ids = sorted(article_ids)
        for first in range(0, len(ids), 100):
            articles = articles_by_id(self._store, ids[first : first + 100])
            made = []
            for article in articles.values():
                mentions = mentions_of(self._store, article.id)
                sketch = make_sketch(article.title, article.text, article.lang, mentions, self._reading)
                made.append((article.id, sketch.dump()))
            save_sketches(self._store, self._version, made)

    def _load(self, waiting: set[int], also: set[int]) -> list[_Item]:
        """The waiting articles, `also`, and all that could share a story with them, in order of time."""
        window = int(WINDOW.total_seconds())
        times = self._times(waiting)
        spans: list[list[int]] = []
        for time in sorted(times.values()):
            if spans and time - window <= spans[-1][1]:
                spans[-1][1] = time + window
            else:
                spans.append([time - window, time + window])
        stories: dict[int, int | None] = {}
        moments: dict[int, int] = {}
        query = (
            "SELECT a.id, coalesce(a.published, a.first_seen), s.story_id FROM article a "
            "LEFT JOIN article_story s ON s.article_id = a.id WHERE "
        )
        for low, high in spans:
            for row in self._store.rows(f"{query} coalesce(a.published, a.first_seen) BETWEEN ? AND ?", [low, high]):
                moments[row[0]], stories[row[0]] = int(row[1]), row[2]
        for article_id in also - moments.keys():
            row_ = self._store.row(f"{query} a.id = ?", [article_id])
            if row_ is not None:
                moments[article_id], stories[article_id] = int(row_[1]), row_[2]
        ids = sorted(moments, key=lambda each: (moments[each], each))
        stored = sketches_of(self._store, self._version, ids)
        if len(stored) < len(ids):
            self._sketch(set(ids) - stored.keys())
            stored = sketches_of(self._store, self._version, ids)
        items = [_Item(each, moments[each], stories[each]) for each in ids]
        self._sketches = _Sketches([stored[each] for each in ids])
        self._vectors = self._article_vectors(ids) if ids else np.zeros((0, 1), np.float32)
        return items

    def _times(self, ids: Iterable[int]) -> dict[int, int]:
        sql = "SELECT id, coalesce(published, first_seen) FROM article WHERE id IN (*)"
        return {int(row[0]): int(row[1]) for row in self._store.rows_among(sql, sorted(ids))}

    def _article_vectors(self, ids: Sequence[int]) -> NDArray[np.float32]:
        """(n, d): the mean of each article's embeddings, of unit length; zero for one without."""
        sums: dict[int, NDArray[np.float32]] = {}
        for row in self._store.rows_among(
            "SELECT p.article_id, e.vector FROM passage p JOIN wording w ON w.passage_id = p.id "
            "JOIN embedding e ON e.hash = w.hash AND e.model = ? WHERE p.article_id IN (*) GROUP BY p.id",
            ids,
            before=[self._model_id],
        ):
            vector = np.frombuffer(row[1], "<f4")
            sums[int(row[0])] = vector + sums[int(row[0])] if int(row[0]) in sums else vector
        width = next(iter(sums.values())).shape[0] if sums else 1
        blank = np.zeros(width, np.float32)
        vectors = np.stack([sums.get(each, blank) for each in ids]).astype(np.float32)
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.maximum(norms, 1e-9), np.float32)

    def _start(self, moving: Sequence[int], together: Sequence[Sequence[int]]) -> list[list[int]]:
        """Stories as they stand, without the articles that are placed anew; and what people put together."""
        block: dict[int, int] = {}
        blocks: dict[int, list[int]] = {}
        stories: dict[int, int] = {}
        loose = set(moving)
        for number, item in enumerate(self._items):
            key = number if number in loose or item.story is None else stories.setdefault(item.story, number)
            block[number] = key
            blocks.setdefault(key, []).append(number)
        for members in together:
            for other in members[1:]:
                a, b = block[members[0]], block[other]
                if a != b:
                    for each in blocks[b]:
                        block[each] = a
                    blocks[a] += blocks.pop(b)
        return list(blocks.values())

    def _score(self, a: int, b: int) -> float:
        if abs(self._items[a].time - self._items[b].time) > WINDOW.total_seconds():
            return -SURE
        return self._resemblance.score(a, b)

    @cached_property
    def _postings(self) -> "_Postings":
        return _Postings(self._sketches)

    @cached_property
    def _moments(self) -> NDArray[np.int64]:
        return np.array([item.time for item in self._items], np.int64)

    def _candidates(self, number: int) -> Iterable[Pair]:
        item, window = self._items[number], int(WINDOW.total_seconds())
        low = int(np.searchsorted(self._moments, item.time - window, "left"))
        high = int(np.searchsorted(self._moments, item.time + window, "right"))
        cosines = self._vectors[low:high] @ self._vectors[number]
        near = {low + int(each) for each in np.argsort(-cosines, kind="stable")[:_NEAREST]}
        near.update(self._postings.nearest(number, low, high))
        near.discard(number)
        return [(number, other) for other in sorted(near)]

    def _store_groups(self, groups: Sequence[Sequence[int]], now: datetime) -> None:
        """Give groups their ids, the old one of most of their articles where there is one, and write what changed."""
        votes = Counter((number, self._items[i].story) for number, members in enumerate(groups) for i in members)
        ids: dict[int, int] = {}
        taken: dict[int, int] = {}
        for (number, story), _ in sorted(votes.items(), key=lambda v: (-v[1], v[0][1] or 0, v[0][0])):
            if story is not None and number not in ids and story not in taken:
                ids[number], taken[story] = story, number
        touched: set[int] = set()
        for number, members in enumerate(groups):
            if number not in ids:
                cursor = self._store.execute("INSERT INTO story (created) VALUES (?)", [int(now.timestamp())])
                ids[number] = int(cursor.lastrowid or 0)
            for item in (self._items[i] for i in members):
                if item.story == ids[number]:
                    continue
                self._store.execute(
                    "INSERT OR REPLACE INTO article_story (article_id, story_id, role) VALUES (?, ?, ?)",
                    [item.id, ids[number], INDEPENDENT],
                )
                touched.update(each for each in (item.story, ids[number]) if each is not None)
        for story in sorted({story for _, story in votes if story is not None}):
            parts = sorted(((count, number) for (number, s), count in votes.items() if s == story), reverse=True)
            for count, number in parts:
                if ids[number] == story:
                    continue
                gone = story not in taken and (count, number) == parts[0]
                if gone or story in taken:
                    note_change(self._store, StoryChange(now, "merged" if gone else "split", story, ids[number], count))
        for story in sorted(touched):
            if self._store.row("SELECT 1 FROM article_story WHERE story_id = ?", [story]) is not None:
                assign_roles(self._store, story, self._reading.glosser)


class _Postings:
    """Articles by word, English or Chinese, and by shingle."""

    def __init__(self, sketches: Sequence[Sketch]) -> None:
        ids: dict[str | int, int] = {}
        self._keys = [
            np.unique([ids.setdefault(key, len(ids)) for key in (*s.words, *s.glosses, *s.shingles.tolist())]).astype(np.int64)
            for s in sketches
        ]
        keys = np.concatenate(self._keys)
        owners = np.repeat(np.arange(len(sketches)), [len(each) for each in self._keys])
        self._owners = owners[np.argsort(keys, kind="stable")]
        self._counts = np.bincount(keys, minlength=len(ids))
        self._starts = np.concatenate([[0], np.cumsum(self._counts)])

    def nearest(self, number: int, low: int, high: int) -> list[int]:
        """The articles from `low` to `high` that share the most and rarest keys with one, itself perhaps among them."""
        keys = self._keys[number]
        keys = keys[(self._counts[keys] > 1) & (self._counts[keys] <= _MOST_SHARED)]
        keys = keys[np.argsort(self._counts[keys], kind="stable")[:_RARE]]
        if not len(keys):
            return []
        owners = np.concatenate([self._owners[self._starts[key] : self._starts[key + 1]] for key in keys])
        shares = np.bincount(owners, np.repeat(1 / self._counts[keys], self._counts[keys]), high)[low:high]
        order = np.argsort(-shares, kind="stable")[: _NEAREST + 1]
        return [low + int(each) for each in order if shares[each] > 0]


class _Sketches(Sequence[Sketch]):
    """Sketches by number, of which the last ones used are unpacked: an import may bring a hundred thousand at once."""

    def __init__(self, bodies: Sequence[bytes]) -> None:
        self._bodies = bodies
        self._open: dict[int, Sketch] = {}

    def __len__(self) -> int:
        return len(self._bodies)

    @overload
    def __getitem__(self, number: int) -> Sketch: ...

    @overload
    def __getitem__(self, number: slice) -> "_Sketches": ...

    def __getitem__(self, number: int | slice) -> "Sketch | _Sketches":
        if isinstance(number, slice):
            return _Sketches(self._bodies[number])
        known = self._open.get(number)
        if known is None:
            body = self._bodies[number]  # raises the IndexError that ends an iteration
            if len(self._open) >= _UNPACKED:
                self._open.clear()
            known = self._open[number] = Sketch.load(body)
        return known


class _Senses(dict[str, int]):
    """How many Chinese words gloss as a given English term; looked up when first asked."""

    def __init__(self, reading: Reading) -> None:
        self._glosser = reading.glosser

    def get(self, term: str, default: int = 0) -> int:  # type: ignore[override]
        return len(self._glosser.chinese_for(term)) if term.isascii() else default


def _without(start: Sequence[Sequence[int]], apart: set[Pair]) -> list[list[int]]:
    """`start` with the groups taken apart in which a pair stands that people parted."""
    result: list[list[int]] = []
    for members in start:
        parts: list[list[int]] = []
        for item in members:
            fitting = (part for part in parts if not any((min(item, o), max(item, o)) in apart for o in part))
            part = next(fitting, None)
            if part is None:
                parts.append([item])
            else:
                part.append(item)
        result += parts
    return result
