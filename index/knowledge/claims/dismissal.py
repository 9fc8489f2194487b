"""Numbers that give nothing: model numbers, disks of computers, prices of shares, sentences that are no news."""

import re

from index.knowledge.claims.document import Sentence
from index.knowledge.claims.values import Value

_BOILERPLATE = re.compile(
    r"[\s，。：:]*(?:本文属于原创|相关阅读|广告声明|查看同类文章|推荐阅读|延伸阅读|责任编辑|免责声明|本文转自|本文来源"
    r"|投诉邮箱|海量资讯)"
)
_SUPPOSED = re.compile(
    r"[\s，。“\"]*(?:(?:now |but |and )?(?:suppose|imagine|assume|what if|let us (?:say|assume))\b"
    r"|(?:即使|即便|就算|我们)?(?:假设|假定|假如|假使|设想|试想|倘若))"
)
_A_SHARE = re.compile(
    r"(?:年薪|薪酬|月薪|工资|奖金|\bsalary|\bwages)[^，。；,;]{0,8}$|(?:计划|预期|去年|上年)[^，。；,;]{0,4}(?:少|多)\s?$"
    r"|(?:税收|利税|纳税)[^，。；,;\d]{0,4}$|每股[^，。；,;]{0,10}$|股价[^，。；,;]{0,12}$|收于[^，。；,;]{0,8}$|[，、]报(?:收|价)?[^，。；,;\d]{0,4}$"
    r"|持仓市值[^，。；,;]{0,4}$|[沪深]市市值[^，。；,;]{0,4}$|流通市值[^，。；,;]{0,4}$|目标价[^，。；,;]{0,10}$"
)
_EACH_SHARE = re.compile(r"\s?(?:/股|每股|per share|a share|apiece for the shares)")
_STORED = re.compile(
    r"[^，。；、,;]{0,16}?(?:ssd|固态|硬盘|存储空间|闪存|内置存储|机身存储|\bufs|\brom\b|nvme|\bhdd|\bof storage|\bof disk"
    r"|颗粒|单条)"
)
"""What follows the size of a disk, or of a single memory chip."""
_STORES = re.compile(
    r"(?:ssd|固态硬盘|硬盘|(?<!片上)(?<!内存)存储(?!器|芯片)[^，。；,;]{0,2}|存储空间|闪存)[^，。；,;、]{0,8}$"
)
_MODEL = re.compile(r"[a-z]{3,} ?$")
_HAN = re.compile("[一-鿿]")
_UNITS_OF_A_GPU = re.compile(
    r" ?[个组]? ?(?:[a-z]e ?核心|cu(?![a-z])|eu(?![a-z])|xve|hbm|[a-z ]{0,3}\d?\+? ?计算单元|执行单元"
    r"|[^，。；,;、]{0,8}?(?:xcd|lpe|大核|小核|能效核"
    r"|性能核|能效核心|性能核心))"
)
_OVERCLOCKED = re.compile(r"超频|超到|overclock|液氮|\bln2\b")
_INCHES = re.compile(r"[寸吋]|inch")
_TRADED = re.compile(r"股价|收盘|收涨|收跌|盘前|盘后|盘中|美股|纳指|股票|大盘|科技股|个股|本周累计|\bshares\b|\bstock\b")
_MOVED = re.compile(
    r"(?:[涨跌](?:超|幅|逾|了|至|近|约|破)?(?:达到?|为)?|飙升|攀升|下挫|跳水|\b(?:rose|fell|gained|lost|up|down"
    r"|jumped)(?: by| as much as)?) ?(?:约|近|超|about )?$"
)
_BUSINESS = re.compile(r"营收|收入|利润|净利|出货|价格|销量|需求|产能|revenue|sales|profit|price|demand")
_WANTED_BY_OTHERS = re.compile(
    r"(?:(?:市场|外界|一致)[^，。；,;]{0,6}|(?:分析师|华尔街|机构|投行)[^，。；,;]{0,20})(?:预期|预测|预估|预计)(?:值)?(?:的|为|是|约|中值)*\s?$"
    r"|[，,]预期(?:的|为|值)?\s?$"
    r"|\b(?:analysts?'?|wall street|consensus)[\w' ]{0,30}(?:estimates?|expectations?|forecasts?|expected)(?: of| for| was"
    r"| were)?(?: about)? ?\$?$"
    r"|\bestimates? (?:of|was|were) (?:about )?\$?$"
)


def is_no_news(folded: str, sentence: Sentence) -> bool:
    """Whether a sentence is a notice, a licence or a list of other articles, or supposes what is not said to be so."""
    return _BOILERPLATE.match(folded, sentence.start) is not None or _SUPPOSED.match(folded, sentence.start) is not None


def is_nothing(folded: str, sentence: Sentence, value: Value, *, money: bool) -> bool:
    """Whether a figure is one that the ledger has no place for, whatever stands around it."""
    start, end = value.start, value.end
    if folded[start - 1] in "\u200b\u200c\u200d\ufeff":
        return True  # the rest of a number that something nobody sees parts
    if money:
        return _A_SHARE.search(folded, max(sentence.start, start - 16), start) is not None or (
            _EACH_SHARE.match(folded, end) is not None
        )
    if value.unit == "b":
        return _STORED.match(folded, end, sentence.end) is not None or (
            _STORES.search(folded, max(sentence.start, start - 14), start) is not None
        )
    if value.unit == "hz":
        return _OVERCLOCKED.search(folded, sentence.start, sentence.end) is not None
    if value.unit == "wafer":
        return _INCHES.search(folded, start, end) is not None
    if value.unit in ("chip", "core", "system", "thing"):
        if start > 1 and folded[start - 1] == "-" and folded[start - 2].isascii() and folded[start - 2].isalnum():
            return True  # i9-13900K
        return (
            _UNITS_OF_A_GPU.match(folded, value.of) is not None
            or folded.startswith(("cuda", " cuda"), value.of)
            or (
                2 < value.of - start < 5
                and folded[start : start + 3].isdigit()
                and _MODEL.search(folded, max(sentence.start, start - 12), start) is not None
                and _HAN.search(folded, sentence.start, sentence.end) is not None
            )
        )
    if value.unit == "%":
        return (
            _TRADED.search(folded, sentence.start, start) is not None
            and _MOVED.search(folded, max(sentence.start, start - 16), start) is not None
            and _BUSINESS.search(folded, max(sentence.start, start - 20), start) is None
        )
    return False


_EARLIER = re.compile(
    r"(?:原先|原名|旧称|曾称|原称|之前|此前|以往|过去|比现在|高于现在)的?(?:[\d.]+ ?(?:nm|纳米)?(?:工艺|制程)?[、和/ ]*)*$"
)
_FEE = re.compile(r"[^，。；,;]{0,30}?(?:分手费|终止费|违约金|break-?up fee|termination fee)")
_TAKES = re.compile(r"占据?[^，。；,;]{0,12}$")
_HELD = re.compile(
    r"(?:持股|持仓|持有)[^，。；,;]{0,8}市值[^，。；,;]{0,8}$|(?:蒸发|缩水|损失|增加|减少)(?:了|逾|超|约|近)*\s?$"
)
_UNLOCKED = re.compile(r"[^,。;]{0,8}(?:解禁|限售|流通)")
_NEEDED = re.compile(r"需要?(?:至少|要)?\s?$|要求(?:至少)?\s?$|\b(?:requires|needs) (?:at least )?$")


def is_before(folded: str, sentence: Sentence, value: Value) -> bool:
    """Whether a process, or a size of memory, is one of before, or one that is needed."""
    begin = max(sentence.start, value.start - 20)
    if value.unit == "nm":
        return _EARLIER.search(folded, begin, value.start) is not None
    return value.unit == "b" and _NEEDED.search(folded, begin, value.start) is not None


_OF_THE_OTHER_MEMORY = re.compile(r"[^，。；、,;]{0,18}?(?:gddr|hbm|显存|\bvram)")
_OF_A_CACHE = re.compile(r"[^，。；、,;]{0,8}?(?:缓存|\bsram|\bl[123]\b|\bcache)")


def is_of_another(folded: str, sentence: Sentence, value: Value, attribute: str) -> bool:
    """Whether what stands beside a figure says that it is another's: a cache's, a power supply's, that of shares held."""
    if attribute == "market-value":
        return (
            _HELD.search(folded, max(sentence.start, value.start - 20), value.start) is not None
            or _UNLOCKED.match(folded, value.end, sentence.end) is not None
        )
    if attribute == "deal":
        return _FEE.match(folded, value.end, sentence.end) is not None
    if attribute == "capacity" and value.unit == "%":
        return _TAKES.search(folded, max(sentence.start, value.start - 20), value.start) is not None
    if attribute == "power":
        return folded.startswith(("电源", "快充", "充电", "电池"), value.end + (folded[value.end : value.end + 1] in " 的"))
    pattern = {"on-chip-memory": _OF_THE_OTHER_MEMORY, "memory-capacity": _OF_A_CACHE}.get(attribute)
    return pattern is not None and value.unit == "b" and pattern.match(folded, value.end, sentence.end) is not None


def is_expectation(folded: str, sentence: Sentence, start: int) -> bool:
    """Whether the figure at `start` is what analysts had expected, beside what came."""
    return _WANTED_BY_OTHERS.search(folded, max(sentence.start, start - 50), start) is not None
