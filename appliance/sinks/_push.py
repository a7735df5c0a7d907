"""The masked stream sent on to another server, again and again when it fails. The picture never waits for it."""

from __future__ import annotations

import threading
import time
from typing import Any

from appliance.core.sound import SoundFormat
from appliance.errors import SinkError
from appliance.gst import gst
from appliance.sinks._audience import Audience, Feed
from appliance.sinks._push_address import route, told, without_secrets

BACK_OFF_S = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Pauses before the first, second... attempt to connect again; the last one for all that follow."""

BEHIND_S = 2.0
"""So much may wait for a slow line; then pictures are left out up to the next key frame."""

STUCK_S = 10.0
"""A server that takes nothing for so long is left, and connected to again."""

STEADY_S = 20.0
"""A connection that held so long was a good one: pauses begin anew."""

FLOWING = 3
"""Pictures that must have gone on their way: the first ones only wait for the connection."""

LOOK_S = 0.1
CLOSING_S = 1.0


class Push:
    """One server, in a thread of its own."""

    def __init__(self, url: str, audience: Audience, sound: SoundFormat | None = None) -> None:
        """Raises SinkError for what the kind of address cannot carry, or when GStreamer lacks a part for it."""
        self._url = url
        self._audience = audience
        self._route = route(url, sound)
        self.connected = False
        """True while the server takes pictures."""
        self.fault: str | None = None
        """Why nothing is sent, in words without any secret; None while it is, or is about to be."""
        self._closing = threading.Event()
        self._made().set_state(gst().Gst.State.NULL)
        self._thread = threading.Thread(target=self._run, name="push", daemon=True)
        self._thread.start()

    @property
    def state(self) -> str:
        """on, connecting, or lost, and where to."""
        word = "on" if self.connected else "lost" if self.fault else "connecting"
        return f"{word}, {told(self._url)}"

    def close(self) -> None:
        """Hang up; may be called twice."""
        self._closing.set()
        self._thread.join(CLOSING_S)

    def _run(self) -> None:
        attempts = 0
        while not self._closing.is_set():
            began_at = time.monotonic()
            try:
                self._send()
            except Exception as error:  # whatever a network may do: it is told, and tried again
                said = without_secrets(str(error) or type(error).__name__, self._url)
                attempts = 0 if self.connected and time.monotonic() - began_at > STEADY_S else attempts
                pause = BACK_OFF_S[min(attempts, len(BACK_OFF_S) - 1)]
                attempts += 1
                self.connected = False
                self.fault = f"push to {told(self._url)}: {said}; it is tried again"
                self._closing.wait(pause)

    def _send(self) -> None:
        """Until it is closed; raises SinkError when the server cannot be had any more."""
        names = gst().Gst
        pipeline = self._made()
        flow = Flow(pipeline.get_by_name("seen").get_static_pad("src"))
        try:
            if pipeline.set_state(names.State.PLAYING) == names.StateChangeReturn.FAILURE:
                raise SinkError(_told_fault(pipeline) or "it cannot be connected to")
            self._audience.join(self, Feed(pipeline.get_by_name("in"), pipeline.get_by_name("sound"), BEHIND_S))
            while not self._closing.wait(LOOK_S):
                if fault := _told_fault(pipeline):
                    raise SinkError(fault)
                if flow.still_s > STUCK_S:
                    raise SinkError("it takes nothing any more" if self.connected else "it does not answer")
                if flow.count >= FLOWING and _taken(pipeline):
                    self.connected, self.fault = True, None
        finally:
            self._audience.leave(self)
            pipeline.set_state(names.State.NULL)

    def _made(self) -> Any:
        try:
            pipeline = gst().Gst.parse_launch(self._route.launch)
        except gst().GLib.Error as error:
            said = without_secrets(error.message, self._url)
            raise SinkError(f"push to {told(self._url)}: GStreamer lacks a part for it ({said})") from None
        out = pipeline.get_by_name("out")
        for name, value in self._route.properties.items():
            # Whatever connects again by itself, in silence, could not be told of; it is newer than some systems.
            if out.find_property(name) is not None:
                out.set_property(name, value)
        # Time stamps are of the system's clock: the pipeline must count with the same one.
        pipeline.use_clock(gst().Gst.SystemClock.obtain())
        return pipeline


class Flow:
    """Counts what passes a pad."""

    def __init__(self, pad: Any) -> None:
        self.count = 0
        self._moved_at = time.monotonic()
        pad.add_probe(gst().Gst.PadProbeType.BUFFER, self._passed)

    @property
    def still_s(self) -> float:
        """Seconds since something passed, or since the beginning."""
        return time.monotonic() - self._moved_at

    def _passed(self, *_: Any) -> Any:
        self.count += 1
        self._moved_at = time.monotonic()
        return gst().Gst.PadProbeReturn.OK


def _taken(pipeline: Any) -> bool:
    """True when the server is there: SRT sends into the dark as well, and only counts what comes back."""
    if pipeline.get_state(0)[1] != gst().Gst.State.PLAYING:
        return False
    out = pipeline.get_by_name("out")
    stats = out.get_property("stats") if out.find_property("stats") else None
    if stats is None or stats.get_name() != "application/x-srt-statistics":
        return True
    known, acknowledged = stats.get_int("packet-ack-received")
    return bool(known and acknowledged)


def _told_fault(pipeline: Any) -> str | None:
    names = gst().Gst
    message = pipeline.get_bus().pop_filtered(names.MessageType.ERROR | names.MessageType.EOS)
    if message is None:
        return None
    if message.type == names.MessageType.EOS:
        return "it has ended the stream"
    error, details = message.parse_error()
    # The message may be a category only; then the cause stands in the details, below a line for programmers.
    causes = [line.strip() for line in (details or "").splitlines()[1:] if line.strip()]
    return ": ".join((error.message.strip().rstrip("."), *causes[-1:]))
