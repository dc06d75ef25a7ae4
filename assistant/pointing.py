"""Nouns that point out of a turn, put as the question before has them.

Nouns that a pronoun goes with ("se kokous", "samassa seminaarissa"), the last part of a compound said before ("lahti"
after "Maitiaislahti"), and nouns that are always part of something ("äänestys").
"""

from __future__ import annotations

import re
from dataclasses import replace

from assistant.earlier import END, Before, aside, context, in_event, sentence, with_time
from assistant.morphology import GENITIVE, NOMINATIVE, form, readings
from assistant.phrases import DAY, MONTH, YEAR, Parsed, Phrase, nouns
from assistant.wordlists import lexicon

THEM = frozenset("he heidät heidän heitä heistä heillä heiltä heille".split())
PLURAL = THEM | frozenset(
    "ne niiden niitä niissä niistä niihin niillä niiltä niille nämä näiden näitä näissä näistä nuo sellaiset "
    "sellaisia".split()
)
COUNTED = frozenset({"montako", "moni", "monta", "paljonko"})


def relative(word: str) -> bool:
    """Whether a clause begins that says more of the word before ("se, joka")."""
    return word in ("että", "kun") or any(r.base == "joka" and r.kind == "asemosana" for r in readings(word))


def pointing_noun(turn: Parsed, last: Parsed, before: Before) -> str | None:
    """ "Se kokous", "samassa seminaarissa", "tuolla sanalla": the noun as the question before has it."""
    leaning = lexicon().leaning
    compared = any(piece.lower() in ("kuin", "kanssa") for piece in turn.pieces)  # "samassa alueessa kuin Lahti"
    if not turn.verbs or compared:
        return None
    for phrase in turn.phrases:
        index = phrase.start - 1
        noun = phrase.words[0]
        if index < 0 or phrase.head or not noun.islower() or not _points_to(turn.pieces[index].lower(), phrase):
            continue
        parts = list(turn.pieces)
        base = {phrase.base.lower()} | {r.last for r in nouns(noun)}
        if base & leaning["meetings"] and (meeting := _meeting(noun, last, before)):
            parts[index : phrase.end] = [meeting]
            return sentence(parts)
        if base & leaning["fillers"] and (topic := last.owner()):
            parts[index : phrase.end] = [topic.put(phrase.case) or f"{noun} {aside(topic)}"]
            return sentence(with_time(parts, turn, last))
        if whole := said_before(noun, last, chains=True):
            parts[index : phrase.end] = [whole]
            return sentence(with_time(parts, turn, last))
        alone = phrase.base.lower()  # a compound says enough: "siinä asuinaluekyselyssä"
        vague = alone in leaning["parts"] or (alone in leaning["vague"] and phrase.case not in (NOMINATIVE, GENITIVE))
        if vague and not any(relative(word.lower()) for word in turn.pieces[phrase.end :]):
            parts[index : phrase.end] = [noun]
            return in_event(replace(turn, pieces=tuple(parts)), last)
    return None


def _points_to(word: str, phrase: Phrase) -> bool:
    if phrase.quality or phrase.time:
        return False
    if any((r.base, r.case, r.plural) == ("sama", phrase.case, phrase.plural) for r in readings(word)):
        return True
    return lexicon().pronouns.get(word) == phrase.case and (word in PLURAL) == phrase.plural


def _meeting(noun: str, last: Parsed, before: Before) -> str | None:
    """ "Kokouksessa" -> "valtuuston kokouksessa 12.6.2023", from the question before or the answer to it."""
    told = DAY.search(last.text) or MONTH.search(last.text)
    day = told[0] if told else before.day
    bodies = [
        reading.base
        for word in re.findall(r"\w+", f"{last.text} {before.source}")
        for reading in nouns(word)
        if is_body(reading.base)
    ]
    body = form(bodies[0], GENITIVE) if bodies else None
    return " ".join(part for part in (body, noun, day) if part) if day else None


def said_before(noun: str, last: Parsed, *, chains: bool) -> str | None:
    """The noun with what the question before put before it: "lahti" -> "Maitiaislahti", and with `chains` also
    "koulu" -> "Kailaan koulu"."""
    here = {r.base.lower() for r in nouns(noun.lower())}
    for phrase in last.phrases:
        for position, word in enumerate(phrase.words):
            owners = list(phrase.words[:position])
            for reading in nouns(word):
                stem = next((reading.base[: -len(base)] for base in here if reading.base.lower().endswith(base)), None)
                if stem is not None and len(stem) > SHORTEST and reading.compound:
                    stem = stem[:1].upper() + stem[1:] if word[:1].isupper() else stem
                    return " ".join([*owners, f"{stem}{noun}"])
                owned = owners and (chains or position == phrase.head) and not _dated_or_city(owners)
                if stem == "" and owned:
                    return " ".join([*owners, noun])
    return None


SHORTEST = 2
"""Letters that the first part of a compound has at least."""


def _dated_or_city(owners: list[str]) -> bool:
    return any(YEAR.fullmatch(word) for word in owners) or any(
        r.base.lower() in ("heinola", "kaupunki") for r in nouns(owners[-1])
    )


def is_part(phrase: Phrase) -> bool:
    """Whether a phrase is a bare noun that is always part of something (äänestys, päätös)."""
    return phrase.head == 0 and phrase.words[0].islower() and phrase.base.lower() in lexicon().leaning["parts"]


def bare_noun(turn: Parsed, last: Parsed) -> str | None:
    """The last part of a compound said before, alone in the turn: "Missä tilassa lahti on?"."""
    for phrase in turn.phrases:
        noun = phrase.words[0]
        if not noun.islower() or phrase.plural or phrase.time or _asked_for(turn, phrase):
            continue
        if {r.base for r in nouns(noun)} & lexicon().leaning["own"] or any(p.name for p in turn.phrases):
            continue
        if whole := said_before(noun, last, chains=False):
            parts = list(turn.pieces)
            parts[phrase.start] = whole
            return sentence(with_time(parts, turn, last))
    return None


def _asked_for(turn: Parsed, phrase: Phrase) -> bool:
    """Whether a phrase goes with the question word before it ("mikä suunnitelma", "montako lautakuntaa")."""
    word = turn.pieces[phrase.start - 1].lower() if phrase.start - 1 in turn.asking else ""
    agrees = any(r.base in ("mikä", "kumpi", "millainen") and r.case == phrase.case for r in readings(word))
    return agrees or word in COUNTED


def part_of_event(turn: Parsed, last: Parsed, before: Before) -> str | None:
    """ "Oliko äänestys tiukka?", "Millä äänillä?": completed by what was done in the question before."""
    wanted = [p for p in turn.phrases if not (p.time or p.city or p.quality)]
    if not wanted or not all(is_part(p) for p in wanted) or context(last) is None:
        return None
    met = turn.verbs and len(wanted) == 1 and wanted[0].base.lower() in lexicon().leaning["meetings"]
    if met and (meeting := _meeting(wanted[0].text, last, before)):
        parts = list(turn.pieces)
        parts[wanted[0].start : wanted[0].end] = [meeting]
        return sentence(parts)
    if turn.verbs:
        return in_event(turn, last)
    if turn.asking and turn.asking[0] == 0 and last.asking and last.asking[0] == 0 and last.verbs:
        return sentence([*END.sub("", turn.text).split(), *last.pieces[len(last.asking) :]])
    return None


def office(turn: Parsed, last: Parsed) -> str | None:
    """ "Kuka on puheenjohtajana?": the office is one of the body that the question before spoke of."""
    named = [r.base for p in last.phrases for word in p.words for r in nouns(word)]
    body = next((base for base in named if is_body(base)), None)
    wanted = [p for p in turn.phrases if not p.time]
    if body is None or len(wanted) != 1 or wanted[0].head or wanted[0].base.lower() not in lexicon().leaning["offices"]:
        return None
    parts = list(turn.pieces)
    owner = form(body, GENITIVE)
    parts[wanted[0].start : wanted[0].start] = [owner] if owner else []
    return sentence(with_time(parts, turn, last)) if owner else None


def acts(phrase: Phrase, last: Parsed) -> bool:
    """A body that does something in the question before ("valtuusto päätti"): not what is done to."""
    return bool(last.verbs) and phrase.case == NOMINATIVE and is_body(phrase.base)


def is_body(base: str) -> bool:
    """Whether a base form names a body of people that decides (valtuusto, elinvoimalautakunta)."""
    return base.lower() in lexicon().bodies or base.lower().endswith(("hallitus", "lautakunta", "toimikunta", "jaosto"))
