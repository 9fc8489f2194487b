"""Entries of the ledger: claims that say the same, together, with how many articles and how many origins say it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from index.knowledge.ledger.origins import origins_of
from index.store.claims import StoredClaim

_STRENGTH = {"announced": 0, "denied": 1, "estimated": 2, "reported": 3, "stated": 4}
_CLOSE = 0.005
"""Numbers this near to each other, in proportion, are one value rounded differently."""


@dataclass(frozen=True)
class Entry:
    """Claims that say the same of one entity, the first report first; never empty."""

    claims: tuple[StoredClaim, ...]

    @property
    def first(self) -> StoredClaim:
        return self.claims[0]

    @property
    def last(self) -> StoredClaim:
        return self.claims[-1]

    @property
    def lead(self) -> StoredClaim:
        """The claim that stands for the entry: with the strongest source, from a text rather than a title, the earliest."""
        return min(self.claims, key=lambda c: (_STRENGTH.get(c.status, 9), c.field == "title", reported(c), c.id))

    @property
    def articles(self) -> int:
        return len({claim.article_id for claim in self.claims})

    @cached_property
    def origins(self) -> tuple[str, ...]:
        """Who says it, each once: see `index.knowledge.ledger.origins`."""
        return origins_of(self.claims)

    @property
    def key(self) -> str:
        return self.first.key

    @property
    def entity_id(self) -> str:
        return self.first.entity_id

    @property
    def attribute(self) -> str:
        return self.first.attribute


def reported(claim: StoredClaim) -> datetime:
    """When a claim was published, or else first seen."""
    moment = claim.published or claim.first_seen
    assert moment is not None  # every stored article has been seen
    return moment


def entries(claims: Iterable[StoredClaim]) -> list[Entry]:
    """The claims grouped into entries, the latest reported first."""
    groups: dict[tuple[str, ...], list[StoredClaim]] = {}
    for claim in claims:
        groups.setdefault(_told(claim), []).append(claim)
    made = [Entry(tuple(sorted(group, key=lambda c: (reported(c), c.id)))) for group in groups.values()]
    return sorted(made, key=lambda entry: (reported(entry.last), entry.last.id), reverse=True)


def _told(claim: StoredClaim) -> tuple[str, ...]:
    scope = {name: value for name, value in claim.scope.items() if name != "before"}
    return (
        claim.entity_id,
        claim.attribute,
        value_text(claim),
        claim.compared or "",
        ";".join(f"{name}={value}" for name, value in sorted(scope.items())),
        "denied" if claim.status == "denied" else "",
    )


def value_text(claim: StoredClaim) -> str:
    """The value for grouping: three digits of a number, so that 36,999 and 37,000 dollars are one."""
    if claim.value_entity is not None and claim.unit != "nm":  # of a process the size is compared, not who names it how
        return claim.value_entity
    if claim.when is not None:
        return f"{claim.when[0]}/{claim.when[1]}"
    if claim.low is None or claim.high is None:
        return (claim.value_text or claim.written).casefold()
    low, high = f"{claim.low:.3g}", f"{claim.high:.3g}"
    return f"{low}-{high} {claim.unit}" if low != high else f"{low} {claim.unit}"


def same_value(one: StoredClaim, other: StoredClaim) -> bool:
    """Whether two claims of one attribute give the same value, or values that do not exclude each other (a range, "up to")."""
    if (one.value_entity is not None or other.value_entity is not None) and "nm" not in (one.unit, other.unit):
        return one.value_entity == other.value_entity
    if one.when is not None and other.when is not None:
        return one.when[0] <= other.when[1] and other.when[0] <= one.when[1]
    if one.low is None or other.low is None or one.unit != other.unit:
        return value_text(one) == value_text(other)
    (low, high), (other_low, other_high) = _bounds(one), _bounds(other)
    slack = _CLOSE * max(abs(one.low), abs(other.low))
    return low <= other_high + slack and other_low <= high + slack


def _bounds(claim: StoredClaim) -> tuple[float, float]:
    """Between what a figure lies: "over 30,000" leaves what is above open, "about" a tenth on either side."""
    low, high = float(claim.low or 0.0), float(claim.high or 0.0)
    if claim.qualifier in ("over", "at least"):
        return low, high * 1.25
    if claim.qualifier in ("under", "nearly"):
        return low * 0.9, high
    if claim.qualifier == "about":
        return low * 0.95, high * 1.05
    return low, high


def scope_differs(one: Mapping[str, str], other: Mapping[str, str], needed: Sequence[str]) -> str | None:
    """The condition by which two claims speak of different things, or None.

    A condition that only one of them states counts where it is among `needed`: a peak in FP8 does not contradict one of which
    nobody says in what precision it is.
    """
    for name in sorted({*one, *other} - {"before"}):
        if one.get(name) != other.get(name) and (name in needed or (name in one and name in other)):
            return name
    return None


def day_of(claim: StoredClaim) -> date:
    return reported(claim).date()
