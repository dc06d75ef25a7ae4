"""The question before, with a part of it changed: another year or month, another noun, adjective or question word.

Everything here takes the old question apart and gives it back as a whole one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from assistant.finnish import words
from assistant.morphology import (
    GENITIVE,
    NOMINATIVE,
    PARTITIVE,
    readings,
)
from assistant.phrases import ADVERBS_ASKING, DAY, MONTH, YEAR, Parsed, Phrase, joined, pieces
from assistant.tenses import active_past, is_past, passive_past, past_tense, present_tense
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
    day: str | None = None
    """The day that the answer's first source speaks for, as d.m.yyyy."""
    source: str = ""
    """Title and quote of that source."""


def first_of(understood: str) -> str:
    """The first of several questions; thanks and the like before it are none."""
    said = re.split(r"(?<=[?.!])\s+", understood)
    question = next((part for part in said if part.endswith("?")), said[0])
    return _LEAD.sub("", question)


_LEAD = re.compile(r"^(?:[\w-]+,? ){0,3}[\w-]+: (?=\w+(?:ko|kö)\b|m[iu]\w+|k[uo]\w+|paljo\w*)", re.IGNORECASE)
"""What leads a question in: "Vielä yksi juttu: kuka laatii kaavan?"."""


_ORDERS = frozenset({"kerro", "luettele", "mainitse", "listaa", "selitä", "kuvaa", "kuvaile", "nimeä"})


def sentence(parts: list[str]) -> str:
    text = END.sub("", joined(parts))
    return text[:1].upper() + text[1:] + ("." if text.split(" ")[0].lower() in _ORDERS else "?")


def fallback(rest: str, last: Parsed) -> str:
    """The turn, then the words that it lacks."""
    body = END.sub("", rest)
    return f"{body[:1].upper()}{body[1:]}, {context(last) or _without_asking(last)}?"


def context(last: Parsed) -> str | None:
    """What the question before was about, as the end of another: its topic with its names and its time."""
    topic = last.topic()
    if topic is None:
        return None
    bare = len(topic.words) == 1 and not topic.name
    others = [p.text for p in last.phrases if p is not topic and not p.city and (bare or p.name or p.time)]
    return " ".join([aside(topic), *others])


def aside(topic: Phrase) -> str:
    """The topic as it is named alone: in the nominative, an abbreviation without its ending (OSBUssa -> OSBU)."""
    abbreviation = re.match(r"[A-ZÅÄÖ]{2,}\d*(?=[:a-zåäö]|$)", topic.text)
    return abbreviation[0] if abbreviation and not readings(topic.text) else topic.basic()


def _without_asking(last: Parsed) -> str:
    return END.sub("", joined([piece for i, piece in enumerate(last.pieces) if i not in last.asking]))


def in_event(turn: Parsed, last: Parsed) -> str:
    """ "Oliko äänestys tiukka, kun ruoasta päätettiin?": the turn, and the question before as the time of it."""
    body = END.sub("", joined(list(turn.pieces)))
    body = body[:1].upper() + body[1:]
    clause = clause_of(last)
    if clause is None:
        return fallback(body, last)
    return f"{body}, kun {clause}?"


def clause_of(last: Parsed) -> str | None:
    """What the question before says to have happened, without its question word: "ruoasta päätettiin"."""
    if ", kun " in last.text:
        return END.sub("", last.text.split(", kun ", 1)[1])
    if not last.verbs or not is_past(last.pieces[last.verbs[0]].removesuffix("ko").removesuffix("kö")):
        return None
    if last.verbs[0] == 0 and last.pieces[0].lower().endswith(("ko", "kö")):
        return END.sub("", joined([last.pieces[0][:-2].lower(), *last.pieces[1:]]))
    counted = any(p.start == 1 and p.case == PARTITIVE for p in last.phrases)  # "montako ihmistä vastasi": no event
    counts = last.pieces[0].lower() in ("montako", "paljonko", "kuinka") and counted
    if last.asking and last.asking[0] == 0 and not counts:
        parts = next(
            (p for p in last.phrases if p.start == 1 and not p.head and p.base.lower() in lexicon().leaning["parts"]),
            None,
        )
        return END.sub("", joined(list(last.pieces[parts.end if parts else 1 :])))
    return None


# --- time -----------------------------------------------------------------------------------------------------------


def relative_year(rest: str, last: Parsed, before: Before, year: int) -> tuple[str, bool] | None:
    """The year before or after that of the last turn, in its question (True) or, where more is said, in this turn."""
    base = int(YEAR.findall(last.text)[-1]) if YEAR.search(last.text) else before.year
    one = _NEXT_OR_LAST.fullmatch(END.sub("", rest))
    if base is not None and one and (one[2] or _YEARLY.search(last.text)):
        return with_year(last.text, str(base + (1 if one[1].lower().startswith("seuraava") else -1)), year), True
    for pattern, by in lexicon().relative_years:
        if (found := pattern.search(rest)) and base is not None:
            others = words(rest[: found.start()] + rest[found.end() :])
            if len(others) < 2:
                return with_year(last.text, str(base + by), year), True
            return rest[: found.start()] + f"vuonna {base + by}" + rest[found.end() :], False
    return None


_NEXT_OR_LAST = re.compile(r"(?:sitä )?(edelli(?:nen|sen|stä|sessä)|seuraava[nas]*)( vuosi)?", re.IGNORECASE)
_YEARLY = re.compile(r"\bvuoden (?:19|20)\d\d (?:talousarvio|budjet|tilinpäätö|\w*kysely)", re.IGNORECASE)
"""Things of which there is one a year: "the last one" is that of the year before."""

YEAR_PHRASE = re.compile(r"\b(?:vuo\w+ |lukuvuo\w+ |år |in )?(?:19|20)\d\d(?:[–-](?:19|20)?\d\d)?\b", re.IGNORECASE)


def with_year(text: str, new: str, year: int) -> str:
    """The question about another year: its year replaced, or put last; in the past tense where the year is past."""
    if found := YEAR.findall(text):
        span = re.compile(rf"(?:(?:19|20)\d\d[–-])?{found[-1]}")
        return span.sub(new, text) if len(new) > 4 or "–" not in text else YEAR_PHRASE.sub(f"vuonna {new}", text)
    body = END.sub("", text)
    body = without_now(body)
    if new[:4].isdigit() and int(new[:4]) < year:
        body = past_tense(body)
    return f"{body} vuonna {new}?"


def without_now(text: str) -> str:
    """The question without the word that makes it one about now."""
    return re.sub(rf",? ?(?:{lexicon().adverbs['now'].pattern}|\b(?:currently|now|nu|numera)\b)", "", text)


def in_year(text: str, turn: str, new: str, year: int) -> str:
    """The same, for a turn: "vuonna 2020" takes the place of a month as well."""
    if re.search(r"\bvuonna\b", turn, re.IGNORECASE):
        text = re.sub(r"\b\w+kuussa (?=(?:19|20)\d\d\b)", "vuonna ", text)
    return with_year(text, new, year)


_WHEN = re.compile(
    r"\b(?:(?:luku)?vuonna (?:19|20)\d\d(?:[–-]\d+)?|vuoden (?:19|20)\d\d (?:alussa|lopussa|aikana)|"
    r"(?:keväällä|kesällä|syksyllä|talvella|\w+kuussa) (?:19|20)\d\d)\b|" + DAY.pattern,
    re.IGNORECASE,
)
_WHILE = re.compile(r"\b(?!vuoden\b)\w+n (?:aikana|ajan)\b", re.IGNORECASE)


def with_time(parts: list[str], turn: Parsed, last: Parsed) -> list[str]:
    """A completed turn that speaks of the past without a time of its own gets that of the question before.

    A passing state ("remontin aikana") is carried in every tense.
    """
    adverbs = lexicon().adverbs
    asks_when = any(turn.pieces[i].lower() in ("milloin", "koska") for i in turn.asking)
    own = any(adverbs[name].search(turn.text) for name in ("now", "past", "then"))
    if asks_when or own or any(p.time for p in turn.phrases):
        return parts
    past = any(is_past(turn.pieces[i]) for i in turn.verbs)
    found = (_WHEN.search(last.text) if past else None) or _WHILE.search(last.text)
    if found is None or YEAR.search(joined(parts)) or found[0] in joined(parts):
        return parts
    kept = [part for part in parts if part != "?"]
    return [*kept, found[0]]


TIME_PHRASES = re.compile(
    r",? ?\b(?:vuonna|vuoden) (?:19|20)\d\d(?: (?:alussa|lopussa|aikana))?\b|,? ?" + MONTH.pattern + r"|"
    r",? ?\b[\w-]+n (?:aikaan|aikana)\b|,? ?\bennen (?:kuin )?.*$|"
    r",? ?\b(?:silloin|tuolloin|aiemmin|aikaisemmin|ennen)\b|"
    r",? ?\b(?:19|20)\d\d\b",
    re.IGNORECASE,
)


def now_of(last: Parsed, adverb: str) -> str:
    body = END.sub("", TIME_PHRASES.sub("", last.text))
    return f"{present_tense(body)} {adverb}?"


def then(rest: str, last: Parsed, before: Before) -> str | None:
    """ "Kuka silloin johti?" -> the time of the turn before: its year, or its event as a clause."""
    pattern = lexicon().adverbs["then"]
    body = re.sub(r" {2,}", " ", pattern.sub("", rest, count=1))
    found = YEAR.findall(last.text)
    if clause := _as_clause(last):
        return f"{END.sub('', body).strip()}, kun {clause}?"
    named = re.search(r"(?:strategia\w*|visio\w*) (?:vuodelle )?(?:19|20)\d\d", last.text)  # a part of the name
    day = DAY.search(last.text)
    when = day[0] if day else f"vuonna {found[-1]}" if found and not named else None
    if when:
        return sentence(pieces(END.sub("", pattern.sub(when, rest, count=1))))
    return f"{END.sub('', body).strip()} vuonna {before.year}?" if before.year else None


def _as_clause(last: Parsed) -> str | None:
    """ "Milloin ohjelma valmistui?" -> "ohjelma valmistui"."""
    if not last.asking or last.asking[0] != 0 or last.pieces[0].lower() not in ADVERBS_ASKING or not last.verbs:
        return None
    return END.sub("", joined(list(last.pieces[1:])))


# --- another question word ------------------------------------------------------------------------------------------


def asked_noun(turn: Parsed) -> Phrase | None:
    """The noun that goes with the question word in front, in its case: "Missä elimessä", "Kenen tilalle"."""
    if turn.asking[:1] != (0,) or not turn.phrases or turn.phrases[0].start != 1:
        return None
    asking = readings(turn.pieces[0].lower())
    cases = {reading.case for reading in asking if reading.base != "paljo"}  # "Paljonko kaupungilla on velkaa?"
    case = turn.phrases[0].case
    agrees = case not in (NOMINATIVE, PARTITIVE) and (case in cases or GENITIVE in cases)
    return turn.phrases[0] if agrees else None


def another_question(asking: str, last: Parsed) -> str:
    """ "Miksi?" after "Milloin ohjelma valmistui?" -> "Miksi ohjelma valmistui?"; `asking` is a question word, alone or
    with what goes with it ("minä vuonna", "mistä alkaen")."""
    low = asking.lower()
    parts = [piece for piece in last.pieces if piece != "?"]
    if noun := asked_noun(last):
        return sentence([asking, *parts[noun.end :]])
    if last.asking and last.asking[0] == 0 and (low in ADVERBS_ASKING or " " in low):
        if parts[0].lower() in ADVERBS_ASKING:  # "Kuinka moni", "Mihin mennessä"
            start = next(i for i in range(1, len(parts) + 1) if i not in last.asking)
            return sentence([asking, *parts[start + (parts[start : start + 1] == ["mennessä"]) :]])
        if parts[0].lower() in ("kuka", "ketkä") and last.verbs == (1,) and (passive := passive_past(parts[1])):
            return sentence([asking, *_subjects(last, parts[2:]), passive])
    if low in ("kuka", "ketkä") and last.asking and parts[0].lower() in ADVERBS_ASKING and last.verbs:
        verb = last.verbs[0]
        if (active := active_past(parts[verb])) and verb > 1:
            topic = last.topic()
            if topic is not None and topic.end == verb:
                made = topic.text if topic.plural else topic.put(GENITIVE) or topic.text
                return sentence([asking, active, *parts[1 : topic.start], made, *parts[verb + 1 :]])
    verb_like = bool(last.verbs) and last.verbs[0] == 0 and parts[0].lower().endswith(("ko", "kö"))
    if verb_like:
        return sentence([asking, *parts[1:], parts[0][:-2].lower()])
    start = last.asking[0] + 1 if last.asking else 0
    return sentence([asking, *[part for i, part in enumerate(parts[start:], start) if i not in last.asking]])


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
    if dates := DAY.search(last.text) or MONTH.search(last.text) or re.search(r"vuonna (?:19|20)\d\d", last.text):
        return sentence([END.sub("", joined(body)), dates[0]])
    return fallback(rest, last)
