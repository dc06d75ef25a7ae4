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

from assistant import finnish
from assistant.domain import Asks, Document, Hit, Question, Sentence, Validity
from assistant.passages import in_context, plain
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
)

READ_SIGNS = (*SIGNS, "reranker", "reranker_behind")
"""Of a sentence that the reranker has read."""

LEAD_SIGNS, READ_LEAD_SIGNS = ("ahead",), ("ahead", "reranker_ahead", "reranker_top", "reranker_none")
"""Of the sentence that comes first, beside its own: how it stands to the others."""

FAR_AHEAD = 4.0
"""Difference of scores from which it does not matter how much more it is."""

NONE = -3.0
"""The reranker's number under which it holds that a sentence does not answer. Where all are, the other signs need
to be surer: on the develop questions that kept a tenth more of what has no answer in silence."""


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


def reread(question: Question, candidates: Sequence[Candidate], reranker: Reranker) -> list[Candidate]:
    """The first candidates as the reranker orders them, the others left out; all as they are when it fails."""
    first = candidates[: reranker.depth]
    try:
        logits = reranker.logits(question.searched, [c.in_context for c in first]).tolist()
    except Exception:  # whatever a model may raise, the signs still order the sentences
        logger.exception("the reranker failed; the plain signs choose")
        return list(candidates)
    found = []
    for candidate, logit in zip(first, logits, strict=True):
        signs = candidate.signs | {"reranker": logit / 5, "reranker_behind": (max(logits) - logit) / 5}
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
    held = _holds(question.asks, text, sentence.listed)
    unit = _unit(question.understood)
    counted = _counted(question.understood, text)
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
        "pieces": query.piece_coverage(finnish.words(text)),
        "uncovered": max(uncovered, default=0.0) / max(weights, default=1.0) if weights else 0.0,
        "kind_held": held or 0.0,
        "kind_missing": float(held == 0.0),
        "person_missing": float(_asks_name(question) and not FULL_NAME.search(text)),
        "title_missing": float(bool(_TITLED.search(question.understood)) and not _NAME_INSIDE.search(text)),
        "opposite": float(_opposite(question.understood, text)),
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
FULL_NAME = re.compile(r"\b[A-ZÅÄÖ][a-zåäöé]+(?:-[A-ZÅÄÖ][a-zåäö]+)? [A-ZÅÄÖ][a-zåäöé]+(?:-[A-ZÅÄÖ][a-zåäö]+)?\b")
_ADDRESS = re.compile(
    r"\b[A-ZÅÄÖ][a-zåäö]+(?:katu|kadun|tie|kuja|polku) \d+|osoitte|\b[A-ZÅÄÖ][a-zåäö]+(?:ssa|ssä|lla|llä)\b"
)
_BODY = re.compile(
    r"valtuus|hallitu|lautaku|johtaj|päällik|toimiala|ministeri|yhtiö|\bOy|puheenjohtaj|työryhmä|liitto|henkilöst|asukkaat|kaupunki",
    re.I,
)
_PLACE = re.compile(r"\b(?!\w+kuussa\b)\w+(?:ssa|ssä|lla|llä|sta|stä|lta|ltä|katu|kadun|osoitte\w+)\b", re.I)
_ENUMERATED = re.compile(
    r",\s+(?!(?:että|jo[knst]|mi[tk]|millai|kun|jos|koska|kertoo|mutta|vaan|eikä|sillä|jolloin|ennen)\w*)\w+"
    r"(?:,| ja | sekä )"
)
"""Things counted up, not clauses parted by commas."""
_JOINED = re.compile(r" ja | sekä |,")
_DEFINES = re.compile(r"\b(?:on|ovat|tarkoittaa|tarkoittavat|määrittelee|kuvaa|eli)\b", re.I)


_HOW_MUCH = (
    r"(?=.*(?:palj|kuinka (?:suuri|paljon|korkea|kallis)|suuruus|mikä|montako euro|millä summalla|minkä verran|monta|"
    r"mitä .*\bmaksa))"
)
_UNITS = tuple(
    (re.compile(asked, re.I), re.compile(held, re.I))
    for asked, held in (
        (
            rf"^{_HOW_MUCH}.*\b(?:maksa|\w*maksu(?!t)|\w*hin(?:ta|nan)|kustan|euro|summa|velka|velan|velk|laina|\w*palk|tulot|menot"
            r"|budjet|alijääm|ylijääm)",
            r"euro|€|maksut",
        ),
        (rf"^{_HOW_MUCH}.*\b(?:prosent|osuus|osuuden|\w*aste\b|\w*asteen)", r"%|prosent"),
        (
            r"aukiolo|\b(?:auki|avoinna|monelta(?:ko)?|kellonai\w+|mihin (?:kellon)?aikaan)\b|\baukea|"
            r"\bopening hours|\bwhat time\b|\bopen (?:on|until|today|now|in)\b|\böppet",
            r"\bklo\b|\bkello|\bauki|avoinna|(?<![\d.])\d{1,2}[.:]\d\d(?![\d.])",
        ),
        (r"puhelin|numero(?:on|sta) .*\bsoi|\bmihin .*\bsoit|telefon|phone", r"puhelin|\b0\d+[ -]\d{3}"),
        (r"sähköposti|\bemail|e-mail|e-post", r"@|sähköposti"),
    )
)
"""What a question about money, shares, hours or a way to reach somebody speaks of, and what a sentence that answers it
holds."""


@lru_cache(maxsize=2_000)
def _unit(question: str) -> re.Pattern[str] | None:
    """What the figure asked for is counted in, or None where any figure will do."""
    return next((unit for asked, unit in _UNITS if asked.search(question)), None)


_COUNTED = re.compile(r"\b(?:montako|kuinka monta|kuinka moni|monta|monesko|moneen|monessako)\s+([^\W\d]+)", re.I)


def _counted(question: str, text: str) -> bool | None:
    """Whether the sentence counts what the question asks the number of; None where it asks no number of things."""
    asked = _COUNTED.search(question)
    if not asked:
        return None
    lookup = finnish.analyser().terms
    wanted = set(lookup(asked.group(1)))
    words = finnish.words(_DATE_LIKE.sub("", text))
    near = (
        not wanted.isdisjoint(lookup(other))
        for place, word in enumerate(words)
        if _FIGURE.match(word)
        for other in words[max(0, place - 2) : place + 4]
    )
    return any(near)


_NAMED = re.compile(
    r"\bnimi\b|\bnimeltä|\bkuka (?:on|oli|toimi|toimii|sai|voitti|valittiin)\b|\bketkä\b|\bkenet\b", re.I
)


_TITLED = re.compile(r"\bnimi(?:nen|set|sen|stä)?\b|\bnimet\b|\bnimeltä", re.I)
_NAME_INSIDE = re.compile(r"(?<=\w )(?!Heinola)[A-ZÅÄÖ]\w|[”\"]")
"""A proper name other than the city's, or a quoted one, after the first word."""

_OPPOSITES = tuple(
    (re.compile(rf"\b(?:{one})", re.I), re.compile(rf"\b(?:{other})", re.I))
    for one, other in (
        ("alka|alko|aloit|käynnist|avat|avau|aukea|ryhdy", "valmis|pääty|päättyi|loppu|lopet|lakkau|sulje|sulke"),
        (
            "eniten|korkei|suurin|suurim|paras|parhai|parhaan|vahvin",
            "vähiten|matalin|alhaisi|pienin|pienim|heiko|huono",
        ),
        ("kasvo|kasva|nous|lisäänty|enemmän", "vähene|vähenty|laski|laskev|laskenu|piene|supist|vähemmän"),
        ("hyväksy|voitti|voittan", "hylkä|hylät|hyläs|hävi|kaatu|torju"),
        ("pitkäaik", "lyhytaik"),
        ("enintään|korkeintaan|yläraja", "vähintään|alaraja"),
        ("ensimmäi", "viimei|toise|toinen|kolma|neljä[sn]"),
        ("tulo(?!s)|tuotto", "meno|kulu(?!tt)"),
        ("ylijääm", "alijääm"),
    )
)


def _opposite(question: str, text: str) -> bool:
    """Whether the sentence speaks of the contrary of what is asked, and not of the thing itself: when something is
    ready, and it tells when it began."""
    return any(
        asked.search(question) and not other.search(question) and other.search(text) and not asked.search(text)
        for one in _OPPOSITES
        for asked, other in (one, one[::-1])
    )


_BEFORE = re.compile(r"\b(?:ennen|edelli|edeltä|aiem|aikaisem|entin|vanha)\w*", re.I)


def asks_before(question: Question) -> bool:
    """Whether it asks for what was before, not merely about a year that has passed."""
    return question.time == "past" and bool(_BEFORE.search(question.understood))


def _asks_name(question: Question) -> bool:
    """Whether only the name of a person will do."""
    return bool(_NAMED.search(question.understood)) and (Asks.WHO in question.asks or "nimi" in question.understood)


def _recency(document: Document) -> float:
    """From -1 (2018 or before) to 1 (2026 or later); a document without a date counts as old."""
    return max(-1.0, min(1.0, (int(document.date[:4]) - 2022) / 4)) if document.date else -0.5


def _holds(asks: frozenset[Asks], text: str, listed: bool) -> float | None:
    """How surely the sentence holds a thing of the kind asked for, 0..1; None where its form does not tell."""
    verdicts: list[float] = []
    if Asks.NUMBER in asks:
        verdicts.append(float(bool(_FIGURE.search(_DATE_LIKE.sub("", text)))))
    if Asks.WHEN in asks:
        verdicts.append(float(bool(_DATE.search(text))))
    if Asks.WHO in asks:
        verdicts.append(1.0 if FULL_NAME.search(text) or _BODY.search(text) else 0.0)
    if Asks.WHERE in asks:
        verdicts.append(1.0 if _ADDRESS.search(text) else 0.5 if _PLACE.search(text) else 0.0)
    if Asks.WHY in asks:
        verdicts.append(float(bool(_REASON.search(text))))
    if Asks.DEFINITION in asks:
        verdicts.append(float(bool(_DEFINES.search(text))))
    if Asks.LIST in asks:
        verdicts.append(1.0 if listed or _ENUMERATED.search(text) else 0.5 if _JOINED.search(text) else 0.0)
    return max(verdicts) if verdicts else None
