"""A claim: what an article says of an entity, with the sentence that says it."""

import dataclasses
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from index.knowledge.claims.periods import Period

STATUSES = ("announced", "reported", "estimated", "denied", "stated")
"""Who stands behind a claim: the company itself, a medium or a source, an analyst; denied; or the article alone."""

QUALIFIERS = ("up to", "about", "nearly", "over", "at least", "under")


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim of one article.

    What is claimed: ``entity`` has ``attribute`` with a value, which is a number from ``low`` to ``high`` in ``unit``
    (units of ``data/units.toml``; ``%`` and ``x``, times, stand in comparison with ``compared`` where that is named), another
    entity (``value_entity``), a period (``when``) or a word (``value_text``). ``written`` is the value as it stands there.

    Where: characters ``start`` to ``end`` of ``field`` (``title`` or ``text``) are the sentence, ``quote``.

    How: ``qualifier`` is one of `QUALIFIERS`, ``status`` one of `STATUSES`; ``cited`` are ids (or names) of those it is
    ascribed to; ``expected`` is true of plans and forecasts. ``scope`` says under what condition it holds: precision,
    sparsity, workload, region, period, segment, per, variant, object.

    ``event`` is when it happened, where the sentence says so; never the day of the report. ``involved`` are other
    entities that the sentence names.
    """

    entity: str
    attribute: str
    field: str
    start: int
    end: int
    quote: str
    written: str
    low: float | None = None
    high: float | None = None
    unit: str = ""
    value_entity: str | None = None
    value_text: str | None = None
    when: Period | None = None
    qualifier: str | None = None
    status: str = "stated"
    expected: bool = False
    cited: tuple[str, ...] = ()
    compared: str | None = None
    scope: Mapping[str, str] = dataclasses.field(default_factory=dict)
    event: Period | None = None
    involved: tuple[str, ...] = ()

    @property
    def value_key(self) -> str:
        """The value for comparing: equal values have equal keys, whatever the wording."""
        if self.value_entity is not None:
            return self.value_entity
        if self.when is not None:
            return f"{self.when.first}/{self.when.last}"
        if self.low is not None and self.high is not None:
            return f"{self.low:.4g}-{self.high:.4g}{self.unit}" if self.low != self.high else f"{self.low:.4g}{self.unit}"
        return self.value_text or self.written

    @property
    def scope_key(self) -> str:
        """The condition for comparing; what it is compared with is part of it."""
        parts = [f"{name}={value}" for name, value in sorted(self.scope.items())]
        return ";".join([*parts, *([f"against={self.compared}"] if self.compared else [])])

    @property
    def key(self) -> str:
        """What this claim says, hashed: the same in every article that says it, and after every reading."""
        told = "\x00".join((self.entity, self.attribute, self.scope_key, self.value_key))
        return hashlib.sha256(told.encode()).hexdigest()[:16]
