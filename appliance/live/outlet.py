"""The end of the line: every sink, and the slate that takes the picture's place when there is none."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from appliance.core.frames import Frame
from appliance.core.sign import stamp
from appliance.core.slate import Notice, slate
from appliance.core.sound import SoundPacket
from appliance.core.veiling import Mask, MaskedFrame, veil
from appliance.live.notices import Notices
from appliance.live.timeline import Timeline
from appliance.live.words import Situation
from appliance.options import Sign
from appliance.sinks import Display, Listener, Sink


@dataclass(frozen=True, slots=True)
class Showing:
    """The last picture that left."""

    captured_at: float
    """Seconds of time.monotonic(), as the source said."""
    shift: float
    """Seconds from then to when outputs show it."""


class Outlet:
    """Pictures come from the line's thread, slates from the engine's, sound from its own; sinks see one at a time.

    All of it gets its place on one clock here: `captured_at` of what sinks are given is when it is to be seen.
    """

    def __init__(
        self,
        sinks: Sequence[Sink],
        mask: Mask,
        size: tuple[int, int],
        notices: Notices,
        displays: Sequence[Display] = (),
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """size: (width, height) of slates until the first picture; displays: get the same, but slates in full."""
        self._sinks = (*sinks, *displays)
        self._streams = tuple(sinks)
        self._displays = tuple(displays)
        self._notices = notices
        self._sign: Sign = "off"
        self._mask = mask
        self.size = size
        """(width, height) of what leaves."""
        self._now = now
        self._lock = threading.Lock()
        self._shut = False
        self.hidden = False
        """True while nothing but slates may leave."""
        self.showing: Showing | None = None
        """The picture that is to be seen; None while there is none: before the first, behind a slate, after the end."""
        self._shown_at = float("-inf")
        self._timeline = Timeline()
        self._drawn: tuple[tuple[int, int], Notice, Frame] | None = None

    @property
    def silent_s(self) -> float:
        """Seconds since the last picture; infinite before the first."""
        return self._now() - self._shown_at

    @property
    def faults(self) -> tuple[str, ...]:
        """What is wrong with single sinks, in words."""
        return tuple(sink.fault for sink in self._sinks if sink.fault)

    def show(self, frame: MaskedFrame) -> None:
        """Write a picture, unless the outlet is hidden or was shut; raises SinkError."""
        with self._lock:
            if self._shut or self.hidden:
                return
            self.size = (frame.width, frame.height)
            if self._sign == "everywhere":
                stamp(frame.y, frame.u, frame.v, self._notices.sign)
            at = self._write(frame, self._sinks)
            self.showing = Showing(frame.captured_at, at - frame.captured_at)
            self._shown_at = self._now()

    def slate(self, which: Situation) -> None:
        """Write a slate that says so; raises SinkError. What only displays may tell never comes near a stream."""
        public, local = self._notices.public(which), self._notices.local(which)
        with self._lock:
            # Drawn once, written many times: sinks only read, and no cover touches its planes.
            if self._drawn is None or self._drawn[:2] != (self.size, public):
                self._drawn = (self.size, public, slate(public, *self.size))
            picture = veil(replace(self._drawn[2], captured_at=self._now()), (), self._mask)
            self.showing = None
            self._write(picture, self._streams)
            for display in self._displays:
                display.tell(local)

    def sign(self, where: Sign) -> None:
        """Say in every picture from now on, here or there, that filming is on."""
        with self._lock:
            self._sign = where
            for display in self._displays:
                display.sign(self._notices.sign if where == "display" else ())

    def sound(self, packet: SoundPacket) -> None:
        """Give a piece of sound to the sinks that have any; raises SinkError."""
        with self._lock:
            for sink in self._sinks:
                if isinstance(sink, Listener):
                    sink.hear(packet)

    def hide(self, hidden: bool) -> None:
        """Let nothing but slates leave, or pictures again; when this returns, no picture is on its way."""
        with self._lock:
            self.hidden = hidden
            self.showing = None if hidden else self.showing

    def shut(self) -> None:
        """From now on only slates."""
        with self._lock:
            self._shut = True
            self.showing = None

    def _write(self, frame: MaskedFrame, sinks: Sequence[Sink]) -> float:
        """The moment at which it is to be seen."""
        at = self._timeline.place(frame.captured_at, self._now())
        placed = replace(frame, captured_at=at)
        for sink in sinks:
            sink.write(placed)
        return at

    def close(self) -> None:
        """Close every sink, last one first, whatever the others do."""
        for sink in reversed(self._sinks):
            sink.close()
