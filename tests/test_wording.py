"""The original's sentence takes the summary's place only where it says the same, with every figure, date and name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tiny import WordEmbedder

from assistant.build import write_index
from assistant.corpus import Corpus
from assistant.domain import Document, Hit
from assistant.index import Index
from assistant.passages import passages
from assistant.ranking import Candidate
from assistant.wording import holds_all, in_original_words, rarity, told

TAIL = "remontin jälkeen asiakkaille uudelleen syksyllä ja uimahallin johtaja on"
SUMMARY = f"Heinolan uimahalli avataan {TAIL} Maria Salonen."


def said(folder: Path, original: str) -> Candidate:
    """The summary's sentence, in the original's words where it is to be told so."""
    whole = f"{SUMMARY}\n\n{original}"
    document = Document(
        "a", "Uimahalli", "https://e.fi", "K", "muu", whole, original_start=len(SUMMARY) + 2, original_fetched="2026"
    )
    embedder = WordEmbedder()
    made = list(passages(document, lambda text: len(text.split()), 200))
    write_index(folder, Corpus((document,), ()), made, embedder)  # type: ignore[arg-type]  # a small stand-in
    index = Index.open_current(folder)
    passage = index.passages_of("a")[0]
    candidate = Candidate(passage.sentences[0], Hit(passage, document, 1.0, 1.0, 1.0), {}, 1.0)
    alone = replace(candidate, hit=replace(candidate.hit, document=replace(document, original_start=None)))
    assert in_original_words(alone, index) == alone
    return in_original_words(candidate, index)


def test_a_sentence_that_says_the_same_is_quoted(tmp_path: Path) -> None:
    own = f"Nyt uimahalli avataan {TAIL} Maria Salonen."
    found = said(tmp_path, f"Muuta asiaa on tässä.\n\n{own} Ja muuta.")
    assert found.sentence.text == own
    assert found.sentence in found.hit.passage.sentences
    assert found.document.in_original(found.sentence.start)


@pytest.mark.parametrize(
    "own",
    [
        f"Nyt uimahalli avataan {TAIL} hän.",
        f"Nyt uimahalli avataan {TAIL} Maria Virtanen.",
        f"Nyt uimahalli ei avata {TAIL} Maria Salonen.",
        "Uimahallin johtaja on Maria Salonen.",
    ],
)
def test_one_that_does_not_leaves_the_summarys(tmp_path: Path, own: str) -> None:
    assert said(tmp_path, own).sentence.text == SUMMARY


def test_what_denies_does_not_say_the_same() -> None:
    assert not holds_all("Heinola ei nosta veroja.", "Kaupunki nostaa veroja.")
    assert holds_all("Heinola ei nosta veroja.", "Veroja ei nosteta.")


def test_what_sentences_of_one_page_share_counts_for_little() -> None:
    # Found on the corpus: cosine .957, and the only figure is held, but it is the opposite that is told.
    weak = "Heinolan vuoden 2022 asukaskokemuskyselyssä heikoin tulos koski kunnan vetovoimaisuutta."
    best = "Heinolan vuoden 2022 asukaskokemuskyselyssä paras tulos saatiin turvallisuudesta."
    others = [f"Heinolan vuoden 2022 asukaskokemuskyselyssä {word} oli tulos." for word in ("yksi", "hyvä", "uusi")]
    weight = rarity([weak, best, *others])
    assert holds_all(weak, best)
    assert told(weak, best, weight) < 0.2
    assert told(weak, weak, weight) == pytest.approx(1.0)
