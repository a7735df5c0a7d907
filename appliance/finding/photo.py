"""Where are the faces of a photo: looked at whole, in tiles of every size between, and turned on each of its sides."""

from __future__ import annotations

from collections.abc import Sequence

from appliance.core.faces import Face
from appliance.core.frames import Frame
from appliance.core.geometry import Rect
from appliance.core.tiles import tile_grid
from appliance.core.turns import TURNS, UPRIGHT, sized, swapped
from appliance.faces import Detector
from appliance.finding.close_look import close_score
from appliance.finding.doubles import fresh, merged
from appliance.finding.look import look
from appliance.finding.tiling import ALL_TILES, cut_off

TURNED_SCORE = 0.5
"""What a face must score that is upright only in a picture turned against most of the others. Of 49 pictures of crowds
lying on their side this finds 0.88 to 0.98 of the faces of 12 px and more (a third unturned); of pictures
upright it takes half a box to a whole one more for a face, of those that a close look sees again."""

SURE_SCORE = 0.6
"""Faces this sure tell which side of the picture is up."""


class PhotoFinder:
    """Finds the faces of a picture that nobody waits for: as thoroughly as can be, whichever side of it is up."""

    turn_frames = 1

    def __init__(self, detector: Detector) -> None:
        self._detector = detector

    def find(self, frame: Frame) -> list[Face]:
        """Every face once, in the frame's own pixels."""
        seen = {turns: self._seen(frame, turns) for turns in (UPRIGHT, *TURNS)}
        up = max(seen, key=lambda turns: sum(face.score for face in seen[turns] if face.score >= SURE_SCORE))
        found: Sequence[Face] = seen.pop(up)
        for turns, faces in seen.items():
            likely = fresh([face for face in faces if face.score >= TURNED_SCORE], found)
            found = merged(found, [face for face in likely if close_score(self._detector, frame, face, turns) > 0])
        # Not doubted: whoever leans on somebody's cheek has no second frame in which to be found again.
        return list(found)

    def rest(self) -> list[Face]:
        """Nobody: a photo is looked at everywhere at once."""
        return []

    def again(self) -> list[Face]:
        """Nobody, either."""
        return []

    def _seen(self, frame: Frame, turns: int) -> list[Face]:
        whole = Rect(0, 0, frame.width, frame.height)
        found: list[Face] = []
        for region in regions((frame.width, frame.height), self._detector.input_size, turns):
            faces = look(self._detector, frame, region, turns)
            found = merged(found, [face for face in faces if not cut_off(face, region, whole)])
        return found


def regions(size: tuple[int, int], input_size: tuple[int, int], turns: int = UPRIGHT) -> list[Rect]:
    """The whole of a picture of (width, height), and grids of tiles, each twice as sharp as the one before, the last as
    sharp as the picture: a face that a seam cuts in one of them is whole, and not much smaller, in the one before."""
    width, height = sized(size, turns)
    grids = [[Rect(0, 0, width, height)]]
    share = 1
    while grid := tile_grid(-(-width // share), -(-height // share), input_size, ALL_TILES):
        grids.insert(1, [_scaled(tile, share, width, height) for tile in grid])
        share *= 2
    tiles = [tile for grid in grids for tile in grid]
    return [swapped(tile) for tile in tiles] if turns % 2 else tiles


def _scaled(tile: Rect, share: int, width: int, height: int) -> Rect:
    return Rect(tile.x0 * share, tile.y0 * share, min(tile.x1 * share, width), min(tile.y1 * share, height))
