"""The pages beside the chat, as the server sends them: complete without a script, cited, in three languages."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from assistant import pages
from assistant.assistant import Assistant
from assistant.messages import LANGUAGES, texts
from assistant.settings import Settings
from assistant.web import quoted_from

PATHS = ("/arvot", "/sanasto", "/sanasto/osbu", "/sanasto/rohkeus", "/aikajana", "/perehdytys", "/tietoa")
EMPTY_TAGS = {"meta", "link", "input", "img", "br", "hr", "path"}


class Nesting(HTMLParser):
    """Raises where a tag is closed that is not open, and keeps the `lang` in force around each text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, str | None]] = []
        self.words: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in EMPTY_TAGS:
            self.open.append((tag, dict(attrs).get("lang")))

    def handle_endtag(self, tag: str) -> None:
        if tag not in EMPTY_TAGS:
            assert self.open.pop()[0] == tag, (tag, self.getpos())

    def handle_data(self, data: str) -> None:
        language = next((lang for _, lang in reversed(self.open) if lang), "")
        self.words.append((data, language))


def read(html: str) -> Nesting:
    parser = Nesting()
    parser.feed(html)
    assert parser.open == []
    return parser


def shown(html: str) -> str:
    """The text of the page in one line."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def visible_items(html: str) -> list[str]:
    """Ids of the items that the filter leaves visible."""
    tags = re.findall(r"<(?:article|li)[^>]*data-item[^>]*>", html)
    return [re.search(r'id="([^"]+)"', tag).group(1) for tag in tags if not tag.endswith(" hidden>")]  # type: ignore[union-attr]  # every such tag has an id


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PATHS)
def test_every_page_stands_in_every_language(client: FlaskClient, path: str, language: str) -> None:
    response = client.get(f"{path}?kieli={language}")
    assert response.status_code == 200
    assert f'<html lang="{language}">' in response.text
    read(response.text)
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize("path", [path for path in PATHS if path != "/tietoa"])
def test_quotes_are_marked_as_finnish_on_an_english_page(client: FlaskClient, assistant: Assistant, path: str) -> None:
    quoted = {" ".join(document.text.split()) for document in assistant.documents()}
    for words, language in read(client.get(f"{path}?kieli=en").text).words:
        text = " ".join(words.split())
        if len(text) > 40 and any(text in whole for whole in quoted):
            assert language == "fi", text


@pytest.mark.parametrize("path", PATHS)
def test_every_link_inside_a_page_points_to_something(client: FlaskClient, path: str) -> None:
    html = client.get(path).text
    ids = set(re.findall(r' id="([^"]+)"', html))
    assert set(re.findall(r'href="#([^"]+)"', html)) <= ids


def test_every_link_to_a_source_opens(client: FlaskClient) -> None:
    links = {unescape(link) for path in PATHS for link in re.findall(r'href="(/lahde/[^"#]+)', client.get(path).text)}
    assert len(links) > 50
    pages = {link.split("?")[0] for link in links}
    assert {link for link in pages if client.get(link).status_code != 200} == set()


# Values


def test_values_in_force_come_first_with_their_source_and_the_plain_statement(client: FlaskClient) -> None:
    text = shown(client.get("/arvot").text)
    assert "Yksikään lähde ei määrittele, mitä arvot tarkoittavat." in text
    assert (
        text.index("Voimassa 16.5.2022 alkaen") < text.index("Arvot ennen 16.5.2022") < text.index("Arvot vuonna 2010")
    )
    assert "Heinolan kaupungin hyväksytyn strategian arvot ovat Välittäminen, Uudistuminen ja Tuloksellisuus" in text


def test_a_value_of_several_times_is_told_once(client: FlaskClient) -> None:
    html = client.get("/arvot").text
    assert html.count('id="tuloksellisuus"') == 1
    assert "Oli arvona jo aiemmin: ennen 16.5.2022, vuonna 2010." in shown(html)


def test_each_place_of_a_value_shows_how_its_source_stands(client: FlaskClient) -> None:
    article = re.search(r'<article[^>]*id="rohkeus".*?</article>', client.get("/arvot").text, re.DOTALL)
    assert article
    text = shown(article.group())
    assert "Kohdat, joissa sana on lähteissä (2)" in text
    assert "Korvattu 16.5.2022" in text
    assert "Päiväämätön" in text


SUMMARISED = "Lainaukset ovat tiivistelmistä, jotka palvelun ylläpito on kirjoittanut."


@pytest.mark.parametrize("path", PATHS)
def test_no_page_calls_a_quote_of_our_summary_a_quote_of_the_source(client: FlaskClient, path: str) -> None:
    text = shown(client.get(path).text)
    assert SUMMARISED in text
    assert re.findall(r"suor\w+ lainau\w+|Näin läht\w+ sanotaan", text) == []
    if path not in ("/aikajana", "/tietoa", "/sanasto/rohkeus"):
        assert "Lainaus tiivistelmästä" in text


def test_pages_over_the_sources_own_texts_say_so(assistant: Assistant) -> None:
    """Where a corpus holds the pages themselves, the quotes are theirs."""
    summary, *_ = assistant.documents()
    own = replace(summary, summary=False)
    assert [quoted_from(documents) for documents in ([summary], [own], [summary, own])] == [
        "summary",
        "original",
        "both",
    ]


# Filters


@pytest.mark.parametrize(
    "address, items",
    [
        ("/arvot?aika=in_force", ["valittaminen", "uudistuminen", "tuloksellisuus"]),
        ("/arvot?haku=ROHK", ["rohkeus"]),
        ("/arvot?haku=courage&kieli=en", ["rohkeus"]),
        ("/sanasto?haku=medborgarbudget", ["osbu"]),
        ("/sanasto?ryhma=ymparisto&haku=hinku", ["hinku"]),
        ("/aikajana?haku=osallisuusohjelman+16.10.2023", ["osallisuusohjelma-hyvaksytty-2023"]),
        ("/aikajana?laji=arvot", ["muutosohjelma-sivu", "valtuustoseminaari-2022-09"]),
        ("/aikajana?laji=arvot&jarjestys=vanhin", ["valtuustoseminaari-2022-09", "muutosohjelma-sivu"]),
        ("/sanasto?haku=pingviini", []),
    ],
)
def test_a_page_is_filtered_by_its_address(client: FlaskClient, address: str, items: list[str]) -> None:
    html = client.get(address).text
    hidden_groups = re.findall(r"<section data-group[^>]* hidden>.*?</section>", html, re.DOTALL)
    for group in hidden_groups:
        html = html.replace(group, "")
    assert visible_items(html) == items
    told = f"{len(items)}" if items else "Haulla ei löytynyt mitään."
    assert told in shown(html)


def found(client: FlaskClient, address: str) -> list[str]:
    html = client.get(address).text
    for group in re.findall(r"<section data-group[^>]* hidden>.*?</section>", html, re.DOTALL):
        html = html.replace(group, "")
    return visible_items(html)


@pytest.mark.parametrize(
    ("path", "form", "items"),
    [
        ("/sanasto", "aloitteen", {"kuntalaisaloite", "valtuustoaloite"}),
        ("/sanasto", "iltakoulussa", {"iltakoulu"}),
        ("/arvot", "rohkeudesta", {"rohkeus"}),
        ("/arvot", "uudistumisen", {"uudistuminen"}),
        ("/aikajana", "osallisuusohjelmalla", {"osallisuusohjelma-hyvaksytty-2023"}),
    ],
)
def test_any_form_of_a_word_finds_it(client: FlaskClient, path: str, form: str, items: set[str]) -> None:
    """The genitive of a word found nothing, though the word was there."""
    assert items <= set(found(client, f"{path}?haku={form}"))


def test_the_forms_that_the_script_asks_for_are_the_servers(client: FlaskClient) -> None:
    assert client.get("/sanamuodot?haku=Aloitteen+iltakoulu").json == [["aloitteen", "aloite"], ["iltakoulu"]]
    assert client.get("/sanamuodot").json == []
    assert len(client.get("/sanamuodot", query_string={"haku": "sana " * 1000}).json) < 50


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("/aikajana?laji=arvot", r"Rajaus: Arvot\. Näkyvissä: 2/\d\d$"),
        (
            "/aikajana?laji=arvot&haku=seminaari&kieli=en",
            r"Narrowed down to: search “seminaari”, Values\. Shown: 1/\d\d$",
        ),
        ("/sanasto?ryhma=ymparisto&haku=hinku", r"Rajaus: haku ”hinku”, Ympäristö ja maankäyttö\. Näkyvissä: 1/\d\d$"),
        ("/arvot?aika=in_force", r"Rajaus: Voimassa\. Näkyvissä: 3/9$"),
    ],
)
def test_a_filtered_page_says_on_paper_what_it_was_narrowed_down_to(
    client: FlaskClient, address: str, told: str
) -> None:
    line = re.search(r'<p class="narrowed" id="rajaus">(.*?)</p>', client.get(address).text)
    assert line
    assert re.match(told, unescape(line[1]))
    assert '<p class="narrowed" id="rajaus" hidden>' in client.get(address.split("?")[0]).text


@pytest.mark.parametrize(("path", "least"), [("/aikajana", 40), ("/arvot", 9), ("/sanasto", 40)])
def test_every_entry_has_a_link_to_itself(client: FlaskClient, path: str, least: int) -> None:
    html = client.get(f"{path}?haku=a&kieli=sv").text
    links = re.findall(r'<a class="self-link no-print" href="([^"#]+)#([^"]+)">', html)
    ids = re.findall(r'<(?:article|li)[^>]* id="([^"]+)" data-item', html)
    assert [id for _, id in links] == ids
    assert len(ids) >= least
    assert {address for address, _ in links} == {f"{path}?kieli=sv"}, "a filter would hide the entry from others"


@pytest.mark.parametrize(
    ("question", "slugs"),
    [
        ("Kuka pitää iltakoulut Savonlinnassa?", ["iltakoulu"]),
        ("Mitä valtuustoaloite maksaa tekijälleen?", ["valtuustoaloite"]),
        ("Montako pingviiniä Heinolan lintutarhassa asuu?", []),
    ],
)
def test_a_refusal_links_to_the_words_of_the_question_in_the_glossary(
    client: FlaskClient, question: str, slugs: list[str]
) -> None:
    page = client.post("/", data={"question": question}, follow_redirects=True).text
    assert "turn-not_found" in page
    article = page[page.index("<article") : page.index("</article>")]
    links = re.findall(r'href="/sanasto/([^"]+)"', article)
    assert links == slugs
    assert [client.get(f"/sanasto/{slug}").status_code for slug in links] == [200] * len(links)


def test_what_was_searched_for_is_escaped(client: FlaskClient) -> None:
    html = client.get("/sanasto?haku=%22%3E%3Cscript%3Ealert(1)%3C/script%3E").text
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html


# Glossary


def test_a_word_is_explained_with_a_quote_or_said_to_be_unexplained(client: FlaskClient) -> None:
    assert "Valtuustoaloite on aloite, jonka Heinolassa tekee valtuutettu." in shown(client.get("/sanasto").text)
    assert "Lähteet käyttävät sanaa, mutta eivät selitä sitä." in shown(client.get("/sanasto/iltakoulu").text)


def test_the_page_of_a_word_shows_every_place(client: FlaskClient, assistant: Assistant) -> None:
    html = client.get("/sanasto/valtuusto").text
    assert html.count("Lue lähteen tekstissä") == len(assistant.term("valtuusto").uses)


def test_an_unknown_word_is_a_404_in_plain_words(client: FlaskClient) -> None:
    response = client.get("/sanasto/pingviini")
    assert response.status_code == 404
    assert "Termiä ei löydy." in response.text


# Timeline


def test_the_timeline_tells_what_replaced_what(client: FlaskClient) -> None:
    item = re.search(r'<li[^>]*id="strategia-2030-hyvaksytty".*?</li>', client.get("/aikajana").text, re.DOTALL)
    assert item
    text = shown(item.group())
    assert text.startswith("16.5.2022 Strategia")
    assert "Korvasi:" in text
    assert "Voimassa" in text


def test_the_timeline_shows_goals_with_their_reports(client: FlaskClient) -> None:
    text = shown(client.get("/aikajana").text)
    assert "Tavoitteet ja niiden seuranta" in text
    assert "Heinolan kaupungin vuoden 2022 tilinpäätös oli 50 000 euroa ylijäämäinen." in text


# The path of new employees


def test_a_question_to_try_stands_in_the_field_of_the_chat(client: FlaskClient) -> None:
    links = re.findall(r'href="(/\?kysymys=[^"]+)#kysymys"', client.get("/perehdytys?kieli=sv").text)
    assert len(links) == 12
    html = client.get(unescape(links[1])).text
    assert ">Mitkä ovat kaupungin arvot?</textarea>" in html
    assert '<html lang="sv">' in html


def verdict(html: str, step: str) -> str:
    """What the page tells at a step of the answer that was chosen."""
    told = re.search(rf'<div id="vastaus-{step}"[^>]*>(.*?)</div>', html, re.DOTALL)
    assert told
    return shown(told[1])


def test_a_check_is_told_right_or_wrong_with_its_proof(client: FlaskClient) -> None:
    options = re.findall(
        r'<label class="option"><input[^>]*value="(\d)"[^>]*> <span lang="fi">([^<]+)', client.get("/perehdytys").text
    )
    place = next(value for value, text in options if text == "16.5.2022")
    right = verdict(client.get(f"/perehdytys?askel=strategia&vastaus={place}").text, "strategia")
    assert "Oikein. Näin lähteen tiivistelmässä sanotaan: Heinolan strategiasta päätti valtuusto" in right
    other = (int(place) + 1) % 3
    wrong = verdict(client.get(f"/perehdytys?askel=strategia&vastaus={other}").text, "strategia")
    assert wrong.startswith("Ei aivan. Oikea vastaus: 16.5.2022 Näin lähteen tiivistelmässä sanotaan:")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("query", ["askel=strategia", "askel=strategia&vastaus=9", "askel=strategia&vastaus=x"])
def test_a_check_without_a_choice_is_told_in_the_language_of_the_page(
    client: FlaskClient, query: str, language: str
) -> None:
    html = client.get(f"/perehdytys?{query}&kieli={language}").text
    assert verdict(html, "strategia") == texts(language)["steps"]["choose"]
    assert 'aria-describedby="vastaus-strategia"' in html
    assert verdict(html, "arvot") == ""
    assert re.search(r"<input[^>]* required", html) is None, "the browser would tell it in a language of its own"


def test_a_check_of_an_unknown_step_is_told_nothing(client: FlaskClient) -> None:
    html = client.get("/perehdytys?askel=x&vastaus=0").text
    assert set(re.findall(r'<div id="vastaus-\w+" role="status" tabindex="-1">(.*?)</div>', html, re.DOTALL)) == {""}


# About


def test_the_about_page_follows_the_settings_and_the_index(
    app_with: Callable[..., FlaskClient], assistant: Assistant
) -> None:
    client = app_with(retention_days=7, contact="neuvonta@example.fi", question_limit=321, rate_limit="3 per minute")
    text = shown(client.get("/tietoa").text)
    facts = assistant.about()
    assert "Keskustelu poistetaan 7 päivän kuluttua." in text
    assert "Käynti: neuvonta@example.fi" in text
    assert "321 merkkiä" in text
    assert "enintään 3 kysymystä 60 sekunnissa" in text
    assert f"Lähteitä on {facts['documents']}, ja ne on jaettu {facts['passages']} kohtaan." in text
    assert facts["model"] in text


@pytest.mark.parametrize(
    "words",
    [
        "laki digitaalisten palvelujen tarjoamisesta (306/2019)",
        "14 päivän kuluessa",
        "Traficom",
        "artiklan 50 mukaisesti",
        "Vastauksia ei kirjoita kielimalli.",
        "artikla 6, kohta 1 e",
    ],
)
def test_the_about_page_says_what_the_laws_ask(client: FlaskClient, words: str) -> None:
    assert words in shown(client.get("/tietoa").text)


MEASURED: dict[str, Any] = {
    "date": "2026-11-24", "questions": 40, "right": 36, "answerable": 30, "answerable_right": 27,
    "unanswerable": 10, "unanswerable_right": 9,
}  # fmt: skip


def test_measured_accuracy_is_shown_with_its_day(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "accuracy.json"
    file.write_text(json.dumps(MEASURED | {"corpus_hash": "another"}))
    monkeypatch.setattr(pages, "ACCURACY_FILES", (tmp_path / "missing.json", file))
    text = shown(client.get("/tietoa").text)
    assert "Tarkkuus mitattiin 24.11.2026" in text
    assert "36/40 (90 %)" in text
    assert "Lähteet ovat muuttuneet mittauksen jälkeen." in text


def test_missing_accuracy_is_said_to_be_missing(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "ACCURACY_FILES", ())
    assert "Tarkkuutta ei ole vielä mitattu näillä lähteillä." in shown(client.get("/tietoa").text)


# Another corpus


def test_a_corpus_without_the_editors_files_gets_plain_notices(
    app_with: Callable[..., FlaskClient], tmp_path: Path, settings: Settings
) -> None:
    client = app_with(corpus=tmp_path)
    assert "Arvoja ei ole luetteloitu tälle aineistolle." in client.get("/arvot").text
    assert "Perehdytyspolkua ei ole tehty tälle aineistolle." in client.get("/perehdytys").text
    assert "Tavoitteita ei ole luetteloitu tälle aineistolle." in client.get("/aikajana").text


# Readability

PAGE_TABLES = ("filter", "values", "glossary", "timeline", "steps", "about")
LONGEST_SENTENCE = 26
"""Words; most of ours have 5 to 15."""


def sentences() -> Iterator[str]:
    for table in PAGE_TABLES:
        for text in texts("fi")[table].values():
            yield from re.split(r"(?<=[.?!:]) ", text)


def test_our_own_sentences_are_short() -> None:
    assert [sentence for sentence in sentences() if len(sentence.split()) > LONGEST_SENTENCE] == []
