"""The outbox: what is to be delivered, with a log of every attempt.

A delivery is one document to one target: a webhook's address, or one recipient of a mail. Its key is unique, so the same
thing is never put in twice. Any number of processes may take from the outbox: who takes one has it for a while.

States: ``waiting`` (until ``due``), ``taken`` (by a process that works on it; after its time it waits again), ``sending``
(a mail whose text is being handed over: a crash now leaves it ``doubtful``, and it is not sent again), ``done``,
``failed`` (given up).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from sqlite3 import Row
from typing import Any

from index.store.database import Store

LEASE = timedelta(minutes=2)
"""How long who takes a delivery has it for; more than an attempt may take."""
KEPT = timedelta(days=90)
"""How long deliveries that are over stay in the log."""

Execute = Callable[[str, Sequence[object]], Any]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One document on its way to one target; ``body`` is JSON, ``attempts`` counts this one."""

    id: int
    search_id: int
    kind: str
    target: str
    key: str
    body: str
    made: datetime
    due: datetime
    state: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of one attempt."""

    moment: datetime
    success: bool
    outcome: str


def put(execute: Execute, search_id: int, kind: str, target: str, key: str, body: str, now: datetime) -> None:
    """Put a delivery in, in the transaction in which `execute` runs; nothing where one with this key was ever put in."""
    moment = int(now.timestamp())
    execute(
        "INSERT OR IGNORE INTO delivery (search_id, kind, target, key, body, made, due, state) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, 'waiting')",
        [search_id, kind, target, key, body, moment, moment],
    )


def take(store: Store, now: datetime, kinds: Sequence[str], lease: timedelta = LEASE) -> Delivery | None:
    """Take the delivery of one of `kinds` that is due longest; None where none is."""
    moment = int(now.timestamp())
    marks = ",".join("?" * len(kinds))
    ready = f"kind IN ({marks}) AND ((state = 'waiting' AND due <= ?) OR (state IN ('taken', 'sending') AND until <= ?))"
    if not kinds or store.row(f"SELECT 1 FROM delivery WHERE {ready} LIMIT 1", [*kinds, moment, moment]) is None:
        return None  # without a lock, which looking for what is not there does not need
    with store.aside() as connection:
        lost = "SELECT id FROM delivery WHERE state = 'sending' AND until <= ?"
        connection.execute(
            f"INSERT INTO delivery_attempt (delivery_id, moment, success, outcome) SELECT id, ?, 0, ? FROM ({lost})",
            [moment, "interrupted while the text was being handed over: it may have arrived, and is not sent again", moment],
        )
        connection.execute("UPDATE delivery SET state = 'doubtful' WHERE state = 'sending' AND until <= ?", [moment])
        connection.execute("UPDATE delivery SET state = 'waiting' WHERE state = 'taken' AND until <= ?", [moment])
        row = connection.execute(
            f"SELECT * FROM delivery WHERE kind IN ({marks}) AND state = 'waiting' AND due <= ? ORDER BY due, id LIMIT 1",
            [*kinds, moment],
        ).fetchone()
        if row is None:
            return None
        connection.execute(
            "UPDATE delivery SET state = 'taken', until = ?, attempts = attempts + 1 WHERE id = ?",
            [int((now + lease).timestamp()), row["id"]],
        )
        row = connection.execute("SELECT * FROM delivery WHERE id = ?", [row["id"]]).fetchone()
    return _delivery(row)


def mark_sending(store: Store, delivery_id: int) -> None:
    """Say that a mail's text is being handed over: from now on it is not sent a second time, whatever happens."""
    with store.aside() as connection:
        connection.execute("UPDATE delivery SET state = 'sending' WHERE id = ?", [delivery_id])


def finish(store: Store, delivery: Delivery, attempt: Attempt, retry: datetime | None) -> None:
    """Write down what came of an attempt: done, waiting until `retry`, or given up where that is None.

    What else waits for a webhook that failed waits as long, so that a dead one does not hold up the others.
    """
    moment = int(attempt.moment.timestamp())
    state = "done" if attempt.success else "failed" if retry is None else "waiting"
    due = int((retry or attempt.moment).timestamp())
    with store.aside() as connection:
        connection.execute("UPDATE delivery SET state = ?, due = ?, until = NULL WHERE id = ?", [state, due, delivery.id])
        if retry is not None and delivery.kind == "webhook":
            connection.execute(
                "UPDATE delivery SET due = max(due, ?) WHERE state = 'waiting' AND kind = 'webhook' AND target = ?",
                [due, delivery.target],
            )
        connection.execute(
            "INSERT INTO delivery_attempt (delivery_id, moment, success, outcome) "
            "SELECT id, ?, ?, ? FROM delivery WHERE id = ?",  # nothing where the search was removed meanwhile
            [moment, int(attempt.success), attempt.outcome[:500], delivery.id],
        )
        connection.execute(
            "DELETE FROM delivery WHERE state IN ('done', 'failed', 'doubtful') AND made < ?",
            [int((attempt.moment - KEPT).timestamp())],
        )


def deliveries_of(store: Store, search_id: int, limit: int) -> list[tuple[Delivery, list[Attempt]]]:
    """The last deliveries of a search with their attempts, newest first."""
    rows = store.rows("SELECT * FROM delivery WHERE search_id = ? ORDER BY id DESC LIMIT ?", [search_id, limit])
    attempts: dict[int, list[Attempt]] = {int(row["id"]): [] for row in rows}
    for row in store.rows_among("SELECT * FROM delivery_attempt WHERE delivery_id IN (*) ORDER BY id", list(attempts)):
        tried = Attempt(_moment(row["moment"]), bool(row["success"]), str(row["outcome"]))
        attempts[int(row["delivery_id"])].append(tried)
    return [(_delivery(row), attempts[int(row["id"])]) for row in rows]


def delivery_by_key(store: Store, key: str) -> Delivery | None:
    row = store.row("SELECT * FROM delivery WHERE key = ?", [key])
    return None if row is None else _delivery(row)


def count_waiting(store: Store) -> int:
    """Deliveries that are not over."""
    row = store.row("SELECT count(*) FROM delivery WHERE state IN ('waiting', 'taken', 'sending')")
    return int(row[0]) if row else 0


def _delivery(row: Row) -> Delivery:
    return Delivery(
        id=row["id"],
        search_id=row["search_id"],
        kind=row["kind"],
        target=row["target"],
        key=row["key"],
        body=row["body"],
        made=_moment(row["made"]),
        due=_moment(row["due"]),
        state=row["state"],
        attempts=row["attempts"],
    )


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
