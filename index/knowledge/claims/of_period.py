"""Of which period a figure is: the time that governs it, never one that it is only compared with or was only published in.

In Chinese a time governs what follows it, until another one does; a sentence opens with "今年一季度" and goes on for three
clauses. In English it may stand behind the figure, and the nearest one counts.
"""

import re

from index.knowledge.claims.document import Sentence
from index.knowledge.claims.periods import TimeMark
from index.knowledge.claims.units import load_units
from index.knowledge.claims.values import Value

PERIODICAL = frozenset(
    (
        "revenue",
        "growth",
        "profit",
        "margin",
        "revenue-share",
        "market-share",
        "market-size",
        "fleet",
        "volume",
        "capacity",
        "revenue-impact",
        "investment",
        "order-value",
        "lead-time",
        "sold-out",
    )
)
"""Attributes whose value is that of a period: the one named nearest."""
_HAN = re.compile("[一-鿿]")
_CHANGED_SINCE = re.compile(
    r"\d[^，。；,;]{0,10}(?:升|降|增|提高|上升|下降|增长|跌|涨)[^，。；,;]{0,10}(?:到|至|为)|\d[^,.;]{0,10} to "
)
"""What lies between a time and a figure that is of a later one: 从2021年的23.3%上升到29.6%."""
_COMPARED_WITH = re.compile(
    r"(?:较|比|相比|同比|相较于?|自|不及|高于|低于|超过|超出|多于|少于|好于|优于|不如|对比|\bthan in |\bfrom |\bagainst )"
    r"(?:上一?|the )?\s?$|(?:与|和|跟|同)[^，。；,;]{0,4}$"
)
"""What stands before a time that a figure is only compared with."""
_ALIKE = re.compile(r"[^，。；,;]{0,12}(?:相比|持平|相当|相同|一样|对比|相差)")
_OF_IT = re.compile(r"(?:的|为|约|是|达)*\s?")
"""All that may lie between a time that is compared with and the figure that is of it: 不及2021年的58亿."""
_SAME_TIME = re.compile(r"[^，。；,;]{0,4}同期")
_TOLD_THEN = re.compile(
    r"[^，。；,;\d]{0,4}[，,]?[^，。；,;\d]{0,10}?(?:宣布|表示|公布|披露|发布|透露|报道|称|指出|消息|讯)|[^，。；,;]{0,12}(?:上表示|上称)"
)
_TOLD_IN = re.compile(r"[^，。；,;\d]{0,6}?(?:财报|业绩|财务|报告|年报|季报|法说会|电话会)")
"""What follows a time that is the day of a report, or in the name of one."""
_UNTIL = re.compile(r"(?:截至|截止|止于|到)(?:在)?\s?$")
_SUMMED = re.compile(r"(?:前|累计|首)\s?$")
_RANGE = re.compile(r"\s?(?:份)?\s?(?:至|到|[-—–~～])\s?")
_NOW = re.compile(r"(?:目前|当前|如今|现在|现时)[^，。；,;]{0,6}$")
_QUARTER_ENDING = re.compile(r"\s?份?的?(?:一个|这一)?(?:财?季|三个月)")
_AHEAD = re.compile(r"预计|预期|预估|展望|指引|将|计划|有望")
_FAR, _CLAUSES = 80, 4
"""How far before its figure a time may stand in Chinese, in characters and in clauses."""


def period_mark(folded: str, sentence: Sentence, place: int) -> TimeMark | None:
    """The time that the figure at `place` is of; None where the sentence names none."""
    if not sentence.times:
        return None
    if _HAN.search(folded, sentence.start, sentence.end) is None:
        return _nearest(folded, sentence, place)
    if (turn := mark_in_turn(folded, sentence, place)) is not None:
        return turn
    report: TimeMark | None = None
    for mark in reversed(sentence.times):
        if mark.end > place:
            continue
        if place - mark.end > _FAR or sentence.apart(mark.end, place) > _CLAUSES:
            break
        if _SUMMED.search(folded, max(sentence.start, mark.start - 3), mark.start):
            return None  # the first seven months are no month
        if mark.month is not None and any(_RANGE.fullmatch(folded, other.end, mark.start) for other in sentence.times):
            return None
        if _NOW.search(folded, mark.end, place) or _QUARTER_ENDING.match(folded, mark.end):
            return None
        if folded[mark.start] == "当" or _CHANGED_SINCE.search(folded, mark.end, place):
            continue
        if _is_compared(folded, sentence, mark):
            if _OF_IT.fullmatch(folded, mark.end, place):
                return mark  # the figure of then
            if _SAME_TIME.match(folded, mark.end) and sentence.apart(mark.end, place) == 0:
                return None  # of the same months in another year
            continue
        if mark.day is not None or mark.weekday is not None or mark.unit in ("day", "week"):
            if not _UNTIL.search(folded, max(sentence.start, mark.start - 4), mark.start):
                continue  # the day of the news
        elif _TOLD_THEN.match(folded, mark.end) and not _TOLD_IN.match(folded, mark.end):
            continue
        if _TOLD_IN.match(folded, mark.end):
            if not _AHEAD.search(folded, mark.end, place):
                report = report or mark
            continue
        return mark
    return report


def mark_in_turn(folded: str, sentence: Sentence, place: int | Value) -> TimeMark | None:
    """The time of a figure where several have one each: 2021年度和2022年度分别为1亿和2亿元; None where they do not."""
    start = place if isinstance(place, int) else place.start
    cue = folded.rfind("分别", sentence.start, start)
    if cue < 0:
        return None
    marks = [mark for mark in sentence.times if mark.end <= cue]
    listed = marks[-1:]
    for mark in reversed(marks[:-1]):
        if not _LISTED.fullmatch(folded, mark.end, listed[0].start):
            break
        listed.insert(0, mark)
    value = next((each for each in sentence.values if each.start == start), None)
    if value is None or len(listed) < 2:
        return None
    same = [each for each in sentence.values if each.start >= cue and each.unit == value.unit][: len(listed)]
    return listed[same.index(value)] if len(same) == len(listed) and value in same else None


_LISTED = re.compile(r"(?:年?度)?\s?(?:、|,|和|与|及|以及)\s?")


def _is_compared(folded: str, sentence: Sentence, mark: TimeMark) -> bool:
    before = _COMPARED_WITH.search(folded, max(sentence.start, mark.start - 6), mark.start)
    if before is None:
        return False
    return before.group()[0] not in "与和跟同" or before.group() == "同比" or _ALIKE.match(folded, mark.end) is not None


def _nearest(folded: str, sentence: Sentence, place: int) -> TimeMark | None:
    best: TimeMark | None = None
    least = 90.0
    for mark in sentence.times:
        if _COMPARED_WITH.search(folded, max(sentence.start, mark.start - 6), mark.start):
            continue
        if mark.end <= place and _CHANGED_SINCE.search(folded, mark.end, place):
            continue
        far = abs(mark.start - place) + 30.0 * sentence.apart(mark.start, place) + (25.0 if mark.start > place else 0.0)
        if far < least:
            best, least = mark, far
    return best


_CONVERTED = re.compile(r"[（(][^（()）\d]{0,16}(?:约|合|折)[^（()）\d]{0,4}$")


def original_place(folded: str, sentence: Sentence, value: Value) -> int:
    """Where the figure stands of which `value` is only another currency's: 7.31万亿韩元（约57亿美元）."""
    if value.unit in load_units().money and _CONVERTED.search(folded, max(sentence.start, value.start - 20), value.start):
        return max((other.start for other in sentence.values if other.end < value.start), default=value.start)
    return value.start


def is_of_then(folded: str, sentence: Sentence, place: int) -> bool:
    """Whether a figure is what one of another time is compared with: 较去年同期的43.5%."""
    for mark in reversed(sentence.times):
        if mark.end <= place:
            then = _OF_THEN.fullmatch(folded, mark.end, place)
            return then is not None and ("同期" in then.group() or _is_compared(folded, sentence, mark))
    return False


_OF_THEN = re.compile(r"\s?(?:[^，。；,;]{0,3}同期\s?(?:的|为|约)?|的|为|约)\s?(?:约|近)?\s?")
