"""Text as pages show it."""

from __future__ import annotations

from typing import Any

import pytest

from assistant.domain import Answer, Citation, Status, Validity
from assistant.marking import Block, Piece, Range, answer_blocks, blocks, day, moment, quoted_blocks


def citation(quote: str, span: str | None = None, number: int = 1) -> Citation:
    address = "https://www.heinola.fi/"
    return Citation(
        number, "a", "A", address, None, Validity.DATED, quote, "a#1", True, address, "Heinolan kaupunki", span
    )


@pytest.mark.parametrize(
    ("written", "language", "shown"),
    [
        ("2022-05-16", "fi", "16.5.2022"),
        ("2022-05", "fi", "5/2022"),
        ("2022", "sv", "2022"),
        ("2022-05-16", "en", "16 May 2022"),
        ("2022-05", "en", "May 2022"),
    ],
)
def test_a_day_is_as_precise_as_it_is_known(written: str, language: Any, shown: str) -> None:
    assert day(written, language) == shown


def test_a_moment_is_told_in_finnish_time() -> None:
    assert moment("2026-11-24T22:05:00+00:00", "fi") == "25.11.2026 klo 0.05"
    assert moment("2026-06-24T08:00:00+00:00", "en") == "24 June 2026 at 11:00"


def test_paragraphs_and_lists_are_told_apart() -> None:
    assert blocks("Arvot ovat:\n- välittäminen\n- uudistuminen\n\nNiin on.\nTotta.") == [
        Block(False, ((Piece("Arvot ovat:"),),)),
        Block(True, ((Piece("välittäminen"),), (Piece("uudistuminen"),))),
        Block(False, ((Piece("Niin on."), Piece("\n"), Piece("Totta.")),)),
    ]


def test_a_mark_that_spans_lines_goes_on_in_each() -> None:
    text = "Arvot:\n- yksi\n- kaksi"
    assert blocks(text, [Range(0, len(text), "quote"), Range(9, 13, "span")]) == [
        Block(False, ((Piece("Arvot:", "quote"),),)),
        Block(True, ((Piece("yksi", "span"),), (Piece("kaksi", "quote"),))),
    ]


def test_citation_marks_become_numbers_and_other_brackets_stay() -> None:
    answer = Answer(
        Status.ANSWERED, "Arvoja on kolme. [1][2] Lue [3].", (citation("Arvoja on kolme."), citation("x", number=2))
    )
    assert answer_blocks(answer) == [
        Block(
            False,
            (
                (
                    Piece("Arvoja on kolme.", "quote"),
                    Piece(" "),
                    Piece("1", "citation"),
                    Piece("2", "citation"),
                    Piece(" Lue [3]."),
                ),
            ),
        )
    ]


def test_a_quote_is_marked_in_its_passage_and_the_span_in_the_quote() -> None:
    assert quoted_blocks(citation("Arvoja on kolme.", "kolme"), "Alku. Arvoja on kolme. Loppu.") == [
        Block(
            False,
            (
                (
                    Piece("Alku. "),
                    Piece("Arvoja on ", "quote"),
                    Piece("kolme", "span"),
                    Piece(".", "quote"),
                    Piece(" Loppu."),
                ),
            ),
        )
    ]


def test_a_quote_stands_alone_where_its_passage_has_changed() -> None:
    assert quoted_blocks(citation("Arvoja on kolme."), "Muuta.") == [Block(False, ((Piece("Arvoja on kolme."),),))]
    assert quoted_blocks(citation("Arvoja on kolme."), None) == [Block(False, ((Piece("Arvoja on kolme."),),))]
