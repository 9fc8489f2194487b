"""The times that feeds write, where feedparser's reading of them is not enough: zones left out, Chinese forms, CST."""

import re
import time
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from index.text.times import EARLIEST, LATEST, read_datetime

CHINA = timezone(timedelta(hours=8))
_CHINESE = re.compile(
    r"(\d{4})\s*[年./-]\s*(\d{1,2})\s*[月./-]\s*(\d{1,2})\s*日?\s*(?:(?:星期|周|週)[一二三四五六日天])?[\sT]*"
    r"(上午|下午|晚上|早上|凌晨|中午)?\s*(?:(\d{1,2})\s*[:：时時]\s*(\d{1,2})?\s*(?:[:：分]\s*(\d{1,2})?)?)?"
)
_ZONE = re.compile(
    r"(?:\d\s*(?:Z|[+-]\d{2}:?\d{2}|[+-]\d{2})|\b(?:UT|UTC|GMT|[A-Z]{1,2}[SD]?T|[A-Z]|CEST|MEST|MET))\s*(?:\([^)]*\))?\s*$"
)
_CST = re.compile(r"\bCST\b(?!.*\d{4}.*[+-]\d{4})")
_SPACED_OFFSET = re.compile(r"\s+([+-]\d{2}:?\d{2})$")
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
    if parsed is not None:
        moment = _moment(parsed)
        if moment is None:
            return None
        if chinese and _CST.search(text):
            # feedparser took it for Central Standard Time, six hours behind.
            return _within(moment.replace(tzinfo=CHINA) - timedelta(hours=6))
        if zone is not None and not _ZONE.search(text.upper()):
            return _within(moment.replace(tzinfo=zone))
        return _within(moment)
    return read_time(text, zone or UTC)


def read_time(text: str, zone: tzinfo) -> datetime | None:
    """A time in ISO 8601, in Chinese (2023年11月20日 下午3:05) or in seconds since 1970; in `zone` where it names none."""
    if not text:
        return None
    text = _SPACED_OFFSET.sub(r"\1", text[:100])
    if _EPOCH.fullmatch(text):
        return _within(datetime.fromtimestamp(int(text[:10]), UTC))
    match = _CHINESE.match(text)
    if match is None or ("年" not in text and not match[4]):
        return read_datetime(text, zone)
    year, month, day = int(match[1]), int(match[2]), int(match[3])
    hour, minute, second = (int(part or 0) for part in match.group(5, 6, 7))
    if match[4] in ("下午", "晚上") and hour < 12:
        hour += 12
    try:
        return _within(datetime(year, month, day, hour, minute, second, tzinfo=zone))
    except ValueError:
        return None


def _moment(parsed: time.struct_time) -> datetime | None:
    try:
        return datetime(*parsed[:5], min(parsed[5], 59), tzinfo=UTC)
    except (TypeError, ValueError):
        return None


def _within(moment: datetime) -> datetime | None:
    try:
        return moment if EARLIEST <= moment < LATEST else None
    except OverflowError:
        return None
