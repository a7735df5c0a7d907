"""Where are the faces of a frame: the whole picture at the detector's size, and full-resolution tiles in turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from appliance.core.faces import Face, all_placed
from appliance.core.frames import Frame, RgbImage, region_rgb, uint8
from appliance.core.geometry import Rect, corners_of
from appliance.core.tiles import tile_grid
from appliance.core.turns import UPRIGHT, sized, turned, turned_back
from appliance.errors import ModelError

SAME_FACE = 0.45
"""Two detections that share this much of the smaller one are one face."""

EDGE_SHARE = 0.3
"""A detection nearer (in face sizes) to a tile's inner edge than this may be half a face: small ones are whole in the
neighbouring tile, large ones in the whole frame."""

DOUBLE_SCORE = 0.17
"""What a detection is worth whose middle lies in a surer face: mostly it is that very face at another scale. Real faces
in front of others are found again and again, and five such detections are taken for a face."""

DARK = 60.0
"""Mean of red, green and blue below which a picture is brightened before it is searched."""

LIGHT_STEP = 16
"""Every so many pixels are enough to tell a dark picture from a light one."""

_BRIGHTER = (255 * (np.arange(256) / 255) ** 0.6).round().astype(np.uint8)

FARTHEST = 4
"""Picture sizes beyond which nothing that is found can lie: faces cut by the picture's edge reach over it a little."""

ALL_TILES = 10_000
"""Tiles a frame that no frame has: a photo is searched whole."""


class Detector(Protocol):
    """Finds faces in a picture of one fixed size."""

    @property
    def input_size(self) -> tuple[int, int]:
        """(width, height) in pixels."""

    def detect(self, rgb: RgbImage) -> list[Face]:
        """Faces in pixels of the input (h, w, 3); raises ModelError when the model answers nonsense."""


class Finder(Protocol):
    """Finds the faces of a frame in the frame's own pixels."""

    @property
    def turn_frames(self) -> int:
        """Frames until every place has been looked at as sharply again; 1 when each frame is seen alike."""

    def find(self, frame: Frame) -> list[Face]:
        """Faces of this frame; to be called once a frame, in order."""


class TilingFinder:
    """The whole frame shrunk to the detector's input, and `tiles_a_frame` tiles of the grid in rotation."""

    def __init__(self, detector: Detector, tiles_a_frame: int, most_tiles: int, *, in_turn: bool = False) -> None:
        """most_tiles: the grid's largest count, so that the rotation ends within the window.

        in_turn: whole frame and tiles take turns from frame to frame, for half the work.
        """
        self._detector = detector
        self._tiles_a_frame = tiles_a_frame
        self._most_tiles = most_tiles
        self._in_turn = in_turn
        self._grid: list[Rect] = []
        self._grid_of: tuple[int, int] = (0, 0)
        self._next = 0
        self._whole_is_next = True
        self.looked: Sequence[Rect] = ()
        """What was looked at in the newest frame."""

    @property
    def turn_frames(self) -> int:
        """Frames of one rotation of the newest frame's tiles."""
        if not self._grid:
            return 1
        return -(-len(self._grid) // self._tiles_a_frame) * (2 if self._in_turn else 1)

    def find(self, frame: Frame) -> list[Face]:
        """Faces of this frame's regions, each once."""
        whole = Rect(0, 0, frame.width, frame.height)
        self.looked = self._regions(frame, whole)
        found: list[Face] = []
        for region in self.looked:
            found = merged(found, self.seen(frame, region))
        return doubted(found)

    def seen(self, frame: Frame, region: Rect, turns: int = UPRIGHT) -> list[Face]:
        """Whole faces of one of the newest frame's regions, looked at after so many quarter turns."""
        whole = Rect(0, 0, frame.width, frame.height)
        faces = [face for face in look(self._detector, frame, region, turns) if not cut_off(face, region, whole)]
        return self.roughly(faces) if region == whole else faces

    def roughly(self, faces: Sequence[Face]) -> list[Face]:
        """Faces of the shrunken picture; where tiles look sharper, their places are known to be rough."""
        return [Face(f.box, f.landmarks, f.score, f.box) for f in faces] if self._grid else list(faces)

    def _regions(self, frame: Frame, whole: Rect) -> list[Rect]:
        """What is looked at in this frame; a new shot is seen whole at once."""
        tiles = self._tiles(whole)
        if not self._in_turn or not tiles:
            return [whole, *self._rotated(tiles)]
        now_whole = self._whole_is_next or frame.cut
        self._whole_is_next = not now_whole
        return [whole] if now_whole else self._rotated(tiles)

    def _tiles(self, whole: Rect) -> list[Rect]:
        if self._tiles_a_frame == 0:
            return []
        if self._grid_of != (whole.x1, whole.y1):
            self._grid_of = (whole.x1, whole.y1)
            self._grid = tile_grid(whole.x1, whole.y1, self._detector.input_size, self._most_tiles)
        return self._grid

    def _rotated(self, tiles: list[Rect]) -> list[Rect]:
        count = min(self._tiles_a_frame, len(tiles))
        turn = [tiles[(self._next + i) % len(tiles)] for i in range(count)]
        self._next += count
        return turn


def look(detector: Detector, frame: Frame, region: Rect, turns: int = UPRIGHT) -> list[Face]:
    """Faces of a region, shrunk to the detector's input and turned by so many quarters, in the frame's own pixels."""
    width, height = region.x1 - region.x0, region.y1 - region.y0
    canvas = sized(detector.input_size, turns)
    scale = min(canvas[0] / width, canvas[1] / height)
    size = (even(width * scale, canvas[0]), even(height * scale, canvas[1]))
    back_x, back_y = width / size[0], height / size[1]
    picture = turned(lit(region_rgb(frame, region, size, canvas), size), turns)
    faces = turned_back(sane(detector.detect(picture), detector.input_size), turns, canvas)
    return all_placed(faces, back_x, back_y, region.x0, region.y0)


def sane(faces: list[Face], canvas: tuple[int, int]) -> list[Face]:
    """The faces as they are; raises ModelError for what cannot be one: whoever is there would stay bare."""
    if not faces:
        return faces
    most = FARTHEST * max(canvas)
    corners = corners_of([face.box for face in faces])
    points: list[NDArray[np.floating]] = [corners, *[face.landmarks for face in faces if face.landmarks is not None]]
    # Asked this way round, what is no number is nonsense too.
    inside = (np.abs(np.concatenate(points, axis=None)) <= most).all()
    spread = (corners[:, :2] < corners[:, 2:]).all()
    if not (inside and spread and all(0.0 <= face.score <= 1.0 for face in faces)):
        raise ModelError("the face detector answered nonsense: a box, point or score that no face has")
    return faces


def lit(rgb: RgbImage, size: tuple[int, int]) -> RgbImage:
    """The picture, brightened if what fills its upper left (w, h) is dark: a detector trained by day sees more then."""
    if rgb[: size[1] : LIGHT_STEP, : size[0] : LIGHT_STEP].mean() >= DARK:
        return rgb
    return uint8(cv2.LUT(rgb, _BRIGHTER))


def even(value: float, most: int) -> int:
    return min(max(round(value / 2) * 2, 2), most)


def cut_off(face: Face, tile: Rect, whole: Rect) -> bool:
    """True when the face may be cut by an edge of the tile that is not the frame's own: its whole is seen elsewhere."""
    box, near = face.box, EDGE_SHARE * face.box.size
    return (
        (tile.x0 > whole.x0 and box.x0 < tile.x0 + near)
        or (tile.y0 > whole.y0 and box.y0 < tile.y0 + near)
        or (tile.x1 < whole.x1 and box.x1 > tile.x1 - near)
        or (tile.y1 < whole.y1 and box.y1 > tile.y1 - near)
    )


def doubted(found: Sequence[Face]) -> list[Face]:
    """The faces, those worth less whose middle lies in a surer one."""
    if len(found) < 2:
        return list(found)
    x0, y0, x1, y1 = corners_of([face.box for face in found]).T
    x, y = ((x0 + x1) / 2)[:, None], ((y0 + y1) / 2)[:, None]
    scores = np.array([face.score for face in found])
    within = (x0 < x) & (x < x1) & (y0 < y) & (y < y1)
    double = (within & (scores > scores[:, None])).any(axis=1).tolist()
    return [
        replace(face, score=min(face.score, DOUBLE_SCORE)) if worth_less else face
        for face, worth_less in zip(found, double)
    ]


def merged(first: Sequence[Face], more: Sequence[Face]) -> list[Face]:
    """Both lists with each face once: of two that are one face, the surer."""
    if not first or not more:
        return [*first, *more]
    alike = same(first, more)
    beaten: set[int] = set()
    added: list[Face] = []
    for column, face in enumerate(more):
        rivals = np.flatnonzero(alike[:, column]).tolist()
        if all(face.score > first[rival].score for rival in rivals):
            beaten.update(rivals)
            added.append(_also_seen(face, [first[rival] for rival in rivals]))
    return [face for row, face in enumerate(first) if row not in beaten] + added


def _also_seen(face: Face, beaten: Sequence[Face]) -> Face:
    """The face, knowing where the shrunken picture shows what it beat."""
    shrunken = [other.shrunken for other in beaten if other.shrunken is not None]
    return replace(face, shrunken=max(shrunken, key=face.box.overlap)) if shrunken else face


def fresh(faces: Sequence[Face], found: Sequence[Face]) -> list[Face]:
    """Those of the faces that are none of the found ones, or surer of being one."""
    if not faces or not found:
        return list(faces)
    surer = np.array([face.score for face in found])[:, None] >= [face.score for face in faces]
    known = np.asarray((same(found, faces) & surer).any(axis=0))
    return [face for face, is_known in zip(faces, known.tolist()) if not is_known]


def same(first: Sequence[Face], more: Sequence[Face]) -> NDArray[np.bool_]:
    """(first, more): True where the two share SAME_FACE of the smaller one."""
    a, b = (corners_of([face.box for face in faces]) for faces in (first, more))
    shared = np.minimum(a[:, None, 2:], b[None, :, 2:]) - np.maximum(a[:, None, :2], b[None, :, :2])
    both = np.clip(shared, 0, None).prod(axis=2)
    areas_a, areas_b = ((boxes[:, 2:] - boxes[:, :2]).prod(axis=1) for boxes in (a, b))
    return np.asarray(both > SAME_FACE * np.minimum(areas_a[:, None], areas_b[None, :]))
