"""What is asked of the ledger, read from text: the same for the command line, the API and the pages."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo

from index.errors import FilterError
from index.knowledge.claims.claim import STATUSES
from index.store.claims import ClaimFilter
from index.text.times import day_range

MAX_VALUES = 50


def read_claim_filter(
    names: Mapping[str, tuple[str, str]],
    *,
    attribute: Sequence[str] = (),
    status: Sequence[str] = (),
    source: Sequence[str] = (),
    lang: Sequence[str] = (),
    after: str | None = None,
    before: str | None = None,
    zone: tzinfo = UTC,
    now: datetime | None = None,
) -> ClaimFilter:
    """A filter from text; lists may also be given as one value with commas. Days are those of the report.

    Args:
        names: (English, Chinese) names of attributes by id; an attribute may be given by any of the three.

    Raises:
        FilterError: an unknown attribute, status or language, an unreadable day, or too many values.
    """
    start = day_range(after, zone, now)[0] if after else None
    end = day_range(before, zone, now)[0] if before else None
    if start and end and start >= end:
        raise FilterError(f"after ({after}) does not lie before before ({before}).", hint="Swap the two.")
    statuses = _values("status", status)
    if unknown := set(statuses) - set(STATUSES):
        raise FilterError(f"status is {min(unknown)!r}; it must be one of {', '.join(STATUSES)}.")
    languages = _values("lang", lang)
    if unknown := set(languages) - {"en", "zh", "und"}:
        raise FilterError(f"lang is {min(unknown)!r}; it must be en or zh.")
    return ClaimFilter(
        attributes=tuple(dict.fromkeys(_attribute(each, names) for each in _values("attribute", attribute))),
        statuses=statuses,
        sources=_values("source", source),
        lang=languages,
        after=start.isoformat() if start else None,
        before=end.isoformat() if end else None,
    )


def _attribute(given: str, names: Mapping[str, tuple[str, str]]) -> str:
    if given in names:
        return given
    for key, (english, chinese) in names.items():
        if given.casefold() in (english.casefold(), chinese):
            return key
    raise FilterError(f"There is no attribute {given[:60]!r}.", hint=f"There are {', '.join(sorted(names))}.")


def _values(name: str, given: Sequence[str]) -> tuple[str, ...]:
    values = [part.strip() for value in given for part in value.split(",") if part.strip()]
    if len(values) > MAX_VALUES:
        raise FilterError(f"{name} has {len(values)} values; at most {MAX_VALUES} are read.")
    return tuple(dict.fromkeys(values))
