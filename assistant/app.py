"""The web app: joins the chat pages, the JSON interface and the pages of other modules, and guards them all."""

from __future__ import annotations

import importlib.util
import secrets
from importlib import import_module
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, g, request
from flask.json.provider import DefaultJSONProvider
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from werkzeug.exceptions import Forbidden, HTTPException, ServiceUnavailable
from werkzeug.middleware.proxy_fix import ProxyFix

from assistant import api, chat, errors, marking, messages, web, wordsearch
from assistant.metrics import Metrics
from assistant.settings import Settings

if TYPE_CHECKING:
    from assistant.assistant import Assistant

BODY_LIMIT = 64 * 1024
"""Bytes of a request: the longest question percent-encoded by a form, with room to spare."""

NAVIGATION = {
    "/": "chat",
    "/arvot": "arvot",
    "/sanasto": "sanasto",
    "/aikajana": "aikajana",
    "/perehdytys": "perehdytys",
    "/tietoa": "tietoa",
}
"""Pages of the header, and their names in the catalogues; shown where some module brings them."""

OPTIONAL_PARTS = ("assistant.pages", "assistant.editors", "assistant.embed", "assistant.contact")
"""Modules that bring more pages, each as its `blueprint`."""

RATE_LIMITED = (
    *("chat.ask", "chat.feedback", "chat.forget", "chat.save", "contact.send"),
    *("api.ask", "api.search", "api.feedback"),
)
OPEN_WHILE_CLOSED = ("static", "api.health", "api.metrics", "api.openapi")


class _Json(DefaultJSONProvider):
    """JSON as it reads best: fields in their own order, and letters as letters."""

    sort_keys = False
    ensure_ascii = False


def create_app(assistant: Assistant | None, settings: Settings) -> Flask:
    """The Flask app. Without an assistant it answers 503 until `assistant build` has made an index."""
    app = Flask(__name__, template_folder=str(web.WEB / "templates"), static_folder=str(web.WEB / "static"))
    app.config.update(
        MAX_CONTENT_LENGTH=BODY_LIMIT,
        MAX_FORM_MEMORY_SIZE=BODY_LIMIT,
        SECRET_KEY=settings.secret or secrets.token_hex(32),
        SEND_FILE_MAX_AGE_DEFAULT=86400,
        SESSION_COOKIE_SAMESITE="Strict",
        SETTINGS=settings,
    )
    app.json = _Json(app)
    if settings.trusted_proxies > 0:  # only the asker's address: what else a proxy says is not believed
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.trusted_proxies, x_proto=0)  # type: ignore[method-assign]  # as Flask's own documents do it
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions["assistant"] = web.Opening(assistant, settings)
    app.extensions["metrics"] = Metrics()

    app.register_blueprint(chat.blueprint)
    app.register_blueprint(api.blueprint)
    for part in OPTIONAL_PARTS:
        if importlib.util.find_spec(part):
            app.register_blueprint(import_module(part).blueprint)

    _add_language(app)
    _add_template_words(app, settings)
    _add_guards(app, settings)
    _add_errors(app)
    return app


def _add_language(app: Flask) -> None:
    """The language and the embedded frame travel in the address (`kieli`, `upotus`): visitors get no cookies."""

    @app.before_request
    def read_language() -> None:
        asked = request.args.get("kieli")
        g.language = asked if asked in messages.LANGUAGES else "fi"
        g.embedded = request.args.get("upotus") == "1"

    @app.url_defaults
    def keep_language(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static":
            values.setdefault("v", web.fingerprint(values["filename"]))
            return
        for name, value in web.carried().items():
            values.setdefault(name, value)


def _add_template_words(app: Flask, settings: Settings) -> None:
    paths = {rule.rule for rule in app.url_map.iter_rules()}
    navigation = [(path, name) for path, name in NAVIGATION.items() if path in paths]

    app.add_template_filter(lambda date: marking.day(date, web.language()), "day")
    app.add_template_filter(lambda time: marking.moment(time, web.language()), "moment")
    app.add_template_filter(web.standing, "standing")
    app.add_template_filter(web.by_document, "by_document")
    app.add_template_filter(web.quoted_from, "quoted_from")
    app.add_template_filter(web.told_in_finnish, "told_in_finnish")
    app.add_template_filter(chat.file_name, "file_name")
    app.add_template_filter(marking.blocks, "blocks")
    app.add_template_filter(marking.answer_blocks, "answer_blocks")
    app.add_template_filter(marking.quoted_blocks, "quoted_blocks")
    app.add_template_filter(wordsearch.alternatives, "alternatives")
    app.add_template_global(web.glossary_entries, "glossary_entries")
    app.add_template_global(web.translated, "t")
    app.add_template_global(messages.text, "text_in")
    app.add_template_global(web.texts, "texts")
    app.add_template_global(web.page_url, "page_url")
    app.add_template_global(web.language_url, "language_url")
    app.add_template_global(web.source_url, "source_url")
    app.add_template_global(web.conversation_url, "conversation_url")
    app.add_template_global(web.passage_text, "passage_text")

    @app.context_processor
    def words() -> dict[str, Any]:
        return {
            "language": web.language(),
            "languages": messages.LANGUAGES,
            "embedded": g.get("embedded", False),
            "city": settings.city,
            "contact": settings.contact,
            "settings": settings,
            "navigation": navigation,
            "feedback_reasons": web.FEEDBACK_REASONS,
        }


def _add_guards(app: Flask, settings: Settings) -> None:
    limiter = Limiter(get_remote_address, app=app, storage_uri="memory://", headers_enabled=True)
    limited: Any = limiter.shared_limit(settings.rate_limit, scope="questions")
    app.view_functions.update({endpoint: limited(app.view_functions[endpoint]) for endpoint in RATE_LIMITED})

    @app.before_request
    def stay_closed() -> None:
        if settings.closed and request.endpoint not in OPEN_WHILE_CLOSED and request.blueprint != "editors":
            raise ServiceUnavailable(settings.closed)

    @app.before_request
    def refuse_foreign_forms() -> None:
        if request.method == "POST" and request.headers.get("Sec-Fetch-Site") == "cross-site":
            raise Forbidden

    ancestors = f"'self' {settings.frame_ancestors}".strip()
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors "
    )

    @app.after_request
    def add_headers(response: Response) -> Response:
        framing = ancestors if g.get("embedded") else "'none'"  # only the compact page may stand in a frame
        response.headers.setdefault("Content-Security-Policy", policy + framing)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"
        return response


def _add_errors(app: Flask) -> None:
    """Errors are problem+json for the interface and pages in plain words for people."""

    def answered(status: int, error: Exception) -> Response:
        web.current_metrics().errors.labels(str(status)).inc()
        is_interface = request.path.startswith(api.PATHS)
        response = api.problem(status, error) if is_interface else chat.error_page(status, error)
        if isinstance(error, HTTPException):
            response.headers.extend((name, value) for name, value in error.get_headers() if name != "Content-Type")
        if status == 503:
            response.headers["Retry-After"] = "30"
        return response

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        return answered(error.code or 500, error)

    @app.errorhandler(errors.IndexMissing)
    @app.errorhandler(errors.IndexMismatch)
    @app.errorhandler(errors.StorageError)
    def unavailable(error: errors.AssistantError) -> Response:
        return answered(503, error)

    @app.errorhandler(errors.DocumentUnknown)
    @app.errorhandler(errors.ConversationUnknown)
    def unknown(error: errors.AssistantError) -> Response:
        return answered(404, error)

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        app.logger.exception("Unexpected error at %s", request.endpoint)
        return answered(500, error)
