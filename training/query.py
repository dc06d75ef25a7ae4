"""Fits the map that turns the default model's question vectors towards the passages that answer them.

    python -m training.query SPANS.jsonl.gz training/questions.jsonl [--write]

The vectors stay as e5 gives them; only a square matrix is learned, `q + q @ map` made unit again, by a softmax over the
passages of all other questions at the temperature that e5 was trained with. Two sources: Natural Questions in Finnish
(CC BY-SA 3.0, see docs/licences.md), and our own questions about the corpus, Swedish and English ones among them. A
penalty on how far the questions move keeps what other texts need. Every tenth own question is held out to be measured
on; the shared retrieval sets are not used. Deterministic for a thread count.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import zlib
from pathlib import Path

import numpy as np
import torch
from torch import nn

from assistant.embedding import QUERY_FILE, Embedder, open_embedder
from assistant.index import Index
from assistant.passages import plain
from assistant.settings import load_settings

SPANS = 16_000
"""Of the spans, as many as are embedded in a quarter of an hour."""
TEMPERATURE = 0.01
"""As E5 was trained (Wang et al. 2024, Multilingual E5 Text Embeddings)."""
RATE, ROUNDS, BATCH = 2e-4, 10, 512
OWN = 1.0
"""What our own questions count beside the spans."""
NEAR = 2.0
"""Penalty on the squared distance that a question moves: with none, squad2-fi lost .012 nDCG@10 of e5 alone, with this
.005, and nq-fi, faq-fi and our own questions gain."""


class Asked:
    """Questions (n, dimension), the passages to choose from (m, dimension), and which of them answer (n, m)."""

    def __init__(self, questions: np.ndarray, passages: np.ndarray, right: list[list[int]]) -> None:
        self.questions, self.passages = torch.tensor(questions), torch.tensor(passages)
        self.right = right

    def loss(self, turn: torch.Tensor, chosen: list[int]) -> tuple[torch.Tensor, torch.Tensor]:
        """Cross-entropy of the right passages of the chosen questions, and how far these moved, squared."""
        questions = self.questions[chosen]
        moved = questions @ turn
        logits = nn.functional.normalize(questions + moved, dim=1) @ self.passages.T / TEMPERATURE
        wrong = torch.ones_like(logits, dtype=torch.bool)
        for row, n in enumerate(chosen):
            wrong[row, self.right[n]] = False
        missed = logits.logsumexp(1) - logits.masked_fill(wrong, -torch.inf).logsumexp(1)
        return missed.mean(), (moved**2).sum(1).mean()

    def recall(self, turn: torch.Tensor, chosen: list[int], depth: int) -> float:
        """Share of the chosen questions with a right passage among the first."""
        questions = self.questions[chosen]
        scores = nn.functional.normalize(questions + questions @ turn, dim=1) @ self.passages.T
        first = scores.topk(depth, dim=1).indices.tolist()
        found = [not set(numbers).isdisjoint(self.right[n]) for numbers, n in zip(first, chosen, strict=True)]
        return float(np.mean(found))


def from_spans(path: Path, embedder: Embedder) -> Asked:
    """Span questions, one a passage."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = {row["text"]: row["question"] for row in map(json.loads, file)}
    chosen = random.Random(5).sample(list(rows), min(SPANS, len(rows)))
    vectors = embedder.passages(chosen)
    return Asked(embedder.queries([rows[text] for text in chosen]), vectors, [[n] for n in range(len(chosen))])


def from_own(path: Path, embedder: Embedder, index: Index) -> tuple[Asked, list[str]]:
    """Our own questions with an answer, and their words; every passage of the index that holds it is right."""
    passages = index.all_passages()
    places: dict[str, list[int]] = {}
    for number, passage in enumerate(passages):
        for sentence in passage.sentences:
            places.setdefault(plain(sentence.text), []).append(number)
    read = (json.loads(line) for line in path.read_text("utf-8").splitlines())
    rows = [row for row in read if "before" not in row]  # a follow-up says too little alone
    right = {r["question"]: sorted({n for s in r["sentences"] for n in places.get(s, [])}) for r in rows}
    texts = [question for question, numbers in right.items() if numbers]
    vectors = index.passage_vectors(range(len(passages)))
    return Asked(embedder.queries(texts), vectors, [right[text] for text in texts]), texts


def fit(spans: Asked, own: Asked, trained: list[int], held: list[int]) -> np.ndarray:
    """The map (dimension, dimension)."""
    chance = random.Random(0)
    turn = torch.zeros(spans.questions.shape[1], spans.questions.shape[1], requires_grad=True)
    optimiser = torch.optim.Adam([turn], lr=RATE)
    order = list(range(len(spans.right)))
    steps, step = ROUNDS * (len(order) // BATCH), 0
    for number in range(ROUNDS):
        chance.shuffle(order)
        for start in range(0, len(order) - BATCH + 1, BATCH):
            optimiser.param_groups[0]["lr"] = RATE * max(0.02, 1 - step / steps)
            missed, moved = spans.loss(turn, order[start : start + BATCH])
            own_missed, _ = own.loss(turn, chance.choices(trained, k=BATCH))
            optimiser.zero_grad()
            torch.autograd.backward([missed + OWN * own_missed + NEAR * moved])
            optimiser.step()
            step += 1
        with torch.no_grad():
            first, five = own.recall(turn, held, 1), own.recall(turn, held, 5)
        print(f"round {number + 1}: loss {missed.item():.3f}, held: R@1 {first:.3f}, R@5 {five:.3f}", flush=True)
    return turn.detach().numpy()


def main() -> None:
    """Fits, prints the measures of each round, and with --write replaces the map."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("spans", type=Path)
    parser.add_argument("own", type=Path)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    settings = load_settings()
    embedder = open_embedder(settings)
    embedder.query_map = None
    own, texts = from_own(options.own, embedder, Index.open_current(settings.index))
    held = [n for n, text in enumerate(texts) if zlib.crc32(text.encode()) % 10 == 0]
    with torch.no_grad():
        plainly = torch.zeros(embedder.dimension, embedder.dimension)
        print(f"without: R@1 {own.recall(plainly, held, 1):.3f}, R@5 {own.recall(plainly, held, 5):.3f}")
    trained = sorted(set(range(len(texts))) - set(held))
    found = fit(from_spans(options.spans, embedder), own, trained, held)
    if options.write:
        np.savez_compressed(QUERY_FILE, map=found.astype(np.float16))


if __name__ == "__main__":
    main()
