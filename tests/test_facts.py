"""Figures, dates and names are the same in two wordings, and only where they are."""

from __future__ import annotations

import pytest

from assistant import finnish
from assistant.facts import facts


def held(ours: str, theirs: str) -> bool:
    found = facts(ours)
    return found.held_by(facts(theirs)) == found.count


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("Valtuusto hyväksyi sen 16.5.2022.", "Maanantaina 16. toukokuuta 2022 valtuusto hyväksyi."),
        ("Se alkaa kesäkuussa 2024.", "Työt käynnistyvät 3.6.2024."),
        ("Asukkaita on 18 211.", "Väkeä on 18211."),
        ("Kasvua oli 3,5 prosenttia.", "Kasvu on 3,5 %."),
        ("Arvoja on kolme.", "Esittelyssä 3 arvoa."),
        ("Vuosina 2020–2021 tehtiin kysely.", "Vuonna 2020 ja vuonna 2021."),
        ("Heinolan kaupunginjohtaja on Jari Parkkonen.", "Kaupunkia johtaa Jari Parkkonen."),
        ("Ratkaisun esitti Kirsi Lehtimäki.", "Asiaa Kirsi Lehtimäen mukaan selvitettiin."),
        ("He tekivät sen yhdessä.", "Se tehtiin yhteistyönä."),
    ],
)
@pytest.mark.skipif(finnish.analyser().name != "voikko", reason="base forms of names come from Voikko")
def test_what_two_wordings_share(ours: str, theirs: str) -> None:
    assert held(ours, theirs)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("Valtuusto hyväksyi sen 16.5.2022.", "Valtuusto hyväksyi sen 16.5."),
        ("Valtuusto hyväksyi sen 16.5.2022.", "Valtuusto hyväksyi sen 15.6.2022."),
        ("Asukkaita on 18 211.", "Asukkaita on 18 112."),
        ("Hinta on 4,2 miljoonaa euroa.", "Hinta on 42 miljoonaa euroa."),
        ("Rehtori Maria Salonen aloittaa.", "Hän aloittaa rehtorina."),
        ("Arvoja on kolme.", "Arvoja on viisi."),
    ],
)
def test_what_they_do_not(ours: str, theirs: str) -> None:
    assert not held(ours, theirs)
