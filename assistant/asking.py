"""What a question asks for, and about which time."""

from __future__ import annotations

import datetime
import re
from typing import Literal

from assistant.domain import Asks, Language
from assistant.finnish import words
from assistant.intents import plain
from assistant.morphology import GENITIVE, NOMINATIVE, PARTITIVE, nouns, readings
from assistant.phrases import YEAR
from assistant.sentences import asks_yes_no
from assistant.wordlists import lexicon

CITY = "heinola"


def asks_of(text: str, language: Language) -> frozenset[Asks]:
    """The kinds of thing that the question wants to hear."""
    bare = plain(text)
    found = {Asks(kind) for kind, pattern in lexicon().asks[language].items() if pattern.search(bare)}
    if language != "fi":
        found = _foreign_asks(bare, found)
        return frozenset(found)
    low = [word.lower() for word in words(text)]
    if any(asks_yes_no(word) for word in low[:3]) and not found & {Asks.WHO, Asks.WHEN, Asks.NUMBER, Asks.WHY}:
        found.add(Asks.YES_NO)
    found |= _asked_noun(low, bool(found))
    if Asks.WHEN in found or Asks.WHY in found:
        found -= {Asks.WHAT, Asks.WHERE}
    found -= _not_a_place(low, found)
    if Asks.NUMBER in found and not found & {Asks.LIST}:
        found -= {Asks.HOW, Asks.DEFINITION}
    return frozenset(found)


_FOREIGN_VERBS = frozenset(
    "is are was were does do did has have can will ar har kan finns far ska blev ligger hittar hor kan skall".split()
)


def _foreign_asks(bare: str, found: set[Asks]) -> set[Asks]:
    """Yes or no where a verb comes first; Swedish "var" is "where" before a verb and "was" before anything else."""
    first, second = [*words(bare), "", ""][:2]
    if first == "var":
        found.discard(Asks.WHERE)
        return found | {Asks.WHERE} if second in _FOREIGN_VERBS else {Asks.YES_NO}
    if first in _FOREIGN_VERBS and not found - {Asks.WHERE}:
        return {Asks.YES_NO}
    return found - {Asks.WHERE} if " var " in bare and Asks.WHERE in found and first != "var" else found


_PLACES = frozenset("osoite paikka kunta kaupunki rakennus tila tilat katu kylä kaupunginosa koulu talo sali".split())


def _not_a_place(low: list[str], found: set[Asks]) -> set[Asks]:
    """ "Missä kirjasto on" asks a place and "mihin hyvinvointialueeseen" a thing: only one of WHERE and WHAT stays."""
    if Asks.WHERE not in found:
        return set()
    for index, word in enumerate(low[:-1]):
        if word in ("missä", "mistä", "mihin", "minne"):
            cases = {r.case for r in readings(word)}
            agreeing = [r for r in nouns(low[index + 1]) if r.case in cases]
            if agreeing and not any(r.base in _PLACES or r.last in _PLACES for r in agreeing):
                return {Asks.WHERE}
            return {Asks.WHAT, Asks.DEFINITION}
    return set()


def _asked_noun(low: list[str], asked: bool) -> set[Asks]:
    """What the noun says that is asked for: a figure, a person's name, several things, what something is."""
    found: set[Asks] = set()
    lists = lexicon()
    what = next((i for i, word in enumerate(low) if any(r.base == "mikä" for r in readings(word))), None)
    if what is None:
        if not asked and low:
            found |= _keyword(low)
        return found
    after = low[what + 1 :]
    if low[what] == "mitä" and after and any(r.case == PARTITIVE and r.plural for r in nouns(after[0])):
        found.add(Asks.LIST)
    heads = [word for word in after if any(r.case in (NOMINATIVE, PARTITIVE) for r in nouns(word))][:2]
    copula = bool(after) and after[0] in ("on", "oli", "ovat", "olivat")
    if any(
        r.last in lists.numeric_heads or r.base in lists.numeric_heads
        for word in heads[:2]
        for r in nouns(word)
        if r.case == NOMINATIVE
    ):
        found.add(Asks.NUMBER)
    if "nimi" in after and any(
        r.last in lists.people_heads for word in after for r in nouns(word) if r.case == GENITIVE
    ):
        found.add(Asks.WHO)
    nominal = [word for word in after if word not in ("on", "ovat") and (nouns(word) or not readings(word))]
    owned = any(r.case == GENITIVE and r.base.lower() != CITY for word in nominal[:-1] for r in nouns(word)[:1])
    if (
        copula
        and low[what] in ("mikä", "mitä")
        and after[0] in ("on", "ovat")
        and nominal
        and len(nominal) <= 3
        and not owned
        and Asks.NUMBER not in found
    ):
        found.add(Asks.DEFINITION)
    plain_nouns = all(any(r.case == NOMINATIVE for r in nouns(word)) for word in nominal)
    if after and after[-1] == "on" and low[what] == "mikä" and 1 <= len(nominal) <= 2 and plain_nouns and not found:
        found.add(Asks.DEFINITION)
    return found


def _keyword(low: list[str]) -> set[Asks]:
    lists = lexicon()
    heads = [r for word in low for r in nouns(word) if r.case == NOMINATIVE]
    if any(r.last in lists.numeric_heads or r.base in lists.numeric_heads for r in heads):
        return {Asks.NUMBER}
    if len(low) == 1 and any(r.plural for r in heads):
        return {Asks.LIST}
    return {Asks.WHAT} if heads else set()


_YEAR = r"vuo(?:si|tta|den|teen|desta|dessa|nna|delle|delta|deksi)\b"
"""Not "viime vuosina" nor "kuluvan vuosikymmenen"."""
_RELATIVE = (
    (re.compile(rf"\bviime {_YEAR}|\bförra året|\blast year\b", re.IGNORECASE), -1),
    (re.compile(rf"\btoissa ?{_YEAR}", re.IGNORECASE), -2),
    (re.compile(rf"\b(?:tänä|tämän|kuluva\w*) {_YEAR}|\bi år\b|\bthis year\b", re.IGNORECASE), 0),
    (re.compile(rf"\bensi {_YEAR}|\bnästa år\b|\bnext year\b", re.IGNORECASE), 1),
)
TITLE_YEAR = re.compile(
    r"\b(?:strategia\w*|visio\w*|agenda|ohjelma\w*|strategi|strategy|vision)"
    r"(?: vuodelle| vuoteen| för år| for)? ((?:19|20)\d\d)\b",
    re.IGNORECASE,
)


def years_of(text: str, today: datetime.date) -> tuple[str, ...]:
    """The years that the question names, also as "viime vuonna"; a year in a title (strategia 2030) is a name, not a
    time."""
    titled = {match[1] for match in TITLE_YEAR.finditer(text)}
    found = [
        year for year in YEAR.findall(re.sub(r"(\d\d?\.\d\d?\.)((?:19|20)\d\d)", r"\1 \2", text)) if year not in titled
    ]
    found += [str(today.year + by) for pattern, by in _RELATIVE if pattern.search(text)]
    return tuple(dict.fromkeys(found))


_STRONG_NOW = re.compile(
    r"\b(?:nyt|nykyisin|nykyaan|talla hetkella|numera|just nu|currently|right now|nowadays|edelleen|nykyi\w+)\b"
)


def time_of(text: str, years: tuple[str, ...], today: datetime.date) -> Literal["now", "past", "any"]:
    """Whether the question says that it asks about now or about the past."""
    bare = plain(text)
    lists = lexicon()
    now, past = bool(lists.now.search(bare)), bool(lists.past.search(bare))
    strong = bool(_STRONG_NOW.search(bare))
    earlier = any(int(year) < today.year for year in years)
    if past:
        before = re.search(r"\bnykyi\w+ (?:\w+ )?(?:edelta|ennen)|\bennen (?:nykyi|nyt)", bare)
        return "any" if strong and not before else "past"
    was = bool(re.search(r"\b(?:oli|olivat|var|was|were)\b", bare))
    if now and (strong or not (earlier or was)):
        return "now"
    return "past" if earlier else "any"
