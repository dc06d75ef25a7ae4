"""From a question to an answer: quoting the sentences that were chosen, or saying that there are none.

Nothing here writes prose about the city: every sentence of an answer is a verbatim piece of a passage, the frame
around it a fixed text from the catalogues.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from assistant import finnish
from assistant.choosing import SENTENCES, Chosen, choose
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
from assistant.ranking import Candidate
from assistant.retrieval import Retriever
from assistant.settings import Settings
from assistant.wording import in_original_words

NEAREST = 3


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
        (history if _is_history(candidate.document, lead.document) else standing).append(candidate)
    if Asks.NUMBER in question.asks and not question.years:
        standing.sort(key=lambda candidate: candidate.document.date or "", reverse=True)
    history.sort(key=lambda candidate: candidate.document.date or "", reverse=True)
    frame = ""
    if lead.document.validity is Validity.SUPERSEDED:
        beside = [c.document.date or "" for c in standing if not _as_old(c.document, lead.document)]
        if not beside or max(beside) >= (lead.document.date or ""):  # else it is the latest there is
            frame = "earlier" if beside else "older_source"
    return [(candidate, frame if candidate is lead else "") for candidate in standing] + [
        (candidate, "earlier") for candidate in history
    ]


def _is_history(document: Document, lead: Document) -> bool:
    """Whether the document has been replaced and the lead is what stands: not one of later than the lead, replaced by
    something else, such as the accounts of a year beside an interview from its spring."""
    later = (document.date or "") > (lead.date or "") and lead.id not in document.superseded_by
    return document.validity is Validity.SUPERSEDED and not later and not _as_old(document, lead)


def _as_old(document: Document, lead: Document) -> bool:
    """Whether both are of the same page, replaced by the same: the one is no history of the other."""
    return (document.id, document.superseded_by) == (lead.id, lead.superseded_by)


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


MEANING = frozenset(finnish.lemmas("tarkoittaa merkitä merkitys määritellä määritelmä selittää"))
"""Words that ask for a meaning whatever else the question says."""

AROUND_A_TERM = MEANING | frozenset(finnish.lemmas("arvo kaupunki strategia sana käsite termi kunta"))
"""Words that may stand beside a term in a question that asks nothing but its meaning."""


def _asked_term(question: Question, terms: Sequence[Term], city: str) -> Term | None:
    """The term whose meaning is all that is asked, or None."""
    asked = set(finnish.lemmas(question.searched if question.language != "fi" else question.understood))
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
    return [words for part in re.split(r"[()]", term.name) if (words := set(finnish.lemmas(part)))]


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
