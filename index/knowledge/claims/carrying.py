"""Whether a sentence goes on about what only the text before it names.

A Chinese sentence that goes on says so: it begins with 其, 该芯片 or 这款, or names nobody and begins with what is said.
Where it names another company or thing first, or begins with words that no rule knows, it is about that.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection

from index.knowledge.claims.document import Document, Named, Sentence
from index.knowledge.claims.figures import Figure
from index.knowledge.claims.kinds import PARTIES, PRODUCTS, Kinds
from index.knowledge.claims.milestones import Milestone
from index.knowledge.claims.notes import Note
from index.knowledge.claims.relations import Link

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
_IN_IT = re.compile(
    r"[，,：:；;称说示](?=(?:其(?!他|它|余|实|次|中|竞争)|它(?!们)|[该这](?:[款颗块套])?(?:芯片|处理器|产品|显卡|系统|服务器|加速[卡器])))"
)
_SPEAKS = re.compile(r"[^，。；,;]{0,8}?(?:称|表示|说|介绍|透露|宣布|指出|给出|强调|的说法)")
_BY = re.compile(r"(?:由|用|按|据|为|给|向|与|和|同|跟|比|在|以|于|从|采用|基于|包括|、)\s?$")
_NAMELESS = re.compile(
    r"(?:了|出)?(?:[^，。；,;]{0,18}的)?[^，。；,;]{0,6}(?:芯片|处理器|显卡|产品|服务器|服务|系统|模型|手机|汽车|车型|终端|笔记本|电脑|平台|系列|订单|晶圆|工厂)"
)
_MADE_THERE = ("量产", "生产", "制造")
_ZERO, _ABOUT = 4, 0.6
"""How far behind the opening of a clause a word of the claim stands where nobody is named to begin it; and the share of all
mentions of chips and systems from which a text is about one."""
_A_CHIP_OF_ITS = re.compile(r"芯片|晶片|处理器|gpu|cpu|npu|tpu|asic|加速[卡器]|显卡|芯|它|其|该|产品")
_QUOTED = re.compile(r"[“「『\"][A-Za-z][A-Za-z]+[\w -]*[”」』\"]")


class Carrying:
    """Tells of the parts read in one document whether their sentences may go on about their subjects."""

    def __init__(self, document: Document, kinds: Kinds) -> None:
        self._document = document
        self._folded = document.folded
        self._kinds = kinds
        self._starts = [sentence.start for sentence in document.sentences]
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

    def carries(self, sentence: Sentence, part: Figure | Milestone | Link | Note, place: int) -> bool:
        """Whether a sentence goes on about what only the text before it names."""
        folded, subject = self._folded, part.subject
        if isinstance(part, Note) and part.attribute not in ("codename", "memory-type"):
            return True
        if isinstance(part, Link):
            if part.relation.id in _OF_ONE and self._acts_another(sentence, subject, place, _THINGS, part.value.id):
                return False
            if part.relation.id == "developer" and (
                subject.kind not in ("chip", "system")
                or not _A_CHIP_OF_ITS.search(
                    folded, part.start, min([part.end + 16, *(at for at in sentence.breaks if at >= part.end)])
                )
            ):
                return False
            return folded[part.start : part.end] not in _MADE_THERE
        if isinstance(part, Milestone) and subject.kind in PRODUCTS and _NAMELESS.match(folded, part.end, sentence.end):
            return False
        begin = begins(folded, sentence, sentence.start)
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
        index = bisect_left(self._starts, sentence.start)
        found = [
            name.id
            for earlier in self._document.sentences[max(0, index - 3) : index]
            for name in earlier.names
            if name.kind in ("chip", "system") and not name.against and not name.inner and not name.aside
        ]
        return list(dict.fromkeys(reversed(found)))[::-1]

    def _acts_another(self, sentence: Sentence, subject: Named, place: int, kinds: Collection[str], value: str = "") -> bool:
        """Whether a sentence names another company or chip before `place` that may be who it is about."""
        makers = self._kinds.makers
        own = makers.get(subject.id, frozenset())
        for name in sentence.names:
            if name.end > place:
                break
            if (
                name.kind not in kinds
                or name.inner
                or name.against
                or name.counted
                or name.aside
                or name.id in (subject.id, value)
            ):
                continue
            if name.id in own or subject.id in makers.get(name.id, frozenset()):
                continue
            if _SPEAKS.match(self._folded, name.end) or _BY.search(
                self._folded, max(sentence.start, name.start - 4), name.start
            ):
                continue
            return True
        return False


def begins(folded: str, sentence: Sentence, start: int) -> int:
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
