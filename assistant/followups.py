"""Follow-ups: a turn that cannot be understood alone is completed from the question before it.

Nothing is carried into a turn that is complete. What makes a turn incomplete: an opener ("entä"), a bare question
word, a pronoun that points out of the turn, a verb without anything it speaks of, or a time that leans on the turn
before.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from assistant.domain import Language
from assistant.finnish import words
from assistant.morphology import GENITIVE, NOMINATIVE, PARTITIVE, form, nouns, readings
from assistant.phrases import (
    ADVERBS_ASKING,
    CLAUSE_MARKS,
    YEAR,
    Parsed,
    Phrase,
    is_question_word,
    joined,
    parsed,
    pieces,
)
from assistant.vocabulary import Vocabulary
from assistant.wordlists import lexicon

_END = re.compile(r"\s*[?.!]*\s*$")


@dataclass(frozen=True)
class Before:
    """What a follow-up may lean on."""

    understood: str
    """The question before, complete."""
    person: str | None = None
    """The person that the answer to it named."""
    year: int | None = None
    """The year that the answer to it spoke of, where the question named none."""


def complete(text: str, before: Before, vocabulary: Vocabulary, language: Language, year: int) -> str | None:
    """The turn completed from the question before, or None where it stands alone. `year` is the present one."""
    if language != "fi":
        return _complete_foreign(text, before, language, vocabulary)
    lists = lexicon()
    opener = lists.openers["fi"].match(text)
    rest = text[opener.end() :] if opener else text
    turn, last = parsed(rest, vocabulary), parsed(_first(before.understood), vocabulary)
    if not turn.pieces:
        return None
    if shifted := _relative_year(rest, last, before, year):
        if shifted[1]:
            return shifted[0]
        rest, turn = shifted[0], parsed(shifted[0], vocabulary)
    if _MORE.fullmatch(rest) and (topic := last.owner()):
        return f"Kerro lisää aiheesta {topic.basic()}."
    if not turn.verbs and not turn.asking and (opener or _leaning(turn)):
        return _ellipsis(rest, turn, last, vocabulary, year)
    if (
        turn.asking
        and not turn.verbs
        and turn.phrases
        and all(p.quality for p in turn.phrases)
        and (topic := last.owner())
    ):
        return _sentence([*pieces(_END.sub("", rest)), topic.basic(), "ovat" if topic.plural else "on"])
    content = [
        piece
        for piece in turn.pieces
        if piece[0].isalnum() and piece.lower() not in ("sitten", "niin", "ihan", "se", "näin", "ja")
    ]
    if content and all(is_question_word(piece) for piece in content) and len(content) <= 2:
        return _other_question(content[0], last)
    if replaced := _pronouns(turn, last, before):
        return replaced
    if lists.adverbs["then"].search(rest) and not YEAR.search(rest):
        return _then(rest, last, before)
    if same := re.search(r"\bsama(?:ssa|lla|an|na|sta|n)?\b \w+", rest, re.IGNORECASE):
        return _same(rest, turn, same, last)
    if adjective := _lonely_quality(turn, opener is not None):
        return _with_quality(turn, adjective, last)
    if turn.asking and turn.verbs and not turn.phrases and _needs_subject(turn):
        return _with_subject(turn, last)
    if opener and turn.asking and turn.asking[0] == 0 and not turn.verbs:
        return _swap_noun(turn, last) or _fallback(rest, last)
    if opener and opener[0].strip(" ,").lower() not in ("ja", "no ja") and not turn.asking:
        return _fallback(rest, last)
    return None


def _first(understood: str) -> str:
    """The first of several questions."""
    return re.split(r"(?<=[?.!])\s+", understood)[0]


def _leaning(turn: Parsed) -> bool:
    """A turn of a year or an adjective only ("vuonna 2021?", "edellinen?")."""
    return len(turn.pieces) <= 4 and bool(turn.phrases) and all(p.time or p.quality for p in turn.phrases)


def _sentence(parts: list[str]) -> str:
    text = _END.sub("", joined(parts))
    return text[:1].upper() + text[1:] + ("." if text[:6].lower() == "kerro " else "?")


# --- time -----------------------------------------------------------------------------------------------------------


def _relative_year(rest: str, last: Parsed, before: Before, year: int) -> tuple[str, bool] | None:
    """The year before or after that of the last turn, in its question (True) or, where more is said, in this turn."""
    base = int(YEAR.findall(last.text)[-1]) if YEAR.search(last.text) else before.year
    for pattern, by in lexicon().relative_years:
        if (found := pattern.search(rest)) and base is not None:
            others = words(rest[: found.start()] + rest[found.end() :])
            if len(others) < 2:
                return with_year(last.text, str(base + by), year), True
            return rest[: found.start()] + f"vuonna {base + by}" + rest[found.end() :], False
    return None


_MORE = re.compile(
    r"(?:kerro |sano |mitä )?(?:siitä |vielä |vähän |jotain )*(?:lisää|enemmän|muuta)(?: siitä)?\W*", re.IGNORECASE
)

_YEAR_PHRASE = re.compile(r"\b(?:vuo\w+ |lukuvuo\w+ |år |in )?(?:19|20)\d\d(?:[–-](?:19|20)?\d\d)?\b", re.IGNORECASE)


def with_year(text: str, new: str, year: int) -> str:
    """The question about another year: its year replaced, or put last; in the past tense where the year is past."""
    if found := YEAR.findall(text):
        span = re.compile(rf"(?:(?:19|20)\d\d[–-])?{found[-1]}")
        return span.sub(new, text) if len(new) > 4 or "–" not in text else _YEAR_PHRASE.sub(f"vuonna {new}", text)
    body = _END.sub("", text)
    body = re.sub(r",? (?:nyt|nykyisin|nykyään|tällä hetkellä|currently|now|nu|numera)\b", "", body)
    if new[:4].isdigit() and int(new[:4]) < year:
        body = past_tense(body)
    return f"{body} vuonna {new}?"


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


_TIME_PHRASES = re.compile(
    r",? ?\b(?:vuonna|vuoden) (?:19|20)\d\d(?: (?:alussa|lopussa|aikana))?\b|,? ?\b\w+kuussa (?:19|20)\d\d\b|"
    r",? ?\b[\w-]+n (?:aikaan|aikana)\b|,? ?\bennen (?:kuin )?.*$|"
    r",? ?\b(?:silloin|tuolloin|aiemmin|aikaisemmin|ennen)\b|"
    r",? ?\b(?:19|20)\d\d\b",
    re.IGNORECASE,
)


def _now(last: Parsed, adverb: str) -> str:
    body = _END.sub("", _TIME_PHRASES.sub("", last.text))
    return f"{present_tense(body)} {adverb}?"


def _then(rest: str, last: Parsed, before: Before) -> str | None:
    """ "Kuka silloin johti?" -> the time of the turn before: its year, or its event as a clause."""
    pattern = lexicon().adverbs["then"]
    if found := YEAR.findall(last.text):
        event = f"vuonna {found[-1]}"
        if not re.search(r"(?:strategia\w*|visio\w*) (?:vuodelle )?(?:19|20)\d\d", last.text):
            return _sentence(pieces(_END.sub("", pattern.sub(event, rest, count=1))))
    clause = _as_clause(last)
    body = re.sub(r" {2,}", " ", pattern.sub("", rest, count=1))
    if clause:
        return f"{_END.sub('', body).strip()}, kun {clause}?"
    if before.year:
        return f"{_END.sub('', body).strip()} vuonna {before.year}?"
    return None


def _as_clause(last: Parsed) -> str | None:
    """ "Milloin ohjelma valmistui?" -> "ohjelma valmistui"."""
    if not last.asking or last.asking[0] != 0 or last.pieces[0].lower() not in ADVERBS_ASKING or not last.verbs:
        return None
    return _END.sub("", joined(list(last.pieces[1:])))


# --- ellipsis -------------------------------------------------------------------------------------------------------


def _ellipsis(rest: str, turn: Parsed, last: Parsed, vocabulary: Vocabulary, year: int) -> str:
    """ "Entä 2021?", "Entä nykyisin?", "Entä aiempi?", "Entä Parkkonen?": the part of the question before that is
    replaced."""
    lists = lexicon()
    text = last.text
    body = _END.sub("", rest)
    if _BEFORE_THAT.fullmatch(body):
        return f"{past_tense(_END.sub('', _TIME_PHRASES.sub('', _without_now(text))))} {body.lower()}?"
    if month := _MONTH.search(body):
        text = _with_month(text, month[0])
        body = (body[: month.start()] + body[month.end() :]).strip(" ,")
    elif found := YEAR.findall(body):
        span = re.search(r"(?:19|20)\d\d[–-](?:19|20)?\d\d", body)
        text = with_year(text, span[0] if span else found[0], year)
        body = _YEAR_PHRASE.sub("", body).strip(" ,")
    elif found_now := lists.adverbs["now"].search(body):
        text, body = _now(last, found_now[0].lower()), body[: found_now.start()] + body[found_now.end() :]
    elif found_past := lists.adverbs["past"].fullmatch(body.strip()):
        return f"{past_tense(_END.sub('', _without_now(text)))} {found_past[0].lower()}?"
    if not words(body) or all(w.lower() in ("sitten", "niin", "vuosi", "vuoden", "vuonna") for w in words(body)):
        return text
    last = parsed(text, vocabulary)
    turn = parsed(body, vocabulary)
    if len(turn.phrases) == 1 and (turn.phrases[0].quality or lists.adverbs["qualities"].fullmatch(body.strip())):
        return _with_quality(turn, turn.phrases[0], last) or _fallback(body, last)
    return _replaced_phrase(turn, last, vocabulary) or _fallback(body, last)


_BEFORE_THAT = re.compile(
    r"(?:ennen|jälkeen) (?:sitä|häntä|tätä|nykyistä|vuotta (?:19|20)\d\d)|(?:sen|hänen) (?:jälkeen|jälkeensä)",
    re.IGNORECASE,
)
_MONTH = re.compile(r"\b\w+kuu(?:ssa|n|lta|lle)?(?: (?:19|20)\d\d)\b", re.IGNORECASE)


def _with_month(text: str, month: str) -> str:
    """The question about another month: in the place of its month, date or year, else at its end."""
    for pattern in (
        _MONTH,
        re.compile(r"\b\d{1,2}\.\d{1,2}\.(?:19|20)\d\d\b"),
        re.compile(r"\bvuonna (?:19|20)\d\d\b"),
    ):
        if pattern.search(text):
            return pattern.sub(month.lower(), text, count=1)
    return f"{_END.sub('', text)} {month.lower()}?"


def _without_now(text: str) -> str:
    return re.sub(r",? ?\b(?:nyt|nykyisin|nykyään|tällä hetkellä)\b", "", text)


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


_WITHOUT = re.compile(r"\b(?:edelli|nykyi|entis|enti|aiem|aikaisem|seuraav|viimei)\w*$", re.IGNORECASE)


def _with_quality(turn: Parsed, quality: Phrase, last: Parsed) -> str | None:
    """ "Milloin ohjelma valmistui?" + "edellinen" -> "Milloin edellinen ohjelma valmistui?"."""
    topic = last.topic()
    if topic is None:
        return None
    base = next((r.base for r in nouns(quality.words[quality.head]) if r.kind != "nimisana"), quality.base)
    kept = tuple(word for word in topic.words[: topic.head] if not _WITHOUT.match(word) and not word[0].isdigit())
    head = topic.words[topic.head]
    if turn.asking or turn.verbs:  # its own verb: the topic goes into the turn
        made = topic.put(quality.case, quality.plural) or topic.basic()
        parts = list(turn.pieces)
        parts[quality.start : quality.end] = [*quality.words, made]
        return _sentence(parts)
    adjective = form(base, topic.case, topic.plural) or quality.text.lower()
    parts = list(last.pieces)
    parts[topic.start : topic.end] = [
        *[w for w in kept if _genitive_name(w)],
        adjective.lower(),
        *[w for w in kept if not _genitive_name(w)],
        head,
    ]
    if last.asking and topic.start == last.asking[0] + 1:
        return _sentence(parts)
    return _sentence(_no_year(parts, topic))


def _no_year(parts: list[str], topic: Phrase) -> list[str]:
    """Without "vuonna 2022": another strategy is of another year."""
    text = joined(parts)
    return pieces(re.sub(r",? ?\b(?:vuonna|\w+kuussa) (?:19|20)\d\d\b", "", text))


def _genitive_name(word: str) -> bool:
    return word[:1].isupper() and any(r.case == GENITIVE for r in nouns(word))


def _replaced_phrase(turn: Parsed, last: Parsed, vocabulary: Vocabulary) -> str | None:
    """A new noun in the place of the old one of its kind and case."""
    new = next((phrase for phrase in turn.phrases if not phrase.time), None)
    if new is None:
        return None
    parts = list(last.pieces)
    if new.case == GENITIVE and (owned := next((p for p in last.phrases if p.head > 0 and not p.time), None)):
        run = [i for i in range(owned.head) if any(r.case == GENITIVE for r in nouns(owned.words[i]))]
        if run:
            parts[owned.start + run[0] : owned.start + run[-1] + 1] = list(new.words)
            return _sentence(parts)
    if _is_place(new) and not any(_is_city(piece) for piece in parts):
        return _at_place(new, last)
    if new.name and (place := _place_of(new, last)) is not None:
        return _sentence([*parts[: place[0]], place[1], *parts[place[0] + 1 :]])
    rivals = [p for p in last.phrases if not p.time]
    same = [p for p in rivals if p.case == new.case and p.plural == new.plural and (p.city == new.city)]
    same = same or [p for p in rivals if p.case == new.case and not p.city]
    old = next((p for p in same if p.name == new.name), same[-1] if same else None)
    topic = last.topic()
    if old is None and new.case == NOMINATIVE and topic and (made := new.put(topic.case, new.plural)):
        parts[topic.start : topic.end] = [made]
        return _sentence(parts)
    if old is None:
        return None
    fresh = list(new.words)
    if (
        len(new.words) == 1 and old.head > 0 and not new.name
    ):  # "vuoden 2020 ylijäämä" + "lainat" keeps the year and the owner
        fresh = [*old.words[: old.head], *fresh]
    if new.case == PARTITIVE and new.plural and parts[0].lower() in ("montako", "kuinka") and old.start <= 2:
        fresh = [new.put(PARTITIVE, False) or new.text]
    parts[old.start : old.end] = fresh
    return _sentence(parts)


def _is_place(phrase: Phrase) -> bool:
    return (
        any(r.kind == "paikannimi" for r in nouns(phrase.words[phrase.head]))
        and phrase.words[phrase.head][:1].isupper()
    )


def _is_city(piece: str) -> bool:
    return any(r.kind == "paikannimi" and piece[:1].isupper() for r in readings(piece))


def _at_place(new: Phrase, last: Parsed) -> str | None:
    """Another place where the question before named none: the owner of its topic, or where it is."""
    topic = last.topic()
    base = next(r.base for r in nouns(new.words[new.head]) if r.kind == "paikannimi")
    owner = new.text if new.case == GENITIVE else form(base, GENITIVE) if new.case == NOMINATIVE else None
    parts = [piece for piece in last.pieces if piece != "?"]
    if owner and topic:
        return _sentence([*parts[: topic.start], owner.capitalize(), *parts[topic.start :]])
    return _sentence([*parts, new.text])


def _place_of(new: Phrase, last: Parsed) -> tuple[int, str] | None:
    """Where the city's name stands in the question before, and the new place put into its case."""
    if not any(r.kind == "paikannimi" for r in nouns(new.words[new.head])):
        return None
    for index, piece in enumerate(last.pieces):
        for reading in readings(piece):
            if reading.kind == "paikannimi" and reading.base != new.base and piece[:1].isupper():
                made = form(new.base, reading.case, reading.plural)
                return (index, made.capitalize()) if made else None
    return None


# --- another question word ------------------------------------------------------------------------------------------


def _other_question(word: str, last: Parsed) -> str:
    """ "Miksi?" after "Milloin ohjelma valmistui?" -> "Miksi ohjelma valmistui?"."""
    low = word.lower()
    parts = [piece for piece in last.pieces if piece != "?"]
    if last.asking and last.asking[0] == 0 and low in ADVERBS_ASKING:
        if parts[0].lower() in ADVERBS_ASKING:
            return _sentence([word, *parts[1:]])
        if parts[0].lower() in ("kuka", "ketkä") and last.verbs == (1,) and (passive := passive_past(parts[1])):
            return _sentence([word, *_subjects(last, parts[2:]), passive])
    if low in ("kuka", "ketkä") and last.asking and parts[0].lower() in ADVERBS_ASKING and last.verbs:
        verb = last.verbs[0]
        if (active := active_past(parts[verb])) and verb > 1:
            topic = last.topic()
            if topic is not None and topic.end == verb:
                made = topic.text if topic.plural else topic.put(GENITIVE) or topic.text
                return _sentence([word, active, *parts[1 : topic.start], made, *parts[verb + 1 :]])
    verb_like = bool(last.verbs) and last.verbs[0] == 0 and parts[0].lower().endswith(("ko", "kö"))
    if verb_like:
        return _sentence([word, *parts[1:], parts[0][:-2].lower()])
    start = last.asking[0] + 1 if last.asking else 0
    return _sentence([word, *[part for i, part in enumerate(parts[start:], start) if i not in last.asking]])


def _subjects(last: Parsed, rest: list[str]) -> list[str]:
    """Objects of an active verb as subjects of its passive: strategian -> strategia."""
    phrase = next((p for p in last.phrases if p.start == 2 and p.case == GENITIVE), None)
    basic = phrase.put(NOMINATIVE) if phrase else None
    return [basic, *rest[phrase.end - 2 :]] if phrase and basic else rest


def active_past(verb: str) -> str | None:
    """Hyväksyttiin -> hyväksyi, where the guess is confirmed."""
    for reading in readings(verb.lower()):
        if reading.kind == "teonsana" and reading.person == "4" and reading.tense == "past_imperfective":
            base = reading.base
            stems = {
                base[:-1],
                base[:-2],
                base[:-2] + "s",
                base[:-3] + "s",
                base[:-2] + "is",
                base[:-3],
                base[:-2] + "e",
            }
            for stem in sorted(stems):
                for guess in (stem + "i", stem + "oi"):
                    if any(
                        r.base == base and r.person == "3" and r.tense == "past_imperfective" and not r.plural
                        for r in readings(guess)
                    ):
                        return guess
    return None


def passive_past(verb: str) -> str | None:
    """Hyväksyi -> hyväksyttiin, where the guess is confirmed."""
    for reading in readings(verb.lower()):
        if reading.kind == "teonsana" and reading.person == "3" and reading.tense == "past_imperfective":
            base = reading.base
            stems = {
                base[:-1],
                base[:-2],
                base[:-2] + "e",
                base[:-3] + "e",
                base[:-3] + "de",
                base[:-3] + "nne",
                base[:-1][:-1],
            }
            for stem in sorted(stems):
                for guess in (stem + "ttiin", stem + "tiin", stem + "iin"):
                    if any(
                        r.base == base and r.person == "4" and r.tense == "past_imperfective" for r in readings(guess)
                    ):
                        return guess
    return None


def _swap_noun(turn: Parsed, last: Parsed) -> str | None:
    """ "Entä montako lautakuntaa?": its own question word and noun, the rest from the question before."""
    if not last.asking or not turn.phrases:
        return None
    own = [p for p in turn.phrases if not p.time]
    asked = next((p for p in last.phrases if p.start == last.asking[-1] + 1), None)
    start = asked.end if asked else last.asking[-1] + 1
    return _sentence([*[p for p in turn.pieces if p != "?"], *last.pieces[start:]]) if own else None


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
        return _sentence(parts)
    return _fallback(turn.text, last) if left else None


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


# --- the rest -------------------------------------------------------------------------------------------------------


def _same(rest: str, turn: Parsed, same: re.Match[str], last: Parsed) -> str | None:
    """ "…samassa kokouksessa?": the frame of the question before with the new thing asked."""
    body = pieces(re.sub(r"\s{2,}", " ", rest[: same.start()] + rest[same.end() :]))
    new = [p for p in turn.phrases if p.text not in same[0]]
    if not turn.verbs and new:
        old = next(
            (
                p
                for p in last.phrases
                if p.case == new[0].case and not p.time and not p.city and p.start not in last.asking
            ),
            None,
        )
        if old is not None:
            parts = list(last.pieces)
            parts[old.start : old.end] = list(new[0].words)
            return _sentence(parts)
    dates = re.search(r"\d{1,2}\.\d{1,2}\.\d{4}|\w+kuussa (?:19|20)\d\d|vuonna (?:19|20)\d\d", last.text)
    if dates:
        return _sentence([_END.sub("", joined(body)), dates[0]])
    return _fallback(rest, last)


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
    return _sentence(parts)


def _fallback(rest: str, last: Parsed) -> str:
    """The turn, then the words that it lacks."""
    topic = last.topic()
    carried = (
        topic.basic() if topic else _END.sub("", joined([p for i, p in enumerate(last.pieces) if i not in last.asking]))
    )
    body = _END.sub("", rest)
    return f"{body[:1].upper()}{body[1:]}, {carried}?"


# --- Swedish and English --------------------------------------------------------------------------------------------


_FOREIGN_TIME = re.compile(r"\b(?:in|år|during|under)?\s*(?:19|20)\d\d\b", re.IGNORECASE)


def _complete_foreign(text: str, before: Before, language: Language, vocabulary: Vocabulary) -> str | None:
    lists = lexicon()
    opener = lists.openers[language].match(text)
    rest = _END.sub("", text[opener.end() :] if opener else text)
    found = words(rest)
    low = [word.lower() for word in found]
    last = _END.sub("", _first(before.understood))
    topic = _foreign_topic(last, language)
    if is_question_word((words(last) or [""])[0]) and (finnish := parsed(last, vocabulary).owner()):
        topic = finnish.basic()  # the turn before was in Finnish
    base = int(YEAR.findall(last)[-1]) if YEAR.search(last) else before.year
    for pattern, by in lists.relative_years:
        if (moved := pattern.search(rest)) and base is not None and len(found) <= moved[0].count(" ") + 3:
            return _foreign_year(last, str(base + by), language)
    asking = {
        "what",
        "which",
        "who",
        "when",
        "where",
        "why",
        "how",
        "vad",
        "vilken",
        "vilka",
        "vem",
        "när",
        "var",
        "varför",
        "hur",
        "vilket",
    }
    if opener and not set(low) & asking:
        if (year := YEAR.search(rest)) and len(found) <= 3:
            return _foreign_year(last, year[0], language)
        return f"{last}, {rest}?"
    if low and all(word in asking for word in low):
        tail = re.sub(r"^\w+ ", "", last) if words(last)[0].lower() in asking else last
        return f"{rest[:1].upper()}{rest[1:]} {tail}?"
    pronouns = lists.foreign_pronouns[language]
    for index, word in enumerate(low):
        if word not in pronouns or _foreign_antecedent(low, index, language):
            continue
        if (
            word in ("he", "she", "him", "han", "hon", "honom", "henne", "his", "her", "hans", "hennes")
            and before.person
        ):
            new = before.person + (
                "'s" if word in ("his", "her") and language == "en" else "s" if word in ("hans", "hennes") else ""
            )
        elif word in ("its", "their", "dess", "deras"):
            new = f"{'the ' if language == 'en' else ''}{topic}{chr(39) + 's' if language == 'en' else 's'}"
        elif word in ("there", "där", "dit"):
            new = f"{'in the' if language == 'en' else 'i'} {topic}"
        else:
            new = f"the {topic}" if language == "en" and not topic[:1].isupper() else topic
        return re.sub(rf"\b{re.escape(found[index])}\b", new, rest, count=1) + "?"
    return None


def _foreign_year(last: str, year: str, language: Language) -> str:
    if YEAR.search(last):
        return YEAR.sub(year, last) + "?"
    return f"{last} {'in' if language == 'en' else 'år'} {year}?"


def _foreign_topic(last: str, language: Language) -> str:
    """The content words of a Swedish or English question."""
    glue = lexicon().language_words[language] | {"heinola", "heinolas", "founded", "approved", "held"}
    keep = {
        "city",
        "council",
        "manager",
        "mayor",
        "stadens",
        "staden",
        "fullmäktige",
        "värden",
        "skola",
        "strategi",
        "barn",
    }
    found = words(_FOREIGN_TIME.sub("", last))
    content = [i for i, word in enumerate(found) if word.lower() not in glue or word.lower() in keep]
    return " ".join(found[content[0] : content[-1] + 1]) if content else last


def _foreign_antecedent(low: list[str], index: int, language: Language) -> bool:
    """Whether the word is an article, a dummy, or has its noun before it in the turn."""
    following = low[index + 1] if index + 1 < len(low) else ""
    glossary = lexicon().glossary[language]
    if low[index] in ("den", "det", "de", "that", "this", "those", "these") and following:
        verbs = {
            "är",
            "var",
            "har",
            "kan",
            "ska",
            "blev",
            "kostar",
            "finns",
            "is",
            "was",
            "were",
            "are",
            "has",
            "mean",
            "cost",
            "happen",
            "i",
            "på",
        }
        return following not in verbs and not following.endswith(("ades", "ed", "des"))
    if low[index] == "there" and index and low[index - 1] in ("is", "are", "was", "were"):
        return True
    if "and" in low[:index] or "och" in low[:index]:
        return any((word,) in glossary for word in low[: index - 1] if word not in lexicon().language_words[language])
    return False
