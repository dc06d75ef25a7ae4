"""What answered like questions before is a sign of what answers now, and none against a sentence that is new."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import faiss
import numpy as np
import pytest

from assistant import choosing, questions
from assistant.assistant import Assistant
from assistant.build import build
from assistant.domain import Question, Status
from assistant.embedding import Embedder, Vectors, open_embedder
from assistant.index import Index
from assistant.precedents import READ, Near, Neighbour, Precedents, open_precedents, sentence_key
from assistant.reranker import open_reranker
from assistant.retrieval import Retriever
from assistant.settings import Settings
from training import choices
from training import precedents as training

VALUES, OTHER = "Kaupungin arvot ovat välittäminen ja uudistuminen.", "Kaupungissa on satama."

HOURS = """---
id: uusi-kirjasto
title: Heinolan kirjaston aukioloajat
publisher: Heinolan kaupunki
url: https://www.heinola.fi/kirjasto-aukiolo
published: 2026-10-01
kind: uutinen
---

## Kirjaston aukioloajat

Heinolan kirjasto on avoinna maanantaista perjantaihin klo 10–19 ja lauantaisin klo 10–15.
"""


def near(*neighbours: tuple[float, Sequence[str]]) -> Near:
    found = tuple(Neighbour(cosine, tuple(map(sentence_key, answers)), f"{cosine}?") for cosine, answers in neighbours)
    return Near(found, frozenset(sentence_key(s) for s in (VALUES, OTHER)))


def test_a_sentence_is_told_by_the_precedents_that_it_answered() -> None:
    found = near((0.95, [VALUES]), (0.9, []), (0.8, [OTHER]))
    values, other = found.signs(VALUES), found.signs(OTHER)
    assert values["asked"] > other["asked"]
    assert (values["asked_behind"], other["asked_behind"]) == (0.0, pytest.approx(5 * 0.15))
    assert values["silent_ahead"] < 0 < other["silent_ahead"]
    assert 1 > values["asked_share"] > other["asked_share"] > 0


def test_precedents_say_nothing_of_a_sentence_that_none_was_written_for() -> None:
    nothing = {"asked": 0.0, "asked_behind": 0.0, "asked_share": 0.0, "silent_ahead": 0.0, "unasked": 1.0}
    found = near((0.95, [VALUES]), (0.9, []))
    assert found.signs(VALUES.replace("välittäminen", "rohkeus")) == nothing
    assert Near().signs(VALUES) == nothing
    forgotten = found.without(frozenset({sentence_key(VALUES)}))
    assert forgotten.signs(VALUES) == nothing
    assert [neighbour.keys for neighbour in forgotten.neighbours] == [()]


def test_the_nearest_precedents_count_by_what_the_reranker_read_in_them() -> None:
    found = near((0.95, [OTHER]), (0.94, []), (0.93, [VALUES]), *((0.9 - n / 100, [OTHER]) for n in range(READ)))
    assert found.to_read[:3] == ["0.95?", "0.94?", "0.93?"] and len(found.to_read) == READ
    read = found.reread([-2.0, -1.0, 3.0, -4.0])
    values, other = read.read_signs(VALUES), read.read_signs(OTHER)
    shares = values.pop("asked_read_share"), other.pop("asked_read_share")
    assert shares == pytest.approx((0.929, 0.0076), abs=0.001)
    assert values == pytest.approx({"asked_read": 0.6, "asked_read_behind": 0.0, "silent_read_ahead": -0.8})
    assert other == pytest.approx({"asked_read": -0.4, "asked_read_behind": 1.0, "silent_read_ahead": 0.2})
    assert read.signs(VALUES) == found.signs(VALUES)
    assert set(read.read_signs(VALUES.replace("välittäminen", "rohkeus")).values()) == {0.0}


@pytest.fixture(scope="module")
def embedder(settings: Settings) -> Embedder:
    return open_embedder(settings)


@pytest.mark.slow
def test_the_packaged_precedents_fit_the_packaged_model_and_corpus(settings: Settings, embedder: Embedder) -> None:
    packaged = open_precedents(embedder)
    assert packaged
    retriever = Retriever(Index.open_current(settings.index), embedder, precedents=packaged)
    question = questions.understand("Mitkä arvot kaupungilla on?", [], questions.Vocabulary.of(retriever.index))
    best = choosing.ranked(question, retriever).candidates[0]
    assert "Välittäminen" in best.sentence.text or "välittäminen" in best.sentence.text
    assert best.signs["asked_behind"] < 0.2
    sentences = [s for passage in retriever.index.all_passages() for s in passage.sentences]
    found = retriever.query(question.searched).near
    known = sum(not found.signs(s.text)["unasked"] for s in sentences)
    assert known > 0.9 * len(sentences)


@pytest.mark.slow
def test_what_answered_a_precedent_is_looked_at_where_the_search_misses_it(
    settings: Settings, embedder: Embedder
) -> None:
    index = Index.open_current(settings.index)
    asked = "Mitkä arvot kaupungilla on?"
    vector: Vectors = embedder.queries([asked])
    missed = Retriever(index, embedder).search(Retriever(index, embedder).query(asked), 80)[-1].passage
    flat = faiss.IndexFlatIP(embedder.dimension)
    flat.add(vector)
    known = Precedents(flat, [asked], [sentence_key(missed.sentences[0].text)], np.zeros((1, 1), np.int16))
    retriever = Retriever(index, embedder, precedents=known)
    assert len(retriever.search(retriever.query(asked), 3)) == 3
    hits = retriever.search(retriever.query(asked), 3, recall=True)
    assert [hit.passage.id for hit in hits[3:]] == [missed.id]
    gone = retriever.search(retriever.query(asked), 3, frozenset({missed.document}), recall=True)
    assert len(gone) == 3 and missed.document not in {hit.document.id for hit in gone}


@pytest.mark.slow
def test_a_new_document_answers_what_no_source_told_when_the_precedents_were_written(
    settings: Settings, embedder: Embedder, tmp_path: Path
) -> None:
    asked = "Milloin kirjasto on auki?"
    before = Assistant(replace(settings, data=tmp_path / "before.db"), embedder, open_reranker(settings))
    assert before.ask(asked).answer.status is Status.NOT_FOUND
    shutil.copytree(settings.corpus, tmp_path / "corpus")
    shutil.copytree(settings.index, tmp_path / "index")
    (tmp_path / "corpus" / "uusi-kirjasto.md").write_text(HOURS, encoding="utf-8")
    changed = replace(
        settings, corpus=tmp_path / "corpus", index=tmp_path / "index", data=tmp_path / "c.db", threshold=0.5
    )
    build(changed, embedder)
    after = Assistant(changed, embedder, open_reranker(changed))
    assert "klo 10–19" in after.ask(asked).answer.citations[0].quote
    assert after.ask("Kuka on kirjaston johtaja?").answer.status is Status.NOT_FOUND
    assert "uudistuminen" in after.ask("Mitkä ovat kaupungin arvot?").answer.citations[0].quote


@pytest.mark.slow
def test_another_model_or_a_broken_file_leaves_the_other_signs(
    embedder: Embedder, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    other = Embedder(embedder.model, "other", embedder.query_prompt, embedder.passage_prompt)
    assert open_precedents(other) is None
    other.query_map = embedder.query_map
    assert open_precedents(other) is None
    assert "another model" in caplog.text
    broken = tmp_path / "precedents.npz"
    broken.write_bytes(b"not an archive")
    assert open_precedents(embedder, broken) is None
    assert "cannot be read" in caplog.text


@pytest.mark.slow
def test_precedents_are_made_of_the_questions_as_they_are_understood_but_for_those_held_out(
    settings: Settings, embedder: Embedder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    things = "satama uimahalli kirjasto teatteri hautausmaa lentokenttä apteekki museo linja-autoasema".split()
    rows = [
        {"question": question.format(thing), "sentences": [VALUES] if number % 2 else []}
        for number, thing in enumerate(things)
        for question in ("Kuka omistaa rakennuksen {}?", "Milloin {} perustettiin?")
    ]
    talk = {"question": "Entä nyt?", "before": ["Mitkä olivat arvot vuonna 2010?"], "sentences": [OTHER]}
    rows += [talk, {"question": "mitka on heinolan tavotteet", "sentences": [VALUES]}]
    own, made = tmp_path / "own.jsonl", tmp_path / "precedents.npz"
    own.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    monkeypatch.setattr(training, "PRECEDENTS_FILE", made)
    monkeypatch.setattr(training, "load_settings", lambda: settings)
    monkeypatch.setattr(sys, "argv", ["precedents", str(own)])
    training.main()
    found = open_precedents(embedder, made)
    held = [row for row in rows if training.held_out(row)]
    assert found and len(found) == len(rows) - len(held)
    assert held and talk not in held and rows[-1] not in held
    for row in rows[:-2]:
        nearest = found.near(embedder.queries([str(row["question"])])[0]).neighbours[0]
        assert (nearest.cosine > 0.97) is (row not in held)
        if row not in held:
            assert nearest.keys == tuple(map(sentence_key, row["sentences"])) and nearest.question == row["question"]
    for asked, sentence in (("Mitkä ovat arvot nyt?", OTHER), ("Mitkä ovat Heinolan tavoitteet?", VALUES)):
        near_it = found.near(embedder.queries([asked])[0])
        assert near_it.neighbours[0].cosine > 0.97 and near_it.neighbours[0].keys == (sentence_key(sentence),)
        assert near_it.known == {sentence_key(VALUES), sentence_key(OTHER)}


def test_the_reranker_learns_which_questions_ask_for_the_same() -> None:
    said = [
        ("Milloin arvot hyväksyttiin?", [VALUES], "2022"),
        ("Minä vuonna arvot päätettiin?", [VALUES], "vuonna 2022"),
        ("Kuka hyväksyi arvot?", [VALUES], "valtuusto"),
        ("Milloin tavoitteet hyväksyttiin?", [OTHER], "2021"),
        ("Mitä arvot maksoivat?", [], ""),
        ("Paljonko arvoihin meni rahaa?", [], ""),
    ]
    rows = [{"question": q, "sentences": s, "answer": a, "before": ["x"]} for q, s, a in said]
    while any(map(training.held_out, rows)):
        rows = [row | {"before": [row["before"][0] + "y"]} if training.held_out(row) else row for row in rows]
    read = [(row, Question(row["question"], row["question"], row["question"])) for row in rows]
    angles = np.array([0.0, 0.1, 0.2, 0.3, 1.0, 1.1])
    vectors = np.stack([np.cos(angles), np.sin(angles)], 1).astype(np.float32)
    when, _, _, _, cost, _ = choices.from_each_other(read, vectors, range(len(read)))
    assert when.right == [said[1][0]]
    assert when.others == [said[3][0], said[4][0], said[5][0]]  # who, of the same sentence, tells nothing
    assert cost.right == [said[5][0]] and set(cost.others) == {q for q, *_ in said[:4]}
