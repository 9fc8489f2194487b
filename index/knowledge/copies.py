"""Who repeats whom: copies of a text, told by the text, however its order, its characters or some of its words were changed.

A copy word for word has runs of eight letters in common with its source. One that was reworded has not, but its sentences
still find theirs in the source: most of the runs of three letters of each stand in one sentence there, which they do not
where two reporters tell the same event. In the other language a text is a copy where it is translated so literally that most
of what a sentence says by the gloss stands in one sentence of the source; a translator of any freedom is not told from a
reporter.
"""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from index.knowledge.gloss import Glosser
from index.knowledge.resemblance import contained
from index.knowledge.sketch import english_terms, shingles
from index.text.fold import fold
from index.text.sentences import sentences
from index.text.tokens import STOP_WORDS, tokenize_folded

VERBATIM = 0.6
"""Share of the shorter text's runs of eight letters that makes a copy."""
REWORDED = 0.5
"""Share of its runs of three letters, sentence against sentence (`bench/stories.py edits` and `ecb` measure what it tells)."""
LITERAL = 0.55
"""Share of the English terms, sentence against sentence, that makes a translation. Reports of one event by different hands have
.45 at most (57 pairs of the newsroom), word-for-word translations .85, by people .47 (NTREX; one in six has `LITERAL`)."""
_FEWEST_TERMS = 20
_STRANGE = 0.08
"""With fewer runs of eight in common no two texts are compared sentence by sentence."""
_RUN, _SHORT = 3, 8
_READ, _SENTENCES = 20_000, 300
"""What of a text is compared, in characters and sentences: a book must not hold up a refresh."""


class Wording:
    """A text as it is compared with others: with a glosser with those in the other language, too; `lang` is zh or another."""

    def __init__(self, text: str, lang: str = "", glosser: Glosser | None = None) -> None:
        self._text, self._chinese, self._glosser = text[:_READ], lang == "zh", glosser

    @cached_property
    def _folded(self) -> str:
        return fold(self._text)

    @cached_property
    def _shingles(self) -> NDArray[np.uint32]:
        return shingles(self._folded)

    @cached_property
    def _sentences(self) -> list[set[str]]:
        found: list[set[str]] = []
        for span in sentences(self._folded):
            letters = "".join(char for char in self._folded[span.start : span.end] if char.isalnum())
            if len(letters) >= _SHORT and len(found) < _SENTENCES:
                found.append({letters[i : i + _RUN] for i in range(len(letters) - _RUN + 1)})
        return found

    @cached_property
    def _terms(self) -> list[set[str]]:
        """The terms of each sentence, in English."""
        assert self._glosser is not None
        found: list[set[str]] = []
        for span in sentences(self._folded):
            terms: set[str] = set()
            for token in tokenize_folded(self._folded[span.start : span.end], self._glosser.segmenter):
                terms.update(english_terms(self._glosser.first_sense(token.text)) if token.han else (token.term,))
            terms -= STOP_WORDS
            if terms and len(found) < _SENTENCES:
                found.append(terms)
        return found

    def repeats(self, other: "Wording") -> bool:
        """Whether one of the two was made from the other."""
        if self._glosser is not None and self._chinese != other._chinese and self._glosser is other._glosser:
            enough = min(sum(map(len, self._terms)), sum(map(len, other._terms))) >= _FEWEST_TERMS
            return enough and _aligned(self._terms, other._terms) >= LITERAL
        common = contained(self._shingles, other._shingles, 1)
        if common >= VERBATIM:
            return True
        return common >= _STRANGE and _aligned(self._sentences, other._sentences) >= REWORDED


def _aligned(a: list[set[str]], b: list[set[str]]) -> float:
    """The share of the shorter text's runs, or terms, that stand in the likest sentence of the other, sentence by sentence."""
    sizes = sum(map(len, a)), sum(map(len, b))
    if sizes[0] > sizes[1]:
        a, b = b, a
    found = sum(max((len(sentence & other) for other in b), default=0) for sentence in a)
    return found / max(1, min(sizes))
