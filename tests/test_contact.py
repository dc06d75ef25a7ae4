"""How people reach somebody: the feedback form, the links that the settings name, and the accessibility statement."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
import sqlite_utils
from flask.testing import FlaskClient
from small import Small, write_corpus
from test_html import faults as html_faults

from assistant.app import create_app
from assistant.conversations import MESSAGE_LIMIT, Conversations, Message, migrations
from assistant.errors import SettingsError
from assistant.settings import Settings, load_settings

UNKNOWN = "Montako pingviiniä Heinolan lintutarhassa asuu?"
WAYS = {
    "contact_email": "neuvonta@example.fi",
    "contact_phone": "+358 3 849-300",
    "contact_url": "https://www.example.fi/yhteys?a=1&b=2",
}
LINKS = ("mailto:neuvonta@example.fi", "tel:+3583849300", "https://www.example.fi/yhteys?a=1&b=2")
SITES = {
    "fi": "https://www.saavutettavuusvaatimukset.fi/",
    "sv": "https://www.tillganglighetskrav.fi/",
    "en": "https://www.webaccessibility.fi/",
}


@pytest.fixture
def small(tmp_path: Path) -> Small:
    write_corpus(tmp_path / "corpus")
    return Small(Settings(corpus=tmp_path / "corpus", data=tmp_path / "data.db", admin_password="sininen silta"))


@pytest.fixture
def form(small: Small) -> FlaskClient:
    return create_app(small, small.settings).test_client()  # type: ignore[arg-type]  # a small stand-in for the assistant


def shown(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def links(html: str) -> list[str]:
    return [unescape(link) for link in re.findall(r'href="([^"]+)"', html)]


# The form


def test_a_message_reaches_the_editors_and_thanks_follow(form: FlaskClient, small: Small) -> None:
    sent = {"topic": "saavutettavuus", "text": "Ruudunlukija ei lue arvoja. T. 131052-308T", "reply": "me@example.fi"}
    answer = form.post("/palautelomake?kieli=sv", data=sent)
    assert (answer.status_code, answer.location) == (303, "/palautelomake?kiitos=1&kieli=sv")
    assert "Set-Cookie" not in answer.headers
    assert "Tack för meddelandet." in form.get(answer.location).text
    (message,) = small.conversations.messages()
    assert message.reply == "me@example.fi", "it was given for the answer"
    assert "131052-308T" not in message.text

    token = re.search(r'name="csrf_token" value="([^"]+)"', form.get("/yllapito/kirjaudu").text)
    assert token
    form.post("/yllapito/kirjaudu", data={"csrf_token": token[1], "password": "sininen silta"})
    page = form.get("/yllapito/palaute").text
    assert "Ruudunlukija ei lue arvoja." in page
    assert 'href="mailto:me@example.fi"' in page
    last = datetime.now(UTC).date() + timedelta(days=14)
    assert f"Vastaa viimeistään {last.day}.{last.month}.{last.year}" in page
    assert "me@example.fi" in form.get("/yllapito/vienti/viestit.csv").text


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({"topic": ""}, ["Valitse, mitä viestisi koskee."]),
        ({"topic": "<b>"}, ["Valitse, mitä viestisi koskee."]),
        ({"text": "  \n "}, ["Kirjoita viesti."]),
        ({"text": "a" * (MESSAGE_LIMIT + 1)}, ["Viesti on liian pitkä: 2001 merkkiä."]),
        ({"reply": "nimi@"}, ["Sähköpostiosoitteessa on virhe."]),
        ({"topic": "", "text": "", "reply": "x"}, ["Valitse, mitä", "Kirjoita viesti.", "Sähköpostiosoitteessa on"]),
    ],
)
def test_what_has_to_be_corrected_is_told_at_its_field(
    form: FlaskClient, small: Small, changes: dict[str, str], faults: list[str]
) -> None:
    typed = {"topic": "tieto", "text": "Hallin <hinta> puuttuu.", "reply": "a@example.fi"} | changes
    answer = form.post("/palautelomake", data=typed)
    assert answer.status_code == 422
    assert "<title>Virhe: Palautelomake" in answer.text
    for fault in faults:
        assert re.search(rf'<p class="error-text" id="(virhe-\w+)">{re.escape(fault)}', answer.text)
    assert html_faults(answer.text) == []
    assert answer.text.count('class="error-text"') == len(faults)
    for id in re.findall(r'id="(virhe-\w+)"', answer.text):
        assert re.search(rf'aria-describedby="{id}[ "]', answer.text)
    assert answer.text.count("autofocus") == 1, "the first field to correct"
    assert "text" in changes or "Hallin &lt;hinta&gt; puuttuu.</textarea>" in answer.text, "what was typed is kept"
    assert small.conversations.messages() == []


def test_messages_of_the_form_count_for_the_rate_limit(small: Small) -> None:
    limited = Settings(corpus=small.settings.corpus, data=small.settings.data, rate_limit="2 per minute")
    client = create_app(small, limited).test_client()  # type: ignore[arg-type]  # a small stand-in for the assistant
    sent = {"topic": "muu", "text": "Hei"}
    assert [client.post("/palautelomake", data=sent).status_code for _ in range(3)] == [303, 303, 429]


def test_messages_go_after_thirty_days_whatever_the_retention(tmp_path: Path) -> None:
    conversations = Conversations(tmp_path / "c.db", retention_days=1)
    conversations.send("tieto", "Vanha", "a@example.fi")
    with conversations._writing() as db:
        db.table("messages").update(1, {"sent_at": f"{datetime.now(UTC) - timedelta(days=29):%Y-%m-%dT%H:%M:%S+00:00}"})
    assert [message.text for message in conversations.messages()] == ["Vanha"]
    conversations.expire(datetime.now(UTC) + timedelta(days=1, minutes=1))
    assert conversations.messages() == []
    assert b"a@example.fi" not in (tmp_path / "c.db").read_bytes()


def test_a_database_from_before_the_form_takes_messages(tmp_path: Path) -> None:
    old = sqlite_utils.Database(tmp_path / "c.db")
    migrations.apply(old, stop_before="m003_messages")
    old.close()
    conversations = Conversations(tmp_path / "c.db", 30)
    conversations.send("muu", "Hei")
    assert [(type(m), m.topic, m.text, m.reply) for m in conversations.messages()] == [(Message, "muu", "Hei", "")]


# The links of the settings


@pytest.mark.parametrize("language", SITES)
def test_a_refusal_an_error_and_the_footer_name_the_ways_that_are_set(
    app_with: Callable[..., FlaskClient], language: str
) -> None:
    client = app_with(**WAYS)
    refusal = client.post(f"/?kieli={language}", data={"question": UNKNOWN}, follow_redirects=True).text
    article = refusal[refusal.index("<article") : refusal.index("</article>")]
    assert set(LINKS) <= set(links(article))
    lost = client.get(f"/nothing?kieli={language}").text
    main, _, footer = lost.partition("</main>")
    assert set(LINKS) <= set(links(main)) & set(links(footer))


def test_nothing_is_invented_where_nothing_is_set(client: FlaskClient) -> None:
    refusal = client.post("/", data={"question": UNKNOWN}, follow_redirects=True).text
    assert [link for link in links(refusal) if link.startswith(("mailto:", "tel:"))] == []
    assert "/palautelomake?aihe=tieto" in links(refusal), "what was missed can be told to the editors"
    checked = re.findall(r'value="(\w+)" checked', client.get("/palautelomake?aihe=tieto").text)
    assert checked == ["tieto"]


def test_an_answer_does_not_send_people_away(client: FlaskClient) -> None:
    answered = client.post("/", data={"question": "Mitkä ovat kaupungin arvot?"}, follow_redirects=True).text
    assert 'class="contacts"' not in answered


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CONTACT_EMAIL", "javascript:alert(1)"),
        ("CONTACT_EMAIL", "neuvonta"),
        ("CONTACT_PHONE", "kysy vaihteesta"),
        ("CONTACT_URL", "javascript:alert(1)"),
        ("CONTACT_URL", "www.example.fi"),
    ],
)
def test_a_setting_that_makes_no_link_stops_the_start(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"ASSISTANT_{name} is {re.escape(repr(value))}, but it has to be"):
        load_settings({f"ASSISTANT_{name}": value})


def test_settings_that_make_links_are_taken() -> None:
    assert load_settings({f"ASSISTANT_{name.upper()}": value for name, value in WAYS.items()}).contact_email


# The accessibility statement


@pytest.mark.parametrize("language", SITES)
def test_the_statement_offers_an_electronic_way_and_the_authority(client: FlaskClient, language: str) -> None:
    page = client.get(f"/tietoa?kieli={language}").text
    statement = page[page.index('<section aria-labelledby="saavutettavuus">') :]
    statement = statement[: statement.index("</section>")]
    found = links(statement)
    (form,) = [link for link in found if link.startswith("/palautelomake")]
    assert SITES[language] in found
    assert "mailto:saavutettavuus@traficom.fi" in found
    assert "029 534 5000" in statement
    answer = client.get(form).text
    assert re.findall(r'value="(\w+)" checked', answer) == ["saavutettavuus"]
    assert f'<html lang="{language}">' in answer


def test_every_page_leads_to_the_statement_and_the_form(client: FlaskClient) -> None:
    for path in ("/", "/arvot", "/nothing", "/lahde/strategiaseminaari-2022"):
        _, _, footer = client.get(path).text.partition("<footer")
        assert {"/palautelomake", "/tietoa#saavutettavuus"} <= set(links(footer))


def test_a_closed_service_offers_no_form_that_would_not_open(app_with: Callable[..., FlaskClient]) -> None:
    client = app_with(closed="Huolto.", contact_email="neuvonta@example.fi")
    page = client.get("/").text
    assert "/palautelomake" not in page
    assert "mailto:neuvonta@example.fi" in page


# The nearest passages of a refusal


def test_nearest_passages_are_folded_to_a_line_each(client: FlaskClient) -> None:
    page = client.post("/", data={"question": UNKNOWN}, follow_redirects=True).text
    nearest = page[page.index('<div class="nearest">') :]
    nearest = nearest[: nearest.index('<div class="turn-foot">')]
    found = re.findall(r'<details class="near">\s*<summary>(.*?)</summary>(.*?)</details>', nearest, re.DOTALL)
    assert found
    assert nearest.count("<details") == len(found) == nearest.count("</details>")
    for summary, body in found:
        assert len(shown(summary)) < 200
        assert "Lue lähteen tekstissä" in body
