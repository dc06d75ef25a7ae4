"""The original page's wording of what a summary says, so that an answer quotes the page itself where it can."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from assistant.facts import facts
from assistant.index import VARIABLES, Index
from assistant.ranking import Candidate

ALIKE = 0.94
"""Cosine from which two sentences may say the same. `benchmarks/wording.py` measures it on a made-up summary and page
(thirty sentences that say the same, twenty-two others): from .94 no wrong sentence is quoted, and 17 of the 30 right
ones; at .93 one is wrong, at .90 five more where the right one is missing. What is missed costs little: the summary's
own sentence stands. For another model, measure anew."""

NEGATIONS = frozenset({"ei", "älä", "ilman", "eikä"})
"""Base forms that turn a sentence round; its vector hardly shows them."""


def in_original_words(candidate: Candidate, index: Index) -> Candidate:
    """The candidate with the sentence of its document's original that says the same; as it is where there is none."""
    document = candidate.document
    if document.original_start is None or document.in_original(candidate.sentence.start):
        return candidate
    own = [(p, s) for p in index.passages_of(document.id) if document.in_original(p.start) for s in p.sentences]
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
        if holds_all(candidate.sentence.text, sentence.text):
            return replace(candidate, sentence=sentence, hit=replace(candidate.hit, passage=passage))
    return candidate


def holds_all(summary: str, original: str) -> bool:
    """Whether the original's sentence holds every figure, date and name of the summary's, and denies as it does."""
    ours, theirs = facts(summary), facts(original)
    denies = [bool(one.words & NEGATIONS) for one in (ours, theirs)]
    return ours.held_by(theirs) == ours.count and denies[0] == denies[1]
