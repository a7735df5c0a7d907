"""Full-resolution pieces of a large frame, so that small faces are seen at their own size."""

from __future__ import annotations

import math

from appliance.core.geometry import Rect

OVERLAP_PX = 40
"""Neighbouring tiles share this many pixels: a small face on a seam is whole in one of them."""


def tile_grid(width: int, height: int, input_size: tuple[int, int], most: int) -> list[Rect]:
    """At most `most` equal tiles, overlapping, that cover a width x height frame at (nearly) the input's resolution.

    Empty when the frame is no larger than the input: the whole-frame pass sees it all.
    """
    if most < 2 or (width <= input_size[0] and height <= input_size[1]):
        return []
    columns = max(math.ceil((width - OVERLAP_PX) / (input_size[0] - OVERLAP_PX) - 0.25), 1)
    rows = max(math.ceil((height - OVERLAP_PX) / (input_size[1] - OVERLAP_PX) - 0.25), 1)
    while columns * rows > most:
        # The denser axis gives way: its tiles shrink least.
        denser = columns * input_size[0] / width >= rows * input_size[1] / height
        if rows == 1 or (denser and columns > 1):
            columns -= 1
        else:
            rows -= 1
    if columns * rows == 1:
        return []
    return [Rect(x0, y0, x1, y1) for y0, y1 in _spans(height, rows) for x0, x1 in _spans(width, columns)]


def _spans(length: int, count: int) -> list[tuple[int, int]]:
    """Equal overlapping spans over 0..length that begin on even pixels."""
    span = math.ceil((length + OVERLAP_PX * (count - 1)) / count)
    step = (length - span) / max(count - 1, 1)
    starts = [round(i * step / 2) * 2 for i in range(count)]
    return [(start, min(start + span + 1, length)) for start in starts]
