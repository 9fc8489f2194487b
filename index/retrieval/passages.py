"""Passages: whole sentences packed to what the encoder reads at once, overlapping by one sentence."""

import hashlib
import re
from dataclasses import dataclass

from index.knowledge.gloss import Glosser
from index.store.articles import StoredArticle
from index.store.passages import PassageSpan
from index.text.sentences import Span, sentences
from index.text.tokens import HAN

RECIPE = "2"
"""Part of what decides whether stored passages are still right: raise it when this module cuts or words differently."""

BUDGET = 190
"""Estimated model tokens in a passage with its title; all-MiniLM-L6-v2 reads 256 and ignores the rest."""
_TITLE_SHARE = 50
_OVERLAP = 60

_HAN = re.compile(f"[{HAN}]")
_WORD = re.compile(r"[A-Za-z0-9]+")


@dataclass(frozen=True, slots=True)
class Passage:
    """A span of an article's text and the exact string that is embedded for it."""

    span: PassageSpan
    embedded: str


def estimated_tokens(text: str) -> float:
    """About how many tokens the encoder makes of `text`, or of its gloss where it is Chinese.

    An English news word is 1.4 word pieces; a Chinese character is 0.75 (a two-character word glosses to 1.5).
    """
    return 1.4 * len(_WORD.findall(text)) + 0.75 * len(_HAN.findall(text))


def cut(title: str, text: str, budget: int = BUDGET) -> list[Span]:
    """Spans of `text` that are whole sentences and fit `budget` with the title; a lone overlong sentence is cut.

    Consecutive spans share one sentence when it is short. An article without text has one empty span, so that its
    title can be found.
    """
    room = budget - min(estimated_tokens(title), _TITLE_SHARE)
    units: list[tuple[Span, float]] = []
    for span in sentences(text):
        cost = estimated_tokens(text[span.start : span.end])
        if cost <= room:
            units.append((span, cost))
        else:
            units.extend((part, estimated_tokens(text[part.start : part.end])) for part in _halves(text, span, room))
    if not units:
        return [Span(0, 0)]
    spans: list[Span] = []
    first, spent = 0, 0.0
    for i, (_, cost) in enumerate(units):
        if i > first and spent + cost > room:
            spans.append(Span(units[first][0].start, units[i - 1][0].end))
            overlap = units[i - 1][1]
            keep = i - 1 > first and overlap <= _OVERLAP and overlap + cost <= room
            first, spent = (i - 1, overlap) if keep else (i, 0.0)
        spent += cost
    spans.append(Span(units[first][0].start, units[-1][0].end))
    return spans


def make_passages(article: StoredArticle, glosser: Glosser, *, multilingual: bool) -> list[Passage]:
    """The passages of `article` in order, each worded for the encoder: title, then text, Chinese glossed into English.

    With a `multilingual` encoder the text itself is embedded.
    """
    made: list[Passage] = []
    glossed = article.lang == "zh" and not multilingual
    title = glosser.gloss(article.title) if glossed else article.title
    for ordinal, span in enumerate(cut(article.title, article.text)):
        body = article.text[span.start : span.end]
        embedded = f"{title}. {glosser.gloss(body) if glossed else body}".strip()
        digest = hashlib.sha256(embedded.encode("utf-8", "surrogatepass")).hexdigest()
        made.append(Passage(PassageSpan(ordinal, span.start, span.end, digest), embedded))
    return made


def _halves(text: str, span: Span, room: float) -> list[Span]:
    """Cut a span in two near its middle, at a comma or space where there is one, until every part fits."""
    if estimated_tokens(text[span.start : span.end]) <= room or span.end - span.start < 2:
        return [span]
    middle = (span.start + span.end) // 2
    reach = (span.end - span.start) // 4
    cut_at = middle
    for marks in ("，,、；;：:", " "):
        near = [i for i in range(middle - reach, middle + reach) if text[i] in marks]
        if near:
            cut_at = min(near, key=lambda i: abs(i - middle)) + 1
            break
    return [*_halves(text, Span(span.start, cut_at), room), *_halves(text, Span(cut_at, span.end), room)]
