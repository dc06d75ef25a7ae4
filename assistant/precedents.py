"""Precedents: questions asked of the corpus before, each with the sentences that answer it, or with none.

A question is more like another question than like the sentence that answers both, so the nearest precedents tell which
sentence it may be, and whether there is any (question-to-question retrieval as in FAQ search: Sakata et al. 2019; the
share of near neighbours as in kNN-LM: Khandelwal et al. 2020). The very nearest are also read by the reranker, since
questions that ask for the price and for the day of one thing are near neighbours. They say nothing of a sentence that
no precedent was written for, a new or a changed one: it stands by its other signs. `training/precedents.py` makes the
packaged file from the training questions.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
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

READ = 8
"""Precedents that the reranker reads with the question, the nearest."""

UNREAD = -6.0
"""The reranker's number of a precedent that was not read."""

RECALLED = 3
"""Sentences of the nearest precedents whose passages are looked at even where the search has missed them."""

SIGNS = ("asked", "asked_behind", "asked_share", "silent_ahead", "unasked")

READ_SIGNS = ("asked_read", "asked_read_behind", "asked_read_share", "silent_read_ahead")
"""Once the nearest have been read."""


def sentence_key(sentence: str) -> str:
    """The name of a sentence by its words: one that is changed is another."""
    return text_key(plain(sentence))[:16]


@dataclass(frozen=True)
class Neighbour:
    """A precedent near to a question."""

    cosine: float
    keys: tuple[str, ...]
    """Of the sentences that answered, none for silence."""
    question: str
    """As it was searched."""
    read: float = UNREAD
    """The reranker's number: how surely it asks for the same."""


@dataclass(frozen=True)
class Near:
    """The precedents nearest to a question, nearest first."""

    neighbours: tuple[Neighbour, ...] = ()
    known: frozenset[str] = frozenset()
    """Keys of all sentences that any precedent was written for."""

    def without(self, keys: frozenset[str]) -> Near:
        """As if no precedent had been written for these sentences."""
        left = ((old, tuple(key for key in old.keys if key not in keys)) for old in self.neighbours)
        return Near(tuple(replace(old, keys=new) for old, new in left if new or not old.keys), self.known - keys)

    @property
    def to_read(self) -> list[str]:
        """The questions that are worth reading."""
        return [neighbour.question for neighbour in self.neighbours[:READ]]

    def reread(self, logits: Sequence[float]) -> Near:
        """With the reranker's numbers of those `to_read`."""
        read = [replace(neighbour, read=logit) for neighbour, logit in zip(self.neighbours, logits, strict=False)]
        return replace(self, neighbours=(*read, *self.neighbours[len(read) :]))

    @cached_property
    def _best(self) -> dict[str, float]:
        """The nearest precedent's cosine by sentence, "" for silence, nearest first."""
        found: dict[str, float] = {}
        for neighbour in self.neighbours:
            for key in neighbour.keys or ("",):
                found.setdefault(key, neighbour.cosine)
        return found

    @cached_property
    def _surest(self) -> dict[str, float]:
        """The same of the reranker's number."""
        found: dict[str, float] = {}
        for neighbour in self.neighbours:
            for key in neighbour.keys or ("",):
                found[key] = max(neighbour.read, found.get(key, neighbour.read))
        return found

    @cached_property
    def _shares(self) -> dict[str, float]:
        """Share 0..1 of the neighbours, the nearer the more, by sentence."""
        found: dict[str, float] = {}
        total = 0.0
        for neighbour in self.neighbours:
            weight = math.exp((neighbour.cosine - self.neighbours[0].cosine) / WARMTH)
            total += weight
            for key in neighbour.keys:
                found[key] = found.get(key, 0.0) + weight
        return {key: weight / total for key, weight in found.items()}

    @cached_property
    def _read_shares(self) -> dict[str, float]:
        """Probability 0..1 by the reranker, by sentence, that it is the answer of the one that asks for the same: as
        trained, a softmax over those read and "none of them", whose number is zero."""
        found: dict[str, float] = {}
        for neighbour in self.neighbours[:READ]:
            for key in neighbour.keys:
                found[key] = found.get(key, 0.0) + math.exp(neighbour.read)
        total = 1.0 + sum(math.exp(neighbour.read) for neighbour in self.neighbours[:READ])
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
        least = self.neighbours[-1].cosine
        own = self._best.get(key, least)
        return {
            "asked": 5 * (own - 0.8),
            "asked_behind": 5 * (max((c for k, c in self._best.items() if k), default=least) - own),
            "asked_share": self._shares.get(key, 0.0),
            "silent_ahead": 5 * (self._best.get("", least) - own),
            "unasked": 0.0,
        }

    def read_signs(self, sentence: str) -> dict[str, float]:
        """Of a sentence, once the nearest have been read: how surely one asks for the same that it answers, how far
        behind that of another sentence, its share of them, and how much surer one is that nothing answers; all zero as
        above."""
        key = sentence_key(sentence)
        if key not in self.known or not self.neighbours:
            return dict.fromkeys(READ_SIGNS, 0.0)
        own = self._surest.get(key, UNREAD)
        return {
            "asked_read": own / 5,
            "asked_read_behind": (max((c for k, c in self._surest.items() if k), default=UNREAD) - own) / 5,
            "asked_read_share": self._read_shares.get(key, 0.0),
            "silent_read_ahead": (self._surest.get("", UNREAD) - own) / 5,
        }


class Precedents:
    """Questions, their vectors in FAISS as the default model and its learned map give them, and what answered each."""

    def __init__(self, index: faiss.Index, asked: list[str], keys: list[str], answers: npt.NDArray[np.int16]) -> None:
        """`answers` (questions, most) are numbers of `keys`, -1 for none."""
        self._index = index
        self._asked = asked
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
                Neighbour(
                    float(cosine),
                    tuple(self._keys[key] for key in self._answers[number] if key >= 0),
                    self._asked[number],
                )
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
            asked = stored["asked"].tobytes().decode("utf-8").split("\n")
            index = faiss.deserialize_index(stored["index"])
            return Precedents(index, asked, stored["keys"].tolist(), stored["answers"])
    except Exception:  # a file cut short, or of another version of FAISS
        logger.exception("the precedents cannot be read; answers are chosen without them")
        return None
