"""The sources' own pages on the web: whether each still answers, whether it has changed since ours was written, and
what it says.

`assistant sync` fetches them one by one. What came is kept in a file beside the index, which can always be made anew by
another round. The next build puts the pages' own text into the index beside our summaries, so that answers quote it.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from assistant.corpus import Corpus, document_hash, text_hash
from assistant.domain import Document
from assistant.errors import AssistantError
from assistant.facts import facts
from assistant.finnish import STOP_TERMS
from assistant.webpages import Page, fetch_page

PAUSE_SECONDS = 1.0
"""After an answer: the pages are mostly one server's, and there is no hurry."""

MOST = 0.6
"""Share of our text's figures, dates and names that the page has to hold. Of the 9,000 pairs of documents in the corpus
that are about different pages (and have FEW facts or more), 8 reach it, each pair about one and the same event."""

FEW, MOST_WORDS = 6, 0.4
"""Under so many facts they say little, and so large a share of our words has to stand on the page too: of the 1,100
pairs of such a document with another, the likest share .35."""


class OriginalsUnreachable(AssistantError):
    """Not one page answered: the network is down here, which says nothing about the pages."""


class State(StrEnum):
    """How a document's own page stands."""

    WORKS = "works"
    BROKEN = "broken"
    UNCHECKED = "unchecked"


@dataclass(frozen=True)
class Original:
    """What is known of a document's own page."""

    url: str
    fetched_at: str
    """When it was last fetched, UTC, ISO 8601."""
    status: int | None
    broken_since: str | None
    """The first of the failures that have followed each other up to now."""
    words: str
    """A hash of all the page's words when it last answered; empty where it never did."""
    written: str
    """The hash of our document's text, and …"""
    compared: str
    """… that of the page's words when our text was first seen beside it."""
    changed_since: str | None
    """When the page was first seen to differ from what our text was written beside."""
    text: str
    """The page's own text when it last answered; empty where it has none that can be read."""
    text_hash: str
    """Its hash; empty where there is no text."""
    text_fetched_at: str | None
    """When that text was fetched, UTC, ISO 8601: earlier than `fetched_at` where the page has broken since."""

    @property
    def state(self) -> State:
        """Whether the page answered when it was last fetched."""
        return State.BROKEN if self.broken_since else State.WORKS


_file = TypeAdapter(dict[str, Original])


def read_originals(index: Path, documents: Iterable[Document]) -> dict[str, Original]:
    """What is known of the documents' pages, by document; those that were not fetched yet are left out."""
    try:
        kept = _file.validate_json(_path(index).read_bytes())
    except (FileNotFoundError, ValidationError):  # none yet, or another version's: the next sync makes it anew
        return {}
    urls = {document.id: document.url for document in documents}
    return {id: original for id, original in kept.items() if urls.get(id) == original.url}


def sync(
    index: Path,
    documents: Iterable[Document],
    progress: Callable[[int, int], None] = lambda done, total: None,
    fetch: Callable[[str], Page] | None = None,
) -> dict[str, Original]:
    """Fetches the page of every document and keeps what came, also when it is interrupted.

    Raises OriginalsUnreachable, and then keeps nothing, when no page answered.
    """
    documents = list(documents)
    originals = read_originals(index, documents)
    pages: dict[str, Page] = {}
    try:
        for done, document in enumerate(documents, 1):
            if document.url not in pages:
                page = pages[document.url] = (fetch or fetch_page)(document.url)
                if page.status and done < len(documents):
                    time.sleep(PAUSE_SECONDS)
            progress(done, len(documents))
    finally:
        if any(page.status for page in pages.values()):
            now = datetime.now(UTC).isoformat(timespec="seconds")
            for document in documents:
                if document.url in pages:
                    originals[document.id] = _after(originals.get(document.id), document, pages[document.url], now)
            _write(index, originals)
    if documents and not any(page.status for page in pages.values()):
        raise OriginalsUnreachable("None of the pages answered, so nothing was recorded: see that the network works.")
    return originals


def says_the_same(document: Document, original: Original) -> bool:
    """Whether the page plainly is the one that our text was written from: it holds most of its figures and names."""
    ours, theirs = facts(document.summary_text), facts(original.text)
    if ours.held_by(theirs) < MOST * ours.count:
        return False
    told = ours.words - STOP_TERMS
    return ours.count >= FEW or len(told & theirs.words) >= MOST_WORDS * len(told)


def is_quoted(document: Document, original: Original | None) -> bool:
    """Whether answers quote the original's text beside the document's own."""
    return original is not None and original.text != "" and says_the_same(document, original)


def strays(document: Document, original: Original | None) -> bool:
    """Whether the page has a text, but one that is no longer that of which ours tells."""
    return original is not None and original.text != "" and not says_the_same(document, original)


def with_originals(corpus: Corpus, index: Path) -> Corpus:
    """The corpus with each document's original text after its own, where `sync` has stored one that is quoted."""
    known = read_originals(index, corpus.documents)
    return replace(corpus, documents=tuple(_with_original(d, known.get(d.id)) for d in corpus.documents))


def _with_original(document: Document, original: Original | None) -> Document:
    if original is None or not is_quoted(document, original):
        return document
    whole = f"{document.text}\n\n{original.text}"
    start = len(whole) - len(original.text)
    return replace(document, text=whole, original_start=start, original_fetched=original.text_fetched_at)


def _after(before: Original | None, document: Document, page: Page, now: str) -> Original:
    works = page.status is not None and 200 <= page.status < 300
    words = page.words if works else before.words if before else ""
    text = page.text if works else before.text if before else ""
    text_fetched_at = now if works else before.text_fetched_at if before else None
    written = document_hash(document)
    same = before is not None and before.written == written and before.compared != ""
    compared = before.compared if before and same else words
    return Original(
        url=document.url,
        fetched_at=now,
        status=page.status,
        broken_since=None if works else (before and before.broken_since) or now,
        words=words,
        written=written,
        compared=compared,
        changed_since=None if words == compared else (before and before.changed_since) or now,
        text=text,
        text_hash=text_hash(text) if text else "",
        text_fetched_at=text_fetched_at if text else None,
    )


def _path(index: Path) -> Path:
    return index / "originals.json"


def _write(index: Path, originals: Mapping[str, Original]) -> None:
    index.mkdir(parents=True, exist_ok=True)
    new = _path(index).with_suffix(".new")
    data = {id: asdict(original) for id, original in sorted(originals.items())}
    new.write_text(json.dumps(data, ensure_ascii=False, indent=1), encoding="utf-8")
    os.replace(new, _path(index))
