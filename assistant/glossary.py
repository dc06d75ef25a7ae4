"""Finnish words for a Swedish or English question."""

from __future__ import annotations

from assistant.domain import Language
from assistant.finnish import words
from assistant.phrases import YEAR
from assistant.wordlists import lexicon

_ENDINGS = {
    "sv": (
        "ernas",
        "arnas",
        "ornas",
        "erna",
        "arna",
        "orna",
        "ens",
        "ets",
        "ar",
        "er",
        "or",
        "en",
        "et",
        "an",
        "na",
        "n",
        "t",
        "s",
        "a",
    ),
    "en": ("'s", "s'", "ies", "es", "s"),
}


def finnish_terms(text: str, language: Language) -> str:
    """The Finnish words of the glossary for a Swedish or English text, in its order."""
    if language == "fi":
        return ""
    low = [word.lower() for word in words(text.replace("-", " "))]
    found: dict[str, None] = {}
    index = 0
    while index < len(low):
        size = next((n for n in range(min(6, len(low) - index), 0, -1) if entry(low[index : index + n], language)), 0)
        if size == 1 and low[index] == "var" and index > 0:
            pass  # Swedish "was"
        elif size:
            found[entry(low[index : index + size], language) or ""] = None
        elif YEAR.fullmatch(low[index]):
            found[low[index]] = None
        index += size or 1
    return " ".join(found)


def entry(part: list[str], language: Language) -> str | None:
    glossary = lexicon().glossary[language]
    if (exact := glossary.get(tuple(part))) is not None:
        return exact
    *before, last = part
    for ending in _ENDINGS[language]:
        if last.endswith(ending) and len(last) - len(ending) > 2:
            stem = last[: -len(ending)]
            for tried in (stem, stem + "a", stem + "e", stem + "y"):
                if (found := glossary.get((*before, tried))) is not None:
                    return found
    return None


def searched(understood: str, language: Language, years: tuple[str, ...]) -> str:
    """What is embedded and searched: with the year of "viime vuonna", and with the Finnish terms of a foreign
    question."""
    missing = [f"vuonna {year}" for year in years if year not in understood]
    return " ".join(filter(None, (understood, finnish_terms(understood, language), *missing)))
