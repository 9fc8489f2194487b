"""Earlier states of articles, and what each edit changed: headlines and silent corrections can be seen."""

from dataclasses import dataclass
from datetime import UTC, datetime

from index.store.articles import StoredArticle
from index.store.database import Store
from index.text.diff import Piece, difference


@dataclass(frozen=True, slots=True)
class Revision:
    """An earlier state of an article; ``replaced`` is when the next one was first seen."""

    title: str
    text: str
    replaced: datetime


@dataclass(frozen=True, slots=True)
class Edit:
    """What changed between one state and the next, first seen at ``seen``; pieces as of `index.text.diff`."""

    seen: datetime
    title: tuple[Piece, ...]
    text: tuple[Piece, ...]

    @property
    def title_changed(self) -> bool:
        return any(piece.kind != "same" for piece in self.title)


def revisions_of(store: Store, article_id: int) -> list[Revision]:
    """Earlier states, oldest first."""
    rows = store.rows("SELECT title, text, replaced FROM revision WHERE article_id = ? ORDER BY id", [article_id])
    return [Revision(row["title"], row["text"], datetime.fromtimestamp(row["replaced"], UTC)) for row in rows]


def edits_of(article: StoredArticle, revisions: list[Revision]) -> list[Edit]:
    """The edits that led from the first state of `article` to the one it is in, newest first."""
    states = [(revision.title, revision.text) for revision in revisions] + [(article.title, article.text)]
    edits = [
        Edit(revision.replaced, tuple(difference(old[0], new[0])), tuple(difference(old[1], new[1])))
        for revision, old, new in zip(revisions, states[:-1], states[1:], strict=True)
    ]
    return edits[::-1]
