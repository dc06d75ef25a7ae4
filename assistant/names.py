"""The named things that an answer has to speak of."""

from __future__ import annotations

import re

from assistant.asking import TITLE_YEAR
from assistant.domain import Language
from assistant.finnish import words
from assistant.glossary import entry
from assistant.morphology import PARTITIVE, Reading, nouns, readings
from assistant.phrases import YEAR
from assistant.vocabulary import Vocabulary
from assistant.wordlists import Lexicon, lexicon

CITY = "heinola"


_DATE = re.compile(r"\b\d{1,2}\.\s?\d{1,2}\.(?:\s?\d{4})?")
_LABEL = re.compile(r"(?<![\d.,])(\d+[A-Za-zÅÄÖ])\b|(§\s?\d+)|\b(\d+)\s?§")


def names_of(text: str, vocabulary: Vocabulary, language: Language) -> tuple[str, ...]:
    """Base forms of persons, bodies, programmes, places and abbreviations, and the dates, labels and figures; not the
    city."""
    found: dict[str, None] = {}
    for match in _DATE.finditer(text):
        found[match[0].replace(" ", "")] = None
    for match in _LABEL.finditer(_DATE.sub(" ", text)):
        found[(match[1] or match[2] or f"§{match[3]}").replace(" ", "").lower()] = None
    for match in TITLE_YEAR.finditer(text):
        found[match[1]] = None
    rest = _LABEL.sub(" ", _DATE.sub(" ", text))
    tokens = words(rest)
    asked = _asked_position(tokens)
    for index, word in enumerate(tokens):
        if index == asked and word.islower() and not {r.base.lower() for r in readings(word)} & set(vocabulary.names):
            continue
        if word[0].isdigit():
            if len(word) > 1 and not YEAR.search(word):
                found[word] = None
        elif name := _name_of(word, index == 0 or tokens[index - 1][-1:] in ".?!", vocabulary, language):
            found[name] = None
    return tuple(found)


def _asked_position(tokens: list[str]) -> int:
    """Where the noun stands that is asked for (mikä konsulttiyhtiö, montako lautakuntaa): no answer has to repeat
    it."""
    for index, word in enumerate(tokens[:-1]):
        asking = {(r.base, r.case) for r in readings(word.lower())}
        bases = {base for base, _ in asking}
        counted = word.lower() in ("montako", "paljonko", "monta", "paljon", "moniko")
        if not counted and not bases & {"mikä", "millainen", "kumpi"}:
            continue
        cases = {PARTITIVE} if counted else {case for _, case in asking}
        if any(r.case in cases for r in nouns(tokens[index + 1].lower())):
            return index + 1
    return -1


def _name_of(word: str, first: bool, vocabulary: Vocabulary, language: Language) -> str | None:
    low = word.lower()
    lists = lexicon()
    if low in lists.language_words["fi"] or low in lists.language_words[language]:
        return None
    if language != "fi" and entry([low], language):
        return None
    found = readings(word)
    bases = {r.base.lower() for r in found} or {_bare(low, vocabulary)}
    if bases & {CITY, f"{CITY}lainen"} or (not found and low.startswith(CITY) and "-" not in low):
        return None
    capital = word[:1].isupper() and not first
    proper = [r.base.lower() for r in found if r.name]
    if proper and (capital or len(proper) == len(found) or proper[0] in vocabulary.names):
        return proper[0]
    if known_name := next((base for base in sorted(bases) if base in vocabulary.names), None):
        return known_name
    if (word.isupper() and len(word) > 1) or capital:
        return next((r.base.lower() for r in found if r.case), min(bases))
    return _body_or_programme(found, lists) if language == "fi" else None


def _body_or_programme(found: tuple[Reading, ...], lists: Lexicon) -> str | None:
    for reading in found:
        base = reading.base.lower()
        if reading.kind != "nimisana":
            continue
        if base in lists.bodies or (
            reading.compound and (reading.last in lists.bodies or reading.last in lists.programmes)
        ):
            return base
    return None


def _bare(word: str, vocabulary: Vocabulary) -> str:
    """An unknown word without the ending that hides a word of the corpus (FCG:n, VARDAan)."""
    head = word.partition(":")[0]
    if head != word or word in vocabulary.counts:
        return head
    for ending in (
        "ssa",
        "ssä",
        "sta",
        "stä",
        "lla",
        "llä",
        "lle",
        "lta",
        "ltä",
        "aan",
        "iin",
        "oon",
        "uun",
        "an",
        "in",
        "n",
        "a",
        "ä",
    ):
        stem = word.removesuffix(ending)
        if stem != word and len(stem) > 2:
            tried = (stem, stem + ending[0]) if ending[0] == ending[1:2] else (stem,)
            if found := next((t for t in tried if vocabulary.begins(t)), None):
                return found
    return word
