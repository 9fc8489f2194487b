"""What speaks against a figure: it is of before, by how much another one changed, of a part, a machine's, somebody else's."""

import re
from dataclasses import dataclass

from index.knowledge.claims.attribution import Attribution
from index.knowledge.claims.carrying import begins
from index.knowledge.claims.document import Document, Named, Sentence
from index.knowledge.claims.figures import Figure
from index.knowledge.claims.growth import what_grows
from index.knowledge.claims.kinds import PARTIES, PRODUCTS, Kinds
from index.knowledge.claims.of_period import PERIODICAL, is_of_then, original_place
from index.knowledge.claims.scope import segment_of
from index.knowledge.claims.subjects import RATIO_UNITS
from index.knowledge.claims.units import load_units
from index.knowledge.claims.values import Value

_WAS = re.compile(
    r"(?:原来|原先|原本|最初|起初|一年前|以前|往年|[比较](?:现在|目前|现有|当前|此前|以往)|(?:上年|去年|前年|上一年)?同期)的?[^，。；,;\d]{0,12}$"
)
_FROM = re.compile(r"(?:从|由|自)[^，。；,;\d]{0,12}$")
_TO = re.compile(
    r"[^，。；,;\d]{0,4}[，,]?[^，。；,;\d]{0,6}(?:升|降|涨|跌|增|减|提高|扩|缩|调|改|下滑|延|变|恢复)[^，。；,;\d]{0,6}(?:至|到|为|成)"
)
_MORE = re.compile(r"(?:增[加长]?|提[高升]|扩[大充产]?|翻|上升|下降|减[少产]?|缩减|成长|多|高出)[^，。；,;\d]{0,6}$")
_PIN = 2e10
"""Bytes a second below which a figure of memory is what one of its pins does."""
_MODULE = re.compile(r"\s?(?:的)?(?:ddr\d\s?)?(?:lp)?(?:内存|dram)?\s?(?:模块|模组|内存条|内存套装|套装|套条|ssd|r?dimm)")
_PARTS = (
    r"(?:服务器|整机|主机|内存|硬盘|晶圆|代工|显存|主板)[^，。；,;]{0,4}(?:价格|售价|报价|单价)|核显|核芯显卡|集成显卡|\bigpu|散热器|开发板|主板|内存条"
    r"|内存模[块组]|电源|礼盒|套装|机箱|水冷|小核|能效核|chiplet|计算单元|执行单元|cu单元|[a-z]+引擎"
)
"""What is built in, or sold with a chip, and has figures of its own."""
_PART = re.compile(_PARTS)
_PART_OF_IT = re.compile(rf"(?:\s?(?:处理器|芯片|系列|平台|gpu|cpu))?\s?(?:的|中|内的?)?\s?(?:{_PARTS})")
_PART_BEHIND = re.compile(r"\s?(?:的|版)?\s?(?:散热器|主板|开发板|电源|cu\b|eu\b)")
_SHARES = re.compile(r"(?:的)?[^，。；,;]{0,4}(?:股份|股票|股权|持股)")
_PAID = ("investment", "funding", "deal", "order-value", "fleet", "cost")
_PAID_TO = re.compile(r"(?:投资|注资|参投|领投|加码|押注)(?:了|于|给)?\s?$")
_GOODS = re.compile(
    r"(?:的)?\s?(?:[一-鿿]{0,4}?)(?:芯片|gpu|显卡|处理器|加速[卡器]|服务器|设备|光刻机|产品)(?![^，。；,;]{0,8}(?:业务|部门|营收|厂))"
)
_FOR_A_PROJECT = re.compile(r"项目(?:拟|将|计划)?(?:使用|投入|投资)?[^，。；,;]{0,8}$")
_LIST = re.compile(
    r"\s?(?:（[^）]{0,20}）|\([^)]{0,20}\))?\s?(?:、|和|与|及|以及)\s?(?:(?:美|德|法|英|韩|日)国|日本|荷兰|中国|台湾|欧洲)?(?:的)?\s?"
)
_EACH = re.compile(r"分别|各自?|均|每家")
_RECEIVES = re.compile(r"(?:获得?|得到|收到|拿到|迎来)[^，。；,;]{0,20}$")
_FEES = re.compile(r"佣金|提成|返还|费率|税率")
_AREA = re.compile(
    r"(?:北美|南美|欧洲|亚太|亚洲|大中华|东南亚|海外|日本|韩国|台湾|印度|美国|境外|华东|华南)(?:地区|市场|区|业务)?的?(?:销售|营收|收入|降幅|增幅|同比|环比|业绩)"
)
_EXPECTED = re.compile(r"(?:此前|先前|之前|原)(?:的)?(?:预期|预计|预测|预估|指引)[^，。；,;]{0,8}$")
_DEARER = re.compile(r"(?:贵|便宜|价格[^，。；,;]{0,4}|售价[^，。；,;]{0,4})(?:了|出|约|近)*\s?$")
_PRICES = ("growth", "cost-saving", "price")
_LARGE = ("revenue", "profit", "investment", "funding", "deal", "market-value", "market-size", "order-value")
_LEAST = 1e6
"""The least that a company earns, spends or is worth, in whatever money."""
_IDLE = re.compile(r"(?:闲置|待机|空载|空闲|平均游戏)[^，。；,;]{0,6}$")
_TO_WHOM = re.compile(r"(?:向|对|给)[^，。；,;]{0,14}$")
_INVESTS = re.compile(r"[^，。；,;]{0,8}(?:投资|注资|出资|增资)")
_OF_DEVICES = re.compile(r"主板|笔记本|手机|电脑|整机|显示器")
_WHEN = re.compile(r"\s?(?:不过|而|但|并且)?\s?(?:在|当|自|自从|随着|继).*(?:之?后|以来|时|之际|之前|前|以前|期间)\s?")
_EFFICIENCY = re.compile(r"[^,。;]{0,3}的(?:效率|能效)")
_OFF_EXPECTATIONS = re.compile(r"(?:低于|高于|超过|不及|超出)[^,。;]{0,8}(?:预期|预估|预测)(?:了|约|近)*\s?$")
_A_CHIP = {"memory-capacity": 4e10, "memory-bandwidth": 2.5e11}
"""The most that one chip of graphics memory has, in bits or bytes: more is a card's."""
_THE_SYSTEM = re.compile(r"(?:整[套个台]|全套|两[套代])[^,。;]{0,3}系统|整机|全系统")
_SIZES = ("memory-capacity", "memory-bandwidth", "power")
_TESTS = ("测试平台", "测试结果", "测试环境", "实测平台", "跑分", "评测平台")
_FITTED_WITH = re.compile(r"(?:配备|搭载|内置|选配|可选|标配|配有|装有|选用)[^。;]{0,40}$")
_SAVES = re.compile(r"节[省约]|省|降低|下降|减少|便宜|更低|[低降少]了?|性价比|之一|划算")
_LAST_YEARS = re.compile(r"(?:上年|去年|前年|上一年)同期的?\s?$")
_SHARE_OF = re.compile(
    r"占[^,。;]{0,14}(?:比(?:重|例)?(?:已|提升|上升)?(?:达到?|为|约|至)?|(?:营收|收入|销售额)的?(?:约|近|超)?)\s?$"
)
_MAIN_MEMORY = re.compile(r"\s?(?:的)?\s?(?:双通道)?\s?ddr[345]")
_THEY = re.compile(r"[,;](?:[^,。;]{0,6})(?:他们|它们|两家)")
_UNKNOWN = re.compile(
    r"\b[A-Z][a-z]{2,} (?:[A-Z][a-z]{2,}|[A-Z]\d)[\w-]*(?= ?(?:[（(][A-Z]|处理器|芯片|显卡|系列|服务器|超算|平台"
    r"|[-—：:]))(?! ?[一-鿿]{0,3}(?:架构|核心|技术))"
)
_ONE_OF_TWO = re.compile(r"前者|后者|双方|两家(?:公司)?|三家(?:公司)?")
_THE_COMPANY = re.compile(r"[，,；;。][^，。；,;]{0,6}(?:该|这家)(?:公司|企业|集团|厂商)")
_OWNER = re.compile(
    r"(?!该|本|其|这|公司|两|三|整个集团|集团|旗下)(?:"
    r"[一-鿿]{0,8}?[一-鿿]{2}(?<![在向对于赴到从与和][一-鿿]{2})(?:公司|集团|政府|大学|银行|基金|协会|委员会|研究院|证券|资本|汽车|法案)"
    r"|(?:半导体|芯片|整个|全)?(?:行业|产业)|大盘|[一-鿿]{0,2}a股|全球|我国|各国|美国|韩国|日本|德国|印度|荷兰|欧盟|欧洲|中国|台湾(?:地区)?|国内"
    r"|(?![^，。；,;]{0,4}在)[一-鿿]{0,6}(?:市场|板块)(?!份额|占有|预期|预计|预估|普遍|需求))"
)
"""Somebody else, or an industry, that the clause of a figure begins with."""
_OF_OTHERS = ("market-size", "market-share", "revenue-share")
"""What a company has a share of, or tells of."""
_OF_ALL = ("revenue", "profit", "growth", "margin", "market-value", "revenue-share")
_DIFFERENCE = re.compile(
    r"(?:(?<!更)(?<!最)[低高少多贵]|额外的?|便宜|减少|增加|下降|上涨|上调|下调|降低|提高|下跌|涨价?|跌|降价?|缩水|蒸发|高出|多出)(?:了|出|约|近|将近|超过|逾|超|大约)*\s?$"
)
"""What stands before a figure that is only by how much another one changed."""
_A_MACHINE = re.compile(
    r"(?:该|这[款台套个]|此|本)[^，。；,;的]{0,4}?(?:服务器|主机|主板|笔记本|手机|电脑|平板|整机|工作站|散热器|机箱|开发板|设备|汽车|车型|新车|机型)"
)
_SOLD = re.compile(r"(?:出售|抛售|减持|卖出)[^，。；,;]{0,16}(?:股|持仓)|(?:从|通过)(?:这次|此次|本次)?(?:出售|抛售|减持)")
_SEGMENT = re.compile(
    r"(?:业务(?!量)|部门|事业部|事业群|分部|板块|子公司|旗下)"
    r"|(?:服务器|手机|汽车|内存|存储|芯片|显卡|晶圆|代工|广告|软件|硬件|专利|特许权|授权|使用费|许可|订阅|系统|设备|模拟|嵌入式|智能|终端|消费类?|产品|材料|(?<![a-z])(?:ai|pc|dram"
    r"|nand|hbm\d?e?|gpu|cpu|iot)\s?)"
    r"(?:业务(?!量)|部门|产品|芯片|服务)?的?(?:营收|收入|销售额|销售收入|营业额|利润|净利|亏损)"
)
"""A part of a company whose figure it is."""


_LOST = re.compile(r"(?:[（(][^（()）]*[）)]|[）)])?\s?的?(?:营业|净|季度|经营)?亏损")
_SHARES_OF_IT = ("margin", "revenue-share", "market-share")
_NEEDED = {
    "market-size": re.compile("市场"),
    "order-value": re.compile(r"订单|合同|采购|订购|下单|预订|购买|订货"),
    "rental-price": re.compile(r"租|实例|订阅|小时|云服务|包月"),
}
"""Words of which a sentence has one that gives such a figure."""


@dataclass(frozen=True, slots=True)
class _Read:
    """A figure read, and where it stands.

    ``start`` is that of the sum that it only converts, ``since`` the end of its owner's name in the clause, or the clause's
    beginning; ``before`` the words before it.
    """

    sentence: Sentence
    subject: Named
    attribute: str
    value: Value
    object: str | None
    by: Attribution
    carried: bool
    start: int
    clause: int
    since: int
    before: str


class FigureReasons:
    """Finds what speaks against the figures read in one document."""

    def __init__(self, document: Document, kinds: Kinds) -> None:
        self._document = document
        self._folded = document.folded
        self._kinds = kinds
        self._money = load_units().money

    def reason(self, sentence: Sentence, figure: Figure, by: Attribution, *, carried: bool) -> str | None:
        """The first reason; None where there is none. `carried`: only the text before the sentence names its subject."""
        folded, value, subject = self._folded, figure.value, figure.subject
        start = original_place(folded, sentence, value)
        clause = max((place + 1 for place in sentence.breaks if place < start), default=sentence.start)
        read = _Read(
            sentence, subject, figure.attribute.id, value, figure.object, by, carried, start, clause,
            clause if carried else max(clause, subject.end), folded[max(sentence.start, start - 24) : start],
        )  # fmt: skip
        if subject.kind == "organisation":
            return "who counts is no owner"
        found = self._of_before(read) or self._of_no_size(read) or self._of_another_kind(read)
        if found is not None:
            return found
        if subject.kind not in PARTIES:
            return self._of_a_memory(read) or self._of_a_machine(read)
        return self._of_a_part(read) or self._of_who_is_paid(read) or self._of_somebody_else(read)

    def _of_before(self, read: _Read) -> str | None:
        """Whether it is what was, what was expected, or by how much it changed."""
        folded, sentence, value, attribute = self._folded, read.sentence, read.value, read.attribute
        ratio = value.unit in RATIO_UNITS
        if _LAST_YEARS.search(read.before) or _EXPECTED.search(read.before):
            return "of before"
        if (ratio and _OFF_EXPECTATIONS.search(read.before)) or (not ratio and _DIFFERENCE.search(read.before)):
            return "a difference"
        if attribute in PERIODICAL and is_of_then(folded, sentence, read.start):
            return "of before"
        if attribute != "deal" and not ratio and _is_of_before(folded, sentence, value, read.subject):
            return "of before"
        return None

    def _of_no_size(self, read: _Read) -> str | None:
        """Whether nothing of the kind is so large, or so small."""
        value, attribute = read.value, read.attribute
        if attribute in _SHARES_OF_IT and value.unit == "%" and value.high > 100:
            return "no share"
        if attribute in _LARGE and value.unit in self._money and max(-value.low, value.high) < _LEAST:
            return "too small"
        if attribute == "power" and _IDLE.search(read.before):
            return "of rest"
        return None

    def _of_another_kind(self, read: _Read) -> str | None:
        """Whether the words around it say that it is no figure of this attribute."""
        folded, sentence, value, attribute = self._folded, read.sentence, read.value, read.attribute
        if value.unit in RATIO_UNITS:
            if attribute not in _PRICES and _DEARER.search(read.before):
                return "a price"
            if self._word_comes_later(sentence, value, attribute):
                return "word of a later clause"
            if attribute == "capacity" and not _MORE.search(read.before):
                return "share of a capacity"
        if attribute == "growth":
            if what_grows(folded, sentence, value) in ("other", "") or _SHARE_OF.search(read.before):
                return "growth of something else"
            if value.unit == "x" and not self._has_its_word(sentence, value, attribute):
                return "word of another clause"
        if attribute == "cost-saving" and not _SAVES.search(folded, read.clause, min(sentence.end, value.end + 12)):
            return "no saving"
        if attribute == "performance" and _EFFICIENCY.match(folded, value.end, sentence.end):
            return "of efficiency"
        if attribute in _NEEDED and not _NEEDED[attribute].search(folded, sentence.start, sentence.end):
            return "word missing"
        if attribute == "revenue" and _LOST.match(folded, value.end, sentence.end):
            return "a loss"
        if attribute == "revenue-share" and _FEES.search(folded, sentence.start, sentence.end):
            return "a fee"
        return "turn of another" if self._is_of_the_next(sentence, value, read.subject) else None

    def _of_a_memory(self, read: _Read) -> str | None:
        """Whether it is of a pin, a module or a card, and not of the memory."""
        value, attribute = read.value, read.attribute
        if read.subject.kind != "memory":
            return None
        if read.subject.id.startswith("gddr") and value.high > _A_CHIP.get(attribute, value.high):
            return "card around it"
        if attribute == "memory-bandwidth" and value.high < _PIN:
            return "speed of a pin"
        if attribute == "memory-capacity" and _MODULE.match(self._folded, value.end, read.sentence.end):
            return "memory module"
        return None

    def _of_a_machine(self, read: _Read) -> str | None:
        """Whether it is of what a chip is built into, of a part of it, or of another one between."""
        folded, sentence, subject, start = self._folded, read.sentence, read.subject, read.start
        if subject.kind == "chip":
            if read.attribute == "memory-capacity" and _MAIN_MEMORY.match(folded, read.value.end, sentence.end):
                return "machine around it"
            if read.attribute in _SIZES and tells_of_a_test(folded, sentence):
                return "machine of a test"
            if read.carried and _THE_SYSTEM.search(folded, sentence.start, start):
                return "machine around it"
            if _A_MACHINE.match(folded, begins(folded, sentence, sentence.start)):
                return "machine around it"
        if not read.carried:
            if "、" in folded[subject.end : start] and _FITTED_WITH.search(folded, sentence.start, subject.start):
                return "machine around it"
            if self._is_of_a_stranger(subject.end, start):
                return "stranger between"
            if _PART_OF_IT.match(folded, subject.end):
                return "part"
        if _PART.search(folded, read.since, start) or _PART_BEHIND.match(folded, read.value.end, sentence.end):
            return "part"
        return None

    def _of_a_part(self, read: _Read) -> str | None:
        """Whether it is of a part of a company that the claim could not name, or of a product or a region."""
        folded, sentence, subject, start = self._folded, read.sentence, read.subject, read.start
        if read.attribute == "volume" and _OF_DEVICES.search(folded, read.clause, start):
            return "part"
        if read.attribute in ("funding", "investment") and _FOR_A_PROJECT.search(folded, read.clause, start):
            return "part of it"
        if read.attribute not in _OF_ALL:
            return None
        begin = sentence.start if read.carried else min(subject.end, start)
        segment = _SEGMENT.search(folded, begin if read.attribute == "growth" else read.since, start)
        if segment is not None and not self._kinds.makers.get(subject.id):
            tagged = _tagged(sentence, "segment", segment.start() - 8, segment.end())
            if not tagged and segment_of(folded, sentence, subject, start) is None:
                return "part of a company"
        area = _AREA.search(folded, begin, start)
        if area is not None and not _tagged(sentence, "region", *area.span()):
            return "part of a company"
        first = next((name for name in sentence.names if not name.inner and not name.against), None)
        if not read.carried and first is not None and first.kind in PRODUCTS and first.end <= subject.start:
            return "of a product" if sentence.apart(first.end, subject.start) == 0 else None
        return None

    def _of_who_is_paid(self, read: _Read) -> str | None:
        """Whether the company is paid, and does not pay; or pays together with others."""
        folded, sentence, subject, start = self._folded, read.sentence, read.subject, read.start
        if read.attribute == "fleet" and read.object is not None and subject.id in self._kinds.makers.get(read.object, ()):
            return "own products" if subject.id not in self._kinds.lists["clouds"] else None
        if read.attribute in ("revenue", "profit") and _SOLD.search(folded, sentence.start, start):
            return "shares sold"
        if not read.carried and _SHARES.match(folded, subject.end):
            return "shares held"
        if read.attribute == "investment" and _RECEIVES.search(folded, read.clause, start):
            if folded.startswith(("的", "投资", "战略"), read.value.end):
                return "invested in it"
        if read.attribute not in _PAID or read.carried:
            return None
        if _PAID_TO.search(folded, max(sentence.start, subject.start - 8), subject.start) or _GOODS.match(folded, subject.end):
            return "who is paid"
        if _TO_WHOM.search(folded, max(sentence.start, subject.start - 16), subject.start):
            if _INVESTS.match(folded, subject.end, start):
                return "who is paid"
        return "of several together" if self._is_one_of_many(sentence, subject, start) else None

    def _of_somebody_else(self, read: _Read) -> str | None:
        """Whether its clause has an owner of its own, or the company is only named beside."""
        folded, sentence, subject, start = self._folded, read.sentence, read.subject, read.start
        if read.attribute == "market-size" and subject.id not in read.by.cited:
            return "no market of its own"
        if read.attribute == "volume" and any(subject.end <= at < start for at, _ in sentence.foreign):
            return "stranger between"
        if _ONE_OF_TWO.search(folded, read.clause, start):
            return "one of two"
        if not read.carried:
            if self._is_aside(sentence, subject, start):
                return "in a clause of time"
            companies = [name for name in sentence.names if name.kind == "company" and not name.inner and name.end <= start]
            if _THE_COMPANY.search(folded, subject.end, start) and len({name.id for name in companies}) > 1:
                return "one of two"
            if folded.startswith("的", subject.end) and _THEY.search(folded, subject.end, start):
                if any(name.end <= subject.start for name in companies):
                    return "only of it"
        if read.attribute not in _OF_OTHERS and (read.carried or read.clause > subject.end):
            owner = _OWNER.match(folded, begins(folded, sentence, read.clause), start)
            if owner is not None and not self._document.known(owner.start(), owner.end()):
                return "owner of its own"
        return None

    def _is_aside(self, sentence: Sentence, subject: Named, place: int) -> bool:
        """Whether a name only stands in a clause that says when: 在苹果推出…之后，…"""
        begin = max((at + 1 for at in sentence.breaks if at < subject.start), default=sentence.start)
        end = min((at for at in sentence.breaks if at >= subject.end), default=sentence.end)
        return end < place and _WHEN.fullmatch(self._folded, begin, end) is not None

    def _is_of_the_next(self, sentence: Sentence, value: Value, subject: Named) -> bool:
        """Whether a figure is the second of two that two names have, one each: A和B采用了24GB和48GB显存."""
        folded = self._folded
        if "分别" in folded[sentence.start : value.start]:
            return False  # the readers have counted them off
        before = next((other for other in reversed(sentence.values) if other.end <= value.start), None)
        if before is None or before.unit != value.unit or not _LIST.fullmatch(folded, before.end, value.start):
            return False
        names = [name for name in sentence.names if name.kind == subject.kind and not name.inner and name.end <= before.start]
        return (
            len(names) > 1
            and _LIST.fullmatch(folded, names[-2].end, names[-1].start) is not None
            and subject.id == names[-2].id
        )

    def _is_of_a_stranger(self, left: int, right: int) -> bool:
        """Whether a product that no catalogue knows is named between a name and its figure."""
        joined = self._document.joined
        return any(
            not self._document.known(match.start(), match.end()) for match in _UNKNOWN.finditer(joined, left, max(left, right))
        )

    def _is_one_of_many(self, sentence: Sentence, subject: Named, place: int) -> bool:
        """Whether a company is named in a list whose figure is not said to be each one's."""
        for name in reversed(sentence.names):
            if name.kind == "company" and name.id != subject.id and name.end <= subject.start and not name.inner:
                if _LIST.fullmatch(self._folded, name.end, subject.start):
                    return not _EACH.search(self._folded, subject.end, place)
                break
        for name in sentence.names:
            if name.kind == "company" and name.id != subject.id and subject.end <= name.start and name.end <= place:
                return _LIST.fullmatch(self._folded, subject.end, name.start) is not None and not _EACH.search(
                    self._folded, name.end, place
                )
        return False

    def _word_comes_later(self, sentence: Sentence, value: Value, attribute: str) -> bool:
        """Whether all the wording of an attribute stands in clauses behind its figure: 增加了两倍多，传闻性能可与…"""
        spans = sentence.cues.get(("near", attribute), ())
        return bool(spans) and all(start > value.end and sentence.apart(value.end, start) for start, _ in spans)

    def _has_its_word(self, sentence: Sentence, value: Value, attribute: str) -> bool:
        spans = sentence.cues.get(("near", attribute), ())
        return any(sentence.apart(start, value.start) == 0 for start, _ in spans)


def _tagged(sentence: Sentence, role: str, start: int, end: int) -> bool:
    """Whether a condition of that role is known within a span."""
    return any(tag[0] == role and start <= at <= end for tag, at, _ in sentence.conditions)


def _is_of_before(folded: str, sentence: Sentence, value: Value, subject: Named) -> bool:
    """Whether a figure is what was, beside what is: 从原来的12万左右，涨到了25万."""
    start, end = value.start, value.end
    if _WAS.search(folded, max(sentence.start, start - 20), start):
        return True
    begin = _FROM.search(folded, max(sentence.start, start - 16), start)
    if begin is None or subject.against or _TO.match(folded, end, sentence.end) is None:
        return False
    return not any(begin.start() <= mark.start and start - mark.end <= 2 for mark in sentence.times)


def tells_of_a_test(folded: str, sentence: Sentence) -> bool:
    """Whether `sentence` tells of a test, of which the sizes are the machine's that was tested."""
    return any(folded.find(word, sentence.start, sentence.end) >= 0 for word in _TESTS)
