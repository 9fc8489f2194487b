"""Periods, and what a time as written stands for: in full, without its year, or relative to the day of writing.

4月19日 in a text of May 2023 is 2023-04-19; "next quarter" in March 2023 is 2023-Q2; "in December" in November is the
coming one where the sentence speaks of what will be.
"""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

_AHEAD, _AGAINST = 3.0, 8.0
"""How many times further away a time after the writing counts, and one that the sentence's tense speaks against."""
_FIRST_YEAR, _LAST_YEAR = 1990, 2099


@dataclass(frozen=True, slots=True)
class Period:
    """Days ``first`` to ``last``, both included. ``grain``: day, week, month, quarter, half, year, or ``part`` of one."""

    first: date
    last: date
    grain: str

    @property
    def label(self) -> str:
        """As people write it: 2023-04-19, 2023-04, 2024-Q2, 2024-H2, 2024; first and last day where it has no name."""
        year, month = self.first.year, self.first.month
        if self.grain == "day":
            return self.first.isoformat()
        if self.grain == "month":
            return f"{year:04d}-{month:02d}"
        if self.grain == "quarter":
            return f"{year:04d}-Q{(month + 2) // 3}"
        if self.grain == "half":
            return f"{year:04d}-H{1 if month < 7 else 2}"
        if self.grain == "year":
            return f"{year:04d}"
        return f"{self.first.isoformat()}/{self.last.isoformat()}"


@dataclass(frozen=True, slots=True)
class TimeMark:
    """A time as written at characters ``start`` to ``end``. What is not said is None.

    ``years``: how many years away (last year is -1). ``away``: how many of ``unit`` (day, week, month, quarter, year) away.
    ``part``: ``early``, ``mid``, ``late``, ``end`` or ``rest`` (later this year). ``fiscal``: of a company's own year, which
    no calendar tells.
    """

    start: int
    end: int
    year: int | None = None
    years: int | None = None
    month: int | None = None
    day: int | None = None
    quarter: int | None = None
    half: int | None = None
    weekday: int | None = None
    away: int | None = None
    unit: str | None = None
    part: str | None = None
    fiscal: bool = False

    @property
    def dated(self) -> bool:
        """True where it has a month and a day: what a text can be dated by."""
        return self.month is not None and self.day is not None

    @property
    def relative(self) -> bool:
        """True where the day of writing is needed to tell what it means."""
        return self.year is None


def resolve(mark: TimeMark, anchor: date, future: bool | None = None) -> Period | None:
    """The period that `mark` stands for in a text written on `anchor`; None for a fiscal one, or a day that is none.

    Args:
        future: whether the sentence speaks of what will be (True), of what was (False), or does not tell.
    """
    if mark.fiscal:
        return None
    try:
        period = _whole(mark, anchor, future)
    except (ValueError, OverflowError):
        return None
    if period is None or not (_FIRST_YEAR <= period.first.year <= _LAST_YEAR):
        return None
    return _part_of(period, mark.part, anchor) if mark.part else period


def _whole(mark: TimeMark, anchor: date, future: bool | None) -> Period | None:
    year = mark.year if mark.year is not None else anchor.year + mark.years if mark.years is not None else None
    if mark.weekday is not None:
        return _weekday(mark, anchor, future)
    if mark.unit is not None and mark.away is not None:
        return _away(mark.unit, mark.away, anchor)
    if mark.month is None and mark.day is not None:
        return _nearest((_day_in(anchor, months, mark.day) for months in (-1, 0, 1)), anchor, future)
    years = (year,) if year is not None else (anchor.year - 1, anchor.year, anchor.year + 1)
    if mark.month is not None and mark.day is not None:
        return _nearest((_day(each, mark.month, mark.day) for each in years), anchor, future)
    if mark.month is not None and mark.away:  # last May in May is not this month
        named = [months(each, mark.month, 1) for each in years]
        past = mark.away < 0
        return _nearest((p for p in named if (p.last < anchor if past else p.first > anchor)), anchor, not past)
    if mark.month is not None:
        return _nearest((months(each, mark.month, 1) for each in years), anchor, future)
    if mark.quarter is not None:
        return _nearest((months(each, 3 * mark.quarter - 2, 3) for each in years), anchor, future)
    if mark.half is not None:
        return _nearest((months(each, 6 * mark.half - 5, 6) for each in years), anchor, future)
    return months(year if year is not None else anchor.year, 1, 12)


def months(year: int, month: int, number: int) -> Period:
    """The `number` months (1, 3, 6 or 12) from `month` of `year` on; `month` may lie outside 1–12."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    end_year, end_month = year + (month + number - 2) // 12, (month + number - 2) % 12 + 1
    last = date(end_year, end_month, monthrange(end_year, end_month)[1])
    return Period(date(year, month, 1), last, {1: "month", 3: "quarter", 6: "half", 12: "year"}.get(number, "part"))


def day_period(day: date) -> Period:
    return Period(day, day, "day")


def _day(year: int, month: int, day: int) -> Period | None:
    try:
        return day_period(date(year, month, day))
    except ValueError:
        return None


def _day_in(anchor: date, away: int, day: int) -> Period | None:
    first = months(anchor.year, anchor.month + away, 1).first
    return _day(first.year, first.month, day)


def _weekday(mark: TimeMark, anchor: date, future: bool | None) -> Period:
    wanted = mark.weekday or 0
    if mark.unit == "week":
        monday = anchor - timedelta(days=anchor.weekday()) + timedelta(weeks=mark.away or 0)
        return day_period(monday + timedelta(days=wanted))
    back = (anchor.weekday() - wanted) % 7
    if mark.away == 1 or (future and back):
        return day_period(anchor + timedelta(days=7 - back))
    return day_period(anchor - timedelta(days=back or (7 if mark.away == -1 else 0)))


def _away(unit: str, away: int, anchor: date) -> Period:
    if unit == "day":
        return day_period(anchor + timedelta(days=away))
    if unit == "week":
        monday = anchor - timedelta(days=anchor.weekday()) + timedelta(weeks=away)
        return Period(monday, monday + timedelta(days=6), "week")
    if unit == "month":
        return months(anchor.year, anchor.month + away, 1)
    if unit == "quarter":
        return months(anchor.year, 3 * ((anchor.month - 1) // 3 + away) + 1, 3)
    return months(anchor.year + away, 1, 12)


def _nearest(candidates: Iterable[Period | None], anchor: date, future: bool | None) -> Period | None:
    best: Period | None = None
    least = float("inf")
    for period in candidates:
        if period is None:
            continue
        if period.first > anchor:
            far = (period.first - anchor).days * (1.0 if future else _AGAINST if future is False else _AHEAD)
        else:
            far = max(0, (anchor - period.last).days) * (_AGAINST if future else 1.0)
        if far < least:
            best, least = period, far
    return best


def _part_of(period: Period, part: str, anchor: date) -> Period:
    if part == "rest" and period.first <= anchor <= period.last:
        return Period(anchor, period.last, "part")
    days = (period.last - period.first).days + 1
    if part == "end":
        # The end of a year is its last month; of a month, its last ten days.
        length = 31 if days > 31 else 10
        return Period(max(period.first, period.last - timedelta(days=length - 1)), period.last, "part")
    third = days // 3
    if part == "early":
        return Period(period.first, period.first + timedelta(days=third), "part")
    if part == "mid":
        return Period(period.first + timedelta(days=third), period.last - timedelta(days=third), "part")
    return Period(period.last - timedelta(days=third), period.last, "part")
