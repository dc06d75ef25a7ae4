"""Fits the weights of the sentence ranker and of its confidence on judged questions.

    python -m training.ranking QUESTIONS.yaml... [--write]

Order: a pairwise logistic model, so that a sentence that answers stands before one that does not. Confidence: a
logistic model of the first sentence's signs; a question whose sources are taken away counts as one more that has no
answer. Both are linear, a few numbers each; five-fold figures are printed beside the ones on the questions fitted on.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from scipy.optimize import minimize
from sklearn.metrics import roc_auc_score

from assistant import answering, questions, ranking
from assistant.domain import Question, Turn
from assistant.embedding import open_embedder
from assistant.index import Index
from assistant.passages import plain
from assistant.retrieval import Retriever
from assistant.settings import load_settings

FOLDS = 5
WITHOUT = 0.3
"""How much a question whose sources are taken away counts beside one that was asked: they teach the weights, not the
share of questions that can be answered."""

ORDER_STRENGTH = 0.3
CONFIDENCE_STRENGTH = 0.3
"""Inverse regularisation over signs scaled to unit variance; chosen by five-fold."""


BOUNDS: dict[str, tuple[float | None, float | None]] = {
    **dict.fromkeys(("kind_held", "counted_held", "unit_held", "list_fits"), (0.0, None)),
    **dict.fromkeys(("kind_missing", "counted_missing", "unit_missing", "superseded"), (None, 0.0)),
}
"""Few questions hold some of these signs, and chance alone should not turn their meaning round."""


@dataclass
class Example:
    """One question with the signs of its sentences (sentences, signs) and which of them answer."""

    id: str
    kind: str
    signs: np.ndarray
    right: np.ndarray
    answerable: bool
    fold: int
    weight: float


def read(files: Iterable[Path]) -> list[dict[str, Any]]:
    """The judged questions of all files."""
    return [question for file in files for question in yaml.safe_load(file.read_text(encoding="utf-8"))]


def understood(judged: dict[str, Any], retriever: Retriever, vocabulary: questions.Vocabulary) -> Question:
    """The last turn, the ones before having been answered."""
    history: list[Turn] = []
    for text in judged["turns"][:-1]:
        question = questions.understand(text, history, vocabulary)
        answer = answering.answer(question, retriever, [], load_settings())
        history.append(Turn("", "", text, question.understood, answer, ""))
    return questions.understand(judged["turns"][-1], history, vocabulary)


def examples(files: Iterable[Path]) -> list[Example]:
    """Signs of all questions that are searched at all; each answerable one again with its sources taken away."""
    settings = load_settings()
    retriever = Retriever(Index.open_current(settings.index), open_embedder(settings))
    vocabulary = questions.Vocabulary.of(retriever.index)
    made = []
    for number, judged in enumerate(read(files)):
        if judged["status"] not in ("answered", "abstain"):
            continue
        question = understood(judged, retriever, vocabulary)
        if question.intent is not None:
            continue
        sources = set(judged.get("sources") or ())
        for gone in (set(), sources) if judged["status"] == "answered" else (set(),):
            ranked = answering.ranked(question, retriever, without=gone)[1]
            if not ranked:
                continue
            right = np.array([_right(judged, candidate, sources - gone) for candidate in ranked], bool)
            signs = np.array([[c.signs[name] for name in ranking.SIGNS] for c in ranked])
            answerable = judged["status"] == "answered" and not gone
            made.append(
                Example(
                    judged["id"],
                    judged.get("kind", ""),
                    signs,
                    right,
                    answerable,
                    number % FOLDS,
                    WITHOUT if gone else 1.0,
                )
            )
    return made


def _right(judged: dict[str, Any], candidate: ranking.Candidate, sources: set[str]) -> bool:
    said = plain(candidate.sentence.text)
    return (
        candidate.document.id in sources
        and all(re.search(pattern, said, re.I) for pattern in judged.get("must") or ())
        and not any(re.search(pattern, said, re.I) for pattern in judged.get("must_not") or ())
    )


def fit_order(made: list[Example]) -> np.ndarray:
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
    return _fit(x / scale, np.ones(len(x)), w, ORDER_STRENGTH, intercept=False)[0] / scale


def fit_confidence(made: list[Example], order: np.ndarray) -> tuple[np.ndarray, float]:
    """Weights (signs,) and intercept of a logistic model of the first sentence."""
    firsts = [int(np.argmax(example.signs @ order)) for example in made]
    x = np.array([example.signs[first] for example, first in zip(made, firsts, strict=True)])
    y = np.array([example.right[first] for example, first in zip(made, firsts, strict=True)], float)
    mean, scale = x.mean(axis=0), x.std(axis=0) + 1e-9
    w = np.array([e.weight for e in made])
    weights, intercept = _fit((x - mean) / scale, y, w, CONFIDENCE_STRENGTH, intercept=True)
    return weights / scale, intercept - float((weights / scale) @ mean)


def _fit(x: np.ndarray, y: np.ndarray, w: np.ndarray, strength: float, *, intercept: bool) -> tuple[np.ndarray, float]:
    """Logistic regression with bounds: which way some signs point is known, only how much they count is learned."""

    def loss(theta: np.ndarray) -> tuple[float, np.ndarray]:
        margin = x @ theta[:-1] + theta[-1]
        value = float(w @ (np.logaddexp(0, margin) - y * margin) + theta[:-1] @ theta[:-1] / (2 * strength))
        slope = w * (1 / (1 + np.exp(-margin)) - y)
        return value, np.r_[x.T @ slope + theta[:-1] / strength, slope.sum()]

    bounds = [BOUNDS.get(name, (None, None)) for name in ranking.SIGNS]
    last = (None, None) if intercept else (0.0, 0.0)
    found = minimize(loss, np.zeros(x.shape[1] + 1), jac=True, bounds=[*bounds, last], method="L-BFGS-B")
    return found.x[:-1], float(found.x[-1])


def measure(made: list[Example], order: np.ndarray, confidence: np.ndarray, intercept: float) -> dict[str, float]:
    """Right first, right in two, and areas under the curve of the confidence: right first against the rest, and
    answerable against not among the questions as asked."""
    found = [e for e in made if e.answerable]
    ranks = [np.argsort(-(e.signs @ order), kind="stable") for e in found]
    first = np.mean([e.right[r[0]] for e, r in zip(found, ranks, strict=True)])
    two = np.mean([e.right[r[:2]].any() for e, r in zip(found, ranks, strict=True)])
    tops = [e.signs[np.argmax(e.signs @ order)] @ confidence + intercept for e in made]
    right = [bool(e.right[np.argmax(e.signs @ order)]) for e in made]
    answerable = [e.answerable for e in made]
    asked = [e.weight == 1.0 for e in made]
    return {
        "first": float(first),
        "two": float(two),
        "auc_right": float(roc_auc_score(right, tops)),
        "auc_asked": float(roc_auc_score(np.array(answerable)[asked], np.array(tops)[asked])),
    }


def main() -> None:
    """Fits, prints, and with --write replaces the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    made = examples(options.files)
    order = fit_order(made)
    confidence, intercept = fit_confidence(made, order)
    print("questions", len(made), "answerable", sum(e.answerable for e in made))
    print("fitted on", {k: round(v, 3) for k, v in measure(made, order, confidence, intercept).items()})
    folds = []
    for fold in range(FOLDS):
        train, test = [e for e in made if e.fold != fold], [e for e in made if e.fold == fold]
        fold_order = fit_order(train)
        folds.append(measure(test, fold_order, *fit_confidence(train, fold_order)))
    print("five-fold", {k: round(float(np.mean([f[k] for f in folds])), 3) for k in folds[0]})
    for name, o, c in zip(ranking.SIGNS, order, confidence, strict=True):
        print(f"  {name:18} order {o:7.3f}  confidence {c:7.3f}")
    if options.write:
        data = {
            "provenance": f"training/ranking.py, {len(made)} examples of {[file.name for file in options.files]}",
            "order": dict(zip(ranking.SIGNS, order.round(4).tolist(), strict=True)),
            "confidence": dict(zip(ranking.SIGNS, confidence.round(4).tolist(), strict=True)),
            "intercept": round(intercept, 4),
        }
        path = Path(ranking.__file__).parent / "weights" / "ranking.json"
        path.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
