"""What can be answered without searching: small talk, emergencies, the asker's own case, other topics, and no
question at all."""

from __future__ import annotations

import re

from assistant.finnish import STOP_TERMS, analyser, words
from assistant.morphology import Reading, readings
from assistant.phrases import is_question_word
from assistant.vocabulary import Vocabulary, folded
from assistant.wordlists import Lexicon, lexicon

_NOT_WORDS = re.compile(r"[^\w+*/×^=<>-]+")


def plain(text: str) -> str:
    """Lower case, no dots, no punctuation: what the patterns of the lexicon are matched with."""
    return _NOT_WORDS.sub(" ", folded(text.replace("'", " ").replace("’", " "))).strip()


def smalltalk(text: str) -> str | None:
    """The topic, where the whole message is small talk."""
    found = re.sub(r"[^\w ]+", " ", plain(text)).split()
    if not found or len(found) > LONGEST_TALK:
        return None
    topics = _talk(found)
    if topics is None:
        return "thanks" if _thanks_and_tells(text, found) else None
    if _BESIDE in topics and not _COURTESY & topics:
        return None
    topic = next((topic for topic in _BY_WEIGHT if topic in topics), None)
    return "praise" if topic == "assent" else topic


LONGEST_TALK = 30
"""Words of the longest message that is taken for small talk."""

_BY_WEIGHT = (
    "who_are_you", "what_can_you_do", "how_are_you", "complaint", "goodbye", "thanks", "praise", "greeting", "assent",
)  # fmt: skip
"""Where a message holds several ("Hei, kuka olet?"), the first of these is answered."""

_BESIDE = "beside"
_COURTESY = frozenset({"goodbye", "thanks", "praise"})
_LONGEST_UNIT = 9
"""Words of the longest piece of small talk that is matched as one."""


def _talk(found: list[str]) -> frozenset[str] | None:
    """The topics of the pieces that make up the words, the longest piece first; None where a word is left over."""
    tails = {len(found): frozenset[str]()}
    for start in reversed(range(len(found))):
        for end in range(min(start + _LONGEST_UNIT, len(found)), start, -1):
            if end in tails and (topic := _topic_of(" ".join(found[start:end]))):
                tails[start] = tails[end] | {topic}
                break
    return tails.get(0)


def _topic_of(piece: str) -> str | None:
    lists = lexicon()
    if topic := next((topic for topic, pattern in lists.smalltalk.items() if pattern.fullmatch(piece)), None):
        return topic
    return _BESIDE if lists.beside.fullmatch(piece) else None


def _thanks_and_tells(text: str, found: list[str]) -> bool:
    """Thanks, and what the speaker did or does now ("Kiitos, luen sen kotona"): nothing is asked."""
    lists = lexicon()
    thanks = lists.smalltalk["thanks"]
    begins = bool(thanks.match(" ".join(found)))
    if "?" in text or len(found) > LONGEST_TALK // 2 or not (begins or thanks.fullmatch(found[-1])):
        return False
    typed = words(text.lower())
    if any(is_question_word(word, after) for word, after in zip(typed, [*typed[1:], ""], strict=True)):
        return False
    told = named = False
    for word in typed:
        verbs = [r for r in readings(word) if r.finite or r.mood == "imperative"]
        if thanks.fullmatch(plain(word)):
            continue
        if not verbs or len(verbs) < len(readings(word)):
            named = named or not readings(word) or any(reading.case for reading in readings(word))
            continue
        if not any(_tells(r, lists) for r in verbs):
            return False
        told = True
    return told or (begins and not named)


def _tells(verb: Reading, lists: Lexicon) -> bool:
    if verb.asks or verb.mood != "indicative" or verb.base in lists.wishes:
        return False
    return verb.tense == "past_imperfective" or verb.person == "1" or verb.base in lists.concludes


def emergency(text: str) -> str | None:
    """The topic, where somebody is in danger now; not where fires and the like are only asked about (`text` plain)."""
    lists = lexicon()
    surely = bool(lists.emergency_surely.search(text))
    discussed = not surely and bool(lists.emergency_not.search(text))
    asked = discussed or (not surely and bool(lists.emergency_asking.search(text)))
    for kind, pattern in lists.emergency.items():
        # A cry is a cry whatever else is said, and so is a wish to die that is told in the first person.
        if pattern.search(text) and (kind in ("crisis", "general") or not discussed):
            return kind
    return next((kind for kind, pattern in lists.emergency_named.items() if not asked and pattern.search(text)), None)


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
    asking = bool(found) and (
        is_question_word(found[0], found[1] if len(found) > 1 else "")
        or any(reading.asks for word in found[:2] for reading in readings(word))
    )
    return (
        _own_thing(found, lists)
        or (asking and (_own_outcome(found, lists) or _own_place(found) or _own_share(found, lists)))
        or _asks_own_benefit(found, lists)
    )


_MINE = frozenset({"minun", "mun"})
_OURS = frozenset({"meidän", "meiän", "meijän"})
_TO_ME = frozenset({"minulla", "minulle", "minulta", "mulla", "mulle", "multa"})
_OBJECT = frozenset({"minut", "mut", "meidät", "minulle", "mulle", "meille"})
_AM_I = frozenset({"olenko", "olemmeko", "enkö", "emmekö", "olinko"})
_DEED = "MINEN-infinitive"
"""How Voikko reads "ilmoittautuminen"."""
_HOW_MUCH_OR_WHY = frozenset({"miksi", "montako", "paljonko", "kuinka"})
_CITY = frozenset({"kaupunki", "kunta", "valtio", "heinola", "valtuusto"})


def _own_thing(found: list[str], lists: Lexicon) -> bool:
    """An application, a bill, a place in a queue that belongs to the asker or to a person of theirs."""
    for index, word in enumerate(found):
        following = found[index + 1 : index + 4]
        if word in _MINE and _owns(following, lists):
            return True
        if _owned_person(found, index, lists, owns=True) and any(_is_matter(other, lists) for other in following[:2]):
            return True
        if word in _OURS and any(_is_matter(other, lists, ours=True) for other in following[:1]):
            return True
        for reading in readings(word):
            if reading.possessive == "1s" and _matter(reading, lists):
                return True
            if reading.possessive == "1p" and _matter(reading, lists, ours=True):
                return True
            made = reading.possessive in ("1s", "1p") and reading.participle
            if made and any(_is_matter(other, lists) for other in following[:2]):
                return True
    return False


def _owned_person(found: list[str], index: int, lists: Lexicon, *, owns: bool = False) -> bool:
    """Whether a word is "lapseni", or "lapsi" after "minun" or "meidän"; with `owns` in a case that can own."""
    before = found[index - 1] if index else ""
    return any(
        reading.base in lists.personal_people
        and reading.case in ("nimento", "omanto", "ulkoolento")
        and (
            reading.possessive in ("1s", "1p") or (before in _MINE | _OURS and (not owns or reading.case != "nimento"))
        )
        for reading in readings(found[index])
    )


def _own_outcome(found: list[str], lists: Lexicon) -> bool:
    """What became of the asker or a person of theirs: "sainko paikan", "miksi en päässyt", "hyväksyttiinkö poikani"."""
    city = any(reading.base.lower() in _CITY for word in found for reading in readings(word))
    theirs = any(_owned_person(found, index, lists) for index in range(len(found)))
    theirs = theirs or (not city and bool(_OBJECT.intersection(found)))
    mine = done = False
    for word in found:
        noun = any(reading.kind == "nimisana" for reading in readings(word))  # "elin" is a body, and "I lived"
        for reading in readings(word):
            own = reading.person == "1" and not (reading.plural and city)
            mine = mine or (reading.finite and own and not noun)
            past = reading.tense == "past_imperfective" and reading.base in lists.outcomes["verbs"]
            if past and own and (found[0] in _HOW_MUCH_OR_WHY or (reading.asks and reading.base != "saada")):
                return True
            done = done or (past and (own or theirs)) or reading.base in lists.outcomes["participles"]
    if found[0] in _AM_I and done:
        return True
    return done and (theirs or (mine and any(_is_matter(word, lists) for word in found)))


def _own_place(found: list[str]) -> bool:
    """A place in a queue: "monesko olen jonossa"."""
    return any(r.person == "1" and r.base == "olla" for word in found for r in readings(word)) and any(
        r.last in ("jono", "lista") and r.case in ("sisaolento", "ulkoolento") for word in found for r in readings(word)
    )


def _own_share(found: list[str], lists: Lexicon) -> bool:
    """What comes to the asker or is theirs: "paljonko minulla on lomaa", "miksi minulle tuli lasku"."""
    return (
        bool(_TO_ME.intersection(found))
        and any(_is_matter(word, lists) for word in found)
        and all(
            any(r.base in lists.shares for r in verbs)
            for word in found
            if (verbs := [r for r in readings(word) if r.finite])
            and not any(r.kind == "nimisana" for r in readings(word))
        )
    )


def _owns(following: list[str], lists: Lexicon) -> bool:
    """Whether "minun" is followed by a thing of one's own, not by "pitää" or "on tehtävä"."""
    for word in following[:2]:
        if any(
            r.base in ("pitää", "täytyä", "kannattaa", "olla", "pitäisi", "tarvita", "kuulua", "mieli", "mielipide")
            for r in readings(word)
        ):
            return False
        if _is_matter(word, lists):
            return True
    return False


def _is_matter(word: str, lists: Lexicon, *, ours: bool = False) -> bool:
    return any(_matter(r, lists, ours=ours) for r in readings(word) if r.kind == "nimisana" or r.mood == _DEED)


def _matter(reading: Reading, lists: Lexicon, *, ours: bool = False) -> bool:
    things = lists.applications if ours else lists.personal_things
    return reading.base.lower() in things or reading.last in things


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


def says_nothing_alone(text: str, vocabulary: Vocabulary) -> bool:
    """Whether a question is of function words only ("Sanooko se miten?"): it can be of nothing but the turn before."""
    found = words(text)
    asks = any(is_question_word(word, after) for word, after in zip(found, [*found[1:], ""], strict=True))
    return asks and meaningless(text, vocabulary, finnish=True) and all(readings(word.lower()) for word in found)


def _speaks(word: str, vocabulary: Vocabulary) -> bool:
    """A word that the corpus or the dictionary knows, an abbreviation, a name, or at least something that can be read
    aloud."""
    if vocabulary.knows(word) or (word.isupper() and len(word) > 1) or "-" in word:
        return True
    low = folded(word)
    vowels = sum(letter in "aeiouy" for letter in low)
    sayable = 0.25 <= vowels / len(low) <= 0.75 and not re.search(r"[bcdfghjklmnpqrstvwxz]{4}|(.)\1\1|[aeiouy]{4}", low)
    return word[0].isupper() and sayable and len(word) > 3
