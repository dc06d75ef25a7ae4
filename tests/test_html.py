"""Every page is valid HTML: what a strict parser and the content model can tell without a browser."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from justhtml import JustHTML
from small import Small, fill, write_corpus

from assistant.app import create_app
from assistant.messages import LANGUAGES
from assistant.settings import Settings

pytestmark = pytest.mark.slow

VALUES = "Mitkä ovat kaupungin arvot?"
UNKNOWN = "Montako pingviiniä Heinolan lintutarhassa asuu?"
PASSWORD = "sininen silta"

PLAIN = (
    "/",
    "/?kysymys=Mik%C3%A4%3F&rooli=valtuutettu",
    "/?poistettu=1",
    "/upotus",
    "/esittely",
    "/arvot",
    "/arvot?haku=pingviini&aika=before",
    "/sanasto",
    "/palautelomake",
    "/palautelomake?kiitos=1&aihe=tieto",
    "/sanasto/osbu",
    "/aikajana?jarjestys=vanhin",
    "/perehdytys",
    "/perehdytys?askel=arvot&vastaus=1",
    "/tietoa",
    "/lahde/strategiaseminaari-2022?lainaus=innovatiivisuus",
    "/keskustelu/nobody-knows-this",
    "/nothing",
)
EDITORS = ("/kirjaudu", "", "/palaute", "/viikot", "/lahteet")

HEADINGS = {f"h{level}" for level in range(1, 7)}
BLOCKS = HEADINGS | set(
    "address article aside blockquote details div dl fieldset figure footer form header hr main nav ol p pre section "
    "table ul".split()
)
ONLY_PHRASING = HEADINGS | set("p span button label q em strong code mark dt th legend summary pre progress".split())
ALLOWED_INSIDE = {"summary": HEADINGS, "legend": HEADINGS, "th": BLOCKS - HEADINGS, "dt": BLOCKS - HEADINGS}
CHILDREN = {
    "ul": {"li"},
    "ol": {"li"},
    "dl": {"dt", "dd", "div"},
    "select": {"option", "optgroup"},
    "table": {"caption", "thead", "tbody", "tfoot"},
    "tr": {"th", "td"},
}
INTERACTIVE = {"a", "button", "input", "select", "textarea", "label", "details", "iframe"}
LABELABLE = {"button", "input", "meter", "output", "progress", "select", "textarea"}
REFERENCES = ("aria-labelledby", "aria-describedby", "aria-controls", "aria-details", "aria-owns", "headers")


def elements(node: Any) -> Iterator[Any]:
    """All elements of a tree, in order."""
    for child in node.children or []:
        if not child.name.startswith(("#", "!")):
            yield child
            yield from elements(child)


def faults(html: str) -> list[str]:
    """What is wrong with a page."""
    page = JustHTML(html, sanitize=False, collect_errors=True, track_node_locations=True)
    every = list(elements(page.root))
    ids = Counter(node.attrs["id"] for node in every if "id" in node.attrs)
    named = {node.attrs["id"]: node.name for node in every if "id" in node.attrs}
    found = [str(error) for error in page.errors]
    found += [f"the id {id!r} stands {count} times" for id, count in ids.items() if count > 1]
    found += [f"the id {id!r} is no name" for id in ids if not id or re.search(r"\s", id)]
    for name in ("title", "main", "h1"):
        if (count := sum(node.name == name and node.namespace == "html" for node in every)) != 1:
            found.append(f"there are {count} <{name}>")
    for node in every:
        where = f"<{node.name}> on line {node.origin_line}"
        inside = {other.name for other in elements(node)}
        if node.name in ONLY_PHRASING:
            found += [f"{where} holds <{name}>" for name in inside & BLOCKS - ALLOWED_INSIDE.get(node.name, set())]
        if node.name in CHILDREN:
            own = {child.name for child in node.children if not child.name.startswith(("#", "!"))}
            found += [f"{where} holds <{name}>" for name in own - CHILDREN[node.name]]
        if node.name in ("a", "button"):
            found += [f"{where} holds <{name}>" for name in inside & INTERACTIVE]
        if node.name == "label" and named.get(node.attrs.get("for", ""), "input") not in LABELABLE:
            found.append(f"{where} is of nothing that can have a label")
        if node.name == "label" and "for" not in node.attrs and not inside & LABELABLE:
            found.append(f"{where} is of nothing")
        if node.name == "label" and "for" in node.attrs and node.attrs["for"] not in named:
            found.append(f"{where} is of {node.attrs['for']!r}, which is not there")
        for attribute in REFERENCES:
            found += [f"{where}: {attribute} {id!r}" for id in node.attrs.get(attribute, "").split() if id not in named]
        link = node.attrs.get("href", "")
        if link.startswith("#") and link[1:] not in named:
            found.append(f"{where} leads to {link!r}")
    return found


def test_the_check_finds_what_it_should() -> None:
    frame = "<!doctype html><html lang=fi><head><title>x</title></head><body><main><h1>x</h1>{}</main></body></html>"
    assert faults(frame.format("<p>Hyvä <a href='/'>linkki</a></p>")) == []
    for wrong in (
        "<p>a<div>b</div></p>",
        "<span id=a></span><span id=a></span>",
        "<span><div>a</div></span>",
        "<ul><p>a</p></ul>",
        "<a href='/'><button>a</button></a>",
        "<label for=a>a</label>",
        "<label>a</label>",
        "<section aria-labelledby=a></section>",
        "<a href='#a'>a</a>",
        "<h1>toinen</h1>",
        "<p>a < b & c</p></b>",
    ):
        assert faults(frame.format(wrong)), wrong


@pytest.mark.parametrize("path", PLAIN)
def test_every_page_is_valid(client: FlaskClient, path: str) -> None:
    assert faults(client.get(path).text) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_of_the_chat_is_valid(client: FlaskClient, language: str) -> None:
    def post(path: str, **form: str) -> str:
        page = client.post(f"{path}?kieli={language}", data=form, follow_redirects=True).text
        assert faults(page) == []
        return page

    page = post("/", question=VALUES)
    conversation = re.findall(r'name="conversation" value="([^"]+)"', page)[0]
    for question in (
        UNKNOWN,
        "Hei",
        "Kirjoita runo kissasta",
        "Milloin strategia hyväksyttiin?",
        "Entä edellinen?",
        "",
    ):
        page = post("/", question=question, conversation=conversation)
    (turn, *_) = re.findall(r'id="vuoro-([^"]+)"', page)
    post("/palaute", turn=turn, conversation=conversation)
    post("/palaute", turn=turn, conversation=conversation, helped="no", comment="a" * 2000)
    post("/palaute", turn=turn, conversation=conversation, helped="no", reason="unclear", comment="<b>Selkeämmin</b>")
    post("/poista", conversation=conversation)


def test_the_page_of_a_closed_service_is_valid(app_with: Callable[..., FlaskClient]) -> None:
    assert faults(app_with(closed="Huollossa <hetken>.").get("/").text) == []


@pytest.mark.parametrize("full", [False, True], ids=["empty", "full"])
def test_every_page_of_the_editors_is_valid(tmp_path: Path, full: bool) -> None:
    write_corpus(tmp_path / "corpus")
    settings = Settings(corpus=tmp_path / "corpus", index=tmp_path, data=tmp_path / "data.db", admin_password=PASSWORD)
    small = Small(settings)
    if full:
        fill(small)
        (tmp_path / "corpus" / "rikki.md").write_text("ei mitään")
    client = create_app(small, settings).test_client()  # type: ignore[arg-type]  # a small stand-in for the assistant
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/yllapito/kirjaudu").text)
    assert token
    wrong = client.post("/yllapito/kirjaudu", data={"csrf_token": token[1], "password": "väärä"})
    assert faults(wrong.text) == []
    client.post("/yllapito/kirjaudu", data={"csrf_token": token[1], "password": PASSWORD})
    for path in EDITORS:
        page = client.get(f"/yllapito{path}")
        assert page.status_code == 200
        assert faults(page.text) == [], path
