"""The chat on another site, in a real Chromium: by keyboard, without JavaScript, and only where it is allowed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, FrameLocator, Page, Request, expect
from small import Small, serving, write_corpus

from assistant.app import create_app
from assistant.settings import Settings

pytestmark = [pytest.mark.slow, pytest.mark.browser]

SCRIPT = Path(__file__).parent.parent / "web" / "static" / "embed.js"
SIZE_LIMIT = 15_000
"""Bytes, uncompressed."""

PAGE = """<!doctype html>
<html lang="fi"><head><title>Kunnan sivu</title><meta name="viewport" content="width=device-width">
<script src="{service}/static/embed.js" defer></script></head>
<body><main><h1>Kunnan sivu</h1><p><a href="#alku">Ennen</a></p>
{element}
<p><a href="#loppu">Jälkeen</a></p></main></body></html>
"""
ELEMENT = '<heinola-assistant mode="{mode}" lang="{lang}">{inside}</heinola-assistant>'
NAMES = {
    "fi": ("Kysy kaupungin strategiasta", "Strategia-avustaja", "Sulje", "Kysymyksesi"),
    "sv": ("Fråga om stadens strategi", "Strategiassistent", "Stäng", "Din fråga"),
    "en": ("Ask about the city's strategy", "Strategy assistant", "Close", "Your question"),
}

Accessible = Callable[[Page], None]


class Site:
    """Another site: its pages may run the service's script and frame its pages, and nothing else."""

    def __init__(self) -> None:
        self.service = ""

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        mode, _, lang = environ["PATH_INFO"].strip("/").partition("/")
        if mode == "frame":
            element = f'<iframe title="Kehys" src="{self.service}/"></iframe>'
        else:
            inside = "" if lang else f'<a href="{self.service}/">Kysy meiltä</a>'
            element = ELEMENT.format(mode=mode, lang=lang or "fi", inside=inside)
        policy = f"default-src 'none'; script-src {self.service}; frame-src {self.service}"
        start_response("200 OK", [("Content-Type", "text/html; charset=utf-8"), ("Content-Security-Policy", policy)])
        return [PAGE.format(service=self.service, element=element).encode()]


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, str]]:
    """The addresses of a site that may embed, of one that may not, and of the service."""
    folder = tmp_path_factory.mktemp("embed")
    write_corpus(folder / "corpus")
    allowed, refused = Site(), Site()
    with serving(allowed) as allowed_url, serving(refused) as refused_url:
        settings = Settings(
            corpus=folder / "corpus",
            data=folder / "conversations.db",
            frame_ancestors=allowed_url,
            rate_limit="10000/hour",
        )
        app: Flask = create_app(Small(settings), settings)  # type: ignore[arg-type]  # a small stand-in for the assistant
        with serving(app) as service:
            allowed.service = refused.service = service
            yield allowed_url, refused_url, service


@pytest.fixture
def site(services: tuple[str, str, str]) -> str:
    return services[0]


@pytest.fixture
def service(services: tuple[str, str, str]) -> str:
    return services[2]


def in_frame(page: Page) -> FrameLocator:
    return page.frame_locator("heinola-assistant iframe")


def opened(page: Page, site: str, path: str = "/button") -> FrameLocator:
    page.goto(site + path)
    page.get_by_role("button").click()
    return in_frame(page)


def ask(frame: FrameLocator, question: str) -> None:
    frame.get_by_label("Kysymyksesi").fill(question)
    frame.get_by_label("Kysymyksesi").press("Enter")
    expect(frame.locator("article.turn").last).to_contain_text(question)


def test_the_script_is_small() -> None:
    assert SCRIPT.stat().st_size < SIZE_LIMIT


def test_nothing_is_fetched_before_the_chat_is_opened_and_no_cookie_ever(page: Page, site: str, service: str) -> None:
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.goto(f"{site}/button")
    page.wait_for_load_state("networkidle")
    assert [url for url in fetched if "favicon" not in url] == [f"{site}/button", f"{service}/static/embed.js"]
    page.get_by_role("button").click()
    ask(in_frame(page), "Mitkä ovat arvot?")
    assert {url[: len(service)] for url in fetched if "favicon" not in url} == {site, service}, "no third party"
    assert page.context.cookies() == []
    assert [fault for fault in faults if "favicon" not in fault and "404" not in fault] == []


def test_by_keyboard_alone(page: Page, site: str) -> None:
    page.goto(f"{site}/button")
    button = page.get_by_role("button", name="Kysy meiltä")
    expect(button).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("dialog", name="Strategia-avustaja, automaattinen palvelu")).to_be_visible()
    expect(page.locator("heinola-assistant iframe")).to_be_focused()
    field = in_frame(page).get_by_label("Kysymyksesi")
    expect(field).to_be_visible()
    for _ in range(30):
        page.keyboard.press("Tab")
        if field.evaluate("node => node === document.activeElement"):
            break
    page.keyboard.type("Mitkä ovat arvot?")
    page.keyboard.press("Enter")
    expect(in_frame(page).locator(".answer")).to_contain_text("arvot on tässä")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(button).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("Enter")
    expect(in_frame(page).locator(".answer")).to_contain_text("arvot on tässä")  # the conversation is still there
    close = page.get_by_role("button", name="Sulje")
    for _ in range(30):
        page.keyboard.press("Shift+Tab")
        if close.evaluate("node => node === node.getRootNode().activeElement"):
            break
    expect(close).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("link", name="Avaa uuteen välilehteen")).to_be_focused()
    page.keyboard.press("Escape")
    expect(button).to_be_focused()


def test_the_page_behind_the_panel_can_be_used_and_esc_closes_from_there(page: Page, site: str) -> None:
    opened(page, site)
    page.get_by_role("link", name="Jälkeen").focus()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_role("button")).to_be_focused()


def test_the_button_closes_what_it_opened_and_so_does_the_other(page: Page, site: str) -> None:
    opened(page, site)
    page.get_by_role("button", name="Kysy meiltä").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.get_by_role("button", name="Kysy meiltä").click()
    page.get_by_role("button", name="Sulje").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_role("button", name="Kysy meiltä")).to_be_focused()


def test_on_a_phone_the_panel_covers_the_page_and_keeps_the_focus(page: Page, site: str) -> None:
    page.set_viewport_size({"width": 360, "height": 640})
    opened(page, site)
    dialog = page.get_by_role("dialog")
    assert dialog.evaluate("node => node.matches(':modal')")
    assert dialog.bounding_box() == {"x": 0, "y": 0, "width": 360, "height": 640}
    box = page.locator("heinola-assistant iframe").bounding_box()
    assert box
    assert box["height"] > 560
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("button")).to_be_focused()


def test_links_in_the_frame_leave_the_conversation_where_it_is(page: Page, site: str, service: str) -> None:
    frame = opened(page, site)
    ask(frame, "Mitkä ovat arvot?")
    frame.locator(".citation summary").click()
    link = frame.get_by_role("link", name="Lue lähteen tekstissä")
    expect(link).to_have_accessible_name(re.compile(r"Heinolan arvot \(avautuu uuteen välilehteen\)$"))
    with page.context.expect_page() as opening:
        link.click()
    assert opening.value.url.startswith(f"{service}/lahde/arvot?kohta=")
    assert "upotus" not in opening.value.url
    expect(opening.value.locator(".site-footer")).to_be_visible()
    expect(frame.get_by_role("link", name="Avaa alkuperäinen")).to_have_attribute("target", "_blank")
    expect(frame.locator(".answer")).to_be_visible()


def test_the_frame_keeps_the_compact_layout(page: Page, site: str) -> None:
    frame = opened(page, site)
    ask(frame, "Mitkä ovat arvot?")
    expect(frame.locator(".site-footer")).to_be_hidden()
    frame.get_by_text("Poista keskustelu").click()
    frame.get_by_role("button", name="Poista pysyvästi").click()
    expect(frame.get_by_text("Keskustelu on poistettu palvelusta.")).to_be_visible()
    expect(frame.locator(".site-footer")).to_be_hidden()
    frame.get_by_role("link", name="Svenska").click()
    expect(frame.get_by_label("Din fråga")).to_be_visible()
    expect(frame.locator(".site-footer")).to_be_hidden()


def test_the_frame_takes_no_step_of_the_pages_history_and_begins_anew_in_place(page: Page, site: str) -> None:
    frame = opened(page, site)
    expect(frame.get_by_label("Kysymyksesi")).to_be_visible()
    steps = page.evaluate("history.length")
    ask(frame, "Mitkä ovat arvot?")
    assert page.evaluate("history.length") == steps
    frame.get_by_role("link", name="Aloita uusi keskustelu").click()
    expect(frame.locator("article.turn")).to_have_count(0)
    expect(frame.locator(".site-footer")).to_be_hidden()


def test_the_panel_in_place(page: Page, site: str) -> None:
    page.goto(f"{site}/panel")
    expect(page.get_by_role("button")).to_have_count(0)
    ask(in_frame(page), "Mitkä ovat arvot?")
    page.keyboard.press("Escape")
    expect(in_frame(page).locator(".answer")).to_be_visible()


@pytest.mark.parametrize("lang", NAMES)
def test_the_element_speaks_its_language(page: Page, site: str, lang: str) -> None:
    ask, chat, close, field = NAMES[lang]
    page.goto(f"{site}/button/{lang}")
    page.get_by_role("button", name=ask).click()
    expect(page.get_by_role("heading", name=chat)).to_be_visible()
    expect(page.get_by_role("button", name=close)).to_be_visible()
    expect(in_frame(page).get_by_label(field)).to_be_visible()


@pytest.mark.parametrize("mode", ["button", "panel"])
def test_without_javascript_there_is_a_plain_link(browser: Browser, site: str, service: str, mode: str) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{site}/{mode}")
        page.get_by_role("link", name="Kysy meiltä").click()
        assert page.url == f"{service}/"


def test_only_allowed_sites_may_frame_and_only_the_compact_page(page: Page, services: tuple[str, str, str]) -> None:
    allowed, refused, service = services
    failed: list[Request] = []
    page.on("requestfailed", lambda request: failed.append(request))
    page.goto(f"{refused}/panel")
    page.wait_for_timeout(500)
    assert [request.url for request in failed] == [f"{service}/upotus"]
    page.goto(f"{allowed}/frame")
    page.wait_for_timeout(500)
    assert [request.url for request in failed][1:] == [f"{service}/"]
    ancestors = {
        path: page.request.get(service + path).headers["content-security-policy"].partition("frame-ancestors ")[2]
        for path in ("/", "/upotus", "/esittely", "/lahde/arvot", "/nothing")
    }
    assert ancestors.pop("/upotus") == f"'self' {allowed}"
    assert set(ancestors.values()) == {"'none'"}


@pytest.fixture(params=["light", "dark"])
def themed(page: Page, request: pytest.FixtureRequest) -> Page:
    page.emulate_media(color_scheme=request.param, reduced_motion="reduce")
    return page


@pytest.mark.parametrize("width", [320, 1280])
def test_the_demonstration_is_accessible_closed_and_open(
    themed: Page, service: str, accessible: Accessible, width: int
) -> None:
    themed.set_viewport_size({"width": width, "height": 800})
    themed.goto(f"{service}/esittely")
    expect(in_frame(themed).first.get_by_label("Kysymyksesi")).to_be_visible()
    accessible(themed)
    themed.get_by_role("button", name="Kysy kaupungin strategiasta").click()
    expect(themed.frame_locator("heinola-assistant dialog iframe").get_by_label("Kysymyksesi")).to_be_visible()
    accessible(themed)


def test_the_open_panel_is_accessible_at_400_percent(page: Page, site: str, accessible: Accessible) -> None:
    page.set_viewport_size({"width": 320, "height": 256})
    expect(opened(page, site).get_by_label("Kysymyksesi")).to_be_attached()
    accessible(page)


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_demonstration_in_other_languages(page: Page, service: str, accessible: Accessible, language: str) -> None:
    page.goto(f"{service}/esittely?kieli={language}")
    expect(in_frame(page).first.get_by_label(NAMES[language][3])).to_be_visible()
    accessible(page)


@pytest.mark.parametrize("width", [320, 416])
def test_the_compact_page_is_accessible(themed: Page, service: str, accessible: Accessible, width: int) -> None:
    themed.set_viewport_size({"width": width, "height": 600})
    themed.goto(f"{service}/upotus")
    accessible(themed)
    themed.fill("#kysymys", "Mitkä ovat arvot?")
    themed.press("#kysymys", "Enter")
    expect(themed.locator("article.turn")).to_be_visible()
    themed.locator(".citation summary").click()
    accessible(themed)


def test_the_button_and_the_panel_show_in_forced_colours(page: Page, site: str, accessible: Accessible) -> None:
    page.emulate_media(forced_colors="active")
    page.goto(f"{site}/button")
    button = page.get_by_role("button")
    assert button.evaluate("node => getComputedStyle(node).borderTopWidth") == "2px"
    button.click()
    assert page.get_by_role("dialog").evaluate("node => getComputedStyle(node).borderTopWidth") == "1px"
    accessible(page)


def test_targets_are_large_enough(page: Page, site: str) -> None:
    opened(page, site)
    for target in (page.get_by_role("button", name="Kysy meiltä"), page.get_by_role("button", name="Sulje")):
        box = target.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 44
