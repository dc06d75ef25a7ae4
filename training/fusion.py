"""Fits the weights with which retrieval fuses its signs, on judged retrieval sets.

    python -m training.fusion DIR... [--write]

A pairwise logistic model: of the first candidates by cosine and coverage, a relevant passage should stand before one
that is not. Each set counts the same, however many questions it has. The cosine's weight is set to one. The sets are
indexed as `assistant evaluate retrieval` does and kept, so a second run is quick.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from assistant import retrieval
from assistant.embedding import Embedder, open_embedder
from assistant.judged import read_retrieval_set
from assistant.retrieval import Retriever
from assistant.retrieval_report import index_of
from assistant.settings import Settings, load_settings

NEGATIVES = 12
RELEVANT = 2
"""Passages of each kind that a question gives at most."""


def differences(folder: Path, settings: Settings, embedder: Embedder) -> np.ndarray:
    """Signs of relevant passages minus those of others (pairs, signs)."""
    given = read_retrieval_set(folder)
    retriever = Retriever(index_of(given, settings, embedder, None), embedder)
    rows = []
    for query in given.queries:
        relevance = given.relevance.get(query.id)
        if not relevance:
            continue
        understood = retriever.query(query.text)
        hits = retriever.search(understood, retrieval.RERANKED)
        dense = np.array([hit.dense for hit in hits], np.float32)
        signs = retriever.signs(understood, [hit.passage for hit in hits], dense)
        right = np.array([relevance.get(hit.document.id, 0) > 0 for hit in hits])
        good, bad = signs[right][:RELEVANT], signs[~right][:NEGATIVES]
        rows.append((good[:, None, :] - bad[None, :, :]).reshape(-1, signs.shape[1]))
    return np.concatenate(rows)


def main() -> None:
    """Fits, prints, and with --write replaces the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", type=Path, nargs="+")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    settings = load_settings()
    embedder = open_embedder(settings)
    found = [differences(folder, settings, embedder) for folder in options.sets]
    x = np.concatenate(found)
    weight = np.concatenate([np.full(len(rows), len(x) / len(rows)) for rows in found])
    scale = x.std(axis=0) + 1e-9
    model = LogisticRegression(fit_intercept=False, max_iter=1000)
    model.fit(np.concatenate([x, -x]) / scale, np.r_[np.ones(len(x)), np.zeros(len(x))], np.r_[weight, weight])
    fitted = model.coef_[0] / scale
    weights = dict(zip(retrieval.SIGNS, (fitted / fitted[0]).round(4).tolist(), strict=True))
    print(weights)
    if options.write:
        data = {"provenance": f"training/fusion.py on {[folder.name for folder in options.sets]}", "weights": weights}
        path = Path(retrieval.__file__).parent / "weights" / "fusion.json"
        path.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
