"""The ONNX graph of an XLM-RoBERTa encoder (`e5_weights.py`) whose layers multiply bytes.

The word vectors stay as the 4-bit blocks, the layers become 8-bit integers, one scale a row. Activations are quantised
a token at a time, not a batch at a time as ONNX Runtime's own dynamic quantisation does, so a vector does not depend on
the texts that happen to share its batch. `benchmarks/embedding.py` compares the ways to run these weights;
CONTRIBUTING.md holds the figures.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from assistant.e5_weights import BLOCK, Int8Matrix, Weights

OPSET, IR_VERSION = 20, 10

POSITIVE_ZERO = 20
"""The byte that stands for zero where nearly all numbers are above it: the steps are nearly half as large as with 128.
8, 14, 26 and 34 left .00037, .00026, .00023 and .00024 of error in the vectors, this one .00024, and least in the
reranker's numbers."""
GELU_LEAST = 0.17
"""A Gelu gives nothing below -0.17."""


@cache
def saturates() -> bool:
    """Whether this machine's product of unsigned and signed bytes cuts off what does not fit into 16 bits: ONNX
    Runtime's kernel for x86 without VNNI adds two products before it widens them (its page on quantisation). Two in 100
    sums of these layers came out wrong there, some by more than they vary. With unsigned bytes on both sides they are
    exact everywhere, but slower where there is VNNI or AMX."""
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

    size = 64
    largest = numpy_helper.from_array(np.full((size, size), 127, np.int8), "largest")
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", ["bytes", "largest"], ["sums"])],
        "largest products",
        [helper.make_tensor_value_info("bytes", TensorProto.UINT8, ["rows", size])],
        [helper.make_tensor_value_info("sums", TensorProto.INT32, ["rows", size])],
        [largest],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    sums = session.run(None, {"bytes": np.full((size, size), 255, np.uint8)})[0]
    return bool((sums != size * 127 * 255).any())


def write_onnx(weights: Weights, path: Path, unsigned: bool) -> None:
    """Writes the encoder as an ONNX graph: token ids and mask (batch, tokens) int64 -> unit sentence vectors (batch,
    hidden) float32; or, where the weights have a head, -> one logit a text (batch, 1), read off its first token.

    The bytes of the layers are `unsigned` where signed ones would saturate; the products are the same.
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

    divided: dict[str, str] = {}
    quantised: dict[str, tuple[str, str]] = {}

    def rows_quantised(source: str, positive: bool) -> tuple[str, str]:
        """Each row as unsigned bytes around 128, or above POSITIVE_ZERO (rows, width), and its scale (rows, 1)."""
        if source not in quantised:
            if positive:
                largest = node("ReduceMax", [source, "axes1"], f"{source}.max", keepdims=1)
                fitting = node("Div", [largest, "positive_range"], f"{source}.fitting")
                scale = node("Max", [fitting, "positive_least"], f"{source}.scale")
            else:
                size = node("Abs", [source], f"{source}.abs")
                largest = node("ReduceMax", [size, "axes1"], f"{source}.max", keepdims=1)
                scale = node("Div", [largest, "range"], f"{source}.scale")
            flat = node("Squeeze", [scale, "axes1"], f"{source}.scales")
            rows = node("Shape", [flat], f"{source}.rows")
            zero = positive_zero if positive else middle
            zeros = node("ConstantOfShape", [rows], f"{source}.zeros", value=zero)
            quantised[source] = node("QuantizeLinear", [source, flat, zeros], f"{source}.bytes", axis=0), scale
        return quantised[source]

    def linear(source: str, name: str, smoothing: npt.NDArray[np.float32] | None = None, positive: bool = False) -> str:
        """Rows (rows, inputs) -> (rows, outputs); divided by `smoothing` (inputs,), which the weights make good, before
        they are told in bytes. Rows that come out of a Gelu are nearly all `positive`."""
        whole_matrix = weights.float32(f"{name}.w")
        if smoothing is not None:
            whole_matrix = whole_matrix * smoothing[:, None]
            if source not in divided:
                divisor = constant(f"{source}.smoothing", 1 / smoothing)
                divided[source] = node("Mul", [source, divisor], f"{source}.smoothed")
            source = divided[source]
        matrix = Int8Matrix.of(whole_matrix)
        values = (matrix.values.astype(np.int16) + 128).astype(np.uint8) if unsigned else matrix.values
        bytes_, scale = rows_quantised(source, positive)
        inputs = [bytes_, constant(f"{name}.w", values), "one", constant(f"{name}.scale", matrix.scales)]
        zeros = ["positive_zero" if positive else "middle", "weight_middle"]
        whole = node("MatMulIntegerToFloat", [*inputs, *zeros], f"{name}.whole", "com.microsoft")
        scaled = node("Mul", [whole, scale], f"{name}.rescaled")
        return node("Add", [scaled, constant(f"{name}.b", weights.vectors[f"{name}.b"])], f"{name}.out")

    def normed(source: str, name: str) -> str:
        scale, shift = (constant(f"{name}.{part}", weights.vectors[f"{name}.{part}"]) for part in ("w", "b"))
        return node("LayerNormalization", [source, scale, shift], f"{name}.out", axis=-1, epsilon=weights.epsilon)

    def split(source: str, name: str, shape: str) -> str:
        """(batch * tokens, hidden) -> (batch, heads, tokens, hidden / heads)"""
        shaped = node("Reshape", [source, shape], f"{name}.shaped")
        return node("Transpose", [shaped], f"{name}.heads", perm=[0, 2, 1, 3])

    def layer(state: str, name: str, asking: str, shape: str) -> str:
        """The state (rows, hidden) after a layer, of the rows `asking` alone; `shape` parts these into heads."""
        attending = weights.smoothing(*(f"{name}.{part}.w" for part in "qkv"))
        query, key, value = (
            split(linear(source, f"{name}.{part}", attending), f"{name}.{part}", into)
            for part, source, into in (("q", asking, shape), ("k", state, split_shape), ("v", state, split_shape))
        )
        query = node("Mul", [query, "scale"], f"{name}.q.scaled")
        key = node("Transpose", [key], f"{name}.k.turned", perm=[0, 1, 3, 2])
        logits = node("Add", [node("MatMul", [query, key], f"{name}.scores"), penalty], f"{name}.masked")
        shares = node("Softmax", [logits], f"{name}.shares", axis=-1)
        mixed = node("MatMul", [shares, value], f"{name}.mixed")
        turned = node("Transpose", [mixed], f"{name}.turned", perm=[0, 2, 1, 3])
        attended = linear(node("Reshape", [turned, "join_shape"], f"{name}.joined"), f"{name}.ao")
        between = normed(node("Add", [asking, attended], f"{name}.a"), f"{name}.aln")
        wide = node("Gelu", [linear(between, f"{name}.fi", weights.smoothing(f"{name}.fi.w"))], f"{name}.wide")
        return normed(node("Add", [between, linear(wide, f"{name}.fo", positive=True)], f"{name}.f"), f"{name}.oln")

    middle = numpy_helper.from_array(np.array([128], np.uint8))
    positive_zero = numpy_helper.from_array(np.array([POSITIVE_ZERO], np.uint8))
    constant("middle", np.array(128, np.uint8))
    constant("positive_zero", np.array(POSITIVE_ZERO, np.uint8))
    constant("positive_range", np.array(255 - POSITIVE_ZERO, np.float32))
    constant("positive_least", np.array(GELU_LEAST / POSITIVE_ZERO, np.float32))
    constant("weight_middle", np.array(128, np.uint8) if unsigned else np.array(0, np.int8))
    constant("one", np.array(1.0, np.float32))
    constant("low", np.array(-1e9, np.float32))
    constant("range", np.array(127.0, np.float32))
    constant("scale", np.array((hidden // heads) ** -0.5, np.float32))
    constant("zero", np.array([0], np.int64))
    constant("axes1", np.array([1], np.int64))
    constant("axes12", np.array([1, 2], np.int64))
    constant("axes_last", np.array([-1], np.int64))
    constant("heads", np.array([heads, hidden // heads], np.int64))
    constant("join_shape", np.array([-1, hidden], np.int64))
    shape = node("Shape", ["input_ids"], "shape")
    split_shape = node("Concat", [shape, "heads"], "split_shape", axis=0)

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
    position = node("Slice", ["positions", "zero", length, "zero"], "position")
    embedded = node("Reshape", [node("Add", [word, position], "embedded"), "join_shape"], "embedded_rows")
    state = normed(embedded, "emb.ln")

    mask = node("Cast", ["attention_mask"], "mask", to=TensorProto.FLOAT)
    absent = node("Sub", ["one", mask], "absent")
    penalty = node("Unsqueeze", [node("Mul", [absent, "low"], "penalty_flat"), "axes12"], "penalty")
    headed = "head.w" in weights.vectors
    for index in range(weights.layers - headed):
        state = layer(state, f"l{index}", state, split_shape)
    laid_out = node("Reshape", [state, node("Concat", [shape, "axes_last"], "laid_shape", axis=0)], "laid_out")

    if headed:  # of the last layer only the first token is needed
        name, width = "logit", 1
        first = node("Squeeze", [node("Gather", [laid_out, "zero"], "first_token", axis=1), "axes1"], "first")
        constant("first_shape", np.array([-1, 1, heads, hidden // heads], np.int64))
        constant("head.w", weights.vectors["head.w"].reshape(hidden, 1))
        state = layer(state, f"l{weights.layers - 1}", first, "first_shape")
        product = node("MatMul", [state, "head.w"], "head.product")
        node("Add", [product, constant("head.b", weights.vectors["head.b"])], name)
    else:
        name, width = "sentence_embedding", hidden
        weight = node("Unsqueeze", [mask, "axes_last"], "weight")
        total = node("ReduceSum", [node("Mul", [laid_out, weight], "kept"), "axes1"], "total", keepdims=0)
        mean = node("Div", [total, node("ReduceSum", [weight, "axes1"], "count", keepdims=0)], "mean")
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
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid("com.microsoft", 1)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION), path)
