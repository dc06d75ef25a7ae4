"""Text fragments lead a real browser to the quoted words on the original page."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import ThreadingHTTPServer

import pytest
from playwright.sync_api import Page, expect
from website import Quiet, listening

from assistant.fragments import text_link
from assistant.webpages import read_page

pytestmark = pytest.mark.browser

GAP = '<div style="height: 3000px"></div>'
LONG = " ".join(f"Tavoite numero {number} on kirjattu strategiaan, ja sitä seurataan." for number in range(1, 12))
HTML = f"""<!doctype html><html lang="fi"><head><meta charset="utf-8"><title>Sivu</title></head><body><main>
<h1>Avoimuus ja rohkeus</h1><p>Tavoite numero 1 on kirjattu myös tähän johdantoon.</p>{GAP}
<p id="a">TE-uudistus, sote &amp; maku: <b>hinta</b> on&nbsp;4,2 miljoonaa euroa (100 %) vuodessa.</p>{GAP}
<p>Kaupungin arvot ovat:</p><ul id="b"><li>välittäminen</li><li>uudistuminen</li><li>tuloksellisuus</li></ul>{GAP}
<p id="c">{LONG}</p>{GAP}<p>Kolmas arvo on nimeltään tämä, ja se on uusi:</p><p id="d">Avoimuus ja rohkeus</p>{GAP}
<p id="e">Osoite:<br>Uima&shy;hallin&shy;katu 1, Heinola</p>{GAP}
</main></body></html>"""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    class Answering(Quiet):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(HTML.encode())

    with listening(ThreadingHTTPServer(("127.0.0.1", 0), Answering)) as address:
        yield f"{address}/"


@pytest.mark.parametrize(
    ("id", "quote"),
    [
        ("a", "TE-uudistus, sote & maku: hinta on 4,2 miljoonaa euroa (100 %) vuodessa."),
        ("b", "Kaupungin arvot ovat:\n\n- välittäminen\n- uudistuminen\n- tuloksellisuus"),
        ("c", LONG),
        ("d", "Avoimuus ja rohkeus"),
        ("e", "Osoite:\nUimahallinkatu 1, Heinola"),
    ],
)
def test_the_browser_scrolls_to_the_quote(page: Page, site: str, id: str, quote: str) -> None:
    text = read_page(200, HTML.encode(), "text/html", "utf-8").text
    page.goto(text_link(site, quote, text, text.rindex(quote)))
    page.wait_for_function("scrollY > 1000", timeout=5000)
    expect(page.locator(f"#{id}")).to_be_in_viewport()
