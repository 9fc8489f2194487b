"""The days that an issue is about."""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from index.errors import FilterError
from index.text.times import day_range, week_name, week_range

MOST_DAYS = 366


@dataclass(frozen=True, slots=True)
class Period:
    """From ``since`` up to, but without, ``until``; ``week`` is its ISO name where it is one week."""

    since: datetime
    until: datetime
    week: str | None = None

    @property
    def label(self) -> str:
        """``2023-W47``, or ``2023-11-13 to 2023-11-15``, both days in it."""
        return self.week or f"{self.since:%Y-%m-%d} to {self.until - timedelta(days=1):%Y-%m-%d}"


def week_period(week: str, zone: tzinfo) -> Period:
    """An ISO week such as ``2023-W47``. Raises FilterError."""
    since, until = week_range(week, zone)
    return Period(since, until, week_name(since, zone))


def day_period(first: str, last: str, zone: tzinfo) -> Period:
    """From `first` to `last`, both in it: days, months or ISO weeks.

    Raises:
        FilterError: no dates, in the wrong order, or more than `MOST_DAYS` days.
    """
    since, until = day_range(first, zone)[0], day_range(last, zone)[1]
    if until <= since:
        raise FilterError(f"{last!r} ends before {first!r} begins.", hint="Swap them.")
    if (until - since).days > MOST_DAYS:
        raise FilterError(f"From {first} to {last} is more than {MOST_DAYS} days.", hint="Ask for a shorter time.")
    week = week_name(since, zone)
    return Period(since, until, week if week_range(week, zone) == (since, until) else None)
