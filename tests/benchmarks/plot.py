"""Charts below each other as an SVG that a page can show, readable in light and in the dark."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, LEFT, RIGHT, TOP, GAP = 620, 285, 60, 26, 40
LINE_HEIGHT, BAR_HEIGHT, ROW_GAP = 150, 11, 7
TICKS = 4
TONES = ("#2f81c4", "#2a9d4a", "#d0532f")
"""Of lines and bars by their number: each stands out from white and from black."""

STYLE = """<style>
.ground { fill: #ffffff } text { fill: #24292f } .grid { stroke: #d8dee4 } .limit { stroke: #c0392b }
@media (prefers-color-scheme: dark) {
  .ground { fill: #0d1117 } text { fill: #e6edf3 } .grid { stroke: #30363d } .limit { stroke: #ff7b72 }
}
</style>"""


@dataclass(frozen=True, slots=True)
class Line:
    """One measure over time: (minutes, value) in order, on a scale of its own that begins at zero."""

    title: str
    points: Sequence[tuple[float, float]]
    tone: int = 0

    @property
    def height(self) -> float:
        """Pixels without the title."""
        return LINE_HEIGHT

    def draw(self, top: float, minutes: float) -> list[str]:
        """Elements; the time's axis ends at so many minutes."""
        highest = max((value for _, value in self.points), default=0.0) * 1.1 or 1.0
        parts = []
        for tick in range(TICKS + 1):
            share = tick / TICKS
            y = top + LINE_HEIGHT * (1 - share)
            parts.append(_rule(LEFT, y, LEFT + WIDTH, y))
            parts.append(_text(LEFT - 6, y + 4, f"{highest * share:.0f}", "end"))
            parts.append(_text(LEFT + WIDTH * share, top + LINE_HEIGHT + 15, f"{minutes * share:.0f} min", "middle"))
        path = " ".join(
            f"{LEFT + WIDTH * minute / max(minutes, 1e-9):.1f},{top + LINE_HEIGHT * (1 - value / highest):.1f}"
            for minute, value in self.points
        )
        parts.append(f'<polyline fill="none" stroke="{TONES[self.tone]}" stroke-width="1.5" points="{path}"/>')
        return parts


@dataclass(frozen=True, slots=True)
class Bars:
    """Values of 0 or more in labelled rows, a bar for each series; None where nothing could be measured."""

    title: str
    series: Sequence[str]
    rows: Sequence[tuple[str, Sequence[float | None]]]
    ticks: Sequence[float]
    """Of the axis, rising; it ends at the last."""
    logarithmic: bool = False
    """Each tick as far from the next: the first is told as 0, and what is below it is drawn there."""
    limit: float | None = None
    digits: int = 0

    @property
    def height(self) -> float:
        """Pixels without the title."""
        return len(self.rows) * self._row_height + (18 if len(self.series) > 1 else 0)

    def draw(self, top: float, minutes: float) -> list[str]:
        """Elements."""
        parts, bottom = self._legend(top), top + self.height
        begin = bottom - len(self.rows) * self._row_height
        for at, tick in enumerate(self.ticks):
            x, told = LEFT + WIDTH * self._share(tick), "0" if self.logarithmic and at == 0 else f"{tick:g}"
            parts += [_rule(x, begin, x, bottom), _text(x, bottom + 15, told, "middle")]
        for at, (label, values) in enumerate(self.rows):
            y = begin + at * self._row_height + ROW_GAP / 2
            parts.append(_text(LEFT - 6, y + len(values) * BAR_HEIGHT / 2 + 4, label, "end"))
            for tone, value in enumerate(values):
                parts += self._bar(y + tone * BAR_HEIGHT, value, tone)
        if self.limit is not None:
            x = LEFT + WIDTH * self._share(self.limit)
            parts.append(_rule(x, begin - 4, x, bottom, "limit"))
        return parts

    @property
    def _row_height(self) -> float:
        return len(self.series) * BAR_HEIGHT + ROW_GAP

    def _legend(self, top: float) -> list[str]:
        if len(self.series) < 2:
            return []
        parts = []
        for tone, name in enumerate(self.series):
            x = LEFT + 130 * tone
            parts.append(f'<rect x="{x}" y="{top}" width="10" height="10" fill="{TONES[tone]}"/>')
            parts.append(_text(x + 15, top + 9, name))
        return parts

    def _bar(self, y: float, value: float | None, tone: int) -> list[str]:
        if value is None or math.isnan(value):
            return []
        long = WIDTH * self._share(value)
        # Nothing is drawn as a thin mark: what was measured and found to be zero is told from what was not measured.
        bar = f'<rect x="{LEFT}" y="{y:.1f}" width="{max(long, 1.5):.1f}" height="{BAR_HEIGHT - 2}" '
        return [f'{bar}fill="{TONES[tone]}"/>', _text(LEFT + long + 5, y + 8.5, f"{value:.{self.digits}f}", size=10)]

    def _share(self, value: float) -> float:
        """Where on the axis, 0..1."""
        if not self.logarithmic:
            return min(value / self.ticks[-1], 1.0)
        first, last = math.log(self.ticks[0]), math.log(self.ticks[-1])
        return min(max((math.log(max(value, 1e-12)) - first) / (last - first), 0.0), 1.0)


def svg(charts: Sequence[Line | Bars]) -> str:
    """The charts below each other; all lines share the time's axis."""
    wide, tall = LEFT + WIDTH + RIGHT, TOP + sum(chart.height + GAP + TOP for chart in charts)
    minutes = max((minute for chart in charts if isinstance(chart, Line) for minute, _ in chart.points), default=1.0)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {tall:.0f}" '
        'font-family="sans-serif" font-size="12">',
        STYLE,
        f'<rect class="ground" width="{wide}" height="{tall:.0f}"/>',
    ]
    top = float(TOP)
    for chart in charts:
        parts.append(f'<text x="{LEFT}" y="{top - 8:.1f}" font-weight="bold">{escape(chart.title)}</text>')
        parts += chart.draw(top, minutes)
        top += chart.height + GAP + TOP
    return "\n".join([*parts, "</svg>\n"])


def _text(x: float, y: float, words: str, anchor: str = "start", size: int = 12) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}">{escape(words)}</text>'


def _rule(x0: float, y0: float, x1: float, y1: float, kind: str = "grid") -> str:
    return f'<line class="{kind}" x1="{x0:.1f}" y1="{y0:.1f}" x2="{x1:.1f}" y2="{y1:.1f}"/>'
