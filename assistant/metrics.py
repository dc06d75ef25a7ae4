"""What an operator can watch: counts and times of questions, feedback, and the age of the index."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from assistant.domain import Turn

SECONDS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)


class Metrics:
    """The measures of one app; no measure holds anything that a person wrote."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.questions = Counter(
            "assistant_questions", "Questions by outcome and language.", ["status", "language"], registry=self.registry
        )
        self.seconds = Histogram(
            "assistant_answer_seconds", "Time to an answer.", buckets=SECONDS, registry=self.registry
        )
        self.feedback = Counter(
            "assistant_feedback", "Feedback on answers.", ["helped", "reason"], registry=self.registry
        )
        self.errors = Counter("assistant_errors", "Responses by error status.", ["status"], registry=self.registry)
        self.documents = Gauge("assistant_documents", "Documents in the index.", registry=self.registry)
        self.passages = Gauge("assistant_passages", "Passages in the index.", registry=self.registry)
        self.indexed = Gauge(
            "assistant_last_indexed_timestamp_seconds", "When the index was built.", registry=self.registry
        )
        self.ready = Gauge("assistant_ready", "1 when a question can be answered.", registry=self.registry)

    def answered(self, turn: Turn, seconds: float) -> None:
        """Counts a question and its time."""
        self.questions.labels(turn.answer.status.value, turn.answer.language).inc()
        self.seconds.observe(seconds)

    def text(self, about: dict[str, Any] | None) -> str:
        """All measures in Prometheus' text format; `about` is the assistant's, None while there is no index."""
        self.ready.set(about is not None)
        if about:
            self.documents.set(about["documents"])
            self.passages.set(about["passages"])
            self.indexed.set(datetime.fromisoformat(about["built_at"]).timestamp())
        return generate_latest(self.registry).decode()
