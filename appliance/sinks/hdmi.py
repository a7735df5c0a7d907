"""The masked picture on a display of the box's own: whole, full screen, whenever there is one.

A display may come, go and be another one at any time. All its work is done by a thread of its own, so that nothing a
cable or a driver does holds up the picture elsewhere; what it could not show in time is not shown at all.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from appliance.core.sign import stamp
from appliance.core.slate import LocalNotice, LocalPicture, local_slate
from appliance.core.veiling import MaskedFrame
from appliance.errors import MofyError, SinkError
from appliance.options import Hdmi
from appliance.sinks import SinkOptions
from appliance.sinks import _connectors as connectors
from appliance.sinks._jetson_screen import opened as jetson
from appliance.sinks._letterbox import Canvas, canvas, place, put
from appliance.sinks._screens import Screen, kms, window
from appliance.sinks._worker import Worker

LOOK_EVERY_S = 0.5
"""How often the sockets are looked at."""

BACK_OFF_S = (1.0, 2.0, 4.0, 8.0, 15.0)
"""Pauses before a screen that failed is tried again; the last one for all that follow."""

WORKS_S = 1.0
"""So long without a failure, and a screen is taken to work: drivers fail a moment after they were opened."""

STEADY_S = 10.0
"""A screen that worked for so long has recovered: the next failure is its first."""

CLOSING_S = 1.0

Output = Literal["kms", "x11", "gl", "jetson"]


class HdmiSink:
    """Shows the newest of what it is given. Made by `build`."""

    def __init__(
        self, options: Hdmi, root: Path = Path("/"), open_screen: Callable[[], Screen] | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        """root: where the kernel's own files are found; open_screen, now: for tests."""
        self.fault: str | None = None
        """Why a display that is there shows nothing; see Sink."""
        self.display = ""
        """What is being shown on, for people; empty where nothing is."""
        self._output = _output(options)
        self._mode = options.mode
        self._root = root
        self._open_screen = open_screen or self._opened
        self._now = now
        self._screen: Screen | None = None
        self._plugged: connectors.Connector | None = None
        self._failures = 0
        self._looked_at = self._opened_at = self._retry_at = float("-inf")
        self._canvas: Canvas | None = None
        self._shape: tuple[int, int] | None = None
        self._lines: tuple[str, ...] = ()
        self._drawn: tuple[LocalNotice, LocalPicture] | None = None
        self._worker: Worker[MaskedFrame | LocalNotice] = Worker("hdmi", self._take, waiting=1)

    def write(self, frame: MaskedFrame) -> None:
        """Leave the frame to the display's thread; see Sink."""
        self._worker.put(frame)

    def tell(self, notice: LocalNotice) -> None:
        """Leave the notice to the display's thread; see Display."""
        self._worker.put(notice)

    def sign(self, lines: tuple[str, ...]) -> None:
        """Draw these lines into every picture from now on; see Display."""
        self._lines = lines

    def close(self) -> None:
        """Give the display back; a driver that hangs is left alone."""
        if self._worker.finish(CLOSING_S):
            closing = threading.Thread(target=self._let_go, name="hdmi-close", daemon=True)
            closing.start()
            closing.join(CLOSING_S)

    def _take(self, item: MaskedFrame | LocalNotice) -> None:
        try:
            if (screen := self._present_screen()) is not None:
                self._paint(screen, item)
                self._recover(self._now() - self._opened_at)
        except MofyError as error:
            self._lost(str(error))
        except Exception as error:  # whatever a driver may throw: the next attempt begins anew
            self._lost(f"hdmi: {error or type(error).__name__}")

    def _recover(self, worked_s: float) -> None:
        if worked_s > WORKS_S:
            self.fault = None
        if worked_s > STEADY_S:
            self._failures = 0

    def _present_screen(self) -> Screen | None:
        """The screen to paint on now: opened when one has come, let go when it went."""
        now = self._now()
        if now - self._looked_at > LOOK_EVERY_S:
            self._looked_at = now
            self._look()
        if self._screen is None and self._may_open(now):
            self._screen = self._open_screen()
            self._opened_at, self.display = now, self._screen.name
        return self._screen

    def _look(self) -> None:
        if self._output != "kms":
            return
        here = connectors.connected(self._root)
        # The one in use stays in use as long as it is there.
        same = next((one for one in here if one == self._plugged), None)
        plugged = same or (here[0] if here else None)
        if plugged != self._plugged:
            self._let_go()
            self._plugged, self._failures, self._retry_at, self.fault = plugged, 0, float("-inf"), None

    def _may_open(self, now: float) -> bool:
        there = self._plugged is not None if self._output == "kms" else self._output is not None
        return there and now >= self._retry_at

    def _opened(self) -> Screen:
        if self._output == "kms":
            assert self._plugged is not None
            return kms(self._plugged, connectors.chosen(self._plugged.modes, self._mode), self._root)
        assert self._output is not None
        return jetson() if self._output == "jetson" else window(self._output)

    def _paint(self, screen: Screen, item: MaskedFrame | LocalNotice) -> None:
        if isinstance(item, LocalNotice):
            if self._drawn is None or self._drawn[0] != item:
                self._drawn = (item, local_slate(item, *screen.size))
            picture = self._drawn[1]
            screen.show(Canvas(picture.y, picture.u, picture.v), 0)
            return
        if self._canvas is None or self._shape != (item.width, item.height):
            self._canvas, self._shape = canvas(*screen.size), (item.width, item.height)
        where = place(item.width, item.height, screen.size)
        put(self._canvas, item.y, item.u, item.v, where)
        rows, columns = slice(where.y0, where.y1), slice(where.x0, where.x1)
        half = (slice(where.y0 // 2, where.y1 // 2), slice(where.x0 // 2, where.x1 // 2))
        stamp(self._canvas.y[rows, columns], self._canvas.u[half], self._canvas.v[half], self._lines)
        screen.show(self._canvas, item.height)

    def _lost(self, why: str) -> None:
        self.fault = why
        self._retry_at = self._now() + BACK_OFF_S[min(self._failures, len(BACK_OFF_S) - 1)]
        self._failures += 1
        self._let_go()

    def _let_go(self) -> None:
        screen, self._screen = self._screen, None
        self._canvas = self._drawn = None
        self.display = ""
        if screen is not None:
            screen.close()


def build(options: SinkOptions) -> HdmiSink:
    """A display that is there, or comes later, or never; raises SinkError when a window is wished and none can be."""
    if options.hdmi.output in ("x11", "gl", "jetson") and not _desktop():
        raise SinkError(f'hdmi: output = "{options.hdmi.output}" opens a window of a desktop, and DISPLAY is not set')
    return HdmiSink(options.hdmi, options.root)


def _output(options: Hdmi) -> Output | None:
    if options.output == "auto":
        # A desktop has the display already; who wants a window on it asks for one.
        return None if _desktop() else "kms"
    return None if options.output == "off" else options.output


def _desktop() -> bool:
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
