"""How much a story matters in a week, in parts that an editor can read: their sum orders the issue.

What counts: how many report it on their own, how clearly it is of the field, what happened (`index.digest.events`), who it is
about, what is claimed for the first time, and the size of the sums. The weights were set by hand on four labelled weeks of
Chinese news and three of the demo newsroom, and measured on another week (``bench/digest.py``).
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from index.digest.events import event_finder
from index.knowledge.entities import Catalogue
from index.knowledge.field_terms import load_field_terms
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
_ACCELERATORS = ("chip", "system", "technology")
_ORDINARY = 0.5
"""What a thing counts that every computer and telephone has, beside an accelerator or what one is made of."""
_MONEY = {"USD": 1.0, "CNY": 0.14, "EUR": 1.1, "GBP": 1.3, "TWD": 0.032, "KRW": 0.00075, "JPY": 0.0067, "HKD": 0.128}
"""Dollars a unit, roughly: what counts is the number of digits."""
_OF_THE_FIELD = 3.0
_FOREIGN, _NATIVE = -3.0, 8.0
"""Log-odds of the on-topic gate at which a story is of another field for certain, and of this one."""
_BESIDE = 0.25
"""What a further kind of event counts beside the one that is worth most."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a story is weighed by beside its articles.

    ``saliences`` say what it is about (0 to 1), ``prominence`` how much of the whole store names an entity (0 to 1); ``new``
    are its claims that nobody had made before this period, ``old`` those that somebody had. ``odds`` are the log-odds that it
    is of the field, ``events`` how clearly it is of each kind of event (0 to 1).
    """

    saliences: Mapping[str, float]
    prominence: Mapping[str, float]
    new: Sequence[StoredClaim]
    old: Sequence[StoredClaim]
    odds: float = _FOREIGN
    events: Mapping[str, float] = field(default_factory=dict)


def importance(
    outlets: Mapping[str, str], copies: int, languages: Iterable[str], characters: int, known: Known, catalogue: Catalogue
) -> dict[str, float]:
    """The parts of a story's importance; only what speaks against a story is below 0.

    ``outlets`` are the kinds of those that report on their own, by outlet; ``characters`` what they wrote in all.
    """
    reports = sum(_OUTLET.get(kind, _OUTLET_ELSE) for kind in outlets.values())
    ordinary = load_field_terms().ordinary
    about = [
        (entity, salience)
        for entity_id, salience in known.saliences.items()
        if salience >= _SUBJECT and (entity := catalogue.get(entity_id)) is not None
    ]
    subjects = sorted(
        (
            salience
            * _KIND.get(entity.kind, 0.5)
            * (_ORDINARY if entity.id in ordinary else 1.0)
            * (0.4 + 0.6 * known.prominence.get(entity.id, 0.0))
            for entity, salience in about
        ),
        reverse=True,
    )[:3]
    accelerator = max(
        (salience for entity, salience in about if entity.kind in _ACCELERATORS and entity.id not in ordinary), default=0.0
    )
    parts = {
        "independent reports": 2.0 * math.log2(1 + reports),
        "copies": 0.4 * math.log2(1 + copies),
        "both languages": 1.0 if len(set(languages)) > 1 else 0.0,
        "of the field": _OF_THE_FIELD * max(0.0, min(1.0, (known.odds - _FOREIGN) / (_NATIVE - _FOREIGN))),
        **_events(known.events),
        "of an accelerator": known.events.get("product", 0.0) * accelerator,
        "what it is about": sum(subjects),
        "new claims": 0.3 * math.log2(1 + len({claim.key for claim in known.new})),
        "size of figures": 0.6 * _size(known.new),
        "depth": 0.5 * min(characters / 8000, 1.0),
    }
    return {name: round(value, 3) for name, value in parts.items()}


def _events(found: Mapping[str, float]) -> dict[str, float]:
    """The best kind in full, further ones by a quarter; what speaks against the story as it is."""
    kinds = event_finder().kinds
    worth = {kind: kinds[kind].worth * clear for kind, clear in found.items()}
    ranked = sorted(worth, key=lambda kind: (-worth[kind], kind))
    return {
        kinds[kind].name: worth[kind] * (_BESIDE if place and worth[kind] > 0 else 1.0) for place, kind in enumerate(ranked)
    }


def _size(claims: Iterable[StoredClaim]) -> float:
    """Half a point for each power of ten of the largest new sum of money above ten million dollars, two at most."""
    sums = [
        claim.high * _MONEY[claim.unit.upper()] for claim in claims if claim.high is not None and claim.unit.upper() in _MONEY
    ]
    return max(0.0, min(2.0, 0.5 * math.log10(max(sums) / 1e7))) if sums and max(sums) > 0 else 0.0
