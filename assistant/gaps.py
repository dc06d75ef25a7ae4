"""What people asked in vain, grouped by likeness, with the sources that come nearest to holding the answer.

Questions are alike when they share words (base forms and compound parts, the rarer the heavier) and when the same
passages come nearest to them. Words alone would part paraphrases, and join all that asks what something costs.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from assistant import finnish
from assistant.domain import Nearest, Turn

Matrix = npt.NDArray[np.float64]

LIKENESS = 0.35
"""Mean likeness to a group's questions from which a question joins it; on 21 questions anything from .3 to .4 gave the
groups that a person would make."""

PASSAGES = 3
WORDS = 3


@dataclass(frozen=True)
class Gap:
    """Questions that are alike and had no whole answer, newest first."""

    turns: tuple[Turn, ...]
    words: tuple[str, ...]
    """What they have in common."""
    passages: tuple[Nearest, ...]
    """The nearest passages, best first."""

    @property
    def source(self) -> Nearest | None:
        """The passage whose source would need the text; None where nothing was near."""
        return self.passages[0] if self.passages else None


def gaps(turns: Sequence[Turn]) -> list[Gap]:
    """Groups the turns; the largest group first, then the newest."""
    groups = _grouped((_word_likeness(turns) + _passage_likeness(turns)) / 2)
    found = [_gap([turns[number] for number in group]) for group in groups]
    return sorted(found, key=lambda gap: (len(gap.turns), gap.turns[0].asked_at), reverse=True)


def evidence(turn: Turn) -> tuple[Nearest, ...]:
    """The passages nearest to a turn's question: those shown as nearest, or those that a partial answer cited."""
    return turn.answer.nearest or tuple(
        Nearest(c.document, c.title, c.url, c.date, c.validity, c.passage, "", c.quote) for c in turn.answer.citations
    )


def _terms(text: str) -> list[str]:
    return list(dict.fromkeys(term for word in finnish.terms(text) for term in word))


def _grouped(likeness: Matrix) -> list[list[int]]:
    """Each question joins the group that it is likest to in the mean, or begins its own."""
    groups: list[list[int]] = []
    for number in range(len(likeness)):
        means = [float(likeness[number, group].mean()) for group in groups]
        best = int(np.argmax(means)) if means else -1
        if means and means[best] >= LIKENESS:
            groups[best].append(number)
        else:
            groups.append([number])
    return groups


def _word_likeness(turns: Sequence[Turn]) -> Matrix:
    texts = [_terms(turn.understood) for turn in turns]
    counts = Counter(term for text in texts for term in text)
    return _cosines([{term: math.log((len(texts) + 1) / counts[term]) for term in text} for text in texts])


def _passage_likeness(turns: Sequence[Turn]) -> Matrix:
    return _cosines([_by_place(evidence(turn)) for turn in turns])


def _by_place(passages: Sequence[Nearest]) -> dict[str, float]:
    """A weight for each passage, less the further down it stands."""
    return {near.passage: 1 / place for place, near in enumerate(passages, 1)}


def _cosines(rows: Sequence[Mapping[str, float]]) -> Matrix:
    """The cosine of each row with each; an empty row is like none."""
    column = {name: place for place, name in enumerate(dict.fromkeys(name for row in rows for name in row))}
    vectors: Matrix = np.zeros((len(rows), max(1, len(column))))
    for number, row in enumerate(rows):
        for name, weight in row.items():
            vectors[number, column[name]] = weight
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors /= np.where(lengths > 0, lengths, 1)
    product: Matrix = vectors @ vectors.T
    return product


def _gap(turns: list[Turn]) -> Gap:
    turns.sort(key=lambda turn: turn.asked_at, reverse=True)
    words = Counter(term for turn in turns for term in _terms(turn.understood))
    shared = [word for word, count in words.most_common(WORDS) if count > 1]
    return Gap(tuple(turns), tuple(shared), tuple(_nearest(turns)))


def _nearest(turns: Iterable[Turn]) -> list[Nearest]:
    """The passages that stand highest over all the turns."""
    weights: defaultdict[str, float] = defaultdict(float)
    passages: dict[str, Nearest] = {}
    for turn in turns:
        passages = {near.passage: near for near in evidence(turn)} | passages
        for passage, weight in _by_place(evidence(turn)).items():
            weights[passage] += weight
    best = sorted(weights, key=lambda passage: (-weights[passage], passage))
    return [passages[passage] for passage in best[:PASSAGES]]
