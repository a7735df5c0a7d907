"""Screens that GStreamer can paint on: a display at a socket of the board (KMS), or a window of a desktop."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from appliance.errors import SinkError, system_reason
from appliance.gst import gst
from appliance.sinks._connectors import Connector, Size
from appliance.sinks._letterbox import Canvas

SD_HEIGHT = 576
"""Pictures higher than this are BT.709 where nothing else is said; so players take them, and so does a screen."""

_abandoned: list[Any] = []
"""Pipelines that can be neither used nor stopped."""

TAKEN = '; if a desktop has this display, set output = "x11" or "off" in [hdmi]'

WINDOW_SINKS = {"x11": "ximagesink", "gl": "glimagesink"}


class Screen(Protocol):
    """One open screen; used and closed by one thread."""

    size: Size
    """(width, height), both even."""
    name: str
    """For people."""

    def show(self, canvas: Canvas, picture_height: int) -> None:
        """Paint it; raises SinkError when the screen is gone."""

    def close(self) -> None:
        """Let go of the screen."""


class GstScreen:
    """Takes canvases of one size; what it cannot paint in time is dropped."""

    def __init__(
        self,
        name: str,
        size: Size,
        launch: str,
        properties: dict[str, Any],
        release: Callable[[], None],
        gone: Callable[[], bool] = lambda: False,
        advice: str = "",
    ) -> None:
        """launch: of the element called `screen`; release: gives back what the properties need to stay open.

        gone: true when the pipeline may not be touched any more; advice: what to do when it fails.
        """
        self.name, self.size, self._release, self._gone, self._advice = name, size, release, gone, advice
        self._gst = gst()
        self._height = 0
        self._pipeline: Any = None
        try:
            # One canvas waits while one is painted: a screen has no past.
            self._pipeline = self._gst.Gst.parse_launch(
                "appsrc name=in is-live=true format=time do-timestamp=true max-buffers=1 leaky-type=downstream ! "
                f"videoconvert n-threads=2 ! {launch}"
            )
            screen = self._pipeline.get_by_name("screen")
            for key, value in properties.items():
                screen.set_property(key, value)
            self._source = self._pipeline.get_by_name("in")
            self._bus = self._pipeline.get_bus()
            state = self._pipeline.set_state(self._gst.Gst.State.PLAYING)
            if state == self._gst.Gst.StateChangeReturn.FAILURE:
                raise SinkError(f"hdmi: {name}: {self._fault() or 'cannot be opened'}{advice}")
        except self._gst.GLib.Error as error:
            self.close()
            raise SinkError(f"hdmi: GStreamer lacks a part for {name} ({error.message})") from None
        except BaseException:
            self.close()
            raise

    def show(self, canvas: Canvas, picture_height: int) -> None:
        """Paint it; see Screen."""
        if self._gone():
            raise SinkError(f"hdmi: {self.name}: the desktop has ended")
        if fault := self._fault():
            raise SinkError(f"hdmi: {self.name}: {fault}{self._advice}")
        if (picture_height > SD_HEIGHT) != (self._height > SD_HEIGHT) or not self._height:
            self._height = picture_height
            self._describe()
        buffer = self._gst.Gst.Buffer.new_allocate(None, self._info.size, None)
        with buffer.map(self._gst.Gst.MapFlags.WRITE) as mapped:
            for plane, offset, stride in zip((canvas.y, canvas.u, canvas.v), self._info.offset, self._info.stride):
                np.ndarray(plane.shape, np.uint8, mapped.data, offset, (stride, 1))[:] = plane
        self._source.emit("push-buffer", buffer)

    def close(self) -> None:
        """Let go of the screen; see Screen."""
        pipeline, self._pipeline = self._pipeline, None
        release, self._release = self._release, _nothing
        if self._gone():
            # Its threads wait inside libraries for ever: stopping it would wait with them.
            _abandoned.append(pipeline)
            return
        if pipeline is not None:
            pipeline.set_state(self._gst.Gst.State.NULL)
        release()

    def paint_on(self, handle: int) -> None:
        """Use this window in place of one of GStreamer's own."""
        self._pipeline.get_by_name("screen").set_window_handle(handle)

    def _describe(self) -> None:
        width, height = self.size
        colours = "bt709" if self._height > SD_HEIGHT else "bt601"
        caps = self._gst.Gst.Caps.from_string(
            f"video/x-raw,format=I420,width={width},height={height},framerate=0/1,pixel-aspect-ratio=1/1,"
            f"colorimetry={colours}"
        )
        self._info = self._gst.GstVideo.VideoInfo.new_from_caps(caps)
        self._source.set_caps(caps)

    def _fault(self) -> str | None:
        message = self._bus.pop_filtered(self._gst.Gst.MessageType.ERROR)
        return str(message.parse_error()[0].message).strip().rstrip(".") if message is not None else None


def kms(connector: Connector, size: Size, root: Path) -> GstScreen:
    """The display in this socket, in this mode; raises SinkError, for one when a desktop has it."""
    device = root / "dev/dri" / connector.card
    try:
        handle = os.open(device, os.O_RDWR | os.O_CLOEXEC)
    except OSError as error:
        why = system_reason(error)
        raise SinkError(f"hdmi: {device}: cannot be opened ({why}); add the user to the group video") from None
    properties: dict[str, Any] = {"connector-id": connector.id}
    if _takes_handle():
        properties["fd"] = handle
        release: Callable[[], None] = partial(_closed, handle)
    else:
        # An older kmssink opens the device itself, and must be the only one to.
        _closed(handle)
        release = _nothing
    # Its own mode is set, not a plane over somebody's console: that works without overlays and at any size.
    launch = "video/x-raw,format=BGRx ! kmssink name=screen sync=false force-modesetting=true"
    name = f"{connector.name} {size[0]}x{size[1]}"
    return GstScreen(name, size, launch, properties, release, advice=TAKEN)


def _takes_handle() -> bool:
    sink = gst().Gst.ElementFactory.make("kmssink")
    return sink is not None and sink.find_property("fd") is not None


def window(output: str) -> GstScreen:
    """A window that fills the desktop of $DISPLAY; raises SinkError where there is none."""
    from appliance.sinks._x11 import Window

    opened = Window("MOFY")
    launch = f"{WINDOW_SINKS[output]} name=screen sync=false force-aspect-ratio=false"
    name = f"window {opened.size[0]}x{opened.size[1]}"
    screen = GstScreen(name, opened.size, launch, {}, opened.close, lambda: opened.gone)
    screen.paint_on(opened.handle)
    return screen


def _nothing() -> None:
    """There is nothing to give back."""


def _closed(handle: int) -> None:
    with suppress(OSError):
        os.close(handle)
