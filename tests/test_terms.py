"""The values, words, goals and steps: chosen by editors, quoted from the corpus."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from assistant import finnish, quotes, steps, terms, timeline
from assistant.corpus import read_corpus
from assistant.domain import Document, Passage, Term
from assistant.errors import CorpusError
from assistant.passages import passages
from assistant.quotes import Sources

CORPUS = Path(__file__).parent.parent / "corpus"

DOCUMENTS = read_corpus(CORPUS).documents
PASSAGES = [p for d in DOCUMENTS for p in passages(d, lambda text: 2 * len(text.split()), 200)]
TEXTS = {document.id: document.text for document in DOCUMENTS}


@pytest.fixture(scope="module")
def found() -> dict[str, Term]:
    return {term.slug: term for term in terms.terms(CORPUS, DOCUMENTS, PASSAGES)}


@pytest.fixture(scope="module")
def sources() -> Sources:
    return Sources(DOCUMENTS, PASSAGES)


def sources_of(*texts: str) -> Sources:
    documents = [
        Document(f"d{n}", "Otsikko", "https://example.fi", "Kaupunki", "uutinen", text, published=f"202{n}")
        for n, text in enumerate(texts)
    ]
    made: list[Passage] = [p for d in documents for p in passages(d, lambda text: len(text.split()), 200)]
    return Sources(documents, made)


def test_every_choice_of_the_editors_is_in_the_corpus() -> None:
    assert quotes.faults(CORPUS, DOCUMENTS) == []


def test_every_definition_and_use_is_a_verbatim_piece_of_its_document(found: dict[str, Term]) -> None:
    for term in found.values():
        if term.definition:
            assert term.definition.quote in TEXTS[term.definition.document]
        for use in term.uses:
            assert use.quote in TEXTS[use.document]
            assert use.passage.startswith(f"{use.document}#")


def test_a_definition_is_found_for_each_term_that_names_one(found: dict[str, Term]) -> None:
    named = {entry["slug"] for entry in quotes.read_choices(CORPUS / terms.FILE)["term"] if "definition" in entry}
    assert {slug for slug, term in found.items() if term.definition} == named


def test_every_term_is_used_somewhere_and_slugs_are_unique(found: dict[str, Term]) -> None:
    assert [slug for slug, term in found.items() if not term.uses] == []
    assert len(found) == len(quotes.read_choices(CORPUS / terms.FILE)["term"])


def test_three_values_are_in_force_and_no_source_defines_any(found: dict[str, Term]) -> None:
    values = [term for term in found.values() if term.kind == "arvo"]
    in_force = [(term.slug, term.in_force_since) for term in values if term.in_force_until is None]
    assert in_force == [(slug, "2022-05-16") for slug in ("valittaminen", "uudistuminen", "tuloksellisuus")]
    assert [term.definition for term in values] == [None] * len(values)


def test_the_values_before_and_those_of_2010(found: dict[str, Term]) -> None:
    before = [slug for slug, term in found.items() if term.in_force_until == "2022-05-16"]
    assert before == ["innovatiivisuus", "rohkeus", "yhteisollisyys"]
    assert found["rohkeus"].in_force_since is None
    oldest = [slug for slug, term in found.items() if (term.in_force_since, term.in_force_until) == ("2010", "2010")]
    assert oldest == ["asukastyytyvaisyys", "ennakoiva-kehittaminen", "suvaitsevaisuus"]


def test_value_sets_stand_newest_first(sources: Sources) -> None:
    sets = terms.value_sets(CORPUS, sources)
    assert [(s.standing, s.since, s.until, s.attested) for s in sets] == [
        ("in_force", "2022-05-16", None, None),
        ("before", None, "2022-05-16", None),
        ("attested", None, None, "2010"),
    ]
    assert [len(s.slugs) for s in sets] == [3, 5, 4]
    assert all(s.listing for s in sets)


def test_uses_stand_newest_first_and_undated_last(found: dict[str, Term]) -> None:
    dates = [use.date or "" for use in found["valtuusto"].uses]
    assert dates == sorted(dates, reverse=True)
    assert dates[-1] == ""


def test_an_inflected_word_is_a_use_and_another_sense_is_not() -> None:
    sources = sources_of("Välittämisestä puhuttiin. Ideat pyritään välittämään muille.")
    assert [use.quote for use in sources.uses(["välittämi*"])] == ["Välittämisestä puhuttiin."]


def test_a_part_of_a_compound_is_not_a_use_of_the_part() -> None:
    sources = sources_of("Valtuustoaloite jätettiin. Asia vietiin valtuustolle.")
    assert [use.quote for use in sources.uses(["valtuusto"])] == ["Asia vietiin valtuustolle."]


def test_words_of_a_pattern_follow_each_other() -> None:
    sources = sources_of("Budjetointi oli osallistuva. Osallistuvaan budjetointiin sai ideoita. OSBUa kokeiltiin.")
    assert [use.quote for use in sources.uses(["osbu*", "osallistuv* budjetoi*"])] == [
        "Osallistuvaan budjetointiin sai ideoita.",
        "OSBUa kokeiltiin.",
    ]


def test_the_beginning_of_a_word_may_be_open() -> None:
    sources = sources_of("Elinvoimalautakunta päätti.")
    assert len(sources.uses(["*lautakunta"])) == 1


def test_without_voikko_the_values_are_found_in_the_same_places(
    found: dict[str, Term], monkeypatch: pytest.MonkeyPatch
) -> None:
    simple = finnish.SimplemmaAnalyser()
    monkeypatch.setattr(finnish, "analyser", lambda: simple)
    for term in terms.terms(CORPUS, DOCUMENTS, PASSAGES):
        if term.kind == "arvo":
            assert term.uses == found[term.slug].uses, term.slug


def test_related_terms_share_sentences(found: dict[str, Term]) -> None:
    names = [term.slug for term in terms.related(found["hyvinvointityoryhma"], list(found.values()))]
    assert names == ["hyte"]


def test_a_corpus_without_the_files_has_no_terms_goals_or_steps(tmp_path: Path, sources: Sources) -> None:
    assert terms.terms(tmp_path, DOCUMENTS, PASSAGES) == []
    assert terms.value_sets(tmp_path, sources) == []
    assert timeline.goals(tmp_path, sources) == []
    assert steps.steps(tmp_path, sources) == []
    assert quotes.faults(tmp_path, DOCUMENTS) == []


def test_a_retired_document_takes_its_quotes_with_it() -> None:
    left = [document for document in DOCUMENTS if document.id != "aloitteet-sivu"]
    found = {term.slug: term for term in terms.terms(CORPUS, left, PASSAGES)}
    assert found["kuntalaisaloite"].definition is None
    made = {step.slug: step for step in steps.steps(CORPUS, Sources(left, PASSAGES))}
    assert [quote.document for quote in made["aloitteet"].quotes] == ["osbu-sivu-2023"]
    assert made["aloitteet"].check is None


def test_faults_name_file_line_and_mend(tmp_path: Path) -> None:
    shutil.copy(CORPUS / "terms.toml", tmp_path)
    file = tmp_path / "terms.toml"
    written = file.read_text(encoding="utf-8")
    broken = written.replace("Valtuustoaloite on aloite, jonka", "Valtuustoaloite on paperi, jonka", 1)
    broken = broken.replace('document = "hyte-sivu"', 'document = "hyte-page"', 1)
    file.write_text(broken, encoding="utf-8")
    found = quotes.faults(tmp_path, DOCUMENTS)
    lines = broken.split("\n")
    assert sorted((fault.problem.split("'")[0], "hyte-page" in fault.problem) for fault in found) == [
        ("The document ", False),
        ("There is no document ", True),
    ]
    said = next(fault for fault in found if "does not say" in fault.problem)
    assert "Valtuustoaloite on paperi" in lines[said.line - 1]
    assert said.mend == "Copy a piece of the document exactly."


@pytest.mark.parametrize(
    "text, said", [("[[term]\n", "is not TOML"), ('[[term]]\nslug = "a"\nname = "A"\n', "lacks group, words")]
)
def test_a_broken_file_is_told(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "terms.toml").write_text(text, encoding="utf-8")
    with pytest.raises(CorpusError, match=said):
        terms.terms(tmp_path, DOCUMENTS, PASSAGES)
    assert said in str(quotes.faults(tmp_path, DOCUMENTS)[0])


# Steps and timeline


def test_the_path_has_eight_to_twelve_steps_with_an_answer_in_their_quotes(sources: Sources) -> None:
    made = steps.steps(CORPUS, sources)
    assert 8 <= len(made) <= 12
    for step in made:
        assert set(step.title) == {"fi", "sv", "en"}
        assert step.check is not None
        assert step.check.proof in step.quotes
        assert len(set(step.check.options)) == len(step.check.options) == 3


def test_the_right_answer_does_not_always_stand_in_the_same_place(sources: Sources) -> None:
    assert {step.check.right for step in steps.steps(CORPUS, sources) if step.check} == {0, 1, 2}


def test_years_run_from_the_newest_or_from_the_oldest_with_undated_last(sources: Sources) -> None:
    newest = [year for year, _ in timeline.years(sources)]
    oldest = [year for year, _ in timeline.years(sources, "oldest")]
    assert newest[-1] == oldest[-1] == ""
    assert newest[:-1] == sorted(newest[:-1], reverse=True) == oldest[-2::-1]


def test_the_strategy_tells_the_day_it_was_approved_and_what_it_replaced(sources: Sources) -> None:
    events = {event.document.id: event for _, group in timeline.years(sources) for event in group}
    strategy = events["strategia-2030-hyvaksytty"]
    assert strategy.saying is not None
    assert "16.5.2022" in strategy.saying.quote
    assert "strategiaseminaari-2022" in [document.id for document in strategy.replaces]
    assert strategy.document in events["strategiaseminaari-2022"].replaced_by


def test_goals_are_named_and_reported_oldest_first(sources: Sources) -> None:
    goals = timeline.goals(CORPUS, sources)
    assert len(goals) >= 4
    for goal in goals:
        assert set(goal.name) == {"fi", "sv", "en"}
        dates = [report.date or "9999" for report in goal.reports]
        assert dates == sorted(dates)
