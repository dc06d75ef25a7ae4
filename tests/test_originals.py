"""The sources' own pages: fetched from a small server of our own, told as they were found, and shown to the editors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from small import Small
from website import Quiet, listening

from assistant import originals, webpages
from assistant.app import create_app
from assistant.cli import main
from assistant.corpus import read_corpus
from assistant.domain import Document
from assistant.originals import OriginalsUnreachable, State, read_originals, sync
from assistant.settings import Settings
from assistant.webpages import Page, fetch_page

DOCUMENT = """---
id: {id}
title: Sivu {id}
url: {url}
publisher: Heinolan kaupunki
kind: muu
---
{text}
"""
HTML = "<html><head><title>x</title><script>token={token}</script></head><body><nav>{token}</nav>{body}</body></html>"


class Site(ThreadingHTTPServer):
    """Pages by path: a status, and the words in <main>. A path that is not there is 404."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.pages: dict[str, tuple[int, str]] = {}
        self.asked: list[tuple[str, str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Answering(Quiet):
    def do_GET(self) -> None:
        site = self.server
        assert isinstance(site, Site)
        site.asked.append((self.path, self.headers["User-Agent"]))
        status, words = site.pages.get(self.path, (404, "Ei löydy"))
        self.send_response(status)
        if status == 302:
            self.send_header("Location", words)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(HTML.format(token=len(site.asked), body=f"<main><p>{words}</p></main>").encode())


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr(originals, "PAUSE_SECONDS", 0.0)
    serving = Site()
    with listening(serving):
        yield serving


@pytest.fixture
def folder(site: Site, tmp_path: Path) -> Path:
    """A corpus of three documents; the pages of two are there."""
    (tmp_path / "corpus").mkdir()
    for id in ("arvot", "talous", "vanha"):
        write(tmp_path, id, f"{site.url}/{id}")
    site.pages = {"/arvot": (200, "Arvot ovat"), "/talous": (200, "Velkaa on")}
    return tmp_path


def write(folder: Path, id: str, url: str, text: str = "Teksti on tässä.") -> None:
    (folder / "corpus" / f"{id}.md").write_text(DOCUMENT.format(id=id, url=url, text=text), encoding="utf-8")


def documents(folder: Path) -> tuple[Document, ...]:
    return read_corpus(folder / "corpus").documents


def synced(folder: Path) -> dict[str, tuple[State, int | None, bool]]:
    """State, status and whether the page has changed, of each document, after one more round."""
    known = sync(folder / "index", documents(folder))
    assert known == read_originals(folder / "index", documents(folder))
    return {id: (one.state, one.status, one.changed_since is not None) for id, one in sorted(known.items())}


def test_pages_work_break_and_mend(site: Site, folder: Path) -> None:
    assert read_originals(folder / "index", documents(folder)) == {}
    working = (State.WORKS, 200, False)
    assert synced(folder) == {"arvot": working, "talous": working, "vanha": (State.BROKEN, 404, False)}
    first = read_originals(folder / "index", documents(folder))["vanha"]
    site.pages["/talous"] = (500, "")
    assert synced(folder)["talous"] == (State.BROKEN, 500, False)
    again = read_originals(folder / "index", documents(folder))["vanha"]
    assert again.broken_since == first.broken_since, "broken since the first of the failures"
    site.pages |= {"/talous": (200, "Velkaa on"), "/vanha": (200, "Vanha")}
    assert synced(folder) == {"arvot": working, "talous": working, "vanha": working}
    assert {agent for _, agent in site.asked} == {webpages.AGENT}


def test_a_changed_page_is_told_until_our_text_is_edited(site: Site, folder: Path) -> None:
    synced(folder)
    assert synced(folder)["arvot"] == (State.WORKS, 200, False), "what changes outside <main> does not count"
    site.pages["/arvot"] = (200, "Arvot olivat")
    assert synced(folder)["arvot"] == (State.WORKS, 200, True)
    noticed = read_originals(folder / "index", documents(folder))["arvot"].changed_since
    site.pages["/arvot"] = (503, "")
    assert synced(folder)["arvot"] == (State.BROKEN, 503, True)
    site.pages["/arvot"] = (200, "Arvot ovat olleet")
    synced(folder)
    assert read_originals(folder / "index", documents(folder))["arvot"].changed_since == noticed
    write(folder, "arvot", f"{site.url}/arvot", "Uusi teksti on tässä.")
    assert synced(folder)["arvot"] == (State.WORKS, 200, False)
    site.pages["/arvot"] = (200, "Arvot ovat")
    assert synced(folder)["arvot"] == (State.WORKS, 200, True)


def test_a_page_at_a_new_address_begins_anew(site: Site, folder: Path) -> None:
    synced(folder)
    write(folder, "vanha", f"{site.url}/uusi#osa")
    assert "vanha" not in read_originals(folder / "index", documents(folder))
    site.pages["/uusi"] = (302, "/arvot")
    assert synced(folder)["vanha"] == (State.WORKS, 200, False)


def test_a_page_that_several_documents_name_is_fetched_once(site: Site, folder: Path) -> None:
    write(folder, "toinen", f"{site.url}/arvot")
    assert synced(folder)["toinen"] == (State.WORKS, 200, False)
    assert [path for path, _ in site.asked].count("/arvot") == 1


def test_addresses_that_nobody_answers(site: Site, folder: Path) -> None:
    for url in ("http://127.0.0.1:9/", "http://127.0.0.1:99999/", "http://[/", "http://ä.invalid/ö ö"):
        assert fetch_page(url) == Page(None)
    site.pages["/%C3%B6%20%C3%B6"] = (200, "Ö")
    assert fetch_page(f"{site.url}/ö ö").status == 200


def test_without_a_network_nothing_is_recorded(site: Site, folder: Path) -> None:
    synced(folder)
    before = read_originals(folder / "index", documents(folder))
    with pytest.raises(OriginalsUnreachable):
        sync(folder / "index", documents(folder), fetch=lambda url: Page(None))
    assert read_originals(folder / "index", documents(folder)) == before


def test_what_was_fetched_before_an_interruption_is_kept(site: Site, folder: Path) -> None:
    def stop(done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sync(folder / "index", documents(folder), stop)
    assert sorted(read_originals(folder / "index", documents(folder))) == ["arvot", "talous"]


def test_a_file_of_another_version_is_made_anew(site: Site, folder: Path) -> None:
    synced(folder)
    (folder / "index" / "originals.json").write_text('{"arvot": {"url": 1}}')
    assert read_originals(folder / "index", documents(folder)) == {}
    assert len(synced(folder)) == 3


def run(folder: Path, *arguments: str) -> Result:
    environment = {"ASSISTANT_CORPUS": str(folder / "corpus"), "ASSISTANT_INDEX": str(folder / "index")}
    return CliRunner().invoke(main, list(arguments), env=environment)


def test_the_command_tells_how_the_pages_are(site: Site, folder: Path) -> None:
    result = run(folder, "sync")
    assert result.exit_code == 0, result.output
    assert "Lähteiden sivut: 2 toimii, 1 ei toimi, 0 on muuttunut, 0 tarkistamatta" in result.stdout
    assert re.search(rf"- vanha: ei toimi \d+\.\d+\.\d{{4}} alkaen \(vastaus 404\): {site.url}/vanha", result.stdout)
    site.pages["/arvot"] = (200, "Arvot olivat")
    assert re.search(r"- arvot: sivu on muuttunut, nähty \d", run(folder, "sync").stdout)


def test_the_command_tells_that_there_is_no_network(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(originals, "fetch_page", lambda url: Page(None))
    result = run(folder, "sync")
    assert (result.exit_code, "see that the network works" in result.stderr) == (1, True)
    assert not (folder / "index").exists()


def test_the_editors_see_how_the_pages_are(site: Site, folder: Path) -> None:
    settings = Settings(
        corpus=folder / "corpus", index=folder / "index", data=folder / "data.db", admin_password="sininen silta"
    )
    client = create_app(Small(settings), settings).test_client()  # type: ignore[arg-type]  # a small stand-in for the assistant
    form = client.get("/yllapito/kirjaudu").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', form)
    assert token
    client.post("/yllapito/kirjaudu", data={"csrf_token": token[1], "password": settings.admin_password})

    assert "ei ole vielä tarkistettu" in client.get("/yllapito/lahteet").text
    synced(folder)
    site.pages["/arvot"] = (200, "Arvot olivat")
    synced(folder)
    known = read_originals(folder / "index", documents(folder))
    lost = {id: replace(one, status=None) if id == "vanha" else one for id, one in known.items() if id != "talous"}
    originals._write(folder / "index", lost)
    page = client.get("/yllapito/lahteet").text
    for told in (
        "<dt>Toimii</dt><dd>1</dd>",
        "<dt>Ei toimi</dt><dd>1</dd>",
        "<dt>Ei vielä tarkistettu</dt><dd>1</dd>",
        "<dt>Muuttunut</dt><dd>1</dd>",
        "Palvelin ei vastannut",
    ):
        assert told in page
    assert re.search(r'<a href="[^"]+/vanha"[^>]*>Sivu vanha</a> <span class="badge badge-old">Ei toimi \d', page)
    assert re.search(r"Sivu arvot</a> .*Toimii</span> <span class=\"badge badge-old\">Muuttunut, huomattu \d", page)
