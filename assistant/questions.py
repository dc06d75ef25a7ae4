"""A question as it was meant: its language, standard spelling, intent, what it asks for, the time and the names in it.

Deterministic, and fast: rules over the word lists of `lexicon/` and the readings of Voikko, no model.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import replace

from assistant.asking import asks_of, time_of, years_of
from assistant.domain import Citation, Language, Question, Status, Turn
from assistant.finnish import content_words, normalised, words
from assistant.followups import Before, asked_last, beside, complete
from assistant.glossary import searched
from assistant.intents import (
    emergency,
    injected,
    meaningless,
    off_topic,
    personal,
    plain,
    says_nothing_alone,
    smalltalk,
)
from assistant.morphology import readings
from assistant.names import names_of
from assistant.phrases import DAY, YEAR, parsed
from assistant.places import places_of
from assistant.sentences import asking_part, sentences_of, starts_asking
from assistant.spoken import standard
from assistant.vocabulary import Vocabulary
from assistant.wordlists import lexicon

SHORT = 5
"""Content words up to which a question may lean on the turn before without showing it (develop questions)."""

LEFT_OUT = 20
"""Characters that have to be left out of a message before the whole of it is worth a second reading."""

FEW = 2
"""Words up to which a question says nothing without what the message tells before it ("Mitä vastaan?")."""

LEANS_WITHIN = 60
"""Characters of other sentences in a message from which on its question leans on them, not on the turn before."""

_ANSWERED = (Status.ANSWERED, Status.ANSWERED_PARTLY, Status.NOT_FOUND)


def understand(
    text: str,
    history: Sequence[Turn],
    vocabulary: Vocabulary,
    *,
    as_typed: bool = False,
    today: datetime.date | None = None,
) -> Question:
    """The question as it was meant. With `as_typed` nothing is carried over from the turns before."""
    today = today or datetime.date.today()
    typed = normalised(text)
    language = language_of(typed, history)
    spelled = standard(typed, vocabulary) if language == "fi" else typed
    if intent := _intent_of_all(typed, spelled):
        return Question(typed, typed, typed, language, *intent, clauses=(typed,))
    asked = asking_part(spelled, language)
    before = (
        None if as_typed or len(typed) > 1.5 * len(asked) + LEANS_WITHIN else _before(history, language, vocabulary)
    )
    understood, completed = asked, False
    if before and (full := complete(asked, before, vocabulary, language, today.year)):
        understood, completed = full, True
    elif before and language == "fi" and says_nothing_alone(asked, vocabulary):
        understood, completed = beside(asked, before.understood, vocabulary), True
    elif starts_asking(tail := lexicon().openers[language].sub("", understood, count=1)) and tail != understood:
        understood = _capitalised(tail)
    leaning = not completed and _leans_on_the_rest(asked, spelled, language, vocabulary, today)
    if leaning:
        understood = asked = spelled
    status = _intent_of_part(understood, asked, vocabulary, language, completed)
    if status:
        return Question(typed, typed, typed, language, status, clauses=(typed,))
    question = described(typed, understood, language, vocabulary, today, completed=completed)
    return replace(question, clauses=(understood,)) if leaning else question


def _leans_on_the_rest(
    asked: str, spelled: str, language: Language, vocabulary: Vocabulary, today: datetime.date
) -> bool:
    """Whether the question leans on what else its message tells ("Asiakas puhui Torpasta. Mikä se on?"). The models
    then find in the whole what is meant better than rules would."""
    rest = spelled.replace(asked, "", 1).strip()
    if rest == spelled or not rest or smalltalk(rest) or meaningless(rest, vocabulary, language == "fi"):
        return False
    if len(words(asked)) <= FEW or meaningless(asked, vocabulary, language == "fi"):
        return True
    return complete(asked, Before(rest), vocabulary, language, today.year) is not None


def whole_message(question: Question) -> Question | None:
    """The question read with all that was written around it; None where that is little."""
    if question.intent is not None or len(question.text) <= 1.5 * len(question.searched) + LEFT_OUT:
        return None
    return replace(question, searched=question.text, clauses=(question.text,))


def without_lead(question: Question, vocabulary: Vocabulary, today: datetime.date | None = None) -> Question | None:
    """The question without what it begins with ("Olen uusi täällä, mitkä ne arvot ovat?"); a pronoun in it may mean the
    last words of that. None where it begins by asking."""
    asked = question.understood
    if question.intent is not None or question.completed or starts_asking(asked):
        return None
    places = re.finditer(r"[,.!]\s+(?:(?:että|niin|siis|ja|joten) )?", asked)
    parts = ((asked[: place.start()], _capitalised(asked[place.end() :])) for place in places)
    lead, tail = next((part for part in parts if starts_asking(part[1]) and len(words(part[1])) > 2), ("", ""))
    today = today or datetime.date.today()
    lead = re.split(r",|\b(?:että|kun|jos)\b", lead)[-1].strip()
    things = [phrase.basic() for phrase in parsed(lead, vocabulary).phrases if not (phrase.quality or phrase.time)]
    meant = Before(things[-1] if things else lead)
    whole = complete(tail, meant, vocabulary, question.language, today.year) if tail else None
    shorter = understand(whole or tail, [], vocabulary, as_typed=True, today=today) if tail else None
    return replace(shorter, text=question.text) if shorter and shorter.intent is None else None


def second_reading(question: Question, history: Sequence[Turn], vocabulary: Vocabulary) -> Question | None:
    """Another reading of a turn of a conversation: its own words alone, where they had been completed, else its own
    words after the question before (`completed`), where they are few. None outside a conversation."""
    if question.intent is not None or not history or history[-1].answer.status not in _ANSWERED:
        return None
    alone = understand(question.text, history, vocabulary, as_typed=True)
    if alone.intent is not None:
        return None
    if question.completed:
        return alone
    if len(content_words(question.understood)) > SHORT:
        return None
    whole = f"{history[-1].understood} {alone.understood}"
    return replace(alone, understood=whole, searched=whole, clauses=(whole,), completed=True)


def described(
    typed: str,
    understood: str,
    language: Language,
    vocabulary: Vocabulary,
    today: datetime.date,
    *,
    completed: bool = False,
) -> Question:
    """Everything that can be told of a complete question."""
    timed = _WHERE_TO.sub(r"\1", _earlier(understood))
    years = years_of(timed, today)
    names = names_of(understood, vocabulary, language)
    beside, foreign = places_of(understood, vocabulary)
    return Question(
        text=typed,
        understood=understood,
        searched=(_asked if language == "fi" and (completed or starts_asking(understood)) else _capitalised)(
            searched(timed, language, years)
        ),
        language=language,
        asks=asks_of(understood, language),
        years=years,
        time=time_of(understood, years, today),
        names=tuple(dict.fromkeys((*(n for n in names if lexicon().places.get(n, n) not in foreign), *beside))),
        foreign_places=foreign,
        clauses=clauses_of(understood, vocabulary, language, today.year),
        completed=completed,
    )


_BEFORE_A_TIME = re.compile(
    r",? ?\bennen (?:vuotta|vuoden|\w+kuuta|kevättä|kesää|syksyä|talvea) (?:19|20)\d\d\b(?: (?:vaaleja|alkua|loppua))?",
    re.IGNORECASE,
)


def _earlier(understood: str) -> str:
    """Without the limit of "ennen vuotta 2022": what is asked for is of no time that the question names, and all that
    the models find by that year is what came then."""
    said = re.search(r"\b(?:edelli|aiem|aikaisem|edeltä)", understood, re.IGNORECASE)
    return _capitalised(_BEFORE_A_TIME.sub("" if said else " aiemmin", understood).strip(" ,"))


_WHERE_TO = re.compile(r"\b(mihin) osoitteeseen\b", re.IGNORECASE)
"""To which address something is sent is told as well by the office that takes it."""


def _asked(sentence: str) -> str:
    """With the capital and the question mark that belong to it: the models read a question without them as another one
    ("paljonko heinolas on asukkait" found no count at all), and many are typed so."""
    return _capitalised(sentence.rstrip() + ("" if re.search(r"[?.!]\s*$", sentence) else "?"))


def _capitalised(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


# --- language -------------------------------------------------------------------------------------------------------


def language_of(text: str, history: Sequence[Turn] = ()) -> Language:
    """The language of a text; Finnish where it is short or could be either, the last turn's where there are no
    words."""
    found = [word.lower() for word in words(text) if word[0].isalpha()]
    if not found:
        return history[-1].answer.language if history else "fi"
    lists = lexicon()
    scores = {"fi": 0.0, "sv": 0.0, "en": 0.0}
    for word in found:
        for name, known_words in lists.language_words.items():
            scores[name] += word in known_words
        finnish = bool(readings(word)) or word in lists.spoken
        for foreign in ("sv", "en"):
            scores[foreign] += 0.6 * (not finnish and (word,) in lists.glossary[foreign])
        scores["sv"] += 0.5 * ("å" in word and not finnish)
        scores["fi"] += 0.6 * (
            finnish and len(word) > 3 and word not in lists.language_words["en"] | lists.language_words["sv"]
        )
        scores["fi"] += 0.7 * (word in lists.spoken)
    best: Language = "sv" if scores["sv"] > scores["en"] else "en"
    if scores[best] <= scores["fi"] or scores[best] < 0.6:
        return history[-1].answer.language if history and max(scores.values()) == 0 else "fi"
    return best


# --- intents --------------------------------------------------------------------------------------------------------


def _intent_of_all(typed: str, spelled: str) -> tuple[Status, str] | None:
    """What the whole message decides."""
    as_typed, as_spelled = plain(typed), plain(spelled)
    if topic := emergency(as_typed) or emergency(as_spelled):
        return Status.EMERGENCY, topic
    if topic := smalltalk(typed) or smalltalk(spelled):
        return Status.SMALLTALK, topic
    if injected(as_typed) or injected(as_spelled):
        return Status.OFF_TOPIC, ""
    return None


def _intent_of_part(
    understood: str, asked: str, vocabulary: Vocabulary, language: Language, completed: bool
) -> Status | None:
    """What the sentence that asks decides."""
    if not completed and meaningless(asked, vocabulary, language == "fi"):
        return Status.CLARIFICATION
    if personal(plain(asked), asked):
        return Status.PERSONAL_MATTER
    if off_topic(plain(asked)) or off_topic(plain(understood)):
        return Status.OFF_TOPIC
    return None


# --- clauses and history --------------------------------------------------------------------------------------------


_AND_QUESTION = {
    "fi": re.compile(
        r",? (?:ja|sekä|tai|mutta) (?=(?:mi|ku|ke|mo|pa|ko|on|sa|vo|mu)\w)|, (?=(?:mi|ku|ke|mo|pa)\w)", re.IGNORECASE
    ),
    "sv": re.compile(r",? och (?=(?:vad|vem|vilk\w+|när|var|varför|hur)\b)", re.IGNORECASE),
    "en": re.compile(r",? and (?=(?:what|who|which|when|where|why|how)\b)", re.IGNORECASE),
}


def clauses_of(understood: str, vocabulary: Vocabulary, language: Language, year: int) -> tuple[str, ...]:
    """The single questions, each complete: a later one takes over what it lacks from the one before."""
    parts: list[str] = []
    for sentence in sentences_of(understood):
        parts += _split(sentence, language)
    result: list[str] = []
    for part in parts:
        whole = complete(part, Before(result[0]), vocabulary, language, year) if result else None
        result.append(whole or part)
    return tuple(dict.fromkeys(result)) or (understood,)


def _split(sentence: str, language: Language) -> list[str]:
    """A sentence parted before each "ja" or comma that a question word follows."""
    if not starts_asking(sentence):
        return [sentence]
    parts, start = [], 0
    for match in _AND_QUESTION[language].finditer(sentence):
        tail = sentence[match.end() :]
        if match[0].strip() == "," and language == "fi" and (not _direct(tail) or _tells(sentence[: match.start()])):
            continue
        if starts_asking(tail) and len(words(sentence[start : match.start()])) > 1:
            parts.append(sentence[start : match.start()])
            start = match.end()
    parts.append(sentence[start:])
    if len(parts) == 1:
        return parts
    return [_capitalised(re.sub(r"[\s?.!]*$", "", part)) + "?" for part in parts]


_TELLING = frozenset(
    (
        "arvioida ilmetä ilmoittaa keskustella kertoa kuvata kysyä linjata lukea miettiä muistaa määrittää määritellä "
        "määrätä nähdä näkyä pohtia päättää ratkaista riippua sanoa selittää selvittää selvitä seurata sopia tarkistaa "
        "tietää"
    ).split()
)


def _tells(head: str) -> bool:
    """Whether what follows the comma is what is told or decided ("Missä kerrotaan, miten..."), no second question."""
    return any(not _TELLING.isdisjoint(r.base for r in readings(word)) for word in words(head)[-3:])


def _direct(tail: str) -> bool:
    """A second question after a comma, not a relative clause ("talo, missä asuin", "se, mikä on")."""
    first = words(tail)[0].lower() if words(tail) else ""
    return first.startswith(("milloin", "miksi", "miten", "kuka", "ketkä", "montako", "paljonko", "kuinka"))


def _before(history: Sequence[Turn], language: Language, vocabulary: Vocabulary) -> Before | None:
    """The last turn that was a question, with the person, the year and the day that its answer named; None where it was
    in another language, whose words cannot be carried over."""
    for turn in reversed(history):
        if turn.answer.status in _ANSWERED:
            if turn.answer.language != language:
                return None
            quotes = [citation.span or citation.quote for citation in turn.answer.citations[:1]]
            quotes += [citation.quote for citation in turn.answer.citations[:1]]
            person = next((name for quote in quotes if (name := person_in(quote))), None)
            year = next(
                (int(found[0]) for quote in quotes if len(found := sorted(set(YEAR.findall(quote)))) == 1), None
            )
            first = turn.answer.citations[:1]
            source = " ".join(f"{citation.quote} {citation.title}" for citation in first)
            asked = turn.understood or turn.question
            if language == "fi":
                asked = asked_last(standard(asked, vocabulary), turn.question, vocabulary)
            return Before(asked, person, year, _day_of(first), source)
    return None


def _day_of(citations: Sequence[Citation]) -> str | None:
    """The day that a source speaks for: one that its quote or title names, else its own."""
    for citation in citations:
        if named := DAY.search(f"{citation.quote} {citation.title}"):
            return named[0]
        if citation.date and len(citation.date) == len("2024-01-29"):
            day = datetime.date.fromisoformat(citation.date)
            return f"{day.day}.{day.month}.{day.year}"
    return None


_PERSON = re.compile(r"\b(?=([A-ZÅÄÖ][a-zåäö]+(?:-[A-ZÅÄÖ][a-zåäö]+)?) ([A-ZÅÄÖ][a-zåäö]+(?:-[A-ZÅÄÖ][a-zåäö]+)?)\b)")


def person_in(text: str) -> str | None:
    """The first person named by first and family name, in the nominative where the form can be read."""
    for first, family in _PERSON.findall(text):
        if not any(r.kind == "etunimi" for r in readings(first)):
            continue
        bases = [r.base for r in readings(family) if r.kind == "sukunimi"]
        return f"{first} {bases[0] if bases else family}"
    return None


__all__ = ["Vocabulary", "described", "language_of", "understand"]
