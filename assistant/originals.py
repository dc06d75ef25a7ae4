"""The sources' own pages on the web: whether each still answers, and whether it has changed since ours was written.

`assistant sync` fetches them one by one. What came is kept in a file beside the index, which can always be made anew.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from html.parser import HTMLParser
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from assistant.corpus import document_hash
from assistant.domain import Document
from assistant.errors import AssistantError

AGENT = "heinola-assistant (sees that the pages it cites are there)"
TIMEOUT_SECONDS = 20.0
PAUSE_SECONDS = 1.0
"""After an answer: the pages are mostly one server's, and there is no hurry."""

SIZE_LIMIT = 20 * 1024 * 1024
"""Bytes of a page that are read; what comes after them is not compared."""

NOT_TEXT = frozenset({"script", "style", "noscript", "template", "svg"})


class OriginalsUnreachable(AssistantError):
    """Not one page answered: the network is down here, which says nothing about the pages."""


class State(StrEnum):
    """How a document's own page stands."""

    WORKS = "works"
    BROKEN = "broken"
    UNCHECKED = "unchecked"


@dataclass(frozen=True)
class Page:
    """What came when an address was fetched."""

    status: int | None
    """Of HTTP; None where no answer came."""
    text: str = ""
    """A hash of the words on the page; empty where the status is no success."""


@dataclass(frozen=True)
class Original:
    """What is known of a document's own page."""

    url: str
    fetched_at: str
    """When it was last fetched, UTC, ISO 8601."""
    status: int | None
    broken_since: str | None
    """The first of the failures that have followed each other up to now."""
    text: str
    """A hash of the page's words when it last answered; empty where it never did."""
    written: str
    """The hash of our document's text, and …"""
    compared: str
    """… that of the page's words when our text was first seen beside it."""
    changed_since: str | None
    """When the page was first seen to differ from what our text was written beside."""

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


def fetch_page(url: str) -> Page:
    """What the address gives; redirects are followed."""
    plain = urllib.parse.quote(urllib.parse.urldefrag(url).url, safe="%/:=&?~+!$,;'@()*[]")
    try:
        asking = urllib.request.Request(plain, headers={"User-Agent": AGENT})
        with urllib.request.urlopen(asking, timeout=TIMEOUT_SECONDS) as answer:
            body, kind = answer.read(SIZE_LIMIT), answer.headers
            text = _words(body, kind.get_content_charset()) if kind.get_content_type() == "text/html" else body
            return Page(answer.status, hashlib.sha256(text).hexdigest()[:16])
    except urllib.error.HTTPError as refused:
        with refused:
            return Page(refused.code)
    except (OSError, http.client.HTTPException, ValueError):  # no such name, no answer in time, no web address, …
        return Page(None)


def _after(before: Original | None, document: Document, page: Page, now: str) -> Original:
    works = page.status is not None and 200 <= page.status < 300
    text = page.text if works else before.text if before else ""
    written = document_hash(document)
    same = before is not None and before.written == written and before.compared != ""
    compared = before.compared if before and same else text
    return Original(
        url=document.url,
        fetched_at=now,
        status=page.status,
        broken_since=None if works else (before and before.broken_since) or now,
        text=text,
        written=written,
        compared=compared,
        changed_since=None if text == compared else (before and before.changed_since) or now,
    )


def _path(index: Path) -> Path:
    return index / "originals.json"


def _write(index: Path, originals: Mapping[str, Original]) -> None:
    index.mkdir(parents=True, exist_ok=True)
    new = _path(index).with_suffix(".new")
    data = {id: asdict(original) for id, original in sorted(originals.items())}
    new.write_text(json.dumps(data, ensure_ascii=False, indent=1), encoding="utf-8")
    os.replace(new, _path(index))


def _words(body: bytes, charset: str | None) -> bytes:
    """What people read on the page, in its <main> where it has one: the frame around it changes for other reasons."""
    try:
        html = body.decode(charset or "utf-8", errors="replace")
    except LookupError:  # a charset that nobody knows
        html = body.decode("utf-8", errors="replace")
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return " ".join(" ".join(reader.main or reader.all).split()).encode()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.all: list[str] = []
        self.main: list[str] = []
        self._hidden = self._in_main = 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in NOT_TEXT
        self._in_main += tag == "main"

    def handle_endtag(self, tag: str) -> None:
        self._hidden = max(0, self._hidden - (tag in NOT_TEXT))
        self._in_main = max(0, self._in_main - (tag == "main"))

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.all.append(data)
            if self._in_main:
                self.main.append(data)
