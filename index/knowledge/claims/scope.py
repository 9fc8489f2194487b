"""Under what condition a claim holds: precision, sparsity, workload, region, segment, variant."""

import re
from collections.abc import Mapping

from index.knowledge.claims.document import Named, Sentence

_ROLES: Mapping[str, tuple[str, ...]] = {
    "compute": ("precision", "sparsity"),
    "performance": ("precision", "sparsity", "workload"),
    "efficiency": ("precision", "workload"),
    "cost-saving": ("workload",),
    "customer": ("workload",),
    "revenue": ("region", "segment"),
    "revenue-share": ("region", "segment"),
    "growth": ("region", "segment"),
    "margin": ("segment",),
    "profit": ("segment",),
    "market-share": ("region",),
    "market-size": ("region",),
    "revenue-impact": ("region",),
    "export-licence": ("region",),
    "availability": ("region", "variant"),
    "memory-capacity": ("variant",),
    "memory-bandwidth": ("variant",),
    "memory-type": ("variant",),
    "power": ("variant",),
    "price": ("region", "variant"),
    "sampling": ("variant",),
    "volume-production": ("variant",),
}
"""The kinds of condition that matter to an attribute."""
_NEAR, _CLAUSE = 80, 30


def scope_of(sentence: Sentence, attribute: str, place: int, until: int | None = None) -> dict[str, str]:
    """The conditions that the words around `place` (the value's; it ends at `until`) put on a claim of `attribute`."""
    roles = _ROLES.get(attribute)
    if roles is None or not sentence.conditions:
        return {}
    found: dict[str, tuple[int, str]] = {}
    for (role, key), start, end in sentence.conditions:
        if role in roles:
            far = (place - end if end <= place else max(0, start - (until or place))) + _CLAUSE * sentence.apart(start, place)
            if role == "region" and any(name.start <= start and end <= name.end for name in sentence.names):
                continue  # 中国联通
            if role == "variant" and any(end <= value.start and value.end <= place for value in sentence.values):
                continue  # of the figure before: H100 SXM 80GB和H100 NVL 188GB
            if far < found.get(role, (_NEAR, ""))[0]:
                found[role] = (far, key)
    return {role: key for role, (_, key) in found.items()}


def same_condition(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Whether two scopes do not speak of different conditions: what only one of them says does not part them."""
    return all(other.get(name, value) == value for name, value in one.items())


_SEGMENT = re.compile(
    r"(?:(?P<part>[一-鿿a-z&+/]{2,8}?)(?:业务|部门|事业部|事业群|分部|板块)"
    r"|(?P<thing>服务器|手机|汽车|内存|存储|显卡|晶圆|软件|硬件|专利|授权|终端|消费电子|(?<![a-z])(?:ai|pc|dram|nand|hbm\d?e?|gpu|cpu|iot)(?![a-z]))"
    r"(?:相关|芯片|产品|业务|闪存|服务器)?)"
    r"(?:的|在)?[^,。;]{0,6}?(?:营收|收入|销售额|营业额|利润|毛利率|利润率)"
)
_UNIT = re.compile(r"的?\s?(?!服务)(?P<part>[一-鿿a-z&/]{2,8}?)(?:业务)?(?:部门|事业部|事业群)")
"""A part that is named as who has it: 三星的芯片业务部门."""
_INCOME = re.compile(r"(?P<kind>[一-鿿]{2,12})收入(?!占)[^收入,。;]{0,8}$")
_NEUTRAL = re.compile(
    r"实现|营业|主营|业务|销售|合计|合并|综合|季度|年度|全年|当季|单季|本季|[上下]半年|半年度?|\d*月份?|预计|预期|预估|预测|有望|公司|集团|[去今当]年|[当本上]月|累计|同期"
    r"|调整后?|达到?|显示|报告|财报|获得|带来|贡献|产生|创造|取得|美元|人民币|相关|此外|其中|整体|总体|财年|财季|金额|估计|可能|年化|首次|突破|持续|以来"
    r"|第?[一二三四]季?|自己|自身|[年季半]+报|[\d年月日度总净的其该将上下前共创经而且并在从和与约近有为是会或也均都后]"
)
"""What stands before the word for income and says of no part which it is."""
_WHOLE = re.compile(r"营收|收入|销售额|营业额|利润|总")
_NO_SEGMENT = re.compile(r"[季月年财预其该的与在各本此等是将较]|公司|集团|业务|显示|报告")
"""What is part of no name of a part."""


def segment_of(folded: str, sentence: Sentence, subject: Named, place: int) -> str | None:
    """The part of a company whose figure stands at `place`, by the words that stand there: 客户计算业务营收."""
    begin = subject.end if sentence.start <= subject.start < sentence.end else sentence.start
    if begin == subject.end and (unit := _UNIT.match(folded, begin, place)) is not None:
        return unit["part"]
    found = None
    for match in _SEGMENT.finditer(folded, min(begin, place), place):
        found = match
    if found is None and (income := _INCOME.search(folded, min(begin, place), place)) is not None:
        kind = _NEUTRAL.sub("", income["kind"])
        return kind if len(kind) > 1 else None
    if found is None or _WHOLE.search(folded, found.end(), place):
        return None
    part = found["thing"] or found["part"]
    named = _NO_SEGMENT.split(part)[-1] if found["part"] else part
    return named.strip() if len(named.strip()) > 1 else None
