"""Names that the catalogue does not have, found where a text introduces them beside one that it has.

A code name is announced ("code-named X", 代号“X”), a product has a number or a noun behind it (X200, the X accelerator), a
company is called one (the start-up X, X科技). Whatever recurs in several articles is proposed for the catalogue; a person
decides.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from index.knowledge.entities import Catalogue
from index.knowledge.linker import Mention
from index.knowledge.names import flattened
from index.text.fold import fold
from index.text.sentences import sentences
from index.text.tokens import HAN

MOST = 12
"""New names that are kept of one article."""
_LONGEST = 40
_NAME = r"[A-Z][A-Za-z]*(?:[-.]?[A-Za-z0-9]+)*(?: (?:[A-Z][A-Za-z]+|\d{1,4}[A-Za-z]{0,2})){0,2}"
_QUOTED = r"[^“”「」『』，。、；：\s]{2,12}"

# Each: a word without which the pattern need not be tried, the kind, and the pattern.
_INTRODUCTIONS: tuple[tuple[str, str, re.Pattern[str]], ...] = tuple(
    (needed, kind, re.compile(pattern))
    for needed, kind, pattern in (
        ("ode", "chip", rf"[Cc]ode[- ]?named? (?:the )?[“\"‘']?({_NAME})"),
        ("dubbed", "chip", rf"dubbed (?:the )?[“\"‘']?({_NAME})"),
        ("known", "chip", rf"known (?:internally |inside the company )?as (?:the )?[“\"‘']?({_NAME})"),
        ("alled", "chip", rf"(?:chip|processor|accelerator|GPU|CPU|ASIC),? called (?:the )?[“\"‘']?({_NAME})"),
        ("named", "chip", rf"(?:chip|processor|accelerator|GPU|CPU|ASIC),? named (?:the )?[“\"‘']?({_NAME})"),
        ("tart", "company", rf"start-?ups? (?:called |named )?({_NAME})"),
        ("chip", "company", rf"(?:chipmakers?|chip (?:designer|maker|company|firm)) (?:called |named )?({_NAME})"),
        ("tart", "company", rf"(?:^|[,.] |and )({_NAME}), (?:a|an|the|another) [\w-]+(?: [\w-]+){{0,3}} start-?up"),
        ("代", "chip", rf"(?:代号|代號)(?:为|為|是)?[“「『\"‘]({_QUOTED})[”」』\"’]"),
        ("代", "chip", rf"(?:代号|代號)(?:为|為|是)?\s?({_NAME})"),
        (
            "名",
            "chip",
            rf"(?:芯片|晶片|处理器|處理器|加速卡|加速器|GPU)(?:名为|命名为|取名|名為)[“「『]?({_QUOTED}?)[”」』，。]",
        ),
        ("名", "chip", rf"(?:名为|命名为|名為)[“「『]({_QUOTED})[”」』]的?(?:AI)?(?:芯片|晶片|处理器|處理器|加速卡)"),
        ("“", "chip", rf"(?:芯片|晶片|处理器|處理器|加速卡|加速器)“({_QUOTED})”"),
        ("「", "chip", rf"(?:芯片|晶片|处理器|處理器|加速卡|加速器)「({_QUOTED})」"),
        (
            "公司",
            "company",
            rf"(?:初创公司|初創公司|芯片公司|晶片公司)([{HAN}]{{2,4}}(?:科技|半导体|半導體|微电子|智能|电子|光电|微|芯))",
        ),
        (
            "企",
            "company",
            rf"(?:初创企业|芯片企业|创企|創企)([{HAN}]{{2,4}}(?:科技|半导体|半導體|微电子|智能|电子|光电|微|芯))",
        ),
    )
)
_NUMBERED = re.compile(r"(?<![A-Za-z0-9-])([A-Z]{1,5}-?\d{2,4}[A-Za-z]{0,2})(?![A-Za-z0-9])")
_HEAD = re.compile(r" (?:chip|processor|accelerator|superchip|GPU|CPU|ASIC)s?\b")
_BEFORE_HEAD = re.compile(rf"(?:[a-z,] |^(?:The|Its|A) )({_NAME})(?: (?:AI|inference|training|server|custom))?$")
_NO_CHIP = re.compile(
    r"(?:FY|CES|GTC|SC|CVPR|PCIE?|L?P?G?DDR|HBM|USB|ISO|RFC|COVID|EC|RMB|NT|CNY|CAT|LGA|BGA|NVL|I|Q|H|S|AVX|SIMD|UTF|REC|SAS|"
    r"GB|TB|MB|KB|MHZ|GHZ|HZ|W|KW|MW|NM|MM|FP|INT|BF|TF|MXFP|NVFP)-?\d",
    re.IGNORECASE,
)
"""What is numbered and no chip: years and events, slots and memory, formats and units."""
_STOP = frozenset(
    """the a an this that these those its their his her new first next latest chief data artificial intelligence monday
    tuesday wednesday thursday friday saturday sunday january february march april may june july august september
    october november december china chinese american taiwan taiwanese japan japanese korea korean europe european us
    uk united states beijing shanghai washington silicon valley reuters generative ai inc corp arm-based cloud-based
    machine learning deep neural graphics central processing general custom advanced high low more most other some
    many several all each every another such both two three four five""".split()
)


@dataclass(frozen=True, slots=True)
class NewName:
    """A name as it stands in an article: ``key`` is it folded, with spaces for hyphens; ``kind`` and ``maker`` (an entity's id)
    are guesses."""

    key: str
    name: str
    sentence: str
    kind: str
    maker: str | None


def new_names(text: str, mentions: Sequence[Mention], catalogue: Catalogue, known: Collection[str]) -> list[NewName]:
    """The new names of a text, in order, each once; at most `MOST`.

    Args:
        known: the folded spellings that the catalogue has.
    """
    found: dict[str, NewName] = {}
    starts = [mention.start for mention in mentions]
    for span in sentences(text):
        inside = mentions[bisect_left(starts, span.start) : bisect_left(starts, span.end)]
        if not any(_of_the_field(mention, catalogue) for mention in inside):
            continue
        sentence = text[span.start : span.end]
        for start, end, kind in _introduced(sentence):
            at = span.start + start
            if any(mention.start < span.start + end and at < mention.end for mention in inside):
                continue
            name = sentence[start:end].strip(" .,'’")
            key = flattened(fold(name))
            if key in found or key in known or not _may_be_a_name(name, kind):
                continue
            found[key] = NewName(key, name, sentence[:400], kind, _maker(inside, at, catalogue))
            if len(found) == MOST:
                return list(found.values())
    return list(found.values())


def _introduced(sentence: str) -> Iterator[tuple[int, int, str]]:
    for needed, kind, pattern in _INTRODUCTIONS:
        if needed in sentence:
            for match in pattern.finditer(sentence):
                yield match.start(1), match.end(1), kind
    for match in _NUMBERED.finditer(sentence):
        yield match.start(1), match.end(1), "chip"
    for head in _HEAD.finditer(sentence):
        from_ = max(0, head.start() - _LONGEST)
        name = _BEFORE_HEAD.search(sentence[from_ : head.start()])
        if name is not None:
            yield from_ + name.start(1), from_ + name.end(1), "chip"


def _may_be_a_name(name: str, kind: str) -> bool:
    words = fold(name).split()
    if not 2 <= len(name) <= _LONGEST or words[0] in _STOP or words[-1] in _STOP:
        return False
    return kind != "chip" or not _NO_CHIP.fullmatch(re.sub(r"\d.*", "0", name))


def _of_the_field(mention: Mention, catalogue: Catalogue) -> bool:
    entity = catalogue.get(mention.id)
    return entity is not None and entity.kind in ("company", "chip", "system")


def _maker(mentions: Sequence[Mention], at: int, catalogue: Catalogue) -> str | None:
    """The company whose new thing it is: the last one named before it in the sentence, else the first after it."""
    companies = [m for m in mentions if (entity := catalogue.get(m.id)) is not None and entity.kind == "company"]
    before = [mention.id for mention in companies if mention.start < at]
    return before[-1] if before else next((mention.id for mention in companies), None)


def likeliest(values: Sequence[str | None]) -> str | None:
    """The most frequent value that is not None, the first of those equally frequent."""
    counted = Counter(value for value in values if value is not None)
    return counted.most_common(1)[0][0] if counted else None
