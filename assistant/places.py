"""Other towns and countries in a question: beside the city, or in its stead."""

from __future__ import annotations

import re
from functools import cache

from assistant.finnish import words
from assistant.intents import plain
from assistant.morphology import GENITIVE, NOMINATIVE, Reading, readings
from assistant.vocabulary import Vocabulary
from assistant.wordlists import Lexicon, lexicon

CITY = "heinola"
_SHARED = re.compile(
    r"\b(?:hyvinvointialue|tyollisyysalue|paijat-hame|maakun|yhteisty|verkosto|kuntayhtym|seutu|seudu)\w*"
)
_TOWARDS = frozenset({"sisatulento", "ulkotulento", "sisaeronto", "ulkoeronto"})
"""Into, to, out of, from: the town is where something goes, not what is asked about."""
_TOWN_WORDS = frozenset(
    "kaupunki kunta kaupunginjohtaja kunnanjohtaja pormestari arvo strategia asukas asukasluku budjetti".split()
)


def places_of(text: str, vocabulary: Vocabulary) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Finnish names (lower case) of other places: those beside the city, then those that the question is about in its
    stead."""
    found = _mentions(text)
    if not found:
        return (), ()
    bare = plain(text)
    for _, typed, _ in found:  # "Lahden kaupungin", "the city of Turku" is not our city
        bare = re.sub(
            r"\b{0} kaupun\w+|\b(?:the )?city of {0}|\bstaden {0}".format(re.escape(plain(typed))),
            " ",
            bare,
        )
    ours = bool(lexicon().ours.search(re.sub(r"\b(?:mika|minka|missa|mitka) kaupun\w+", " ", bare)))
    shared = bool(_SHARED.search(bare))
    beside, foreign = [], []
    for name, _, case in found:
        known = vocabulary.lemmas[name] > 0
        if ours or (known and (shared or case in _TOWARDS)):
            beside.append(name)
        else:
            foreign.append(name)
    return tuple(dict.fromkeys(beside)), tuple(dict.fromkeys(foreign))


def _mentions(text: str) -> list[tuple[str, str, str]]:
    """Each place with the form it was typed in and its case."""
    lists = lexicon()
    tokens = words(text)
    found: list[tuple[str, str, str]] = []
    low = text.lower()
    found += [(lists.places[name], name, "") for name in _of_several_words() if name in low]
    for index, word in enumerate(tokens):
        if word[0].isdigit() or CITY in word.lower():
            continue
        if index and _first_name(tokens[index - 1]):
            continue
        place = _place(word, lists)
        if place is None:
            continue
        finnish, reading = place
        if _meant(word, index, tokens, reading, lists):
            found.append((finnish, word, reading.case if reading else ""))
    return found


@cache
def _of_several_words() -> tuple[str, ...]:
    """New York, S:t Michel: names that are not one word."""
    return tuple(name for name in lexicon().places if " " in name or ":" in name)


def _first_name(word: str) -> bool:
    """Jari, not Milloin (which is also a form of Milla)."""
    found = readings(word)
    return bool(found) and all(r.kind == "etunimi" and r.case == NOMINATIVE for r in found)


def _place(word: str, lists: Lexicon) -> tuple[str, Reading | None] | None:
    """The Finnish name of a place, and how the form was read where Voikko knows it."""
    for reading in readings(word):
        if reading.kind in ("paikannimi", "nimisana", "sukunimi") and reading.base.lower() in lists.places:
            return lists.places[reading.base.lower()], reading
    low = word.lower()
    for form in (low, low.removesuffix("'s"), low.removesuffix("s") if len(low) > 4 else low):
        if form in lists.places and (word[:1].isupper() or form not in lists.ambiguous_places):
            return lists.places[form], None
    return None


def _meant(word: str, index: int, tokens: list[str], reading: Reading | None, lists: Lexicon) -> bool:
    """Whether a word that is also a common word is meant as a place."""
    name = (reading.base if reading else word).lower()
    common = name in lists.ambiguous_places or any(
        r.kind not in ("paikannimi", "sukunimi", "etunimi") for r in readings(word)
    )
    if not common or (word[:1].isupper() and index > 0 and not word.isupper()):
        return True
    following = tokens[index + 1] if index + 1 < len(tokens) else ""
    if (
        reading
        and reading.case == GENITIVE
        and any(
            r.last in _TOWN_WORDS | lists.people_heads | lists.bodies | lists.programmes | lists.numeric_heads
            or r.base in _TOWN_WORDS
            for r in readings(following.lower())
        )
    ):
        return True
    return (
        any(r.kind == "paikannimi" for r in readings(word))
        and any(
            r.base.lower() in ("kuka", "mikä", "montako", "paljo", "milloin", "moni")
            for t in tokens[:2]
            for r in readings(t.lower())
        )
        and bool(reading)
        and (reading.case if reading else "") in ("sisaolento", "ulkoolento", "osanto")
        and name not in ("ii", "lahti", "oma")
    )
