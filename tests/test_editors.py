"""The editors' pages: closed without a password, safe with one, and telling what was asked in vain."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from small import CITATION, DOCUMENT, NEAREST, Small, write_corpus

from assistant.app import create_app
from assistant.conversations import Conversations
from assistant.domain import Answer, Status, Turn
from assistant.settings import Settings

PASSWORD = "sininen silta"
PAGES = ("/yllapito", "/yllapito/palaute", "/yllapito/viikot", "/yllapito/lahteet")
FILES = [
    f"/yllapito/vienti/{what}.{kind}"
    for what in ("kysymykset", "palaute", "viestit", "viikot")
    for kind in ("csv", "json")
]

QUESTIONS = (
    ("Montako siltaa Heinolassa on?", Status.NOT_FOUND),
    ("Kuinka monta siltaa on Heinolassa?", Status.NOT_FOUND),
    ('=HYPERLINK("https://paha.example") <script>alert(1)</script>', Status.ANSWERED_PARTLY),
    ("Mitkä ovat arvot?", Status.ANSWERED),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_corpus(tmp_path / "corpus")
    return tmp_path


@pytest.fixture
def settings(folder: Path) -> Settings:
    return Settings(corpus=folder / "corpus", data=folder / "conversations.db", admin_password=PASSWORD)


@pytest.fixture
def small(settings: Settings) -> Small:
    return Small(settings)


@pytest.fixture
def client(small: Small, settings: Settings) -> FlaskClient:
    return create_app(small, settings).test_client()  # type: ignore[arg-type]  # a small stand-in for the assistant


def token(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    return found[1]


@pytest.fixture
def sign_in(client: FlaskClient) -> Callable[..., Any]:
    def do(password: str = PASSWORD) -> Any:
        form = {"csrf_token": token(client.get("/yllapito/kirjaudu").text), "password": password}
        return client.post("/yllapito/kirjaudu", data=form)

    return do


@pytest.fixture
def asked(small: Small) -> Small:
    """Four questions and two feedbacks, with personal data that got past the first masking."""
    id = small.conversations.start()
    for number, (question, status) in enumerate(QUESTIONS):
        cited = (CITATION,) if status in (Status.ANSWERED, Status.ANSWERED_PARTLY) else ()
        near = (NEAREST,) if status is Status.NOT_FOUND else ()
        answer = Answer(status, "Vastaus. [1]", cited, near, missing=("siltojen ikä",) if cited else ())
        now = datetime.now(UTC).isoformat(timespec="seconds")
        small.conversations.add(Turn(f"t{number}", id, question, question, answer, now))
    small.conversations.feedback("t3", False, "wrong", "@Väärin")
    small.conversations.feedback("t0", True)
    with small.conversations._writing() as db:
        db.table("turns").update(1, {"question": "Montako siltaa Heinolassa on? T. 131052-308T"})
    return small


def test_nothing_is_there_without_a_password(small: Small, settings: Settings) -> None:
    client = create_app(small, replace(settings, admin_password="")).test_client()  # type: ignore[arg-type]  # a small stand-in for the assistant
    for path in (*PAGES, *FILES, "/yllapito/kirjaudu"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert "Set-Cookie" not in answer.headers
    assert client.post("/yllapito/kirjaudu", data={"password": ""}).status_code == 404


def test_every_page_asks_to_sign_in_first(client: FlaskClient) -> None:
    for path in (*PAGES, *FILES):
        answer = client.get(path)
        assert (answer.status_code, answer.location) == (303, "/yllapito/kirjaudu")


def test_sign_in_and_out(client: FlaskClient, sign_in: Callable[..., Any]) -> None:
    answer = sign_in()
    assert (answer.status_code, answer.location) == (303, "/yllapito")
    page = client.get("/yllapito")
    assert page.status_code == 200
    assert client.post("/yllapito/ulos", data={"csrf_token": token(page.text)}).status_code == 303
    assert client.get("/yllapito").status_code == 303


def test_the_cookie_is_for_these_pages_only(client: FlaskClient, sign_in: Callable[..., Any]) -> None:
    cookie = sign_in().headers["Set-Cookie"]
    assert cookie.startswith("yllapito=")
    for part in ("HttpOnly", "SameSite=Strict", "Path=/yllapito"):
        assert part in cookie
    assert "Expires" not in cookie
    assert "Secure" not in cookie, "the development address is not https"
    assert "Set-Cookie" not in client.get("/").headers


def test_the_cookie_is_secure_where_the_service_is_https(small: Small, settings: Settings) -> None:
    app = create_app(small, replace(settings, public_url="https://kysy.example.fi"))  # type: ignore[arg-type]  # a small stand-in for the assistant
    assert "; Secure" in app.test_client().get("/yllapito/kirjaudu").headers["Set-Cookie"]


def test_a_wrong_password_is_told_and_counted(client: FlaskClient, sign_in: Callable[..., Any]) -> None:
    for _ in range(10):
        answer = sign_in("väärä")
        assert answer.status_code == 422
        assert "Salasana on väärä" in answer.text
        assert 'aria-invalid="true"' in answer.text
    answer = sign_in()
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "300")
    assert client.get("/yllapito").status_code == 303


def test_forms_need_their_token(client: FlaskClient, sign_in: Callable[..., Any]) -> None:
    assert client.post("/yllapito/kirjaudu", data={"password": PASSWORD}).status_code == 400
    sign_in()
    assert client.post("/yllapito/ulos").status_code == 400
    assert client.get("/yllapito").status_code == 200


def test_a_session_ends(client: FlaskClient, sign_in: Callable[..., Any]) -> None:
    sign_in()
    with client.session_transaction(base_url="http://localhost/yllapito") as session:
        session["since"] -= 9 * 3600
    assert client.get("/yllapito").status_code == 303


def test_a_changed_password_ends_sessions(small: Small, settings: Settings) -> None:
    settings = replace(settings, secret="same at each start")
    first = create_app(small, settings).test_client()  # type: ignore[arg-type]  # a small stand-in for the assistant
    first.post(
        "/yllapito/kirjaudu",
        data={"csrf_token": token(first.get("/yllapito/kirjaudu").text), "password": PASSWORD},
    )
    cookie = first.get_cookie("yllapito", path="/yllapito")
    assert cookie
    for password, status in ((PASSWORD, 200), ("uusi", 303)):
        later = create_app(small, replace(settings, admin_password=password)).test_client()  # type: ignore[arg-type]  # a small stand-in for the assistant
        later.set_cookie("yllapito", cookie.value, path="/yllapito")
        assert later.get("/yllapito").status_code == status


@pytest.mark.usefixtures("asked")
def test_unanswered_questions_are_grouped_with_the_source_to_write_in(
    client: FlaskClient, sign_in: Callable[..., Any]
) -> None:
    sign_in()
    page = client.get("/yllapito").text
    assert "Kysymyksiä 3, ryhmiä 2." in page
    assert "Kysymyksiä: 2" in page
    assert "silta, heinola" in page
    assert page.index("Kuinka monta siltaa") < page.index("HYPERLINK"), "the larger group first"
    assert 'href="/lahde/talous?kohta=talous%231#kohta"' in page
    assert "siltojen ikä" in page
    assert "Mitkä ovat arvot?" not in page


@pytest.mark.usefixtures("asked")
def test_everything_is_masked_and_escaped(client: FlaskClient, sign_in: Callable[..., Any]) -> None:
    sign_in()
    for path in (*PAGES, *FILES):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "131052-308T" not in answer.text
        assert path in FILES or "<script>alert" not in answer.text
    assert "T. [henkilötunnus]" in client.get("/yllapito").text


@pytest.mark.usefixtures("asked")
def test_feedback_is_shown_with_its_answer(client: FlaskClient, sign_in: Callable[..., Any]) -> None:
    sign_in()
    page = client.get("/yllapito/palaute").text
    for words in ("Vastaus ei auttanut", "Vastaus on väärä", "@Väärin", "Mitkä ovat arvot?", "Heinolan arvot"):
        assert words in page


@pytest.mark.usefixtures("asked")
def test_weeks_are_shown_as_a_picture_and_a_table(client: FlaskClient, sign_in: Callable[..., Any]) -> None:
    sign_in()
    page = client.get("/yllapito/viikot").text
    assert page.count("<rect") == 3 + 4, "three outcomes in one week, and four keys of the legend"
    assert page.count('<th scope="row">') == 12
    assert re.search(
        r'<td class="count">4</td><td class="count">1</td><td class="count">1</td><td class="count">2</td>', page
    )
    assert re.search(r"Heinolan arvot</a></td><td class=\"count\">2</td>", page)


def test_the_state_of_the_sources(client: FlaskClient, sign_in: Callable[..., Any], folder: Path) -> None:
    sign_in()
    page = client.get("/yllapito/lahteet").text
    assert "Hakemisto vastaa lähdetiedostoja." in page
    assert "Lähdetiedostoissa ei ole virheitä." in page
    (folder / "corpus" / "talous.md").unlink()
    (folder / "corpus" / "uusi.md").write_text(DOCUMENT.format(id="uusi"))
    (folder / "corpus" / "arvot.md").write_text(DOCUMENT.format(id="arvot") + "\nLisää.\n")
    (folder / "corpus" / "rikki.md").write_text("ei mitään")
    page = client.get("/yllapito/lahteet").text
    for name, id in (("Lisätty", "uusi"), ("Muutettu", "arvot"), ("Poistettu", "talous")):
        assert f"<dt>{name}</dt><dd><code>{id}</code></dd>" in page
    assert "There is no front matter." in page
    for file in (folder / "corpus").iterdir():
        file.unlink()
    assert "No documents in" in client.get("/yllapito/lahteet").text


@pytest.mark.usefixtures("asked")
def test_files_hold_the_rows_and_no_formulas(client: FlaskClient, sign_in: Callable[..., Any]) -> None:
    sign_in()
    answer = client.get("/yllapito/vienti/kysymykset.csv")
    assert answer.mimetype == "text/csv"
    assert re.fullmatch(r"attachment; filename=kysymykset-\d{4}-\d\d-\d\d\.csv", answer.headers["Content-Disposition"])
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))
    assert [row["group"] for row in rows] == ["1", "1", "2"]
    assert rows[2]["question"].startswith("'=HYPERLINK(")
    assert rows[0]["source"] == "talous"
    said = list(
        csv.DictReader(io.StringIO(client.get("/yllapito/vienti/palaute.csv").data.decode("utf-8-sig")), delimiter=";")
    )
    assert {row["comment"] for row in said} == {"'@Väärin", ""}
    listed = json.loads(client.get("/yllapito/vienti/kysymykset.json").text)
    assert listed[2]["question"] == QUESTIONS[2][0], "JSON runs nothing and is left as it was written"
    weeks = json.loads(client.get("/yllapito/vienti/viikot.json").text)
    assert (weeks[0]["asked"], weeks[0]["not_found"]) == (4, 2)
    for path in ("/yllapito/vienti/muu.csv", "/yllapito/vienti/palaute.xls"):
        assert client.get(path).status_code == 404


def test_pages_with_nothing_to_show(client: FlaskClient, sign_in: Callable[..., Any]) -> None:
    sign_in()
    for path in (*PAGES, *FILES):
        assert client.get(path).status_code == 200
    assert "Kaikkiin kysymyksiin on löytynyt vastaus." in client.get("/yllapito").text


@pytest.mark.usefixtures("asked")
def test_the_pages_speak_swedish_and_english(client: FlaskClient, sign_in: Callable[..., Any]) -> None:
    sign_in()
    for language, words in (("sv", "Obesvarade"), ("en", "Unanswered")):
        page = client.get(f"/yllapito?kieli={language}").text
        assert f'<html lang="{language}"' in page
        assert f">{words}</h1>" in page
        assert f'/yllapito/palaute?kieli={language}"' in page


def test_conversations_that_cannot_be_read_are_told(
    client: FlaskClient, sign_in: Callable[..., Any], small: Small
) -> None:
    sign_in()
    small.conversations = Conversations(Path("/dev/null/conversations.db"), 30)
    answer = client.get("/yllapito")
    assert answer.status_code == 503
    assert "conversations.db" in answer.text
