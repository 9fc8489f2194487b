"""Batches that carried an idempotency key, with what was answered: sent again, they are answered again and not done again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from index.store.database import Store

KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class AnsweredBatch:
    """``hash`` is of the body, ``answer`` what was answered."""

    hash: str
    answer: str


def answered_batch(store: Store, client: str, name: str, now: datetime) -> AnsweredBatch | None:
    """What was answered to a client's batch of this name within the last week."""
    since = int((now - KEPT).timestamp())
    row = store.row(
        "SELECT hash, answer FROM answered_batch WHERE client = ? AND name = ? AND made >= ?", [client, name, since]
    )
    return None if row is None else AnsweredBatch(row["hash"], row["answer"])


def save_batch(store: Store, client: str, name: str, batch: AnsweredBatch, now: datetime) -> None:
    """Remember an answer, and forget those that are more than a week old; in the caller's transaction or one of its own."""
    with store.atomic():
        remember(store.execute, client, name, batch, now)


def remember(
    execute: Callable[[str, list[object]], object], client: str, name: str, batch: AnsweredBatch, now: datetime
) -> None:
    """The same by the statements of whatever transaction `execute` is of."""
    execute("DELETE FROM answered_batch WHERE made < ?", [int((now - KEPT).timestamp())])
    execute(
        "INSERT OR REPLACE INTO answered_batch (client, name, hash, answer, made) VALUES (?, ?, ?, ?, ?)",
        [client, name, batch.hash, batch.answer, int(now.timestamp())],
    )
