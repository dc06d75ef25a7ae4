"""The path of new employees: steps of quoted text, each with a question to try and one to check oneself with."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.domain import Citation, Language
from assistant.quotes import Sources, read_choices

FILE = "perehdytys.toml"


@dataclass(frozen=True)
class Check:
    """A question whose answer is in the step's quotes."""

    question: str
    options: tuple[str, ...]
    right: int
    """Which option is right, from 0."""
    proof: Citation


@dataclass(frozen=True)
class Step:
    """A step of the path."""

    slug: str
    title: Mapping[Language, str]
    quotes: tuple[Citation, ...]
    try_question: str
    check: Check | None
    """None where the quote that proves the answer is gone from the sources."""


def steps(folder: Path, sources: Sources) -> list[Step]:
    """The steps of the folder's `perehdytys.toml`, those left without any quote left out. Raises CorpusError."""
    made = (_step(choice, sources) for choice in read_choices(folder / FILE)["step"])
    return [step for step in made if step.quotes]


def _step(choice: Mapping[str, Any], sources: Sources) -> Step:
    chosen = [sources.citation(q["document"], q["quote"], n) for n, q in enumerate(choice["quotes"], 1)]
    proof = chosen[choice["proof"] - 1]
    order = sorted(choice["options"], key=lambda option: _shuffled(choice["slug"], option))
    return Step(
        choice["slug"],
        choice["title"],
        tuple(citation for citation in chosen if citation),
        choice["try"],
        Check(choice["check"], tuple(order), order.index(choice["options"][0]), proof) if proof else None,
    )


def _shuffled(slug: str, option: str) -> str:
    """A key that puts the options in an order that looks random but is the same for everyone."""
    return hashlib.sha256(f"{slug}/{option}".encode()).hexdigest()
