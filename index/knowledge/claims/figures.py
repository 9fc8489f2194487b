"""Claims of figures: which attribute a number gives, of what, in comparison with what."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from index.knowledge.claims.attributes import Attribute, Attributes
from index.knowledge.claims.document import Document, Named, Sentence, foreign_companies
from index.knowledge.claims.kinds import PARTIES, PRODUCTS, Kinds
from index.knowledge.claims.subjects import Focus, subject_of
from index.knowledge.claims.units import Units
from index.knowledge.claims.values import Value

_CLAUSE, _LATER, _BEHIND_COST, _WEAK, _FARTHEST = 14.0, 30.0, 10.0, 30.0, 62.0
"""What a clause break adds to the distance of a word from its figure, what a break behind the figure and standing behind it
add to that, what weak wording costs, and when it is too far."""
_PREDECESSOR = re.compile(
    r"first generation|previous generation|one with the previous|earlier generation|第一代|上一代|前一代|前代|\bthe first\b|predecessor|初代"
)
_EXCLUDED = 500.0
_COMPARABLE_MONEY = frozenset(("usd", "eur", "gbp", "cny"))
_EACH = re.compile(r"(?:每[个颗块][^，。；]{0,8}|\beach [^,.;]{0,12})$")
_MARGIN = re.compile(r"(?:plus or minus|give or take|上下|±|浮动) ?(?:about )?$")
_AND_ALSO = re.compile(r"[^,;，；。.]{0,44}?(?:\band\b|\bor\b|[和与及、]|搭配)[^,;，；。.]{0,10}")
_MORE_THAN_THE = re.compile(r" (?:more|less|higher|lower|faster) than the (?:about )?")
_OF_IT = re.compile(r"\s?(?:of|的|个|in)?\s?(?:[a-z-]+ )?")
_PER_SECOND = re.compile(r"每秒[^，。；]{0,8}$")
_INHERITED = re.compile(
    r"(?:against|in place of|instead of|compared with|compared to|up from|down from|from|not|than|versus|为|有|为约|达|仅|只有|has|had|have|and|to|another|的|或|与|和|是) ?(?:about |约|the |with )?$"
)
_HAS = re.compile(r"(?:has|have|had|为|有|offers) (?:about |only )?$|[为有]约?$")
_TRANSISTORS, _CORES = ("near", "transistors"), ("near", "cores")
_COMPARED_KINDS = ("chip", "system", "software", "memory", "link")
_RATIO_UNITS = frozenset(("x", "%", "part"))
_OF_PEOPLE = frozenset(("revenue", "growth", "profit", "margin", "market-size", "revenue-share", "investment"))
"""Attributes of a company for which it is enough that one of its people says them."""
_SHARES = frozenset(("market-share", "revenue-share"))
_MONEY_ONLY = frozenset(("usd", "cny", "eur", "gbp", "jpy", "krw", "twd", "hkd"))


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure read: of what, which attribute, in comparison with what."""

    subject: Named
    attribute: Attribute
    value: Value
    compared: str | None = None
    rate: str | None = None
    object: str | None = None


class FigureReader:
    """Reads the figures of a sentence."""

    def __init__(self, attributes: Attributes, kinds: Kinds, units: Units) -> None:
        self._kinds = kinds
        self._units = units
        self._by_unit: dict[str, list[Attribute]] = {}
        self._by_id = attributes.figures
        for attribute in attributes.figures.values():
            wanted = [unit for each in attribute.units for unit in (units.money if each == "money" else (each,))]
            if attribute.ratio:
                wanted.extend(_RATIO_UNITS)
            for unit in dict.fromkeys(wanted):
                self._by_unit.setdefault(unit, []).append(attribute)
        self._rates = [
            (rate.id, re.compile("|".join(map(re.escape, sorted(rate.after, key=len, reverse=True)))), rate.before)
            for rate in units.rates.values()
        ]

    def read(self, document: Document, sentence: Sentence, focus: Focus, last: Value | None = None) -> Iterator[Figure]:
        """The figures of `sentence` that can be told, in order. `last`: the last figure of the sentence before it."""
        previous: Figure | None = None
        for value in _with_units(document.folded, sentence, last):
            figure = self._figure(document, sentence, value, focus, previous)
            if figure is not None:
                previous = figure
                yield figure

    def _figure(
        self, document: Document, sentence: Sentence, value: Value, focus: Focus, previous: Figure | None
    ) -> Figure | None:
        rate = self._rate(document.folded, sentence, value)
        attribute, strong = self._attribute(document, sentence, value, rate, previous)
        if attribute is None:
            return None
        subject = self._subject(document, sentence, value, attribute, strong, focus, previous)
        if subject is None:
            return None
        compared = None
        if attribute.comparison or value.unit in ("x", "part") or (value.unit == "%" and attribute.ratio):
            compared = self._compared(document, sentence, value, subject)
        counted = _object(sentence, value)
        return Figure(subject, attribute, value, compared, rate, counted)

    # -- which attribute

    def _attribute(
        self, document: Document, sentence: Sentence, value: Value, rate: str | None, previous: Figure | None
    ) -> tuple[Attribute | None, bool]:
        """The attribute that `value` gives, and whether its wording says so by itself."""
        best: Attribute | None = None
        least, strong = _FARTHEST, False
        excluded: set[str] = set()
        if _MARGIN.search(document.folded, max(sentence.start, value.start - 16), value.start):
            return None, False  # plus or minus 2 percent
        if _negated(sentence, value.start):
            return None, False
        if value.unit in _RATIO_UNITS and (also := self._of_the_next(document.folded, sentence, value)) is not None:
            return also, True
        for attribute in self._by_unit.get(value.unit, ()):
            if "needs" in attribute.words and ("needs", attribute.id) not in sentence.cues:
                if not (previous is not None and previous.attribute.id in ("revenue", "profit", attribute.id)):
                    continue
            if value.unit in _RATIO_UNITS and (attribute.comparison or attribute.ratio) and not _compares(document, sentence, value):
                continue
            distance, firm = self._distance(document.folded, sentence, value, attribute, rate)
            if distance < least:
                best, least, strong = attribute, distance, firm
            if distance > _FARTHEST:
                excluded.add(attribute.id)
        if previous is not None and value.unit == previous.value.unit and previous.attribute.id not in excluded:
            if _AND_ALSO.fullmatch(document.folded, previous.value.end, value.start) and value.unit in ("chip", "system", "b"):
                return previous.attribute, True  # 72 of these and 36 of those
        if best is None and previous is not None and value.unit == previous.value.unit and value.unit not in ("chip", "system"):
            if previous.attribute.id in excluded:
                return None, False
            if sentence.apart(previous.value.end, value.start) <= 1 and value.start - previous.value.end < 60:
                return previous.attribute, False  # the second of two figures of one kind
        if best is None and value.unit in _MONEY_ONLY and sentence.has("near", "growth") and _segment_first(sentence):
            return self._by_id["revenue"], True  # Gaming: $2.86 billion, up 81 percent
        return best, strong

    def _of_the_next(self, folded: str, sentence: Sentence, value: Value) -> Attribute | None:
        """What a share is of where it stands against a figure: 40 percent more than the 819 gigabytes a second."""
        following = next((other for other in sentence.values if other.start >= value.end), None)
        if following is None or not _MORE_THAN_THE.fullmatch(folded, value.end, following.start):
            return None
        return next((each for each in self._by_unit.get(following.unit, ()) if each.ratio), None)

    def _distance(
        self, folded: str, sentence: Sentence, value: Value, attribute: Attribute, rate: str | None
    ) -> tuple[float, bool]:
        cues = sentence.cues
        near = _closest(folded, sentence, value, cues.get(("near", attribute.id), ()))
        weak = 999.0
        if value.unit not in _RATIO_UNITS:
            weak = _closest(folded, sentence, value, cues.get(("weak", attribute.id), ())) + _WEAK
        if value.unit == "b" and attribute.id == "link-bandwidth":
            near = near if any(0 <= start - value.end <= 2 for start, _ in cues.get(("near", attribute.id), ())) else 999.0
        if attribute.most is not None and value.unit in _COMPARABLE_MONEY and value.low > attribute.most:
            return _EXCLUDED, False
        if attribute.id == "cores" and _EACH.search(folded, max(sentence.start, value.start - 14), value.start):
            return _EXCLUDED, False
        if attribute.per and rate in attribute.per:
            near = min(near, 8.0 if rate != "unit" else 20.0)
        elif attribute.id == "price" and rate == "unit":
            near = min(near, 6.0)
        if attribute.id == "capacity" and rate in ("month", "year", "day"):
            near = min(near, 20.0)
        against = _closest(folded, sentence, value, cues.get(("without", attribute.id), ()))
        if against < _FARTHEST and against <= min(near, weak) + (14.0 if attribute.strict else 2.0):
            return _EXCLUDED, False
        if attribute.alone and value.unit not in _RATIO_UNITS:
            return min(near, 40.0), True
        return (near, True) if near <= weak else (weak, False)

    # -- of what

    def _subject(
        self,
        document: Document,
        sentence: Sentence,
        value: Value,
        attribute: Attribute,
        strong: bool,
        focus: Focus,
        previous: Figure | None,
    ) -> Named | None:
        if value.low == 1 and value.unit in ("chip", "system"):
            return None  # "one GPU" is hardly ever a figure
        if attribute.id == "replaces" and not any(
            end <= value.start for _, end in sentence.cues.get(("near", "replaces"), ())
        ):
            return None  # who replaces is no figure of what is replaced
        if attribute.id in _SHARES:
            owner = _owner_of_share(document.folded, sentence, value)
            if owner is not None:
                return owner
        kinds = [kind for kind in attribute.of if kind != "supercomputer"]
        if attribute.of[0] in PARTIES and any(
            end <= value.start and sentence.apart(end, value.start) <= 1 for _, end in foreign_companies(document.joined, sentence)
        ):
            return None
        if attribute.id in _OF_PEOPLE and not any(name.kind == "company" and name.end <= value.start for name in sentence.names):
            people = [tag[1] for tag in sentence.cues if tag[0] == "person"]
            if people:
                return Named(value.start, value.start, people[0], "company", people[0])
        changed = previous is not None and previous.value.change and sentence.apart(previous.value.end, value.start) == 0
        subject = subject_of(document, sentence, value, kinds, focus, named=not strong or attribute.named)
        if subject is None or (attribute.id == "chip-count" and subject.kind == "chip" and subject.end > value.start):
            return None
        if value.change:
            return self._earlier(document, sentence, subject, focus)
        if not changed and subject.kind in PRODUCTS and _is_old(document.folded, sentence, value):
            return self._earlier(document, sentence, subject, focus)
        return subject

    def _earlier(self, document: Document, sentence: Sentence, subject: Named, focus: Focus) -> Named | None:
        """What `subject` is compared with, here or before in the paragraph: the old value of a change is that one's."""
        for name in sentence.names:
            if name.against and name.kind == subject.kind and name.id != subject.id:
                return name
        for name in reversed(focus.seen):
            if name.kind == subject.kind and name.id != subject.id:
                return name
        before = self._kinds.before.get(subject.id)
        if before is not None and _PREDECESSOR.search(document.folded, sentence.start, sentence.end):
            return Named(subject.start, subject.end, before, subject.kind, subject.surface)
        return None

    def _compared(self, document: Document, sentence: Sentence, value: Value, subject: Named) -> str | None:
        best: Named | None = None
        for name in sentence.names:
            if name.against and name.id != subject.id and name.kind in _COMPARED_KINDS:
                if best is None or abs(name.start - value.start) < abs(best.start - value.start):
                    best = name
        if best is not None:
            return best.id
        if _PREDECESSOR.search(document.folded, sentence.start, sentence.end):
            return self._kinds.before.get(subject.id)
        return None

    def _rate(self, folded: str, sentence: Sentence, value: Value) -> str | None:
        """What a figure is per: month, hour, unit."""
        if value.unit not in _MONEY_ONLY and value.unit not in ("wafer", "chip"):
            return None
        after = folded[value.end : min(sentence.end, value.end + 22)].lstrip()
        for rate, behind, _ in self._rates:
            if behind.match(after):
                return rate
        clause = max((place for place in sentence.breaks if place < value.start), default=sentence.start)
        before = folded[max(clause, value.start - 24) : value.start]
        for rate, _, words in self._rates:
            if any(word in before for word in words):
                return rate
        return None


def _with_units(folded: str, sentence: Sentence, last: Value | None) -> Iterable[Value]:
    """The values of a sentence; a mere number behind another figure is in its unit (in place of 80)."""
    previous: Value | None = None
    for value in sentence.values:
        if value.plain and value.scaled and any(0 <= value.start - end <= 12 for _, end in sentence.cues.get(_TRANSISTORS, ())):
            value = replace(value, unit="transistor")
        elif value.plain and any(0 <= value.start - end <= 12 for _, end in sentence.cues.get(_CORES, ())):
            value = replace(value, unit="core")
        elif value.plain and previous is None and last is not None and last.unit in ("transistor", "chip"):
            if _HAS.search(folded[max(sentence.start, value.start - 12) : value.start]) and value.scaled == last.scaled:
                value = replace(value, unit=last.unit)
        if value.unit == "b" and (
            _PER_SECOND.search(folded[max(sentence.start, value.start - 14) : value.start]) or folded.startswith(" a second", value.end)
        ):
            value = replace(value, unit="b/s")
        if value.plain and previous is not None and previous.unit not in ("", "thing", "%", "x", "part"):
            gap = folded[previous.end : value.start]
            if len(gap) < 46 and _INHERITED.search(gap):
                alike = value.scaled == previous.scaled or not value.scaled
                written = re.match(r"[\d.,]+", folded[previous.start : previous.of].lstrip("$¥€£a-z"))
                scale = 1.0
                if not value.scaled and written:
                    number = float(written.group().replace(",", "").rstrip(".") or 1)
                    scale = previous.low / number if number else 1.0
                if alike or value.scaled:
                    value = replace(value, unit=previous.unit, low=value.low * scale, high=value.high * scale)
        if not value.plain:
            previous = value
        yield value


def _closest(folded: str, sentence: Sentence, value: Value, spans: Sequence[tuple[int, int]]) -> float:
    """The distance from a value to the nearest of `spans`, in characters, with what lies between counted in.

    Longer wording is a little nearer: "memory bandwidth" says more than "memory".
    """
    least = 999.0
    label = next((place for place in sentence.breaks if folded[place] in ":："), -1)
    if label > sentence.start + 45:
        label = -1
    for start, end in spans:
        if start < value.end and value.start < end:
            distance = 0.0  # part of the figure itself: 208 billion transistors
        elif end <= value.start:
            distance = (value.start - end) + _CLAUSE * sentence.apart(end, value.start)
            if folded[value.start - 1].isascii():
                distance *= 0.75
        else:
            gap = folded[value.end : start]
            breaks = sentence.apart(value.end, start)
            distance = (start - value.end) + (_CLAUSE + _LATER) * breaks
            if not _OF_IT.fullmatch(gap):
                distance += _BEHIND_COST
            if folded[start].isascii():
                distance *= 0.75
        between = [other for other in sentence.values if min(end, value.end) <= other.start < max(start, value.start) and other is not value]
        if any(other.unit == value.unit and other.start != value.start for other in between):
            distance += 16
        elif between:
            distance += 6 if end <= value.start else 20
        if start - sentence.start < 3 and folded[start].isascii() and end <= value.start:
            distance = min(distance, 40.0)  # the subject of the sentence
        if end <= label <= value.start:
            distance = min(distance, 2.0)  # Efficiency of inference: 40 percent better
        least = min(least, distance - 0.05 * (end - start))
    return least


_COMPARISON = re.compile(r"than|against|compared|versus|times|twice|as fast|over|relative|more|less|faster|higher|better|lower|doubl|tripl|save|saving|up to|[倍比较]|提升|提高|高出|多出|[快高]|降|节省|增加|领先|改善|优|翻|省|下降|相差|一半|达|只要|fold|half|of the|is|强|多")


def _compares(document: Document, sentence: Sentence, value: Value) -> bool:
    near = document.folded[max(sentence.start, value.start - 60) : min(sentence.end, value.end + 60)]
    return _COMPARISON.search(near) is not None


def _is_old(folded: str, sentence: Sentence, value: Value) -> bool:
    """Whether a figure is what was before: in place of 80, instead of 7, down from 600, compared with 96 gigabytes before."""
    before = folded[max(sentence.start, value.start - 18) : value.start]
    after = folded[value.end : value.end + 8]
    if re.search(r"(?:in place of|instead of|up from|down from|compared with|compared to|against) (?:about |some )?$", before):
        return not re.match(r" (?:for|in|on|of) ", after)
    return False


def _object(sentence: Sentence, value: Value) -> str | None:
    """What is counted, where that has a name: 350,000 H100s."""
    if value.unit not in ("chip", "system"):
        return None
    for name in sentence.names:
        if name.counted and not name.inner and value.start <= name.start <= value.end + 14:
            return name.id
    return None


def _negated(sentence: Sentence, place: int) -> bool:
    """Whether the clause says, before `place`, that it is not so."""
    here = sentence.clause(place)
    return any(sentence.clause(start) == here and 0 <= place - end < 30 for start, end in sentence.cues.get(("negated", ""), ()))


def _segment_first(sentence: Sentence) -> bool:
    return any(tag[0] == "segment" and spans[0][0] - sentence.start < 4 for tag, spans in sentence.cues.items())


def _owner_of_share(folded: str, sentence: Sentence, value: Value) -> Named | None:
    """Whose share it is where the name stands behind: 95%都是英伟达的GPU; 95 percent are Nvidia's."""
    for name in sentence.names:
        if name.kind == "company" and name.start >= value.end:
            gap = folded[value.end : name.start]
            if re.fullmatch(r" ?(?:都是|均为|来自|由|为|是|都来自|被|归|of \w+ (?:are|is|come|comes) (?:from )?|(?:are|is|come|comes) (?:from )?)\s?", gap):
                return name
            return None
    return None
