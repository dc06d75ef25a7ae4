"""Finnish as a computer has to see it: normal form, words, sentences, base forms and the parts of compounds.

Each trap has a test: composed letters, soft hyphens, dates and abbreviations inside sentences, inflection, compounds.
"""

from __future__ import annotations

import ctypes.util
import re
import threading
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Protocol

_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_SPACES = re.compile(r"[ \t\u00a0\u2007\u202f]+")


def normalised(text: str) -> str:
    """NFC, without soft hyphens, zero-width and control characters, with plain single spaces."""
    text = unicodedata.normalize("NFC", text).translate(_INVISIBLE).replace("\r\n", "\n")
    return _SPACES.sub(" ", _CONTROL.sub("", text)).strip()


# A number keeps its inner marks (17.3.2022, 8,2, 29–13), a word its inner hyphens and apostrophes (TE-uudistus).
_WORD = re.compile(r"\d+(?:[.,:–-]\d+)*|[^\W\d_]+(?:[-'’:][^\W_]+)*", re.UNICODE)


def words(text: str) -> list[str]:
    """The words and numbers of a text, as written."""
    return _WORD.findall(text)


def word_spans(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each word and number."""
    return (match.span() for match in _WORD.finditer(text))


_ABBREVIATIONS = frozenset(
    """milj mrd mm esim ym yms jne ns nk eli ks vrt klo n s v p puh os ao em eo tms va vt ko nro tri prof st jkr ekr kpl
    ts ml""".split()
)
_SENTENCE_END = re.compile(r"[.!?…]+[\"”’)\]]*\s+(?=[\"”’(\[]?[A-ZÅÄÖÉÜ0-9])")


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Start and end of each sentence, whole white space between them left out.

    A full stop does not end a sentence after an abbreviation (118 milj. euroa), an initial, or an ordinal number; a
    line break pair always does.
    """
    spans: list[tuple[int, int]] = []
    for block in re.finditer(r"\S(?:.|\n(?!\s*\n))*", text):
        start = block.start()
        for match in _SENTENCE_END.finditer(text, block.start(), block.end()):
            if not _ends_sentence(text[start : match.end()].rstrip(), text[match.end()]):
                continue
            spans.append((start, match.start() + len(match.group().rstrip())))
            start = match.end()
        end = len(text[: block.end()].rstrip())
        if end > start:
            spans.append((start, end))
    return spans


def _ends_sentence(before: str, following: str) -> bool:
    if not before.endswith("."):
        return True
    last = before.rsplit(None, 1)[-1].rstrip(".").lstrip('("”')
    if last.lower() in _ABBREVIATIONS or (len(last) == 1 and last.isalpha()):
        return False
    # "1. Sujuva johtaminen" and "16.5. 2022" go on; "vuonna 2023. Heinolassa" and "17.3. Paikalla oli" end.
    number = re.fullmatch(r"[\d.–]+", last) is not None
    return not number or not (following.isdigit() or len(before) <= len(last) + 1)


class Analyser(Protocol):
    """Gives the base forms of a word."""

    name: str

    def terms(self, word: str) -> tuple[str, ...]:
        """Lower-case base forms, then the base forms of compound parts; the word itself where it is unknown."""

    def parts(self, word: str) -> tuple[str, ...]:
        """Lower-case base forms of the compound's parts; empty where it is none."""

    def known(self, word: str) -> bool:
        """Whether the dictionary has the word in this form."""


class VoikkoAnalyser:
    """Voikko: base forms and compound parts (libvoikko and voikko-fi have to be installed in the system)."""

    name = "voikko"

    def __init__(self) -> None:
        import libvoikko

        self._voikko = libvoikko.Voikko("fi")
        # A handle of the library must not be used by two threads at once.
        self._lock = threading.Lock()
        self.terms = lru_cache(maxsize=200_000)(self._terms)
        self.parts = lru_cache(maxsize=200_000)(self._parts)
        self.known = lru_cache(maxsize=50_000)(self._known)

    def _analyses(self, word: str) -> list[dict[str, str]]:
        with self._lock:
            found: list[dict[str, str]] = self._voikko.analyze(word)
        return found

    def _known(self, word: str) -> bool:
        return bool(self._analyses(word))

    def _terms(self, word: str) -> tuple[str, ...]:
        bases = (analysis.get("BASEFORM") for analysis in self._analyses(word))
        found = dict.fromkeys(base.lower() for base in bases if base)
        return tuple(found | dict.fromkeys(self._parts(word))) or (word.lower(),)

    def _parts(self, word: str) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for analysis in self._analyses(word):
            parts = _compound_parts(analysis.get("WORDBASES", ""))
            if len(parts) > 1:
                found |= dict.fromkeys(parts)
        return tuple(found)


_BASE = re.compile(r"\+[^+(]*\(([^)+][^)]*)\)|\+[^+(]*\((\+[^)]*)\)|\+([^+(]+)")


def _compound_parts(bases: str) -> list[str]:
    """Base forms of the parts in Voikko's WORDBASES, e.g. `+strategia(strategia)+seminaari(seminaari)`; derivation
    endings are left out.
    """
    parts = (match.group(1) for match in _BASE.finditer(bases))
    return [part.lower() for part in parts if part and len(part) > 2 and not part.startswith("+")]


class SimplemmaAnalyser:
    """simplemma: base forms by dictionary, no compounds; where Voikko's library is missing."""

    name = "simplemma"

    def __init__(self) -> None:
        import simplemma

        self._simplemma = simplemma
        self.terms = lru_cache(maxsize=200_000)(self._terms)

    def parts(self, word: str) -> tuple[str, ...]:
        """Compounds are not parted."""
        return ()

    def known(self, word: str) -> bool:
        """Whether the dictionary has the word in this form."""
        return bool(self._simplemma.is_known(word, lang="fi"))

    def _terms(self, word: str) -> tuple[str, ...]:
        return (str(self._simplemma.lemmatize(word, lang="fi")).lower(),)


@lru_cache(maxsize=1)
def analyser() -> Analyser:
    """Voikko where the system has the library and its Finnish dictionary, else simplemma."""
    if ctypes.util.find_library("voikko"):
        from libvoikko import VoikkoException

        try:
            return VoikkoAnalyser()
        except VoikkoException:
            pass  # the library is there without the dictionary
    return SimplemmaAnalyser()


# Function words: they say how a question is asked, not what about. Base forms as Voikko gives them.
STOP_TERMS = frozenset(
    """ja tai sekä eli että kun jos kuin niin myös vain jo vielä nyt sitten siis mutta vaan ei eikä olla voida pitää
    saada se ne tämä nämä tuo nuo hän he minä sinä me te joka jokin mikä kuka ken kumpi millainen mitä milloin missä
    mihin mistä miten miksi kuinka paljon paljonko moni montako koska onko mukaan oma muu kanssa kertoa sanoa
    tarkoittaa hei haluta tietää kysyä the of and is what who when where how in to a an for does do vad vem när var
    hur är och i på av det en ett som -ko -kö ko kö pitäisi täytyä nykyisin nykyään nykyinen siellä täällä tuolla sinne
    tänne sieltä täältä silloin tällöin kaikki joku eräs entä entäs asia muuan tosi oikein ihan aika noin edellinen
    aiempi aiemmin aikaisempi entinen ennen viimeksi viimeisin""".split()
)


def terms(text: str) -> list[tuple[str, ...]]:
    """Each word's terms, in order, function words left out."""
    lookup = analyser().terms
    found = (lookup(word) for word in words(text))
    return [group for group in found if group[0] not in STOP_TERMS]


GRAM = 5
"""Letters in a piece of a word: on Finnish, pieces of five alone rank better than base forms alone (bench README)."""


def grams(word: str) -> tuple[str, ...]:
    """The overlapping pieces of a word, its ends marked: arvot -> 0arvo arvot rvot0."""
    marked = f"0{word.lower()}0"
    return tuple(marked[i : i + GRAM] for i in range(max(1, len(marked) - GRAM + 1)))


@lru_cache(maxsize=5_000)
def pieces(text: str) -> frozenset[str]:
    """The pieces of all words of a text; kept, because the same passages and sentences are near to many questions."""
    return frozenset(gram for word in set(words(text)) for gram in grams(word))


def content_words(text: str) -> list[str]:
    """The words and numbers of a text, function words left out, in the order of `terms`."""
    lookup = analyser().terms
    return [word for word in words(text) if lookup(word)[0] not in STOP_TERMS]


def lemmas(text: str) -> list[str]:
    """First base forms of the content words of a text, and of the words that ask for a meaning."""
    lookup = analyser().terms
    return [lookup(word)[0] for word in words(text) if lookup(word)[0] not in STOP_TERMS - {"tarkoittaa"}]
