"""Contact sheet of the worst: what is still to be seen in the masked recording, never in the original."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np

from appliance.core.frames import Frame, RgbImage, region_rgb, uint8
from appliance.core.geometry import Box
from appliance.core.veiling import MaskedFrame

if TYPE_CHECKING:
    from appliance.auditing.figures import Judged

TILE_PX = 160
CAPTION_PX = 18
COLUMNS = 8
MOST = 48
"""Faces on a sheet, at most."""

LIGHT = 190.0
"""Level (0..255) that the brightest parts of a tile are raised to."""

AROUND = 0.6
"""How much of the surroundings is shown, in face sizes."""


class Sheet:
    """Keeps a picture of each stranger's worst moment; the worst of all come first."""

    def __init__(self) -> None:
        self._worst: dict[int, tuple[float, Judged, RgbImage]] = {}

    def take(self, masked: Frame | MaskedFrame, judged: Sequence[Judged]) -> None:
        """Look at one frame's faces."""
        for face in judged:
            if not (face.bare and face.stranger):
                continue
            badness = face.kept * face.sighting.box.size
            before = self._worst.get(face.subject.number)
            if before is None or badness > before[0]:
                self._worst[face.subject.number] = (badness, face, _tile(masked, face.sighting.box))

    @property
    def faces(self) -> list[tuple[Judged, RgbImage]]:
        """The worst, at most `MOST`."""
        ranked = sorted(self._worst.values(), key=lambda one: -one[0])
        return [(face, picture) for _, face, picture in ranked[:MOST]]

    def picture(self) -> RgbImage | None:
        """All of them on one (h, w, 3) sheet, captioned with track, frame, size and detail kept; None without any."""
        tiles = [_captioned(face, picture) for face, picture in self.faces]
        if not tiles:
            return None
        columns = min(COLUMNS, len(tiles))
        tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % columns)
        return np.vstack([np.hstack(tiles[at : at + columns]) for at in range(0, len(tiles), columns)])


def _tile(masked: Frame | MaskedFrame, face: Box) -> RgbImage:
    x, y = face.centre
    reach = max(face.width, face.height) * (0.5 + AROUND)
    rect = Box(x - reach, y - reach, x + reach, y + reach).pixels(masked.width, masked.height, 2)
    wide, tall = rect.x1 - rect.x0, rect.y1 - rect.y0
    scale = TILE_PX / max(wide, tall)
    size = (max(round(wide * scale / 2) * 2, 2), max(round(tall * scale / 2) * 2, 2))
    picture = Frame(masked.y, masked.u, masked.v, masked.index, masked.captured_at)
    return _brightened(region_rgb(picture, rect, size, (TILE_PX, TILE_PX)))


def _brightened(picture: RgbImage) -> RgbImage:
    """A dark picture at full range: the eye must see what a player's brightness control would show."""
    brightest = float(np.percentile(picture, 98))
    return uint8(cv2.convertScaleAbs(picture, alpha=LIGHT / max(brightest, 20.0))) if brightest < LIGHT else picture


def _captioned(face: Judged, picture: RgbImage) -> RgbImage:
    tile = np.zeros((TILE_PX + CAPTION_PX, TILE_PX, 3), np.uint8)
    tile[:TILE_PX] = picture
    words = f"#{face.subject.number} f{face.sighting.frame} {face.sighting.box.size:.0f}px {face.kept:.2f}"
    place = (3, TILE_PX + CAPTION_PX - 5)
    return uint8(cv2.putText(tile, words, place, cv2.FONT_HERSHEY_SIMPLEX, 0.4, (255, 255, 255), 1, cv2.LINE_AA))
