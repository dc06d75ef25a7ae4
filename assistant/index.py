"""The built index: one folder with the database of documents, passages, sentences and vectors, and the FAISS file.

`index/CURRENT` names the folder that serves. A build writes a new folder and then replaces that one small file, so
whatever interrupts it, the last good index goes on serving. Opening checks and never writes.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import sqlite_utils

from assistant.domain import Document, Passage, Sentence, SupersededPart
from assistant.embedding import Vectors
from assistant.errors import DocumentUnknown, IndexMismatch, IndexMissing
from assistant.vectors import VectorIndex

SCHEMA = 5
"""Changes whenever the tables or what stands in them change; another number asks for a new build."""

DATABASE_FILE, VECTORS_FILE, CURRENT_FILE = "index.db", "passages.faiss", "CURRENT"

VARIABLES = 900
"""Values asked for at once; older SQLite libraries take 999."""

TOKENIZER = "unicode61 remove_diacritics 0 tokenchars '.,:–-/’''%'"
"""FTS5 folds ä and ö away unless told not to; terms are parted by spaces only, so dates and hyphens stay whole."""


@dataclass(frozen=True)
class Meta:
    """What an index was made of."""

    schema: int
    model: str
    dimension: int
    analyser: str
    corpus: str
    passages: int
    built_at: str

    def fits(self, other: Meta) -> bool:
        """Whether a build from the same corpus would give the same index."""
        ours, theirs = ((m.schema, m.model, m.dimension, m.analyser, m.corpus) for m in (self, other))
        return ours == theirs


def create_tables(database: sqlite_utils.Database) -> None:
    """Creates the tables of an empty index database."""
    text = {"id": str, "title": str, "url": str, "publisher": str, "kind": str, "text": str}
    dates = {"published": str, "event_date": str, "superseded_since": str}
    replaced = {"supersedes": str, "superseded_by": str, "superseded_parts": str}
    original = {"original_start": int, "original_fetched": str}
    database.table("documents").create(text | dates | replaced | {"summary": int} | original, pk="id")
    database.table("passages").create(
        {"number": int, "id": str, "document": str, "heading": str, "start": int, "text": str, "key": str}, pk="number"
    )
    database.table("sentences").create(
        {"id": int, "passage": str, "start": int, "text": str, "listed": int, "key": str}, pk="id"
    )
    database.table("vectors").create({"key": str, "vector": bytes}, pk="key")
    database.table("meta").create({"name": str, "value": str}, pk="name")
    database.table("passages").create_index(["id"], unique=True)
    database.table("passages").create_index(["document"])
    database.table("sentences").create_index(["passage"])
    database.execute(f'CREATE VIRTUAL TABLE passage_terms USING fts5(terms, tokenize = "{TOKENIZER}")')
    database.execute("CREATE VIRTUAL TABLE term_counts USING fts5vocab(passage_terms, row)")
    # Only counted, never searched: how rare a piece of a word is. `detail=none` keeps it small.
    database.execute(
        'CREATE VIRTUAL TABLE passage_grams USING fts5(grams, detail=none, tokenize = "unicode61 remove_diacritics 0")'
    )
    database.execute("CREATE VIRTUAL TABLE gram_counts USING fts5vocab(passage_grams, row)")


def current_folder(index: Path) -> Path | None:
    """The folder that serves, or None where nothing was built yet."""
    try:
        name = (index / CURRENT_FILE).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    return index / name


class Index:
    """An opened index; reads are safe from several threads."""

    def __init__(self, folder: Path) -> None:
        """Raises IndexMismatch when the folder's files are missing, broken or of another version."""
        self.folder = folder
        self._local = threading.local()
        try:
            self.meta = read_meta(self.database)
        except (sqlite3.Error, KeyError, ValueError, TypeError) as error:
            raise IndexMismatch(f"The index in {folder} cannot be read ({error}): run `assistant build`.") from error
        if self.meta.schema != SCHEMA:
            raise IndexMismatch(
                f"The index in {folder} is of version {self.meta.schema}, this program reads {SCHEMA}: "
                f"run `assistant build`."
            )
        self.vectors = VectorIndex(folder / VECTORS_FILE, self.meta.dimension, self.meta.passages)

    @classmethod
    def open_current(cls, index: Path) -> Index:
        """Opens the index that serves. Raises IndexMissing when there is none."""
        folder = current_folder(index)
        if folder is None:
            raise IndexMissing(f"There is no index in {index} yet: run `assistant build`.")
        return cls(folder)

    def require(self, model: str, analyser: str) -> None:
        """Raises IndexMismatch when questions would be read with another model or analyser than the passages were."""
        for what, built, running in (("model", self.meta.model, model), ("analyser", self.meta.analyser, analyser)):
            if built != running:
                raise IndexMismatch(
                    f"The index was built with the {what} {built!r}, but {running!r} is in use: run `assistant build`, "
                    f"or go back to the {what} it was built with."
                )

    @property
    def database(self) -> sqlite_utils.Database:
        """This thread's read-only connection."""
        if not hasattr(self._local, "database"):
            uri = f"{(self.folder / DATABASE_FILE).resolve().as_uri()}?mode=ro"
            self._local.database = sqlite_utils.Database(sqlite3.connect(uri, uri=True))
        database: sqlite_utils.Database = self._local.database
        return database

    def documents(self) -> list[Document]:
        """All documents, by id."""
        return [_document(row) for row in self.database.table("documents").rows_where(order_by="id")]

    def document(self, document_id: str) -> Document:
        """One document. Raises DocumentUnknown."""
        for row in self.database.table("documents").rows_where("id = ?", [document_id]):
            return _document(row)
        raise DocumentUnknown(f"There is no document {document_id!r}.")

    def passages(self, numbers: Iterable[int]) -> list[Passage]:
        """The passages with these numbers, in the order given."""
        wanted = list(numbers)
        rows = {row["number"]: row for row in self._where_in("passages", "number", wanted)}
        return self._with_sentences([rows[number] for number in wanted])

    def all_passages(self) -> list[Passage]:
        """Every passage, in the order of documents."""
        return self._with_sentences(list(self.database.table("passages").rows_where(order_by="number")))

    def passages_of(self, document_id: str) -> list[Passage]:
        """A document's passages, in order."""
        return self._with_sentences(
            list(self.database.table("passages").rows_where("document = ?", [document_id], order_by="number"))
        )

    def sentence_vectors(self, ids: Sequence[int]) -> Vectors:
        """Vectors (ids, dimension) of sentences."""
        marks = ",".join("?" * len(ids))
        query = f"SELECT s.id, v.vector FROM sentences s JOIN vectors v ON v.key = s.key WHERE s.id IN ({marks})"
        blobs = dict(self.database.execute(query, list(ids)).fetchall())
        joined = b"".join(blobs[i] for i in ids)
        return np.frombuffer(joined, np.float32).reshape(len(ids), self.meta.dimension)

    def passage_vectors(self, numbers: Sequence[int]) -> Vectors:
        """Vectors (numbers, dimension) of passages."""
        marks = ",".join("?" * len(numbers))
        query = f"SELECT p.number, v.vector FROM passages p JOIN vectors v ON v.key = p.key WHERE p.number IN ({marks})"
        blobs = dict(self.database.execute(query, list(numbers)).fetchall())
        return np.frombuffer(b"".join(blobs[n] for n in numbers), np.float32).reshape(len(numbers), self.meta.dimension)

    def terms(self, numbers: Sequence[int]) -> dict[int, list[str]]:
        """The terms of passages, by number."""
        marks = ",".join("?" * len(numbers))
        rows = self.database.execute(f"SELECT rowid, terms FROM passage_terms WHERE rowid IN ({marks})", list(numbers))
        return {number: terms.split(" ") for number, terms in rows}

    def term_counts(self, terms: Sequence[str]) -> dict[str, int]:
        """In how many passages each term stands; terms that stand in none are left out."""
        return self._counts("term_counts", terms)

    def gram_counts(self, grams: Sequence[str]) -> dict[str, int]:
        """In how many passages each piece of a word stands; pieces that stand in none are left out."""
        return self._counts("gram_counts", grams)

    def _counts(self, table: str, terms: Sequence[str]) -> dict[str, int]:
        marks = ",".join("?" * len(terms))
        return dict(
            self.database.execute(f"SELECT term, doc FROM {table} WHERE term IN ({marks})", list(terms)).fetchall()
        )

    def matching(self, terms: Sequence[str], limit: int) -> list[int]:
        """Numbers of the passages that hold any of the terms, best BM25 first."""
        if not terms:
            return []
        any_of = " OR ".join('"' + term.replace('"', '""') + '"' for term in terms)
        query = (
            "SELECT rowid FROM passage_terms WHERE passage_terms MATCH ? ORDER BY bm25(passage_terms), rowid LIMIT ?"
        )
        return [number for (number,) in self.database.execute(query, [any_of, limit])]

    def _where_in(self, table: str, column: str, values: Sequence[Any]) -> Iterator[dict[str, Any]]:
        for start in range(0, len(values), VARIABLES):
            part = values[start : start + VARIABLES]
            yield from self.database.table(table).rows_where(f"{column} IN ({','.join('?' * len(part))})", part)

    def _with_sentences(self, rows: list[dict[str, Any]]) -> list[Passage]:
        sentences: dict[str, list[Sentence]] = {row["id"]: [] for row in rows}
        for row in self._where_in("sentences", "passage", list(sentences)):
            sentences[row["passage"]].append(
                Sentence(row["id"], row["passage"], row["start"], row["text"], bool(row["listed"]))
            )
        return [
            Passage(
                row["id"],
                row["document"],
                row["heading"],
                row["start"],
                row["text"],
                tuple(sorted(sentences[row["id"]], key=lambda s: s.start)),
            )
            for row in rows
        ]


def read_meta(database: sqlite_utils.Database) -> Meta:
    """What the index was made of. Raises KeyError or sqlite3.Error when the database does not say."""
    values = {row["name"]: json.loads(row["value"]) for row in database.table("meta").rows}
    return Meta(**values)


def _document(row: dict[str, Any]) -> Document:
    lists: dict[str, Any] = {name: tuple(json.loads(row[name])) for name in ("supersedes", "superseded_by")}
    lists["superseded_parts"] = tuple(
        SupersededPart(part["heading"], tuple(part["superseded_by"]), part["superseded_since"])
        for part in json.loads(row["superseded_parts"])
    )
    return Document(**(row | lists | {"summary": bool(row["summary"])}))
