"""Passages and sentences are verbatim, never part a list from its lead-in, and keep to the limit."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.corpus import read_corpus
from assistant.domain import Document, Passage
from assistant.finnish import words
from assistant.passages import passages, plain

CORPUS = Path(__file__).parent.parent / "corpus"


def tokens(text: str) -> int:
    """A word is a token."""
    return len(words(text))


def split(text: str, limit: int = 200) -> list[Passage]:
    """The passages of a text."""
    return list(passages(Document("a", "Otsikko", "https://e.fi", "K", "muu", text), tokens, limit))


def shown(text: str, limit: int = 200) -> list[tuple[str, list[str]]]:
    """Heading and sentences of each passage."""
    return [(p.heading, [s.text for s in p.sentences]) for p in split(text, limit)]


def test_text_is_parted_under_its_headings() -> None:
    text = "Johdanto tässä.\n\n## Arvot\n\nArvoja on kolme. Ne ovat uusia.\n\n### Visio\n\nHyvä asuu Heinolassa."
    assert shown(text) == [
        ("Otsikko", ["Johdanto tässä."]),
        ("Arvot", ["Arvoja on kolme.", "Ne ovat uusia."]),
        ("Visio", ["Hyvä asuu Heinolassa."]),
    ]
    assert [p.id for p in split(text)] == ["a#1", "a#2", "a#3"]


@pytest.mark.parametrize("between", ["\n", "\n\n"])
@pytest.mark.parametrize("mark", ["-", "*", "1."])
def test_a_list_stays_with_its_lead_in(between: str, mark: str) -> None:
    text = f"Arvoista päätettiin. Arvot ovat:{between}{mark} rohkeus\n{mark} avoimuus\n\nNe ovat uusia."
    assert shown(text) == [
        ("Otsikko", ["Arvoista päätettiin.", f"Arvot ovat:{between}{mark} rohkeus\n{mark} avoimuus", "Ne ovat uusia."])
    ]
    assert [s.listed for s in split(text)[0].sentences] == [False, True, False]


def test_a_list_longer_than_the_limit_is_a_passage_of_its_own() -> None:
    text = "Alku on tässä.\n\nArvot ovat:\n\n- yksi kaksi\n- kolme neljä\n\nLoppu on tässä."
    assert [len(p.sentences) for p in split(text, limit=4)] == [1, 1, 1]
    assert split(text, limit=4)[1].text == "Arvot ovat:\n\n- yksi kaksi\n- kolme neljä"


def test_a_lead_in_without_a_list_is_a_sentence() -> None:
    assert shown("Huomaa tämä:\n\nTeksti jatkuu.") == [("Otsikko", ["Huomaa tämä:", "Teksti jatkuu."])]


def test_passages_keep_to_the_limit() -> None:
    text = " ".join(f"Lause numero {n} on tässä." for n in range(40))
    made = split(text, limit=20)
    assert [len(p.sentences) for p in made] == [4] * 10
    assert all(tokens(p.text) <= 20 for p in made)


def test_an_empty_text_has_no_passages() -> None:
    assert split("") == []
    assert split("## Vain otsikko\n") == []


def test_running_text_has_no_list_marks() -> None:
    assert plain("Arvot ovat:\n\n- rohkeus\n- avoimuus") == "Arvot ovat: rohkeus; avoimuus"
    assert plain("1. Sujuva johtaminen") == "Sujuva johtaminen"


def test_everything_in_the_real_corpus_is_verbatim_and_nothing_is_lost() -> None:
    for document in read_corpus(CORPUS).documents:
        kept = ""
        for passage in passages(document, tokens, 120):
            assert document.text[passage.start : passage.start + len(passage.text)] == passage.text
            for sentence in passage.sentences:
                assert document.text[sentence.start : sentence.start + len(sentence.text)] == sentence.text
                assert sentence.passage == passage.id
                kept += sentence.text
        body = "\n".join(line for line in document.text.split("\n") if not line.startswith("#"))
        assert "".join(kept.split()) == "".join(body.split()), document.id
