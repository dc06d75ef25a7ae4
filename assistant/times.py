"""Whether a sentence tells of another time than the one that is asked about."""

from __future__ import annotations

import re

from assistant.domain import Asks, Document, Question

_MONTHS = "tammi helmi maalis huhti touko kesä heinä elo syys loka marras joulu".split()
_PARTS = {
    "kevä": range(1, 6),
    "kesä": range(5, 9),
    "syksy": range(8, 13),
    "talv": (11, 12, 1, 2, 3),
    "alu": range(1, 4),
    "lopu": range(10, 13),
    "vaihtee": (12, 1),
}
"""The months that a text may mean by a part of the year, those about it too."""
_MONTH = re.compile(
    rf"\b(?:({'|'.join(_MONTHS)})kuu|(kevä|kesä|syksy|talv)(?:t|n|än|ä?llä|ä?stä|ään|yn|i|en|ella|esta|een)?\b"
    r"|vuoden(?: (?:19|20)\d\d)? ?(alu|lopu|vaihtee)(?:ssa|n)\b|\d{1,2}\.(\d{1,2})\.)",
    re.I,
)
_SPAN = re.compile(r"\b(?:alkaen|lähtien|asti|saakka|mennessä|alusta)\b|\d[.\d]*–\d", re.I)
_DECADE = re.compile(r"\b(?:19|20)\d\d-luvu", re.I)
_RELATIVE = re.compile(r"\b(?:seuraav|edelli|edeltä|ennen|jälkeen|perään|myöhem|aiem|aikaisem|siitä)", re.I)


def another_time(question: Question, document: Document, text: str) -> bool:
    """Whether a sentence of the document tells of another time than is asked about: of another month of the asked
    year, or, where a figure or a person is asked for, of other years when the asked one is nowhere in the document.

    When something was, or whether it was by then, another time may tell, and so may what holds from one month on; what
    came next or was before is of another time. Of 28,233 answered questions of our own that name a year 41 lose all
    that answers them so, 19 of these by the year (of 8,499 that ask how many or who in one year that has passed).
    """
    if not question.years or question.asks & {Asks.WHEN, Asks.YES_NO} or _SPAN.search(text):
        return False
    if _RELATIVE.search(question.understood):
        return False  # what came next or was before is of another time
    return _another_month(question, text) or _another_year(question, document)


def _another_month(question: Question, text: str) -> bool:
    """December's share of the unemployed is not that of January."""
    asked, told = months_of(question.understood), months_of(text)
    same_year = any(year in text for year in question.years)
    return bool(asked and told) and same_year and asked.isdisjoint(told)


def _another_year(question: Question, document: Document) -> bool:
    """The population of 1950 is not told by a page of 2020."""
    if not question.asks & {Asks.NUMBER, Asks.WHO} or len(question.years) > 1 or question.time != "past":
        return False
    if _DECADE.search(question.understood):
        return False
    return question.years[0] not in f"{document.text} {document.title} {document.published} {document.event_date}"


def months_of(text: str) -> frozenset[int]:
    """Numbers of the months that a text names, by name, part of the year or date."""
    found: set[int] = set()
    for month, season, part, number in _MONTH.findall(text):
        if month:
            found.add(_MONTHS.index(month.lower()) + 1)
        found.update(_PARTS[(season or part).lower()] if season or part else [int(number)] if number else ())
    return frozenset(found) & set(range(1, 13))  # "klo 17.30." is no date
