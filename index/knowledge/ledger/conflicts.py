"""Conflicts: claims of one entity and attribute that cannot both be right; told apart from differences of scope."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from index.knowledge.ledger.entries import Entry, entries, reported, same_value, scope_differs
from index.store.claims import StoredClaim

_SINGLE: Mapping[str, tuple[str, ...]] = {
    "memory-capacity": ("variant", "of", "maker"),
    "on-chip-memory": (),
    "memory-bandwidth": ("variant", "of", "maker"),
    "link-bandwidth": (),
    "compute": ("precision", "sparsity", "of"),
    "transistors": (),
    "die-size": (),
    "process-node": (),
    "power": ("variant", "of"),
    "clock": ("variant",),
    "cores": ("variant",),
    "price": ("region", "variant"),
    "rental-price": ("per", "region"),
    "cost": ("per", "period"),
    "revenue": ("period", "segment", "region"),
    "growth": ("period", "segment", "region", "of", "since"),
    "profit": ("period", "segment", "of"),
    "margin": ("period", "segment"),
    "market-share": ("period", "region"),
    "market-size": ("period", "region"),
    "revenue-share": ("period", "region", "segment"),
    "fleet": ("object", "period"),
    "capacity": ("period", "per"),
    "training-compute": (),
    "deal": (),
    "maker": (),
    "developer": (),
    "china-version": (),
}
"""Attributes of which an entity has one value under one condition, with the conditions that must be stated alike."""
_OF_A_PERIOD = frozenset(
    ("revenue", "growth", "profit", "margin", "market-share", "market-size", "revenue-share", "cost", "capacity")
)
"""Attributes that have another value in every period: without one, two values contradict nothing."""
_ADD_UP = frozenset(("memory-capacity", "memory-bandwidth", "power", "on-chip-memory"))
"""Sizes that those of several chips in a machine add up to: 80 GB a chip, 640 GB a node."""
_CHIPS = (4, 8, 16, 32, 36, 64, 72)
"""How many chips machines hold whose total is taken for a chip's."""
_SAID_AGAIN = 0.02
"""Figures nearer than this are one figure rounded."""


@dataclass(frozen=True)
class Conflict:
    """Entries that contradict each other, the first reported first.

    ``changed`` is true where the same company said each of them itself, one after the other: it changed its mind or its
    product, and nobody misreported.
    """

    entity_id: str
    attribute: str
    sides: tuple[Entry, ...]
    changed: bool


@dataclass(frozen=True)
class ScopeDifference:
    """Entries that differ in value and in a condition: no conflict. ``by`` is the condition (precision, period…)."""

    entity_id: str
    attribute: str
    by: str
    sides: tuple[Entry, ...]


def conflicts(claims: Iterable[StoredClaim]) -> tuple[list[Conflict], list[ScopeDifference]]:
    """What contradicts among `claims`, and what only seems to because it is said of different conditions."""
    found: list[Conflict] = []
    scopes: list[ScopeDifference] = []
    by_attribute: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries(claim for claim in claims if claim.status != "denied"):
        if entry.attribute in _SINGLE:
            by_attribute.setdefault((entry.entity_id, entry.attribute), []).append(entry)
    for (entity, attribute), group in by_attribute.items():
        group.sort(key=lambda entry: (reported(entry.first), entry.first.id))
        for sides in _contradicting(group, _SINGLE[attribute]):
            found.append(Conflict(entity, attribute, tuple(sides), _changed(sides)))
        scopes.extend(_differences(entity, attribute, group, _SINGLE[attribute]))
    return found, scopes


def _contradicting(group: Sequence[Entry], needed: Sequence[str]) -> list[list[Entry]]:
    """Sets of entries of one condition with different values."""
    sets: list[list[Entry]] = []
    for entry in group:
        for known in sets:
            if all(_comparable(entry, other, needed) for other in known):
                known.append(entry)
                break
        else:
            sets.append([entry])
    return [known for known in sets if any(not _agree(a, b) for a in known for b in known)]


def _comparable(one: Entry, other: Entry, needed: Sequence[str]) -> bool:
    a, b = one.first, other.first
    if a.expected != b.expected or a.compared != b.compared or a.unit != b.unit:
        return False
    if a.unit in ("x", "%") and one.attribute in _ADD_UP and a.compared is None:
        return False  # so many times as much as nobody says what
    if one.attribute in _OF_A_PERIOD:
        if "period" not in a.scope or (a.status == "estimated") != (b.status == "estimated"):
            return False  # what was expected of a quarter is no other figure of it
    return scope_differs(a.scope, b.scope, needed) is None


def _agree(one: Entry, other: Entry) -> bool:
    a, b = one.lead, other.lead
    if same_value(a, b) or not {c.article_id for c in one.claims}.isdisjoint(c.article_id for c in other.claims):
        return True  # an article that gives both tells of two things, and contradicts nobody
    if a.low is None or b.low is None or a.unit != b.unit:
        return False
    if one.attribute in _ADD_UP and a.low > 0 < b.low:
        times = max(a.low, b.low) / min(a.low, b.low)
        if any(abs(times - chips) <= 0.04 * chips for chips in _CHIPS):
            return True
    return abs(a.low - b.low) <= _SAID_AGAIN * max(abs(a.low), abs(b.low))


def _changed(sides: Sequence[Entry]) -> bool:
    speakers = [{claim.cited[0] for claim in side.claims if claim.status == "announced" and claim.cited} for side in sides]
    return all(speakers) and bool(set.intersection(*speakers))


def _differences(entity: str, attribute: str, group: Sequence[Entry], needed: Sequence[str]) -> list[ScopeDifference]:
    by: dict[str, list[Entry]] = {}
    for index, entry in enumerate(group):
        for other in group[index + 1 :]:
            if not _agree(entry, other):
                name = scope_differs(entry.first.scope, other.first.scope, needed)
                if name is not None:
                    by.setdefault(name, []).extend(each for each in (entry, other) if each not in by.get(name, ()))
    return [ScopeDifference(entity, attribute, name, tuple(sides)) for name, sides in sorted(by.items())]
