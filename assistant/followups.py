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
    YEAR_PHRASE,
    Before,
    another_question,
    asked_noun,
    clause_of,
    fallback,
    first_of,
    in_event,
    in_same,
    in_year,
    relative_year,
    sentence,
    then,
    with_new_noun,
)
from assistant.ellipsis import ellipsis_of, uncapitalised, with_quality
from assistant.foreign import complete_foreign
from assistant.morphology import GENITIVE, NOMINATIVE, readings
from assistant.phrases import ADVERBS_ASKING, YEAR, Parsed, Phrase, is_question_word, parsed, pieces
from assistant.pointing import acts, bare_noun, office, part_of_event, pointing_noun
from assistant.pronouns import pronouns
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
    if (years := YEAR.findall(last.text)) and _ITS_YEAR.search(rest):
        rest = _ITS_YEAR.sub(f"vuoden {years[-1]}", rest)
        turn = parsed(rest, vocabulary)
    if shifted := relative_year(rest, last, before, year):
        if shifted[1]:
            return shifted[0]
        rest, turn = shifted[0], parsed(shifted[0], vocabulary)
    if (found := YEAR.findall(rest)) and {piece.lower() for piece in turn.pieces} <= _IN_ANOTHER_YEAR | set(found):
        return in_year(last.text, rest, found[-1], year)
    if opener and (told := _of_fragment(rest, last, before, vocabulary, year)):
        return told
    if _MORE.fullmatch(rest) and (topic := last.owner()):
        return f"Kerro lisää aiheesta {topic.basic()}."
    if not turn.verbs and not turn.asking and (opener or _leaning(turn) or lists.adverbs["then"].search(rest)):
        return ellipsis_of(rest if opener else uncapitalised(rest, vocabulary), turn, last, vocabulary, year)
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
    bare = [piece for piece in content if piece.lower() not in _BESIDE_A_QUESTION_WORD]
    if bare and all(is_question_word(piece) for piece in bare) and len(bare) <= 2:
        return another_question(" ".join([bare[0], *content[len(bare) :]]), last)
    if _asks_with_noun(turn) or _asks_measure(turn):
        return another_question(" ".join(content), last)
    pointed_to = _told(last, before, vocabulary)
    if replaced := pointing_noun(turn, pointed_to, before) or pronouns(turn, pointed_to, before):
        return replaced
    if lists.adverbs["then"].search(rest) and not re.search(r"\bkun\b", rest) and not YEAR.search(rest):
        return then(rest, last, before)
    same = re.search(r"\bsama(?:ssa|lla|an|na|sta|n)?\b \w+", rest, re.IGNORECASE)
    if same and not re.search(r"\b(?:kuin|kanssa)\b", rest):  # "samassa alueessa kuin Lahti" says of what
        return in_same(rest, turn, same, last)
    if replaced := bare_noun(turn, last) or part_of_event(turn, last, before) or office(turn, last):
        return replaced
    if adjective := _lonely_quality(turn, opener is not None):
        return with_quality(turn, adjective, last)
    if turn.asking and turn.verbs and not turn.phrases and _needs_subject(turn):
        return _with_subject(turn, last)
    alone = turn.asking and turn.verbs and all(p.city or p.time for p in turn.phrases)
    if alone and (opener or lists.adverbs["side"].search(rest)):
        return in_event(turn, last)
    if _happened(turn) and clause_of(last):
        return in_event(turn, last)
    if opener and re.match(r"(?:jos|kun)\b", rest, re.IGNORECASE):
        return f"{END.sub('', last.text)}, {END.sub('', rest[:1].lower() + rest[1:])}?"
    if opener and turn.asking and turn.asking[0] == 0 and not turn.verbs:
        return with_new_noun(turn, last) or fallback(rest, last)
    if shifted:
        return fallback(rest, parsed(YEAR_PHRASE.sub("", last.text), vocabulary))
    if opener and opener[0].strip(" ,").lower() not in ("ja", "no ja") and not turn.asking:
        return fallback(rest, last)
    return None


def asked_last(understood: str, typed: str, vocabulary: Vocabulary) -> str:
    """What a turn asked: where it was read after the question before it, its own words if they have a topic."""
    *before, own = re.split(r"(?<=[?.!])\s+", understood)
    topic = parsed(own, vocabulary).topic() if before and not re.search(r"[?.!]\s+\S", typed) else None
    return understood if topic is None or topic.base in lexicon().leaning["fillers"] else own


_ITS_YEAR = re.compile(r"\b(?:saman|samaisen|kyseisen) vuoden\b", re.IGNORECASE)
"""The year that the question before names: "Entä saman vuoden lopussa?"."""

_IN_ANOTHER_YEAR = frozenset(
    "paljonko montako mikä mitä miten kuinka paljon se ne on oli olivat vuonna sitten ja ?".split()
)
"""With a year these ask the same of another year: "Ja paljonko se oli vuonna 2022?"."""


def beside(text: str, before: str, vocabulary: Vocabulary) -> str:
    """The turn as it stands, with the topic of the question before after it."""
    return fallback(text, parsed(first_of(before), vocabulary))


def _of_fragment(rest: str, last: Parsed, before: Before, vocabulary: Vocabulary, year: int) -> str | None:
    """ "Entä kirjasto, milloin se on auki?": the fragment replaces the pronoun, or is the time of the rest."""
    head, comma, tail = rest.partition(",")
    fragment, question = parsed(head, vocabulary), parsed(tail, vocabulary)
    if not comma or fragment.asking or fragment.verbs or not fragment.phrases or question.asking[:1] != (0,):
        return None
    if all(p.time for p in fragment.phrases):
        whole = complete(tail.strip(), before, vocabulary, "fi", year)
        parts = pieces(END.sub("", whole or tail))
        topic = last.owner()
        lacks = whole is None and not any(p.name or p.case == NOMINATIVE for p in question.phrases)
        return sentence([*parts, head] + ([f"({topic.basic()})"] if topic and lacks else []))
    parts = [head if piece.lower() in ("se", "ne", "hän", "he") else piece for piece in question.pieces]
    if parts == list(question.pieces):
        return None
    if any(p.quality or any(r.participle for r in readings(p.words[p.head])) for p in fragment.phrases):
        return fallback(sentence(parts), last)  # "toiseksi tullut": of what, the question before says
    return sentence(parts)


def _told(last: Parsed, before: Before, vocabulary: Vocabulary) -> Parsed:
    """What a pronoun may point into: the answer, where the question before asked about anything of a kind ("Onko
    uusille asukkaille jotain?"), else that question."""
    anything = any(r.base in ("jokin", "mikään") for piece in last.pieces for r in readings(piece.lower()))
    answer = first_of(before.source)
    return parsed(uncapitalised(answer, vocabulary), vocabulary) if anything and answer else last


def _leaning(turn: Parsed) -> bool:
    """A turn of a year, an adjective or an owner only ("vuonna 2021?", "edellinen?", "Kirkonkylän koulun?")."""
    if len(turn.phrases) == 1 and turn.phrases[0].case == GENITIVE and not turn.phrases[0].city:
        return len(turn.phrases[0].words) == sum(piece[0].isalnum() for piece in turn.pieces)
    return len(turn.pieces) <= 4 and bool(turn.phrases) and all(p.time or p.quality for p in turn.phrases)


_BESIDE_A_QUESTION_WORD = frozenset(
    "asti saakka mennessä lähtien alkaen usein pitkään kauan kanssa kautta avulla mukaan puolesta takia vuoksi".split()
)


def _asks_with_noun(turn: Parsed) -> bool:
    """ "Missä elimessä?", "Kenen tilalle?", "Mistä vuodesta lähtien?": a question word with its noun, and no verb."""
    noun = asked_noun(turn)
    return not turn.verbs and len(turn.phrases) == 1 and noun is not None and not noun.name


def _asks_measure(turn: Parsed) -> bool:
    """ "Kuinka suuri osa?", "Miten pitkäksi aikaa?", "Montako euroa asukasta kohti?": how much, without a verb."""
    each = {i for i, piece in enumerate(turn.pieces, -1) if piece.lower() in ("kohti", "kohden")}
    wanted = [p for p in turn.phrases if p.start not in each and not p.quality]
    measured = bool(wanted) and all(p.base.lower() in lexicon().leaning["measures"] and not p.name for p in wanted)
    return turn.asking[:1] == (0,) and not turn.verbs and measured


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


_ANYBODY = frozenset("kukaan joku jotkut kaikki mitään siis sitten edes jo vielä".split())


def _happened(turn: Parsed) -> bool:
    """ "Äänestettiinkö?", "Vastustiko kukaan?": whether something was done, without anything it was done to."""
    rest = [piece.lower() for piece in turn.pieces[1:] if piece[0].isalnum()]
    return (
        turn.verbs == (0,)
        and not turn.asking
        and _ANYBODY.issuperset(rest)
        and any(
            r.asks and r.tense == "past_imperfective" and r.person in ("3", "4")
            for r in readings(turn.pieces[0].lower())
        )
    )


def _with_subject(turn: Parsed, last: Parsed) -> str | None:
    topic = last.topic()
    if topic is None:
        return None
    passive = any(r.person == "4" for i in turn.verbs for r in readings(turn.pieces[i].lower()))
    if acts(topic, last) and (passive or turn.pieces[0].lower() in ("kuka", "ketkä")):
        return in_event(turn, last)  # "Miten äänestettiin?", "Kuka ehdotti?": not the council that acted
    parts = list(turn.pieces)
    verb = turn.verbs[0]
    counts = ("montako", "paljonko")
    if parts[0].lower() in counts and last.pieces[0].lower() in counts and last.verbs:  # "Paljonko ennustettiin?"
        return sentence([*last.pieces[: last.verbs[0]], parts[verb], *last.pieces[last.verbs[0] + 1 :]])
    asking = turn.pieces[turn.asking[0]].lower()
    if asking in ADVERBS_ASKING:
        parts.insert(verb, topic.basic())
    else:
        parts.insert(verb + 1, topic.text if topic.plural else topic.put(GENITIVE) or topic.basic())
    return sentence(parts)


__all__ = ["Before", "asked_last", "beside", "complete"]
