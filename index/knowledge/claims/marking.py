"""Which names of a sentence are no subject: what something is compared with, what is only a means, what a number counts."""

import re
from dataclasses import replace

from index.knowledge.claims.document import Document, Named, Sentence
from index.knowledge.claims.kinds import PRODUCTS

_FILL = (
    r"(?: (?:that of|those of|the|an?|its|his|each|every|equal|same|number|of|earlier|first|comparable|"
    r"current|existing|older|previous|[a-z]+'s|on|what|inference|training|performance|throughput|"
    r"ones?|systems?|machines?|clusters?|servers?|with|using|based|built))*"
)
_AGAINST = re.compile(
    r"(?:\b(?:against|than|versus|vs\.?|compared (?:with|to)|relative to|unlike|in place of|instead of|"
    r"rather than|over|times|twice|match(?:es)?|beats?|outperforms?|outpaces?|surpass(?:es)?|trails|replaces|"
    r"takes the place of|similar to|successor to|equal to|equivalent to|follows|designed for|compatible "
    r"with|from|is an?|as|(?:of|from|on) the (?:first|previous|original|older)) ?"
    rf"|\bas (?:fast|much|many|powerful|good|efficient)\b[\w ]{{0,14}} as(?: on)? ?){_FILL}\s*$"
)
_AGAINST_A_FIGURE = re.compile(
    r"\b(?:against|than|versus|compared with|compared to) (?:about |some )?\$?[\d.,]+[a-z]* (?:\w+ "
    r"){0,3}(?:in|for|of|on) (?:the |an? |[a-z]+'s )?$"
)
_AGAINST_HAN = re.compile(
    r"(?:(?<![占对价])比|较|相比于?|相较于?|对比|超过了?|高于|低于|领先|不及|优于|取代|替代|接替|媲美|不同于|而非|同于"
    r"|远超|相当于|堪比|比肩|不输)(?:基于|采用|使用|搭载|配备)?(?:[\d.]+[gt]b版?的?)?(?:同等?数量的?|上一代的?|单颗|当前的?|[一-鿿]{2,4}的?)?\s?$"
)
_WITH_HAN = re.compile(r"(?:与|和|跟|同)(?:[^，。；,;]{0,10})$")
_ALIKE_HAN = re.compile(r"[^，。；,;]{0,24}(?:相比|相当|相同|一样|兼容|不同|比较|对比|相差|持平|一致)")
_SAME = re.compile(r"[^，。；,;]{0,4}(?:相同|一样|类似|相似|同样)")
_TIMES_HAN = re.compile(
    r" ?(?: ?\d+gb)?(?:系统|服务器|芯片|显卡|集群|gpu)?的?(?:约|足足|近|将近|大约|整整|至少|超)?(?:[\d.]+"
    r"|[一二两三四五六七八九十]+)(?:至[\d.]+)?\s?(?:倍|%|成)|的?(?:约)?(?:一半|[一二三四五六七八九十]+分之)"
)
_ONE = re.compile(r"(?:一颗|一块|\bone|\ba single) ?$")
_LIKE = re.compile(r"(?:如同|就像|正如|像|\blike|\bunlike) ?(?:[一-鿿a-z0-9]{0,8}(?:霸主|巨头))?$")
_ITS_CHIPS = re.compile(r"(?:'s)? ?(?:的)?(?:gpus?|chips?|芯片|系统|超算|加速卡)")
_MEANS = re.compile(r"(?:以|通过|透过|经由|随|\bvia|\bover|\bthrough|\busing|\bby means of) ?(?:the |第[一二三四五六]代)?\s?$")
_DESIGN = re.compile(r".{0,6}(?:架构|architecture)")
_OF_A_DESIGN = re.compile("[ a-z0-9.“”\"'+-]{0,10}(?:异构|融合)?(?:架构|architecture)")
"""What follows a name that only says how something is built: 沿用Hopper架构, 基于Battlemage“Xe2”架构."""
_FROM = re.compile(r"(?:把|将|从|由|\bfrom )[^，。；,;]{0,36}$")
_NEXT_OF = re.compile(r" ?(?:gpu|芯片|显卡|处理器)? ?的(?:升级|改进|后续|继任|迭代|阉割|精简|增强)")
_IS = re.compile(r"是[^，。；,;]{0,12}$")
_TIMES_OF_ALL = re.compile(r"[^，。；,;]{0,8}的\s?(?:约|近)?[\d.]+\s?倍")
_EQUALS = re.compile(r"(?:相当于|等于|是|达到|为)\s?$")
_IS_HAN = re.compile(
    r"(?:是(?:市场上|目前)?[^，。；,;]{0,8}?|为|达到了|达|达到|接近|相当于|高达|约|可达|约为|同数量|等于"
    r"|达成)(?:[一-鿿]{2,3})?\s?$"
)
_DIRECT = re.compile(r"\s?(?:of )?(?:(?:the|its|new|more|other) |[a-z]+'s )*")
_CARRIES = re.compile(
    r"(?:stacks? of|\buses?|\bto use|\badds|\bcarries|\bcarry|搭载|采用|配备|用上|使用|改用|所用|现用|组) ?(?:the |faster )?$"
)
_OF_MEMORY = re.compile(r" ?(?:of |的 ?|容量的 ?|高速)?(?:fast |faster |its )?")


def mark_names(document: Document) -> None:
    """Tell in every sentence the names that something is compared with, and those that a number counts."""
    folded = document.folded
    for sentence in document.sentences:
        for name in sentence.names:
            if name.kind == "company":
                name.against = _company_against(folded, sentence, name)
            if name.kind in PRODUCTS:
                name.against = _against(folded, sentence, name)
                name.aside = _MEANS.search(
                    folded, max(sentence.start, name.start - 16), name.start
                ) is not None and not folded.startswith("为例", name.end)
                name.aside = name.aside or _is_a_design(folded, name.end)
        if sentence.values:
            _count(folded, sentence)
        for name in sentence.names:
            if name.kind in ("chip", "system") and _ONE.search(folded, max(sentence.start, name.start - 16), name.start):
                name.counted = True
        _carried(folded, sentence)
        _changed(folded, sentence)


def _is_a_design(folded: str, end: int) -> bool:
    """Whether the name that ends at `end` only says how something is built."""
    if folded.find("架构", end - 4, end + 20) < 0 and folded.find("architecture", end - 4, end + 30) < 0:
        return False  # found sooner than by patterns
    return _DESIGN.match(folded, end - 4, end + 14) is not None or _OF_A_DESIGN.match(folded, end, end + 14) is not None


def _against(folded: str, sentence: Sentence, name: Named) -> bool:
    before = folded[max(sentence.start, name.start - 60) : name.start]
    if before and before[-1] < "\x80" and (_AGAINST.search(before) or _AGAINST_A_FIGURE.search(before)):
        return True
    chinese = not before.isascii()
    if chinese and _AGAINST_HAN.search(before):
        return True
    if chinese and _NEXT_OF.match(folded, name.end) and _IS.search(before):
        return True
    if folded.startswith(("基础上", "的基础上", "基础之上", "的基础之上"), name.end):
        return True
    after = folded[name.end : min(sentence.end, name.end + 40)]
    if after.isascii():
        return False
    if chinese and _WITH_HAN.search(before) and _ALIKE_HAN.match(after):
        return True
    return bool(_TIMES_HAN.match(after) and (_IS_HAN.search(before) or after[:1] == "的"))


def _company_against(folded: str, sentence: Sentence, name: Named) -> bool:
    """Whether something is compared with a company's chips (比基于英伟达GPU的系统), or another one is likened to it."""
    before = folded[max(sentence.start, name.start - 24) : name.start]
    if _LIKE.search(before):
        return True
    if _TIMES_OF_ALL.match(folded, name.end) and _EQUALS.search(before):
        return True
    if _WITH_HAN.search(before) and _SAME.match(folded, name.end):
        return True
    return _ITS_CHIPS.match(folded, name.end) is not None and bool(_AGAINST_HAN.search(before) or _AGAINST.search(before))


def _count(folded: str, sentence: Sentence) -> None:
    for index, value in enumerate(sentence.values):
        for name in sentence.names:
            if name.start < value.of or name.inner:
                continue
            if name.start < value.end and value.unit in ("chip", "system") and name.kind in ("chip", "system"):
                name.counted = True
                continue
            if name.kind not in ("chip", "system"):
                if name.start > value.end + 30:
                    break
                continue
            if value.plain and value.of <= name.start <= value.of + 24 and _DIRECT.fullmatch(folded, value.of, name.start):
                name.counted = True
                sentence.values[index] = replace(value, unit=name.kind, end=name.end)
            elif value.unit in ("chip", "system") and 0 <= name.start - value.end <= 12:
                gap = folded[value.end : name.start]
                if re.fullmatch(r"(?:装有|由|的|旗舰版|\s|[a-z]+'s)*", gap):
                    name.counted = True
            break


def _carried(folded: str, sentence: Sentence) -> None:
    """The memory that a chip has (192 GB of HBM3) is counted, too: figures beside it are the chip's."""
    for name in sentence.names:
        if name.kind == "memory":
            name.counted = any(
                value.unit == "b" and value.end <= name.start and _OF_MEMORY.fullmatch(folded, value.end, name.start)
                for value in sentence.values
            ) or bool(_CARRIES.search(folded, max(sentence.start, name.start - 24), name.start))


def _changed(folded: str, sentence: Sentence) -> None:
    """In a change (从H100的80GB升到192GB) the name before the old value has only that one."""
    for value in sentence.values:
        if value.change:
            begin = _FROM.search(folded, max(sentence.start, value.start - 40), value.start)
            for name in sentence.names:
                if begin is not None and begin.start() <= name.start < value.start:
                    name.against = True
