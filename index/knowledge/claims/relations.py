"""Claims of who stands how to whom: made by, used by, rented out by, developed by, competes with…"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from index.knowledge.claims.attributes import Attributes, Relation
from index.knowledge.claims.document import Document, Named, Sentence
from index.knowledge.claims.kinds import PRODUCTS, Kinds
from index.knowledge.claims.subjects import Focus

_ALSO = r"(?:[,、]|\band\b|\bor\b|[和与與及或/]|以及|还有|還有)"
_UNKNOWN = r"(?:[A-Z][\w.&'-]*(?: [A-Z][\w.&'-]*){0,2}|[一-鿿]{2,4})"
_BETWEEN = re.compile(
    rf"\s*(?:（[^）]{{1,20}}）|"
    rf"\([^)]{{1,20}}\))?\s*{_ALSO}(?:\s*{_UNKNOWN}(?:（[^）]{{1,20}}）)?\s*{_ALSO}){{0,2}}"
    rf"\s*(?:{_ALSO}\s*)?(?:the |旗下|英伟达|[一-鿿]{{2}}旗下的)?\s*"
)
"""What stands between two names of one list; a name or two that the catalogue does not know may stand among them."""
_OBLIQUE = re.compile(
    r"(?:[向对给从与跟被由]|为了|采用|使用|搭载|基于|委托)$|(?:\b(?:from|by|with|of|at|to|than|unlike|like|against|for|on|between|"
    r"told|in|gives)|'s) (?:the |an? )?$"
)
_POSSESSIVE = re.compile(
    r"(?:'s|的)(?! ?(?:[a-z-]+ |高端|先进|最新|[一-鿿]{0,2})?(?:gpus?|chips?|processors?|accelerators?|"
    r"芯片|处理器|加速卡|产品))"
)
_PRONOUN = re.compile(
    r" (?:it|them|its|the (?:chips?|parts?|processors?|accelerators?|new parts?|system|machine)|both|this "
    r"chip|such chips)\b|(?:该|这[款颗些]|其|它|此|两款|上述)"
)
_IT = re.compile(r"(?:\bit|其|它|该芯片|该系统) ?(?:also |则|也)?$")
_REACH, _REACH_HAN = 110, 46
_OBJECT, _OBJECT_HAN = 70, 30
"""How far behind a verb its object may stand, in characters."""
_PROCESS = re.compile(r"[^，。；,;]{0,14}(?:nm|纳米|奈米|工艺|制程)|[^,.;]{0,20}(?:nm\b|nanomet|process\b)")
_AN_ARCHITECTURE = re.compile(r" ?(?:的 ?)?(?:架构|指令集|architecture|instruction set)")
_ALREADY = r"(?:已经?|也|则|目前|正式|将|一直|有望|都|均|还|仍|又|首次|，|,)*"
_KIND = (
    r"(?:的|最大|主要|独家|重要|核心|关键|唯一|长期|首要|第[一二三]大?|hbm\d?e?|ai|gpu|内存|存储|芯片|先进|半导体|server|服务器|云|\s"
    r"|封装|供应链)*"
)
_JOINTLY = re.compile(
    r"\s?(?:宣布|达成|展开|建立|签署|开展|将|正在|已|正|深化)?[^，。；,;]{0,4}?(?:联合|共同|携手|合作)(?:打造|开发|研发|研制|推出|发布|设计|成立|建设|开展|推进|构建)"
    r"|\s?(?:宣布|达成|展开|建立|签署|开展|深化)[^，。；,;]{0,12}?合作"
)
_ALL_JOINTLY = re.compile(
    r"[^，。；,;、]{0,8}?(?:等)?\s?(?:\d{0,2}|[一二三四五六七八九十两]{0,3})\s?家?(?:企业|公司|厂商|巨头)?,?\s?(?:将|已|宣布|计划|共同)*"
    r"(?:联手|联合|携手|共同|合作|合资)"
)
_TWO = re.compile(r"\s?(?:与|和|同|跟|携手|联合)\s?")
_AROUND = (
    (
        re.compile(rf"\s?{_KIND}(?:供应商|供货商)(?!的)"),
        re.compile(
            rf"(?:公司|集团)?\s?{_ALREADY}(?:是|成为|作为|为|成|晋升为|跃升为)(?:了)?(?:目前|全球)?\s?"
            rf"|[^。；;]{{0,40}},{_ALREADY}(?:是|成为)(?:了)?(?:目前|全球)?\s?"
        ),
        "supplier",
    ),
    (
        re.compile(r"\s?(?:独家|负责)?代工(?!厂|商|业务|服务)"),
        re.compile(rf"(?:公司)?\s?{_ALREADY}(?:独家)?(?:为|替|给|帮)\s?"),
        "maker",
    ),
    (
        re.compile(r"\s?(?:独家|批量|大量|稳定|长期|正式)?(?:供货|供应)(?![一-鿿]{0,2}(?:商|链|量|短缺|紧张|不足))"),
        re.compile(rf"(?:公司)?\s?{_ALREADY}(?:独家)?(?:为|向|给)\s?"),
        "supplier",
    ),
    (_JOINTLY, re.compile(rf"(?:公司|集团)?\s?{_ALREADY}(?:与|和|同|跟)\s?"), "partner"),
)
"""Words behind a name, words between another company and it, and the relation that both say."""
_COLLECTED = frozenset(("customer", "offered-by", "server-maker"))
"""Relations of which a cloud's own machines (Azure ND MI300X v5) are no subject, but what is in them."""


@dataclass(frozen=True, slots=True)
class Link:
    """A relation read: from `subject` to `value`; ``start`` and ``end`` are where the wording stands."""

    subject: Named
    relation: Relation
    value: Named
    start: int
    end: int


class RelationReader:
    """Reads the relations of a sentence."""

    def __init__(self, attributes: Attributes, kinds: Kinds) -> None:
        self._relations = attributes.relations
        self._kinds = kinds

    def read(self, document: Document, sentence: Sentence, focus: Focus) -> Iterator[Link]:
        """The relations that `sentence` says, each once."""
        groups = _groups(document, sentence)
        seen: set[tuple[str, str, str]] = set()
        others = [(tag[1], start, end) for tag, start, end in sentence.links if tag[0] == "without"]
        for (direction, key), start, end in sentence.links:
            if direction == "without" or any(key == other and a <= start and end <= b for other, a, b in others):
                continue
            if sentence.near("negated", start) or (document.folded[start - 1] == "的" and direction == "before"):
                continue  # what is not so; 的部署 is a noun
            for link in self._links(document, sentence, focus, self._relations[key], direction, (start, end), groups):
                told = (link.subject.id, key, link.value.id)
                if told not in seen and link.subject.id != link.value.id:
                    seen.add(told)
                    yield link
        for link in self._between(document, sentence, groups):
            told = (link.subject.id, link.relation.id, link.value.id)
            if told not in seen and not sentence.near("negated", link.start):
                seen.add(told)
                yield link

    def _between(self, document: Document, sentence: Sentence, groups: Sequence[list[Named]]) -> Iterator[Link]:
        """What Chinese says with words on both sides of a name: 是英伟达的主要供应商, 为英伟达代工, 与华为联合开发."""
        folded = document.folded
        for group in groups:
            last = group[-1]
            if last.kind != "company" or folded[last.end : last.end + 24].isascii():
                continue
            for behind, before, relation in _AROUND:
                after = behind.match(folded, last.end, sentence.end)
                if after is None or (relation == "partner" and len(group) == 2):
                    continue
                first = group[0]
                actor = next(
                    (name for name in reversed(sentence.names) if name.kind == "company" and name.end <= first.start), None
                )
                if actor is None or not before.fullmatch(folded, actor.end, first.start):
                    continue
                for name in group:
                    supplies = actor.id in self._kinds.lists["memory-makers"]
                    key = "memory-supplier" if relation == "supplier" and supplies else relation
                    if relation in ("supplier", "partner") and not (relation == "supplier" and supplies):
                        link = Link(
                            actor, self._relations["customer" if relation == "supplier" else "partner"], name, *after.span()
                        )
                    else:
                        link = Link(name, self._relations[key], actor, *after.span())
                    if self._fits(link.relation, link.value) and self._may(link.relation, link.subject, link.value):
                        yield link
            if len(group) > 2 and (after := _ALL_JOINTLY.match(folded, last.end, sentence.end)) is not None:
                yield from (Link(group[0], self._relations["partner"], name, *after.span()) for name in group[1:])
            if len(group) == 2 and (after := _JOINTLY.match(folded, last.end, sentence.end)) is not None:
                if _TWO.fullmatch(folded, group[0].end, last.start):
                    yield Link(group[0], self._relations["partner"], last, *after.span())

    def _links(
        self,
        document: Document,
        sentence: Sentence,
        focus: Focus,
        relation: Relation,
        direction: str,
        place: tuple[int, int],
        groups: Sequence[list[Named]],
    ) -> Iterator[Link]:
        values = self._values(document.folded, sentence, relation, direction, place, groups)
        if not values:
            return
        for subject in self._subjects(document, sentence, focus, relation, direction, place, values):
            for value in values:
                if self._may(relation, subject, value) and not self._only_made_there(document.folded, relation, subject, place):
                    yield Link(subject, relation, value, *place)

    # -- who

    def _values(
        self,
        folded: str,
        sentence: Sentence,
        relation: Relation,
        direction: str,
        place: tuple[int, int],
        groups: Sequence[list[Named]],
    ) -> list[Named]:
        """The group of names that is the relation's value: the nearest one on the side that the wording says."""
        start, end = place
        reach = relation.reach or (_REACH if folded[start].isascii() else _REACH_HAN)
        best: list[Named] = []
        least = float(reach)
        for group in groups:
            fitting = [name for name in group if self._fits(relation, name)]
            if relation.id == "based-on":  # 比基于A100的系统快: that system is another one
                fitting = [name for name in fitting if not name.against]
            if not fitting or (direction == "both" and len(group) < 2):
                continue
            if direction == "behind":
                if group[0].start < end:
                    continue
                gap = group[0].start - end + 18.0 * _breaks(sentence, end, group[0].start, folded)
            elif direction == "both":
                gap = min(abs(start - group[-1].end), abs(group[0].start - end)) / 4
            else:
                if group[-1].end > start or self._aside(folded, sentence, group, relation):
                    continue
                breaks = _breaks(sentence, group[-1].end, start, folded)
                if relation.id == "customer" and breaks and group[-1].id in self._kinds.lists["foundries"]:
                    continue  # 采用台积电工艺，采用…: it is another one that uses
                gap = start - group[-1].end + 18.0 * breaks
            if gap < least:
                best, least = fitting, gap
        return best

    def _aside(self, folded: str, sentence: Sentence, group: Sequence[Named], relation: Relation) -> bool:
        """Whether the names before a verb are not those who act: "by a team at Google", "told Reuters", 与英伟达."""
        if _AN_ARCHITECTURE.match(folded, group[-1].end):
            return True
        if relation.id in ("packager", "maker", "memory-supplier", "china-version", "competitor"):
            return False
        return _OBLIQUE.search(folded, max(sentence.start, group[0].start - 16), group[0].start) is not None or (
            _POSSESSIVE.match(folded, group[-1].end) is not None
        )

    # -- of what

    def _subjects(
        self,
        document: Document,
        sentence: Sentence,
        focus: Focus,
        relation: Relation,
        direction: str,
        place: tuple[int, int],
        values: Sequence[Named],
    ) -> list[Named]:
        """Of what the relation is said: on the other side of the wording, before the value, or what the text is about."""
        start, end = place
        folded = document.folded
        low, high = values[0].start, values[-1].end
        used = {name.id for name in values}
        clouds = self._clouds_own(sentence, relation)
        names = [
            name
            for name in sentence.names
            if name.kind in relation.of
            and name.id not in used
            and not name.inner
            and not (low <= name.start < high)
            and name.id not in clouds
        ]
        names = [name for name in names if name.kind in PRODUCTS or not _POSSESSIVE.match(folded, name.end)]
        if direction == "before":
            if _PRONOUN.match(folded, end):
                return self._in_focus(focus, relation, used | clouds)
            behind = self._object(folded, sentence, relation, names, end)
            if behind:
                return behind
            between = [n for n in names if high <= n.start and n.end <= start and not n.against and n.kind in PRODUCTS]
            if between:
                return between[-1:]
        products = [name for name in names if name.kind in PRODUCTS and not (name.against and not relation.like)]
        earlier = [name for name in products if name.end <= min(start, low)]
        if earlier:
            return [earlier[-1], *_joined_to(folded, earlier[-1], earlier)]
        if direction == "both" and products:
            return products[:1]
        if direction in ("both", "whole"):
            return self._in_focus(focus, relation, used | clouds)
        others = [name for name in names if name.kind not in PRODUCTS and name.end <= min(start, low)]
        if relation.like:
            others = others[:1]
        if relation.id == "based-on" and not _IT.search(folded, max(sentence.start, start - 12), start):
            return []
        if direction == "behind" and others:
            near = sentence.apart(others[-1].end, start) == 0
            return others[-1:] if near or not any(kind in PRODUCTS for kind in relation.of) else []
        if direction == "before" and relation.id != "developer" and (folded[start].isascii() or relation.id in _COLLECTED):
            return []
        return self._in_focus(focus, relation, used | clouds)

    def _object(self, folded: str, sentence: Sentence, relation: Relation, names: Sequence[Named], end: int) -> list[Named]:
        """The names behind a verb that are its object, things before companies."""
        reach = _OBJECT if folded[end - 1].isascii() else _OBJECT_HAN
        after = [
            name
            for name in names
            if end <= name.start <= end + reach
            and sentence.apart(end, name.start) <= (1 if folded[end - 1].isascii() else 0)
            and (relation.like or not name.against)
        ]
        companies = [name for name in after if name.start <= end + 14 and relation.id != "maker"]
        for pool in ([name for name in after if name.kind in PRODUCTS], companies):
            if pool:
                return [pool[0], *_joined_to(folded, pool[0], pool)]
        return []

    def _in_focus(self, focus: Focus, relation: Relation, without: Collection[str]) -> list[Named]:
        kinds = [kind for kind in relation.of if kind in PRODUCTS]
        found = focus.find(kinds, without) if kinds else None
        if found is not None and relation.id in _COLLECTED and self._is_of_a_cloud(found):
            found = focus.find(kinds, {*without, found.id})
        return [found] if found is not None and found.id not in self._kinds.lists["families"] else []

    def _clouds_own(self, sentence: Sentence, relation: Relation) -> set[str]:
        if relation.id not in _COLLECTED:
            return set()
        return {name.id for name in sentence.names if self._is_of_a_cloud(name)}

    def _is_of_a_cloud(self, name: Named) -> bool:
        return name.kind == "system" and bool(self._kinds.makers.get(name.id, frozenset()) & self._kinds.lists["clouds"])

    # -- whether

    def _only_made_there(self, folded: str, relation: Relation, subject: Named, place: tuple[int, int]) -> bool:
        """Whether what a foundry has is only the process of a chip: who uses 台积电6nm工艺 is no customer."""
        if relation.id != "customer" or subject.id not in self._kinds.lists["foundries"] or subject.start < place[1]:
            return False
        return _PROCESS.match(folded, subject.end) is not None

    def _fits(self, relation: Relation, name: Named) -> bool:
        kind = name.kind
        if kind not in relation.to and not ("supercomputer" in relation.to and name.id in self._kinds.lists["supercomputers"]):
            return False
        return not relation.only or any(name.id in self._kinds.lists[each] for each in relation.only)

    def _may(self, relation: Relation, subject: Named, value: Named) -> bool:
        """Whether the catalogue lets it be: nobody develops what another company makes, nor is its own customer."""
        makers = self._kinds.makers.get(subject.id, frozenset())
        if relation.id == "developer":
            return value.id in makers
        if relation.id == "memory-supplier" and subject.id in self._kinds.lists["memory-makers"]:
            return False
        if relation.like and subject.kind != value.kind and not {subject.kind, value.kind} <= {"chip", "system"}:
            return False
        if relation.id in ("customer", "offered-by", "server-maker", "partner", "investor", "competitor", "maker"):
            behind = self._kinds.makers.get(value.id, frozenset())
            if relation.id == "offered-by" and subject.kind == "chip":
                return True  # a cloud rents out its own chips
            if value.id in makers or subject.id in behind or (subject.kind == "system" and makers & behind):
                return False
        if relation.id == "china-version":
            return bool(self._kinds.makers.get(value.id, frozenset()) & makers)
        return True


def _groups(document: Document, sentence: Sentence) -> list[list[Named]]:
    """Names that stand in one list (A, B and C), and every other name alone."""
    groups: list[list[Named]] = []
    for name in sentence.names:
        if name.inner:
            continue
        last = groups[-1] if groups else None
        if last is not None and last[-1].kind == name.kind and _BETWEEN.fullmatch(document.joined, last[-1].end, name.start):
            last.append(name)
        else:
            groups.append([name])
    return groups


def _joined_to(folded: str, chosen: Named, names: Sequence[Named]) -> list[Named]:
    found: list[Named] = []
    for name in names:
        if name.id == chosen.id or name.kind != chosen.kind:
            continue
        left, right = sorted((name, chosen), key=lambda each: each.start)
        if folded[left.end : right.start].strip() in ("and", "与", "和", "、", ",", "及", "以及", "/", "or", "或"):
            found.append(name)
    return found


def _breaks(sentence: Sentence, left: int, right: int, folded: str) -> int:
    """Clause breaks between two places; a colon opens a list and is none."""
    return sum(1 for place in sentence.breaks if left <= place < right and folded[place] not in "：:")
