"""The product's networks, each picture looked at once: the same pictures come back in many trials."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from appliance import assembly, config, enrolment, model_files
from appliance.core.faces import Face
from appliance.core.frames import RgbImage
from appliance.faces import Detector, Embedder
from appliance.options import Config


@dataclass(slots=True, eq=False)
class RememberedDetector:
    """A Detector that forgets nothing. What scores less than `threshold` is left out, as the network itself would:
    its own suppression of doubles goes from the surest down, so leaving out later changes nothing."""

    detector: Detector
    threshold: float = 0.0
    seen: dict[bytes, list[Face]] = field(default_factory=dict)

    @property
    def input_size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self.detector.input_size

    def detect(self, rgb: RgbImage) -> list[Face]:
        """Faces that score enough."""
        key = _digest(rgb)
        if key not in self.seen:
            self.seen[key] = self.detector.detect(rgb)
        return [face for face in self.seen[key] if face.score >= self.threshold]

    def at(self, threshold: float) -> RememberedDetector:
        """The same memory, another threshold (not below the network's own)."""
        return RememberedDetector(self.detector, threshold, self.seen)


@dataclass(slots=True, eq=False)
class RememberedEmbedder:
    """An Embedder that forgets nothing."""

    embedder: Embedder
    seen: dict[bytes, NDArray[np.float32]] = field(default_factory=dict)

    def embed(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(n, 112, 112, 3) to (n, d) unit rows."""
        keys = [_digest(crop) for crop in crops]
        for key, crop in zip(keys, crops):
            if key not in self.seen:
                self.seen[key] = self.embedder.embed(crop[None])[0]
        return np.stack([self.seen[key] for key in keys])


def precisions() -> dict[str, Config]:
    """The default configuration with int8 and with float networks, by that word."""
    own = config.load()
    return {"int8": own, "float": changed(own, _float_models())}


def changed(loaded: Config, faces: Mapping[str, Any]) -> Config:
    """The configuration with other options of [faces]."""
    return loaded.model_copy(update={"faces": loaded.faces.model_copy(update=dict(faces))})


def models(loaded: Config) -> enrolment.Models:
    """The configured networks, remembering."""
    detector = RememberedDetector(assembly.detector(loaded))
    return enrolment.Models(detector, RememberedEmbedder(assembly.embedder(loaded)), model_files.embedder_id(loaded))


def _float_models() -> dict[str, str]:
    """For each network the default's twin of full precision."""
    chosen = {}
    for kind in ("detector", "embedder"):
        own = model_files.default(kind)
        twins = [
            model.id
            for model in model_files.models()
            if (model.kind, model.family, model.runtime, model.precision, model.width)
            == (kind, own.family, own.runtime, "float32", own.width)
        ]
        chosen[kind] = twins[0]
    return chosen


def _digest(pixels: NDArray[np.uint8]) -> bytes:
    return hashlib.sha1(np.ascontiguousarray(pixels).data, usedforsecurity=False).digest()
