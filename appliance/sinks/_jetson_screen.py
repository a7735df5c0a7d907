"""A Jetson's display through jetson-utils, which draws by the GPU into a window that fills the desktop."""

from __future__ import annotations

from typing import Any

import numpy as np

from appliance.core.frames import rgb_of
from appliance.errors import SinkError
from appliance.sinks._letterbox import Canvas

DISPLAY = "display://0"


class JetsonScreen:
    """One window; see Screen. Canvases have its size."""

    def __init__(self, library: Any) -> None:
        """library: the module jetson_utils."""
        self._library = library
        try:
            self._output = library.videoOutput(DISPLAY, options={"width": 0, "height": 0})
        except Exception as error:  # the library raises nothing more precise
            raise SinkError(f"hdmi: jetson-utils cannot open {DISPLAY} ({error}); is there a desktop?") from None
        self.size = (self._output.GetWidth() // 2 * 2, self._output.GetHeight() // 2 * 2)
        self.name = f"jetson {self.size[0]}x{self.size[1]}"
        # Processor and GPU share it: what is written here is drawn from there, without a copy between.
        self._image = library.cudaAllocMapped(width=self.size[0], height=self.size[1], format="rgb8")

    def show(self, canvas: Canvas, picture_height: int) -> None:
        """Paint it; raises SinkError when the window is gone."""
        if not self._output.IsStreaming():
            raise SinkError(f"hdmi: {self.name}: the window was closed")
        np.copyto(self._library.cudaToNumpy(self._image), rgb_of(canvas.y, canvas.u, canvas.v))
        try:
            self._output.Render(self._image)
        except Exception as error:
            raise SinkError(f"hdmi: {self.name}: {error}") from None

    def close(self) -> None:
        """Let go of the window."""
        self._output.Close()


def opened() -> JetsonScreen:
    """The Jetson's display; raises SinkError where jetson-utils is absent."""
    try:
        import jetson_utils
    except ImportError as error:
        raise SinkError(f'hdmi: output = "jetson" needs NVIDIA\'s jetson-utils ({error}); use "kms" or "gl"') from None
    return JetsonScreen(jetson_utils)
