"""Edits that turn a Chinese news article into what reposters, agencies' customers and translators make of it, by a seed.

Every edit is a function of (text, random generator, tools) and gives a text that a reader would call the same piece. They
are as hard as those that are met: a repost may keep two sentences of ten, or say half of its words in others.
"""

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from opencc import OpenCC

from index.knowledge.reading import Reading
from index.text.fold import fold
from index.text.sentences import sentences
from index.text.tokens import HAN

_HEADS = (
    "【本站讯】",
    "综合外电报道，",
    "据行业媒体消息，",
    "编者按：本文为转载内容，不代表本站立场，仅供读者参考。",
    "点击上方蓝字关注我们，获取更多产业资讯。",
)
_NOTICES = (
    "免责声明：本文内容仅代表作者个人观点，与本站无关，其原创性以及文中陈述文字和内容未经本站证实，请读者仅作参考，并请自行核实相关内容。",
    "风险提示：股市有风险，入市需谨慎。以上信息不构成任何投资建议，投资者据此操作，风险自担，与本平台无关。",
    "版权说明：凡注明来源的作品均转载自其它媒体，转载目的在于传递更多信息，并不代表本网赞同其观点和对其真实性负责。如涉及作品内容、版权和其它问题，请在三十日内与本网联系。",
    "欢迎扫描下方二维码加入读者交流群，与数千名从业者一起讨论产业动态、技术路线和投资机会，更有行业报告免费领取。",
    "延伸阅读：本周产业要闻汇总；一文读懂产业链上下游；专家解读市场未来走势；重点公司公告速览；机构最新评级一览。",
    "责任编辑：小陈　校对：老周　审核：王主编　　广告合作、内容授权请联系商务邮箱，未经书面许可严禁任何形式的转载与摘编。",
)
_AGENCY = ("新华财经{day}日电　", "中新网{day}日电　", "财联社{day}日电，", "路透{day}日 - ")
_SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜"
_GIVEN = "明丽强芳军敏杰燕勇艳涛霞飞娟刚玲鹏桂波丹辉梅超华林雪"
_BRANDS = ("远航", "鼎新", "启明", "海川", "天衡", "瑞宁", "星澜", "博远", "华峰", "云岭")


@dataclass(frozen=True)
class Tools:
    """What edits are made with: Chipwire's lexicon, for words of one meaning and for the gloss."""

    reading: Reading

    @cached_property
    def traditional(self) -> Sequence[OpenCC]:
        return OpenCC("s2t"), OpenCC("s2twp"), OpenCC("s2hk")

    @cached_property
    def synonyms(self) -> Mapping[str, Sequence[str]]:
        """Chinese words of two characters or more by word, that share the first English sense."""
        by_sense: dict[str, list[str]] = {}
        for word, listed in self.reading.glosser._lexicon.entries.items():
            sense = listed.split(";")[0].strip().lower()
            if len(word) > 1 and sense not in ("-", ""):
                by_sense.setdefault(sense, []).append(word)
        return {word: [w for w in words if w != word] for words in by_sense.values() if len(words) > 1 for word in words}

    def words(self, text: str) -> list[str]:
        """`text` cut in words; joined again they are `text`."""
        parts: list[str] = []
        position = 0
        for run in re.finditer(f"[{HAN}]+", text):
            parts.append(text[position : run.start()])
            size = 0
            for word in self.reading.glosser.segmenter.cut(fold(run.group())):
                parts.append(run.group()[size : size + len(word)])
                size += len(word)
            position = run.end()
        return [*parts, text[position:]]


Edit = Callable[[str, random.Random, Tools], str]


def split(text: str) -> list[str]:
    return [text[span.start : span.end] for span in sentences(text)]


def cut(text: str, rng: random.Random, tools: Tools) -> str:
    """A run of its sentences: from three tenths to eight tenths of the text."""
    parts = split(text)
    keep = max(2, round(len(parts) * rng.uniform(0.3, 0.8)))
    first = rng.randint(0, max(len(parts) - keep, 0))
    return "".join(parts[first : first + keep])


def reordered(text: str, rng: random.Random, tools: Tools) -> str:
    """Its paragraphs (of two sentences, where it has none) in another order."""
    parts = text.split("\n\n") if "\n\n" in text else ["".join(split(text)[i : i + 2]) for i in range(0, len(split(text)), 2)]
    rng.shuffle(parts)
    return "\n\n".join(parts)


def renamed(text: str, rng: random.Random, tools: Tools) -> str:
    """Names of outlets and of persons replaced by others, as where a text was taken over from somebody."""
    for name in (
        "IT之家",
        "财联社",
        "界面新闻",
        "证券时报",
        "中证网",
        "每经AI快讯",
        "智通财经APP",
        "格隆汇",
        "新京报",
        "观察者网",
    ):
        text = text.replace(name, rng.choice(_BRANDS) + rng.choice(("网", "财经", "资讯", "日报")))
    frequent: dict[str, int] = {}
    for word in tools.words(text):
        if 2 <= len(word) <= 3 and (word[0] in _SURNAMES or fold(word) not in tools.reading.glosser._lexicon.entries):
            frequent[word] = frequent.get(word, 0) + 1
    chosen = sorted(frequent, key=lambda w: (-frequent[w], w))[: rng.randint(3, 6)]
    for word in chosen:
        new = rng.choice(_SURNAMES) + "".join(rng.choice(_GIVEN) for _ in range(len(word) - 1))
        text = text.replace(word, new)
    return text


def annotated(text: str, rng: random.Random, tools: Tools) -> str:
    """With a head and notices around it, which may be half as long as the text."""
    notices = rng.sample(_NOTICES, rng.randint(1, 4))
    return rng.choice(_HEADS) + text + "\n\n" + "\n\n".join(notices)


def traditional(text: str, rng: random.Random, tools: Tools) -> str:
    """In traditional characters, with or without the words of Taiwan."""
    return str(rng.choice(tools.traditional).convert(text))


def agency(text: str, rng: random.Random, tools: Tools) -> str:
    """Its first sentences behind a dateline, as a customer of an agency prints them."""
    parts = split(text)
    return rng.choice(_AGENCY).format(day=rng.randint(1, 28)) + "".join(
        parts[: max(2, round(len(parts) * rng.uniform(0.2, 0.4)))]
    )


def reworded(text: str, rng: random.Random, tools: Tools) -> str:
    """From a fifth to half of the words that have another one of the same meaning replaced by it."""
    share = rng.uniform(0.2, 0.5)
    out = []
    for word in tools.words(text):
        others = tools.synonyms.get(fold(word), ())
        out.append(rng.choice(list(others)) if others and rng.random() < share else word)
    return "".join(out)


def retold(text: str, rng: random.Random, tools: Tools) -> str:
    """Reworded, half of its sentences left out, neighbours swapped: what is called washing a manuscript."""
    parts = [part for part in split(reworded(text, rng, tools)) if rng.random() < 0.7] or split(text)[:2]
    for i in range(0, len(parts) - 1, 2):
        if rng.random() < 0.5:
            parts[i], parts[i + 1] = parts[i + 1], parts[i]
    return "".join(parts)


def glossed(text: str, rng: random.Random, tools: Tools) -> str:
    """Rough English, word for word."""
    return "\n\n".join(tools.reading.glosser.gloss(part) for part in split(text))


EDITS: Mapping[str, Edit] = {
    "cut": cut,
    "reordered": reordered,
    "renamed": renamed,
    "annotated": annotated,
    "traditional": traditional,
    "agency": agency,
    "reworded": reworded,
    "retold": retold,
    "glossed": glossed,
}
"""Each kind by its name. ``glossed`` is English: a text that goes through two edits is glossed last."""


@dataclass(frozen=True, slots=True)
class Edited:
    """A text with the number of what it was made from, and the edits that made it, none for the piece itself."""

    text: str
    piece: int
    edits: tuple[str, ...]


def edited_stream(texts: Sequence[str], seed: int, tools: Tools, most: int = 5) -> list[Edited]:
    """The texts, each with none to `most` edited versions of one or two edits, all shuffled."""
    rng = random.Random(seed)
    stream: list[Edited] = []
    for piece, text in enumerate(texts):
        stream.append(Edited(text, piece, ()))
        for _ in range(rng.randint(0, most)):
            kinds = rng.sample(sorted(EDITS), 2 if rng.random() < 0.3 else 1)
            kinds.sort(key=lambda kind: kind == "glossed")
            made = text
            for kind in kinds:
                made = EDITS[kind](made, rng, tools)
            if len(made) >= 40:
                stream.append(Edited(made, piece, tuple(kinds)))
    rng.shuffle(stream)
    return stream
