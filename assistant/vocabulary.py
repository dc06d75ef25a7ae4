"""The words of the corpus, and the nearest of them to a word that was typed wrong."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from functools import cache, lru_cache

from assistant.finnish import analyser, words
from assistant.index import Index
from assistant.morphology import known, nouns, readings
from assistant.wordlists import FOLDED, lexicon

ONE_EDIT, TWO_EDITS = 5, 9
"""Letters a word must have before one or two typing errors are mended: shorter words have too many neighbours."""


def folded(word: str) -> str:
    """The word without its dots and rings, lower case."""
    return word.translate(FOLDED).lower()


class Vocabulary:
    """What words the corpus holds; made once for an opened index and only read after that."""

    def __init__(self, texts: list[str]) -> None:
        """Counts the words of the texts."""
        capital: Counter[str] = Counter()
        spellings: dict[str, str] = {}
        self.counts: Counter[str] = Counter()
        """How often each surface form stands in the corpus, lower case."""
        self.pairs: set[tuple[str, str]] = set()
        """Adjacent words, lower case: words that the corpus itself writes apart."""
        for text in texts:
            for line in text.splitlines():
                found = words(line)
                low = [word.lower() for word in found]
                self.counts.update(low)
                self.pairs.update(zip(low, low[1:], strict=False))
                starts = {0} | {i + 1 for i, word in enumerate(found) if f"{word}. " in line or f"{word}: " in line}
                capital.update(word.lower() for i, word in enumerate(found) if word[0].isupper() and i not in starts)
                spellings |= {word.lower(): word for i, word in enumerate(found) if i not in starts}
        small = Counter(word for text in texts for word in words(text) if word.islower())
        self.lemmas: Counter[str] = Counter()
        self.names: dict[str, str] = {}
        """Base forms (lower case) of what the corpus always writes with a capital, with their spelling there."""
        plain: set[str] = {base for word in small for base in analyser().terms(word)[:1]}
        for word, count in self.counts.items():
            bases = analyser().terms(word)
            self.lemmas.update(dict.fromkeys(bases, count))
            if capital[word]:
                named = [r.base.lower() for r in readings(word.capitalize()) if r.name] or list(bases[:1])
                if not set(named) & plain and word not in small:
                    self.names |= dict.fromkeys(named, word)
        self._capitals = {word: form for word, form in spellings.items() if capital[word] and word not in small}
        self._spellings = self._forms()
        seen = [word for word in self.counts if word[0].isalpha() and word not in lexicon().common]
        names = [word for word in seen if word not in small and not nouns(word.capitalize())]
        self._name_stems = {stem for word in names for stem in _stems(word)}
        self._heads = {re.split(r"[-:]", word)[0] for word in self.counts} | set(self.counts)
        self.mended = lru_cache(maxsize=20_000)(self._mended)

    @classmethod
    def of(cls, index: Index) -> Vocabulary:
        """The vocabulary of an opened index: its titles, headings and texts."""
        passages = [passage for document in index.documents() for passage in index.passages_of(document.id)]
        titles = [document.title for document in index.documents()]
        return cls(titles + [f"{passage.heading}\n{passage.text}" for passage in passages])

    def _forms(self) -> dict[str, str]:
        """Each folded form with its most frequent spelling."""
        self._grams: dict[str, list[str]] = defaultdict(list)
        best: dict[str, str] = {}
        for word in sorted(set(self.counts) | set(self.lemmas) | lexicon().common):
            if not word[0].isalpha():
                continue
            if self._weight(word) > self._weight(best.get(folded(word), "")):
                best[folded(word)] = word
            if len(word) >= ONE_EDIT - 1:
                for gram in _grams(folded(word)):
                    self._grams[gram].append(word)
        return best

    def _weight(self, word: str) -> int:
        return self.counts[word] + self.lemmas[word] + (5 if word in lexicon().common else 0)

    def knows(self, word: str) -> bool:
        """Whether the corpus, the lexicon or the Finnish dictionary has this form."""
        low = word.lower()
        return low in self.counts or low in lexicon().common or bool(readings(word) or known(word))

    def inflects(self, word: str) -> bool:
        """Whether an unknown word is another form of a name of the corpus that the dictionary lacks (Lusi: Lusissa)."""
        return not nouns(word.capitalize()) and not self._name_stems.isdisjoint(_stems(word.lower()))

    def spelled(self, word: str) -> str:
        """The word with the capitals that the corpus gives it (osbu -> OSBU)."""
        return self._capitals.get(word, word)

    def begins(self, stem: str) -> bool:
        """Whether a word of the corpus is this stem, or has it before a hyphen or a colon."""
        return stem in self._heads

    def holds(self, word: str) -> bool:
        """Whether the corpus speaks of this word, in any form."""
        return word.lower() in self.counts or any(self.lemmas[base] for base in analyser().terms(word)[:2])

    def nearest(self, word: str) -> str | None:
        """The word that was meant, where this form is unknown and one is near enough; else None."""
        return self.mended(word.lower())

    def _mended(self, word: str) -> str | None:
        if not word.isalpha() or len(word) < 3:
            return None
        plain = folded(word)
        if self.knows(word):
            return self._lost_dots(word) if word == plain else None
        if (found := self._spellings.get(plain)) is not None:
            return found
        if word == plain and (dotted := self._dotted(word)):
            return dotted
        return self._by_edits(plain)

    def _lost_dots(self, word: str) -> str | None:
        """The corpus's word with dots, where the form without them is Finnish in name only (Mika, tilin + paatos)."""
        dotted = self._spellings.get(word, word)
        if dotted == word or word in self.counts or word in lexicon().common:
            return None
        far_fetched = all(r.name or (r.compound and not self.lemmas[r.base.lower()]) for r in readings(word))
        return dotted if far_fetched else None

    def _dotted(self, word: str) -> str | None:
        """The word with dots put back, in one stretch (the parts of a compound follow their own vowel harmony)."""
        size = len(word)
        tried: set[str] = set()
        fallback: str | None = None
        dots = str.maketrans("ao", "äö")
        for start in range(size):
            for end in range(size, start, -1):
                guess = word[:start] + word[start:end].translate(dots) + word[end:]
                if guess == word or guess in tried:
                    continue
                tried.add(guess)
                if found := readings(guess):
                    if any(self.lemmas[reading.base.lower()] for reading in found):
                        return guess
                    fallback = fallback or guess
        return fallback

    def _by_edits(self, word: str) -> str | None:
        allowed = 2 if len(word) >= TWO_EDITS else 1 if len(word) >= ONE_EDIT else 0
        if not allowed:
            return None
        shared: Counter[str] = Counter()
        for gram in _grams(word):
            shared.update(self._grams.get(gram, ()))
        best: tuple[int, int, str] | None = None
        for candidate, count in shared.items():
            if abs(len(candidate) - len(word)) > allowed or count < len(word) + 2 - 4 * allowed:
                continue
            distance = edits(word, folded(candidate), allowed)
            if distance is not None:
                rank = (distance, -self._weight(candidate), candidate)
                best = min(best, rank) if best else rank
        return best[2] if best else None


_ENDINGS = ("", "n", "en", "an", "ssa", "sta", "on", "in", "un", "lla", "lta", "lle", "a", "ta", "ksi", "na")
_SHORTEST_STEM = 4


def _stems(word: str) -> list[str]:
    """What may be the stem of a name, without each ending that it has."""
    return [
        stem
        for end in _ENDINGS
        if folded(word).endswith(end) and len(stem := word[: len(word) - len(end)]) >= _SHORTEST_STEM
    ]


@cache
def _grams(word: str) -> frozenset[str]:
    padded = f"  {word} "
    return frozenset(padded[i : i + 3] for i in range(len(padded) - 2))


def edits(one: str, other: str, most: int) -> int | None:
    """Damerau-Levenshtein distance (a swap of neighbours is one edit), or None when it is above `most`."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        last, row, older = row, [i] + [0] * len(other), before
        for j, opposite in enumerate(other, 1):
            row[j] = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != opposite))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == opposite:
                row[j] = min(row[j], older[j - 2] + 1)
        before = last
        if min(row) > most:
            return None
    return row[-1] if row[-1] <= most else None
