"""The editors' pages in a real Chromium: accessible in every state, and usable by keyboard without JavaScript."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from keyboard import press, tab_to
from playwright.sync_api import Browser, BrowserContext, Page, expect
from small import Small, fill, serving, write_corpus

from assistant.app import create_app
from assistant.settings import Settings

pytestmark = [pytest.mark.slow, pytest.mark.browser]

PASSWORD = "sininen silta"
PAGES = ("", "/palaute", "/viikot", "/lahteet")
Accessible = Callable[[Page], None]


@pytest.fixture(scope="module", params=["full", "empty"])
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("editors")
    write_corpus(folder / "corpus")
    settings = Settings(
        corpus=folder / "corpus", index=folder / "index", data=folder / "conversations.db", admin_password=PASSWORD
    )
    small = Small(settings)
    if request.param == "full":
        fill(small)
        (folder / "corpus" / "rikki.md").write_text("ei mitään")
    with serving(create_app(small, settings)) as address:  # type: ignore[arg-type]  # a small stand-in for the assistant
        yield address


def sign_in(page: Page, service: str) -> None:
    page.goto(f"{service}/yllapito")
    page.get_by_label("Salasana").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Vastaamatta jääneet")


@pytest.mark.parametrize(
    ("media", "width", "height"),
    [
        ({"color_scheme": "light"}, 1280, 800),
        ({"color_scheme": "dark", "reduced_motion": "reduce"}, 320, 256),  # 400 %
        ({"forced_colors": "active"}, 360, 740),
    ],
    ids=["light", "dark-400%", "forced"],
)
def test_every_page_is_accessible(
    page: Page, service: str, accessible: Accessible, media: dict[str, Any], width: int, height: int
) -> None:
    page.emulate_media(**media)
    page.set_viewport_size({"width": width, "height": height})
    sign_in(page, service)
    for path in PAGES:
        page.goto(f"{service}/yllapito{path}")
        page.evaluate("for (const node of document.querySelectorAll('details')) node.open = true")
        accessible(page)


def test_the_sign_in_is_accessible_and_a_wrong_password_is_tied_to_its_field(
    page: Page, service: str, accessible: Accessible
) -> None:
    page.goto(f"{service}/yllapito")
    accessible(page)
    page.get_by_label("Salasana").fill("väärä")
    page.keyboard.press("Enter")
    field = page.get_by_label("Salasana")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-describedby", "salasana-virhe salasana-ohje")
    expect(page.locator("#salasana-virhe")).to_have_text("Salasana on väärä. Tarkista se ja yritä uudelleen.")
    accessible(page)


def test_every_page_by_keyboard_alone(page: Page, service: str) -> None:
    """Signing in, every page, folded parts, and the way out."""
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"{service}/yllapito")
    tab_to(page, css="#salasana")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("Vastaamatta jääneet")
    if page.locator("main details").count():
        tab_to(page, "Näytä lähimmät kohdat")
        press(page, "Enter")
        expect(page.locator("details:has(summary:focus)")).to_have_attribute("open", "")
        tab_to(page, "Palaute", key="Shift+Tab")
    else:
        tab_to(page, "Palaute")
    page.keyboard.press("Enter")
    expect(heading).to_have_text("Palaute")
    for name in ("Viikot", "Lähteiden tila"):
        tab_to(page, name)
        page.keyboard.press("Enter")
        expect(heading).to_have_text(name)
    tab_to(page, "Alkuperäinen")
    tab_to(page, "Kirjaudu ulos", key="Shift+Tab")
    page.keyboard.press("Enter")
    expect(heading).to_have_text("Kirjaudu ylläpitoon")


@pytest.fixture
def plain(browser: Browser) -> Iterator[BrowserContext]:
    """A browser without JavaScript."""
    with browser.new_context(java_script_enabled=False) as context:
        yield context


def test_everything_works_without_javascript(plain: BrowserContext, service: str) -> None:
    page = plain.new_page()
    sign_in(page, service)
    for name, heading in (("Palaute", "Palaute"), ("Viikot", "Viikot"), ("Lähteiden tila", "Lähteiden tila")):
        page.get_by_role("navigation", name="Ylläpidon sivut").get_by_role("link", name=name).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    page.goto(f"{service}/yllapito/viikot")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert download.value.suggested_filename.startswith("viikot-")
    page.get_by_role("button", name="Kirjaudu ulos").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Kirjaudu ylläpitoon")
    page.goto(f"{service}/yllapito/viikot")
    expect(page.get_by_role("heading", level=1)).to_have_text("Kirjaudu ylläpitoon")
