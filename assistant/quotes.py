"""Pieces of the documents that editors have chosen by hand, and the places where a word is used.

The choices stand in data files beside the corpus (`terms.toml`, `tavoitteet.toml`, `perehdytys.toml`): ids of documents
and exact quotes. Whatever is not verbatim in its document is not shown.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant import finnish
from assistant.corpus import Fault
from assistant.domain import Citation, Document, Passage, Sentence, Use
from assistant.errors import CorpusError

NEEDED: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "terms.toml": {"values": ("document", "quote", "terms"), "term": ("slug", "name", "group", "words")},
    "tavoitteet.toml": {"goal": ("slug", "name", "document", "quote", "reports")},
    "perehdytys.toml": {"step": ("slug", "title", "quotes", "try", "check", "options", "proof")},
}
"""The files beside the corpus, and what each of their entries has to say."""


def read_choices(file: Path) -> dict[str, list[dict[str, Any]]]:
    """The entries of a file beside the corpus, empty where there is no file. Raises CorpusError when it has faults."""
    needed = NEEDED[file.name]
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {table: [] for table in needed}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CorpusError(f"{file} is not TOML in UTF-8: {error}. Mend the file.") from error
    for table, names in needed.items():
        for number, entry in enumerate(found.get(table, []), 1):
            if missing := [name for name in names if name not in entry]:
                raise CorpusError(f"{file}: [[{table}]] number {number} lacks {', '.join(missing)}. Add it.")
    return {table: found.get(table, []) for table in needed}


def faults(folder: Path, documents: Iterable[Document]) -> list[Fault]:
    """What is wrong in the files beside the corpus: broken files, unknown ids, quotes that no document holds."""
    texts = {document.id: document.summary_text for document in documents}
    found = []
    for file in (folder / name for name in NEEDED):
        try:
            choices = read_choices(file)
        except CorpusError as error:
            found.append(Fault(file, 1, str(error), ""))
            continue
        for id, quote in _chosen(choices):
            line = _line(file, quote or id)
            if id not in texts:
                found.append(Fault(file, line, f"There is no document {id!r}.", "Correct the id."))
            elif quote not in texts[id]:
                mend = "Copy a piece of the document exactly."
                found.append(Fault(file, line, f"The document {id!r} does not say {quote[:60]!r}.", mend))
    return found


def _chosen(choices: Any) -> Iterator[tuple[str, str]]:
    """Every (document, quote) of the choices; the quote is empty where only a document is named."""
    if isinstance(choices, list):
        for choice in choices:
            yield from _chosen(choice)
    elif isinstance(choices, dict):
        if "document" in choices:
            yield choices["document"], choices.get("quote") or choices.get("definition") or ""
        yield from ((choices[name], "") for name in ("since", "until") if name in choices)
        for choice in choices.values():
            yield from _chosen(choice)


def _line(file: Path, text: str) -> int:
    first = text.split("\n")[0]
    lines = file.read_text(encoding="utf-8").split("\n")
    return next((number for number, line in enumerate(lines, 1) if first in line), 1)


class Sources:
    """The documents with their passages, to be quoted from.

    Only our summaries are: what editors chose, they chose there, and it stands whatever becomes of the original page.
    """

    def __init__(self, documents: Iterable[Document], passages: Iterable[Passage]) -> None:
        self.documents = {document.id: document for document in documents}
        self._passages: dict[str, list[Passage]] = {id: [] for id in self.documents}
        for passage in passages:
            document = self.documents.get(passage.document)
            if document is None or not document.in_original(passage.start):
                self._passages.setdefault(passage.document, []).append(passage)
        self._done: _Read | None = None

    def passages(self, document_id: str) -> list[Passage]:
        """The passages of a document, in order; none where the document is unknown."""
        return self._passages.get(document_id, [])

    def citation(self, document_id: str, quote: str, number: int = 1) -> Citation | None:
        """A citation of the quote, or None where the document is gone or no longer says so."""
        document = self.documents.get(document_id)
        start = document.summary_text.find(quote) if document and quote else -1
        if document is None or start < 0:
            return None
        passage = next((p for p in self.passages(document_id) if p.start <= start < p.start + len(p.text)), None)
        document = document.under(passage.heading) if passage else document
        return Citation(
            number=number,
            document=document.id,
            title=document.title,
            url=document.url,
            date=document.date,
            validity=document.validity,
            quote=quote,
            passage=passage.id if passage else "",
            summary=document.summary,
            link=document.url,
            publisher=document.publisher,
            superseded_by=document.superseded_by,
            superseded_since=document.superseded_since,
        )

    def uses(self, words: Sequence[str]) -> tuple[Use, ...]:
        """Every sentence that holds one of the words (see `corpus/terms.toml`), newest first, undated last."""
        found = {place for pattern in words for place in self._places(pattern.split())}
        chosen = [self._read().sentences[number] for number in sorted(found)]
        uses = (Use(d.id, s.passage, s.text, d.date, d.validity) for d, s in chosen)
        return tuple(sorted(uses, key=lambda use: use.date or "", reverse=True))

    def _places(self, pattern: Sequence[str]) -> Iterator[int]:
        """Numbers of the sentences in which the words of the pattern follow each other."""
        read = self._read()
        fitting = [{word for word, forms in read.forms.items() if _fits(part, forms)} for part in pattern]
        for number in {number for word in fitting[0] for number in read.places[word]}:
            words = read.words[number]
            starts = range(len(words) - len(pattern) + 1)
            if any(all(words[start + at] in fits for at, fits in enumerate(fitting)) for start in starts):
                yield number

    def _read(self) -> _Read:
        if self._done is None:
            sentences = [
                (document.under(passage.heading), sentence)
                for document in sorted(self.documents.values(), key=lambda d: d.id)
                for passage in self.passages(document.id)
                for sentence in passage.sentences
            ]
            words = [tuple(word.lower() for word in finnish.words(sentence.text)) for _, sentence in sentences]
            places: defaultdict[str, set[int]] = defaultdict(set)
            for number, found in enumerate(words):
                for word in found:
                    places[word].add(number)
            self._done = _Read(sentences, words, places, {word: _forms(word) for word in places})
        return self._done


@dataclass(frozen=True)
class _Read:
    """The sentences as words: by sentence, by word, and each word's forms."""

    sentences: list[tuple[Document, Sentence]]
    words: list[tuple[str, ...]]
    places: Mapping[str, set[int]]
    forms: Mapping[str, frozenset[str]]


def _forms(word: str) -> frozenset[str]:
    """The word and its base forms."""
    terms = finnish.analyser().terms(word)
    # A term inside a longer one is a part of a compound: "valtuusto" is not used in "valtuustoaloite".
    return frozenset([word, *(term for term in terms if not any(term in other and term != other for other in terms))])


def _fits(part: str, forms: frozenset[str]) -> bool:
    if part.endswith("*"):
        return any(form.startswith(part[:-1]) for form in forms)
    if part.startswith("*"):
        return any(form.endswith(part[1:]) for form in forms)
    return part in forms
