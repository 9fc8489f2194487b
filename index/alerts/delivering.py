"""Delivering what is in the outbox: when to try again, and when to give up. What carries it is given by the caller."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from index.store.database import Store
from index.store.outbox import Attempt, Delivery, finish, mark_sending, take

WAITS = tuple(timedelta(seconds=each) for each in (15, 60, 300, 1200, 3600, 10_800, 21_600, 43_200))
"""How long after each failed attempt the next one follows; after the last the delivery is given up, a day after the first."""
LONGEST_WISH = timedelta(hours=12)
"""How long a receiver may ask to be left alone."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt: ``words`` say it in a line. ``final``: trying again is of no use; ``wait``: how long the
    receiver asks to be left alone."""

    success: bool
    words: str
    final: bool = False
    wait: timedelta | None = None


Carrier = Callable[[Delivery, Callable[[], None]], Outcome]
"""Carries one delivery. Before a mail's text is handed over it calls its second argument, after which that mail is never sent
again; it raises nothing."""


def deliver_next(store: Store, carriers: Mapping[str, Carrier], clock: Callable[[], datetime]) -> Delivery | None:
    """Take the next delivery that is due, carry it, and write down what came of it; None where nothing is due.

    Safe from several threads and processes: each delivery is worked on by one.
    """
    delivery = take(store, clock(), list(carriers))
    if delivery is None:
        return None
    outcome = carriers[delivery.kind](delivery, lambda: mark_sending(store, delivery.id))
    now = clock()
    retry = None if outcome.success else next_try(delivery.attempts, outcome, now)
    finish(store, delivery, Attempt(now, outcome.success, outcome.words), retry)
    return delivery


def next_try(attempts: int, outcome: Outcome, now: datetime) -> datetime | None:
    """When a delivery that failed for the `attempts`-th time is tried again; None to give it up."""
    if outcome.final or attempts > len(WAITS):
        return None
    return now + max(WAITS[attempts - 1], min(outcome.wait or timedelta(0), LONGEST_WISH))
