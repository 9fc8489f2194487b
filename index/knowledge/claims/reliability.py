"""What speaks against a claim: named reasons for which a reading is left out, however plain its wording.

The readers take the nearest name, or what the text is about, for whose figure it is. In news of many companies that is often
somebody else's, and each reason here is a way in which a sentence shows that: another one acts, the clause has a subject of its
own, the figure is of a part, of before, or of what is counted and not of who is named. A claim with a reason is not made: the
ledger would rather know less. Nearly all of them are for Chinese, whose clauses follow each other without repeating who acts.
"""

import re

from index.knowledge.claims.attribution import Attribution
from index.knowledge.claims.carrying import Carrying, begins
from index.knowledge.claims.document import Document, Named, Sentence
from index.knowledge.claims.figure_reasons import FigureReasons, tells_of_a_test
from index.knowledge.claims.figures import Figure
from index.knowledge.claims.kinds import PRODUCTS, Kinds
from index.knowledge.claims.milestones import Milestone
from index.knowledge.claims.notes import Note
from index.knowledge.claims.relations import Link

_HAN = re.compile("[一-鿿]")
_SUM = re.compile(r"\d|[，。；]")
_THE_DAY_AFTER = re.compile(r"(?:之?后|之?前)的?(?:第[一二三四五\d]|次|当|隔)[天日周]")
_OTHER_CHIPS = re.compile(r"(?:芯片|产品|服务器|显卡|加速[卡器])[^,。;]{0,4}$")
_AFTER = re.compile(r"(?:之|以)?后(?!期|半|段|续|来)")
_A_PLANT = re.compile(r"(?!该)[一-鿿]{1,6}(?:厂|工厂|基地)(?!商)")
_ONCE = re.compile(r"(?:原定|原计划|原本|原先|原预计|原预期|最初)[^，。；,;]{0,3}$")
_OR = re.compile(r"\s?(?:或者?|至|到|、|和|及|与|[-—–~～])\s?")
_HAS = re.compile(r"已|曾|现已")
_ALREADY = re.compile(r"已|开始|正式|正在|全面|启动|成功|完成")
_TO_COME = re.compile(r"将|计划|预计|有望|拟|准备|打算|可能|未来")


class Reliability:
    """Tells of each part read in one document whether anything speaks against it."""

    def __init__(self, document: Document, kinds: Kinds) -> None:
        self._folded = document.folded
        self._kinds = kinds
        self._carrying = Carrying(document, kinds)
        self._figures = FigureReasons(document, kinds)

    def reason_against(self, sentence: Sentence, part: Figure | Milestone | Link | Note, by: Attribution) -> str | None:
        """The first reason for which `part` is not to be claimed; None where there is none."""
        folded = self._folded
        if _HAN.search(folded, sentence.start, sentence.end) is None:
            return None
        place = part.value.start if isinstance(part, Figure) else part.start
        subject = part.subject
        carried = not sentence.start <= subject.start < sentence.end or subject.start in (subject.end, place)
        named = (isinstance(part, Milestone) or subject.kind in PRODUCTS) and any(n.id == subject.id for n in sentence.names)
        if carried and not named and not self._carrying.carries(sentence, part, place):
            return "carried"
        if isinstance(part, Figure):
            return self._figures.reason(sentence, part, by, carried=carried)
        if isinstance(part, Milestone):
            return self._against_a_milestone(sentence, part)
        if isinstance(part, Link):
            return self._against_a_relation(sentence, part)
        if part.attribute == "memory-type" and tells_of_a_test(folded, sentence):
            return "machine of a test"
        return None

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
                name.kind == "company"
                and not name.inner
                and name.end <= link.start
                and not sentence.apart(name.end, link.start)
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
        if milestone.attribute.id == "announced" and _THE_DAY_AFTER.search(
            folded, milestone.end, min(sentence.end, milestone.end + 40)
        ):
            return "the day after"
        if _AFTER.match(folded, time.end):
            return "some time after"
        if milestone.subject.kind == "memory" and _OTHER_CHIPS.search(folded, sentence.start, milestone.start):
            return "chips with it"
        if _ONCE.search(folded, max(sentence.start, time.start - 8), time.start):
            return "once planned"
        if milestone.subject.kind in PRODUCTS and any(
            milestone.subject.end <= at < milestone.start and _A_PLANT.match(folded, begins(folded, sentence, at + 1))
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
            between = [
                start for start, end in sentence.cues.get(("said", ""), ()) if time.end <= start and end <= milestone.start
            ]
            if between and milestone.attribute.id != "announced":
                if not _ALREADY.search(folded, between[-1], milestone.end + 3) or _TO_COME.search(
                    folded, between[-1], milestone.start
                ):
                    return "time of the word"
        return None
