"""From a question to a cited answer, over the real corpus with the real model."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.answering import answering_words, spoken_date
from assistant.answers_report import evaluate_answers
from assistant.assistant import Assistant
from assistant.domain import Answer, Asks, Status, Validity
from assistant.settings import Settings

pytestmark = pytest.mark.slow

QUESTIONS = Path(__file__).parent / "questions"

ASKED = [
    "Mitkä ovat kaupungin arvot?",
    "Milloin strategia hyväksyttiin?",
    "Montako lautakuntaa Heinolassa on?",
    "Kuinka suuri kansallinen kaupunkipuisto on?",
    "Mitä rohkeus tarkoittaa arvona?",
    "Mikä on digitiekartta?",
    "Kuka on kaupunginjohtaja?",
    "What are the values of the city?",
    "Kerro lisää: Heinolan lautakunnat 1.1.2025 alkaen",
]


def answer(assistant: Assistant, question: str) -> Answer:
    return assistant.ask(question).answer


@pytest.mark.parametrize("question", ASKED)
def test_every_quote_is_a_verbatim_piece_of_its_document_and_stands_in_the_answer(
    assistant: Assistant, question: str
) -> None:
    given = answer(assistant, question)
    assert given.status in (Status.ANSWERED, Status.ANSWERED_PARTLY)
    assert 1 <= len(given.citations) <= 4
    for number, citation in enumerate(given.citations, 1):
        document = assistant.document(citation.document)
        assert citation.number == number
        assert citation.quote in document.text
        assert citation.span is None or citation.span in citation.quote
        assert f"{citation.quote} [{number}]" in given.text
        assert citation.link == document.url


def test_the_values_in_force_come_first_and_the_earlier_ones_as_dated_history(assistant: Assistant) -> None:
    given = answer(assistant, "Mitkä ovat kaupungin arvot?")
    first, *others = given.citations
    assert first.validity is Validity.IN_FORCE and "rohkeus" not in first.quote
    old = next(citation for citation in others if citation.document == "strategiaseminaari-2022")
    assert old.superseded_since == "2022-05-16"
    assert (
        given.text.lower().index("uudistuminen")
        < given.text.index("Vanhemmassa lähteessä (korvattu 16.5.2022):")
        < given.text.index("rohkeus")
    )


def test_history_is_what_was_in_place_of_what_stands_not_what_was_said_of_it(assistant: Assistant) -> None:
    first = assistant.ask("Mitkä ovat Heinolan arvot?")
    given = [first.answer, assistant.ask("Entä ennen niitä?", first.conversation).answer]
    earlier = [citation.quote for citation in given[0].citations if citation.validity is Validity.SUPERSEDED]
    assert earlier and all("rohkeus" in quote for quote in earlier)
    assert "rohkeus" in given[1].citations[0].quote


@pytest.mark.parametrize("question", ["Kuka on kaupunginjohtaja?", "Who is the city manager of Heinola?"])
def test_the_latest_source_that_names_the_same_person_speaks_first(assistant: Assistant, question: str) -> None:
    given = answer(assistant, question)
    assert given.citations[0].date == max(citation.date or "" for citation in given.citations)
    assert "Jari Parkkonen" in given.citations[0].quote


def test_a_general_question_is_answered_by_a_sentence_of_a_certain_day(assistant: Assistant) -> None:
    assert "18 000" in answer(assistant, "Paljonko Heinolassa on asukkaita?").text


def test_what_stands_comes_before_what_another_document_replaced(assistant: Assistant) -> None:
    given = answer(assistant, "Vilka är Heinola stads värderingar?")
    assert "uudistuminen" in given.citations[0].quote.lower()


def test_asked_for_what_was_before_the_older_text_answers(assistant: Assistant) -> None:
    given = answer(assistant, "Mitkä olivat kaupungin arvot ennen nykyistä strategiaa?")
    assert given.citations[0].validity is Validity.SUPERSEDED
    assert "rohkeus" in given.citations[0].quote


def test_a_value_is_not_defined_where_no_source_defines_it(assistant: Assistant) -> None:
    given = answer(assistant, "Mitä välittäminen tarkoittaa?")
    assert given.status is Status.ANSWERED_PARTLY
    assert "yksikään lähde ei kerro" in given.text
    assert given.missing and given.citations


def test_sources_that_disagree_are_both_shown(assistant: Assistant) -> None:
    given = answer(assistant, "Montako peruskoulua Heinolassa on?")
    assert {"viisi", "kuusi"} <= set(re.findall(r"\b(?:viisi|kuusi|yhdeksän)\b", given.text))


@pytest.mark.parametrize(
    ("question", "status"),
    [
        ("Paljonko uimahallin kertalippu maksaa?", Status.NOT_FOUND),
        ("Kuka on Kouvolan kaupunginjohtaja?", Status.NOT_FOUND),
        ("Kerro vitsi", Status.OFF_TOPIC),
        ("Miksi minun hakemukseni viipyy?", Status.PERSONAL_MATTER),
        ("Talo palaa, apua!", Status.EMERGENCY),
        ("Hei!", Status.SMALLTALK),
    ],
)
def test_what_cannot_be_answered_is_said_with_no_sources(assistant: Assistant, question: str, status: Status) -> None:
    given = answer(assistant, question)
    assert given.status is status
    assert given.citations == ()
    assert bool(given.nearest) is (status is Status.NOT_FOUND)
    assert ("112" in given.text) is (status is Status.EMERGENCY)


def test_a_follow_up_is_understood_from_the_turn_before_and_can_be_asked_as_typed(assistant: Assistant) -> None:
    first = assistant.ask("Kuinka suuri lainakanta oli vuoden 2022 lopussa?")
    second = assistant.ask("Entä vuonna 2021?", first.conversation)
    assert "2021" in second.understood and "lainakanta" in second.understood
    typed = assistant.ask("Entä vuonna 2021?", first.conversation, as_typed=True)
    assert typed.understood == "Entä vuonna 2021?"


def test_a_complete_question_is_not_bent_by_the_turn_before(assistant: Assistant) -> None:
    first = assistant.ask("Milloin strategia hyväksyttiin?")
    alone = answer(assistant, "Missä asiakaspalvelupiste on?")
    after = assistant.ask("Missä asiakaspalvelupiste on?", first.conversation).answer
    assert after.text == alone.text


def test_the_frame_is_in_the_askers_language_and_the_quote_stays_finnish(assistant: Assistant) -> None:
    given = answer(assistant, "What are the values of the city?")
    assert given.language == "en"
    assert given.text.startswith("The answer is quoted in Finnish:")
    assert "uudistuminen" in given.citations[0].quote.lower()


def test_a_threshold_of_one_refuses_everything_that_is_searched(assistant: Assistant, settings: Settings) -> None:
    strict = Assistant(replace(settings, threshold=1.0), assistant._embedder)
    assert strict.ask("Milloin strategia hyväksyttiin?").answer.status is Status.NOT_FOUND


def test_answering_words_are_told_only_where_one_thing_fits() -> None:
    assert answering_words("Työpaja pidettiin 17.3.2022 Teamsissa.", frozenset({Asks.WHEN})) == "17.3.2022"
    assert answering_words("Rehtori on Reetta Rautiainen.", frozenset({Asks.WHO})) == "Reetta Rautiainen"
    assert answering_words("Oli 3 ja 5 ihmistä.", frozenset({Asks.NUMBER})) is None
    assert answering_words("Rehtori on Reetta Rautiainen.", frozenset({Asks.WHY})) is None


@pytest.mark.parametrize(("date", "spoken"), [("2022-05-16", "16.5.2022"), ("2022-09", "9/2022"), ("2022", "2022")])
def test_dates_are_told_as_finns_write_them(date: str, spoken: str) -> None:
    assert spoken_date(date) == spoken


def test_the_judged_questions_keep_their_floor(settings: Settings) -> None:
    report = evaluate_answers(settings, QUESTIONS / "develop.yaml")
    right = [judgement.right for judgement in report.judgements]
    assert sum(right) / len(right) >= FLOOR
    assert not any(judgement.must_not_broken for judgement in report.judgements)


FLOOR = 0.78
"""Share of right answers on the develop half; a few points under what was measured, so that it fails on a real loss."""


def test_a_bare_follow_up_is_read_again_with_the_turn_before(assistant: Assistant) -> None:
    first = assistant.ask("Milloin kansallinen kaupunkipuisto perustettiin?")
    second = assistant.ask("Kenen päätöksellä?", first.conversation)
    assert "ympäristöministeriö" in second.answer.text.lower()
    assert "kaupunkipuisto" in second.understood


def test_a_place_within_a_compound_is_spoken_of(assistant: Assistant) -> None:
    help_given = assistant.ask("Kuka päättää Ukrainan avustuksesta?").answer
    assert "Ukraina-avustuksesta" in help_given.citations[0].quote
    assert not assistant.ask("Kuka päättää Kouvolan avustuksista?").answer.citations


def test_whether_a_former_value_still_is_one_is_told_from_what_is_in_force(assistant: Assistant) -> None:
    for asked in ("Onko rohkeus vielä arvo?", "Kuuluuko innovatiivisuus nykyisiin arvoihin?"):
        now, *others = assistant.ask(asked).answer.citations
        assert "uudistuminen" in now.quote.lower()
        assert any("innovatiivisuus" in citation.quote for citation in others), "and what it was before"


def test_talk_before_the_question_does_not_hide_it(assistant: Assistant) -> None:
    turn = assistant.ask("oon uusi työntekijä, mitkä ne arvot nyt siis on?")
    assert "uudistuminen" in turn.answer.citations[0].quote.lower()


def test_where_a_letter_goes_is_told_by_the_office_that_takes_it(assistant: Assistant) -> None:
    assert "kirjaamoon" in answer(assistant, "Mihin osoitteeseen kuntalaisaloite lähetetään?").text
    assert not answer(assistant, "Mikä on kirjaamon osoite?").citations


def test_what_seems_complete_is_read_with_the_turn_before_where_that_answers_more_surely(assistant: Assistant) -> None:
    sold = assistant.ask("Mitkä sote-kiinteistöt myytiin syksyllä 2022?")
    returned = assistant.ask("Yrittikö joku palauttaa esityksen, mikä tulos?", sold.conversation)
    assert "40–2" in returned.answer.citations[0].quote
    other = assistant.ask("Milloin kuntavaalit pidettiin?", sold.conversation)
    assert other.understood == "Milloin kuntavaalit pidettiin?", "a new subject is not bent"


def test_after_a_turn_that_was_read_with_the_one_before_its_own_words_are_leant_on(assistant: Assistant) -> None:
    plan = assistant.ask("Hyväksyikö valtuusto Kirkkis-talon yleissuunnitelman?")
    back = assistant.ask("Palautusesitys varmaan kaatui?", plan.conversation)
    assert "40–3" in back.answer.citations[0].quote
    wood = assistant.ask("Entä ehdotus halvemmasta puurungosta?", plan.conversation)
    assert "34–9" in wood.answer.citations[0].quote


def test_the_end_of_a_year_is_not_answered_with_its_spring(assistant: Assistant) -> None:
    answer = assistant.ask("Paljonko Heinolalla oli velkaa vuoden 2022 lopussa?").answer
    assert "118 milj. euroon" in answer.citations[0].quote
    spring = assistant.ask("Paljonko lainaa kaupungilla oli keväällä 2022?").answer
    assert "114,3 milj. euroa" in spring.citations[0].quote


def test_a_figure_of_another_month_does_not_answer(assistant: Assistant) -> None:
    told = answer(assistant, "Mikä työttömyysaste Heinolassa oli tammikuussa 2025?")
    assert "tammikuussa 2025" in told.citations[0].quote
    assert answer(assistant, "Mikä työttömyysaste Heinolassa oli joulukuussa 2025?").status is Status.NOT_FOUND
    assert answer(assistant, "Mikä on kaupungin väkiluku vuonna 1950?").status is Status.NOT_FOUND
    since = answer(assistant, "Montako lautakuntaa Heinolassa oli kesällä 2025?")
    assert "1.1.2025 alkaen" in since.citations[0].quote, "what holds from January on holds in summer"


def test_what_is_counted_is_not_answered_with_another_count_beside_it(assistant: Assistant) -> None:
    first = assistant.ask("Montako valtuutettua Heinolassa on?")
    before = assistant.ask("Entä ennen?", first.conversation).answer
    assert "43" in before.citations[0].quote
    assert not any("kaupunginhallituksessa" in citation.quote for citation in before.citations)


def test_who_holds_power_stands_though_the_size_on_the_same_page_was_replaced(assistant: Assistant) -> None:
    power, *_ = assistant.ask("Kuka käyttää ylintä päätösvaltaa Heinolassa?").answer.citations
    assert (power.document, power.validity) == ("paatoksenteko-sivu", Validity.DATED)
    now, *_, before = assistant.ask("Montako jäsentä valtuustossa on?").answer.citations
    assert "37" in now.quote
    assert "43" in before.quote
    assert before.validity is Validity.SUPERSEDED


def test_two_sentences_of_one_replaced_page_are_called_older_once(assistant: Assistant) -> None:
    given = answer(assistant, "Mitä osallisuus on?")
    assert len({citation.document for citation in given.citations[:2]}) == 1
    assert given.text.startswith("Tästä on lähteissä vain vanhempi teksti")
    assert "Vanhemmassa lähteessä" not in given.text


def test_what_is_later_than_the_lead_is_not_called_older(assistant: Assistant) -> None:
    text = answer(assistant, "Paljonko kaupungilla on velkaa?").text
    assert text.index("118 milj.") < text.index("114,3 milj.")
    assert "Vanhemmassa" not in text
    council = answer(assistant, "Montako valtuutettua valtuustossa on?").text
    assert council.index("37") < council.index("Vanhemmassa") < council.index("yhteensä 43")


def test_asked_about_now_a_source_of_unknown_age_is_no_rival(assistant: Assistant) -> None:
    quotes = " ".join(c.quote for c in assistant.ask("Kuinka monta peruskoulua Heinolassa on nyt?").answer.citations)
    assert "viisi" in quotes
    assert "yhdeksän" not in quotes


def test_prices_that_differ_are_all_told_however_alike_their_sentences(assistant: Assistant) -> None:
    quotes = " ".join(c.quote for c in assistant.ask("Paljonko tilapäinen varhaiskasvatus maksaa?").answer.citations)
    assert "16,00 €" in quotes
    assert "12,00 €" in quotes
