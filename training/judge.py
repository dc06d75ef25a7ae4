"""Trains the sentence judge: one number for a question and a sentence (with its heading), from the e5 weights.

    python -m training.judge SPANS.jsonl.gz OUT [--minutes 60]

Each question is one choice: the sentences of its passage, hard negatives (the sentence nearest by words from other
passages that hold no answer), and "none of them" with a logit fixed at zero. Embeddings and the first layers are
frozen. Deterministic for a seed and a thread count; resumes from OUT/checkpoint.pt. Data: Natural Questions in
Finnish (CC BY-SA 3.0), see docs/licences.md.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import BertConfig, BertModel

from assistant import e5, finnish

FROZEN_LAYERS = 4
LEARNING_RATE = 8e-5
WARM_UP = 200
SENTENCES, NEGATIVES, GROUPS = 6, 2, 4
TOKENS = 96
NONE_SHARE = 0.25
"""Share of the questions whose passage is left out, so that nothing answers."""


def encoder(weights: e5.Weights) -> BertModel:
    """The e5 weights as a PyTorch model."""
    config = BertConfig(
        vocab_size=len(weights.matrices["emb.word"].nibbles),
        hidden_size=weights.hidden,
        num_hidden_layers=weights.layers,
        num_attention_heads=weights.heads,
        intermediate_size=4 * weights.hidden,
        max_position_embeddings=e5.MAX_TOKENS,
        layer_norm_eps=weights.epsilon,
    )
    model = BertModel(config, add_pooling_layer=False)
    names = {
        "embeddings.word_embeddings.weight": weights.matrices["emb.word"].dequantised(),
        "embeddings.position_embeddings.weight": weights.vectors["emb.pos"].reshape(-1, weights.hidden),
        "embeddings.token_type_embeddings.weight": weights.vectors["emb.type"].reshape(-1, weights.hidden),
    }
    parts = {
        "attention.self.query": "q",
        "attention.self.key": "k",
        "attention.self.value": "v",
        "attention.output.dense": "ao",
        "intermediate.dense": "fi",
        "output.dense": "fo",
    }
    for layer in range(weights.layers):
        for theirs, ours in parts.items():
            names[f"encoder.layer.{layer}.{theirs}.weight"] = weights.matrices[f"l{layer}.{ours}.w"].dequantised()
            names[f"encoder.layer.{layer}.{theirs}.bias"] = weights.vectors[f"l{layer}.{ours}.b"]
        for theirs, ours in (("attention.output.LayerNorm", "aln"), ("output.LayerNorm", "oln")):
            names[f"encoder.layer.{layer}.{theirs}.weight"] = weights.vectors[f"l{layer}.{ours}.w"]
            names[f"encoder.layer.{layer}.{theirs}.bias"] = weights.vectors[f"l{layer}.{ours}.b"]
    names["embeddings.LayerNorm.weight"] = weights.vectors["emb.ln.w"]
    names["embeddings.LayerNorm.bias"] = weights.vectors["emb.ln.b"]
    state = {name: torch.from_numpy(value.copy()) for name, value in names.items()}
    missing, unexpected = model.load_state_dict(state, strict=False)
    assert not unexpected and all("ids" in name for name in missing), (missing, unexpected)
    return model


class Judge(nn.Module):
    """The encoder with one number read off the first token."""

    def __init__(self, model: BertModel) -> None:
        super().__init__()
        self.encoder = model
        self.head = nn.Linear(model.config.hidden_size, 1)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)
        for part in [model.embeddings, *model.encoder.layer[:FROZEN_LAYERS]]:
            part.requires_grad_(False)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Logits (pairs,)."""
        states = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        return self.head(states[:, 0]).squeeze(-1)


def read_spans(path: Path) -> list[dict[str, Any]]:
    """Question, sentences and the number of the sentence that holds the answer."""
    rows = []
    with gzip.open(path, "rt", encoding="utf-8") as file:
        lines = file.readlines()
    for line in lines:
        row = json.loads(line)
        text, start, end = row["text"], row["start"], row["start"] + len(row["answer"])
        spans = finnish.sentence_spans(text)
        gold = next((i for i, (a, b) in enumerate(spans) if a <= start and end <= b + 1), None)
        if gold is None or len(row["answer"]) < 2:
            continue
        rows.append(
            {
                "question": row["question"],
                "answer": row["answer"],
                "gold": gold,
                "sentences": [text[a:b] for a, b in spans],
            }
        )
    return rows


def add_negatives(rows: list[dict[str, Any]]) -> None:
    """For each row the sentences nearest by words from passages that do not hold its answer."""
    database = sqlite3.connect(":memory:")
    database.execute(
        "CREATE VIRTUAL TABLE t USING fts5(terms, tokenize = \"unicode61 remove_diacritics 0 tokenchars '-'\")"
    )
    sentences = [sentence for row in rows for sentence in row["sentences"] if 20 < len(sentence) < 400]
    flat = lambda text: " ".join(group[0] for group in finnish.terms(text))  # noqa: E731
    database.executemany("INSERT INTO t (rowid, terms) VALUES (?, ?)", ((i, flat(s)) for i, s in enumerate(sentences)))
    for row in rows:
        terms = {group[0] for group in finnish.terms(row["question"])}
        query = " OR ".join('"' + term.replace('"', "") + '"' for term in sorted(terms))
        own = set(row["sentences"])
        found = (
            database.execute("SELECT rowid FROM t WHERE t MATCH ? ORDER BY bm25(t) LIMIT 12", [query]) if query else []
        )
        near = [sentences[i] for (i,) in found]
        answer = row["answer"].lower()
        row["negatives"] = [s for s in near if s not in own and answer not in s.lower()][:6]


def groups(rows: list[dict[str, Any]], seed: int) -> Iterator[tuple[str, list[str], int]]:
    """(question, sentences, right one or -1) without end, shuffled anew each round."""
    chance = random.Random(seed)
    while True:
        chance.shuffle(rows)
        for row in rows:
            negatives = chance.sample(row["negatives"], min(NEGATIVES, len(row["negatives"])))
            gold = row["sentences"][row["gold"]]
            others = [s for i, s in enumerate(row["sentences"]) if i != row["gold"] and len(s) > 15]
            chance.shuffle(others)
            if chance.random() < NONE_SHARE and row["negatives"]:
                half = others[: SENTENCES // 2] if chance.random() < 0.5 else []
                yield row["question"], half + row["negatives"][: NEGATIVES + 2], -1
            else:
                yield row["question"], [gold, *others[: SENTENCES - 1], *negatives], 0


def main() -> None:
    """Trains until the time is used up; writes a checkpoint every five minutes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("spans", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--limit", type=int, default=30_000)
    options = parser.parse_args()
    torch.manual_seed(1)
    torch.set_num_threads(2)
    options.out.mkdir(parents=True, exist_ok=True)
    weights = e5.read_weights(e5.weights_path())
    tokenizer = e5.make_tokenizer(weights)
    tokenizer.enable_truncation(TOKENS)
    model = Judge(encoder(weights))
    trained = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(trained, lr=LEARNING_RATE, weight_decay=0.01)
    step, checkpoint = 0, options.out / "checkpoint.pt"
    if checkpoint.exists():
        saved = torch.load(checkpoint)
        model.load_state_dict(saved["model"], strict=False)
        optimiser.load_state_dict(saved["optimiser"])
        step = saved["step"]
    rows = random.Random(0).sample(read_spans(options.spans), options.limit)
    add_negatives(rows)
    held, rows = rows[:300], rows[300:]
    source = groups(rows, seed=step + 1)
    print(f"{len(rows)} questions", flush=True)
    started = saved_at = time.monotonic()
    losses: list[float] = []
    model.train()
    for layer in model.modules():
        if isinstance(layer, nn.Dropout):
            layer.p = 0.0

    def logits(batch: list[tuple[str, list[str], int]]) -> list[torch.Tensor]:
        pairs = [
            (q.translate(weights.normalisation), s.translate(weights.normalisation))
            for q, many, _ in batch
            for s in many
        ]
        encoded = tokenizer.encode_batch(pairs)
        order = sorted(range(len(pairs)), key=lambda i: sum(encoded[i].attention_mask))
        scores: dict[int, torch.Tensor] = {}
        for start in range(0, len(order), 16):
            part = order[start : start + 16]
            length = max(sum(encoded[i].attention_mask) for i in part)
            ids = torch.tensor([encoded[i].ids[:length] for i in part])
            mask = torch.tensor([encoded[i].attention_mask[:length] for i in part])
            with torch.autocast("cpu", torch.bfloat16):
                scores |= dict(zip(part, model(ids, mask).float(), strict=True))
        flat = [scores[i] for i in range(len(pairs))]
        out, at = [], 0
        for _, many, _ in batch:
            out.append(torch.stack(flat[at : at + len(many)]))
            at += len(many)
        return out

    while time.monotonic() - started < options.minutes * 60:
        batch = [next(source) for _ in range(GROUPS)]
        loss = torch.stack(
            [
                nn.functional.cross_entropy(
                    torch.cat([row, torch.zeros(1)])[None], torch.tensor([right if right >= 0 else len(row)])
                )
                for row, (_, _, right) in zip(logits(batch), batch, strict=True)
            ]
        ).mean()
        loss.backward()
        nn.utils.clip_grad_norm_(trained, 1.0)
        done = (time.monotonic() - started) / (options.minutes * 60)
        for group in optimiser.param_groups:
            group["lr"] = LEARNING_RATE * min(1.0, (step + 1) / WARM_UP) * max(0.05, 1 - done)
        optimiser.step()
        optimiser.zero_grad()
        step += 1
        losses.append(loss.item())
        if step % 100 == 0:
            print(step, round(sum(losses[-100:]) / 100, 4), round((time.monotonic() - started) / 60, 1), flush=True)
        if time.monotonic() - saved_at > 300:
            saved_at = time.monotonic()
            _save(model, optimiser, step, checkpoint)
    _save(model, optimiser, step, checkpoint)
    model.eval()
    with torch.no_grad():
        chosen = [
            int(torch.cat([row, torch.zeros(1)]).argmax()) for row in logits([next(groups([r], 0)) for r in held])
        ]
    print("held out, first of the choice:", sum(c == 0 for c in chosen) / len(chosen))


def _save(model: Judge, optimiser: torch.optim.Optimizer, step: int, path: Path) -> None:
    state = {name: value for name, value in model.state_dict().items() if "embeddings" not in name}
    scratch = path.with_suffix(".new")
    torch.save({"model": state, "optimiser": optimiser.state_dict(), "step": step}, scratch)
    scratch.replace(path)


if __name__ == "__main__":
    main()
