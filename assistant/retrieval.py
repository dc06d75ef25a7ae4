"""Finding the passages that speak of a question: a dense and a lexical leg, fused by score.

The dense leg is the cosine of e5 vectors over FAISS, the lexical leg the rarity-weighted share of the question's
terms (Voikko base forms and compound parts, found through FTS5) that a passage holds. Fusing by rank made TyDi QA
worse than the dense leg alone, adding scores made it better (shared design, "Fusion"); a few more signs of the same
kind, weighted by a linear model trained on judged questions (`training/fusion.py`), order the first candidates.
"""

from __future__ import annotations

import json
import logging
import math
import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from assistant import finnish
from assistant.domain import Document, Hit, Passage
from assistant.embedding import Embedder, Vectors
from assistant.index import Index
from assistant.precedents import Near, Precedents, sentence_key
from assistant.reranker import Reranker

logger = logging.getLogger(__name__)

CANDIDATES = 100
"""Passages taken from each leg."""

RERANKED = 40
"""Candidates, best by cosine and coverage, that get all signs."""

COVERAGE_WEIGHT = 0.1
"""What full coverage adds to the cosine when the candidates are cut to RERANKED."""

WINDOW = 15
"""Words within which the question's words count as standing together."""

NEIGHBOURS = (-2, -1, 1, 2)
"""Steps in words at which two words count as near neighbours."""

PART, ALL_PARTS = 0.4, 0.9
"""What a compound counts for where some or all of its parts are held: any kokous does not answer for kokouspalkkio, but
sidosryhmien työpaja nearly does for sidosryhmätyöpaja."""

UNSEEN = 0.85
"""Cosine taken for every passage when the model fails: about what a passage on the topic has, so that neither leg's
silence counts against it."""

SIGNS = ("dense", "pieces", "window", "pairs", "heading", "length")
WEIGHTS: dict[str, float] = json.loads((Path(__file__).parent / "weights" / "fusion.json").read_text("utf-8"))[
    "weights"
]


@dataclass(frozen=True)
class Query:
    """A question as retrieval sees it: its vector, and its words with their rarity."""

    vector: Vectors | None
    """None when the model failed; the words then carry on alone."""
    groups: tuple[tuple[str, ...], ...]
    """Terms of each content word."""
    parts: tuple[tuple[str, ...], ...]
    """Those of them that are only parts of the word."""
    rarity: dict[str, float]
    """Inverse document frequency of each term."""
    pieces: dict[str, float]
    """Inverse document frequency of each piece of a content word."""
    near: Near = Near()
    """The precedents nearest to it."""

    def cosines(self, vectors: Vectors) -> npt.NDArray[np.float32]:
        """Of unit vectors (texts, dimension) with the question (texts,)."""
        if self.vector is None:
            return np.full(len(vectors), UNSEEN, np.float32)
        found: npt.NDArray[np.float32] = vectors @ self.vector
        return found

    @cached_property
    def group_weights(self) -> tuple[float, ...]:
        """How much each content word counts: the rarity of its rarest term."""
        return tuple(max(self.rarity[term] for term in group) for group in self.groups)

    def coverage(self, terms: set[str]) -> float:
        """Rarity-weighted share of the question's terms that are among the given ones, 0..1."""
        total = sum(self.rarity.values())
        return sum(weight for term, weight in self.rarity.items() if term in terms) / total if total else 0.0

    def word_coverage(self, terms: set[str]) -> float:
        """The same by words, 0..1: each counts by how well it is held."""
        total = sum(self.group_weights)
        held = (weight * self.held(number, terms) for number, weight in enumerate(self.group_weights))
        return sum(held) / total if total else 0.0

    def held(self, number: int, terms: set[str] | frozenset[str]) -> float:
        """How well the terms hold the question's word: 1 by a base form, less by the parts of a compound, else 0."""
        parts = self.parts[number]
        if not terms.isdisjoint(set(self.groups[number]) - set(parts)):
            return 1.0
        shared = sum(part in terms for part in parts)
        return 0.0 if not shared else ALL_PARTS if shared == len(parts) else PART

    def piece_coverage(self, pieces: frozenset[str]) -> float:
        """Rarity-weighted share of the pieces of the question's words that are among the given ones, 0..1."""
        total = sum(self.pieces.values())
        held = (weight for piece, weight in self.pieces.items() if piece in pieces)
        return sum(held) / total if total else 0.0

    def window_coverage(self, held: Sequence[tuple[str, ...]]) -> float:
        """Largest share of the question's words that stand within WINDOW words of each other, 0..1."""
        total = sum(self.group_weights)
        best, first = 0.0, 0
        inside: Counter[int] = Counter()
        places = self._places(held)
        for place, number in places:
            inside[number] += 1
            while place - places[first][0] > WINDOW:
                inside[places[first][1]] -= 1
                first += 1
            best = max(best, sum(self.group_weights[n] for n, count in inside.items() if count))
        return best / total if total else 0.0

    def pair_coverage(self, held: Sequence[tuple[str, ...]]) -> float:
        """Share of the question's neighbouring words that are near neighbours here too, 0..1."""
        if len(self.groups) < 2:
            return 0.0
        places: list[set[int]] = [set() for _ in self.groups]
        for place, number in self._places(held):
            places[number].add(place)
        pairs = zip(places, places[1:], strict=False)
        near = (any(place + step in after for place in before for step in NEIGHBOURS) for before, after in pairs)
        return sum(near) / (len(self.groups) - 1)

    def _places(self, held: Sequence[tuple[str, ...]]) -> list[tuple[int, int]]:
        """(place among the words held, number of the question's word) of all meetings, in order."""
        numbers: dict[str, list[int]] = {}
        for number, group in enumerate(self.groups):
            for term in group:
                numbers.setdefault(term, []).append(number)
        return [
            (place, number)
            for place, group in enumerate(held)
            for number in sorted({n for term in group for n in numbers.get(term, ())})
        ]


class Retriever:
    """Searches one opened index; precedents, where there are any, tell what answered the like, and a reranker reads the
    best sentences again."""

    def __init__(
        self,
        index: Index,
        embedder: Embedder,
        reranker: Reranker | None = None,
        precedents: Precedents | None = None,
    ) -> None:
        self.index = index
        self.embedder = embedder
        self.reranker = reranker
        self.precedents = precedents
        self.documents = {document.id: document for document in index.documents()}
        self._homes: dict[str, set[int]] = {}
        """Numbers of the passages that hold a sentence, by its key."""
        for number, passage in enumerate(index.all_passages() if precedents else ()):
            for sentence in passage.sentences:
                self._homes.setdefault(sentence_key(sentence.text), set()).add(number)

    def query(self, text: str, *, foreign: bool = False) -> Query:
        """Prepares a question; its vector is computed here.

        Of a `foreign` one, only the words that the passages know count as words: the others are of another language.
        """
        words = finnish.content_words(text)
        lookup = finnish.analyser()
        flat = list(dict.fromkeys(term for word in words for term in lookup.terms(word)))
        counts = self.index.term_counts(flat)
        if foreign:
            words = [word for word in words if any(term in counts for term in lookup.terms(word))]
            flat = list(dict.fromkeys(term for word in words for term in lookup.terms(word)))
        pieces = {piece for word in words for piece in finnish.grams(word)}
        vector = self._vector(text)
        return Query(
            vector,
            tuple(lookup.terms(word) for word in words),
            tuple(lookup.parts(word) for word in words),
            self._rarity(flat, counts),
            self._rarity(sorted(pieces), self.index.gram_counts(sorted(pieces))),
            self.precedents.near(vector) if self.precedents and vector is not None else Near(),
        )

    def _vector(self, text: str) -> Vectors | None:
        try:
            vector: Vectors = self.embedder.queries([text])[0]
        except Exception:  # whatever a model may raise, the words still find passages
            logger.exception("the dense leg failed; the lexical leg carries on")
            return None
        return vector

    def _matching(self, query: Query) -> list[int]:
        try:
            return self.index.matching(list(query.rarity), CANDIDATES)
        except sqlite3.Error:
            if query.vector is None:
                raise
            logger.exception("the lexical leg failed; the dense leg carries on")
            return []

    def _rarity(self, terms: Sequence[str], counts: dict[str, int]) -> dict[str, float]:
        total = self.index.meta.passages
        return {t: math.log(1 + (total - counts.get(t, 0) + 0.5) / (counts.get(t, 0) + 0.5)) for t in terms}

    def search(
        self, query: Query, limit: int = 10, without: frozenset[str] = frozenset(), *, recall: bool = False
    ) -> list[Hit]:
        """The best passages, best first, ties by passage id, none of the documents named in `without`; with `recall`
        behind these the others that hold what answered the nearest precedents."""
        recalled = {number for key in query.near.recalled for number in self._homes.get(key, ())} if recall else set()
        numbers, dense = self._candidates(query, recalled)
        terms = self.index.terms(numbers)
        lexical = np.array([query.coverage(set(terms[number])) for number in numbers], np.float32)
        order = np.lexsort((np.array(numbers), -(dense + COVERAGE_WEIGHT * lexical)))
        first = [i for n, i in enumerate(order.tolist()) if n < max(RERANKED, limit) or numbers[i] in recalled]
        passages = self.index.passages(numbers[i] for i in first)
        scores = self.signs(query, passages, dense[first]) @ np.array([WEIGHTS[name] for name in SIGNS], np.float32)
        hits = [
            Hit(passage, self._document(passage), float(score), float(dense[i]), float(lexical[i]))
            for i, passage, score in zip(first, passages, scores, strict=True)
        ]
        kept = {passage.id for i, passage in zip(first, passages, strict=True) if numbers[i] in recalled}
        hits = [hit for hit in hits if hit.document.id not in without]
        ranked = sorted(hits, key=lambda hit: (-hit.score, hit.passage.id))
        return ranked[:limit] + [hit for hit in ranked[limit:] if hit.passage.id in kept]

    def _document(self, passage: Passage) -> Document:
        return self.documents[passage.document].under(passage.heading)

    def leg(self, query: Query, name: str, limit: int = 10) -> list[int]:
        """Passage numbers by one leg alone, for measuring: `dense` or `lexical`."""
        if name == "dense":
            if query.vector is None:
                return []
            return [int(number) for number in self.index.vectors.nearest(query.vector, limit)[0]]
        return self.index.matching(list(query.rarity), limit)

    def _candidates(self, query: Query, recalled: set[int]) -> tuple[list[int], npt.NDArray[np.float32]]:
        """Passage numbers from both legs and the recalled ones, with their cosines."""
        dense: dict[int, float] = {}
        if query.vector is not None:
            near, cosines = self.index.vectors.nearest(query.vector, CANDIDATES)
            dense |= zip(near.tolist(), cosines.tolist(), strict=True)
        others = sorted({*self._matching(query), *recalled} - dense.keys())
        if others:
            dense |= zip(others, query.cosines(self.index.passage_vectors(others)).tolist(), strict=True)
        numbers = sorted(dense)
        return numbers, np.array([dense[number] for number in numbers], np.float32)

    def signs(
        self, query: Query, passages: Sequence[Passage], dense: npt.NDArray[np.float32]
    ) -> npt.NDArray[np.float32]:
        """The signs (passages, SIGNS) that the fused score weighs."""
        rows = []
        for passage, cosine in zip(passages, dense, strict=True):
            whole = f"{passage.heading}\n{passage.text}"
            held = finnish.terms(whole)
            heading = {term for group in finnish.terms(passage.heading) for term in group}
            rows.append(
                (
                    cosine,
                    query.piece_coverage(finnish.pieces(whole)),
                    query.window_coverage(held),
                    query.pair_coverage(held),
                    query.word_coverage(heading),
                    math.log(1 + sum(map(len, held))),
                )
            )
        return np.array(rows, np.float32)


def evidence(hits: Sequence[Hit]) -> float:
    """How surely the hits hold an answer at all: the best score, and how far it stands above the second and the tenth.

    The best score alone says little on a topic that every passage is near to: on faq-fi (development half) the gaps
    raise the area under the curve, answerable against not, from .71 to .74.
    """
    if not hits:
        return 0.0
    scores = [hit.score for hit in hits[:10]]
    return scores[0] + (scores[0] - scores[min(1, len(scores) - 1)]) + 0.5 * (scores[0] - scores[-1])
