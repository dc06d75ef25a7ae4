"""Measures of ranking and of confidence, as plain functions over numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

SAMPLES = 1000
"""Bootstrap samples; enough for a 95 % interval to two digits."""

BINS = 10
"""Bins of confidence whose share of right answers is told."""


def ndcg(ranked: Sequence[str], relevance: Mapping[str, int], depth: int = 10) -> float:
    """Normalised discounted cumulative gain of a ranking, gain 2^relevance - 1."""

    def gained(scores: Sequence[int]) -> float:
        return sum((2.0**score - 1) / math.log2(place + 1) for place, score in enumerate(scores, 1))

    best = gained(sorted(relevance.values(), reverse=True)[:depth])
    return gained([relevance.get(item, 0) for item in ranked[:depth]]) / best if best else 0.0


def recall(ranked: Sequence[str], relevance: Mapping[str, int], depth: int) -> float:
    """Share of the relevant items that stand among the first `depth`."""
    relevant = {item for item, score in relevance.items() if score > 0}
    return len(relevant.intersection(ranked[:depth])) / len(relevant) if relevant else 0.0


def reciprocal_rank(ranked: Sequence[str], relevance: Mapping[str, int], depth: int = 10) -> float:
    """One through the place of the first relevant item; 0 when none is among the first `depth`."""
    return next((1 / place for place, item in enumerate(ranked[:depth], 1) if relevance.get(item, 0) > 0), 0.0)


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float | None:
    """Probability that a positive scores above a negative, a tie counting half; None where either is empty."""
    if not len(positive) or not len(negative):
        return None
    ordered = np.sort(np.asarray(negative, float))
    below = np.searchsorted(ordered, positive, "left")
    up_to = np.searchsorted(ordered, positive, "right")
    return float((below + up_to).mean() / 2 / len(ordered))


@dataclass(frozen=True)
class Difference:
    """How much better one system is than another over the same questions, with its uncertainty."""

    mean: float
    low: float
    """2.5th percentile of the resampled means."""
    high: float
    """97.5th percentile."""
    not_above: float
    """Share of the resampled means that are not above zero."""


def paired_bootstrap(ours: Sequence[float], theirs: Sequence[float], samples: int = SAMPLES) -> Difference:
    """Resamples the questions with a fixed seed; both systems are always measured on the same ones."""
    differences = np.asarray(ours, float) - np.asarray(theirs, float)
    random = np.random.default_rng(20220516)
    drawn = random.integers(0, len(differences), (samples, len(differences)))
    means = differences[drawn].mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return Difference(float(differences.mean()), float(low), float(high), float((means <= 0).mean()))


@dataclass(frozen=True)
class Point:
    """One point of a risk-coverage curve."""

    coverage: float
    """Share of the questions that are answered when only those at least this sure are."""
    right: float
    """Share of these that are right."""
    confidence: float
    """The least confidence among them."""


def risk_coverage(judged: Sequence[tuple[float, bool]], total: int) -> list[Point]:
    """The curve of (confidence, right) pairs over `total` questions; pairs of one confidence make one point."""
    ordered = sorted(judged, key=lambda pair: -pair[0])
    points, right = [], 0
    for count, (confidence, is_right) in enumerate(ordered, 1):
        right += is_right
        if count == len(ordered) or ordered[count][0] != confidence:
            points.append(Point(count / total, right / count, confidence))
    return points


def area_under(points: Sequence[Point]) -> float | None:
    """Mean share of right answers over the coverages reached; None where nothing was answered."""
    if not points:
        return None
    start, area = 0.0, 0.0
    for point in points:
        area += (point.coverage - start) * point.right
        start = point.coverage
    return area / points[-1].coverage


@dataclass(frozen=True)
class Bin:
    """Answers of like confidence."""

    low: float
    high: float
    count: int
    confidence: float
    """Mean confidence."""
    right: float
    """Share that is right; equals `confidence` where it is calibrated."""


def calibration(judged: Sequence[tuple[float, bool]], bins: int = BINS) -> list[Bin]:
    """The bins, of equal width over 0..1, that hold any of the (confidence, right) pairs."""
    made = []
    for number in range(bins):
        low, high = number / bins, (number + 1) / bins
        inside = [p for p in judged if low <= p[0] < high or (number == bins - 1 and p[0] >= 1)]
        if inside:
            sure = sum(confidence for confidence, _ in inside) / len(inside)
            right = sum(is_right for _, is_right in inside) / len(inside)
            made.append(Bin(low, high, len(inside), sure, right))
    return made


def calibration_error(bins: Sequence[Bin]) -> float | None:
    """Expected distance of confidence and share right, each bin weighted by its count; None without answers."""
    total = sum(b.count for b in bins)
    return sum(b.count * abs(b.confidence - b.right) for b in bins) / total if total else None


def mean(values: Iterable[float]) -> float:
    """The mean, 0 of nothing."""
    listed = list(values)
    return sum(listed) / len(listed) if listed else 0.0


def figure(value: float | None) -> str:
    """A measure as it is printed."""
    return "-" if value is None else f"{value:.3f}"
