"""How much a story matters in a week, in parts that an editor can read: their sum orders the issue."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from index.knowledge.entities import Catalogue
from index.store.claims import StoredClaim

_OUTLET = {
    "agency": 1.2,
    "vendor": 1.0,
    "cloud": 1.0,
    "policy": 1.2,
    "press": 1.0,
    "foundry": 1.0,
    "memory": 1.0,
    "research": 0.8,
    "aggregator": 0.4,
}
"""What one independent report of an outlet of each kind counts; of other kinds 0.8."""
_OUTLET_ELSE = 0.8
_KIND = {"company": 1.0, "chip": 1.0, "system": 1.0, "policy": 1.3, "technology": 0.8, "software": 0.6, "organisation": 0.4}
_SUBJECT = 0.35
_MONEY = {"USD": 1.0, "CNY": 0.14, "EUR": 1.1, "GBP": 1.3, "TWD": 0.032, "KRW": 0.00075, "JPY": 0.0067, "HKD": 0.128}
"""Dollars a unit, roughly: what counts is the number of digits."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a story is weighed by beside its articles.

    ``saliences`` say what it is about (0 to 1), ``prominence`` how much of the whole store names an entity (0 to 1); ``new``
    are its claims that nobody had made before this period, ``old`` those that somebody had.
    """

    saliences: Mapping[str, float]
    prominence: Mapping[str, float]
    new: Sequence[StoredClaim]
    old: Sequence[StoredClaim]


def importance(
    outlets: Mapping[str, str], copies: int, languages: Iterable[str], characters: int, known: Known, catalogue: Catalogue
) -> dict[str, float]:
    """The parts of a story's importance.

    ``outlets`` are the kinds of those that report on their own, by outlet; ``characters`` what they wrote in all.
    """
    reports = sum(_OUTLET.get(kind, _OUTLET_ELSE) for kind in outlets.values())
    subjects = sorted(
        (
            salience * _KIND.get(entity.kind, 0.5) * (0.4 + 0.6 * known.prominence.get(entity_id, 0.0))
            for entity_id, salience in known.saliences.items()
            if salience >= _SUBJECT and (entity := catalogue.get(entity_id)) is not None
        ),
        reverse=True,
    )[:3]
    parts = {
        "independent reports": 2.0 * math.log2(1 + reports),
        "copies": 0.4 * math.log2(1 + copies),
        "both languages": 1.0 if len(set(languages)) > 1 else 0.0,
        "what it is about": 1.2 * sum(subjects),
        "new claims": 0.7 * math.log2(1 + len({claim.key for claim in known.new})),
        "size of figures": _size(known.new),
        "depth": min(characters / 8000, 1.0),
    }
    return {name: round(value, 3) for name, value in parts.items()}


def _size(claims: Iterable[StoredClaim]) -> float:
    """Half a point for each power of ten of the largest new sum of money above ten million dollars, two at most."""
    sums = [
        claim.high * _MONEY[claim.unit.upper()] for claim in claims if claim.high is not None and claim.unit.upper() in _MONEY
    ]
    return max(0.0, min(2.0, 0.5 * math.log10(max(sums) / 1e7))) if sums and max(sums) > 0 else 0.0
