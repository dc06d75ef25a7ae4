"""The word lists that understanding stands on, read from `lexicon/` once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


def _text(name: str) -> str:
    return files("assistant").joinpath("lexicon", name).read_text(encoding="utf-8")


def _lines(name: str) -> list[str]:
    return [line.strip() for line in _text(name).splitlines() if line.strip() and not line.startswith("#")]


@dataclass(frozen=True)
class Lexicon:
    """All lists; patterns are compiled, and fit text without dots and rings (`vocabulary.folded`) unless said
    otherwise."""

    common: frozenset[str]
    spoken: Mapping[str, str]
    slang: Mapping[str, str]
    spoken_phrases: tuple[tuple[re.Pattern[str], str], ...]
    spoken_endings: tuple[tuple[str, tuple[str, ...]], ...]
    spoken_inside: tuple[tuple[str, str], ...]
    smalltalk: Mapping[str, re.Pattern[str]]
    beside: re.Pattern[str]
    """Words that say nothing of their own beside thanks and praise."""
    concludes: frozenset[str]
    wishes: frozenset[str]
    emergency: Mapping[str, re.Pattern[str]]
    emergency_named: Mapping[str, re.Pattern[str]]
    """Dangers that are only named; the others tell what happens."""
    emergency_asking: re.Pattern[str]
    emergency_not: re.Pattern[str]
    emergency_surely: re.Pattern[str]
    off_topic: re.Pattern[str]
    injection: re.Pattern[str]
    off_topic_always: re.Pattern[str]
    off_topic_not: re.Pattern[str]
    personal: re.Pattern[str]
    personal_not: re.Pattern[str]
    personal_things: frozenset[str]
    personal_people: frozenset[str]
    applications: frozenset[str]
    """Of the things, those that only people have: "meidän" may own them too, where it is not the city."""
    outcomes: Mapping[str, frozenset[str]]
    """What becomes of a person or an application: verbs, and their participles."""
    shares: frozenset[str]
    """What happens to a thing that comes to the asker."""
    benefits: frozenset[str]
    greeting: re.Pattern[str]
    """A greeting before the question itself."""
    lead_in: re.Pattern[str]
    language_words: Mapping[str, frozenset[str]]
    glossary: Mapping[str, Mapping[tuple[str, ...], str]]
    places: Mapping[str, str]
    """Every spelling of a place (lower case), with its Finnish name."""
    ambiguous_places: frozenset[str]
    asks: Mapping[str, Mapping[str, re.Pattern[str]]]
    numeric_heads: frozenset[str]
    people_heads: frozenset[str]
    bodies: frozenset[str]
    programmes: frozenset[str]
    attributes: frozenset[str]
    now: re.Pattern[str]
    past: re.Pattern[str]
    ours: re.Pattern[str]
    openers: Mapping[str, re.Pattern[str]]
    pronouns: Mapping[str, str]
    """Each form of se, hän, tämä… with the case it stands in."""
    foreign_pronouns: Mapping[str, frozenset[str]]
    relative_years: tuple[tuple[re.Pattern[str], int], ...]
    adverbs: Mapping[str, re.Pattern[str]]
    leaning: Mapping[str, frozenset[str]]
    """Nouns that mean nothing alone: parts of an event, meetings, mere fillers, and those that do mean something."""


FOLDED = str.maketrans("äöåÄÖÅ", "aoaAOA")


def _any(patterns: Any) -> re.Pattern[str]:
    """One pattern for a list of them, dots and rings folded away."""
    joined = "|".join(f"(?:{pattern})" for pattern in patterns) or r"(?!)"
    return re.compile(joined.translate(FOLDED))


def _whole(patterns: Any, parts: Mapping[str, str]) -> re.Pattern[str]:
    """As `_any`, of whole words, with `<name>` standing for a part of that name."""
    text = "|".join(f"(?:{pattern})" for pattern in patterns)
    for name in (*parts, *parts):  # a part may hold another
        text = text.replace(f"<{name}>", f"(?:{parts[name]})")
    return re.compile(rf"(?<!\w)(?:{text})(?!\w)".translate(FOLDED))


@cache
def lexicon() -> Lexicon:
    """The lists of the package."""
    spoken = tomllib.loads(_text("spoken.toml"))
    intents = tomllib.loads(_text("intents.toml"))
    asking = tomllib.loads(_text("asking.toml"))
    follow = tomllib.loads(_text("followups.toml"))
    glossary = tomllib.loads(_text("glossary.toml"))
    parts = intents["words"]
    talk = {topic: _whole(patterns, parts) for topic, patterns in intents["smalltalk"].items()}
    emergency = intents["emergency"]
    return Lexicon(
        common=frozenset(" ".join(_lines("common.txt")).split()),
        spoken=spoken["words"],
        slang=spoken["slang"],
        spoken_phrases=tuple(
            (re.compile(pattern, re.IGNORECASE), plain) for pattern, plain in spoken["phrases"].items()
        ),
        spoken_endings=tuple(
            (end, tuple(plain)) for end, plain in sorted(spoken["endings"].items(), key=lambda pair: -len(pair[0]))
        ),
        spoken_inside=tuple(spoken["inside"].items()),
        smalltalk={topic: pattern for topic, pattern in talk.items() if topic not in ("beside", "concludes", "wishes")},
        beside=talk["beside"],
        concludes=frozenset(intents["smalltalk"]["concludes"]),
        wishes=frozenset(intents["smalltalk"]["wishes"]),
        emergency={
            topic: _whole(emergency[topic], parts) for topic in ("crisis", "violence", "health", "fire", "general")
        },
        emergency_named={topic: _whole(patterns, parts) for topic, patterns in emergency["named"].items()},
        emergency_asking=_any(emergency["asking"]),
        emergency_not=_any(emergency["not"]),
        emergency_surely=_any(emergency["surely"]),
        off_topic=_any(p.replace("<food>", parts["food"]) for p in intents["off_topic"]["unless_ours"]),
        injection=_any(intents["off_topic"]["injection"]),
        off_topic_always=_any(intents["off_topic"]["always"]),
        off_topic_not=_any(intents["off_topic"]["not"]),
        personal=_any(intents["personal"]["patterns"]),
        personal_not=_any(intents["personal"]["not"]),
        personal_things=frozenset(intents["personal"]["things"]),
        personal_people=frozenset(intents["personal"]["people"]),
        applications=frozenset(intents["personal"]["applications"]),
        outcomes={name: frozenset(found) for name, found in intents["personal"]["outcomes"].items()},
        shares=frozenset(intents["personal"]["shares"]),
        benefits=frozenset(intents["personal"]["benefits"]),
        greeting=_any(intents["lead_in"]["greetings"]),
        lead_in=_any(intents["lead_in"]["patterns"]),
        language_words={name: frozenset(words.split()) for name, words in asking["language"].items()},
        glossary={
            language: {tuple(term.lower().split()): finnish for term, finnish in entries.items()}
            for language, entries in glossary.items()
        },
        places=_places(),
        ambiguous_places=frozenset(asking["ambiguous_places"]["words"].split()),
        asks={
            language: {kind: _any(patterns) for kind, patterns in kinds.items()}
            for language, kinds in asking["asks"].items()
        },
        numeric_heads=frozenset(asking["heads"]["numeric"].split()),
        people_heads=frozenset(asking["heads"]["people"].split()),
        bodies=frozenset(asking["heads"]["bodies"].split()),
        programmes=frozenset(asking["heads"]["programmes"].split()),
        attributes=frozenset(asking["heads"]["attributes"].split()),
        now=_any(asking["time"]["now"]),
        past=_any(asking["time"]["past"]),
        ours=_any(asking["ours"]["patterns"]),
        openers={name: re.compile(pattern, re.IGNORECASE) for name, pattern in follow["openers"].items()},
        pronouns=follow["pronouns"],
        foreign_pronouns={name: frozenset(words.split()) for name, words in follow["foreign_pronouns"].items()},
        relative_years=tuple(
            (re.compile(pattern, re.IGNORECASE), by) for pattern, by in follow["relative_years"].items()
        ),
        adverbs={name: re.compile(pattern, re.IGNORECASE) for name, pattern in follow["adverbs"].items()},
        leaning={name: frozenset(words.split()) for name, words in follow["leaning"].items()},
    )


def _places() -> dict[str, str]:
    """Lines of `places.txt`: the Finnish name, then other spellings after commas."""
    found: dict[str, str] = {}
    for line in _lines("places.txt"):
        names = [name.strip() for name in line.split(",")]
        found |= {name.lower(): names[0].lower() for name in names}
    return found
