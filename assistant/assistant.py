"""The assistant: one question in, one turn out. Joins the index, the retriever, the understanding and the memory."""

from __future__ import annotations

import logging
import secrets
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from assistant import answering, finnish, questions, terms
from assistant.conversations import Conversations
from assistant.domain import Answer, Document, Hit, Passage, Question, Status, Term, Turn
from assistant.embedding import Embedder, open_embedder
from assistant.errors import AssistantError, ConversationExpired, DocumentUnknown, QuestionInvalid, StorageError
from assistant.index import Index, current_folder
from assistant.messages import text
from assistant.precedents import Precedents, open_precedents
from assistant.reranker import Reranker, open_reranker
from assistant.retrieval import Retriever
from assistant.settings import Settings

logger = logging.getLogger(__name__)


SURE = 0.5
"""Least confidence of an answer to another reading of a question than the first; less may be an answer to the turn
before. Of 557 follow-ups of our own from .3 to .6 made no difference; with none 9 of 297 were right no more."""


def _said_before(answer: Answer, history: list[Turn]) -> bool:
    """Whether an answer begins with a sentence that the last turn was answered with."""
    told = {citation.quote for turn in history[-1:] for citation in turn.answer.citations}
    return bool(answer.citations) and answer.citations[0].quote in told


class _Opened:
    """One opened index with what is derived from it; replaced as a whole when a new index serves."""

    def __init__(
        self, index: Index, embedder: Embedder, reranker: Reranker | None, precedents: Precedents | None, corpus: Path
    ) -> None:
        index.require(embedder.key, finnish.analyser().name)
        self.index = index
        self.retriever = Retriever(index, embedder, reranker, precedents)
        self.documents = {document.id: document for document in index.documents()}
        self.vocabulary = questions.Vocabulary.of(index)
        found = terms.terms(corpus, self.documents.values(), index.all_passages())
        self.terms = {term.slug: term for term in found}


class Assistant:
    """Answers questions from one index; safe from several threads."""

    def __init__(self, settings: Settings, embedder: Embedder, reranker: Reranker | None = None) -> None:
        """Raises IndexMissing or IndexMismatch."""
        self.settings = settings
        self.conversations = Conversations(settings.data, settings.retention_days)
        self._embedder = embedder
        self._reranker = reranker
        self._precedents = open_precedents(embedder)
        self._lock = threading.Lock()
        self._now = self._opened(Index.open_current(settings.index))

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """Loads the models and opens the index. Raises ModelError, IndexMissing, IndexMismatch."""
        Index.open_current(settings.index)  # a missing index is told before the model takes its seconds
        return cls(settings, open_embedder(settings), open_reranker(settings))

    def _opened(self, index: Index) -> _Opened:
        return _Opened(index, self._embedder, self._reranker, self._precedents, self.settings.corpus)

    def ask(self, question: str, conversation: str | None = None, *, as_typed: bool = False) -> Turn:
        """Answers a question; `as_typed` leaves a follow-up as it stands.

        Raises QuestionInvalid (empty or too long) and ConversationUnknown.
        """
        asked = finnish.normalised(question)
        if not asked:
            raise QuestionInvalid("Kysymys on tyhjä: kirjoita, mitä haluat tietää.")
        if len(asked) > self.settings.question_limit:
            raise QuestionInvalid(
                f"Kysymyksessä on {len(asked)} merkkiä, enintään {self.settings.question_limit} mahtuu: lyhennä sitä."
            )
        expired = False
        try:
            history = self.conversations.turns(conversation) if conversation else []
        except ConversationExpired:
            conversation, history, expired = None, [], True
        except StorageError:
            logger.exception("the conversation could not be read")
            history = []
        opened = self._current()
        understood = questions.understand(asked, history, opened.vocabulary, as_typed=as_typed)
        answer = self._answer(understood, opened)
        if not as_typed:
            understood, answer = self._read_again(understood, answer, history, opened) or (understood, answer)
        turn = Turn(
            secrets.token_urlsafe(12),
            conversation or self._start(),
            asked,
            understood.understood if understood.completed else asked,
            answer,
            datetime.now(UTC).isoformat(timespec="seconds"),
            text(answer.language, "answer.conversation_expired") if expired else None,
        )
        try:
            return self.conversations.add(turn)
        except AssistantError:
            # A full disk must not cost the asker the answer; only the memory of it is lost.
            logger.exception("the turn could not be stored")
            return replace(turn, notice=text(answer.language, "answer.not_stored"))

    def _answer(self, question: Question, opened: _Opened, least: float = 0.0) -> Answer:
        settings = replace(self.settings, threshold=max(least, self.settings.threshold))
        return answering.answer(question, opened.retriever, list(opened.terms.values()), settings)

    def _read_again(
        self, question: Question, answer: Answer, history: list[Turn], opened: _Opened
    ) -> tuple[Question, Answer] | None:
        """Another reading of a question, with its answer; None where the first reading is to stand.

        Tried where nothing was found, and where what seems complete was answered from elsewhere than the turn before.
        """
        silent = answer.status is Status.NOT_FOUND
        if silent and (whole := questions.whole_message(question)):
            found = self._answer(whole, opened)
            return (whole, found) if found.citations else None
        if silent and (shorter := questions.without_lead(question, opened.vocabulary)):
            found = self._answer(shorter, opened, SURE)
            if found.citations:
                return shorter, found
        sources = {citation.document for turn in history[-1:] for citation in turn.answer.citations}
        elsewhere = bool(answer.citations) and answer.citations[0].document not in sources and not question.completed
        if not (silent or elsewhere) or not (reading := questions.second_reading(question, history, opened.vocabulary)):
            return None
        found = self._answer(reading, opened, max(SURE, answer.confidence if elsewhere else 0.0))
        if not found.citations or found.citations[0].document not in sources or _said_before(found, history):
            return None  # an answer of something else, or the same again
        return reading, found

    def _start(self) -> str:
        try:
            return self.conversations.start()
        except StorageError:
            logger.exception("no conversation could be started")
            return secrets.token_urlsafe(16)  # nobody knows it afterwards, but the answer is given

    def search(self, question: str, limit: int = 10) -> list[Hit]:
        """The passages nearest to a question, best first. Raises QuestionInvalid."""
        asked = finnish.normalised(question)
        if not asked:
            raise QuestionInvalid("Hakusana on tyhjä: kirjoita, mitä etsit.")
        opened = self._current()
        understood = questions.understand(asked[: self.settings.question_limit], [], opened.vocabulary)
        return opened.retriever.search(opened.retriever.query(understood.searched), limit)

    def documents(self) -> list[Document]:
        """All documents, by id."""
        return list(self._current().documents.values())

    def document(self, document_id: str) -> Document:
        """One document. Raises DocumentUnknown."""
        try:
            return self._current().documents[document_id]
        except KeyError:
            raise DocumentUnknown(f"Lähdettä {document_id!r} ei ole.") from None

    def passages(self, document_id: str) -> list[Passage]:
        """A document's passages, in order."""
        return self._current().index.passages_of(document_id)

    def related(self, document_id: str, limit: int = 5) -> list[Hit]:
        """Passages of other documents that speak of the same, best first; of summaries only."""
        document = self.document(document_id)
        opened = self._current()
        query = opened.retriever.query(
            f"{document.title} {' '.join(p.heading for p in self.passages(document_id)[:3])}"
        )
        found = opened.retriever.search(query, 10 * limit + len(self.passages(document_id)))
        others = [hit for hit in found if hit.document.id != document_id]
        return [hit for hit in others if not hit.document.in_original(hit.passage.start)][:limit]

    def conversation(self, conversation_id: str) -> list[Turn]:
        """The turns of a conversation, in order. Raises ConversationUnknown."""
        return self.conversations.turns(conversation_id)

    def forget(self, conversation_id: str) -> None:
        """Erases a conversation. Raises ConversationUnknown."""
        self.conversations.forget(conversation_id)

    def feedback(self, turn_id: str, helped: bool, reason: str = "", comment: str = "") -> None:
        """Stores what an asker thought of an answer. Raises ConversationUnknown when there is no such turn."""
        self.conversations.feedback(turn_id, helped, reason, comment)

    def terms(self) -> list[Term]:
        """The values and the words of the strategy, with what the sources say of them."""
        return list(self._current().terms.values())

    def term(self, slug: str) -> Term:
        """One term. Raises DocumentUnknown."""
        try:
            return self._current().terms[slug]
        except KeyError:
            raise DocumentUnknown(f"Sanaa {slug!r} ei ole sanastossa.") from None

    def about(self) -> dict[str, Any]:
        """What the service stands on: counts, newest date, model, analyser, time of the build."""
        opened = self._current()
        meta = opened.index.meta
        dates = [document.date for document in opened.documents.values() if document.date]
        return {
            "documents": len(opened.documents),
            "passages": meta.passages,
            "newest": max(dates, default=None),
            "model": meta.model.split("|")[0],
            "analyser": meta.analyser,
            "reranked": self._reranker.depth if self._reranker else 0,
            "precedents": len(self._precedents) if self._precedents else 0,
            "built_at": meta.built_at,
            "corpus_hash": meta.corpus,
        }

    def ready(self) -> bool:
        """Answers a question, to see that everything needed for it works."""
        opened = self._current()
        question = questions.understand(f"Mikä on {self.settings.city}?", [], opened.vocabulary)
        answer: Answer = answering.answer(question, opened.retriever, [], self.settings)
        return answer.status is not Status.ERROR

    def _current(self) -> _Opened:
        """The opened index; a newly built one is taken into use between two questions."""
        folder = current_folder(self.settings.index)
        if folder is not None and folder != self._now.index.folder:
            with self._lock:
                if folder != self._now.index.folder:
                    try:
                        self._now = self._opened(Index(folder))
                    except AssistantError:
                        logger.exception("the new index cannot serve; the one before goes on")
        return self._now
