"""The original page's wording of what a summary says, so that an answer quotes the page itself where it can.

A wrong sentence in its place would be a wrong answer, and the summary's own is right as it stands: so all has to fit.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np

from assistant import finnish
from assistant.facts import facts
from assistant.index import VARIABLES, Index
from assistant.names import CITY
from assistant.ranking import Candidate

ALIKE, TOLD = 0.94, 0.5
"""Cosine from which two sentences may say the same, and the share of the summary's words (rare ones of the page count
for more) that the original's has to hold. `benchmarks/wording.py` measures both; CONTRIBUTING.md has the figures. The
cosine alone does not do: sentences about the same survey are alike, whatever each tells of it. For another model,
measure anew."""

NEGATIONS = frozenset({"ei", "älä", "ilman", "eikä"})
"""Base forms that turn a sentence round; its vector hardly shows them."""

Rarity = Callable[[frozenset[str]], float]
"""What a word (by its base forms) counts for among the sentences of a document."""


def in_original_words(candidate: Candidate, index: Index) -> Candidate:
    """The candidate with the sentence of its document's original that says the same; as it is where there is none."""
    document = candidate.document
    if document.original_start is None or document.in_original(candidate.sentence.start):
        return candidate
    every = [(passage, sentence) for passage in index.passages_of(document.id) for sentence in passage.sentences]
    weight = rarity(sentence.text for _, sentence in every)
    own = [(passage, sentence) for passage, sentence in every if document.in_original(sentence.start)]
    ids = [sentence.id for _, sentence in own]
    said = index.sentence_vectors([candidate.sentence.id])[0]
    cosines = [
        float(cosine)
        for start in range(0, len(ids), VARIABLES)
        for cosine in index.sentence_vectors(ids[start : start + VARIABLES]) @ said
    ]
    for number in np.argsort([-cosine for cosine in cosines], kind="stable"):
        if cosines[number] < ALIKE:
            break
        passage, sentence = own[number]
        if told(candidate.sentence.text, sentence.text, weight) >= TOLD and holds_all(
            candidate.sentence.text, sentence.text
        ):
            return replace(candidate, sentence=sentence, hit=replace(candidate.hit, passage=passage))
    return candidate


def holds_all(summary: str, original: str) -> bool:
    """Whether the original's sentence holds every figure, date and name of the summary's, and denies as it does."""
    ours, theirs = facts(summary), facts(original)
    denies = [bool(one.words & NEGATIONS) for one in (ours, theirs)]
    return ours.held_by(theirs) == ours.count and denies[0] == denies[1]


def rarity(sentences: Iterable[str]) -> Rarity:
    """Weights of words by how few of these sentences hold them."""
    held = [{base for word in _words(sentence) for base in word} for sentence in sentences]
    counts = Counter(base for bases in held for base in bases)
    return lambda word: math.log((len(held) + 1) / max(1, min(counts[base] for base in word)))


def told(summary: str, original: str, weight: Rarity) -> float:
    """The share, 0..1, of the summary's words that the original's sentence holds, each by its weight."""
    theirs = {base for word in _words(original) for base in word}
    weights = {word: weight(word) for word in _words(summary)}
    whole = sum(weights.values())
    return sum(value for word, value in weights.items() if word & theirs) / whole if whole else 1.0


def _words(sentence: str) -> set[frozenset[str]]:
    """The words by their base forms, without figures, which are compared as such, and the city."""
    return {frozenset(word) for word in finnish.terms(sentence) if CITY not in word and not word[0][0].isdigit()}
