"""What a growth is of, and what it is counted from."""

import re

from index.knowledge.claims.document import Sentence
from index.knowledge.claims.values import Value

_HAN = re.compile("[一-鿿]")
_GROWS = re.compile(
    r"(?P<profit>利润(?!率)|净利(?!率)|盈利|纯益|收益(?!率))"
    r"|(?P<other>成本|费用|(?<!资本)支出|开支|亏损|库存|存货|价格?(?!值)|均价|单价|售价|报价|毛利率|净利率|利润率|负债|债务|现金|股价|人数|用户|开发者|用水|耗电|用电|排放|面积|员工|身家|财富"
    r"|市值|出口|进口|占比|份额)"
    r"|(?P<shipments>出货|销量|产量|交付量|发货)|(?P<demand>需求|订单)"
    r"|(?P<revenue>营收|收入|销售|营业额|业绩|业务|产值|市场|规模|产能|部门)"
)
"""What grows, where it is named: the last before the figure."""
_OF_PROFIT = re.compile(r"(?:利润|净利|profit|income|earnings)(?![^，。；,;]*(?:营收|收入|revenue|sales))[^。；;]*$")
_YEARLY = re.compile(r"同比|年增|年减|较去年|比去年|year|annual|twelve months")
_QUARTERLY = re.compile(r"环比|季增|季减|上一?季|上月|月增|quarter|sequential")


def what_grows(folded: str, sentence: Sentence, value: Value) -> str:
    """``profit``, ``shipments``, ``demand``, ``revenue``; ``other`` for what the ledger has no place for.

    Nothing where a Chinese sentence names nothing.
    """
    if _HAN.search(folded, sentence.start, sentence.end) is None:
        return "profit" if _OF_PROFIT.search(folded, max(sentence.start, value.start - 30), value.start) else "revenue"
    found = ""
    for match in _GROWS.finditer(folded, sentence.start, value.start):
        found = str(match.lastgroup)
    return found


def since(folded: str, sentence: Sentence, value: Value) -> str | None:
    """What a growth is counted from: the year before, or the quarter (or month) before; None where nothing says so."""
    begin, end = max(sentence.start, value.start - 14), min(sentence.end, value.end + 30)
    if not folded[begin:end].isascii():
        end = value.start  # Chinese says it before the figure
    found = [
        (abs(match.start() - value.start), base)
        for base, pattern in (("quarter", _QUARTERLY), ("year", _YEARLY))
        for match in pattern.finditer(folded, begin, end)
    ]
    return min(found)[1] if found else None  # the one that stands nearest
