"""On which day a text was written: as published, or, where nobody says, by what the text itself tells.

A text without a date dates itself by its own times. It was written after the last day that it speaks of in the past, and
before the years that it looks ahead to (量产 in 2024 is no news of 2024, which would say "this year"). Of the years that
fit, the last one before the day on which the text was seen is taken.
"""

import re
from collections.abc import Sequence
from datetime import date, timedelta

from index.knowledge.claims.document import Document, Sentence
from index.knowledge.claims.periods import TimeMark

_EDITED = re.compile(r"(?:更新|发布|发表|updated|modified|posted|编辑|上传)(?:时间|日期|于|on|at)?\s*[:：]?\s*$", re.IGNORECASE)
_NEWS = re.compile(r"\s?(?:晚间?|早间|凌晨|上午|下午)?(?:消息|讯|电|报道)")
_HEAD = 16
"""How far from the beginning of a sentence its date stands in a dateline."""
_SLACK = timedelta(days=2)


def anchor_of(document: Document, published: date | None, seen: date) -> tuple[date, bool]:
    """The day that the times of `document` are relative to; never after `seen` (with a little slack for time zones).

    And whether anything tells that day: where nothing does, it is `seen`, and "this quarter" may be any.
    """
    if published is not None:
        return _dateline(document, published) or published, True
    latest = seen
    days: list[TimeMark] = []
    ahead: list[int] = []
    told: list[int] = []
    whole: list[date] = []
    for sentence in document.sentences:
        for mark in sentence.times:
            if mark.dated and mark.year is not None:
                moment = _date(mark.year, mark)
                if moment is None:
                    continue
                before = document.folded[max(0, mark.start - 8) : mark.start]
                if _EDITED.search(before) and moment <= latest:
                    latest = moment  # the page says when it was put up: the text is no younger
                elif not _ahead(sentence, mark):
                    whole.append(moment)
            elif mark.dated and mark.years is None:
                if not _ahead(sentence, mark):
                    days.append(mark)
            elif mark.year is not None and mark.quarter is None and mark.half is None and _ahead(sentence, mark):
                ahead.append(mark.year)
            elif mark.year is not None and mark.year <= latest.year and sentence.near("past", mark.start):
                told.append(mark.year)
    bound = min(ahead, default=None)
    candidates = [moment for moment in whole if moment <= latest]
    floor = max(candidates, default=None)
    year = latest.year
    if bound is not None and bound <= year and (floor is None or floor.year < bound):
        year = max(bound - 1, max(told, default=0))
    if not days:
        return (floor, True) if floor is not None else (latest, False)
    return _last(days, year, latest, floor), True


def _dateline(document: Document, published: date) -> date | None:
    """The day that stands at the head of the text, where the day of publication is next to it: a clock in another zone."""
    for sentence in document.sentences[:3]:
        for mark in sentence.times:
            if mark.dated and mark.day is not None and mark.start - sentence.start <= _HEAD:
                moment = _date(mark.year or published.year, mark)
                if moment is not None and abs(moment - published) <= timedelta(days=1):
                    return moment if _NEWS.match(document.folded, mark.end) else None
    return None


def _last(days: Sequence[TimeMark], year: int, latest: date, floor: date | None) -> date:
    """The last of the days named without a year, in the last year in which it was past."""
    for each in range(year, year - 3, -1):
        moments = [moment for mark in days if (moment := _date(each, mark)) is not None]
        past = [moment for moment in moments if moment <= latest + _SLACK]
        if past and len(past) >= len(moments) / 2:
            found = max(past)
            return found if floor is None or found >= floor else floor
    return floor or latest


def _ahead(sentence: Sentence, mark: TimeMark) -> bool:
    """Whether the sentence speaks of a time as yet to come."""
    return sentence.near("planned", mark.start) or _booked(sentence, mark)


def _booked(sentence: Sentence, mark: TimeMark) -> bool:
    """Orders booked into a year look ahead to it."""
    return any(tag == ("near", "sold-out") and 0 <= mark.start - end <= 6 for tag, _, end in sentence.events)


def _date(year: int, mark: TimeMark) -> date | None:
    try:
        return date(year, mark.month or 1, mark.day or 1)
    except ValueError:
        return None
