"""Which shot a frame belongs to: a flash, or a picture put in between, ends none that comes back after it."""

from __future__ import annotations

from dataclasses import dataclass

from appliance.core.cuts import Glance, blinks, differ, glance
from appliance.core.frames import Frame

RETURN_FRAMES = 10
"""Frames for which a shot may be away: as long as a cover reaches beyond a face's last sighting."""


@dataclass(frozen=True, slots=True, eq=False)
class _Shot:
    begun: int
    last: int
    looks: Glance
    """Of its last frame."""


class Shots:
    """Remembers how the shots of the last few frames looked."""

    def __init__(self) -> None:
        self._recent: list[_Shot] = []
        self._before: tuple[Glance, ...] = ()
        self.blinked = False
        """True when the frame before the newest one shows something that neither of its neighbours does."""

    def of(self, frame: Frame) -> int:
        """Index of the frame that its shot began with; to be asked once a frame, in order of their indices.

        A frame that is marked as a cut begins a shot, and none from before comes back.
        """
        looks = glance(frame)
        self.blinked = len(self._before) == 2 and blinks(*self._before, looks)
        self._before = (*self._before[-1:], looks)
        recent = [] if frame.cut else [shot for shot in self._recent if frame.index - shot.last <= RETURN_FRAMES + 1]
        same = next((shot for shot in reversed(recent) if not differ(shot.looks, looks)), None)
        begun = frame.index if same is None else same.begun
        self._recent = [*(shot for shot in recent if shot is not same), _Shot(begun, frame.index, looks)]
        return begun
