"""Spoken and hurried Finnish put into standard spelling: dialect forms, lost endings, typing errors, split compounds,
capitals."""

from __future__ import annotations

import re
from functools import partial

from assistant.finnish import word_spans
from assistant.morphology import GENITIVE, NOMINATIVE, PARTITIVE, Reading, form, graded, inflected_like, nouns, readings
from assistant.vocabulary import Vocabulary, folded
from assistant.wordlists import lexicon

CAPITALS = 0.7
"""Share of capital letters above which a text counts as typed in capitals."""

# Words without dots that the dictionary reads as other words; taken as dotted where the text has lost its dots
# elsewhere.
_DOTLESS = {
    "talla": "tällä", "nain": "näin", "alla": "alla", "elaa": "elää", "sade": "sade", "vahan": "vähän", "nama": "nämä",
    "nailla": "näillä", "saanto": "sääntö", "tahan": "tähän", "kayko": "käykö", "ketka": "ketkä", "missa": "missä",
}  # fmt: skip


def standard(text: str, vocabulary: Vocabulary) -> str:
    """The text in standard spelling; the same text where nothing had to be changed."""
    letters = [letter for letter in text if letter.isalpha()]
    shouted = len(letters) > 4 and sum(letter.isupper() for letter in letters) > CAPITALS * len(letters)
    pieces: list[str] = []
    changed = dotless = False
    last = 0
    for start, end in word_spans(text):
        word = text[start:end]
        plain = _quiet(word, vocabulary) if shouted else word
        new = _standard_word(plain, vocabulary)
        changed = changed or new.lower() != plain.lower()
        dotless = dotless or (folded(new) == folded(plain) and new.lower() != plain.lower())
        pieces += [text[last:start], new]
        last = end
    result = "".join(pieces) + text[last:]
    if dotless:
        result = re.sub(r"\w+", lambda m: _DOTLESS.get(m[0].lower(), m[0]), result)
    result = _joined(result, vocabulary)
    for pattern, plain in lexicon().spoken_phrases:
        result = pattern.sub(partial(_phrase, plain), result)
    result = _without_article(result) if changed else result
    result = re.sub(r" {2,}", " ", result).strip()
    if result == text:
        return text
    return _written(result, vocabulary)


def _phrase(plain: str, match: re.Match[str]) -> str:
    return _cased(plain, match[0])


def _written(text: str, vocabulary: Vocabulary) -> str:
    """Names and the first word with their capitals."""
    text = re.sub(r"[\w-]+", lambda match: _named(match[0], vocabulary), text)
    return text[:1].upper() + text[1:]


def _named(word: str, vocabulary: Vocabulary) -> str:
    if not word.islower() or word in lexicon().common:
        return word
    if (spelled := vocabulary.spelled(word)) != word:
        return spelled
    found = readings(word)
    return word.capitalize() if found and all(r.name for r in found) else word


def _quiet(word: str, vocabulary: Vocabulary) -> str:
    """A word typed in capitals as it is usually written."""
    low = word.lower()
    found = readings(low)
    if low in vocabulary.counts and not found:
        return vocabulary.spelled(low)
    if any(reading.name for reading in found) and all(reading.name for reading in found):
        return low.capitalize()
    return low


def _standard_word(word: str, vocabulary: Vocabulary) -> str:
    low = word.lower()
    lists = lexicon()
    if low in lists.spoken:
        return _cased(lists.spoken[low], word)
    if low in vocabulary.counts or low in lists.common or not low[0].isalpha():
        return word
    if slang := _unknown_slang(low):
        return slang
    for reading in readings(low):
        if (plain := lists.slang.get(reading.base.lower())) and not reading.possessive:
            return _slang(low, reading, plain)
    if readings(word) or vocabulary.knows(low):
        return _cased(vocabulary.nearest(low) or low, word) if word.islower() else word
    if vocabulary.inflects(low):
        return word
    if "-" in low:
        head, _, tail = word.rpartition("-")
        return f"{head}-{_standard_word(tail, vocabulary)}"
    if plain_end := _whole_ending(low, vocabulary):
        return _cased(plain_end, word)
    if mended := vocabulary.nearest(low):
        return _cased(vocabulary.spelled(mended), word)
    return word


_SLANG_ENDINGS = (
    ("lle", "ulkotulento"), ("lla", "ulkoolento"), ("llä", "ulkoolento"), ("lta", "ulkoeronto"), ("ssa", "sisaolento"),
    ("sta", "sisaeronto"), ("t", NOMINATIVE), ("n", GENITIVE), ("a", PARTITIVE), ("ä", PARTITIVE), ("", NOMINATIVE),
)  # fmt: skip


def _unknown_slang(word: str) -> str | None:
    """The standard word for a slang word that the dictionary lacks, in the same form as far as its ending tells."""
    if readings(word):
        return None
    for base, plain in lexicon().slang.items():
        if word[:2] != base[:2]:
            continue
        for stem in sorted(graded(base), key=lambda stem: stem != base):
            ending = word.removeprefix(stem) if word.startswith(stem) else None
            case = dict(_SLANG_ENDINGS).get(ending) if ending is not None else None
            if case is not None:
                *before, head = plain.split()
                parts = [*before, head]
                return " ".join(form(part, case, ending == "t") or part for part in parts)
    return None


def _slang(word: str, reading: Reading, plain: str) -> str:
    *before, head = plain.split()
    made = inflected_like(word, head) or head
    modifiers = [form(part, reading.case or NOMINATIVE, reading.plural) or part for part in before]
    return " ".join([*modifiers, made])


def _whole_ending(word: str, vocabulary: Vocabulary) -> str | None:
    """A spoken ending made whole (koulus -> koulussa), where the corpus or the dictionary then knows the word."""
    lists = lexicon()
    guesses = [word]
    for short, whole in lists.spoken_inside:
        guesses += [guess.replace(short, whole, 1) for guess in list(guesses) if short in guess[1:]]
    best: str | None = None
    for guess in guesses:
        if guess != word and _fits(guess, vocabulary):
            return guess
        for end, wholes in lists.spoken_endings:
            if len(guess) - len(end) < 2 or not guess.endswith(end):
                continue
            for whole in wholes:
                made = guess[: -len(end)] + whole
                if _fits(made, vocabulary):
                    return made
                if best is None and len(made) > 4 and _harmonic(made) and readings(made):
                    best = made
    return best


def _fits(word: str, vocabulary: Vocabulary) -> bool:
    if word in vocabulary.counts or word in lexicon().common:
        return True
    return any(vocabulary.lemmas[reading.base.lower()] for reading in readings(word))


def _harmonic(word: str) -> bool:
    return not (set(word[-4:]) & set("aou") and set(word[-4:]) & set("äöy"))


def _cased(new: str, old: str) -> str:
    return new[:1].upper() + new[1:] if old[:1].isupper() else new


def _joined(text: str, vocabulary: Vocabulary) -> str:
    """Compounds written apart (kaupungin talon) joined where the corpus has the compound and never writes it apart."""
    spans = list(word_spans(text))
    found = [text[start:end] for start, end in spans]
    index = 0
    result, last = "", 0
    while index < len(found):
        size = next(
            (
                n
                for n in (3, 2)
                if _one_word(found[index : index + n], n, vocabulary) and _adjacent(text, spans, index, n)
            ),
            1,
        )
        if size > 1:
            result += text[last : spans[index][0]] + _cased(
                _compound([w.lower() for w in found[index : index + size]], vocabulary) or "", found[index]
            )
            last = spans[index + size - 1][1]
        index += size
    return result + text[last:]


def _adjacent(text: str, spans: list[tuple[int, int]], index: int, size: int) -> bool:
    return all(text[spans[i][1] : spans[i + 1][0]] == " " for i in range(index, index + size - 1))


def _one_word(parts: list[str], size: int, vocabulary: Vocabulary) -> bool:
    if len(parts) < size or not all(len(part) > 2 and part.isalpha() for part in parts):
        return False
    low = [part.lower() for part in parts]
    if any(pair in vocabulary.pairs for pair in zip(low, low[1:], strict=False)):
        return False
    for part in low[:-1]:
        if not any(r.case in (NOMINATIVE, GENITIVE) and not r.plural and not r.name for r in nouns(part)):
            return False
    return _compound(low, vocabulary) is not None


def _compound(low: list[str], vocabulary: Vocabulary) -> str | None:
    """The corpus's compound of these words: with their own forms, or the first of them in the genitive."""
    genitive = form(low[0], GENITIVE)
    for first in filter(None, (low[0], genitive)):
        whole = "".join([first, *low[1:]])
        if whole in vocabulary.counts or any(r.compound and vocabulary.lemmas[r.base.lower()] for r in nouns(whole)):
            return whole
    return None


_ARTICLE = re.compile(r"\b(?:se|ne|sen|niitä|sitä|niiden|siinä|siitä) (?=(\w+))", re.IGNORECASE)


def _without_article(text: str) -> str:
    """Spoken Finnish puts "se" before a noun where the standard has nothing; it points to no earlier turn."""

    def drop(match: re.Match[str]) -> str:
        pronoun = {(r.case, r.plural) for r in readings(match[0].strip().lower()) if r.kind == "asemosana"}
        following = nouns(match[1])
        if not readings(match[1]):
            return ""
        same = any((r.case, r.plural) in pronoun for r in following)
        return "" if same or any(r.case == "omanto" for r in following) else match[0]

    return _ARTICLE.sub(drop, text)
