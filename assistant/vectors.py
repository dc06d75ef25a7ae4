"""The FAISS index of passage vectors. It can always be remade from the vectors in the database."""

from __future__ import annotations

from pathlib import Path

import faiss
import numpy as np
import numpy.typing as npt

from assistant.embedding import Vectors
from assistant.errors import IndexMismatch

EXACT_UP_TO = 200_000
"""Vectors that are compared one by one: at 384 dimensions some tens of milliseconds; beyond, HNSW."""

HNSW_LINKS = 32


def write_vectors(vectors: Vectors, path: Path) -> None:
    """Writes vectors (n, dimension) whose ids are 0..n-1; exact search up to EXACT_UP_TO, else HNSW."""
    dimension = vectors.shape[1]
    if len(vectors) <= EXACT_UP_TO:
        index: faiss.Index = faiss.IndexFlatIP(dimension)
    else:
        index = faiss.IndexHNSWFlat(dimension, HNSW_LINKS, faiss.METRIC_INNER_PRODUCT)
    index.add(np.ascontiguousarray(vectors, np.float32))
    # FAISS's own writer says nothing when the disk is full; ours raises OSError.
    path.write_bytes(faiss.serialize_index(index).tobytes())


class VectorIndex:
    """An opened FAISS file."""

    def __init__(self, path: Path, dimension: int, count: int) -> None:
        """Raises IndexMismatch when the file is missing, broken or of another shape than the database says."""
        try:
            self._index = faiss.read_index(str(path))
        except RuntimeError as error:
            raise IndexMismatch(f"{path} cannot be read: run `assistant build`.") from error
        if self._index.d != dimension or self._index.ntotal != count:
            raise IndexMismatch(
                f"{path} holds {self._index.ntotal} vectors of {self._index.d} numbers, but the database speaks of "
                f"{count} of {dimension}: run `assistant build`."
            )

    def nearest(self, query: Vectors, limit: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """Ids and cosines of the passages nearest to one query vector (dimension,), best first."""
        cosines, ids = self._index.search(query.reshape(1, -1), limit)
        found = ids[0] >= 0
        return ids[0][found], cosines[0][found]
