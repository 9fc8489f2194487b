"""The change log: what happened to articles since a sequence number."""

from dataclasses import dataclass

from index.store.database import Store


@dataclass(frozen=True, slots=True)
class Change:
    """The last thing that happened to an article up to ``seq``: ``upsert`` or ``delete``."""

    seq: int
    article_id: int
    kind: str


def note_change(store: Store, article_id: int) -> None:
    """Say that what is known of an article changed, though nothing of the article did, inside the caller's transaction."""
    store.execute("INSERT INTO change (article_id, kind) VALUES (?, 'upsert')", [article_id])


def last_sequence(store: Store) -> int:
    """The newest sequence number, 0 for an untouched store."""
    row = store.row("SELECT coalesce(max(seq), 0) FROM change")
    return int(row[0]) if row else 0


def changes_since(store: Store, sequence: int, limit: int = -1) -> list[Change]:
    """Per article, its newest change after `sequence`, in order of sequence; at most `limit` (negative: all)."""
    rows = store.rows(
        "SELECT max(seq) AS seq, article_id, kind FROM change WHERE seq > ? GROUP BY article_id ORDER BY seq LIMIT ?",
        [sequence, limit],
    )
    return [Change(int(row["seq"]), int(row["article_id"]), str(row["kind"])) for row in rows]


def count_changes_since(store: Store, sequence: int) -> int:
    """How many articles changed after `sequence`."""
    row = store.row("SELECT count(DISTINCT article_id) FROM change WHERE seq > ?", [sequence])
    return int(row[0]) if row else 0


def forget_superseded(store: Store) -> int:
    """Delete the changes that a newer one of the same article stands for; returns how many."""
    with store.atomic():
        return store.execute("DELETE FROM change WHERE seq NOT IN (SELECT max(seq) FROM change GROUP BY article_id)").rowcount


def deleted_since(store: Store, sequence: int) -> list[int]:
    """Ids of the articles that were deleted after `sequence`."""
    rows = store.rows("SELECT DISTINCT article_id FROM change WHERE seq > ? AND kind = 'delete'", [sequence])
    return [int(row[0]) for row in rows]
