"""The chat and the source pages in a real Chromium: every state accessible, by keyboard, small and large, with and
without JavaScript."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

pytestmark = [pytest.mark.slow, pytest.mark.browser]

VALUES = "Mitkä ovat kaupungin arvot?"
UNKNOWN = "Montako pingviiniä Heinolan lintutarhassa asuu?"
APPROVED = "Milloin Heinolan strategia 2030 hyväksyttiin?"
SOURCE = "/lahde/strategiaseminaari-2022"
BUDGET = 60_000
"""Bytes that the chat page may transfer, uncompressed."""

Accessible = Callable[[Page], None]


def ask(page: Page, question: str) -> None:
    turns = page.locator("article.turn")
    before = turns.count()
    page.fill("#kysymys", question)
    page.press("#kysymys", "Enter")
    expect(turns).to_have_count(before + 1)


def focus(page: Page) -> str:
    """The focused element, as its accessible text."""
    text: str = page.evaluate(
        "(document.activeElement.ariaLabel || document.activeElement.innerText || document.activeElement.id).trim()"
    )
    return text


def tab_to(page: Page, text: str, key: str = "Tab") -> None:
    """Presses Tab until something with the text has the focus, which has to be visible."""
    for _ in range(60):
        page.keyboard.press(key)
        if text in focus(page):
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", text
            return
    raise AssertionError(f"{text!r} cannot be reached by {key}; the focus is at {focus(page)!r}")


# Every state, with axe


@pytest.fixture(params=["light", "dark"])
def themed(page: Page, request: pytest.FixtureRequest) -> Page:
    page.emulate_media(color_scheme=request.param, reduced_motion="reduce")
    return page


def test_the_empty_chat_is_accessible(themed: Page, accessible: Accessible) -> None:
    themed.goto("/")
    accessible(themed)


def test_an_answer_with_everything_open_is_accessible(themed: Page, accessible: Accessible) -> None:
    themed.goto("/")
    ask(themed, VALUES)
    accessible(themed)
    for summary in themed.locator("article.turn summary").all():
        summary.click()
    expect(themed.locator(".citation blockquote").first).to_be_visible()
    accessible(themed)


def test_a_refusal_shows_nearest_passages_as_nearest_and_is_accessible(themed: Page, accessible: Accessible) -> None:
    themed.goto("/")
    ask(themed, UNKNOWN)
    expect(themed.get_by_role("heading", name="Lähimmät kohdat lähteissä")).to_be_visible()
    expect(themed.get_by_role("heading", name="Lähteet", exact=True)).to_have_count(0)
    accessible(themed)


@pytest.mark.parametrize("question", ["Hei", "Olen hengenvaarassa, auttakaa!", "Kirjoita runo kissasta"])
def test_the_fixed_answers_are_accessible(page: Page, accessible: Accessible, question: str) -> None:
    page.goto("/")
    ask(page, question)
    expect(page.locator(".citation")).to_have_count(0)
    accessible(page)


def test_a_faulty_question_is_told_at_the_field(themed: Page, accessible: Accessible) -> None:
    themed.goto("/")
    themed.press("#kysymys", "Enter")
    expect(themed.locator("#kysymys")).to_be_focused()
    expect(themed.locator("#kysymys")).to_have_attribute("aria-invalid", "true")
    expect(themed.locator("#kysymys")).to_have_accessible_description(
        "Kirjoita ensin kysymys. Kirjoita suomeksi, omin sanoin. Voit kysyä myös ruotsiksi tai englanniksi."
    )
    accessible(themed)
    themed.fill("#kysymys", "a" * 1990)
    expect(themed.get_by_text("Merkkejä jäljellä: 10")).to_be_visible()
    themed.fill("#kysymys", "a" * 2001)
    themed.press("#kysymys", "Enter")
    expect(themed.get_by_text("Kysymys on liian pitkä: 2001 merkkiä.")).to_be_visible()
    accessible(themed)


def test_a_source_is_accessible_and_scrolled_to_the_quoted_words(themed: Page, accessible: Accessible) -> None:
    themed.goto("/")
    ask(themed, VALUES)
    themed.locator(".cite").first.click()
    themed.get_by_role("link", name="Lue lähteen tekstissä").first.click()
    expect(themed.locator("mark").first).to_be_in_viewport()
    accessible(themed)
    themed.goto(SOURCE)
    expect(themed.get_by_text("Korvattu 16.5.2022").first).to_be_visible()
    accessible(themed)


def test_error_pages_are_accessible(
    themed: Page, accessible: Accessible, serve: Callable[..., str], server: str
) -> None:
    themed.goto(f"{server}/nothing")
    expect(themed.get_by_role("heading", name="Sivua ei löydy")).to_be_visible()
    accessible(themed)
    closed = serve(closed="Palvelu on huollossa.")
    themed.goto(closed)
    expect(themed.get_by_text("Palvelu on huollossa.")).to_be_visible()
    accessible(themed)


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_other_languages_are_accessible(page: Page, accessible: Accessible, language: str) -> None:
    page.goto(f"/?kieli={language}")
    ask(page, VALUES)
    accessible(page)
    page.goto(f"{SOURCE}?kieli={language}")
    accessible(page)


@pytest.mark.parametrize("size", [(320, 640), (320, 256)], ids=["320px", "400%"])
def test_small_screens_and_large_zoom_lose_nothing(page: Page, accessible: Accessible, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto("/")
    accessible(page)
    ask(page, VALUES)
    for summary in page.locator("article.turn summary").all():
        summary.click()
    accessible(page)
    ask(page, UNKNOWN)
    accessible(page)
    page.goto(SOURCE)
    accessible(page)


def test_text_of_twice_the_size_reflows(page: Page, accessible: Accessible) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/")
    ask(page, VALUES)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    accessible(page)


def test_forced_colours_keep_marks_and_borders(page: Page, accessible: Accessible) -> None:
    page.emulate_media(forced_colors="active")
    page.goto("/")
    ask(page, VALUES)
    page.locator(".cite").first.click()
    accessible(page)
    assert page.locator(".citation[open] .quoted, .citation[open] mark").count() > 0


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


def test_a_whole_visit_by_keyboard_alone(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    assert focus(page) == "Siirry sisältöön"
    page.keyboard.press("Enter")
    tab_to(page, "kysymys")
    page.keyboard.type(VALUES)
    page.keyboard.press("Enter")
    expect(page.locator("article.turn")).to_have_count(1)
    assert focus(page) == VALUES, "the focus is at the new turn"
    tab_to(page, "Lähde 1")
    page.keyboard.press("Enter")
    expect(page.locator(".citation").first).to_have_attribute("open", "")
    assert page.evaluate("document.activeElement.matches('.citation summary')")
    tab_to(page, "Lue lähteen tekstissä")
    tab_to(page, "Avaa alkuperäinen")
    tab_to(page, "Tallenna vastaus")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert "Välittäminen" in Path(download.value.path()).read_text(encoding="utf-8")
    tab_to(page, "Auttoiko vastaus?")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    tab_to(page, "Lähetä palaute")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Kiitos palautteesta.")).to_be_focused()
    tab_to(page, "Poista keskustelu")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Keskustelu on poistettu palvelusta.")).to_be_visible()
    expect(page.locator("article.turn")).to_have_count(0)
    tab_to(page, "Valtuutettu")
    page.keyboard.press("Enter")
    tab_to(page, APPROVED)
    page.keyboard.press("Enter")
    expect(page.locator("article.turn")).to_have_count(1)


def test_a_whole_answer_is_announced_once(page: Page) -> None:
    page.add_init_script(
        """window.said = [];
           addEventListener('DOMContentLoaded', () => new MutationObserver(() => {
             const text = document.getElementById('tila').textContent; if (text) window.said.push(text);
           }).observe(document.getElementById('tila'), {childList: true, characterData: true, subtree: true}));"""
    )
    page.goto("/")
    ask(page, VALUES)
    page.wait_for_timeout(300)
    said = page.evaluate("window.said")
    assert len(said) == 1
    assert said[0].startswith("Vastaus: ")
    assert "Tuloksellisuus" in said[0]
    assert "Lähteitä: " in said[0]


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
    page.on("response", lambda response: sizes.update({response.url: len(response.body())}))
    page.goto("/")
    page.wait_for_load_state("networkidle")
    assert all(url.startswith(server) for url in sizes)
    assert sum(sizes.values()) < BUDGET


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
    expect(page.get_by_text("Vastaus on kopioitu leikepöydälle.")).to_be_attached()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert VALUES in copied
    assert "Tuloksellisuus" in copied
    assert "https://www.heinola.fi/" in copied


def test_a_broken_connection_keeps_the_question(page: Page, accessible: Accessible) -> None:
    page.goto("/")
    page.route("**/", lambda route: route.abort())
    page.fill("#kysymys", VALUES)
    page.press("#kysymys", "Enter")
    expect(page.get_by_text("Yhteys palveluun katkesi.")).to_be_visible()
    expect(page.locator("#kysymys")).to_have_value(VALUES)
    accessible(page)


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
    expect(page.locator("#uusin")).to_have_count(1)  # only the whole page has it


def test_the_language_changes_without_losing_the_conversation(page: Page) -> None:
    page.goto("/")
    ask(page, VALUES)
    page.get_by_role("link", name="Svenska").or_(page.get_by_role("button", name="Svenska")).click()
    expect(page.locator("html")).to_have_attribute("lang", "sv")
    expect(page.locator("article.turn")).to_have_count(1)


def test_coming_back_from_a_source_finds_the_conversation_until_it_is_erased(page: Page) -> None:
    page.goto("/")
    ask(page, VALUES)
    ask(page, APPROVED)
    turn = page.locator("article.turn").last
    turn.locator("a.cite").first.press("Enter")
    tab_to(page, "Lue lähteen tekstissä")
    page.keyboard.press("Enter")
    expect(page.locator(".source-text")).to_be_visible()
    page.go_back()
    expect(page.locator("article.turn")).to_have_count(2)
    expect(turn.locator(".citation").first).to_have_attribute("open", "")
    expect(turn.locator(".citation summary").first).to_be_focused()

    page.click(".languages a[lang=en]")  # posted, and yet not asked to be sent again
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.reload()
    expect(page.locator("article.turn")).to_have_count(2)
    expect(page.locator("html")).to_have_attribute("lang", "en")

    page.click("form.forget button")
    expect(page.locator("#ilmoitus")).to_be_visible()
    page.go_back()
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
    expect(page.get_by_role("button", name="Kopioi")).to_have_count(0)
    turn = page.locator("article.turn").last
    turn.get_by_text("Auttoiko vastaus?").click()
    turn.get_by_label("En", exact=True).check()
    turn.get_by_label("Jos et, mikä oli vikana?").select_option("incomplete")
    turn.get_by_role("button", name="Lähetä palaute").click()
    expect(page.get_by_text("Kiitos palautteesta.")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Tallenna vastaus").last.click()
    assert "16.5.2022" in Path(download.value.path()).read_text(encoding="utf-8")
    page.get_by_role("button", name="Poista keskustelu").click()
    expect(page.get_by_text("Keskustelu on poistettu palvelusta.")).to_be_visible()
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
            expect(turn.locator(".answer")).to_contain_text(word)
        expect(turn.locator(".citation").first).to_be_attached()


def test_axe_sees_what_it_should(page: Page, accessible: Accessible) -> None:
    """The check itself fails on a page with a fault."""
    page.goto("/")
    page.evaluate("document.querySelector('label[for=kysymys]').remove()")
    with pytest.raises(AssertionError):
        accessible(page)
