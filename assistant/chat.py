"""The pages of the chat: the conversation, what can be done with an answer, and the sources it stands on.

Every form works without JavaScript: what is posted leads on to the page of the conversation, whose address nobody can
guess, so that going back, reloading and a bookmark find it there. Only what has to be corrected is answered in place.
The script posts the same forms and asks for the part it needs (`X-Part: turn` or `feedback`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound, RequestEntityTooLarge
from werkzeug.wrappers import Response as AnyResponse

from assistant import marking, messages, web
from assistant.corpus import document_hash, text_hash
from assistant.domain import Citation, Document, Passage, Turn
from assistant.errors import (
    ConversationExpired,
    ConversationUnknown,
    DocumentUnknown,
    IndexMismatch,
    IndexMissing,
    StorageError,
)
from assistant.marking import HELSINKI, Block, Range
from assistant.web import FieldInvalid, current_assistant, translated

FILE_NAME_LENGTH = 60
"""Characters of the question in the name of a saved answer."""

ROLES = ("asukas", "tyontekija", "valtuutettu")

blueprint = Blueprint("chat", __name__)


@dataclass(frozen=True)
class Draft:
    """What stands in the forms of the page: typed text and what has to be corrected in it."""

    question: str = ""
    fault: str = ""
    notice: str = ""
    feedback: Mapping[str, Any] = field(default_factory=dict)
    """Of the one turn whose feedback form was just sent: `turn`, and `fault` or `thanks`."""


@dataclass(frozen=True)
class MarkedPassage:
    """A passage of the source page; `wanted` where the answer stands on it."""

    id: str
    wanted: bool
    blocks: list[Block]


@dataclass(frozen=True)
class Section:
    """A heading of the source page with its passages."""

    heading: str
    passages: list[MarkedPassage]


@blueprint.get("/")
def page() -> str:
    """The chat with nothing asked yet; a link may fill the question in (`?kysymys=`)."""
    notice = translated("chat.forgotten") if "poistettu" in request.args else ""
    return _chat_page([], Draft(question=request.args.get("kysymys", ""), notice=notice))


@blueprint.get("/keskustelu/<id>")
def conversation(id: str) -> Response:
    """A conversation at its own address: whoever has the address may read, continue and erase it."""
    try:
        turns = current_assistant().conversation(id)
    except ConversationUnknown as gone:
        status = 410 if isinstance(gone, ConversationExpired) else 404
        return make_response(_chat_page([], Draft(notice=translated("chat.gone"))), status)
    began = "uusi" in request.args and len(turns) == 1
    thanked = {"turn": request.args["kiitos"], "thanks": True} if "kiitos" in request.args else {}
    draft = Draft(notice=translated("chat.conversation_new") if began else "", feedback=thanked)
    response = make_response(_chat_page(turns, draft))
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@blueprint.post("/")
def ask() -> AnyResponse:
    """Answers the question of the form and leads on to the page of the conversation."""
    conversation, text = request.form.get("conversation") or None, request.form.get("question", "")
    try:
        turn, began = _asked(text, conversation, as_typed="as_typed" in request.form)
    except FieldInvalid as invalid:
        if _wants("turn"):
            raise
        draft = Draft(question=text, fault=str(invalid.description))
        return make_response(_chat_page(_turns(conversation), draft), invalid.code)
    notice = translated("chat.conversation_new") if began else ""
    kept = _turns(turn.conversation)
    stored = turn in kept
    if _wants("turn"):
        return make_response(render_template("turn.html", turn=turn, draft=Draft(), notice=notice, stored=stored))
    if not stored:  # a disk that cannot be written costs the address, not the answer
        return make_response(_chat_page([*kept, turn], Draft(notice=notice)))
    anchor = f"kysymys-{turn.id}"
    return redirect(url_for("chat.conversation", id=turn.conversation, uusi=int(began) or None, _anchor=anchor), 303)


@blueprint.post("/palaute")
def feedback() -> AnyResponse:
    """Stores feedback on an answer and thanks in its place."""
    form = request.form
    conversation, turn, helped = form.get("conversation", ""), form.get("turn", ""), form.get("helped")
    said: dict[str, Any] = {"turn": turn, "typed": form}
    status = 200
    try:
        if helped not in ("yes", "no"):
            raise FieldInvalid("helped", "feedback.choose")
        web.give_feedback(turn, helped == "yes", form.get("reason", ""), form.get("comment", ""))
        said["thanks"] = True
    except FieldInvalid as invalid:
        said["fault"], said["field"] = invalid.description, invalid.field
        status = invalid.code or 422
    except ConversationUnknown:
        raise NotFound(translated("feedback.turn_unknown")) from None
    draft = Draft(feedback=said)
    if _wants("feedback"):
        part = render_template("feedback.html", turn_id=turn, conversation=conversation, draft=draft)
        return make_response(part, status)
    if "thanks" in said and conversation:
        return redirect(url_for("chat.conversation", id=conversation, kiitos=turn, _anchor=f"palaute-{turn}"), 303)
    return make_response(_chat_page(_turns(conversation), draft), status)


@blueprint.post("/poista")
def forget() -> AnyResponse:
    """Erases the conversation from the service."""
    with suppress(ConversationUnknown):  # erased or expired already: what was asked for is true
        current_assistant().forget(request.form.get("conversation", ""))
    return redirect(url_for("chat.page", poistettu=1), 303)


@blueprint.post("/tallenna")
def save() -> Response:
    """The answer as a text file that stands on its own."""
    turns = _turns(request.form.get("conversation"))
    turn = next((turn for turn in turns if turn.id == request.form.get("turn")), None)
    if turn is None:
        raise NotFound(translated("feedback.turn_unknown"))
    now = datetime.now(UTC).isoformat(timespec="seconds")
    hashes = {citation.number: _hash(citation) for citation in turn.answer.citations}
    text = render_template("saved.txt", turn=turn, saved_at=now, hashes=hashes, about=current_assistant().about())
    response = Response(text, mimetype="text/plain")
    response.headers["Content-Disposition"] = f"attachment; filename={file_name(turn)}"
    return response


def file_name(turn: Turn) -> str:
    """The name of the saved answer: what was asked, and when; letters that every file system and header takes."""
    asked = unicodedata.normalize("NFKD", turn.question.lower()).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z0-9]+", asked)
    while len("-".join(words)) > FILE_NAME_LENGTH:
        words.pop()
    time = datetime.fromisoformat(turn.asked_at).astimezone(HELSINKI)
    return "-".join([messages.text(turn.answer.language, "saved.filename"), *words, f"{time:%Y-%m-%d-%H%M}"]) + ".txt"


@blueprint.get("/lahde/<id>")
def source(id: str) -> str:
    """A source with the quoted words marked, how it stands today, and what else speaks of the same."""
    assistant = current_assistant()
    document = assistant.document(id)
    wanted, quote = request.args.get("kohta", ""), request.args.get("lainaus", "")
    passages = assistant.passages(id)
    summary = [passage for passage in passages if not document.in_original(passage.start)]
    quoted = [passage for passage in passages if document.in_original(passage.start) and _quotes(passage, quote)]
    if any(passage.id == wanted for passage in quoted) or not any(quote in passage.text for passage in summary):
        original = _sections([p for p in quoted if p.id == wanted] or quoted[:1], wanted, quote)
    else:
        original = []
    sections = _sections(summary, "" if original else wanted, "" if original else quote)
    found = any(passage.wanted for section in [*sections, *original] for passage in section.passages)
    return render_template(
        "source.html",
        document=document,
        sections=sections,
        original=original,
        found=found,
        asked_for=bool(wanted or quote),
        replaces=_known(document.supersedes),
        replaced_by=_known(document.superseded_by),
        related=assistant.related(id),
        back=request.args.get("paluu", ""),
    )


def error_page(status: int, error: Exception) -> Response:
    """An error in plain words; what was typed can be sent again."""
    context = {
        "status": status,
        "title": web.error_words(status)["title"],
        "text": web.error_text(status, error),
        "command": isinstance(error, (IndexMissing, IndexMismatch)),
        "retry": _typed() if request.endpoint == "chat.ask" else None,
    }
    template = "error_part.html" if request.headers.get("X-Part") else "error.html"
    return make_response(render_template(template, **context), status)


def _typed() -> Mapping[str, str] | None:
    """The form that was sent; None where it is too large to be read."""
    try:
        return request.form
    except RequestEntityTooLarge:
        return None


def _chat_page(turns: list[Turn], draft: Draft) -> str:
    assistant = current_assistant()
    role = request.args.get("rooli")
    conversation = turns[-1].conversation if turns else ""
    return render_template(
        "chat.html",
        turns=turns,
        draft=draft,
        about=assistant.about(),
        roles=ROLES,
        role=role if role in ROLES else ROLES[0],
        conversation=conversation,
        here=f"/keskustelu/{conversation}" if conversation else "/",
    )


def _asked(text: str, conversation: str | None, as_typed: bool) -> tuple[Turn, bool]:
    """The turn, and whether the page's conversation had gone and a new one began."""
    try:
        return web.ask(text, conversation, as_typed), False
    except ConversationUnknown:
        return web.ask(text, None, as_typed), True


def _turns(conversation: str | None) -> list[Turn]:
    """The turns of a conversation; none where it has been erased, has expired or cannot be read."""
    try:
        return current_assistant().conversation(conversation) if conversation else []
    except (ConversationUnknown, StorageError):
        return []


def _wants(part: str) -> bool:
    return request.headers.get("X-Part") == part


def _hash(citation: Citation) -> str | None:
    """The hash of the text that was quoted, our summary or the original's, as the index holds it now."""
    try:
        document = current_assistant().document(citation.document)
    except DocumentUnknown:
        return None
    if citation.fetched_at is None:
        return document_hash(document)
    return text_hash(document.original_text) if document.original_text else None


def _known(ids: tuple[str, ...]) -> list[Document]:
    documents = {document.id: document for document in current_assistant().documents()}
    return [documents[id] for id in ids if id in documents]


def _quotes(passage: Passage, quote: str) -> bool:
    """Whether the quote is a sentence of the passage: of somebody else's page only that is shown which was quoted."""
    return any(sentence.text == quote for sentence in passage.sentences)


def _sections(passages: list[Passage], wanted: str, quote: str) -> list[Section]:
    """The passages under their headings.

    The quoted words count for more than a passage's id, which a new build may shift.
    """
    quoted = [passage.id for passage in passages if quote and quote in passage.text]
    if quoted:
        wanted = wanted if wanted in quoted else quoted[0]
    made = [
        (passage.heading, MarkedPassage(passage.id, passage.id == wanted, _marked(passage, wanted, quote)))
        for passage in passages
    ]
    return [Section(heading, [passage for _, passage in group]) for heading, group in groupby(made, key=itemgetter(0))]


def _marked(passage: Passage, wanted: str, quote: str) -> list[Block]:
    """The passage with the quote's words marked, or else all of it where it is the wanted one."""
    if passage.id != wanted:
        return marking.blocks(passage.text)
    start = passage.text.find(quote) if quote else -1
    mark = Range(start, start + len(quote), "span") if start >= 0 else Range(0, len(passage.text), "quote")
    return marking.blocks(passage.text, [mark])
