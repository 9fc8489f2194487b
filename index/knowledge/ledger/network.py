"""The supply chain: who stands how to whom, with the sentence that says so and from when to when it was said to hold."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from index.knowledge.ledger.entries import Entry, day_of, entries
from index.store.claims import StoredClaim


@dataclass(frozen=True)
class Tie:
    """`subject_id` stands to `object_id` in `relation` (an attribute's id): a chip to its maker, a company to its customer.

    ``since`` is the day (of the event, or else of the first report) from which it is said to hold, ``last`` when it was last
    said; ``ended`` when it was denied, None otherwise. ``expected`` is true while it is only planned.
    """

    subject_id: str
    relation: str
    object_id: str
    entry: Entry
    since: date
    last: date
    expected: bool
    ended: date | None = None


def ties(claims: Iterable[StoredClaim], relations: Collection[str]) -> list[Tie]:
    """The ties that `claims` tell of, those with most articles first. What holds under several conditions is one tie."""
    groups: dict[tuple[str, str, str], list[StoredClaim]] = {}
    denied: dict[tuple[str, str, str], date] = {}
    for claim in claims:
        if claim.attribute not in relations or claim.value_entity is None:
            continue
        key = (claim.entity_id, claim.attribute, claim.value_entity)
        if claim.status == "denied":
            denied[key] = max(denied.get(key, day_of(claim)), day_of(claim))
        else:
            groups.setdefault(key, []).append(claim)
    found = []
    for key, group in groups.items():
        entry = Entry(tuple(claim for each in reversed(entries(group)) for claim in each.claims))
        days = [date.fromisoformat(claim.event[0]) if claim.event else day_of(claim) for claim in group]
        last = max(day_of(claim) for claim in group)
        ended = denied.get(key)
        found.append(
            Tie(
                *key, entry, min(days), last, all(claim.expected for claim in group), ended if ended and ended >= last else None
            )
        )
    return sorted(found, key=lambda tie: (-tie.entry.articles, tie.subject_id, tie.relation, tie.object_id))
