"""What can be answered without searching: small talk, emergencies, the asker's own case, other topics, and no
question at all."""

from __future__ import annotations

import re

from assistant.finnish import STOP_TERMS, analyser, words
from assistant.morphology import readings
from assistant.vocabulary import Vocabulary, folded
from assistant.wordlists import Lexicon, lexicon

_NOT_WORDS = re.compile(r"[^\w+*/×^=<>-]+")


def plain(text: str) -> str:
    """Lower case, no dots, no punctuation: what the patterns of the lexicon are matched with."""
    return _NOT_WORDS.sub(" ", folded(text.replace("'", " ").replace("’", " "))).strip()


def smalltalk(text: str) -> str | None:
    """The topic, where the whole message is small talk."""
    words_only = re.sub(r"[^\w ]+", " ", plain(text)).strip()
    words_only = re.sub(r" +", " ", words_only)
    lists = lexicon()
    if not words_only or not lists.smalltalk_all.fullmatch(words_only + " "):
        return None
    for topic in _BY_WEIGHT:
        if lists.smalltalk[topic].search(words_only):
            return topic
    return None


_BY_WEIGHT = ("who_are_you", "what_can_you_do", "how_are_you", "complaint", "goodbye", "thanks", "praise", "greeting")
"""Where a message holds several ("Hei, kuka olet?"), the first of these is answered."""


def emergency(text: str) -> str | None:
    """The topic, where somebody is in danger now; not where fires and the like are only asked about."""
    lists = lexicon()
    found = next((topic for topic, pattern in lists.emergency.items() if _whole_word(pattern, text)), None)
    if found is None or found in ("crisis", "general"):
        if found == "crisis" and lists.emergency_not.search(text) and not lists.emergency_surely.search(text):
            return None
        return found
    if lists.emergency_not.search(text) and not lists.emergency_surely.search(text):
        return None
    return found


def _whole_word(pattern: re.Pattern[str], text: str) -> bool:
    return any(match.start() == 0 or not text[match.start() - 1].isalnum() for match in pattern.finditer(text))


def personal(text: str, typed: str) -> bool:
    """Whether the asker's own case is asked about (`text` plain, `typed` in standard spelling)."""
    lists = lexicon()
    if re.search(r"\b\d{6}[-+a-y]\d{3}[0-9a-y]\b", text):
        return True
    if lists.personal_not.search(text):
        return False
    if lists.personal.search(text):
        return True
    found = words(typed.lower())
    for index, word in enumerate(found):
        following = found[index + 1 : index + 4]
        for reading in readings(word):
            if reading.possessive == "1s" and _matter(reading.base, reading.last, lists):
                return True
            if (
                reading.possessive == "1s"
                and reading.base in lists.personal_people
                and reading.case in ("nimento", "omanto")
                and any(_is_matter(other, lists) for other in following[:2])
            ):
                return True
        if word in ("minun", "mun") and _owns(following, lists):
            return True
    return _asks_own_benefit(found, lists)


def _owns(following: list[str], lists: Lexicon) -> bool:
    """Whether "minun" is followed by a thing of one's own, not by "pitää" or "on tehtävä"."""
    for word in following[:2]:
        if any(
            r.base in ("pitää", "täytyä", "kannattaa", "olla", "pitäisi", "tarvita", "kuulua") for r in readings(word)
        ):
            return False
        if _is_matter(word, lists):
            return True
    return False


def _is_matter(word: str, lists: Lexicon) -> bool:
    return any(_matter(reading.base, reading.last, lists) for reading in readings(word) if reading.kind == "nimisana")


def _matter(base: str, last: str, lists: Lexicon) -> bool:
    return base.lower() in lists.personal_things or last in lists.personal_things


def _asks_own_benefit(found: list[str], lists: Lexicon) -> bool:
    """ "Paljonko saan toimeentulotukea", "saanko asumistukea": an amount or a right of one's own."""
    own = any(
        reading.base in ("saada", "maksaa") and reading.person == "1" and not reading.plural
        for w in found
        for reading in readings(w)
    )
    if not own or not any(
        w in ("paljonko", "paljon", "kuinka", "montako", "milloin", "minä") or w.endswith("nko") for w in found
    ):
        return False
    return any(
        reading.base in lists.benefits or reading.last in lists.benefits for w in found for reading in readings(w)
    )


def off_topic(text: str) -> bool:
    """Requests to write or perform, attempts to change the rules, and topics that no city's sources hold (`text`
    plain)."""
    lists = lexicon()
    if lists.off_topic_always.search(text):
        return True
    return bool(lists.off_topic.search(text)) and not lists.off_topic_not.search(text)


def injected(text: str) -> bool:
    """Whether a message tries to give the assistant other rules (`text` plain)."""
    return bool(lexicon().injection.search(text))


def meaningless(text: str, vocabulary: Vocabulary, finnish: bool) -> bool:
    """Whether there is nothing to search for: no words, function words only, or keys pressed at random."""
    found = [word for word in words(text) if any(letter.isalnum() for letter in word)]
    if not found:
        return True
    if not finnish:
        return False
    content = [word for word in found if analyser().terms(word)[0] not in STOP_TERMS and len(word) > 1]
    if not content:
        return not any(word[0].isdigit() for word in found)
    return not any(word[0].isdigit() or _speaks(word, vocabulary) for word in content)


def _speaks(word: str, vocabulary: Vocabulary) -> bool:
    """A word that the corpus or the dictionary knows, an abbreviation, a name, or at least something that can be read
    aloud."""
    if vocabulary.knows(word) or (word.isupper() and len(word) > 1) or "-" in word:
        return True
    low = folded(word)
    vowels = sum(letter in "aeiouy" for letter in low)
    sayable = 0.25 <= vowels / len(low) <= 0.75 and not re.search(r"[bcdfghjklmnpqrstvwxz]{4}|(.)\1\1|[aeiouy]{4}", low)
    return word[0].isupper() and sayable and len(word) > 3
