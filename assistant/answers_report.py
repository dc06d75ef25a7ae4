"""Measuring how well questions are answered or refused.

Judged questions are asked of the assistant itself, in a conversation store of their own.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from assistant import measures
from assistant.assistant import Assistant
from assistant.domain import Status, Turn
from assistant.embedding import open_embedder
from assistant.errors import AssistantError
from assistant.index import Index
from assistant.judged import ABSTAIN, ANY, JudgedQuestion, read_judged_questions
from assistant.plots import curves
from assistant.reranker import open_reranker
from assistant.settings import Settings

REFUSALS = frozenset({Status.NOT_FOUND, Status.OFF_TOPIC, Status.PERSONAL_MATTER, Status.EMERGENCY})
"""What `abstain` stands for."""
ANSWERS = frozenset({Status.ANSWERED, Status.ANSWERED_PARTLY})


@dataclass(frozen=True)
class Judgement:
    """How one judged question went."""

    id: str
    who: str
    kind: str
    turns: tuple[str, ...]
    expected: str
    status: str
    answer: str
    cited: tuple[str, ...]
    confidence: float
    ms: float
    problems: tuple[str, ...]
    """Why it is not right; empty where it is."""
    must_not_broken: bool
    source_cited: bool | None
    """Whether one of the wanted sources is cited; None where none was wanted or it was not answered."""

    @property
    def right(self) -> bool:
        """Status, patterns and sources as wanted."""
        return not self.problems

    @property
    def refused(self) -> bool:
        """The assistant did not answer, and said so."""
        return self.status in REFUSALS

    @property
    def wants_answer(self) -> bool | None:
        """Whether the sources hold the answer; None where the question does not say (`any`, small talk)."""
        if self.expected in ANSWERS:
            return True
        return False if self.expected == ABSTAIN or self.expected in REFUSALS else None


def judge(question: JudgedQuestion, turn: Turn | None, fault: str = "", ms: float = 0.0) -> Judgement:
    """Scores the last turn of a conversation; `fault` says why there is none."""
    answer = turn.answer if turn else None
    status, said = (answer.status, answer.text) if answer else (Status.ERROR, fault)
    cited = tuple(dict.fromkeys(citation.document for citation in answer.citations)) if answer else ()
    problems = []
    if not _status_fits(question.status, status):
        problems.append(f"status {status}")
    problems += [f"lacks /{pattern.pattern}/" for pattern in question.must if not pattern.search(said)]
    broken = [pattern.pattern for pattern in question.must_not if pattern.search(said)]
    problems += [f"has /{pattern}/" for pattern in broken]
    source_cited = None
    if question.sources and status in ANSWERS:
        source_cited = not set(cited).isdisjoint(question.sources)
        if not source_cited:
            problems.append(f"cites {', '.join(cited) or 'nothing'}")
    return Judgement(
        question.id,
        question.who,
        question.kind,
        question.turns,
        question.status,
        str(status),
        said,
        cited,
        answer.confidence if answer else 0.0,
        ms,
        tuple(problems),
        bool(broken),
        source_cited,
    )


def _status_fits(expected: str, status: Status) -> bool:
    if expected == ANY:
        return status is not Status.ERROR
    if expected == ABSTAIN:
        return status in REFUSALS
    return status in ANSWERS if expected == Status.ANSWERED else status == expected


@dataclass(frozen=True)
class AnswersReport:
    """What `evaluate answers` found."""

    name: str
    threshold: float
    judgements: tuple[Judgement, ...]
    unbound: tuple[Judgement, ...]
    """The same questions answered however unsure: what the curves are drawn from."""

    def _share(self, chosen: Iterable[bool | None]) -> dict[str, Any]:
        values = [bool(value) for value in chosen]
        return {"right": sum(values), "of": len(values), "share": sum(values) / len(values) if values else None}

    def _refusals(self, unanswerable: Sequence[Judgement]) -> dict[str, Any]:
        return self._share(j.refused for j in unanswerable)

    def _judged(self) -> list[tuple[float, bool]]:
        """(confidence, right) of what is answered when nothing is too unsure."""
        return [
            (j.confidence, j.right and j.wants_answer is True)
            for j in self.unbound
            if j.wants_answer is not None and j.status in ANSWERS
        ]

    def data(self) -> dict[str, Any]:
        """All measures, points and judgements, for programs."""
        all_ = self.judgements
        known = [j for j in all_ if j.wants_answer is not None]
        wanted, unwanted = [j for j in known if j.wants_answer], [j for j in known if not j.wants_answer]
        groups: dict[str, list[Judgement]] = defaultdict(list)
        for j in all_:
            groups[j.kind or j.expected].append(j)
        judged = self._judged()
        points = measures.risk_coverage(judged, sum(j.wants_answer is not None for j in self.unbound))
        bins = measures.calibration(judged)
        # A question that is turned away by its intent is never answered, however sure the assistant is of that.
        sure = [
            (j.wants_answer, 0.0 if j.refused and j.status != Status.NOT_FOUND else j.confidence)
            for j in self.unbound
            if j.wants_answer is not None
        ]
        return {
            "name": self.name,
            "threshold": self.threshold,
            "right": self._share(j.right for j in all_),
            "answerable_right": self._share(j.right for j in wanted),
            "source_cited": self._share(j.source_cited for j in wanted if j.source_cited is not None),
            "refusal_precision": self._share(not j.wants_answer for j in known if j.refused),
            "refusal_recall": self._refusals(unwanted),
            "refusal_recall_by_kind": {
                kind: self._refusals(group)
                for kind, members in sorted(groups.items())
                if (group := [j for j in members if j.wants_answer is False])
            },
            "wrongly_refused_by_kind": {
                kind: refused
                for kind, members in sorted(groups.items())
                if (refused := sum(j.refused and j.wants_answer is True for j in members))
            },
            "must_not_broken": [j.id for j in all_ if j.must_not_broken],
            "without_citation": [j.id for j in all_ if j.status in ANSWERS and not j.cited],
            "follow_ups": self._share(j.right for j in all_ if len(j.turns) > 1),
            "by_kind": {kind: self._share(j.right for j in group) for kind, group in sorted(groups.items())},
            "by_who": {
                who: self._share(j.right for j in all_ if j.who == who) for who in sorted({j.who for j in all_})
            },
            "median_ms": median(j.ms for j in all_),
            "slowest_ms": max(j.ms for j in all_),
            "risk_coverage": [asdict(point) for point in points],
            "risk_coverage_area": measures.area_under(points),
            "auroc_answerable": measures.auroc([c for w, c in sure if w], [c for w, c in sure if not w]),
            "auroc_right": measures.auroc([c for c, right in judged if right], [c for c, right in judged if not right]),
            "calibration": [asdict(b) for b in bins],
            "calibration_error": measures.calibration_error(bins),
            "judgements": [asdict(j) | {"right": j.right} for j in all_],
        }

    def text(self) -> str:
        """The measures and the failures, for people."""
        data = self.data()

        def line(label: str, key: str) -> str:
            return f"{label:34} {_shown(data[key])}"

        lines = [
            f"{self.name}: {len(self.judgements)} questions, threshold {self.threshold:g}",
            line("right", "right"),
            line("  of the answerable", "answerable_right"),
            line("right source cited, of answered", "source_cited"),
            line("refusals that were due (precision)", "refusal_precision"),
            line("due refusals made (recall)", "refusal_recall"),
            *(f"  {kind:32} {_shown(share)}" for kind, share in data["refusal_recall_by_kind"].items()),
            f"{'must_not broken':34} {_listed(data['must_not_broken'])}",
            f"{'answers without a citation':34} {_listed(data['without_citation'])}",
            line("follow-ups right", "follow_ups"),
            "right by kind",
            *(f"  {kind:32} {_shown(share)}" for kind, share in data["by_kind"].items()),
            f"{'median ms a question':34} {data['median_ms']:.1f} (slowest {data['slowest_ms']:.1f})",
            "",
            f"confidence: AUROC {measures.figure(data['auroc_answerable'])} answerable against not, "
            f"{measures.figure(data['auroc_right'])} right against wrong; "
            f"expected calibration error {measures.figure(data['calibration_error'])}",
            "share answered -> share right  " + self._coverage_line(data["risk_coverage"]),
            "confidence -> share right      "
            + "  ".join(f"{b['confidence']:.2f}->{b['right']:.2f} ({b['count']})" for b in data["calibration"]),
        ]
        failures = [j for j in self.judgements if not j.right]
        lines += ["", f"failures: {len(failures)}"]
        for j in failures:
            lines.append(f"  {j.id} [{j.kind or j.expected}] {' / '.join(j.turns)}")
            lines.append(f"      {'; '.join(j.problems)} (confidence {j.confidence:.2f})")
            lines.append(f"      {' '.join(j.answer.split())[:120]}")
        return "\n".join(lines)

    def _coverage_line(self, points: list[dict[str, float]]) -> str:
        """The curve at each tenth that it reaches."""
        told = []
        for tenth in range(1, 11):
            reached = [p for p in points if p["coverage"] >= tenth / 10]
            if reached:
                told.append(f"{reached[0]['coverage']:.2f}->{reached[0]['right']:.2f}")
        return "  ".join(dict.fromkeys(told)) or "nothing answered"

    def svg(self) -> str:
        """The risk-coverage curve and the calibration as a picture."""
        judged = self._judged()
        points = measures.risk_coverage(judged, sum(j.wants_answer is not None for j in self.unbound))
        return curves(points, measures.calibration(judged), self.threshold, self.name)


def evaluate_answers(settings: Settings, file: Path) -> AnswersReport:
    """Asks the questions of the file, at the threshold in use and once more without one. Raises EvaluationError."""
    questions = read_judged_questions(file)
    Index.open_current(settings.index)  # a missing index is told before the model takes its seconds
    embedder, reranker = open_embedder(settings), open_reranker(settings)
    with TemporaryDirectory() as scratch:
        runs = [
            _ask_all(Assistant(replace(changed, data=Path(scratch) / f"{number}.db"), embedder, reranker), questions)
            for number, changed in enumerate((settings, replace(settings, threshold=0.0)))
        ]
    return AnswersReport(file.name, settings.threshold, *runs)


def _ask_all(assistant: Assistant, questions: Sequence[JudgedQuestion]) -> tuple[Judgement, ...]:
    assistant.ask(questions[0].turns[0])  # warm
    return tuple(_ask(assistant, question) for question in questions)


def _ask(assistant: Assistant, question: JudgedQuestion) -> Judgement:
    conversation: str | None = None
    turn: Turn | None = None
    started = time.perf_counter()
    try:
        for text in question.turns:
            started = time.perf_counter()
            turn = assistant.ask(text, conversation)
            conversation = turn.conversation
    except AssistantError as error:
        return judge(question, None, str(error))
    return judge(question, turn, ms=(time.perf_counter() - started) * 1000)


def _shown(share: dict[str, Any]) -> str:
    return f"{share['right']}/{share['of']}" + (f" = {share['share']:.3f}" if share["of"] else "")


def _listed(ids: Sequence[str]) -> str:
    return f"{len(ids)}" + (f": {', '.join(ids)}" if ids else "")
