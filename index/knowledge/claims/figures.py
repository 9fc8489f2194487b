"""Claims of figures: of what a number is, in comparison with what, per what."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from index.knowledge.claims.attributes import Attribute, Attributes
from index.knowledge.claims.choice import AttributeChoice
from index.knowledge.claims.dismissal import is_before, is_nothing, is_of_another
from index.knowledge.claims.document import Document, Named, Sentence
from index.knowledge.claims.kinds import PARTIES, PRODUCTS, Kinds
from index.knowledge.claims.of_period import mark_in_turn, original_place
from index.knowledge.claims.subjects import Focus, subject_of
from index.knowledge.claims.units import Units
from index.knowledge.claims.values import Value

_A_SECOND = re.compile(r" a second| ?/ ?s\b")
_PER_SECOND = re.compile(r"每秒[^，。；,;]{0,8}$")
_BY_ONE = re.compile(r"(?:提升|提高|增加|增长|高出|快|多|增|翻|扩大|扩增|扩张|扩充|扩)(?:了|约|近)?$")
_HAS = re.compile(r"(?:has|have|had|为|有|offers) (?:about |only )?$|[为有]约?$")
_INHERITED = re.compile(
    r"(?:against|in place of|instead of|compared with|compared to|up from|down from|from|not|than|versus|"
    r"为|有|为约|达|仅|只有|has|had"
    r"|have|and|to|another|的|或|与|和|是) ?(?:about |约|the |with )?$"
)
_LISTED = re.compile(r"(?: a month| now|每月|左右)*[,，、] ?(?:and |then |perhaps |about |约)*$")
_NO_HEIRS = frozenset(("", "thing", "%", "x", "part"))
_OLD = re.compile(r"(?:in place of|instead of|up from|down from|compared with|compared to|against) (?:about |some )?$")
_NOT_OLD = re.compile(r" (?:for|in|on|of) ")
_PREDECESSOR = re.compile(
    r"first generation|previous generation|one with the previous|earlier generation|第一代|上一代|前一代|"
    r"前代|\bthe first\b|predecessor|初代"
)
_COMPARED = frozenset(("chip", "system", "software", "memory", "link", "company"))
_SHARE_SAID = re.compile(
    r"份额|市占|占有率|market share|share of the|of the market"
    r"|of (?:all )?(?:the )?[\w -]{0,16}(?:gpus|chips|processors|accelerators)\b"
)
_SHARES = frozenset(("market-share", "revenue-share"))
_IT = re.compile(r"\b(?:it|the company|he|she)\b|公司|该公司")
_IS_OF = re.compile(
    r" ?(?:都是|均为|来自|由|为|是|都来自|被|归|of \w+ (?:are|is|come|comes) (?:from )?|(?:are|is|come|comes) (?:from )?)\s?"
)
_OF_PEOPLE = frozenset(("revenue", "growth", "profit", "margin", "market-size", "revenue-share", "investment"))
"""Attributes of a company for which it is enough that one of its people says them."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure read: of what, which attribute, against what; ``rate`` is what it is per, ``object`` what is counted."""

    subject: Named
    attribute: Attribute
    value: Value
    compared: str | None = None
    rate: str | None = None
    object: str | None = None


_SIZES = frozenset(("memory-capacity", "memory-bandwidth", "link-bandwidth", "on-chip-memory", "compute", "power", "clock"))
_OF_A_STATE = re.compile(r"(?:政府|联邦|德国方面|法案|国会|欧盟)[^，。；,;]{0,20}$")
_FOR_IT = re.compile(r"获得|获|得到|争取|申请|receiv|\bget|\bwon\b|award")
_TELLS_OF_OTHERS = re.compile(
    r"(?:表示|称|指出|认为|透露|预测|预计)[，,：:“]?(?:(?!公司|营收|收入|业绩|其)[^，。；,;]){0,14}(?:需求|行业|产业|出口"
    r"|进口|市场)(?!份额|占)[^。；]*$"
)
_OF_AN_INDUSTRY = re.compile(r"[该整个]行业|全行业|整个产业|全球(?:半导体|芯片|市场)|\bthe industry")
_A_WAFER = re.compile(r"片|晶圆|wafer")
_OF_WHOLES = frozenset(("price", "power", "performance", "efficiency", "cost"))
"""Attributes that a machine has of its own, whatever chip is in it."""
_PART_OF = re.compile(
    r"(?:配备|搭载|内置|选配|可选|标配|配有|装有|选用|加载)(?!的)[^，。；,;]{0,24}$|\b(?:equipped with|powered by"
    r"|featuring) [^,.;]{0,24}$"
)
_OF_DEVICES = frozenset(("price", "rental-price", "power", "memory-capacity", "clock", "cost", "link-bandwidth"))
_MORE = re.compile(
    r"(?:more|less|fewer)(?! than (?:about )?\d)|faster|slower|higher|lower|greater|larger|smaller|better"
    r"|increase|rise|rose|gain|up by|improve|reduc|cut"
    r"|[提增升降减高多少快慢低大]|缩|砍"
)
"""What says that a percentage of a size is a difference and no share."""


_THE_LOSS = re.compile(
    r"[）)]?\s?(?:[（(][^）)]*[）)])?(?:的)?(?:营业|净|季度|经营)?亏损|[^,.;]{0,6} (?:net |operating )?loss\b"
)
_OF_A_LOSS = re.compile(
    r"亏损(?:率|额)?(?:了|达到?|环比|同比|较[^，。；,;]{2,8}|的|[\d.]+[万亿]*[^，。；,;\d]{0,4}[，,])*(?:增长|扩大|缩小|收窄"
    r"|增加|减少)[^，。；,;]{0,4}$"
)
_MINUS = re.compile(r"(?:^|[^\d%亿万元])[-−－]$")
_TIMES_THAT = re.compile(r"\s?于\s?(?:[a-z一-鿿]{0,4}\s?)?")
_FALL = re.compile(
    r"(?:降幅|下滑幅度|跌幅)[^。；]{0,12}$|(?:下降|下滑|减少|衰退|下跌|萎缩|缩减|大降|骤降|年减|季减|月减|降低|减|降"
    r"|跌)(?:了|约|近|逾|超过?|幅|达到?|为"
    r"|高达)*\s?$"
    r"|\b(?:fell|down|dropped|declined|decreased|slid|sank|shrank|plunged|tumbled)(?: by| about| some| almost| nearly"
    r"| more than| an?)* $"
)
_LOWER = re.compile(r"\s?(?:lower|less|drop|decline|fall|decrease)\b")
_LOSS = re.compile(r"亏损(?!收窄|减少)|净亏|\b(?:net |operating )?loss(?:es)?\b|\blost\b")
_EARNED = re.compile(r"(?<!营业)(?:净?利润|净利|盈利)")
_CHANGED_BY = re.compile(
    r"(?:下降|增长|提升|上升|提高|增加|减少|下滑|滑落|流失|跌|升)(?:了|约)*\s?$|\b(?:gained|lost"
    r"|(?<!make )(?<!makes )(?<!made )(?<!making )up|down|fell|rose|grew)(?: by)?(?: about)? $"
)
_TOGETHER = re.compile(r"合计|两家(?:公司)?|三家|\btogether\b|\bcombined\b|\bbetween them\b")
_EACH_ITS_OWN = re.compile(r"分别|各自")
_LIST_OF_TWO = re.compile(r"(?:、|和|与|及|以及|,|，|/| and |, and )")


class FigureReader:
    """Reads the figures of a sentence."""

    def __init__(self, attributes: Attributes, kinds: Kinds, units: Units) -> None:
        self._choice = AttributeChoice(attributes, units)
        self._kinds = kinds
        self._money = units.money
        self._families = kinds.lists["families"]
        self._rated = units.money | {"wafer", "chip"}
        self._rates = [
            (rate.id, re.compile("|".join(map(re.escape, sorted(rate.after, key=len, reverse=True)))), rate.before)
            for rate in units.rates.values()
        ]

    def read(self, document: Document, sentence: Sentence, focus: Focus, last: Value | None = None) -> Iterator[Figure]:
        """The figures of `sentence` that can be told, in order. `last`: the last figure of the sentence before it."""
        before: Figure | None = None
        unread: Value | None = None
        for value in _with_units(document.folded, sentence, last, traditional=document.traditional):
            figure = self._figure(document, sentence, value, focus, before)
            if figure is None:
                unread = value
                continue
            if unread is not None and value.unit in self._money and unread.unit in self._money:
                if original_place(document.folded, sentence, value) == unread.start:
                    if figure.value.low < 0:  # a loss
                        unread = replace(unread, low=-unread.high, high=-unread.low)
                    yield replace(figure, value=unread)  # what is said of the same sum in another currency
            before = figure
            unread = None
            yield figure

    def _figure(
        self, document: Document, sentence: Sentence, value: Value, focus: Focus, before: Figure | None
    ) -> Figure | None:
        if is_nothing(document.folded, sentence, value, money=value.unit in self._money):
            return None
        if is_before(document.folded, sentence, value):
            return None
        rate = self._rate(document.folded, sentence, value) if value.unit in self._rated else None
        earlier = (before.attribute, before.value) if before is not None else None
        attribute, strong = self._choice.choose(document.folded, sentence, value, rate, earlier)
        if attribute is None or is_of_another(document.folded, sentence, value, attribute.id):
            return None
        subject = self._subject(document, sentence, value, attribute, strong, focus, before)
        if subject is None or not self._has_one(document.folded, sentence, subject, attribute, value):
            return None
        if attribute.id == "process-node" and subject.start < sentence.start and value.start - sentence.start < 8:
            return None  # the process is what the sentence is about
        if _MINUS.search(document.folded, max(sentence.start, value.start - 2), value.start):
            if attribute.id not in ("profit", "growth", "margin"):
                return None
            value = replace(value, low=-value.high, high=-value.low)
        elif attribute.id == "profit" and (
            _lost(document.folded, sentence, value) or _THE_LOSS.match(document.folded, value.end, sentence.end)
        ):
            value = replace(value, low=-value.high, high=-value.low)
        if attribute.id == "growth":
            if _OF_A_LOSS.search(document.folded, max(sentence.start, value.start - 24), value.start):
                return None
            if value.low > 0 and value.unit == "%" and _fell(document.folded, sentence, value):
                value = replace(value, low=-value.high, high=-value.low)
        if value.unit == "%" and attribute.id in _SIZES and not _MORE.search(document.folded, value.start - 16, value.end + 16):
            return None  # a share of the cost or of the market
        compared = None
        if attribute.comparison or value.unit in ("x", "part") or (value.unit == "%" and attribute.ratio):
            compared = self._compared(document, sentence, value, subject)
        return Figure(subject, attribute, value, compared, rate, _object(sentence, value))

    def _has_one(self, folded: str, sentence: Sentence, subject: Named, attribute: Attribute, value: Value) -> bool:
        """Whether the subject can have one such figure: a line of processors has none, nor has memory that anybody sells."""
        if subject.id in self._families or (
            subject.kind == "node" and attribute.id == "price" and not _A_WAFER.search(folded, sentence.start, sentence.end)
        ):
            return False
        if value.unit == "b" and attribute.id == "memory-capacity" and subject.kind in ("chip", "memory") and value.low >= 4e12:
            return False
        if (
            attribute.id in _OF_WHOLES
            and subject.kind == "chip"
            and subject.end <= value.start
            and _PART_OF.search(folded, max(sentence.start, subject.start - 28), subject.start)
        ):
            return False
        if attribute.id in _OF_DEVICES and any(
            start < subject.start or subject.start < sentence.start for start, _ in sentence.cues.get(("device", ""), ())
        ):
            return False  # what a laptop with the chip in it costs, or draws
        begin = min(max(sentence.start, subject.end), value.start)
        if subject.kind in PARTIES and begin < value.start:
            between = folded[begin : value.start]
            if attribute.id in ("investment", "funding") and _OF_A_STATE.search(between) and not _FOR_IT.search(between):
                return False
            if attribute.id in ("growth", "market-share", "revenue", "cost") and _TELLS_OF_OTHERS.search(between):
                return False
        if (
            attribute.id == "process-node"
            and subject.start < sentence.start
            and any(tag == ("near", "volume-production") for tag, _, _ in sentence.events)
            and any(name.id in self._kinds.lists["foundries"] and not name.inner for name in sentence.names[:1])
        ):
            return False  # a foundry's processes
        if attribute.id in ("revenue", "growth") and _OF_AN_INDUSTRY.search(folded, begin, value.start):
            return False
        if attribute.id == "growth" and subject.kind in ("memory", "packaging"):
            return subject.start < sentence.start + 3 or sentence.apart(subject.end, value.start) == 0
        if subject.kind == "memory" and subject.id in self._kinds.lists["commodities"] and attribute.id in _SIZES:
            return any(name.id in self._kinds.lists["memory-makers"] for name in sentence.names)
        return True

    def _subject(
        self,
        document: Document,
        sentence: Sentence,
        value: Value,
        attribute: Attribute,
        strong: bool,
        focus: Focus,
        before: Figure | None,
    ) -> Named | None:
        folded = document.folded
        if (cue := _EACH_ITS_OWN.search(folded, sentence.start, value.start)) is not None:
            kinds = ("company",) if attribute.of[0] in PARTIES else attribute.of
            turn, owners = _in_turn(folded, sentence, value, cue.start(), cue.end(), kinds)
            if owners > 1 or (kinds == ("company",) and mark_in_turn(folded, sentence, value) is None):
                return turn
        if value.low == 1 and value.unit in ("chip", "system"):
            return None  # "one GPU" is hardly ever a figure
        if attribute.id == "replaces" and not any(end <= value.start for _, end in sentence.cues.get(("near", "replaces"), ())):
            return None  # who replaces is no figure of what is replaced
        if attribute.id in _SHARES and _CHANGED_BY.search(folded, max(sentence.start, value.start - 16), value.start):
            return None  # by how much a share changed is no share
        if attribute.id == "market-share" and _TOGETHER.search(folded, max(sentence.start, value.start - 30), value.start):
            return None
        if attribute.id in _SHARES and (owner := _owner_of_share(folded, sentence, value)) is not None:
            return owner
        if attribute.id == "market-share" and not _SHARE_SAID.search(folded, sentence.start, sentence.end):
            return None
        if attribute.of[0] in PARTIES and any(
            end <= value.start and sentence.apart(end, value.start) <= 1 for _, end in sentence.strangers
        ):
            return None
        if attribute.id in _OF_PEOPLE and not any(
            name.kind == "company" and name.end <= value.start for name in sentence.names
        ):
            person = sentence.speaks_for
            if person is not None:
                return Named(value.start, value.start, person, "company", person)
        named = attribute.named and not _IT.search(folded, sentence.start, value.start)
        subject = subject_of(document, sentence, value, attribute.of, focus, named=not strong or named)
        if subject is None:
            return None
        if attribute.id == "chip-count" and subject.kind == "chip" and subject.end > value.start and not subject.counted:
            return None  # chips in a chip that only the text before names
        if value.change:
            return self._earlier(document, sentence, subject, focus)
        changed = before is not None and before.value.change and sentence.apart(before.value.end, value.start) == 0
        if not changed and subject.kind in PRODUCTS and _is_old(folded, sentence, value):
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
            if not name.inner and name.start >= value.end and _TIMES_THAT.fullmatch(document.folded, value.end, name.start):
                return name.id  # 近5倍于A100
            if name.against and name.id != subject.id and name.kind in _COMPARED:
                if best is None or abs(name.start - value.start) < abs(best.start - value.start):
                    best = name
        if best is not None:
            return best.id
        if _PREDECESSOR.search(document.folded, sentence.start, sentence.end):
            return self._kinds.before.get(subject.id)
        return None

    def _rate(self, folded: str, sentence: Sentence, value: Value) -> str | None:
        """What a figure is per: month, hour, unit."""
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


def _lost(folded: str, sentence: Sentence, value: Value) -> bool:
    """Whether the nearest word for what a company earns before a figure says that it lost."""
    lost = earned = -1
    for match in _LOSS.finditer(folded, max(sentence.start, value.start - 24), value.start):
        lost = match.start()
    for match in _EARNED.finditer(folded, max(sentence.start, value.start - 24), value.start):
        earned = match.start()
    return lost > earned


def _fell(folded: str, sentence: Sentence, value: Value) -> bool:
    """Whether a growth is a fall."""
    return _FALL.search(folded, max(sentence.start, value.start - 24), value.start) is not None or (
        _LOWER.match(folded, value.end) is not None
    )


def _in_turn(
    folded: str, sentence: Sentence, value: Value, start: int, end: int, kinds: Sequence[str]
) -> tuple[Named | None, int]:
    """Whose figure it is where several have one each, and how many: 甲、乙和丙分别为1、2和3亿元. None if they do not count."""
    before = [name for name in sentence.names if name.kind in kinds and name.end <= start and not name.inner]
    owners = before[-1:]
    for name in reversed(before[:-1]):
        if not _LIST_OF_TWO.fullmatch(folded, name.end, owners[0].start):
            break
        owners.insert(0, name)
    same = [other for other in sentence.values if other.start >= end and other.unit == value.unit]
    turn = next((place for place, other in enumerate(same) if other.start == value.start), None)
    return owners[turn] if turn is not None and len(owners) == len(same) > 1 else None, len(owners)


def _with_units(folded: str, sentence: Sentence, last: Value | None, *, traditional: bool) -> Iterable[Value]:
    """The values of a sentence; a mere number behind another figure is in its unit (in place of 80)."""
    before: Value | None = None
    for value in sentence.values:
        if value.plain:
            value = _unit_of_plain(folded, sentence, value, before, last)
        elif value.unit == "cny" and (
            foreign := _OTHER_MONEY.search(folded, max(sentence.start, value.start - 4), value.start)
        ):
            value = replace(value, unit=_MONIES[foreign[0].strip()])
        elif value.unit == "b":
            per_second = _PER_SECOND.search(folded, max(sentence.start, value.start - 14), value.start)
            if per_second or _A_SECOND.match(folded, value.end):
                value = replace(value, unit="b/s")
        elif value.unit == "cny" and traditional and folded[value.of - 1] == "元":
            value = replace(value, unit="twd")  # in Taiwan, 元 is its own dollar
        elif value.unit == "x" and value.low == 1:
            if _BY_ONE.search(folded, max(sentence.start, value.start - 6), value.start):
                value = replace(value, low=2.0, high=2.0)  # 提升一倍 is twice as much
        if not value.plain:
            before = value
            yield value


_MONIES = {"新台币": "twd", "台币": "twd", "新台幣": "twd", "韩元": "krw", "日元": "jpy", "美元": "usd", "欧元": "eur"}
_OTHER_MONEY = re.compile("(?:" + "|".join(_MONIES) + ")(?=\\s?$)")
"""Money that is named before the number: 新台币1.1万亿元."""
_NO_CORES = re.compile(r"(?:单|多|双)核[^，。；,;]{0,10}$|[线得跑]|thread")
_SUMMED = "+＋*×"


def _unit_of_plain(folded: str, sentence: Sentence, value: Value, before: Value | None, last: Value | None) -> Value:
    if folded[value.of : value.of + 1] in ("微", "毫", "μ"):
        return value
    if folded[value.start - 1] in _SUMMED or folded[value.of : value.of + 1] in ("+", "＋", "*", "×"):
        return value
    for key, unit in (("transistors", "transistor"), ("cores", "core")):
        if unit == "core" or value.scaled:
            if any(0 <= value.start - end <= 12 for _, end in sentence.cues.get(("near", key), ())):
                if unit != "core" or not _NO_CORES.search(folded, max(sentence.start, value.start - 14), value.of + 6):
                    return replace(value, unit=unit)
    if before is None:
        if last is not None and last.unit in ("transistor", "chip") and value.scaled == last.scaled:
            if _HAS.search(folded, max(sentence.start, value.start - 12), value.start):
                return replace(value, unit=last.unit)
        return value
    if before.unit in _NO_HEIRS or value.start - before.end >= 46:
        return value
    listed = before.unit in ("wafer", "chip") and _LISTED.search(folded, before.end, value.start)
    if not listed and not _INHERITED.search(folded, before.end, value.start):
        return value
    if folded[value.start - 1] in "为有是达约" and not any(before.end <= name.start < value.start for name in sentence.names):
        return value  # 乘以16约为4992
    if value.scaled:
        return replace(value, unit=before.unit)
    written = re.search(r"\d[\d,]*(?:\.\d+)?", folded[before.start : before.of])
    number = float(written.group().replace(",", "")) if written else 0.0
    scale = before.low / number if number else 1.0
    return replace(value, unit=before.unit, low=value.low * scale, high=value.high * scale)


def _is_old(folded: str, sentence: Sentence, value: Value) -> bool:
    """Whether a figure is what was before: in place of 80, instead of 7, down from 600, compared with 96 gigabytes before."""
    if _OLD.search(folded, max(sentence.start, value.start - 24), value.start):
        return not _NOT_OLD.match(folded, value.end)
    return False


def _object(sentence: Sentence, value: Value) -> str | None:
    """What is counted, where that has a name: 350,000 H100s."""
    if value.unit not in ("chip", "system"):
        return None
    for name in sentence.names:
        if name.counted and not name.inner and value.start <= name.start <= value.end + 14:
            return name.id
    return None


def _owner_of_share(folded: str, sentence: Sentence, value: Value) -> Named | None:
    """Whose share it is where the name stands behind: 95%都是英伟达的GPU; 95 percent are Nvidia's."""
    for name in sentence.names:
        if name.kind == "company" and name.start >= value.end:
            return name if _IS_OF.fullmatch(folded, value.end, name.start) else None
    return None
