"""How a slate looks: name and time above, what is going on in the middle, addresses below, QR codes beside them.

Lengths are shares of the shorter side, so that it reads the same on a phone's preview and on a television.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from appliance.core import lettering
from appliance.core.colours import ycc_of
from appliance.core.frames import Frame, blank
from appliance.core.geometry import Rect

Ycc = tuple[int, int, int]
Modules = tuple[bytes, ...]
"""A QR code: rows of 1 (dark) and 0, without its quiet zone."""

GROUND: Ycc = ycc_of((20, 24, 31))
BRIGHT, DIM, FAINT = (ycc_of(rgb)[0] for rgb in ((240, 243, 247), (178, 187, 200), (132, 142, 156)))
CALM, ALERT = ycc_of((70, 190, 170)), ycc_of((236, 184, 84))
"""Of the mark: all is as it should be; somebody should look."""

WHITE: Ycc = (235, 128, 128)
BLACK = 16
QUIET = 4
"""Empty modules that a QR code needs around it."""

SMALL_PX = 120
"""A picture whose shorter side is below this has room for one line only."""

PAD, GAP = 6.0, 5.0
NAME, CLOCK, ROW, CAPTION = 5.0, 5.0, 4.4, 3.6
TITLE, TITLE_OF_TWO, DETAIL = 10.5, 8.2, 4.4
CODE = 42.0
"""Percent of the shorter side."""

BETWEEN_LANGUAGES = 0.9
"""Of a title's size."""

BRIGHT_MARK = (1, 0, 1, 0, 1, 0, 1, 0, 1)
"""MOFY's mark, three tiles by three: 1 in full colour."""


@dataclass(frozen=True, slots=True)
class Content:
    """What is drawn."""

    name: str
    words: tuple[tuple[str, str], ...]
    """Title and detail, once for each language."""
    clock: str
    rows: tuple[tuple[str, str], ...]
    """Label and address."""
    codes: tuple[tuple[str, Modules], ...]
    """Caption and code."""
    alert: bool


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    size_px: int
    shade: int
    above_px: int
    """Empty rows before it."""


def draw(content: Content, width: int, height: int) -> Frame:
    """An I420 frame of that size."""
    frame = blank(width, height)
    frame.y[:], frame.u[:], frame.v[:] = GROUND
    if min(width, height) < SMALL_PX:
        _one_line(frame, content)
        return frame
    unit = min(width, height, max(width, height) / 1.3) / 100
    pad = round(PAD * unit)
    middle = Rect(pad, pad, width - pad, height - pad)
    if width >= height:
        middle = _codes_beside(frame, content.codes, middle, unit)
        middle = _head(frame, content, middle, unit)
        middle = _foot(frame, content.rows, middle, unit)
    else:
        middle = _head(frame, content, middle, unit)
        middle = _foot(frame, content.rows, middle, unit)
        middle = _codes_below(frame, content.codes, middle, unit)
    _words(frame, content.words, middle, unit)
    return frame


def _one_line(frame: Frame, content: Content) -> None:
    title = content.words[0][0] if content.words else content.name
    size = lettering.fitted_px(title, max(frame.height // 5, lettering.SMALLEST_PX), round(frame.width * 0.9))
    x = (frame.width - lettering.width_px(title, size)) // 2
    lettering.write(frame.y, title, x, (frame.height - lettering.line_px(size)) // 2, size, BRIGHT)


def _head(frame: Frame, content: Content, room: Rect, unit: float) -> Rect:
    """Mark and name on the left, the time on the right; the room below."""
    size = round(NAME * unit)
    tile = max(round(size * 0.3), 2) // 2 * 2
    _mark(frame, room.x0, room.y0 + max(lettering.line_px(size) - 3 * tile, 0) // 2, tile, content.alert)
    clock_px = lettering.width_px(content.clock, round(CLOCK * unit))
    lettering.write(frame.y, content.clock, room.x1 - clock_px, room.y0, round(CLOCK * unit), FAINT)
    x = room.x0 + 3 * tile + size // 2
    fitted = lettering.fitted_px(content.name, size, max(room.x1 - clock_px - size - x, 1))
    lettering.write(frame.y, content.name, x, room.y0 + (size - fitted) // 2, fitted, DIM)
    return Rect(room.x0, room.y0 + lettering.line_px(size), room.x1, room.y1)


def _mark(frame: Frame, x: int, y: int, tile: int, alert: bool) -> None:
    full = ALERT if alert else CALM
    half = (round((full[0] + GROUND[0]) / 2), round((full[1] + GROUND[1]) / 2), round((full[2] + GROUND[2]) / 2))
    for index, bright in enumerate(BRIGHT_MARK):
        left, top = x + index % 3 * tile, y + index // 3 * tile
        _fill(frame, Rect(left, top, left + tile, top + tile), full if bright else half)


def _foot(frame: Frame, rows: Sequence[tuple[str, str]], room: Rect, unit: float) -> Rect:
    """Label and address in rows at the bottom; the room above."""
    if not rows:
        return room
    size = round(ROW * unit)
    indent = max(lettering.width_px(label, size) for label, _ in rows) + size
    size = min(lettering.fitted_px(address, size, room.x1 - room.x0 - indent) for _, address in rows)
    step = lettering.line_px(size) + size // 4
    top = room.y1 - step * len(rows)
    for index, (label, address) in enumerate(rows):
        lettering.write(frame.y, label, room.x0, top + index * step, size, FAINT)
        lettering.write(frame.y, address, room.x0 + indent, top + index * step, size, BRIGHT)
    return Rect(room.x0, room.y0, room.x1, top)


def _codes_beside(frame: Frame, codes: Sequence[tuple[str, Modules]], room: Rect, unit: float) -> Rect:
    """Up to two in a column on the right, more in two columns; the room left of them."""
    if not codes:
        return room
    columns = 1 if len(codes) < 3 else 2
    rows = -(-len(codes) // columns)
    below, gap = lettering.line_px(round(CAPTION * unit)) + round(unit), round(GAP * unit)
    side = min(round(CODE * unit), (room.y1 - room.y0 - rows * below - (rows - 1) * gap) // rows)
    left = room.x1 - columns * side - (columns - 1) * gap
    top = (room.y0 + room.y1 - rows * (side + below) - (rows - 1) * gap) // 2
    for index, code in enumerate(codes):
        x, y = left + index % columns * (side + gap), top + index // columns * (side + below + gap)
        _code(frame, code, x, y, side, round(CAPTION * unit))
    return Rect(room.x0, room.y0, left - gap, room.y1)


def _codes_below(frame: Frame, codes: Sequence[tuple[str, Modules]], room: Rect, unit: float) -> Rect:
    """All in a row at the bottom; the room above."""
    if not codes:
        return room
    below, gap = lettering.line_px(round(CAPTION * unit)) + round(unit), round(GAP * unit)
    side = min(round(CODE * unit), (room.x1 - room.x0 - (len(codes) - 1) * gap) // len(codes))
    top = room.y1 - side - below - gap
    left = (room.x0 + room.x1 - len(codes) * side - (len(codes) - 1) * gap) // 2
    for index, code in enumerate(codes):
        _code(frame, code, left + index * (side + gap), top, side, round(CAPTION * unit))
    return Rect(room.x0, room.y0, room.x1, top)


def _code(frame: Frame, code: tuple[str, Modules], x: int, y: int, side: int, size: int) -> None:
    """One code on a white square, as large as whole pixels a module allow, its caption below it."""
    caption, modules = code
    x, y, side = x // 2 * 2, y // 2 * 2, side // 2 * 2
    _fill(frame, Rect(x, y, x + side, y + side), WHITE)
    scale = side // (len(modules) + 2 * QUIET)
    if scale:
        dark = np.kron(np.array([list(row) for row in modules], np.uint8), np.ones((scale, scale), np.uint8))
        inset = (side - dark.shape[0]) // 2
        frame.y[y + inset :, x + inset :][: dark.shape[0], : dark.shape[1]][dark == 1] = BLACK
    size = lettering.fitted_px(caption, size, side)
    middle = x + (side - lettering.width_px(caption, size)) // 2
    lettering.write(frame.y, caption, middle, y + side + size // 3, size, DIM)


def _words(frame: Frame, words: Sequence[tuple[str, str]], room: Rect, unit: float) -> None:
    """Titles and details, one below the other, in the middle of the room; smaller when it is full."""
    share = 1.0
    lines = _lines(words, room.x1 - room.x0, unit)
    while _height(lines) > room.y1 - room.y0 - round(GAP * unit) and share > 0.3:
        share *= 0.92
        lines = _lines(words, room.x1 - room.x0, unit * share)
    y = (room.y0 + room.y1 - _height(lines)) // 2
    for line in lines:
        y += line.above_px
        lettering.write(frame.y, line.text, room.x0, y, line.size_px, line.shade)
        y += lettering.line_px(line.size_px)


def _lines(words: Sequence[tuple[str, str]], room_px: int, unit: float) -> list[_Line]:
    title_px = max(round((TITLE if len(words) == 1 else TITLE_OF_TWO) * unit), lettering.SMALLEST_PX)
    detail_px = max(round(DETAIL * unit), lettering.SMALLEST_PX)
    lines: list[_Line] = []
    for title, detail in words:
        between = round(BETWEEN_LANGUAGES * title_px) if lines else 0
        for text in lettering.broken(title, title_px, room_px):
            lines.append(_Line(text, lettering.fitted_px(text, title_px, room_px), BRIGHT, between))
            between = 0
        for text in lettering.broken(detail, detail_px, room_px):
            above = 0 if lines and lines[-1].shade == DIM else detail_px // 2
            lines.append(_Line(text, lettering.fitted_px(text, detail_px, room_px), DIM, above))
    return lines


def _height(lines: Sequence[_Line]) -> int:
    return sum(line.above_px + lettering.line_px(line.size_px) for line in lines)


def _fill(frame: Frame, rect: Rect, colour: Ycc) -> None:
    x0, y0 = max(rect.x0, 0), max(rect.y0, 0)
    frame.y[y0 : rect.y1, x0 : rect.x1] = colour[0]
    chroma = (slice(y0 // 2, -(-rect.y1 // 2)), slice(x0 // 2, -(-rect.x1 // 2)))
    frame.u[chroma], frame.v[chroma] = colour[1], colour[2]
