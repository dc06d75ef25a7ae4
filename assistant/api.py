"""The JSON interface: what `web/openapi.yaml` promises, and errors as problem+json (RFC 9457)."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import cache
from http import HTTPStatus
from typing import Any

import yaml
from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import BadRequest, NotFound, ServiceUnavailable, UnsupportedMediaType

from assistant import web
from assistant.corpus import document_hash, text_hash
from assistant.domain import Document, Hit, Turn
from assistant.errors import AssistantError, ConversationUnknown, DocumentUnknown, IndexMismatch, IndexMissing
from assistant.web import FieldInvalid, current_assistant, translated

PATHS = ("/api/", "/healthz", "/metrics")
"""Where errors are told to programs."""

BUILD_COMMAND = "assistant build"
SEARCH_LIMIT = 50

blueprint = Blueprint("api", __name__)


@blueprint.post("/api/chat")
def ask() -> Response:
    """Answers a question, in a conversation where one is given."""
    body = _json_object()
    question = _text(body, "question")
    conversation = _text(body, "conversation", required=False) or None
    try:
        turn = web.ask(question, conversation, as_typed=_boolean(body, "as_typed", default=False))
    except ConversationUnknown:
        raise NotFound(translated("error.conversation_unknown")) from None
    return jsonify(turn_json(turn))


@blueprint.get("/api/search")
def search() -> Response:
    """The passages nearest to a text, with their scores."""
    text = request.args.get("q", "")
    if not text.strip():
        raise FieldInvalid("q", "error.required")
    if len(text) > web.current_settings().question_limit:
        raise FieldInvalid("q", "chat.too_long", length=len(text), limit=web.current_settings().question_limit)
    hits = current_assistant().search(text, _limit())
    return jsonify({"query": text, "hits": [hit_json(hit) for hit in hits]})


@blueprint.get("/api/documents")
def documents() -> Response:
    """Every document, without its text."""
    return jsonify({"documents": [document_json(document) for document in current_assistant().documents()]})


@blueprint.get("/api/documents/<id>")
def document(id: str) -> Response:
    """A document with its text and its passages; the original page, which is somebody else's, is only quoted."""
    found = current_assistant().document(id)
    passages = [
        {"id": passage.id, "heading": passage.heading, "start": passage.start, "text": passage.text}
        for passage in current_assistant().passages(id)
        if not found.in_original(passage.start)
    ]
    return jsonify(document_json(found) | {"text": found.summary_text, "passages": passages})


@blueprint.get("/api/terms")
def terms() -> Response:
    """The values and terms."""
    return jsonify({"terms": [asdict(term) for term in current_assistant().terms()]})


@blueprint.get("/api/terms/<slug>")
def term(slug: str) -> Response:
    """One value or term."""
    found = next((term for term in current_assistant().terms() if term.slug == slug), None)
    if found is None:
        raise NotFound(translated("error.term_unknown"))
    return jsonify(asdict(found))


@blueprint.post("/api/feedback")
def feedback() -> tuple[str, int]:
    """Stores whether an answer helped."""
    body = _json_object()
    turn, helped = _text(body, "turn"), _boolean(body, "helped")
    reason, comment = _text(body, "reason", required=False), _text(body, "comment", required=False)
    try:
        web.give_feedback(turn, helped, reason, comment)
    except ConversationUnknown:
        raise NotFound(translated("feedback.turn_unknown")) from None
    return "", HTTPStatus.NO_CONTENT


@blueprint.get("/healthz")
def health() -> Response:
    """200 only when a question can be answered: the index is open and the model embeds."""
    if not current_assistant().ready():
        raise ServiceUnavailable
    return jsonify({"status": "ok"})


@blueprint.get("/metrics")
def metrics() -> Response:
    """Measures for Prometheus; served also while there is no index."""
    try:
        about = current_assistant().about()
    except (IndexMissing, IndexMismatch):
        about = None
    return Response(web.current_metrics().text(about), content_type="text/plain; version=0.0.4; charset=utf-8")


@blueprint.get("/api/openapi.json")
def openapi() -> Response:
    """The description of this interface (OpenAPI 3.1)."""
    return jsonify(openapi_document())


@cache
def openapi_document() -> dict[str, Any]:
    """The OpenAPI document as it stands in `web/openapi.yaml`."""
    document: dict[str, Any] = yaml.safe_load((web.WEB / "openapi.yaml").read_text(encoding="utf-8"))
    return document


def turn_json(turn: Turn) -> dict[str, Any]:
    """A turn as the interface gives it."""
    answer = turn.answer
    return {
        "conversation": turn.conversation,
        "turn": turn.id,
        "question": turn.question,
        "understood": turn.understood,
        "asked_at": turn.asked_at,
        "status": answer.status,
        "language": answer.language,
        "answer": answer.text,
        "confidence": round(answer.confidence, 4),
        "citations": [asdict(citation) for citation in answer.citations],
        "nearest": [asdict(near) for near in answer.nearest],
        "missing": list(answer.missing),
        "suggestions": list(answer.suggestions),
        "notice": turn.notice,
    }


def hit_json(hit: Hit) -> dict[str, Any]:
    """A hit with both legs' scores."""
    return {
        "passage": hit.passage.id,
        "document": hit.document.id,
        "title": hit.document.title,
        "url": hit.document.url,
        "date": hit.document.date,
        "validity": hit.document.validity,
        "heading": hit.passage.heading,
        "text": hit.passage.text,
        "summary": hit.document.summary and not hit.document.in_original(hit.passage.start),
        "score": round(hit.score, 6),
        "dense": round(hit.dense, 6),
        "lexical": round(hit.lexical, 6),
    }


def document_json(document: Document) -> dict[str, Any]:
    """A document without its text."""
    told = {name: value for name, value in asdict(document).items() if name not in ("text", "original_start")}
    return told | {
        "date": document.date,
        "validity": document.validity,
        "hash": document_hash(document),
        "original_hash": text_hash(document.original_text) if document.original_text else None,
    }


def problem(status: int, error: Exception) -> Response:
    """An error as problem+json; a field that has to be corrected and a command that mends are named."""
    body: dict[str, Any] = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    body["detail"] = _detail(status, error)
    if isinstance(error, FieldInvalid):
        body["errors"] = [{"field": error.field, "detail": error.description}]
    if isinstance(error, (IndexMissing, IndexMismatch)):
        body["command"] = BUILD_COMMAND
    return Response(json.dumps(body, ensure_ascii=False), status, mimetype="application/problem+json")


def _detail(status: int, error: Exception) -> str:
    if isinstance(error, DocumentUnknown):
        return translated("error.document_unknown")
    if isinstance(error, AssistantError):
        return str(error)
    return web.error_text(status, error)


def _json_object() -> dict[str, Any]:
    if request.mimetype != "application/json":
        raise UnsupportedMediaType(translated("error.wrong_type"))
    body = request.get_json(silent=True)
    if body is None:
        raise BadRequest(translated("error.not_json"))
    if not isinstance(body, dict):
        raise BadRequest(translated("error.not_object"))
    return body


def _text(body: dict[str, Any], field: str, required: bool = True) -> str:
    value = body.get(field)
    if value is None and not required:
        return ""
    if value is None:
        raise FieldInvalid(field, "error.required")
    if not isinstance(value, str):
        raise FieldInvalid(field, "error.not_text")
    return value


def _boolean(body: dict[str, Any], field: str, default: bool | None = None) -> bool:
    value = body.get(field, default)
    if value is None:
        raise FieldInvalid(field, "error.required")
    if not isinstance(value, bool):
        raise FieldInvalid(field, "error.not_boolean")
    return value


def _limit() -> int:
    written = request.args.get("limit", "10")
    if not (written.isascii() and written.isdigit() and 1 <= int(written[:6]) <= SEARCH_LIMIT):
        raise FieldInvalid("limit", "error.not_number", low=1, high=SEARCH_LIMIT)
    return int(written)
