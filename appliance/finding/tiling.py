"""Looks at the whole picture at the detector's size, and at full-resolution tiles of it in turn."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

from appliance.core.faces import Face
from appliance.core.frames import Frame
from appliance.core.geometry import Rect
from appliance.core.tiles import OVERLAP_PX, tile_grid
from appliance.core.turns import UPRIGHT
from appliance.faces import Detector
from appliance.finding.doubles import doubted, merged, same
from appliance.finding.look import look
from appliance.finding.rotation import Rotation

EDGE_SHARE = 0.3
"""A detection nearer (in face sizes) to a tile's inner edge than this may be half a face: small ones are whole in the
neighbouring tile, large ones in the whole frame."""

SEEN_WHOLE_PX = 12
"""Size of a face, in pixels of the input, from which the shrunken picture shows it as well as a tile would."""

ALL_TILES = 10_000
"""Tiles a frame that no frame has: a photo is searched whole."""

SLOW_S = 0.07
"""Seconds between two frames from which on somebody may be in one of them only: who walks past crosses half a face."""


class Finder(Protocol):
    """Finds the faces of a frame in the frame's own pixels."""

    @property
    def turn_frames(self) -> int:
        """Frames until every place has been looked at as sharply again; 1 when each frame is seen alike."""

    def find(self, frame: Frame) -> list[Face]:
        """Faces of this frame; to be called once a frame, in order."""

    def rest(self) -> list[Face]:
        """Faces of the newest frame, after which its shot ends, where nothing was looked at since that began."""

    def again(self) -> list[Face]:
        """Faces of the newest frame as a whole that were not found in it yet: it shows what its neighbours do not."""


class TilingFinder:
    """The whole frame shrunk to the detector's input, and `tiles_a_frame` tiles of the grid in rotation."""

    def __init__(self, detector: Detector, tiles_a_frame: int, most_tiles: int, *, in_turn: bool = False) -> None:
        """most_tiles: the grid's largest count, so that the rotation ends within the window.

        in_turn: whole frame and tiles take turns from frame to frame, for half the work; not where frames are far
        apart in time.
        """
        self._detector = detector
        self._tiles_a_frame = tiles_a_frame
        self._most_tiles = most_tiles
        self._in_turn = in_turn
        self._grid: list[Rect] = []
        self._grid_of: tuple[int, int] = (0, 0)
        self._rotation = Rotation()
        self._whole_is_next = True
        self._before_s = float("inf")
        self._newest: tuple[Frame, list[Face]] | None = None
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
        found = self._seen(frame, self.looked)
        if self._in_turn:
            self._newest = frame, found
        return found

    def rest(self) -> list[Face]:
        """Whom the newest frame shows in tiles whose turn has not come in its shot, and nowhere else."""
        return self._late(self._rotation.rest(self._newest[0].shot, self._grid)) if self._newest else []

    def again(self) -> list[Face]:
        """Whom the newest frame shows as a whole, if only tiles of it were looked at, and not in these."""
        if self._newest is None:
            return []
        whole = Rect(0, 0, self._newest[0].width, self._newest[0].height)
        return [] if whole in self.looked else self._late([whole])

    def _late(self, regions: Sequence[Rect]) -> list[Face]:
        """Faces of the newest frame's regions that were not found in it before."""
        assert self._newest is not None, "asked only of frames that are kept"
        frame, found = self._newest
        return [face for face in self._seen(frame, regions) if not found or not same(found, [face]).any()]

    def _seen(self, frame: Frame, regions: Sequence[Rect]) -> list[Face]:
        found: list[Face] = []
        for region in regions:
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
        waited_s, self._before_s = frame.captured_at - self._before_s, frame.captured_at
        if self._in_turn and tiles and frame.cut:
            self._whole_is_next = False
            return [whole, self._rotation.extra(frame.shot, tiles)]
        if not self._in_turn or not tiles or waited_s >= SLOW_S:
            self._whole_is_next = False
            return [whole, *self._rotation.turn(frame.shot, tiles, self._tiles_a_frame)]
        now_whole, self._whole_is_next = self._whole_is_next, not self._whole_is_next
        return [whole] if now_whole else self._rotation.turn(frame.shot, tiles, self._tiles_a_frame)

    def _tiles(self, whole: Rect) -> list[Rect]:
        if self._tiles_a_frame == 0:
            return []
        if self._grid_of != (whole.x1, whole.y1):
            self._grid_of = (whole.x1, whole.y1)
            overlap = seam(self._grid_of, self._detector.input_size)
            self._grid = tile_grid(*self._grid_of, self._detector.input_size, self._most_tiles, overlap)
        return self._grid


def seam(size: tuple[int, int], input_size: tuple[int, int]) -> int:
    """Pixels that neighbouring tiles of a picture of (width, height) share, so that whoever is too small for the whole,
    shrunken picture is whole in one of them; at most half of what the detector takes in."""
    shrunk = max(size[0] / input_size[0], size[1] / input_size[1])
    needed = math.ceil((1 + 2 * EDGE_SHARE) * SEEN_WHOLE_PX * shrunk)
    return max(min(needed, min(input_size) // 2), OVERLAP_PX)


def cut_off(face: Face, tile: Rect, whole: Rect) -> bool:
    """True when the face may be cut by an edge of the tile that is not the frame's own: its whole is seen elsewhere."""
    box, near = face.box, EDGE_SHARE * face.box.size
    return (
        (tile.x0 > whole.x0 and box.x0 < tile.x0 + near)
        or (tile.y0 > whole.y0 and box.y0 < tile.y0 + near)
        or (tile.x1 < whole.x1 and box.x1 > tile.x1 - near)
        or (tile.y1 < whole.y1 and box.y1 > tile.y1 - near)
    )
