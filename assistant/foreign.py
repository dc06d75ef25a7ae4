"""Follow-ups in Swedish and English: the same rules as in Finnish, by word order, as there are few forms to change."""

from __future__ import annotations

import re

from assistant.domain import Language
from assistant.earlier import END, Before, first_of
from assistant.finnish import words
from assistant.phrases import YEAR, is_question_word, parsed
from assistant.vocabulary import Vocabulary
from assistant.wordlists import lexicon

_FOREIGN_TIME = re.compile(r"\b(?:in|år|during|under)?\s*(?:19|20)\d\d\b", re.IGNORECASE)

_ASKING_START = re.compile(
    r"^(?:how|hur) (?!many|much|många|mycket|is|was|are|did|do|does|är|var|kan|har)\w+ |^\w+ ", re.IGNORECASE
)
"""The question word, with the adjective of "how high", which another question word does without."""

_ASKING = frozenset("what which who when where why how vad vilken vilka vem när var varför hur vilket".split())
_VERBS = frozenset(
    """är var har kan ska blev kostar finns is was were are has mean cost happen
    i på om för till av med från efter innan""".split()
)
"""What follows a pronoun, and no article or pointing word: verbs, and Swedish prepositions."""


def complete_foreign(text: str, before: Before, language: Language, vocabulary: Vocabulary) -> str | None:
    lists = lexicon()
    opener = lists.openers[language].match(text)
    rest = END.sub("", text[opener.end() :] if opener else text)
    found = words(rest)
    low = [word.lower() for word in found]
    last = END.sub("", first_of(before.understood))
    topic = _foreign_topic(last, language)
    if is_question_word((words(last) or [""])[0]) and (finnish := parsed(last, vocabulary).owner()):
        topic = finnish.basic()  # the turn before was in Finnish
    base = int(YEAR.findall(last)[-1]) if YEAR.search(last) else before.year
    for pattern, by in lists.relative_years:
        if (moved := pattern.search(rest)) and base is not None and len(found) <= moved[0].count(" ") + 3:
            return _foreign_year(last, str(base + by), language)
    if opener and low and not set(low) & _ASKING:
        if (year := YEAR.search(rest)) and len(found) <= 3:
            return _foreign_year(last, year[0] if len(found) == 1 else rest, language)
        if topic in last and topic != last and not _circumstance(low[0]):
            fresh = re.sub(r"^(?:the|a|an) ", "", rest) if f"the {topic}" in last else rest
            return f"{last.replace(topic, fresh, 1)}?"
        return f"{last}, {rest}?" if not _circumstance(low[0]) else f"{last} {rest}?"
    if low and all(word in _ASKING for word in low):
        tail = _ASKING_START.sub("", last) if words(last)[0].lower() in _ASKING else last
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
        before_it, _, after_it = re.split(rf"\b({re.escape(found[index])})\b", rest, maxsplit=1)
        whole = f"{before_it}{new}{after_it}"
        return f"{whole[:1].upper()}{whole[1:]}?"
    return None


def _foreign_year(last: str, year: str, language: Language) -> str:
    if not year.isdigit():  # "January 2025"
        month = f"in {year}" if language == "en" and year[:1].isupper() else year
        return f"{_FOREIGN_TIME.sub('', last).strip()} {month}?"
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
    if language == "en" and "the" in (low := [word.lower() for word in found]):  # "in the budget": the last named thing
        start = len(low) - low[::-1].index("the")
        named = [i for i in content if i >= start]
        end = next((i for i in range(start, len(low)) if i not in content and low[i] != "of"), len(low))
        if end - start > 1 and {"did", "does", "do"} & set(low[:start]):
            end -= 1  # "When did the city manager start"
        if named and end > start:
            return " ".join(found[start:end])
    if language == "sv" and found and found[0].lower() in _ASKING:  # the second word is the verb
        named = [i for i in content if i > 1]
        if named:
            closing = (i for i in range(named[0], len(found)) if found[i].lower() in _VERBS)
            stop = next(closing, named[-1] + 1)
            if stop > named[0]:
                return " ".join(found[named[0] : stop])
    helped = next((i for i, word in enumerate(found) if word.lower() in ("do", "does", "did")), None)
    if language == "en" and helped is not None and (named := [i for i in content if i > helped]) and len(named) > 1:
        return " ".join(found[named[0] : named[-1]])  # "How many pupils does the school have": the verb is left out
    return " ".join(found[content[0] : content[-1] + 1]) if content else last


def _circumstance(word: str) -> bool:
    """Whether a fragment begins with a preposition: it tells when, where or for whom."""
    return word in set("in on at for by from to during before after i på om för under hos från till före efter".split())


def _foreign_antecedent(low: list[str], index: int, language: Language) -> bool:
    """Whether the word is an article, a dummy, or has its noun before it in the turn."""
    before = low[index - 1] if index else ""
    if low[index] == "det" and before in ("finns", "fanns", "bor", "bodde", "sitter", "satt", "blir", "blev", "kommer"):
        return True
    nouns = [word for word in low[:index] if word not in lexicon().language_words[language] and len(word) > 2]
    links = set("while when so if because after before som när om att".split())
    if nouns and (links & set(low[1:index]) or (low[index] in ("its", "their", "dess", "deras") and len(nouns) > 1)):
        return True
    following = low[index + 1] if index + 1 < len(low) else ""
    glossary = lexicon().glossary[language]
    if low[index] in ("den", "det", "de", "that", "this", "those", "these") and following:
        return following not in _VERBS and not following.endswith(("ades", "ed", "des"))
    if low[index] == "there" and index and low[index - 1] in ("is", "are", "was", "were"):
        return True
    if "and" in low[:index] or "och" in low[:index]:
        return any((word,) in glossary for word in low[: index - 1] if word not in lexicon().language_words[language])
    return False
