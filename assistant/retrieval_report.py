"""Measuring how well passages are found: each leg, and the fused whole, on a retrieval set.

The set is indexed and searched by the same code as the corpus.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, TypeVar, cast

from assistant import finnish, measures
from assistant.build import write_index
from assistant.corpus import Corpus
from assistant.domain import Document, Hit, Passage
from assistant.embedding import Embedder, Vectors, open_embedder
from assistant.index import Index
from assistant.judged import RetrievalSet, read_retrieval_set
from assistant.passages import in_context
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
        lines += [f"  {kind}: {measures.figure(value)}" for kind, value in self.auroc_by_kind.items()]
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
        first, five, ten = (measures.mean(measures.recall(r, rel, depth) for r, rel in pairs) for depth in (1, 5, 10))
        legs[name] = LegMeasures(
            measures.mean(gains[name]),
            first,
            five,
            ten,
            measures.mean(measures.recall(r, rel, DEEP) for r, rel in zip(deepest, relevance, strict=True)),
            measures.mean(measures.reciprocal_rank(r, rel) for r, rel in pairs),
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
