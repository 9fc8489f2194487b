"""Claims of when something happened or is to happen: a milestone's wording with a time in its clause."""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from index.knowledge.claims.attributes import Attribute, Attributes
from index.knowledge.claims.document import Document, Named, Sentence
from index.knowledge.claims.kinds import PRODUCTS, Kinds
from index.knowledge.claims.periods import TimeMark
from index.knowledge.claims.subjects import Focus

_FARTHEST = 66
_CLAUSE = 40
_BEFORE_ALL = ("tape-out", "sampling", "volume-production", "sold-out", "completion", "construction")
"""Milestones whose wording is so particular that it goes before that of others in one clause."""


@dataclass(frozen=True, slots=True)
class Milestone:
    """A milestone read: of what, which one, when as written, and where the wording stands."""

    subject: Named
    attribute: Attribute
    time: TimeMark | None
    start: int
    end: int
    before: TimeMark | None = None
    """The time that was meant before, where the sentence says that it was put off."""


class MilestoneReader:
    """Reads the milestones of a sentence."""

    def __init__(self, attributes: Attributes, kinds: Kinds) -> None:
        self._milestones = attributes.milestones
        self._families = kinds.lists["families"]
        self._commodities = kinds.lists["commodities"]
        self._foundries = kinds.lists["foundries"]

    def read(self, document: Document, sentence: Sentence, focus: Focus) -> Iterator[Milestone]:
        """The milestones of `sentence` whose time and subject can be told, each time with its nearest wording."""
        others = [(tag[1], start, end) for tag, start, end in sentence.events if tag[0] == "without"]
        cues = [
            (start, end, self._milestones[key])
            for (role, key), start, end in sentence.events
            if role == "near" and not any(key == other and a <= start and end <= b for other, a, b in others)
        ]
        yield from self._states(document, sentence, focus)
        if not cues or not sentence.times:
            return
        cues.sort(key=lambda cue: (cue[0], -cue[1]))
        seen: set[tuple[str, str, int]] = set()
        days = [time for time in sentence.times if time.day is not None]
        put_off = _put_off(document.folded, sentence)
        for time in sentence.times:
            if put_off is not None and time is put_off[0]:
                continue
            if _of_the_report(document.folded, sentence, time) or (days and time not in days and _vaguer(time)):
                continue
            best: tuple[float, int, int, Attribute] | None = None
            for start, end, attribute in cues:
                far = _far(sentence, start, end, time)
                if attribute.id in _BEFORE_ALL:
                    far -= 12
                if best is None or far < best[0] or (far == best[0] and end - start > best[2] - best[1]):
                    best = (far, start, end, attribute)
            if best is None or best[0] > _FARTHEST:
                continue
            far, start, end, attribute = best
            if any(_far(sentence, start, end, other) < far - 14 for other in sentence.times if other is not time):
                continue  # the wording has a time of its own
            if attribute.id == "announced" and sentence.near("planned", start):
                attribute = self._later(cues, start, end) or attribute
            if document.folded[time.start] == "当" or ("device", "") in sentence.cues:
                continue  # 当月 is the month spoken of; and what is brought out is the device
            if document.folded.startswith("的", end) and _NAMELESS.match(document.folded, end, sentence.end):
                if not any(end < name.start <= end + 14 and name.kind in PRODUCTS for name in sentence.names):
                    continue  # 2020年上市的第10代酷睿处理器
            if time.end - time.start == 4 and _EVENT.search(document.folded, max(sentence.start, time.start - 12), time.start):
                continue  # FMS 2023 is an event's name
            if attribute.id == "availability" and _LISTED_ON.search(document.folded, sentence.start, sentence.end):
                continue
            if attribute.id == "announced" and _of_another_kind(document.folded, sentence, start, end):
                continue
            if attribute.id == "announced" and _SAYS_MORE.match(document.folded, end, min(sentence.end, end + 24)):
                continue  # 公布讯飞星火将与昇腾联合: that is no product's announcement
            if document.folded.startswith((" that ", " to "), end) and attribute.id == "announced":
                continue
            if sentence.near("negated", start) and attribute.id != "sold-out":
                if not _NOT_BEFORE.search(document.folded, sentence.start, time.start):
                    continue
            for subject in self._subjects(document, sentence, attribute, start, end, time, focus):
                key = (subject.id, attribute.id, time.start)
                if key not in seen and subject.id not in self._families:
                    seen.add(key)
                    before = put_off[0] if put_off is not None and time is put_off[1] else None
                    yield Milestone(subject, attribute, time, start, end, before)

    def _states(self, document: Document, sentence: Sentence, focus: Focus) -> Iterator[Milestone]:
        """Milestones that the sentence says are reached, without a time: it is in full production."""
        if sentence.times:
            return
        for (role, key), start, end in sentence.events:
            if role == "state" and _IF.search(document.folded, sentence.start, start):
                continue
            if role == "state" and not sentence.near("planned", start) and not sentence.near("negated", start):
                for subject in self._subjects(document, sentence, self._milestones[key], start, end, None, focus):
                    if subject.id in self._families:
                        continue
                    yield Milestone(subject, self._milestones[key], None, start, end)

    def _of_others(self, sentence: Sentence, found: Named, focus: Focus, place: int) -> bool:
        """Whether the clause says of a company, or an office, that has nothing to do with what the text is about."""
        companies = [
            name
            for name in sentence.names
            if name.kind in ("company", "organisation")
            and not name.inner
            and name.end <= place
            and (sentence.apart(name.end, place) == 0 or place - name.end <= 16)
        ]
        behind = focus.above.get(found.id, frozenset())
        return (
            bool(companies)
            and found.kind in PRODUCTS
            and bool(behind)
            and not any(name.id in behind or behind & focus.above.get(name.id, frozenset()) for name in companies)
        )

    def _whose_chips(self, folded: str, sentence: Sentence, foundry: Named) -> Named | None:
        """Whose nameless chips a foundry makes: 谷歌的自研芯片由台积电量产."""
        if foundry.id not in self._foundries:
            return None
        for name in sentence.names:
            if name.kind == "company" and name.end <= foundry.start and name.id not in self._foundries and not name.inner:
                if _OWN_CHIPS.match(folded, name.end, foundry.start):
                    return name
        return None

    def _later(self, cues: Sequence[tuple[int, int, Attribute]], start: int, end: int) -> Attribute | None:
        """What is to be brought out is not announced but will be available, where the wording may mean both."""
        for other_start, other_end, attribute in cues:
            if (other_start, other_end) == (start, end) and attribute.id == "availability":
                return attribute
        return None

    def _subjects(
        self,
        document: Document,
        sentence: Sentence,
        attribute: Attribute,
        start: int,
        end: int,
        time: TimeMark | None,
        focus: Focus,
    ) -> list[Named]:
        """What the milestone is of: behind an announcement, before anything else; or what the text is about."""
        kinds = attribute.of
        names = [
            name
            for name in sentence.names
            if name.kind in kinds
            and not name.inner
            and not name.counted
            and (name.kind not in PRODUCTS or not name.against)
            and not (
                name.kind == "node" and _BY_MEANS.search(document.folded, max(sentence.start, name.start - 14), name.start)
            )
            and (name.id not in self._commodities or attribute.id in ("volume-production", "sold-out"))
        ]
        if _PLANT.search(document.folded, sentence.start, sentence.end) and "company" in kinds:
            names = [name for name in names if name.kind == "company"]
            kinds = ("company",)
        agent = next(
            (
                n
                for n in reversed(sentence.names)
                if n.id in self._foundries and n.end <= start and sentence.apart(n.end, start) <= 1
            ),
            None,
        )
        if (
            agent is not None
            and attribute.id in ("volume-production", "tape-out")
            and _THESE_CHIPS.search(document.folded, end, min(sentence.end, end + 24))
        ):
            owner = focus.find(("chip", "system")) or focus.find(("company",), {agent.id})
            return [replace_place(owner, start)] if owner is not None else []
        direct = [n for n in names if 0 <= n.start - end <= 4]
        main = [name for name in names if name.kind in ("chip", "system", "software")] or names
        behind = [name for name in main if name.start >= end and not _broken(document.folded, sentence, end, name.start)]
        before = [name for name in main if name.end <= start]
        chosen: Named | None
        if direct and document.folded[end : direct[0].start] == "的":
            return [direct[0]]
        if _OF_SOMEBODYS.match(document.folded, end) and not direct:
            follows = next((name for name in sentence.names if 0 <= name.start - end <= 3), None)
            if follows is not None and follows.kind == "company":
                return []  # 将于第二季度推出的英伟达GPU has no name
        if _PRONOUN.match(document.folded, end):
            chosen = None
            found = focus.find([kind for kind in kinds if kind in PRODUCTS])
            if attribute.id == "announced":
                return [replace_place(found, start)] if found is not None else []
        elif attribute.id == "announced":
            reach = _OBJECT if document.folded[start].isascii() else _OBJECT_HAN
            english = document.folded[start].isascii()
            if not english and document.folded.startswith("的", end) and not direct:
                return []  # 公布的第二季度收入预测
            behind = [
                n for n in main if end <= n.start <= end + reach and sentence.apart(end, n.start) <= (1 if english else 0)
            ]
            before = [name for name in before if not english or sentence.apart(name.end, start) == 0]
            apart = [name for name in main if name.end <= start and _RELATIVE.fullmatch(document.folded, name.end, start)]
            earlier = apart or before
            chosen = direct[0] if direct else behind[0] if behind else earlier[-1] if earlier else None
            if chosen is None and _IT.match(document.folded, sentence.start, start):
                chosen = focus.find([kind for kind in kinds if kind in PRODUCTS])
                return [replace_place(chosen, start)] if chosen is not None else []
            if chosen is None:
                return []
        elif _IT.match(document.folded, sentence.start, start) and not any(name.kind in PRODUCTS for name in before):
            found = focus.find([kind for kind in kinds if kind in PRODUCTS])
            return [replace_place(found, start)] if found is not None else []
        else:
            close = [name for name in before if sentence.apart(name.end, start) <= 1]
            chosen = close[-1] if close else before[-1] if before else behind[0] if behind else None
            if chosen is not None and chosen.kind == "company":
                made = [name for name in behind if name.kind in PRODUCTS]
                chosen = made[0] if made else self._whose_chips(document.folded, sentence, chosen) or chosen
        if chosen is not None and any(end <= left < chosen.start or chosen.end <= left < start for left, _ in sentence.foreign):
            return []
        if chosen is None and any(sentence.apart(start, left) == 0 for left, _ in sentence.foreign):
            return []
        if chosen is None:
            products = [kind for kind in kinds if kind in PRODUCTS]
            found = focus.find(products) or focus.find(kinds)
            if (
                found is not None
                and found.kind == "company"
                and not _OF_CHIPS.search(document.folded, sentence.start, sentence.end)
            ):
                return []
            if any(name.counted and name.kind in products for name in sentence.names) and attribute.id == "deployment":
                return []  # 200块A100 and a machine that is to run: the machine has no name here
            if found is None or self._of_others(sentence, found, focus, start):
                return []
            if not any(attribute.id == each for each in _BEFORE_ALL) and not _OF_A_PRODUCT.search(
                document.folded, sentence.start, sentence.end
            ):
                return []  # nothing says that it goes on about a product
            return [replace_place(found, start)]
        if chosen.kind == "company" and not _OF_CHIPS.search(document.folded, sentence.start, sentence.end):
            return []
        return [chosen, *_beside(document.folded, names, chosen)]


_SAYS_MORE = re.compile(r"[^，。；,;]{2,14}(?<!即)将与|[^，。；,;]{2,12}已(?:经)?(?:被|向)")
_NAMELESS = re.compile(r"的[^，。；,;]{0,16}(?:处理器|芯片|显卡|gpu|cpu|产品|型号|手机|系列)")
_EVENT = re.compile(r"[一-鿿][^，。；,;]{0,2}[a-z]{2,} $")
_BY_MEANS = re.compile(r"(?:采用|基于|使用|以|用)[^，。；,;]{0,8}$|\b(?:on|in|at|uses?|using) (?:[\w'-]+ ){0,2}$")
_IF = re.compile(r"如果|若(?!干)|一旦|假如|\bif\b|\bonce\b")
_LISTED_ON = re.compile(r"纳斯达克|交易所|\bipo\b|科创板|招股|港交所|创业板|挂牌|借壳|\bnasdaq\b|stock exchange")
_OF_A_PRODUCT = re.compile(
    r"芯片|晶片|处理器|加速[器卡]|\bgpus?\b|显卡|产品|系统|服务器|模型|该|其|它|这[款颗批]|实例|工艺|制程|版本|样品|虚拟机"
    r"|服务|平台|机柜|内存"
    r"|\b(?:it|its|they|this|these|chips?|parts?|processors?|accelerators?|products?|systems?|services?|models?|instances?"
    r"|versions?|cards?|both|devices?|machines?|shipments?|customers)\b"
)
_OF_SOMEBODYS = re.compile(r"的 ?")
_OWN_CHIPS = re.compile(
    r"(?:的|计划|打算|首款|首颗|将|正|在|用|上)*(?:自研|自主研发|自家|定制)[^，。；,;]{0,16}(?:芯片|晶片|处理器)"
    r"|(?:'s)? (?:\w+ ){0,4}?(?:own|custom|in-house|home-grown)[\w -]{0,24} (?:chips?|processors?|silicon|accelerators?)"
)
_PLANT = re.compile(r"新厂|(?<!代)工厂|封装厂|晶圆厂|\bfabs?\b|\bplants?\b|\bfactory|厂房")
_THESE_CHIPS = re.compile(
    r"(?:这|其|该|两款|上述)[^，。；,;]{0,6}(?:芯片|晶片|处理器)|\b(?:them|it|these chips|the chips?|both)\b"
)
_OF_CHIPS = re.compile(
    r"芯片|晶片|晶圆|制程|工艺|厂|封装|内存|记忆体|处理器|算力|产能|存储|光刻|技术|\b(?:chips?|wafers?|"
    r"process|plants?|fabs?|memory|processors?|packaging|capacity|nm)\b|\d ?(?:nm|纳米)"
)
_OBJECT, _OBJECT_HAN = 64, 28
"""How far behind a word of announcing what is announced may stand, in characters."""
_NOT_BEFORE = re.compile(r"\bnot [\w ]{0,14}(?:before|until) (?:the )?$|要到[^，。；,;]{0,6}$")
_OTHER_NEWS = re.compile(
    r"(?: an?| the| its| their| new| that)*(?: [\w-]+){0,3}? (?:collaborations?|partnerships?|deals?|"
    r"agreements?|plans?|results?|reports?|rules?|orders?|investments?"
    r"|cuts|layoffs|forecasts?|guidance|figures|limits?|controls?|updates?|data|prices?|measures?|stud(?:y|ies))\b"
    r"|(?:了)?[^，。；,;]{0,8}(?:合作|新规|规则|报告|财报|业绩|数据|计划|名单|措施|管制|公告|声明|投资|收购|协议|演讲|论文)"
)
_IT = re.compile(
    r"(?:该|这[款颗枚]|此)(?:芯片|产品|处理器|加速器|加速卡|系统)|它(?![的们])"
    r"|(?:it|the (?:new )?(?:chips?|parts?|processors?|accelerators?|gpus?|systems?|services?|devices?))\b(?!')"
)
_RELATIVE = re.compile(r",? (?:which|that) (?:[\w.&'-]+ ){1,4}|, (?:first |newly |also )?")
"""What stands between a product and the verb of a clause about it: Gaudi 3, described on Tuesday."""
_PRONOUN = re.compile(r" (?:it|them|the part|the chip|the processor|the accelerator)\b")


_PUT_OFF = re.compile(
    r"[^，。；,;]{0,12}(?:延后|推迟|延期|延|推后|delayed|postponed|pushed back|"
    r"slipped)[^，。；,;]{0,6}(?:至|到|to|until) ?[^，。；,;]{0,4}"
)


def _broken(folded: str, sentence: Sentence, left: int, right: int) -> bool:
    """Whether a clause ends between two places; brackets end none: 推出基于18A（1.8nm）工艺的芯片."""
    return sentence.apart(left, right) > 0 and any(left <= at < right and folded[at] not in "()" for at in sentence.breaks)


def _put_off(folded: str, sentence: Sentence) -> tuple[TimeMark, TimeMark] | None:
    """The time that was meant and the one that is meant now, where the sentence puts something off."""
    for before, now in itertools.pairwise(sentence.times):
        if _PUT_OFF.fullmatch(folded, before.end, now.start):
            return before, now
    return None


def _of_another_kind(folded: str, sentence: Sentence, start: int, end: int) -> bool:
    """Whether what is announced is no product (a collaboration, a rule), or a medium does the announcing."""
    if _OTHER_NEWS.match(folded, end):
        return True
    before = [name for name in sentence.names if name.end <= start and not name.inner]
    return bool(before) and before[-1].kind in ("medium", "analyst") and sentence.apart(before[-1].end, start) <= 1


def replace_place(name: Named, place: int) -> Named:
    """`name`, said of something at `place` that does not name it."""
    return replace(name, start=place, end=place)


def _beside(folded: str, names: list[Named], chosen: Named) -> list[Named]:
    """Names joined to `chosen` by nothing but "and" or a comma."""
    found: list[Named] = []
    for name in names:
        if name.id == chosen.id or name.kind != chosen.kind:
            continue
        left, right = sorted((name, chosen), key=lambda each: each.start)
        if folded[left.end : right.start].strip() in ("and", "与", "和", "、", ",", "及", "以及", "/"):
            found.append(name)
    return found


def _of_the_report(folded: str, sentence: Sentence, time: TimeMark) -> bool:
    """Whether a time is that of a report on the matter: Reuters reported in February that…"""
    announced = {start for (role, key), start, _ in sentence.events if (role, key) == ("near", "announced")}
    for start, _ in sentence.cues.get(("said", ""), ()):
        if start not in announced and 0 <= start - time.end <= 2 and not folded[start].isascii():
            return folded[start : start + 2] not in ("宣布", "披露")  # 10日表示
    for start, _ in sentence.cues.get(("reported", ""), ()):
        if 0 <= start - time.end <= 2 and not folded[start].isascii():
            return True  # 新闻网8月2日报道
        if time.end <= start <= time.end + 24 and time.start - sentence.start < 6 and not folded[start].isascii():
            return True  # 早在二月,The Information报道
    for role, reach in (("reported", 9), ("said", 7)):
        for start, end in sentence.cues.get((role, ""), ()):
            if start in announced:
                continue
            if 0 <= time.start - end <= reach and folded[end].isascii() and folded[start:end] not in _TELLS_OF_ITSELF:
                return True
    return False


_TELLS_OF_ITSELF = ("announced", "presented", "disclosed")


def _vaguer(time: TimeMark) -> bool:
    """Whether a time only repeats what a day beside it says better: four weeks earlier, on July 26."""
    return time.away is not None and time.unit in ("week", "month") and time.away < 0


def _far(sentence: Sentence, start: int, end: int, time: TimeMark) -> float:
    gap = max(0, time.start - end if time.start >= end else start - time.end)
    breaks = sentence.apart(start, time.start)
    if time.start - sentence.start < 14 and time.end <= start:
        return gap * 0.6 + 8 * breaks  # a time at the beginning is that of the whole sentence
    return gap + _CLAUSE * breaks
