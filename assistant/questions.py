"""A question as it was meant: its language, standard spelling, intent, what it asks for, the time and the names in it.

Deterministic, and fast: rules over the word lists of `lexicon/` and the readings of Voikko, no model.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from typing import Literal

from assistant.domain import Asks, Language, Question, Status, Turn
from assistant.finnish import normalised, sentence_spans, words
from assistant.followups import Before, complete
from assistant.intents import emergency, injected, meaningless, off_topic, personal, plain, smalltalk
from assistant.morphology import GENITIVE, NOMINATIVE, PARTITIVE, nouns, readings
from assistant.phrases import YEAR, is_question_word
from assistant.places import places_of
from assistant.spoken import standard
from assistant.vocabulary import Vocabulary, folded
from assistant.wordlists import lexicon

CITY = "heinola"
_QUESTION_START = re.compile(
    r"^(?:luettele|mainitse|listaa|nimeä|kerro|selitä|määrittele|kuvaile|esittele|räkna upp|nämn|berätta|list|name|explain|tell)\b",
    re.IGNORECASE,
)
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
    before = None if as_typed else _before(history)
    understood, completed = asked, False
    if before and (full := complete(asked, before, vocabulary, language, today.year)):
        understood, completed = full, True
    status = _intent_of_part(understood, asked, vocabulary, language, completed)
    if status:
        return Question(typed, typed, typed, language, status, clauses=(typed,))
    if understood != asked or asked == spelled or len(understood) > 2:
        understood = understood if completed or understood != typed else typed
    return described(typed, understood, language, vocabulary, today, completed=completed)


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
    years = years_of(understood, today)
    names = names_of(understood, vocabulary, language)
    beside, foreign = places_of(understood, vocabulary)
    return Question(
        text=typed,
        understood=understood,
        searched=searched(understood, language, years),
        language=language,
        asks=asks_of(understood, language),
        years=years,
        time=time_of(understood, years, today),
        names=tuple(dict.fromkeys((*(n for n in names if n not in foreign), *beside))),
        foreign_places=foreign,
        clauses=clauses_of(understood, vocabulary, language, today.year),
        completed=completed,
    )


# --- language -------------------------------------------------------------------------------------------------------------


def language_of(text: str, history: Sequence[Turn] = ()) -> Language:
    """The language of a text; Finnish where it is short or could be either, the last turn's where there are no words."""
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


# --- intents --------------------------------------------------------------------------------------------------------------


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


# --- the sentence that asks -------------------------------------------------------------------------------------------------


def _sentences(text: str) -> list[str]:
    return [
        part.strip()
        for start, end in sentence_spans(text)
        for part in re.split(r"(?<=[?!])\s+|\n+", text[start:end])
        if part.strip()
    ]


def starts_asking(sentence: str) -> bool:
    """Whether a sentence begins as a question or a request to tell."""
    found = words(sentence)
    if not found:
        return False
    low = found[0].lower()
    if _QUESTION_START.match(sentence) or is_question_word(low) or _asks_yes_no(low):
        return True
    foreign = {
        "vad",
        "vem",
        "vilka",
        "vilken",
        "vilket",
        "när",
        "var",
        "varför",
        "hur",
        "vart",
        "what",
        "who",
        "when",
        "where",
        "why",
        "how",
        "which",
        "whose",
    }
    return low in foreign


def _asks_yes_no(word: str) -> bool:
    return word not in ("paljonko", "montako", "kauanko", "moniko", "monesko") and any(
        r.asks and r.kind in ("teonsana", "kieltosana") for r in readings(word)
    )


def asking_part(text: str, language: Language) -> str:
    """The sentences that ask, without greetings, chatter and words like "haluaisin tietää"."""
    sentences = _sentences(text)
    if not sentences:
        return text
    trimmed = [trimmed_lead(sentence) for sentence in sentences]
    asking = [t for s, t in zip(sentences, trimmed, strict=True) if "?" in s or starts_asking(t)]
    if not asking or len(asking) == len(sentences):
        kept = [t for t in trimmed if not smalltalk(t)] or trimmed
        return " ".join(kept)
    marked = [t for t in asking if "?" in t]
    return " ".join(marked or asking)


_AFTER_MARK = re.compile(r"^.{12,}?(?::| – | - )\s*(?=\S)")
_AFTER_ASKING = re.compile(
    r"^(?:.*\b(?:tietää|kysyä|kertoa|sanoa|selvittää|kuulla|muista|tiedä|mietin|ihmettelen|pohdin|kysyn|kysyisin|kysymys|mietityttää|kiinnostaa|kiinnostaisi|veta|undrar|fråga|know|ask|wonder)"
    r"(?: (?:enää|yhtään|vain|sitä|että|nyt))*,?|.*\b(?:että))\s+(?=\S)",
    re.IGNORECASE,
)


def trimmed_lead(sentence: str) -> str:
    """A sentence from its question word on, where only greetings and polite words stand before it."""
    rest = sentence
    while True:
        found = lexicon().lead_in.match(folded(rest))
        if not found or found.end() in (0, len(rest)):
            break
        after = rest[found.end() :].lstrip(" ,.:!–-")
        if not after or (rest[found.end()].isalnum()):
            break
        rest = after
    if rest != sentence and not (starts_asking(rest) or _worth(rest)):
        rest = sentence
    if not starts_asking(rest) and len(rest) > 40:
        for pattern in (_AFTER_MARK, _AFTER_ASKING):
            found_tail = pattern.match(rest)
            if found_tail and starts_asking(tail := rest[found_tail.end() :]) and len(words(tail)) > 2:
                rest = tail
                break
    return rest if rest == sentence else rest[:1].upper() + rest[1:]


def _worth(rest: str) -> bool:
    """Whether what is left after a greeting is more than a remnant."""
    return len(words(rest)) > 1


# --- what is asked --------------------------------------------------------------------------------------------------------


def asks_of(text: str, language: Language) -> frozenset[Asks]:
    """The kinds of thing that the question wants to hear."""
    bare = plain(text)
    found = {Asks(kind) for kind, pattern in lexicon().asks[language].items() if pattern.search(bare)}
    if language != "fi":
        first = (words(bare) or [""])[0]
        if first in (
            "is",
            "are",
            "was",
            "were",
            "does",
            "do",
            "did",
            "has",
            "have",
            "can",
            "will",
            "är",
            "var",
            "har",
            "kan",
            "finns",
            "får",
            "ska",
            "blev",
        ) and not found - {Asks.WHERE}:
            found = {Asks.YES_NO}
        return frozenset(found)
    low = [word.lower() for word in words(text)]
    if any(_asks_yes_no(word) for word in low[:3]) and not found & {Asks.WHO, Asks.WHEN, Asks.NUMBER, Asks.WHY}:
        found.add(Asks.YES_NO)
    found |= _asked_noun(low, bool(found))
    if Asks.WHEN in found or Asks.WHY in found:
        found -= {Asks.WHAT, Asks.WHERE}
    if Asks.NUMBER in found and not found & {Asks.LIST}:
        found -= {Asks.HOW, Asks.DEFINITION}
    return frozenset(found)


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
    nominal = [word for word in after if word not in ("on", "ovat") and nouns(word)]
    owned = any(r.case == GENITIVE and r.base.lower() != CITY for word in nominal[:-1] for r in nouns(word)[:1])
    if (
        copula
        and after[0] in ("on", "ovat")
        and nominal
        and len(nominal) <= 3
        and not owned
        and Asks.NUMBER not in found
    ):
        found.add(Asks.DEFINITION)
    if after and after[-1] == "on" and low[what] == "mikä" and 1 <= len(nominal) <= 2 and Asks.NUMBER not in found:
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


# --- time -----------------------------------------------------------------------------------------------------------------


_RELATIVE = (
    (re.compile(r"\bviime vuo\w+|\bförra året|\blast year\b", re.IGNORECASE), -1),
    (re.compile(r"\btoissa ?vuo\w+", re.IGNORECASE), -2),
    (re.compile(r"\b(?:tänä|tämän) vuo\w+|\bkuluva\w* vuo\w+|\bi år\b|\bthis year\b", re.IGNORECASE), 0),
    (re.compile(r"\bensi vuo\w+|\bnästa år\b|\bnext year\b", re.IGNORECASE), 1),
)
_TITLE_YEAR = re.compile(
    r"\b(?:strategia\w*|visio\w*|agenda|ohjelma\w*|strategi|strategy|vision)(?: vuodelle| vuoteen| för år| for)? ((?:19|20)\d\d)\b",
    re.IGNORECASE,
)


def years_of(text: str, today: datetime.date) -> tuple[str, ...]:
    """The years that the question names, also as "viime vuonna"; a year in a title (strategia 2030) is a name, not a time."""
    titled = {match[1] for match in _TITLE_YEAR.finditer(text)}
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
        return "any" if strong and not re.search(r"\bnykyi\w+ (?:edelta|ennen)|\bennen (?:nykyi|nyt)", bare) else "past"
    was = bool(re.search(r"\b(?:oli|olivat|var|was|were)\b", bare))
    if now and (strong or not (earlier or was)):
        return "now"
    return "past" if earlier else "any"


# --- names ----------------------------------------------------------------------------------------------------------------


_DATE = re.compile(r"\b\d{1,2}\.\s?\d{1,2}\.(?:\s?\d{4})?")
_LABEL = re.compile(r"(?<![\d.,])(\d+[A-Za-zÅÄÖ])\b|(§\s?\d+)|\b(\d+)\s?§")


def names_of(text: str, vocabulary: Vocabulary, language: Language) -> tuple[str, ...]:
    """Base forms of persons, bodies, programmes, places and abbreviations, and the dates, labels and figures; not the city."""
    found: dict[str, None] = {}
    for match in _DATE.finditer(text):
        found[match[0].replace(" ", "")] = None
    for match in _LABEL.finditer(text):
        found[(match[1] or match[2] or f"§{match[3]}").replace(" ", "").lower()] = None
    for match in _TITLE_YEAR.finditer(text):
        found[match[1]] = None
    rest = _LABEL.sub(" ", _DATE.sub(" ", text))
    tokens = words(rest)
    for index, word in enumerate(tokens):
        if word[0].isdigit():
            if len(word) > 1 and not YEAR.search(word):
                found[word] = None
        elif name := _name_of(word, index == 0 or tokens[index - 1][-1:] in ".?!", vocabulary, language):
            found[name] = None
    return tuple(found)


def _name_of(word: str, first: bool, vocabulary: Vocabulary, language: Language) -> str | None:
    low = word.lower()
    lists = lexicon()
    if low in lists.language_words["fi"] or (
        language != "fi" and (low in lists.language_words[language] or (low,) in lists.glossary[language])
    ):
        return None
    found = readings(word)
    bases = {r.base.lower() for r in found} or {low}
    if CITY in bases or low.startswith(CITY):
        return None
    proper = [r.base.lower() for r in found if r.name]
    capital = word[:1].isupper() and not first
    if (
        proper
        and (capital or len(proper) == len(found) or proper[0] in vocabulary.names)
        and (word[:1].isupper() or proper[0] in vocabulary.names or len(proper) == len(found))
    ):
        if capital or proper[0] in vocabulary.names or not vocabulary.lemmas[low]:
            return proper[0]
    if known_name := next((base for base in bases if base in vocabulary.names), None):
        return known_name
    if word.isupper() and len(word) > 1 or capital:
        return next((r.base.lower() for r in found if r.case), low)
    if language != "fi":
        return None
    for reading in found:
        if reading.kind != "nimisana":
            continue
        base = reading.base.lower()
        if base in lists.bodies or (
            reading.compound and (reading.last in lists.bodies or reading.last in lists.programmes)
        ):
            return base
        if base in lists.programmes and reading.compound:
            return base
    return None


# --- searching and clauses --------------------------------------------------------------------------------------------------


_ENDINGS = {
    "sv": (
        "ernas",
        "arnas",
        "ornas",
        "erna",
        "arna",
        "orna",
        "ens",
        "ets",
        "ar",
        "er",
        "or",
        "en",
        "et",
        "an",
        "na",
        "n",
        "t",
        "s",
        "a",
    ),
    "en": ("'s", "s'", "ies", "es", "s"),
}


def finnish_terms(text: str, language: Language) -> str:
    """The Finnish words of the glossary for a Swedish or English text, in its order."""
    if language == "fi":
        return ""
    glossary = lexicon().glossary[language]
    low = [word.lower() for word in words(text.replace("-", " "))]
    found: dict[str, None] = {}
    index = 0
    while index < len(low):
        size = next((n for n in range(min(6, len(low) - index), 0, -1) if _entry(low[index : index + n], language)), 0)
        if size:
            found[_entry(low[index : index + size], language) or ""] = None
        elif YEAR.fullmatch(low[index]):
            found[low[index]] = None
        index += size or 1
    del glossary
    return " ".join(found)


def _entry(part: list[str], language: Language) -> str | None:
    glossary = lexicon().glossary[language]
    if (exact := glossary.get(tuple(part))) is not None:
        return exact
    *before, last = part
    for ending in _ENDINGS[language]:
        if last.endswith(ending) and len(last) - len(ending) > 2:
            stem = last[: -len(ending)]
            for tried in (stem, stem + "a", stem + "e", stem + "y") if ending != "s" else (stem,):
                if (found := glossary.get((*before, tried))) is not None:
                    return found
    return None


def searched(understood: str, language: Language, years: tuple[str, ...]) -> str:
    """What is embedded and searched: with the year of "viime vuonna", and with the Finnish terms of a foreign question."""
    missing = [f"vuonna {year}" for year in years if year not in understood]
    return " ".join(filter(None, (understood, finnish_terms(understood, language), *missing)))


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
    for sentence in _sentences(understood):
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
        if match[0].strip().startswith(",") and "ja" not in match[0] and language == "fi" and not _direct(tail):
            continue
        if starts_asking(tail) and len(words(tail)) > 1 and len(words(sentence[start : match.start()])) > 1:
            parts.append(sentence[start : match.start()])
            start = match.end()
    parts.append(sentence[start:])
    if len(parts) == 1:
        return parts
    return [part[:1].upper() + re.sub(r"[\s?.!]*$", "", part)[1:] + "?" for part in parts]


def _direct(tail: str) -> bool:
    """A second question after a comma, not a relative clause ("talo, missä asuin", "se, mikä on")."""
    first = words(tail)[0].lower() if words(tail) else ""
    return first.startswith(("milloin", "miksi", "miten", "kuka", "ketkä", "montako", "paljonko", "kuinka"))


def _before(history: Sequence[Turn]) -> Before | None:
    """The last turn that was a question, with the person and the year that its answer named."""
    for turn in reversed(history):
        if turn.answer.status in _ANSWERED:
            quotes = [citation.span or citation.quote for citation in turn.answer.citations[:1]]
            quotes += [citation.quote for citation in turn.answer.citations[:1]]
            person = next((name for quote in quotes if (name := person_in(quote))), None)
            year = next(
                (int(found[0]) for quote in quotes if len(found := sorted(set(YEAR.findall(quote)))) == 1), None
            )
            return Before(turn.understood or turn.question, person, year)
    return None


_PERSON = re.compile(r"\b([A-ZÅÄÖ][a-zåäö]+(?:-[A-ZÅÄÖ][a-zåäö]+)?) ([A-ZÅÄÖ][a-zåäö]+(?:-[A-ZÅÄÖ][a-zåäö]+)?)\b")


def person_in(text: str) -> str | None:
    """The first person named by first and family name, in the nominative where the form can be read."""
    for first, family in _PERSON.findall(text):
        if not any(r.kind == "etunimi" for r in readings(first)):
            continue
        bases = [r.base for r in readings(family) if r.kind == "sukunimi"]
        return f"{first} {bases[0] if bases else family}"
    return None


__all__ = [
    "Vocabulary",
    "asks_of",
    "clauses_of",
    "described",
    "language_of",
    "names_of",
    "searched",
    "time_of",
    "understand",
    "years_of",
]
