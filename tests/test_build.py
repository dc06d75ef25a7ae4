"""A build embeds only what changed and keeps nothing that is gone; whatever stops it, the last good index serves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import sqlite_utils
from tiny import WordEmbedder, write_document, write_documents

from assistant import finnish
from assistant.build import LOCK_FILE, BuildReport, build
from assistant.domain import Validity
from assistant.errors import BuildBusy, BuildFailed, CorpusError, DocumentUnknown, IndexMismatch, IndexMissing
from assistant.index import CURRENT_FILE, DATABASE_FILE, VECTORS_FILE, Index, current_folder
from assistant.retrieval import Retriever
from assistant.settings import Settings
from assistant.vectors import write_vectors

PASSAGES, TEXTS = 4, 11
"""Of the three documents: passages, and texts that are embedded (passages and their sentences)."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Three documents and no index yet."""
    return Settings(corpus=write_documents(tmp_path / "corpus"), index=tmp_path / "index")


def served(settings: Settings, embedder: WordEmbedder | None = None) -> list[str]:
    """The documents of the index that serves, found by opening it and by asking it."""
    index = Index.open_current(settings.index)
    retriever = Retriever(index, embedder or WordEmbedder())
    assert retriever.search(retriever.query("kaupungin arvot"))
    return [document.id for document in index.documents()]


def test_an_index_holds_the_documents_whole(settings: Settings) -> None:
    embedder = WordEmbedder()
    assert build(settings, embedder) == BuildReport(3, PASSAGES, TEXTS, 0, changed=True)
    index = Index.open_current(settings.index)
    assert [d.id for d in index.documents()] == ["kirjasto", "strategia-2018", "strategia-2030"]
    assert index.document("strategia-2018").superseded_by == ("strategia-2030",)
    assert [(p.id, p.heading) for p in index.passages_of("strategia-2030")] == [
        ("strategia-2030#1", "Arvot"),
        ("strategia-2030#2", "Kärkiteemat"),
    ]
    listed = index.passages_of("strategia-2030")[1].sentences[0]
    assert listed.listed
    assert index.document("strategia-2030").text[listed.start :].startswith(listed.text)
    assert (index.meta.model, index.meta.dimension, index.meta.passages) == ("words|64|", 64, PASSAGES)
    assert index.meta.analyser == finnish.analyser().name
    with pytest.raises(DocumentUnknown, match="'x'"):
        index.document("x")


def test_a_hit_is_superseded_where_its_part_is(settings: Settings) -> None:
    write_document(settings.corpus, "uusi", 'kind: muu\ntitle: U\nsupersedes: ["strategia-2030#Arvot"]', "Muuta.")
    build(settings, WordEmbedder())
    retriever = Retriever(Index.open_current(settings.index), WordEmbedder())
    hits = {hit.passage.heading: hit.document for hit in retriever.search(retriever.query("arvot kärkiteemat"))}
    assert hits["Arvot"].superseded_by == ("uusi",)
    assert hits["Kärkiteemat"].validity is Validity.IN_FORCE


def test_the_right_passage_is_found_first(settings: Settings) -> None:
    build(settings, WordEmbedder())
    retriever = Retriever(Index.open_current(settings.index), WordEmbedder())
    hits = retriever.search(retriever.query("Mikä on kirjaston osoite?"), 2)
    assert hits[0].passage.id == "kirjasto#1"
    assert hits[0].score >= hits[1].score
    assert retriever.search(retriever.query("?!"), 2)


def test_ä_is_not_a(settings: Settings) -> None:
    write_document(settings.corpus, "vali", "kind: muu\ntitle: Nimi", "Sana talli on tässä.\n")
    write_document(settings.corpus, "vali-2", "kind: muu\ntitle: Nimi", "Sana tälli on tässä.\n")
    build(settings, WordEmbedder())
    index = Index.open_current(settings.index)
    found = [p.document for p in index.passages(index.matching(["tälli"], 10))]
    assert found == ["vali-2"]


def test_progress_is_told_to_the_end(settings: Settings) -> None:
    told: list[tuple[int, int]] = []
    build(settings, WordEmbedder(), lambda done, total: told.append((done, total)))
    assert told == [(n + 1, TEXTS) for n in range(TEXTS)]


def test_nothing_is_done_when_nothing_changed(settings: Settings) -> None:
    build(settings, WordEmbedder())
    folder, again = current_folder(settings.index), WordEmbedder()
    assert build(settings, again) == BuildReport(3, PASSAGES, 0, PASSAGES, changed=False)
    assert again.embedded == []
    assert current_folder(settings.index) == folder


def test_an_unchanged_passage_is_never_embedded_again(settings: Settings) -> None:
    build(settings, WordEmbedder())
    file = settings.corpus / "kirjasto.md"
    file.write_text(file.read_text(encoding="utf-8").replace("10–18", "10–17"), encoding="utf-8")
    again = WordEmbedder()
    report = build(settings, again)
    assert sorted(again.embedded) == [
        "Aukiolo\nKirjasto on avoinna arkisin klo 10–17. Kirjaston osoite on Torikatu 1.",
        "Kirjasto on avoinna arkisin klo 10–17.",
    ]
    assert (report.embedded, report.reused, report.changed) == (2, TEXTS - 2, True)
    index = Index.open_current(settings.index)
    assert index.passages_of("kirjasto")[0].text.startswith("Kirjasto on avoinna arkisin klo 10–17.")


def test_a_removed_document_leaves_nothing_behind(settings: Settings) -> None:
    write_document(settings.corpus, "salaisuus", "kind: muu\ntitle: Nimi", "Kurpitsalyhty on poistettu sana.\n")
    build(settings, WordEmbedder())
    (settings.corpus / "salaisuus.md").unlink()
    assert build(settings, WordEmbedder()).embedded == 0
    folder = current_folder(settings.index)
    assert folder is not None
    assert "kurpitsalyhty" not in (folder / DATABASE_FILE).read_bytes().decode("utf-8", "ignore").lower()
    assert served(settings) == ["kirjasto", "strategia-2018", "strategia-2030"]
    build_again = settings.corpus / "kirjasto.md"
    build_again.write_text(build_again.read_text(encoding="utf-8") + "\nLisäys.\n", encoding="utf-8")
    build(settings, WordEmbedder())
    for database in settings.index.rglob("*.db"):  # one folder before is kept for a running server, no more
        assert "kurpitsalyhty" not in database.read_bytes().decode("utf-8", "ignore").lower()


def test_faults_in_the_corpus_stop_a_build_before_it_begins(settings: Settings) -> None:
    build(settings, WordEmbedder())
    before = served(settings)
    (settings.corpus / "latin.md").write_bytes("---\nid: ä\n---\n".encode("latin-1"))
    with pytest.raises(CorpusError, match=r"latin\.md:2:"):
        build(settings, WordEmbedder())
    assert served(settings) == before


def test_another_model_embeds_everything_anew(settings: Settings) -> None:
    build(settings, WordEmbedder())
    other = WordEmbedder("other")
    assert build(settings, other).embedded == TEXTS
    assert Index.open_current(settings.index).meta.model == "other|64|"


def test_a_missing_index_names_the_command(settings: Settings) -> None:
    with pytest.raises(IndexMissing, match="assistant build"):
        Index.open_current(settings.index)


@pytest.mark.parametrize(("model", "analyser"), [("other|64|", None), ("words|64|", "another")])
def test_a_mismatched_index_names_both_and_the_command(settings: Settings, model: str, analyser: str | None) -> None:
    build(settings, WordEmbedder())
    index = Index.open_current(settings.index)
    with pytest.raises(IndexMismatch, match=r"was built with the (model|analyser) .* run `assistant build`"):
        index.require(model, analyser or finnish.analyser().name)


def spoiled_database(folder: Path) -> None:
    """Bytes that are no database."""
    (folder / DATABASE_FILE).write_bytes(b"x" * 5000)


def cut_database(folder: Path) -> None:
    """Half of it."""
    raw = (folder / DATABASE_FILE).read_bytes()
    (folder / DATABASE_FILE).write_bytes(raw[: len(raw) // 8])


def no_database(folder: Path) -> None:
    """None at all."""
    (folder / DATABASE_FILE).unlink()


def spoiled_vectors(folder: Path) -> None:
    """Bytes that are no vectors."""
    (folder / VECTORS_FILE).write_bytes(b"x" * 500)


def no_vectors(folder: Path) -> None:
    """None at all."""
    (folder / VECTORS_FILE).unlink()


def older_version(folder: Path) -> None:
    """A schema of another version."""
    sqlite_utils.Database(folder / DATABASE_FILE)["meta"].upsert({"name": "schema", "value": "0"}, pk="name")


def vectors_of_another_build(folder: Path) -> None:
    """Fewer vectors than passages."""
    import faiss

    other = faiss.IndexFlatIP(64)
    other.add(np.ones((1, 64), np.float32))
    faiss.write_index(other, str(folder / VECTORS_FILE))


@pytest.mark.parametrize(
    "spoil",
    [
        spoiled_database,
        cut_database,
        no_database,
        spoiled_vectors,
        no_vectors,
        older_version,
        vectors_of_another_build,
    ],
)
def test_a_spoiled_index_is_told_and_mended_by_a_build(settings: Settings, spoil) -> None:
    build(settings, WordEmbedder())
    folder = current_folder(settings.index)
    assert folder is not None
    spoil(folder)
    with pytest.raises(IndexMismatch, match="assistant build"):
        Index.open_current(settings.index)
    build(settings, WordEmbedder())
    assert len(served(settings)) == 3


def test_two_builds_at_once_are_told_apart(settings: Settings) -> None:
    started = threading_build(settings)
    next(started)
    with pytest.raises(BuildBusy, match="Another build is running"):
        build(settings, WordEmbedder())
    next(started)
    assert len(served(settings)) == 3
    assert (settings.index / LOCK_FILE).exists()
    build(settings, WordEmbedder())  # the lock is free again


def threading_build(settings: Settings) -> Iterator[None]:
    """A build that waits after its first text until it is told to go on."""
    import threading

    inside, go_on = threading.Event(), threading.Event()

    def wait(done: int, total: int) -> None:
        inside.set()
        assert go_on.wait(10)

    thread = threading.Thread(target=build, args=(settings, WordEmbedder(), wait))
    thread.start()
    assert inside.wait(10)
    yield
    go_on.set()
    thread.join(10)
    yield


IN_A_PROCESS = """
import resource, sys, time
sys.path.insert(0, {tests!r})
from pathlib import Path
from tiny import WordEmbedder
from assistant.build import build
from assistant.errors import BuildFailed
from assistant.settings import Settings

{setup}
try:
    build(Settings(corpus=Path({corpus!r}), index=Path({index!r})), WordEmbedder(), progress)
except BuildFailed as error:
    print(error)
    sys.exit(3)
"""


def process(settings: Settings, setup: str) -> subprocess.Popen[str]:
    """A build in a process of its own."""
    code = IN_A_PROCESS.format(
        tests=str(Path(__file__).parent), setup=setup, corpus=str(settings.corpus), index=str(settings.index)
    )
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def folders(settings: Settings) -> list[str]:
    """The folders of builds, finished or not."""
    return sorted(path.name for path in settings.index.glob("build-*"))


@pytest.mark.slow
def test_kill_9_leaves_the_last_good_index_serving(settings: Settings) -> None:
    build(settings, WordEmbedder())
    good = folders(settings)
    write_document(settings.corpus, "uusi", "kind: muu\ntitle: Uusi", "Uusi teksti on tässä.\n")
    running = process(settings, "def progress(done, total):\n    print('embedding', flush=True)\n    time.sleep(60)")
    assert running.stdout is not None
    assert running.stdout.readline() == "embedding\n"
    running.send_signal(signal.SIGKILL)
    running.wait(10)
    running.stdout.close()
    assert len(folders(settings)) == 2  # the half-made one is there
    assert served(settings) == ["kirjasto", "strategia-2018", "strategia-2030"]
    build(settings, WordEmbedder())
    assert served(settings) == ["kirjasto", "strategia-2018", "strategia-2030", "uusi"]
    assert len(folders(settings)) == 2  # the new one and the good one before
    assert set(good) < set(folders(settings))


@pytest.mark.slow
def test_kill_9_at_any_moment(settings: Settings) -> None:
    build(settings, WordEmbedder())
    for number in range(60):
        write_document(
            settings.corpus, f"n{number}", "kind: muu\ntitle: Uusi", f"Uusi teksti {number} on tässä.\n" * 20
        )
    for delay in (0.0, 0.05, 0.1, 0.2, 0.4):
        running = process(settings, "progress = lambda done, total: done == total and print('on', flush=True)")
        assert running.stdout is not None
        running.stdout.readline()
        time.sleep(delay)
        running.kill()
        running.wait(10)
        running.stdout.close()
        assert len(served(settings)) in (3, 63)
    build(settings, WordEmbedder())
    assert len(served(settings)) == 63


@pytest.mark.slow
def test_a_file_that_cannot_grow_fails_the_build_politely(settings: Settings) -> None:
    build(settings, WordEmbedder())
    before = served(settings)
    write_document(settings.corpus, "uusi", "kind: muu\ntitle: Uusi", "Uusi teksti on tässä.\n")
    running = process(settings, "progress = None\nresource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))")
    told, _ = running.communicate(timeout=60)
    assert running.returncode == 3, told
    assert "The last good index is untouched" in told
    assert str(settings.index) in told
    assert served(settings) == before
    assert len(folders(settings)) == 1


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if (
        os.geteuid()
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "none", folder], check=False).returncode
    ):
        pytest.skip("only root can mount a disk")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_a_disk_that_fills_at_any_step_fails_the_build_politely(settings: Settings, disk: Path) -> None:
    settings = replace(settings, index=disk / "index")
    wide = WordEmbedder("words", 4096)  # so that the vectors take many blocks of the disk
    build(settings, wide)
    before = served(settings, wide)
    write_document(settings.corpus, "uusi", "kind: muu\ntitle: Uusi", "Uusi teksti on tässä.\n")
    ballast, failed = disk / "ballast", 0
    for room in range(4, 2000, 12):
        free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
        ballast.write_bytes(b"x" * max(0, free - room * 1024))
        try:
            build(settings, wide)
        except BuildFailed as error:
            failed += 1
            assert "Free some room" in str(error)
            assert served(settings, wide) == before
            assert len(folders(settings)) == 1
        else:
            break
        ballast.unlink()
    assert failed > 5
    assert len(served(settings, wide)) == 4


@pytest.mark.parametrize("count", [3, 10_000])
def test_vectors_that_do_not_fit_on_the_disk_are_told(count: int) -> None:
    with pytest.raises(OSError, match="No space left"):
        write_vectors(np.ones((count, 64), np.float32), Path("/dev/full"))


def test_an_index_folder_that_cannot_be_made_is_told(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(OSError, match="file"):
        build(replace(settings, index=tmp_path / "file" / "index"), WordEmbedder())


def test_the_current_index_is_named_by_one_small_file(settings: Settings) -> None:
    build(settings, WordEmbedder())
    assert (settings.index / CURRENT_FILE).read_text(encoding="utf-8") == folders(settings)[-1]
