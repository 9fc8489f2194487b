"""Stories: articles on one event, in either language, each with its part: original, independent, or copy.

Which articles share a story is decided in `index.knowledge.story_assignment`. A copy is told by its text
(`index.knowledge.copies`), or by an origin it names.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from index.knowledge.copies import Wording
from index.knowledge.gloss import Glosser
from index.store.articles import StoredArticle, articles_by_id
from index.store.database import Store
from index.text.fold import fold

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


def stories_without_lead(store: Store) -> list[int]:
    """Stories whose original is gone, or of which two have become one."""
    rows = store.rows("SELECT story_id FROM article_story GROUP BY story_id HAVING sum(role = ?) <> 1", [ORIGINAL])
    return [int(row[0]) for row in rows]


def assign_roles(store: Store, story: int, glosser: Glosser) -> None:
    """Give the articles of a story their parts in it, inside the caller's transaction."""
    rows = store.rows("SELECT article_id FROM article_story WHERE story_id = ?", [story])
    articles = sorted(articles_by_id(store, [int(row[0]) for row in rows]).values(), key=lambda a: (a.time, a.first_seen, a.id))
    names = {str(row[0]): str(row[1]) for row in store.rows("SELECT id, name FROM source")}
    for article_id, (role, copy_of) in roles(articles, names, glosser).items():
        store.execute("UPDATE article_story SET role = ?, copy_of = ? WHERE article_id = ?", [role, copy_of, article_id])


def roles(
    articles: Sequence[StoredArticle], source_names: Mapping[str, str], glosser: Glosser | None = None
) -> dict[int, tuple[str, int | None]]:
    """The part of each of a story's articles (given in order of time), and whom a copy repeats.

    Copies in the other language, literal translations, are found with a `glosser`.
    An article that names an origin is a copy even when the origin itself is not stored, unless it is the only one.
    """
    wordings = {article.id: Wording(article.text, article.lang, glosser) for article in articles}
    result: dict[int, tuple[str, int | None]] = {}
    own: list[StoredArticle] = []
    # Who names an origin is looked at last: a repost may carry an earlier time than the piece it repeats.
    for article in sorted(articles, key=lambda a: a.origin_name is not None):
        named = _named_origin(article, own, source_names)
        same = [named] if named else [o for o in own if wordings[article.id].repeats(wordings[o.id])]
        # What repeats two was the source of both: two parts of a text have little in common with each other.
        for other in same[1:]:
            result[other.id] = (COPIED, same[0].id)
            result.update({each: (role, same[0].id) for each, (role, of) in result.items() if of == other.id})
            own.remove(other)
        if same or (article.origin_name is not None and own):
            result[article.id] = (COPIED, same[0].id if same else None)
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
    for row in store.rows_among("SELECT story_id, article_id, role, copy_of FROM article_story WHERE story_id IN (*)", ids):
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
    rows = store.rows_among("SELECT article_id, story_id FROM article_story WHERE article_id IN (*)", article_ids)
    return {int(row[0]): int(row[1]) for row in rows}
