"""What every view and page shares: the assistant behind the app, the language of the request, and addresses."""

from __future__ import annotations

import hashlib
import threading
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode

from flask import current_app, g, request, url_for

from assistant import messages
from assistant.domain import Language
from assistant.errors import AssistantError, IndexMismatch, IndexMissing
from assistant.metrics import Metrics
from assistant.settings import Settings

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
    return cast(Settings, current_app.config["SETTINGS"])


def current_metrics() -> Metrics:
    return cast(Metrics, current_app.extensions["metrics"])


def language() -> Language:
    """The language of this request's page."""
    return cast(Language, g.get("language", "fi"))


def translated(key: str, **values: Any) -> str:
    """A text of the catalogue in the language of this request."""
    return messages.text(language(), key, **values)


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
    values = carried()
    return f"{path}?{urlencode(values)}" if values else path


def language_url(other: str) -> str:
    """This page in another language."""
    values = {name: value for name, value in request.args.items() if name not in ("kieli", "upotus")}
    values |= {name: value for name, value in carried().items() if name != "kieli"}
    if other != "fi":
        values["kieli"] = other
    return f"{request.path}?{urlencode(values)}" if values else request.path


def source_url(document: str, passage: str | None = None, quote: str | None = None) -> str:
    """The page of a source, at the quoted words where they are given."""
    anchor = "kohta" if passage or quote else None
    return url_for("chat.source", id=document, kohta=passage, lainaus=quote, _anchor=anchor)


