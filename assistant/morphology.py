"""Finnish words as their forms say: readings (base, case, person, tense…) and forms made from a base.

Readings come from Voikko. Forms are guessed by the rules of stems and endings, and only those that Voikko reads back
as the form asked for are kept, so a guess can be missing but not wrong. Without Voikko there are no readings and no
forms.
"""

from __future__ import annotations

import ctypes.util
import threading
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from assistant.finnish import analyser

NOMINATIVE, GENITIVE, PARTITIVE = "nimento", "omanto", "osanto"
INESSIVE, ELATIVE, ILLATIVE = "sisaolento", "sisaeronto", "sisatulento"
ADESSIVE, ABLATIVE, ALLATIVE = "ulkoolento", "ulkoeronto", "ulkotulento"
ESSIVE, TRANSLATIVE = "olento", "tulento"

NAME_CLASSES = frozenset({"etunimi", "sukunimi", "paikannimi", "nimi"})
NOUN_CLASSES = frozenset({"nimisana", "nimisana_laatusana", "laatusana", "lukusana"}) | NAME_CLASSES


@dataclass(frozen=True)
class Reading:
    """One way to read a word form."""

    base: str
    kind: str
    """Voikko's class: nimisana, teonsana, asemosana, sukunimi…"""
    case: str = ""
    plural: bool = False
    possessive: str = ""
    mood: str = ""
    tense: str = ""
    person: str = ""
    """1, 2, 3, or 4 for the passive."""
    asks: bool = False
    """Carries the ending -ko, -kö."""
    participle: bool = False
    last: str = ""
    """Base of the last part of a compound, else the base."""
    compound: bool = False

    @property
    def finite(self) -> bool:
        """A verb form that can carry a clause."""
        return self.kind in ("teonsana", "kieltosana") and self.mood in ("indicative", "conditional", "potential")

    @property
    def name(self) -> bool:
        """A person's or a place's name."""
        return self.kind in NAME_CLASSES


_LOCK = threading.Lock()


@lru_cache(maxsize=1)
def _voikko() -> Any:
    """A handle of our own (one is not safe for two threads at once), or None where Voikko is missing."""
    if not ctypes.util.find_library("voikko") or analyser().name != "voikko":
        return None
    import libvoikko

    return libvoikko.Voikko("fi")


@lru_cache(maxsize=100_000)
def readings(word: str) -> tuple[Reading, ...]:
    """The readings of a word form; none where the dictionary does not know it."""
    voikko = _voikko()
    if voikko is None or not word:
        return ()
    with _LOCK:
        found = voikko.analyze(word)
    if not found and "-" in word.strip("-"):  # osbu-rahalla: read by its last part
        head, _, tail = word.rpartition("-")
        return tuple(replace(r, base=f"{head}-{r.base}", compound=True) for r in readings(tail) if r.kind == "nimisana")
    return tuple(dict.fromkeys(_reading(entry) for entry in found))


def _reading(entry: dict[str, str]) -> Reading:
    base = entry.get("BASEFORM", "")
    structure = entry.get("STRUCTURE", "")
    return Reading(
        base=base,
        kind=entry.get("CLASS", ""),
        case=entry.get("SIJAMUOTO", ""),
        plural=entry.get("NUMBER") == "plural",
        possessive=entry.get("POSSESSIVE", ""),
        mood=entry.get("MOOD", ""),
        tense=entry.get("TENSE", ""),
        person=entry.get("PERSON", ""),
        asks=entry.get("KYSYMYSLIITE") == "true",
        participle="PARTICIPLE" in entry,
        last=_last_part(base.lower(), structure),
        compound=structure.count("=") > 1,
    )


def _last_part(base: str, structure: str) -> str:
    """The base without the compound parts before the last, by the structure of the form: =pppp=ppp."""
    head, mark, _ = structure.rpartition("=")
    if not mark or not head:
        return base
    return base[len(head.replace("=", "")) :] or base


def known(word: str) -> bool:
    """Whether the dictionary has this form; True for everything where there is no dictionary to ask."""
    return analyser().known(word)


def nouns(word: str) -> list[Reading]:
    """The readings of a word as noun, adjective, numeral or name."""
    return [reading for reading in readings(word) if reading.kind in NOUN_CLASSES]


def numeral(word: str) -> bool:
    """Whether a word can be read as a number (neljä, kolmas)."""
    return any(reading.kind == "lukusana" for reading in readings(word.lower()))


def lower_bases(word: str) -> set[str]:
    """All base forms, lower case; the word itself where it is unknown."""
    return {reading.base.lower() for reading in readings(word)} or {word.lower()}


_BACK, _FRONT = "aou", "äöy"
_WEAK = (
    ("kk", "k"), ("pp", "p"), ("tt", "t"), ("nk", "ng"), ("nt", "nn"), ("mp", "mm"), ("lt", "ll"), ("rt", "rr"),
    ("p", "v"), ("t", "d"), ("k", ""), ("k", "v"), ("k", "j"), ("ht", "hd"),
)  # fmt: skip


def graded(stem: str) -> set[str]:
    """The stem and its weaker grades: the last consonant before the last vowels."""
    tail = len(stem)
    while tail and stem[tail - 1] in "aeiouyäö":
        tail -= 1
    before, vowels = stem[:tail], stem[tail:]
    return {stem} | {before[: -len(strong)] + weak + vowels for strong, weak in _WEAK if before.endswith(strong)}


def _strengthened(stem: str) -> set[str]:
    tail = len(stem)
    while tail and stem[tail - 1] in "aeiouyäö":
        tail -= 1
    before, vowels = stem[:tail], stem[tail:]
    return {before[: -len(weak)] + strong + vowels for strong, weak in _WEAK if weak and before.endswith(weak)}


def _stems(base: str) -> set[str]:
    """Vowel stems that a base may have: strategia, kysely, valtuusto, lautakunta, aste/astee, arvot..."""
    found = {base}
    for end, others in _STEM_ENDS:
        if base.endswith(end):
            found |= {base[: -len(end)] + other for other in others}
    return (
        found
        | {grade for stem in list(found) for grade in graded(stem)}
        | {grade for stem in list(found) if stem.endswith("ee") for grade in _strengthened(stem)}
    )


_STEM_ENDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("nen", ("se",)), ("us", ("ukse", "ude", "uute")), ("ys", ("ykse", "yde", "yyte")), ("os", ("okse",)),
    ("ös", ("ökse",)), ("is", ("ikse", "ii")), ("as", ("aa",)), ("äs", ("ää",)), ("i", ("e",)), ("e", ("ee",)),
    ("si", ("de", "te")), ("in", ("ime",)), ("ut", ("ue",)), ("uu", ("uu",)), ("es", ("ekse",)), ("n", ("ne",)),
    ("r", ("re",)), ("l", ("le",)), ("ton", ("ttoma",)), ("tön", ("ttömä",)), ("as", ("aksi",)),
)  # fmt: skip

_ENDINGS: dict[str, tuple[str, ...]] = {
    GENITIVE: ("n",), PARTITIVE: ("a", "ä", "ta", "tä"), INESSIVE: ("ssa", "ssä"), ELATIVE: ("sta", "stä"),
    ADESSIVE: ("lla", "llä"), ABLATIVE: ("lta", "ltä"), ALLATIVE: ("lle",), ESSIVE: ("na", "nä"),
    TRANSLATIVE: ("ksi",), ILLATIVE: ("*n", "h*n", "seen"),
}  # fmt: skip
_PLURAL: dict[str, tuple[str, ...]] = {
    NOMINATIVE: ("t",), GENITIVE: ("jen", "iden", "ien", "en", "itten"),
    PARTITIVE: ("ja", "jä", "ita", "itä", "ia", "iä"),
    INESSIVE: ("issa", "issä"), ELATIVE: ("ista", "istä"), ADESSIVE: ("illa", "illä"), ABLATIVE: ("ilta", "iltä"),
    ALLATIVE: ("ille",), ESSIVE: ("ina", "inä"), TRANSLATIVE: ("iksi",), ILLATIVE: ("ihin", "iin"),
}  # fmt: skip


@lru_cache(maxsize=4_000)
def form(base: str, case: str, plural: bool = False) -> str | None:
    """The base form put into a case, or None where no guess is confirmed."""
    if case == NOMINATIVE and not plural:
        return base
    endings = (_PLURAL if plural else _ENDINGS).get(case, ())
    stems = sorted(_stems(base), key=lambda stem: (stem != base, len(stem), stem))
    if base.endswith(("nen", "us", "ys", "si", "e", "in", "ut", "i")) and case == PARTITIVE and not plural:
        stems += [base[:-3] + "s", base[:-2] + "t", base[:-1] + "t", base + "t", base]
    if plural:
        stems += [s[:-1] + v for s in list(stems) if s and s[-1] in "aäei" for v in ("", "o", "ö", "i", "e")]
    last = next((reading.last for reading in readings(base) if reading.base.lower() == base.lower()), base.lower())
    front = not any(letter in _BACK for letter in last)
    wanted = (base.lower(), case, plural)
    for stem in stems:
        for ending in endings:
            if any(letter in (_BACK if front else _FRONT) for letter in ending if letter not in "ei"):
                continue
            guess = stem + (ending.replace("*", stem[-1]) if stem else ending)
            if any((r.base.lower(), r.case, r.plural) == wanted and not r.possessive for r in readings(guess)):
                return guess
    return None


def inflected_like(word: str, base: str) -> str | None:
    """Another base put into the form that a word has, or None."""
    for reading in nouns(word):
        if reading.case and not reading.possessive and (made := form(base, reading.case, reading.plural)):
            return made
    return None
