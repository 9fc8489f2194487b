"""Times: reading what people and pages write, ISO weeks, and one way to print."""

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from index.errors import FilterError

_WEEK = re.compile(r"(\d{4})-?[Ww](\d{1,2})")
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_MONTH = re.compile(r"(\d{4})[-/年](\d{1,2})月?")
_QUARTER = re.compile(r"(?:(\d{4})[ -]?Q([1-4])|Q([1-4])[ -]?(\d{4}))", re.IGNORECASE)
_YEAR = re.compile(r"((?:19|20)\d{2})年?")
_AGO = re.compile(r"(\d{1,4}) ?(days?|weeks?|months?|years?|天|日|周|週|个月|個月|年) ?(?:ago|前|以前)")
_SPANS = (
    ("day", 1),
    ("week", 7),
    ("month", 30),
    ("year", 365),
    ("天", 1),
    ("日", 1),
    ("周", 7),
    ("週", 7),
    ("个月", 30),
    ("個月", 30),
    ("年", 365),
)
EARLIEST, LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def iso(moment: datetime | None) -> str | None:
    """RFC 3339 in UTC to the second (2023-04-19T14:05:00Z), or None."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def span_words(span: timedelta) -> str:
    """A span of time in its largest whole unit: 45 s, 5 min, 3 h, 2 days."""
    seconds = span.total_seconds()
    for size, unit in ((86_400, "days"), (3600, "h"), (60, "min")):
        if seconds >= size:
            number = round(seconds / size)
            return "1 day" if (number, unit) == (1, "days") else f"{number} {unit}"
    return f"{round(seconds)} s"


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


def day_range(text: str, zone: tzinfo = UTC, now: datetime | None = None) -> tuple[datetime, datetime]:
    """First moment of the period that `text` names, and first moment after it: a day, month, quarter, year or ISO week.

    With `now`, also periods relative to it, in either language: today, last week, 3 days ago, 上周, 本月.

    Raises:
        FilterError: unreadable.
    """
    text = " ".join(text.split())
    if _WEEK.fullmatch(text):
        return week_range(text, zone)
    try:
        if match := _DATE.fullmatch(text):
            day = date(*(int(part) for part in match.groups()))
            return _days(day, day + timedelta(days=1), zone)
        if match := _MONTH.fullmatch(text):
            return _months(int(match[1]), int(match[2]), 1, zone)
        if match := _QUARTER.fullmatch(text):
            year, quarter = int(match[1] or match[4]), int(match[2] or match[3])
            return _months(year, 3 * quarter - 2, 3, zone)
        if match := _YEAR.fullmatch(text):
            return _months(int(match[1]), 1, 12, zone)
        if now is not None and (period := _relative(text.lower(), now.astimezone(zone).date(), zone)) is not None:
            return period
        if (moment := read_datetime(text, zone)) is not None:
            return moment, moment
    except (ValueError, OverflowError):
        pass
    raise FilterError(f"{text!r} is not a date.", hint="Write it as 2023-11-20, 2023-11, 2023-W47 or last week.")


def _relative(text: str, today: date, zone: tzinfo) -> tuple[datetime, datetime] | None:
    monday = today - timedelta(days=today.weekday())
    if text in ("today", "今天", "今日"):
        return _days(today, today + timedelta(days=1), zone)
    if text in ("yesterday", "昨天", "昨日"):
        return _days(today - timedelta(days=1), today, zone)
    if text in ("this week", "本周", "这周", "本週", "這週"):
        return _days(monday, monday + timedelta(days=7), zone)
    if text in ("last week", "previous week", "上周", "上週", "上星期"):
        return _days(monday - timedelta(days=7), monday, zone)
    if text in ("this month", "本月", "这个月", "這個月"):
        return _months(today.year, today.month, 1, zone)
    if text in ("last month", "previous month", "上月", "上个月", "上個月"):
        return _months(today.year, today.month - 1, 1, zone)
    if text in ("this year", "今年"):
        return _months(today.year, 1, 12, zone)
    if text in ("last year", "去年"):
        return _months(today.year - 1, 1, 12, zone)
    if match := _AGO.fullmatch(text):
        days = int(match[1]) * next(size for word, size in _SPANS if match[2].startswith(word))
        day = today - timedelta(days=days)
        return _days(day, day + timedelta(days=1), zone)
    return None


def _days(first: date, following: date, zone: tzinfo) -> tuple[datetime, datetime]:
    return datetime.combine(first, time(), zone), datetime.combine(following, time(), zone)


def _months(year: int, month: int, number: int, zone: tzinfo) -> tuple[datetime, datetime]:
    """`number` months from `month` on, which may lie outside 1–12."""
    if number == 1 and month > 12:
        raise ValueError
    start, end = year * 12 + month - 1, year * 12 + month - 1 + number
    return _days(date(start // 12, start % 12 + 1, 1), date(end // 12, end % 12 + 1, 1), zone)
