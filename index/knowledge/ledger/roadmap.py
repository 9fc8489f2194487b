"""The roadmap: each promised milestone with every value it has had, and how many days it slipped."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from index.knowledge.ledger.entries import Entry, day_of, entries, reported
from index.store.claims import Days, StoredClaim

_CHAINS = ("tape-out", "sampling", "volume-production", "availability", "deployment", "announced", "construction", "completion")


@dataclass(frozen=True)
class Promise:
    """One time that a milestone has been given: since when, and by which entry. ``expected`` is false once it is reached."""

    when: Days
    told: date
    expected: bool
    entry: Entry | None
    claim: StoredClaim


@dataclass(frozen=True)
class Milestone:
    """A milestone of an entity with its promises in the order in which they were told; never empty."""

    entity_id: str
    attribute: str
    variant: str
    promises: tuple[Promise, ...]

    @property
    def slip(self) -> int | None:
        """Days from the end of the first time promised to the end of the last one; negative: it came early; None for one."""
        if len(self.promises) < 2:
            return None
        first, last = self.promises[0].when, self.promises[-1].when
        return (date.fromisoformat(last[1]) - date.fromisoformat(first[1])).days

    @property
    def reached(self) -> bool:
        return not self.promises[-1].expected


def roadmap(claims: Iterable[StoredClaim], milestones: Collection[str]) -> list[Milestone]:
    """The milestones that were promised at least once, those of one entity together, in order of their last time."""
    chains: dict[tuple[str, str, str], list[Entry]] = {}
    for entry in entries(claim for claim in claims if claim.attribute in milestones and claim.when is not None):
        first = entry.first
        variant = " ".join(value for name, value in sorted(first.scope.items()) if name in ("variant", "maker", "region"))
        chains.setdefault((entry.entity_id, entry.attribute, variant), []).append(entry)
    found = []
    for (entity, attribute, variant), chain in chains.items():
        promises = _promises(chain)
        if promises and any(promise.expected for promise in promises):
            found.append(Milestone(entity, attribute, variant, tuple(promises)))
    order = {name: place for place, name in enumerate(_CHAINS)}
    return sorted(found, key=lambda m: (m.entity_id, order.get(m.attribute, 99), m.promises[-1].when))


def _promises(chain: Iterable[Entry]) -> list[Promise]:
    """The times of a milestone as they were told, repeats of a time left out."""
    told: list[Promise] = []
    for entry in sorted(chain, key=lambda each: (reported(each.first), each.first.id)):
        claim = entry.first
        assert claim.when is not None
        before = claim.scope.get("before")
        if before is not None and not told and (earlier := _read(before)) is not None:
            told.append(Promise(earlier, day_of(claim), True, None, claim))
        if told and _within(claim.when, told[-1].when) and told[-1].expected == claim.expected:
            continue
        told.append(Promise(claim.when, day_of(claim), claim.expected, entry, claim))
    return told


def _within(one: Days, other: Days) -> bool:
    """Whether a time says nothing that the other does not: 2024 after the second quarter of 2024, or the same again."""
    return (one[0] <= other[0] and other[1] <= one[1]) or (other[0] <= one[0] and one[1] <= other[1])


def _read(label: str) -> Days | None:
    """A period from its label, such as 2024-Q2 or two days with a stroke between."""
    from index.errors import FilterError
    from index.text.times import day_range

    if "/" in label:
        first, _, last = label.partition("/")
        return first, last, "part"
    half = label.partition("-H")
    if half[2] in ("1", "2"):
        return (
            (f"{half[0]}-01-01", f"{half[0]}-06-30", "half")
            if half[2] == "1"
            else (f"{half[0]}-07-01", f"{half[0]}-12-31", "half")
        )
    try:
        start, end = day_range(label.replace("-Q", "Q"))
    except FilterError:
        return None
    last_day = date.fromordinal(end.date().toordinal() - 1)
    days = (last_day - start.date()).days + 1
    grain = "day" if days <= 1 else "month" if days < 32 else "quarter" if days < 93 else "year"
    return start.date().isoformat(), max(start.date(), last_day).isoformat(), grain
