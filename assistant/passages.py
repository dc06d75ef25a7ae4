"""Splitting documents into passages under their headings, and passages into sentences that can be quoted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from assistant.domain import Document, Passage, Sentence
from assistant.finnish import sentence_spans

_HEADING = re.compile(r"^#{1,6} +(.+?)\s*$", re.MULTILINE)
_ITEM = re.compile(r"^\s*(?:[-*•]|\d+[.)]) +", re.MULTILINE)
_PARAGRAPH = re.compile(r"\S(?:.|\n(?!\s*\n))*")


def passages(document: Document, tokens: Callable[[str], int], limit: int) -> Iterator[Passage]:
    """The document's passages in order, each at most `limit` tokens where its sentences allow.

    A list is never parted from its lead-in; a sentence or list longer than the limit is a passage of its own. Our
    summary and the original page's text are split each by itself, in this order.
    """
    number = 0
    begin = document.original_start
    ends = [(0, len(document.text))] if begin is None else [(0, begin), (begin, len(document.text))]
    for heading, start, end in (part for span in ends for part in _parts(document.text, *span)):
        group: list[Sentence] = []
        for sentence in _sentences(document.text, start, end):
            grown = [*group, sentence]
            if group and tokens(_covering(document.text, grown)) > limit:
                number += 1
                yield _passage(document, number, heading, group)
                grown = [sentence]
            group = grown
        if group:
            number += 1
            yield _passage(document, number, heading, group)


def plain(text: str) -> str:
    """A quoted sentence or list as running text, without list marks: what is embedded, searched and read aloud."""
    return re.sub(r"\s*\n\s*", "; ", _ITEM.sub("", text)).replace(":; ", ": ").strip()


OPENING = 8
"""Words of a passage without a heading that tell what it speaks of."""


def in_context(heading: str, passage: str, sentence: str) -> str:
    """A sentence after what it stands under: the heading, or without one the first words of its passage."""
    if not heading and not passage.startswith(sentence):
        heading = " ".join(passage.split(None, OPENING)[:OPENING])
    return f"{heading}: {plain(sentence)}" if heading else plain(sentence)


def _parts(text: str, start: int, end: int) -> Iterator[tuple[str, int, int]]:
    """(heading, start, end) of what stands under each heading between two offsets of the text."""
    heading = ""
    for match in _HEADING.finditer(text, start, end):
        yield heading, start, match.start()
        heading, start = match.group(1), match.end()
    yield heading, start, end


def _sentences(text: str, start: int, end: int) -> Iterator[Sentence]:
    """Sentences without ids; a list and the sentence that leads it in are one."""
    pending: tuple[int, int] | None = None
    for block in _PARAGRAPH.finditer(text, start, end):
        block_start, block_end = block.start(), block.start() + len(block.group().rstrip())
        if _ITEM.match(block.group()):
            first = pending[0] if pending else block_start
            yield Sentence(0, "", first, text[first:block_end], listed=True)
            pending = None
            continue
        if pending:
            yield Sentence(0, "", pending[0], text[slice(*pending)])
            pending = None
        item = _ITEM.search(block.group())  # a list that follows its lead-in without an empty line
        prose_end = block_start + (item.start() if item else len(block.group()))
        spans = [(block_start + a, block_start + b) for a, b in sentence_spans(text[block_start:prose_end])]
        if item and spans:
            spans[-1] = (spans[-1][0], block_end)
        for span in spans[:-1]:
            yield Sentence(0, "", span[0], text[slice(*span)])
        if item:
            yield Sentence(0, "", spans[-1][0], text[slice(*spans[-1])], listed=True)
        elif text[slice(*spans[-1])].endswith(":"):
            pending = spans[-1]
        else:
            yield Sentence(0, "", spans[-1][0], text[slice(*spans[-1])])
    if pending:
        yield Sentence(0, "", pending[0], text[slice(*pending)])


def _covering(text: str, sentences: list[Sentence]) -> str:
    return text[sentences[0].start : sentences[-1].start + len(sentences[-1].text)]


def _passage(document: Document, number: int, heading: str, sentences: list[Sentence]) -> Passage:
    passage_id = f"{document.id}#{number}"
    owned = tuple(Sentence(0, passage_id, s.start, s.text, s.listed) for s in sentences)
    return Passage(
        passage_id,
        document.id,
        heading or document.title,
        sentences[0].start,
        _covering(document.text, sentences),
        owned,
    )
