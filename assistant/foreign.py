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
