"""Whether a sentence tells of another time than is asked about."""

from __future__ import annotations

import datetime

import pytest

from assistant.asking import asks_of, time_of, years_of
from assistant.domain import Document, Question
from assistant.times import another_time, months_of

TODAY = datetime.date(2026, 11, 30)


def asked(text: str) -> Question:
    years = years_of(text, TODAY)
    return Question(text, text, text, "fi", asks=asks_of(text, "fi"), years=years, time=time_of(text, years, TODAY))


def document(*sentences: str, published: str | None = None) -> Document:
    return Document("kyla", "Kylän väki", "https://example.fi", "kylä", "sivu", " ".join(sentences), published)


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("Paljonko lainaa oli helmikuussa 2022?", {2}),
        ("Kokous pidettiin 16.5.2022 klo 17.30.", {5}),
        ("Kysely oli auki kesällä 2023.", {5, 6, 7, 8}),
        ("Kesäkuun kysely ja marraskuun päätös", {6, 11}),
        ("Keväisen torin kesäteatteri, pykälä 3.1", set()),
        ("Velkaa oli vuoden 2022 lopussa 12 milj. euroa.", {10, 11, 12}),
        ("Tukea saa vuoden alusta.", set()),
    ],
)
def test_the_months_that_a_text_names(text: str, months: set[int]) -> None:
    assert months_of(text) == months


@pytest.mark.parametrize(
    ("question", "text", "another"),
    [
        ("Paljonko väkeä kylässä oli tammikuussa 2020?", "Kylässä oli joulukuussa 2020 yhteensä 90 ihmistä.", True),
        ("Paljonko väkeä kylässä oli keväällä 2020?", "Kylässä oli vuoden 2020 lopussa 90 ihmistä.", True),
        ("Paljonko väkeä kylässä oli kesällä 2020?", "Kylässä on tammikuusta 2020 alkaen 90 ihmistä.", False),
        ("Milloin kesällä 2020 väkeä oli 90?", "Kylässä oli joulukuussa 2020 yhteensä 90 ihmistä.", False),
        ("Paljonko väkeä kylässä oli vuonna 1950?", "Kylässä oli vuonna 2020 yhteensä 90 ihmistä.", True),
        ("Paljonko väkeä kylässä oli vuonna 1950?", "Kylässä oli 90 ihmistä.", True),
        ("Kuka oli kylänvanhin vuonna 1950?", "Kylänvanhin on Aino Aalto.", True),
        ("Onko kylä ollut olemassa vuonna 1950?", "Kylä on perustettu vuonna 1890.", False),
        ("Paljonko väkeä kylässä oli ennen vuotta 1950?", "Kylässä oli vuonna 1890 yhteensä 90 ihmistä.", False),
        ("Montako taloa valmistui 1950-luvulla?", "Kylään valmistui vuonna 1957 kuusi taloa.", False),
        ("Mitä tammikuun 2020 kyselyn jälkeen tehtiin?", "Kylässä kokoonnuttiin kesäkuussa 2020.", False),
        ("Montako taloa on viime vuosina valmistunut?", "Kylään valmistui kuusi taloa.", False),
        ("Montako taloa viime vuonna valmistui?", "Kylään valmistui kuusi taloa.", True),
        ("Paljonko väkeä kylässä on?", "Kylässä oli vuonna 2020 yhteensä 90 ihmistä.", False),
    ],
)
def test_a_sentence_of_another_time_does_not_answer(question: str, text: str, another: bool) -> None:
    assert another_time(asked(question), document(text), text) is another


def test_a_year_that_stands_elsewhere_in_the_document_is_enough() -> None:
    text = "Kylässä oli 90 ihmistä."
    question = asked("Paljonko väkeä kylässä oli vuonna 1950?")
    assert not another_time(question, document("Kylä kuvattiin ilmasta vuonna 1950.", text), text)
    assert not another_time(question, document(text, published="1950-06-01"), text)
