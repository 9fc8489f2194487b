"""Days and months as terms: ``2022年10月7日``, ``October 7, 2022``, ``7 Oct. 2022`` and ``2022-10-07`` are one day.

A day has the terms ``2022-10-07`` and ``10-07``, and ``2022-10`` for its month; one without a year has the second, and
the others too where it is known when the text was written.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from index.text.fold import fold
from index.text.quantities import Quantity

_NAMES = "january february march april may june july august september october november december".split()
MONTHS = {name: number for number, name in enumerate(_NAMES, 1)}
SHORT_MONTHS = {name[:3]: number for name, number in MONTHS.items() if name != "may"} | {"sept": 9}
_NUMBERS = MONTHS | SHORT_MONTHS
_NAME = "|".join(sorted(_NUMBERS, key=len, reverse=True))
_YEAR = r"(?:19|20)\d\d"
_DAY = r"(?:3[01]|[12]\d|0?[1-9])"
_MONTH = r"(?:1[0-2]|0?[1-9])"
_WAYS = (
    # October 7, 2022 · Oct. 7th · October 2022
    rf"\b(?:{_NAME})\b\.?(?: {_DAY}(?:st|nd|rd|th)?(?![\d:%]|[.,]\d)(?:,? {_YEAR}\b)?|,? {_YEAR}\b)",
    # 7 October 2022 · 7th of Oct.
    rf"(?<![\d.,$-]){_DAY}(?:st|nd|rd|th)? (?:of )?(?:{_NAME})\b\.?(?:,? {_YEAR}\b)?",
    # 2022年10月7日 · 10月7日 · 2022年10月
    rf"(?<!\d)(?:{_YEAR} ?年 ?{_MONTH} ?月(?: ?{_DAY} ?[日号])?|{_MONTH} ?月 ?{_DAY} ?[日号])(?!\d)",
    # 2022-10-07 · 2022/10/7 · 2022-10
    rf"(?<![\d/-]){_YEAR}(?:-{_MONTH}-{_DAY}|/{_MONTH}/{_DAY}|-(?:1[0-2]|0[1-9]))(?![\d/-])",
)
_WRITTEN = re.compile("|".join(_WAYS))
_FAR = timedelta(days=240)
_LEAP_YEAR = 2024  # has every day that any year has
_PART = re.compile(rf"{_NAME}|\d+")


def days(text: str, written: date | None = None) -> Iterator[Quantity]:
    """The days, and months of a year, that `text` names, in order; `written` is when, for those without a year."""
    yield from days_folded(fold(text), written)


def day_terms(day: date) -> tuple[str, str, str]:
    """The day, the day of any year, the month."""
    return f"{day:%Y-%m-%d}", f"{day:%m-%d}", f"{day:%Y-%m}"


def days_folded(folded: str, written: date | None = None) -> Iterator[Quantity]:
    """`days` of a text that is folded already."""
    for match in _WRITTEN.finditer(folded):
        year, month, day = _parts(match.group())
        if day is None:
            terms: tuple[str, ...] = (f"{year}-{month:02}",)
        elif _day(_LEAP_YEAR if year is None else year, month, day) is None:
            continue
        else:
            year = year or _nearest(month, day, written)
            terms = (f"{month:02}-{day:02}",) if year is None else day_terms(date(year, month, day))
        yield Quantity(*match.span(), terms, plain=False)


def _parts(written: str) -> tuple[int | None, int, int | None]:
    """Year, month and day; the month is the name, or what stands behind a year or before a day in figures."""
    parts = _PART.findall(written)
    year = day = None
    month = next((_NUMBERS[part] for part in parts if part in _NUMBERS), None)
    for part in parts:
        if part in _NUMBERS:
            continue
        if len(part) == 4:
            year = int(part)
        elif month is None:
            month = int(part)
        else:
            day = int(part)
    assert month is not None  # every way to write a day has one
    return year, month, day


def _nearest(month: int, day: int, written: date | None) -> int | None:
    """The year of a day without one: that of the text, unless the day is far off in this one and nearer in another."""
    if written is None:
        return None
    years = range(written.year - 1, written.year + 2)
    away = {year: abs(found - written) for year in years if (found := _day(year, month, day))}
    if away.get(written.year, _FAR) < _FAR:
        return written.year
    return min(away, key=lambda year: away[year]) if away else None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
