"""Precedents: questions asked of the corpus before, each with the sentences that answer it, or with none.

A question is more like another question than like the sentence that answers both, so the nearest precedents tell which
sentence it may be, and whether there is any (question-to-question retrieval as in FAQ search: Sakata et al. 2019; the
share of near neighbours as in kNN-LM: Khandelwal et al. 2020). They say nothing of a sentence that no precedent was
written for, a new or a changed one: it stands by its other signs. `training/precedents.py` makes the packaged file from
the training questions, as vectors alone.
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import faiss
import numpy as np
import numpy.typing as npt

from assistant.embedding import QUERY_FILE, Embedder, Vectors, text_key
from assistant.passages import plain

logger = logging.getLogger(__name__)

PRECEDENTS_FILE = Path(__file__).parent / "weights" / "precedents.npz"

NEIGHBOURS = 32
"""Precedents looked at."""

WARMTH = 0.03
"""Cosine by which a neighbour is farther than the first when it counts 1/e of it."""

RECALLED = 3
"""Sentences of the nearest precedents whose passages are looked at even where the search has missed them."""

SIGNS = ("asked", "asked_behind", "asked_share", "silent_ahead", "unasked")


def sentence_key(sentence: str) -> str:
    """The name of a sentence by its words: one that is changed is another."""
    return text_key(plain(sentence))[:16]


@dataclass(frozen=True)
class Near:
    """The precedents nearest to a question: cosine and keys of the sentences that answered, none for silence."""

    neighbours: tuple[tuple[float, tuple[str, ...]], ...] = ()
    known: frozenset[str] = frozenset()
    """Keys of all sentences that any precedent was written for."""

    def without(self, keys: frozenset[str]) -> Near:
        """As if no precedent had been written for these sentences."""
        left = ((cosine, kept, tuple(key for key in kept if key not in keys)) for cosine, kept in self.neighbours)
        return Near(tuple((cosine, new) for cosine, old, new in left if new or not old), self.known - keys)

    @cached_property
    def _best(self) -> dict[str, float]:
        """The nearest precedent's cosine by sentence, "" for silence, nearest first."""
        found: dict[str, float] = {}
        for cosine, keys in self.neighbours:
            for key in keys or ("",):
                found.setdefault(key, cosine)
        return found

    @cached_property
    def _shares(self) -> dict[str, float]:
        """Share 0..1 of the neighbours, the nearer the more, by sentence."""
        found: dict[str, float] = {}
        total = 0.0
        for cosine, keys in self.neighbours:
            weight = math.exp((cosine - self.neighbours[0][0]) / WARMTH)
            total += weight
            for key in keys:
                found[key] = found.get(key, 0.0) + weight
        return {key: weight / total for key, weight in found.items()}

    @property
    def recalled(self) -> list[str]:
        """Keys of the first sentences by their nearest precedents."""
        return [key for key in self._best if key][:RECALLED]

    def signs(self, sentence: str) -> dict[str, float]:
        """Of a sentence: how near the nearest question is that it answers, how far behind that of another sentence, its
        share of the neighbours, and how much nearer one is that nothing answers; all zero but `unasked` where no
        precedent was written for it."""
        key = sentence_key(sentence)
        if key not in self.known or not self.neighbours:
            return dict.fromkeys(SIGNS, 0.0) | {"unasked": 1.0}
        least = self.neighbours[-1][0]
        own = self._best.get(key, least)
        return {
            "asked": 5 * (own - 0.8),
            "asked_behind": 5 * (max((c for k, c in self._best.items() if k), default=least) - own),
            "asked_share": self._shares.get(key, 0.0),
            "silent_ahead": 5 * (self._best.get("", least) - own),
            "unasked": 0.0,
        }


class Precedents:
    """Vectors of questions in FAISS, as the default model and its learned map give them, and what answered each."""

    def __init__(self, index: faiss.Index, keys: list[str], answers: npt.NDArray[np.int16]) -> None:
        """`answers` (questions, most) are numbers of `keys`, -1 for none."""
        self._index = index
        self._keys = keys
        self._answers = answers
        self._known = frozenset(keys)

    def __len__(self) -> int:
        return len(self._answers)

    def near(self, question: Vectors) -> Near:
        """The neighbours of a unit vector (dimension,), nearest first."""
        cosines, numbers = self._index.search(question[None], NEIGHBOURS)
        return Near(
            tuple(
                (float(cosine), tuple(self._keys[key] for key in self._answers[number] if key >= 0))
                for cosine, number in zip(cosines[0], numbers[0], strict=True)
                if number >= 0
            ),
            self._known,
        )


def map_key() -> str:
    """Names the packaged map of questions: precedents turned by another one cannot be compared."""
    with np.load(QUERY_FILE) as stored:
        return text_key(stored["map"].tobytes().hex())


def open_precedents(embedder: Embedder, path: Path = PRECEDENTS_FILE) -> Precedents | None:
    """The packaged precedents; None for another model than theirs, or where they cannot be read: sentences then stand
    by their other signs.
    """
    if embedder.query_map is None:
        return None
    try:
        with np.load(path) as stored:
            if str(stored["model"]) != f"{embedder.key}|{map_key()}":
                logger.warning("%s was made for another model or map; answers are chosen without it", path.name)
                return None
            return Precedents(faiss.deserialize_index(stored["index"]), stored["keys"].tolist(), stored["answers"])
    except Exception:  # a file cut short, or of another version of FAISS
        logger.exception("the precedents cannot be read; answers are chosen without them")
        return None
