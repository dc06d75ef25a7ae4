"""The values and the words of the strategy and of decision-making, with what the sources say of them.

Which words there are, and where they are defined, stands in `terms.toml` beside the corpus; all else is quoted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from assistant.domain import Citation, Document, Language, Passage, Term
from assistant.finnish import words
from assistant.quotes import Sources, read_choices
from assistant.wordsearch import base_forms

FILE = "terms.toml"
VALUES_GROUP = "arvot"
"""The group of the terms that are or were values of the city."""

Standing = Literal["in_force", "before", "attested"]


@dataclass(frozen=True)
class Entry:
    """What the data file says of a term: its names and group; nothing about the matter itself."""

    slug: str
    name: str
    group: str
    translations: Mapping[Language, str]


@dataclass(frozen=True)
class ValueSet:
    """The values that the city had at the same time, and the sentence that lists them."""

    standing: Standing
    """In force, in force until a known day, or attested by a source of one year."""
    since: str | None
    until: str | None
    attested: str | None
    listing: Citation | None
    slugs: tuple[str, ...]


def terms(folder: Path, documents: Iterable[Document], passages: Iterable[Passage]) -> list[Term]:
    """The terms of the folder's `terms.toml` in its order; none where there is no such file. Raises CorpusError."""
    sources = Sources(documents, passages)
    choices = read_choices(folder / FILE)
    sets = value_sets(folder, sources)
    return [_term(choice, sets, sources) for choice in choices["term"]]


def _term(choice: Mapping[str, Any], sets: Sequence[ValueSet], sources: Sources) -> Term:
    # The newest set that holds the value tells since when and until when; the sets stand newest first.
    own = next((values for values in sets if choice["slug"] in values.slugs), None)
    return Term(
        slug=choice["slug"],
        name=choice["name"],
        kind="arvo" if choice["group"] == VALUES_GROUP else "termi",
        definition=sources.citation(choice.get("document", ""), choice.get("definition", "")),
        in_force_since=(own.since or own.attested) if own else None,
        in_force_until=(own.until or own.attested) if own else None,
        uses=sources.uses(choice["words"]),
    )


def entries(folder: Path) -> dict[str, Entry]:
    """Names and groups of the terms, by slug."""
    return {
        choice["slug"]: Entry(
            choice["slug"],
            choice["name"],
            choice["group"],
            {"fi": choice["name"], "sv": choice.get("sv", ""), "en": choice.get("en", "")},
        )
        for choice in read_choices(folder / FILE)["term"]
    }


def value_sets(folder: Path, sources: Sources) -> list[ValueSet]:
    """The values in force and those before them, newest first; the days are those of the documents."""

    def day(document_id: str | None) -> str | None:
        document = sources.documents.get(document_id or "")
        return document.date if document else None

    def made(choice: Mapping[str, Any]) -> ValueSet:
        attested = choice.get("attested")
        return ValueSet(
            standing="attested" if attested else "before" if "until" in choice else "in_force",
            since=day(choice.get("since")),
            until=day(choice.get("until")),
            attested=attested,
            listing=sources.citation(choice["document"], choice["quote"]),
            slugs=tuple(choice["terms"]),
        )

    return [made(choice) for choice in read_choices(folder / FILE)["values"]]


def named(text: str, language: Language, terms: Iterable[Term], known: Mapping[str, Entry]) -> list[Term]:
    """The terms whose name a text holds in any form, in Finnish or in its own language, the longest names first."""
    held = {form for word in words(text) for form in (word.lower(), *base_forms(word))}

    def holds(name: str) -> bool:
        return bool(name) and all(held.intersection((word.lower(), *base_forms(word))) for word in words(name))

    found = [term for term in terms if any(holds(name) for name in _names(term, language, known.get(term.slug)))]
    return sorted(found, key=lambda term: (-len(term.name), term.slug))


def _names(term: Term, language: Language, entry: Entry | None) -> Iterable[str]:
    return (term.name, entry.translations.get(language, "") if entry else "")


def related(term: Term, others: Sequence[Term], limit: int = 4) -> list[Term]:
    """The terms most often used in the same sentences."""
    places = {(use.document, use.quote) for use in term.uses}
    shared = {
        other.slug: sum((use.document, use.quote) in places for use in other.uses)
        for other in others
        if other.slug != term.slug
    }
    ranked = sorted(others, key=lambda other: (-shared.get(other.slug, 0), other.slug))
    return [other for other in ranked if shared.get(other.slug, 0)][:limit]
