"""The question before, with a part of it changed: another year or month, another noun, adjective or question word.

Everything here takes the old question apart and gives it back as a whole one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from assistant.finnish import words
from assistant.morphology import GENITIVE, NOMINATIVE, PARTITIVE, form, nouns, readings
from assistant.phrases import ADVERBS_ASKING, YEAR, Parsed, Phrase, joined, parsed, pieces
from assistant.tenses import active_past, passive_past, past_tense, present_tense
from assistant.vocabulary import Vocabulary
from assistant.wordlists import lexicon

END = re.compile(r"\s*[?.!]*\s*$")


@dataclass(frozen=True)
class Before:
    """What a follow-up may lean on."""

    understood: str
    """The question before, complete."""
    person: str | None = None
    """The person that the answer to it named."""
    year: int | None = None
    """The year that the answer to it spoke of, where the question named none."""


def first_of(understood: str) -> str:
    """The first of several questions."""
    return re.split(r"(?<=[?.!])\s+", understood)[0]


def sentence(parts: list[str]) -> str:
    text = END.sub("", joined(parts))
    return text[:1].upper() + text[1:] + ("." if text[:6].lower() == "kerro " else "?")


def fallback(rest: str, last: Parsed) -> str:
    """The turn, then the words that it lacks."""
    topic = last.topic()
    carried = (
        topic.basic() if topic else END.sub("", joined([p for i, p in enumerate(last.pieces) if i not in last.asking]))
    )
    body = END.sub("", rest)
    return f"{body[:1].upper()}{body[1:]}, {carried}?"


# --- time -----------------------------------------------------------------------------------------------------------


def relative_year(rest: str, last: Parsed, before: Before, year: int) -> tuple[str, bool] | None:
    """The year before or after that of the last turn, in its question (True) or, where more is said, in this turn."""
    base = int(YEAR.findall(last.text)[-1]) if YEAR.search(last.text) else before.year
    for pattern, by in lexicon().relative_years:
        if (found := pattern.search(rest)) and base is not None:
            others = words(rest[: found.start()] + rest[found.end() :])
            if len(others) < 2:
                return with_year(last.text, str(base + by), year), True
            return rest[: found.start()] + f"vuonna {base + by}" + rest[found.end() :], False
    return None


_YEAR_PHRASE = re.compile(r"\b(?:vuo\w+ |lukuvuo\w+ |år |in )?(?:19|20)\d\d(?:[–-](?:19|20)?\d\d)?\b", re.IGNORECASE)


def with_year(text: str, new: str, year: int) -> str:
    """The question about another year: its year replaced, or put last; in the past tense where the year is past."""
    if found := YEAR.findall(text):
        span = re.compile(rf"(?:(?:19|20)\d\d[–-])?{found[-1]}")
        return span.sub(new, text) if len(new) > 4 or "–" not in text else _YEAR_PHRASE.sub(f"vuonna {new}", text)
    body = END.sub("", text)
    body = re.sub(r",? (?:nyt|nykyisin|nykyään|tällä hetkellä|currently|now|nu|numera)\b", "", body)
    if new[:4].isdigit() and int(new[:4]) < year:
        body = past_tense(body)
    return f"{body} vuonna {new}?"


_TIME_PHRASES = re.compile(
    r",? ?\b(?:vuonna|vuoden) (?:19|20)\d\d(?: (?:alussa|lopussa|aikana))?\b|,? ?\b\w+kuussa (?:19|20)\d\d\b|"
    r",? ?\b[\w-]+n (?:aikaan|aikana)\b|,? ?\bennen (?:kuin )?.*$|"
    r",? ?\b(?:silloin|tuolloin|aiemmin|aikaisemmin|ennen)\b|"
    r",? ?\b(?:19|20)\d\d\b",
    re.IGNORECASE,
)


def _now(last: Parsed, adverb: str) -> str:
    body = END.sub("", _TIME_PHRASES.sub("", last.text))
    return f"{present_tense(body)} {adverb}?"


def then(rest: str, last: Parsed, before: Before) -> str | None:
    """ "Kuka silloin johti?" -> the time of the turn before: its year, or its event as a clause."""
    pattern = lexicon().adverbs["then"]
    if found := YEAR.findall(last.text):
        event = f"vuonna {found[-1]}"
        if not re.search(r"(?:strategia\w*|visio\w*) (?:vuodelle )?(?:19|20)\d\d", last.text):
            return sentence(pieces(END.sub("", pattern.sub(event, rest, count=1))))
    clause = _as_clause(last)
    body = re.sub(r" {2,}", " ", pattern.sub("", rest, count=1))
    if clause:
        return f"{END.sub('', body).strip()}, kun {clause}?"
    if before.year:
        return f"{END.sub('', body).strip()} vuonna {before.year}?"
    return None


def _as_clause(last: Parsed) -> str | None:
    """ "Milloin ohjelma valmistui?" -> "ohjelma valmistui"."""
    if not last.asking or last.asking[0] != 0 or last.pieces[0].lower() not in ADVERBS_ASKING or not last.verbs:
        return None
    return END.sub("", joined(list(last.pieces[1:])))


# --- ellipsis -------------------------------------------------------------------------------------------------------


def ellipsis_of(rest: str, turn: Parsed, last: Parsed, vocabulary: Vocabulary, year: int) -> str:
    """ "Entä 2021?", "Entä nykyisin?", "Entä aiempi?", "Entä Parkkonen?": the part of the question before that is
    replaced."""
    lists = lexicon()
    text = last.text
    body = END.sub("", rest)
    if _BEFORE_THAT.fullmatch(body):
        return f"{past_tense(END.sub('', _TIME_PHRASES.sub('', _without_now(text))))} {body.lower()}?"
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
        return f"{past_tense(END.sub('', _without_now(text)))} {found_past[0].lower()}?"
    if not words(body) or all(w.lower() in ("sitten", "niin", "vuosi", "vuoden", "vuonna") for w in words(body)):
        return text
    last = parsed(text, vocabulary)
    turn = parsed(body, vocabulary)
    if len(turn.phrases) == 1 and (turn.phrases[0].quality or lists.adverbs["qualities"].fullmatch(body.strip())):
        return with_quality(turn, turn.phrases[0], last) or fallback(body, last)
    return _replaced_phrase(turn, last, vocabulary) or fallback(body, last)


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
    return f"{END.sub('', text)} {month.lower()}?"


def _without_now(text: str) -> str:
    return re.sub(r",? ?\b(?:nyt|nykyisin|nykyään|tällä hetkellä)\b", "", text)


_WITHOUT = re.compile(r"\b(?:edelli|nykyi|entis|enti|aiem|aikaisem|seuraav|viimei)\w*$", re.IGNORECASE)


def with_quality(turn: Parsed, quality: Phrase, last: Parsed) -> str | None:
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
            return sentence(parts)
    if _is_place(new) and not any(_is_city(piece) for piece in parts):
        return _at_place(new, last)
    if new.name and (place := _place_of(new, last)) is not None:
        return sentence([*parts[: place[0]], place[1], *parts[place[0] + 1 :]])
    rivals = [p for p in last.phrases if not p.time]
    same = [p for p in rivals if p.case == new.case and p.plural == new.plural and (p.city == new.city)]
    same = same or [p for p in rivals if p.case == new.case and not p.city]
    old = next((p for p in same if p.name == new.name), same[-1] if same else None)
    topic = last.topic()
    if old is None and new.case == NOMINATIVE and topic and (made := new.put(topic.case, new.plural)):
        parts[topic.start : topic.end] = [made]
        return sentence(parts)
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
    return sentence(parts)


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
        return sentence([*parts[: topic.start], owner.capitalize(), *parts[topic.start :]])
    return sentence([*parts, new.text])


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


def another_question(word: str, last: Parsed) -> str:
    """ "Miksi?" after "Milloin ohjelma valmistui?" -> "Miksi ohjelma valmistui?"."""
    low = word.lower()
    parts = [piece for piece in last.pieces if piece != "?"]
    if last.asking and last.asking[0] == 0 and low in ADVERBS_ASKING:
        if parts[0].lower() in ADVERBS_ASKING:
            return sentence([word, *parts[1:]])
        if parts[0].lower() in ("kuka", "ketkä") and last.verbs == (1,) and (passive := passive_past(parts[1])):
            return sentence([word, *_subjects(last, parts[2:]), passive])
    if low in ("kuka", "ketkä") and last.asking and parts[0].lower() in ADVERBS_ASKING and last.verbs:
        verb = last.verbs[0]
        if (active := active_past(parts[verb])) and verb > 1:
            topic = last.topic()
            if topic is not None and topic.end == verb:
                made = topic.text if topic.plural else topic.put(GENITIVE) or topic.text
                return sentence([word, active, *parts[1 : topic.start], made, *parts[verb + 1 :]])
    verb_like = bool(last.verbs) and last.verbs[0] == 0 and parts[0].lower().endswith(("ko", "kö"))
    if verb_like:
        return sentence([word, *parts[1:], parts[0][:-2].lower()])
    start = last.asking[0] + 1 if last.asking else 0
    return sentence([word, *[part for i, part in enumerate(parts[start:], start) if i not in last.asking]])


def _subjects(last: Parsed, rest: list[str]) -> list[str]:
    """Objects of an active verb as subjects of its passive: strategian -> strategia."""
    phrase = next((p for p in last.phrases if p.start == 2 and p.case == GENITIVE), None)
    basic = phrase.put(NOMINATIVE) if phrase else None
    return [basic, *rest[phrase.end - 2 :]] if phrase and basic else rest


def with_new_noun(turn: Parsed, last: Parsed) -> str | None:
    """ "Entä montako lautakuntaa?": its own question word and noun, the rest from the question before."""
    if not last.asking or not turn.phrases:
        return None
    own = [p for p in turn.phrases if not p.time]
    asked = next((p for p in last.phrases if p.start == last.asking[-1] + 1), None)
    start = asked.end if asked else last.asking[-1] + 1
    return sentence([*[p for p in turn.pieces if p != "?"], *last.pieces[start:]]) if own else None


def in_same(rest: str, turn: Parsed, same: re.Match[str], last: Parsed) -> str | None:
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
            return sentence(parts)
    dates = re.search(r"\d{1,2}\.\d{1,2}\.\d{4}|\w+kuussa (?:19|20)\d\d|vuonna (?:19|20)\d\d", last.text)
    if dates:
        return sentence([END.sub("", joined(body)), dates[0]])
    return fallback(rest, last)
