"""Searching a page by words in any form."""

from __future__ import annotations

import pytest

from assistant.finnish import analyser
from assistant.wordsearch import alternatives, base_forms, fits, searchable

ENTRY = "kuntalaisaloite medborgarinitiativ Aloitteen tekevät asukkaat. 16.10.2023"


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("", True),
        ("aloit", True),
        ("aloitteen", True),
        ("aloitteilla", True),
        ("kuntalaisaloitteelle", True),
        ("asukas", True),
        ("tehdä aloite", True),
        ("miten aloitteita tehdään", True),
        ("medborgarinitiativ", True),
        ("16.10.2023", True),
        ("aloitteen, asukkaan", True),
        ("pingviini", False),
        ("aloite pingviinistä", False),
        ("talousarvioaloite", False),
        ("?!", False),
        ("on", False),
    ],
)
def test_an_entry_is_found_by_any_form_of_each_word(wanted: str, found: bool) -> None:
    assert fits(wanted, searchable(ENTRY)) is found


@pytest.mark.skipif(analyser().name != "voikko", reason="only Voikko parts compounds")
def test_a_part_of_a_compound_finds_it_but_a_compound_does_not_find_its_parts() -> None:
    assert fits("kuntalaisten", searchable("kuntalaisaloite"))
    assert not fits("kuntalaisaloite", searchable("aloite"))
    assert base_forms("kuntalaisaloitteella") == ("kuntalaisaloite",)


def test_the_script_gets_the_forms_of_each_telling_word() -> None:
    assert alternatives("miten aloitteen tekisi") == [["aloitteen", "aloite"], ["tekisi", "tehdä"]]
    assert alternatives("mikä") == [["mikä"]], "where there is nothing else, function words count"
    assert alternatives("") == []
