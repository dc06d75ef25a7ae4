"""Choosing the sentences that answer a single question, or none.

The ranked candidates are looked at in the light of time, place and each other: what is in force before what was, both
where sources differ, nothing twice, and nothing at all where the best one is not trusted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from assistant import finnish, precedents
from assistant.domain import Asks, Document, Hit, Question, Validity
from assistant.kinds import FULL_NAME, lacks_form
from assistant.passages import plain
from assistant.precedents import Near
from assistant.ranking import PLAIN, READ, Candidate, asks_before, confidence, rank, reread
from assistant.retrieval import Retriever
from assistant.settings import Settings
from assistant.times import another_time

PASSAGES = 8
"""Passages whose sentences are ranked: with the facts as passages a right source was among the first five for every
question.
"""

SENTENCES = 4
"""Most sentences in an answer."""

CLOSE, UNSURE_CLOSE = 2.2, 1.2
"""A sentence whose score is this near to the best one's says more of the same matter, if the reranker holds that it
answers, and if not (or without one) when it is as near as the second; chosen on the develop questions.
"""

BROAD = frozenset({Asks.DEFINITION, Asks.HOW})
BROAD_CLOSE = 5.0
"""What something is, or how it goes, takes more than one sentence: the rest of the passage may be this far behind."""

HISTORY_CLOSE, HISTORY_BEHIND = 1.8, 2.6
"""The same for the text that the best one's document replaced, by the score and by the plain signs."""

BEFORE_CLOSE = 2.5
"""The same where what was before is asked for: the models hold an older text that names no other time for likelier."""

DIFFERING_CLOSE, DIFFERING, DIFFERING_READ = 3.0, 0.9, -2.0
"""A sentence of another document that is this near in score, this alike (cosine) and by the reranker no worse but has
another figure is shown too: where sources disagree, the reader sees both."""

UNDATED_CLOSE = 4.0
"""The same where a date is missing: no one can tell which is newer."""

RATES_CLOSE, RATES = 4.6, 0.95
"""A sentence of the best one's own passage that is this near and this alike but has another figure is told too: the
price for a sibling, which the present weights put 4.3 behind."""

DATE = re.compile(r"\b\d{1,2}\.\d{1,2}\.(?:\d{4})?|\b(?:1[5-9]|20)\d\d(?:–\d{4})?\b")
NUMERALS = frozenset("yksi kaksi kolme neljä viisi kuusi seitsemän kahdeksan yhdeksän kymmenen".split())

LACKING = 0.3
"""How much more of the question's rarest missing word a further sentence of another document may leave out (0..1)."""

SAME_MATTER = 0.88
"""Cosine from which a text in force tells the same matter as one that has been replaced, by whatever document."""

SAME = 0.97
"""Cosine from which two sentences say the same thing."""


@dataclass(frozen=True)
class Chosen:
    """The sentences that answer one single question, the first being the answer proper."""

    candidates: tuple[Candidate, ...]
    history: tuple[Candidate, ...]
    hits: tuple[Hit, ...]
    confidence: float

    @property
    def found(self) -> bool:
        """Whether there is anything to answer with."""
        return bool(self.candidates)


@dataclass(frozen=True)
class Ranked:
    """The hits of one single question, their sentences best first, the cosine of two of these, and the nearest
    precedents."""

    hits: list[Hit]
    candidates: list[Candidate]
    alike: Callable[[Candidate, Candidate], float]
    near: Near


def ranked(
    question: Question, retriever: Retriever, without: Iterable[str] = (), new: frozenset[str] = frozenset()
) -> Ranked:
    """The sentences that may answer one single question, and what they were found by.

    Documents named in `without` are left out, for measuring what happens when they are not there; sentences whose keys
    are in `new` are taken for such as no precedent was written for.
    """
    query = retriever.query(question.searched, foreign=question.language != "fi")
    query = replace(query, near=query.near.without(new)) if new else query
    hits = retriever.search(query, PASSAGES, frozenset(without), recall=True)
    ids = [sentence.id for hit in hits for sentence in hit.passage.sentences]
    vectors = retriever.index.sentence_vectors(ids)
    dense = dict(zip(ids, query.cosines(vectors).tolist(), strict=True))
    place = {sentence: number for number, sentence in enumerate(ids)}

    def alike(one: Candidate, other: Candidate) -> float:
        return float(vectors[place[one.sentence.id]] @ vectors[place[other.sentence.id]])

    candidates = rank(question, query, hits, dense)
    if retriever.reranker and candidates:
        candidates = reread(question, candidates, query.near, retriever.reranker)
    return Ranked(hits, candidates, alike, query.near)


def choose(question: Question, retriever: Retriever, settings: Settings) -> Chosen:
    """The sentences that answer one single question; none when the best is not trusted."""
    found = ranked(question, retriever)
    hits, alike = found.hits, found.alike
    candidates = [c for c in found.candidates if not another_time(question, c.document, plain(c.sentence.text))]
    sure = _sure(question, candidates, alike)
    mistaken = bool(candidates) and _mistaken(question, candidates[0])
    if not candidates or mistaken or sure < settings.threshold:
        return Chosen((), (), tuple(hits), 0.0 if mistaken else sure)
    best = _timely(question, candidates, alike)
    chosen = [best]
    broad = not question.asks or bool(question.asks & BROAD)
    differing = [candidate for candidate in candidates if _differs(question, candidate, best, alike)]
    for candidate in differing + candidates:
        if len(chosen) == SENTENCES - 1 or _replaced(candidate.document, best.document):
            continue
        if candidate not in differing and question.time != "past" and _older(candidate, best):
            continue
        if candidate is best or any(_repeats(candidate, other, alike) for other in chosen):
            continue
        if candidate.document.id != best.document.id and _lacks(candidate, best):
            continue
        if candidate not in differing and _counts_other(candidate, best):
            continue
        near = CLOSE if candidate.signs.get("reranker", -1.0) > 0 else UNSURE_CLOSE
        rate = False
        if candidate.hit.passage.id == best.hit.passage.id:
            near = BROAD_CLOSE if broad else near
            rate = not broad and _other_figure(question, candidate, best, alike) > RATES
        rate = rate and _apart(candidate, best) < RATES_CLOSE
        if candidate in differing or rate or best.score - candidate.score < near:
            chosen.append(candidate)
    earlier = [
        candidate
        for candidate in candidates
        if not asks_before(question)
        and _replaced(candidate.document, best.document)
        and _behind(candidate, best) < HISTORY_BEHIND
        and _of_the_kind(candidate, best)
        and SAME_MATTER < alike(candidate, best) < SAME
    ]
    history = sorted(earlier, key=lambda candidate: -alike(candidate, best))[:1]
    return Chosen(tuple(chosen), tuple(history), tuple(hits), sure)


def _sure(question: Question, candidates: Sequence[Candidate], alike: Callable[[Candidate, Candidate], float]) -> float:
    """Confidence in the best candidate. That another document has a figure for the same thing, or says the same of what
    is in force, is a reason to tell both, and none to doubt that there is an answer."""
    still = Asks.YES_NO in question.asks and question.time == "now"  # "Onko rohkeus yhä arvo?"
    if not (Asks.NUMBER in question.asks or still) or question.years or not candidates:
        return confidence(candidates)
    best, *others = candidates
    return confidence([best, *(c for c in others if c.document.id == best.document.id or alike(c, best) <= DIFFERING)])


def _lacks(candidate: Candidate, best: Candidate) -> bool:
    """Whether the candidate, its heading and title leave out a rare word of the question that the best one holds: the
    place of a library is nothing more about the city's vision, whatever the models think."""
    return candidate.signs["uncovered"] - best.signs["uncovered"] > LACKING


def _counts_other(candidate: Candidate, best: Candidate) -> bool:
    """Whether the candidate counts something else than the question does, where the best one counts that: the members
    of the board are nothing more about those of the council."""
    return best.signs["counted_held"] > 0 and candidate.signs["counted_missing"] > 0


def _repeats(candidate: Candidate, other: Candidate, alike: Callable[[Candidate, Candidate], float]) -> bool:
    """Whether the one says what the other does; a child's fee and a sibling's are alike but for the figure."""
    return alike(candidate, other) > SAME and _figures(candidate) == _figures(other)


_UNTOLD = dict.fromkeys((*precedents.SIGNS, *precedents.READ_SIGNS), 0.0)
"""Signs of a sentence of which no precedent tells anything."""


def _behind(candidate: Candidate, best: Candidate) -> float:
    """How far the candidate is behind by its words alone.

    The reranker and the precedents hold, and rightly, that what was before does not answer a question about now; as
    history it is told.
    """
    return PLAIN.score(best.signs | _UNTOLD) - PLAIN.score(candidate.signs | _UNTOLD)


def _apart(candidate: Candidate, best: Candidate) -> float:
    """How far the candidate is behind as it is read: which of two figures answers first is what precedents tell, not
    whether the other is told beside it."""
    weights = READ if "reranker" in best.signs else PLAIN
    return weights.score(best.signs | _UNTOLD) - weights.score(candidate.signs | _UNTOLD)


def _of_the_kind(candidate: Candidate, standing: Candidate) -> bool:
    """Whether the candidate holds the kind of thing asked for as surely as what stands does: what was said of the
    values in a seminar is no earlier list of them."""
    return candidate.signs["kind_held"] >= standing.signs["kind_held"]


def _older(candidate: Candidate, best: Candidate) -> bool:
    """Whether the candidate has been replaced by something and the best one has not."""
    superseded = Validity.SUPERSEDED
    return candidate.document.validity is superseded and best.document.validity is not superseded


def _timely(
    question: Question, candidates: Sequence[Candidate], alike: Callable[[Candidate, Candidate], float]
) -> Candidate:
    """The best candidate; of near ones whose documents replace each other, the one that the question asks for.

    That is what is in force; asked for what was before, the sentence most like the one that took its place.
    """
    best = candidates[0]
    if asks_before(question):
        near = [candidate for candidate in candidates if best.score - candidate.score < BEFORE_CLOSE]
        standing = [c for c in candidates if c.document.validity is not Validity.SUPERSEDED][:1]
        replaced = [c for new in standing for c in near if _replaced(c.document, new.document) and _of_the_kind(c, new)]
        return max(replaced, key=lambda c: alike(c, standing[0]), default=best)
    if question.years:
        return best
    if Asks.WHO in question.asks and question.time != "past":
        same = [c for c in candidates if _same_person(c, best) and alike(c, best) > DIFFERING]
        best = max(same, key=lambda c: c.document.date or "", default=best)

    newer = [c for c in candidates if _older(best, c) and alike(c, best) > SAME_MATTER]
    near = [c for c in candidates if best.score - c.score < HISTORY_CLOSE]
    if found := next((c for c in near if _replaced(best.document, c.document) or c in newer), None):
        return found
    # Expressly asked about now, what is in force is told however much surer the models are of the older text.
    return max(newer, key=lambda c: alike(c, best), default=best) if question.time == "now" else best


def _same_person(candidate: Candidate, best: Candidate) -> bool:
    """Whether both name the same person, and the candidate holds as many of the question's words: the latest tells
    that it is still so."""
    named = set(FULL_NAME.findall(plain(best.sentence.text))) & set(FULL_NAME.findall(plain(candidate.sentence.text)))
    return bool(named) and candidate.signs["coverage"] >= best.signs["coverage"]


def _differs(
    question: Question, candidate: Candidate, best: Candidate, alike: Callable[[Candidate, Candidate], float]
) -> bool:
    """Whether another document gives another figure for what seems to be the same thing."""
    if candidate.document.id == best.document.id:
        return False
    dated = candidate.document.date and best.document.date
    if not dated and question.time == "now":
        return False  # what may be of any age says nothing against what stands
    close = DIFFERING_CLOSE if dated else UNDATED_CLOSE
    if _apart(candidate, best) > close or 5 * candidate.signs.get("reranker", 0.0) < DIFFERING_READ:
        return False  # the count of another body is no other count of this one
    return _other_figure(question, candidate, best, alike) > DIFFERING


def _other_figure(
    question: Question, candidate: Candidate, best: Candidate, alike: Callable[[Candidate, Candidate], float]
) -> float:
    """How alike the two sentences are (cosine) where a figure is asked for, of no one year, and they have not the same
    ones; else 0."""
    asked = Asks.NUMBER in question.asks and not question.years
    return alike(candidate, best) if asked and _figures(candidate) != _figures(best) else 0.0


def _figures(candidate: Candidate) -> frozenset[str]:
    return frozenset(finnish.words(DATE.sub("", plain(candidate.sentence.text).lower()))) & _figure_words(candidate)


def _figure_words(candidate: Candidate) -> frozenset[str]:
    words = finnish.words(plain(candidate.sentence.text).lower())
    return frozenset(word for word in words if word[0].isdigit() or word in NUMERALS)


def _mistaken(question: Question, candidate: Candidate) -> bool:
    """Whether the candidate cannot answer, however sure the models are of it."""
    return _elsewhere(question, candidate) or lacks_form(question.understood, plain(candidate.sentence.text))


def _elsewhere(question: Question, candidate: Candidate) -> bool:
    """Whether the question is about another place than the sentence: these sources speak for their own city only."""
    spoken_of = finnish.terms(f"{candidate.document.title} {candidate.hit.passage.heading} {candidate.sentence.text}")
    parts = {term for group in spoken_of for term in group}  # also Ukraina of "Ukraina-avustus"
    return bool(question.foreign_places) and parts.isdisjoint(question.foreign_places)


def _replaced(document: Document, by: Document) -> bool:
    return by.id in document.superseded_by
