"""Ordering sentences by how well they answer: signs of a sentence for a question, and the weights learned for them.

Every sign is a number near 0..1 that can be read and argued about; `training/ranking.py` fits the weights on judged
questions and writes them with their provenance to `weights/ranking.json`. The same signs give the confidence with
which an answer is given. There are two sets of weights: one for the signs of this module, and one for the best
sentences once the reranker has read them too.
"""

from __future__ import annotations

import json
import logging
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from assistant import finnish, precedents
from assistant.domain import Asks, Document, Hit, Question, Sentence, Validity
from assistant.kinds import (
    FULL_NAME,
    NAME_INSIDE,
    TITLED,
    asks_name,
    holds,
    is_counted,
    only_planned,
    opposite,
    unit_of,
)
from assistant.passages import in_context, plain
from assistant.precedents import Near
from assistant.reranker import Reranker
from assistant.retrieval import Query, evidence

logger = logging.getLogger(__name__)

SIGNS = (
    "sentence_dense",
    "passage_dense",
    "passage_behind",
    "stands_out",
    "coverage",
    "context_coverage",
    "pieces",
    "uncovered",
    "kind_held",
    "kind_missing",
    "person_missing",
    "title_missing",
    "opposite",
    "only_planned",
    "counted_held",
    "counted_missing",
    "unit_held",
    "unit_missing",
    "names_missing",
    "year_held",
    "year_missing",
    "superseded",
    "past_fits",
    "in_force",
    "recent",
    "strategy",
    "list_fits",
    "first",
    "length",
    *precedents.SIGNS,
)

READ_SIGNS = (*SIGNS, "reranker", "reranker_behind", *precedents.READ_SIGNS)
"""Of a sentence that the reranker has read."""

LEAD_SIGNS, READ_LEAD_SIGNS = ("ahead",), ("ahead", "reranker_ahead", "reranker_top", "reranker_none")
"""Of the sentence that comes first, beside its own: how it stands to the others."""

FAR_AHEAD = 4.0
"""Difference of scores from which it does not matter how much more it is."""

NONE = -3.0
"""The reranker's number under which it holds that a sentence does not answer. Where all are, the other signs need
to be surer: on the develop questions that kept a tenth more of what has no answer in silence."""


NEAR, UNREAD = 5.0, -5.5
"""Difference of plain scores from which a sentence is not read, and the number it gets instead, near the mean of what
the reranker said of such: of 2,161 develop questions one had its best sentence among them (with 4.0 three). Of the
first sixteen some six are read so."""


@dataclass(frozen=True)
class Weights:
    """What each sign counts for in the order and in the confidence."""

    order: dict[str, float]
    confidence: dict[str, float]
    intercept: float

    def score(self, signs: dict[str, float]) -> float:
        """What the order goes by."""
        return sum(weight * signs[name] for name, weight in self.order.items())

    def probability(self, signs: dict[str, float]) -> float:
        """Probability 0..1 that a sentence with these signs, being the first, answers."""
        total = self.intercept + sum(weight * signs[name] for name, weight in self.confidence.items())
        return 1 / (1 + math.exp(-total))


def load_weights(name: str, path: Path = Path(__file__).parent / "weights" / "ranking.json") -> Weights:
    """Reads the learned weights: `plain`, or `read` for sentences that the reranker has read."""
    data = json.loads(path.read_text(encoding="utf-8"))[name]
    return Weights(data["order"], data["confidence"], data["intercept"])


PLAIN, READ = load_weights("plain"), load_weights("read")


@dataclass(frozen=True)
class Candidate:
    """A sentence that may answer, with its signs."""

    sentence: Sentence
    hit: Hit
    signs: dict[str, float]
    score: float

    @property
    def document(self) -> Document:
        """The sentence's document."""
        return self.hit.document

    @property
    def in_context(self) -> str:
        """The sentence as the reranker reads it."""
        return in_context(self.hit.passage.heading, self.hit.passage.text, self.sentence.text)


def rank(question: Question, query: Query, hits: Sequence[Hit], dense: dict[int, float]) -> list[Candidate]:
    """The sentences of the hits, best first, ties by document and place; `dense` holds each sentence's cosine by its
    id.
    """
    if not hits:
        return []
    best, stands_out = hits[0].score, (evidence(hits) - 1.0) * 10
    found = []
    for hit in hits:
        for number, sentence in enumerate(hit.passage.sentences):
            signs = _signs(question, query, hit, sentence, number, dense[sentence.id], best, stands_out)
            found.append(Candidate(sentence, hit, signs, PLAIN.score(signs)))
    return _sorted(found)


def reread(question: Question, candidates: Sequence[Candidate], asked: Near, reranker: Reranker) -> list[Candidate]:
    """The first candidates as the reranker orders them, having read the nearest precedents too, the others left out;
    all as they are when it fails."""
    first = candidates[: reranker.depth]
    near = [c.in_context for c in first if first[0].score - c.score <= NEAR]
    try:
        numbers = reranker.logits(question.searched, [*near, *asked.to_read]).tolist()
    except Exception:  # whatever a model may raise, the signs still order the sentences
        logger.exception("the reranker failed; the plain signs choose")
        return list(candidates)
    logits = numbers[: len(near)] + [UNREAD] * (len(first) - len(near))
    asked = asked.reread(numbers[len(near) :])
    found = []
    for candidate, logit in zip(first, logits, strict=True):
        own = {"reranker": logit / 5, "reranker_behind": (max(logits) - logit) / 5}
        signs = candidate.signs | own | asked.read_signs(candidate.sentence.text)
        found.append(replace(candidate, signs=signs, score=READ.score(signs)))
    return _sorted(found)


def confidence(candidates: Sequence[Candidate]) -> float:
    """Probability 0..1 that the first of ranked candidates answers; 0 where there is none."""
    if not candidates:
        return 0.0
    logits = [5 * c.signs["reranker"] for c in candidates if "reranker" in c.signs]
    signs = candidates[0].signs | lead_signs([c.score for c in candidates], logits)
    return (READ if logits else PLAIN).probability(signs)


def lead_signs(scores: Sequence[float], logits: Sequence[float]) -> dict[str, float]:
    """The signs of the first of some sentences by their scores and the reranker's numbers, best score first; no
    numbers where the reranker has not read them."""
    signs = {"ahead": min(FAR_AHEAD, scores[0] - scores[1]) if len(scores) > 1 else FAR_AHEAD}
    if logits:
        best = sorted(logits, reverse=True)[:3]
        signs["reranker_ahead"] = (logits[0] - max(logits[1:], default=logits[0] - 5)) / 5
        signs["reranker_top"] = sum(best) / len(best) / 5
        signs["reranker_none"] = float(best[0] < NONE)
    return signs


def _sorted(candidates: Iterable[Candidate]) -> list[Candidate]:
    return sorted(candidates, key=lambda c: (-c.score, c.document.id, c.sentence.start))


@lru_cache(maxsize=20_000)
def _terms(text: str) -> frozenset[str]:
    return frozenset(term for group in finnish.terms(text) for term in group)


def _signs(
    question: Question,
    query: Query,
    hit: Hit,
    sentence: Sentence,
    number: int,
    dense: float,
    best: float,
    stands_out: float,
) -> dict[str, float]:
    text = plain(sentence.text)
    document = hit.document
    own = _terms(text)
    context = own | _terms(hit.passage.heading) | _terms(document.title)
    dates = f"{text} {hit.passage.heading} {document.event_date or ''} {document.published or ''}"
    held = holds(question.asks, text, sentence.listed)
    unit = unit_of(question.understood)
    counted = is_counted(question.understood, text)
    weights = query.group_weights
    uncovered = [weight * (1 - query.held(number, context)) for number, weight in enumerate(weights)]
    years = [year for year in question.years if year in dates]
    lowered = f"{text} {hit.passage.heading} {document.title}".lower()
    unnamed = [name for name in question.names if name not in context and name not in lowered]
    past = question.time == "past"
    superseded = document.validity is Validity.SUPERSEDED
    return {
        "sentence_dense": (dense - 0.8) * 10,
        "passage_dense": (hit.dense - 0.8) * 10,
        "passage_behind": (best - hit.score) * 10,
        "stands_out": stands_out,
        "coverage": query.word_coverage(set(own)),
        "context_coverage": query.word_coverage(set(context)),
        "pieces": query.piece_coverage(finnish.pieces(text)),
        "uncovered": max(uncovered, default=0.0) / max(weights, default=1.0) if weights else 0.0,
        "kind_held": held or 0.0,
        "kind_missing": float(held == 0.0),
        "person_missing": float(asks_name(question) and not FULL_NAME.search(text)),
        "title_missing": float(bool(TITLED.search(question.understood)) and not NAME_INSIDE.search(text)),
        "opposite": float(opposite(question.understood, text)),
        "only_planned": float(only_planned(question.understood, text)),
        "counted_held": float(counted is True),
        "counted_missing": float(counted is False),
        "unit_held": float(unit is not None and bool(unit.search(text))),
        "unit_missing": float(unit is not None and not unit.search(text)),
        "names_missing": len(unnamed) / len(question.names) if question.names else 0.0,
        "year_held": float(bool(years)),
        "year_missing": float(bool(question.years) and not years),
        "superseded": float(superseded and not past and not years),
        "past_fits": float(superseded and asks_before(question)) - float(not superseded and asks_before(question)),
        "in_force": float(document.validity is Validity.IN_FORCE and not past),
        "recent": 0.0 if past or question.years else (1.0 if question.time == "now" else 0.4) * _recency(document),
        "strategy": float(document.kind in ("strategia", "arvot")),
        "list_fits": float(sentence.listed and Asks.LIST in question.asks),
        "first": float(number == 0),
        "length": math.log(len(text)) - 4.5,
        **query.near.signs(sentence.text),
    }


_BEFORE = re.compile(r"\b(?:ennen|edelli|edeltä|aiem|aikaisem|entin|vanha)\w*", re.I)


def asks_before(question: Question) -> bool:
    """Whether it asks for what was before, not merely about a year that has passed."""
    return question.time == "past" and bool(_BEFORE.search(question.understood))


def _recency(document: Document) -> float:
    """From -1 (2018 or before) to 1 (2026 or later); a document without a date counts as old."""
    return max(-1.0, min(1.0, (int(document.date[:4]) - 2022) / 4)) if document.date else -0.5
