"""Text fragments are written as the draft asks, and lead to the quoted place and to no other."""

from __future__ import annotations

from urllib.parse import unquote

import pytest

from assistant.fragments import EXACT, text_link

URL = "https://example.fi/sivu"


def link(quote: str, page: str | None = None, url: str = URL) -> str:
    page = quote if page is None else page
    return text_link(url, quote, page, page.index(quote))


@pytest.mark.parametrize(
    ("quote", "directive"),
    [
        ("Arvot ovat voimassa.", "Arvot%20ovat%20voimassa."),
        ("TE-uudistus, sote & maku", "TE%2Duudistus%2C%20sote%20%26%20maku"),
        ("”Hyvä 100 % #1?”", "%E2%80%9DHyv%C3%A4%20100%20%25%20%231%3F%E2%80%9D"),
    ],
)
def test_a_short_quote_is_given_whole_and_encoded(quote: str, directive: str) -> None:
    assert link(quote) == f"{URL}#:~:text={directive}"


def test_an_address_keeps_its_own_fragment() -> None:
    assert link("Arvot", url=f"{URL}#osa") == f"{URL}#osa:~:text=Arvot"


def test_a_long_quote_is_given_by_its_ends() -> None:
    quote = " ".join(f"sana{number}" for number in range(100)) + "."
    assert len(quote) > EXACT
    assert link(quote) == f"{URL}#:~:text=sana0%20sana1%20sana2%20sana3,sana96%20sana97%20sana98%20sana99."


def test_the_ends_are_long_enough_to_be_found_nowhere_before() -> None:
    quote = "Kaupungin arvot ovat nyt " + "hyvin " * 60 + "tärkeitä. Kaupungin arvot ovat nyt uudet"
    page = f"kaupungin arvot ovat nyt vanhat.\n\n{quote}\n\nLoppu."
    directive = unquote(link(quote, page).partition("text=")[2])
    assert directive.startswith("Kaupungin arvot ovat nyt hyvin,")


def test_a_list_is_given_by_its_first_and_last_words() -> None:
    quote = "Arvot ovat:\n\n- välittäminen\n- uudistuminen, rohkeus ja ilo aina\n- tuloksellisuus"
    assert link(quote) == f"{URL}#:~:text=Arvot%20ovat%3A,tuloksellisuus"
    assert link("- yksi\n- kaksi\n- kolme") == f"{URL}#:~:text=yksi,kolme"
    assert link("Osoite:\nUimahallinkatu 1") == f"{URL}#:~:text=Osoite%3A,Uimahallinkatu%201"


def test_a_quote_that_stands_before_too_is_told_by_the_words_before_it() -> None:
    page = "Avoimuus\n\nMuuta.\n\nNeljäs arvoista on tämä uusi:\n\nAvoimuus"
    assert text_link(URL, "Avoimuus", page, page.rindex("Avoimuus")) == (
        f"{URL}#:~:text=arvoista%20on%20t%C3%A4m%C3%A4%20uusi%3A-,Avoimuus"
    )
    assert text_link(URL, "Avoimuus", page, 0) == f"{URL}#:~:text=Avoimuus"
