"""Stories: articles on one event, in either language, each with its part: original, independent, or copy.

An article joins the story whose members it resembles most on average, within `WINDOW` of their times. Resemblance is the
cosine of the articles' leads (Chinese glossed, so that languages meet) plus a share for rare entities in common. A copy
is told by its text: most of its character shingles stand in an earlier article; or by an origin it names.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from index.knowledge.entities import Catalogue
from index.store.articles import StoredArticle, articles_by_id, entity_counts
from index.store.changes import changes_since
from index.store.database import Store
from index.text.fold import fold

WINDOW = timedelta(days=4)
"""Coverage of one event trails off within days; a later article on the same subject is another story."""
JOIN = 0.62
"""Average resemblance that an article needs to join a story."""
ENTITY_SHARE = 0.3
COPY = 0.6
"""Share of the shorter text's shingles that makes a copy."""
_SHINGLE = 8
_LEADS = 2

ORIGINAL, INDEPENDENT, COPIED = "original", "independent", "copy"


@dataclass(frozen=True, slots=True)
class StoryMember:
    """An article in a story; ``copy_of`` is the article it repeats, where that is stored."""

    article: StoredArticle
    role: str
    copy_of: int | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """A story with its members in order of time: the original first, and never empty."""

    id: int
    members: tuple[StoryMember, ...]

    @property
    def headline(self) -> str:
        return self.lead.article.title

    @property
    def lead(self) -> StoryMember:
        """The original; or the first member while roles are being revised."""
        return next((m for m in self.members if m.role == ORIGINAL), self.members[0])

    @property
    def origins(self) -> int:
        """Articles that are nobody's copy: independent coverage."""
        return sum(member.role != COPIED for member in self.members)


@dataclass(slots=True)
class _Item:
    """An article under assignment."""

    id: int
    time: int
    vector: NDArray[np.float32]
    entities: dict[str, float]
    story: int | None = None


@dataclass(slots=True)
class _Group:
    members: list[_Item] = field(default_factory=list)


def assign_stories(store: Store, catalogue: Catalogue, model_id: str, now: datetime) -> int:
    """Give every changed article its story; returns how many were looked at. Part of `refresh`; needs embeddings."""
    done_to = int(store.meta("stories_sequence") or 0)
    if store.meta("stories_model") != model_id:
        done_to = 0
    changes = changes_since(store, done_to)
    if not changes:
        return 0
    changed = {change.article_id for change in changes if change.kind == "upsert"}
    items = _load(store, model_id, changed)
    waiting = [item for item in items if item.id in changed]
    for item in waiting:
        item.story = None
    groups: dict[int, _Group] = {}
    for item in items:
        if item.story is not None:
            groups.setdefault(item.story, _Group()).members.append(item)
    with store.atomic():
        if done_to == 0:
            store.execute("DELETE FROM article_story")
            groups = {}
            waiting = items
            for item in items:
                item.story = None
        touched: set[int] = set()
        matcher = _Matcher(items)
        for item in waiting:
            story = matcher.best_story(item, groups)
            if story is None:
                story = int(store.execute("INSERT INTO story (created) VALUES (?)", [int(now.timestamp())]).lastrowid or 0)
            item.story = story
            groups.setdefault(story, _Group()).members.append(item)
            touched.add(story)
            store.execute(
                "INSERT OR REPLACE INTO article_story (article_id, story_id, role) VALUES (?, ?, ?)",
                [item.id, story, INDEPENDENT],
            )
        touched.update(_stories_without_lead(store))
        for story in sorted(touched):
            _assign_roles(store, story)
        store.execute("DELETE FROM story WHERE id NOT IN (SELECT story_id FROM article_story)")
        store.set_meta("stories_sequence", str(max(change.seq for change in changes)))
        store.set_meta("stories_model", model_id)
    return len(waiting)


class _Matcher:
    """Resemblance between items; rare entities weigh more."""

    def __init__(self, items: Sequence[_Item]) -> None:
        self._items = items
        self._times = np.array([item.time for item in items], np.int64)
        width = items[0].vector.shape[0] if items else 0
        self._vectors = np.stack([item.vector for item in items]) if items else np.zeros((0, width), np.float32)
        seen: dict[str, int] = {}
        for item in items:
            for entity in item.entities:
                seen[entity] = seen.get(entity, 0) + 1
        self._rarity = {entity: math.log(1 + len(items) / count) for entity, count in seen.items()}

    def best_story(self, item: _Item, groups: Mapping[int, _Group]) -> int | None:
        window = int(WINDOW.total_seconds())
        low = int(np.searchsorted(self._times, item.time - window, "left"))
        high = int(np.searchsorted(self._times, item.time + window, "right"))
        if not self._vectors.shape[1]:
            return None
        cosines = self._vectors[low:high] @ item.vector
        near = [low + int(i) for i in np.argsort(-cosines, kind="stable")[:24]]
        stories = {
            self._items[i].story: None for i in near if self._items[i].id != item.id and self._items[i].story is not None
        }
        best, best_score = None, JOIN
        for story in stories:
            assert story is not None
            members = groups[story].members
            if any(abs(member.time - item.time) > window for member in members):
                continue
            score = sum(self.resemblance(item, member) for member in members) / len(members)
            if score >= best_score:
                best, best_score = story, score
        return best

    def resemblance(self, a: _Item, b: _Item) -> float:
        cosine = float(a.vector @ b.vector)
        return (1 - ENTITY_SHARE) * cosine + ENTITY_SHARE * self._shared_entities(a.entities, b.entities)

    def _shared_entities(self, a: Mapping[str, float], b: Mapping[str, float]) -> float:
        def weigh(counts: Mapping[str, float]) -> dict[str, float]:
            return {e: math.sqrt(n) * self._rarity.get(e, 1.0) for e, n in counts.items()}

        left, right = weigh(a), weigh(b)
        product = sum(value * right.get(entity, 0.0) for entity, value in left.items())
        norm = math.sqrt(sum(v * v for v in left.values()) * sum(v * v for v in right.values()))
        return product / norm if norm else 0.0


def _load(store: Store, model_id: str, changed: Iterable[int]) -> list[_Item]:
    """The changed articles and all that could share a story with them, in order of time."""
    ids = sorted(changed)
    if not ids:
        return []
    window = int(WINDOW.total_seconds())
    times = {}
    for start in range(0, len(ids), 500):
        chunk = ids[start : start + 500]
        marks = ",".join("?" * len(chunk))
        for row in store.rows(f"SELECT id, coalesce(published, first_seen) FROM article WHERE id IN ({marks})", chunk):
            times[int(row[0])] = int(row[1])
    if not times:
        return []
    rows = store.rows(
        "SELECT a.id, coalesce(a.published, a.first_seen) AS time, s.story_id FROM article a "
        "LEFT JOIN article_story s ON s.article_id = a.id "
        "WHERE coalesce(a.published, a.first_seen) BETWEEN ? AND ? ORDER BY time, a.id",
        [(first := min(times.values()) - window), (last := max(times.values()) + window)],
    )
    vectors = _lead_vectors(store, model_id, first, last)
    width = next(iter(vectors.values())).shape[0] if vectors else 0
    blank = np.zeros(width, np.float32)
    counts = entity_counts(store, [int(row["id"]) for row in rows])
    return [
        _Item(
            int(row["id"]),
            int(row["time"]),
            vectors.get(int(row["id"]), blank),
            {entity: float(n) for entity, n in counts[int(row["id"])].items()},
            None if row["story_id"] is None else int(row["story_id"]),
        )
        for row in rows
    ]


def _lead_vectors(store: Store, model_id: str, first: int, last: int) -> dict[int, NDArray[np.float32]]:
    """Per article from `first` to `last` (epoch seconds), the mean of its first passages' embeddings, of unit length."""
    sums: dict[int, NDArray[np.float32]] = {}
    for row in store.rows(
        "SELECT p.article_id, e.vector FROM article a JOIN passage p ON p.article_id = a.id AND p.ordinal < ? "
        "JOIN wording w ON w.passage_id = p.id JOIN embedding e ON e.hash = w.hash AND e.model = ? "
        "WHERE coalesce(a.published, a.first_seen) BETWEEN ? AND ? GROUP BY p.id",
        [_LEADS, model_id, first, last],
    ):
        vector = np.frombuffer(row[1], "<f4")
        article = int(row[0])
        sums[article] = vector + sums[article] if article in sums else vector
    return {article: total / max(float(np.linalg.norm(total)), 1e-9) for article, total in sums.items()}


def _stories_without_lead(store: Store) -> list[int]:
    rows = store.rows("SELECT story_id FROM article_story GROUP BY story_id HAVING sum(role = ?) <> 1", [ORIGINAL])
    return [int(row[0]) for row in rows]


def _assign_roles(store: Store, story: int) -> None:
    rows = store.rows("SELECT article_id FROM article_story WHERE story_id = ?", [story])
    articles = sorted(articles_by_id(store, [int(row[0]) for row in rows]).values(), key=lambda a: (a.time, a.first_seen, a.id))
    names = {str(row[0]): str(row[1]) for row in store.rows("SELECT id, name FROM source")}
    for article_id, (role, copy_of) in roles(articles, names).items():
        store.execute("UPDATE article_story SET role = ?, copy_of = ? WHERE article_id = ?", [role, copy_of, article_id])


def roles(articles: Sequence[StoredArticle], source_names: Mapping[str, str]) -> dict[int, tuple[str, int | None]]:
    """The part of each of a story's articles (given in order of time), and whom a copy repeats.

    An article that names an origin is a copy even when the origin itself is not stored, unless it is the only one.
    """
    shingles = {article.id: _shingles(article.text) for article in articles}
    result: dict[int, tuple[str, int | None]] = {}
    own: list[StoredArticle] = []
    # Who names an origin is looked at last: a repost may carry an earlier time than the piece it repeats.
    for article in sorted(articles, key=lambda a: a.origin_name is not None):
        named = _named_origin(article, own, source_names)
        source = named or next((o for o in own if _overlap(shingles[article.id], shingles[o.id]) >= COPY), None)
        if source is not None or (article.origin_name is not None and own):
            result[article.id] = (COPIED, source.id if source else None)
        else:
            result[article.id] = (INDEPENDENT, None)
            own.append(article)
    first = min(own, key=lambda a: (a.time, a.first_seen, a.id))
    result[first.id] = (ORIGINAL, None)
    return result


def _named_origin(article: StoredArticle, others: Sequence[StoredArticle], names: Mapping[str, str]) -> StoredArticle | None:
    if article.origin_name is None:
        return None
    wanted = fold(article.origin_name)
    for other in others:
        if article.origin_url and article.origin_url in (other.url, other.canonical_url):
            return other
        if fold(names.get(other.source, other.source)) == wanted or fold(other.source) == wanted:
            return other
    return None


def _shingles(text: str) -> set[str]:
    folded = "".join(char for char in fold(text) if char.isalnum())
    return {folded[i : i + _SHINGLE] for i in range(len(folded) - _SHINGLE + 1)}


def _overlap(a: set[str], b: set[str]) -> float:
    return len(a & b) / min(len(a), len(b)) if a and b else 0.0


def stories_between(store: Store, since: datetime | None = None, until: datetime | None = None) -> list[Story]:
    """Stories with at least one article in [since, until), with all their members, newest lead first."""
    low = -(2**62) if since is None else int(since.timestamp())
    high = 2**62 if until is None else int(until.timestamp())
    rows = store.rows(
        "SELECT DISTINCT s.story_id FROM article_story s JOIN article a ON a.id = s.article_id "
        "WHERE coalesce(a.published, a.first_seen) >= ? AND coalesce(a.published, a.first_seen) < ?",
        [low, high],
    )
    return load_stories(store, [int(row[0]) for row in rows])


def load_stories(store: Store, ids: Sequence[int]) -> list[Story]:
    """The stories with these ids, newest lead first."""
    members: dict[int, list[tuple[int, str, int | None]]] = {}
    for first in range(0, len(ids), 500):
        chunk = list(ids[first : first + 500])
        marks = ",".join("?" * len(chunk))
        for row in store.rows(
            f"SELECT story_id, article_id, role, copy_of FROM article_story WHERE story_id IN ({marks})", chunk
        ):
            members.setdefault(int(row[0]), []).append((int(row[1]), str(row[2]), row[3]))
    articles = articles_by_id(store, [m[0] for group in members.values() for m in group])
    stories = []
    for story_id, group in members.items():
        found = [StoryMember(articles[a], role, copy_of) for a, role, copy_of in group if a in articles]
        if found:
            found.sort(key=lambda m: (m.role != ORIGINAL, m.article.time, m.article.id))
            stories.append(Story(story_id, tuple(found)))
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return sorted(stories, key=lambda s: (epoch - s.lead.article.time, s.id))


def stories_of_articles(store: Store, article_ids: Sequence[int]) -> dict[int, int]:
    """Story id by article id."""
    found: dict[int, int] = {}
    for first in range(0, len(article_ids), 500):
        chunk = list(article_ids[first : first + 500])
        marks = ",".join("?" * len(chunk))
        for row in store.rows(f"SELECT article_id, story_id FROM article_story WHERE article_id IN ({marks})", chunk):
            found[int(row[0])] = int(row[1])
    return found
