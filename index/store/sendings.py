"""Who was sent which issue: one record for each recipient, written before the mail is handed over.

A record that says ``sending`` is of a run that was cut off in that moment: whether the mail arrived nobody knows, so it is not
sent again unless somebody asks for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from index.store.database import Store

SENT, DEFERRED, REFUSED, UNSURE = "sent", "deferred", "refused", "sending"


@dataclass(frozen=True, slots=True)
class Sending:
    """What became of an issue's mail to one recipient. ``code`` and ``answer`` are the mail server's."""

    number: int
    recipient: str
    state: str
    code: int | None
    answer: str
    moment: datetime


def sendings(store: Store, week: str) -> list[Sending]:
    """All records of a week's issue, the oldest first."""
    rows = store.rows("SELECT * FROM sent_issue WHERE week = ? ORDER BY moment, recipient", [week])
    return [
        Sending(r["number"], r["recipient"], r["state"], r["code"], r["answer"], datetime.fromtimestamp(r["moment"], UTC))
        for r in rows
    ]


def begin_sending(
    store: Store, week: str, number: int, recipient: str, now: datetime, *, correction: bool, again: Sequence[str] = (DEFERRED,)
) -> bool:
    """Put on record that a mail is about to be handed over.

    Args:
        correction: also to those who were sent another version of this issue.
        again: the states in which a recipient is tried once more.

    Returns:
        False where it must not be: it was sent, or is being sent by another run. Of two that ask at once one is told True.
    """
    moment = int(now.timestamp())
    with store.aside() as connection:
        if not correction:
            other = connection.execute(
                "SELECT 1 FROM sent_issue WHERE week = ? AND number <> ? AND recipient = ? AND state IN ('sent', 'sending')",
                [week, number, recipient],
            ).fetchone()
            if other is not None:
                return False
        row = connection.execute(
            "SELECT state FROM sent_issue WHERE week = ? AND number = ? AND recipient = ?", [week, number, recipient]
        ).fetchone()
        if row is not None and row["state"] not in again:
            return False
        connection.execute(
            "INSERT INTO sent_issue VALUES (?, ?, ?, 'sending', NULL, '', ?) ON CONFLICT (week, number, recipient) "
            "DO UPDATE SET state = 'sending', code = NULL, answer = '', moment = excluded.moment",
            [week, number, recipient, moment],
        )
        return True


def end_sending(
    store: Store, week: str, number: int, recipient: str, state: str, code: int | None, answer: str, now: datetime
) -> None:
    """Put on record what the mail server said."""
    with store.aside() as connection:
        connection.execute(
            "UPDATE sent_issue SET state = ?, code = ?, answer = ?, moment = ? WHERE week = ? AND number = ? AND recipient = ?",
            [state, code, answer[:500], int(now.timestamp()), week, number, recipient],
        )
