"""The catalogues: the same texts in every language."""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from assistant.messages import LANGUAGES, text, texts


def flat(part: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in part.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{path}{key}.")
        else:
            yield f"{path}{key}", value


def placeholders(value: Any) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(value) if name} if isinstance(value, str) else set()


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "fi"])
def test_every_language_has_the_same_texts_with_the_same_placeholders(language: Any) -> None:
    finnish = {key: placeholders(value) for key, value in flat(texts("fi"))}
    other = {key: placeholders(value) for key, value in flat(texts(language))}
    assert other == finnish


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_empty(language: Any) -> None:
    assert [key for key, value in flat(texts(language)) if not value] == []


def test_placeholders_are_filled() -> None:
    assert text("fi", "source.mark", number=3) == "Lähde 3"
