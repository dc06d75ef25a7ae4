"""The assistant as a whole: bad input, memory, and a new index taken into use."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from assistant.assistant import Assistant
from assistant.build import build
from assistant.domain import Status
from assistant.errors import ConversationUnknown, DocumentUnknown, IndexMissing, QuestionInvalid
from assistant.settings import Settings

pytestmark = pytest.mark.slow


def test_an_empty_or_endless_question_is_told_what_to_do(assistant: Assistant) -> None:
    with pytest.raises(QuestionInvalid, match="tyhjä"):
        assistant.ask(" \u00ad ")
    with pytest.raises(QuestionInvalid, match="10000 merkkiä"):
        assistant.ask("a" * 10_000)


def test_an_unknown_conversation_and_document_are_told(assistant: Assistant) -> None:
    with pytest.raises(ConversationUnknown):
        assistant.ask("Mitkä ovat arvot?", "ei-ole")
    with pytest.raises(DocumentUnknown):
        assistant.document("ei-ole")


def test_a_missing_index_is_told_before_the_model_is_loaded(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match="assistant build"):
        Assistant.open(Settings(index=tmp_path / "none"))


def test_a_turn_is_remembered_masked_and_forgotten(assistant: Assistant) -> None:
    turn = assistant.ask("Olen 131052-308T, milloin strategia hyväksyttiin?")
    assert "131052-308T" not in turn.question
    assert assistant.conversation(turn.conversation) == [turn]
    assistant.forget(turn.conversation)
    with pytest.raises(ConversationUnknown):
        assistant.conversation(turn.conversation)


def test_a_disk_that_cannot_be_written_does_not_cost_the_answer(
    assistant: Assistant, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    careless = Assistant(replace(settings, data=tmp_path / "file" / "c.db"), assistant._embedder)
    turn = careless.ask("Milloin strategia hyväksyttiin?")
    assert turn.answer.status is Status.ANSWERED
    assert turn.notice


def test_a_new_index_is_taken_into_use_between_two_questions(assistant: Assistant, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    page = """---
id: {id}
title: "Sivu"
url: "https://example.org/"
publisher: "Heinolan kaupunki"
kind: muu
---

## {heading}

{text}
"""
    (corpus / "a.md").write_text(
        page.format(id="a", heading="Heinolan torni", text="Heinolan torni on 40 metriä korkea.")
    )
    own = Settings(corpus=corpus, index=tmp_path / "index", data=tmp_path / "c.db")
    build(own, assistant._embedder)
    small = Assistant(own, assistant._embedder)
    assert [document.id for document in small.documents()] == ["a"]
    (corpus / "b.md").write_text(
        page.format(id="b", heading="Heinolan silta", text="Heinolan silta on 90 metriä pitkä.")
    )
    build(own, assistant._embedder)
    assert [document.id for document in small.documents()] == ["a", "b"]
    (corpus / "a.md").unlink()
    build(own, assistant._embedder)
    assert [document.id for document in small.documents()] == ["b"]
    assert {hit.document.id for hit in small.search("torni")} == {"b"}


def test_a_follow_up_that_points_to_a_place_gets_its_own_answer(assistant: Assistant) -> None:
    turn = assistant.ask("Missä osoitteessa asiakaspalvelupiste on?")
    follow_up = assistant.ask("Mistä asioista sieltä saa tietoa?", turn.conversation)
    assert follow_up.answer.status is Status.ANSWERED
    assert follow_up.answer.citations[0].quote not in {citation.quote for citation in turn.answer.citations}
    assert "saa tietoa" in follow_up.answer.citations[0].quote
