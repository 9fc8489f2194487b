"""When drafts are due: a day of the week and a time, such as ``Mon 07:00``."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

from index.errors import FilterError
from index.text.times import week_name

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FORM = re.compile(r"([a-z]{3})[a-z]* +([01]?\d|2[0-3]):([0-5]\d)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Weekly:
    """Once a week; ``day`` 0 is Monday."""

    day: int
    at: time

    def after(self, now: datetime, zone: tzinfo) -> datetime:
        """The next such moment after `now`, by the clocks of `zone`, in UTC."""
        local = now.astimezone(zone)
        ahead = (self.day - local.weekday()) % 7
        for days in (ahead, ahead + 7):
            moment = datetime.combine(local.date() + timedelta(days=days), self.at, zone).astimezone(UTC)
            if moment > now:
                return moment
        raise AssertionError("a week later is later")

    def last(self, now: datetime, zone: tzinfo) -> datetime:
        """The latest such moment that is not after `now`, in UTC."""
        local = now.astimezone(zone)
        behind = (local.weekday() - self.day) % 7
        for days in (behind, behind + 7):
            moment = datetime.combine(local.date() - timedelta(days=days), self.at, zone).astimezone(UTC)
            if moment <= now:
                return moment
        raise AssertionError("a week earlier is earlier")


def read_weekly(text: str) -> Weekly:
    """Raises FilterError: not a day and a time."""
    match = _FORM.fullmatch(text.strip())
    if match is None or match[1].lower() not in _DAYS:
        raise FilterError(f"{text[:30]!r} is no time of the week.", hint="Write a day and a time: Mon 07:00.")
    return Weekly(_DAYS.index(match[1].lower()), time(int(match[2]), int(match[3])))


def last_week(now: datetime, zone: tzinfo) -> str:
    """The ISO week that ended last."""
    return week_name(now - timedelta(days=7), zone)
