"""Summaries by extraction: the best sentences of a story, of different origins where there are some, word for word."""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from index.knowledge.reading import Reading
from index.store.articles import StoredArticle
from index.text.sentences import sentences
from index.text.tokens import STOP_WORDS

MOST_SENTENCES = 3
_LEAD_SENTENCES = 6
"""News states its point first: extracts come from the first sentences only."""
_FULL = 16
"""Words of meaning that a sentence needs to be told for itself: fewer set the scene."""
_NAMED = 3
"""The story's entities that a sentence is given credit for: a list of names is no better than a sentence with three."""
_LEANS = re.compile(
    r"(?:that|this|these|those|it|its|they|their|he|she|his|her|both|such|so|but|and|yet|for that|of these)\b"
    r"|(?:这|該|该|此|其|它|他|她|而|但|不过|不過|然而|同时|同時|此外|另外|对此|對此|因此|上述|两者|兩者)",
    re.IGNORECASE,
)
"""How a sentence begins that leans on the one before it."""
_DATELINE = 40
"""Characters of a dateline, such as who wrote where on which day."""
_SAID = 0.6
"""Share of a sentence's words that others said already, from which on it adds nothing."""


@dataclass(frozen=True, slots=True)
class Extract:
    """A sentence of an article, verbatim: characters ``start`` to ``end`` of its text. ``gloss`` is rough English."""

    article: StoredArticle
    start: int
    end: int
    gloss: str | None = None

    @property
    def text(self) -> str:
        return self.article.text[self.start : self.end].replace("\n", " ")


@dataclass(frozen=True, slots=True)
class _Candidate:
    article: StoredArticle
    order: int
    start: int
    end: int
    score: float
    words: frozenset[str]
    again: bool
    """Whether it is the headline over again."""


def extracts(
    articles: Sequence[StoredArticle], entities: Sequence[str], reading: Reading, *, least: int = 2, most: int = MOST_SENTENCES
) -> list[Extract]:
    """Two or three sentences of `articles`, the lead first: each says what those before it did not.

    A sentence of another article is preferred to a second one of the same, and a third is taken only where it adds a figure or
    a name of the story's.
    """
    told = Counter(word for article in articles[:5] for word in _words(article.title, reading))
    candidates = [
        each for order, article in enumerate(articles[:5]) for each in _candidates(article, order, entities, told, reading)
    ]
    anew = [each for each in candidates if not each.again]
    if len(anew) >= least:
        candidates = anew
    chosen: list[_Candidate] = []
    seen: set[str] = set()
    while candidates and len(chosen) < most:
        taken = {each.article.id for each in chosen}
        best = max(candidates, key=lambda each: (_worth(each, seen, taken), -each.order, -each.start))
        new = len(best.words - seen) / len(best.words) if best.words else 0.0
        if chosen and new < 1 - _SAID and len(chosen) >= least:
            break
        if len(chosen) >= least and not _adds(best, chosen):
            break
        chosen.append(best)
        seen |= best.words
        candidates = [each for each in candidates if each is not best]
    rest = sorted(chosen[1:], key=lambda each: (each.order, each.start))
    return [_extract(each.article, each.start, each.end, reading) for each in (*chosen[:1], *rest)]


def first_sentence(article: StoredArticle, reading: Reading) -> list[Extract]:
    """The first sentence of an article that can stand alone, if it begins with one."""
    for span in sentences(article.text)[:_LEAD_SENTENCES]:
        if _stands_alone(article.text[span.start : span.end], article.lang):
            return [_extract(article, span.start, span.end, reading)]
    return []


def _stands_alone(text: str, lang: str) -> bool:
    """Whether a sentence is neither a fragment nor a page, neither a question nor the announcement of what follows."""
    return 40 <= len(text) * (2 if lang == "zh" else 1) <= 600 and text.rstrip()[-1:] not in ("?", "？", ":", "：")


def _worth(candidate: _Candidate, seen: set[str], taken: Collection[int]) -> float:
    novelty = len(candidate.words - seen) / len(candidate.words) if candidate.words else 0.0
    # The headline's own article has the first word, if it has a good one.
    first = 1.2 if not taken and candidate.order == 0 else 0.0
    other = 0.6 if taken and candidate.article.id not in taken else 0.0
    return candidate.score + 1.6 * novelty + first + other - 0.15 * candidate.order


def _adds(candidate: _Candidate, chosen: Sequence[_Candidate]) -> bool:
    """Whether a further sentence brings a figure that none of the others has."""
    figures = {word for word in candidate.words if word[0].isdigit()}
    return bool(figures - {word for each in chosen for word in each.words})


def _candidates(
    article: StoredArticle, order: int, entities: Sequence[str], told: Mapping[str, int], reading: Reading
) -> list[_Candidate]:
    """The sentences of the article's beginning that can stand alone: early, in the headlines' words, with names and figures.

    ``told``: the headlines' words with how many have each.
    """
    important = set(entities[:6])
    found = []
    for position, span in enumerate(sentences(article.text)[:_LEAD_SENTENCES]):
        text = article.text[span.start : span.end]
        if not _stands_alone(text, article.lang):
            continue
        words = _words(text, reading)
        named = len({m.id for m in reading.linker.find(text)} & important)
        figures = any(char.isdigit() for char in text)
        score = 1.6 / (1 + 0.6 * position) + 0.4 * min(named, _NAMED) + 0.4 * figures + 1.2 * _overlap(words, told)
        score -= 1.2 * (not named and not figures) + 0.8 * bool(_LEANS.match(text)) + 0.6 * max(0.0, 1 - len(words) / _FULL)
        again = _is_headline(text, article.title)
        found.append(_Candidate(article, order, span.start, span.end, score - 2.0 * again, words, again))
    return found


def _is_headline(text: str, title: str) -> bool:
    """Whether a sentence is the headline over again, with at most a dateline: so it is where a text came without a title."""
    bare = title.rstrip("…。")
    return bare in text and len(text) - len(bare) <= _DATELINE


def _overlap(words: Collection[str], told: Mapping[str, int]) -> float:
    """The share of what the headlines say that a sentence says, each word by how many have it."""
    total = sum(told.values())
    return sum(told[word] for word in words if word in told) / total if total else 0.0


def _words(text: str, reading: Reading) -> frozenset[str]:
    """The words of a text that carry meaning, Chinese ones as the stems of their English senses, so that languages meet."""
    words = (term for word in reading.glosser.words(text) for term in (word.glosses or (word.token.term,)))
    return frozenset(term for term in words if (len(term) > 2 or term.isdigit()) and term not in STOP_WORDS)


def _extract(article: StoredArticle, start: int, end: int, reading: Reading) -> Extract:
    return Extract(article, start, end, reading.glosser.for_reader(article.text[start:end]) if article.lang == "zh" else None)
