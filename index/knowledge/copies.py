"""Who repeats whom: copies of a text, told by the text, however its order, its characters or some of its words were changed.

A copy word for word has runs of eight letters in common with its source. One that was reworded has not, but its sentences
still find theirs in the source: most of the runs of three letters of each stand in one sentence there, which they do not
where two reporters tell the same event.
"""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from index.knowledge.resemblance import contained
from index.knowledge.sketch import shingles
from index.text.fold import fold
from index.text.sentences import sentences

VERBATIM = 0.6
"""Share of the shorter text's runs of eight letters that makes a copy."""
REWORDED = 0.5
"""Share of its runs of three letters, sentence against sentence (`bench/stories.py edits` and `ecb` measure what it tells)."""
_STRANGE = 0.08
"""With fewer runs of eight in common no two texts are compared sentence by sentence."""
_RUN, _SHORT = 3, 8
_READ, _SENTENCES = 20_000, 300
"""What of a text is compared, in characters and sentences: a book must not hold up a refresh."""


class Wording:
    """A text as it is compared with others."""

    def __init__(self, text: str) -> None:
        self._text = text[:_READ]

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

    def repeats(self, other: "Wording") -> bool:
        """Whether one of the two was made from the other."""
        common = contained(self._shingles, other._shingles, 1)
        if common >= VERBATIM:
            return True
        return common >= _STRANGE and _aligned(self._sentences, other._sentences) >= REWORDED


def _aligned(a: list[set[str]], b: list[set[str]]) -> float:
    """The share of the shorter text's runs that stand in the sentence of the other that is likest, each sentence for itself."""
    sizes = sum(map(len, a)), sum(map(len, b))
    if sizes[0] > sizes[1]:
        a, b = b, a
    found = sum(max((len(sentence & other) for other in b), default=0) for sentence in a)
    return found / max(1, min(sizes))
