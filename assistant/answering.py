"""From the hits of a question to an answer: choosing the sentences that answer, quoting them, or saying that there
are none.

Nothing here writes prose about the city: every sentence of an answer is a verbatim piece of a passage, the frame
around it a fixed text from the catalogues.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from assistant import finnish
from assistant.domain import (
    Answer,
    Asks,
    Citation,
    Document,
    Hit,
    Language,
    Nearest,
    Passage,
    Question,
    Sentence,
    Status,
    Term,
    Validity,
)
from assistant.fragments import text_link
from assistant.index import Index
from assistant.messages import text
from assistant.passages import plain
from assistant.ranking import PLAIN, Candidate, asks_before, confidence, rank, reread
from assistant.retrieval import Retriever
from assistant.settings import Settings
from assistant.wording import in_original_words

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

HISTORY_CLOSE = 1.8
"""The same for the text that the best one's document replaced."""

DIFFERING_CLOSE, DIFFERING = 2.7, 0.9
"""A sentence of another document that is this near in score and this alike (cosine) but has another figure is shown
too: where sources disagree, the reader sees both."""

DATE = re.compile(r"\b\d{1,2}\.\d{1,2}\.(?:\d{4})?|\b(?:1[5-9]|20)\d\d(?:–\d{4})?\b")
NUMERALS = frozenset("yksi kaksi kolme neljä viisi kuusi seitsemän kahdeksan yhdeksän kymmenen".split())

SAME = 0.97
"""Cosine from which two sentences say the same thing."""

NEAREST = 3


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


def answer(question: Question, retriever: Retriever, terms: Sequence[Term], settings: Settings) -> Answer:
    """Answers a question from the index."""
    if question.intent is not None:
        return fixed(question, settings)
    if term := _asked_term(question, terms, settings.city):
        return _term_answer(question, term, retriever, settings)
    parts = [choose(part, retriever, settings) for part in _single(question)]
    found = [part for part in parts if part.found]
    if not found:
        return not_found(question, parts, settings)
    missing = tuple(
        clause for clause, part in zip(question.clauses, parts, strict=False) if not part.found and len(parts) > 1
    )
    return _quoted(question, found, missing, retriever.index)


def fixed(question: Question, settings: Settings) -> Answer:
    """The fixed text of an intent."""
    assert question.intent is not None
    key = {
        Status.SMALLTALK: f"smalltalk.{question.topic or 'greeting'}",
        Status.EMERGENCY: f"emergency.{question.topic or 'general'}",
        Status.PERSONAL_MATTER: "answer.personal_matter",
        Status.OFF_TOPIC: "answer.off_topic",
        Status.CLARIFICATION: "answer.clarification",
    }[question.intent]
    said = text(question.language, key, city=settings.city, contact=settings.contact)
    examples = text(question.language, "answer.examples").split("\n")
    quiet = question.intent is Status.EMERGENCY
    return Answer(
        question.intent,
        said,
        suggestions=() if quiet else tuple(examples),
        language=question.language,
        confidence=1.0,
    )


def not_found(question: Question, parts: Sequence[Chosen], settings: Settings) -> Answer:
    """Says that the sources hold no answer, and shows the nearest passages as such."""
    said = text(question.language, "answer.not_found", city=settings.city, contact=settings.contact)
    hits = [hit for part in parts for hit in part.hits][:NEAREST]
    return Answer(
        Status.NOT_FOUND,
        said,
        nearest=tuple(_nearest(hit) for hit in hits),
        suggestions=_suggestions(question.language, _summarised(hits), ()),
        language=question.language,
        confidence=max((part.confidence for part in parts), default=0.0),
    )


def ranked(
    question: Question, retriever: Retriever, without: Iterable[str] = ()
) -> tuple[list[Hit], list[Candidate], Callable[[Candidate, Candidate], float]]:
    """The hits of one single question, their sentences best first, and the cosine of two of these sentences.

    Documents named in `without` are left out, for measuring what happens when they are not there.
    """
    query = retriever.query(question.searched, foreign=question.language != "fi")
    gone = frozenset(without)
    hits = [hit for hit in retriever.search(query, PASSAGES + 4 * len(gone)) if hit.document.id not in gone][:PASSAGES]
    ids = [sentence.id for hit in hits for sentence in hit.passage.sentences]
    vectors = retriever.index.sentence_vectors(ids)
    dense = dict(zip(ids, query.cosines(vectors).tolist(), strict=True))
    place = {sentence: number for number, sentence in enumerate(ids)}

    def alike(one: Candidate, other: Candidate) -> float:
        return float(vectors[place[one.sentence.id]] @ vectors[place[other.sentence.id]])

    candidates = rank(question, query, hits, dense)
    if retriever.reranker and candidates:
        candidates = reread(question, candidates, retriever.reranker)
    return hits, candidates, alike


def choose(question: Question, retriever: Retriever, settings: Settings) -> Chosen:
    """The sentences that answer one single question; none when the best is not trusted."""
    hits, candidates, alike = ranked(question, retriever)
    sure = confidence(candidates)
    if not candidates or sure < settings.threshold or _elsewhere(question, candidates[0]):
        return Chosen((), (), tuple(hits), sure)
    best = _timely(question, candidates, alike)
    chosen = [best]
    broad = not question.asks or bool(question.asks & BROAD)
    differing = [candidate for candidate in candidates if _differs(question, candidate, best, alike)]
    for candidate in differing + candidates:
        if len(chosen) == SENTENCES - 1 or _replaced(candidate.document, best.document):
            continue
        if candidate not in differing and question.time != "past" and _older(candidate, best):
            continue
        if candidate is best or any(alike(candidate, other) > SAME for other in chosen):
            continue
        near = CLOSE if candidate.signs.get("reranker", -1.0) > 0 else UNSURE_CLOSE
        if broad and candidate.hit.passage.id == best.hit.passage.id:
            near = BROAD_CLOSE
        if candidate in differing or best.score - candidate.score < near:
            chosen.append(candidate)
    earlier = [
        candidate
        for candidate in candidates
        if not asks_before(question)
        and _replaced(candidate.document, best.document)
        and _behind(candidate, best) < HISTORY_CLOSE
        and alike(candidate, best) < SAME
    ]
    history = sorted(earlier, key=lambda candidate: -alike(candidate, best))[:1]
    return Chosen(tuple(chosen), tuple(history), tuple(hits), sure)


def _behind(candidate: Candidate, best: Candidate) -> float:
    """How far the candidate is behind by the plain signs.

    The reranker holds, and rightly, that what was before does not answer a question about now; as history it is told.
    """
    return PLAIN.score(best.signs) - PLAIN.score(candidate.signs)


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
    near = [candidate for candidate in candidates if best.score - candidate.score < HISTORY_CLOSE]
    if asks_before(question):
        standing = [c for c in candidates if c.document.validity is not Validity.SUPERSEDED][:1]
        replaced = [c for new in standing for c in near if _replaced(c.document, new.document)]
        return max(replaced, key=lambda c: alike(c, standing[0]), default=best)
    if question.years:
        return _of_the_season(question, candidates)
    return next((c for c in near if _replaced(best.document, c.document)), best)


SEASON = re.compile(
    r"\b(?:(kevä|kesä(?!kuu)|syksy|talv|lopu(?=ssa|sta)|alu(?=ssa|sta))\w*|(tammi|helmi|maalis|huhti|touko|kesä|heinä|elo|syys|loka|marras|joulu)kuu)",
    re.I,
)
"""Parts of a year that a question can ask about."""

SEASON_CLOSE = 2.2
"""How far behind a sentence of the year without another part of it may be (develop questions)."""


def _of_the_season(question: Question, candidates: Sequence[Candidate]) -> Candidate:
    """The best candidate; where it speaks of another part of the asked year than the question does, the first near one
    of the same year that does not: in spring the debt of the year's end is not known."""
    best = candidates[0]
    asked = _seasons(question.understood)
    if not asked or not _seasons(best.sentence.text) - asked:
        return best
    near = [c for c in candidates if best.score - c.score < SEASON_CLOSE]
    fitting = [c for c in near if any(year in c.sentence.text for year in question.years)]
    return next((c for c in fitting if not _seasons(c.sentence.text) - asked), best)


def _seasons(words: str) -> frozenset[str]:
    return frozenset(part.lower() for found in SEASON.findall(words) for part in found if part)


def _differs(
    question: Question, candidate: Candidate, best: Candidate, alike: Callable[[Candidate, Candidate], float]
) -> bool:
    """Whether another document gives another figure for what seems to be the same thing."""
    if Asks.NUMBER not in question.asks or question.years or candidate.document.id == best.document.id:
        return False
    if best.score - candidate.score > DIFFERING_CLOSE or candidate.signs.get("reranker", 0.0) < 0:
        return False  # the delegation's 40 members are not another count of the council's
    return alike(candidate, best) > DIFFERING and _figures(candidate) != _figures(best)


def _figures(candidate: Candidate) -> frozenset[str]:
    return frozenset(finnish.words(DATE.sub("", plain(candidate.sentence.text).lower()))) & _figure_words(candidate)


def _figure_words(candidate: Candidate) -> frozenset[str]:
    words = finnish.words(plain(candidate.sentence.text).lower())
    return frozenset(word for word in words if word[0].isdigit() or word in NUMERALS)


def _elsewhere(question: Question, candidate: Candidate) -> bool:
    """Whether the question is about another place than the sentence: these sources speak for their own city only."""
    spoken_of = finnish_terms(f"{candidate.document.title} {candidate.hit.passage.heading} {candidate.sentence.text}")
    return bool(question.foreign_places) and not set(question.foreign_places) & set(spoken_of)


def _replaced(document: Document, by: Document) -> bool:
    return by.id in document.superseded_by


def _single(question: Question) -> list[Question]:
    """The single questions of a question."""
    if len(question.clauses) < 2:
        return [question]
    return [replace(question, understood=clause, searched=clause, clauses=(clause,)) for clause in question.clauses]


def _quoted(question: Question, parts: Sequence[Chosen], missing: tuple[str, ...], index: Index) -> Answer:
    language = question.language
    citations: list[Citation] = []
    paragraphs: list[str] = []
    if language != "fi":
        paragraphs.append(text(language, "answer.quoted_in_finnish"))
    told: set[int] = set()
    for part in parts:
        for chosen, frame in _told(question, part)[: max(1, SENTENCES // len(parts))]:
            candidate = in_original_words(chosen, index)
            if candidate.sentence.id in told:
                continue
            told.add(candidate.sentence.id)
            words = answering_words(candidate.sentence.text, question.asks)
            citation = cite(candidate.document, candidate.sentence, len(citations) + 1, words)
            citations.append(citation)
            framed = f"{_framed(language, frame, candidate.document)} " if frame else ""
            paragraphs.append(f"{framed}{candidate.sentence.text} [{citation.number}]")
    passages = [c.hit.passage for part in parts for c in part.candidates]
    hits = _summarised(hit for part in parts for hit in part.hits)
    return Answer(
        Status.ANSWERED_PARTLY if missing else Status.ANSWERED,
        "\n\n".join(paragraphs),
        tuple(citations),
        suggestions=_suggestions(language, hits, {p.id for p in passages}),
        language=language,
        confidence=min(part.confidence for part in parts),
        missing=missing,
    )


def _told(question: Question, part: Chosen) -> list[tuple[Candidate, str]]:
    """The sentences in the order they are told, each with the frame it needs: what stands, then history, newest first.

    Where sources give different figures, the newer speaks first.
    """
    if question.time == "past":
        return [(candidate, "") for candidate in part.candidates]
    lead, *others = part.candidates
    standing, history = [lead], list(part.history)
    for candidate in others:
        (history if candidate.document.validity is Validity.SUPERSEDED else standing).append(candidate)
    if Asks.NUMBER in question.asks and not question.years:
        standing.sort(key=lambda candidate: candidate.document.date or "", reverse=True)
    history.sort(key=lambda candidate: candidate.document.date or "", reverse=True)
    old = lead.document.validity is Validity.SUPERSEDED
    only_old = old and len(standing) == 1
    frames = {lead.sentence.id: "older_source" if only_old else "earlier"} if old else {}
    return [(candidate, frames.get(candidate.sentence.id, "")) for candidate in standing] + [
        (candidate, "earlier") for candidate in history
    ]


def _framed(language: Language, frame: str, document: Document) -> str:
    if document.superseded_since:
        return text(language, f"answer.{frame}_since", date=spoken_date(document.superseded_since))
    return text(language, f"answer.{frame}")


def spoken_date(date: str) -> str:
    """2022-05-16 -> 16.5.2022, 2022-09 -> 9/2022, 2022 -> 2022."""
    parts = [str(int(part)) for part in reversed(date.split("-"))]
    return "/".join(parts) if len(parts) == 2 else ".".join(parts)


def cite(document: Document, sentence: Sentence, number: int, words: str | None = None) -> Citation:
    """A citation of a sentence, with the words in it that answer where they are known."""
    own = document.in_original(sentence.start)
    before = sentence.start - (document.original_start or 0)
    return Citation(
        number,
        document.id,
        document.title,
        document.url,
        document.date,
        document.validity,
        sentence.text,
        sentence.passage,
        document.summary and not own,
        text_link(document.url, sentence.text, document.original_text, before) if own else document.url,
        document.publisher,
        words,
        document.superseded_by,
        document.superseded_since,
        document.original_fetched if own else None,
    )


_SPAN_PATTERNS = {
    Asks.WHEN: re.compile(
        r"\d{1,2}\.(?:\d{1,2}\.)?(?:–\d{1,2}\.\d{1,2}\.)?(?:\d{4})?(?<=\.\d{4})|\d{1,2}\.\d{1,2}\.\d{4}|"
        r"\w+kuu(?:ssa|n|sta|hun)(?: \d{4})?|(?:vuonna|vuoden|vuodesta|vuoteen) \d{4}"
    ),
    Asks.NUMBER: re.compile(
        r"(?:noin |lähes |yli |reilut |vajaat )?\d[\d  ]*(?:,\d+)?(?:–\d+(?:,\d+)?)?"
        r"(?: ?(?:%|milj\. euroa|milj\. euroon|miljoonaa euroa|euroa|\w+))?"
    ),
    Asks.WHO: re.compile(r"[A-ZÅÄÖ][a-zåäöé]+(?:-[A-ZÅÄÖ][a-zåäö]+)? [A-ZÅÄÖ][a-zåäöé]+(?:-[A-ZÅÄÖ][a-zåäö]+)*"),
}


def answering_words(quote: str, asks: frozenset[Asks]) -> str | None:
    """The words in a quote that answer a question for a date, a figure or a person, by their form; None where they
    cannot be told.
    """
    for kind, pattern in _SPAN_PATTERNS.items():
        if kind in asks and len(found := {m.group().strip() for m in pattern.finditer(plain(quote))}) == 1:
            word = found.pop()
            return word if word in quote else None
    return None


def _nearest(hit: Hit) -> Nearest:
    document = hit.document
    return Nearest(
        document.id,
        document.title,
        document.url,
        document.date,
        document.validity,
        hit.passage.id,
        hit.passage.heading,
        hit.passage.text,
        document.summary and not document.in_original(hit.passage.start),
    )


def _summarised(hits: Iterable[Hit]) -> list[Passage]:
    """The passages of our summaries: their headings stand on their own, which those of a page need not."""
    return [hit.passage for hit in hits if not hit.document.in_original(hit.passage.start)]


def _suggestions(language: Language, passages: Sequence[Passage], told: Iterable[str]) -> tuple[str, ...]:
    """Questions about the passages that were near but not quoted; each has its answer in the index."""
    used = set(told)
    headings = dict.fromkeys(p.heading for p in passages if p.id not in used)
    return tuple(text(language, "answer.more", heading=heading) for heading in list(headings)[:NEAREST])


def finnish_terms(words: str) -> list[str]:
    """First base forms of the content words of a text."""
    lookup = finnish.analyser().terms
    return [
        lookup(word)[0] for word in finnish.words(words) if lookup(word)[0] not in finnish.STOP_TERMS - {"tarkoittaa"}
    ]


MEANING = frozenset(finnish_terms("tarkoittaa merkitä merkitys määritellä määritelmä selittää"))
"""Words that ask for a meaning whatever else the question says."""

AROUND_A_TERM = MEANING | frozenset(finnish_terms("arvo kaupunki strategia sana käsite termi kunta"))
"""Words that may stand beside a term in a question that asks nothing but its meaning."""


def _asked_term(question: Question, terms: Sequence[Term], city: str) -> Term | None:
    """The term whose meaning is all that is asked, or None."""
    asked = set(finnish_terms(question.searched if question.language != "fi" else question.understood))
    meaning = bool(asked & MEANING)
    if not meaning and Asks.DEFINITION not in question.asks:
        return None
    for term in terms:
        for name in _names(term):
            if name <= asked and not asked - name - AROUND_A_TERM - {city.lower()}:
                return term if term.definition or term.kind == "arvo" or meaning else None
    return None


def _names(term: Term) -> list[set[str]]:
    """The words of a term's names: hyvinvoinnin ja terveyden edistäminen (hyte) has two."""
    return [words for part in re.split(r"[()]", term.name) if (words := set(finnish_terms(part)))]


def _term_answer(question: Question, term: Term, retriever: Retriever, settings: Settings) -> Answer:
    """A term's definition as its source gives it; where no source does, that, and where the term is used."""
    language = question.language
    if term.definition:
        paragraphs = [] if language == "fi" else [text(language, "answer.quoted_in_finnish")]
        paragraphs.append(f"{term.definition.quote} [1]")
        return Answer(
            Status.ANSWERED,
            "\n\n".join(paragraphs),
            (replace(term.definition, number=1),),
            suggestions=(),
            language=language,
            confidence=1.0,
        )
    uses = sorted(term.uses, key=lambda use: (use.validity is Validity.SUPERSEDED, use.document))[:SENTENCES]
    key = "answer.undefined_value" if term.kind == "arvo" else "answer.undefined_term"
    said = [text(language, key, name=term.name)]
    since, until = (spoken_date(day) if day else None for day in (term.in_force_since, term.in_force_until))
    for wanted, key in (((True, False), "since"), ((False, True), "until"), ((True, True), "since_until")):
        if (bool(since), bool(until)) == wanted:
            said.append(text(language, f"answer.{key}", city=settings.city, since=since, until=until))
    citations, quotes = [], []
    for number, use in enumerate(uses, 1):
        document = retriever.documents[use.document]
        sentence = Sentence(0, use.passage, document.text.find(use.quote), use.quote)
        citations.append(cite(document, sentence, number))
        earlier = f"{_framed(language, 'earlier', document)} " if use.validity is Validity.SUPERSEDED else ""
        quotes.append(f"{earlier}{use.quote} [{number}]")
    return Answer(
        Status.ANSWERED_PARTLY if uses else Status.NOT_FOUND,
        "\n\n".join([" ".join(said), text(language, "answer.used"), *quotes] if uses else [" ".join(said)]),
        tuple(citations),
        language=language,
        confidence=1.0,
        missing=(text(language, "answer.definition_of", name=term.name),) if uses else (),
    )
