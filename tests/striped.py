"""A picture whose every part is told from the others: for screens, where edges and colours must be right."""

from __future__ import annotations

import numpy as np

from appliance.core.frames import Frame, from_rgb

COLOURS = ((200, 40, 40), (40, 180, 60), (50, 70, 200), (220, 200, 60), (230, 230, 230), (60, 60, 60))


def stripes(width: int, height: int) -> Frame:
    """Six upright stripes, and a white frame around them."""
    rgb = np.zeros((height, width, 3), np.uint8)
    for index, colour in enumerate(COLOURS):
        rgb[:, width * index // 6 : width * (index + 1) // 6] = colour
    edge = max(min(width, height) // 30, 2) // 2 * 2
    for part in (rgb[:edge], rgb[-edge:], rgb[:, :edge], rgb[:, -edge:]):
        part[:] = (250, 250, 250)
    return from_rgb(rgb)


def differs(shot: np.ndarray, x0: int, y0: int, x1: int, y1: int) -> str:
    """What is wrong with a screen (h, w, 3 of red, green, blue) that should show the stripes there and black around."""
    width, height = x1 - x0, y1 - y0
    around = shot.copy()
    around[y0:y1, x0:x1] = 0
    if around.max() > 12:
        return f"not black around the picture: {around.max()}"
    middle = shot[y0 + height // 2]
    for index, colour in enumerate(COLOURS):
        seen = middle[x0 + round(width * (index + 0.5) / 6)].astype(int)
        if np.abs(seen - colour).max() > 12:
            return f"stripe {index} is {seen}, not {colour}"
    for y, x in ((y0, x0 + width // 2), (y1 - 1, x0 + width // 2), (y0 + height // 2, x0), (y0 + height // 2, x1 - 1)):
        if shot[y, x].min() < 200:
            return f"the picture's edge is not at {x},{y}: {shot[y, x]}"
    return ""
