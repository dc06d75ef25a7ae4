"""What was decided when, what replaced what, and the goals of the strategy with the sources that report on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Literal

from assistant.domain import Citation, Document, Language
from assistant.marking import day
from assistant.quotes import Sources, read_choices

KINDS = ("strategia", "arvot", "paatoksenteko", "talous")
"""Kinds of documents that tell of decisions."""
FILE = "tavoitteet.toml"

Order = Literal["newest", "oldest"]


@dataclass(frozen=True)
class Event:
    """A document as a point of time."""

    document: Document
    saying: Citation | None
    """The sentence that tells what happened."""
    replaces: tuple[Document, ...]
    replaced_by: tuple[Document, ...]


@dataclass(frozen=True)
class Goal:
    """A goal of the strategy, where it is named, and what the sources report on it from oldest to newest."""

    slug: str
    name: Mapping[Language, str]
    named_in: Citation
    reports: tuple[Citation, ...]


def years(sources: Sources, order: Order = "newest") -> list[tuple[str, list[Event]]]:
    """The events by year; undated documents come last under an empty year."""
    chosen = [document for document in sources.documents.values() if document.kind in KINDS]
    dated = sorted((d for d in chosen if d.date), key=lambda d: (d.date or "", d.id), reverse=order == "newest")
    undated = sorted((d for d in chosen if not d.date), key=lambda d: d.id)
    return [
        (year, [_event(document, sources) for document in group])
        for year, group in groupby([*dated, *undated], key=lambda d: (d.date or "")[:4])
    ]


def _event(document: Document, sources: Sources) -> Event:
    return Event(
        document,
        _saying(document, sources),
        tuple(_known(document.supersedes, sources)),
        tuple(_known(document.superseded_by, sources)),
    )


def _saying(document: Document, sources: Sources) -> Citation | None:
    """The first sentence that names the day of the event, else the first of all."""
    sentences = [s.text for passage in sources.passages(document.id) for s in passage.sentences]
    written = day(document.event_date, "fi") if document.event_date else None
    chosen = next((s for s in sentences if written and written in s), sentences[0] if sentences else "")
    return sources.citation(document.id, chosen)


def _known(ids: Iterable[str], sources: Sources) -> Iterable[Document]:
    return (sources.documents[id] for id in ids if id in sources.documents)


def goals(folder: Path, sources: Sources) -> list[Goal]:
    """The goals of the folder's `tavoitteet.toml`. Raises CorpusError."""
    made = []
    for choice in read_choices(folder / FILE)["goal"]:
        reports = [sources.citation(r["document"], r["quote"]) for r in choice["reports"]]
        known = sorted((r for r in reports if r), key=lambda r: r.date or "9999")
        if named_in := sources.citation(choice["document"], choice["quote"]):
            made.append(Goal(choice["slug"], choice["name"], named_in, tuple(known)))
    return made
