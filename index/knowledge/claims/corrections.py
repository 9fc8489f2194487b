"""Corrections by people: this claim is wrong, that one was misread. They are decisions, put on top of what is read each time.

A decision of kind ``claim-wrong`` takes a claim out of the ledger, one of kind ``claim-changed`` puts another in its
place. Their ``detail`` is ``{"key", "entity", "attribute", "written", "quote"}``, by which the claim is known again after
better rules read it (by its key; or by sentence, attribute and value as written, where its entity was read differently),
and for a change ``"to"``: the fields that are different, as `CHANGEABLE` says.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from index.errors import UsageError
from index.knowledge.claims.attributes import Attributes
from index.knowledge.claims.claim import STATUSES, Claim
from index.knowledge.claims.periods import Period
from index.knowledge.entities import Catalogue
from index.store.claims import StoredClaim
from index.store.decisions import Decision

WRONG, CHANGED = "claim-wrong", "claim-changed"
CHANGEABLE = (
    "entity",
    "attribute",
    "low",
    "high",
    "unit",
    "value_entity",
    "value_text",
    "when",
    "status",
    "expected",
    "compared",
)


def subject_of_article(article_id: int) -> str:
    """How decisions name the article of a claim."""
    return f"article:{article_id}"


def detail_of(claim: StoredClaim, to: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The detail of a decision on `claim`; with `to`, of a change."""
    detail: dict[str, Any] = {
        "key": claim.key,
        "entity": claim.entity_id,
        "attribute": claim.attribute,
        "written": claim.written,
        "quote": claim.quote,
    }
    return detail if to is None else {**detail, "to": dict(to)}


def checked_change(to: Mapping[str, Any], catalogue: Catalogue, attributes: Attributes) -> dict[str, Any]:
    """`to` with its values read.

    Raises:
        UsageError: an unknown field, entity, attribute or status, or a value that cannot be read.
    """
    if not to:
        raise UsageError("Nothing is to be changed.", hint=f"Give some of {', '.join(CHANGEABLE)}.")
    if unknown := set(to) - set(CHANGEABLE):
        raise UsageError(f"A claim has no {min(unknown)!r} that can be changed.", hint=f"There are {', '.join(CHANGEABLE)}.")
    read: dict[str, Any] = {}
    for name, value in to.items():
        if name in ("entity", "value_entity", "compared"):
            if value is not None and catalogue.get(str(value)) is None:
                raise UsageError(f"There is no entity {value!r}.")
            read[name] = value
        elif name == "attribute":
            if value not in attributes.names():
                raise UsageError(
                    f"There is no attribute {value!r}.", hint=f"There are {', '.join(sorted(attributes.names()))}."
                )
            read[name] = value
        elif name == "status" and value not in STATUSES:
            raise UsageError(f"{value!r} is no status.", hint=f"There are {', '.join(STATUSES)}.")
        elif name in ("low", "high"):
            read[name] = _number(value)
        elif name == "when":
            read[name] = list(_period(value)) if value is not None else None
        else:
            read[name] = value
    return read


def corrected(claims: Sequence[Claim], decisions: Iterable[Decision], title: str, text: str) -> list[tuple[Claim, int | None]]:
    """`claims` of an article as people decided, each with the decision that made it; the last decision on a claim counts.

    A changed claim stays in the ledger even where rules no longer find the one that was changed, as long as its sentence
    stands in the article.
    """
    result: list[tuple[Claim, int | None]] = [(claim, None) for claim in claims]
    for decision in decisions:
        detail = decision.detail
        hit = [claim for claim, _ in result if _is_meant(claim, detail)]
        result = [(claim, by) for claim, by in result if claim not in hit]
        if decision.kind == CHANGED:
            changed = _changed(hit[0] if hit else None, detail, title, text)
            if changed is not None:
                result.append((changed, decision.id))
    return result


def _is_meant(claim: Claim, detail: Mapping[str, Any]) -> bool:
    if claim.key == detail["key"]:
        return True
    to = detail.get("to") or {}
    same = claim.quote == detail["quote"] and claim.written == detail["written"]
    return same and claim.attribute in (detail["attribute"], to.get("attribute"))


def _changed(claim: Claim | None, detail: Mapping[str, Any], title: str, text: str) -> Claim | None:
    quote = str(detail["quote"])
    if claim is None:
        field = "text" if quote in text else "title" if quote in title else None
        if field is None:
            return None
        start = (text if field == "text" else title).index(quote)
        written = str(detail["written"])
        claim = Claim(str(detail["entity"]), str(detail["attribute"]), field, start, start + len(quote), quote, written)
    to: dict[str, Any] = dict(detail["to"])
    if "when" in to:
        when = to.pop("when")
        to["when"] = None if when is None else Period(date.fromisoformat(when[0]), date.fromisoformat(when[1]), str(when[2]))
    if "low" in to and "high" not in to:
        to["high"] = to["low"]
    return replace(claim, **to)


def _number(value: object) -> float:
    try:
        number = float(str(value))
    except ValueError:
        number = float("nan")
    if number != number or number in (float("inf"), float("-inf")):
        raise UsageError(f"{value!r} is no number.")
    return number


def _period(value: object) -> tuple[str, str, str]:
    from index.errors import FilterError
    from index.text.times import day_range

    try:
        start, end = day_range(str(value))
    except FilterError as error:
        raise UsageError(error.message, hint=error.hint) from error
    first, last = start.date(), max(start.date(), date.fromordinal(end.date().toordinal() - 1))
    days = (last - first).days + 1
    grain = "day" if days == 1 else "week" if days == 7 else "month" if days < 32 else "quarter" if days < 93 else "year"
    return first.isoformat(), last.isoformat(), grain
