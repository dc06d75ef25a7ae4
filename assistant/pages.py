"""The pages beside the chat: values, words, timeline, the path of new employees, and what the service is.

Each is complete as the server sends it: filters and checks are GET forms. The script repeats them in place.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, render_template, request
from limits import parse_many
from werkzeug.exceptions import NotFound

from assistant import timeline, web
from assistant.conversations import MESSAGE_DAYS
from assistant.domain import Document, Term, Validity
from assistant.quotes import Sources
from assistant.steps import Step, steps
from assistant.terms import Entry, ValueSet, entries, related, value_sets
from assistant.web import current_assistant, current_settings, translated
from assistant.wordsearch import alternatives, fits, searchable

ACCESSIBILITY_REVIEWED = "2026-11-24"
"""The day of the last review for the accessibility statement; set it when the pages are gone through again."""

ACCESSIBILITY_AUTHORITY = {"email": "saavutettavuus@traficom.fi", "phone": "029 534 5000"}
"""Who supervises the law on digital services since 2025; its site stands in the catalogues, in each language."""

ACCURACY_FILES = (
    Path(__file__).parent / "weights" / "accuracy.json",
    Path(__file__).parent.parent / "docs" / "accuracy.json",
)
"""Where the evaluation leaves its measures: packaged, or in a checkout."""

SEARCH_LIMIT = 200
"""Characters of a search that are looked at."""

blueprint = Blueprint("pages", __name__)


@dataclass(frozen=True)
class Shown:
    """A term on a page, with what the data file says of it and the words that a filter looks in."""

    term: Term
    entry: Entry | None
    visible: bool
    searched: str

    @property
    def translation(self) -> str:
        """The name in the language of the page, empty in Finnish."""
        language = web.language()
        return self.entry.translations.get(language, "") if self.entry and language != "fi" else ""


@blueprint.get("/arvot")
def values() -> str:
    """The values in force and those before them, each with every place where it is used."""
    wanted, standing = _wanted(), request.args.get("aika", "")
    shown = {item.term.slug: item for item in _shown(current_assistant().terms(), wanted) if item.term.kind == "arvo"}
    sets = value_sets(current_settings().corpus, _sources())
    seen: set[str] = set()
    parts = []
    for values in sets:
        matches = standing in ("", values.standing)
        own = [shown[slug] for slug in values.slugs if slug in shown and slug not in seen]
        again = [shown[slug] for slug in values.slugs if slug in shown and slug in seen]
        seen.update(values.slugs)
        parts.append(ValuePart(values, matches and any(item.visible for item in own), own, again))
    return render_template(
        "pages/values.html",
        parts=parts,
        sets=sets,
        undefined=all(item.term.definition is None for item in shown.values()),
        about_values=next((term for term in current_assistant().terms() if term.slug == "arvot"), None),
        wanted=wanted,
        standing=standing,
        count=sum(item.visible for part in parts if part.visible for item in part.own),
        documents=_sources().documents,
    )


@dataclass(frozen=True)
class ValuePart:
    """A set of values as a part of the page: the values told here, and those already told in a later set."""

    values: ValueSet
    visible: bool
    own: list[Shown]
    again: list[Shown]

    @property
    def size(self) -> int:
        """How many values are told here."""
        return len(self.own)


@blueprint.get("/sanasto")
def glossary() -> str:
    """The words of the strategy and of decision-making."""
    wanted, group = _wanted(), request.args.get("ryhma", "")
    terms = current_assistant().terms()
    shown = [item for item in _shown(terms, wanted, group) if item.term.kind == "termi"]
    return render_template(
        "pages/glossary.html",
        shown=sorted(shown, key=lambda item: item.term.name.lower()),
        groups=sorted({item.entry.group for item in shown if item.entry}),
        group=group,
        wanted=wanted,
        count=sum(item.visible for item in shown),
        related={item.term.slug: related(item.term, terms) for item in shown},
        documents=_sources().documents,
    )


@blueprint.get("/sanasto/<slug>")
def term(slug: str) -> str:
    """A word with every place where it is used."""
    terms = current_assistant().terms()
    found = next((item for item in _shown(terms, "") if item.term.slug == slug), None)
    if found is None:
        raise NotFound(translated("error.term_unknown"))
    return render_template(
        "pages/term.html", item=found, related=related(found.term, terms), documents=_sources().documents
    )


@blueprint.get("/sanamuodot")
def forms() -> Response:
    """The forms that fit each word of a search (`?haku=`), for the script's filter."""
    return jsonify(alternatives(_wanted()))


@blueprint.get("/aikajana")
def decisions() -> str:
    """What was decided when, what replaced what, and what the sources report on the goals."""
    wanted, kind = _wanted(), request.args.get("laji", "")
    order: timeline.Order = "oldest" if request.args.get("jarjestys") == "vanhin" else "newest"
    sources = _sources()
    years = [
        YearPart(
            year, [EventShown(event, _event_matches(event, wanted, kind), _event_words(event)) for event in events]
        )
        for year, events in timeline.years(sources, order)
    ]
    return render_template(
        "pages/timeline.html",
        years=years,
        kinds=timeline.KINDS,
        kind=kind,
        order=order,
        wanted=wanted,
        count=sum(event.visible for year in years for event in year.events),
        goals=timeline.goals(current_settings().corpus, sources),
        documents=sources.documents,
        ids={event.event.document.id for year in years for event in year.events},
    )


@dataclass(frozen=True)
class EventShown:
    """An event on the page, with the words that a filter looks in."""

    event: timeline.Event
    visible: bool
    searched: str


@dataclass(frozen=True)
class YearPart:
    """A year of the page; `year` is empty for undated documents."""

    year: str
    events: list[EventShown]

    @property
    def visible(self) -> bool:
        """Whether any of the year's events is."""
        return any(event.visible for event in self.events)


def _event_words(event: timeline.Event) -> str:
    return searchable(f"{event.document.title} {event.saying.quote if event.saying else ''}")


def _event_matches(event: timeline.Event, wanted: str, kind: str) -> bool:
    return fits(wanted, _event_words(event)) and kind in ("", event.document.kind)


@blueprint.get("/perehdytys")
def path() -> str:
    """The path of new employees; a chosen answer is told right or wrong at its step."""
    made = steps(current_settings().corpus, _sources())
    asked, chosen = request.args.get("askel"), request.args.get("vastaus", type=int)
    return render_template(
        "pages/steps.html", steps=made, asked=asked, chosen=chosen, verdict_of=_verdict, documents=_sources().documents
    )


def _verdict(step: Step, chosen: int | None) -> str:
    """`right`, `wrong`, or `none` where nothing was chosen."""
    if step.check is None or chosen is None or not 0 <= chosen < len(step.check.options):
        return "none"
    return "right" if chosen == step.check.right else "wrong"


@blueprint.get("/tietoa")
def about() -> str:
    """What the service is, told from the running settings and index."""
    documents = current_assistant().documents()
    dates = sorted(document.date for document in documents if document.date)
    facts = current_assistant().about()
    return render_template(
        "pages/about.html",
        facts=facts,
        kinds=sorted(Counter(document.kind for document in documents).items()),
        documents=sorted(documents, key=lambda document: (document.kind, document.title)),
        oldest=dates[0] if dates else None,
        undated=sum(document.date is None for document in documents),
        superseded=sum(document.validity is Validity.SUPERSEDED for document in documents),
        summaries=sum(document.summary for document in documents),
        originals=sum(document.original_start is not None for document in documents),
        quoted_from=_quoted_from(documents),
        accuracy=accuracy(),
        limits=[
            translated("about.privacy_limit", amount=limit.amount, seconds=limit.get_expiry())
            for limit in parse_many(current_settings().rate_limit)
        ],
        reviewed=ACCESSIBILITY_REVIEWED,
        authority=ACCESSIBILITY_AUTHORITY,
        message_days=MESSAGE_DAYS,
    )


def _quoted_from(documents: Iterable[Document]) -> str:
    """Whose words answers may quote; an original page's own stand in its document beside our summary."""
    kinds = {web.quoted_from([document]) for document in documents}
    fetched = any(document.original_start is not None for document in documents)
    return "both" if len(kinds) > 1 or (fetched and "summary" in kinds) else next(iter(kinds), "summary")


SHARES = (("right", "questions"), ("answerable_right", "answerable"), ("unanswerable_right", "unanswerable"))
"""Measures that are shown as "so many of so many"."""


def accuracy() -> Mapping[str, Any] | None:
    """What the evaluation measured, with `shares` as (measure, number, of how many) and the number of `others`,
    for which it does not matter whether they are answered; None where it has left no file."""
    for file in ACCURACY_FILES:
        if file.is_file():
            measured: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
            shares = [(part, measured[part], measured[whole]) for part, whole in SHARES if measured.get(whole)]
            others = measured.get("questions", 0) - measured.get("answerable", 0) - measured.get("unanswerable", 0)
            return measured | {"shares": shares, "others": others}
    return None


def _wanted() -> str:
    return request.args.get("haku", "")[:SEARCH_LIMIT].strip().lower()


def _shown(terms: Iterable[Term], wanted: str, group: str = "") -> list[Shown]:
    known = entries(current_settings().corpus)
    made = []
    for term in terms:
        entry = known.get(term.slug)
        names = " ".join(entry.translations.values()) if entry else term.name
        searched = searchable(f"{names} {term.definition.quote if term.definition else ''}")
        visible = fits(wanted, searched) and group in ("", entry.group if entry else "")
        made.append(Shown(term, entry, visible, searched))
    return made


def _sources() -> Sources:
    """The documents with their passages, read anew when another index serves."""
    assistant = current_assistant()
    built_at = assistant.about()["built_at"]
    kept: tuple[str, Sources] | None = current_app.extensions.get("sources")
    if kept is None or kept[0] != built_at:
        documents = assistant.documents()
        kept = (built_at, Sources(documents, (p for d in documents for p in assistant.passages(d.id))))
        current_app.extensions["sources"] = kept
    return kept[1]
