"""Measuring: how well passages are found, and how well questions are answered or refused.

Both go the way a question goes in service. A retrieval set is indexed and searched by the same code as the corpus, and
judged questions are asked of the assistant itself, in a conversation store of their own.
"""

from __future__ import annotations

import hashlib
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, TypeVar, cast

from assistant import finnish, measures
from assistant.assistant import Assistant
from assistant.build import write_index
from assistant.corpus import Corpus
from assistant.domain import Document, Hit, Passage, Status, Turn
from assistant.embedding import Embedder, Vectors, open_embedder
from assistant.errors import AssistantError
from assistant.index import Index
from assistant.judged import ABSTAIN, ANY, JudgedQuestion, RetrievalSet, read_judged_questions, read_retrieval_set
from assistant.passages import in_context
from assistant.plots import curves
from assistant.reranker import Reranker, open_reranker
from assistant.retrieval import Retriever, evidence
from assistant.settings import Settings

T = TypeVar("T")

LEGS = ("dense", "lexical", "fused")
"""The two legs, and what they are fused to."""
SHOWN = 10
"""Hits that a question gets in service; what is ordered by the fused score is cut to this depth."""
DEEP = 100
"""Depth of the recall of the candidates."""

READ = 0.02
"""What the reranker's number for the surest sentence of the first passage adds to the evidence of a retrieval set. On
the questions of the development halves that it was not trained on: area under the curve of faq-fi .748 -> .761, of
squad2-fi .589 -> .601, of tydiqa-fi as before."""

REFUSALS = frozenset({Status.NOT_FOUND, Status.OFF_TOPIC, Status.PERSONAL_MATTER, Status.EMERGENCY})
"""What `abstain` stands for."""
ANSWERS = frozenset({Status.ANSWERED, Status.ANSWERED_PARTLY})


@dataclass(frozen=True)
class LegMeasures:
    """How well one leg, or the fused whole, ranks."""

    ndcg_10: float
    recall_1: float
    recall_5: float
    recall_10: float
    recall_100: float
    mrr_10: float
    median_ms: float
    """A query, its embedding or its analysis included."""


@dataclass(frozen=True)
class RetrievalReport:
    """What `evaluate retrieval` found."""

    name: str
    passages: int
    answerable: int
    unanswerable: int
    outside: int
    legs: dict[str, LegMeasures]
    auroc: float | None
    """Of the evidence of the hits (`retrieval.evidence`, and what the reranker says of the first passage), answerable
    against unanswerable."""
    auroc_by_kind: dict[str, float | None]
    better_by: dict[str, measures.Difference]
    """nDCG@10 of the fused whole above each leg."""

    def data(self) -> dict[str, Any]:
        """For programs."""
        return asdict(self)

    def text(self) -> str:
        """For people."""
        lines = [
            f"{self.name}: {self.passages} passages, {self.answerable} answerable and {self.unanswerable} "
            "unanswerable questions",
            f"{'':8} {'nDCG@10':>8} {'R@1':>6} {'R@5':>6} {'R@10':>6} {'R@100':>6} {'MRR@10':>7} {'ms/query':>9}",
        ]
        for name, leg in self.legs.items():
            lines.append(
                f"{name:8} {leg.ndcg_10:8.4f} {leg.recall_1:6.3f} {leg.recall_5:6.3f} {leg.recall_10:6.3f} "
                f"{leg.recall_100:6.3f} {leg.mrr_10:7.4f} {leg.median_ms:9.1f}"
            )
        for name, d in self.better_by.items():
            lines.append(
                f"fused - {name}: {d.mean:+.4f} nDCG@10 (95 % {d.low:+.4f} … {d.high:+.4f}; "
                f"not above in {d.not_above:.1%} of {measures.SAMPLES} samples)"
            )
        if self.auroc is not None:
            lines.append(f"AUROC of the evidence, answerable against unanswerable: {self.auroc:.4f}")
        lines += [f"  {kind}: {_figure(value)}" for kind, value in self.auroc_by_kind.items()]
        if self.outside:
            lines.append(f"NOTE: {self.outside} relevant passages are not in corpus.jsonl and count as never found.")
        return "\n".join(lines)


def evaluate_retrieval(
    settings: Settings, folder: Path, progress: Callable[[int, int], None] | None = None, *, quick: bool = False
) -> RetrievalReport:
    """Indexes the set (kept, so that a second run is quick), asks its questions and compares the rankings.

    Raises EvaluationError.
    """
    given = read_retrieval_set(folder)
    embedder = open_embedder(settings)
    index = index_of(given, settings, embedder, progress)
    clock = _Clock(embedder)
    retriever = Retriever(index, cast(Embedder, clock))
    reranker = open_reranker(settings)
    ids = [text.id for text in given.texts]
    queries = [query for query in given.queries if query.quick or not quick]
    answerable = [query for query in queries if query.id in given.relevance]
    unanswerable = [query for query in queries if query.answerable is False and query.id not in given.relevance]

    retriever.search(retriever.query(queries[0].text))  # warm
    ranked: dict[str, list[list[str]]] = {name: [] for name in LEGS}
    deep: list[list[str]] = []
    times: dict[str, list[float]] = {name: [] for name in LEGS}
    best: dict[str, float] = {}
    for query in answerable + unanswerable:
        started = time.perf_counter()
        understood = retriever.query(query.text)
        prepared = time.perf_counter() - started
        hits, seconds = _timed(partial(retriever.search, understood, SHOWN))
        best[query.id] = evidence(hits) + READ * _surest(reranker, query.text, hits)
        if query.id not in given.relevance:
            continue
        ranked["fused"].append([hit.document.id for hit in hits])
        times["fused"].append(prepared + seconds)
        deep.append([hit.document.id for hit in retriever.search(understood, DEEP)])
        for leg, own in (("dense", clock.seconds), ("lexical", prepared - clock.seconds)):
            numbers, seconds = _timed(partial(retriever.leg, understood, leg, DEEP))
            ranked[leg].append([ids[number] for number in numbers])
            times[leg].append(own + seconds)

    relevance = [given.relevance[query.id] for query in answerable]
    gains = {n: [measures.ndcg(r, rel) for r, rel in zip(ranked[n], relevance, strict=True)] for n in LEGS}
    legs = {}
    for name in LEGS:
        pairs = list(zip(ranked[name], relevance, strict=True))
        deepest = deep if name == "fused" else ranked[name]
        first, five, ten = (_mean(measures.recall(r, rel, depth) for r, rel in pairs) for depth in (1, 5, 10))
        legs[name] = LegMeasures(
            _mean(gains[name]),
            first,
            five,
            ten,
            _mean(measures.recall(r, rel, DEEP) for r, rel in zip(deepest, relevance, strict=True)),
            _mean(measures.reciprocal_rank(r, rel) for r, rel in pairs),
            median(times[name]) * 1000 if times[name] else 0.0,
        )
    positive = [best[query.id] for query in answerable]
    kinds = sorted({query.kind for query in unanswerable if query.kind})
    return RetrievalReport(
        given.name,
        len(ids),
        len(answerable),
        len(unanswerable),
        given.outside,
        legs,
        measures.auroc(positive, [best[query.id] for query in unanswerable]),
        {k: measures.auroc(positive, [best[q.id] for q in unanswerable if q.kind == k]) for k in kinds},
        {name: measures.paired_bootstrap(gains["fused"], gains[name]) for name in LEGS[:2] if answerable},
    )


def _surest(reranker: Reranker | None, question: str, hits: Sequence[Hit]) -> float:
    """The reranker's number for the sentence of the first passage that answers most surely; 0 without a reranker."""
    if reranker is None or not hits:
        return 0.0
    passage = hits[0].passage
    sentences = [passage.text[start:end] for start, end in finnish.sentence_spans(passage.text)]
    given = [in_context(passage.heading, passage.text, sentence) for sentence in sentences]
    return float(reranker.logits(question, given).max(initial=-5.0))


class _Clock:
    """An embedder that remembers how long its last questions took."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self.seconds = 0.0

    def queries(self, texts: Sequence[str]) -> Vectors:
        """As the embedder's."""
        vectors, self.seconds = _timed(lambda: self._embedder.queries(texts))
        return vectors


def _timed(call: Callable[[], T]) -> tuple[T, float]:
    started = time.perf_counter()
    return call(), time.perf_counter() - started


def index_of(
    given: RetrievalSet, settings: Settings, embedder: Embedder, progress: Callable[[int, int], None] | None
) -> Index:
    """The index of a retrieval set, one passage a row, kept beside the corpus's own."""
    documents = tuple(Document(t.id, t.title, "", "", "muu", t.text) for t in given.texts)
    passages = [Passage(t.id, t.id, t.title, 0, t.text) for t in given.texts]
    corpus = Corpus(documents, ())
    folder = settings.index / "evaluations" / f"{given.name}-{hashlib.sha256(corpus.hash.encode()).hexdigest()[:8]}"
    write_index(folder, corpus, passages, embedder, sentences=False, progress=progress)
    return Index.open_current(folder)


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
            f"confidence: AUROC {_figure(data['auroc_answerable'])} answerable against not, "
            f"{_figure(data['auroc_right'])} right against wrong; "
            f"expected calibration error {_figure(data['calibration_error'])}",
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


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return sum(listed) / len(listed) if listed else 0.0


def _shown(share: dict[str, Any]) -> str:
    return f"{share['right']}/{share['of']}" + (f" = {share['share']:.3f}" if share["of"] else "")


def _listed(ids: Sequence[str]) -> str:
    return f"{len(ids)}" + (f": {', '.join(ids)}" if ids else "")


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
