"""The thread that owns the picture: camera to masked frame, one after the other."""

from __future__ import annotations

import threading
import time
import traceback
from collections import deque
from dataclasses import replace
from pathlib import Path

from appliance.capture import Capture, SourceEndError
from appliance.core.frames import Frame
from appliance.core.veiling import MaskedFrame
from appliance.errors import MofyError
from appliance.live.claims import Claims
from appliance.live.meter import Meter
from appliance.live.outlet import Outlet
from appliance.live.pace import Pace
from appliance.live.people_watch import PeopleWatch
from appliance.live.terms import Terms
from appliance.pipeline import Pipeline

READ_S = 0.05
"""How long to wait for a frame before looking at wishes again."""

LOST_S = 1.0
"""A camera that gave nothing for so long is lost: what waits is dropped, and the next frame begins a new shot."""


class Line:
    """Runs until it is stopped, the source ends, or anything in it raises; then nothing leaves any more."""

    def __init__(
        self,
        capture: Capture,
        first: Frame | None,
        pipeline: Pipeline,
        people: PeopleWatch,
        claims: Claims,
        terms: Terms,
        outlet: Outlet,
        meter: Meter,
        pace: Pace,
        fps: int,
    ) -> None:
        """first: what was already read of the capture; fps: the pace at which the last frames of a file are shown."""
        self.done = threading.Event()
        """Set at the end."""
        self.fault: MofyError | None = None
        """Why it ended; None when it was stopped or the source ended."""
        self.lost = False
        """True while the camera gives nothing."""
        self.turned_at = float("-inf")
        """time.monotonic() at which wishes and camera were last looked at."""
        self._capture = capture
        self._first = first
        self._pipeline = pipeline
        self._people = people
        self._claims = claims
        self._terms = terms
        self._outlet = outlet
        self._meter = meter
        self._pace = pace
        self._fps = fps
        self._stopping = threading.Event()
        self._heard_at = time.monotonic()
        self._size = (0, 0)
        self._read_at: deque[float] = deque()
        self._thread = threading.Thread(target=self._run, name="line", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, timeout_s: float) -> None:
        """End after the present frame, waiting at most so long for it."""
        self._stopping.set()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        try:
            self._apply()
            while not self._stopping.is_set():
                self._turn()
        except SourceEndError:
            self._empty()
        except MofyError as error:
            self.fault = error
        except Exception as error:  # nothing may pass that was not wholly understood; the frames waiting stay inside
            self.fault = MofyError(f"the picture was stopped: {_told(error)}")
        finally:
            self._people.close()
            self.done.set()

    def _turn(self) -> None:
        self.turned_at = time.monotonic()
        self._obey()
        frame, self._first = self._first or self._capture.read(READ_S), None
        now = time.monotonic()
        if frame is None:
            if now - self._heard_at > LOST_S and not self.lost:
                self._lose()
            return
        self._heard_at = now
        whole = self._whole(frame)
        # Behind the slate nothing is looked at, and nothing waits that could be seen when it goes.
        if not self._outlet.hidden:
            self._step(whole)

    def _obey(self) -> bool:
        """Take over what is wished now; True when that has changed."""
        self._terms.take_new_mask(self._pipeline)
        if not self._people.changed():
            return False
        self._apply()
        return True

    def _apply(self) -> None:
        self._terms.apply(self._people.wishes, self._pipeline)
        people = self._people
        self._claims.obey(people.claims, people.people, self._terms.mode, self._pipeline, people.sound)
        self._outlet.sign(self._terms.sign)
        hide = self._terms.mode == "slate"
        if hide != self._outlet.hidden:
            self._outlet.hide(hide)
            self._forget()

    def _step(self, frame: Frame) -> None:
        began = time.monotonic()
        self._pace.taken(frame.captured_at)
        self._read_at.append(began)
        with self._meter.stage("step"):
            ready = self._pipeline.step(frame)
        self._claims.turn(self._pipeline)
        taken_at = [self._read_at.popleft() for _ in ready]
        # A step may take long on a busy board: what it made by wishes that no longer hold is not shown.
        if not self._obey():
            for masked, at in zip(ready, taken_at):
                self._show(masked, at)
        self._meter.frame_done()
        self._pace.worked(time.monotonic() - began)

    def _show(self, masked: MaskedFrame, taken_at: float) -> None:
        with self._meter.stage("write"):
            self._outlet.show(masked)
        self._meter.add("delay", time.monotonic() - taken_at)
        self._meter.shown()

    def _whole(self, frame: Frame) -> Frame:
        """The frame, marked as a new shot when nothing may be carried over to it."""
        size = (frame.width, frame.height)
        fresh = self.lost or size != self._size
        self._size, self.lost = size, False
        return replace(frame, cut=True) if fresh else frame

    def _lose(self) -> None:
        self.lost = True
        self._pace.lost()
        self._forget()

    def _forget(self) -> None:
        """Let go of what waits; the next frame begins a new shot."""
        self._size = (0, 0)
        for _ in self._pipeline.flush():
            pass  # veiled, but of another time: shown to nobody
        self._read_at.clear()

    def _empty(self) -> None:
        """Show what waits, at the pace of the source."""
        waiting = self._pipeline.flush()
        while not self._stopping.wait(1 / self._fps):
            self._obey()
            if (masked := next(waiting, None)) is None:
                return
            self._outlet.show(masked)


def _told(error: Exception) -> str:
    """Kind, words and place: enough to find it, and nothing of the picture."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    words = (str(error).splitlines() or [""])[0]
    return f"{type(error).__name__}: {words} ({Path(place.filename).name}, line {place.lineno})"
