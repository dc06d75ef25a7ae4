"""Each trap of Finnish that a computer falls into."""

from __future__ import annotations

import unicodedata
from concurrent.futures import ThreadPoolExecutor

import pytest

from assistant import finnish
from assistant.finnish import SimplemmaAnalyser, VoikkoAnalyser, grams, normalised, sentence_spans, words


def sentences(text: str) -> list[str]:
    """The sentences of a text."""
    return [text[start:end] for start, end in sentence_spans(text)]


@pytest.fixture(scope="module")
def voikko() -> VoikkoAnalyser:
    """Voikko, where the system has it."""
    try:
        return VoikkoAnalyser()
    except Exception as error:
        pytest.skip(f"Voikko is not installed: {error}")


def test_letters_are_composed() -> None:
    assert normalised(unicodedata.normalize("NFD", "välittäminen Åbo")) == "välittäminen Åbo"


def test_what_cannot_be_seen_is_left_out() -> None:
    assert normalised("  stra\u00adte\u200bgia\ufeff\u00a0on\x00\t tässä \r\n") == "strategia on tässä"


def test_numbers_keep_their_marks_and_words_their_hyphens() -> None:
    text = "TE-uudistus 17.3.2022 maksoi 8,2 milj. euroa, äänin 29–13 (klo 10:30)."
    assert words(text) == [
        "TE-uudistus",
        "17.3.2022",
        "maksoi",
        "8,2",
        "milj",
        "euroa",
        "äänin",
        "29–13",
        "klo",
        "10:30",
    ]
    assert [text[a:b] for a, b in finnish.word_spans(text)] == words(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Lainaa on 118 milj. euroa. Se kasvoi.", ["Lainaa on 118 milj. euroa.", "Se kasvoi."]),
        ("Kokous oli 17.3.2022. Paikalla oli 20.", ["Kokous oli 17.3.2022.", "Paikalla oli 20."]),
        ("Kokous pidettiin 16.5. 2022 ja 17.3. Paikalla oli", ["Kokous pidettiin 16.5. 2022 ja 17.3.", "Paikalla oli"]),
        ("1. Sujuva johtaminen", ["1. Sujuva johtaminen"]),
        ("Niin tehtiin vuonna 2023. Heinolassa on", ["Niin tehtiin vuonna 2023.", "Heinolassa on"]),
        ("Asian esitteli J. Parkko. Hän", ["Asian esitteli J. Parkko.", "Hän"]),
        ("Avoinna mm. Siltasaaressa. Tule!", ["Avoinna mm. Siltasaaressa.", "Tule!"]),
        ("Kuka? Milloin? Ei tiedetä.", ["Kuka?", "Milloin?", "Ei tiedetä."]),
        ("Hän sanoi: ”Nyt riittää.” Sitten lähdettiin.", ["Hän sanoi: ”Nyt riittää.”", "Sitten lähdettiin."]),
        ("Otsikko ilman pistettä\n\nUusi kappale.", ["Otsikko ilman pistettä", "Uusi kappale."]),
        ("", []),
    ],
)
def test_a_full_stop_does_not_always_end_a_sentence(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_voikko_gives_base_forms_and_the_parts_of_compounds(voikko: VoikkoAnalyser) -> None:
    assert set(voikko.terms("strategiaseminaarissa")) == {"strategiaseminaari", "strategia", "seminaari"}
    assert "arvo" in voikko.terms("arvoihimme")
    assert voikko.terms("zxqw") == ("zxqw",)
    assert voikko.known("kaupunki")
    assert not voikko.known("kaupunkki")


def test_inflected_words_share_a_term(voikko: VoikkoAnalyser) -> None:
    assert not set(voikko.terms("kaupunginvaltuustolle")).isdisjoint(voikko.terms("valtuusto"))


def test_without_voikko_base_forms_come_from_a_dictionary() -> None:
    simplemma = SimplemmaAnalyser()
    assert simplemma.terms("kaupungissa") == ("kaupunki",)
    assert simplemma.terms("zxqw") == ("zxqw",)
    assert simplemma.known("kaupunki")


def test_without_the_library_the_fallback_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ctypes.util.find_library", lambda name: None)
    finnish.analyser.cache_clear()
    try:
        assert finnish.analyser().name == "simplemma"
    finally:
        finnish.analyser.cache_clear()


def test_function_words_are_no_terms() -> None:
    assert [group[0] for group in finnish.terms("Mitkä ovat kaupungin arvot?")] == ["kaupunki", "arvo"]
    assert finnish.content_words("Mitkä ovat kaupungin arvot?") == ["kaupungin", "arvot"]
    assert finnish.terms("Mitä se on?") == []


def test_dotted_letters_are_kept_apart() -> None:
    assert finnish.terms("väli") != finnish.terms("vali")


def test_pieces_of_a_word_mark_its_ends() -> None:
    assert grams("arvot") == ("0arvo", "arvot", "rvot0")
    assert grams("yö") == ("0yö0",)


def test_many_threads_may_read_words_at_once(voikko: VoikkoAnalyser) -> None:
    forms = [f"{part}{ending}" for part in ("strategia", "talous", "koulu", "kaupunki") for ending in ("ssa", "n", "t")]
    alone = [voikko._terms(form) for form in forms]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(voikko._terms, forms * 50)) == alone * 50
