"""The meter's memory for faces: SFace, which the pipeline does not use to decide what it shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from appliance.auditing import models
from appliance.core.faces import Embedding
from appliance.core.frames import RgbImage

SAME_PERSON = 0.30
"""Similarity of a track's average to a person's templates from which the track is theirs. SFace on LFW: one photo
against one needs 0.34 for one false accept in a thousand; averages of strangers lie lower."""

SURE_PERSON = 0.40
"""From here on the meter calls itself sure; the highest of 3000 pairs of strangers on LFW was 0.39."""

INPUT, OUTPUT = "data", "fc1"


class Recogniser:
    """SFace (Zhong et al. 2021)."""

    def __init__(self) -> None:
        """Raises ModelError when the model is missing."""
        self._net = cv2.dnn.readNetFromONNX(str(models.path(models.SFACE)))

    def embed(self, crop: RgbImage) -> Embedding:
        """(128,) of unit length, of a (112, 112, 3) crop averaged with its mirror image."""
        both = np.stack([crop, crop[:, ::-1]]).transpose(0, 3, 1, 2).astype(np.float32)
        self._net.setInput(np.ascontiguousarray(both), INPUT)
        return unit(np.asarray(np.asarray(self._net.forward(OUTPUT)).sum(axis=0), np.float32))


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """The people who may be bare: SFace embeddings of each one's photos."""

    names: tuple[str, ...] = ()
    templates: tuple[NDArray[np.float32], ...] = field(default=())
    """(n, 128) per person."""

    def who(self, looks: Sequence[Embedding]) -> tuple[str, float]:
        """The person most like the average of the looks, and how alike (-1..1); ("", 0) when nobody can be told."""
        if not self.names or not looks:
            return "", 0.0
        average = unit(np.sum(looks, axis=0))
        alike = [float(unit(person.sum(axis=0)) @ average) for person in self.templates]
        best = int(np.argmax(alike))
        return self.names[best], alike[best]


def known(crops: Mapping[str, Sequence[RgbImage]], recogniser: Recogniser) -> Known:
    """People by name from their photos' (112, 112, 3) crops; who has none is left out."""
    people = {name: np.stack([recogniser.embed(crop) for crop in theirs]) for name, theirs in crops.items() if theirs}
    return Known(tuple(people), tuple(people.values()))


def unit(vector: NDArray[np.float32]) -> Embedding:
    """The vector at length 1."""
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-9), np.float32)
