"""A scripted world for the pipeline: faces where the script says, recognised as the script says. No model, no photo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from appliance.core.faces import Face
from appliance.core.frames import Frame, blank
from appliance.core.geometry import Box
from appliance.core.identity import Gallery, Person, gallery
from appliance.core.veiling import MaskedFrame
from appliance.masks import MaskOptions, solid
from appliance.pipeline import Pipeline, Settings

WIDTH, HEIGHT = 320, 240
MARK = 8
"""Luma of the solid mask; skin is brighter, so that a single bare pixel is seen."""

DIMENSIONS = 64


@dataclass(frozen=True)
class Seen:
    """A face that stands in a frame: who, where, and whether the detector finds it."""

    who: str
    box: Box
    found: bool = True
    score: float = 0.9


Script = Sequence[Sequence[Seen]]


def face(box: Box, score: float = 0.9) -> Face:
    """A frontal face that fills the box."""
    shares = np.array([[0.3, 0.4], [0.7, 0.4], [0.5, 0.6], [0.35, 0.8], [0.65, 0.8]], np.float32)
    size = np.array([box.width, box.height], np.float32)
    return Face(box, shares * size + np.array([box.x0, box.y0], np.float32), score)


def at(x: float, y: float, size: float) -> Box:
    """A square box about a centre."""
    return Box(x - size / 2, y - size / 2, x + size / 2, y + size / 2)


def identity(who: str) -> np.ndarray:
    """The embedding of a name: nearly orthogonal to every other one's."""
    dice = np.random.default_rng(sum(ord(c) * 31**i for i, c in enumerate(who)) % 2**32)
    vector = dice.normal(size=DIMENSIONS).astype(np.float32)
    return vector / np.float32(np.linalg.norm(vector))


def people(*names: str, expires_at: float | None = None) -> Gallery:
    """A gallery of these names, three like photos each."""
    return gallery([Person(name, name, np.stack([identity(name)] * 3), expires_at) for name in names])


class World:
    """Plays a script: draws the frames, finds what is to be found, knows who stands where."""

    def __init__(self, script: Script, turn_frames: int = 1) -> None:
        self.script = script
        self.turn_frames = turn_frames
        self.now = 0

    def frame(self, index: int) -> Frame:
        """The frame of this index, which is the present from now on."""
        self.now = index
        return self.drawn(index)

    def drawn(self, index: int) -> Frame:
        """Bright textured skin wherever a face stands, and behind it a room of strong contrast that stays."""
        frame = blank(WIDTH, HEIGHT, index, index / 30)
        frame.y[:, ::2] = np.where(np.indices((HEIGHT, WIDTH // 2)).sum(axis=0) // 40 % 2, 220, 20)
        frame.y[:, 1::2] = frame.y[:, ::2]
        dice = np.random.default_rng(index)
        for seen in self.script[index]:
            rect = seen.box.pixels(WIDTH, HEIGHT)
            if not rect.empty:
                size = (rect.y1 - rect.y0, rect.x1 - rect.x0)
                frame.y[rect.y0 : rect.y1, rect.x0 : rect.x1] = dice.integers(120, 220, size, np.uint8)
        return frame

    def find(self, frame: Frame) -> list[Face]:
        """What the script lets the detector find."""
        return [face(seen.box, seen.score) for seen in self.script[self.now] if seen.found]

    def rest(self) -> list[Face]:
        """Nobody: every frame is looked at everywhere."""
        return []

    def again(self) -> list[Face]:
        """Nobody, either."""
        return []


def bare(masked: MaskedFrame, seen: Seen) -> int:
    """Pixels of the face that are not covered (brighter than the mask)."""
    rect = seen.box.pixels(masked.width, masked.height)
    if rect.empty:
        return 0
    return int((masked.y[rect.y0 : rect.y1, rect.x0 : rect.x1] > 60).sum())


BLACK = solid.build(MaskOptions(colour=(0, 0, 0)))


def play(
    script: Script, enrolled: Gallery, window: int = 10, verifications: int = 8, **settings: object
) -> list[MaskedFrame]:
    """Run a pipeline over the whole script; the embedder knows the truth by looking the crop's place up."""
    world = World(script)
    recogniser = TrueEmbedder(world)
    pipeline = Pipeline(
        world,
        recogniser,
        BLACK,
        enrolled,
        Settings(window=window, reach=window, verifications=verifications, **settings),  # type: ignore[arg-type]
        now=lambda: 0.0,
    )
    out: list[MaskedFrame] = []
    for index in range(len(script)):
        out.extend(pipeline.step(world.frame(index)))
    out.extend(pipeline.flush())
    return out


class TrueEmbedder:
    """Tells who a crop is by its pixels: each frame's skin is drawn from that frame's dice, so the crop is compared
    with what the faces of the last frames look like cut out."""

    def __init__(self, world: World) -> None:
        self._world = world

    def embed(self, crops: np.ndarray) -> np.ndarray:
        from appliance.core.alignment import crop

        candidates = []
        for index in range(max(self._world.now - 14, 0), self._world.now + 1):
            frame = self._world.drawn(index)
            for seen in self._world.script[index]:
                landmarks = face(seen.box).landmarks
                assert landmarks is not None
                candidates.append((seen.who, crop(frame, landmarks).astype(int)))
        rows = []
        for picture in crops:
            nearest = min(candidates, key=lambda pair: int(np.abs(pair[1] - picture.astype(int)).sum()))
            rows.append(identity(nearest[0]))
        return np.stack(rows)
