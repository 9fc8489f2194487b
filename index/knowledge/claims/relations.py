"""Claims of who stands how to whom: made by, used by, rented out by, developed by, competes with…"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.knowledge.claims.attributes import Attributes, Relation
from index.knowledge.claims.document import Document, Named, Sentence
from index.knowledge.claims.kinds import PRODUCTS, Kinds
from index.knowledge.claims.subjects import Focus

_BETWEEN = re.compile(
    r"\s*(?:[,、/]|and|or|和|与|以及|及|或|还有|、)*\s*(?:(?:and|or|和|与|以及|及|the|英伟达|台厂有)\s*)*(?:[A-Za-z0-9][\w.&'-]*(?: [A-Z][\w.&'-]*){0,2}\s*(?:[,、]|and|和|与)\s*){0,2}(?:and |和|与)?\s*(?:（[^）]{1,20}）|\([^)]{1,20}\))?\s*(?:[,、])?\s*(?:and |旗下的)?\s*"
)
_OBLIQUE = re.compile(r"(?:\b(?:from|by|with|of|at|to|than|unlike|like|against|for|on|between|told|in)|'s) (?:the |an? )?$")
_POSSESSED = re.compile(r"^(?:'s|的)")
_PRONOUN = re.compile(r" (?:it|them|its|the chip|the part|the processor|both|this chip)\b")
_OF_THE_TOPIC = frozenset(("customer", "server-maker", "offered-by", "partner"))
_REACH, _REACH_HAN = 110, 46


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
        self._relations = list(attributes.relations.values())
        self._kinds = kinds

    def read(self, document: Document, sentence: Sentence, focus: Focus) -> Iterator[Link]:
        """The relations that `sentence` says, each pair once; the nearest wording decides."""
        if not sentence.names:
            return
        groups: list[list[Named]] | None = None
        seen: set[tuple[str, str, str]] = set()
        found: list[Link] = []
        for relation in self._relations:
            for direction in ("before", "behind", "both"):
                for start, end in sentence.cues.get((direction, relation.id), ()):
                    if sentence.near("negated", start) or _covered(start, end, sentence.cues.get(("without", relation.id), ())):
                        continue
                    if groups is None:
                        groups = _groups(document, sentence)
                    for link in self._links(document, sentence, focus, relation, direction, start, end, groups):
                        found.append(link)
        for link in found:
            key = (link.subject.id, link.relation.id, link.value.id)
            if key in seen or link.subject.id == link.value.id:
                continue
            seen.add(key)
            yield link

    def _links(
        self,
        document: Document,
        sentence: Sentence,
        focus: Focus,
        relation: Relation,
        direction: str,
        start: int,
        end: int,
        groups: Sequence[list[Named]],
    ) -> Iterator[Link]:
        values = self._values(document.folded, sentence, relation, direction, start, end, groups)
        if not values:
            return
        subjects = self._subjects(document, sentence, focus, relation, direction, start, end, values)
        for subject in subjects:
            for value in values:
                if self._may(relation, subject, value):
                    yield Link(subject, relation, value, start, end)

    def _values(
        self,
        folded: str,
        sentence: Sentence,
        relation: Relation,
        direction: str,
        start: int,
        end: int,
        groups: Sequence[list[Named]],
    ) -> list[Named]:
        """The group of names that is the relation's value: the nearest one on the side that the wording says."""
        reach = relation.reach or (_REACH if folded[start].isascii() else _REACH_HAN)
        best: list[Named] = []
        least = float(reach)
        for group in groups:
            fitting = [name for name in group if self._fits(relation, name)]
            if not fitting or (direction == "both" and len(group) < 2):
                continue
            if direction == "behind":
                if group[0].start < end:
                    continue
                gap = group[0].start - end + 18.0 * _hard_breaks(sentence, end, group[0].start, folded)
            elif direction == "before":
                if group[-1].end > start or _oblique(folded, sentence, group[0], relation):
                    continue
                gap = start - group[-1].end + 18.0 * _hard_breaks(sentence, group[-1].end, start, folded)
            else:
                gap = min(abs(start - group[-1].end), abs(group[0].start - end)) / 4
            if gap < least:
                best, least = fitting, gap
        return best

    def _subjects(
        self,
        document: Document,
        sentence: Sentence,
        focus: Focus,
        relation: Relation,
        direction: str,
        start: int,
        end: int,
        values: Sequence[Named],
    ) -> list[Named]:
        """Of whom the relation is said: on the other side of the wording, before the value, or what the text is about."""
        used = {name.id for name in values}
        low, high = values[0].start, values[-1].end
        names = [
            name
            for name in sentence.names
            if name.kind in relation.of and name.id not in used and not name.inner and not (low <= name.start < high)
        ]
        if direction == "before":
            if _PRONOUN.match(document.folded, end):
                found = focus.find([kind for kind in relation.of if kind in PRODUCTS])
                if found is not None and found.id not in used:
                    return [found]
            direct = [name for name in names if 0 <= name.start - end <= 16 and not name.against]
            if direct:
                return [direct[0], *_joined_to(document.folded, direct[0], [n for n in names if n.start > direct[0].start])]
        products = [name for name in names if name.kind in PRODUCTS]
        others = [name for name in names if name.kind not in PRODUCTS]
        for pool in (products, others):
            if direction == "before":
                after = [name for name in pool if name.start >= end and not (name.against and name.kind in PRODUCTS)]
                close = [name for name in after if sentence.apart(end, name.start) <= 1 and name.start - end < 70]
                if close:
                    return [close[0], *_joined_to(document.folded, close[0], after)]
            earlier = [name for name in pool if name.end <= min(start, low) and not (name.against and not relation.like)]
            if earlier:
                return [earlier[-1], *_joined_to(document.folded, earlier[-1], earlier)]
            if direction == "both":
                close = [name for name in pool if not name.against]
                if close:
                    return [close[0]]
            if pool is products:
                kinds = [kind for kind in relation.of if kind in PRODUCTS]
                found = (focus.topic(kinds) if relation.id in _OF_THE_TOPIC else None) or focus.find(kinds)
                if found is not None and found.id not in used:
                    return [found]
        return []

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
        if relation.like and subject.kind != value.kind and not {subject.kind, value.kind} <= {"chip", "system"}:
            return False
        if relation.id in ("customer", "offered-by", "server-maker", "partner", "investor", "competitor", "maker"):
            behind = self._kinds.makers.get(value.id, frozenset())
            if value.id in makers or subject.id in behind or (subject.kind == "system" and makers & behind):
                return False
        if relation.id == "china-version":
            return self._kinds.makers.get(value.id) == makers
        return True


def _covered(start: int, end: int, spans: Sequence[tuple[int, int]]) -> bool:
    return any(left <= start and end <= right for left, right in spans)


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


def _oblique(folded: str, sentence: Sentence, name: Named, relation: Relation) -> bool:
    """Whether a name before a verb is not who acts: "by a team at Google", "told Reuters"."""
    if relation.id in ("packager", "maker", "memory-supplier"):
        return False
    return _OBLIQUE.search(folded, max(sentence.start, name.start - 16), name.start) is not None


def _hard_breaks(sentence: Sentence, left: int, right: int, folded: str) -> int:
    """Clause breaks between two places, those of a list of names not counted."""
    return sum(1 for place in sentence.breaks if left <= place < right and folded[place] not in "：:")
