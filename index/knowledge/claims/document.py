"""An article prepared for reading: sentences with the entities, figures, times and words that stand in each."""

import itertools
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from index.knowledge.claims.kinds import PRODUCTS, Kinds
from index.knowledge.claims.periods import TimeMark
from index.knowledge.claims.times import find_times
from index.knowledge.claims.values import Value, ValueFinder
from index.knowledge.claims.vocabulary import Tag, Vocabulary
from index.store.articles import MentionRow
from index.text.fold import fold
from index.text.sentences import sentences

_BREAK = re.compile(r"[,，;；:：()（）—](?<!\d,(?=\d))")
_FOREIGN = re.compile(r"[0-9](?<=[A-Za-z-][0-9])[0-9A-Za-z]*(?:(?<=[0-9][0-9])|(?<=[0-9][0-9][A-Za-z])|\.\d*[a-z]+)")
_LETTERS = re.compile(r"[A-Za-z][A-Za-z-]*$")
_NOT_FOREIGN = re.compile(
    r"(?:FP|INT|BF|TF|GPT|SC|SXM|DDR|HBM|LPDDR|GDDR|CES|GTC|GEN|PCIE|FY|UTC|GMT|H1|H2|Q[1-4]|COVID|US)", re.IGNORECASE
)
_FOREIGN_SPACED = re.compile(r"\b[A-Z][A-Za-z]{2,11} \d{1,2}[a-z]{0,2}(?![\d.%a-zA-Z]| ?[nmgt]?(?:m|b|w|hz)\b)")
"""Such a name as Chinese texts write it: Navi 4x, Falcon Shores 2."""
_OF_ALL = re.compile(
    r"(?:Windows|Gen|PCI|PCIe|DisplayPort|HDMI|USB|CUDA|Geekbench|Cinebench|DLSS|FSR|Zen|Android|iOS|Python|DirectX|Vulkan"
    r"|OpenGL|Wi-Fi|Llama|GPT|"
    r"January|February|March|April|May|June|July|August|September|October|November|December|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep"
    r"|Oct|Nov|Dec|Top|The|Tier|Tesla|NVLink|HBM|DDR|LPDDR|GDDR|Intel|Samsung|TSMC) "
)
_COMPANY_ENDS = re.compile(
    r"(?:股份|集团|控股|证券|微电子|光电|有限公司|电子|科技|半导体|信息|通信|智能|技术|精密|材料)"
    r"(?=[，,（(]|[涨跌]|收入|营收|季度|净利|发布|表示|披露|公告|称|实现|预计|[上下]半年|今年|去年)"
)
_COMPANY_MOVES = re.compile(r"[涨跌](?:超|近|逾)?[\d.]+%")
_COMPANY_REPORTS = re.compile(r"Q[1-4]|FY\d")
_HAN_BEFORE = re.compile("[一-鿿]*$")
_WORDS_BEFORE = re.compile(r"(?:[A-Z][a-z]+ ){1,3}$")
"""How names of companies look that the catalogue does not know: 环旭电子，; 周黑鸭涨4.17%; Hugo Boss Q2."""
_NOT_TO_COME = re.compile(
    r"将(?:近|其|该|这|自|由八|军|领|部分|全部|(?!发布|推出|上市|亮相|发售|开售|量产|面世|登场|采用|使用|搭载|配备|到来|公布|举行|交付|供货)"
    r"[a-z\d一-鿿]{0,4}(?:团队|部门|\d|的))"
)
"""Where 将 is no future but takes an object (将其, 将3万个), or is part of another word."""
_NOT_A_WORD = re.compile(
    r"[著简堪俗名尊统职全昵并通代对人被]称|称(?:为|之为|作|得上|赞|呼|霸|王)|.称(?:为|之为|作|得上|赞|呼|霸|王)|[来再据小传学虽按所]说|.说(?:明|不定|起|到底)"
)
"""Where 称 and 说 are part of another word: 著称, 来说."""
_DATELINE = re.compile(r"\s?[—–]{1,2}\s")
_HAN = re.compile("[一-鿿]")
_DEVICES, _BEGINNING, _DENSITY = 3, 3, 250
"""How often a device must be named in a text about it; in which of its first sentences; and in how many characters once."""
_END_MARKS = frozenset(".!?。！？；”\"'）)…:：")


@dataclass(slots=True)
class Named:
    """An entity named at characters ``start`` to ``end``.

    ``against`` is true where something is compared with it, ``aside`` where it is only a means (over InfiniBand),
    ``counted`` where a number counts it (72 Blackwell GPUs),
    ``inner`` where it is part of a longer name (NVIDIA in NVIDIA H100).
    """

    start: int
    end: int
    id: str
    kind: str
    surface: str
    against: bool = False
    aside: bool = False
    counted: bool = False
    inner: bool = False


@dataclass(slots=True)
class Sentence:
    """Characters ``start`` to ``end`` of the joined text, with all that was found there, in order.

    ``cues`` are words by what they stand for; ``links`` words of relations, ``events`` of milestones, ``conditions`` those
    under which something holds.
    """

    start: int
    end: int
    paragraph: int
    title: bool
    heading: bool
    names: list[Named] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)
    times: list[TimeMark] = field(default_factory=list)
    cues: dict[Tag, list[tuple[int, int]]] = field(default_factory=dict)
    links: list[tuple[Tag, int, int]] = field(default_factory=list)
    events: list[tuple[Tag, int, int]] = field(default_factory=list)
    conditions: list[tuple[Tag, int, int]] = field(default_factory=list)
    text: str = ""
    """The folded text of the whole document."""
    marked: list[int] | None = None
    strangers: list[tuple[int, int]] = field(default_factory=list)
    """Names that look like those of companies which the catalogue does not know."""
    foreign: list[tuple[int, int]] = field(default_factory=list)
    """Names of products that the catalogue does not know: what stands beside them is not of others."""

    @property
    def breaks(self) -> list[int]:
        """Where its clauses end, found when they are first asked for."""
        if self.marked is None:
            self.marked = [match.start() for match in _BREAK.finditer(self.text, self.start, self.end)]
        return self.marked

    def clause(self, place: int) -> int:
        """The number of the clause at `place`."""
        return bisect_right(self.breaks, place)

    def apart(self, left: int, right: int) -> int:
        """How many clause breaks lie between two places."""
        if left > right:
            left, right = right, left
        breaks = self.breaks
        return bisect_left(breaks, right) - bisect_left(breaks, left) if breaks else 0

    @property
    def speaks_for(self) -> str | None:
        """The company of the first person that is named."""
        return next((tag[1] for tag, _, _ in self.conditions if tag[0] == "person"), None)

    def has(self, role: str, key: str = "") -> bool:
        return (role, key) in self.cues

    def near(self, role: str, place: int, key: str = "", reach: int = 0) -> bool:
        """Whether a word of that role stands in the clause of `place`, or up to `reach` clauses before it."""
        here = self.clause(place)
        return any(0 <= here - self.clause(start) <= reach for start, _ in self.cues.get((role, key), ()))


@dataclass(slots=True)
class Document:
    """An article for reading. Offsets are into ``joined``: the title, a line break, the text."""

    title: str
    text: str
    joined: str
    folded: str
    sentences: list[Sentence]
    of_a_device: bool = False
    """Whether the text is about a phone, a laptop or a car: the figures in it are hardly ever those of a chip."""
    traditional: bool = False
    """Whether the text is in traditional characters."""

    def place(self, start: int, end: int) -> tuple[str, int, int]:
        """``(field, start, end)`` of a span of the joined text."""
        offset = len(self.title) + 1
        return ("title", start, end) if start < offset else ("text", start - offset, end - offset)

    def known(self, start: int, end: int) -> bool:
        """Whether an entity of the catalogue is named within the span."""
        index = bisect_right(self.sentences, start, key=lambda sentence: sentence.start) - 1
        return index >= 0 and any(name.start < end and start < name.end for name in self.sentences[index].names)


class Annotator:
    """Prepares articles. It keeps nothing of them."""

    def __init__(self, kinds: Kinds, vocabulary: Vocabulary, values: ValueFinder) -> None:
        self._kinds = kinds
        self._vocabulary = vocabulary
        self._values = values

    def annotate(self, title: str, text: str, mentions: Iterable[MentionRow]) -> Document:
        """The article with everything that reading needs, in time linear in its length."""
        joined = f"{title}\n{text}"
        folded = fold(joined)
        spans = sentences(joined)
        result = Document(title, text, joined, folded, [])
        chinese = _HAN.search(folded) is not None
        paragraph, previous = 0, 0
        for span in spans:
            between = joined[previous : span.start]
            paragraph += "\n" in between
            first_line = span.end <= len(title)
            following = joined[span.end : span.end + 1]
            alone = "\n" in between and following in ("\n", "")
            heading = alone and not first_line and span.end - span.start < 60 and joined[span.end - 1] not in _END_MARKS
            result.sentences.append(Sentence(span.start, span.end, paragraph, first_line, heading, text=folded))
            previous = span.end
        result.traditional = chinese and _traditional(joined[:400], folded[:400])
        self._add_names(result, mentions)
        self._add_figures(result, chinese)
        self._add_words(result)
        result.of_a_device = _of_a_device(result)
        return result

    def _add_names(self, document: Document, mentions: Iterable[MentionRow]) -> None:
        offset = len(document.title) + 1
        names: list[Named] = []
        for row in mentions:
            shift = 0 if row.field == "title" else offset
            kind = self._kinds.class_of(row.entity_id)
            place = row.start + shift
            if kind == "node" and place > 1 and document.folded[place - 1] == "." and document.folded[place - 2].isdigit():
                continue  # the 8 nm of 1.8 nm
            if document.folded.startswith("-next", row.end + shift):
                continue  # Ada-Next is what comes after Ada
            names.append(Named(row.start + shift, row.end + shift, row.entity_id, kind, row.surface))
        names.sort(key=lambda name: (name.start, -name.end))
        _join_makers(document.folded, names, self._kinds)
        reached = -1
        for name in names:
            if name.end <= reached:
                name.inner = True
            else:
                reached = name.end
        _spread(document.sentences, [(name.start, name) for name in names], "names")

    def _add_figures(self, document: Document, chinese: bool) -> None:
        folded = document.folded
        times = find_times(document.joined, folded, chinese=chinese)
        spans = [(mark.start, mark.end) for mark in times]
        times = [mark for mark in times if not _DATELINE.match(document.joined, mark.end)]
        named = [(name.start, name.end, name.kind) for sentence in document.sentences for name in sentence.names]
        values = []
        for value in self._values.find(folded, spans, chinese=chinese):
            if not _within_a_name(value, named):
                values.append((value.start, value))
        for sentence in document.sentences:
            for name in sentence.names:
                size = self._kinds.nodes.get(name.id) if name.kind == "node" else None
                if size is not None and not any(name.start < value.end and value.start < name.end for _, value in values):
                    values.append((name.start, Value(name.start, name.end, size, size, "nm", name.end)))
        values.sort(key=lambda pair: pair[0])
        _spread(document.sentences, [(mark.start, mark) for mark in times], "times")
        _spread(document.sentences, values, "values")

    def _add_words(self, document: Document) -> None:
        folded, sentences_ = document.folded, document.sentences
        coming = iter(sentences_)
        sentence = next(coming, None)
        for start, end, (tags, links, events, conditions) in self._vocabulary.find(folded):
            while sentence is not None and sentence.end < end:
                sentence = next(coming, None)
            if sentence is None:
                break
            if start < sentence.start:
                continue  # a word across two sentences is none
            if end - start == 1 and folded[start] == "将" and _NOT_TO_COME.match(folded, start):
                continue
            if end - start == 1 and folded[start] == "拟" and folded[start - 1] in "虚模比草摹":
                continue
            if end - start == 1 and folded[start] in "称说" and _NOT_A_WORD.match(folded, start - 1):
                continue
            if tags:
                span = (start, end)
                cues = sentence.cues
                for tag in tags:
                    if tag in cues:
                        cues[tag].append(span)
                    else:
                        cues[tag] = [span]
            for tag in links:
                sentence.links.append((tag, start, end))
            for tag in events:
                sentence.events.append((tag, start, end))
            for tag in conditions:
                sentence.conditions.append((tag, start, end))
        _add_foreign(document, chinese=_HAN.search(folded) is not None)


def _of_a_device(document: Document) -> bool:
    """Whether a device is named in the beginning, and again and again."""
    counts = [len(sentence.cues.get(("device", ""), ())) for sentence in document.sentences]
    return sum(counts) >= _DEVICES and any(counts[:_BEGINNING]) and sum(counts) * _DENSITY >= len(document.folded)


def _join_makers(folded: str, names: Sequence[Named], kinds: Kinds) -> None:
    """NVIDIA before H100 is part of the chip's name, whether it was linked as part of it or by itself."""
    for maker, product in itertools.pairwise(names):
        if maker.kind == "company" and product.kind in PRODUCTS and folded[maker.end : product.start] in ("", " ", "-", "·"):
            if maker.id in kinds.makers.get(product.id, frozenset()):
                maker.inner = True
                product.start = maker.start


def _traditional(written: str, folded: str) -> bool:
    """Whether at least an eighth of the Chinese characters are none of the simplified ones."""
    if written.lower() == folded:
        return False
    pairs = [(char, simple) for char, simple in zip(written, folded, strict=True) if "\u4e00" <= char <= "\u9fff"]
    different = sum(char != simple for char, simple in pairs)
    return different >= 4 and different * 8 > len(pairs)


def _spread(sentences_: Sequence[Sentence], marks: Sequence[tuple[int, object]], into: str) -> None:
    """Give each mark to the sentence that it starts in."""
    index, last = 0, len(sentences_) - 1
    for start, mark in marks:
        while index < last and start >= sentences_[index + 1].start:
            index += 1
        if index <= last and sentences_[index].start <= start < sentences_[index].end:
            getattr(sentences_[index], into).append(mark)


def _within_a_name(value: Value, named: Sequence[tuple[int, int, str]]) -> bool:
    """The 3 of Gaudi 3 is no figure; the 5 nm of a process node is one."""
    index = bisect_right(named, (value.start, 1 << 60, "")) - 1
    for start, end, kind in named[max(0, index - 1) : index + 1]:
        if start <= value.start < end and kind != "node" and value.start + 1 <= end:
            return True
    return False


def _add_foreign(document: Document, *, chinese: bool) -> None:
    """Find names that look like those of products which the catalogue does not know."""
    joined = document.joined
    found = []
    for match in _FOREIGN.finditer(joined):
        letters = _LETTERS.search(joined, max(0, match.start() - 8), match.start())
        if letters is not None and joined.endswith(
            ("型号", "型号为", "代号", "代号为", "编号", "編號", "型號", "型號為"), 0, letters.start()
        ):
            continue  # a model number of what is spoken of
        if letters is not None and not _NOT_FOREIGN.match(letters.group()):
            found.append((letters.start(), match.end()))
    if chinese:
        found.extend(match.span() for match in _FOREIGN_SPACED.finditer(joined) if not _OF_ALL.match(joined, match.start()))
        strangers = _strange_companies(joined)
        _spread(document.sentences, strangers, "strangers")
        for sentence in document.sentences if strangers else ():
            sentence.strangers = [span for span in sentence.strangers if _unknown(sentence, span)]
    for sentence in document.sentences:
        found.extend(sentence.cues.get(("foreign", ""), ()))
    if not found:
        return
    found.sort()
    _spread(document.sentences, [(span[0], span) for span in found], "foreign")
    for sentence in document.sentences:
        if sentence.foreign:
            sentence.foreign = [span for span in sentence.foreign if not _named(sentence, span)]


def _strange_companies(joined: str) -> list[tuple[int, tuple[int, int]]]:
    found = []
    for pattern, least, most in ((_COMPANY_ENDS, 2, 4), (_COMPANY_MOVES, 2, 8)):
        for match in pattern.finditer(joined):
            before = _HAN_BEFORE.search(joined, max(0, match.start() - most), match.start())
            if before is not None and len(before.group()) >= least:
                found.append((before.start(), match.end() if least == 2 and most == 4 else match.start()))
    for match in _COMPANY_REPORTS.finditer(joined):
        words = _WORDS_BEFORE.search(joined, max(0, match.start() - 40), match.start())
        if words is not None:
            found.append((words.start(), match.start()))
    return sorted((start, (start, end)) for start, end in found)


def _unknown(sentence: Sentence, span: tuple[int, int]) -> bool:
    """Whether a company's name is none that is known, though it may begin with one: 京东健康 is not 京东."""
    known = [name for name in sentence.names if name.start < span[1] and span[0] < name.end]
    if any(span[1] - name.end < 2 or name.start > span[0] + 1 for name in known):
        return False
    for name in known:
        name.inner = True
    return True


def _named(sentence: Sentence, span: tuple[int, int]) -> bool:
    return any(name.start < span[1] and span[0] < name.end for name in sentence.names)
