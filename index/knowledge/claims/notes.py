"""Claims that no figure, time or relation by words says: kind of memory, export licences, code names, moved teams."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.knowledge.claims.document import Document, Named, Sentence
from index.knowledge.claims.figures import Figure
from index.knowledge.claims.kinds import Kinds
from index.knowledge.claims.subjects import Focus

_WITH_MEMORY = re.compile(
    r"(?:\bof|\buses?|\bto use|\bwith|\badds|\bcarries|\bcarry|gb|tb|\bequipped with|\bpairs with|搭载|"
    r"采用|配备|首款采用|配|用上|使用|改用|装有|gb的|所用|现用)"
    r" ?(?:the |faster |first |on-package |美光|三星|sk海力士|更快的|of )*$"
)
_RIGHT_OF_CAPACITY = re.compile(r" ?(?:of |的|容量的)?(?:fast |faster )?")
_FOR_CHINA = re.compile(
    r"(?:中国|国内)(?:市场)?(?:可用|特供|特别定制|定制|能用)[^。；，]{0,30}芯片[”\"」]?(?:就是|即|是|为)"
    r"|(?:versions?|chips?|gpus?) (?:made |designed |tailored |built )?for (?:china|chinese customers|the "
    r"chinese market),? (?:the |are the |called the |namely the )"
)
_LISTED = re.compile(r"(?:[,、和与及/ ]|and|for|the|coming|以及|[a-z]+(?:,|、)|消费级显卡)*")
_A_KIND_OF = re.compile(r"(?:a type of|a kind of|a form of|一种) ?$")
_CAPITAL = re.compile(r"[\s:：]*(?:as |of )?[“\"「『‘']?([A-Z][A-Za-z]{2,}(?:[ -][A-Z0-9][\w]*)?|(?<=[“「『])[一-鿿]{2,6})")


_GOES_ON = re.compile(
    r"[该其它]|这[款颗]|\b(?:it|its|the (?:chip|part|processor|accelerator|gpu|system)|each|both|chips?|parts?)\b|芯片"
    r"|处理器|加速卡|显卡|版本"
)
_CLAUSES, _MOST = re.compile("[，,；;]"), 2
_HEARD = re.compile(r"听说|考虑|想把|试图|假如|如果")
_LONGEST = 120
"""Characters of what is said of a team, at most."""


@dataclass(frozen=True, slots=True)
class Note:
    """A claim read: of what, which attribute, with an entity or a word as its value, and where it stands."""

    subject: Named
    attribute: str
    start: int
    end: int
    value_entity: str | None = None
    text: str | None = None


class NoteReader:
    """Reads what the other readers leave."""

    def __init__(self, kinds: Kinds) -> None:
        self._kinds = kinds
        self._families = kinds.lists["families"]

    def read(self, document: Document, sentence: Sentence, focus: Focus, figures: Sequence[Figure]) -> Iterator[Note]:
        """The notes of `sentence`; `figures` are those that were read in it."""
        if not sentence.names:
            return
        if any(name.kind == "memory" for name in sentence.names):
            yield from self._memory(document, sentence, focus, figures)
        for figure in figures:
            if figure.attribute.id == "process-node":
                yield from self._foundry(document, sentence, figure)
        if sentence.has("licence"):
            yield from self._licence(document, sentence, focus)
        if any(tag == ("region", "China") for tag, _, _ in sentence.conditions):
            yield from self._for_china(document, sentence)
        if sentence.has("codename"):
            yield from self._codename(document, sentence, focus)
        if sentence.has("reorganised") and sentence.has("team"):
            yield from self._organisation(document, sentence)

    def _memory(self, document: Document, sentence: Sentence, focus: Focus, figures: Sequence[Figure]) -> Iterator[Note]:
        folded = document.folded
        for name in sentence.names:
            if name.kind != "memory" or name.against or name.inner:
                continue
            for figure in figures:
                if figure.value.unit == "b" and figure.subject.kind in ("chip", "system") and figure.value.end <= name.start:
                    if _RIGHT_OF_CAPACITY.fullmatch(folded, figure.value.end, name.start):
                        yield Note(figure.subject, "memory-type", name.start, name.end, name.id)
                        break
            else:
                if sentence.near("negated", name.start) or _A_KIND_OF.search(
                    document.folded, max(0, name.start - 14), name.start
                ):
                    continue
                if _WITH_MEMORY.search(folded, max(sentence.start, name.start - 30), name.start):
                    subject = self._carrier(document, sentence, name, focus)
                    if subject is not None and subject.id not in self._families:
                        yield Note(subject, "memory-type", name.start, name.end, name.id)

    def _carrier(self, document: Document, sentence: Sentence, memory: Named, focus: Focus) -> Named | None:
        """The chip or system that has the memory named in a sentence."""
        chips = [n for n in sentence.names if n.kind in ("chip", "system") and not n.inner and not n.counted]
        before = [name for name in chips if name.end <= memory.start and not name.against]
        if before:
            return before[-1]
        if chips:
            after = chips[0]
            gap = document.folded[memory.end : after.start]
            return after if re.fullmatch(r"(?:内存|显存|记忆体)?的\s?|\s?-based ", gap) else None
        if any(name.kind == "company" and name.id in self._kinds.lists["memory-makers"] for name in sentence.names):
            return None
        opening = document.folded[sentence.start : memory.start]
        return focus.find(("chip", "system")) if _GOES_ON.search(opening) or len(opening) < 24 else None

    def _foundry(self, document: Document, sentence: Sentence, figure: Figure) -> Iterator[Note]:
        """Whose process it is: TSMC's 4NP, 台积电5纳米工艺."""
        for name in sentence.names:
            if (name.id in self._kinds.lists["foundries"] and not name.inner) or name.id in self._kinds.lists["foundries"]:
                if name.end <= figure.value.start:
                    gap = document.folded[name.end : figure.value.start]
                    if re.fullmatch(
                        r"(?:'s|的| on| at| in|以| its| a| the| design| process| technology|为[一-鿿]{2,4}(?:定制|客制)的?"
                        r"|为|"
                        r"最新|先进|改良|今年|\s)*",
                        gap,
                    ):
                        yield Note(figure.subject, "maker", name.start, name.end, name.id)
                        return

    def _licence(self, document: Document, sentence: Sentence, focus: Focus) -> Iterator[Note]:
        """Chips of which the sentence says that they may not be sold without permission, those of one list together."""
        start, end = sentence.cues["licence", ""][0]
        chips = [
            name
            for name in sentence.names
            if name.kind == "chip"
            and not name.inner
            and not name.counted
            and (sentence.apart(start, name.start) == 0 or (name.end <= start and sentence.apart(start, name.start) <= 1))
        ]
        for name in sentence.names:
            if chips and name.kind == "chip" and not name.inner and name not in chips:
                left, right = (name, chips[0]) if name.start < chips[0].start else (chips[-1], name)
                if _LISTED.fullmatch(document.folded, left.end, right.start):
                    chips.append(name)
                    chips.sort(key=lambda each: each.start)
        if not chips:
            chips = [n for n in sentence.names if n.kind == "chip" and not n.inner and 0 <= n.start - end <= 30]
        if not chips:
            text = document.folded[sentence.start : sentence.end]
            if re.search(r"\bboth\b|\bthese\b|两款|上述", text):
                chips = [name for name in focus.paragraph if name.kind == "chip"][-2:]
        for chip in {chip.id: chip for chip in chips}.values():
            if not chip.against or document.folded[end : chip.start].strip() in ("the", ""):
                yield Note(chip, "export-licence", start, end, text="required")

    def _for_china(self, document: Document, sentence: Sentence) -> Iterator[Note]:
        """Chips that are said to be those for China, without what they are versions of: 中国可用的芯片就是A800和H800."""
        match = _FOR_CHINA.search(document.folded, sentence.start, sentence.end)
        if match is None:
            return
        last = match.end()
        for name in sentence.names:
            if name.kind == "chip" and not name.inner and name.start >= last and name.start - last <= 4:
                yield Note(name, "china-version", match.start(), match.end(), text="for China")
                last = name.end

    def _codename(self, document: Document, sentence: Sentence, focus: Focus) -> Iterator[Note]:
        for start, end in sentence.cues["codename", ""]:
            word = _CAPITAL.match(document.joined, end)
            if word is None or word.end() > sentence.end:
                continue
            products = [n for n in sentence.names if n.kind in ("chip", "system", "memory") and not n.inner]
            other = [n for n in products if not (n.start < word.end() and word.start(1) < n.end)]
            before = [name for name in other if name.end <= start]
            after = [name for name in other if name.start >= word.end()]
            near = [name for name in before if start - name.end <= 14 and sentence.apart(name.end, start) == 0] or [
                n for n in after if n.start - word.end() <= 6
            ]
            said = document.folded[start:end] != "called"
            subject = near[-1] if near else focus.find(("chip", "system")) if said and not products else None
            same = [n for n in products if n.start < word.end() and word.start(1) < n.end and n.kind != "memory"]
            if subject is not None and not same and subject.id not in self._families:
                yield Note(subject, "codename", word.start(1), word.end(1), text=word[1])

    def _organisation(self, document: Document, sentence: Sentence) -> Iterator[Note]:
        start, end = sentence.cues["reorganised", ""][0]
        before = [n for n in sentence.names if n.kind == "company" and n.end <= start]
        after = [n for n in sentence.names if n.kind == "company" and n.start >= end]
        if not before or sentence.has("negated"):
            return
        subject = before[-1]
        last = start + 40 if document.folded[start].isascii() else start
        if not any(subject.end <= at <= last for at, _ in sentence.cues["team", ""]):
            return  # no part of a company
        stop = next((place for place in sentence.breaks if place > end), sentence.end)
        text = document.joined[subject.start : stop].strip()
        if len(text) > _LONGEST or len(_CLAUSES.findall(text)) > _MOST or _HEARD.search(text):
            return
        yield Note(subject, "organisation", subject.start, stop, after[0].id if after else None, text)
