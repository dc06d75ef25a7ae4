"""A turn without a verb ("Entä 2021?", "Entä Parkkonen?"), as the question before with that part of it exchanged.

A year for a year, a noun for the noun of its kind and case, an adjective for what it stands for; a new place or
circumstance comes last.
"""

from __future__ import annotations

import re

from assistant.earlier import (
    END,
    TIME_PHRASES,
    YEAR_PHRASE,
    asked_noun,
    fallback,
    in_year,
    now_of,
    sentence,
    without_now,
)
from assistant.finnish import words
from assistant.morphology import (
    ABLATIVE,
    ADESSIVE,
    ALLATIVE,
    ELATIVE,
    ESSIVE,
    GENITIVE,
    ILLATIVE,
    INESSIVE,
    NAME_CLASSES,
    NOMINATIVE,
    PARTITIVE,
    form,
    numeral,
    readings,
)
from assistant.phrases import DAY, YEAR, Parsed, Phrase, is_time, joined, nouns, parsed, pieces
from assistant.tenses import past_tense
from assistant.vocabulary import Vocabulary
from assistant.wordlists import lexicon


def ellipsis_of(rest: str, turn: Parsed, last: Parsed, vocabulary: Vocabulary, year: int) -> str:
    """ "Entä 2021?", "Entä nykyisin?", "Entä aiempi?", "Entä Parkkonen?": the part of the question before that is
    replaced."""
    lists = lexicon()
    text = last.text
    body = END.sub("", rest)
    if (shorter := _SAME_TIME.sub("", body).strip(" ,")) and words(shorter):
        body = shorter
    if _AGO.search(body):
        return f"{past_tense(END.sub('', TIME_PHRASES.sub('', without_now(text))))} {body.lower()}?"
    if _AROUND.search(body) and turn.phrases and all(p.time for p in turn.phrases):
        return f"{past_tense(END.sub('', TIME_PHRASES.sub('', without_now(text))))} {body.lower()}?"
    if _BEFORE_THAT.fullmatch(body):
        return f"{past_tense(END.sub('', TIME_PHRASES.sub('', without_now(text))))} {body.lower()}?"
    if month := _MONTH.search(body):
        text = _with_month(text, month[0])
        body = (body[: month.start()] + body[month.end() :]).strip(" ,")
    elif found := YEAR.findall(body):
        span = re.search(r"(?:19|20)\d\d[–-](?:19|20)?\d\d", body)
        text = in_year(text, body, span[0] if span else found[0], year)
        body = YEAR_PHRASE.sub("", body).strip(" ,")
    elif found_now := lists.adverbs["now"].search(body):
        text, body = now_of(last, found_now[0].lower()), body[: found_now.start()] + body[found_now.end() :]
    elif found_past := lists.adverbs["past"].fullmatch(body.strip()):
        return f"{past_tense(END.sub('', without_now(text)))} {found_past[0].lower()}?"
    if not words(body) or all(w.lower() in ("sitten", "niin", "vuosi", "vuoden", "vuonna") for w in words(body)):
        return text
    last = parsed(text, vocabulary)
    turn = parsed(body, vocabulary)
    lonely = len(turn.phrases) == 1 and turn.phrases[0].case in (NOMINATIVE, GENITIVE, PARTITIVE)
    named = lists.adverbs["qualities"].fullmatch(body.strip())
    if lonely and not named and (owned := _of_people(turn.phrases[0], last)):
        return owned
    if len(turn.phrases) == 1 and (named or (lonely and turn.phrases[0].quality)):
        return with_quality(turn, turn.phrases[0], last) or fallback(body, last)
    return _replaced_phrase(turn, last, vocabulary) or fallback(body, last)


def uncapitalised(body: str, vocabulary: Vocabulary) -> str:
    """Without the capital that only the beginning of a sentence asks for."""
    first = next(iter(words(body)), "").lower()
    common = vocabulary.spelled(first) == first and any(not r.name for r in readings(first))
    return body[:1].lower() + body[1:] if common else body


_SAME_TIME = re.compile(r"\b(?:samaan aikaan|samana vuonna|silloin|tuolloin)\b", re.IGNORECASE)
_AGO = re.compile(
    r"^(?:\w+ (?:vuotta|vuosi|kuukautta)|vuosi|kuukausi) sitten$|^viime (?:vuonna|kaudella)$", re.IGNORECASE
)
_AROUND = re.compile(r"^(?:ennen|jälkeen)\b|\b(?:ennen|jälkeen)$", re.IGNORECASE)
_BEFORE_THAT = re.compile(
    r"(?:ennen|jälkeen) (?:sitä|häntä|tätä|niitä|näitä|noita|nykyistä|vuotta (?:19|20)\d\d)|"
    r"(?:sen|hänen) (?:jälkeen|jälkeensä)",
    re.IGNORECASE,
)
_MONTH = re.compile(
    r"\b(?:\w+kuu(?:ssa|n|lta|lle)?|keväällä|kesällä|syksyllä|talvella|kevään|kesän|syksyn|talven) (?:19|20)\d\d\b|"
    r"\b(?:vuoden )?(?:19|20)\d\d (?:alussa|lopussa|alkaessa|päättyessä)\b|" + DAY.pattern,
    re.IGNORECASE,
)


def _with_month(text: str, month: str) -> str:
    """The question about another month: in the place of its month, date or year, else at its end."""
    month = f"vuoden {month}" if YEAR.match(month) else month
    for pattern in (
        _MONTH,
        re.compile(r"\b\d{1,2}\.\d{1,2}\.(?:19|20)\d\d\b"),
        re.compile(r"\b(?:vuonna )?(?:19|20)\d\d(?=\W*$)"),
        re.compile(r"\bvuonna (?:19|20)\d\d\b"),
    ):
        if pattern.search(text):
            return pattern.sub(month.lower(), text, count=1)
    return f"{END.sub('', text)} {month.lower()}?"


_WITHOUT = re.compile(r"\b(?:edelli|nykyi|entis|enti|aiem|aikaisem|seuraav|viimei)\w*$", re.IGNORECASE)


def with_quality(turn: Parsed, quality: Phrase, last: Parsed) -> str | None:
    """ "Milloin ohjelma valmistui?" + "edellinen" -> "Milloin edellinen ohjelma valmistui?"."""
    topic = last.topic()
    if topic is None:
        return None
    base = next((r.base for r in nouns(quality.words[quality.head]) if r.kind != "nimisana"), quality.base)
    old = (word for word in topic.words[: topic.head] if not _WITHOUT.match(word))
    kept = tuple(word for word in old if not word[0].isdigit() and word.lower() != "vuoden")
    head = topic.words[topic.head]
    if turn.asking or turn.verbs:  # its own verb: the topic goes into the turn
        made = topic.put(quality.case, quality.plural) or topic.basic()
        parts = list(turn.pieces)
        parts[quality.start : quality.end] = [*quality.words, made]
        return sentence(parts)
    adjective = form(base, topic.case, topic.plural) or quality.text.lower()
    parts = list(last.pieces)
    parts[topic.start : topic.end] = [
        *[w for w in kept if _genitive_name(w)],
        adjective.lower(),
        *[w for w in kept if not _genitive_name(w)],
        head,
    ]
    if last.asking and topic.start == last.asking[0] + 1:
        return sentence(parts)
    return sentence(_no_year(parts, topic))


def _of_people(new: Phrase, last: Parsed) -> str | None:
    """ "Mikä oli Heinolan työttömyys?" + "nuorten" -> "Mikä oli Heinolan nuorten työttömyys?"."""
    topic = last.topic()
    if topic is None or not (new.quality and new.plural and new.case == GENITIVE) or topic.words[0] == new.words[0]:
        return None
    place = topic.start + topic.head
    return sentence([*last.pieces[:place], *new.words, *last.pieces[place:]])


def _no_year(parts: list[str], topic: Phrase) -> list[str]:
    """Without "vuonna 2022": another strategy is of another year."""
    text = joined(parts)
    return pieces(re.sub(r",? ?\b(?:vuonna|\w+kuussa) (?:19|20)\d\d\b", "", text))


def _genitive_name(word: str) -> bool:
    return word[:1].isupper() and any(r.case == GENITIVE for r in nouns(word))


def _replaced_phrase(turn: Parsed, last: Parsed, vocabulary: Vocabulary) -> str | None:
    """A new noun in the place of the old one of its kind and case; a new place or circumstance last."""
    new = next((phrase for phrase in turn.phrases if not phrase.time), None)
    if new is None:
        return None
    parts = list(last.pieces)
    pointed = new.start > 0 and turn.pieces[new.start - 1].lower() in lexicon().pronouns
    whole = ["koko"] if new.start > 0 and turn.pieces[new.start - 1].lower() == "koko" else []
    if new.case == GENITIVE and (owned := next((p for p in last.phrases if p.head > 0 and not p.time), None)):
        run = [i for i in range(owned.head) if _owns(owned.words[i])]
        only_city = owned.case == GENITIVE and all(_is_city(owned.words[i]) for i in run) and not new.name
        if run and not (only_city and not _is_place(new)):  # "strategian" takes the place of "Heinolan budjetin"
            first = 0 if owned.words[0][:1].isupper() else run[0]
            parts[owned.start + first : owned.start + run[-1] + 1] = list(new.words)
            return sentence(parts)
    if numeral(new.words[0]) and not any(p.base == new.base for p in last.phrases):
        return _other_measure(turn, last)
    if area := _area(new, last):
        parts[area.start : area.end] = [new.text[:1].upper() + new.text[1:]]
        return sentence(parts)
    sister = _sister_place(new, last)
    if len(new.words) == 1 and _is_place(new) and not (sister or any(_is_city(piece) for piece in parts)):
        return _at_place(new, last, whole)
    place_like = whole or any(r.kind == "paikannimi" for r in nouns(new.words[new.head]))
    if len(new.words) == 1 and place_like and (place := _place_of(new, last)) is not None:
        return sentence([*parts[: place[0]], *whole, place[1], *parts[place[0] + 1 :]])
    if new.case == NOMINATIVE and (like := _like(new, last)):
        return like
    topic = last.topic()
    if office := _office(new, topic, last):
        return office
    rivals = [
        p
        for p in last.phrases
        if not p.time and not (p.quality and any(r.participle for r in readings(p.words[p.head])))
    ]
    same = [p for p in rivals if p.case == new.case and p.plural == new.plural and (p.city == new.city)]
    same = same or [p for p in rivals if p.case == new.case and not p.city]
    old = next((p for p in same if p.name == new.name), same[-1] if same else sister)
    if old is None and new.case == NOMINATIVE and topic and (made := new.put(topic.case, new.plural)):
        parts[topic.start : topic.end] = [made]
        return sentence(parts)
    if old is None and new.case in _CIRCUMSTANCES:
        return sentence([*[part for part in parts if part != "?"], *whole, *new.words])
    if old is None:
        return None
    fresh = [*whole, *new.words] if old is sister else list(new.words)
    if len(new.words) == 1 and old.head > 0 and old is not sister and not (new.name or pointed):
        # "vuoden 2020 ylijäämä" + "lainat" keeps the year and the owner, "tekninen johtaja" + "arkkitehti" no quality
        somebody = lexicon().people_heads & {new.base.lower(), *(r.last for r in nouns(new.words[0]))}
        kept = [w for w in old.words[: old.head] if not somebody or w[0].isdigit() or _genitive(w)]
        fresh = [*kept, *fresh]
    if new.case == PARTITIVE and new.plural and parts[0].lower() in ("montako", "kuinka") and old.start <= 2:
        fresh = [new.put(PARTITIVE, False) or new.text]
    rest = [piece for piece in turn.pieces[new.end :] if piece.lower() not in ("?", "sitten", "ja", "tai")]
    bound = bool(rest) and rest[-1].lower() in ("kohti", "kohden", "aikana", "jälkeen", "mukaan")
    if rest and (bound or all(p.start < new.end or p.case not in (NOMINATIVE, PARTITIVE) for p in turn.phrases)):
        fresh += rest  # "etenemisestä valmistelun aikana"
    start = old.start
    if numeral(new.words[0]) and start > 1 and parts[start - 1] == "ja" and _genitive(parts[start - 2]):
        start -= 2  # "energian ja vedenkäytön kaistasta" + "kolmannesta kaistasta"
    parts[start : old.end] = fresh
    if old.case == NOMINATIVE and old.plural != new.plural:
        parts = _agreeing(parts, new.plural)
    return sentence(parts)


def _owns(word: str) -> bool:
    """A genitive; of a word that the dictionary lacks, what a name's would look like (Jyrängön)."""
    unknown = not readings(word) and word[:1].isupper() and word.endswith("n")
    return unknown or any(r.case == GENITIVE for r in nouns(word))


_SISTERS = (frozenset({INESSIVE, ADESSIVE}), frozenset({ILLATIVE, ALLATIVE}), frozenset({ELATIVE, ABLATIVE}))


def _sister_place(new: Phrase, last: Parsed) -> Phrase | None:
    """ "Montako asuu keskustassa?" + "Myllyojalla": a place in the other case of the same direction."""
    pair = next((pair for pair in _SISTERS if new.case in pair and not new.base.endswith("kausi")), None)
    asked = asked_noun(last)  # "millä äänillä" is no place
    other = [p for p in last.phrases if pair and p.case in pair - {new.case} and not (p.time or p.city or p == asked)]
    return other[-1] if other else None


def _genitive(word: str) -> bool:
    return any(r.case == GENITIVE and r.kind in ("nimisana", *NAME_CLASSES) for r in nouns(word))


def _like(new: Phrase, last: Parsed) -> str | None:
    """ "Elinvoimajohtajan osoite" + "sivistysjohtaja" -> "sivistysjohtajan osoite": the same last part, or the same
    noun of another owner (Kailaan koulu, Kirkonkylän koulu)."""
    last_parts = {r.last for r in nouns(new.words[new.head]) if r.compound}
    for phrase in last.phrases:
        for position, word in enumerate(phrase.words[: phrase.head]):
            for reading in nouns(word):
                other = reading.base.lower() != new.base.lower()
                alike = (reading.compound and reading.last in last_parts) if other else (position > 0 < new.head)
                if alike and (made := new.put(reading.case, reading.plural)):
                    parts = list(last.pieces)
                    parts[phrase.start : phrase.start + position + 1] = [made]
                    return sentence(parts)
    return None


_CIRCUMSTANCES = frozenset({INESSIVE, ADESSIVE, ELATIVE, ABLATIVE, ALLATIVE, ILLATIVE, ESSIVE})


def _other_measure(turn: Parsed, last: Parsed) -> str:
    """ "Paljonko hoito maksaa koko päivältä?" + "alle neljä tuntia": the new measure last, without the old one."""
    old = {i for p in last.phrases for i in range(p.start, p.end) if is_time(p.base) or numeral(p.words[0])}
    old |= {i for i, piece in enumerate(last.pieces) if piece.lower() in ("koko", "yli", "alle") and i + 1 in old}
    kept = [piece for i, piece in enumerate(last.pieces) if i not in old and piece != "?"]
    return sentence([*kept, *(piece.lower() for piece in turn.pieces if piece != "?")])


def _office(new: Phrase, topic: Phrase | None, last: Parsed) -> str | None:
    """ "Kuka johtaa lautakuntaa?" + "sihteeri" -> "Kuka on lautakunnan sihteeri?"."""
    acts = last.verbs and not any(r.base == "olla" for r in readings(last.pieces[last.verbs[0]].lower()))
    if last.pieces[0].lower() != "kuka" or not acts or topic is None or len(new.words) > 1:
        return None
    base = {new.base.lower()} | {r.last for r in nouns(new.words[0])}
    owner = topic.put(GENITIVE)
    return sentence(["Kuka", "on", owner, new.text]) if owner and base & lexicon().people_heads else None


def _agreeing(parts: list[str], plural: bool) -> list[str]:
    """ "Mitkä olivat visio" -> "Mikä oli visio": the question word and the copula follow their noun."""
    pairs = (("mikä", "mitkä"), ("on", "ovat"), ("oli", "olivat"), ("kuka", "ketkä"))
    change = {pair[not plural]: pair[plural] for pair in pairs}
    return [
        (new.capitalize() if part[:1].isupper() else new) if (new := change.get(part.lower())) else part
        for part in parts
    ]


def _is_place(phrase: Phrase) -> bool:
    return (
        any(r.kind == "paikannimi" for r in nouns(phrase.words[phrase.head]))
        and phrase.words[phrase.head][:1].isupper()
    )


def _is_city(piece: str) -> bool:
    return any(r.kind == "paikannimi" and piece[:1].isupper() for r in readings(piece))


def _at_place(new: Phrase, last: Parsed, whole: list[str]) -> str | None:
    """Another place where the question before named none: the owner of its topic, or where it is."""
    topic = last.topic()
    base = next(r.base for r in nouns(new.words[new.head]) if r.kind == "paikannimi")
    owner = new.text if new.case == GENITIVE else form(base, GENITIVE) if new.case == NOMINATIVE else None
    parts = [piece for piece in last.pieces if piece != "?"]
    if owner and topic:
        return sentence([*parts[: topic.start], owner.capitalize(), *parts[topic.start :]])
    return sentence([*parts, *whole, new.text])


_AREAS = frozenset("alue asuinalue kaupunginosa keskusta kirkonkylä kunta kylä lähiö taajama".split())
_WHERE = re.compile(r"\w+(?:ss[aä]|ll[aä])")


def _area(new: Phrase, last: Parsed) -> Phrase | None:
    """ "Montako asui keskustassa?" + "Vierumäellä": the part of the town that another one takes the place of, whatever
    the case that its name goes in."""
    word = new.words[new.head]
    place = any(r.kind == "paikannimi" for r in nouns(word)) or (word[:1].isupper() and not readings(word))
    if len(new.words) > 1 or not place or not _WHERE.fullmatch(word):
        return None
    within = (p for p in last.phrases if p.case in (INESSIVE, ADESSIVE) and not p.time)
    return next((p for p in within if p.base.lower() in _AREAS), None)


def _place_of(new: Phrase, last: Parsed) -> tuple[int, str] | None:
    """Where the city's name stands in the question before, and the new place put into its case."""
    for index, piece in enumerate(last.pieces):
        for reading in readings(piece):
            if reading.kind == "paikannimi" and reading.base != new.base and piece[:1].isupper():
                made = form(new.base, reading.case, reading.plural)
                return (index, made.capitalize() if new.words[0][:1].isupper() else made) if made else None
    return None
