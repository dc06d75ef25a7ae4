"""The JSON interface to the letter, the pages without JavaScript, and the guards around both."""

from __future__ import annotations

import json
import re
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import waitress
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from werkzeug.test import TestResponse

from assistant import server
from assistant.app import create_app
from assistant.assistant import Assistant
from assistant.build import build
from assistant.chat import file_name
from assistant.conversations import Conversations
from assistant.domain import Answer, Citation, Status, Turn
from assistant.marking import day
from assistant.messages import LANGUAGES, texts
from assistant.settings import Settings

pytestmark = pytest.mark.slow

VALUES = "Mitkä ovat kaupungin arvot?"
UNKNOWN = "Montako pingviiniä Heinolan lintutarhassa asuu?"


def ask(client: FlaskClient, question: str, **more: Any) -> TestResponse:
    return client.post("/api/chat", json={"question": question, **more})


def problem(response: TestResponse) -> dict[str, Any]:
    assert response.mimetype == "application/problem+json"
    body: dict[str, Any] = response.json
    assert body["status"] == response.status_code
    return body


def matches(client: FlaskClient, schema: str, body: Any) -> None:
    components = client.get("/api/openapi.json").json["components"]
    Draft202012Validator({"$ref": f"#/components/schemas/{schema}", "components": components}).validate(body)


# The JSON interface


def test_an_answer_cites_verbatim_pieces_of_its_documents(client: FlaskClient) -> None:
    body = ask(client, VALUES).json
    matches(client, "Turn", body)
    assert body["status"] == "answered"
    assert body["nearest"] == []
    assert body["citations"]
    for citation in body["citations"]:
        document = client.get(f"/api/documents/{citation['document']}").json
        assert citation["quote"] in document["text"]
        assert citation["link"].startswith(document["url"])
        assert f"[{citation['number']}]" in body["answer"]


def test_only_not_found_carries_nearest_passages(client: FlaskClient) -> None:
    body = ask(client, UNKNOWN).json
    matches(client, "Turn", body)
    assert body["status"] == "not_found"
    assert body["citations"] == []
    assert body["nearest"]


def test_a_follow_up_sends_the_conversation_it_got(client: FlaskClient) -> None:
    first = ask(client, "Milloin strategia hyväksyttiin?").json
    second = ask(client, "Entä edellinen?", conversation=first["conversation"]).json
    assert second["conversation"] == first["conversation"]
    assert second["turn"] != first["turn"]
    as_typed = ask(client, "Entä edellinen?", conversation=first["conversation"], as_typed=True).json
    assert as_typed["understood"] == "Entä edellinen?"


def test_an_unknown_conversation_is_not_found(client: FlaskClient) -> None:
    response = ask(client, VALUES, conversation="nobody-knows-this")
    assert response.status_code == 404
    assert "conversation" in problem(response)["detail"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "question"),
        ({"question": None}, "question"),
        ({"question": " \n"}, "question"),
        ({"question": "a" * 10_000}, "question"),
        ({"question": 7}, "question"),
        ({"question": VALUES, "conversation": 7}, "conversation"),
        ({"question": VALUES, "as_typed": "yes"}, "as_typed"),
    ],
)
def test_a_field_that_has_to_be_corrected_is_named(client: FlaskClient, body: dict[str, Any], field: str) -> None:
    response = client.post("/api/chat", json=body)
    assert response.status_code == 422
    assert [error["field"] for error in problem(response)["errors"]] == [field]
    matches(client, "Problem", response.json)


@pytest.mark.parametrize(
    ("data", "content_type", "status"),
    [
        ("{", "application/json", 400),
        ("", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        ("[]", "application/json", 400),
        ("question=arvot", "application/x-www-form-urlencoded", 415),
        ("{}", None, 415),
        ('{"question": "' + "a" * 100_000 + '"}', "application/json", 413),
    ],
)
def test_a_body_that_cannot_be_read_is_a_problem(
    client: FlaskClient, data: str | bytes, content_type: str | None, status: int
) -> None:
    response = client.post("/api/chat", data=data, content_type=content_type)
    assert response.status_code == status
    assert problem(response)["detail"]


def test_unknown_addresses_and_methods_are_problems(client: FlaskClient) -> None:
    assert problem(client.get("/api/nothing"))["status"] == 404
    assert problem(client.get("/api/documents/nothing"))["status"] == 404
    assert problem(client.get("/api/terms/nothing"))["status"] == 404
    response = client.get("/api/chat")
    assert problem(response)["status"] == 405
    assert "POST" in response.headers["Allow"]


def test_search_shows_both_legs_scores(client: FlaskClient) -> None:
    hits = client.get("/api/search", query_string={"q": "kaupungin arvot", "limit": 3}).json["hits"]
    assert len(hits) == 3
    assert [hit["score"] for hit in hits] == sorted((hit["score"] for hit in hits), reverse=True)
    for hit in hits:
        matches(client, "Hit", hit)


@pytest.mark.parametrize("query", [{}, {"q": " "}, {"q": "arvot", "limit": "0"}, {"q": "arvot", "limit": "many"}])
def test_search_names_the_parameter_that_is_wrong(client: FlaskClient, query: dict[str, str]) -> None:
    response = client.get("/api/search", query_string=query)
    assert response.status_code == 422
    assert problem(response)["errors"][0]["field"] == ("limit" if "limit" in query else "q")


def test_documents_and_terms_follow_the_description(client: FlaskClient) -> None:
    documents = client.get("/api/documents").json["documents"]
    assert [document["id"] for document in documents] == sorted(document["id"] for document in documents)
    for document in documents:
        matches(client, "Document", document)
    terms = client.get("/api/terms").json["terms"]
    for term in terms:
        matches(client, "Term", term)
        assert client.get(f"/api/terms/{term['slug']}").json == term


def test_feedback_is_stored_and_checked(client: FlaskClient) -> None:
    turn = ask(client, VALUES).json["turn"]
    given = client.post("/api/feedback", json={"turn": turn, "helped": False, "reason": "incomplete", "comment": "-"})
    assert given.status_code == 204
    for body, field in [
        ({"helped": True}, "turn"),
        ({"turn": turn}, "helped"),
        ({"turn": turn, "helped": True, "reason": "because"}, "reason"),
        ({"turn": turn, "helped": True, "comment": "a" * 1001}, "comment"),
    ]:
        assert problem(client.post("/api/feedback", json=body))["errors"][0]["field"] == field
    assert problem(client.post("/api/feedback", json={"turn": "gone", "helped": True}))["status"] == 404


def test_the_description_is_valid_and_names_every_route(client: FlaskClient, app: Flask) -> None:
    document = client.get("/api/openapi.json").json
    validate(document)
    routes = {
        (re.sub(r"<(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("api.")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert routes == {(path, method) for path, item in document["paths"].items() for method in item}


def test_health_and_metrics(client: FlaskClient) -> None:
    ask(client, VALUES)
    assert client.get("/healthz").json == {"status": "ok"}
    measures = client.get("/metrics").text
    assert 'assistant_questions_total{language="fi",status="answered"}' in measures
    assert re.search(r"assistant_last_indexed_timestamp_seconds 1\.\d+e\+09", measures)
    assert "arvot" not in measures


# Guards


def test_without_an_index_the_app_waits_and_then_serves(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.web.REOPEN_SECONDS", 0.0)
    waiting = replace(settings, index=tmp_path / "index", data=tmp_path / "conversations.db")
    client = create_app(None, waiting).test_client()
    response = client.get("/healthz")
    assert response.status_code == 503
    assert problem(response)["command"] == "assistant build"
    assert problem(ask(client, VALUES))["command"] == "assistant build"
    page = client.get("/")
    assert page.status_code == 503
    assert "assistant build" in page.text
    assert client.get("/metrics").status_code == 200
    build(waiting)
    assert client.get("/healthz").status_code == 200
    assert ask(client, VALUES).json["status"] == "answered"


def test_too_many_questions_are_told_to_wait(app_with: Callable[..., FlaskClient]) -> None:
    client = app_with(rate_limit="2 per minute")
    assert [ask(client, VALUES).status_code for _ in range(3)] == [200, 200, 429]
    response = ask(client, VALUES)
    assert 0 < int(response.headers["Retry-After"]) <= 60
    assert problem(response)["detail"].startswith("Odota ")
    page = client.post("/", data={"question": VALUES})
    assert page.status_code == 429
    assert 'value="Mitkä ovat kaupungin arvot?"' in page.text, "the typed question is kept for another try"
    assert client.post("/", data={"question": "a" * 100_000}).status_code == 429, "one too large to keep is told too"


@pytest.mark.parametrize(
    ("trusted", "statuses"), [(0, [200, 200, 429, 429]), (1, [200, 200, 200, 429]), (2, [200, 200, 429, 429])]
)
def test_the_limit_counts_the_asker_that_trusted_proxies_name(
    app_with: Callable[..., FlaskClient], trusted: int, statuses: list[int]
) -> None:
    """The last address is the one that the nearest proxy saw; what stands before it anybody can write."""
    client = app_with(rate_limit="2 per minute", trusted_proxies=trusted)
    told = ("10.0.0.1, 192.0.2.1", "10.0.0.1, 192.0.2.1", "10.0.0.1, 192.0.2.2", "10.0.0.1, 192.0.2.1")
    answers = [client.post("/api/chat", json={"question": VALUES}, headers={"X-Forwarded-For": a}) for a in told]
    assert [answer.status_code for answer in answers] == statuses


def test_the_server_lets_the_proxys_word_through(serve_for_real: Callable[..., str]) -> None:
    for trusted, last in ((1, 200), (0, 429)):
        address = serve_for_real(rate_limit="1 per minute", trusted_proxies=trusted)
        statuses = []
        for asker in ("192.0.2.1", "192.0.2.2"):
            headers = {"X-Forwarded-For": asker, "Content-Type": "application/json"}
            asking = urllib.request.Request(f"{address}/api/chat", json.dumps({"question": VALUES}).encode(), headers)
            try:
                with urllib.request.urlopen(asking) as answer:
                    statuses.append(answer.status)
            except urllib.error.HTTPError as refused:
                with refused:
                    statuses.append(refused.code)
        assert statuses == [200, last]


@pytest.fixture
def serve_for_real(
    assistant: Assistant, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., str]]:
    """As `assistant serve` does it; the address of a server whose settings differ."""
    made, create = [], waitress.create_server
    monkeypatch.setattr(waitress, "create_server", lambda *a, **k: made.append(create(*a, **k)) or made[-1])
    threads = []

    def start(**changes: Any) -> str:
        listening = server.listen("127.0.0.1", 0)
        arguments = (create_app(assistant, replace(settings, **changes)), listening, 2)
        threads.append(threading.Thread(target=server.serve, args=arguments, daemon=True))
        threads[-1].start()
        return f"http://127.0.0.1:{listening.getsockname()[1]}"

    yield start
    for running in made:
        running.close()
    for thread in threads:
        thread.join(5)


def test_the_kill_switch_shows_its_message_everywhere(app_with: Callable[..., FlaskClient]) -> None:
    client = app_with(closed="Palvelu on huollossa perjantaihin asti.")
    page = client.get("/")
    assert page.status_code == 503
    assert "Palvelu on huollossa perjantaihin asti." in page.text
    assert "Torikatu 8" in page.text
    assert problem(ask(client, VALUES))["detail"] == "Palvelu on huollossa perjantaihin asti."
    assert client.get("/healthz").status_code == 200
    with client.get("/static/style.css") as style:
        assert style.status_code == 200


def test_headers_guard_every_response_and_nobody_is_tracked(client: FlaskClient) -> None:
    for path in ("/", "/nothing", "/lahde/strategiaseminaari-2022", "/api/documents", "/static/chat.js"):
        with client.get(path) as response:
            headers = response.headers
        assert "script-src 'self';" in headers["Content-Security-Policy"]
        assert "unsafe-inline" not in headers["Content-Security-Policy"]
        assert headers["Content-Security-Policy"].endswith("frame-ancestors 'none'")
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert "Set-Cookie" not in headers


def test_other_sites_may_embed_only_when_the_settings_say_so(app_with: Callable[..., FlaskClient]) -> None:
    client = app_with(frame_ancestors="https://www.heinola.fi")
    for path, ancestors in (("/", "'none'"), ("/upotus", "'self' https://www.heinola.fi")):
        assert client.get(path).headers["Content-Security-Policy"].endswith(f"frame-ancestors {ancestors}")


def test_forms_of_other_sites_are_refused(client: FlaskClient) -> None:
    response = client.post("/", data={"question": VALUES}, headers={"Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 403


def test_an_unexpected_fault_is_a_polite_page(
    app_with: Callable[..., FlaskClient], assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_: Any, **__: Any) -> None:
        raise RuntimeError("the disk is on fire")

    monkeypatch.setattr(type(assistant), "ask", break_down)
    client = app_with()
    page = client.post("/", data={"question": VALUES})
    assert page.status_code == 500
    assert "Palvelussa on vika" in page.text
    assert "fire" not in page.text
    assert problem(ask(client, VALUES))["status"] == 500


# Pages


def test_the_first_page_says_what_it_is(client: FlaskClient) -> None:
    page = client.get("/").text
    assert "Tämä on automaattinen palvelu." in page
    assert "101 julkisesta lähteestä" in page
    assert "voi erehtyä" in page
    assert "Älä kirjoita henkilötietoja" in page


def asked(client: FlaskClient, question: str, path: str = "/", conversation: str = "") -> TestResponse:
    """The page that the form of the chat leads on to."""
    form = {"question": question, "conversation": conversation}
    return client.post(path, data=form, follow_redirects=True)


def test_a_conversation_goes_on_without_javascript(client: FlaskClient) -> None:
    first = asked(client, "Milloin strategia hyväksyttiin?").text
    conversation = hidden(first, "conversation")
    second = asked(client, "Entä edellinen?", conversation=conversation).text
    assert second.count('<article class="turn') == 2
    assert "Kysy sellaisenaan" in second
    assert hidden(second, "conversation") == conversation


def test_an_answer_leads_on_to_the_conversations_own_page(client: FlaskClient) -> None:
    answer = client.post("/?kieli=sv", data={"question": VALUES})
    assert answer.status_code == 303
    address, _, anchor = answer.location.partition("#")
    page = client.get(address)
    assert page.status_code == 200
    assert f'<h2 class="question" id="{anchor}"' in page.text
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert '<meta name="robots" content="noindex">' in page.text
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert page.headers["Cache-Control"] == "no-store"
    id = hidden(page.text, "conversation")
    assert re.fullmatch(r"[\w-]{32}", id)
    assert address == f"/keskustelu/{id}?kieli=sv"
    assert f'href="/keskustelu/{id}"' in page.text, "another language keeps the conversation"
    assert client.get("/").headers.get("X-Robots-Tag") is None


def test_a_conversation_that_nobody_has_is_told_on_the_page_of_the_chat(client: FlaskClient) -> None:
    unknown = client.get("/keskustelu/nobody-knows-this")
    assert unknown.status_code == 404
    assert "Tätä keskustelua ei enää ole." in unknown.text
    assert 'id="kysymys"' in unknown.text
    conversation = ask(client, VALUES).json["conversation"]
    assert client.get(f"/keskustelu/{conversation}").status_code == 200
    client.post("/poista", data={"conversation": conversation})
    erased = client.get(f"/keskustelu/{conversation}")
    assert erased.status_code == 410
    assert "Välittäminen" not in erased.text.partition('class="starters')[0]


def test_an_answer_that_cannot_be_stored_is_shown_all_the_same(
    app_with: Callable[..., FlaskClient], assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assistant, "conversations", Conversations(Path("/dev/null/conversations.db"), 30))
    page = app_with().post("/", data={"question": VALUES})
    assert page.status_code == 200
    assert page.text.count('<article class="turn') == 1
    assert "data-address" not in page.text
    assert "Vastausta ei voitu tallettaa" in page.text


def test_a_conversation_that_has_gone_begins_anew_and_says_so(client: FlaskClient) -> None:
    page = asked(client, VALUES, conversation="gone").text
    assert "Tämä on uusi keskustelu." in page
    assert page.count('<article class="turn') == 1
    after = asked(client, VALUES, conversation=hidden(page, "conversation")).text
    assert "Tämä on uusi keskustelu." not in after


@pytest.mark.parametrize(("question", "fault"), [("  ", "Kirjoita ensin kysymys."), ("a" * 3000, "liian pitkä: 3000")])
def test_a_faulty_question_is_told_at_its_field(client: FlaskClient, question: str, fault: str) -> None:
    first = asked(client, VALUES).text
    response = client.post("/", data={"question": question, "conversation": hidden(first, "conversation")})
    assert response.status_code == 422
    assert re.search(f'id="kysymys-virhe">[^<]*{fault}', response.text)
    assert 'aria-invalid="true"' in response.text
    assert "Heinolan kaupungin muutosohjelma" in response.text, "the conversation stays"


def test_everything_typed_is_escaped(client: FlaskClient) -> None:
    evil = '"><script>alert(1)</script>'
    page = asked(client, evil).text
    assert "alert(1)" in page
    assert "<script>alert" not in page
    source = client.get("/lahde/strategiaseminaari-2022", query_string={"kohta": evil, "lainaus": evil}).text
    assert "<script>alert" not in source


def test_erasing_a_conversation_erases_it_on_the_server(client: FlaskClient) -> None:
    conversation = ask(client, VALUES).json["conversation"]
    response = client.post("/poista", data={"conversation": conversation}, follow_redirects=True)
    assert "Keskustelu on poistettu palvelusta." in response.text
    assert client.get(f"/keskustelu/{conversation}").text.count('<article class="turn') == 0
    anew = ask(client, VALUES, conversation=conversation).json
    assert anew["conversation"] != conversation
    assert anew["notice"]
    assert client.post("/poista", data={"conversation": conversation}).status_code == 303


def test_feedback_without_javascript_thanks_in_place(client: FlaskClient) -> None:
    turn = ask(client, VALUES).json
    fields = {"turn": turn["turn"], "conversation": turn["conversation"]}
    missing = client.post("/palaute", data=fields)
    assert missing.status_code == 422
    assert "Valitse kyllä tai en." in missing.text
    given = client.post("/palaute", data={**fields, "helped": "no", "reason": "unclear", "comment": "Selkeämmin"})
    assert given.status_code == 303
    address, _, anchor = given.location.partition("#")
    thanked = client.get(address)
    assert f'id="{anchor}" tabindex="-1">Kiitos palautteesta.' in thanked.text


def test_a_saved_answer_stands_on_its_own(client: FlaskClient) -> None:
    turn = ask(client, VALUES).json
    response = client.post("/tallenna", data={"turn": turn["turn"], "conversation": turn["conversation"]})
    assert response.mimetype == "text/plain"
    assert response.headers["Content-Disposition"].startswith("attachment; filename=vastaus-")
    assert "Tämä on automaattinen vastaus." in response.text
    assert turn["answer"] in response.text
    reading, checking = response.text.split("TARKISTUSTA VARTEN")
    for citation in turn["citations"]:
        document = client.get(f"/api/documents/{citation['document']}").json
        told = (citation["title"], citation["url"], day(citation["date"], "fi"))
        assert all(part in reading for part in told)
        assert f"[{citation['number']}] Lähdetekstin tiiviste: {document['hash']}" in checking
        assert document["hash"] not in reading, "what people do not need for reading stands at the end"
    assert "Tiiviste on lähteen tekstistä laskettu tunnus." in checking
    assert client.post("/tallenna", data={"turn": "x", "conversation": "x"}).status_code == 404


def test_an_answer_says_whose_words_it_quotes_on_the_page_and_when_saved(client: FlaskClient) -> None:
    turn = ask(client, VALUES).json
    saved = client.post("/tallenna", data={"turn": turn["turn"], "conversation": turn["conversation"]}).text
    page = client.get(f"/keskustelu/{turn['conversation']}").text
    for text in (saved, page):
        assert "Ne eivät ole alkuperäisten sivujen omia sanoja." in text
    for citation in turn["citations"]:
        assert f"Lainaus tiivistelmästä: {citation['quote'].splitlines()[0]}" in saved


def test_a_saved_refusal_holds_its_nearest_passages(client: FlaskClient) -> None:
    turn = ask(client, UNKNOWN).json
    saved = client.post("/tallenna", data={"turn": turn["turn"], "conversation": turn["conversation"]}).text
    assert "Ne eivät ole vastaus kysymykseesi." in saved
    for near in turn["nearest"]:
        assert near["title"] in saved
        assert near["url"] in saved
        assert all(line.strip() in saved for line in near["text"].splitlines())


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("Mitkä ovat kaupungin arvot?", "vastaus-mitka-ovat-kaupungin-arvot-2026-11-24-1729.txt"),
        ("../Äiti; filename=x\r\n", "vastaus-aiti-filename-x-2026-11-24-1729.txt"),
        ("яблоко?", "vastaus-2026-11-24-1729.txt"),
        ("sana " * 100, "vastaus-" + "sana-" * 12 + "2026-11-24-1729.txt"),
    ],
)
def test_the_name_of_a_saved_answer_tells_what_was_asked_and_when(app: Flask, question: str, name: str) -> None:
    turn = Turn("t", "c", question, question, Answer(Status.ANSWERED, "Näin."), "2026-11-24T15:29:00+00:00")
    with app.test_request_context("/"):
        assert file_name(turn) == name


def test_the_way_back_is_the_page_that_the_link_was_pressed_on(client: FlaskClient) -> None:
    id = ask(client, VALUES).json["conversation"]
    came = {"Referer": f"http://localhost/keskustelu/{id}?kieli=sv"}
    for path in ("/arvot?kieli=sv", "/lahde/strategiaseminaari-2022?kieli=sv&paluu=viite-x-1"):
        assert f'href="/keskustelu/{id}?kieli=sv' in client.get(path, headers=came).text
        assert "/keskustelu/" not in client.get(path).text, "no address carries a conversation"
    client.post("/poista", data={"conversation": id})
    assert "/keskustelu/" not in client.get("/arvot", headers=came).text
    evil = client.get("/lahde/strategiaseminaari-2022?paluu=%22%3E%3Cscript%3E", headers=came).text
    assert "<script>" not in evil.partition("</head>")[2]


def test_a_missing_page_below_a_page_of_the_menu_leads_there(client: FlaskClient) -> None:
    page = client.get("/sanasto/pingviini?kieli=sv").text
    assert re.search(r'<a class="button" href="/sanasto\?kieli=sv">Gå till sidan Ordlista</a>', page)


@pytest.mark.parametrize("question", ["", "a" * 3000])
def test_the_title_of_a_page_says_that_something_has_to_be_corrected(client: FlaskClient, question: str) -> None:
    assert "<title>Virhe. Kysy" in client.post("/", data={"question": question}).text
    assert "<title>Kysy" in client.get("/").text


def test_the_card_of_a_source_says_that_its_numbers_are_of_sources(client: FlaskClient) -> None:
    page = asked(client, VALUES).text
    assert '<summary><span class="visually-hidden">Lähde 1: </span><span aria-hidden="true">' in page


def test_the_service_point_is_named_in_the_language_of_the_page(
    client: FlaskClient, app_with: Callable[..., FlaskClient]
) -> None:
    names = {"fi": "asiakaspalvelupiste", "sv": "kundservicepunkten", "en": "customer service point"}
    for language, name in names.items():
        assert f"{name}, Torikatu 8, Heinola" in client.get(f"/?kieli={language}").text
    assert (
        ask(client, "How many penguins live in the Heinola bird zoo?")
        .json["answer"]
        .endswith("customer service point, Torikatu 8, Heinola.")
    )
    assert "Stadshuset 1" in app_with(contact="Stadshuset 1").get("/?kieli=sv").text


def test_a_source_marks_the_quoted_words_and_tells_how_it_stands(client: FlaskClient) -> None:
    citation = ask(client, VALUES).json["citations"][0]
    link = re.search(r'href="(/lahde/[^"]+#kohta)"', asked(client, VALUES).text)
    assert link
    page = unescape(client.get(unescape(link.group(1))).text)
    assert re.sub(r"\s+", " ", citation["quote"].replace("- ", "")) in re.sub(
        r"\s+", " ", " ".join(re.findall(r"<mark>(.*?)</mark>", page, re.DOTALL))
    )
    assert 'id="kohta"' in page
    old = client.get("/lahde/strategiaseminaari-2022").text
    assert "Korvattu 16.5.2022" in old
    assert 'href="/lahde/strategia-2030-hyvaksytty"' in old
    assert 'href="/lahde/strategiaseminaari-2022"' in client.get("/lahde/strategia-2030-hyvaksytty").text


SEVERAL_QUOTES = "Mitä kuntalaisaloite tarkoittaa ja kuka sen saa tehdä?"


@pytest.mark.parametrize("question", [VALUES, UNKNOWN, "Mitkä ovat ilmastotiekartan tavoitteet?", SEVERAL_QUOTES])
def test_each_document_has_one_card_and_each_link_a_name_of_its_own(client: FlaskClient, question: str) -> None:
    turn = ask(client, question).json
    page = client.get(f"/keskustelu/{turn['conversation']}").text
    cited = dict.fromkeys(citation["document"] for citation in turn["citations"])
    assert page.count('<details class="citation"') == len(cited)
    for citation in turn["citations"]:
        assert f'<span class="number">{citation["number"]}</span>' in page
        assert f'id="viite-{turn["turn"]}-{citation["number"]}"' in page
    for links in (r'<a href="/lahde/[^>]*>(.*?)</a>', r'<a href="https?://[^>]*rel="external[^>]*>(.*?)</a>'):
        names = [re.sub(r"<[^>]+>", "", name) for name in re.findall(links, page, re.DOTALL)]
        assert names
        assert len(set(names)) == len(names)


def test_two_quotes_of_one_document_stand_on_one_card(client: FlaskClient, assistant: Assistant) -> None:
    quotes = [passage.text for passage in assistant.passages("strategiaseminaari-2022")[:2]]
    document = assistant.document("strategiaseminaari-2022")
    other = assistant.document("strategia-2030-hyvaksytty")
    cited = [(document, quotes[0]), (other, assistant.passages(other.id)[0].text), (document, quotes[1])]
    citations = tuple(
        Citation(number, d.id, d.title, d.url, d.date, d.validity, quote, f"{d.id}#1", d.summary, d.url, d.publisher)
        for number, (d, quote) in enumerate(cited, 1)
    )
    answer = Answer(Status.ANSWERED, "Näin. [1]\n\nJa. [2]\n\nMyös. [3]", citations)
    id = assistant.conversations.start()
    assistant.conversations.add(Turn("kortit", id, "Mitä?", "Mitä?", answer, datetime.now(UTC).isoformat()))
    page = client.get(f"/keskustelu/{id}").text
    numbers = [re.findall(r'"number">(\d)<', summary) for summary in re.findall(r"<summary>.*?</summary>", page)]
    assert [n for n in numbers if n] == [["1", "3"], ["2"]]
    names = re.findall(r">Lue lähteen tekstissä<[^>]*>: (Lähde \d), ", page)
    assert names == ["Lähde 1", "Lähde 3", "Lähde 2"]
    assert page.count(f'<a href="{document.url}" rel="external') == 1, "one original, one link"


def test_a_quote_that_the_source_no_longer_holds_is_told(client: FlaskClient) -> None:
    page = client.get("/lahde/aloitteet-sivu", query_string={"kohta": "aloitteet-sivu#99", "lainaus": "Ei ole."}).text
    assert "ei löydy lähteen nykyisestä tekstistä" in page


def test_the_language_stays_along_and_finnish_parts_say_so(client: FlaskClient) -> None:
    page = asked(client, VALUES, "/?kieli=sv").text
    assert '<html lang="sv">' in page
    assert "Det här är en automatisk tjänst." in page
    assert '<blockquote lang="fi"' in page
    assert re.search(r'href="/lahde/[^"]*kieli=sv', page)
    assert '<html lang="en">' in client.get("/nothing?kieli=en").text
    assert '<html lang="fi">' in client.get("/?kieli=xx").text


@pytest.mark.parametrize("path", ["/nothing", "/lahde/nothing"])
def test_a_missing_page_is_told_in_plain_finnish(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    assert "Sivua ei löydy" in response.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_starter_question_is_answered(client: FlaskClient, language: str) -> None:
    chat = texts(language)["chat"]
    questions = [q for name in ("asukas", "tyontekija", "valtuutettu") for q in chat[f"starters_{name}"]]
    outcomes = {question: ask(client, question).json["status"] for question in questions}
    assert set(outcomes.values()) <= {"answered", "answered_partly"}, outcomes


def hidden(page: str, name: str) -> str:
    found = re.search(f'type="hidden" name="{name}" value="([^"]*)"', page)
    assert found
    return unescape(found.group(1))
