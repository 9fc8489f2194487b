"""BERT encoders on OpenVINO: the only module that touches it.

The graph is built here from the model's own weights, operation by operation, so that neither PyTorch nor transformers is
loaded: a first search takes a tenth of the time, a query a fifth, a batch a third (docs/measurements.md). Processors that
compute in bfloat16 do so; the cosine to PyTorch's float32 vectors stays above .9998. Models of another architecture are
refused with `Unsupported` and go to PyTorch.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.errors import EncoderError
from index.retrieval.tokenizer import ModelTokenizer, packed_batches
from index.store.passages import Vectors

TOKENS_A_BATCH = 2048
"""Padded tokens computed at once; measured: more or less is slower on two cores."""

Weights = Mapping[str, NDArray[Any]]


class Unsupported(EncoderError):
    """The model is not one that this module can build."""


class OpenVinoBackend:
    """One compiled model. Not safe for several threads at once: its owner has one."""

    def __init__(self, folder: Path, threads: int) -> None:
        """Read and compile the model in `folder`, which takes half a second.

        Raises:
            Unsupported: not a BERT encoder with mean or first-token pooling, or OpenVINO is not installed.
        """
        shape = _Shape(folder)
        try:
            from safetensors.numpy import load_file

            weights = load_file(folder / "model.safetensors")
            ov = _openvino()
        except (ImportError, OSError, TypeError, ValueError) as error:
            raise Unsupported(f"OpenVINO cannot be used: {error}") from error
        self._tokenizer = ModelTokenizer(folder)
        core = ov.Core()
        options: dict[str, Any] = {"PERFORMANCE_HINT": "LATENCY"}
        if "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
            options["INFERENCE_PRECISION_HINT"] = "bf16"
        if threads:
            options["INFERENCE_NUM_THREADS"] = threads
        try:
            model = _graph(ov, shape, weights)
        except KeyError as error:
            raise Unsupported(f"The model has no weight {error}.") from error
        self._request = core.compile_model(model, "CPU", options).create_infer_request()
        self.dimension = shape.width
        self.characters_at_once = 4 * TOKENS_A_BATCH
        self.any_thread = True
        self.name = f"OpenVINO {'bf16' if 'INFERENCE_PRECISION_HINT' in options else 'f32'}"

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit rows float32 (n, dimension) in the order of `texts`; each text is read up to the model's limit."""
        ids = self._tokenizer.ids(texts)
        vectors = np.zeros((len(ids), self.dimension), np.float32)
        for batch in packed_batches([len(each) for each in ids], TOKENS_A_BATCH):
            longest = max(len(ids[i]) for i in batch)
            tokens = np.zeros((len(batch), longest), np.int64)
            mask = np.zeros((len(batch), longest), np.int64)
            for row, i in enumerate(batch):
                tokens[row, : len(ids[i])] = ids[i]
                mask[row, : len(ids[i])] = 1
            vectors[batch] = self._request.infer([tokens, mask])[0]
        return vectors


class _Shape:
    """What the configuration files of a model say about its graph."""

    def __init__(self, folder: Path) -> None:
        try:
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            modules = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
            pooling = json.loads((folder / "1_Pooling" / "config.json").read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise Unsupported(f"{folder} is not a sentence-transformers model of the usual layout: {error}") from error
        kinds = [str(module["type"]).rsplit(".", 1)[-1] for module in modules]
        mean, first = pooling.get("pooling_mode_mean_tokens", False), pooling.get("pooling_mode_cls_token", False)
        others = [key for key, on in pooling.items() if key.startswith("pooling_mode_") and on is True]
        if (
            config.get("model_type") != "bert"
            or config.get("hidden_act") != "gelu"
            or config.get("position_embedding_type", "absolute") != "absolute"
            or kinds not in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"])
            or len(others) != 1
            or not (mean or first)
        ):
            raise Unsupported(f"{folder} is not a plain BERT encoder.")
        self.width = int(config["hidden_size"])
        self.heads = int(config["num_attention_heads"])
        self.layers = int(config["num_hidden_layers"])
        self.epsilon = float(config["layer_norm_eps"])
        self.mean = bool(mean)


def _openvino() -> Any:
    # Importing OpenVINO reports the import to its maker; without the telemetry package it falls back to a stub.
    known = "openvino_telemetry" in sys.modules
    if not known:
        sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]  # the documented way to forbid an import
    try:
        import openvino
    finally:
        if not known:
            del sys.modules["openvino_telemetry"]
    return openvino


def _graph(ov: Any, shape: _Shape, weights: Weights) -> Any:
    """BERT (Devlin et al. 2019) with pooling and L2 normalisation: ids and mask int64 (n, t) → float32 (n, width)."""
    from openvino import opset15 as op

    prefix = "bert." if "bert.embeddings.word_embeddings.weight" in weights else ""
    depth = shape.width // shape.heads

    def constant(value: Any, dtype: Any = np.int64) -> Any:
        return op.constant(np.asarray(value, dtype=dtype))

    def weight(name: str) -> NDArray[np.float32]:
        return np.asarray(weights[prefix + name], np.float32)

    def dense(node: Any, name: str) -> Any:
        product = op.matmul(node, op.constant(weight(f"{name}.weight")), False, True)
        return op.add(product, op.constant(weight(f"{name}.bias").reshape(1, 1, -1)))

    def layer_norm(node: Any, name: str) -> Any:
        centred = op.mvn(node, constant([2]), True, shape.epsilon, "inside_sqrt")
        scaled = op.multiply(centred, op.constant(weight(f"{name}.weight").reshape(1, 1, -1)))
        return op.add(scaled, op.constant(weight(f"{name}.bias").reshape(1, 1, -1)))

    def heads(node: Any) -> Any:
        split = op.reshape(node, constant([0, 0, shape.heads, depth]), True)
        return op.transpose(split, constant([0, 2, 1, 3]))

    ids = op.parameter([-1, -1], np.int64, name="input_ids")
    mask = op.parameter([-1, -1], np.int64, name="attention_mask")
    length = op.gather(op.shape_of(ids), constant(1), constant(0))
    positions = op.range(constant(0), length, constant(1), "i64")
    words = op.gather(op.constant(weight("embeddings.word_embeddings.weight")), ids, constant(0))
    places = op.gather(op.constant(weight("embeddings.position_embeddings.weight")), positions, constant(0))
    kind = op.constant(weight("embeddings.token_type_embeddings.weight")[0].reshape(1, 1, -1))
    node = op.add(op.add(words, op.unsqueeze(places, constant(0))), kind)
    node = layer_norm(node, "embeddings.LayerNorm")

    present = op.convert(mask, "f32")
    absent = op.subtract(constant(1, np.float32), op.unsqueeze(op.unsqueeze(present, constant(1)), constant(1)))
    bias = op.multiply(absent, constant(-1e9, np.float32))
    for number in range(shape.layers):
        layer = f"encoder.layer.{number}"
        query, key, value = (heads(dense(node, f"{layer}.attention.self.{part}")) for part in ("query", "key", "value"))
        attended = op.transpose(op.scaled_dot_product_attention(query, key, value, bias), constant([0, 2, 1, 3]))
        joined = op.reshape(attended, constant([0, 0, shape.width]), True)
        attention = dense(joined, f"{layer}.attention.output.dense")
        node = layer_norm(op.add(node, attention), f"{layer}.attention.output.LayerNorm")
        inner = op.gelu(dense(node, f"{layer}.intermediate.dense"), "erf")
        node = layer_norm(op.add(node, dense(inner, f"{layer}.output.dense")), f"{layer}.output.LayerNorm")

    if shape.mean:
        share = op.unsqueeze(present, constant(2))
        summed = op.reduce_sum(op.multiply(node, share), constant([1]), False)
        pooled = op.divide(summed, op.reduce_sum(share, constant([1]), False))
    else:
        pooled = op.gather(node, constant(0), constant(1))
    unit = op.normalize_l2(pooled, constant([1]), 1e-12, "max")
    return ov.Model([op.result(unit)], [ids, mask], "sentence-encoder")
