"""The times that feeds write, where feedparser's reading of them is not enough: zones left out, Chinese forms, CST."""

import re
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_tz

from index.text.times import EARLIEST, LATEST, read_datetime

CHINA = timezone(timedelta(hours=8))
_CHINESE = re.compile(
    r"(\d{4})\s*[年/.]\s*(\d{1,2})\s*[月/.]\s*(\d{1,2})\s*日?\s*(?:(?:星期|周|週)[一二三四五六日天])?\s*"
    r"(上午|下午|晚上|早上|凌晨|中午)?\s*(?:(\d{1,2})\s*[:：时時点點]\s*(\d{1,2})?\s*(?:[:：分]\s*(\d{1,2})?)?)?"
)
_ENGLISH = re.compile(
    r"(?:[a-z]{3,9}\.?,?\s*)??(?:(\d{1,2})(?:st|nd|rd|th)?[\s-]+([a-z]{3,9})\.?|([a-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?),?[\s-]+(\d{4})"
    r"(?:[\s,–-]*(?:at\s+)?(\d{1,2}):(\d{2})(?::(\d{2}))?\s*(?:([ap])\.?m\.?)?)?\s*([+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)
_MONTHS = {name: number for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}
_NAMED_ZONE = re.compile(r"\d(?:\s*[ap]\.?m\.?)?\s+([A-Za-z]{2,5})$")
_ZONE = re.compile(
    r"(?:(?::\d\d|T\d{4,6})(?:[.,]\d+)?\s*(?:Z|[+-]\d{2}:?\d{2}|[+-]\d{2})|\b(?:UT|UTC|GMT|[A-Z]{1,2}[SD]?T|[A-Z]|CEST|MEST|MET))\s*(?:\([^)]*\))?\s*$"
)
_CST = re.compile(r"\bCST\b")
_NOT_ISO, _ISO_DAY = re.compile(r"\d{4}\s*[年/.]\s*\d|\d{9,}$"), re.compile(r"\d{4}-\d{1,2}-\d")
_SPACED_OFFSET = re.compile(r"\s+([+-]\d{2}:?\d{2})$")
_GMT_OFFSET = re.compile(r"\s*\b(?:GMT|UTC)\s?([+-])(\d{1,2})(?::?(\d{2}))?$")
_EPOCH = re.compile(r"\d{10}(?:\d{3})?")


def feed_time(written: str | None, parsed: time.struct_time | None, zone: tzinfo | None, *, chinese: bool) -> datetime | None:
    """The moment that a feed means by `written`, None where it cannot be read or lies outside 1990–2100.

    A moment in the future is given as it is: only the caller knows what the time is.

    Args:
        parsed: what feedparser made of it, in UTC.
        zone: of the outlet, for times that name none; UTC where it is None.
        chinese: the feed is Chinese, so its "CST" is China's time, eight hours ahead of UTC.
    """
    text = " ".join((written or "").split())[:100]
    china = CHINA if chinese else None
    # feedparser takes 2023/11/20 and 2023年11月20日 for the first of the month, and drops the time where CST follows it.
    if (moment := _moment(parsed)) is None or _NOT_ISO.match(text) or (_CST.search(text) and _ISO_DAY.match(text)):
        return read_time(text, zone or UTC, china)
    if china is not None and _CST.search(text):
        # feedparser took it for Central Standard Time, six hours behind.
        return _within(moment.replace(tzinfo=china) - timedelta(hours=6))
    if zone is not None and not _ZONE.search(text.upper()):
        return _within(moment.replace(tzinfo=zone))
    return _within(moment)


def read_time(text: str, zone: tzinfo, cst: tzinfo | None = None) -> datetime | None:
    """A time in ISO 8601, in Chinese (2023年11月20日 下午3:05), with an English month, or in seconds since 1970.

    Args:
        zone: for times that name none.
        cst: what CST means; Central Standard Time where it is None.
    """
    text = _SPACED_OFFSET.sub(r"\1", text.strip()[:100])
    text = _GMT_OFFSET.sub(lambda match: f"{match[1]}{int(match[2]):02d}{match[3] or '00'}", text)
    if not text:
        return None
    if _EPOCH.fullmatch(text):
        return _within(datetime.fromtimestamp(int(text[:10]), UTC))
    try:
        moment = datetime.fromisoformat(text.replace("/", "-"))
        return _within(moment if moment.tzinfo else moment.replace(tzinfo=zone))
    except ValueError:
        pass
    if (named := _NAMED_ZONE.search(text)) and named[1].upper() not in ("AM", "PM"):
        offset = parsedate_tz(f"1 Jan 2023 00:00:00 {named[1]}")
        known = offset[9] if offset else None
        if named[1].upper() == "CST" and cst is not None:
            zone = cst
        elif known is not None:
            zone = timezone(timedelta(seconds=known))
        text = text[: named.start(1)].strip()
    if match := _CHINESE.match(text):
        return _made(
            match.group(1, 2, 3), match.group(5, 6, 7), zone, later=match[4] in ("下午", "晚上"), start=match[4] == "凌晨"
        )
    if match := _ENGLISH.match(text):
        month = _MONTHS.get((match[2] or match[3])[:3].lower(), 0)
        half = (match[9] or "").lower()
        offset_zone = _offset_zone(match[10])
        return _made(
            (match[5], str(month), match[1] or match[4]),
            match.group(6, 7, 8),
            offset_zone or zone,
            later=half == "p",
            start=half == "a",
        )
    return read_datetime(text, zone)


def _made(
    day: Sequence[str | None], clock: Sequence[str | None], zone: tzinfo, *, later: bool = False, start: bool = False
) -> datetime | None:
    """A time from its written numbers. ``later``: in the afternoon; ``start``: twelve is midnight."""
    year, month, date = (int(part or 0) for part in day)
    hour, minute, second = (int(part or 0) for part in clock)
    hour = hour + 12 if later and hour < 12 else 0 if start and hour == 12 else hour
    try:
        return _within(datetime(year, month, date, hour, minute, min(second, 59), tzinfo=zone))
    except ValueError:
        return None


def _offset_zone(offset: str | None) -> tzinfo | None:
    if not offset:
        return None
    span = timedelta(hours=int(offset[1:3]), minutes=int(offset[3:].lstrip(":") or 0))
    try:
        return timezone(-span if offset[0] == "-" else span)
    except ValueError:
        return None


def _moment(parsed: time.struct_time | None) -> datetime | None:
    try:
        return None if parsed is None else datetime(*parsed[:5], min(parsed[5], 59), tzinfo=UTC)
    except (TypeError, ValueError):
        return None


def _within(moment: datetime) -> datetime | None:
    try:
        return moment if EARLIEST <= moment < LATEST else None
    except OverflowError:
        return None
