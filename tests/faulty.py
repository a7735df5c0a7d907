"""`python -m tests.faulty FOLDER run ...`: MOFY before a painted scene, with parts that fail on demand.

A green face is of somebody who may be enrolled, a red one of a stranger; they walk to and fro and never meet. What
FOLDER/order says ("detector nan") is done from then on, and no more once the file is gone. FOLDER/board is what the
kernel shows of a board that slows itself down.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from appliance.core.faces import Face
from appliance.core.frames import Frame, RgbImage, from_rgb
from appliance.core.geometry import Box
from appliance.errors import CaptureError
from tests.coloured_faces import DIMENSIONS, ColourDetector, ColourEmbedder, scene
from tests.scripted import face

SIZE, FPS, FACE_PX = (640, 360), 30, 96
WIDER = (800, 448)
ORDER, BOARD = "order", "board"


class Orders:
    """What is to go wrong at this moment."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / ORDER

    def __call__(self, part: str) -> str:
        """What this part is to do; nothing when it is to work."""
        try:
            said, _, what = self._path.read_text(encoding="utf-8").partition(" ")
        except FileNotFoundError:
            return ""
        return what if said == part else ""

    def hang(self, part: str) -> None:
        """Until the order is gone."""
        while self(part) == "hang":
            time.sleep(0.02)


class Detector:
    """Finds the coloured faces."""

    input_size = (320, 192)

    def __init__(self, orders: Orders) -> None:
        self._orders, self._well = orders, ColourDetector()

    def detect(self, rgb: RgbImage) -> list[Face]:
        """Or what was ordered."""
        order = self._orders("detector")
        found = self._well.detect(rgb)
        if order == "slow":
            time.sleep(0.05)
        if order == "raise":
            raise RuntimeError("the model\nfell over")
        if order == "hang":
            self._orders.hang("detector")
        wrong = {
            "nan": face(Box(float("nan"), 0, float("nan"), 9)),
            "inverted": face(Box(90, 90, 10, 10)),
            "far": face(Box(1e7, 1e7, 2e7, 2e7)),
            "score": face(Box(5, 5, 30, 30), float("nan")),
        }
        if order in wrong:
            return [wrong[order]]
        if order == "many":
            return [*found, *(face(Box(x, y, x + 8, y + 8)) for x in range(0, 300, 10) for y in range(0, 180, 10))]
        return found


class Embedder:
    """Tells green from red."""

    def __init__(self, orders: Orders) -> None:
        self._orders, self._well = orders, ColourEmbedder()

    def embed(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Or what was ordered."""
        order = self._orders("embedder")
        if order == "raise":
            raise RuntimeError("no memory")
        if order == "hang":
            self._orders.hang("embedder")
        rows = self._well.embed(crops)
        if order == "nan":
            return np.full_like(rows, np.nan)
        if order == "zero":
            return np.zeros_like(rows)
        if order == "dice":
            wild = np.random.default_rng().normal(size=(len(crops), DIMENSIONS)).astype(np.float32)
            return wild / np.linalg.norm(wild, axis=1, keepdims=True)
        return rows


class Camera:
    """Paints a picture every thirtieth of a second."""

    def __init__(self, orders: Orders) -> None:
        self._orders = orders
        self._due_at = time.monotonic()
        self._index = 0

    def read(self, timeout_s: float) -> Frame | None:
        """Or what was ordered."""
        order = self._orders("camera")
        if order == "gone":
            raise CaptureError("the camera is gone")
        if order == "raise":
            raise OSError("no such device")
        wait_s = max(self._due_at - time.monotonic(), 0.0)
        if order == "freeze" or wait_s > timeout_s:
            time.sleep(timeout_s)
            return None
        time.sleep(wait_s)
        self._due_at = max(self._due_at + 1 / FPS, time.monotonic() - 0.1)
        self._index += 1
        return painted(self._index, WIDER if order == "wider" else SIZE)

    def close(self) -> None:
        """Nothing to let go of."""


def painted(index: int, size: tuple[int, int]) -> Frame:
    """Frame of this index: green walks above, red below."""
    far = size[0] - FACE_PX - 80
    x = 40 + abs((4 * index) % (2 * far) - far)
    green, red = (x // 2 * 2, 40, FACE_PX), ((size[0] - FACE_PX - x) // 2 * 2, 210, FACE_PX)
    return replace(from_rgb(scene(size, green=green, red=red)), index=index, captured_at=time.monotonic())


class BreakableSinks:
    """Makes sinks as MOFY does, but its encoder breaks down when that is ordered."""

    def __init__(self, orders: Orders, part: Any) -> None:
        self._orders, self._part = orders, part

    def __call__(self, family: str, name: str) -> Any:
        """As parts.part."""
        module = self._part(family, name)
        if (family, name) != ("sinks", "rtsp"):
            return module
        return type("Breakable", (), {"build": staticmethod(lambda options: self._breakable(module.build(options)))})

    def _breakable(self, sink: Any) -> Any:
        write, orders = sink.write, self._orders

        def write_or_break(frame: Any) -> None:
            if orders("encoder") == "break":
                from gi.repository import Gst

                # What no encoder takes: the pipeline stops with an error of its own.
                sink._encoder._source.set_caps(Gst.Caps.from_string("video/x-raw,format=BGR,width=7,height=7"))
            write(frame)

        sink.write = write_or_break
        return sink


def _set_clock(orders: Orders) -> None:
    """The machine's clock, set forward or back by the seconds ordered."""
    right = time.time

    def told() -> float:
        return right() + float(orders("clock") or 0)

    time.time = told


def main() -> None:
    """Put the painted scene in its place and run MOFY."""
    folder = Path(sys.argv.pop(1))
    orders = Orders(folder)
    _set_clock(orders)
    from appliance import assembly, capture, cli, parts, throttling

    throttling.throttled = partial(throttling.throttled, folder / BOARD)
    assembly.detector = lambda config: Detector(orders)
    assembly.embedder = lambda config: Embedder(orders)
    capture.build = lambda *_, **__: Camera(orders)
    parts.part = BreakableSinks(orders, parts.part)
    cli.main()


if __name__ == "__main__":
    main()
