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
    r"(?:的|旗下|其|该|公司|其中|在|今年|去年|本|上半年|下半年|第?[一二三四1-4]季度?|[\d年月日季度 ,:]|但|而|同时|此外)*"
    r"(?P<part>(?:[a-z][a-z+&/]*|[一-鿿&/]){2,12}?)(?:业务|部门|事业部|分部|板块|芯片|产品)?(?:的|在[^,。;]{0,8})?(?:季度|总|净)?(?:营收|收入|销售额|营业额|营业利润|利润)"
)
_NO_SEGMENT = re.compile(r"(?:实现|总|净|季度|归属|归母|营业|年度|全年|当季|单季|合并|整体|达到|预计|预期|的|公司|集团|美元|人民币|调整|经|未|相关|持续|主营|毛|税[前后])+")


def segment_of(folded: str, sentence: Sentence, subject: Named, place: int) -> str | None:
    """The part of a company whose figure stands at `place`, by the words that stand there: 客户计算业务营收."""
    begin = subject.end if sentence.start <= subject.start < sentence.end else sentence.start
    clause = max((at + 1 for at in sentence.breaks if at < place), default=begin)
    match = _SEGMENT.match(folded, max(begin, clause), place) or _SEGMENT.match(folded, begin, place)
    if match is None or _NO_SEGMENT.match(match["part"]) is not None:
        return None
    return match["part"].strip()
