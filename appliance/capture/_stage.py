"""A staged scene: cut-out people from photos walk over a background, and the truth of every frame is known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from appliance.core.frames import Frame, Plane, from_rgb, uint8
from appliance.core.geometry import Box
from appliance.errors import CaptureError

CUTOUT_FACE_PX = 220
"""Height of the face in a kept cut-out: nobody on the stage comes nearer than that."""


@dataclass(frozen=True, slots=True)
class Portrait:
    """Where a face stands in one of the fetched photos: file, person, and the face's box in its pixels."""

    file: str
    person: str
    face: Box


PORTRAITS = (
    Portrait("obama3.jpg", "obama", Box(642, 253, 907, 606)),
    Portrait("biden.jpg", "biden", Box(425, 179, 713, 575)),
    Portrait("t1.jpg", "guest-1", Box(60, 270, 168, 397)),
    Portrait("t1.jpg", "guest-2", Box(268, 151, 367, 267)),
    Portrait("t1.jpg", "guest-3", Box(463, 270, 577, 418)),
    Portrait("t1.jpg", "guest-4", Box(745, 344, 847, 477)),
    Portrait("t1.jpg", "guest-5", Box(906, 65, 1006, 203)),
    Portrait("t1.jpg", "guest-6", Box(1132, 279, 1224, 399)),
)
ENROL_PHOTOS = ("obama.jpg", "obama2.jpg")
"""Photos of the one who is enrolled in the demo; the scene shows another one of him."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on somebody's way: at second `at`, face centre (x, y) as shares of the frame, face height likewise."""

    at: float
    x: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Actor:
    """A person and the way he walks; before the first and after the last mark he is off stage."""

    person: str
    way: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Present:
    """The truth of one face in one frame: who, where (pixels), and the share of it nobody nearer hides, 0..1."""

    person: str
    box: Box
    visible: float


LOOP_S = 24.0
SCENE = (
    Actor("obama", (Mark(-1, 0.30, 0.40, 0.22), Mark(5, 0.42, 0.42, 0.24), Mark(11, 0.70, 0.42, 0.25),
                    Mark(17, 0.45, 0.44, 0.26), Mark(25, 0.30, 0.40, 0.22))),
    Actor("biden", (Mark(0, 1.12, 0.45, 0.20), Mark(6, 0.62, 0.46, 0.21), Mark(11, 0.18, 0.46, 0.22),
                    Mark(17, 0.20, 0.44, 0.19), Mark(23, 1.15, 0.44, 0.22))),
    Actor("guest-1", (Mark(-1, 0.12, 0.30, 0.09), Mark(12, 0.24, 0.28, 0.10), Mark(25, 0.12, 0.30, 0.09))),
    Actor("guest-3", (Mark(1, -0.08, 0.62, 0.14), Mark(7, 0.16, 0.60, 0.17), Mark(13, -0.10, 0.62, 0.14))),
    Actor("guest-6", (Mark(-1, 0.86, 0.30, 0.05), Mark(12, 0.80, 0.28, 0.055), Mark(25, 0.86, 0.30, 0.05))),
    Actor("guest-5", (Mark(3, 0.92, 1.15, 0.16), Mark(8, 0.88, 0.66, 0.20), Mark(15, 0.86, 0.64, 0.18),
                   Mark(20, 1.12, 0.66, 0.20))),
    Actor("guest-2", (Mark(14, 0.55, 0.26, 0.07), Mark(18, 0.64, 0.25, 0.12), Mark(24, 0.56, 0.26, 0.06))),
)  # fmt: skip
"""The demo's scene: one stays, one crosses in front of him, others come, go, draw near and stay far."""


@dataclass(frozen=True, slots=True, eq=False)
class _Cutout:
    planes: tuple[Plane, Plane, Plane]
    alpha: NDArray[np.float32]
    face: Box


class Stage:
    """Draws the scene's frames, each from its index alone: the same index is the same picture."""

    def __init__(
        self, photos: Path, width: int = 1280, height: int = 720, fps: float = 30.0, scene: Sequence[Actor] = SCENE,
        loop_s: float = LOOP_S,
    ) -> None:  # fmt: skip
        """photos: the folder of fetched photos; width and height even; raises CaptureError when a photo is missing."""
        self.width, self.height, self.fps = width, height, fps
        self._scene = tuple(scene)
        self._loop_s = loop_s
        cast = {actor.person for actor in scene}
        self._cutouts = {p.person: _cut_out(photos, p) for p in PORTRAITS if p.person in cast}
        self._wall = _wall(width, height)

    def frame(self, index: int) -> Frame:
        """The picture of frame `index`, captured_at its time in seconds."""
        wall = self._wall
        frame = Frame(wall.y.copy(), wall.u.copy(), wall.v.copy(), index, index / self.fps)
        for present in sorted(self._present(index), key=lambda present: present.box.height):
            _draw(frame, self._cutouts[present.person], present.box)
        return frame

    def truth(self, index: int) -> list[Present]:
        """Everybody in frame `index` of whose face at least a pixel lies in the picture."""
        frame = Box(0, 0, self.width, self.height)
        everybody = self._present(index)
        seen = []
        for present in everybody:
            inside = present.box.overlap(frame)
            hidden = max(
                (present.box.overlap(_body(other.box)) for other in everybody if other.box.height > present.box.height),
                default=0.0,
            )
            if inside > 0:
                seen.append(Present(present.person, present.box, max(inside - hidden, 0.0) / present.box.area))
        return seen

    def _present(self, index: int) -> list[Present]:
        second = (index / self.fps) % self._loop_s
        found = []
        for actor in self._scene:
            mark = _along(actor.way, second)
            if mark is None:
                continue
            face = self._cutouts[actor.person].face
            tall = mark.height * self.height
            wide = tall * face.width / face.height
            x, y = mark.x * self.width, mark.y * self.height
            found.append(Present(actor.person, Box(x - wide / 2, y - tall / 2, x + wide / 2, y + tall / 2), 1.0))
        return found


def _body(face: Box) -> Box:
    """Roughly what a person hides: the head and the shoulders below it."""
    wide, tall = 0.3 * face.width, 0.3 * face.height
    return Box(face.x0 - wide, face.y0 - tall, face.x1 + wide, face.y1 + face.height)


def _along(way: Sequence[Mark], second: float) -> Mark | None:
    for before, after in pairwise(way):
        if before.at <= second < after.at:
            share = (second - before.at) / (after.at - before.at)
            eased = (1 - math.cos(math.pi * share)) / 2
            step = math.sin(second * 2 * math.pi * 1.7) * 0.004
            return Mark(
                second,
                before.x + (after.x - before.x) * eased,
                before.y + (after.y - before.y) * eased + step,
                before.height + (after.height - before.height) * eased,
            )
    return None


def _cut_out(photos: Path, portrait: Portrait) -> _Cutout:
    picture = cv2.imread(str(photos / portrait.file), cv2.IMREAD_COLOR)
    if picture is None:
        raise CaptureError(f"{photos / portrait.file}: the photo is missing; run ./install.sh setup to fetch it")
    face = portrait.face
    scale = CUTOUT_FACE_PX / face.height
    rect = Box(face.x0 - 0.8 * face.width, face.y0 - 0.45 * face.height, face.x1 + 0.8 * face.width,
               face.y1 + 0.85 * face.height).pixels(picture.shape[1], picture.shape[0])  # fmt: skip
    part = picture[rect.y0 : rect.y1, rect.x0 : rect.x1, ::-1]
    size = (round(part.shape[1] * scale / 2) * 2, round(part.shape[0] * scale / 2) * 2)
    shrunk = cv2.resize(
        np.ascontiguousarray(part), size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    )
    inside = face.moved(-rect.x0, -rect.y0).scaled(size[0] / part.shape[1], size[1] / part.shape[0])
    frame = from_rgb(uint8(shrunk), full_chroma=True)
    return _Cutout((frame.y, frame.u, frame.v), _silhouette(size, inside), inside)


def _silhouette(size: tuple[int, int], face: Box) -> NDArray[np.float32]:
    """(h, w) 0..1: an oval about the head and shoulders that widen below it, with soft edges."""
    shape = np.zeros((size[1], size[0]), np.uint8)
    x, y = face.centre
    head = (round(0.74 * face.width), round(0.70 * face.height))
    cv2.ellipse(shape, (round(x), round(y - 0.06 * face.height)), head, 0, 0, 360, 255, -1)
    neck, shoulder, floor = round(y + 0.45 * face.height), round(y + 0.8 * face.height), size[1]
    reach = 1.25 * face.width
    outline = [(x - 0.4 * face.width, neck), (x + 0.4 * face.width, neck), (x + reach, shoulder), (x + reach, floor),
               (x - reach, floor), (x - reach, shoulder)]  # fmt: skip
    cv2.fillPoly(shape, [np.array(outline, np.int32)], 255)
    shape[:, :2] = shape[:, -2:] = 0
    soft = cv2.GaussianBlur(shape, (0, 0), 4).astype(np.float32)
    return np.asarray(soft / 255, np.float32)


def _wall(width: int, height: int) -> Frame:
    """A quiet room with some structure, drawn from a fixed seed."""
    dice = np.random.default_rng(8)
    rows = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    rgb = np.empty((height, width, 3), np.float32)
    for channel, (top, bottom) in enumerate(((188, 120), (196, 112), (200, 104))):
        rgb[:, :, channel] = top + (bottom - top) * rows
    for _ in range(14):
        x0, y0 = int(dice.integers(0, width)), int(dice.integers(0, height))
        size = (int(width * dice.uniform(0.05, 0.16)), int(height * dice.uniform(0.08, 0.35)))
        shade = dice.uniform(-26, 26, 3).astype(np.float32)
        rgb[y0 : y0 + size[1], x0 : x0 + size[0]] += shade
    rgb += dice.normal(0, 2.0, (height, width, 1)).astype(np.float32)
    return from_rgb(np.clip(rgb, 0, 255).astype(np.uint8))


def _draw(frame: Frame, cutout: _Cutout, face: Box) -> None:
    """Blend the cut-out into the frame so that its face lies on the box."""
    scale = face.height / cutout.face.height
    left, top = face.x0 - cutout.face.x0 * scale, face.y0 - cutout.face.y0 * scale
    tall, wide = cutout.alpha.shape
    rect = Box(left, top, left + wide * scale, top + tall * scale).pixels(frame.width, frame.height, 2)
    if rect.empty:
        return
    for share, targets, sources in ((1, (frame.y,), cutout.planes[:1]), (2, (frame.u, frame.v), cutout.planes[1:])):
        matrix = np.array([[scale, 0, left - rect.x0], [0, scale, top - rect.y0]], np.float64) / share
        size = ((rect.x1 - rect.x0) // share, (rect.y1 - rect.y0) // share)
        alpha = cv2.warpAffine(cutout.alpha, matrix, size, flags=cv2.INTER_LINEAR)
        for target, source in zip(targets, sources):
            part = target[rect.y0 // share :, rect.x0 // share :][: size[1], : size[0]]
            warped = cv2.warpAffine(source, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            part[:] = cv2.blendLinear(uint8(warped), part, alpha, 1 - alpha)
