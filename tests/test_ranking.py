"""What a sentence is held to show of what is asked: over the real corpus with the real model."""

from __future__ import annotations

import pytest

from assistant import choosing, questions
from assistant.embedding import open_embedder
from assistant.index import Index
from assistant.kinds import lacks_form
from assistant.passages import plain
from assistant.retrieval import Retriever
from assistant.settings import Settings

pytestmark = pytest.mark.slow


SIGNS = [
    ("Milloin kirjaston remontti on valmis?", "alkavan syyskuussa 2024", "opposite", 1.0),
    ("Milloin kirjaston remontti alkaa?", "alkavan syyskuussa 2024", "opposite", 0.0),
    ("Mikä oli lyhytaikaisten lainojen keskikorko?", "pitkäaikaisten lainojen keskikorko", "opposite", 1.0),
    ("Minkä niminen päiväkoti tarjoaa vuorohoitoa?", "vuorohoitoa saa yhdestä", "title_missing", 1.0),
    ("Milloin kirjasto on auki?", "alkavan syyskuussa 2024", "unit_missing", 1.0),
    ("Mikä on kuukausimaksu päiväkodissa yli 147 tunnilta?", "kolme tuntiluokkaa", "unit_missing", 1.0),
    ("Mitä tilapäinen hoito maksaa?", "euroa", "unit_held", 1.0),
]


@pytest.mark.parametrize(
    ("question", "text", "lacks"),
    [
        ("Milloin kirjasto on auki?", "Remontin oli suunniteltu alkavan syyskuussa 2024.", True),
        ("Milloin kirjasto on auki?", "Kirjasto on avoinna arkisin.", False),
        ("Milloin asuinaluekysely oli auki?", "Kyselyyn saattoi vastata 18.8.2020–30.11.2021.", False),
        ("Mihin aikaan vuodesta kysely tehtiin?", "Kysely tehtiin kesäkuussa 2023.", False),
        ("Moneltako iltakoulu alkoi?", "Iltakoulu pidettiin 7.3.2022.", True),
        ("Moneltako prosentilta kysyttiin?", "Vastaajista 29 % tunsi sen.", False),
        ("Paljonko kaupunginjohtaja ansaitsee?", "Talousarvioesitys oli 0,6 milj. euroa alijäämäinen.", True),
        ("Mikä on neuvonnan puhelinnumero?", "Neuvonta on torin kulmalla.", True),
        ("Mikä on neuvonnan puhelinnumero?", "Neuvonta, p. 03 849 30.", False),
        ("Milloin neuvonta on auki?", "Sen siirrosta päätti ympäristölautakunta.", True),
        ("Mihin sähköpostiosoitteeseen aloite lähetetään?", "Aloite lähetetään kirjaamoon.", True),
    ],
)
def test_an_hour_a_pay_or_a_number_to_call_is_told_by_its_form(question: str, text: str, lacks: bool) -> None:
    assert lacks_form(question, text) is lacks


def test_what_is_asked_and_not_held_shows_in_a_sign(settings: Settings) -> None:
    retriever = Retriever(Index.open_current(settings.index), open_embedder(settings))
    vocabulary = questions.Vocabulary.of(retriever.index)
    told = []
    for question, sentence, sign, _ in SIGNS:
        found = choosing.ranked(questions.understand(question, [], vocabulary), retriever)[1]
        told.append(next(c.signs[sign] for c in found if sentence in plain(c.sentence.text)))
    assert told == [shown for *_, shown in SIGNS]
