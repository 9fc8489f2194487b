"""Dates as people write them on news pages, in Chinese and English, with their clock time and zone where they have one."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from index.text.times import EARLIEST, LATEST

NOON = time(12)
"""The clock of a date without one: at the day's beginning or end, the day would be another one for readers elsewhere."""
LONGEST = 2_000
_STAMP = 60
"""Characters of a line that is a time stamp and no sentence."""
_RECENT = timedelta(days=120)
"""How long ago a date without a year may be: sites leave the year out for what is recent."""
_MONTHS = {
    name: number
    for number, names in enumerate(
        "jan january|feb february|mar march|apr april|may|jun june|jul july|aug august|sep sept september|oct october"
        "|nov november|dec december".split("|"),
        1,
    )
    for name in names.split()
}
_NEW_YORK, _CHICAGO = ZoneInfo("America/New_York"), ZoneInfo("America/Chicago")
_DENVER, _LOS_ANGELES = ZoneInfo("America/Denver"), ZoneInfo("America/Los_Angeles")
_ZONES: dict[str, tzinfo] = {
    **dict.fromkeys(("GMT", "UTC", "Z"), timezone.utc),  # noqa: UP017  # beside the other `timezone`s
    **dict.fromkeys(("ET", "EST", "EDT", "Eastern"), _NEW_YORK),
    **dict.fromkeys(("CT", "CDT", "Central"), _CHICAGO),
    **dict.fromkeys(("MT", "MST", "MDT", "Mountain"), _DENVER),
    **dict.fromkeys(("PT", "PST", "PDT", "Pacific"), _LOS_ANGELES),
    "BST": ZoneInfo("Europe/London"),
    **dict.fromkeys(("CET", "CEST"), ZoneInfo("Europe/Berlin")),
    "IST": ZoneInfo("Asia/Kolkata"),
    **dict.fromkeys(("JST", "KST"), timezone(timedelta(hours=9))),
    **dict.fromkeys(("HKT", "SGT", "TST", "北京时间", "北京時間", "台北时间", "台北時間"), timezone(timedelta(hours=8))),
}
_CLOCK = (
    r"(?P<half1>上午|下午|晚上|凌晨|中午|早上)?\s{0,3}(?P<h>\d{1,2})\s{0,3}(?:[:：]\s{0,3}(?P<min>\d{2})(?:[:：]\d{2}(?:\.\d+)?)?|[时時点點](?P<min2>\d{1,2})?分?)"
    r"\s{0,3}(?P<half2>[AaPp]\.?\s?[Mm]\b\.?)?"
    r"\s{0,3}(?P<zone>\(?(?:[+-]\d{2}:?\d{2}|Z\b|(?:GMT|UTC)(?:[+-]\d{1,2}(?::?\d{2})?)?|北京时间|北京時間|台北时间|台北時間|"
    r"(?:E|C|M|P)[SD]?T\b|BST\b|CES?T\b|IST\b|JST\b|KST\b|HKT\b|SGT\b|TST\b|(?:Eastern|Central|Mountain|Pacific)\b)\)?)?"
)
_AFTER = r"(?:\s{0,3}(?:[T,，|·•@–—-]|at\b|[(（]?(?:星期|周|週)[一二三四五六日天][)）]?)?\s{0,3}" + _CLOCK + r")?"
_NAME = (
    r"(?P<name>Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_FORMS = tuple(
    re.compile(form + _AFTER, re.IGNORECASE if "Jan" in form else 0)
    for form in (
        r"(?<![\d.])(?P<y>(?:19|20)\d\d)\s{0,2}(?:[-/.]|年)\s{0,2}(?P<m>\d{1,2})\s{0,2}(?:[-/.]|月)\s{0,2}(?P<d>\d{1,2})(?![\d.]\d)\s?日?",
        r"民[国國]\s?(?P<roc>\d{2,3})年\s?(?P<m>\d{1,2})月\s?(?P<d>\d{1,2})日",
        r"\b" + _NAME + r"\s+(?P<d>\d{1,2})(?:st|nd|rd|th)?\s{0,3},?\s+(?P<y>(?:19|20)\d\d)",
        r"(?<!\d)(?P<d>\d{1,2})(?:st|nd|rd|th)?[\s-](?:of\s)?" + _NAME + r"[\s,-]+(?P<y>(?:19|20)\d\d)",
        r"(?<![\d年])(?P<m>\d{1,2})月(?P<d>\d{1,2})日",
    )
)
_SHORT = re.compile(r"^\W*(?P<m>\d{2})-(?P<d>\d{2})\s+" + _CLOCK)
_AGO = re.compile(
    r"(?P<n>\d{1,3}|an?\b|one\b)\s?(?P<unit>minutes?|mins?|hours?|hrs?|days?|weeks?|分钟|分鐘|个?小时|個?小時|天|日|周|週)\s?(?:ago\b|前|之前)"
)
_NOW = re.compile(r"(?<!\w)(?:刚刚|剛剛|just now\b|moments ago\b)", re.IGNORECASE)
_DAY = re.compile(r"(?P<day>今天|今日|昨天|昨日|前天|[Tt]oday|[Yy]esterday)(?:\s{0,3},?\s{0,3}(?:at\s+)?" + _CLOCK + r")?")
_DAYS_AGO = {"今天": 0, "今日": 0, "today": 0, "昨天": 1, "昨日": 1, "yesterday": 1, "前天": 2}
_SECONDS = (
    ("min", 60),
    ("分", 60),
    ("h", 3600),
    ("小", 3600),
    ("时", 3600),
    ("時", 3600),
    ("d", 86400),
    ("天", 86400),
    ("日", 86400),
)


@dataclass(frozen=True, slots=True)
class Written:
    """A date as read: where it stands in its line, the moment, and whether a clock time was stated (else it is `NOON`)."""

    start: int
    end: int
    moment: datetime
    clock: bool


def written_dates(line: str, zone: tzinfo, seen: datetime | None = None) -> list[Written]:
    """The dates in a line, in their order; those outside 1990–2100 and those that do not exist are left out.

    Args:
        line: only its first `LONGEST` characters are read.
        zone: of times that name none.
        seen: when the page was fetched, for "3 hours ago", "yesterday" and dates without a year, which count only where it
            is given, and a date without a year only where it makes the date a recent one.
    """
    line = line[:LONGEST]
    found: dict[int, Written] = {}
    for form in _FORMS:
        for match in form.finditer(line):
            _keep(found, match, _moment(match, zone, seen))
    if seen is not None:
        local = seen.astimezone(zone)
        if (short := _SHORT.match(line)) is not None:
            _keep(found, short, _moment(short, zone, seen))
        for match in _DAY.finditer(line):
            day = local.date() - timedelta(days=_DAYS_AGO[match["day"].lower()])
            _keep(found, match, _on(day, match, zone))
        if len(line) <= _STAMP and (now := _NOW.search(line)) is not None:  # in a sentence it says nothing of the page
            _keep(found, now, (seen.replace(microsecond=0), True))
        for match in _AGO.finditer(line):
            number = int(match["n"]) if match["n"].isdigit() else 1
            unit = match["unit"].lstrip("个個")
            length = next((size for name, size in _SECONDS if unit.startswith(name)), 7 * 86400)
            moment = seen - timedelta(seconds=number * length)
            if length < 86400:
                _keep(found, match, (moment.replace(microsecond=0), True))
            else:
                _keep(found, match, (datetime.combine(moment.astimezone(zone).date(), NOON, zone), False))
    return list(_apart(sorted(found.values(), key=lambda each: each.start)))


def at_noon(day: date, zone: tzinfo) -> datetime:
    """A day without a clock time as a moment."""
    return datetime.combine(day, NOON, zone)


def _keep(found: dict[int, Written], match: "re.Match[str]", read: tuple[datetime, bool] | None) -> None:
    if read is not None and EARLIEST <= read[0] < LATEST:
        found.setdefault(match.start(), Written(match.start(), match.end(), *read))


def _apart(ordered: list[Written]) -> Iterator[Written]:
    """Without those that begin inside the one before, as the 4月24日 of 2023年4月24日 does."""
    end = -1
    for each in ordered:
        if each.start >= end:
            end = each.end
            yield each


def _moment(match: "re.Match[str]", zone: tzinfo, seen: datetime | None) -> tuple[datetime, bool] | None:
    parts = match.groupdict()
    month = _MONTHS[parts["name"].lower()] if parts.get("name") else int(parts["m"] or 0)
    try:
        if parts.get("y") or parts.get("roc"):
            year = int(parts["y"]) if parts.get("y") else int(parts["roc"] or 0) + 1911
            return _on(date(year, month, int(parts["d"] or 0)), match, zone)
        if seen is None:
            return None
        today = seen.astimezone(zone).date()
        day = date(today.year, month, int(parts["d"] or 0))
        if day > today + timedelta(days=1):
            day = day.replace(year=today.year - 1)
        return _on(day, match, zone) if today - day <= _RECENT else None
    except ValueError:
        return None


def _on(day: date, match: "re.Match[str]", zone: tzinfo) -> tuple[datetime, bool] | None:
    """`day` with the clock time of the match, where it has a possible one."""
    parts = match.groupdict()
    if not parts.get("h"):
        return at_noon(day, zone), False
    hour, minute = int(parts["h"]), int(parts["min"] or parts["min2"] or 0)
    half = (parts["half1"] or parts["half2"] or "").lower().replace(".", "").replace(" ", "")
    if half in ("pm", "下午", "晚上", "中午") and hour < (11 if half == "中午" else 12):
        hour += 12
    elif half in ("am", "凌晨") and hour == 12:
        hour = 0
    if hour > 23 or minute > 59:
        return at_noon(day, zone), False
    return datetime.combine(day, time(hour, minute), _zone(parts["zone"], zone)), True


def _zone(name: str | None, zone: tzinfo) -> tzinfo:
    if not name:
        return zone
    name = name.strip("()")
    if found := _ZONES.get(name) or _ZONES.get(name.upper()):
        return found
    offset = re.fullmatch(r"(?:GMT|UTC)?([+-])(\d{1,2}):?(\d{2})?", name)
    if offset is None:
        return zone  # CST is China's, Taiwan's or Chicago's: the outlet's own
    minutes = int(offset[2]) * 60 + int(offset[3] or 0)
    return timezone(timedelta(minutes=minutes if offset[1] == "+" else -minutes)) if minutes < 24 * 60 else zone
