"""The sentences of a message that ask, without greetings and chatter."""

from __future__ import annotations

import re

from assistant.domain import Language
from assistant.finnish import sentence_spans, words
from assistant.intents import smalltalk
from assistant.morphology import readings
from assistant.phrases import is_question_word
from assistant.vocabulary import folded
from assistant.wordlists import lexicon

_QUESTION_START = re.compile(
    r"^(?:luettele|mainitse|listaa|nimeä|kerro|selitä|määrittele|kuvaile|esittele|"
    r"räkna upp|nämn|berätta|list|name|explain|tell)\b",
    re.IGNORECASE,
)


def sentences_of(text: str) -> list[str]:
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
    if _QUESTION_START.match(sentence) or is_question_word(low, found[1] if len(found) > 1 else "") or asks_yes_no(low):
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


def asks_yes_no(word: str) -> bool:
    return word not in ("paljonko", "montako", "kauanko", "moniko", "monesko") and any(
        r.asks and r.kind in ("teonsana", "kieltosana") for r in readings(word)
    )


def asking_part(text: str, language: Language) -> str:
    """The sentences that ask, without greetings, chatter and words like "haluaisin tietää"."""
    sentences = sentences_of(text)
    if not sentences:
        return text
    trimmed = [trimmed_lead(sentence) for sentence in sentences]
    marked = any("?" in sentence for sentence in sentences)
    asking = [
        short
        for full, short in zip(sentences, trimmed, strict=True)
        if "?" in full or starts_asking(full if marked else short)
    ]
    if asking and len(asking) < len(sentences):
        return " ".join(asking)
    return " ".join([short for short in trimmed if not smalltalk(short)] or trimmed)


_AFTER_MARK = re.compile(r"^.{12,}?(?::| – | - )\s*(?=\S)")
_AFTER_ASKING = re.compile(
    r"^(?:.*\b(?:tietää|kysyä|kertoa|sanoa|selvittää|kuulla|muista|tiedä|mietin|ihmettelen|pohdin|kysyn|kysyisin|kysymys|mietityttää|kiinnostaa|kiinnostaisi|veta|undrar|fråga|know|ask|wonder)"
    r"(?: (?:enää|yhtään|vain|sitä|että|nyt))*,?|.*\b(?:että))\s+(?=\S)",
    re.IGNORECASE,
)


_POLITE_END = re.compile(
    r"[ ,]+(?:kiitos|kiitti|tack|thanks|thank you|please)"
    r"(?: (?:jo )?(?:etukäteen|paljon|på förhand|in advance))?[.!]*$",
    re.IGNORECASE,
)


def trimmed_lead(sentence: str) -> str:
    """A sentence from its question word on, where only greetings and polite words stand before it."""
    rest = _POLITE_END.sub("", sentence) or sentence
    for pattern, needs_question in (
        (lexicon().greeting, False),
        (lexicon().lead_in, True),
        (lexicon().greeting, False),
    ):
        tried = rest
        while (found := pattern.match(folded(tried))) and 0 < found.end() < len(tried):
            if tried[found.end()].isalnum():
                break
            tried = tried[found.end() :].lstrip(" ,.:!–-")
        if tried != rest and (starts_asking(tried) or (not needs_question and len(words(tried)) > 1)):
            rest = tried
    if not starts_asking(rest) and len(rest) > 40:
        for pattern in (_AFTER_MARK, _AFTER_ASKING):
            found_tail = pattern.match(rest)
            if found_tail and starts_asking(tail := rest[found_tail.end() :]) and len(words(tail)) > 2:
                rest = tail
                break
    return rest if rest == sentence else rest[:1].upper() + rest[1:]
