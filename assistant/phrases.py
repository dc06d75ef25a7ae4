"""The parts of a Finnish question: its question words, its verb, and its noun phrases, which can be put into another
case."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from assistant.morphology import (
    ABLATIVE,
    ADESSIVE,
    ALLATIVE,
    ELATIVE,
    ESSIVE,
    GENITIVE,
    ILLATIVE,
    INESSIVE,
    NOMINATIVE,
    PARTITIVE,
    Reading,
    form,
    readings,
)
from assistant.morphology import nouns as plain_nouns
from assistant.vocabulary import Vocabulary
from assistant.wordlists import lexicon

YEAR = re.compile(r"(?<![\d.,])(?:19|20)\d\d(?![\d,])")
DAY = re.compile(r"(?<![\d.])\d{1,2}\.\d{1,2}\.(?:19|20)\d\d(?!\d)")
MONTH = re.compile(r"\b\w+kuussa (?:19|20)\d\d\b", re.IGNORECASE)
_PIECES = re.compile(r"\d+[A-Za-zÅÄÖåäö]\b|\d+(?:[.,:–-]\d+)*(?:-[^\W\d_]+)?|[^\W\d_]+\d*(?:[-'’:][^\W_]+)*|[^\w\s]")

_DOING = re.compile(r"(\w+mi)(?:nen|s\w+)")


def nouns(word: str) -> list[Reading]:
    """The readings of a word as noun, adjective, numeral or name; a verb's noun (eteneminen) is one as well."""
    found = plain_nouns(word)
    if not found and (doing := _DOING.fullmatch(word)):
        base = f"{doing[1]}nen"
        return [replace(r, base=base, kind="nimisana", last=base) for r in readings(word) if r.case and not r.finite]
    return found


QUESTION_BASES = frozenset(
    """mikä kuka ken kumpi millainen minkälainen milloin missä mistä mihin minne miten miksi kuinka moni montako paljo
    paljonko mones monesko koska kauanko kauan minkä mitä minkäniminen""".split()
)
_MEASURES = frozenset({"ikäinen", "kokoinen", "pituinen", "hintainen", "niminen", "näköinen", "laatuinen", "tyyppinen"})
"""After "minkä" these ask as one with it: "minkä ikäinen lapsi"."""

ADVERBS_ASKING = frozenset("milloin missä miksi miten mistä mihin minne kuinka koska kauanko paljonko".split())

_GLUE = frozenset(
    """ja tai sekä eli että kun jos kuin niin myös vain jo vielä nyt sitten siis mutta vaan ei eikä entä jälkeen ennen
    aikana aikaan mukaan kanssa vuoksi takia mennessä asti saakka lähtien alkaen kohti kohden yli alle noin jopa
    vai edelleen nykyisin nykyään sama samassa samalla samaan silloin tuolloin aiemmin aikaisemmin ensin taas
    enää kaikki koskaan usein paljon voimassa voimaan auki kiinni käytössä käyttöön mukana esillä vireillä oma kiitos
    varten koko kertaa kerran varalla paikalla läsnä poissa vastaan puolesta läpi""".split()
)
CLAUSE_MARKS = frozenset(
    {",", ";", ":", "ja", "sekä", "eli", "kun", "jos", "että", "vai", "mutta", "koska", "jotta", "?", "."}
)


@dataclass(frozen=True)
class Phrase:
    """A noun phrase: words [start, end) of the pieces of a text, with its head."""

    start: int
    end: int
    words: tuple[str, ...]
    head: int
    """Position of the head within `words`."""
    case: str
    plural: bool
    base: str
    """Base form of the head."""
    city: bool = False
    time: bool = False
    name: bool = False
    quality: bool = False
    """Only an adjective or a participle, without a noun."""
    title: bool = False
    """A name of words that do not agree (Heinola hyppysissä): it stays as it is in every case."""

    @property
    def text(self) -> str:
        """As written."""
        return " ".join(self.words)

    def put(self, case: str, plural: bool | None = None) -> str | None:
        """The phrase in another case: attributes that agree follow, genitives and what stands after the head stay."""
        number = self.plural if plural is None else plural
        if self.title:
            return self.text
        if (case, number) == (self.case, self.plural):
            return self.text
        made: list[str] = []
        for position, word in enumerate(self.words):
            if position > self.head:
                made.append(word)
                continue
            found = next((r for r in nouns(word) if (r.case, r.plural) == (self.case, self.plural)), None)
            if position < self.head and (found is None or self.case == GENITIVE and not _adjective(word)):
                made.append(word)
                continue
            base = self.base if position == self.head else found.base if found else word
            new = form(base, case, number) or _doing_form(base, case, number)
            if new is None:
                return None
            made.append(new[:1].upper() + new[1:] if word[:1].isupper() else new)
        return " ".join(made)

    def possessor(self) -> Phrase | None:
        """The genitive before the head (Kailaan koulun in "Kailaan koulun rehtori"), but not the city or a year."""
        before = self.words[: self.head]
        found = next((r for r in nouns(before[-1]) if r.case == GENITIVE), None) if before else None
        if (
            found is None
            or _adjective(before[-1])
            or found.base.lower() in ("heinola", "kaupunki", "vuosi")
            or before[-1][0].isdigit()
        ):
            return None
        return replace(
            self, end=self.start + self.head, words=before, head=len(before) - 1, case=GENITIVE, plural=found.plural,
            base=found.base, name=found.name,
        )  # fmt: skip

    def basic(self) -> str:
        """In the nominative where that can be made, else as written."""
        return self.put(NOMINATIVE) or self.text


def _doing_form(base: str, case: str, plural: bool) -> str | None:
    """A verb's noun (eteneminen) in a case: Voikko knows it as a form of the verb, so `form` does not confirm it."""
    like = None if plural or not base.endswith("minen") else form("ihminen", case)
    if like is None:
        return None
    end = like[len("ih") :]
    return base[: -len("minen")] + (end.replace("ä", "a") if any(letter in "aou" for letter in base) else end)


def _adjective(word: str) -> bool:
    return any(r.kind in ("laatusana", "nimisana_laatusana", "lukusana") or r.participle for r in readings(word))


@dataclass(frozen=True)
class Parsed:
    """A question taken apart."""

    text: str
    pieces: tuple[str, ...]
    asking: tuple[int, ...]
    """Positions of question words."""
    verbs: tuple[int, ...]
    phrases: tuple[Phrase, ...]

    def owner(self) -> Phrase | None:
        """The topic, or what it belongs to where it is a mere part or measure (hyvinvointityöryhmän tehtävä)."""
        topic = self.topic()
        if topic is None or topic.base.lower() not in lexicon().attributes and not topic.base.endswith("minen"):
            return topic
        return topic.possessor() or topic

    def topic(self) -> Phrase | None:
        """The phrase that the question is about: not the city, not a time; a subject before other cases."""
        wanted = [phrase for phrase in self.phrases if not (phrase.city or phrase.time or phrase.quality)]
        if not wanted:
            return next((phrase for phrase in self.phrases if not phrase.time), None)
        asked = self.asking[0] + 1 if self.asking else -1

        def rank(phrase: Phrase) -> tuple[bool, bool, bool, int]:
            return (phrase.case != NOMINATIVE, not phrase.name, phrase.start == asked, phrase.start)

        return min(wanted, key=rank)


def pieces(text: str) -> list[str]:
    """Words, numbers (1B whole) and marks."""
    return _PIECES.findall(text)


def joined(parts: list[str]) -> str:
    """Pieces put together again: no space before a mark, nor before the hyphen of "hoito- ja"."""
    text = re.sub(r" +([,.;:?!)”]|-(?= (?:ja|tai|sekä|eli)\b))", r"\1", " ".join(part for part in parts if part))
    return re.sub(r"\( ", "(", text).strip()


def parsed(text: str, vocabulary: Vocabulary) -> Parsed:
    """The parts of a question."""
    found = pieces(text)
    asking = tuple(
        i
        for i, piece in enumerate(found)
        if is_question_word(piece, found[i + 1] if i + 1 < len(found) else "")
        or (i and found[i - 1].lower() == "kuinka" and any(r.base == "moni" for r in readings(piece.lower())))
        or (i and found[i - 1].lower() == "minkä" and any(r.base in _MEASURES for r in readings(piece.lower())))
    )
    verbs: list[int] = []
    for i, piece in enumerate(found):
        if i not in asking and _verb(piece, taken=bool(verbs), first=i == 0):
            verbs.append(i)
    return Parsed(
        text, tuple(found), asking, tuple(verbs), tuple(_phrases(found, set(asking) | set(verbs), vocabulary))
    )


def is_question_word(word: str, following: str = "") -> bool:
    """Mikä, kuka, milloin… in any form; "minä" only before a noun in the same case (minä vuonna)."""
    low = word.lower()
    if low == "minä":
        return any(r.case == ESSIVE for r in nouns(following.lower()))
    return low in ("montako", "paljonko", "kauanko", "moniko", "monesko", "koska", "miksi", "kuinka") or any(
        r.base in QUESTION_BASES and (r.kind in ("asemosana", "seikkasana") or r.asks or r.base.endswith("lainen"))
        for r in readings(low)
    )


def _verb(word: str, *, taken: bool, first: bool) -> bool:
    found = readings(word.lower()) if word[:1].islower() or first else readings(word)
    if any(r.kind == "asemosana" for r in found) or word.lower().startswith("seuraav"):
        return False
    finite = [r for r in found if r.finite]
    if not finite:
        return first and any(r.mood == "imperative" for r in found) and not nouns(word)
    return (
        not nouns(word)
        or any(r.asks for r in finite)
        or (not taken and any(r.person in ("3", "4") for r in finite) and not _common_noun(word))
    )


_VERBS_FIRST = frozenset({"kuuluu", "toimi", "alkoi", "kävi", "voi", "tuli", "meni", "kesti", "koski"})
"""Forms that are nouns too, but in a question nearly always verbs."""


def _common_noun(word: str) -> bool:
    found = (r for r in readings(word) if r.kind == "nimisana" and r.case == NOMINATIVE and not r.plural)
    return word not in _VERBS_FIRST and any(r.base == word for r in found)


_TIME_BASES = frozenset(
    """vuosi kuukausi kuu päivä viikko aika kausi tammikuu helmikuu maaliskuu huhtikuu toukokuu kesäkuu heinäkuu elokuu
    syyskuu lokakuu marraskuu joulukuu kevät kesä syksy talvi lukuvuosi loppu alku hetki vuode""".split()
)
"""Vuode for "vuoteen 2030", which is read as a bed's."""


def is_time(base: str) -> bool:
    """Whether a base form names a time (vuosi, kevät, päivä)."""
    return base.lower() in _TIME_BASES


def _phrases(found: list[str], taken: set[int], vocabulary: Vocabulary) -> list[Phrase]:
    result: list[Phrase] = []
    index = 0
    while index < len(found):
        if titled := _hyphened(found, index, result, vocabulary):
            result = [phrase for phrase in result if phrase.start < titled.start] + [titled]
            index = titled.end
            continue
        if index in taken or not _nominal(found[index]):
            index += 1
            continue
        if index + 1 < len(found) and _titled(found[index], found[index + 1], vocabulary):
            pair = (found[index], found[index + 1])
            result.append(
                Phrase(index, index + 2, pair, 0, NOMINATIVE, False, " ".join(pair).lower(), name=True, title=True)
            )
            index += 2
            continue
        end = index + 1
        while (
            end < len(found)
            and end not in taken
            and _nominal(found[end])
            and _goes_on(found[end - 1], found[end], found[index:end])
        ):
            end += 1
        if phrase := _phrase(found, index, end, vocabulary):
            result.append(phrase)
        index = end
    return result


def _hyphened(found: list[str], index: int, before: list[Phrase], vocabulary: Vocabulary) -> Phrase | None:
    """ "Terveisiä Kirkonkylästä -tapahtuma": a name of several words, and the noun behind the hyphen."""
    noun = found[index + 1] if found[index] == "-" and index + 1 < len(found) else ""
    reading = _head_reading(noun, vocabulary) if noun.islower() and nouns(noun) else None
    start = index
    for phrase in reversed(before):
        start = phrase.start if phrase.end == start else start
    if reading is None or start > index - 2 or not found[start][:1].isupper():
        return None
    words = (*found[start:index], noun)
    return Phrase(start, index + 2, words, len(words) - 1, reading.case, reading.plural, reading.base, name=True)


def _titled(first: str, second: str, vocabulary: Vocabulary) -> bool:
    """Whether the corpus has the two words side by side, and the second in no other form."""
    if not first[:1].isupper() or not second.islower() or (first.lower(), second) not in vocabulary.pairs:
        return False
    forms = {r.base.lower() for r in nouns(second) if r.case not in (NOMINATIVE, GENITIVE, PARTITIVE)}
    return any(vocabulary.lemmas[base] == vocabulary.counts[second] > 1 for base in forms)


def _nominal(piece: str) -> bool:
    if not piece[0].isalnum() or piece.lower() in _GLUE:
        return False
    if piece[0].isdigit():
        return True
    found = readings(piece)
    if any(r.kind == "asemosana" or r.mood == "MA-infinitive" for r in found):
        return False  # also "olemassa" and "vastaamaan", which could be nouns
    return not found or bool(nouns(piece))


def _cases(word: str) -> set[tuple[str, bool]]:
    return {(r.case, r.plural) for r in nouns(word)}


def _goes_on(before: str, word: str, sofar: list[str]) -> bool:
    """Whether a word belongs to the phrase before it: after a genitive or an agreeing attribute, or as a label (1B,
    2030)."""
    if word[0].isdigit():
        return not re.fullmatch(r"\d+\.\d+\.\d*", word)
    if before[0].isdigit():
        if before.count(".") > 1:
            return False
        return any(case == GENITIVE for prior in sofar for case, _ in _cases(prior)) or len(sofar) == 1
    if any(case == GENITIVE for case, _ in _cases(before)):
        return not _when(word) or _when(before) or _adjective(before) or before[:1].isupper()
    if len(sofar) == 1 and _is_first_name(before) and word[:1].isupper():
        return True
    if not readings(before):
        return before[:1].islower() or word[:1].isupper() or (len(sofar) == 1 and before.endswith("n"))
    if before[:1].isupper() and before.endswith("n") and word[:1].islower() and any(r.name for r in readings(before)):
        return len(sofar) == 1 and not any(r.base == "Heinola" for r in readings(before))  # Kailaan koulu
    if any(r.kind == "lukusana" for r in readings(before)) and (PARTITIVE, False) in _cases(word):
        return True
    return bool(_cases(before) & _cases(word)) and (_adjective(before) or (before[:1].isupper() and word[:1].isupper()))


def _when(word: str) -> bool:
    """Whether a word names a time ("strategian | helmikuussa", but "vuoden helmikuussa", "seuraavan syksyn")."""
    return any(is_time(r.base) and r.case in (GENITIVE, ESSIVE, INESSIVE, ADESSIVE) for r in nouns(word))


def _phrase(found: list[str], start: int, end: int, vocabulary: Vocabulary) -> Phrase | None:
    part = tuple(found[start:end])
    head = max((i for i, word in enumerate(part) if not word[0].isdigit()), default=-1)
    if head < 0:
        time = bool(YEAR.fullmatch(part[0]) or DAY.fullmatch(part[0]))
        return Phrase(start, end, part, 0, NOMINATIVE, False, part[0], time=time)
    if head and part[head][:1].isupper() and _is_first_name(part[0]):  # Netta Malin: not the genitive of Mali
        return Phrase(start, end, part, head, *_of_person(part[head]), part[head], name=True)
    reading = _head_reading(part[head], vocabulary)
    if reading is None:
        return Phrase(
            start, end, part, head, _case_by_ending(part[head]), False, part[head], name=part[head][:1].isupper()
        )
    base = reading.base.lower()
    time = base in _TIME_BASES and (
        reading.case in (ESSIVE, ILLATIVE, GENITIVE, PARTITIVE, "ulkotulento", "sisaolento", "ulkoolento", "sisaeronto")
        or base.endswith("kuu")
    )
    return Phrase(
        start, end, part, head, reading.case, reading.plural, reading.base,
        city=(base == "heinola" and len(part) == 1)
        or (base == "kaupunki" and len(part) <= 2 and reading.case != PARTITIVE),
        time=time, name=reading.name or base in vocabulary.names,
        quality=head + 1 == len(part) and not any(r.kind == "nimisana" or r.name for r in nouns(part[head])),
    )  # fmt: skip


_ENDINGS = (
    ("ssa", INESSIVE), ("sta", ELATIVE), ("lla", ADESSIVE), ("lta", ABLATIVE), ("lle", ALLATIVE),
)  # fmt: skip


def _case_by_ending(word: str) -> str:
    """The local case that a word outside the dictionary seems to stand in (Haaga-Heliassa), else the nominative."""
    low = word.lower().replace("ä", "a")
    return next((case for end, case in _ENDINGS if low.endswith(end) and len(low) > 2 * len(end)), NOMINATIVE)


def _is_first_name(word: str) -> bool:
    return word[:1].isupper() and any(r.kind == "etunimi" and r.case == NOMINATIVE for r in readings(word))


def _of_person(family: str) -> tuple[str, bool]:
    """Case and number of a family name; the nominative where the form is not one of a family name that is known."""
    found = next((r for r in readings(family) if r.kind == "sukunimi" and not r.plural), None)
    return (found.case if found else NOMINATIVE), False


def _head_reading(word: str, vocabulary: Vocabulary) -> Reading | None:
    """The likeliest reading: a base that the corpus has, the nominative before other cases."""
    found = nouns(word)
    if word.islower() and any(not r.name for r in found):
        found = [r for r in found if not r.name or r.base.lower() in vocabulary.names]
    if not found:
        return None
    return min(
        found,
        key=lambda r: (
            not vocabulary.lemmas[r.base.lower()],
            r.compound,  # "oppilasta" is of a pupil, no spatula
            r.case not in (NOMINATIVE, GENITIVE),
            -vocabulary.lemmas[r.base.lower()],
        ),
    )
