"""Follow-ups: a turn that cannot be understood alone is completed from the question before it.

Nothing is carried into a turn that is complete. What makes a turn incomplete: an opener ("entä"), a bare question
word, a pronoun that points out of the turn, a verb without anything it speaks of, or a time that leans on the turn
before.
"""

from __future__ import annotations

import re

from assistant.domain import Language
from assistant.earlier import (
    END,
    Before,
    another_question,
    ellipsis_of,
    fallback,
    first_of,
    in_same,
    relative_year,
    sentence,
    then,
    with_new_noun,
    with_quality,
)
from assistant.foreign import complete_foreign
from assistant.morphology import GENITIVE, NOMINATIVE, PARTITIVE, form, readings
from assistant.phrases import ADVERBS_ASKING, CLAUSE_MARKS, YEAR, Parsed, Phrase, is_question_word, parsed, pieces
from assistant.vocabulary import Vocabulary
from assistant.wordlists import lexicon

_MORE = re.compile(
    r"(?:kerro |sano |mitä )?(?:siitä |vielä |vähän |jotain )*(?:lisää|enemmän|muuta)(?: siitä)?\W*", re.IGNORECASE
)


def complete(text: str, before: Before, vocabulary: Vocabulary, language: Language, year: int) -> str | None:
    """The turn completed from the question before, or None where it stands alone. `year` is the present one."""
    if language != "fi":
        return complete_foreign(text, before, language, vocabulary)
    lists = lexicon()
    opener = lists.openers["fi"].match(text)
    rest = text[opener.end() :] if opener else text
    turn, last = parsed(rest, vocabulary), parsed(first_of(before.understood), vocabulary)
    if not turn.pieces:
        return None
    if shifted := relative_year(rest, last, before, year):
        if shifted[1]:
            return shifted[0]
        rest, turn = shifted[0], parsed(shifted[0], vocabulary)
    if _MORE.fullmatch(rest) and (topic := last.owner()):
        return f"Kerro lisää aiheesta {topic.basic()}."
    if not turn.verbs and not turn.asking and (opener or _leaning(turn)):
        return ellipsis_of(rest, turn, last, vocabulary, year)
    if (
        turn.asking
        and not turn.verbs
        and turn.phrases
        and all(p.quality for p in turn.phrases)
        and (topic := last.owner())
    ):
        return sentence([*pieces(END.sub("", rest)), topic.basic(), "ovat" if topic.plural else "on"])
    content = [
        piece
        for piece in turn.pieces
        if piece[0].isalnum() and piece.lower() not in ("sitten", "niin", "ihan", "se", "näin", "ja")
    ]
    if content and all(is_question_word(piece) for piece in content) and len(content) <= 2:
        return another_question(content[0], last)
    if replaced := _pronouns(turn, last, before):
        return replaced
    if lists.adverbs["then"].search(rest) and not YEAR.search(rest):
        return then(rest, last, before)
    if same := re.search(r"\bsama(?:ssa|lla|an|na|sta|n)?\b \w+", rest, re.IGNORECASE):
        return in_same(rest, turn, same, last)
    if adjective := _lonely_quality(turn, opener is not None):
        return with_quality(turn, adjective, last)
    if turn.asking and turn.verbs and not turn.phrases and _needs_subject(turn):
        return _with_subject(turn, last)
    if opener and turn.asking and turn.asking[0] == 0 and not turn.verbs:
        return with_new_noun(turn, last) or fallback(rest, last)
    if opener and opener[0].strip(" ,").lower() not in ("ja", "no ja") and not turn.asking:
        return fallback(rest, last)
    return None


def _leaning(turn: Parsed) -> bool:
    """A turn of a year or an adjective only ("vuonna 2021?", "edellinen?")."""
    return len(turn.pieces) <= 4 and bool(turn.phrases) and all(p.time or p.quality for p in turn.phrases)


def _lonely_quality(turn: Parsed, opened: bool) -> Phrase | None:
    """An adjective that stands for a noun ("Mikä oli edellinen?"), in a turn without other phrases."""
    phrases = [phrase for phrase in turn.phrases if not phrase.time and not phrase.city]
    if (
        len(phrases) == 1
        and (phrases[0].quality or opened)
        and lexicon().adverbs["qualities"].fullmatch(phrases[0].text)
    ):
        return phrases[0]
    return None


# --- pronouns -------------------------------------------------------------------------------------------------------


_PEOPLE = frozenset(
    "hän hänen häntä hänestä häneen hänellä häneltä hänelle he heidän heitä heistä heillä heiltä heille".split()
)
_PLURAL = frozenset(
    "ne niiden niitä niissä niistä niihin niillä niiltä niille nämä näiden näitä näissä näistä "
    "nuo he heidän heitä".split()
)


def _pronouns(turn: Parsed, last: Parsed, before: Before) -> str | None:
    """Each pronoun that points out of the turn replaced by what it points to."""
    parts = list(turn.pieces)
    replaced = False
    left: list[str] = []
    for index, piece in enumerate(turn.pieces):
        case = lexicon().pronouns.get(piece.lower())
        if case is None or _inside(turn, index) or _determiner(turn, index):
            continue
        made = _pointed(piece.lower(), case, last, before)
        if made is None:
            left.append(piece)
            continue
        parts[index] = made
        replaced = True
    if replaced:
        return sentence(parts)
    return fallback(turn.text, last) if left else None


def _inside(turn: Parsed, index: int) -> bool:
    """Whether the pronoun has its noun in an earlier clause of the turn, or a clause after it that explains it (se,
    joka)."""
    following = [piece.lower() for piece in turn.pieces[index + 1 : index + 3]]
    if following[:1] == [","] or any(w in ("että", "joka", "jossa", "jonka", "kun") for w in following[:2]):
        return True
    marks = [i for i, piece in enumerate(turn.pieces[:index]) if piece.lower() in CLAUSE_MARKS]
    return bool(marks) and any(p.end <= marks[-1] and not p.city and not p.time and not p.quality for p in turn.phrases)


def _determiner(turn: Parsed, index: int) -> bool:
    """ "Se strategia": the pronoun goes with the noun after it, which says enough."""
    phrase = next((p for p in turn.phrases if p.start == index + 1), None)
    if phrase is None:
        return False
    low = turn.pieces[index].lower()
    case, plural = lexicon().pronouns[low], low in _PLURAL
    return phrase.case == case and phrase.plural == plural and not phrase.quality and case != GENITIVE


def _pointed(pronoun: str, case: str, last: Parsed, before: Before) -> str | None:
    if pronoun in _PEOPLE and pronoun.startswith("hä") and before.person:
        return _person(before.person, case)
    topic = last.topic() if pronoun in _PEOPLE else last.owner()
    if topic is None:
        return None
    plural = True if pronoun in _PLURAL else topic.plural
    if pronoun not in _PLURAL and topic.case == PARTITIVE and topic.plural:
        plural = True
    place = {"siellä": "ulkoolento", "sinne": "ulkotulento", "sieltä": "ulkoeronto"}.get(pronoun)
    return topic.put(case, plural) or (topic.put(place, plural) if place else None)


def _person(name: str, case: str) -> str:
    *first, family = name.split()
    if case == NOMINATIVE:
        return name
    made = form(family, case)
    return " ".join([*first, made[:1].upper() + made[1:] if made else family])


# --- a verb alone ---------------------------------------------------------------------------------------------------


def _needs_subject(turn: Parsed) -> bool:
    """A passive or a third person, and nothing else than a question adverb: "Milloin hyväksyttiin?"."""
    rest = [
        p.lower() for i, p in enumerate(turn.pieces) if i not in turn.verbs and i not in turn.asking and p[0].isalnum()
    ]
    if (
        any(w not in ("nyt", "viimeksi", "sitten", "ensin", "oikein", "jo", "vielä") for w in rest)
        or len(turn.verbs) > 2
    ):
        return False
    verbs = [r for i in turn.verbs for r in readings(turn.pieces[i].lower()) if r.finite]
    personal = turn.pieces[turn.asking[0]].lower() in ADVERBS_ASKING
    return any(r.person == "4" or (r.person == "3" and (personal or r.base != "olla")) for r in verbs)


def _with_subject(turn: Parsed, last: Parsed) -> str | None:
    topic = last.topic()
    if topic is None:
        return None
    parts = list(turn.pieces)
    verb = turn.verbs[0]
    asking = turn.pieces[turn.asking[0]].lower()
    if asking in ADVERBS_ASKING:
        parts.insert(verb, topic.basic())
    else:
        parts.insert(verb + 1, topic.text if topic.plural else topic.put(GENITIVE) or topic.basic())
    return sentence(parts)


__all__ = ["Before", "complete"]
