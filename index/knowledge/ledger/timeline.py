"""The timeline of an entity: what happened, in order of when it happened, with the day of the report kept apart."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from index.knowledge.ledger.entries import Entry, day_of, entries
from index.store.claims import Days, StoredClaim


@dataclass(frozen=True)
class Moment:
    """An entry at its time. ``when`` is that of the event; None where no sentence says it, and ``reported`` stands in for it.

    ``reported`` is when it was first reported, whatever its event's time.
    """

    entry: Entry
    when: Days | None
    reported: date

    @property
    def first(self) -> str:
        """The day by which it is sorted."""
        return self.when[0] if self.when is not None else self.reported.isoformat()


def timeline(claims: Iterable[StoredClaim]) -> list[Moment]:
    """The entries of `claims` in order of their event's first day, finer times after coarser ones that begin on one day."""
    moments = [Moment(entry, _when(entry), day_of(entry.first)) for entry in entries(claims)]
    return sorted(moments, key=lambda m: (m.first, -_length(m), m.reported, m.entry.first.id))


def _when(entry: Entry) -> Days | None:
    for claim in (entry.lead, *entry.claims):
        if claim.when is not None or claim.event is not None:
            return claim.when or claim.event
    return None


def _length(moment: Moment) -> int:
    if moment.when is None:
        return 0
    return (date.fromisoformat(moment.when[1]) - date.fromisoformat(moment.when[0])).days
