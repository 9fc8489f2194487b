"""Entities side by side: for each thing that is claimed of at least one of them, what the ledger has of every one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from index.errors import FilterError
from index.knowledge.ledger.conflicts import Conflict, conflicts
from index.knowledge.ledger.entries import Entry, entries, reported
from index.store.claims import StoredClaim

FEWEST, MOST = 2, 4
"""Entities that can stand side by side."""
_FIRM = {"announced": 0, "reported": 1, "stated": 1, "estimated": 2, "denied": 3}


@dataclass(frozen=True, slots=True)
class Cell:
    """What is claimed of one entity: the firmest first, and what contradicts among it. Empty where nothing is."""

    entity_id: str
    entries: tuple[Entry, ...]
    conflicts: tuple[Conflict, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One attribute, with a cell for each entity in the order in which they were given."""

    attribute: str
    cells: tuple[Cell, ...]

    @property
    def told_of(self) -> int:
        """Of how many of the entities anything is claimed."""
        return sum(bool(cell.entries) for cell in self.cells)


def compare(claims: Mapping[str, Iterable[StoredClaim]], attributes: Sequence[str]) -> list[Row]:
    """The attributes that at least one entity has, those first of which most entities have something.

    Args:
        claims: of which each entity is the subject, by its id, in the order of the columns.
        attributes: ids in the order in which they are shown where equally many entities have them.

    Raises:
        FilterError: not `FEWEST` to `MOST` entities.
    """
    if not FEWEST <= len(claims) <= MOST:
        raise FilterError(f"{len(claims)} different entities are given; {FEWEST} to {MOST} can be compared.")
    table: dict[str, dict[str, list[Entry]]] = {}
    contradicting: dict[tuple[str, str], list[Conflict]] = {}
    for entity_id, told in claims.items():
        told = list(told)
        for entry in entries(told):
            table.setdefault(entry.attribute, {}).setdefault(entity_id, []).append(entry)
        for conflict in conflicts(told)[0]:
            contradicting.setdefault((entity_id, conflict.attribute), []).append(conflict)
    rows = [
        Row(
            attribute,
            tuple(
                Cell(
                    entity_id,
                    tuple(sorted(found.get(entity_id, ()), key=_firmest)),
                    tuple(contradicting.get((entity_id, attribute), ())),
                )
                for entity_id in claims
            ),
        )
        for attribute, found in table.items()
    ]
    order = {attribute: place for place, attribute in enumerate(attributes)}
    return sorted(rows, key=lambda row: (-row.told_of, order.get(row.attribute, len(order)), row.attribute))


def _firmest(entry: Entry) -> tuple[object, ...]:
    """A value before a ratio to something else, a fact before a plan; then by who says it, by how many, the latest first."""
    lead = entry.lead
    return (
        lead.compared is not None,
        lead.expected,
        _FIRM.get(lead.status, 9),
        -len(entry.origins),
        -reported(entry.last).timestamp(),
        lead.id,
    )
