"""What a sentence is held to show of what is asked: over the real corpus with the real model."""

from __future__ import annotations

import pytest

from assistant import choosing, questions
from assistant.embedding import open_embedder
from assistant.index import Index
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


def test_what_is_asked_and_not_held_shows_in_a_sign(settings: Settings) -> None:
    retriever = Retriever(Index.open_current(settings.index), open_embedder(settings))
    vocabulary = questions.Vocabulary.of(retriever.index)
    told = []
    for question, sentence, sign, _ in SIGNS:
        found = choosing.ranked(questions.understand(question, [], vocabulary), retriever)[1]
        told.append(next(c.signs[sign] for c in found if sentence in plain(c.sentence.text)))
    assert told == [shown for *_, shown in SIGNS]
