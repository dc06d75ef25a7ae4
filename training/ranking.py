"""Fits the weights of the sentence ranker and of its confidence on judged questions.

    python -m training.ranking QUESTIONS.yaml... [training/questions.jsonl] [--write]

Twice: for all sentences by the plain signs, and for the first of them with what the reranker says of them. Order: a
pairwise logistic model, so that a sentence that answers stands before one that does not. Confidence: a
logistic model of the first sentence's signs; a question whose sources are taken away counts as one more that has no
answer. Both are linear, a few numbers each; five-fold figures are printed beside the ones on the questions fitted on.
Of our own training questions only the tenth is taken that the reranker and the map of questions have not seen.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from scipy.optimize import minimize
from sklearn.metrics import roc_auc_score

from assistant import choosing, questions, ranking
from assistant.domain import Question
from assistant.embedding import open_embedder
from assistant.index import Index
from assistant.passages import plain
from assistant.precedents import Near, open_precedents, sentence_key
from assistant.reranker import Reranker, open_reranker
from assistant.retrieval import Retriever
from assistant.settings import load_settings
from training.choices import conversation, held_out

FOLDS = 5
WITHOUT = 0.3
"""How much a question whose sources are taken away, or taken for new, counts beside one that was asked: they teach the
weights, not the share of questions that can be answered."""
NEW = 2
"""As many of the nearest other documents are taken for new beside the sources, lest it be a sign of answering."""

ORDER_STRENGTH = 0.3
CONFIDENCE_STRENGTH = 0.3
"""Inverse regularisation over signs scaled to unit variance; chosen by five-fold."""


OWN = "own"
"""What the ids of our own training questions begin with."""

BOUNDS: dict[str, tuple[float | None, float | None]] = {
    **dict.fromkeys(("kind_held", "counted_held", "unit_held", "list_fits"), (0.0, None)),
    **dict.fromkeys(
        ("kind_missing", "counted_missing", "unit_missing", "title_missing", "opposite", "only_planned"), (None, 0.0)
    ),
    "superseded": (None, 0.0),
}
"""Few questions hold some of these signs, and chance alone should not turn their meaning round."""


@dataclass
class Example:
    """One question with the signs of its sentences (sentences, signs) and which of them answer."""

    id: str
    kind: str
    question: Question
    candidates: list[ranking.Candidate]
    near: Near
    signs: np.ndarray
    right: np.ndarray
    answerable: bool
    fold: int
    weight: float


@dataclass
class Fitted:
    """Weights of the order (names,) and of the confidence (names and lead names,)."""

    names: tuple[str, ...]
    lead: tuple[str, ...]
    order: np.ndarray
    confidence: np.ndarray
    intercept: float

    def first(self, example: Example) -> int:
        """Number of the sentence that comes first."""
        return int(np.argmax(example.signs @ self.order))

    def sure(self, example: Example) -> float:
        """Log-odds that it answers."""
        return float(_lead(example, self.names, self.lead, self.order) @ self.confidence) + self.intercept

    def data(self) -> dict[str, Any]:
        """As written."""
        return {
            "order": dict(zip(self.names, self.order.round(4).tolist(), strict=True)),
            "confidence": dict(zip((*self.names, *self.lead), self.confidence.round(4).tolist(), strict=True)),
            "intercept": round(self.intercept, 4),
        }


def read(files: Iterable[Path], index: Index) -> list[dict[str, Any]]:
    """The judged questions of all files; of our own training questions (.jsonl) those held out, in the same form."""
    return [
        question
        for file in files
        for question in (_held(file, index) if file.suffix == ".jsonl" else yaml.safe_load(file.read_text("utf-8")))
    ]


def _held(file: Path, index: Index) -> list[dict[str, Any]]:
    documents: dict[str, set[str]] = {}
    for passage in index.all_passages():
        for sentence in passage.sentences:
            documents.setdefault(plain(sentence.text), set()).add(passage.document)
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    return [
        {
            "id": f"{OWN}-{number}",
            "turns": [*row.get("before", ()), row["question"]],
            "status": "answered" if row["sentences"] else "abstain",
            "sources": [id for text in row["sentences"] for id in documents.get(text, ())],
            "sentences": row["sentences"],
        }
        for number, row in enumerate(rows)
        if held_out(row)
    ]


def understood(judged: dict[str, Any], retriever: Retriever, vocabulary: questions.Vocabulary) -> Question:
    """The last turn, the ones before having been answered."""
    *before, last = judged["turns"]
    return questions.understand(last, conversation(before, retriever, vocabulary), vocabulary)


def examples(files: Iterable[Path], retriever: Retriever) -> list[Example]:
    """Signs of all questions that are searched at all; each answerable one again with its sources taken away, and every
    one as if no precedent had been written for its sources and for some of the nearest other documents."""
    vocabulary = questions.Vocabulary.of(retriever.index)
    made = []
    for number, judged in enumerate(read(files, retriever.index)):
        if judged["status"] not in ("answered", "abstain"):
            continue
        question = understood(judged, retriever, vocabulary)
        if question.intent is not None:
            continue
        sources = set(judged.get("sources") or ())
        whole = choosing.ranked(question, retriever)
        for gone, new in _variants(whole.candidates, sources, retriever.index):
            ranked = choosing.ranked(question, retriever, gone, new) if gone or new else whole
            found = ranked.candidates
            if not found:
                continue
            right = [_right(judged, candidate, sources - gone) for candidate in found]
            made.append(
                Example(
                    judged["id"],
                    judged.get("kind", ""),
                    question,
                    found,
                    ranked.near,
                    _signs(found, ranking.SIGNS),
                    np.array(right, bool),
                    judged["status"] == "answered" and not gone,
                    number % FOLDS,
                    WITHOUT if gone or new else 1.0,
                )
            )
    return made


def _variants(
    whole: list[ranking.Candidate], sources: set[str], index: Index
) -> Iterator[tuple[frozenset[str], frozenset[str]]]:
    """Documents to take away and keys of sentences to take for new."""
    nothing: frozenset[str] = frozenset()
    yield nothing, nothing
    if sources:
        yield frozenset(sources), nothing
    near = dict.fromkeys(candidate.document.id for candidate in whole)
    homes = {*sources, *[id for id in near if id not in sources][:: 2 if sources else 1][:NEW]}
    passages = [passage for home in sorted(homes) for passage in index.passages_of(home)]
    yield nothing, frozenset(sentence_key(sentence.text) for passage in passages for sentence in passage.sentences)


def read_again(made: list[Example], plain: Fitted, reranker: Reranker) -> list[Example]:
    """The same with the sentences that the reranker reads, which come first by the plain weights."""
    found = []
    for example in made:
        scores = example.signs @ plain.order
        first = np.argsort(-scores, kind="stable")[: reranker.depth]
        near = [replace(example.candidates[i], score=float(scores[i])) for i in first]
        candidates = ranking.reread(example.question, near, example.near, reranker)
        right = {id(example.candidates[i].sentence): bool(example.right[i]) for i in first}
        found.append(
            replace(
                example,
                candidates=candidates,
                signs=_signs(candidates, ranking.READ_SIGNS),
                right=np.array([right[id(c.sentence)] for c in candidates], bool),
            )
        )
    return found


def _signs(candidates: list[ranking.Candidate], names: tuple[str, ...]) -> np.ndarray:
    return np.array([[candidate.signs[name] for name in names] for candidate in candidates])


def _right(judged: dict[str, Any], candidate: ranking.Candidate, sources: set[str]) -> bool:
    said = plain(candidate.sentence.text)
    if "sentences" in judged:
        return said in judged["sentences"] and candidate.document.id in sources
    return (
        candidate.document.id in sources
        and all(re.search(pattern, said, re.I) for pattern in judged.get("must") or ())
        and not any(re.search(pattern, said, re.I) for pattern in judged.get("must_not") or ())
    )


def fit(made: list[Example], names: tuple[str, ...], lead: tuple[str, ...]) -> Fitted:
    """Order first, then the confidence of what that order puts first."""
    order = _fit_order(made, names)
    return Fitted(names, lead, order, *_fit_confidence(made, names, lead, order))


def _lead(example: Example, names: tuple[str, ...], lead: tuple[str, ...], order: np.ndarray) -> np.ndarray:
    """Signs (names and lead names,) of the sentence that comes first."""
    scores = example.signs @ order
    best = np.argsort(-scores, kind="stable")
    logits = 5 * example.signs[best, names.index("reranker")] if "reranker" in names else []
    signs = ranking.lead_signs(scores[best].tolist(), list(logits))
    return np.r_[example.signs[best[0]], [signs[name] for name in lead]]


def _fit_order(made: list[Example], names: tuple[str, ...]) -> np.ndarray:
    """Weights (signs,) of a pairwise logistic model."""
    rows, weights = [], []
    for example in made:
        good, bad = example.signs[example.right], example.signs[~example.right]
        if not len(good) or not len(bad):
            continue
        differences = (good[:, None, :] - bad[None, :, :]).reshape(-1, good.shape[1])
        rows.append(differences)
        weights.append(np.full(len(differences), 1 / len(differences)))
    x, w = np.concatenate(rows), np.concatenate(weights)
    scale = x.std(axis=0) + 1e-9
    return _logistic(names, x / scale, np.ones(len(x)), w, ORDER_STRENGTH, intercept=False)[0] / scale


def _fit_confidence(
    made: list[Example], names: tuple[str, ...], lead: tuple[str, ...], order: np.ndarray
) -> tuple[np.ndarray, float]:
    """Weights (signs,) and intercept of a logistic model of the first sentence."""
    x = np.array([_lead(example, names, lead, order) for example in made])
    y = np.array([example.right[np.argmax(example.signs @ order)] for example in made], float)
    mean, scale = x.mean(axis=0), x.std(axis=0) + 1e-9
    w = np.array([e.weight for e in made])
    weights, intercept = _logistic((*names, *lead), (x - mean) / scale, y, w, CONFIDENCE_STRENGTH, intercept=True)
    return weights / scale, intercept - float((weights / scale) @ mean)


def _logistic(
    names: tuple[str, ...], x: np.ndarray, y: np.ndarray, w: np.ndarray, strength: float, *, intercept: bool
) -> tuple[np.ndarray, float]:
    """Logistic regression with bounds: which way some signs point is known, only how much they count is learned."""

    def loss(theta: np.ndarray) -> tuple[float, np.ndarray]:
        margin = x @ theta[:-1] + theta[-1]
        value = float(w @ (np.logaddexp(0, margin) - y * margin) + theta[:-1] @ theta[:-1] / (2 * strength))
        slope = w * (1 / (1 + np.exp(-margin)) - y)
        return value, np.r_[x.T @ slope + theta[:-1] / strength, slope.sum()]

    bounds = [BOUNDS.get(name, (None, None)) for name in names]
    last = (None, None) if intercept else (0.0, 0.0)
    found = minimize(loss, np.zeros(x.shape[1] + 1), jac=True, bounds=[*bounds, last], method="L-BFGS-B")
    return found.x[:-1], float(found.x[-1])


def measure(made: list[Example], fitted: Fitted) -> dict[str, float]:
    """Right first, right in two, and areas under the curve of the confidence: right first against the rest, and
    answerable against not among the questions as asked."""
    found = [e for e in made if e.answerable]
    ranks = [np.argsort(-(e.signs @ fitted.order), kind="stable") for e in found]
    tops = np.array([fitted.sure(e) for e in made])
    asked = np.array([e.weight == 1.0 for e in made])
    answerable = np.array([e.answerable for e in made])
    right = np.array([bool(e.right[fitted.first(e)]) for e in made])
    return {
        "first": float(np.mean([e.right[r[0]] for e, r in zip(found, ranks, strict=True)])),
        "two": float(np.mean([e.right[r[:2]].any() for e, r in zip(found, ranks, strict=True)])),
        "auc_right": float(roc_auc_score(right, tops)),
        "auc_right_asked": float(roc_auc_score(right[asked], tops[asked])),
        "auc_asked": float(roc_auc_score(answerable[asked], tops[asked])),
    }


def tell(title: str, made: list[Example], fitted: Fitted) -> None:
    """Prints the measures on the questions fitted on and five-fold, the weights, and what each threshold would do."""
    print(f"{title}: {len(made)} examples, {sum(e.answerable for e in made)} answerable")
    print("fitted on", {k: round(v, 3) for k, v in measure(made, fitted).items()})
    folds: dict[str, list[dict[str, float]]] = {}
    asked = []
    for fold in range(FOLDS):
        train, test = [e for e in made if e.fold != fold], [e for e in made if e.fold == fold]
        found = fit(train, fitted.names, fitted.lead)
        for name, own in (("judged", False), ("our own, held out", True)):
            if some := [e for e in test if e.id.startswith(OWN) is own]:
                folds.setdefault(name, []).append(measure(some, found))
        for e in (e for e in test if e.weight == 1.0 and not e.id.startswith(OWN)):
            asked.append((1 / (1 + np.exp(-found.sure(e))), bool(e.right[found.first(e)]), e.answerable))
    for name, measured in folds.items():
        print("five-fold,", name, {k: round(float(np.mean([f[k] for f in measured])), 3) for k in measured[0]})
    data = fitted.data()
    for name, value in data["confidence"].items():
        print(f"  {name:18} order {data['order'].get(name, 0.0):7.3f}  confidence {value:7.3f}")
    sure, right, answerable = (np.array(column) for column in zip(*asked, strict=True))
    print("threshold: right of answerable, silent of the others, wrong of answers (five-fold)")
    for threshold in np.arange(0.15, 0.75, 0.05):
        said = sure >= threshold
        print(
            f"  {threshold:.2f}  {np.mean(right[answerable] & said[answerable]):.3f}  {np.mean(~said[~answerable]):.3f}"
            f"  {np.mean(~right[said]):.3f}"
        )


def main() -> None:
    """Fits, prints, and with --write replaces the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    settings = load_settings()
    embedder = open_embedder(settings)
    index = Index.open_current(settings.index)
    made = examples(options.files, Retriever(index, embedder, precedents=open_precedents(embedder)))
    fitted = {"plain": fit(made, ranking.SIGNS, ranking.LEAD_SIGNS)}
    tell("plain", made, fitted["plain"])
    if reranker := open_reranker(settings):
        again = read_again(made, fitted["plain"], reranker)
        fitted["read"] = fit(again, ranking.READ_SIGNS, ranking.READ_LEAD_SIGNS)
        tell("read", again, fitted["read"])
    if options.write:
        names = [file.name for file in options.files]
        data = {"provenance": f"training/ranking.py, {len(made)} examples of {names}"}
        data |= {name: weights.data() for name, weights in fitted.items()}
        path = Path(ranking.__file__).parent / "weights" / "ranking.json"
        path.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
