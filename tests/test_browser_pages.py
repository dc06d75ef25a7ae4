"""The pages beside the chat in a real Chromium: accessible in every state, by keyboard, on paper and without script."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from keyboard import press, tab_to
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.slow, pytest.mark.browser]

PATHS = ("/arvot", "/sanasto", "/sanasto/osbu", "/aikajana", "/perehdytys", "/tietoa")
SOURCE = "/lahde/strategiaseminaari-2022"

Accessible = Callable[[Page], None]


@pytest.mark.parametrize(("scheme", "language"), [("light", "fi"), ("dark", "en")])
@pytest.mark.parametrize("path", (*PATHS, SOURCE))
def test_every_page_is_accessible_also_at_400_percent(
    page: Page, accessible: Accessible, path: str, scheme: str, language: str
) -> None:
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]  # a parametrised string, one of Playwright's literals
    page.goto(f"{path}?kieli={language}")
    accessible(page)
    page.set_viewport_size({"width": 320, "height": 256})
    for summary in page.locator("main summary").all():
        if summary.locator("xpath=..").get_attribute("open") is None:
            summary.click()
    accessible(page)
    assert faults == []


@pytest.mark.parametrize("path", (*PATHS, SOURCE))
def test_every_page_is_accessible_in_forced_colours_and_in_swedish(
    page: Page, accessible: Accessible, path: str
) -> None:
    page.emulate_media(forced_colors="active")
    page.goto(f"{path}?kieli=sv")
    accessible(page)


# Filtering


def test_a_filter_works_at_once_and_tells_how_many_are_left(page: Page, accessible: Accessible) -> None:
    page.goto("/sanasto")
    page.get_by_label("Hae sanalla").press_sequentially("kuntalais")
    expect(page.locator("[data-item]:visible")).to_have_count(1)
    expect(page.get_by_role("status")).to_have_text(re.compile(r"^Näkyvissä: 1/\d\d$"))
    page.get_by_label("Hae sanalla").fill("pingviini")
    expect(page.locator("[data-item]:visible")).to_have_count(0)
    expect(page.get_by_role("status")).to_contain_text("Haulla ei löytynyt mitään.")
    accessible(page)


def test_any_form_of_a_word_filters_as_on_the_server(page: Page, plain: Page) -> None:
    """The genitive of a word found nothing, though the word was there."""
    page.goto("/sanasto")
    page.evaluate(
        "window.told = []; new MutationObserver(() => told.push(osumia.textContent)).observe(osumia, {childList: true})"
    )
    page.get_by_label("Hae sanalla").fill("aloitteilla")
    expect(page.locator("#kuntalaisaloite")).to_be_visible()
    expect(page.locator("#osbu")).to_be_hidden()
    page.wait_for_load_state("networkidle")
    told = page.evaluate("told")
    assert [text.split("/")[0] for text in told] == ["Näkyvissä: 3"], "nothing is said before the forms are known"
    found = page.locator("[data-item]:visible").evaluate_all("items => items.map(item => item.id)")
    plain.goto("/sanasto?haku=aloitteilla")
    assert plain.locator("[data-item]:visible").evaluate_all("items => items.map(item => item.id)") == found
    page.goto("/sanasto?haku=aloitteilla")
    assert page.locator("[data-item]:visible").count() == len(found), "the script agrees from the first moment"


def test_a_filter_goes_on_without_a_connection(page: Page) -> None:
    page.goto("/sanasto")
    page.route("**/sanamuodot**", lambda route: route.abort())
    page.get_by_label("Hae sanalla").fill("kuntalais")
    expect(page.locator("[data-item]:visible")).to_have_count(1)
    page.get_by_label("Hae sanalla").fill("pingviini")
    expect(page.get_by_role("status")).to_contain_text("Haulla ei löytynyt mitään.")


def test_a_filtered_page_prints_what_it_was_narrowed_down_to(page: Page) -> None:
    """The timeline with one kind chosen printed as if it were whole."""
    page.goto("/aikajana")
    narrowed = page.locator("#rajaus")
    page.emulate_media(media="print")
    expect(narrowed).to_be_hidden()
    page.emulate_media(media="screen")
    page.get_by_label("Laji").select_option(label="Arvot")
    page.get_by_label("Hae sanalla").fill("arvo")
    expect(narrowed).to_be_hidden()
    page.emulate_media(media="print")
    expect(narrowed).to_be_visible()
    expect(narrowed).to_have_text(re.compile(r"^Rajaus: haku ”arvo”, Arvot\. Näkyvissä: 2/\d\d$"))
    page.emulate_media(media="screen")
    page.get_by_label("Hae sanalla").fill("")
    page.get_by_label("Laji").select_option(index=0)
    page.emulate_media(media="print")
    expect(narrowed).to_be_hidden()


@pytest.mark.parametrize(("path", "id"), [("/aikajana", "osallisuusohjelma-hyvaksytty-2023"), ("/arvot", "rohkeus")])
def test_an_entry_has_a_visible_link_to_itself(page: Page, path: str, id: str) -> None:
    page.goto(f"{path}?haku=o")
    link = page.locator(f"#{id}").get_by_role("link", name="Linkki tähän")
    assert "underline" in link.evaluate("link => getComputedStyle(link).textDecorationLine")
    box = link.bounding_box()
    assert box and box["height"] >= 24
    link.click()
    expect(page).to_have_url(re.compile(rf"{path}#{id}$"))
    expect(page.locator(f"#{id}")).to_be_in_viewport()


def test_a_select_filters_at_once(page: Page) -> None:
    page.goto("/arvot")
    page.get_by_label("Aika").select_option(label="Voimassa")
    expect(page.locator("[data-item]:visible")).to_have_count(3)
    expect(page.get_by_role("heading", name="Arvot vuonna 2010")).to_be_hidden()


def test_a_link_to_a_word_shows_it_though_the_filter_hid_it(page: Page) -> None:
    page.goto("/sanasto?haku=hyte#osbu")
    expect(page.locator("#osbu")).to_be_in_viewport()
    expect(page.get_by_label("Hae sanalla")).to_have_value("")


def test_another_order_is_fetched_at_once(page: Page) -> None:
    page.goto("/aikajana")
    page.get_by_label("Laji").select_option(label="Strategia")
    shown = page.locator("[data-item]:visible").count()
    page.get_by_label("Järjestys").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".year").first).to_have_text("2010")
    expect(page.get_by_label("Järjestys")).to_be_focused()
    expect(page.locator("[data-item]:visible")).to_have_count(shown)
    page.reload()
    expect(page.locator(".year").first).to_have_text("2010")


def test_filters_and_checks_work_without_a_script(plain: Page) -> None:
    plain.goto("/sanasto")
    plain.get_by_label("Hae sanalla").fill("kuntalais")
    plain.get_by_role("button", name="Näytä").click()
    expect(plain.locator("[data-item]:visible")).to_have_count(1)
    plain.get_by_role("link", name="Poista rajaus").click()
    assert plain.locator("[data-item]:visible").count() > 40
    expect(plain.get_by_role("button", name="Tulosta")).to_be_hidden()

    plain.goto("/perehdytys")
    expect(plain.get_by_text("Eteneminen ja vastauksesi tallentuvat")).to_be_hidden()
    step = plain.locator("#askel-arvot")
    step.get_by_label("Uudistuminen").check()
    step.get_by_role("button", name="Tarkista").click()
    expect(step.get_by_text("Oikein.")).to_be_visible()
    other = plain.locator("#askel-strategia")
    other.get_by_role("button", name="Tarkista").click()
    expect(other.get_by_text("Valitse ensin jokin vaihtoehdoista.")).to_be_visible()


# The path of new employees


def test_an_answer_is_told_in_place_by_keyboard_alone(page: Page, accessible: Accessible) -> None:
    page.goto("/perehdytys")
    step = page.locator("#askel-arvot")
    step.get_by_label("Rohkeus").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(step.get_by_role("status")).to_contain_text("Ei aivan. Oikea vastaus: Uudistuminen")
    assert "askel=" not in page.url
    expect(step.get_by_label("Rohkeus")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(step.get_by_role("status")).to_contain_text("Oikein.")
    accessible(page)


def test_progress_is_kept_in_this_browser_only(page: Page) -> None:
    sent: list[str] = []
    page.goto("/perehdytys")
    page.on("request", lambda request: sent.append(request.url) if "/static/" not in request.url else None)
    page.locator("#askel-strategia").get_by_label("Olen tehnyt tämän askeleen").check()
    page.locator("#askel-raha").get_by_label("Olen tehnyt tämän askeleen").check()
    expect(page.get_by_text("Tehty 2/12 askelta")).to_be_visible()
    assert sent == []
    page.reload()
    expect(page.get_by_text("Tehty 2/12 askelta")).to_be_visible()
    assert page.context.cookies() == []


def test_answers_come_back_after_a_reload_and_are_sent_nowhere(page: Page) -> None:
    sent: list[str] = []
    page.goto("/perehdytys")
    page.on("request", lambda request: sent.append(request.url) if "/static/" not in request.url else None)
    step, other = page.locator("#askel-arvot"), page.locator("#askel-strategia")
    step.get_by_label("Uudistuminen").check()
    step.get_by_role("button", name="Tarkista").click()
    expect(step.get_by_role("status")).to_contain_text("Oikein.")
    other.get_by_role("radio").first.check()
    assert sent == []
    page.goto("/perehdytys?kieli=en")
    expect(step.get_by_label("Uudistuminen")).to_be_checked()
    expect(step.get_by_role("status")).to_contain_text("Right.")
    expect(other.get_by_role("radio", checked=True)).to_have_count(0)


def test_a_check_without_a_choice_is_told_in_place_by_our_own_words(page: Page, accessible: Accessible) -> None:
    """The browser's bubble was in the browser's language and lay over the options."""
    page.goto("/perehdytys?kieli=sv")
    step = page.locator("#askel-arvot")
    step.get_by_role("button", name="Kontrollera").click()
    expect(step.get_by_role("status")).to_have_text("Välj först ett av alternativen.")
    expect(step.get_by_role("radio").first).to_be_focused()
    expect(step.get_by_role("group")).to_have_accessible_description("Välj först ett av alternativen.")
    accessible(page)
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(step.get_by_role("status")).to_contain_text("Så här står det")
    expect(step.get_by_role("group")).not_to_have_attribute("aria-describedby", "vastaus-arvot")


def test_starting_again_is_asked_about_first(page: Page, accessible: Accessible) -> None:
    page.goto("/perehdytys")
    step = page.locator("#askel-arvot")
    step.get_by_label("Olen tehnyt tämän askeleen").check()
    step.get_by_label("Uudistuminen").check()
    step.get_by_role("button", name="Tarkista").click()
    again = page.get_by_role("button", name="Aloita alusta")
    for way_out in ("Escape", "Enter"):  # Enter on the first button, which is the one that does nothing
        again.click()
        expect(page.get_by_role("dialog", name="Aloitetaanko alusta?")).to_be_visible()
        expect(page.get_by_role("button", name="Peruuta")).to_be_focused()
        accessible(page)
        page.keyboard.press(way_out)
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(again).to_be_focused()
        expect(page.get_by_text("Tehty 1/12 askelta")).to_be_visible()
    again.click()
    page.get_by_role("button", name="Poista merkinnät").click()
    expect(page.get_by_text("Tehty 0/12 askelta")).to_be_visible()
    expect(step.get_by_label("Uudistuminen")).not_to_be_checked()
    expect(step.get_by_role("status")).to_have_text("")
    expect(again).to_be_focused()
    page.reload()
    expect(page.get_by_text("Tehty 0/12 askelta")).to_be_visible()
    expect(step.get_by_label("Uudistuminen")).not_to_be_checked()


def test_a_question_to_try_opens_in_the_chat_ready_to_send(page: Page) -> None:
    page.goto("/perehdytys")
    page.locator("#askel-arvot").get_by_role("link", name="Mitkä ovat kaupungin arvot?").click()
    expect(page.get_by_label("Kysymyksesi")).to_have_value("Mitkä ovat kaupungin arvot?")
    expect(page.get_by_label("Kysymyksesi")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("article.turn")).to_contain_text("uudistuminen", ignore_case=True)


# Keyboard and paper


@pytest.mark.parametrize(
    ("path", "last"),
    [*((path, "Tulosta") for path in PATHS), (SOURCE, "Kysy lisää"), ("/nothing", "Siirry etusivulle")],
)
def test_tab_walks_through_the_whole_page_with_a_visible_focus(page: Page, path: str, last: str) -> None:
    page.emulate_media(reduced_motion="reduce")  # scrolls at once, so that the focus is in view when it is looked for
    page.goto(path)
    tab_to(page, last)


def test_filters_steps_and_folded_parts_by_keyboard_alone(page: Page) -> None:
    """The focus stays where the keys were pressed."""
    page.emulate_media(reduced_motion="reduce")
    page.goto("/sanasto")
    tab_to(page, "Siirry sisältöön")
    press(page, "Enter")
    expect(page.locator("main")).to_be_focused()
    tab_to(page, css="#haku")
    page.keyboard.type("kuntalais")
    expect(page.locator("[data-item]:visible")).to_have_count(1)
    expect(page.get_by_label("Hae sanalla")).to_be_focused()
    tab_to(page, css="select")
    press(page, "ArrowDown")
    tab_to(page, "Poista rajaus")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Hae sanalla")).to_have_value("")

    page.goto("/aikajana")
    tab_to(page, "Mitä lähteet kertovat")
    folded = page.locator("details:has(summary:focus)")
    press(page, "Enter")
    expect(folded).to_have_attribute("open", "")
    press(page, "Space")
    expect(folded).not_to_have_attribute("open", "")

    page.goto("/perehdytys")
    tab_to(page, css="[data-step]")
    press(page, "Space")
    expect(page.get_by_text("Tehty 1/12 askelta")).to_be_visible()
    tab_to(page, "Aloita alusta", key="Shift+Tab")
    press(page, "Enter", "Tab", "Enter")
    expect(page.get_by_text("Tehty 0/12 askelta")).to_be_visible()
    expect(page.get_by_role("button", name="Aloita alusta")).to_be_focused()


@pytest.mark.parametrize("path", PATHS)
def test_on_paper_only_the_content_is_left(page: Page, path: str) -> None:
    page.goto(path)
    page.emulate_media(media="print")
    expect(page.locator(".site-header")).to_be_hidden()
    assert [form for form in page.locator("form.filter").all() if form.is_visible()] == []
    expect(page.get_by_role("button", name="Tulosta")).to_be_hidden()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_on_paper_the_folded_parts_are_open(page: Page) -> None:
    page.goto("/aikajana")
    report = page.locator("#tavoite-hyvinvointi .reports blockquote").first
    expect(report).to_be_hidden()
    page.emulate_media(media="print")
    expect(report).to_be_visible()
