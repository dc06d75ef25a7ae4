"""Both legs and their fusion, over the real corpus with the real model."""

from __future__ import annotations

import sqlite3

import pytest

from assistant.assistant import Assistant
from assistant.retrieval import Query, Retriever, evidence

pytestmark = pytest.mark.slow


@pytest.fixture
def retriever(assistant: Assistant) -> Retriever:
    return assistant._current().retriever


def test_hits_carry_both_legs_scores_and_come_best_first(retriever: Retriever) -> None:
    hits = retriever.search(retriever.query("Mitkä ovat kaupungin arvot?"), 5)
    assert len(hits) == 5
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert all(0.0 <= hit.lexical <= 1.0 and -1.0 <= hit.dense <= 1.0 for hit in hits)
    assert "arvo" in hits[0].passage.heading.lower()


def test_a_compound_is_found_by_its_parts(retriever: Retriever) -> None:
    query = retriever.query("sidosryhmätyöpaja")
    held = query.held(0, {"sidos", "ryhmä", "työ", "paja"})
    assert query.held(0, {"sidosryhmätyöpaja"}) == 1.0
    assert 0.0 == query.held(0, {"koulu"}) < query.held(0, {"työ"}) < held < 1.0


def test_an_inflected_word_finds_its_base_form(retriever: Retriever) -> None:
    best = retriever.search(retriever.query("alppiruusupuistoihin"), 1)[0]
    assert "Alppiruusupuisto" in best.passage.text


def test_a_question_of_marks_alone_is_no_full_text_query(retriever: Retriever) -> None:
    assert len(retriever.search(retriever.query('" OR * NEAR( -'), 3)) == 3


def test_the_evidence_grows_with_the_distance_to_the_others(retriever: Retriever) -> None:
    known = evidence(retriever.search(retriever.query("Milloin Kirkonkylän kirkko valmistui?"), 10))
    unknown = evidence(retriever.search(retriever.query("Milloin juna Helsinkiin lähtee?"), 10))
    assert evidence([]) == 0.0
    assert known > unknown


def test_signs_of_a_question_without_words_are_zero(retriever: Retriever) -> None:
    query: Query = retriever.query("mikä on se")
    assert query.groups == ()
    assert (
        query.coverage({"arvo"})
        == query.piece_coverage(frozenset({"0arvo"}))
        == query.window_coverage([("arvo",)])
        == 0.0
    )


class _Failing:
    """A model that has stopped working."""

    key = "failing"

    def queries(self, texts: list[str]) -> None:
        raise RuntimeError("out of memory")


def test_when_the_model_fails_the_words_carry_on(retriever: Retriever) -> None:
    lame = Retriever(retriever.index, _Failing())  # type: ignore[arg-type]  # stands in for a broken Embedder
    query = lame.query("Mitkä ovat kaupungin arvot?")
    assert query.vector is None
    assert any("arvo" in hit.passage.heading.lower() for hit in lame.search(query, 5))


def test_when_the_word_index_fails_the_vectors_carry_on(retriever: Retriever, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object) -> list[int]:
        raise sqlite3.DatabaseError("database disk image is malformed")

    monkeypatch.setattr(retriever.index, "matching", broken)
    assert "arvo" in retriever.search(retriever.query("Mitkä ovat kaupungin arvot?"), 5)[0].passage.heading.lower()
