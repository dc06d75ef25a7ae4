"""From the original page to the answer: sync, build and ask, with the real model and pages from a server of our own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient
from portable import pdf
from test_html import faults
from website import Quiet, listening

from assistant import originals
from assistant.app import create_app
from assistant.assistant import Assistant
from assistant.build import BuildReport, build
from assistant.cli import main
from assistant.corpus import read_corpus
from assistant.domain import Document
from assistant.embedding import Embedder, open_embedder
from assistant.index import Index, current_folder
from assistant.originals import is_quoted, read_originals, strays, with_originals
from assistant.passages import passages
from assistant.settings import Settings

pytestmark = pytest.mark.slow

CORPUS = {
    "uimahalli": """## Uimahallin remontti

Heinolan uimahallin peruskorjaus maksaa 4,2 miljoonaa euroa. Heinolan uimahalli avataan uudelleen 1.9.2025. Heinolan
uimahallin johtaja on Maria Salonen.
""",
    "tilinpaatos": """## Tilinpäätös 2023

Heinolan kaupungin tilinpäätös 2023 oli 1,3 miljoonaa euroa ylijäämäinen. Heinolan kaupungin lainakanta oli 2023
lopussa 61 miljoonaa euroa.
""",
    "lukio": """## Lukion rehtori

Heinolan lukion rehtorina aloitti Kaisa Virtanen 1.8.2024. Heinolan lukiossa on 312 opiskelijaa vuonna 2024.
""",
}
SAID = "Uimahallin peruskorjaus maksaa kaikkiaan 4,2 miljoonaa euroa."
SWIMMING = """<html><head><meta charset="utf-8"></head><body>
<nav><ul><li>Etusivu</li><li>Uimahalli ja liikunta</li></ul></nav><main><h1>Uimahalli uudistuu</h1>
<p>Kaupunginhallitus on päättänyt remontista. {said} Uimahalli avataan asiakkaille uudelleen 1.9.2025, kertoo uimahallin
johtaja Maria Salonen.</p><h2>Uutta</h2><p>Halliin tulevat uusina:</p><ul><li>kylmäallas</li><li>höyrysauna</li>
<li>kahvila</li></ul><p>Kioskin hoitaa yrittäjä Veikko Mäkelä, ja sen pinta-ala on 45 neliötä.</p></main>
<footer><p>Rauhankatu 3, 18100 Heinola</p></footer></body></html>"""
ACCOUNTS = pdf([["Tilinpäätös", "Kaupungin tilinpäätös 2023 oli 1,3 miljoonaa euroa ylijäämäinen.",
                 "Lainakanta oli vuoden 2023 lopussa 61 miljoonaa euroa."]])  # fmt: skip
SCHOOL = """<main><h1>Sivua ei ole</h1><p>Tervetuloa verkkokauppaamme. Meiltä saat kengät ja laukut edullisesti, ja
toimitus on aina maksuton ja palautusaika on sata päivää kaikissa tilauksissa.</p></main>"""


class Site(ThreadingHTTPServer):
    """Pages by path: media type and body; what is not there is 404."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.pages: dict[str, tuple[str, bytes]] = {}
        self.slow = 0.0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Answering(Quiet):
    def do_GET(self) -> None:
        site = self.server
        assert isinstance(site, Site)
        time.sleep(site.slow)
        found = site.pages.get(self.path)
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", found[0] if found else "text/html")
        self.end_headers()
        self.wfile.write(found[1] if found else b"<p>Ei</p>")


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr(originals, "PAUSE_SECONDS", 0.0)
    serving = Site()
    serving.pages = {
        "/uimahalli": ("text/html", SWIMMING.format(said=SAID).encode()),
        "/tilinpaatos": ("application/pdf", ACCOUNTS),
        "/lukio": ("text/html; charset=utf-8", SCHOOL.encode()),
    }
    with listening(serving):
        yield serving


@pytest.fixture(scope="module")
def embedder(settings: Settings) -> Embedder:
    return open_embedder(settings)


@pytest.fixture
def world(site: Site, tmp_path: Path, settings: Settings) -> Settings:
    """Three documents whose pages the site has, and no index yet; the unpacked model is shared."""
    (tmp_path / "corpus").mkdir()
    (tmp_path / "index").mkdir()
    (tmp_path / "index" / "models").symlink_to(settings.index / "models")
    for id, body in CORPUS.items():
        write(tmp_path / "corpus", id, site.url, body)
    made = replace(settings, corpus=tmp_path / "corpus", index=tmp_path / "index", data=tmp_path / "said.db")
    return replace(made, admin_password="sininen silta")


def write(corpus: Path, id: str, site: str, body: str) -> None:
    front = (
        f"id: {id}\ntitle: Heinolan {id}\nurl: {site}/{id}\npublisher: Kaupunki\nkind: uutinen\npublished: 2024-05-02"
    )
    (corpus / f"{id}.md").write_text(f"---\n{front}\n---\n\n{body}", encoding="utf-8")


def synced(world: Settings) -> None:
    originals.sync(world.index, read_corpus(world.corpus).documents)


def asking(world: Settings, embedder: Embedder) -> FlaskClient:
    return create_app(Assistant(world, embedder), world).test_client()


def cited(client: FlaskClient, question: str) -> list[dict[str, Any]]:
    answer = client.post("/api/chat", json={"question": question}).json
    assert answer["status"] in ("answered", "answered_partly"), answer
    citations: list[dict[str, Any]] = answer["citations"]
    return citations


def run(world: Settings, *arguments: str) -> Result:
    environment = {"ASSISTANT_CORPUS": str(world.corpus), "ASSISTANT_INDEX": str(world.index)}
    return CliRunner().invoke(main, list(arguments), env=environment)


COST = "Paljonko Heinolan uimahallin peruskorjaus maksaa?"


def test_answers_quote_the_original_after_a_sync_and_a_build(site: Site, world: Settings, embedder: Embedder) -> None:
    first = build(world, embedder)
    before = cited(asking(world, embedder), COST)[0]
    assert (before["summary"], before["link"], before["fetched_at"]) == (True, f"{site.url}/uimahalli", None)

    synced(world)
    again = build(world, embedder)
    assert again.changed and again.reused >= first.passages and again.embedded > 0
    assert build(world, embedder) == BuildReport(3, again.passages, 0, again.passages, changed=False)

    client = asking(world, embedder)
    own = cited(client, COST)[0]
    known = read_originals(world.index, read_corpus(world.corpus).documents)
    assert (own["document"], own["summary"], own["quote"]) == ("uimahalli", False, SAID)
    assert own["quote"] in known["uimahalli"].text
    assert own["fetched_at"] == known["uimahalli"].text_fetched_at
    address, _, directive = own["link"].partition("#:~:text=")
    assert (address, unquote(directive)) == (f"{site.url}/uimahalli", SAID)
    assert {c["quote"] for c in cited(client, COST)} & set(re.findall(r"[^.]+euroa\.", CORPUS["uimahalli"])) == set()

    turn = client.post("/api/chat", json={"question": COST}).json
    assert not any("uudistuu" in said or "Uutta" in said for said in turn["suggestions"]), "the page's own headings"

    # what only the original tells is found too, and a list is given by its ends
    listed = cited(client, "Mitä uusia altaita ja saunoja uimahalliin tulee?")[0]
    assert (listed["summary"], listed["quote"]) == (
        False,
        "Halliin tulevat uusina:\n\n- kylmäallas\n- höyrysauna\n- kahvila",
    )
    assert listed["link"].endswith("#:~:text=Halliin%20tulevat%20uusina%3A,kahvila")

    # a PDF is quoted as well; a page that became something else is not
    assert "61 miljoonaa" in cited(client, "Paljonko kaupungilla oli lainaa vuoden 2023 lopussa?")[0]["quote"]
    assert all(c["summary"] for c in cited(client, "Kuka on Heinolan lukion rehtori?"))
    documents = {document.id: document for document in read_corpus(world.corpus).documents}
    assert [strays(documents[id], known[id]) for id in sorted(known)] == [True, False, False]
    assert [is_quoted(documents[id], known[id]) for id in sorted(known)] == [False, True, True]


def test_pages_show_the_summary_and_of_the_original_what_was_quoted(
    site: Site, world: Settings, embedder: Embedder
) -> None:
    synced(world)
    build(world, embedder)
    client = asking(world, embedder)
    turn = client.post("/api/chat", json={"question": COST}).json
    own = turn["citations"][0]

    plain = client.get("/lahde/uimahalli").text
    assert "Heinolan uimahallin peruskorjaus maksaa" in plain
    assert "Veikko" not in plain and SAID not in plain
    address = {"kohta": own["passage"], "lainaus": own["quote"]}
    shown = client.get("/lahde/uimahalli", query_string=address).text
    assert SAID in shown and "Heinolan uimahallin peruskorjaus maksaa" in shown
    assert re.search(r"kun se haettiin \d+\.\d+\.\d{4}", shown)
    assert "kahvila" not in shown, "another passage of the page, which nobody quoted"
    assert "Veikko" not in client.get("/lahde/uimahalli", query_string={"kohta": "uimahalli#3", "lainaus": "a"}).text
    assert 'id="kohta"' in client.get("/lahde/uimahalli?kohta=uimahalli%231").text

    for language in ("fi", "sv", "en"):
        for path in ("/lahde/uimahalli", f"/keskustelu/{turn['conversation']}", "/tietoa"):
            assert faults(client.get(path, query_string=address | {"kieli": language}).text) == [], path
    assert "käytetään 2/3 lähteessä" in client.get("/tietoa").text
    page = client.get(f"/keskustelu/{turn['conversation']}").text
    card = page[page.index('<details class="citation"') : page.index("</details>")]
    assert "Alkuperäinen sivu, haettu" in card and "iivistelmä" not in card
    told = {citation["summary"] for citation in turn["citations"]}
    whose = "Lainaukset ovat alkuperäisten sivujen omia sanoja." if told == {False} else "Osa lainauksista on"
    assert whose in page
    saved = client.post("/tallenna", data={"conversation": turn["conversation"], "turn": turn["turn"]}).text
    source = saved[saved.index("[1] Heinolan uimahalli") :]
    assert "Alkuperäinen sivu, haettu" in source and own["link"] in source
    assert f"Lainaus alkuperäisestä sivusta: {SAID}" in source and whose in saved
    told = client.get("/api/documents/uimahalli").json
    assert told["text"] == CORPUS["uimahalli"].strip()
    assert "Veikko" not in json.dumps(told, ensure_ascii=False)
    assert told["original_fetched"] == own["fetched_at"]
    assert f"{told['original_hash']}" in source and told["hash"] not in source
    assert client.get("/api/documents/lukio").json["original_fetched"] is None


def test_a_page_that_breaks_goes_on_serving_and_one_that_strays_does_not(
    site: Site, world: Settings, embedder: Embedder
) -> None:
    synced(world)
    build(world, embedder)
    fetched = cited(asking(world, embedder), COST)[0]["fetched_at"]
    swimming = site.pages.pop("/uimahalli")
    synced(world)
    build(world, embedder)
    still = cited(asking(world, embedder), COST)[0]
    assert (still["quote"], still["fetched_at"]) == (SAID, fetched)
    told = run(world, "check").stdout
    assert "- uimahalli: ei toimi" in told
    assert "- lukio: sivu kertoo muuta kuin lähteemme, joten vain tiivistelmä on käytössä" in told
    assert "Sivujen omaa tekstiä lainataan 2 lähteestä." in told

    client = asking(world, embedder)
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/yllapito/kirjaudu").text)
    assert token
    client.post("/yllapito/kirjaudu", data={"csrf_token": token[1], "password": world.admin_password})
    page = client.get("/yllapito/lahteet").text
    assert faults(page) == []
    assert "Kertoo muuta kuin lähde, vain tiivistelmä käytössä" in page
    assert "Sivut, jotka kertovat muuta kuin lähde" in page
    assert "<dt>Lainataan</dt><dd>2</dd>" in page
    assert "assistant build" not in page, "the index is up to date"

    site.pages["/uimahalli"] = ("text/html", SCHOOL.encode())
    synced(world)
    assert "assistant build" in client.get("/yllapito/lahteet").text
    assert run(world, "check").exit_code == 1, "the index holds a page that is no longer quoted"
    build(world, embedder)
    assert cited(asking(world, embedder), COST)[0]["summary"]
    site.pages["/uimahalli"] = swimming
    synced(world)
    build(world, embedder)
    assert cited(asking(world, embedder), COST)[0]["quote"] == SAID


def test_passages_and_sentences_never_cross_from_the_summary_to_the_original(world: Settings) -> None:
    synced(world)
    document = next(d for d in with_originals(read_corpus(world.corpus), world.index).documents if d.id == "uimahalli")
    assert document.original_start is not None
    assert document.summary_text == CORPUS["uimahalli"].strip()
    assert document.text[document.original_start :] == document.original_text
    for limit in (5, 60, 10_000):
        made = list(passages(document, lambda text: len(text.split()), limit))
        for piece in [*made, *(s for p in made for s in p.sentences)]:
            assert document.text[piece.start : piece.start + len(piece.text)] == piece.text
            assert document.in_original(piece.start) or piece.start + len(piece.text) < document.original_start
        assert [p.id for p in made] == [f"uimahalli#{number}" for number in range(1, len(made) + 1)]


def test_the_command_says_what_to_do_next(world: Settings) -> None:
    said = run(world, "sync")
    assert said.exit_code == 0, said.output
    assert said.stdout.rstrip().endswith("Vie haetut tekstit vastauksiin komennolla `assistant build`.")


def test_a_killed_sync_leaves_what_served(site: Site, world: Settings, embedder: Embedder) -> None:
    synced(world)
    build(world, embedder)
    folder, kept = current_folder(world.index), (world.index / "originals.json").read_bytes()
    site.slow = 0.6
    environment = os.environ | {"ASSISTANT_CORPUS": str(world.corpus), "ASSISTANT_INDEX": str(world.index)}
    process = subprocess.Popen([sys.executable, "-m", "assistant", "sync"], env=environment)
    time.sleep(2.0)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert (current_folder(world.index), (world.index / "originals.json").read_bytes()) == (folder, kept)
    assert cited(asking(world, embedder), COST)[0]["quote"] == SAID


def test_an_index_without_originals_opens_as_before(world: Settings, embedder: Embedder) -> None:
    build(world, embedder)
    documents: list[Document] = Index.open_current(world.index).documents()
    assert {(d.original_start, d.original_fetched, d.original_text) for d in documents} == {(None, None, "")}
