"""Reading judged questions: a retrieval set (three files in a folder), or questions with wanted answers (YAML)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from assistant.domain import Status
from assistant.errors import EvaluationError
from assistant.finnish import normalised

CORPUS_FILE, QUERIES_FILE, QRELS_FILE = "corpus.jsonl", "queries.jsonl", "qrels.tsv"

ABSTAIN, ANY = "abstain", "any"
STATUSES = frozenset({ABSTAIN, ANY, *Status})


@dataclass(frozen=True)
class Text:
    """A passage of a retrieval set."""

    id: str
    title: str
    text: str


@dataclass(frozen=True)
class Query:
    """A question of a retrieval set."""

    id: str
    text: str
    answerable: bool | None
    """None where the file does not say."""
    kind: str
    """Why it cannot be answered, where the file says."""
    quick: bool
    """Part of the smaller random half for fast runs."""


@dataclass(frozen=True)
class RetrievalSet:
    """Passages, questions and which passages are relevant to each question."""

    name: str
    texts: tuple[Text, ...]
    """Sorted by id."""
    queries: tuple[Query, ...]
    relevance: Mapping[str, Mapping[str, int]]
    """By question id: passage id -> score above zero."""
    outside: int
    """Relevant passages that the set does not hold; they count as never found."""


def read_retrieval_set(folder: Path) -> RetrievalSet:
    """Reads `corpus.jsonl`, `queries.jsonl` and `qrels.tsv`. Raises EvaluationError with file and line."""
    if not folder.is_dir():
        needed = f"{CORPUS_FILE}, {QUERIES_FILE} and {QRELS_FILE}"
        raise EvaluationError(f"{folder} is not a folder: name one that holds {needed}.")
    texts = [
        Text(key, normalised(str(row.get("title") or "")), normalised(_field(row, "text", at)))
        for key, row, at in _unique(folder / CORPUS_FILE)
    ]
    queries = tuple(
        Query(
            key,
            normalised(_field(row, "text", at)),
            row.get("answerable"),
            str(row.get("unanswerable_type") or ""),
            bool(row.get("quick")),
        )
        for key, row, at in _unique(folder / QUERIES_FILE)
    )
    if not texts or not queries:
        raise EvaluationError(f"{folder} has {len(texts)} passages and {len(queries)} questions: nothing to measure.")
    relevance = _read_qrels(folder / QRELS_FILE)
    known = {text.id for text in texts}
    outside = sum(item not in known for query in queries for item in relevance.get(query.id, ()))
    return RetrievalSet(folder.resolve().name, tuple(sorted(texts, key=lambda t: t.id)), queries, relevance, outside)


@dataclass(frozen=True)
class JudgedQuestion:
    """A conversation whose last turn is scored."""

    id: str
    who: str
    kind: str
    turns: tuple[str, ...]
    status: str
    """A Status, `abstain` or `any`."""
    must: tuple[re.Pattern[str], ...]
    must_not: tuple[re.Pattern[str], ...]
    sources: tuple[str, ...]


def read_judged_questions(file: Path) -> list[JudgedQuestion]:
    """Reads the list. Raises EvaluationError with the line of what cannot be read."""
    text = _read(file)
    try:
        # The C loader also takes an unquoted question in brackets: [Mitä?].
        node = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        # What is not closed is noticed at the end, after the last line.
        line = min(mark.line + 1, len(text.rstrip().split("\n"))) if mark else 1
        raise EvaluationError(
            f"{file}:{line}: this is not YAML: {getattr(error, 'problem', None) or error}."
        ) from error
    if not isinstance(node, yaml.SequenceNode) or not node.value:
        raise EvaluationError(
            f"{file}:1: there is no list of questions: write one `- {{id: …, turns: […], status: …}}` a line."
        )
    questions = [_judged(item, f"{file}:{item.start_mark.line + 1}") for item in node.value]
    seen: set[str] = set()
    for question, item in zip(questions, node.value, strict=True):
        if question.id in seen:
            raise EvaluationError(f"{file}:{item.start_mark.line + 1}: the id {question.id!r} is used twice.")
        seen.add(question.id)
    return questions


def _judged(node: yaml.Node, at: str) -> JudgedQuestion:
    value = yaml.SafeLoader("").construct_object(node, deep=True)
    if not isinstance(value, dict):
        raise EvaluationError(f"{at}: a question has to be a mapping with id, turns and status.")
    if not value.get("id"):
        raise EvaluationError(f"{at}: the question has no `id`.")
    turns = _strings(value, "turns", at)
    if not turns:
        raise EvaluationError(f"{at}: the question {value['id']!r} has no `turns`.")
    status = str(value.get("status") or "")
    if status not in STATUSES:
        raise EvaluationError(f"{at}: the status {status!r} is unknown: use one of {', '.join(sorted(STATUSES))}.")
    return JudgedQuestion(
        str(value["id"]),
        str(value.get("who") or ""),
        str(value.get("kind") or ""),
        turns,
        status,
        _patterns(value, "must", at),
        _patterns(value, "must_not", at),
        _strings(value, "sources", at),
    )


def _strings(value: dict[str, Any], name: str, at: str) -> tuple[str, ...]:
    found = value.get(name)
    found = [] if found is None else found
    if not isinstance(found, list) or not all(isinstance(item, (str, int, float)) for item in found):
        raise EvaluationError(f"{at}: `{name}` has to be a list of texts.")
    return tuple(str(item) for item in found)


def _patterns(value: dict[str, Any], name: str, at: str) -> tuple[re.Pattern[str], ...]:
    compiled = []
    for pattern in _strings(value, name, at):
        try:
            compiled.append(re.compile(pattern, re.IGNORECASE))
        except re.error as error:
            raise EvaluationError(f"{at}: {pattern!r} in `{name}` is not a regular expression: {error}.") from error
    return tuple(compiled)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        raise EvaluationError(f"{file} is missing.") from None
    except UnicodeDecodeError as error:
        raise EvaluationError(f"{file} is not UTF-8 (byte {error.start}): save it as UTF-8.") from error
    except OSError as error:
        raise EvaluationError(f"{file} cannot be read: {error.strerror}.") from error


def _unique(file: Path) -> Iterator[tuple[str, dict[str, Any], str]]:
    """(id, row, where) of each line of JSON."""
    seen: set[str] = set()
    for number, line in enumerate(_read(file).split("\n"), 1):
        if not line.strip():
            continue
        at = f"{file}:{number}"
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise EvaluationError(f"{at}: this is not JSON: {error.msg}.") from error
        if not isinstance(row, dict):
            raise EvaluationError(f"{at}: a line has to be an object with id and text.")
        key = str(row.get("id") or "")
        if not key:
            raise EvaluationError(f"{at}: the field `id` is missing.")
        if key in seen:
            raise EvaluationError(f"{at}: the id {key!r} is used twice.")
        seen.add(key)
        yield key, row, at


def _field(row: dict[str, Any], name: str, at: str) -> str:
    if not isinstance(row.get(name), str):
        raise EvaluationError(f"{at}: the field `{name}` is missing or not a text.")
    return str(row[name])


def _read_qrels(file: Path) -> dict[str, dict[str, int]]:
    relevance: dict[str, dict[str, int]] = {}
    for number, line in enumerate(_read(file).split("\n"), 1):
        if not line.strip():
            continue
        columns = line.rstrip("\r").split("\t")
        try:
            query, item, score = columns
            grade = int(score)
        except ValueError:
            if number == 1:  # the heading
                continue
            wanted = "a line is query-id, corpus-id and a whole number, parted by tabs"
            raise EvaluationError(f"{file}:{number}: {wanted}.") from None
        if grade > 0:
            relevance.setdefault(query, {})[item] = grade
    return relevance
