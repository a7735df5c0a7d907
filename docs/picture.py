"""Draws docs/demo.jpg: invented people, covered and outlined by the very code that does it live. Nobody is real.

.venv/bin/python docs/picture.py
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from appliance.core.drawing import outline
from appliance.core.frames import Frame, from_rgb, region_rgb
from appliance.core.geometry import Box, Rect
from appliance.core.veiling import Cover, veil
from appliance.masks import MaskOptions, mosaic

WIDTH, HEIGHT = 720, 450
SCALE = 4
"""Drawn this much larger and shrunk, so that every edge is smooth."""

Colour = tuple[int, int, int]

PEOPLE = (
    # x, y of the face's centre, its width, skin, hair, shirt, long hair, glasses
    (96, 196, 62, (236, 188, 160), (62, 40, 28), (196, 84, 70), True, False),
    (214, 166, 46, (120, 78, 54), (24, 20, 20), (70, 122, 168), False, True),
    (330, 210, 84, (224, 176, 140), (30, 24, 24), (52, 62, 92), False, False),
    (456, 168, 48, (246, 206, 182), (196, 150, 84), (110, 150, 96), True, False),
    (560, 204, 68, (168, 116, 82), (44, 30, 24), (214, 164, 72), True, True),
    (652, 160, 40, (232, 190, 164), (150, 150, 154), (120, 96, 140), False, False),
)
SHOWN, NAME = 2, "Minji · 민지"


def person(canvas: np.ndarray, x: int, y: int, width: int, skin: Colour, hair: Colour, shirt: Colour,
           long_hair: bool, glasses: bool) -> None:  # fmt: skip
    """One bust: shoulders, hair, head and a face of simple shapes."""

    def at(dx: float, dy: float) -> tuple[int, int]:
        return round((x + dx * width) * SCALE), round((y + dy * width) * SCALE)

    def oval(dx: float, dy: float, rx: float, ry: float, colour: Colour, first: int = 0, last: int = 360,
             line: float = -1.0) -> None:  # fmt: skip
        thickness = -1 if line < 0 else max(round(line * width * SCALE), 1)
        axes = (round(rx * width * SCALE), round(ry * width * SCALE))
        cv2.ellipse(canvas, at(dx, dy), axes, 0, first, last, colour, thickness, cv2.LINE_AA)

    dark = tuple(round(c * 0.72) for c in skin)
    if long_hair:
        oval(0, 0.15, 0.66, 0.95, hair)
    oval(0, 3.1, 1.0, 2.3, shirt)
    cv2.rectangle(canvas, at(-0.2, 0.4), at(0.2, 0.95), dark, -1)
    oval(0, -0.02, 0.5, 0.64, skin)
    oval(0, -0.36, 0.54, 0.42, hair, 180, 360)
    oval(0, -0.38, 0.5, 0.16, hair)
    for side in (-1, 1):
        oval(side * 0.2, -0.04, 0.085, 0.05, (252, 252, 252))
        oval(side * 0.2, -0.04, 0.042, 0.045, (40, 34, 40))
        oval(side * 0.2, -0.16, 0.11, 0.04, hair, 200, 340, 0.03)
        if glasses:
            oval(side * 0.2, -0.03, 0.15, 0.12, (40, 40, 48), line=0.022)
    oval(0, 0.14, 0.06, 0.09, dark, 20, 160, 0.025)
    oval(0, 0.3, 0.17, 0.12, (176, 72, 76), 15, 165, 0.045)


def street() -> Frame:
    """The whole drawn scene as a frame."""
    canvas = np.empty((HEIGHT * SCALE, WIDTH * SCALE, 3), np.uint8)
    canvas[:] = np.linspace((206, 222, 236), (232, 226, 214), HEIGHT * SCALE)[:, None]
    dice = np.random.default_rng(3)
    for left in range(-20, WIDTH, 90):
        top = int(dice.integers(20, 110))
        wall = tuple(int(c) for c in dice.integers(150, 205, 3))
        cv2.rectangle(canvas, (left * SCALE, top * SCALE), ((left + 84) * SCALE, HEIGHT * SCALE), wall, -1)
        for row in range(top + 14, 330, 34):
            for column in range(left + 10, left + 70, 24):
                glass = (238, 226, 178) if dice.random() < 0.4 else (126, 146, 166)
                cv2.rectangle(
                    canvas, (column * SCALE, row * SCALE), ((column + 13) * SCALE, (row + 19) * SCALE), glass, -1
                )
    canvas[330 * SCALE :] = (128, 126, 124)
    for one in sorted(PEOPLE, key=lambda one: one[2]):
        person(canvas, *one)
    return from_rgb(cv2.resize(canvas, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA))


def face(x: int, y: int, width: int) -> Box:
    """The face of a person, forehead to chin."""
    return Box(x - 0.5 * width, y - 0.56 * width, x + 0.5 * width, y + 0.62 * width)


def rgb(y: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return region_rgb(Frame(y, u, v, 0, 0.0), Rect(0, 0, WIDTH, HEIGHT), (WIDTH, HEIGHT))


def main() -> None:
    """Before on the left, after on the right."""
    raw = street()
    before = rgb(raw.y, raw.u, raw.v)
    covers = [
        Cover(face(*one[:3]).grown(0.2 * one[2], 0.2 * one[2]), number)
        for number, one in enumerate(PEOPLE)
        if number != SHOWN
    ]
    outline(raw, face(*PEOPLE[SHOWN][:3]), NAME)
    masked = veil(raw, covers, mosaic.build(MaskOptions()))
    gap = np.full((HEIGHT, 12, 3), 255, np.uint8)
    picture = np.hstack([before, gap, rgb(masked.y, masked.u, masked.v)])
    path = Path(__file__).with_name("demo.jpg")
    cv2.imwrite(str(path), picture[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 88])


if __name__ == "__main__":
    main()
