"""What the program itself says, from one catalogue a language (`texts/<language>.toml`)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, get_args

from assistant.domain import Language

LANGUAGES: tuple[Language, ...] = get_args(Language)


@cache
def texts(language: Language) -> Mapping[str, Any]:
    """The whole catalogue of a language: a mapping for each part (`[chat]`, `[answer]`...)."""
    catalogue = files("assistant").joinpath("texts", f"{language}.toml").read_text(encoding="utf-8")
    return MappingProxyType(tomllib.loads(catalogue))


def text(language: Language, key: str, **values: Any) -> str:
    """The text under a dotted key, `chat.title`, with its `{placeholders}` filled."""
    found: Any = texts(language)
    for part in key.split("."):
        found = found[part]
    if "contact" in values:
        values["contact"] = _place(str(values["contact"]), language)
    return str(found).format(**values) if values else str(found)


def _place(contact: str, language: Language) -> str:
    """Where people are sent, with the Finnish word for a service point said in the language; names stay as they are."""
    return contact.replace(texts("fi")["page"]["service_point"], texts(language)["page"]["service_point"])
