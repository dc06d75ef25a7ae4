"""What every view and page shares: the assistant behind the app, the language of the request, and addresses."""

from __future__ import annotations

import hashlib
import math
import re
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode, urlsplit

from flask import current_app, g, request, url_for
from flask_limiter import Limiter
from werkzeug.exceptions import HTTPException, UnprocessableEntity

from assistant import marking, messages
from assistant.domain import Citation, Document, Language, Nearest, Term, Turn, Validity
from assistant.errors import AssistantError, DocumentUnknown, IndexMismatch, IndexMissing, QuestionInvalid
from assistant.metrics import Metrics
from assistant.settings import Settings
from assistant.terms import entries, named

if TYPE_CHECKING:
    from assistant.assistant import Assistant

WEB = next(
    folder for folder in (Path(__file__).parent / "_web", Path(__file__).parent.parent / "web") if folder.is_dir()
)
"""Templates and static files: in the wheel beside the modules, in a checkout at the top."""

REOPEN_SECONDS = 2.0
"""How often a missing index is looked for."""


class Opening:
    """The assistant, opened when its index appears: a server started too early begins to serve by itself."""

    def __init__(self, assistant: Assistant | None, settings: Settings) -> None:
        self.settings = settings
        self._assistant = assistant
        self._fault: AssistantError | None = None
        self._tried = float("-inf")
        self._lock = threading.Lock()

    def get(self) -> Assistant:
        """The assistant. Raises IndexMissing or IndexMismatch as long as there is none to open."""
        if self._assistant is not None:
            return self._assistant
        with self._lock:
            if self._assistant is None and time.monotonic() - self._tried >= REOPEN_SECONDS:
                self._try()
            if self._assistant is None:
                assert self._fault is not None
                raise self._fault
            return self._assistant

    def _try(self) -> None:
        from assistant.assistant import Assistant

        try:
            self._assistant = Assistant.open(self.settings)
        except (IndexMissing, IndexMismatch) as fault:
            self._fault = fault
        self._tried = time.monotonic()


def current_assistant() -> Assistant:
    """The assistant behind this app. Raises IndexMissing or IndexMismatch, which the app answers with 503."""
    return cast(Opening, current_app.extensions["assistant"]).get()


def current_settings() -> Settings:
    """The settings that the app was made with."""
    return cast(Settings, current_app.config["SETTINGS"])


def current_metrics() -> Metrics:
    """The measures of this app."""
    return cast(Metrics, current_app.extensions["metrics"])


def language() -> Language:
    """The language of this request's page."""
    return cast(Language, g.get("language", "fi"))


def translated(key: str, **values: Any) -> str:
    """A text of the catalogue in the language of this request."""
    return messages.text(language(), key, **values)


def texts(part: str) -> Mapping[str, Any]:
    """A table of the catalogue in the language of this request, for lists and for keys known at run time."""
    return cast(Mapping[str, Any], messages.texts(language())[part])


def carried() -> dict[str, str]:
    """The parts of the address that a link keeps."""
    values = {"kieli": language()} if language() != "fi" else {}
    return values | ({"upotus": "1"} if g.get("embedded") else {})


@cache
def fingerprint(filename: str) -> str:
    """Part of a static file's hash, put in its address so that a new version is fetched at once."""
    file = WEB / "static" / filename
    return hashlib.sha256(file.read_bytes()).hexdigest()[:10] if file.is_file() else "0"


def page_url(path: str) -> str:
    """A page's address that keeps the language."""
    values = carried()
    return f"{path}?{urlencode(values)}" if values else path


def language_url(other: str, path: str | None = None) -> str:
    """This page in another language; a `path` where the page stands at another address than was asked for."""
    path = path or request.path
    values = {name: value for name, value in request.args.items() if name not in ("kieli", "upotus")}
    values |= {name: value for name, value in carried().items() if name != "kieli"}
    if other != "fi":
        values["kieli"] = other
    return f"{path}?{urlencode(values)}" if values else path


def quoted_from(quoted: Iterable[Citation | Document]) -> str:
    """Whose words the quotes are: `summary` where all are our summaries', `original` where none is, else `both`."""
    kinds = {item.summary for item in quoted}
    return "both" if len(kinds) > 1 else "summary" if True in kinds else "original"


def by_document(citations: Iterable[Citation]) -> list[list[Citation]]:
    """The citations of each document together, in the order in which the documents are first cited.

    Those of our summary and those of the original page stand apart, for they are labelled so.
    """
    groups: dict[tuple[str, bool], list[Citation]] = {}
    for citation in citations:
        groups.setdefault((citation.document, citation.summary), []).append(citation)
    return list(groups.values())


def source_url(document: str, passage: str | None = None, quote: str | None = None, back: str | None = None) -> str:
    """The page of a source, at the quoted words where they are given; it leads `back` to that place of the chat."""
    anchor = "kohta" if passage or quote else None
    return url_for("chat.source", id=document, kohta=passage, lainaus=quote, paluu=back, _anchor=anchor)


def conversation_url(anchor: str | None = None) -> str | None:
    """The conversation on whose page the link to this one was pressed; None where the browser names none that is kept.

    Links do not carry it: whoever has the address of a conversation can read and erase it, and links get shared.
    """
    if "conversation" not in g:
        g.conversation = None
        path = urlsplit(request.referrer or "").path
        if found := re.fullmatch(r"/keskustelu/([\w-]+)", path):
            with suppress(AssistantError):
                current_assistant().conversation(found[1])
                g.conversation = found[1]
    return url_for("chat.conversation", id=g.conversation, _anchor=anchor) if g.conversation else None


def told_in_finnish(said: str, language: Language) -> tuple[str, str, str]:
    """Where a suggestion names a heading of the (Finnish) sources: what stands before it, the heading, what follows."""
    before, _, after = messages.texts(language)["answer"]["more"].partition("{heading}")
    if language == "fi" or not said.startswith(before) or not said.endswith(after):
        return said, "", ""
    end = len(said) - len(after)
    return before, said[len(before) : end], after


def standing(item: Citation | Nearest | Document) -> str:
    """How a source stands today, in words: in force, replaced when, dated when, or undated."""
    if item.validity is Validity.SUPERSEDED:
        since = item.superseded_since if not isinstance(item, Nearest) else None
        return translated("source.superseded_since", date=_day(since)) if since else translated("source.superseded")
    if item.validity is Validity.IN_FORCE:
        return translated("source.in_force")
    return translated("source.dated", date=_day(item.date)) if item.date else translated("source.undated")


def _day(date: str) -> str:
    return marking.day(date, language())


GLOSSARY_LINKS = 3
"""Most entries of the glossary to which a refusal links."""


def glossary_entries(turn: Turn) -> list[Term]:
    """The values and terms that the turn's question names, the longest names first."""
    known = entries(current_settings().corpus)
    asked = f"{turn.question} {turn.understood}"
    return named(asked, turn.answer.language, current_assistant().terms(), known)[:GLOSSARY_LINKS]


def passage_text(document: str, passage: str) -> str | None:
    """The passage's text as the index holds it now; None where it has gone since it was cited."""
    try:
        return next((p.text for p in current_assistant().passages(document) if p.id == passage), None)
    except DocumentUnknown:
        return None


class FieldInvalid(UnprocessableEntity):
    """A field of a form or of a JSON body has to be corrected; `field` names it."""

    def __init__(self, field: str, key: str, **values: Any) -> None:
        super().__init__(translated(key, field=field, **values))
        self.field = field


FEEDBACK_REASONS = ("wrong", "outdated", "incomplete", "off_point", "unclear", "other")
COMMENT_LIMIT = 1000
"""Longest comment of a feedback, in characters."""


def valid_question(text: str) -> str:
    """The question without outer spaces. Raises FieldInvalid when it is empty or too long."""
    question, limit = text.strip(), current_settings().question_limit
    if not question:
        raise FieldInvalid("question", "chat.empty")
    if len(question) > limit:
        raise FieldInvalid("question", "chat.too_long", length=len(question), limit=limit)
    return question


def ask(text: str, conversation: str | None, as_typed: bool = False) -> Turn:
    """Asks the assistant and counts the outcome. Raises FieldInvalid and ConversationUnknown."""
    question = valid_question(text)
    started = time.perf_counter()
    try:
        turn = current_assistant().ask(question, conversation, as_typed=as_typed)
    except QuestionInvalid:  # the assistant may count characters after normalising
        raise FieldInvalid("question", "chat.empty") from None
    current_metrics().answered(turn, time.perf_counter() - started)
    return turn


def give_feedback(turn: str, helped: bool, reason: str, comment: str) -> None:
    """Stores feedback on a turn. Raises FieldInvalid, or ConversationUnknown when the turn has gone."""
    if reason and reason not in FEEDBACK_REASONS:
        raise FieldInvalid("reason", "feedback.reason_unknown", reasons=", ".join(FEEDBACK_REASONS))
    if len(comment) > COMMENT_LIMIT:
        raise FieldInvalid("comment", "feedback.comment_long", limit=COMMENT_LIMIT)
    current_assistant().feedback(turn, helped, reason, comment.strip())
    current_metrics().feedback.labels("yes" if helped else "no", reason).inc()


def error_words(status: int) -> Mapping[str, str]:
    """The `title` and `text` of an error; a status without words of its own has those of its class."""
    errors = texts("error")
    return cast(Mapping[str, str], errors.get(str(status)) or errors["500" if status >= 500 else "400"])


def error_text(status: int, error: Exception) -> str:
    """What happened and what to do next, in the language of this request."""
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return error_words(status)["text"].format(seconds=_seconds_to_wait())
    if isinstance(error, HTTPException) and error.description and error.description != type(error).description:
        return error.description
    return error_words(status)["text"]


def _seconds_to_wait() -> int:
    limiter: Limiter = next(iter(current_app.extensions["limiter"]))
    return max(1, math.ceil(limiter.current_limit.reset_at - time.time())) if limiter.current_limit else 60
