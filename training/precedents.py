"""Makes the packaged precedents from the training questions.

    python -m training.precedents training/questions.jsonl

Each as it is understood and searched, follow-ups completed by the turns before; but for the tenth that is held out to
be measured on. Four bits a number: when they were first made, as typed, on the develop questions that stand alone the
sentence of the nearest answered precedent was right for .868 of the answerable (exact vectors .870), and the area under
the curve, nearest answered against nearest silent one, .935 (.938). With an earlier map a product quantiser of half the
size lost .008 and .003 more.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import faiss
import numpy as np

from assistant.embedding import open_embedder
from assistant.index import Index
from assistant.precedents import PRECEDENTS_FILE, map_key, sentence_key
from assistant.retrieval import Retriever
from assistant.settings import load_settings
from training.choices import held_out, read_own

MOST = 6
"""Sentences kept of each answer."""


def understood(path: Path, retriever: Retriever) -> dict[str, list[str]]:
    """The questions that are not held out, as they are searched, each with the sentences that answer."""
    read = list(read_own(path, retriever))
    held = {question.searched for row, question in read if held_out(row)}
    asked: dict[str, list[str]] = {}
    for row, question in read:
        if question.searched not in held:
            asked.setdefault(question.searched, row["sentences"])
    return asked


def main() -> None:
    """Writes the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("own", type=Path)
    options = parser.parse_args()
    settings = load_settings()
    embedder = open_embedder(settings)
    asked = understood(options.own, Retriever(Index.open_current(settings.index), embedder))
    answered = [[sentence_key(sentence) for sentence in sentences[:MOST]] for sentences in asked.values()]
    keys = sorted({key for found in answered for key in found})
    numbers = {key: number for number, key in enumerate(keys)}
    answers = np.full((len(asked), MOST), -1, np.int16)
    for row, found in zip(answers, answered, strict=True):
        row[: len(found)] = [numbers[key] for key in found]
    vectors = embedder.queries(list(asked))
    index = faiss.index_factory(embedder.dimension, "SQ4", faiss.METRIC_INNER_PRODUCT)
    index.train(vectors)
    index.add(vectors)
    np.savez_compressed(
        PRECEDENTS_FILE,
        asked=np.frombuffer("\n".join(" ".join(question.split()) for question in asked).encode(), np.uint8),
        index=faiss.serialize_index(index),
        keys=np.array(keys),
        answers=answers,
        model=np.array(f"{embedder.key}|{map_key()}"),
    )
    print(f"{len(asked)} precedents, {sum(not found for found in answered)} silent, {len(keys)} sentences")


if __name__ == "__main__":
    main()
