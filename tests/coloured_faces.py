"""Stand-ins for the networks: a "face" is a textured square of one strong colour, its owner is the colour."""

from __future__ import annotations

import cv2
import numpy as np

from appliance.core.faces import Face
from appliance.core.geometry import Box
from appliance.core.identity import Gallery, Person, gallery
from appliance.redact import Parts
from tests.make_clips import Picture
from tests.scripted import face

COLOURS = {"red": (230, 20, 20), "green": (20, 220, 20)}
GREY = 110
DIMENSIONS = 16


class ColourDetector:
    """Finds the squares."""

    input_size = (640, 384)

    def detect(self, rgb: Picture) -> list[Face]:
        """One face per strongly coloured patch, eight pixels or larger."""
        vivid = (rgb.max(axis=2).astype(int) - rgb.min(axis=2)) > 90
        _, _, stats, _ = cv2.connectedComponentsWithStats(vivid.astype(np.uint8))
        boxes = [(int(x), int(y), int(w), int(h)) for x, y, w, h, _ in stats[1:] if min(w, h) >= 8]
        return [face(Box(x, y, x + w, y + h)) for x, y, w, h in boxes]


class ColourEmbedder:
    """Tells red from green."""

    def embed(self, crops: np.ndarray) -> np.ndarray:
        """(n, 112, 112, 3) to (n, 16) unit rows: the first axis for red, the second for green."""
        rows = np.zeros((len(crops), DIMENSIONS), np.float32)
        means = crops[:, 40:70, 40:70].reshape(len(crops), -1, 3).mean(axis=1)
        rows[np.arange(len(crops)), means[:, :2].argmax(axis=1)] = 1
        return rows


def parts() -> Parts:
    """Both stand-ins."""
    return Parts(ColourDetector(), ColourEmbedder())


def people(*colours: str) -> Gallery:
    """A gallery in which these colours are enrolled under their own names, capitalised."""
    rows = np.eye(DIMENSIONS, dtype=np.float32)
    index = {"red": 0, "green": 1}
    return gallery([Person(f"id-{c}", c.title(), np.stack([rows[index[c]]] * 3)) for c in colours])


def scene(size: tuple[int, int], **squares: tuple[int, int, int]) -> Picture:
    """(h, w, 3) RGB: grey, with a square (x, y, side) of each colour named."""
    picture = np.full((size[1], size[0], 3), GREY, np.uint8)
    for colour, (x, y, side) in squares.items():
        texture = np.random.default_rng(7).integers(-20, 20, (side // 4 + 1, side // 4 + 1))
        texture = np.kron(texture, np.ones((4, 4), int))[:side, :side, None]
        picture[y : y + side, x : x + side] = np.clip(np.array(COLOURS[colour]) + texture, 0, 255)
    return picture


def colour_left(picture: Picture, colour: str) -> int:
    """How many pixels still have the colour."""
    wrong = np.abs(picture.astype(int) - np.array(COLOURS[colour])).max(axis=2)
    return int((wrong < 60).sum())
