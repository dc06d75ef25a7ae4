"""Reading the corpus: Markdown files with front matter become Documents; every fault is named with its mend."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from assistant.domain import Document, SupersededPart
from assistant.errors import CorpusError

KINDS = ("strategia", "arvot", "uutinen", "paatoksenteko", "talous", "hyvinvointi", "palvelu", "muu")
REQUIRED = ("id", "title", "url", "publisher", "kind")
OPTIONAL = ("published", "event_date", "supersedes", "summary")
LONGEST_PART = 6000
"""Characters under one heading; longer parts read badly and cite badly."""

_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Fault:
    """Something wrong in a corpus file."""

    file: Path
    line: int
    problem: str
    mend: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.problem} {self.mend}"


@dataclass(frozen=True)
class Corpus:
    """All documents, sorted by id, with their relations filled in, and the faults found on the way."""

    documents: tuple[Document, ...]
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...] = ()
    """What may be right and is worth a look; it stops no build."""

    @property
    def hash(self) -> str:
        """Equal only for equal documents."""
        digest = hashlib.sha256()
        for document in self.documents:
            digest.update(repr(document).encode())
        return digest.hexdigest()[:16]


def document_hash(document: Document) -> str:
    """A short hash of a document's text as the corpus has it, for receipts and for seeing that a source has changed."""
    return text_hash(document.summary_text)


def text_hash(text: str) -> str:
    """A short hash of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def read_corpus(folder: Path) -> Corpus:
    """Reads every `*.md` file below the folder (README.md files aside). Raises CorpusError when the folder is missing
    or empty.
    """
    files = sorted(p for p in folder.rglob("*.md") if p.name != "README.md") if folder.is_dir() else []
    if not files:
        raise CorpusError(
            f"No documents in {folder}: put Markdown files there, or name another folder in ASSISTANT_CORPUS."
        )
    found: list[tuple[Path, Document]] = []
    faults: list[Fault] = []
    for file in files:
        document, own_faults = _read_file(file)
        faults += own_faults
        if document:
            found.append((file, document))
    faults += _relation_faults(found)
    return Corpus(_related([document for _, document in found]), tuple(faults), tuple(_warnings(found)))


def valid_corpus(folder: Path) -> Corpus:
    """Reads the corpus for a build. Raises CorpusError that lists the faults when there are any."""
    corpus = read_corpus(folder)
    if corpus.faults:
        listed = "\n".join(f"  {fault}" for fault in corpus.faults[:20])
        more = f"\n  … and {len(corpus.faults) - 20} more" if len(corpus.faults) > 20 else ""
        raise CorpusError(
            f"The corpus has {len(corpus.faults)} fault(s); nothing was built, the last good index is untouched.\n"
            f"{listed}{more}\nMend them and run `assistant build` again; `assistant check` shows the list."
        )
    return corpus


def _read_file(file: Path) -> tuple[Document | None, list[Fault]]:
    raw = file.read_bytes()
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        fault = Fault(file, line, "The file is not UTF-8 (Latin-1, perhaps).", "Save it as UTF-8.")
        return None, [fault]
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    faults = [
        Fault(file, number, "Letters are in mixed Unicode forms (a + ¨ instead of ä).", "Save the file in form NFC.")
        for number, line in enumerate(text.split("\n"), 1)
        if not unicodedata.is_normalized("NFC", line)
    ]
    text = unicodedata.normalize("NFC", text)
    match = re.match(r"---\n(.*?)\n---[ \t]*(?:\n|$)", text, re.DOTALL)
    if not match:
        mend = "Begin the file with a block between two lines of `---`, as in corpus/README.md."
        return None, [*faults, Fault(file, 1, "There is no front matter.", mend)]
    try:
        front = yaml.load(match.group(1), Loader=_PlainLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = (mark.line if mark else 0) + 2
        problem = f"The front matter is not YAML: {getattr(error, 'problem', None) or error}."
        return None, [*faults, Fault(file, line, problem, "Put the value in quotation marks.")]
    if not isinstance(front, dict):
        return None, [*faults, Fault(file, 2, "The front matter has no fields.", f"Write {', '.join(REQUIRED)}.")]
    body_line = text[: match.end()].count("\n") + 1
    front_faults = list(_front_faults(file, front, match.group(1)))
    faults += front_faults + list(_body_faults(file, text[match.end() :], body_line))
    if front_faults:
        return None, faults
    return _document(front, text[match.end() :].strip()), faults


class _PlainLoader(yaml.SafeLoader):
    """YAML in which dates and years stay text: `published: 2022-05-16` and `published: 2022` mean what they look
    like.
    """


_PlainLoader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in resolvers if tag == "tag:yaml.org,2002:bool"]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _document(front: dict[str, Any], body: str) -> Document:
    return Document(
        id=front["id"],
        title=front["title"],
        url=front["url"],
        publisher=front["publisher"],
        kind=front["kind"],
        text=body,
        published=front.get("published"),
        event_date=front.get("event_date"),
        supersedes=tuple(front.get("supersedes") or ()),
        summary=front.get("summary", True),
    )


def _front_faults(file: Path, front: dict[str, Any], source: str) -> Iterable[Fault]:
    def line(name: str) -> int:
        lines = source.split("\n")
        return next((n for n, text in enumerate(lines, 2) if text.startswith(f"{name}:")), 2)

    for name in REQUIRED:
        if not isinstance(front.get(name), str) or not front[name].strip():
            yield Fault(file, line(name), f"The field `{name}` is missing or empty.", f"Add `{name}: …`.")
    for name in front:
        if name not in REQUIRED + OPTIONAL:
            allowed = ", ".join(REQUIRED + OPTIONAL)
            yield Fault(file, line(str(name)), f"The field `{name}` is unknown.", f"Use only {allowed}.")
    if isinstance(front.get("id"), str) and not _ID.fullmatch(front["id"]):
        yield Fault(file, line("id"), f"The id {front['id']!r} is not a slug.", "Use a-z, 0-9 and single hyphens.")
    if isinstance(front.get("kind"), str) and front["kind"] not in KINDS:
        yield Fault(file, line("kind"), f"The kind {front['kind']!r} is unknown.", f"Use one of {', '.join(KINDS)}.")
    if isinstance(front.get("url"), str) and not re.match(r"https?://[^\s/]+", front["url"]):
        yield Fault(file, line("url"), f"The url {front['url']!r} is not a web address.", "Begin it with https://.")
    for name in ("published", "event_date"):
        value = front.get(name)
        if value is not None and not (isinstance(value, str) and _DATE.fullmatch(value)):
            mend = "Write YYYY, YYYY-MM or YYYY-MM-DD, or leave the field out."
            yield Fault(file, line(name), f"`{name}` is {value!r}, not a date.", mend)
    supersedes = front.get("supersedes")
    if supersedes is not None and not (isinstance(supersedes, list) and all(isinstance(s, str) for s in supersedes)):
        yield Fault(file, line("supersedes"), "`supersedes` is not a list of ids.", "Write `supersedes: [id, id]`.")
    if not isinstance(front.get("summary", True), bool):
        yield Fault(file, line("summary"), "`summary` is neither true nor false.", "Write `summary: true`.")


def _body_faults(file: Path, body: str, first_line: int) -> Iterable[Fault]:
    if not body.strip():
        yield Fault(
            file, first_line, "The document has no text.", "Write the text below the front matter, or delete the file."
        )
        return
    heading_line, heading, length = first_line, "", 0
    parts: list[tuple[int, str, int]] = []
    for number, line in enumerate(body.split("\n"), first_line):
        if line.startswith("#"):
            parts.append((heading_line, heading, length))
            heading_line, heading, length = number, line.lstrip("# "), 0
        else:
            length += len(line.strip())
    parts.append((heading_line, heading, length))
    for number, heading, length in parts:
        if heading and not length:
            yield Fault(
                file, number, f"There is no text under the heading {heading!r}.", "Write it or delete the heading."
            )
        if length > LONGEST_PART:
            problem = f"The part {heading!r} has {length} characters (the limit is {LONGEST_PART})."
            yield Fault(file, number, problem, "Divide it with `## ` headings.")


def _relation_faults(found: list[tuple[Path, Document]]) -> Iterable[Fault]:
    first: dict[str, Path] = {}
    for file, document in found:
        if document.id in first:
            yield Fault(
                file,
                2,
                f"The id {document.id!r} is already that of {first[document.id]}.",
                "Give each file its own id.",
            )
        first.setdefault(document.id, file)
    texts = {document.id: document.text for _, document in found}
    for file, document in found:
        line = _supersedes_line(file)
        for named in document.supersedes:
            other, _, heading = named.partition("#")
            if other == document.id:
                yield Fault(file, line, "The document supersedes itself.", "Take its own id out of `supersedes`.")
            elif other not in texts:
                yield Fault(file, line, f"`supersedes` names {other!r}, which no document has.", "Correct the id.")
            elif heading and not re.search(rf"^#+ +{re.escape(heading)}$", texts[other], re.MULTILINE):
                problem = f"`supersedes` names a heading of {other!r} that it does not have: {heading!r}."
                yield Fault(file, line, problem, "Copy the heading exactly, without its `## `.")


def _supersedes_line(file: Path) -> int:
    lines = file.read_text(encoding="utf-8").split("\n")
    return next((n for n, text in enumerate(lines, 1) if text.startswith("supersedes:")), 2)


def _warnings(found: list[tuple[Path, Document]]) -> Iterable[Fault]:
    """Whole pages that something older replaces; a part that is named by its heading was looked at already."""
    dates = {document.id: document.date for _, document in found}
    for file, document in found:
        for other in document.supersedes:
            if _later(dates.get(other), document.date):
                problem = f"`supersedes` names {other!r} of {dates[other]}, later than this document ({document.date})."
                mend = "See which replaced which; where only a part was replaced, name it: `id#heading`."
                yield Fault(file, _supersedes_line(file), problem, mend)


def _later(date: str | None, other: str | None) -> bool:
    """Whether a date is surely later than another: 2022 is no later than 2022-05."""
    known = min(len(date or ""), len(other or ""))
    return (date or "")[:known] > (other or "")[:known]


def _related(documents: list[Document]) -> tuple[Document, ...]:
    """Fills in what supersedes each document or part of it, and since when."""
    superseders: dict[tuple[str, str], list[Document]] = defaultdict(list)
    for document in documents:
        for named in document.supersedes:
            other, _, heading = named.partition("#")
            superseders[other, heading].append(document)
    filled = []
    for document in documents:
        later = {
            heading: sorted(found, key=lambda d: (d.date or "9999", d.id))
            for (id, heading), found in superseders.items()
            if id == document.id
        }
        parts = [
            SupersededPart(heading, tuple(d.id for d in found), _superseded_since(document, found))
            for heading, found in later.items()
        ]
        whole = next((part for part in parts if not part.heading), SupersededPart("", ()))
        filled.append(
            replace(
                document,
                superseded_by=whole.superseded_by,
                superseded_since=whole.superseded_since,
                superseded_parts=tuple(part for part in parts if part.heading),
            )
        )
    return tuple(sorted(filled, key=lambda d: d.id))


def _superseded_since(document: Document, by: list[Document]) -> str | None:
    """The day from which others supersede a document, where it is known: a page without a date may have done so before
    the one that superseded them both."""
    between = {other for later in by for other in later.supersedes}
    if any(not later.date and later.id in between for later in by):
        return None
    # A decision may come into force later than it was made: a page can be younger than what supersedes it.
    return min((later.date for later in by if later.date and later.date >= (document.date or "")), default=None)
