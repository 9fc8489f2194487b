"""What the facade hands out: a thing with what is known about it, for whoever prints or draws it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from index.knowledge.entities import Entity
from index.knowledge.stories import Story
from index.store.articles import MentionRow, StoredArticle
from index.store.revisions import Edit
from index.store.sources import SourceRecord


@dataclass(frozen=True, slots=True)
class ArticleView:
    """An article with what is known about it; ``entities`` are what it names, its subjects first, with their ``saliences``;
    ``edits`` are the changes of it that were seen, newest first."""

    article: StoredArticle
    mentions: tuple[MentionRow, ...]
    entities: tuple[Entity, ...]
    saliences: Mapping[str, float]
    story: Story | None
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class EntityView:
    """An entity with its latest articles; ``articles`` counts all that mention it, ``about`` those that are about it."""

    entity: Entity
    articles: int
    about: int
    latest: tuple[StoredArticle, ...]
    relatives: tuple[Entity, ...]


@dataclass(frozen=True, slots=True)
class SourceView:
    """A source with the number of its stored articles, and of those that were left out as off topic."""

    record: SourceRecord
    articles: int
    left_out: int = 0
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Status:
    """The state of a data folder. ``pending`` counts articles changed since the current generation."""

    home: Path
    articles: int
    passages: int
    pending: int
    generation: int | None
    generation_created: str | None
    indexed_passages: int
    model: str
    index_kind: str
    up_to_date: bool
    trouble: str | None
    entities: int
    lexicon: int
    index_bytes: Mapping[str, int]
    """Sizes of the current generation's parts: ``vectors`` (held in memory), ``words`` (mapped), ``columns`` and ``rows``."""
    serving: str | None
    """The vector index that this process has loaded, None where it has loaded none."""
    sources: tuple[SourceView, ...]
    sifted_out: int
    """Articles of imported files, over all imports, that were left out as off topic."""
