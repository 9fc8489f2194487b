"""The filters and bounds of a search, and reading them: the same for the command line, the API and the web pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from index.errors import FilterError
from index.knowledge.entities import Catalogue
from index.text.times import day_range

MAX_VALUES = 50


@dataclass(frozen=True, slots=True)
class Filters:
    """What an article must be; every given filter must hold, any of several values of one filter will do.

    ``entity`` is named in an article, ``about`` is what it is about (`index.knowledge.salience`). ``after`` is inclusive,
    ``before`` exclusive; ``as_of`` hides what was not yet known then (`index.retrieval.columns`).
    """

    lang: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    entity: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    after: datetime | None = None
    before: datetime | None = None
    as_of: datetime | None = None

    def __bool__(self) -> bool:
        return self != Filters()


def read_filters(
    *,
    lang: Sequence[str] = (),
    entity: Sequence[str] = (),
    source: Sequence[str] = (),
    about: Sequence[str] = (),
    after: str | None = None,
    before: str | None = None,
    as_of: str | None = None,
    zone: tzinfo = UTC,
    now: datetime | None = None,
) -> Filters:
    """Filters from text. Lists may also be given as one value with commas; empty values are passed over.

    ``after`` includes the day, month or week that it names, ``before`` excludes it, ``as_of`` includes it.
    With `now` they may be relative (last week).

    Raises:
        FilterError: an unreadable date, or too many values.
    """
    start = day_range(after, zone, now)[0] if after else None
    end = day_range(before, zone, now)[0] if before else None
    moment = day_range(as_of, zone, now)[1] if as_of else None
    if start and end and start >= end:
        raise FilterError(f"after ({after}) does not lie before before ({before}).", hint="Swap the two.")
    return Filters(
        _values("lang", lang), _values("source", source), _values("entity", entity), _values("about", about), start, end, moment
    )


def check_filters(filters: Filters, catalogue: Catalogue) -> None:
    """Raises FilterError: a filter names an entity or language that does not exist."""
    for language in filters.lang:
        if language not in ("en", "zh", "und"):
            raise FilterError(f"lang is {language!r}; it must be en or zh.")
    for entity in (*filters.entity, *filters.about):
        if catalogue.get(entity) is None:
            raise FilterError(f"There is no entity {entity!r}.", hint=catalogue.suggestion(entity))


def _values(name: str, given: Sequence[str]) -> tuple[str, ...]:
    values = [part.strip() for value in given for part in value.split(",") if part.strip()]
    if len(values) > MAX_VALUES:
        raise FilterError(f"{name} has {len(values)} values; at most {MAX_VALUES} are read.")
    return tuple(dict.fromkeys(values))
