"""What speaks against a claim: named reasons for which a reading is left out, however plain its wording.

The readers take the nearest name, or what the text is about, for whose figure it is. In news of many companies that is often
somebody else's, and each reason here is a way in which a sentence shows that: another one acts, the clause has a subject of its
own, the figure is of a part, of before, or of what is counted and not of who is named. A claim with a reason is not made: the
ledger would rather know less. Nearly all of them are for Chinese, whose clauses follow each other without repeating who acts.
"""

import re
from collections import Counter
from collections.abc import Collection

from index.knowledge.claims.attribution import Attribution
from index.knowledge.claims.document import Document, Named, Sentence
from index.knowledge.claims.figures import Figure
from index.knowledge.claims.growth import what_grows
from index.knowledge.claims.kinds import PARTIES, PRODUCTS, Kinds
from index.knowledge.claims.milestones import Milestone
from index.knowledge.claims.notes import Note
from index.knowledge.claims.of_period import PERIODICAL, is_of_then, original_place
from index.knowledge.claims.relations import Link
from index.knowledge.claims.scope import segment_of
from index.knowledge.claims.subjects import RATIO_UNITS
from index.knowledge.claims.units import load_units
from index.knowledge.claims.values import Value

_HAN = re.compile("[一-鿿]")
_ACTORS = ("company", "organisation", "chip", "system")
_THINGS = (*_ACTORS, "memory", "packaging", "software", "service", "arch")
_OF_ONE = ("developer", "maker", "based-on")
_STRANGE = re.compile(r"[A-Z][A-Za-z]+(?: [A-Z0-9][\w+-]*)+ ?(?:[A-Za-z]+ ?)?[一-鿿]")
"""A name that no catalogue knows, at the beginning of a Chinese sentence."""

_OPENING = re.compile(
    r"(?:[\s，,。“”\"「『（(》—、]|此外|另外|同时|不过|但是?|而且?|并且?|然而|其中|目前|当前|此前|之前|最后|首先|其次|随后|如今|现在|今后|未来"
    r"|据(?:悉|了解|介绍|说|称|报道|传)|另一方面|值得(?:一提|注意|关注)的是|需要(?:注意|指出)的是|具体(?:来看|而言|来说|到)?|具体地?说"
    r"|[一-鿿]{2,4}(?:方面|上看|上)[，,]|也就是说|换句话说|相比之下|由于|因此|所以|从而|使得?|让|都|也|还|又|则|将|会|已经?|曾|正|可以?|能够?|最高|最大|最多"
    r"|预计|预期|计划|有望|总体|整体|全新|单独|单纯|只|仅|均|就|更|再|约|近|超)*"
)
_IT = re.compile(
    r"(?:其(?!他|它|余|实|次|中|竞争)|它(?!们)|[该本此]|这(?:[款颗块张枚套台个项种批一]|一?系列)|两款|两者|新(?:款|一代)?)(?:新|全新|旗舰|高端|最新|国产|ai|人工智能)*"
    r"(?P<noun>(?:芯片|晶片|处理器|产品|加速[器卡]|显卡|gpu|cpu|npu|soc|dpu|asic|系统|服务器|平台|架构|显存|内存|存储|实例|超算|超级计算机"
    r"|机柜|集群|技术|工艺|制程|模型|硬件|系列|版本|方案|板卡|卡|器件|公司|厂商?|企业|集团|巨头|部件|设备|[^一-鿿a-z])|[一-鿿])"
)
_OF_A_PRODUCT = re.compile(
    r"芯片|晶片|处理器|产品|加速|显卡|gpu|cpu|npu|soc|dpu|asic|系统|服务器|平台|显存|内存|存储|实例|超|机柜|集群|模型|硬件|系列|版本|板卡|卡|设备|技术|工艺|制程"
)
_POSSESSED = re.compile(r"其(?!他|它|余|实|次|中|竞争)|它(?!们)的?")
_OF_ANOTHER_KIND = re.compile(r"(?:该|这[款套台颗块种])(?![一-鿿]{0,3}(?:公司|厂|企业|集团|报告|机构|消息|媒体|人士))")
_IN_IT = re.compile(r"[，,：:；;称说示](?=(?:其(?!他|它|余|实|次|中|竞争)|它(?!们)|[该这](?:[款颗块套])?(?:芯片|处理器|产品|显卡|系统|服务器|加速[卡器])))")
_SPEAKS = re.compile(r"[^，。；,;]{0,8}?(?:称|表示|说|介绍|透露|宣布|指出|给出|强调|的说法)")
_BY = re.compile(r"(?:由|用|按|据|为|给|向|与|和|同|跟|比|在|以|于|从|采用|基于|包括|、)\s?$")
_NAMELESS = re.compile(r"(?:了|出)?(?:[^，。；,;]{0,18}的)?[^，。；,;]{0,6}(?:芯片|处理器|显卡|产品|服务器|服务|系统|模型|手机|汽车|车型|终端|笔记本|电脑|平台|系列|订单|晶圆|工厂)")
_MADE_THERE = ("量产", "生产", "制造")
_ZERO, _ABOUT = 4, 0.6
"""How far behind the opening of a clause a word of the claim stands where nobody is named to begin it; and the share of all
mentions of chips and systems from which a text is about one."""


_WAS = re.compile(r"(?:原来|原先|原本|最初|起初|一年前|以前|往年|(?:上年|去年|前年|上一年)?同期)的?[^，。；,;\d]{0,12}$")
_FROM = re.compile(r"(?:从|由|自)[^，。；,;\d]{0,12}$")
_TO = re.compile(r"[^，。；,;\d]{0,4}[，,]?[^，。；,;\d]{0,6}(?:升|降|涨|跌|增|减|提高|扩|缩|调|改|下滑|延|变|恢复)[^，。；,;\d]{0,6}(?:至|到|为|成)")
_MORE = re.compile(r"(?:增[加长]?|提[高升]|扩[大充产]?|翻|上升|下降|减[少产]?|缩减|成长|多|高出)[^，。；,;\d]{0,6}$")
_PIN = 2e10
"""Bytes a second below which a figure of memory is what one of its pins does."""
_MODULE = re.compile(r"\s?(?:的)?(?:ddr\d\s?)?(?:lp)?(?:内存|dram)?\s?(?:模块|模组|内存条|内存套装|套装|套条|ssd|r?dimm)")
_PART = re.compile(
    r"(?:服务器|整机|主机|内存|硬盘|晶圆|代工|显存|主板)[^，。；,;]{0,4}(?:价格|售价|报价|单价)|核显|核芯显卡|集成显卡|\bigpu|散热器|开发板|主板|内存条|内存模[块组]|电源|礼盒|套装|机箱|水冷|小核|能效核|chiplet|计算单元|执行单元|cu单元|[a-z]+引擎"
)
"""What is built in, or sold with a chip, and has figures of its own."""
_PART_BEHIND = re.compile(r"\s?(?:的|版)?\s?(?:散热器|主板|开发板|电源|cu\b|eu\b)")
_SHARES = re.compile(r"(?:的)?[^，。；,;]{0,4}(?:股份|股票|股权|持股)")
_PAID = ("investment", "funding", "deal", "order-value", "fleet", "cost")
_PAID_TO = re.compile(r"(?:投资|注资|参投|领投|加码|押注)(?:了|于|给)?\s?$")
_SUM = re.compile(r"\d|[，。；]")
_GOODS = re.compile(r"(?:的)?\s?(?:[一-鿿]{0,4}?)(?:芯片|gpu|显卡|处理器|加速[卡器]|服务器|设备|光刻机|产品)(?![^，。；,;]{0,8}(?:业务|部门|营收|厂))")
_FOR_A_PROJECT = re.compile(r"项目(?:拟|将|计划)?(?:使用|投入|投资)?[^，。；,;]{0,8}$")
_LIST = re.compile(
    r"\s?(?:（[^）]{0,20}）|\([^)]{0,20}\))?\s?(?:、|和|与|及|以及)\s?(?:(?:美|德|法|英|韩|日)国|日本|荷兰|中国|台湾|欧洲)?(?:的)?\s?"
)
_EACH = re.compile(r"分别|各自?|均|每家")
_RECEIVES = re.compile(r"(?:获得?|得到|收到|拿到|迎来)[^，。；,;]{0,20}$")
_ORDERED = re.compile(r"订单|合同|采购|订购|下单|预订|购买|订货")
_FEES = re.compile(r"佣金|提成|返还|费率|税率")
_AREA = re.compile(r"(?:北美|南美|欧洲|亚太|亚洲|大中华|东南亚|海外|日本|韩国|台湾|印度|美国|境外|华东|华南)(?:地区|市场|区|业务)?的?(?:销售|营收|收入|降幅|增幅|同比|环比|业绩)")
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
_THE_DAY_AFTER = re.compile(r"(?:之?后|之?前)的?(?:第[一二三四五\d]|次|当|隔)[天日周]")
_EFFICIENCY = re.compile(r"[^,。;]{0,3}的(?:效率|能效)")
_OFF_EXPECTATIONS = re.compile(r"(?:低于|高于|超过|不及|超出)[^,。;]{0,8}(?:预期|预估|预测)(?:了|约|近)*\s?$")
_A_CHIP = {"memory-capacity": 4e10, "memory-bandwidth": 2.5e11}
"""The most that one chip of graphics memory has, in bits or bytes: more is a card's."""
_THE_SYSTEM = re.compile(r"(?:整[套个台]|全套|两[套代])[^,。;]{0,3}系统|整机|全系统")
_OTHER_CHIPS = re.compile(r"(?:芯片|产品|服务器|显卡|加速[卡器])[^,。;]{0,4}$")
_A_CHIP_OF_ITS = re.compile(r"芯片|晶片|处理器|gpu|cpu|npu|tpu|asic|加速[卡器]|显卡|芯|它|其|该|产品")
_SIZES = ("memory-capacity", "memory-bandwidth", "power")
_A_TEST = re.compile(r"测试平台|测试结果|测试环境|实测平台|跑分|评测平台")
_FITTED_WITH = re.compile(r"(?:配备|搭载|内置|选配|可选|标配|配有|装有|选用)[^。;]{0,40}$")
_SAVES = re.compile(r"节[省约]|省|降低|下降|减少|便宜|更低|[低降少]了?|性价比|之一|划算")
_AFTER = re.compile(r"(?:之|以)?后(?!期|半|段|续|来)")
_LAST_YEARS = re.compile(r"(?:上年|去年|前年|上一年)同期的?\s?$")
_SHARE_OF = re.compile(r"占[^,。;]{0,14}比(?:重|例)?(?:已|提升|上升)?(?:达到?|为|约|至)?\s?$")
_MAIN_MEMORY = re.compile(r"\s?(?:的)?\s?(?:双通道)?\s?ddr[345]")
_THEY = re.compile(r"[,;](?:[^,。;]{0,6})(?:他们|它们|两家)")
_RENT = re.compile(r"租|实例|订阅|小时|云服务|包月")
_OF = re.compile(r"(?:\s?(?:处理器|芯片|系列|平台|gpu|cpu))?\s?(?:的|中|内的?)?\s?")
_UNKNOWN = re.compile(
    r"\b[A-Z][a-z]{2,} (?:[A-Z][a-z]{2,}|[A-Z]\d)[\w-]*(?= ?(?:[（(][A-Z]|处理器|芯片|显卡|系列|服务器|超算|平台|[-—：:]))(?! ?[一-鿿]{0,3}(?:架构|核心|技术))"
)
_QUOTED = re.compile(r"[“「『\"][A-Za-z][A-Za-z]+[\w -]*[”」』\"]")
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
    r"|(?:服务器|手机|汽车|内存|存储|芯片|显卡|晶圆|代工|广告|软件|硬件|专利|特许权|授权|使用费|许可|订阅|系统|设备|模拟|嵌入式|智能|终端|消费类?|产品|材料|(?<![a-z])(?:ai|pc|dram|nand|hbm\d?e?|gpu|cpu|iot)\s?)"
    r"(?:业务(?!量)|部门|产品|芯片|服务)?的?(?:营收|收入|销售额|销售收入|营业额|利润|净利|亏损)"
)
"""A part of a company whose figure it is."""
_A_PLANT = re.compile(r"(?!该)[一-鿿]{1,6}(?:厂|工厂|基地)(?!商)")
_ONCE = re.compile(r"(?:原定|原计划|原本|原先|原预计|原预期|最初)[^，。；,;]{0,3}$")
_OR = re.compile(r"\s?(?:或者?|至|到|、|和|及|与|[-—–~～])\s?")
_HAS = re.compile(r"已|曾|现已")
_ALREADY = re.compile(r"已|开始|正式|正在|全面|启动")
_TO_COME = re.compile(r"将|计划|预计|有望|拟|准备|打算|可能|未来")


class Reliability:
    """Tells of each part read in one document whether anything speaks against it."""

    def __init__(self, document: Document, kinds: Kinds) -> None:
        self._document = document
        self._folded = document.folded
        self._kinds = kinds
        self._money = load_units().money
        counts = Counter(
            name.id
            for sentence in document.sentences
            for name in sentence.names
            if name.kind in ("chip", "system") and not name.inner and not name.against
        )
        total = sum(counts.values())
        self._about = {key for key, count in counts.items() if count >= 3 and count >= _ABOUT * total}
        """What the text is about, because it hardly names another."""
        self._about.update(
            name.id for sentence in document.sentences if sentence.title for name in sentence.names if not name.against
        )

    def reason_against(self, sentence: Sentence, part: Figure | Milestone | Link | Note, by: Attribution) -> str | None:
        """The first reason for which `part` is not to be claimed; None where there is none."""
        folded = self._folded
        if _HAN.search(folded, sentence.start, sentence.end) is None:
            return None
        place = part.value.start if isinstance(part, Figure) else part.start
        subject = part.subject
        carried = not sentence.start <= subject.start < sentence.end or subject.start in (subject.end, place)
        named = (isinstance(part, Milestone) or subject.kind in PRODUCTS) and any(n.id == subject.id for n in sentence.names)
        if carried and not named and not self._carries(sentence, part, place):
            return "carried"
        if isinstance(part, Figure):
            return self._against_a_figure(sentence, part, carried, by)
        if isinstance(part, Milestone):
            return self._against_a_milestone(sentence, part)
        if isinstance(part, Link):
            return self._against_a_relation(sentence, part)
        if part.attribute == "memory-type" and _A_TEST.search(folded, sentence.start, sentence.end):
            return "machine of a test"
        return None

    def _against_a_figure(self, sentence: Sentence, figure: Figure, carried: bool, by: Attribution) -> str | None:
        folded, value, attribute, subject = self._folded, figure.value, figure.attribute.id, figure.subject
        start, end = original_place(folded, sentence, value), value.end
        clause = max((place + 1 for place in sentence.breaks if place < start), default=sentence.start)
        before = folded[max(sentence.start, start - 24) : start]
        if _LAST_YEARS.search(before) or (attribute == "growth" and _SHARE_OF.search(before)):
            return "of before"
        if _EXPECTED.search(before) or (value.unit in RATIO_UNITS and _DEARER.search(before) and attribute not in _PRICES):
            return "of before"
        if attribute in ("margin", "revenue-share", "market-share") and value.unit == "%" and value.high > 100:
            return "no share"
        if attribute in _LARGE and value.unit in self._money and max(-value.low, value.high) < _LEAST:
            return "too small"
        if attribute == "power" and _IDLE.search(before):
            return "of rest"
        if value.unit not in RATIO_UNITS and _DIFFERENCE.search(before):
            return "a difference"
        if attribute in PERIODICAL and is_of_then(folded, sentence, start):
            return "of before"
        if attribute != "deal" and value.unit not in RATIO_UNITS and _is_of_before(folded, sentence, value, subject):
            return "of before"
        if attribute == "growth":
            if what_grows(folded, sentence, value) in ("other", ""):
                return "growth of something else"
        if value.unit in RATIO_UNITS and self._word_comes_later(sentence, value, attribute):
            return "word of a later clause"
        if attribute == "growth" and value.unit == "x" and not self._has_its_word(sentence, value, attribute):
            return "word of another clause"
        if attribute == "capacity" and value.unit in RATIO_UNITS and not _MORE.search(before):
            return "share of a capacity"
        if self._is_of_the_next(sentence, value, subject):
            return "turn of another"
        if attribute == "cost-saving" and not _SAVES.search(folded, clause, min(sentence.end, end + 12)):
            return "no saving"
        if attribute == "performance" and _EFFICIENCY.match(folded, end, sentence.end):
            return "of efficiency"
        if value.unit in RATIO_UNITS and _OFF_EXPECTATIONS.search(before):
            return "a difference"
        if subject.kind == "memory":
            if subject.id.startswith("gddr") and value.high > _A_CHIP.get(attribute, value.high):
                return "card around it"
            if attribute == "memory-bandwidth" and value.high < _PIN:
                return "speed of a pin"
            if attribute == "memory-capacity" and _MODULE.match(folded, end, sentence.end):
                return "memory module"
        if subject.kind == "organisation":
            return "who counts is no owner"
        if attribute == "fleet" and figure.object is not None and subject.id in self._kinds.makers.get(figure.object, ()):
            if subject.id not in self._kinds.lists["clouds"]:
                return "own products"
        if subject.kind not in PARTIES:
            if attribute == "memory-capacity" and subject.kind == "chip" and _MAIN_MEMORY.match(folded, end, sentence.end):
                return "machine around it"
            if subject.kind == "chip" and attribute in _SIZES and _A_TEST.search(folded, sentence.start, sentence.end):
                return "machine of a test"
            if not carried and "、" in folded[subject.end : start] and _FITTED_WITH.search(folded, sentence.start, subject.start):
                return "machine around it"
            if subject.kind == "chip" and carried and _THE_SYSTEM.search(folded, sentence.start, start):
                return "machine around it"
            if subject.kind == "chip" and _A_MACHINE.match(folded, _begins(folded, sentence, sentence.start)):
                return "machine around it"
            if not carried and self._is_of_a_stranger(sentence, subject.end, start):
                return "stranger between"
            part = _PART.search(folded, max(clause, subject.end if not carried else clause), start)
            if part is None and not carried:
                part = _PART.match(folded, subject.end + len(_OF.match(folded, subject.end)[0]))
            return "part" if part is not None or _PART_BEHIND.match(folded, end, sentence.end) else None
        if not carried and folded.startswith("的", subject.end) and _THEY.search(folded, subject.end, start):
            if any(n.kind == "company" and not n.inner and n.end <= subject.start for n in sentence.names):
                return "only of it"
        if attribute == "market-size" and (subject.id not in by.cited or "市场" not in folded[sentence.start : sentence.end]):
            return "no market of its own"
        if not carried and self._is_aside(sentence, subject, start):
            return "in a clause of time"
        if attribute in _PAID and not carried and _TO_WHOM.search(folded, max(sentence.start, subject.start - 16), subject.start):
            if _INVESTS.match(folded, subject.end, start):
                return "who is paid"
        if attribute == "volume" and _OF_DEVICES.search(folded, clause, start):
            return "part"
        if not carried and _SHARES.match(folded, subject.end):
            return "shares held"
        if attribute in ("revenue", "profit") and _SOLD.search(folded, sentence.start, start):
            return "shares sold"
        if attribute in _OF_ALL and not self._kinds.makers.get(subject.id) and (
            segment := _SEGMENT.search(folded, self._since(sentence, subject, attribute, clause, carried=carried), start)
        ):
            if segment_of(folded, sentence, subject, start) is None and not any(tag[0] == "segment" and segment.start() - 8 <= at <= segment.end() for tag, at, _ in sentence.conditions):
                return "part of a company"
        if attribute in _PAID and not carried and _PAID_TO.search(folded, max(sentence.start, subject.start - 8), subject.start):
            return "who is paid"
        if attribute in _PAID and not carried and _GOODS.match(folded, subject.end):
            return "who is paid"
        if attribute in ("funding", "investment") and _FOR_A_PROJECT.search(folded, clause, start):
            return "part of it"
        if attribute in _PAID and not carried and self._is_one_of_many(sentence, subject, start):
            return "of several together"
        if attribute == "investment" and _RECEIVES.search(folded, clause, start) and folded.startswith(("的", "投资", "战略"), end):
            return "invested in it"
        if attribute == "order-value" and not _ORDERED.search(folded, sentence.start, sentence.end):
            return "no order"
        if attribute == "rental-price" and not _RENT.search(folded, sentence.start, sentence.end):
            return "no rent"
        if attribute == "volume" and any(subject.end <= at < start for at, _ in sentence.foreign):
            return "stranger between"
        if attribute == "revenue-share" and _FEES.search(folded, sentence.start, sentence.end):
            return "a fee"
        if attribute in _OF_ALL and (area := _AREA.search(folded, sentence.start if carried else min(subject.end, start), start)):
            if not any(tag[0] == "region" and area.start() <= at <= area.end() for tag, at, _ in sentence.conditions):
                return "part of a company"
        if _ONE_OF_TWO.search(folded, clause, start):
            return "one of two"
        if not carried and _THE_COMPANY.search(folded, subject.end, start):
            others = {n.id for n in sentence.names if n.kind == "company" and n.end <= start and not n.inner}
            if len(others) > 1:
                return "one of two"
        owner = _OWNER.match(folded, _begins(folded, sentence, clause), start)
        if attribute not in _OF_OTHERS and owner is not None and (carried or clause > subject.end) and not self._document.known(owner.start(), owner.end()):
            return "owner of its own"
        if attribute in _OF_ALL and not carried:
            first = next((n for n in sentence.names if not n.inner and not n.against), None)
            if first is not None and first.kind in PRODUCTS and first.end <= subject.start and sentence.apart(first.end, subject.start) == 0:
                return "of a product"
        return None

    @staticmethod
    def _since(sentence: Sentence, subject: Named, attribute: str, clause: int, *, carried: bool) -> int:
        """From where on a part may be named whose figure it is: for a growth, what grows stands in an earlier clause."""
        if attribute == "growth":
            return sentence.start if carried else subject.end
        return clause if carried else max(clause, subject.end)

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
        return len(names) > 1 and _LIST.fullmatch(folded, names[-2].end, names[-1].start) is not None and subject.id == names[-2].id

    def _is_of_a_stranger(self, sentence: Sentence, left: int, right: int) -> bool:
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

    def _in_brackets(self, sentence: Sentence, link: Link, value: Named) -> bool:
        """Whether who acts stands in brackets that no name opens: 显卡（京东第三方店铺）采用了…; not 亚马逊（AWS）."""
        folded = self._folded
        if value.start < sentence.start:
            return False
        opening = max(folded.rfind("（", sentence.start, value.start), folded.rfind("(", sentence.start, value.start))
        if opening < 0 or value.end > link.start:
            return False
        closing = re.search("[）)]", folded[opening : link.start])
        if closing is None or opening + closing.start() < value.end:
            return False
        return not any(name.end == opening and name.kind == value.kind for name in sentence.names)

    def _against_a_relation(self, sentence: Sentence, link: Link) -> str | None:
        folded = self._folded
        if self._in_brackets(sentence, link, link.value) or (
            link.relation.id == "based-on" and self._in_brackets(sentence, link, link.subject)
        ):
            return "in brackets"
        relation, subject, value = link.relation.id, link.subject, link.value
        if relation in ("competitor", "partner") and value.start >= link.end and sentence.apart(link.end, value.start):
            return "another clause"
        if relation == "based-on" and sentence.start <= subject.start and subject.end <= link.start:
            if subject.counted or any(
                name.kind == "company" and not name.inner and name.end <= link.start and not sentence.apart(name.end, link.start)
                for name in sentence.names
                if name.id not in self._kinds.makers.get(subject.id, ())
            ):
                return "another one uses it"
        if relation == "customer" and value.id in self._kinds.lists["foundries"] and folded.startswith("代工", subject.end):
            return "made for"
        if relation == "investor" and max(subject.end, value.end) <= link.start and subject.start >= sentence.start:
            return "nothing invested in"
        if relation == "investor" and subject.start >= link.end and _SUM.search(folded, link.end, subject.start):
            return "nothing invested in"
        return None

    def _against_a_milestone(self, sentence: Sentence, milestone: Milestone) -> str | None:
        folded, time = self._folded, milestone.time
        if time is None:
            return None
        if milestone.attribute.id == "announced" and _THE_DAY_AFTER.search(folded, milestone.end, min(sentence.end, milestone.end + 40)):
            return "the day after"
        if _AFTER.match(folded, time.end):
            return "some time after"
        if milestone.subject.kind == "memory" and _OTHER_CHIPS.search(folded, sentence.start, milestone.start):
            return "chips with it"
        if _ONCE.search(folded, max(sentence.start, time.start - 8), time.start):
            return "once planned"
        if milestone.subject.kind in PRODUCTS and any(
            milestone.subject.end <= at < milestone.start and _A_PLANT.match(folded, _begins(folded, sentence, at + 1))
            for at in sentence.breaks
        ):
            return "plant of its own"
        if time.start >= milestone.end and sentence.apart(milestone.end, time.start):
            clause = max((place + 1 for place in sentence.breaks if place < milestone.start), default=sentence.start)
            if _HAS.search(folded, clause, milestone.start):
                return "has come already"
        if time.end <= milestone.start:
            later = [other for other in sentence.times if time.end <= other.start and other.end <= milestone.start]
            if later and milestone.attribute.id != "sold-out" and not _OR.fullmatch(folded, time.end, later[0].start):
                return "another time"
            between = [start for start, end in sentence.cues.get(("said", ""), ()) if time.end <= start and end <= milestone.start]
            if between and milestone.attribute.id != "announced":
                if not _ALREADY.search(folded, between[-1], milestone.end) or _TO_COME.search(folded, between[-1], milestone.start):
                    return "time of the word"
        return None

    def _carries(self, sentence: Sentence, part: Figure | Milestone | Link | Note, place: int) -> bool:
        """Whether a sentence goes on about what only the text before it names."""
        folded, subject = self._folded, part.subject
        if isinstance(part, Note) and part.attribute not in ("codename", "memory-type"):
            return True
        if isinstance(part, Link):
            if part.relation.id in _OF_ONE and self._acts_another(sentence, subject, place, _THINGS, part.value.id):
                return False
            if part.relation.id == "developer" and (
                subject.kind not in ("chip", "system") or not _A_CHIP_OF_ITS.search(folded, part.start, min([part.end + 16, *(at for at in sentence.breaks if at >= part.end)]))
            ):
                return False
            return folded[part.start : part.end] not in _MADE_THERE
        if isinstance(part, Milestone) and subject.kind in PRODUCTS and _NAMELESS.match(folded, part.end, sentence.end):
            return False
        begin = _begins(folded, sentence, sentence.start)
        it = _IT.match(folded, begin)
        titled = subject.id in self._about
        before = self._named_before(sentence) if subject.kind in ("chip", "system") else []
        if it is not None and not _POSSESSED.match(folded, begin) and before and not titled:
            if _OF_A_PRODUCT.match(it["noun"]) and before[-1] != subject.id:
                return False  # 这款芯片 is the one that was named last
        if it is not None:
            if subject.kind not in PRODUCTS or _OF_A_PRODUCT.match(it["noun"]) or _POSSESSED.match(folded, begin):
                return True
            if _OF_ANOTHER_KIND.match(folded, begin) and not _OF_A_PRODUCT.match(it["noun"]):
                return False  # 这套测试平台
        if isinstance(part, Note) and part.attribute == "codename":
            return False
        if subject.kind in PRODUCTS and (it := _IN_IT.search(folded, sentence.start, place)) is not None:
            return not any(n.kind in PRODUCTS and n.end <= it.start() and not n.against and not n.aside for n in sentence.names)
        if self._acts_another(sentence, subject, place, _THINGS):
            return False
        if _QUOTED.search(self._document.joined, sentence.start, place) is not None:
            return False
        if _STRANGE.match(self._document.joined, begin, place) and not self._document.known(begin, begin + 3):
            return False
        if subject.kind in PARTIES:
            if not folded.startswith("其中", sentence.start):
                return True
            return _first_word(sentence, begin, place) - begin <= _ZERO
        if titled:
            return True
        if len(before) > 1 or subject.start > sentence.end:
            return False
        return _first_word(sentence, begin, place) - begin <= _ZERO

    def _named_before(self, sentence: Sentence) -> list[str]:
        """The chips and systems that the three sentences before one name, each once, in order."""
        index = self._document.sentences.index(sentence)
        found = [
            name.id
            for earlier in self._document.sentences[max(0, index - 3) : index]
            for name in earlier.names
            if name.kind in ("chip", "system") and not name.against and not name.inner and not name.aside
        ]
        return list(dict.fromkeys(reversed(found)))[::-1]

    def _word_comes_later(self, sentence: Sentence, value: Value, attribute: str) -> bool:
        """Whether all the wording of an attribute stands in clauses behind its figure: 增加了两倍多，传闻性能可与…"""
        spans = sentence.cues.get(("near", attribute), ())
        return bool(spans) and all(start > value.end and sentence.apart(value.end, start) for start, _ in spans)

    def _has_its_word(self, sentence: Sentence, value: Value, attribute: str) -> bool:
        spans = sentence.cues.get(("near", attribute), ())
        return any(sentence.apart(start, value.start) == 0 for start, _ in spans)

    def _acts_another(self, sentence: Sentence, subject: Named, place: int, kinds: Collection[str], value: str = "") -> bool:
        """Whether a sentence names another company or chip before `place` that may be who it is about."""
        makers = self._kinds.makers
        own = makers.get(subject.id, frozenset())
        for name in sentence.names:
            if name.end > place:
                break
            if name.kind not in kinds or name.inner or name.against or name.counted or name.aside or name.id in (subject.id, value):
                continue
            if name.id in own or subject.id in makers.get(name.id, frozenset()):
                continue
            if _SPEAKS.match(self._folded, name.end) or _BY.search(self._folded, max(sentence.start, name.start - 4), name.start):
                continue
            return True
        return False


def _is_of_before(folded: str, sentence: Sentence, value: Value, subject: Named) -> bool:
    """Whether a figure is what was, beside what is: 从原来的12万左右，涨到了25万."""
    start, end = value.start, value.end
    if _WAS.search(folded, max(sentence.start, start - 20), start):
        return True
    begin = _FROM.search(folded, max(sentence.start, start - 16), start)
    if begin is None or subject.against or _TO.match(folded, end, sentence.end) is None:
        return False
    return not any(begin.start() <= mark.start and start - mark.end <= 2 for mark in sentence.times)


def _begins(folded: str, sentence: Sentence, start: int) -> int:
    """Where a clause from `start` on begins, behind its times and the words that only join it."""
    begin = start
    while True:
        match = _OPENING.match(folded, begin, sentence.end)
        place = match.end() if match is not None else begin
        for mark in sentence.times:
            if mark.start <= place + 1 and mark.end > place:
                place = mark.end
        if place == begin:
            return begin
        begin = place


def _first_word(sentence: Sentence, begin: int, place: int) -> int:
    """Where the first word of any rule stands behind `begin`: a clause that begins with one names nobody."""
    best = place
    for spans in sentence.cues.values():
        for start, _ in spans:
            if begin <= start < best:
                best = start
    for _, start, _ in (*sentence.links, *sentence.events, *sentence.conditions):
        if begin <= start < best:
            best = start
    return best
