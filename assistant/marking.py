"""Text as pages show it: days in words, paragraphs and lists, and the words that are marked in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from assistant.domain import Answer, Citation, Language

Mark = Literal["", "quote", "span", "citation"]

HELSINKI = ZoneInfo("Europe/Helsinki")

_ITEM = re.compile(r"\s*[-*•] +")
_LINE = re.compile(r"[^\n]+")
_CITATION_MARK = re.compile(r"\[(\d+)\]")


@dataclass(frozen=True)
class Range:
    """Where in a text a mark lies; a later range of a list wins over an earlier one."""

    start: int
    end: int
    mark: Mark


@dataclass(frozen=True)
class Piece:
    """A run of text with one mark; of a citation mark the text is its number."""

    text: str
    mark: Mark = ""


@dataclass(frozen=True)
class Block:
    """A paragraph (one item) or a list."""

    listed: bool
    items: tuple[tuple[Piece, ...], ...]


def day(written: str, language: Language) -> str:
    """A date of any precision (YYYY, YYYY-MM, YYYY-MM-DD) as people write it."""
    parts = written[:10].split("-")
    if language == "en" and len(parts) > 1:
        month = date(2000, int(parts[1]), 1).strftime("%B")
        return " ".join([*(str(int(part)) for part in parts[2:]), month, parts[0]])
    if len(parts) == 2:
        return f"{int(parts[1])}/{parts[0]}"
    return ".".join([*(str(int(part)) for part in reversed(parts[1:])), parts[0]])


def moment(written: str, language: Language) -> str:
    """A time (ISO 8601) as people in Finland read it off the clock."""
    there = datetime.fromisoformat(written).astimezone(HELSINKI)
    clock = {"fi": "klo {0.hour}.{0:%M}", "sv": "kl. {0.hour}.{0:%M}", "en": "at {0.hour}:{0:%M}"}[language]
    return f"{day(there.date().isoformat(), language)} {clock.format(there)}"


def blocks(text: str, ranges: Iterable[Range] = ()) -> list[Block]:
    """The text as paragraphs and lists, with the marks of the ranges."""
    marks: list[Mark] = [""] * len(text)
    for part in ranges:
        marks[part.start : part.end] = [part.mark] * (part.end - part.start)
    made: list[Block] = []
    paragraph_ended = True
    end = 0
    for line in _LINE.finditer(text):
        if not line.group().strip():
            continue
        paragraph_ended = paragraph_ended or "\n\n" in text[end : line.start()].replace(" ", "")
        end = line.end()
        item = _ITEM.match(line.group())
        pieces = tuple(_pieces(text, line.start() + (item.end() if item else 0), line.end(), marks))
        joins = bool(made) and made[-1].listed == bool(item) and (bool(item) or not paragraph_ended)
        if joins and item:
            made[-1] = Block(True, (*made[-1].items, pieces))
        elif joins:
            made[-1] = Block(False, ((*made[-1].items[0], Piece("\n"), *pieces),))
        else:
            made.append(Block(bool(item), (pieces,)))
        paragraph_ended = False
    return made


def _pieces(text: str, start: int, end: int, marks: list[Mark]) -> Iterator[Piece]:
    at = start
    for position in range(start + 1, end + 1):
        if position == end or marks[position] != marks[at]:
            yield Piece(text[at:position], marks[at])
            at = position


def answer_blocks(answer: Answer) -> list[Block]:
    """The answer's text with its quotes and its citation marks told apart."""
    ranges = [found for citation in answer.citations for found in _lines_of(answer.text, citation.quote)]
    numbers = {str(citation.number) for citation in answer.citations}
    cut = [
        Range(match.start(), match.end(), "citation")
        for match in _CITATION_MARK.finditer(answer.text)
        if match.group(1) in numbers
    ]
    return [
        Block(block.listed, tuple(tuple(_numbered(item)) for item in block.items))
        for block in blocks(answer.text, [*ranges, *cut])
    ]


def _numbered(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Citation marks as their numbers; marks that touch ([1][2]) come as one piece each."""
    for piece in pieces:
        if piece.mark == "citation":
            yield from (Piece(number, "citation") for number in _CITATION_MARK.findall(piece.text))
        else:
            yield piece


def _lines_of(text: str, quote: str) -> Iterator[Range]:
    for line in _LINE.findall(quote):
        words = _ITEM.sub("", line, count=1).strip()
        if words and (start := text.find(words)) >= 0:
            yield Range(start, start + len(words), "quote")


def quoted_blocks(citation: Citation, passage: str | None = None) -> list[Block]:
    """The passage with the quote marked and, in it, the words that answer; without a passage, the quote alone."""
    text = passage if passage and citation.quote in passage else citation.quote
    start = text.index(citation.quote)
    ranges = [Range(start, start + len(citation.quote), "quote")] if len(text) > len(citation.quote) else []
    return blocks(text, [*ranges, *_span(text, citation, start)])


def _span(text: str, citation: Citation, start: int) -> Iterator[Range]:
    if citation.span and (found := text.find(citation.span, start, start + len(citation.quote))) >= 0:
        yield Range(found, found + len(citation.span), "span")
