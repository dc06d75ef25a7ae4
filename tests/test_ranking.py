"""What a sentence is held to show of what is asked: over the real corpus with the real model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest

from assistant import choosing, questions, ranking
from assistant.embedding import open_embedder
from assistant.index import Index
from assistant.kinds import lacks_form
from assistant.passages import plain
from assistant.precedents import Near
from assistant.reranker import Reranker, open_reranker
from assistant.retrieval import Retriever
from assistant.settings import Settings

pytestmark = pytest.mark.slow


SIGNS = [
    ("Milloin kirjaston remontti on valmis?", "alkavan syyskuussa 2024", "opposite", 1.0),
    ("Milloin kirjaston remontti alkaa?", "alkavan syyskuussa 2024", "opposite", 0.0),
    ("Käynnistyikö kirjaston remontti?", "alkavan syyskuussa 2024", "only_planned", 1.0),
    ("Milloin kirjaston remontin oli määrä alkaa?", "alkavan syyskuussa 2024", "only_planned", 0.0),
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
        found = choosing.ranked(questions.understand(question, [], vocabulary), retriever).candidates
        told.append(next(c.signs[sign] for c in found if sentence in plain(c.sentence.text)))
    assert told == [shown for *_, shown in SIGNS]


def test_a_sentence_far_behind_is_not_read_and_taken_for_what_most_of_them_are(settings: Settings) -> None:
    retriever = Retriever(Index.open_current(settings.index), open_embedder(settings))
    reranker = open_reranker(settings)
    assert reranker
    read: list[str] = []

    class Recording(Reranker):
        def __init__(self) -> None:
            self.depth = reranker.depth

        def logits(self, question: str, sentences: Sequence[str]) -> npt.NDArray[np.float32]:
            read.extend(sentences)
            return reranker.logits(question, sentences)

    question = questions.understand("Mitkä ovat kaupungin arvot?", [], questions.Vocabulary.of(retriever.index))
    plain_order = choosing.ranked(question, retriever).candidates
    first = plain_order[: reranker.depth]
    far = [c for c in first if first[0].score - c.score > ranking.NEAR]
    again = ranking.reread(question, plain_order, Near(), Recording())
    assert 0 < len(read) < len(again) == reranker.depth
    assert far and not {c.in_context for c in far} & set(read)
    numbers = {c.sentence.id: 5 * c.signs["reranker"] for c in again}
    assert [numbers[c.sentence.id] for c in far] == pytest.approx([ranking.UNREAD] * len(far))
    assert again[-1].sentence.id in {c.sentence.id for c in far}
