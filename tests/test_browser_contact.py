"""The feedback form and what stands under a refusal, in a real Chromium: accessible, by keyboard, without a script."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from keyboard import press, tab_to
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.slow, pytest.mark.browser]

UNKNOWN = "Montako pingviiniä Heinolan lintutarhassa asuu?"

Accessible = Callable[[Page], None]


@pytest.mark.parametrize(("scheme", "language"), [("light", "fi"), ("dark", "sv")])
def test_the_form_is_accessible_in_every_state(page: Page, accessible: Accessible, scheme: str, language: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # a parametrised string, one of Playwright's literals
    page.set_viewport_size({"width": 320, "height": 256})
    page.goto(f"/palautelomake?kieli={language}")
    accessible(page)
    page.fill("#vastausosoite", "a")
    page.press("#vastausosoite", "Enter")
    expect(page.locator(".error-text")).to_have_count(3)
    accessible(page)
    page.locator("input[value=tieto]").check()
    page.fill("#viesti", "Hinta puuttuu.")
    page.fill("#vastausosoite", "")
    page.press("#vastausosoite", "Enter")
    expect(page.locator(".notice-good")).to_be_focused()
    accessible(page)


def test_a_message_is_sent_by_keyboard_without_a_script(plain: Page) -> None:
    """From the accessibility statement: the law asks for an electronic way."""
    plain.goto("/tietoa#saavutettavuus")
    plain.get_by_role("link", name="Saavutettavuuspalaute lomakkeella").focus()
    plain.keyboard.press("Enter")
    expect(plain.get_by_label("Palvelua on vaikea käyttää (saavutettavuus)")).to_be_checked()
    plain.get_by_label("Viesti").focus()
    plain.keyboard.press("Tab")
    plain.keyboard.type("nimi@")
    plain.keyboard.press("Enter")
    expect(plain.get_by_text("Kirjoita viesti.")).to_be_visible()
    expect(plain.get_by_label("Viesti")).to_be_focused()
    expect(plain.get_by_label("Viesti")).to_have_attribute("aria-invalid", "true")
    expect(plain).to_have_title(re.compile("^Virhe: Palautelomake"))
    plain.keyboard.type("Kontrasti on heikko.")
    plain.keyboard.press("Tab")
    plain.get_by_label("Sähköpostiosoitteesi").fill("nimi@example.fi")
    plain.keyboard.press("Enter")
    expect(plain.get_by_text("Kiitos viestistä.")).to_be_focused()


def test_the_nearest_passages_of_a_refusal_open_in_place(page: Page, accessible: Accessible) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    page.emulate_media(reduced_motion="reduce")
    page.goto("/")
    page.fill("#kysymys", UNKNOWN)
    page.press("#kysymys", "Enter")
    near = page.locator(".near")
    expect(near.first).to_be_visible()
    part = page.locator(".nearest").bounding_box()
    assert part and part["height"] < 250, "three passages took one and a half screens"
    assert max((line.bounding_box() or {"height": 99})["height"] for line in near.locator("summary").all()) < 50
    assert [box for box in near.locator("summary").all() if (box.bounding_box() or {"height": 0})["height"] < 24] == []
    expect(near.first.locator(".excerpt")).to_be_hidden()
    tab_to(page, css=".near > summary")
    press(page, "Enter")
    expect(near.first.locator(".excerpt")).to_be_visible()
    accessible(page)
    page.emulate_media(media="print")
    expect(near.last.locator(".excerpt")).to_be_visible()


def test_the_ways_of_a_refusal_are_links_large_enough(
    page: Page, serve: Callable[..., str], accessible: Accessible
) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(serve(contact_email="neuvonta@example.fi", contact_phone="03 849 300", contact_url="https://example.fi/"))
    page.fill("#kysymys", UNKNOWN)
    page.press("#kysymys", "Enter")
    ways = page.locator("article.turn .contacts a")
    expect(ways).to_have_count(3)
    assert [way for way in ways.all() if (way.bounding_box() or {"height": 0})["height"] < 24] == []
    accessible(page)
