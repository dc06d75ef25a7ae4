"""The mean of two rerankers that were trained one from the other.

    python -m training.mean ONE.npz OTHER.npz OUT.npz

A stage forgets some of what the ones before it had learned; half of its way keeps both (Wortsman et al. 2022, Model
soups).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from assistant.e5_weights import Int8Matrix

Tensors = dict[str, np.ndarray]


def mean(one: Tensors, other: Tensors) -> Tensors:
    """Of the same tensors, matrices as 8-bit integers with a scale a column (inputs, outputs)."""
    found: Tensors = {}
    for name, values in one.items():
        scale = name.removesuffix("w") + "scale"
        if name.endswith(".w") and scale in one:
            matrix = Int8Matrix.of((values * one[scale] + other[name] * other[scale]).astype(np.float32) / 2)
            found |= {name: matrix.values, scale: matrix.scales}
        elif not name.endswith(".scale"):
            found[name] = (values + other[name]) / 2
    return found


def main() -> None:
    """Writes the mean."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("one", type=Path)
    parser.add_argument("other", type=Path)
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    with np.load(options.one) as one, np.load(options.other) as other:
        np.savez_compressed(options.out, **mean(dict(one), dict(other)))


if __name__ == "__main__":
    main()
