"""Measures how large the inputs of the default model's layers are, so that its graph can tell them in 8 bits.

    python -m training.inputs SPANS.jsonl.gz training/questions.jsonl

The root mean square of each, over the tokens of texts drawn from Natural Questions in Finnish (see docs/licences.md)
and of our own questions, the same at each run; inputs that come out of a norm alone, since the others gained nothing.
The reranker's layers are near enough to these: smoothed by their own inputs its numbers were .085 from exact ones, by
these .091, without any .125.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper

from assistant.e5 import GRAPH_FILE, INPUTS_FILE, Session
from assistant.embedding import E5_PROMPTS, open_embedder
from assistant.settings import load_settings

TEXTS = 160
"""Questions of either kind, and as many passages as both."""


def texts(spans: Path, own: Path) -> list[str]:
    """What to read."""
    chance = random.Random(1)
    with gzip.open(spans, "rt", encoding="utf-8") as file:
        others = chance.sample([json.loads(line) for line in file], 3 * TEXTS)
    ours = chance.sample(own.read_text("utf-8").splitlines(), TEXTS)
    asked = [row["question"] for row in (*others[:TEXTS], *map(json.loads, ours))]
    said = [row["text"] for row in others[TEXTS:]]
    return [E5_PROMPTS["query"] + text for text in asked] + [E5_PROMPTS["passage"] + text for text in said]


def inputs(folder: Path, read: list[str]) -> dict[str, np.ndarray]:
    """The root mean square of each input (inputs,) over the texts, by the name of its first matrix."""
    graph = onnx.load(folder / GRAPH_FILE)
    norms = [node.output[0] for node in graph.graph.node if node.op_type == "LayerNormalization"][:-1]
    graph.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in norms)
    running = onnxruntime.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
    session = Session(folder)
    squares: dict[str, np.ndarray] = {}
    tokens = 0
    for text in read:
        ids, mask = session.tokens([text])
        found = running.run(norms, {"input_ids": ids, "attention_mask": mask})
        tokens += ids.shape[1]
        for number, rows in enumerate(found):
            name = f"l{number // 2}.{'fi' if number % 2 else 'q'}"
            squares[name] = squares.get(name, 0.0) + (rows.astype(np.float64) ** 2).sum(axis=0)
    return {name: np.sqrt(total / tokens).astype(np.float16) for name, total in squares.items()}


def main() -> None:
    """Writes the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("spans", type=Path)
    parser.add_argument("own", type=Path)
    options = parser.parse_args()
    encoder = open_embedder(load_settings()).model[0]
    np.savez_compressed(INPUTS_FILE, **inputs(encoder.folder, texts(options.spans, options.own)))


if __name__ == "__main__":
    main()
