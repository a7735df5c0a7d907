"""How fast the line works: frames a second and milliseconds by stage, over the last moments."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from appliance.core.faces import Face
from appliance.core.frames import RgbImage
from appliance.faces import Detector, Embedder

SPAN_S = 2.0
"""Frames a second are counted over so long."""

FRAMES = 60
"""Stage times are means over so many frames."""


class Meter:
    """Written by the line's thread, read by any."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter, frames: int | None = FRAMES) -> None:
        """frames: how many the stage times are means over; None for all."""
        self._clock = clock
        self._shown_at: deque[float] = deque(maxlen=512)
        self._now: dict[str, float] = {}
        self._frames: deque[dict[str, float]] = deque(maxlen=frames)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count what is done inside to a stage of the present frame."""
        began = self._clock()
        try:
            yield
        finally:
            self.add(name, self._clock() - began)

    def add(self, name: str, seconds: float) -> None:
        """Count seconds to a stage of the present frame."""
        self._now[name] = self._now.get(name, 0.0) + seconds

    def frame_done(self) -> None:
        """The present frame is through; the next one begins."""
        done, self._now = self._now, {}
        self._frames.append(done)

    def shown(self) -> None:
        """A masked frame has left."""
        self._shown_at.append(self._clock())

    @property
    def fps(self) -> float:
        """Masked frames a second over the last moments."""
        now = self._clock()
        recent = [at for at in tuple(self._shown_at) if at > now - SPAN_S]
        return (len(recent) - 1) / (now - recent[0]) if len(recent) > 1 else 0.0

    def means_ms(self) -> dict[str, float]:
        """Mean milliseconds a frame by stage; a stage that most frames skip counts as nothing in those."""
        frames = tuple(self._frames)
        names = sorted({name for frame in frames for name in frame})
        return {name: round(1000 * sum(f.get(name, 0.0) for f in frames) / len(frames), 2) for name in names}


class TimedDetector:
    """A detector whose time is counted as `detect`."""

    def __init__(self, detector: Detector, meter: Meter) -> None:
        self._detector = detector
        self._meter = meter

    @property
    def input_size(self) -> tuple[int, int]:
        """See Detector."""
        return self._detector.input_size

    def detect(self, rgb: RgbImage) -> list[Face]:
        """See Detector."""
        with self._meter.stage("detect"):
            return self._detector.detect(rgb)


class TimedEmbedder:
    """An embedder whose time is counted as `verify`."""

    def __init__(self, embedder: Embedder, meter: Meter) -> None:
        self._embedder = embedder
        self._meter = meter

    def embed(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """See Embedder."""
        with self._meter.stage("verify"):
            return self._embedder.embed(crops)
