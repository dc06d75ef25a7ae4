"""The web app: joins the chat page, the JSON interface and the pages of other modules, and guards them all."""

from __future__ import annotations

import hashlib
import importlib.util
import secrets
import threading
import time
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import Flask, Response, current_app, g, render_template, request, url_for
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from werkzeug.exceptions import Forbidden, HTTPException, ServiceUnavailable

from assistant import api, chat, marking, messages
from assistant.errors import AssistantError, IndexMismatch, IndexMissing
from assistant.metrics import Metrics
from assistant.settings import Settings

if TYPE_CHECKING:
    from assistant.assistant import Assistant

WEB = next(
    folder for folder in (Path(__file__).parent / "_web", Path(__file__).parent.parent / "web") if folder.is_dir()
)

BODY_LIMIT = 64 * 1024
"""Bytes of a request: the longest question in four-byte characters, percent-encoded by a form, with room to spare."""

REOPEN_SECONDS = 2.0
"""How often a missing index is looked for; opening is cheap while it is missing."""

NAVIGATION = (
    ("/", "chat"),
    ("/arvot", "arvot"),
    ("/sanasto", "sanasto"),
    ("/aikajana", "aikajana"),
    ("/perehdytys", "perehdytys"),
    ("/tietoa", "tietoa"),
)
OPTIONAL_PARTS = ("assistant.pages", "assistant.editors")
"""Modules that bring more pages, each with a `blueprint`."""

RATE_LIMITED = ("chat.ask", "chat.feedback", "chat.forget", "api.ask", "api.search", "api.feedback")
OPEN_WHILE_CLOSED = ("static", "api.health", "api.metrics", "api.openapi")


def create_app(assistant: Assistant | None, settings: Settings) -> Flask:
    """The Flask app. Without an assistant it answers 503 until `assistant build` has made an index."""
    app = Flask(__name__, template_folder=str(WEB / "templates"), static_folder=str(WEB / "static"))
    app.config.update(
        MAX_CONTENT_LENGTH=BODY_LIMIT,
        MAX_FORM_MEMORY_SIZE=BODY_LIMIT,
        SECRET_KEY=settings.secret or secrets.token_hex(32),
        SEND_FILE_MAX_AGE_DEFAULT=86400,
        SESSION_COOKIE_SAMESITE="Strict",
        SETTINGS=settings,
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions["assistant"] = Opening(assistant, settings)
    app.extensions["metrics"] = Metrics()

    app.register_blueprint(chat.blueprint)
    app.register_blueprint(api.blueprint)
    for part in OPTIONAL_PARTS:
        if importlib.util.find_spec(part):
            app.register_blueprint(import_module(part).blueprint)

    _add_language(app)
    _add_template_words(app, settings)
    _add_guards(app, settings)
    _add_errors(app, settings)
    return app


def _add_language(app: Flask) -> None:
    """The language and the embedded frame travel in the address (`kieli`, `upotus`): visitors get no cookies."""

    @app.before_request
    def read_language() -> None:
        asked = request.values.get("kieli", "") if request.mimetype != "application/json" else request.args.get("kieli")
        g.language = asked if asked in messages.LANGUAGES else "fi"
        g.embedded = request.args.get("upotus") == "1"

    @app.url_defaults
    def keep_language(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static":
            values.setdefault("v", fingerprint(values["filename"]))
        elif g:
            values |= {name: value for name, value in carried().items() if name not in values}


def _add_template_words(app: Flask, settings: Settings) -> None:
    paths = {rule.rule for rule in app.url_map.iter_rules()}
    navigation = [(path, name) for path, name in NAVIGATION if path in paths]

    app.template_filter("day")(lambda date: marking.day(date, g.language))
    app.template_filter("marked")(lambda item: marking.marked(item.quote, item.span))
    app.template_global("t")(translated)
    app.template_global("page_url")(page_url)
    app.template_global("language_url")(language_url)
    app.template_global("source_url")(source_url)

    @app.context_processor
    def words() -> dict[str, Any]:
        return {
            "language": g.get("language", "fi"),
            "languages": messages.LANGUAGES,
            "embedded": g.get("embedded", False),
            "city": settings.city,
            "contact": settings.contact,
            "navigation": navigation,
            "settings": settings,
        }


def _add_guards(app: Flask, settings: Settings) -> None:
    limiter = Limiter(get_remote_address, app=app, storage_uri="memory://", headers_enabled=True)
    limited = limiter.shared_limit(settings.rate_limit, scope="questions")
    for endpoint in RATE_LIMITED:
        app.view_functions[endpoint] = limited(app.view_functions[endpoint])

    @app.before_request
    def stay_closed() -> None:
        if settings.closed and request.endpoint not in OPEN_WHILE_CLOSED and request.blueprint != "editors":
            raise ServiceUnavailable(settings.closed)

    @app.before_request
    def refuse_foreign_forms() -> None:
        if request.method == "POST" and request.headers.get("Sec-Fetch-Site") == "cross-site":
            raise Forbidden()

    ancestors = " ".join(("'self'", settings.frame_ancestors)).strip()
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        f"frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
    )

    @app.after_request
    def add_headers(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"
        return response


def _add_errors(app: Flask) -> None:
    """Errors as problem+json for the interface (RFC 9457) and as pages in plain words for people."""

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        if error.response is not None:
            return cast(Response, error.response)
        return _error_response(error.code or 500, error)

    @app.errorhandler(IndexMissing)
    @app.errorhandler(IndexMismatch)
    def no_index(error: AssistantError) -> Response:
        return _error_response(503, error)

    @app.errorhandler(DocumentUnknown)
    @app.errorhandler(ConversationUnknown)
    def unknown(error: AssistantError) -> Response:
        return _error_response(404, error)

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        app.logger.exception("Unexpected error at %s", request.endpoint)
        return _error_response(500, error)


def _error_response(status: int, error: Exception) -> Response:
    web.current_metrics().errors.labels(str(status)).inc()
    response = _problem(status, error) if request.path.startswith(("/api/", "/healthz")) else _error_page(status, error)
    response.headers.extend(error.get_headers_of_interest() if False else {})
    return response
