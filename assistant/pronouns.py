"""Pronouns that point out of a turn (se, hän, siellä, sellainen), replaced by what they point to in the question
before."""

from __future__ import annotations

from dataclasses import replace

from assistant.earlier import END, Before, aside, fallback, in_event, sentence, with_time
from assistant.morphology import (
    ADESSIVE,
    ALLATIVE,
    ELATIVE,
    GENITIVE,
    ILLATIVE,
    INESSIVE,
    NOMINATIVE,
    PARTITIVE,
    form,
    numeral,
    readings,
)
from assistant.phrases import CLAUSE_MARKS, Parsed, Phrase, nouns
from assistant.pointing import COUNTED, PLURAL, THEM, acts, is_body, is_part, relative
from assistant.tenses import singular
from assistant.wordlists import lexicon

_PEOPLE = THEM | frozenset("hän hänet hänen häntä hänestä häneen hänellä häneltä hänelle".split())
_PLACES = {"siellä": ADESSIVE, "sinne": ALLATIVE, "sieltä": "ulkoeronto"}
_TOWARDS = {"siellä": (INESSIVE, ADESSIVE), "sinne": (ILLATIVE, ALLATIVE), "sieltä": (ELATIVE, "ulkoeronto")}
_OUTER = frozenset({ADESSIVE, ALLATIVE, "ulkoeronto"})
_OBJECT = frozenset({NOMINATIVE, GENITIVE, PARTITIVE})
_WITHIN = frozenset({INESSIVE, ILLATIVE, ADESSIVE})
_SINCE = frozenset({"jälkeen", "ennen", "lähtien", "asti", "saakka", "välin", "aikaan", "aikaa"})
"""After a pronoun these make a time of it: "sen jälkeen", "sillä välin"."""


def pronouns(turn: Parsed, last: Parsed, before: Before) -> str | None:
    """Each pronoun that points out of the turn replaced by what it points to, with the time of the question before."""
    parts = list(turn.pieces)
    pointing = [
        (index, lexicon().pronouns[piece.lower()])
        for index, piece in enumerate(turn.pieces)
        if piece.lower() in lexicon().pronouns and not _inside(turn, index) and not _determined(turn, index)
    ]
    if not pointing:
        return None
    if any(turn.pieces[i + 1 : i + 2] and turn.pieces[i + 1].lower() in _SINCE for i, _ in pointing):
        return in_event(turn, last)
    meant: dict[str, int] = {}
    for index, case in pointing:
        told = _pointed(index, case, turn, last, before) or ""
        if meant.setdefault(_pointed(index, NOMINATIVE, turn, last, before) or told, index) == index:
            parts[index] = told  # "Paljonko ne väheni siitä?": the two are not the same
    if not all(parts):
        return fallback(turn.text, last)
    he = next((index for index, _ in pointing if parts[index] and turn.pieces[index].lower() == "he"), None)
    if he is not None and "(" not in parts[he] and not parts[he].endswith("t"):  # "valtuuskunta tapaavat"
        parts = [singular(part) or part if i in turn.verbs else part for i, part in enumerate(parts)]
    return sentence(with_time(parts, turn, last))


def _inside(turn: Parsed, index: int) -> bool:
    """Whether the pronoun has its noun in an earlier clause of the turn, or a clause after it that explains it (se,
    joka)."""
    following = [piece.lower() for piece in turn.pieces[index + 1 : index + 5]]
    if following[:1] == [","] or following[:1] and following[0] in _EXPLAINED:
        return True
    if any(piece == "," and relative(after) for piece, after in zip(following, following[1:], strict=False)):
        return True
    if any(relative(word) for word in following[:2]):
        return True
    named = [p for p in turn.phrases if turn.asking and p.end <= turn.asking[0] and not (p.time or p.city or p.quality)]
    if named and index > turn.asking[0]:  # "Sepänniemen linnoitus, miltä vuosisadalta se on?"
        return True
    marks = [i for i, piece in enumerate(turn.pieces[:index]) if piece.lower() in CLAUSE_MARKS]
    return bool(marks) and any(
        p.end <= marks[-1] and not p.time and not p.quality and (not p.city or p.case == NOMINATIVE)
        for p in turn.phrases
    )


_EXPLAINED = frozenset({"paitsi", "vastoin", "miten", "mitä", "kuka", "milloin", "miksi", "missä", "kuinka"})
"""After a pronoun these tell what it means: "siitä, miten"."""


def _determined(turn: Parsed, index: int) -> bool:
    """Whether the pronoun goes with a noun after it ("se strategia", "siinä kaavaa käsittelevässä jutussa")."""
    low = turn.pieces[index].lower()
    case, plural = lexicon().pronouns[low], low in PLURAL
    after = next((p for p in turn.phrases if p.start == index + 1), None)
    if any(p.start <= index < p.end - 1 for p in turn.phrases):
        return True  # "sellaista tietä"
    beside = turn.pieces[index + 1] if index + 1 < len(turn.pieces) else "?"
    if beside.isalpha() and not readings(beside) and not any(r.finite for r in readings(beside.lower())):
        return True  # a word that the dictionary lacks: "siihen osbuun"
    if low in _TOWARDS and after is not None and after.case in _TOWARDS[low]:
        return True  # "siellä hyvinvointialueella"
    if case == NOMINATIVE and numeral(beside):
        return True  # "ne neljä uutta lautakuntaa"
    if case == GENITIVE:  # "sen uimahallin osoite", but "sen jäsenten nimet" and "sen tuottoja"
        return after is not None and _genitive_of_its_own(after)
    if after is not None and (after.case, after.plural, after.quality) == (case, plural, False):
        return True
    if turn.verbs and turn.verbs[0] == 0 and case == NOMINATIVE:
        return False  # "Onko se suojeltu kohde?"
    for position in range(index + 1, len(turn.pieces)):
        piece = turn.pieces[position]
        if position in turn.verbs or position in turn.asking or piece.lower() in CLAUSE_MARKS:
            return False
        if position > index + 1 and any(
            (r.case, r.plural) == (case, plural) and (case != NOMINATIVE or r.kind == "nimisana") for r in nouns(piece)
        ):
            return True
    return False


def _genitive_of_its_own(phrase: Phrase) -> bool:
    if phrase.head == 0:
        return False
    first = next((r for r in nouns(phrase.words[0]) if r.case == GENITIVE and not r.plural), None)
    related = lexicon().attributes | lexicon().people_heads | {"vuosi"}
    return first is not None and not related & {first.base.lower(), first.last}


def _pointed(index: int, case: str, turn: Parsed, last: Parsed, before: Before) -> str | None:
    """What one pronoun points to, in its case; in brackets after it where that form cannot be made."""
    pronoun = turn.pieces[index].lower()
    if pronoun.startswith("hä") and before.person:
        return _person(before.person, case)
    asks_who = last.pieces[0].lower() in ("kuka", "ketkä")  # then it is who was asked for, not whom the question names
    if pronoun.startswith("hä") and not asks_who and (named := next((p for p in last.phrases if _is_named(p)), None)):
        return named.put(case) or named.text
    if told := _the_one_that(pronoun, case, turn, last):
        return told
    again = bool(index) and turn.pieces[index - 1].lower() in COUNTED
    if pronoun in PLURAL and (counted := _counted(case, last, again=again)):
        return counted
    topic = _referent(pronoun, case, turn, last)
    if topic is None:
        return None
    if pronoun in _PEOPLE and not _could_be_they(topic, last):
        return f"{turn.pieces[index]} ({aside(topic)})"
    plural = topic.plural or (pronoun in PLURAL and (pronoun not in _PEOPLE or _is_person(topic, last)))
    if case == PARTITIVE and again:
        plural = False
    if aside(topic) != topic.basic():
        return aside(topic) if case == NOMINATIVE else f"{turn.pieces[index]} ({aside(topic)})"
    if pronoun in _PLACES and topic.case in _OUTER:  # "Vierumäellä" stays so
        case = _TOWARDS[pronoun][1]
    made = topic.put(case, plural) or (topic.put(_PLACES[pronoun], plural) if pronoun in _PLACES else None)
    return made or f"{turn.pieces[index]} ({aside(topic)})"


def _the_one_that(pronoun: str, case: str, turn: Parsed, last: Parsed) -> str | None:
    """ "Mikä idea voitti?" -> "idea, joka voitti,": what was asked for is what is spoken of now.

    Not where a body did something to the topic ("Mikä lautakunta käsitteli ohjelman?"), and hän only
    after "kuka".
    """
    asking = last.pieces[0].lower()
    who = {"kuka": "hän", "ketkä": "he"}.get(asking)
    if asking not in ("mikä", "mitkä", "kuka", "ketkä") or not last.verbs:
        return None
    if (who is not None or pronoun in _PEOPLE) and pronoun != who:
        return None
    verb = last.verbs[0]
    noun = next((p for p in last.phrases if p.start == 1 and p.end == verb and p.case == NOMINATIVE), None)
    if any(r.base == "olla" for r in readings(last.pieces[verb].lower())) or (noun is None and verb != 1):
        return None
    if noun is not None and is_body(noun.base):
        return None
    if noun is None and case != NOMINATIVE:
        return None
    if noun is not None and noun.plural != (pronoun in PLURAL):
        return None
    head = noun.put(case) if noun is not None else turn.pieces[[p.lower() for p in turn.pieces].index(pronoun)].lower()
    which = "jotka" if asking in ("mitkä", "ketkä") else "joka"
    clause = END.sub("", " ".join(last.pieces[verb:]).replace(" ,", ","))
    return f"{head}, {which} {clause}," if head else None


def _counted(case: str, last: Parsed, *, again: bool) -> str | None:
    """ "Montako ideaa kyselyssä saatiin?" -> "ideat kyselyssä": what was counted, and where; in the partitive only
    where it is counted again."""
    if last.pieces[0].lower() not in (*COUNTED, "kuinka") or (case == PARTITIVE and not again):
        return None
    things = (p for p in last.phrases if p.start <= 2 and p.case == PARTITIVE and not (p.time or p.quality))
    what = next((p for p in things if p.base != "moni"), None)
    made = what.put(case, not again or case != PARTITIVE) if what is not None else None
    places = [p.text for p in last.phrases if p.case in _WITHIN and not (p.city or p.time)]
    return " ".join([made, *places[:1]]) if made else None


def _referent(pronoun: str, case: str, turn: Parsed, last: Parsed) -> Phrase | None:
    """The phrase of the question before that a pronoun means."""
    wanted = [p for p in last.phrases if not (p.city or p.time or p.quality)]
    if pronoun in _PLACES:  # "Missä osoitteessa piste on?": what is told there is told at the point
        wanted = [p for p in wanted if p.base != "osoite"] or wanted
    if pronoun in _PLACES and (places := [p for p in wanted if p.case in _WITHIN and not _is_person(p, last)]):
        return places[0]
    if case in (ELATIVE, ILLATIVE) and (alike := [p for p in wanted if p.case == case and p.start not in last.asking]):
        return replace(last, phrases=tuple(alike)).owner()
    if pronoun not in _PEOPLE and pronoun not in _PLACES:  # what the council decided, not the council
        which = (i for i in last.asking if any(r.base in ("mikä", "kumpi") for r in readings(last.pieces[i].lower())))
        asked = {i + 1 for i in which} if case in _WITHIN else set()
        wanted = [p for p in wanted if not acts(p, last) or p.start in asked] or wanted
        wanted = [p for p in wanted if not _folk(p)] or wanted
        wanted = [p for p in wanted if p.plural == (pronoun in PLURAL) and p.base not in _NO_THINGS] or wanted
    wanted = [
        p for p in wanted if not (p.start == 1 and (is_part(p) or (p.plural and pronoun not in PLURAL)))
    ] or wanted
    if _counts(last) and pronoun not in PLURAL:  # "Paljonko matkaa kuljetukseen vaaditaan?"
        wanted = [p for p in wanted if p.case != PARTITIVE] or wanted
    if case in _OBJECT and pronoun not in _PEOPLE:  # what was presented, not to whom
        wanted = [p for p in wanted if not _owns_dated(p, last)] or wanted
        wanted = [p for p in wanted if p.case in _OBJECT and not _leads(p, last)] or wanted
    how = last.pieces[0].lower() == "kuinka"  # "Kuinka suuri väistötila on?", "Mitkä neljä ohjelmaa"
    wanted = [_without_first(p) if p.head and (how and p.start == 1 or numeral(p.words[0])) else p for p in wanted]
    narrowed = replace(last, phrases=tuple(wanted)) if wanted else last
    topic = narrowed.topic() if pronoun in _PEOPLE else narrowed.owner()
    of_people = topic is not None and pronoun not in _PEOPLE and (_is_person(topic, last) or _folk(topic))
    if topic is not None and of_people and case != NOMINATIVE:
        return topic.possessor() or topic  # "siellä" after "Kailaan koulun rehtori": at the school
    return topic


_NO_THINGS = frozenset({"mieli", "tapa", "tarkoitus", "määrä", "kaikki", "kaikkea"})
"""Of "mitä mieltä", "millä tavalla", "oli määrä", "mitä kaikkea": nothing that is spoken of."""


def _counts(last: Parsed) -> bool:
    """Whether the question before asks how many or how much."""
    return any(last.pieces[i].lower() in COUNTED for i in last.asking) or last.text.lower().startswith("kuinka paljon")


def _leads(phrase: Phrase, last: Parsed) -> bool:
    """Whether a genitive goes with the word after it ("tiekartan kanssa")."""
    after = last.pieces[phrase.end].lower() if phrase.end < len(last.pieces) else ""
    return phrase.case == GENITIVE and after in ("kanssa", "mukaan", "aikana", "jälkeen", "vuoksi", "takia")


def _owns_dated(phrase: Phrase, last: Parsed) -> bool:
    """Whether a genitive goes with the noun after a month ("lautakunnan toukokuun 2021 kokouksessa")."""
    after = next((p for p in last.phrases if p.start == phrase.end), None)
    return phrase.case == GENITIVE and after is not None and after.head > 0 and after.words[0].endswith("kuun")


def _folk(phrase: Phrase) -> bool:
    return phrase.base.lower() in lexicon().leaning["folk"]


def _without_first(phrase: Phrase) -> Phrase:
    return replace(phrase, start=phrase.start + 1, words=phrase.words[1:], head=phrase.head - 1)


def _could_be_they(phrase: Phrase, last: Parsed) -> bool:
    """Whether "he" can mean what a phrase names: people, or a body of them."""
    lists = lexicon()
    here = {phrase.base.lower()} | {r.last for r in nouns(phrase.words[phrase.head])}
    people = here & (lists.bodies | lists.people_heads | lists.leaning["folk"])
    doer = phrase.base.lower().endswith(("ja", "jä", "lainen", "läinen"))
    return bool(people) or doer or phrase.name or _is_person(phrase, last)


def _is_person(phrase: Phrase, last: Parsed) -> bool:
    """Whether a phrase names somebody: an office, or the noun of "Kuka on …" and "Mikä kunta on …"."""
    asked = last.pieces[0].lower() in ("kuka", "ketkä") or (
        last.pieces[0].lower() == "mikä" and any(p.start == 1 and p != phrase for p in last.phrases)
    )
    copula = any(r.base == "olla" for i in last.verbs for r in readings(last.pieces[i].lower()))
    return phrase.base.lower() in lexicon().people_heads or (asked and copula and phrase.case == NOMINATIVE)


def _is_named(phrase: Phrase) -> bool:
    """Whether a phrase is somebody's name."""
    head = phrase.words[phrase.head]
    return head[:1].isupper() and any(r.kind in ("sukunimi", "etunimi") for r in readings(head))


def _person(name: str, case: str) -> str:
    *first, family = name.split()
    if case == NOMINATIVE:
        return name
    made = form(family, case)
    return " ".join([*first, made[:1].upper() + made[1:] if made else family])
