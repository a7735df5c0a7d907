"""Which tile's turn it is, shot by shot: were it one turn for all, shots that change in step with it, as flashes do,
would each be looked at in always the same tiles."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from appliance.core.geometry import Rect

MOST_SHOTS = 16
"""Shots whose turn is remembered: more than come back within a cover's reach."""


@dataclass(slots=True)
class _Turns:
    first: int
    """Which tile the shot began with."""
    taken: int = 0
    """Tiles looked at from that one on."""
    back: int = 0
    """Tiles looked at before that one, going back."""


class Rotation:
    """Counts the tiles each shot was looked at in; a new one goes on where the last one was."""

    def __init__(self) -> None:
        self._shots: OrderedDict[int, _Turns] = OrderedDict()
        self._next = 0

    def turn(self, shot: int, tiles: Sequence[Rect], count: int) -> list[Rect]:
        """The next so many of the shot's tiles, at most all."""
        turns, count = self._of(shot), min(count, len(tiles))
        begin = turns.first + turns.taken
        turns.taken += count
        self._next = begin + count
        return [tiles[(begin + i) % len(tiles)] for i in range(count)]

    def extra(self, shot: int, tiles: Sequence[Rect]) -> Rect:
        """The one of the shot's tiles whose turn would come last."""
        turns = self._of(shot)
        turns.back += 1
        return tiles[(turns.first - turns.back) % len(tiles)]

    def rest(self, shot: int, tiles: Sequence[Rect]) -> list[Rect]:
        """The shot's tiles whose first turn has not come; it has then."""
        turns = self._of(shot)
        begin, missed = turns.first + turns.taken, max(len(tiles) - turns.taken - turns.back, 0)
        turns.taken += missed
        return [tiles[(begin + i) % len(tiles)] for i in range(missed)]

    def _of(self, shot: int) -> _Turns:
        turns = self._shots.setdefault(shot, _Turns(self._next))
        self._shots.move_to_end(shot)
        if len(self._shots) > MOST_SHOTS:
            self._shots.popitem(last=False)
        return turns
