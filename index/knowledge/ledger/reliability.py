"""Who was right: for each origin of rumours how many were confirmed, denied, came to nothing, or are still open.

What came to nothing is counted and told, but proves nobody wrong: most companies never say a word about a rumour.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from index.knowledge.ledger.rumours import Rumour

_FEWEST = 5
"""Rumours that must be decided before a share of right ones says anything."""


@dataclass(frozen=True, slots=True)
class Record:
    """The record of an origin. ``first`` counts rumours that it was the first to report; all counts are of rumours."""

    origin: str
    confirmed: int
    denied: int
    expired: int
    open: int
    first: int

    @property
    def decided(self) -> int:
        return self.confirmed + self.denied

    @property
    def right(self) -> float | None:
        """The share of decided rumours that were confirmed; None where too few are decided to say."""
        return self.confirmed / self.decided if self.decided >= _FEWEST else None


def reliability(rumours: Iterable[Rumour]) -> list[Record]:
    """The record of every origin that reported a rumour, most decided first. A rumour counts for each of its origins once."""
    counts: dict[str, dict[str, int]] = {}
    for rumour in rumours:
        state = rumour.state if rumour.state in ("confirmed", "denied", "expired") else "open"
        origins = [origin for origin in rumour.origins if not origin.startswith("company:")]
        for place, origin in enumerate(origins):
            record = counts.setdefault(origin, {"confirmed": 0, "denied": 0, "expired": 0, "open": 0, "first": 0})
            record[state] += 1
            record["first"] += place == 0
    records = [Record(origin, **values) for origin, values in counts.items()]
    return sorted(records, key=lambda record: (-record.decided, -record.first, record.origin))
