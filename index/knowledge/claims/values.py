"""Figures in a text: numbers with their units, in digits or in words, as ranges, fractions and multiples."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache

import ahocorasick

from index.knowledge.claims.numerals import ENGLISH, FRACTIONS, MULTIPLES, TOPS, english_number, han_number
from index.knowledge.claims.units import MULTIPLIERS, Units, load_units

_AFTER_A_SIGN = {"m": 1e6, "b": 1e9, "t": 1e12, "k": 1e3}
_NOT_BEFORE_A_NOUN = (
    "that|and|or|in|on|to|for|with|at|by|than|from|is|was|are|were|will|which|who|a|an|the|as|its|it|has|have|but|when|"
    "while|per|into|of|until|after|before|would|could|said|says|be|been"
)
_JOINERS = re.compile(r"\s?(?:to|-|~|至|到|—|——)\s?|\s(?:and|or)\s|[和与及或、]")
_FROM = re.compile(r"(?:\bfrom|从|由)[^，。；,;]{0,16}$")
_FROM_HERE = re.compile(r"(?:\bfrom|从|由)$")
_CHANGES = re.compile(
    r"\s?(?:直接)?(?:降|升|提|涨|增|减|缩短|压缩|提升|提高|增加|降低|下降|上升|扩大|下调|上调|上修|"
    r"扩充)(?:至|到|为|低至|高至|加到|加至)\s?(?:约|了)?|\s(?:up |down )?to (?:about |some )?"
)
_DIES = re.compile(r"[^，。；,;]{1,18}?(?:裸片|晶粒|芯粒|裸晶)")
_BETWEEN = re.compile(r"(?:between|介于|在) ?(?:about |roughly |some |约)?$")


@dataclass(frozen=True, slots=True)
class Value:
    """A figure at characters ``start`` to ``end``; ``low`` and ``high`` differ for a range (``3万至4万美元``).

    ``unit`` is one of `Units.ids`: ``part`` for a share of one (a fifth), empty for a mere number. ``of`` is where the
    number itself ends, so that what is counted can be read behind it. ``scaled`` is true where a word multiplies the
    number (80 billion). ``change`` is true for the first of two values of a change (from 80 to 192).
    """

    start: int
    end: int
    low: float
    high: float
    unit: str
    of: int
    scaled: bool = False
    change: bool = False

    @property
    def plain(self) -> bool:
        return not self.unit


class ValueFinder:
    """Finds figures in folded text. Building compiles a few expressions; finding is linear in the text."""

    def __init__(self, units: Units) -> None:
        self._scales = {name: (unit.id, scale) for unit in units.units.values() for name, scale in unit.names.items()}
        self._signs = {sign: unit.id for unit in units.units.values() for sign in unit.signs}
        self._longest_signs = sorted(self._signs, key=len, reverse=True)
        self._last_of_signs = frozenset(sign[-1] for sign in self._signs)
        self._english = {word: noun.id for noun in units.nouns.values() for word in noun.en}
        self._chinese = {word: noun.id for noun in units.nouns.values() for word in noun.zh}
        self._measures = {word: noun.id for noun in units.nouns.values() for word in noun.measures}
        # Each expression starts with a class of characters or at a known place, so that the engine need not try everywhere.
        rest = (
            rf"(?P<half> and a half)?[多余来]?(?:[\s-]?(?P<multiplier>{_choice(set(MULTIPLIERS) - {'兆'})}|"
            rf"兆(?![瓦赫字]))(?![a-z])|(?P<letter>[mbtk])(?!\w))?"
            rf"[多余]?(?:[\s-]?(?P<unit>{_choice(self._scales)})(?![a-z0-9])(?!/[a-z]))?"
        )
        self._digits = re.compile(
            rf"(?P<number>\d(?<![a-z0-9_./]\d)(?<!\d,\d)(?<![a-z]-\d)(?:\d{{0,2}}(?:,\d{{3}})+(?:\.\d+)?|\d*(?:\.\d+)?)){rest}"
        )
        followers = {name[0] for name in (*self._scales, *self._measures, *self._chinese, *MULTIPLIERS)}
        ahead = re.escape("".join(sorted(followers - set("0123456789abcdefghijklmnopqrstuvwxyz"))))
        self._hans = re.compile(
            rf"(?P<han>[一二两三四五六七八九十百](?<![\d一二两三四五六七八九十百千万亿第数几上近].)(?:(?<!一)|(?=[万亿千百十成倍兆]))"
            rf"[一二两三四五六七八九十百]{{0,4}})(?=[多余来个与和或至到{ahead}]){rest}"
        )
        words = _choice(ENGLISH)
        self._word = re.compile(rf"(?P<word>a hundred|a dozen|(?:{words})(?:[- ](?:{words}))?(?:[- ]hundred)?)(?![a-z]){rest}")
        self._fraction = re.compile(
            rf"(?:(?:(?P<top>{_choice(TOPS)})[ -])?(?P<part>{_choice(FRACTIONS)})s?|"
            rf"(?P<multiple>{_choice(MULTIPLES)}))(?![a-z])"
        )
        self._parts = re.compile("(?P<bottom>[一二三四五六七八九十百\\d]+)分之(?P<top>[一二两三四五六七八九十\\d]+)")
        self._starts = ahocorasick.Automaton()
        for start in (*ENGLISH, "a hundred", "a dozen"):
            self._starts.add_word(start, (len(start), True))
        for start in ("half", *MULTIPLES, *(f"{top}{joint}{part}" for top in TOPS for joint in " -" for part in FRACTIONS)):
            self._starts.add_word(start, (len(start), False))
        self._starts.make_automaton()
        nouns = _choice(self._english)
        self._noun = re.compile(
            rf"[\s-]{{1,2}}(?:of (?:the|its|these|those|them|such|[a-z]+'s) )?"
            rf"(?:(?!(?:{_NOT_BEFORE_A_NOUN})\b)[a-z0-9][a-z0-9'./-]* ){{0,4}}?(?:(?:{nouns})[ -])*(?P<noun>{nouns})(?:s|es)?\b"
        )
        chinese = _choice(self._chinese)
        self._chinese_noun = re.compile(
            rf"\s?(?P<measure>{_choice(self._measures)}|个)?(?P<gap>(?:[a-z]+ ?\d+[a-z]*|"
            rf"[^，。；,;、：！？（）():\d]){{0,16}}?)(?:{chinese})*(?P<noun>{chinese})"
        )
        self._measure = re.compile(rf"\s?(?P<measure>{_choice(self._measures)})")

    def find(self, folded: str, taken: Sequence[tuple[int, int]] = (), *, chinese: bool = True) -> list[Value]:
        """The figures in order, ranges joined. Numbers inside identifiers (H100, 910B) are none.

        Args:
            taken: spans that are known to be something else (times), in order.
            chinese: whether to look for numbers in Chinese.
        """
        found: list[Value] = []
        bare: set[int] = set()
        place, last = 0, len(taken)
        for match in self._digits.finditer(folded):
            start = match.start()
            while place < last and taken[place][1] <= start:
                place += 1
            if place == last or start < taken[place][0]:
                self._add(found, bare, match, folded)
        if chinese:
            for match in self._hans.finditer(folded):
                self._add(found, bare, match, folded)
        reached = -1
        for last, (length, number) in self._starts.iter(folded):
            start = last + 1 - length
            if start < reached or (start and _latin(folded[start - 1])):
                continue
            if number and self._fraction.match(folded, start) is not None:
                continue  # two thirds: the fraction is met as one, too
            matched = (self._word if number else self._fraction).match(folded, start)
            if matched is None:
                continue
            if number:
                reached = matched.end()
                self._add(found, bare, matched, folded)
            else:
                found.extend(_fraction(matched))
        if chinese and "分之" in folded:
            found.extend(part for match in self._parts.finditer(folded) for part in _chinese_part(match))
        found.sort(key=lambda value: (value.start, -value.of))
        return _joined(_apart(found, folded), bare, folded)

    def _add(self, found: list[Value], bare: set[int], match: re.Match[str], folded: str) -> None:
        """Add what `match` says to `found`; a number in words alone is a figure only beside another one: to `bare` too."""
        start, end = match.span()
        written, half, multiplier, letter, unit_name = match.groups()
        digits = written if "0" <= written[0] <= "9" else None
        if digits and not unit_name and not multiplier and end < len(folded) and (_latin(folded[end]) or folded[end] == "_"):
            return  # 910b and 7nm+ are identifiers
        sign = self._sign(folded, start) if digits else None
        if letter and not sign:
            return
        number = float(digits.replace(",", "")) if digits else float(_spelt(written))
        number += 0.5 if half else 0.0
        number *= MULTIPLIERS[multiplier] if multiplier else _AFTER_A_SIGN[letter] if letter else 1.0
        scaled = bool(multiplier or letter)
        if sign:
            start -= len(sign)
            unit = self._scales[unit_name][0] if unit_name and self._scales[unit_name][1] == 1 else self._signs[sign]
            found.append(Value(start, end, _round(number), _round(number), unit, end, scaled))
        elif folded.startswith("百分之", start - 3):
            found.append(Value(start - 3, end, number, number, "%", end))
        elif folded.startswith("分之", start - 2) or folded.startswith("分之", end):
            return
        elif unit_name:
            unit, scale = self._scales[unit_name]
            found.append(Value(start, end, _round(number * scale), _round(number * scale), unit, end, scaled))
        else:
            counted = self._counted(folded, end, digits, scaled)
            noun, until = counted if counted is not None else ("", end)
            if counted is None and not digits and not scaled:
                bare.add(start)
            found.append(Value(start, until, _round(number), _round(number), noun, end, scaled))

    def _sign(self, folded: str, start: int) -> str | None:
        """The currency sign before `start`."""
        if not start or folded[start - 1] not in self._last_of_signs:
            return None
        return next((sign for sign in self._longest_signs if folded.endswith(sign, 0, start)), None)

    def _counted(self, folded: str, end: int, digits: str | None, scaled: bool) -> tuple[str, int] | None:
        """What is counted by a number that ends at `end`, and where its noun ends."""
        following = folded[end : end + 1]
        if not following:
            return None
        if following in " -":
            noun = self._noun.match(folded, end)
            if noun is not None:
                year = digits is not None and not scaled and len(digits) == 4 and digits[:2] in ("19", "20")
                if not year or noun.group().count(" ") == 1:
                    return self._english[noun["noun"]], noun.end()
        if following.isascii() and following != " ":
            return None
        measure = self._measure.match(folded, end)
        measured = self._measures[measure["measure"]] if measure is not None else None
        if measure is not None and measured in ("thing", "system"):
            return measured, measure.end()
        if measured == "chip" and (die := _DIES.match(folded, end)) is not None:
            return "die", die.end()
        noun = self._chinese_noun.match(folded, end)
        if noun is not None and (noun["measure"] or not noun["gap"]):
            kind = self._chinese[noun["noun"]]
            if measured in ("customer", "person") and measure is not None:
                return measured, measure.end()
            if measured == "chip" and kind not in ("die", "core", "transistor"):
                kind = measured
            return kind, noun.end()
        return (measured, measure.end()) if measure is not None and measured is not None else None


@cache
def value_finder() -> ValueFinder:
    """The finder for the units that Chipwire ships."""
    return ValueFinder(load_units())


def _spelt(written: str) -> int:
    return english_number(written) if written.isascii() else han_number(written)


def _fraction(match: re.Match[str]) -> Iterable[Value]:
    start, end = match.span()
    if match["multiple"]:
        times = float(MULTIPLES[match["multiple"]])
        if not match.string.startswith((" precision", "-precision", " data rate"), end):
            yield Value(start, end, times, times, "x", end)
    elif match.string.startswith("-", end):
        return  # a half-pitch
    elif match["top"] or match["part"] == "half":  # "third" alone is an ordinal
        share = _round(TOPS[match["top"] or "a"] / FRACTIONS[match["part"]])
        yield Value(start, end, share, share, "part", end)


def _chinese_part(match: re.Match[str]) -> Iterable[Value]:
    bottom, top = (float(each) if each.isdigit() else float(han_number(each)) for each in match.group("bottom", "top"))
    if match["bottom"] != "百" and bottom:  # 百分之 with its number is a percentage
        yield Value(match.start(), match.end(), _round(top / bottom), _round(top / bottom), "part", match.end())


def _round(number: float) -> float:
    if number < 1e15 and number == int(number):
        return number
    return float(f"{number:.12g}")


def _latin(char: str) -> bool:
    return char.isascii() and char.isalnum()


def _apart(found: list[Value], folded: str) -> list[Value]:
    """Values whose numbers do not overlap, the earlier and longer one first."""
    kept: list[Value] = []
    reached = -1
    for value in found:
        part = bool(kept) and value.start < kept[-1].end and value.start - kept[-1].of > 3 and _latin(folded[value.start - 2])
        if value.start >= reached and not part:  # the 4 of "24 Zen 4 cores" is part of what is counted
            kept.append(value)
            reached = value.of
    return kept


def _joined(values: list[Value], bare: set[int], folded: str) -> list[Value]:
    """Ranges as one value, the unit of the last of several for all of them, and numbers in words alone left out."""
    result: list[Value] = []
    for index, value in enumerate(values):
        following = values[index + 1] if index + 1 < len(values) else None
        if (
            following is not None
            and value.plain
            and value.scaled
            and following.start == value.of
            and following.low < 1e8 <= value.low
        ):
            both = _round(value.low + following.low)  # 34亿9993万欧元
            values[index + 1] = replace(following, start=value.start, low=both, high=both)
            bare.discard(value.start)
            continue
        if following is not None and following.unit and following.start - value.of <= 12 and following.start >= value.of:
            gap = folded[value.of : following.start]
            kin = value.plain or value.unit == following.unit or value.unit == "thing" != following.unit
            before = folded[max(0, value.start - 18) : value.start].rstrip(" $")
            if kin and (value.plain or _FROM.search(before)) and _CHANGES.fullmatch(gap) and not _JOINERS.fullmatch(gap):
                written = _written(folded, following)
                scale = following.low / written if value.plain and written and not value.scaled else 1.0
                low = _round(value.low * scale)
                result.append(replace(value, low=low, high=low, unit=following.unit, change=True))
                continue
            if kin and _JOINERS.fullmatch(gap):
                written = _written(folded, following)
                scale = following.low / written if value.plain and written and not value.scaled else 1.0
                low = _round(value.low * scale)
                if _FROM_HERE.search(before):
                    result.append(replace(value, low=low, high=low, unit=following.unit, change=True))
                    continue
                if gap.strip() not in ("and", "or", "或", "和", "与", "及", "、") or _BETWEEN.search(before):
                    values[index + 1] = replace(following, start=value.start, low=low)
                    bare.discard(value.start)
                else:
                    result.append(replace(value, low=low, high=low, unit=following.unit))
                continue
        if value.start not in bare:
            result.append(value)
    return result


def _written(folded: str, value: Value) -> float:
    """The number of `value` as it stands there, before multiplier and unit."""
    match = re.search(r"\d[\d,]*(?:\.\d+)?", folded[value.start : value.of])
    return float(match.group().replace(",", "")) if match else 0.0


def _choice(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
