"""Whose figure it is: the name beside it, or what the sentence, the paragraph or the article is about."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from index.knowledge.claims.document import Document, Named, Sentence
from index.knowledge.claims.kinds import PRODUCTS
from index.knowledge.claims.values import Value

_TOWARDS = re.compile(
    r"(?:买入|买下|收购|入股|减持|增持|出售|向|对于?|给|从|因应|针对|面对|来自|由于|随着|为满足|为应对|投资|注资|参投|领投|与|和|跟|同|联合"
    r"|携手) ?$|\b(?:from|to|with|in) $"
)
_TOGETHER = re.compile(
    r"(?:[（(][^（()）]*[）)])?[^，。；,;]{0,12}(?:合作|联合|共同|一起|携手|合资)|[（(]?[^，。；,;]{0,6}[，,]"
)
_EXPECTED_OF = re.compile(r"预估|预期|预测|预计|估值|估计")
_TOTAL = re.compile(
    r"合计|总|共享|\bper node|\bper instance|\baltogether|\bin total|\btogether|\bcombined|an? eight-way|整机|单机|八卡"
)
_MADE_UP = re.compile(
    r"[^。；]{0,16}(?:组成|构成|合成|拼成|连成|连接成)(?:了|一台|一个)?\s?|[^.;]{0,30}\b(?:form|forms|"
    r"make up|makes up|to form)(?: an?| the)? "
)
_BEHIND = re.compile(
    r" ?(?:of [a-z][\w .-]{0,22} )?(?:in|for|on|per|of|with)(?: (?:the|an?|its|each|every|one|a single|"
    r"current|[a-z]+'s))*(?: [a-z-]+)?\s*"
)
_BEHIND_HAN = re.compile(r"[^，。；：,;:]{0,12}的(?:[一-鿿]{0,4})?\s?")
RATIO_UNITS = frozenset(("%", "x", "part"))
_OF_A_FOLLOWING = re.compile(r".*[的给予于到]|.*\b(?:from|in|into|to)\b")
_REACH, _REACH_HAN = 170, 70
"""Characters between a name and its figure, at most, in one sentence."""


@dataclass
class Focus:
    """What the text is about at the sentence being read: names of the paragraph, the section, the title, and before."""

    seen: list[Named] = field(default_factory=list)
    """Every product that the paragraph has named so far, compared with or not."""
    title: list[Named] = field(default_factory=list)
    section: list[Named] = field(default_factory=list)
    paragraph: list[Named] = field(default_factory=list)
    before: list[Named] = field(default_factory=list)
    number: int = -1
    blocked: bool = False
    estranged: bool = False
    """Whether the last company that was named is one that the catalogue does not know."""
    above: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, document: Document, above: Mapping[str, frozenset[str]]) -> "Focus":
        """The focus at the beginning of `document`, which its title sets, or its first sentences.

        Args:
            above: what an entity belongs to. The generation of what the title names is no new subject.
        """
        focus = cls(above=above)
        for sentence in document.sentences[:4]:
            names = [name for name in sentence.names if not name.inner and not name.against and not name.counted]
            if sentence.title or not any(name.kind in ("chip", "system", "software", "memory") for name in focus.title):
                focus.title.extend(names)
        return focus

    def enter(self, sentence: Sentence) -> None:
        """Begin to read `sentence`."""
        if sentence.paragraph != self.number:
            self.before = self.paragraph[-4:] or self.before
            self.paragraph = []
            self.seen = []
            self.number = sentence.paragraph
        if sentence.heading:
            self.section = [name for name in sentence.names if not name.against]

    def leave(self, sentence: Sentence) -> None:
        """Remember what `sentence` was about for those that follow it."""
        if sentence.strangers:
            self.estranged = True
        if not sentence.names and not sentence.foreign:
            return
        main = main_names(sentence)
        if any(name.kind == "company" and name.start < 12 + sentence.start for name in main) or (
            not sentence.strangers and any(name.kind == "company" for name in main)
        ):
            self.estranged = False
        self.seen.extend(name for name in sentence.names if name.kind in ("chip", "system"))
        general = {each for name in self.title for each in self.above.get(name.id, ())}
        self.paragraph.extend(name for name in main if name.kind not in PRODUCTS or name.id not in general)
        if sentence.foreign and not any(name.kind in PRODUCTS for name in main):
            self.paragraph = [name for name in self.paragraph if name.kind not in PRODUCTS]
            self.blocked = True
        elif main:
            self.blocked = False

    def find(self, kinds: Collection[str], without: Collection[str] = ()) -> Named | None:
        """What of one of `kinds` the text is about: what the paragraph spoke of last, and first of all the article's subject.

        Args:
            without: ids that are not meant.
        """
        if self.estranged and "company" in kinds:
            return None
        recent = [name for name in reversed(self.paragraph) if name.kind in kinds and name.id not in without]
        if recent:
            titled = {name.id for name in self.title}
            return next((name for name in recent if name.id in titled), recent[0])
        if self.blocked:
            return None
        found = self.topic(kinds)
        if found is not None and found.id not in without:
            return found
        return next((name for name in reversed(self.before) if name.kind in kinds and name.id not in without), None)

    def topic(self, kinds: Collection[str]) -> Named | None:
        """What the section or the whole article is about."""
        for name in self.section:
            if name.kind in kinds:
                return name
        titled = [name for name in self.title if name.kind in kinds]
        return titled[0] if titled and len({name.id for name in titled}) <= 2 else None


def main_names(sentence: Sentence) -> list[Named]:
    """What a sentence is about: its first product and its first company that are no side matter."""
    found: list[Named] = []
    seen: set[bool] = set()
    chips = [name for name in sentence.names if name.kind in ("chip", "system") and not name.against]
    alone = bool(chips) and all(name.counted for name in chips)
    for name in sentence.names:
        product = name.kind in PRODUCTS
        if (
            name.against
            or (name.counted and not alone)
            or name.inner
            or (name.aside and name.kind != "company")
            or product in seen
            or name.kind in ("medium", "analyst", "other")
        ):
            continue
        if product and name.kind in ("memory", "node", "link", "arch", "model"):
            if any(other.kind in ("chip", "system") and not other.against for other in sentence.names):
                continue
        seen.add(product)
        found.append(name)
    return found


def subject_of(
    document: Document, sentence: Sentence, value: Value, kinds: Sequence[str], focus: Focus, *, named: bool
) -> Named | None:
    """What has the figure `value`, among names of `kinds`; None where that cannot be told.

    Args:
        named: whether it must stand in the same sentence, because nothing else says that it is meant.
    """
    folded = document.folded
    if value.unit not in RATIO_UNITS and (others := _of_the_compared(folded, sentence, value, kinds)) is not None:
        return others
    if value.unit not in ("chip", "system"):
        behind = _behind(folded, sentence, value, kinds)
        if behind is not None:
            return behind
    else:
        made = _made_up(folded, sentence, value)
        if made is not None:
            return made
    candidates = [
        name
        for name in sentence.names
        if name.kind in kinds
        and not name.inner
        and name.end <= value.start
        and not (name.kind == "company" and (name.against or _towards(folded, sentence, name, value.start)))
    ]
    general = {each for name in candidates for each in focus.above.get(name.id, ())}
    total = _TOTAL.search(folded, max(sentence.start, value.start - 14), min(sentence.end, value.end + 34)) is not None
    reach = _REACH if folded[value.start - 1 : value.start].isascii() and folded[sentence.start].isascii() else _REACH_HAN
    whole = _composed(folded, candidates)
    for preferred in _by_preference(kinds):
        for name in reversed(candidates):
            if name.kind not in preferred or name.against or value.start - name.end > reach:
                continue
            if name.aside or (name.kind in PRODUCTS and name.id in general):
                continue
            if name.kind == "link" and name.start > sentence.start + 12:
                continue  # what a chip is linked by
            if total and name.counted:
                continue
            if whole is not None and name.id != whole.id and name.kind in ("chip", "system") and value.start - name.end > 12:
                continue
            if name.counted and (name.kind == "memory" or not _each(folded, sentence, name, value)):
                continue
            if any(name.end <= start < value.start for start, _ in sentence.foreign):
                return None
            if name.kind == "company" and kinds[0] == "company" and (near := _nearest_thing(candidates, value)) is not None:
                return near
            if name.kind == "company" and _OF_ANOTHER.search(folded, name.end, value.start):
                return None  # 中芯国际的532亿元和百济神州的221亿元
            return _first_of_list(folded, candidates, name)
    if any(start < value.start for start, _ in sentence.foreign):
        return None
    following = [
        name
        for name in sentence.names
        if name.kind in kinds and name.start >= value.end and not name.inner and not name.against and not name.counted
    ]
    if value.unit == "chip" and kinds[0] == "system" and _MACHINE.search(folded, value.end, min(sentence.end, value.end + 30)):
        counted = [name for name in sentence.names if name.counted and value.start <= name.start < value.end]
        if counted:
            return counted[0]  # 4,000 TPU v4 joined into one supercomputer: it has no name of its own
    found = None if named else _in_focus(focus, kinds, value)
    if found is not None and any(name.against and name.id == found.id for name in sentence.names):
        found = None  # what something is compared with has no part in it
    if found is not None and found.kind == "company" and not _of_the_same(folded, sentence):
        found = None
    if found is not None:
        return found
    for name in following:
        if (
            name.kind == "company"
            and kinds[0] == "company"
            and value.unit not in RATIO_UNITS
            and _OF_A_FOLLOWING.match(folded, value.end, name.start)
        ):
            continue  # who has invested 1.3 trillion is named before, or unknown
        if sentence.apart(value.end, name.start) == 0:
            return name
    return None


def _towards(folded: str, sentence: Sentence, name: Named, place: int) -> bool:
    """Whether a company is only dealt with, alone or in a list: 向英伟达, 因应英伟达、AMD的需求; not where it is spoken of."""
    start = name.start
    for other in sentence.names:
        if other.id == name.id and other.end < start <= other.end + 2:
            start = other.start  # 应用材料公司（Applied Materials）
    for other in reversed(sentence.names):
        if other.end <= start and other.kind == "company" and folded[other.end : start].strip() in _AND:
            start = other.start
    towards = _TOWARDS.search(folded, max(sentence.start, start - 8), start)
    if towards is None:
        return False
    if towards.group().strip() in ("与", "和", "跟", "同", "联合", "携手"):
        return _TOGETHER.match(folded, name.end) is not None
    return not (towards.group().strip()[0] == "对" and _EXPECTED_OF.search(folded, name.end, place))


def _of_the_compared(folded: str, sentence: Sentence, value: Value, kinds: Collection[str]) -> Named | None:
    """What something is compared with, where the figure is its own: 低于Meteor Lake的128 EU."""
    for name in sentence.names:
        if name.against and name.kind in kinds and name.end <= value.start:
            if folded[name.end : value.start].strip() in ("", "的", "的约", "的仅"):
                return name
    return None


def _nearest_thing(candidates: Sequence[Named], value: Value) -> Named | None:
    """The memory or the packaging right before a figure: its growth it is, though a company is named, too."""
    last = candidates[-1] if candidates else None
    if last is not None and last.kind in ("memory", "packaging") and value.start - last.end <= 10 and not last.against:
        return last
    return None


def _composed(folded: str, names: Sequence[Named]) -> Named | None:
    """What the names behind it are parts of: GH200 combines a Grace processor with a Hopper GPU."""
    for name in names:
        if name.kind in ("chip", "system") and not name.against:
            return name if _COMPOSES.match(folded, name.end) else None
    return None


def _in_focus(focus: Focus, kinds: Sequence[str], value: Value) -> Named | None:
    """What the text is about, things before those who make them; for a number of chips, systems before chips."""
    if value.unit == "chip" and kinds[0] == "system":
        return focus.find(("system",)) or focus.find(("software",))
    if kinds[0] == "company":
        return focus.find(("company",)) or focus.find(kinds)
    products = [kind for kind in kinds if kind in PRODUCTS]
    found = focus.find(products) if products else None
    return found or focus.find([kind for kind in kinds if kind not in PRODUCTS])


def _of_the_same(folded: str, sentence: Sentence) -> bool:
    """Whether a sentence without a company's name goes on about the one before it, and not about one that nobody knows."""
    begin = sentence.start
    if not _HAN.search(folded, begin, min(sentence.end, begin + 12)):
        return True
    for mark in sentence.times[:1]:
        if mark.start - begin < 3:
            begin = mark.end + (folded[mark.end : mark.end + 1] in ("，", ","))
    opening = next((place for place in sentence.breaks if place > begin), sentence.end)
    if _STRANGER.search(folded, begin, min(opening, begin + 14)) and not any(
        begin <= n.start < opening for n in sentence.names
    ):
        return False
    if _ANOTHER.search(folded, begin, min(opening, begin + 40)):
        return False
    return _GOES_ON.match(folded, begin) is not None


def _made_up(folded: str, sentence: Sentence, value: Value) -> Named | None:
    """What the counted chips make up: 一颗Grace处理器配两颗B200，组成GB200."""
    for name in sentence.names:
        if name.start > value.end and not name.counted and name.kind in ("chip", "system"):
            gap = folded[value.end : name.start]
            return (
                name if _MADE_UP.fullmatch(gap) or (name.kind == "system" and gap.strip() in (",", "，", "：", "the")) else None
            )
    return None


def _first_of_list(folded: str, candidates: Sequence[Named], name: Named) -> Named:
    """The first of names that are joined by "and": what is said of the last is said of all."""
    for other in reversed(candidates):
        if (
            other.end <= name.start
            and other.kind == name.kind
            and other.counted == name.counted
            and folded[other.end : name.start].strip() in _AND
        ):
            name = other
    return name


_HAN = re.compile("[一-鿿]")
_OF_ANOTHER = re.compile(r"[和与、，,][一-鿿]{2,6}(?<![年季月期度额入润率价模值者])的约?\s?$")
_STRANGER = re.compile(r"[a-z]{4,}")
_ANOTHER = re.compile(r"后者|前者|全球|行业|企业|我国|美国|央行|[^，]{2,5}市场(?!份额|占有)|持仓")
"""What a figure is of that is no company's."""
_GOES_ON = re.compile(
    r"(?:在?截至|净亏|归母|营业|经调整|调整后|单季|整体|公司|该公司|该集团|集团|其(?!中一)|据悉|据了解|此外|其中|同时|而"
    r"|不过|但|另外|今年|去年|明年|20\d\d"
    r"|第?[一二三四]季|上半年|下半年|前[一二三]季|本季|当季|单季|全年|净利|营收|营业|收入"
    r"|毛利|数据中心|游戏|网络|云|展望|预计|预估|截至|财报|业绩|报告期|报告|每|三季度|二季度|一季度|四季度|目前|当前"
    r"|相比|与|归属|产能|资本|执行长|财务长|管理层|董事长|首席|总裁)"
)
_COMPOSES = re.compile(
    r"(?: superchip| system)? (?:combines|joins|pairs|puts|links|consists of|is made of)\b|(?:超级芯片|"
    r"机柜)?(?:则|就)?(?:把|将|由|集成|包含)"
)
_MACHINE = re.compile(r"超级计算机|超算|集群|supercomputer|cluster|machine")
_AND_GAP = re.compile(r"(?: ?gpus?| ?chips?|芯片)?(?: and |、|和)")
_AND = ("and", "or", "/", "、", "和", "与", "或", "及", "与大容量")


def _by_preference(kinds: Sequence[str]) -> Iterable[Collection[str]]:
    """Chips and systems first, wherever they stand, then the other kinds one by one; a company's figures are its own first."""
    if kinds[0] == "company":
        return [(kind,) for kind in kinds]
    if kinds[0] == "system":
        return [(kind,) for kind in kinds]
    main = [kind for kind in kinds if kind in ("chip", "system")]
    return [main, *((kind,) for kind in kinds if kind not in main)]


def _behind(folded: str, sentence: Sentence, value: Value, kinds: Collection[str]) -> Named | None:
    """The name that a figure is said to be of: 80 billion in the H100, 80GB的H100."""
    for name in sentence.names:
        if name.start < value.end or name.kind not in kinds or name.inner or name.counted or name.kind == "link":
            continue
        if name.start > value.end + 44:
            return None
        gap = folded[value.end : name.start]
        if _BEHIND.fullmatch(gap) or _BEHIND_HAN.fullmatch(gap):
            return name
    return None


def _each(folded: str, sentence: Sentence, name: Named, value: Value) -> bool:
    """Whether a figure is that of each of the chips counted before it: eight H100 or A100 GPUs with 80 GB each."""
    between = folded[name.end : value.start]
    if _AND_GAP.fullmatch(between):
        return value.unit not in ("chip", "system", "b")
    after = folded[value.end : value.end + 12]
    return len(between) < 24 and (" each" in after or re.search(r"\bwith $|每[颗块张]|单[颗卡]$|of $", between) is not None)
