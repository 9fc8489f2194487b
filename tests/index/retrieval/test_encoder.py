"""The real model, on both backends. Slow parts share one loaded model."""

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from index.errors import EncoderError
from index.retrieval.encoder import Prompts, SentenceTransformerEncoder, find_model, make_encoder, model_id, own_prompts
from index.retrieval.tokenizer import ModelTokenizer, packed_batches
from index.settings import DEFAULT_MODEL, Settings
from index.store.passages import Vectors

TEXTS = [
    "NVIDIA announced the H200 with HBM3e memory.",
    "TSMC's advanced packaging capacity stays short. " * 40,
    "Microsoft",
    "",
    "a rare 昇腾 910B among English words",
]


@pytest.fixture(scope="module")
def openvino() -> SentenceTransformerEncoder:
    return SentenceTransformerEncoder(Settings(backend="openvino", threads=2))


@pytest.mark.model
def test_openvino_gives_the_vectors_of_sentence_transformers(openvino: SentenceTransformerEncoder) -> None:
    torch = SentenceTransformerEncoder(Settings(backend="torch", device="cpu", threads=2))
    ours, theirs = openvino.encode_documents(TEXTS), torch.encode_documents(TEXTS)
    assert openvino.backend.startswith("OpenVINO")
    assert torch.backend == "PyTorch f32"
    assert (ours * theirs).sum(axis=1).min() > 0.999
    assert np.linalg.norm(ours, axis=1) == pytest.approx(1, abs=1e-3)
    assert openvino.encode_query(TEXTS[0]) == pytest.approx(theirs[0], abs=0.01)
    assert (openvino.dimension, openvino.model_hash) == (torch.dimension, torch.model_hash)


@pytest.mark.model
def test_vectors_come_in_the_order_of_the_texts_whatever_the_batches(openvino: SentenceTransformerEncoder) -> None:
    texts = [f"word {n} " * (1 + n % 37) for n in range(60)]
    together = openvino.encode_documents(texts)
    for n in (0, 17, 59):
        assert float(together[n] @ openvino.encode_documents([texts[n]])[0]) > 0.999
    assert openvino.encode_documents([]).shape == (0, 384)


@pytest.mark.model
def test_encoding_with_openvino_loads_neither_pytorch_nor_telemetry() -> None:
    code = (
        "import sys\n"
        "from index.retrieval.encoder import make_encoder\n"
        "from index.settings import Settings\n"
        "make_encoder(Settings(backend='openvino')).encode_query('chip')\n"
        "print(sorted({'torch', 'transformers', 'openvino_telemetry'} & set(sys.modules)))"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def damaged_model(tmp_path: Path, **changes: str) -> Path:
    source = find_model(DEFAULT_MODEL)
    assert source is not None
    folder = tmp_path / "model"
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("*.safetensors"))
    (folder / "model.safetensors").symlink_to(source / "model.safetensors")
    for old, new in changes.items():
        config = folder / "config.json"
        config.write_text(config.read_text().replace(f'"{old}"', f'"{new}"'))
    return folder


def test_an_architecture_that_openvino_cannot_build_is_said_where_it_was_asked_for(tmp_path: Path) -> None:
    encoder = SentenceTransformerEncoder(Settings(model=str(damaged_model(tmp_path, gelu="relu")), backend="openvino"))
    with pytest.raises(EncoderError, match="not a plain BERT encoder"):
        encoder.encode_query("chip")


def test_a_model_that_is_not_there_is_one_clear_line(tmp_path: Path) -> None:
    encoder = make_encoder(Settings(model=str(tmp_path / "nowhere")))
    assert encoder is not None
    with pytest.raises(EncoderError, match="cannot be loaded") as error:
        encoder.encode_query("chip")
    assert "\n" not in str(error.value)


def test_a_model_is_named_with_its_prompts() -> None:
    assert model_id(Settings()) == DEFAULT_MODEL
    assert model_id(Settings(model="none")) == ""
    prompted = model_id(Settings(query_prompt="query: "))
    assert prompted.startswith(f"{DEFAULT_MODEL}#")
    assert prompted != model_id(Settings(document_prompt="query: "))


def test_tokens_are_counted_uncut_and_given_cut() -> None:
    folder = find_model(DEFAULT_MODEL)
    assert folder is not None
    tokenizer = ModelTokenizer(folder)
    long = "chip " * 1000
    assert tokenizer.limit == 256
    assert tokenizer.count(["chip", long]) == [1, 1000]
    assert [len(ids) for ids in tokenizer.ids(["chip", long])] == [3, 256]


def test_a_folder_without_a_tokenizer_is_named(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="no readable tokenizer"):
        ModelTokenizer(tmp_path)


def test_batches_hold_texts_of_like_length_within_the_budget() -> None:
    lengths = [5, 100, 7, 90, 300, 6]
    batches = list(packed_batches(lengths, 200))
    assert sorted(i for batch in batches for i in batch) == list(range(6))
    assert all(len(batch) == 1 or max(lengths[i] for i in batch) * len(batch) <= 200 for batch in batches)
    assert batches[0] == [4]


def test_a_models_own_prompts_are_used_where_none_are_set(tmp_path: Path) -> None:
    folder = damaged_model(tmp_path)
    config = folder / "config_sentence_transformers.json"
    assert own_prompts(folder) == Prompts("", "")
    config.write_text('{"prompts": {"query": "query: ", "passage": "passage: "}}')
    assert own_prompts(folder) == Prompts("query: ", "passage: ")
    config.write_text('{"prompts": ["broken"]}')
    assert own_prompts(folder) == Prompts("", "")


@pytest.mark.model
def test_prompts_stand_before_what_is_encoded(tmp_path: Path, openvino: SentenceTransformerEncoder) -> None:
    folder = damaged_model(tmp_path)
    (folder / "config_sentence_transformers.json").write_text('{"prompts": {"query": "query: ", "document": "passage: "}}')
    named = SentenceTransformerEncoder(Settings(model=str(folder), backend="openvino", threads=2))
    assert float(named.encode_query("chips") @ openvino.encode_query("query: chips")) > 0.9999
    assert float(named.encode_documents(["chips"])[0] @ openvino.encode_query("passage: chips")) > 0.9999
    own = SentenceTransformerEncoder(Settings(model=str(folder), backend="openvino", query_prompt="ask: ", threads=2))
    assert float(own.encode_query("chips") @ openvino.encode_query("ask: chips")) > 0.9999


@pytest.mark.model
def test_a_model_of_the_hub_runs_on_openvino_from_the_hubs_cache(tmp_path: Path) -> None:
    source = find_model(DEFAULT_MODEL)
    assert source is not None
    cached = tmp_path / "hub" / "models--somebody--small" / "snapshots" / "0123456789abcdef0123456789abcdef01234567"
    shutil.copytree(source, cached, ignore=shutil.ignore_patterns("*.safetensors"))
    (cached / "model.safetensors").symlink_to(source / "model.safetensors")
    refs = tmp_path / "hub" / "models--somebody--small" / "refs"
    refs.mkdir()
    (refs / "main").write_text(cached.name)
    code = (
        "from index.retrieval.encoder import SentenceTransformerEncoder\n"
        "from index.settings import Settings\n"
        "print(SentenceTransformerEncoder(Settings(model='somebody/small', device='cpu')).backend)"
    )
    environment = {**os.environ, "HF_HUB_CACHE": str(tmp_path / "hub"), "HF_HUB_OFFLINE": "1"}
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert answer.stdout.startswith("OpenVINO")


class Recorded:
    """A backend that writes down what it was given, and stops in its first call until it may go on."""

    name, dimension, any_thread, characters_at_once = "recorded", 1, True, 4800

    def __init__(self) -> None:
        self.calls: list[list[str]] = []
        self.started, self.go_on = threading.Event(), threading.Event()

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.calls.append(list(texts))
        self.started.set()
        assert self.go_on.wait(20)
        return np.array([[float(len(text))] for text in texts], np.float32)


def test_a_query_waits_for_one_slice_of_the_documents_and_not_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    backend, encoder = Recorded(), SentenceTransformerEncoder(Settings())
    monkeypatch.setattr(encoder, "_open", lambda: backend)
    documents = ["d" * (1000 + n) for n in range(12)]
    with ThreadPoolExecutor(2) as threads:
        vectors = threads.submit(encoder.encode_documents, documents)
        assert backend.started.wait(20)
        query = threads.submit(encoder.encode_query, "q")
        while not encoder._waiting:
            time.sleep(0.001)
        backend.go_on.set()
        assert query.result(20).tolist() == [1.0]
        assert vectors.result(20)[:, 0].tolist() == [float(len(each)) for each in documents], "in the order of the texts"
    assert [len(call) for call in backend.calls] == [4, 1, 1, 1, 1, 1, 1, 1, 1, 1], "slices are short once a query had to wait"
    assert backend.calls[1] == ["q"]


def test_queries_without_end_do_not_keep_documents_from_being_encoded(monkeypatch: pytest.MonkeyPatch) -> None:
    backend, encoder = Recorded(), SentenceTransformerEncoder(Settings())
    backend.go_on.set()
    monkeypatch.setattr(encoder, "_open", lambda: backend)
    encoder._waiting = 1
    assert len(encoder.encode_documents(["a", "bb", "ccc"])) == 3
