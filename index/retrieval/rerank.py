"""The optional reranker: a cross-encoder that reads query and passage together. Off unless the settings name one.

It reorders the first results only, and never decides what is relevant. Whether it helps is for `chipwire eval` to say.
"""

import threading
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.settings import Settings

DEPTH = 30
"""Results that are reordered."""


class Reranker(Protocol):
    """Orders passages for a query. Safe from several threads."""

    depth: int

    def order(self, query: str, passages: Sequence[str]) -> NDArray[np.int64]:
        """Positions (n,) of `passages` (n), best first."""


class CrossEncoderReranker:
    """A sentence-transformers CrossEncoder. The constructor is cheap; the model loads with the first query.

    Raises:
        EncoderError: from the first query, when the model cannot be loaded.
    """

    depth = DEPTH

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._scorer: CrossScorer | None = None
        self._lock = threading.Lock()

    def order(self, query: str, passages: Sequence[str]) -> NDArray[np.int64]:
        with self._lock:
            if self._scorer is None:
                from index.retrieval.encoder_torch import TorchCrossScorer

                self._scorer = TorchCrossScorer(self._settings.reranker, self._settings.device, self._settings.threads)
            scores = self._scorer.scores(query, passages)
        return np.argsort(-scores, kind="stable")


class CrossScorer(Protocol):
    def scores(self, query: str, passages: Sequence[str]) -> NDArray[np.float32]:
        """One score (n,) for each of `passages` (n), higher is better."""


def make_reranker(settings: Settings) -> Reranker | None:
    """The reranker that `settings` names, not loaded yet; None for none."""
    return CrossEncoderReranker(settings) if settings.reranker else None
