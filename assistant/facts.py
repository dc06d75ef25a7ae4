"""What of a text can be checked against another: its figures, dates and names, in a form that two wordings share.

The city's own name is left out: every document here speaks of the city, and a page need not say so in each sentence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from assistant import finnish
from assistant.morphology import readings
from assistant.names import CITY

NUMERALS = "nolla yksi kaksi kolme neljä viisi kuusi seitsemän kahdeksan yhdeksän kymmenen".split()
MONTHS = (
    "tammikuu helmikuu maaliskuu huhtikuu toukokuu kesäkuu heinäkuu elokuu syyskuu lokakuu marraskuu joulukuu".split()
)
SHOUTED = 5
"""Capitals in a row from which a word is a heading rather than an abbreviation."""

STEM = 4
"""Letters at least that two forms of a name share which the dictionary does not know."""

_DATE = re.compile(
    r"\b(\d{1,2})\.\s?(\d{1,2})\.(?:\s?(\d{4}))?(?!\d)|\b(\d{1,2})\.?\s(" + "|".join(MONTHS) + r")\w*(?:\s(\d{4}))?",
    re.IGNORECASE,
)
_FIGURE = re.compile(r"(?<![\d.,])\d{1,3}(?: \d{3})+(?:,\d+)?(?!\d)|\d+(?:,\d+)?")
_START = re.compile(r"(?:^|[.!?:…][”\"’)]*\s+|\n)\W*\Z")


@dataclass(frozen=True)
class Facts:
    """The figures, dates and names of a text."""

    figures: frozenset[str]
    """Figures as digits (18344; 3,5), dates as 16.5.2022, and what they imply (16.5., month 5, 2022)."""
    names: frozenset[frozenset[str]]
    """Each name by the base forms it may be of, lower case."""
    words: frozenset[str]
    """The base forms of every word, in which another text's names are looked for."""

    @property
    def count(self) -> int:
        """Figures, dates and names together."""
        return len(self.figures) + len(self.names)

    def held_by(self, other: Facts) -> int:
        """How many of them the other text holds."""
        return len(self.figures & other.figures) + sum(other.has(name) for name in self.names)

    def has(self, name: frozenset[str]) -> bool:
        """Whether the text holds a name, in whatever form."""
        if name & self.words:
            return True
        # What the dictionary does not know has no base form: Mustikkahaan and Mustikkahaka share a beginning.
        unknown = [form for form in name if len(form) - 3 >= STEM and not readings(form.capitalize())]
        return any(word.startswith(form[:-3]) for form in unknown for word in self.words)


@lru_cache(maxsize=2048)
def facts(text: str) -> Facts:
    """The figures, dates and names of a text."""
    figures: set[str] = set()
    for match in _DATE.finditer(text):
        day, month, year = (match[1], match[2], match[3]) if match[1] else (match[4], "", match[6])
        month = month or str(MONTHS.index(match[5].lower()) + 1)
        figures |= {f"{int(day)}.{int(month)}.", f"month {int(month)}"}
        figures |= {f"{int(day)}.{int(month)}.{year}", year} if year else set()
    rest = _DATE.sub(" ", text)
    figures |= {match.group().replace(" ", "") for match in _FIGURE.finditer(rest)}
    names: set[frozenset[str]] = set()
    words: set[str] = set()
    for match in re.finditer(r"[^\W\d_]+(?:[-'’:.][^\W\d_]+)*", text):
        word = match.group().partition(":")[0]
        bases = frozenset(finnish.analyser().terms(word)) | {word.lower()}
        words |= bases
        words |= {base for part in word.split("-") for base in finnish.analyser().terms(part)} if "-" in word else set()
        numeral = next((n for n, name in enumerate(NUMERALS) if name in bases), None)
        if numeral is not None and all(reading.kind == "lukusana" for reading in readings(word)):
            figures.add(str(numeral))  # but not in "yhdessä", together
        elif months := bases & set(MONTHS):
            figures |= {f"month {MONTHS.index(month) + 1}" for month in months}
        elif _is_name(word, first=bool(_START.search(text[max(0, match.start() - 8) : match.start()]))):
            names.add(bases)
    return Facts(frozenset(figures), frozenset(names), frozenset(words))


def _is_name(word: str, first: bool) -> bool:
    if not word[:1].isupper() or word.lower().startswith(CITY) or (word.isupper() and len(word) > SHOUTED):
        return False
    found = readings(word)
    return not first or (bool(found) and all(reading.name for reading in found)) or (word.isupper() and len(word) > 1)
