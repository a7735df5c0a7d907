"""A microphone through GStreamer: opened in a thread of its own, and opened again whenever it fails."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import Any

import numpy as np

from appliance.core.sound import CHANNELS, RATE_HZ, Heard
from appliance.errors import CaptureError, MofyError
from appliance.gst import gst
from appliance.options import Disguise

PITCH: dict[Disguise, float] = {"deep": 0.75, "high": 1.35}
"""How many times higher voices become: five semitones down or up."""

SILENT_S = 3.0
"""A device that gives nothing for so long is opened anew."""

BACK_OFF_S = (0.5, 1.0, 2.0, 4.0)
"""Pauses before the first, second... attempt to open it again; the last one for all that follow."""

LOOK_S = 0.1
"""How long to wait for sound before looking whether something else is wished."""

WAITING = 500
"""Pieces that may wait to be read."""

CLOSING_S = 1.0

OLDEST_S, NEWEST_S = 2.0, -0.1
"""What a device says it heard before or after that has another clock; it was heard just now."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How one source is opened."""

    told: str
    launch: str
    """gst-launch text; its source element is called `src`."""
    properties: dict[str, Any]
    """Set on `src`: never part of the text, where a blank or a quote would be syntax."""


class Listening:
    """One source; see Microphone."""

    def __init__(self, plan: Plan, disguise: Disguise) -> None:
        self._plan = plan
        self._wanted: Disguise = disguise
        self._heard: deque[Heard] = deque(maxlen=WAITING)
        self._heard_at = time.monotonic()
        self._fault: str | None = None
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="microphone", daemon=True)
        self._thread.start()

    @property
    def fault(self) -> str | None:
        """Why nothing is heard; see Microphone."""
        silent = time.monotonic() - self._heard_at > 2 * SILENT_S
        return self._fault or (f"{self._plan.told}: nothing is heard" if silent else None)

    def read(self) -> list[Heard]:
        """What was heard since; see Microphone."""
        pieces = []
        while self._heard:
            pieces.append(self._heard.popleft())
        return pieces

    def disguise(self, how: Disguise) -> None:
        """Change voices like this; see Microphone."""
        self._wanted = how

    def close(self) -> None:
        """Stop listening."""
        self._closing.set()
        self._thread.join(CLOSING_S)

    def _listen(self) -> None:
        attempts = 0
        while not self._closing.is_set():
            before = self._heard_at
            try:
                self._listen_once(self._wanted)
            except MofyError as error:
                self._fault = str(error)
            except Exception as error:  # whatever a driver may throw: it is told, and tried again
                self._fault = f"{self._plan.told}: {error or type(error).__name__}"
            else:
                continue
            attempts = 0 if self._heard_at > before else attempts
            self._closing.wait(BACK_OFF_S[min(attempts, len(BACK_OFF_S) - 1)])
            attempts += 1

    def _listen_once(self, disguise: Disguise) -> None:
        """Until something else is wished; raises CaptureError when it fails."""
        running = _Running(self._plan, disguise)
        began_at = time.monotonic()
        try:
            while not self._closing.is_set() and disguise == self._wanted:
                piece = running.pull(LOOK_S)
                if piece is not None:
                    self._heard.append(piece)
                    self._heard_at, self._fault = time.monotonic(), None
                elif time.monotonic() - max(self._heard_at, began_at) > SILENT_S:
                    raise CaptureError(f"{self._plan.told}: nothing is heard")
        finally:
            running.stop()


class _Running:
    """A GStreamer pipeline that plays, and what comes out of it."""

    def __init__(self, plan: Plan, disguise: Disguise) -> None:
        self._gst = gst().Gst
        self._plan = plan
        self._disguise = disguise
        raw = f"audio/x-raw,format=S16LE,rate={RATE_HZ},channels={CHANNELS},layout=interleaved"
        change = f"pitch pitch={PITCH[disguise]} ! audioconvert ! " if disguise != "off" else ""
        launch = (
            f"{plan.launch} ! audioconvert ! audioresample ! {raw} ! audioconvert ! {change}{raw} ! "
            "appsink name=out sync=false max-buffers=200 drop=true enable-last-sample=false"
        )
        try:
            self._pipeline = self._gst.parse_launch(launch)
        except gst().GLib.Error as error:
            raise CaptureError(f"{plan.told}: GStreamer lacks a part for it ({error.message})") from None
        source = self._pipeline.get_by_name("src")
        for name, value in plan.properties.items():
            source.set_property(name, value)
        # Pictures are timed by the system's clock; a sound card would bring its own.
        self._pipeline.use_clock(self._gst.SystemClock.obtain())
        self._out = self._pipeline.get_by_name("out")
        self._bus = self._pipeline.get_bus()
        if self._pipeline.set_state(self._gst.State.PLAYING) == self._gst.StateChangeReturn.FAILURE:
            fault = self._told_fault() or "it cannot be opened"
            self.stop()
            raise CaptureError(f"{plan.told}: {fault}")

    def pull(self, timeout_s: float) -> Heard | None:
        """The next piece; None when there is none in time; raises CaptureError with the element's own words."""
        sample = self._out.try_pull_sample(int(timeout_s * self._gst.SECOND))
        fault = self._told_fault()
        if fault:
            raise CaptureError(f"{self._plan.told}: {fault}")
        if sample is None:
            return None
        buffer = sample.get_buffer()
        count = buffer.get_size() // (2 * CHANNELS)
        samples = np.frombuffer(buffer.extract_dup(0, count * 2 * CHANNELS), np.int16).reshape(-1, CHANNELS)
        captured_at = (self._pipeline.get_base_time() + buffer.pts) / self._gst.SECOND
        now = time.monotonic()
        if not NEWEST_S < now - captured_at < OLDEST_S:
            captured_at = now - count / RATE_HZ
        return Heard(samples, captured_at, self._disguise)

    def stop(self) -> None:
        """Let go of the device."""
        self._pipeline.set_state(self._gst.State.NULL)

    def _told_fault(self) -> str | None:
        message = self._bus.pop_filtered(self._gst.MessageType.ERROR | self._gst.MessageType.EOS)
        if message is None:
            return None
        if message.type == self._gst.MessageType.EOS:
            return "it has ended"
        return f"cannot be heard ({message.parse_error()[0].message.strip().rstrip('.').lower()})"
