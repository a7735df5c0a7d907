"""Full-resolution pieces of a large frame, so that small faces are seen at their own size."""

from __future__ import annotations

import math

from appliance.core.geometry import Rect

OVERLAP_PX = 40
"""Neighbouring tiles share at least so many pixels: a small face on a seam is whole in one of them."""


def tile_grid(width: int, height: int, input_size: tuple[int, int], most: int, overlap: int = OVERLAP_PX) -> list[Rect]:
    """At most `most` equal tiles that cover a width x height frame at (nearly) the input's resolution; neighbours share
    `overlap` pixels.

    Empty when the frame is no larger than the input: the whole-frame pass sees it all.
    """
    if most < 2 or (width <= input_size[0] and height <= input_size[1]):
        return []
    columns = max(math.ceil((width - overlap) / (input_size[0] - overlap) - 0.25), 1)
    rows = max(math.ceil((height - overlap) / (input_size[1] - overlap) - 0.25), 1)
    while columns * rows > most:
        # The denser axis gives way: its tiles shrink least.
        denser = columns * input_size[0] / width >= rows * input_size[1] / height
        if rows == 1 or (denser and columns > 1):
            columns -= 1
        else:
            rows -= 1
    if columns * rows == 1:
        return []
    across, down = _spans(width, columns, overlap), _spans(height, rows, overlap)
    return [Rect(x0, y0, x1, y1) for y0, y1 in down for x0, x1 in across]


def _spans(length: int, count: int, overlap: int) -> list[tuple[int, int]]:
    """Equal overlapping spans over 0..length that begin on even pixels."""
    span = math.ceil((length + overlap * (count - 1)) / count)
    step = (length - span) / max(count - 1, 1)
    starts = [round(i * step / 2) * 2 for i in range(count)]
    return [(start, min(start + span + 1, length)) for start in starts]
