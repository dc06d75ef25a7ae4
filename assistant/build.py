"""Building the index: only what changed is embedded, and the last good index serves until the new one is whole."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import sqlite_utils

from assistant import finnish
from assistant.corpus import Corpus, valid_corpus
from assistant.domain import Document, Passage
from assistant.embedding import Embedder, Vectors, open_embedder, text_key
from assistant.errors import AssistantError, BuildBusy, BuildFailed
from assistant.index import (
    CURRENT_FILE,
    DATABASE_FILE,
    SCHEMA,
    VECTORS_FILE,
    Index,
    Meta,
    create_tables,
    current_folder,
)
from assistant.originals import with_originals
from assistant.passages import passages, plain
from assistant.settings import Settings
from assistant.vectors import write_vectors

LOCK_FILE = "LOCK"
FOLDER_PREFIX = "build-"


@dataclass(frozen=True)
class BuildReport:
    """What a build did."""

    documents: int
    passages: int
    embedded: int
    reused: int
    changed: bool
    """False where the index already fitted the corpus and nothing was written."""


Progress = Callable[[int, int], None]
"""Told (texts embedded by now, texts to embed)."""


def build(settings: Settings, embedder: Embedder | None = None, progress: Progress | None = None) -> BuildReport:
    """Makes the index of the settings' corpus, and of the original pages that `sync` has stored.

    Raises CorpusError (faults in the files), BuildBusy, BuildFailed (disk full, for example) and ModelError.
    """
    corpus = with_originals(valid_corpus(settings.corpus), settings.index)
    embedder = embedder or open_embedder(settings)
    made = [p for d in corpus.documents for p in passages(d, embedder.tokens, settings.passage_tokens)]
    return write_index(settings.index, corpus, made, embedder, progress=progress)


def embedded_text(passage: Passage) -> str:
    """What is embedded and searched of a passage: its heading and its text."""
    return f"{passage.heading}\n{plain(passage.text)}".strip()


def write_index(
    index: Path,
    corpus: Corpus,
    passages: Sequence[Passage],
    embedder: Embedder,
    *,
    sentences: bool = True,
    progress: Progress | None = None,
) -> BuildReport:
    """Writes a new index folder and lets it serve. `sentences` False leaves the sentence vectors out (retrieval
    only).
    """
    index.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC)
    meta = Meta(
        SCHEMA,
        embedder.key,
        embedder.dimension,
        finnish.analyser().name,
        f"{corpus.hash}-{len(passages)}",
        len(passages),
        now.isoformat(timespec="seconds"),
    )
    with _only_build(index):
        old_folder = current_folder(index)
        old = _open_old(old_folder)
        if old and old.meta.fits(meta):
            return BuildReport(len(corpus.documents), len(passages), 0, old.meta.passages, changed=False)
        folder = index / f"{FOLDER_PREFIX}{now:%Y%m%dT%H%M%S%f}"
        _clean(index, keep={old_folder} if old_folder else set())
        try:
            folder.mkdir()
            counts = _fill(folder, meta, corpus.documents, passages, embedder, old_folder, sentences, progress)
            Index(folder)  # what cannot be opened must not serve
            _switch(index, folder)
        except (OSError, sqlite3.Error) as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise BuildFailed(
                f"The build stopped: {error}. The last good index is untouched. Free some room in {index} "
                f"and run `assistant build` again."
            ) from error
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        # The folder before is kept: a server may still be reading it.
        _clean(index, keep={folder, old_folder} if old_folder else {folder})
    return BuildReport(len(corpus.documents), len(passages), *counts, changed=True)


def _fill(
    folder: Path,
    meta: Meta,
    documents: Iterable[Document],
    passages: Sequence[Passage],
    embedder: Embedder,
    old: Path | None,
    sentences: bool,
    progress: Progress | None,
) -> tuple[int, int]:
    """Writes both files; returns how many texts were embedded and how many vectors were reused."""
    database = sqlite_utils.Database(folder / DATABASE_FILE)
    create_tables(database)
    whole = [embedded_text(passage) for passage in passages]
    quoted = [(passage, sentence) for passage in passages for sentence in passage.sentences]
    texts = dict.fromkeys(whole + ([plain(s.text) for _, s in quoted] if sentences else []))
    vectors = _vectors(list(texts), embedder, old, progress)
    found = vectors.new | vectors.reused
    with database.conn:
        database.table("documents").insert_all(_document_row(document) for document in documents)
        database.table("passages").insert_all(
            {
                "number": number,
                "id": passage.id,
                "document": passage.document,
                "heading": passage.heading,
                "start": passage.start,
                "text": passage.text,
                "key": text_key(whole[number]),
            }
            for number, passage in enumerate(passages)
        )
        database.table("sentences").insert_all(
            {
                "id": number,
                "passage": passage.id,
                "start": sentence.start,
                "text": sentence.text,
                "listed": sentence.listed,
                "key": text_key(plain(sentence.text)),
            }
            for number, (passage, sentence) in enumerate(quoted)
        )
        database.table("vectors").insert_all(
            {"key": text_key(text), "vector": vector.tobytes()} for text, vector in found.items()
        )
        database.conn.executemany(
            "INSERT INTO passage_terms (rowid, terms) VALUES (?, ?)",
            (
                (number, " ".join(t for group in finnish.terms(text) for t in group))
                for number, text in enumerate(whole)
            ),
        )
        database.conn.executemany(
            "INSERT INTO passage_grams (rowid, grams) VALUES (?, ?)",
            ((number, " ".join(sorted(finnish.pieces(text)))) for number, text in enumerate(whole)),
        )
        database.table("meta").insert_all(
            {"name": name, "value": json.dumps(value)} for name, value in asdict(meta).items()
        )
    database.close()
    write_vectors(np.array([found[text] for text in whole], np.float32), folder / VECTORS_FILE)
    return len(vectors.new), len(vectors.reused)


@dataclass(frozen=True)
class _Vectors:
    new: dict[str, Vectors]
    reused: dict[str, Vectors]


def _vectors(texts: list[str], embedder: Embedder, old: Path | None, progress: Progress | None) -> _Vectors:
    stored = stored_vectors(old, embedder.key) if old else {}
    reused = {t: np.frombuffer(stored[key], np.float32) for t in texts if (key := text_key(t)) in stored}
    missing = [text for text in texts if text not in reused]
    done = 0

    def count(portion: int) -> None:
        nonlocal done
        done += portion
        if progress:
            progress(done, len(missing))

    new = embedder.passages(missing, count)
    return _Vectors(dict(zip(missing, new, strict=True)), reused)


def _document_row(document: Document) -> dict[str, Any]:
    row = asdict(document)
    return row | {name: json.dumps(row[name]) for name in ("supersedes", "superseded_by", "superseded_parts")}


@contextmanager
def _only_build(index: Path) -> Iterator[None]:
    """Holds the lock of the index; the system frees it when the process dies. Raises BuildBusy."""
    with (index / LOCK_FILE).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BuildBusy(f"Another build is running on {index}: wait until it ends and try again.") from None
        yield


def stored_vectors(folder: Path, model: str) -> dict[str, bytes]:
    """Vectors by text key of an index folder of any version, when they are of this model; none when it cannot be
    read.
    """
    try:
        with closing(sqlite3.connect(f"{(folder / DATABASE_FILE).resolve().as_uri()}?mode=ro", uri=True)) as connection:
            found = connection.execute("SELECT value FROM meta WHERE name = 'model'").fetchone()
            if found is None or json.loads(found[0]) != model:
                return {}
            return dict(connection.execute("SELECT key, vector FROM vectors"))
    except (sqlite3.Error, ValueError):
        return {}


def _open_old(folder: Path | None) -> Index | None:
    try:
        return Index(folder) if folder else None
    except AssistantError:
        return None  # what cannot be read cannot be reused; the build mends it


def _clean(index: Path, keep: set[Path]) -> None:
    """Removes what interrupted or older builds left."""
    for folder in index.glob(f"{FOLDER_PREFIX}*"):
        if folder not in keep:
            shutil.rmtree(folder, ignore_errors=True)


def _switch(index: Path, folder: Path) -> None:
    """Lets the folder serve, at once and durably: its files are on the disk before the name is."""
    for file in folder.iterdir():
        with file.open("rb") as handle:
            os.fsync(handle.fileno())
    new = index / f"{CURRENT_FILE}.new"
    with new.open("w", encoding="utf-8") as handle:
        handle.write(folder.name)
        handle.flush()
        os.fsync(handle.fileno())
    new.replace(index / CURRENT_FILE)
    descriptor = os.open(index, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
