"""Fits the map that turns the default model's question vectors towards what answers them.

    python -m training.query SPANS.jsonl.gz training/questions.jsonl [--write]

The vectors stay as e5 gives them; only a square matrix is learned, `q + q @ map` made unit again. It goes on from the
packaged one with our own questions about the corpus, Swedish and English ones among them, by a softmax over all
passages and one over all sentences, since both are searched with one vector, at the temperature that e5 was trained
with. A penalty keeps the questions of other texts, Natural Questions in Finnish (CC BY-SA 3.0, see docs/licences.md),
where the packaged map puts them. Every tenth own question is held out to be measured on; the shared retrieval sets are
not used. Deterministic for a thread count.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from assistant.embedding import QUERY_FILE, Embedder, load_query_map, open_embedder
from assistant.index import Index
from assistant.passages import plain
from assistant.settings import load_settings
from training.choices import held_out

SPANS = 16_000
"""As many questions about other texts, one of a passage each."""
TEMPERATURE = 0.01
"""As E5 was trained (Wang et al. 2024, Multilingual E5 Text Embeddings)."""
RATE, ROUNDS, BATCH = 2e-4, 10, 512
KEPT = 40.0
"""Penalty on the squared distance that the questions about other texts move. With 10 the right sentence of the newest
own questions held out is among the first ten for .902, with 40 for .892, before for .796; the cosine of other questions
with themselves falls by .005, and with 40 by .002."""
WAY = 0.7
"""How far the map goes from the packaged one towards what was learned: nDCG@10 on the development half of tydiqa-fi was
.9551 before, .9554 with .7, .9545 with .85 and .9537 with all of it."""


class Asked:
    """Questions (n, dimension), the texts to choose from (m, dimension), and the numbers of those that answer each."""

    def __init__(self, questions: np.ndarray, texts: np.ndarray, right: list[list[int]]) -> None:
        self.questions, self.texts = torch.tensor(questions), torch.tensor(texts)
        self.right = right

    def loss(self, turn: torch.Tensor, chosen: list[int]) -> torch.Tensor:
        """Cross-entropy of the right texts of the chosen questions."""
        questions = self.questions[chosen]
        logits = nn.functional.normalize(questions + questions @ turn, dim=1) @ self.texts.T / TEMPERATURE
        wrong = torch.ones_like(logits, dtype=torch.bool)
        for row, n in enumerate(chosen):
            wrong[row, self.right[n]] = False
        missed = logits.logsumexp(1) - logits.masked_fill(wrong, -torch.inf).logsumexp(1)
        return missed.mean()

    def recall(self, turn: torch.Tensor, chosen: list[int], depth: int) -> float:
        """Share of the chosen questions with a right text among the first."""
        questions = self.questions[chosen]
        scores = nn.functional.normalize(questions + questions @ turn, dim=1) @ self.texts.T
        first = scores.topk(depth, dim=1).indices.tolist()
        found = [not set(numbers).isdisjoint(self.right[n]) for numbers, n in zip(first, chosen, strict=True)]
        return float(np.mean(found))


def other_questions(path: Path, embedder: Embedder) -> torch.Tensor:
    """Questions about other texts (n, dimension), one a passage."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = {row["text"]: row["question"] for row in map(json.loads, file)}
    chosen = random.Random(5).sample(list(rows), min(SPANS, len(rows)))
    return torch.tensor(embedder.queries([rows[text] for text in chosen]))


@dataclass
class Own:
    """Our own questions with an answer: their words, and where the passages and the sentences that hold it are."""

    texts: list[str]
    passages: Asked
    sentences: Asked

    def parts(self) -> tuple[list[int], list[int]]:
        """Numbers of the questions to train on, and of those held out."""
        held = [n for n, text in enumerate(self.texts) if held_out({"question": text})]
        return sorted(set(range(len(self.texts))) - set(held)), held

    def tell(self, title: str, turn: torch.Tensor, chosen: list[int]) -> None:
        """Prints how many of the chosen questions find theirs."""
        with torch.no_grad():
            found = {f"passage in {d}": self.passages.recall(turn, chosen, d) for d in (1, 8)}
            found |= {f"sentence in {d}": self.sentences.recall(turn, chosen, d) for d in (1, 10)}
        print(title, ", ".join(f"{name} {value:.3f}" for name, value in found.items()), flush=True)


def from_own(path: Path, embedder: Embedder, index: Index) -> Own:
    """Every passage and sentence of the index that holds the answer is right."""
    passages = index.all_passages()
    spoken = [(number, sentence) for number, passage in enumerate(passages) for sentence in passage.sentences]
    places: dict[str, list[int]] = {}
    for place, (_, sentence) in enumerate(spoken):
        places.setdefault(plain(sentence.text), []).append(place)
    read = (json.loads(line) for line in path.read_text("utf-8").splitlines())
    rows = [row for row in read if "before" not in row]  # a follow-up says too little alone
    right = {r["question"]: sorted({n for s in r["sentences"] for n in places.get(s, [])}) for r in rows}
    texts = [question for question, numbers in right.items() if numbers]
    asked = embedder.queries(texts)
    ids = [sentence.id for _, sentence in spoken]
    vectors = [index.sentence_vectors(ids[start : start + BATCH]) for start in range(0, len(ids), BATCH)]
    homes = [sorted({spoken[n][0] for n in right[text]}) for text in texts]
    return Own(
        texts,
        Asked(asked, index.passage_vectors(range(len(passages))), homes),
        Asked(asked, np.concatenate(vectors), [right[text] for text in texts]),
    )


def fit(other: torch.Tensor, own: Own, before: torch.Tensor) -> np.ndarray:
    """The map (dimension, dimension), beginning with the one before."""
    chance = random.Random(0)
    trained, held = own.parts()
    turn = before.clone().requires_grad_()
    optimiser = torch.optim.Adam([turn], lr=RATE)
    a_round = len(trained) // BATCH
    for step in range(ROUNDS * a_round):
        optimiser.param_groups[0]["lr"] = RATE * max(0.02, 1 - step / (ROUNDS * a_round))
        moved = other[chance.sample(range(len(other)), BATCH)] @ (turn - before)
        chosen = chance.choices(trained, k=BATCH)
        missed = (own.passages.loss(turn, chosen) + own.sentences.loss(turn, chosen)) / 2
        optimiser.zero_grad()
        torch.autograd.backward([missed + KEPT * (moved**2).sum(1).mean()])
        optimiser.step()
        if (step + 1) % a_round == 0:
            own.tell(f"round {(step + 1) // a_round}: loss {missed.item():.3f}, held:", turn, held)
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
    own = from_own(options.own, embedder, Index.open_current(settings.index))
    before = torch.from_numpy(load_query_map())
    own.tell("without:", torch.zeros_like(before), own.parts()[1])
    own.tell("before:", before, own.parts()[1])
    found = before.numpy() + WAY * (fit(other_questions(options.spans, embedder), own, before) - before.numpy())
    own.tell("written:", torch.from_numpy(found), own.parts()[1])
    if options.write:
        np.savez_compressed(QUERY_FILE, map=found.astype(np.float16))


if __name__ == "__main__":
    main()
