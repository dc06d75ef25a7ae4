"""A page's own text: HTML without its frame, PDF as paragraphs, in whatever charset, and never more than the limits."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
from portable import pdf
from website import Quiet, listening

from assistant import webpages
from assistant.webpages import Page, fetch_page, read_page

HTML = """<!doctype html><html lang="fi"><head><title>Sivu</title></head><body>
<header><nav><ul><li><a href="/">Etusivu</a></li><li><a href="/a">Asuminen ja ympäristö</a></li></ul></nav></header>
<main><h1>Uimahalli avataan</h1>
<p>Heinolan <b>uimahalli</b> avataan
   <a href="/x">remontin jälkeen</a> 1.9.2025. Hinta on 4,2&nbsp;miljoonaa euroa ja se pysyi kau&shy;pungin
   arviossa.</p>
<h2>Uutta hallissa</h2><p>Halliin tulevat:</p><ul><li>kylmäallas</li><li>sauna <ul><li>löylyhuone</li></ul></li></ul>
<p>Osoite:<br>Uimahallinkatu 1<br>Tervetuloa kaikki heinolalaiset ja vieraat uudistuneeseen uimahalliin.</p>
<table><tr><th>Vuosi</th><th>Kävijöitä</th></tr><tr><td>2021</td><td>85&nbsp;000</td></tr></table></main>
<footer><p>Heinolan kaupunki, Rauhankatu 3. Evästeet.</p></footer><script>alert("x")</script></body></html>"""

TEXT = """## Uimahalli avataan

Heinolan uimahalli avataan remontin jälkeen 1.9.2025. Hinta on 4,2 miljoonaa euroa ja se pysyi kaupungin arviossa.

## Uutta hallissa

Halliin tulevat:

- kylmäallas
- sauna
- löylyhuone

Osoite:
Uimahallinkatu 1
Tervetuloa kaikki heinolalaiset ja vieraat uudistuneeseen uimahalliin."""


def test_html_gives_its_paragraphs_without_the_frame_around_them() -> None:
    assert read_page(200, HTML.encode(), "text/html", "utf-8").text == TEXT


@pytest.mark.parametrize(
    ("said", "meta", "written"),
    [
        ("iso-8859-1", "", "iso-8859-1"),
        (None, "windows-1252", "cp1252"),
        ("nonsense", "", "utf-8"),
        (None, "", "utf-8-sig"),
    ],
)
def test_the_charset_is_the_servers_or_the_pages_or_utf_8(said: str | None, meta: str, written: str) -> None:
    html = f'<html><head><meta charset="{meta}"></head><body><p>Päätös tehtiin työpäivänä.</p></body></html>'
    assert read_page(200, html.encode(written), "text/html", said).text == "Päätös tehtiin työpäivänä."


def test_pdf_gives_its_paragraphs_without_running_heads() -> None:
    sheets = [
        ["Heinolan kaupunki, tiedote", f"{number}", *lines, "Rauhankatu 3"]
        for number, lines in enumerate(
            (
                ["Tilinpäätös 2023", "Heinolan kaupungin tilinpäätös oli ylijäämäinen, kertoo kaupungin-",
                 "hallituksen puheenjohtaja. Ylijäämä on 1,3 miljoonaa euroa ja se", "siirretään taseeseen.",
                 "Lainaa on 61 miljoonaa euroa, mikä on vähemmän kuin vuotta aiemmin"],
                ["oli. Kaupunki ei nosta veroja."],
                ["Kaupunki jatkaa seuraavia:", "- tasapainotus", "- TE-", "uudistus"],
            ), 1,
        )
    ]  # fmt: skip
    assert read_page(200, pdf(sheets), "application/pdf").text.split("\n\n") == [
        "Tilinpäätös 2023",
        "Heinolan kaupungin tilinpäätös oli ylijäämäinen, kertoo kaupunginhallituksen puheenjohtaja. "
        "Ylijäämä on 1,3 miljoonaa euroa ja se siirretään taseeseen.",
        "Lainaa on 61 miljoonaa euroa, mikä on vähemmän kuin vuotta aiemmin oli. Kaupunki ei nosta veroja.",
        "Kaupunki jatkaa seuraavia:",
        "- tasapainotus\n- TE-uudistus",
    ]


@pytest.mark.parametrize("body", [b"", b"%PDF-1.4\nbroken", pdf([["Teksti"]])[:300]])
def test_a_broken_pdf_has_no_text(body: bytes) -> None:
    page = read_page(200, body, "application/pdf")
    assert (page.status, page.text) == (200, "")
    assert page.words


def test_other_media_have_no_text() -> None:
    assert read_page(200, b"\x89PNG", "image/png").text == ""
    assert read_page(200, b"", "text/html").text == ""
    assert read_page(200, b"Ensin.\r\n\r\nSitten.", "text/plain").text == "Ensin.\n\nSitten."


def test_a_long_page_is_kept_as_whole_paragraphs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webpages, "TEXT_LIMIT", 60)
    body = "\n\n".join(f"Kappale {number} on tässä kokonaan." for number in range(9)).encode()
    assert read_page(200, body, "text/plain").text == "Kappale 0 on tässä kokonaan.\n\nKappale 1 on tässä kokonaan."


class Answering(Quiet):
    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        self.send_response(302 if path in ("/kierto", "/siirto") else 204 if path == "/tyhja" else 200)
        if path in ("/kierto", "/siirto"):
            self.send_header("Location", "/kierto" if path == "/kierto" else "/uusi")
        self.send_header("Content-Type", "text/html; charset=iso-8859-1")
        self.end_headers()
        if path == "/uusi":
            self.wfile.write("<main><p>Hyvää päivää, tämä on siirtynyt sivu.</p></main>".encode("iso-8859-1"))
        if path == "/pitka":
            self.wfile.write(b"<main><p>" + b"sana " * 100_000)


@pytest.fixture
def site() -> Iterator[str]:
    with listening(ThreadingHTTPServer(("127.0.0.1", 0), Answering)) as address:
        yield address


def test_redirects_are_followed_and_the_charset_is_the_last_ones(site: str) -> None:
    assert fetch_page(f"{site}/siirto#osa").text == "Hyvää päivää, tämä on siirtynyt sivu."


def test_a_redirect_in_a_circle_is_an_answer_without_a_page(site: str) -> None:
    assert fetch_page(f"{site}/kierto") == Page(302)


def test_no_more_than_the_limit_is_read(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webpages, "SIZE_LIMIT", 1000)
    assert len(fetch_page(f"{site}/pitka").text) < 1000
    monkeypatch.setattr(webpages, "WHOLE_SECONDS", -1.0)
    assert fetch_page(f"{site}/pitka").status == 200
