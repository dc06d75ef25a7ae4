"""The two curves of an evaluation as one SVG picture, drawn by hand so that no plotting library is needed."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from assistant.measures import Bin, Point

SIZE, GAP, MARGIN = 260, 90, 50
"""Sides of the two squares, the room between and around them, in pixels."""

STYLE = (
    "text{font:12px sans-serif;fill:#222}.title{font-weight:bold}.grid{stroke:#ddd}.axis{stroke:#222;fill:none}"
    ".curve{stroke:#0b5a8f;stroke-width:2;fill:none}.now{fill:#b3261e}.ideal{stroke:#888;stroke-dasharray:4 4}"
    ".bar{fill:#0b5a8f;fill-opacity:.7}"
)


def curves(points: Sequence[Point], bins: Sequence[Bin], threshold: float, title: str) -> str:
    """Risk and coverage on the left, calibration on the right. The threshold in use is a dot on the curve."""
    width, height = 2 * SIZE + GAP + 2 * MARGIN, SIZE + 2 * MARGIN + 20
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">',
            f"<title>{escape(title)}</title><style>{STYLE}</style>",
            f'<rect width="{width}" height="{height}" fill="#fff"/>',
            f'<g transform="translate({MARGIN} {MARGIN})">{_risk_coverage(points, threshold)}</g>',
            f'<g transform="translate({MARGIN + SIZE + GAP} {MARGIN})">{_calibration(bins)}</g>',
            "</svg>\n",
        ]
    )


def _at(x: float, y: float) -> str:
    return f"{x * SIZE:.1f},{(1 - y) * SIZE:.1f}"


def _frame(title: str, across: str, up: str) -> str:
    parts = [f'<text class="title" y="-16">{title}</text>']
    for step in range(6):
        share, place = step / 5, step * SIZE / 5
        parts.append(f'<path class="grid" d="M0,{place:.1f}H{SIZE}M{place:.1f},0V{SIZE}"/>')
        parts.append(f'<text x="{place:.1f}" y="{SIZE + 16}" text-anchor="middle">{share:.1f}</text>')
        parts.append(f'<text x="-6" y="{SIZE - place + 4:.1f}" text-anchor="end">{share:.1f}</text>')
    parts.append(f'<path class="axis" d="M0,0V{SIZE}H{SIZE}"/>')
    parts.append(f'<text x="{SIZE / 2}" y="{SIZE + 36}" text-anchor="middle">{across}</text>')
    parts.append(f'<text transform="translate(-34 {SIZE / 2}) rotate(-90)" text-anchor="middle">{up}</text>')
    return "".join(parts)


def _risk_coverage(points: Sequence[Point], threshold: float) -> str:
    drawn = _frame("Risk and coverage", "share of questions answered", "share of answers right")
    if points:
        line = " ".join(_at(point.coverage, point.right) for point in points)
        drawn += f'<polyline class="curve" points="{line}"/>'
    answered = [point for point in points if point.confidence >= threshold]
    if answered:
        x, y = _at(answered[-1].coverage, answered[-1].right).split(",")
        drawn += f'<circle class="now" cx="{x}" cy="{y}" r="5"><title>threshold {threshold:g}</title></circle>'
    return drawn


def _calibration(bins: Sequence[Bin]) -> str:
    drawn = _frame("Calibration", "confidence", "share of answers right")
    for b in bins:
        left, width, top = b.low * SIZE, (b.high - b.low) * SIZE, (1 - b.right) * SIZE
        drawn += (
            f'<rect class="bar" x="{left + 2:.1f}" y="{top:.1f}" width="{width - 4:.1f}" height="{SIZE - top:.1f}">'
            f"<title>{b.count} answers, confidence {b.confidence:.2f}, right {b.right:.2f}</title></rect>"
        )
    return drawn + f'<path class="ideal" d="M0,{SIZE}L{SIZE},0"/>'
