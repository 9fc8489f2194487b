"""What hits are made of, each article read from the store once, however many searches it answers."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TypeVar

from index.retrieval.snippet import Named, ReadText
from index.store.articles import ArticleHead, StoredArticle, articles_by_id, heads_by_id, named_spans
from index.store.database import Store
from index.store.entities import saliences_of
from index.store.passages import PassageRow, passages_by_id
from index.text.sentences import Span

Row = TypeVar("Row")


class Shelf:
    """Articles with their stories, entities, passages and texts, as of when each was first asked for. For one thread."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._heads: dict[int, ArticleHead | None] = {}
        self._articles: dict[int, StoredArticle | None] = {}
        self._entities: dict[int, tuple[str, ...]] = {}
        self._passages: dict[int, PassageRow | None] = {}
        self._named: dict[int, list[tuple[str, int, int, str]]] = {}
        self._texts: dict[tuple[int, int, int], ReadText] = {}

    def lay(self, articles: Sequence[int], passages: Sequence[int]) -> None:
        """Read all of these at once, with every entity that the articles name: for many searches that they may answer."""
        self.heads(articles)
        self.articles(articles)
        self.entities(articles)
        self.passages(passages)
        self._named |= {article: [] for article in articles} | named_spans(self._store, articles, None)

    def heads(self, articles: Iterable[int]) -> Mapping[int, ArticleHead]:
        """The heads of those of `articles` that exist."""
        return _found(self._heads, articles, lambda missing: heads_by_id(self._store, missing))

    def articles(self, articles: Iterable[int]) -> Mapping[int, StoredArticle]:
        """Those of `articles` that exist."""
        return _found(self._articles, articles, lambda missing: articles_by_id(self._store, missing))

    def passages(self, passages: Iterable[int]) -> Mapping[int, PassageRow]:
        """Those of `passages` that exist."""
        return _found(self._passages, passages, lambda missing: passages_by_id(self._store, missing))

    def entities(self, articles: Sequence[int]) -> Mapping[int, tuple[str, ...]]:
        """The ids of the entities that each of `articles` names, what it is about first."""
        missing = [article for article in articles if article not in self._entities]
        if missing:
            self._entities |= {article: tuple(found) for article, found in saliences_of(self._store, missing).items()}
        return self._entities

    def named(self, articles: Sequence[int], entities: Collection[str]) -> Mapping[int, Sequence[tuple[str, int, int, str]]]:
        """Where `articles` name any of `entities`, at least: (field, start, end, entity) by article."""
        missing = [article for article in articles if article not in self._named]
        return self._named | named_spans(self._store, missing, entities) if missing else self._named

    def text(self, article: StoredArticle, span: Span | None) -> ReadText:
        """The text of an article in `span`, or its title."""
        key = (article.id, -1, -1) if span is None else (article.id, span.start, span.end)
        if key not in self._texts:
            self._texts[key] = _read(article.title if span is None else article.text[span.start : span.end])
        return self._texts[key]


@lru_cache(maxsize=2048)
def _read(text: str) -> ReadText:
    """A text that the answers to several searches show is read once: some twenty megabytes keep the last ones."""
    return ReadText(text)


def _found(
    known: dict[int, Row | None], keys: Iterable[int], read: Callable[[list[int]], Mapping[int, Row]]
) -> Mapping[int, Row]:
    """Those of `keys` that `known` has, after it was told by `read` of those that it did not know of."""
    keys = list(keys)
    missing = [key for key in dict.fromkeys(keys) if key not in known]
    if missing:
        known |= dict.fromkeys(missing) | dict(read(missing))
    return {key: row for key in keys if (row := known[key]) is not None}


def in_title(spans: Iterable[tuple[str, int, int, str]]) -> list[Named]:
    """Those that stand in the title."""
    return [(start, end, entity) for field, start, end, entity in spans if field == "title"]


def in_span(spans: Iterable[tuple[str, int, int, str]], span: Span) -> list[Named]:
    """Those that stand in a span of the text, counted from its start."""
    return [
        (start - span.start, end - span.start, entity)
        for field, start, end, entity in spans
        if field == "text" and span.start <= start and end <= span.end
    ]
