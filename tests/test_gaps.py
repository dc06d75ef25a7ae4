"""Questions asked in vain are grouped by likeness, with the source that would need the text."""

from __future__ import annotations

from assistant.domain import Answer, Citation, Nearest, Status, Turn, Validity
from assistant.gaps import evidence, gaps


def near(passage: str) -> Nearest:
    document = passage.partition("#")[0]
    return Nearest(document, document, "https://example.fi/", None, Validity.DATED, passage, "", "Teksti.")


def asked(number: int, question: str, *passages: str) -> Turn:
    answer = Answer(Status.NOT_FOUND, "En löytänyt.", nearest=tuple(map(near, passages)))
    return Turn(str(number), "c", question, question, answer, f"2026-01-{number:02}T00:00:00+00:00")


def test_paraphrases_stand_together_and_the_largest_group_first() -> None:
    found = gaps(
        [
            asked(1, "Montako siltaa Heinolassa on?", "kadut#1", "luonto#1"),
            asked(2, "Paljonko uimahallin lippu maksaa?", "liikunta#1", "aanestys#1"),
            asked(3, "Uimahallin pääsymaksu", "liikunta#1", "maksut#1"),
            asked(4, "Paljonko strategian toteuttaminen maksaa?", "strategia#1", "strategia#2"),
            asked(5, "Mitä uimahalliin pääsy maksaa?", "aanestys#1", "liikunta#1"),
        ]
    )
    assert [[turn.id for turn in gap.turns] for gap in found] == [["5", "3", "2"], ["4"], ["1"]]
    assert "uimahalli" in found[0].words
    assert [passage.passage for passage in found[0].passages] == ["liikunta#1", "aanestys#1", "maksut#1"]
    assert found[0].source == near("liikunta#1")


def test_a_partial_answer_points_to_what_it_cited() -> None:
    citation = Citation(
        1, "arvot", "Arvot", "https://example.fi/", None, Validity.DATED, "Lainaus.", "arvot#1", True, "", "Kaupunki"
    )
    turn = Turn("t", "c", "k", "k", Answer(Status.ANSWERED_PARTLY, "v", (citation,)), "2026-01-01T00:00:00+00:00")
    assert [passage.text for passage in evidence(turn)] == ["Lainaus."]


def test_nothing_near_and_nothing_asked() -> None:
    assert gaps([]) == []
    alone = gaps([asked(1, "???")])
    assert (alone[0].source, alone[0].words) == (None, ())
