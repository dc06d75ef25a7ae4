"""A corpus file becomes a Document exactly; every fault is named with its line; the real corpus has none."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from tiny import write_document, write_documents

from assistant.corpus import LONGEST_PART, document_hash, read_corpus, valid_corpus
from assistant.domain import Document, Validity
from assistant.errors import CorpusError

CORPUS = Path(__file__).parent.parent / "corpus"
FRONT = "id: a\ntitle: Otsikko\nurl: https://example.fi/a\npublisher: Kaupunki\nkind: muu\n"


def faults(tmp_path: Path, raw: bytes | str, name: str = "a.md") -> list[str]:
    """What is told of one file, without the folder's name."""
    (tmp_path / name).write_bytes(raw.encode() if isinstance(raw, str) else raw)
    return [str(fault).replace(f"{tmp_path}/", "") for fault in read_corpus(tmp_path).faults]


def test_a_file_becomes_a_document(tmp_path: Path) -> None:
    corpus = read_corpus(write_documents(tmp_path))
    assert corpus.faults == ()
    assert [document.id for document in corpus.documents] == ["kirjasto", "strategia-2018", "strategia-2030"]
    assert corpus.documents[1] == Document(
        id="strategia-2018",
        title="Kaupungin strategia 2018",
        url="https://example.fi/strategia-2018",
        publisher="Kaupunki",
        kind="strategia",
        text="Kaupungin arvot olivat rohkeus ja avoimuus. Strategia päivitettiin vuonna 2020.",
        published="2018-06-11",
        superseded_by=("strategia-2030",),
        superseded_since="2022-05-16",
    )


def test_validity_follows_from_date_kind_and_relations(tmp_path: Path) -> None:
    validity = {d.id: d.validity for d in read_corpus(write_documents(tmp_path)).documents}
    assert validity == {
        "kirjasto": Validity.DATED,
        "strategia-2018": Validity.SUPERSEDED,
        "strategia-2030": Validity.IN_FORCE,
    }


def test_a_part_can_be_superseded_while_the_rest_of_its_document_stands(tmp_path: Path) -> None:
    size = "Valtuuston koko"
    write_document(
        tmp_path, "sivu", "kind: muu\ntitle: S", f"## Kuka päättää\n\nValtuusto.\n\n## {size}\n\n43 jäsentä."
    )
    write_document(tmp_path, "paatos", f'kind: muu\ntitle: P\nsupersedes: ["sivu#{size}"]', "37 jäsentä.")
    corpus = read_corpus(tmp_path)
    assert corpus.faults == ()
    page = corpus.documents[1]
    assert page.validity is page.under("Kuka päättää").validity is Validity.DATED
    assert page.under(size).validity is Validity.SUPERSEDED
    assert page.under(size).superseded_by == ("paatos",)
    write_document(tmp_path, "paatos", 'kind: muu\ntitle: P\nsupersedes: ["sivu#Valtuuston väri"]', "37 jäsentä.")
    (fault,) = read_corpus(tmp_path).faults
    assert "a heading of 'sivu' that it does not have: 'Valtuuston väri'" in str(fault)


def test_the_day_is_not_told_when_a_page_without_a_date_may_have_superseded_it_before(tmp_path: Path) -> None:
    write_document(tmp_path, "vanha", "kind: arvot\ntitle: V\npublished: 2010", "Neljä arvoa.")
    write_document(tmp_path, "valissa", "kind: arvot\ntitle: K\nsupersedes: [vanha]", "Viisi arvoa.")
    write_document(
        tmp_path, "uusi", "kind: arvot\ntitle: U\npublished: 2022\nsupersedes: [vanha, valissa]", "Kolme arvoa."
    )
    new, between, old = read_corpus(tmp_path).documents
    assert (between.superseded_by, between.superseded_since) == (("uusi",), "2022")
    assert (old.superseded_by, old.superseded_since) == (("uusi", "valissa"), None)


def test_windows_line_ends_and_a_byte_order_mark_are_no_fault(tmp_path: Path) -> None:
    assert faults(tmp_path, b"\xef\xbb\xbf" + f"---\n{FRONT}---\n\nTeksti.\n".replace("\n", "\r\n").encode()) == []
    assert read_corpus(tmp_path).documents[0].text == "Teksti."


def test_a_year_or_a_date_without_quotation_marks_stays_as_written(tmp_path: Path) -> None:
    assert faults(tmp_path, f"---\n{FRONT}published: 2022\nevent_date: 2022-05-16\n---\nTeksti.\n") == []
    document = read_corpus(tmp_path).documents[0]
    assert (document.published, document.event_date) == ("2022", "2022-05-16")


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        pytest.param("Pelkkää tekstiä.\n", ["a.md:1: There is no front matter."], id="no front matter"),
        pytest.param("", ["a.md:1: There is no front matter."], id="an empty file"),
        pytest.param(f"---\n{FRONT}Teksti.\n", ["a.md:1: There is no front matter."], id="the block is not closed"),
        pytest.param(
            f"---\n{FRONT}---\n\nVälittäminen\n".encode("latin-1"), ["a.md:9: The file is not UTF-8"], id="Latin-1"
        ),
        pytest.param(
            unicodedata.normalize("NFD", f"---\n{FRONT}---\n\nHyvä.\nVälittäminen.\n"),
            ["a.md:9: Letters are in mixed Unicode forms", "a.md:10: Letters are in mixed Unicode forms"],
            id="mixed Unicode forms",
        ),
        pytest.param(
            f'---\n{FRONT}title: "auki\n---\nTeksti.\n', ["a.md:7: The front matter is not YAML"], id="broken YAML"
        ),
        pytest.param(
            "---\nid: a\ntitle: Arvot: uudet\n---\nTeksti.\n",
            ["a.md:3: The front matter is not YAML"],
            id="a colon that breaks the YAML",
        ),
        pytest.param(
            "---\n- a\n---\nTeksti.\n", ["a.md:2: The front matter has no fields."], id="a list as front matter"
        ),
        pytest.param(
            f"---\n{FRONT.replace('title: Otsikko', 'title: ')}---\nTeksti.\n",
            ["a.md:3: The field `title` is missing or empty. Add `title: …`."],
            id="an empty field",
        ),
        pytest.param(
            f"---\n{FRONT}author: X\n---\nTeksti.\n", ["a.md:7: The field `author` is unknown."], id="an unknown field"
        ),
        pytest.param(
            f"---\n{FRONT.replace('id: a', 'id: Äö')}---\nTeksti.\n",
            ["a.md:2: The id 'Äö' is not a slug."],
            id="bad id",
        ),
        pytest.param(
            f"---\n{FRONT.replace('kind: muu', 'kind: blogi')}---\nTeksti.\n",
            ["a.md:6: The kind 'blogi' is unknown."],
            id="an unknown kind",
        ),
        pytest.param(
            f"---\n{FRONT.replace('https://example.fi/a', 'javascript:alert(1)')}---\nTeksti.\n",
            ["a.md:4: The url 'javascript:alert(1)' is not a web address."],
            id="a url that is none",
        ),
        pytest.param(
            f"---\n{FRONT}published: 16.5.2022\n---\nTeksti.\n",
            ["a.md:7: `published` is '16.5.2022', not a date."],
            id="a date of another form",
        ),
        pytest.param(
            f"---\n{FRONT}supersedes: b\n---\nTeksti.\n",
            ["a.md:7: `supersedes` is not a list of ids."],
            id="a relation that is no list",
        ),
        pytest.param(
            f"---\n{FRONT}supersedes: [b]\n---\nTeksti.\n",
            ["a.md:7: `supersedes` names 'b', which no document has."],
            id="a relation to nothing",
        ),
        pytest.param(
            f"---\n{FRONT}supersedes: [a]\n---\nTeksti.\n", ["a.md:7: The document supersedes itself."], id="to itself"
        ),
        pytest.param(
            f"---\n{FRONT}summary: ehkä\n---\nTeksti.\n",
            ["a.md:7: `summary` is neither true nor false."],
            id="summary is no yes or no",
        ),
        pytest.param(f"---\n{FRONT}---\n\n", ["a.md:8: The document has no text."], id="no text"),
        pytest.param(
            f"---\n{FRONT}---\n\n## Arvot\n\n## Visio\n\nTeksti.\n",
            ["a.md:9: There is no text under the heading 'Arvot'."],
            id="an empty part",
        ),
        pytest.param(
            f"---\n{FRONT}---\n\n## Arvot\n\n{'Pitkä teksti. ' * 500}\n",
            [f"a.md:9: The part 'Arvot' has 6999 characters (the limit is {LONGEST_PART})."],
            id="a huge part",
        ),
    ],
)
def test_each_fault_is_told_with_its_line(tmp_path: Path, raw: str | bytes, told: list[str]) -> None:
    found = faults(tmp_path, raw)
    assert len(found) == len(told)
    assert all(fault.startswith(start) for fault, start in zip(found, told, strict=True)), found


def test_two_files_with_one_id_are_told(tmp_path: Path) -> None:
    write_document(tmp_path / "x", "a", "kind: muu\ntitle: A", "Teksti.")
    write_document(tmp_path / "y", "a", "kind: muu\ntitle: A", "Teksti.")
    (fault,) = read_corpus(tmp_path).faults
    assert str(fault).startswith(f"{tmp_path}/y/a.md:2: The id 'a' is already that of {tmp_path}/x/a.md.")


def test_every_fault_of_every_file_is_listed_before_a_build_stops(tmp_path: Path) -> None:
    write_documents(tmp_path)
    (tmp_path / "x.md").write_text("ei mitään", encoding="utf-8")
    (tmp_path / "y.md").write_bytes("---\nid: y\n---\nä".encode("latin-1"))
    with pytest.raises(CorpusError, match="2 fault") as caught:
        valid_corpus(tmp_path)
    assert "x.md:1:" in str(caught.value)
    assert "y.md:4:" in str(caught.value)
    assert "assistant check" in str(caught.value)


@pytest.mark.parametrize("made", [True, False])
def test_a_folder_without_documents_is_told(tmp_path: Path, made: bool) -> None:
    folder = tmp_path / "corpus"
    if made:
        folder.mkdir()
        (folder / "README.md").write_text("# Ohje", encoding="utf-8")
    with pytest.raises(CorpusError, match=str(folder)):
        read_corpus(folder)


def test_the_hash_changes_with_the_text_and_the_relations(tmp_path: Path) -> None:
    before = read_corpus(write_documents(tmp_path))
    assert read_corpus(tmp_path).hash == before.hash
    file = tmp_path / "kirjasto.md"
    file.write_text(file.read_text(encoding="utf-8").replace("10–18", "10–17"), encoding="utf-8")
    after = read_corpus(tmp_path)
    assert after.hash != before.hash
    assert document_hash(after.documents[0]) != document_hash(before.documents[0])
    assert document_hash(after.documents[1]) == document_hash(before.documents[1])


def test_the_real_corpus_is_in_order() -> None:
    corpus = read_corpus(CORPUS)
    assert corpus.faults == ()
    assert len(corpus.documents) == 101
    assert all(document.summary for document in corpus.documents)
    assert all((CORPUS / document.kind / f"{document.id}.md").is_file() for document in corpus.documents)


@pytest.mark.parametrize(
    ("replaced", "own", "warned"),
    [("2024", "2023-12", True), ("2023", "2023-06-12", False), ("2023-06", "2023", False), ("2023", None, False)],
)
def test_a_warning_needs_a_date_that_is_surely_later(
    tmp_path: Path, replaced: str, own: str | None, warned: bool
) -> None:
    write_document(tmp_path / "corpus", "a", f'kind: muu\ntitle: A\npublished: "{replaced}"', "Tekstiä.\n")
    dated = f'\npublished: "{own}"' if own else ""
    write_document(tmp_path / "corpus", "b", f"kind: muu\ntitle: B\nsupersedes: [a]{dated}", "Tekstiä.\n")
    assert bool(read_corpus(tmp_path / "corpus").warnings) is warned
