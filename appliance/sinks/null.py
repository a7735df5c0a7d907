"""No way out at all: for measuring, and the place where a test looks at what would have left."""

from __future__ import annotations

from appliance.core.veiling import MaskedFrame
from appliance.sinks import SinkOptions


class NullSink:
    """Counts frames and keeps the last one."""

    fault = None

    def __init__(self) -> None:
        self.count = 0
        self.last: MaskedFrame | None = None

    def write(self, frame: MaskedFrame) -> None:
        """Keep the frame instead of the one before it."""
        self.count += 1
        self.last = frame

    def close(self) -> None:
        """Let go of the frame."""
        self.last = None


def build(options: SinkOptions) -> NullSink:
    """A sink that writes nothing."""
    return NullSink()
