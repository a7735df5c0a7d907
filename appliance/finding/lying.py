"""Who lies on the side, stands on the head, or is filmed by a camera that does: found in the turned picture.

Detectors see upright faces. To look at every frame four times would cost four times as much, so every few frames one
look at all three turns of the whole picture, small and side by side, asks whether somebody lies. Hands and clothes look
like turned faces there, so who is found is looked at again, closely; while somebody lies, whatever is looked at is
looked at in that turn, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from appliance.core.faces import Face, all_placed
from appliance.core.frames import Frame, RgbImage, region_rgb
from appliance.core.geometry import Rect
from appliance.core.turns import TURNS, sized, turned, turned_back
from appliance.faces import Detector
from appliance.finding.close_look import close_score
from appliance.finding.doubles import doubted, fresh, merged
from appliance.finding.look import even, lit, sane
from appliance.finding.tiling import TilingFinder

ASK_EVERY = 8
"""Frames from one question to the next: whoever lies is found within a cover's reach of where he came."""

LYING_SCORE = 0.6
"""What must be seen in a turned picture to be a face: hands and folds look like faces there, too. Of two films lying on
their side 99 % of the faces scored more."""

SURE_SCORE = 0.7
"""What a close look must tell for somebody to lie there. Of what a film of upright people showed turned (hands, a
belly, sleeves) one in thirty reached it, of faces lying on their side more than eight in ten."""

MOST_CLOSE_LOOKS = 3
"""Who is looked at closely in one turn, the surest first."""

WORTH = 0.75
"""What such a score is worth beside an upright one: enough if it is seen again."""

ATTENDED_FRAMES = 24
"""Frames for which a turn is looked at, as sharply as upright, after a close look told that somebody lies."""


class LyingFinder:
    """What another finder finds, and whom it misses because he is not upright."""

    def __init__(self, detector: Detector, upright: TilingFinder) -> None:
        self._detector = detector
        self._upright = upright
        self._asked = -ASK_EVERY
        self._frame = 0
        self._told = dict.fromkeys(TURNS, -ATTENDED_FRAMES - 1)
        """Of each turn, the last frame in which a close look told that somebody lies."""
        self._standing: list[Face] = []

    @property
    def turn_frames(self) -> int:
        """As of the other finder: what it looks at is looked at turned in the same frame."""
        return self._upright.turn_frames

    def find(self, frame: Frame) -> list[Face]:
        """Faces of this frame; to be called once a frame, in order."""
        found = self._upright.find(frame)
        whole = Rect(0, 0, frame.width, frame.height)
        if whole in self._upright.looked:
            self._standing = found
        lying: list[Face] = []
        for turns, faces in self._seen(frame):
            likely = [face for face in faces if face.score >= LYING_SCORE]
            # Neither an upright face of this frame nor one of the last whole look, seen turned.
            likely = fresh(likely, [*self._standing, *found])
            if self._frame - self._told[turns] >= ASK_EVERY and self._lies(frame, turns, likely):
                self._told[turns] = self._frame
            if not self._attends(turns):
                continue
            lying = merged(lying, [replace(face, score=WORTH * face.score) for face in likely])
        self._frame += 1
        if not lying:
            return found
        return doubted(merged(found, lying))

    def rest(self) -> list[Face]:
        """As of the other finder."""
        return self._upright.rest()

    def again(self) -> list[Face]:
        """As of the other finder."""
        return self._upright.again()

    def _seen(self, frame: Frame) -> Iterator[tuple[int, list[Face]]]:
        """(turns, faces seen after them) of what is looked at in this frame."""
        if frame.cut or self._frame - self._asked >= ASK_EVERY:
            self._asked = self._frame
            for turns, faces in asked(self._detector, frame).items():
                yield turns, self._upright.roughly(faces)
        for turns in TURNS:
            if self._attends(turns):
                for region in self._upright.looked:
                    yield turns, self._upright.seen(frame, region, turns)

    def _attends(self, turns: int) -> bool:
        return self._frame - self._told[turns] <= ATTENDED_FRAMES

    def _lies(self, frame: Frame, turns: int, faces: Sequence[Face]) -> bool:
        """True when a close look at one of the surest tells that it is a face."""
        surest = sorted(faces, key=lambda face: face.score, reverse=True)
        return any(close_score(self._detector, frame, face, turns) >= SURE_SCORE for face in surest[:MOST_CLOSE_LOOKS])


def asked(detector: Detector, frame: Frame) -> dict[int, list[Face]]:
    """Faces of the whole frame after each turn, in its own pixels, by one look at all of them side by side."""
    canvas, size = detector.input_size, _size((frame.width, frame.height), detector.input_size)
    whole = Rect(0, 0, frame.width, frame.height)
    sheet, places = _side_by_side(lit(region_rgb(frame, whole, size, by_halves=True), size), canvas)
    back = (frame.width / size[0], frame.height / size[1])
    seen = sane(detector.detect(sheet), canvas)
    found = {}
    for turns, place in places.items():
        inside = [face.placed(1, 1, -place.x0, -place.y0) for face in seen if _lies_in(face, place)]
        found[turns] = all_placed(turned_back(inside, turns, size), *back, 0, 0)
    return found


def _size(frame: tuple[int, int], canvas: tuple[int, int]) -> tuple[int, int]:
    """Even (width, height) of the frame at which its three turns fit side by side."""
    wide = sum(sized(frame, turns)[0] for turns in TURNS)
    scale = min(canvas[0] / wide, canvas[1] / max(frame), 1.0)
    return even(frame[0] * scale - 1, canvas[0]), even(frame[1] * scale - 1, canvas[1])


def _side_by_side(rgb: RgbImage, canvas: tuple[int, int]) -> tuple[RgbImage, dict[int, Rect]]:
    sheet: RgbImage = np.zeros((canvas[1], canvas[0], 3), np.uint8)
    places: dict[int, Rect] = {}
    left = 0
    for turns in TURNS:
        picture = turned(rgb, turns)
        height, width = picture.shape[:2]
        places[turns] = Rect(left, 0, left + width, height)
        sheet[:height, left : left + width] = picture
        left += width
    return sheet, places


def _lies_in(face: Face, place: Rect) -> bool:
    x, y = face.box.centre
    return place.x0 <= x < place.x1 and place.y0 <= y < place.y1
