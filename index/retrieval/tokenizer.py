"""A model's own tokenizer, read from its files without loading the model, and batches of like length."""

import json
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from index.errors import EncoderError

_LIMIT = 512


class ModelTokenizer:
    """The word pieces that the model in a folder makes of a text. Safe for several threads."""

    def __init__(self, folder: Path) -> None:
        """
        Raises:
            EncoderError: the folder has no readable tokenizer.json.
        """
        from tokenizers import Tokenizer

        try:
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as error:  # the library raises a bare Exception
            raise EncoderError(f"{folder} has no readable tokenizer.json: {error}") from error
        self.limit = _sequence_limit(folder)
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._cutting = Tokenizer.from_str(self._tokenizer.to_str())
        self._cutting.enable_truncation(self.limit)

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of each text with the model's special tokens, cut at its limit."""
        return [encoding.ids for encoding in self._cutting.encode_batch_fast(list(texts))]

    def count(self, texts: Sequence[str]) -> list[int]:
        """How many tokens each text has, uncut and without special tokens."""
        encoded = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return [len(encoding.ids) for encoding in encoded]


@cache
def tokenizer_of(folder: Path) -> ModelTokenizer:
    """The tokenizer in `folder`, read once."""
    return ModelTokenizer(folder)


def packed_batches(lengths: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Positions of `lengths` in batches of like length, longest first, each at most `budget` tokens with its padding."""
    order = sorted(range(len(lengths)), key=lambda i: -lengths[i])
    first = 0
    while first < len(order):
        size = max(1, budget // max(lengths[order[first]], 1))
        yield order[first : first + size]
        first += size


def _sequence_limit(folder: Path) -> int:
    try:
        limit = json.loads((folder / "sentence_bert_config.json").read_text(encoding="utf-8"))["max_seq_length"]
        return int(limit) if limit else _LIMIT
    except (OSError, ValueError, KeyError, TypeError):
        return _LIMIT
