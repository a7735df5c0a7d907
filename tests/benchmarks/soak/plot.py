"""Lines over time as an SVG that a page can show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, LEFT, TOP, GAP = 760, 150, 70, 26, 34
TICKS = 4


@dataclass(frozen=True, slots=True)
class Line:
    """One measure: (minutes, value) in order, and what it is called."""

    title: str
    points: Sequence[tuple[float, float]]
    colour: str = "#1b6ca8"


def svg(lines: Sequence[Line]) -> str:
    """The lines below each other, each with a scale of its own that begins at zero."""
    tall = TOP + len(lines) * (HEIGHT + GAP)
    most = max((minute for line in lines for minute, _ in line.points), default=1.0)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH + LEFT + 20} {tall}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH + LEFT + 20}" height="{tall}" fill="#ffffff"/>',
    ]
    for row, line in enumerate(lines):
        parts += _chart(line, TOP + row * (HEIGHT + GAP), most)
    return "\n".join([*parts, "</svg>\n"])


def _chart(line: Line, top: float, most: float) -> list[str]:
    highest = max((value for _, value in line.points), default=0.0) * 1.1 or 1.0
    parts = [f'<text x="{LEFT}" y="{top - 8}" font-weight="bold">{line.title}</text>']
    for tick in range(TICKS + 1):
        share = tick / TICKS
        y, x = top + HEIGHT * (1 - share), LEFT + WIDTH * share
        parts.append(f'<line x1="{LEFT}" y1="{y:.1f}" x2="{LEFT + WIDTH}" y2="{y:.1f}" stroke="#dddddd"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{highest * share:.0f}</text>')
        parts.append(f'<text x="{x:.1f}" y="{top + HEIGHT + 15}" text-anchor="middle">{most * share:.0f} min</text>')
    path = " ".join(
        f"{LEFT + WIDTH * minute / max(most, 1e-9):.1f},{top + HEIGHT * (1 - value / highest):.1f}"
        for minute, value in line.points
    )
    parts.append(f'<polyline fill="none" stroke="{line.colour}" stroke-width="1.5" points="{path}"/>')
    return parts
