"""Searching a page by words: any inflected form finds the word, and a part of a compound finds the compound.

The server and the script filter by the same rule. A page gives the script what each item holds (`searchable`), and the
script asks for the base forms of what was typed (`alternatives`), which only the server knows.
"""

from __future__ import annotations

from assistant.finnish import STOP_TERMS, analyser, words


def base_forms(word: str) -> tuple[str, ...]:
    """The base forms of a word as a whole, without those of its parts."""
    found, parts = analyser().terms(word), analyser().parts(word)
    return tuple(term for term in found if term not in parts) or found


def searchable(text: str) -> str:
    """The text in lower case, followed by the base forms and the parts of compounds that it does not show."""
    low = text.lower()
    forms = dict.fromkeys(term for word in words(text) for term in analyser().terms(word))
    return " ".join([low, *(term for term in forms if term not in low)])


def alternatives(wanted: str) -> list[list[str]]:
    """For each word of a search the forms of which an item has to hold one; function words do not count."""
    found = [[word.lower(), *base_forms(word)] for word in words(wanted)]
    telling = [forms for forms in found if not STOP_TERMS.intersection(forms)]
    return [list(dict.fromkeys(forms)) for forms in telling or found]


def fits(wanted: str, searched: str) -> bool:
    """Whether an item that holds `searched` is found: it has the words as they were typed, or a form of each."""
    found = alternatives(wanted)
    return wanted in searched or (bool(found) and all(any(form in searched for form in forms) for forms in found))
