"""`python -m tests.benchmarks.soak.scene run ...`: MOFY before the staged scene, each frame stamped when it is read."""

from __future__ import annotations

import time
from typing import Any

from appliance import capture, cli
from appliance.core.frames import Frame
from tests.benchmarks.soak.stamp import put


class Stamped:
    """A camera whose pictures tell when they were handed over."""

    def __init__(self, camera: Any) -> None:
        self._camera = camera
        self._count = 0

    def read(self, timeout_s: float) -> Frame | None:
        """See Capture."""
        frame: Frame | None = self._camera.read(timeout_s)
        if frame is not None:
            put(frame, self._count, time.monotonic())
            self._count += 1
        return frame

    def close(self) -> None:
        """See Capture."""
        self._camera.close()


def main() -> None:
    """Put the stamp in its place and run MOFY."""
    build = capture.build
    capture.build = lambda *given, **more: Stamped(build(*given, **more))  # type: ignore[assignment]
    cli.main()


if __name__ == "__main__":
    main()
