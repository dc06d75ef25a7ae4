"""A page on the web: fetched with patience and within limits, and read for its own text, paragraph by paragraph.

The text is what the page itself says: HTML without its frame (menus, footers, notices), PDF without running heads.
Headings become `## ` lines and list items `- ` lines, as in the corpus, so that the same code splits both.
"""

from __future__ import annotations

import hashlib
import io
import logging
import re
import time
import urllib.parse
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.message import Message
from html.parser import HTMLParser
from typing import Any

import httpx

from assistant.finnish import normalised

AGENT = "heinola-assistant (sees that the pages it cites are there)"
TIMEOUT_SECONDS = 20.0
"""For each step: connecting, and every wait for more."""

WHOLE_SECONDS = 120.0
"""For a whole page; what has come by then is read, so that a server that drips does not hold up the rest."""

SIZE_LIMIT = 20 * 1024 * 1024
"""Bytes of a page that are read; what comes after them is not compared and not quoted."""

TEXT_LIMIT = 200_000
"""Characters of a page's own text that are kept, whole paragraphs of them: some seventy sheets of paper. A longer one
would crowd the other sources out of the index."""

NOT_TEXT = frozenset({"script", "style", "noscript", "template", "svg"})

_CHARSET = re.compile(rb"""<meta[^>]+charset\s*=\s*["']?\s*([A-Za-z0-9_:.-]+)""", re.IGNORECASE)
_SAFE = "%/:=&?~+!$,;'@()*[]"

# What these two find odd in a page is nothing that a person at the command line could mend.
for _name in ("trafilatura", "pypdf"):
    logging.getLogger(_name).addHandler(logging.NullHandler())


@dataclass(frozen=True)
class Page:
    """What came when an address was fetched."""

    status: int | None
    """Of HTTP; None where no answer came."""
    words: str = ""
    """A hash of all the words on the page; empty where the status is no success."""
    text: str = ""
    """The page's own text: NFC, paragraphs parted by blank lines; empty where it has none that can be read."""


def fetch_page(url: str) -> Page:
    """What the address gives; redirects are followed. Raises nothing: what goes wrong is told by the status."""
    try:
        plain = urllib.parse.quote(urllib.parse.urldefrag(url).url, safe=_SAFE)
        with (
            httpx.Client(headers={"User-Agent": AGENT}, timeout=TIMEOUT_SECONDS, follow_redirects=True) as client,
            client.stream("GET", plain) as answer,
        ):
            if not answer.is_success:
                return Page(answer.status_code)
            body = _body(answer)
            kind, charset = _content_type(answer)
    except httpx.TooManyRedirects:  # somebody answers there, but with no page
        return Page(302)
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, ValueError):
        return Page(None)  # no such name, no answer in time, no web address, …
    return read_page(answer.status_code, body, kind, charset)


def read_page(status: int, body: bytes, kind: str, charset: str | None = None) -> Page:
    """What a body of a media type says. `charset` is the one that the server named, if it did."""
    if kind in ("text/html", "application/xhtml+xml"):
        html = _decoded(body, charset)
        return Page(status, _hash(_words(html).encode()), _html_text(html))
    if kind == "application/pdf":
        return Page(status, _hash(body), _kept(_pdf_paragraphs(body)))
    if kind == "text/plain":
        return Page(status, _hash(body), _kept(_decoded(body, charset).replace("\r\n", "\n").split("\n\n")))
    return Page(status, _hash(body))


def _body(answer: httpx.Response) -> bytes:
    parts, size, end = [], 0, time.monotonic() + WHOLE_SECONDS
    for part in answer.iter_bytes():
        parts.append(part)
        size += len(part)
        if size >= SIZE_LIMIT or time.monotonic() > end:
            break
    return b"".join(parts)[:SIZE_LIMIT]


def _content_type(answer: httpx.Response) -> tuple[str, str | None]:
    message = Message()
    message["Content-Type"] = answer.headers.get("Content-Type", "application/octet-stream")
    return message.get_content_type(), message.get_content_charset()


def _hash(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:16]


def _decoded(body: bytes, charset: str | None) -> str:
    """The body as text: in the charset that the server names, else the page's own, else UTF-8."""
    named = _CHARSET.search(body[:4096])
    for tried in (charset, named[1].decode("ascii") if named else None):
        try:
            if tried:
                return body.decode(tried, errors="replace")
        except LookupError:  # a charset that nobody knows
            continue
    return body.decode("utf-8-sig", errors="replace")


def _kept(paragraphs: Iterable[str]) -> str:
    """The paragraphs in normal form, as many whole ones as TEXT_LIMIT allows."""
    kept, size = [], 0
    for paragraph in paragraphs:
        lines = [line for line in map(normalised, paragraph.split("\n")) if line]
        size += len(paragraph) + 2
        if size > TEXT_LIMIT:
            break
        if lines:
            kept.append("\n".join(lines))
    return "\n\n".join(kept)


# HTML


def _html_text(html: str) -> str:
    import trafilatura  # takes a third of a second, which only a sync should pay

    if "<html" not in html.lower():  # HTML may leave it out, the library wants to see it
        html = f"<html><body>{html}</body></html>"
    try:
        # Tables are left out: a figure in a cell says nothing without the heads of its row and column.
        found: Any = trafilatura.bare_extraction(
            html, include_comments=False, include_tables=False, include_links=False, with_metadata=False
        )
    except (ValueError, AttributeError, TypeError):  # HTML so broken that the parser gives up
        return ""
    return _kept(_blocks(found.body)) if found is not None and found.body is not None else ""


def _blocks(element: Any) -> Iterator[str]:
    """Paragraphs, headings (`## …`) and lists (lines of `- …`) of a body as trafilatura gives it."""
    if element.text and element.text.strip():
        yield element.text
    for child in element:
        if child.tag == "head":
            yield f"## {' '.join(''.join(child.itertext()).split())}"
        elif child.tag == "list":
            yield "\n".join(f"- {item}" for item in _items(child))
        elif child.tag == "p":
            yield _lines(child)
        elif child.tag != "table":
            yield from _blocks(child)
        if child.tail and child.tail.strip():
            yield child.tail


def _items(made_list: Any) -> Iterator[str]:
    for item in made_list.iter("item"):
        within = {id(inner) for nested in item.iter("list") for inner in nested.iter()}
        texts = [item.text or ""]
        for part in item.iterdescendants():
            if id(part) not in within:
                texts.append(part.text or "")
            if id(part.getparent()) not in within:
                texts.append(f" {part.tail or ''}" if part.tag in ("list", "lb", "p") else part.tail or "")
        if text := " ".join("".join(texts).split()):
            yield text


def _lines(paragraph: Any) -> str:
    """The paragraph with its line breaks; other white space is of the source code only."""
    made = " ".join((paragraph.text or "").split("\n"))
    for part in paragraph.iterdescendants():
        made += "\n" if part.tag == "lb" else " ".join((part.text or "").split("\n"))
        made += " ".join((part.tail or "").split("\n"))
    return made


def _words(html: str) -> str:
    """What people read on the page, in its <main> where it has one: the frame around it changes for other reasons."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return " ".join(" ".join(reader.main or reader.all).split())


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


# PDF

SHORT_LINE = 0.75
"""Share of a full line under which a line may be the last of its paragraph."""

EDGE_LINES = 2
"""Lines at the top and at the bottom of a sheet that may be its running head and foot."""


def _pdf_paragraphs(body: bytes) -> Iterator[str]:
    """Paragraphs of a PDF, put together from its lines; none where it cannot be read."""
    import pypdf
    from pypdf.errors import PyPdfError

    try:
        sheets = [sheet.extract_text() for sheet in pypdf.PdfReader(io.BytesIO(body)).pages]
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        return  # cut short, encrypted or broken, of which the standard knows many ways
    lines = [[" ".join(line.split()) for line in sheet.splitlines()] for sheet in sheets]
    yield from _paragraphs(_without_heads(lines))


def _without_heads(sheets: list[list[str]]) -> list[str]:
    """The lines of all sheets without page numbers and without what stands at the edge of most sheets."""

    def edge(sheet: list[str]) -> set[str]:
        full = [line for line in sheet if line]
        return {re.sub(r"\d+", "0", line) for line in full[:EDGE_LINES] + full[-EDGE_LINES:]}

    counts = Counter(line for sheet in sheets for line in edge(sheet))
    heads = {line for line, count in counts.items() if len(sheets) > 2 and count > len(sheets) / 2}
    kept = []
    for sheet in sheets:
        edges = edge(sheet) & heads
        kept += [
            line
            for line in sheet
            if re.sub(r"\d+", "0", line) not in edges and not re.fullmatch(r"\d+(?:\s*[/(]\s*\d+\)?)?", line)
        ]
    return kept


def _paragraphs(lines: list[str]) -> Iterator[str]:
    """Lines joined to paragraphs and lists.

    A PDF does not say where one ends: an empty line is taken to do so, a list item, and a short line where a capital or
    a figure follows.
    """
    widths = sorted(len(line) for line in lines if line)
    width = widths[int(len(widths) * 0.8)] if widths else 0
    made = last = ""
    for line in lines:
        item = re.match(r"[-–•▪*] +", line)
        starts = line[:1].isupper() or line[:1].isdigit() or line[:1] in ("”", '"', "(")
        if item and made.startswith("- "):
            made, last = f"{made}\n- {line[item.end() :]}", line
            continue
        if made and (not line or item or (len(last) < SHORT_LINE * width and starts)):
            yield made
            made = ""
        if item:
            line = f"- {line[item.end() :]}"
        if made and re.search(r"[a-zåäö]-$", made) and line[:1].islower():
            made = made[:-1] + line  # a word parted at the end of the line
        elif made and made.endswith("-"):
            made += line
        else:
            made = f"{made} {line}".strip()
        last = line
    if made:
        yield made
