"""What is stored of stories beside who belongs to which: sketches, where an id went, and what was merged or split."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from index.store.database import Store

_LONGEST = 100


@dataclass(frozen=True, slots=True)
class StoryChange:
    """A story was merged into another (``merged``) or lost articles to it (``split``), on its own or by a decision."""

    moment: datetime
    kind: str
    story_id: int
    other_id: int
    articles: int


def save_sketches(store: Store, version: str, sketches: Iterable[tuple[int, bytes]]) -> None:
    """Store sketches by article id, inside the caller's transaction."""
    store.executemany(
        "INSERT OR REPLACE INTO article_sketch (article_id, version, body) VALUES (?, ?, ?)",
        [(article_id, version, body) for article_id, body in sketches],
    )


def sketches_of(store: Store, version: str, article_ids: Sequence[int]) -> dict[int, bytes]:
    """The stored sketches of these articles that were made by `version`."""
    rows = store.rows_among(
        "SELECT article_id, body FROM article_sketch WHERE version = ? AND article_id IN (*)", article_ids, before=[version]
    )
    return {int(row[0]): bytes(row[1]) for row in rows}


def story_mates(store: Store, after: int) -> dict[int, tuple[int, ...]]:
    """Of every article with an id above `after`: itself, and the others of its story."""
    mates: dict[int, tuple[int, ...]] = {
        int(row[0]): (int(row[0]),) for row in store.rows("SELECT id FROM article WHERE id > ?", [after])
    }
    for article_id, other in store.rows(
        "SELECT n.article_id, m.article_id FROM article_story n JOIN article_story m ON m.story_id = n.story_id "
        "WHERE n.article_id > ? AND m.article_id <> n.article_id",
        [after],
    ):
        mates[int(article_id)] += (int(other),)
    return mates


def note_change(store: Store, change: StoryChange) -> None:
    """Put a merge or split on record, inside the caller's transaction; a merged story's id leads to the other from then on."""
    values = [int(change.moment.timestamp()), change.kind, change.story_id, change.other_id, change.articles]
    store.execute("INSERT INTO story_change (moment, kind, story_id, other_id, articles) VALUES (?, ?, ?, ?, ?)", values)
    if change.kind == "merged":
        store.execute("INSERT OR REPLACE INTO story_redirect VALUES (?, ?)", [change.story_id, change.other_id])


def story_changes(store: Store, story_id: int) -> list[StoryChange]:
    """Merges and splits that a story took part in, oldest first."""
    rows = store.rows("SELECT * FROM story_change WHERE story_id = ? OR other_id = ? ORDER BY id", [story_id, story_id])
    moments = (datetime.fromtimestamp(row["moment"], UTC) for row in rows)
    return [StoryChange(m, r["kind"], r["story_id"], r["other_id"], r["articles"]) for m, r in zip(moments, rows, strict=True)]


def current_story(store: Store, story_id: int) -> int | None:
    """The id under which a story is found now; None where there is none."""
    for _ in range(_LONGEST):
        if store.row("SELECT 1 FROM story WHERE id = ?", [story_id]) is not None:
            return story_id
        row = store.row("SELECT target FROM story_redirect WHERE story_id = ?", [story_id])
        if row is None:
            return None
        story_id = int(row[0])
    return None
