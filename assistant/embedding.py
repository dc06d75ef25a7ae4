"""Vectors of questions and passages, always through sentence-transformers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from assistant.errors import ModelError
from assistant.settings import DEFAULT_MODEL, Settings

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors = npt.NDArray[np.float32]
"""Unit vectors (texts, dimension)."""

UNPACKED = "multilingual-e5-small-smooth8"
"""Name of the unpacked default model; it changes when the unpacking does, so that old vectors are not mixed with new
ones.
"""

BATCH = 32

E5_PROMPTS = {"query": "query: ", "passage": "passage: "}
"""As the model cards of the E5 family ask."""


QUERY_FILE = Path(__file__).parent / "weights" / "query.npz"


def load_query_map(path: Path = QUERY_FILE) -> Vectors:
    """The learned map of the default model's question vectors (dimension, dimension); `training/query.py` fits it."""
    with np.load(path) as stored:
        learned: Vectors = stored["map"].astype(np.float32)
    return learned


class Embedder:
    """A sentence-transformers model with the prompts it needs, and a map that turns its questions towards what answers
    them where one was learned: `q + q @ query_map`, made unit again. Passages, and so the index, stay as they are.
    """

    def __init__(
        self,
        model: SentenceTransformer,
        name: str,
        query_prompt: str,
        passage_prompt: str,
        query_map: Vectors | None = None,
    ) -> None:
        self.model = model
        self.name = name
        self.query_prompt = query_prompt
        self.passage_prompt = passage_prompt
        self.query_map = query_map
        self.dimension = int(model.get_embedding_dimension() or 0)

    @property
    def key(self) -> str:
        """What a stored vector depends on beside its text: model and passage prompt."""
        return f"{self.name}|{self.dimension}|{self.passage_prompt}"

    def queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors of questions."""
        vectors = self._encode(texts, self.query_prompt)
        if self.query_map is None:
            return vectors
        turned: Vectors = vectors + vectors @ self.query_map
        turned /= np.linalg.norm(turned, axis=1, keepdims=True)
        return turned

    def passages(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        """Vectors of passages; `progress` is told the number of texts after each portion."""
        # Longest first, so that little is padded and a machine too small for the longest fails at once.
        order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
        vectors = np.empty((len(texts), self.dimension), np.float32)
        for start in range(0, len(texts), BATCH):
            portion = order[start : start + BATCH]
            vectors[portion] = self._encode([texts[i] for i in portion], self.passage_prompt)
            if progress:
                progress(len(portion))
        return vectors

    def tokens(self, text: str) -> int:
        """Length of a text in the model's tokens."""
        features = self.model.preprocess([text])
        mask = features.get("attention_mask")  # static models have none
        return int(features["input_ids"].numel() if mask is None else mask.sum())

    def _encode(self, texts: Sequence[str], prompt: str) -> Vectors:
        encoded = self.model.encode(
            list(texts),
            prompt=prompt or None,
            batch_size=BATCH,
            normalize_embeddings=True,
            convert_to_numpy=True,
            show_progress_bar=False,
        )
        return np.asarray(encoded, np.float32).reshape(len(texts), -1)


def text_key(text: str) -> str:
    """A short name for a text, equal only for equal texts."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def open_embedder(settings: Settings) -> Embedder:
    """Loads the model that the settings name; the default is unpacked beside the index on first use.

    Raises ModelError when it cannot be loaded.
    """
    # Imported here because it takes seconds, and `--help` should not.
    from sentence_transformers import SentenceTransformer

    if settings.model == DEFAULT_MODEL:
        from assistant.e5 import E5Encoder, unpacked

        folder = unpacked(settings.index / "models", UNPACKED)
        model = SentenceTransformer(modules=[E5Encoder(str(folder))], device="cpu")
        return Embedder(
            model,
            UNPACKED,
            settings.query_prompt or E5_PROMPTS["query"],
            settings.passage_prompt or E5_PROMPTS["passage"],
            load_query_map(),
        )
    try:
        model = SentenceTransformer(settings.model, device="cpu")
    except (OSError, ValueError) as error:
        raise ModelError(
            f"The model {settings.model!r} cannot be loaded: {error}. Name a folder or a downloaded "
            f"sentence-transformers model in ASSISTANT_MODEL, or unset it to use the offline default."
        ) from error
    own = {name: prompt for name, prompt in model.prompts.items() if prompt}
    if not own and "e5" in Path(settings.model).name.lower():
        own = E5_PROMPTS  # the E5 family is trained with them, but its models do not carry them
    return Embedder(
        model,
        str(Path(settings.model).resolve()) if Path(settings.model).exists() else settings.model,
        settings.query_prompt or own.get("query") or "",
        settings.passage_prompt or own.get("document") or own.get("passage") or "",
    )
