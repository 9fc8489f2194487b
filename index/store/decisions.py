"""Decisions of people: this link is wrong, these stories are one, that claim was misread.

They are never applied in place of what was read, but on top of it, each time it is read anew: so they survive every
re-processing, and undoing one brings back what the program makes of the articles itself. Each kind of decision, and what its
``detail`` holds, belongs to the module that applies it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from index.errors import NotFound
from index.store.database import Store


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision. ``subject`` names what it is about, such as ``article:12``; ``undone`` is when it was taken back."""

    id: int
    kind: str
    subject: str
    detail: Mapping[str, Any]
    note: str | None
    made: datetime
    undone: datetime | None = None


def save_decision(
    store: Store, kind: str, subject: str, detail: Mapping[str, Any], now: datetime, note: str | None = None
) -> Decision:
    """Record a decision, inside the caller's transaction. ``detail`` must be JSON."""
    text = json.dumps(detail, ensure_ascii=False, sort_keys=True)
    cursor = store.execute(
        "INSERT INTO decision (kind, subject, detail, note, made) VALUES (?, ?, ?, ?, ?)",
        [kind, subject, text, note, int(now.timestamp())],
    )
    return Decision(int(cursor.lastrowid or 0), kind, subject, detail, note, now)


def undo_decision(store: Store, decision_id: int, now: datetime) -> Decision:
    """Take a decision back, inside the caller's transaction; it stays on record.

    Raises:
        NotFound: there is none with this id that holds.
    """
    row = store.row("SELECT * FROM decision WHERE id = ? AND undone IS NULL", [decision_id])
    if row is None:
        raise NotFound(f"There is no decision {decision_id} that holds.")
    store.execute("UPDATE decision SET undone = ? WHERE id = ?", [int(now.timestamp()), decision_id])
    return _decision(row)


def decisions(store: Store, *kinds: str, undone: bool = False, subject: str | None = None) -> list[Decision]:
    """Decisions of these kinds, of all where none is named, that hold, oldest first; with `undone` also those taken back.
    With `subject` only those about it."""
    where = [f"kind IN ({','.join('?' * len(kinds))})"] if kinds else []
    where += [] if undone else ["undone IS NULL"]
    where += [] if subject is None else ["subject = ?"]
    condition = f"WHERE {' AND '.join(where)}" if where else ""
    parameters = [*kinds, *([] if subject is None else [subject])]
    return [_decision(row) for row in store.rows(f"SELECT * FROM decision {condition} ORDER BY id", parameters)]


def _decision(row: Any) -> Decision:
    return Decision(
        int(row["id"]),
        str(row["kind"]),
        str(row["subject"]),
        json.loads(row["detail"]),
        row["note"],
        datetime.fromtimestamp(row["made"], UTC),
        None if row["undone"] is None else datetime.fromtimestamp(row["undone"], UTC),
    )
