"""Which attribute a figure gives: the one whose wording stands nearest, by its unit.

Distance is counted in characters, with what lies between: a clause break, another figure, the figure itself where the wording
comes after it. Longer wording is a little nearer ("memory bandwidth" says more than "memory").
"""

import re
from collections.abc import Sequence

from index.knowledge.claims.attributes import Attribute, Attributes
from index.knowledge.claims.document import Sentence
from index.knowledge.claims.units import Units
from index.knowledge.claims.values import Value

CLAUSE, LATER, BEHIND, WEAK, FARTHEST = 14.0, 30.0, 10.0, 30.0, 62.0
"""What a clause break adds to the distance of a word from its figure; what a break behind the figure adds to that, and standing
behind it at all; what weak wording costs; and when wording is too far to say anything."""
_OTHER, _LIKE_IT, _OTHER_BEHIND = 6.0, 16.0, 20.0
"""What another figure between adds; one in the same unit; one between the figure and wording behind it."""
_ALONE = 40.0
"""The distance at which a unit speaks for itself."""
_FIRST = 40.0
"""The most that the first word of an English sentence is away: it is what the sentence is about."""
_NOTHING, _EXCLUDED = 999.0, 500.0
_STRICT, _LOOSE = 14.0, 2.0
"""How much further away than its wording what speaks against an attribute may stand."""

RATIOS = frozenset(("x", "%", "part"))
_A_DOLLAR = {"usd": 1, "eur": 1, "gbp": 1, "cny": 1, "hkd": 8, "twd": 30, "jpy": 100, "krw": 1000}
"""What a dollar is in a currency, roughly, for the bounds of prices."""
_OF_IT = re.compile(r"\s?(?:of|的|个|in)?\s?(?:[a-z-]+ )?")
_EACH = re.compile(r"(?:每[个颗块][^，。；,;]{0,8}|\beach [^,.;]{0,12})$")
_MARGIN = re.compile(r"(?:plus or minus|give or take|上下|±|浮动) ?(?:about )?$")
_AND_ALSO = re.compile(r"[^,;，；。.]{0,44}?(?:\band\b|\bor\b|[和与及、]|搭配)[^,;，；。.]{0,10}")
_MORE_THAN_THE = re.compile(r" (?:more|less|higher|lower|faster) than the (?:about )?")
_COMPARISON = re.compile(
    r"than|against|compared|versus|times|twice|as fast|over|relative|more|less|faster|higher|better|lower|"
    r"doubl|tripl|sav(?:e|ing)"
    r"|up to|fold|half|of the|is|[倍比较快高降优翻省达强多]|提升|提高|高出|多出|节省|增加|领先|改善|下降|相差|一半|只要"
)
_CHANGED_TO = re.compile(r"(?:下降|上升|增长|提高|提升|下滑|增加|减少|降|升)(?:到|至|为)约?\s?$")
_KINDS_OF_MEMORY = ("hbm", "gddr", "lpddr", "dram", "ddr", "nand")
_GOES_ON = re.compile(r"\b(?:it|its|the (?:chip|part|system|machine|device|accelerator|processor))\b|[其它该]|这[款颗套]")
_GROWN = frozenset(("revenue", "profit"))


class AttributeChoice:
    """Chooses attributes for the figures of a sentence."""

    def __init__(self, attributes: Attributes, units: Units) -> None:
        self._by_id = attributes.figures
        self._money = units.money
        self._by_unit: dict[str, list[Attribute]] = {}
        for attribute in attributes.figures.values():
            wanted = [unit for each in attribute.units for unit in (units.money if each == "money" else (each,))]
            if attribute.ratio:
                wanted.extend(RATIOS)
            for unit in dict.fromkeys(wanted):
                self._by_unit.setdefault(unit, []).append(attribute)

    def choose(
        self, folded: str, sentence: Sentence, value: Value, rate: str | None, before: tuple[Attribute, Value] | None
    ) -> tuple[Attribute | None, bool]:
        """The attribute that `value` gives, and whether its wording says so whatever it is said of.

        Args:
            rate: what the figure is per.
            before: the figure read before it in the sentence, with its attribute.
        """
        candidates = self._by_unit.get(value.unit)
        if candidates is None or _MARGIN.search(folded, max(sentence.start, value.start - 16), value.start):
            return None, False
        if _negated(sentence, value.start):
            return None, False
        ratio = value.unit in RATIOS
        if ratio and (also := self._of_the_next(folded, sentence, value)) is not None:
            return also, True
        compares: bool | None = None
        best: Attribute | None = None
        least, strong = FARTHEST, False
        excluded: set[str] = set()
        cues = sentence.cues
        for attribute in candidates:
            spans = cues.get(("near", attribute.id), ())
            weak = () if ratio else cues.get(("weak", attribute.id), ())
            if ratio and attribute.ratio:
                spans = [span for span in spans if not folded.startswith(_KINDS_OF_MEMORY, span[0])]
            if not spans and not weak and not attribute.alone and not (rate and (attribute.per or attribute.id in _PER)):
                continue
            if "needs" in attribute.words and ("needs", attribute.id) not in cues:
                if before is None or (before[0].id not in _GROWN and before[0].id != attribute.id):
                    continue
            if ratio and (attribute.comparison or attribute.ratio):
                if compares is None:
                    compares = (
                        _COMPARISON.search(folded, max(sentence.start, value.start - 60), min(sentence.end, value.end + 60))
                        is not None
                    )
                if not compares:
                    continue
            distance, firm = self._distance(folded, sentence, value, attribute, rate, spans, weak)
            if distance < least:
                best, least, strong = attribute, distance, firm
            elif distance == _EXCLUDED:
                excluded.add(attribute.id)
        return self._also(folded, sentence, value, best, strong, before, excluded)

    def _also(
        self,
        folded: str,
        sentence: Sentence,
        value: Value,
        best: Attribute | None,
        strong: bool,
        before: tuple[Attribute, Value] | None,
        excluded: set[str],
    ) -> tuple[Attribute | None, bool]:
        """The attribute of the figure before, where this one is a second one of its kind; otherwise `best`."""
        if before is not None and value.unit == before[1].unit and before[0].id not in excluded:
            attribute, earlier = before
            if value.unit in ("chip", "system", "b") and _AND_ALSO.fullmatch(folded, earlier.end, value.start):
                return attribute, True  # 72 of these and 36 of those
            if best is None and value.unit not in ("chip", "system"):
                if value.start - earlier.end < 60 and sentence.apart(earlier.end, value.start) <= 1:
                    return attribute, False
        if (
            best is None
            and value.unit in self._money
            and ("near", "growth") in sentence.cues
            and _opens_with_a_segment(sentence)
        ):
            return self._by_id["revenue"], True  # Gaming: $2.86 billion, up 81 percent
        return best, strong

    def _of_the_next(self, folded: str, sentence: Sentence, value: Value) -> Attribute | None:
        """What a share is of where it stands against a figure: 40 percent more than the 819 gigabytes a second."""
        following = next((other for other in sentence.values if other.start >= value.end), None)
        if following is None or not _MORE_THAN_THE.fullmatch(folded, value.end, following.start):
            return None
        return next((each for each in self._by_unit.get(following.unit, ()) if each.ratio), None)

    def _distance(
        self,
        folded: str,
        sentence: Sentence,
        value: Value,
        attribute: Attribute,
        rate: str | None,
        spans: Sequence[tuple[int, int]],
        weak_spans: Sequence[tuple[int, int]],
    ) -> tuple[float, bool]:
        """How far the wording of an attribute is from a figure, and whether it is firm; `_EXCLUDED` where it is another's."""
        key = attribute.id
        near = closest(folded, sentence, value, spans)
        weak = closest(folded, sentence, value, weak_spans) + WEAK if weak_spans else _NOTHING
        if key == "link-bandwidth" and value.unit == "b" and not any(0 <= start - value.end <= 2 for start, _ in spans):
            near = _NOTHING  # 128 GB and Ethernet
        elif key == "cores" and _EACH.search(folded, max(sentence.start, value.start - 14), value.start):
            return _EXCLUDED, False
        if attribute.most is not None and value.unit in _A_DOLLAR and value.low > attribute.most * _A_DOLLAR[value.unit]:
            return _EXCLUDED, False
        if key == "growth" and _CHANGED_TO.search(folded, max(sentence.start, value.start - 8), value.start):
            return _EXCLUDED, False  # 从27%下降到25%
        if key == "price" and rate in _SPANS:
            return _EXCLUDED, False  # what is paid by the day is rent, or a cost
        if rate is not None:
            if rate in attribute.per:
                near = min(near, 20.0 if rate == "unit" else 8.0)
            elif key in _PER and rate in _PER[key]:
                near = min(near, 6.0 if key == "price" else 20.0)
        least = min(near, weak)
        others = sentence.cues.get(("without", key))
        if others:
            against = closest(folded, sentence, value, others)
            if against < FARTHEST and against <= least + (_STRICT if attribute.strict else _LOOSE):
                return _EXCLUDED, False
        if attribute.alone and value.unit not in RATIOS:
            return min(near, _ALONE), near < _ALONE or _GOES_ON.search(folded, sentence.start, value.start) is not None
        if value.low <= 4 and value.unit == "chip" and near > 9.0:
            return _NOTHING, False  # two chips that…
        return (near, True) if near <= weak else (weak, False)


_SPANS = frozenset(("hour", "day", "month", "year"))
_PER: dict[str, tuple[str, ...]] = {"price": ("unit",), "capacity": ("month", "year", "day")}


def closest(folded: str, sentence: Sentence, value: Value, spans: Sequence[tuple[int, int]]) -> float:
    """The distance from a value to the nearest of `spans`."""
    least = _NOTHING
    begin, low, high = sentence.start, value.start, value.end
    others = sentence.values if len(sentence.values) > 1 else ()
    for start, end in spans:
        if start < high and low < end:
            distance = 0.0  # part of the figure itself: 208 billion transistors
        elif end <= low:
            distance = (low - end) + CLAUSE * sentence.apart(end, low)
            if folded[low - 1] < "\x80":
                distance *= 0.75  # English words are longer
            for other in others:
                if end <= other.start < low:
                    distance += _LIKE_IT if other.unit == value.unit else _OTHER
                    break
            if start - begin < 3:
                if folded[start] < "\x80":
                    distance = min(distance, _FIRST)
                if folded[end : end + 1] in (":", "：") or folded.find(":", end, min(end + 40, low)) > 0:
                    distance = min(distance, 2.0)  # Efficiency of inference: 40 percent better
        else:
            distance = (start - high) + (CLAUSE + LATER) * sentence.apart(high, start)
            if not _OF_IT.fullmatch(folded, high, start):
                distance += BEHIND
            if folded[start] < "\x80":
                distance *= 0.75
            for other in others:
                if high <= other.start < start:
                    distance += _LIKE_IT if other.unit == value.unit else _OTHER_BEHIND
                    break
        distance -= 0.05 * (end - start)
        if distance < least:
            least = distance
    return least


def _negated(sentence: Sentence, place: int) -> bool:
    """Whether the clause says, before `place`, that it is not so."""
    return any(0 <= place - end < 30 and sentence.apart(end, place) == 0 for _, end in sentence.cues.get(("negated", ""), ()))


def _opens_with_a_segment(sentence: Sentence) -> bool:
    return any(tag[0] == "segment" and start - sentence.start < 4 for tag, start, _ in sentence.conditions)
