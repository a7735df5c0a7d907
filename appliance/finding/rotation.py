"""Which tile's turn it is, shot by shot: were it one turn for all, shots that change in step with it, as flashes do,
would each be looked at in always the same tiles."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from appliance.core.geometry import Rect

MOST_SHOTS = 16
"""Shots whose turn is remembered: more than come back within a cover's reach."""


class Rotation:
    """Counts the tiles each shot was looked at in, from the first one on and round again."""

    def __init__(self) -> None:
        self._taken: OrderedDict[int, int] = OrderedDict()

    def turn(self, shot: int, tiles: Sequence[Rect], count: int) -> list[Rect]:
        """The next so many of the shot's tiles, at most all."""
        taken, count = self._taken.get(shot, 0), min(count, len(tiles))
        self._count(shot, taken + count)
        return [tiles[(taken + i) % len(tiles)] for i in range(count)]

    def rest(self, shot: int, tiles: Sequence[Rect]) -> list[Rect]:
        """The shot's tiles whose first turn has not come; it has then."""
        taken = self._taken.get(shot, 0)
        self._count(shot, max(taken, len(tiles)))
        return list(tiles[taken:])

    def _count(self, shot: int, taken: int) -> None:
        self._taken[shot] = taken
        self._taken.move_to_end(shot)
        if len(self._taken) > MOST_SHOTS:
            self._taken.popitem(last=False)
