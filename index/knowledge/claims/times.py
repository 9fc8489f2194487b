"""Finding the times that a text names, in English and Chinese."""

import re
from dataclasses import replace
from functools import cache
from typing import Any

import ahocorasick

from index.knowledge.claims.periods import TimeMark
from index.text.days import MONTHS, SHORT_MONTHS

_WEEKDAYS = {n: i for i, n in enumerate("monday tuesday wednesday thursday friday saturday sunday".split())}
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "一": 1, "二": 2, "三": 3, "四": 4}
_AWAY = {"this": 0, "current": 0, "next": 1, "coming": 1, "following": 1, "last": -1, "previous": -1}
_TODAY = {"today": 0, "yesterday": -1, "tomorrow": 1}
_COUNTS = {
    word: number for number, word in enumerate("zero one two three four five six seven eight nine ten eleven twelve".split())
} | {"a": 1, "an": 1}
_PARTS = {"early": "early", "mid": "mid", "late": "late", "later": "rest", "beginning": "early", "start": "early"} | {
    "middle": "mid",
    "end": "end",
    "close": "end",
}

_YEAR = r"(?:19|20)\d\d"
_SOME_YEAR = rf"(?:{_YEAR}|(?:this|next|last) year)"
_PART_BEFORE = re.compile(
    r"(?:(?:the )?(?P<of>end|beginning|start|middle|close) of (?:the )?|(?P<part>early|mid|late|later)(?: in)?[ -](?:the )?)$"
)
_BEFORE_A_MONTH = re.compile(r"(?:(?P<away>last|next|this) |(?<![\d.,])(?P<day>[12]?\d|3[01])(?:st|nd|rd|th)? (?:of )?)$")
_AFTER_A_MONTH = re.compile(
    rf"(?:(?<=\b[a-z]{{3}})\.|(?<=sept)\.)?(?: (?P<day>[12]\d|3[01]|[1-9])(?:st|nd|rd|th)?(?![\d:]|"
    rf"[.,]\d)(?:,? (?P<dyear>{_YEAR}))?|(?: of|,)? (?P<year>{_SOME_YEAR}))?"
)
_BEFORE_A_QUARTER = re.compile(
    r"(?:(?P<ordinal>first|second|third|fourth)[ -](?P<fiscal>fiscal[ -])?|(?P<away>this|current|next|"
    r"coming|following|last|previous) (?P<fiscal2>fiscal )?)$"
)
_AFTER_A_QUARTER = re.compile(rf"(?:(?: of| in|,)? (?:its )?(?P<fiscal>fiscal (?:year )?)?(?P<year>{_SOME_YEAR}))?")
_BEFORE_A_UNIT = re.compile(r"(?P<away>this|current|next|coming|following|last|previous) $")
_AGO = re.compile(r"(?P<count>\d{1,2}|" + "|".join(_COUNTS) + r") $")
_AFTER_AGO = re.compile(r"s? (?:ago|earlier)\b")
_YEARS = re.compile(
    r"[12](?:(?<=1)9|(?<=2)0)\d\d(?<![\w.,$-]\d{4})(?!\d|,\d|\.\d|[a-z%]|[ -](?:dollars|gpus|chips|units|"
    r"cards|cpus|servers|watts|people|employees|systems))"
)
_A_NUMBER_OF = re.compile(r" ?(?:[年颗块片张台套枚人名家个只倍万亿元]|[美欧港日韩]元|余[家人名个])")
"""What follows a number that only looks like a year: 2000 万美元."""
_NAMED_QUARTER = re.compile(
    rf"[q1-4](?<!\w[q1-4])(?:(?<=q)(?P<q>[1-4])|(?<=[1-4])[qh])(?![a-z_]|\d(?!\d\b))(?: (?P<year>{_YEAR})| "
    rf"?'?(?P<short>\d\d)\b)?"
)
_QUARTER_LEFT_OUT = re.compile(r"\bin the (?P<ordinal>first|second|third|fourth)(?=[,.;]| and\b| with\b|$)")

_HAN_MONTHS = {
    "一": 1,
    "二": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
    "十": 10,
    "十一": 11,
    "十二": 12,
}
_HAN_COUNTS = {**_HAN_MONTHS, "两": 2}
_HAN_DAYS = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6}
_HAN_YEARS = {"今": 0, "本": 0, "当": 0, "明": 1, "来": 1, "去": -1, "后": 2, "前": -2}
_HAN_AWAY = {"本": 0, "这": 0, "当": 0, "下": 1, "上": -1}
_HAN_PARTS = {
    "初": "early",
    "上旬": "early",
    "中": "mid",
    "中旬": "mid",
    "下旬": "late",
    "底": "end",
    "末": "end",
    "稍晚": "rest",
} | {
    "晚些时候": "rest",
    "稍后": "rest",
    "内": "rest",
    "下半": "late",
}
_NUMBERED = re.compile(
    r"\d(?<![\d.][0-9])\d{0,3} ?(?:年(?![前来间代轻龄化])|月(?!租|产|薪)|[日号](?![元圆本韩前均线内活产]|报(?![道导])))"
)
_NAMED = re.compile(
    r"[今明去来本当前后这上下昨第一二三四五六七八九十星周1-4q]"
    r"(?:(?<=[今明去来本当前后])年(?![前来间代轻龄化])度?"
    r"|(?<=[上下])半年"
    r"|(?<=[本这当上下])一?(?:个)?(?:季度?|月(?![租产薪])|周(?!期)|星期)(?P<relday>(?<=[周期])[一二三四五六日天])?"
    r"|(?<=第) ?(?P<di>[一二三四1-4]) ?季度?"
    r"|(?<=[一二三四1-4]) ?季度?(?![节风])"
    r"|(?<=q)(?P<q>[1-4])(?!\d)"
    r"|(?<=十)?(?<![个一二三四五六七八九十两].)(?P<tail>[一二]?)月(?![球租产薪])(?:份)?"
    r"|(?<=[今昨明])[天日晚晨]"
    r"|(?<=星)期(?P<xq>[一二三四五六日天])"
    r"|(?<=(?<![一二三四五六七八九十两每])周)(?P<zhou>[一二三四五六日天])(?![一二三四五六七八九十])"
    r")"
)
_TAIL = re.compile(
    r"(?:的|年(?=[底末初内中]))?(?:(?P<part>初|上旬|中旬|下旬|底|末|稍晚|晚些时候|稍后|内)|(?P<mid>中)(?=[，,。；、发推量]))"
)
_YEAR_END = re.compile(r"年(?<![\d今明去来本当前后每多近数几半整全新一二三四五六七八九十两]年)(?P<part>[底末初内])(?![次])")
_AGO_HAN = re.compile(r"(?P<count>\d{1,2}|[一二两三四五六七八九十]|十[一二]) ?(?P<unit>个月|年|周|天)(?:之)?(?:多)?前")
_FISCAL_HAN = re.compile(r"(?P<year>(?:19|20)\d\d) ?(?:财年|会计年度|财政年度)")


@cache
def _words() -> Any:
    automaton = ahocorasick.Automaton()
    for word in (*MONTHS, *SHORT_MONTHS, *_WEEKDAYS, *_TODAY, "quarter", "half", "year", "month", "week", "day", "year-end"):
        automaton.add_word(word, word)
    automaton.make_automaton()
    return automaton


def find_times(text: str, folded: str, *, english: bool = True, chinese: bool = True) -> list[TimeMark]:
    """The times named in `folded`, which is `text` folded (capitals tell May from may), in order, never overlapping."""
    marks: list[TimeMark] = []
    if english:
        _find_english(text, folded, marks)
    if chinese:
        _find_chinese(folded, marks)
    for match in _YEARS.finditer(folded):
        if not _A_NUMBER_OF.match(folded, match.end()):
            marks.append(_year(folded, match))
    marks.sort(key=lambda mark: (mark.start, -mark.end))
    kept: list[TimeMark] = []
    for mark in marks:
        if not kept or mark.start >= kept[-1].end:
            kept.append(mark)
    return kept


def _year(folded: str, match: re.Match[str]) -> TimeMark:
    before = folded[max(0, match.start() - 24) : match.start()]
    part = _PART_BEFORE.search(before)
    fiscal = before.endswith(("fiscal ", "fiscal year ", "fy"))
    start = match.start() - (len(part.group()) if part else 0)
    return TimeMark(start, match.end(), year=int(match.group()), part=_part(part), fiscal=fiscal)


def _find_english(text: str, folded: str, marks: list[TimeMark]) -> None:
    quarters = False
    reached = -1
    for last, word in _words().iter(folded):
        start, end = last + 1 - len(word), last + 1
        if start and folded[start - 1].isalnum() and folded[start - 1].isascii():
            continue
        following = folded[end : end + 1]
        if following.isalpha() and following.isascii() and not (following == "s" and word in ("year", "month", "week", "day")):
            continue
        before = folded[max(0, start - 30) : start]
        if word in MONTHS or word in SHORT_MONTHS:
            mark = _month(text, folded, before, start, end, word) if start >= reached else None
        elif word in _WEEKDAYS:
            away = _BEFORE_A_UNIT.search(before)
            mark = TimeMark(start, end, weekday=_WEEKDAYS[word], away=_AWAY[away["away"]] if away else None)
        elif word in _TODAY:
            mark = TimeMark(start, end, away=_TODAY[word], unit="day")
        elif word == "quarter":
            mark = _quarter(folded, before, start, end)
            quarters = quarters or mark is not None
        elif word == "half":
            mark = _half(folded, before, start, end)
        else:
            mark = _unit(folded, before, start, end, word.split("-")[0], word)
        if mark is not None:
            marks.append(mark)
            reached = mark.end
    if quarters:
        for match in _QUARTER_LEFT_OUT.finditer(folded):
            marks.append(TimeMark(match.start(), match.end(), quarter=_ORDINALS[match["ordinal"]]))
    for match in _NAMED_QUARTER.finditer(folded):
        mark = _named_quarter(match)
        if mark is not None:
            marks.append(mark)


def _month(text: str, folded: str, before: str, start: int, end: int, word: str) -> TimeMark | None:
    if not text[start].isupper():
        return None
    month = MONTHS.get(word) or SHORT_MONTHS[word]
    after = _AFTER_A_MONTH.match(folded, end)
    left = _BEFORE_A_MONTH.search(before)
    part = _PART_BEFORE.search(before)
    assert after is not None  # it matches nothing at all, too
    day = after["day"] or (left["day"] if left else None)
    if word not in MONTHS and not day and not after["year"]:
        return None  # a bare "mar" or "dec" is anything
    year, years = _said_year(after["dyear"] or after["year"])
    if left and left["away"] and not day:
        years = {"last": None, "this": 0, "next": None}[left["away"]] if year is None else None
        past = {"last": -1, "next": 1, "this": None}[left["away"]]
        return TimeMark(left.start() + start - len(before), after.end(), year, years, month, away=past)
    begin = (
        start - len(left.group()) if left and left["day"] and not after["day"] else start - (len(part.group()) if part else 0)
    )
    return TimeMark(begin, after.end(), year, years, month, int(day) if day else None, part=None if day else _part(part))


def _quarter(folded: str, before: str, start: int, end: int) -> TimeMark | None:
    left = _BEFORE_A_QUARTER.search(before)
    if left is None:
        return None
    after = _AFTER_A_QUARTER.match(folded, end)
    assert after is not None
    begin = start - len(left.group())
    fiscal = bool(left["fiscal"] or left["fiscal2"] or after["fiscal"]) or folded.endswith("fiscal ", 0, begin)
    if left["away"]:
        return TimeMark(begin, end, away=_AWAY[left["away"]], unit="quarter", fiscal=fiscal)
    year, years = _said_year(after["year"])
    return TimeMark(begin, after.end(), year, years, quarter=_ORDINALS[left["ordinal"]], fiscal=fiscal)


def _half(folded: str, before: str, start: int, end: int) -> TimeMark | None:
    if not before.endswith(("first ", "second ", "first-", "second-")):
        return None
    after = _AFTER_A_QUARTER.match(folded, end)
    assert after is not None
    year, years = _said_year(after["year"])
    ordinal = before.rstrip(" -").rsplit(" ", 1)[-1]
    begin = start - len(ordinal) - 1
    return TimeMark(begin, after.end(), year, years, half=_ORDINALS[ordinal], fiscal=bool(after["fiscal"]))


def _unit(folded: str, before: str, start: int, end: int, unit: str, word: str) -> TimeMark | None:
    if word == "year-end":
        return TimeMark(start, end, years=0, part="end")
    ago = _AGO.search(before)
    if ago is not None and (after := _AFTER_AGO.match(folded, end)) is not None:
        count = int(ago["count"]) if ago["count"].isdigit() else _COUNTS[ago["count"]]
        return TimeMark(start - len(ago.group()), after.end(), away=-count, unit=unit)
    left = _BEFORE_A_UNIT.search(before)
    part = _PART_BEFORE.search(before[: left.start()] if left else before)
    if left is None:
        out = folded.startswith("year is out", start)
        if unit == "year" and (out or (part is not None and before.endswith("the "))):
            begin = start - (len(part.group()) if part else 4)
            return TimeMark(begin, end + (7 if out else 0), years=0, part=_part(part) or "end")
        return None
    if unit == "day":
        return None
    begin = start - len(before) + (part.start() if part else left.start())
    if unit == "year":
        return TimeMark(begin, end, years=_AWAY[left["away"]], part=_part(part))
    return TimeMark(begin, end, away=_AWAY[left["away"]], unit=unit, part=_part(part))


def _named_quarter(match: re.Match[str]) -> TimeMark | None:
    written = match.group()
    short = match["short"]
    year = int(match["year"]) if match["year"] else 2000 + int(short) if short and 10 <= int(short) < 60 else None
    end = match.end() if year is not None or not short else match.end("q") if match["q"] else match.start() + 2
    if match["q"]:
        return TimeMark(match.start(), end, year, quarter=int(match["q"]))
    if written[1] == "q":
        return TimeMark(match.start(), end, year, quarter=int(written[0]))
    return TimeMark(match.start(), end, year, half=int(written[0])) if written[0] in "12" and year is not None else None


def _said_year(written: str | None) -> tuple[int | None, int | None]:
    """(year, years away) of "2024", "next year" or nothing."""
    if not written:
        return None, None
    return (int(written), None) if written.isdigit() else (None, _AWAY[written.split()[0]])


def _part(match: re.Match[str] | None) -> str | None:
    return None if match is None else _PARTS[match["of"] or match["part"]]


def _find_chinese(folded: str, marks: list[TimeMark]) -> None:
    pieces: list[TimeMark] = []
    for match in _NUMBERED.finditer(folded):
        number, unit = int(match.group()[:-1]), match.group()[-1]
        start, end = match.span()
        if unit == "年" and 1990 <= number <= 2099:
            pieces.append(TimeMark(start, end, year=number))
        elif unit == "月" and 1 <= number <= 12:
            pieces.append(TimeMark(start, end, month=number))
        elif unit in "日号" and 1 <= number <= 31:
            pieces.append(TimeMark(start, end, day=number))
    for match in _NAMED.finditer(folded):
        mark = _named(folded, match)
        if mark is not None:
            pieces.append(mark)
    for match in _FISCAL_HAN.finditer(folded):
        pieces.append(TimeMark(match.start(), match.end(), year=int(match["year"]), fiscal=True))
    pieces.sort(key=lambda mark: (mark.start, -mark.end))
    for mark in _put_together(folded, pieces):
        tail = _TAIL.match(folded, mark.end)
        if tail is not None and mark.day is None:
            mark = replace(mark, end=tail.end(), part=_HAN_PARTS[tail["part"] or tail["mid"]])
        marks.append(mark)
    for match in _YEAR_END.finditer(folded):
        marks.append(TimeMark(match.start(), match.end(), years=0, part=_HAN_PARTS[match["part"]]))
    if "前" in folded:
        for match in _AGO_HAN.finditer(folded):
            count = int(match["count"]) if match["count"].isdigit() else _HAN_COUNTS[match["count"]]
            unit = {"个月": "month", "年": "year", "周": "week", "天": "day"}[match["unit"]]
            marks.append(TimeMark(match.start(), match.end(), away=-count, unit=unit))


def _named(folded: str, match: re.Match[str]) -> TimeMark | None:
    written, (start, end) = match.group(), match.span()
    first = written[0]
    if written[-1] in "年度" and first in _HAN_YEARS and written[1] == "年":
        return TimeMark(start, end, years=_HAN_YEARS[first])
    if written.endswith("半年"):
        return TimeMark(start, end, half=1 if first == "上" else 2)
    quarter = match["di"] or match["q"]
    if quarter:
        return TimeMark(start, end, quarter=_ORDINALS.get(quarter) or int(quarter))
    if match["xq"] or match["zhou"]:
        return TimeMark(start, end, weekday=_HAN_DAYS[match["xq"] or match["zhou"]])
    if first in _HAN_AWAY and ("月" in written or "周" in written or "星期" in written or "季" in written):
        away = _HAN_AWAY[first]
        if match["relday"]:
            return TimeMark(start, end, weekday=_HAN_DAYS[match["relday"]], away=away, unit="week")
        return TimeMark(start, end, away=away, unit="quarter" if "季" in written else "month" if "月" in written else "week")
    if "季" in written:
        return TimeMark(start, end, quarter=_ORDINALS.get(first) or int(first)) if first in "一二三四1234" else None
    if written.rstrip("份").endswith("月"):
        month = _HAN_MONTHS.get(written.rstrip("份")[:-1])
        return TimeMark(start, end, month=month) if month else None
    if first in "今昨明" and written[1] in "天日晚晨":
        return TimeMark(start, end, away={"今": 0, "昨": -1, "明": 1}[first], unit="day")
    return None


def _put_together(folded: str, pieces: list[TimeMark]) -> list[TimeMark]:
    """Year with month, month with day, year with quarter, where one follows the other."""
    joined: list[TimeMark] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if last is not None and piece.start < last.end:
            continue
        if last is not None and folded[last.end : piece.start].strip() in ("", "的", "度", "度的") and _finer(last, piece):
            joined[-1] = replace(
                last,
                end=piece.end,
                month=piece.month or last.month,
                day=piece.day or last.day,
                quarter=piece.quarter or last.quarter,
                half=piece.half or last.half,
            )
        else:
            joined.append(piece)
    return joined


def _finer(coarse: TimeMark, fine: TimeMark) -> bool:
    if fine.year is not None or fine.years is not None or fine.unit is not None or fine.weekday is not None:
        return False
    if coarse.day is not None or coarse.quarter is not None or coarse.half is not None or coarse.weekday is not None:
        return False
    if coarse.month is not None or (coarse.unit == "month" and coarse.away is not None):
        return fine.day is not None and fine.month is None
    has_year = coarse.year is not None or coarse.years is not None
    return has_year and (fine.month is not None or fine.quarter is not None or fine.half is not None)
