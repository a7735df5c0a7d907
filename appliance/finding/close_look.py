"""A second, close look at what may be a face: hands and clothes look like small turned ones from afar."""

from __future__ import annotations

from appliance.core.faces import Face
from appliance.core.frames import Frame
from appliance.core.geometry import Rect
from appliance.core.turns import sized
from appliance.faces import Detector
from appliance.finding.doubles import same
from appliance.finding.look import look

CLOSE = 0.3
"""Share of the close look that the face fills."""


def close_score(detector: Detector, frame: Frame, face: Face, turns: int) -> float:
    """The score of a face, seen after so many quarter turns of the frame, when looked at closely; 0: it is none."""
    region = around(face, (frame.width, frame.height), sized(detector.input_size, turns))
    seen = look(detector, frame, region, turns)
    return max((one.score for one in seen if same([face], [one]).any()), default=0.0)


def around(face: Face, frame: tuple[int, int], canvas: tuple[int, int]) -> Rect:
    """The part of a frame of (width, height), shaped like the canvas, of whose short side the face fills CLOSE."""
    x, y = (min(max(at, 0), side - 1) for at, side in zip(face.box.centre, frame))
    scale = max(face.box.x1 - face.box.x0, face.box.y1 - face.box.y0) / CLOSE / min(canvas)
    half_width, half_height = canvas[0] * scale / 2, canvas[1] * scale / 2
    left, top = max(int(x - half_width) // 2 * 2, 0), max(int(y - half_height) // 2 * 2, 0)
    right, bottom = min(int(x + half_width) // 2 * 2 + 2, frame[0]), min(int(y + half_height) // 2 * 2 + 2, frame[1])
    return Rect(left, top, right, bottom)
