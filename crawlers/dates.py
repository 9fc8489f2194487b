"""When an article was published and when it was changed: of all that a page says, what is most to be trusted."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

from crawlers.written_dates import Written, at_noon, written_dates
from index.article import DATE_SOURCES
from index.text.times import EARLIEST, LATEST, read_datetime

ONLY_THE_DAY = "only the day is stated"
_IN_PATH = (
    re.compile(r"/(?P<y>20\d\d)[/_-](?P<m>\d{1,2})[/_-](?P<d>\d{1,2})(?=[/_.-]|$)"),
    re.compile(r"/(?P<y>20\d\d)[/-]?(?P<m>[01]\d)[/-]?(?P<d>[0-3]\d)(?=[/_.-]|$)"),
    re.compile(r"/t(?P<y>20\d\d)(?P<m>[01]\d)(?P<d>[0-3]\d)_"),
    re.compile(r"/(?P<y>20\d\d)-(?P<m>[01]\d)/(?P<d>[0-3]\d)(?=[/_.-]|$)"),
)
_DAY_ONLY = re.compile(r"\s*\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?\s*")


@dataclass(frozen=True, slots=True)
class Stated:
    """A moment that something states; without a ``clock``, only its day counts."""

    moment: datetime
    clock: bool = True


@dataclass(frozen=True, slots=True)
class Dates:
    """``source`` is one of `index.article.DATE_SOURCES`, None where ``published`` is; ``note`` what is amiss with it."""

    published: datetime | None = None
    source: str | None = None
    note: str | None = None
    modified: datetime | None = None


def as_stated(written: Written | None) -> list[Stated]:
    """What is written as what is stated; none where nothing is."""
    return [] if written is None else [Stated(written.moment, written.clock)]


def outlet_zone(lang: str) -> tzinfo:
    """Of an outlet that is only known by its language: China's for Chinese, else UTC."""
    return ZoneInfo("Asia/Shanghai") if lang == "zh" else UTC


def read_stated(text: str, zone: tzinfo) -> Stated | None:
    """A declared time: ISO 8601, RFC 5322, seconds or milliseconds since 1970, or as people write it; None for others."""
    text = text.strip()
    if re.fullmatch(r"\d{10}|\d{13}", text):
        return Stated(datetime.fromtimestamp(int(text[:10]), UTC))
    if _DAY_ONLY.fullmatch(text):
        written = written_dates(text, zone)
        return Stated(written[0].moment, False) if written else None
    moment = read_datetime(text, zone)
    if moment is None:
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            written = written_dates(text, zone)
            return Stated(written[0].moment, written[0].clock) if written else None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        if not EARLIEST <= moment < LATEST:
            return None
    return day_or_moment(moment, moment.tzinfo or zone)


def day_or_moment(moment: datetime, zone: tzinfo) -> Stated:
    """Midnight in `zone` is what programs write for a day: it counts as no clock time.

    It is then taken to be noon, unless it is midnight in UTC, because otherwise the day would be another one in UTC.
    """
    local = moment.astimezone(zone)
    if (local.hour, local.minute, local.second) != (0, 0, 0):
        return Stated(moment)
    return Stated(at_noon(local.date(), zone) if local.utcoffset() else moment, False)


def date_in_address(url: str | None, zone: tzinfo) -> Stated | None:
    """The day that an address names, as ``/2023/11/20/`` and ``/20231120/`` do."""
    path = (url or "").split("?")[0]
    for form in _IN_PATH:
        if match := form.search(path):
            try:
                day = date(int(match["y"]), int(match["m"]), int(match["d"]))
            except ValueError:
                continue
            return Stated(at_noon(day, zone), False)
    return None


def choose_dates(
    published: Mapping[str, Sequence[Stated]], modified: Sequence[Stated], zone: tzinfo, seen: datetime | None
) -> Dates:
    """Of all statements those of the most trusted source.

    A day without a clock takes the clock of another source that names the same day. What lies in the future is taken to
    be the time at which the page was first seen, with a note.

    Args:
        published: by source, in any order; of each source its first statement counts.
        modified: the most trusted first; one before the publication says nothing.
        seen: when the page was fetched; None where that is unknown, and then nothing is in the future.
    """
    ordered = [(name, published[name][0]) for name in DATE_SOURCES if published.get(name)]
    change = next((each for each in modified), None)
    if not ordered:
        return Dates(modified=_not_later(change, seen))
    source, best = ordered[0]
    if not best.clock:
        day = best.moment.astimezone(zone).date()
        best = next((each for _, each in ordered if each.clock and each.moment.astimezone(zone).date() == day), best)
    note = None if best.clock else ONLY_THE_DAY
    moment = best.moment
    if seen is not None and moment > seen:
        if best.clock or moment - seen >= timedelta(days=1):
            note = f"the page says {moment:%Y-%m-%d %H:%M %z}, which was still to come when it was fetched"
        moment = seen
    later = change is not None and (
        change.moment > moment if change.clock and best.clock else _day(change, zone) > _day(best, zone)
    )
    return Dates(moment, source, note, _not_later(change, seen) if later else None)


def _day(stated: Stated, zone: tzinfo) -> date:
    return stated.moment.astimezone(zone).date()


def _not_later(stated: Stated | None, seen: datetime | None) -> datetime | None:
    if stated is None:
        return None
    return stated.moment if seen is None else min(stated.moment, seen)
