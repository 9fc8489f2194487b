"""A headline for a text that comes without one: what its first sentence says, without what stands before the news.

Chinese agencies begin a text with their own name and the day (财联社8月9日讯), and who passes a text on leaves labels there
(正文：, 原标题：). With 原标题 the headline itself is in the text, often with nothing between it and the dateline.
"""

import re

from index.text.sentences import sentences

LONGEST = 80
"""Characters of a headline."""

_SHORTEST = 6
"""Characters below which what stands before a dateline is no headline but a part of it, and a sentence none at all."""

_LABELS = re.compile(
    r"(?:[\s,，。;；:：、|]+"
    r"|(?:(?:\d{2,4}[-/.])?\d{1,2}[-/.]\d{1,2}\s+)?\d{1,2}:\d{2}(?::\d{2})?(?=[\s,，])"
    r"|\[[\d/:\s-]{8,}\]"
    r"|(?:正文|摘要|导读|導讀|核心提示|本文)\s*[:：])+"
)
_ORIGINAL = re.compile(r"原(?:标题|標題|题|題)(?:为|為)?\s*[:：]\s*")

_OUTLET = (
    r"(?:IT之家|快科技|TechWeb|CNMO|集微网|芯智讯|财联社|科创板日报|智通财经(?:APP|网)?|金融界|金十数据|证券时报(?:网|e公司)?|每经(?:网|AI快讯)?"
    r"|新华(?:社|网|财经)|中新(?:社|网|经纬)|中国新闻网|人民(?:网|日报)|央视(?:网|新闻|财经)?|环球(?:网|时报)(?:综合)?|参考消息网?|科技日报|澎湃新闻|界面新闻"
    r"|观察者网|新京报(?:贝壳财经)?|第一财经|钛媒体|36氪|雷峰网|机器之心|量子位|新浪(?:科技|财经)|腾讯(?:科技|新闻)|网易科技|凤凰网(?:科技)?|搜狐(?:科技)?"
    r"|中央社|鉅亨網|經濟日報|工商時報|科技新報|電子時報)"
)
_PLACE = r"[一-鿿]{0,4}"
_DAY = (
    r"(?:\d{4}\s*年\s*)?\d{1,2}\s*月\s*\d{1,2}\s*日(?:\s*(?:晚间|早间|上午|下午|晚|早))?\s*"
    r"(?:消息|综合消息|快讯|讯|訊|电|電|报道|報導)"
)
_CREDIT = r"\s*(?:[（(][^（）()]{1,40}[）)])?\s*(?:电题|[,，:：]|$)?\s*"
_DATELINE = re.compile(
    rf"(?:【[^】]{{2,20}}】\s*)?(?:{_OUTLET}\s*{_PLACE}\s*{_DAY}|{_OUTLET}\s*(?:获悉|讯|訊)|{_PLACE}{_DAY}){_CREDIT}",
    re.IGNORECASE,
)
_NAMED_DATELINE = re.compile(
    rf"(?:【[^】]{{2,20}}】\s*)?{_OUTLET}\s*{_PLACE}\s*(?:{_DAY}|获悉|讯|訊)|20\d\d-\d\d-\d\d\s+\d\d:\d\d", re.IGNORECASE
)


def headline_from(text: str) -> str:
    """At most `LONGEST` characters: the headline that `text` names as its original one, else its first sentence, cut at
    a clause where it is longer. What is nothing but a dateline stays as it is."""
    start = text[:1000].lstrip()
    label = _LABELS.match(start)
    rest = start[label.end() :] if label else start
    if original := _ORIGINAL.match(rest):
        rest = rest[original.end() :]
        dateline = _NAMED_DATELINE.search(rest, _SHORTEST, 2 * LONGEST)
        return _cut(_first(rest[: dateline.start()] if dateline else rest) or start)
    dateline = _DATELINE.match(rest)
    news = rest[dateline.end() :] if dateline else rest
    first = _first(news) if len(news.strip()) >= _SHORTEST else ""
    return _cut(first if len(first) >= _SHORTEST else _first(rest or start))


def _first(text: str) -> str:
    spans = sentences(text)
    return text[spans[0].start : spans[0].end] if spans else text[:LONGEST].strip()


def _cut(sentence: str) -> str:
    if len(sentence) <= LONGEST:
        return sentence.removesuffix("。")
    clause = max(sentence.rfind(mark, LONGEST // 4, LONGEST - 1) for mark in ("，", "；", ", ", "; "))
    return sentence[: clause if clause > 0 else LONGEST - 1].rstrip() + "…"
