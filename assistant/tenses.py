"""Finnish verbs put into another tense or voice: oli from on, hyväksyi from hyväksyttiin.

A guessed form is kept only where Voikko reads it back as the form asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from assistant.morphology import readings


def past_tense(text: str) -> str:
    """On, ovat -> oli, olivat."""
    for now, then in (("on", "oli"), ("ovat", "olivat"), ("Onko", "Oliko"), ("onko", "oliko"), ("Ovatko", "Olivatko")):
        text = re.sub(rf"\b{now}\b", then, text)
    return text


def present_tense(text: str) -> str:
    """Oli, olivat -> on, ovat."""
    for then, now in (("oli", "on"), ("olivat", "ovat"), ("Oliko", "Onko"), ("oliko", "onko"), ("Olivatko", "Ovatko")):
        text = re.sub(rf"\b{then}\b", now, text)
    return text


def active_past(verb: str) -> str | None:
    """Hyväksyttiin -> hyväksyi, where the guess is confirmed."""

    def guesses(base: str) -> set[str]:
        cut = {base[:-1], base[:-2], base[:-2] + "s", base[:-3] + "s", base[:-2] + "is", base[:-3], base[:-2] + "e"}
        return {stem + end for stem in cut for end in ("i", "oi")}

    return _past(verb, _PASSIVE, _ACTIVE, guesses)


def passive_past(verb: str) -> str | None:
    """Hyväksyi -> hyväksyttiin, where the guess is confirmed."""

    def guesses(base: str) -> set[str]:
        cut = {base[:-1], base[:-2], base[:-2] + "e", base[:-3] + "e", base[:-3] + "de", base[:-3] + "nne"}
        return {stem + end for stem in cut for end in ("ttiin", "tiin", "iin")}

    return _past(verb, _ACTIVE, _PASSIVE, guesses)


_ACTIVE, _PASSIVE = "3", "4"
"""Persons, as Voikko counts them."""


def _past(verb: str, person: str, wanted: str, guesses: Callable[[str], set[str]]) -> str | None:
    """The past of the same verb in the wanted person: the first guess that Voikko reads so."""
    for reading in readings(verb.lower()):
        if (reading.kind, reading.person, reading.tense) != ("teonsana", person, "past_imperfective"):
            continue
        for guess in sorted(guesses(reading.base)):
            if any(
                (r.base, r.person, r.tense) == (reading.base, wanted, "past_imperfective") and not r.plural
                for r in readings(guess)
            ):
                return guess
    return None


def singular(verb: str) -> str | None:
    """Tapaavat -> tapaa, tapasivat -> tapasi, where the guess is confirmed."""
    for reading in readings(verb.lower()):
        if reading.finite and reading.person == "3" and reading.plural and verb.lower().endswith(("vat", "vät")):
            stem = verb.lower()[:-3]
            for guess in (stem, stem + stem[-1]):
                if any((r.base, r.person, r.plural) == (reading.base, "3", False) for r in readings(guess)):
                    return guess
    return None


def is_past(verb: str) -> bool:
    """Whether a form can only be the past of a verb (hyväksyi, hyväksyttiin; not voi)."""
    tenses = {r.tense for r in readings(verb.lower()) if r.finite and r.mood == "indicative"}
    return tenses == {"past_imperfective"}
