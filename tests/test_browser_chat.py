"""The chat and the source pages in a real Chromium: every state accessible, by keyboard, small and large, with and
without JavaScript."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from keyboard import focus, press, tab_to
from playwright.sync_api import Browser, Page, Route, expect

from assistant.assistant import Assistant

pytestmark = [pytest.mark.slow, pytest.mark.browser]

VALUES = "Mitkä ovat kaupungin arvot?"
UNKNOWN = "Montako pingviiniä Heinolan lintutarhassa asuu?"
APPROVED = "Milloin Heinolan strategia 2030 hyväksyttiin?"
SOURCE = "/lahde/strategiaseminaari-2022"
BUDGET = 60_000
"""Bytes that the chat page and an answer may transfer, uncompressed."""

Accessible = Callable[[Page], None]


def ask(page: Page, question: str) -> None:
    turns = page.locator("article.turn")
    before = turns.count()
    page.fill("#kysymys", question)
    page.press("#kysymys", "Enter")
    expect(turns).to_have_count(before + 1)


# Every state, with axe


RECORD = """window.said = [];
addEventListener('DOMContentLoaded', () => {
  const regions = [...document.querySelectorAll('[role=status], [role=alert], [role=log], [aria-live]')];
  window.regions = regions.map(node => `${node.id} ${node.role} ${node.ariaLive ?? ''}`.trim());
  new MutationObserver(() => { if (regions[0].textContent) window.said.push(regions[0].textContent); })
    .observe(regions[0], {childList: true, characterData: true, subtree: true});
});"""
"""Keeps what the live regions of the page say."""


def announced(page: Page) -> None:
    """Asserts that the one polite live region says the whole of the last answer, and said each answer once."""
    turns = page.locator("article.turn").count()
    page.wait_for_function("count => said.filter(text => text.startsWith('Vastaus: ')).length >= count", arg=turns)
    assert page.evaluate("regions") == ["tila status"]
    answers = [text for text in page.evaluate("said") if text.startswith("Vastaus: ")]
    assert len(answers) == turns
    parts = (
        page.locator("article.turn")
        .last.locator(".answer p, .answer li")
        .evaluate_all(
            "nodes => nodes.map(node => { const copy = node.cloneNode(true);"
            " copy.querySelectorAll('.cite').forEach(mark => mark.remove()); return copy.textContent.trim(); })"
        )
    )
    assert parts
    assert all(part in answers[-1] for part in parts), answers[-1]


def empty(page: Page) -> None:
    page.goto("/")


def role_open(page: Page) -> None:
    page.get_by_text("Valtuutettu").click()
    expect(page.get_by_role("button", name=APPROVED)).to_be_visible()


def faulty(page: Page) -> None:
    page.press("#kysymys", "Enter")
    expect(page.locator("#kysymys")).to_be_focused()
    expect(page.locator("#kysymys")).to_have_attribute("aria-invalid", "true")


def nearly_too_long(page: Page) -> None:
    page.fill("#kysymys", "a" * 1990)
    expect(page.get_by_text("Merkkejä jäljellä: 10")).to_be_visible()


def offline(page: Page) -> None:
    page.route("**/", lambda route: route.abort())
    page.fill("#kysymys", VALUES)
    page.press("#kysymys", "Enter")
    expect(page.get_by_text("Yhteys palveluun katkesi.")).to_be_visible()
    expect(page.locator("#kysymys")).to_have_value(VALUES)
    page.unroute("**/")


HELD: list[Route] = []
"""The question that waits."""


def waiting(page: Page) -> None:
    page.route("**/", lambda route: HELD.append(route))
    page.fill("#kysymys", VALUES)
    page.press("#kysymys", "Enter")
    expect(page.locator("#odota")).to_be_visible()


def answered(page: Page) -> None:
    HELD.pop().continue_()
    page.unroute("**/")
    expect(page.locator("article.turn")).to_have_count(1)
    expect(page.locator("#odota")).to_be_hidden()
    announced(page)


def everything_open(page: Page) -> None:
    for summary in page.locator("article.turn summary").all():
        summary.click()
    expect(page.locator(".citation blockquote").first).to_be_visible()
    expect(page.get_by_role("button", name="Lähetä palaute")).to_be_visible()


def feedback_faulty(page: Page) -> None:
    page.get_by_role("button", name="Lähetä palaute").click()
    expect(page.get_by_text("Valitse kyllä tai en.")).to_be_visible()


def thanked(page: Page) -> None:
    page.get_by_label("Kyllä").check()
    page.get_by_role("button", name="Lähetä palaute").click()
    expect(page.get_by_text("Kiitos palautteesta.")).to_be_focused()


def saved(page: Page) -> None:
    with page.expect_download():
        page.get_by_role("button", name="Tallenna vastaus").last.click()


def refused(page: Page) -> None:
    ask(page, UNKNOWN)
    expect(page.get_by_role("heading", name="Lähimmät kohdat lähteissä")).to_be_visible()
    announced(page)


def in_an_emergency(page: Page) -> None:
    ask(page, "Olen hengenvaarassa, auttakaa!")
    turn = page.locator("article.turn").last
    expect(turn.locator(".citation, .nearest, .turn-foot")).to_have_count(0)
    expect(turn.get_by_role("link", name="Soita 112")).to_have_attribute("href", "tel:112")
    announced(page)


def understood(page: Page) -> None:
    ask(page, "Milloin strategia hyväksyttiin?")
    ask(page, "Entä edellinen?")
    expect(page.get_by_text("Ymmärsin kysymyksen näin:")).to_be_visible()
    announced(page)


def reloaded(page: Page) -> None:
    turns = page.locator("article.turn").count()
    page.reload()
    expect(page.locator("article.turn")).to_have_count(turns)


def asked_whether_to_forget(page: Page) -> None:
    page.get_by_text("Poista keskustelu").click()
    expect(page.get_by_text("Niitä ei saa takaisin.")).to_be_visible()


def forgotten(page: Page) -> None:
    page.get_by_role("button", name="Poista pysyvästi").click()
    expect(page.get_by_text("Keskustelu on poistettu palvelusta.")).to_be_focused()


def gone(page: Page) -> None:
    page.goto("/keskustelu/nobody-knows-this")
    expect(page.get_by_text("Tätä keskustelua ei enää ole.")).to_be_visible()


STATES: tuple[Callable[[Page], None], ...] = (
    empty, role_open, faulty, nearly_too_long, offline, waiting, answered, everything_open, feedback_faulty, thanked,
    saved, refused, in_an_emergency, understood, reloaded, asked_whether_to_forget,
    forgotten, gone,
)  # fmt: skip
"""What a page goes through, in this order."""

TELLING = (empty, waiting, everything_open, feedback_faulty, refused, asked_whether_to_forget)
"""The states in which most can go wrong with the layout and the colours."""


@pytest.mark.parametrize(
    ("media", "size", "checked"),
    [
        ({"color_scheme": "light"}, (1280, 800), STATES),
        ({"color_scheme": "dark", "reduced_motion": "reduce"}, (320, 256), STATES),
        ({"color_scheme": "light", "reduced_motion": "reduce"}, (320, 640), TELLING),
        ({"color_scheme": "dark"}, (1280, 800), TELLING),
        ({"forced_colors": "active"}, (360, 740), TELLING),
    ],
    ids=["light", "dark-400%", "320px", "dark", "forced"],
)
def test_every_state_of_the_chat_is_accessible(
    page: Page,
    accessible: Accessible,
    media: dict[str, Any],
    size: tuple[int, int],
    checked: tuple[Callable[[Page], None], ...],
) -> None:
    page.emulate_media(**media)
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.add_init_script(RECORD)
    for state in STATES:
        state(page)
        if state in checked:
            accessible(page)
        assert page.evaluate("regions") == ["tila status"], state.__name__


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_other_languages_are_accessible(page: Page, accessible: Accessible, language: str) -> None:
    page.goto(f"/?kieli={language}")
    ask(page, VALUES)
    for summary in page.locator("article.turn summary").all():
        summary.click()
    accessible(page)


def test_a_fault_is_told_at_the_field(page: Page) -> None:
    page.goto("/")
    page.press("#kysymys", "Enter")
    expect(page.locator("#kysymys")).to_have_accessible_description(
        "Kirjoita ensin kysymys. Kirjoita suomeksi, omin sanoin. Voit kysyä myös ruotsiksi tai englanniksi."
        " Enter lähettää kysymyksen, Vaihto + Enter vaihtaa riviä."
    )
    page.fill("#kysymys", "a" * 2001)
    page.press("#kysymys", "Enter")
    expect(page.get_by_text("Kysymys on liian pitkä: 2001 merkkiä.")).to_be_visible()


def test_a_source_is_scrolled_to_the_quoted_words(page: Page, accessible: Accessible) -> None:
    page.goto("/")
    ask(page, VALUES)
    page.locator(".cite").first.click()
    page.get_by_role("link", name="Lue lähteen tekstissä").first.click()
    expect(page.locator("mark").first).to_be_in_viewport()
    accessible(page)


def test_error_pages_are_accessible(page: Page, accessible: Accessible, serve: Callable[..., str], server: str) -> None:
    page.goto(f"{server}/nothing")
    expect(page.get_by_role("heading", name="Sivua ei löydy")).to_be_visible()
    accessible(page)
    page.goto(serve(closed="Palvelu on huollossa."))
    expect(page.get_by_text("Palvelu on huollossa.")).to_be_visible()
    accessible(page)


def test_text_of_twice_the_size_reflows(page: Page, accessible: Accessible) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/")
    ask(page, VALUES)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    accessible(page)


def test_targets_are_large_enough(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/")
    ask(page, VALUES)
    for summary in page.locator("article.turn summary").all():
        summary.click()
    small = page.evaluate(
        """[...document.querySelectorAll('a, button, summary, input, select, textarea')]
           .filter(node => node.checkVisibility() && !node.matches('.skip, [type=hidden]'))
           .map(node => [node.outerHTML.slice(0, 80), node.getBoundingClientRect()])
           .filter(([, box]) => box.width < 24 || box.height < 24).map(([html]) => html)"""
    )
    assert small == []


# Behaviour


def test_the_question_field_is_the_first_stop(page: Page) -> None:
    page.goto("/")
    ask(page, VALUES)
    page.reload()
    for path in ("/", "/upotus", page.url.partition("#")[0]):
        page.goto(path)
        page.keyboard.press("Tab")
        assert focus(page) == "Siirry kysymyskenttään"
        press(page, "Enter")
        expect(page.locator("#kysymys")).to_be_focused()
        expect(page.locator("#kysymys")).to_be_in_viewport()


def test_a_whole_visit_by_keyboard_alone(page: Page, server: str) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=server)
    page.add_init_script("window.print = () => { window.printed = true; }")
    turns = page.locator("article.turn")
    page.goto("/")
    tab_to(page, "Siirry sisältöön")
    press(page, "Enter")
    expect(page.locator("main")).to_be_focused()
    tab_to(page, css="#kysymys")
    press(page, "Enter")  # nothing typed: told at the field
    expect(page.locator("#kysymys")).to_have_attribute("aria-invalid", "true")
    page.keyboard.type("Mitkä ovat")
    press(page, "Shift+Enter")
    page.keyboard.type("kaupungin arvot?")
    press(page, "Enter")
    expect(turns).to_have_count(1)
    expect(turns.locator("h2").last).to_be_focused()

    tab_to(page, "Lähde 1", "a")
    press(page, "Enter")
    expect(page.locator(".citation").first).to_have_attribute("open", "")
    assert focus(page) == "Lähde 1", "the focus is at the quote"
    tab_to(page, css=".citation summary", key="Shift+Tab")
    press(page, "Enter")
    expect(page.locator(".citation").first).not_to_have_attribute("open", "")
    press(page, "Space")
    expect(page.locator(".citation").first).to_have_attribute("open", "")
    tab_to(page, "Avaa alkuperäinen")
    tab_to(page, "Lue lähteen tekstissä", key="Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#kohta")).to_be_focused()
    page.go_back()
    expect(page.locator(".citation-part").first).to_be_focused()

    tab_to(page, css=".suggestions button")
    press(page, "Enter")
    expect(turns).to_have_count(2)
    expect(turns.locator("h2").last).to_be_focused()
    tab_to(page, "Kopioi")
    press(page, "Enter")
    expect(turns.last.get_by_text("Vastaus on kopioitu leikepöydälle.")).to_be_visible()
    tab_to(page, "Tulosta")
    press(page, "Space")
    assert page.evaluate("window.printed")
    tab_to(page, "Tallenna vastaus")
    with page.expect_download() as download:
        press(page, "Enter")
    assert "Tämä on automaattinen vastaus." in Path(download.value.path()).read_text(encoding="utf-8")

    tab_to(page, "Auttoiko vastaus?")
    press(page, "Enter")
    tab_to(page, "Lähetä palaute")
    press(page, "Enter")
    expect(page.get_by_text("Valitse kyllä tai en.")).to_be_visible()
    assert page.evaluate("document.activeElement.name") == "helped"
    press(page, "Space", "ArrowDown")
    expect(turns.last.get_by_label("En", exact=True)).to_be_checked()
    tab_to(page, css="select")
    press(page, "ArrowDown")
    tab_to(page, css="textarea")
    page.keyboard.type("Lyhyemmin.")
    tab_to(page, "Lähetä palaute")
    press(page, "Enter")
    expect(page.get_by_text("Kiitos palautteesta.")).to_be_focused()

    tab_to(page, css="#kysymys")
    page.keyboard.type("Milloin strategia hyväksyttiin?")
    tab_to(page, "Kysy", "#kysy button")
    press(page, "Space")
    expect(turns).to_have_count(3)
    tab_to(page, css="#kysymys")
    page.keyboard.type("Entä edellinen?")
    press(page, "Enter")
    expect(turns).to_have_count(4)
    tab_to(page, "Kysy sellaisenaan")
    press(page, "Enter")
    expect(turns).to_have_count(5)

    tab_to(page, "Svenska", key="Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("lang", "sv")
    expect(turns).to_have_count(5)
    tab_to(page, "Suomi")
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("lang", "fi")
    tab_to(page, "Poista keskustelu")
    press(page, "Enter")
    tab_to(page, "Poista pysyvästi")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Keskustelu on poistettu palvelusta.")).to_be_focused()
    expect(turns).to_have_count(0)
    tab_to(page, "Valtuutettu")
    press(page, "Enter")
    tab_to(page, APPROVED)
    press(page, "Enter")
    expect(turns).to_have_count(1)


def test_an_answer_shifts_nothing_and_shows_at_once(page: Page) -> None:
    page.add_init_script(
        """window.shift = 0;
           new PerformanceObserver(list => {
             for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
           }).observe({type: 'layout-shift', buffered: true});
           addEventListener('DOMContentLoaded', () => new MutationObserver(() => {
             requestAnimationFrame(() => { window.shown = performance.now(); });
           }).observe(document.getElementById('keskustelu'), {childList: true}));"""
    )
    page.goto("/")
    ask(page, VALUES)
    page.wait_for_timeout(600)
    assert page.evaluate("window.shift") < 0.01
    waited = page.evaluate("window.shown - performance.getEntriesByType('resource').at(-1).responseEnd")
    assert waited < 150


def test_a_slow_answer_moves_nothing_that_is_seen_and_keeps_the_focus(page: Page) -> None:
    page.add_init_script(
        """window.shift = 0;
           new PerformanceObserver(list => {
             for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
           }).observe({type: 'layout-shift', buffered: true});"""
    )

    def late(route: Route) -> None:
        if route.request.method == "POST":
            time.sleep(1.5)
        route.continue_()

    page.goto("/")
    page.route("**/*", late)
    page.fill("#kysymys", VALUES)
    page.click("#kysy button")
    page.wait_for_selector("#odota:not([hidden])")
    assert page.evaluate("document.activeElement.id") == "odota"
    page.wait_for_selector("article.turn")
    page.wait_for_timeout(300)
    assert page.is_hidden("#odota") and page.is_visible("#kysymys")
    assert "question" in page.evaluate("document.activeElement.className")
    assert page.evaluate("window.shift") < 0.02


def test_the_page_stays_in_its_budget_and_asks_nobody_else(page: Page, server: str) -> None:
    sizes: dict[str, int] = {}
    page.on(
        "response", lambda response: sizes.update({f"{response.request.method} {response.url}": len(response.body())})
    )
    page.goto("/")
    page.wait_for_load_state("networkidle")
    ask(page, VALUES)
    assert {name.split()[1].startswith(server) for name in sizes} == {True}
    assert sum(sizes.values()) < BUDGET
    assert page.context.cookies() == []


def test_no_script_or_style_is_blocked_and_no_cookie_is_set(page: Page) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto("/")
    ask(page, VALUES)
    page.goto(SOURCE)
    assert complaints == []
    assert page.context.cookies() == []


def test_starters_and_suggestions_are_asked_in_place(page: Page) -> None:
    page.goto("/")
    page.get_by_role("button", name=VALUES).click()
    expect(page.locator("article.turn")).to_have_count(1)
    suggestion = page.locator(".suggestions button").first
    asked = suggestion.inner_text()
    suggestion.click()
    expect(page.locator("article.turn h2").last).to_have_text(asked)
    assert page.locator("input[name=conversation]").evaluate_all("nodes => new Set(nodes.map(n => n.value)).size") == 1


def test_a_follow_up_shows_how_it_was_understood(page: Page) -> None:
    page.goto("/")
    ask(page, "Milloin strategia hyväksyttiin?")
    ask(page, "Entä edellinen?")
    expect(page.get_by_text("Ymmärsin kysymyksen näin:")).to_be_visible()
    page.get_by_role("button", name="Kysy sellaisenaan").click()
    expect(page.locator("article.turn")).to_have_count(3)
    expect(page.locator("article.turn").last.get_by_text("Ymmärsin kysymyksen näin:")).to_have_count(0)


def test_copying_takes_the_answer_and_its_sources(page: Page, server: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=server)
    page.goto("/")
    ask(page, VALUES)
    page.get_by_role("button", name="Kopioi").click()
    expect(page.locator("article.turn").get_by_text("Vastaus on kopioitu leikepöydälle.")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert VALUES in copied
    assert "tuloksellisuus" in copied.lower()
    assert "https://www.heinola.fi/" in copied
    assert "Ne eivät ole alkuperäisten sivujen omia sanoja." in copied


def test_too_many_questions_are_told_beside_the_question(page: Page, serve: Callable[..., str]) -> None:
    page.goto(serve(rate_limit="1 per minute"))
    ask(page, VALUES)
    page.fill("#kysymys", "Entä ennen?")
    page.press("#kysymys", "Enter")
    expect(page.get_by_text("Kysymyksiä tuli liian nopeasti.")).to_be_visible()
    expect(page.locator("#kysymys")).to_have_value("Entä ennen?")


def test_a_surprise_is_left_to_the_browser(page: Page) -> None:
    page.goto("/")

    def surprise(route: Route) -> None:
        if route.request.headers.get("x-part"):
            route.fulfill(status=200, body="<p>Jokin välityspalvelin.</p>")
        else:
            route.continue_()

    page.route("**/", surprise)
    ask(page, VALUES)
    expect(page.locator("meta[name=robots]")).to_have_count(1)  # only the whole page has it


def test_the_language_changes_without_losing_the_conversation(page: Page) -> None:
    page.goto("/")
    ask(page, VALUES)
    page.get_by_role("link", name="Svenska").or_(page.get_by_role("button", name="Svenska")).click()
    expect(page.locator("html")).to_have_attribute("lang", "sv")
    expect(page.locator("article.turn")).to_have_count(1)


def test_coming_back_from_a_source_finds_the_conversation_until_it_is_erased(page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")  # scrolls at once, so that the focus is in sight when it is looked for
    page.goto("/")
    ask(page, VALUES)
    ask(page, APPROVED)
    assert "/keskustelu/" in page.url
    turn = page.locator("article.turn").last
    turn.locator("a.cite").first.press("Enter")
    tab_to(page, "Lue lähteen tekstissä")
    page.keyboard.press("Enter")
    expect(page.locator(".source-text")).to_be_visible()
    page.go_back()
    expect(page.locator("article.turn")).to_have_count(2)
    expect(turn.locator(".citation").first).to_have_attribute("open", "")
    expect(turn.locator(".citation-part").first).to_be_focused()
    ask(page, "Entä edellinen?")

    page.click(".languages a[lang=en]")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.reload()
    expect(page.locator("article.turn")).to_have_count(3)
    expect(page.locator("html")).to_have_attribute("lang", "en")

    page.click("#keskustelusta summary")
    page.click("form.forget button")
    expect(page.locator("#ilmoitus")).to_be_visible()
    page.go_back()
    expect(page.get_by_text("This conversation no longer exists.")).to_be_visible()
    expect(page.locator("#kysy")).to_be_visible()
    expect(page.locator("article.turn")).to_have_count(0)


def test_printing_opens_the_sources(page: Page) -> None:
    page.goto("/")
    ask(page, VALUES)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    expect(page.locator(".citation blockquote").first).to_be_visible()
    expect(page.locator("#kysy")).to_be_hidden()


def test_everything_works_without_javascript(browser: Browser, server: str) -> None:
    context = browser.new_context(java_script_enabled=False, base_url=server, locale="fi-FI")
    page = context.new_page()
    page.goto("/")
    page.fill("#kysymys", VALUES)
    page.get_by_role("button", name="Kysy", exact=True).click()
    expect(page.locator("article.turn")).to_have_count(1)
    page.locator(".cite").first.click()
    expect(page.locator(".citation blockquote").first).to_be_visible()
    page.fill("#kysymys", APPROVED)
    page.get_by_role("button", name="Kysy", exact=True).click()
    expect(page.locator("article.turn")).to_have_count(2)
    expect(page.locator("article.turn").last).to_be_in_viewport()
    expect(page.locator("article.turn h2").last).to_be_focused()
    expect(page.get_by_role("button", name="Kopioi")).to_have_count(0)

    page.locator("article.turn").last.locator(".citation summary").first.click()
    page.get_by_role("link", name="Lue lähteen tekstissä").last.click()
    expect(page.locator(".source-text")).to_be_visible()
    page.go_back()
    expect(page.locator("article.turn")).to_have_count(2)
    page.reload()
    expect(page.locator("article.turn")).to_have_count(2)
    bookmark = page.url
    page.goto("/tietoa")
    page.goto(bookmark)
    expect(page.locator("article.turn")).to_have_count(2)
    turn = page.locator("article.turn").last
    turn.get_by_text("Auttoiko vastaus?").click()
    turn.get_by_label("En", exact=True).check()
    turn.get_by_label("Jos et, mikä oli vikana?").select_option("incomplete")
    turn.get_by_role("button", name="Lähetä palaute").click()
    expect(page.get_by_text("Kiitos palautteesta.")).to_be_focused()
    with page.expect_download() as download:
        page.get_by_role("button", name="Tallenna vastaus").last.click()
    assert "16.5.2022" in Path(download.value.path()).read_text(encoding="utf-8")
    page.get_by_text("Poista keskustelu").click()
    page.get_by_role("button", name="Poista pysyvästi").click()
    expect(page.get_by_text("Keskustelu on poistettu palvelusta.")).to_be_focused()
    page.goto(bookmark)
    expect(page.get_by_text("Tätä keskustelua ei enää ole.")).to_be_visible()
    context.close()


def test_a_newcomer_finds_what_the_page_is_for(page: Page) -> None:
    """The values in force and their source, the values before 2022, who decides on the strategy, and a saved answer."""
    questions: list[tuple[str, list[str]]] = [
        (VALUES, ["Välittäminen", "Uudistuminen", "Tuloksellisuus"]),
        ("Mitkä arvot kaupungilla oli ennen vuotta 2022?", ["rohkeus", "yhteisöllisyys"]),
        ("Kuka hyväksyy kaupungin strategian?", ["valtuusto"]),
    ]
    page.goto("/")
    for question, words in questions:
        ask(page, question)
        turn = page.locator("article.turn").last
        for word in words:
            expect(turn.locator(".answer")).to_contain_text(word, ignore_case=True)
        expect(turn.locator(".citation").first).to_be_attached()


# The way back, and what is told


SEMINAR = "/lahde/valtuustoseminaari-2022-09"
MENU_ASK = ".site-nav a[data-way]"


def test_the_first_answer_is_a_step_of_the_history(page: Page) -> None:
    page.goto("/tietoa")
    page.goto("/")
    ask(page, VALUES)
    ask(page, APPROVED)
    page.go_back()
    expect(page.locator("article.turn")).to_have_count(0)
    expect(page.locator("#kysymys")).to_be_visible()
    assert page.evaluate("location.pathname") == "/"
    page.go_forward()
    expect(page.locator("article.turn")).to_have_count(2)


def test_the_menu_leads_back_to_the_conversation_from_any_page(page: Page) -> None:
    page.goto("/")
    ask(page, VALUES)
    expect(page.locator(MENU_ASK)).to_have_attribute("aria-current", "page")
    conversation = page.evaluate("location.pathname")
    for name in ("Arvot", "Sanasto", "Aikajana"):
        page.locator(".site-nav").get_by_role("link", name=name).click()
        assert "keskustelu" not in page.url, "an address that is shared does not hand on the conversation"
    page.locator(MENU_ASK).click()
    expect(page.locator("article.turn")).to_have_count(1)
    page.get_by_role("link", name="Aloita uusi keskustelu").click()
    expect(page.locator("article.turn")).to_have_count(0)
    expect(page.locator(MENU_ASK)).not_to_have_attribute("aria-current", "page")
    page.locator(MENU_ASK).click()
    assert page.evaluate("location.pathname") == conversation
    expect(page.locator("article.turn")).to_have_count(1)


def test_a_source_leads_back_to_the_place_of_the_answer(page: Page) -> None:
    page.goto("/?kieli=en")
    ask(page, VALUES)
    page.locator(".cite").last.click()
    page.locator(".citation[open] a[href^='/lahde/']").last.click()
    expect(page.locator("#kohta")).to_be_focused()
    expect(page.locator("#kohta")).to_have_accessible_name("The quoted passage")
    page.locator("article.card a[href^='/lahde/']").first.click()  # another source, one step further away
    page.get_by_role("link", name="Back to the answer").press("Enter")
    expect(page.locator("article.turn")).to_have_count(1)
    expect(page.locator(".citation-part").last).to_be_focused()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.goto(SEMINAR)
    expect(page.get_by_role("link", name="Takaisin keskusteluun")).to_be_visible()


def test_the_way_back_without_javascript(browser: Browser, server: str) -> None:
    context = browser.new_context(java_script_enabled=False, base_url=server, locale="fi-FI")
    page = context.new_page()
    page.goto(SEMINAR)
    expect(page.locator(".way-back")).to_be_hidden()
    page.goto("/")
    page.fill("#kysymys", VALUES)
    page.get_by_role("button", name="Kysy", exact=True).click()
    page.locator(".citation summary").first.click()
    page.locator(".citation a[href^='/lahde/']").first.click()
    page.get_by_role("link", name="Takaisin vastaukseen").press("Enter")  # it still scrolls: a click can miss
    expect(page.locator(".citation-part").first).to_be_visible()
    expect(page.locator(".citation-part").first).to_be_focused()
    page.get_by_role("link", name="Arvot", exact=True).click()
    page.get_by_role("link", name="Kysy", exact=True).click()
    expect(page.locator("article.turn")).to_have_count(1)
    expect(page.locator(".keys-script")).to_be_hidden()
    expect(page.locator(".keys-plain")).to_be_visible()
    context.close()


def test_what_was_announced_is_not_met_again(page: Page) -> None:
    page.goto("/")
    ask(page, VALUES)
    expect(page.locator("#tila")).to_contain_text("tuloksellisuus.\u00a0")
    expect(page.locator("#tila")).to_be_empty(timeout=12_000)


def test_a_swedish_question_leads_to_the_swedish_page_and_file(page: Page) -> None:
    page.goto("/")
    ask(page, "Vem godkände Heinolas strategi?")
    with page.expect_download() as download:
        page.get_by_role("button", name="Tallenna vastaus").click()
    assert "KÄLLOR" in download.value.path().read_text("utf-8")
    page.get_by_role("link", name="Visa sidan på svenska").click()
    expect(page.locator("html")).to_have_attribute("lang", "sv")
    expect(page.get_by_role("button", name="Spara svaret")).to_be_visible()
    expect(page.get_by_role("link", name="Visa sidan")).to_have_count(0)


def test_saving_is_seen_and_announced(page: Page) -> None:
    page.goto("/")
    ask(page, VALUES)
    with page.expect_download() as download:
        page.get_by_role("button", name="Tallenna vastaus").click()
    name = download.value.suggested_filename
    assert name.startswith("vastaus-mitka-ovat-kaupungin-arvot-2")
    expect(page.locator("article.turn .told")).to_have_text(f"Tallennettu: {name}")
    expect(page.locator("article.turn .told")).to_be_in_viewport()
    expect(page.locator("#tila")).to_have_text(f"Tallennettu: {name}")


def test_the_title_names_the_last_question_with_and_without_the_script(page: Page, plain: Page) -> None:
    for visit in (page, plain):
        visit.goto("/")
        nobody = visit.title()
        for question in ("Mitkä ovat kaupungin arvot?", "Milloin strategia hyväksyttiin?"):
            visit.get_by_label("Kysymyksesi").fill(question)
            visit.get_by_role("button", name="Kysy", exact=True).click()
            expect(visit).to_have_title(f"{question} – {nobody}")
        visit.reload()
        expect(visit).to_have_title(f"Milloin strategia hyväksyttiin? – {nobody}")


def test_another_tab_is_told_that_the_conversation_was_erased(page: Page) -> None:
    page.goto("/")
    ask(page, VALUES)
    other = page.context.new_page()
    other.goto(page.url)
    other.fill("#kysymys", "Entä ennen?")
    page.get_by_text("Poista keskustelu").click()
    expect(page.locator("article.turn")).to_have_count(1)
    page.get_by_role("button", name="Poista pysyvästi").click()
    expect(page.locator("#ilmoitus")).to_be_visible()
    expect(other.locator("article.turn")).to_have_count(0)
    expect(other.locator("#ilmoitus")).to_have_text(
        "Tämä keskustelu poistettiin toisessa välilehdessä. Seuraavasta kysymyksestä alkaa uusi keskustelu."
    )
    expect(other.locator("#kysymys")).to_have_value("Entä ennen?")
    expect(other.locator("#keskustelusta")).to_be_hidden()
    expect(other.locator(".starters")).to_be_visible()


def test_an_answer_in_place_of_a_lost_conversation_stands_alone(page: Page, assistant: Assistant) -> None:
    page.add_init_script(RECORD)
    page.goto("/")
    ask(page, VALUES)
    assistant.forget(page.locator("#kysy input[name=conversation]").input_value())  # on another device, say
    page.fill("#kysymys", APPROVED)
    page.press("#kysymys", "Enter")
    expect(page.locator("article.turn h2")).to_have_text([APPROVED])
    expect(page.locator("article.turn .turn-notice")).to_contain_text("Aiempi keskustelu on poistettu")
    expect(page.locator("#tila")).to_contain_text("Aiempi keskustelu on poistettu")


def test_what_is_announced_says_its_language(page: Page) -> None:
    page.goto("/?kieli=en")
    ask(page, "When did the council approve the Heinola strategy 2030?")
    quoted = page.locator("#tila [lang=fi]").first
    expect(quoted).to_contain_text("16.5.2022")
    expect(page.locator("#tila > [lang=en]").first).to_be_attached()
    expect(page.locator("#tila .cite")).to_have_count(0)
    heading = page.locator(".suggestions button [lang=fi]").first
    expect(heading).to_be_visible()
    assert page.locator(".suggestions button").first.inner_text() == f"Tell me more: {heading.inner_text()}"


def test_waiting_is_told_once(page: Page) -> None:
    page.add_init_script(RECORD)
    page.goto("/")

    def late(route: Route) -> None:
        time.sleep(1.2)
        route.continue_()

    page.route("**/", late)
    ask(page, UNKNOWN)
    announced(page)
    said = page.evaluate("said")
    assert len(said) == 1, said
    assert said[0].endswith("lähellä aihetta olevia kohtia: 3.")


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_the_question_can_be_asked_at_first_sight_on_a_phone(page: Page, language: str) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"/?kieli={language}")
    for part in ("h1", ".about", "#kysymys", "#kysy button"):
        expect(page.locator(part)).to_be_in_viewport(ratio=1)
    box = page.locator("#kysymys").bounding_box()
    assert box and box["y"] < 490
    name = {"fi": "Suomi", "sv": "Svenska", "en": "English"}[language]
    expect(page.get_by_role("link", name=f"{language.upper()} {name}")).to_be_in_viewport()


def test_a_long_question_is_shown_in_a_few_lines(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/")
    ask(page, "Haluaisin tietää kaupungin strategiasta ja arvoista paljon asioita. " * 20)
    heading = page.locator("article.turn h2").bounding_box()
    assert heading and heading["height"] < 200
    page.get_by_text("Näytä koko kysymys").click()
    expect(page.locator(".question-whole p")).to_be_visible()


def test_too_many_characters_are_told_without_a_minus(page: Page) -> None:
    page.goto("/")
    page.fill("#kysymys", "a" * 2100)
    counter = page.locator("#kysymys-laskuri")
    expect(counter).to_have_text("Liikaa merkkejä: 100")
    expect(counter).to_have_css("color", "rgb(163, 22, 31)")


def test_the_first_questions_are_offered_only_before_a_conversation(page: Page) -> None:
    page.goto("/")
    expect(page.locator(".starters")).to_be_visible()
    ask(page, VALUES)
    expect(page.locator(".starters")).to_be_hidden()
    page.reload()
    expect(page.locator(".starters")).to_be_hidden()


def test_a_printed_conversation_has_no_hints_for_the_screen(page: Page) -> None:
    page.goto("/")
    ask(page, VALUES)
    page.emulate_media(media="print")
    expect(page.get_by_text("Avaa lähde, niin näet kohdan")).to_be_hidden()
    expect(page.locator(".citation summary").first).to_have_css("list-style-type", "none")
    expect(page.locator(".about-conversation")).to_be_hidden()


def test_axe_sees_what_it_should(page: Page, accessible: Accessible) -> None:
    """The check itself fails on a page with a fault."""
    page.goto("/")
    page.evaluate("document.querySelector('label[for=kysymys]').remove()")
    with pytest.raises(AssertionError):
        accessible(page)
