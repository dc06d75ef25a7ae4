"""Ordering sentences by how well they answer: signs of a sentence for a question, and the weights learned for them.

Every sign is a number near 0..1 that can be read and argued about; `training/ranking.py` fits the weights on judged
questions and writes them with their provenance to `weights/ranking.json`. The same signs give the confidence with
which an answer is given.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from assistant import finnish
from assistant.domain import Asks, Document, Hit, Question, Sentence, Validity
from assistant.passages import plain
from assistant.retrieval import Query

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
    "names_missing",
    "year_held",
    "year_missing",
    "superseded",
    "past_fits",
    "in_force",
    "strategy",
    "list_fits",
    "first",
    "length",
)


@dataclass(frozen=True)
class Weights:
    """What each sign counts for in the order and in the confidence."""

    order: dict[str, float]
    confidence: dict[str, float]
    intercept: float


def load_weights(path: Path = Path(__file__).parent / "weights" / "ranking.json") -> Weights:
    """Reads the learned weights."""
    data = json.loads(path.read_text(encoding="utf-8"))
    return Weights(data["order"], data["confidence"], data["intercept"])


WEIGHTS = load_weights()


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
    def confidence(self) -> float:
        """Probability 0..1 that the sentence answers the question."""
        total = WEIGHTS.intercept + sum(WEIGHTS.confidence.get(name, 0.0) * value for name, value in self.signs.items())
        return 1 / (1 + math.exp(-total))


def rank(question: Question, query: Query, hits: Sequence[Hit], dense: dict[int, float]) -> list[Candidate]:
    """The sentences of the hits, best first, ties by document and place; `dense` holds each sentence's cosine by its
    id.
    """
    if not hits:
        return []
    best, worst = max(hit.score for hit in hits), min(hit.score for hit in hits)
    found = []
    for hit in hits:
        for number, sentence in enumerate(hit.passage.sentences):
            signs = _signs(question, query, hit, sentence, number, dense[sentence.id], best, worst)
            score = sum(WEIGHTS.order.get(name, 0.0) * value for name, value in signs.items())
            found.append(Candidate(sentence, hit, signs, score))
    return sorted(found, key=lambda c: (-c.score, c.document.id, c.sentence.start))


@lru_cache(maxsize=20_000)
def _terms(text: str) -> frozenset[str]:
    return frozenset(term for group in finnish.terms(text) for term in group)


def _signs(
    question: Question, query: Query, hit: Hit, sentence: Sentence, number: int, dense: float, best: float, worst: float
) -> dict[str, float]:
    text = plain(sentence.text)
    document = hit.document
    own = _terms(text)
    context = own | _terms(hit.passage.heading) | _terms(document.title)
    dates = f"{text} {hit.passage.heading} {document.event_date or ''} {document.published or ''}"
    held = _holds(question.asks, text, sentence.listed)
    weights = query.group_weights
    uncovered = [w for group, w in zip(query.groups, weights, strict=True) if context.isdisjoint(group)]
    years = [year for year in question.years if year in dates]
    lowered = f"{text} {hit.passage.heading} {document.title}".lower()
    unnamed = [name for name in question.names if name not in context and name not in lowered]
    past = question.time == "past"
    superseded = document.validity is Validity.SUPERSEDED
    return {
        "sentence_dense": (dense - 0.8) * 10,
        "passage_dense": (hit.dense - 0.8) * 10,
        "passage_behind": (best - hit.score) * 10,
        "stands_out": (best - worst) * 10,
        "coverage": query.word_coverage(set(own)),
        "context_coverage": query.word_coverage(set(context)),
        "pieces": query.piece_coverage(finnish.words(text)),
        "uncovered": max(uncovered, default=0.0) / max(weights, default=1.0) if weights else 0.0,
        "kind_held": float(held is True),
        "kind_missing": float(held is False),
        "names_missing": len(unnamed) / len(question.names) if question.names else 0.0,
        "year_held": float(bool(years)),
        "year_missing": float(bool(question.years) and not years),
        "superseded": float(superseded and not past and not years),
        "past_fits": float(past and superseded),
        "in_force": float(document.validity is Validity.IN_FORCE and not past),
        "strategy": float(document.kind in ("strategia", "arvot")),
        "list_fits": float(sentence.listed and Asks.LIST in question.asks),
        "first": float(number == 0),
        "length": math.log(len(text)) - 4.5,
    }


_FIGURE = re.compile(
    r"\d|\b(?:yksi|kaksi|kolme|neljä|viisi|kuusi|seitsemän|kahdeksan|yhdeksän|kymmenen|puolet|kerran|kahdesti)\w*", re.I
)
_DATE = re.compile(
    r"\b(?:1[5-9]|20)\d\d\b|\b\d{1,2}\.\d{1,2}\.|\b(?:tammi|helmi|maalis|huhti|touko|kesä|heinä|elo|syys|loka|marras|joulu)kuu|\bklo\b|\bviik",
    re.I,
)
_DATE_LIKE = re.compile(r"\b\d{1,2}\.\d{1,2}\.(?:\d{4})?|\b(?:1[5-9]|20)\d\d\b")
_REASON = re.compile(
    r"\b(?:koska|jotta|takia|vuoksi|ansiosta|johdosta|siksi|perustuu|edellyttää|taustalla|syynä|syy|seurauksena|velvoittaa)\b",
    re.I,
)
_NAME = re.compile(r"(?<!^)(?<![.:;] )\b[A-ZÅÄÖ][a-zåäöé]+(?:-[A-ZÅÄÖ][a-zåäö]+)?\b")
_BODY = re.compile(
    r"valtuus|hallitu|lautaku|johtaj|päällik|toimiala|ministeri|yhtiö|\bOy|puheenjohtaj|työryhmä|liitto|henkilöst|asukkaat|kaupunki",
    re.I,
)
_PLACE = re.compile(r"\w+(?:ssa|ssä|lla|llä|sta|stä|lta|ltä|katu|kadun|osoitte\w+)\b", re.I)
_DEFINES = re.compile(r"\b(?:on|ovat|tarkoittaa|tarkoittavat|määrittelee|kuvaa|eli)\b", re.I)


def _holds(asks: frozenset[Asks], text: str, listed: bool) -> bool | None:
    """Whether the sentence holds a thing of the kind asked for; None where the kind cannot be told by its form."""
    verdicts: list[bool] = []
    if Asks.NUMBER in asks:
        verdicts.append(bool(_FIGURE.search(_DATE_LIKE.sub("", text))))
    if Asks.WHEN in asks:
        verdicts.append(bool(_DATE.search(text)))
    if Asks.WHO in asks:
        verdicts.append(bool(_NAME.search(text)) or bool(_BODY.search(text)))
    if Asks.WHERE in asks:
        verdicts.append(bool(_PLACE.search(text)))
    if Asks.WHY in asks:
        verdicts.append(bool(_REASON.search(text)))
    if Asks.DEFINITION in asks:
        verdicts.append(bool(_DEFINES.search(text)))
    if Asks.LIST in asks:
        verdicts.append(listed or text.count(",") >= 1 or " ja " in text or " sekä " in text)
    return any(verdicts) if verdicts else None
