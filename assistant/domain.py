"""The nouns of the assistant: what is read, what is asked, what is answered.

One vocabulary in code, tables, command line and pages; README defines the words.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Literal

Language = Literal["fi", "sv", "en"]


class Status(StrEnum):
    """The outcome of a question. Only the first two carry citations; only NOT_FOUND carries nearest passages."""

    ANSWERED = "answered"
    ANSWERED_PARTLY = "answered_partly"
    NOT_FOUND = "not_found"
    OFF_TOPIC = "off_topic"
    PERSONAL_MATTER = "personal_matter"
    EMERGENCY = "emergency"
    SMALLTALK = "smalltalk"
    CLARIFICATION = "clarification"
    ERROR = "error"


class Validity(StrEnum):
    """How a document stands today."""

    IN_FORCE = "in_force"
    """A strategy or value text that nothing has replaced."""
    SUPERSEDED = "superseded"
    """Another document of the corpus replaces it."""
    DATED = "dated"
    """True of its day: news, minutes, service pages. Says nothing about now."""


@dataclass(frozen=True)
class SupersededPart:
    """What stands under a heading of a document, and what has replaced it."""

    heading: str
    superseded_by: tuple[str, ...]
    superseded_since: str | None = None


@dataclass(frozen=True)
class Document:
    """One source: the front matter and the text of a corpus file."""

    id: str
    title: str
    url: str
    publisher: str
    kind: str
    text: str
    """The body as it stands in the file, NFC, and in an index the original page's own text after it; every quote is a
    piece of it.
    """
    published: str | None = None
    """YYYY, YYYY-MM or YYYY-MM-DD, as precise as known."""
    event_date: str | None = None
    """The exact day of the decision or event that the page reports."""
    supersedes: tuple[str, ...] = ()
    summary: bool = True
    """True where the text is our summary, false where it is the page's own."""
    superseded_by: tuple[str, ...] = ()
    superseded_since: str | None = None
    """The earliest date of the documents that supersede this one."""
    superseded_parts: tuple[SupersededPart, ...] = ()
    """What of it others supersede where the rest still stands."""
    original_start: int | None = None
    """Character offset in `text` from which it is the original page's own; None where that was not fetched or is not
    used.
    """
    original_fetched: str | None = None
    """When the original's text was fetched, UTC, ISO 8601."""

    def under(self, heading: str) -> Document:
        """The document as what stands under one of its headings is to be taken: superseded where that part is."""
        for part in self.superseded_parts:
            if part.heading == heading:
                return replace(self, superseded_by=part.superseded_by, superseded_since=part.superseded_since)
        return self

    @property
    def summary_text(self) -> str:
        """The text of the corpus file alone."""
        return self.text[: self.original_start].rstrip()

    @property
    def original_text(self) -> str:
        """The original page's own text; empty where there is none."""
        return self.text[self.original_start :] if self.original_start is not None else ""

    def in_original(self, start: int) -> bool:
        """Whether what stands at a character offset of `text` is the original page's own."""
        return self.original_start is not None and start >= self.original_start

    @property
    def date(self) -> str | None:
        """The day the text speaks for: the event's, else the publication's."""
        return self.event_date or self.published

    @property
    def validity(self) -> Validity:
        """How the document stands today."""
        if self.superseded_by:
            return Validity.SUPERSEDED
        return Validity.IN_FORCE if self.kind in ("strategia", "arvot") and self.date else Validity.DATED


@dataclass(frozen=True)
class Sentence:
    """The smallest thing that is quoted: a sentence, or a list with its lead-in."""

    id: int
    passage: str
    start: int
    """Character offset in the document's text."""
    text: str
    """Verbatim: document.text[start : start + len(text)]."""
    listed: bool = False


@dataclass(frozen=True)
class Passage:
    """A part of a document under one heading, with its sentences."""

    id: str
    """`<document id>#<number>`, numbered from 1."""
    document: str
    heading: str
    start: int
    """Character offset in the document's text."""
    text: str
    """Verbatim: document.text[start : start + len(text)]."""
    sentences: tuple[Sentence, ...] = ()


class Asks(StrEnum):
    """The kind of thing a question wants to hear."""

    WHO = "who"
    WHEN = "when"
    WHERE = "where"
    NUMBER = "number"
    """How many, how much, what share."""
    WHY = "why"
    HOW = "how"
    YES_NO = "yes_no"
    DEFINITION = "definition"
    LIST = "list"
    WHAT = "what"


@dataclass(frozen=True)
class Question:
    """A question as it was understood."""

    text: str
    """As typed, normalised."""
    understood: str
    """In standard spelling, typing errors mended, a follow-up completed from the turns before; equals `text` where
    nothing was done.
    """
    searched: str
    """What is embedded and searched; for Swedish and English with the Finnish terms of the glossary beside it."""
    language: Language = "fi"
    intent: Status | None = None
    """The status that answers it without searching (SMALLTALK, EMERGENCY, PERSONAL_MATTER, OFF_TOPIC, CLARIFICATION),
    or None.
    """
    topic: str = ""
    """Which fixed text of that intent: greeting, thanks, goodbye, who, what, how_are_you, …"""
    asks: frozenset[Asks] = frozenset()
    years: tuple[str, ...] = ()
    time: Literal["now", "past", "any"] = "any"
    """Whether it says that it asks about now, about the past, or neither."""
    names: tuple[str, ...] = ()
    """Base forms (lower case) of the named things that an answer has to speak of: persons, places, bodies, numbers,
    other than the city itself.
    """
    foreign_places: tuple[str, ...] = ()
    """Other places than the city and its parts, which the corpus never speaks of as its own."""
    clauses: tuple[str, ...] = ()
    """The single questions in it, each complete; one where it asks one thing."""
    completed: bool = False
    """True where the turns before were needed to understand it."""


@dataclass(frozen=True)
class Hit:
    """A passage and its scores for one question."""

    passage: Passage
    document: Document
    score: float
    """The fused score; hits are sorted by it, ties by passage id."""
    dense: float
    """Cosine of the question's and the passage's vectors."""
    lexical: float
    """Rarity-weighted share of the question's lemmas that the passage holds, 0..1."""


@dataclass(frozen=True)
class Citation:
    """A numbered quote that the answer stands on."""

    number: int
    document: str
    title: str
    url: str
    date: str | None
    validity: Validity
    quote: str
    """Verbatim piece of the document's text."""
    passage: str
    summary: bool
    link: str
    """Where a reader can see the original: the plain url, or with a text fragment where the quote is the page's own."""
    publisher: str
    span: str | None = None
    """The words inside the quote that answer, where they can be told."""
    superseded_by: tuple[str, ...] = ()
    superseded_since: str | None = None
    fetched_at: str | None = None
    """When the original's text was fetched (UTC, ISO 8601), where the quote is of it."""


@dataclass(frozen=True)
class Nearest:
    """A passage near a question that was not answered; never shown as if it answered."""

    document: str
    title: str
    url: str
    date: str | None
    validity: Validity
    passage: str
    heading: str
    text: str
    summary: bool = True
    """Whether the passage is of our summary; False where it is the page's own."""


@dataclass(frozen=True)
class Answer:
    """What the assistant says to a question."""

    status: Status
    text: str
    """Plain text. Paragraphs are parted by blank lines, list items begin with "- "; marks like [1] point to
    citations.
    """
    citations: tuple[Citation, ...] = ()
    nearest: tuple[Nearest, ...] = ()
    suggestions: tuple[str, ...] = ()
    """Questions that can be asked next."""
    language: Language = "fi"
    """The language of the frame around the (Finnish) quotes."""
    confidence: float = 0.0
    """Probability 0..1 that the chosen sentences answer the question."""
    missing: tuple[str, ...] = ()
    """Where the answer is partial: what of the question stays unanswered."""


@dataclass(frozen=True)
class Turn:
    """A question with its answer, kept with its evidence in full so that it outlives a new index."""

    id: str
    conversation: str
    question: str
    understood: str
    """The question as it was searched; differs from `question` where a follow-up was completed."""
    answer: Answer
    asked_at: str
    """UTC, ISO 8601."""
    notice: str | None = None
    """Something to tell beside the answer: for example that an expired conversation began anew."""


@dataclass(frozen=True)
class Use:
    """A place where a term is used."""

    document: str
    passage: str
    quote: str
    date: str | None
    validity: Validity


@dataclass(frozen=True)
class Term:
    """A value or a strategy word, with what the sources say of it."""

    slug: str
    name: str
    kind: Literal["arvo", "termi"]
    definition: Citation | None
    """The sentence that defines it, or None where no source does."""
    in_force_since: str | None = None
    in_force_until: str | None = None
    uses: tuple[Use, ...] = field(default=())
