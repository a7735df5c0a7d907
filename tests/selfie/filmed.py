"""Clips of painted people who turn their heads."""

import numpy as np
import pytest

from appliance.core.quality import Quality
from appliance.errors import InputError
from appliance.selfie import Look, pick
from tests.make_clips import Clip, make
from tests.painted import PaintedDetector, PaintedEmbedder, scene
from tests.scripted import identity

NOSE = {1.25: 0.5, 1.5: 0.65, 1.0: 0.35}
"""Where the nose is, in widths of the face, by the face's height over its width."""

FRONTAL, RIGHT, LEFT = (160, 200), (140, 210), (180, 180)


class TurningDetector(PaintedDetector):
    """Painted heads that turn: narrow ones look to the right, square ones to the left."""

    def detect(self, rgb):
        found = super().detect(rgb)
        for seen in found:
            ratio = min(NOSE, key=lambda known: abs(known - seen.box.height / seen.box.width))
            seen.landmarks[2, 0] = seen.box.x0 + NOSE[ratio] * seen.box.width
        return found


class GrainyEmbedder(PaintedEmbedder):
    """Two pictures of one person are less alike: as of real heads that turn."""

    def _one(self, crop):
        grain = np.random.default_rng(int(crop.sum())).normal(size=64) * 0.07
        return unit(super()._one(crop) + grain)


DETECTOR, EMBEDDER = TurningDetector(), GrainyEmbedder()


def film(path, pictures, **options):
    """The pictures as a clip, 25 a second, hardly compressed."""
    size = (pictures[0].shape[1], pictures[0].shape[0])
    return make(
        path, Clip(size, len(pictures), pictures=pictures, options={"crf": "8", "preset": "ultrafast"}, **options)
    )


def stay(who, frames, left=200, size=FRONTAL, step=0, seed=0, **looks):
    return [scene((who, left + step * i, size), seed=seed, **looks) for i in range(frames)]


def who(picked):
    return {
        max(("ann", "ben", "cho", "dan", "eve"), key=lambda n: float(one.embedding @ identity(n))) for one in picked
    }


def refusal(path, choice=None):
    with pytest.raises(InputError) as told:
        pick(path, DETECTOR, EMBEDDER, choice)
    assert str(told.value).isprintable()
    return str(told.value)


def look(number, clarity, way="frontal"):
    quality = Quality(40 * clarity**2, 0.0 if way == "frontal" else 0.6, 500, 120, 40)
    return Look(number, np.zeros((112, 112, 3), np.uint8), quality, way)


def unit(vector):
    return (vector / np.linalg.norm(vector)).astype(np.float32)
