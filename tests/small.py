"""A small assistant for tests that need no model: two documents, and one answer to everything."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from waitress import create_server

from assistant import originals, webpages
from assistant.conversations import Conversations
from assistant.corpus import read_corpus
from assistant.domain import Answer, Citation, Document, Hit, Nearest, Passage, Status, Turn, Validity
from assistant.settings import Settings

DOCUMENT = """---
id: {id}
title: Heinolan {id}
url: https://example.fi/{id}
publisher: Heinolan kaupunki
kind: uutinen
published: 2022-05
---
## Otsikko

Heinolan kaupungin {id} on tässä.
"""

NEAREST = Nearest(
    "talous", "Heinolan talous", "https://example.fi/talous", "2022-05", Validity.DATED, "talous#1", "", "Velkaa on."
)
CITATION = Citation(
    1, "arvot", "Heinolan arvot", "https://example.fi/arvot", "2022-05", Validity.DATED,
    "Heinolan kaupungin arvot on tässä.", "arvot#1", True, "https://example.fi/arvot", "Heinolan kaupunki",
)  # fmt: skip


ASKED = (
    *((f"Montako siltaa Heinolassa on vuonna {2000 + year}?", Status.NOT_FOUND) for year in range(7)),
    ("Mikä on strategian hinta ja kuka sen maksaa?", Status.ANSWERED_PARTLY),
    ("Mitkä ovat arvot?", Status.ANSWERED),
    ("Hei", Status.SMALLTALK),
)


def write_corpus(folder: Path) -> None:
    """The two documents, as files."""
    folder.mkdir()
    for id in ("talous", "arvot"):
        (folder / f"{id}.md").write_text(DOCUMENT.format(id=id))


class Small:
    """Has what the pages use of an Assistant."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.conversations = Conversations(settings.data, settings.retention_days)
        self.conversation, self.forget = self.conversations.turns, self.conversations.forget
        self.corpus = read_corpus(settings.corpus)

    def ask(self, text: str, conversation: str | None = None, *, as_typed: bool = False) -> Turn:
        answer = Answer(Status.ANSWERED, "Heinolan kaupungin arvot on tässä. [1]", (CITATION,))
        id = conversation or self.conversations.start()
        now = datetime.now(UTC).isoformat(timespec="seconds")
        return self.conversations.add(Turn(secrets.token_urlsafe(8), id, text, text, answer, now))

    def feedback(self, turn: str, helped: bool, reason: str | None, comment: str | None) -> None:
        self.conversations.feedback(turn, helped, reason or "", comment or "")

    def documents(self) -> list[Document]:
        return list(self.corpus.documents)

    def document(self, id: str) -> Document:
        return next(document for document in self.documents() if document.id == id)

    def passages(self, document: str) -> list[Passage]:
        text = f"Heinolan kaupungin {document} on tässä."
        return [Passage(f"{document}#1", document, "Otsikko", 12, text)]

    def related(self, document: str, limit: int = 5) -> list[Hit]:
        return []

    def terms(self) -> list[Any]:
        return []

    def about(self) -> dict[str, Any]:
        return {
            "documents": 2,
            "passages": 2,
            "newest": "2022-05",
            "model": "small",
            "built_at": "2026-01-01T00:00:00+00:00",
            "analyser": "voikko",
            "reranked": 10,
            "precedents": 20,
            "corpus_hash": self.corpus.hash,
        }


def fill(small: Small) -> None:
    """Questions of every outcome over three weeks, feedback, and pages on the web, one changed and one lost."""
    id = small.conversations.start()
    for number, (question, status) in enumerate(ASKED):
        cited = (CITATION,) if status in (Status.ANSWERED, Status.ANSWERED_PARTLY) else ()
        near = (NEAREST,) if status is Status.NOT_FOUND else ()
        answer = Answer(status, "Vastaus.", cited, near, missing=("hinta",) if status is Status.ANSWERED_PARTLY else ())
        time = (datetime.now(UTC) - timedelta(days=2 * number)).isoformat(timespec="seconds")
        small.conversations.add(Turn(f"t{number}", id, question, question, answer, time))
    small.conversations.feedback("t8", False, "outdated", "Arvot ovat muuttuneet.")
    small.conversations.feedback("t0", True)
    small.conversations.send("saavutettavuus", "Kentällä ei ole nimeä.", "asukas@example.fi")
    small.conversations.send("muu", "Kiitos!")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(originals, "PAUSE_SECONDS", 0.0)
        for words in ("before", "after"):
            pages = {CITATION.url: webpages.Page(200, words)}
            originals.sync(
                small.settings.index,
                small.documents(),
                fetch=lambda url, pages=pages: pages.get(url, webpages.Page(404)),
            )


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """Runs a WSGI app and gives its address."""
    running = create_server(app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{running.effective_port}"
    running.close()
    thread.join(5)
