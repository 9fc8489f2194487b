"""Times: reading what people and pages write, ISO weeks, and one way to print."""

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from index.errors import FilterError

_WEEK = re.compile(r"(\d{4})-?[Ww](\d{1,2})")
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_MONTH = re.compile(r"(\d{4})-(\d{1,2})")
EARLIEST, LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def iso(moment: datetime | None) -> str | None:
    """RFC 3339 in UTC to the second (2023-04-19T14:05:00Z), or None."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def read_datetime(text: str | None, zone: tzinfo = UTC) -> datetime | None:
    """Read an ISO 8601 or ``YYYY-MM-DD HH:MM[:SS]`` time; None when it is none or lies outside 1990–2100.

    A time without an offset is taken to be in `zone`.
    """
    if not text:
        return None
    text = text.strip().replace("/", "-")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        match = _DATE.match(text)
        if match is None:
            return None
        try:
            year, month, day = (int(part) for part in match.groups())
            moment = datetime(year, month, day, tzinfo=zone)
        except ValueError:
            return None
        clock = re.match(r"\s*(\d{1,2}):(\d{2})(?::(\d{2}))?", text[match.end() :])
        if clock:
            hour, minute, second = (int(part or 0) for part in clock.groups())
            if hour < 24 and minute < 60 and second < 60:
                moment = moment.replace(hour=hour, minute=minute, second=second)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    try:
        return moment if EARLIEST <= moment < LATEST else None
    except OverflowError:
        return None


def week_range(week: str, zone: tzinfo = UTC) -> tuple[datetime, datetime]:
    """First moment of an ISO week such as ``2023-W47`` and first moment after it, in `zone`.

    Raises:
        FilterError: not an ISO week, or a week that its year does not have.
    """
    match = _WEEK.fullmatch(week.strip())
    try:
        if match is None:
            raise ValueError
        monday = date.fromisocalendar(int(match[1]), int(match[2]), 1)
    except ValueError:
        raise FilterError(f"{week!r} is not an ISO week.", hint="Write it as 2023-W47.") from None
    start = datetime.combine(monday, time(), zone)
    return start, datetime.combine(monday + timedelta(days=7), time(), zone)


def week_name(moment: datetime, zone: tzinfo = UTC) -> str:
    """The ISO week of `moment` in `zone`, as ``2023-W47``."""
    year, week, _ = moment.astimezone(zone).isocalendar()
    return f"{year:04d}-W{week:02d}"


def day_range(text: str, zone: tzinfo = UTC) -> tuple[datetime, datetime]:
    """First moment of the period that `text` names, and first moment after it: a day, a month or an ISO week.

    Raises:
        FilterError: unreadable.
    """
    text = text.strip()
    if _WEEK.fullmatch(text):
        return week_range(text, zone)
    try:
        if match := _DATE.fullmatch(text):
            day = date(*(int(part) for part in match.groups()))
            return datetime.combine(day, time(), zone), datetime.combine(day + timedelta(days=1), time(), zone)
        if match := _MONTH.fullmatch(text):
            first = date(int(match[1]), int(match[2]), 1)
            following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
            return datetime.combine(first, time(), zone), datetime.combine(following, time(), zone)
        if (moment := read_datetime(text, zone)) is not None:
            return moment, moment
    except (ValueError, OverflowError):
        pass
    raise FilterError(f"{text!r} is not a date.", hint="Write it as 2023-11-20, 2023-11 or 2023-W47.")
