"""Encoders on PyTorch, through sentence-transformers: the only module that touches either.

For models that `index.retrieval.encoder_openvino` cannot build, and for GPUs, where weights are bfloat16 and batches are
packed with texts of like length.
"""

import os
from collections.abc import Sequence
from typing import Any, cast

import numpy as np

from index.errors import EncoderError
from index.retrieval.tokenizer import packed_batches
from index.store.passages import Vectors

_TOKENS_A_BATCH = 2048
_TOKENS_A_GPU_BATCH = 65_536


class TorchBackend:
    """One loaded model. Not safe for several threads at once: its owner has one."""

    def __init__(self, model: str, device: str, threads: int) -> None:
        """Load `model`, a folder, which takes seconds.

        Raises:
            EncoderError: the model or PyTorch cannot be loaded.
        """
        os.environ.setdefault("HF_HUB_OFFLINE", "1")  # a local folder needs no hub, and no start should wait for one
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        try:
            import torch
            from sentence_transformers import SentenceTransformer

            _quiet(threads)
            self._gpu = device != "cpu" and torch.cuda.is_available()
            options: dict[str, Any] = {"use_safetensors": True}
            if self._gpu:
                options["torch_dtype"] = torch.bfloat16
            self._model = SentenceTransformer(model, device=None if device == "auto" else device, model_kwargs=options)
        except Exception as error:  # the library raises anything from OSError to RuntimeError here
            hint = "Set CHIPWIRE_MODEL to an installed model or a local folder, or to none for lexical search."
            raise EncoderError(f"The model {model!r} cannot be loaded: {_reason(error)}", hint=hint) from error
        size = self._model.get_embedding_dimension()
        if size is None:
            raise EncoderError(f"The model {model!r} does not say how long its vectors are.")
        self.dimension = int(size)
        self.characters_at_once = 4 * (_TOKENS_A_GPU_BATCH if self._gpu else _TOKENS_A_BATCH)
        self.any_thread = False
        self.name = f"PyTorch {'bf16 on the GPU' if self._gpu else 'f32'}"

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit rows float32 (n, dimension) in the order of `texts`; each text is read up to the model's limit."""
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        lengths = [min(len(text) // 3 + 2, 512) for text in texts]  # near enough for packing
        for batch in packed_batches(lengths, _TOKENS_A_GPU_BATCH if self._gpu else _TOKENS_A_BATCH):
            rows = self._model.encode(
                [texts[i] for i in batch],
                batch_size=len(batch),
                normalize_embeddings=True,
                convert_to_numpy=not self._gpu,
                convert_to_tensor=self._gpu,
                show_progress_bar=False,
            )
            # NumPy has no bfloat16; unit length is restored after widening.
            wide = cast(Vectors, cast(Any, rows).float().cpu().numpy() if self._gpu else rows)
            vectors[batch] = wide / np.linalg.norm(wide, axis=1, keepdims=True)
        return vectors


class TorchCrossScorer:
    """A CrossEncoder for reranking. Not safe for several threads at once."""

    def __init__(self, model: str, device: str, threads: int) -> None:
        """
        Raises:
            EncoderError: the model cannot be loaded.
        """
        try:
            from sentence_transformers import CrossEncoder

            _quiet(threads)
            self._model = CrossEncoder(model, device=None if device == "auto" else device)
        except Exception as error:  # as above
            hint = "Set CHIPWIRE_RERANKER to an installed CrossEncoder or a local folder, or leave it empty."
            raise EncoderError(f"The reranker {model!r} cannot be loaded: {_reason(error)}", hint=hint) from error

    def scores(self, query: str, passages: Sequence[str]) -> Vectors:
        """One score (n,) for each of `passages` (n), higher is better."""
        pairs: Any = [(query, passage) for passage in passages]
        return np.asarray(self._model.predict(pairs, show_progress_bar=False), np.float32).reshape(len(passages))


def _quiet(threads: int) -> None:
    import torch
    import transformers

    logging: Any = transformers.logging
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    if threads:
        torch.set_num_threads(threads)


def _reason(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
