"""Tokens with offsets: English words (stemmed), identifiers and numbers (exact), Chinese words and character bigrams."""

import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import Stemmer

from index.text.fold import fold

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
WORD = re.compile(rf"\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)+|[^\W_{HAN}]+")
"""One word, identifier or number that is not Chinese, in folded text."""
_RUN = re.compile(rf"{WORD.pattern}|[{HAN}]+")
_IS_HAN = re.compile(f"[{HAN}]")
_lock = threading.Lock()

STOP_WORDS = frozenset(
    """a an and are as at be been but by can did do does for from had has have how i if in into is it its more most new
    not of on or our over than that the their them then there these they this to up was we were what when where which
    while who why will with would you your about after all also any because before between both during each just like
    me my no now off only other out own same she he her his so some such too under until very happen happened happens happening
    的 了 在 是 和 与 及 或 也 都 就 而 被 把 将 对 向 从 以 于 为 等 这 那 其 该 个 之 并 但 还 又 吗 呢 吧 啊 么 什么
    怎么 怎样 如何 哪些 哪个 多少 为什么 有 没有 我 你 他 她 它 我们 你们 他们 一 一个 一种
    上 下 中 里 到 由 使 让 给 发生""".split()
)
"""Words that say nothing of a topic: kept in the index (phrases need them), left out of coverage and highlights."""


_PROCESSORS = frozenset({"gpus", "cpus", "tpus", "npus", "dpus", "ipus", "lpus", "xpus", "vpus", "dcus"})
"""Plurals that the stemmer leaves alone, because English words in -us (bus, status) are mostly singular."""


@dataclass(frozen=True, slots=True)
class Token:
    """One token: ``text`` folded as written, ``term`` as indexed (stemmed for English words), offsets in characters."""

    text: str
    term: str
    start: int
    end: int
    han: bool

    @property
    def identifier(self) -> bool:
        """True for what must match exactly: letters and digits mixed, such as h100, 910b, mi300x, hbm3e."""
        return not self.han and any(c.isdigit() for c in self.text) and any(c.isalpha() for c in self.text)


class ChineseSegmenter:
    """rjieba with the lexicon and the entity names as user words; loaded at the first cut. Safe for threads."""

    _spare = True
    """Whether the dictionary that rjieba loads on import is still as it came: the first segmenter takes it, as another one
    takes a tenth of a second to load; a later one's words must not change how the first one cuts."""

    def __init__(self, words: Iterable[str] = ()) -> None:
        self._words = [word for word in words if len(word) > 1]
        self._jieba: Any = None

    def cut(self, run: str) -> list[str]:
        """Split one run of folded Chinese characters into words; their concatenation is the run."""
        with _lock:
            if self._jieba is None:
                self._jieba = self._load()
            words: list[str] = self._jieba.cut(run, True)
            return words

    def _load(self) -> Any:
        import rjieba

        jieba: Any = rjieba if ChineseSegmenter._spare else rjieba.Jieba()
        ChineseSegmenter._spare = False
        for word in self._words:
            # The dictionary would often still split a listed word: the suggested frequency is the smallest that keeps it
            # whole.
            jieba.add_word(word, jieba.suggest_freq(word), None)
        self._words = []
        return jieba


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """The Snowball English stem of a folded word; words with digits or non-ASCII letters are returned unchanged."""
    if not word.isascii() or not word.isalpha() or len(word) < 4:
        return word
    if word in _PROCESSORS:
        return word[:-1]
    return str(_stemmer().stemWord(word))


def _stemmer() -> Stemmer.Stemmer:
    return _stemmers(threading.get_ident())


@cache
def _stemmers(_thread: int) -> Stemmer.Stemmer:
    return Stemmer.Stemmer("english")  # PyStemmer's objects are not safe across threads


def tokenize(text: str, segmenter: ChineseSegmenter) -> list[Token]:
    """Tokens of `text` in order. Thousands separators are dropped ("37,000" is the term 37000)."""
    return tokenize_folded(fold(text), segmenter)


def tokenize_folded(folded: str, segmenter: ChineseSegmenter) -> list[Token]:
    """`tokenize` for a text that is folded already."""
    tokens: list[Token] = []
    for match in _RUN.finditer(folded):
        run, start = match.group(), match.start()
        if _IS_HAN.match(run):
            for word in segmenter.cut(run):
                tokens.append(Token(word, word, start, start + len(word), True))
                start += len(word)
        else:
            tokens.append(Token(run, term_of(run), start, match.end(), False))
    return tokens


def term_of(word: str) -> str:
    """The indexed term of a folded word, identifier or number that is not Chinese."""
    return word.replace(",", "") if word[0].isdigit() else stem(word)


def bigrams(folded: str) -> list[str]:
    """Overlapping pairs of adjacent Chinese characters, the safety net under segmentation."""
    pairs: list[str] = []
    for match in re.finditer(f"[{HAN}]{{2,}}", folded):
        run = match.group()
        pairs.extend(run[i : i + 2] for i in range(len(run) - 1))
    return pairs


def has_han(text: str) -> bool:
    """True when `text` has at least one Chinese character."""
    return _IS_HAN.search(text) is not None
