"""YuNet: an anchor-free face detector with five landmarks (Wu et al., Machine Intelligence Research 2023).

Our build of it gives one map per stride of 8, 16 and 32 pixels, 16 channels a cell: cls and obj logits, the centre's
offset and the size's logarithm in strides, and five landmark offsets in strides. Decoding is OpenCV's FaceDetectorYN's.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from appliance.core.faces import Face
from appliance.core.geometry import Box
from appliance.errors import ModelError
from appliance.faces._pixels import to_input
from appliance.model_files import ModelFile
from appliance.runtimes import Runtime, Tensor, TensorSpec

Floats = NDArray[np.float32]

CHANNELS = 16
MAX_LOG_SIZE = 10.0
"""exp() of more than this many strides is no face; it keeps a wild value from overflowing."""

_FIVE_CELLS = (CHANNELS, CHANNELS + 1) * 5
"""Column and row, once for each landmark."""


class YuNet:
    """A Detector. `threshold`: least score 0..1; `same_face`: least IoU of two detections that are one face."""

    def __init__(self, model: ModelFile, runtime: Runtime, threshold: float, same_face: float) -> None:
        """Raises ModelError when the runtime's tensors are not those of a YuNet."""
        (spec,) = runtime.inputs
        self.input_size = (spec.shape[2], spec.shape[1])
        self._runtime = runtime
        self._to_input = to_input(spec, model.mean, model.std)
        self._threshold = threshold
        self._same_face = same_face
        self._levels = [Level(output, spec.shape[2]) for output in runtime.outputs]

    def detect(self, rgb: NDArray[np.uint8]) -> list[Face]:
        """Faces in pixels of an (h, w, 3) picture of the input's size, surest first; raises ModelError."""
        maps = self._runtime.run(self._to_input(rgb[None]))
        sure = [level.candidates(stored, self._threshold) for level, stored in zip(self._levels, maps)]
        rows = _decoded(np.concatenate(sure), self._threshold)
        if len(rows) == 0:
            return []
        kept = cv2.dnn.NMSBoxes(rows[:, 1:5].tolist(), rows[:, 0].tolist(), self._threshold, self._same_face)
        return _faces(rows[np.asarray(kept, np.intp)])


class Level:
    """The map of one stride."""

    def __init__(self, spec: TensorSpec, input_width: int) -> None:
        """Raises ModelError when the map is not one of YuNet's."""
        if len(spec.shape) != 4 or spec.shape[3] != CHANNELS:
            raise ModelError(f"output {spec.name} is {spec.shape}: a YuNet gives (1, rows, columns, {CHANNELS})")
        _, rows, columns, _ = spec.shape
        self._spec = spec
        row, column = np.indices((rows, columns), np.float32)
        stride = np.full_like(row, input_width / columns)
        self._cells = np.stack([column, row, stride], axis=-1).reshape(-1, 3)

    def decode(self, stored: Tensor, threshold: float) -> Floats:
        """(n, 15): score, x, y, width, height, five landmarks x y, of cells at or above the threshold."""
        return _decoded(self.candidates(stored, threshold), threshold)

    def candidates(self, stored: Tensor, threshold: float) -> Floats:
        """(n, 19): channels, column, row and stride of all cells that can reach the threshold."""
        table = stored.reshape(-1, CHANNELS)
        # NaN compares false: without this look a broken network would merely see no faces, and nobody would be covered.
        if not self._spec.quantised and not np.isfinite(table).all():
            raise ModelError("the face detector's output is not finite")
        # cls * obj >= t^2 needs both to be at least t^2.
        square = min(max(threshold * threshold, 1e-6), 1 - 1e-6)
        least = self._spec.stored(math.log(square / (1 - square)))
        # Whole numbers are compared with a whole one, or all of them would become real ones first.
        least = math.ceil(least) if self._spec.quantised else least
        chosen = np.flatnonzero((table[:, 1] >= least) & (table[:, 0] >= least))
        return np.concatenate([self._spec.real(table[chosen]), self._cells[chosen]], axis=1)


def _decoded(candidates: Floats, threshold: float) -> Floats:
    """(n, 15) as Level.decode gives, of candidates of any levels."""
    cls, obj = _sigmoid(candidates[:, :2]).T
    scores = np.sqrt(cls * obj)
    sure = scores >= threshold
    values = candidates[sure]
    cells, stride = values[:, CHANNELS : CHANNELS + 2], values[:, CHANNELS + 2 :]
    rows = np.empty((len(values), 15), np.float32)
    size = np.exp(np.minimum(values[:, 4:6], MAX_LOG_SIZE)) * stride
    rows[:, 0] = scores[sure]
    rows[:, 1:3] = (cells + values[:, 2:4]) * stride - size / 2
    rows[:, 3:5] = size
    rows[:, 5:] = (values[:, _FIVE_CELLS] + values[:, 6:CHANNELS]) * stride
    return rows


def build(model: ModelFile, runtime: Runtime, threshold: float = 0.3, same_face: float = 0.4) -> YuNet:
    """A detector of faces that score at least `threshold` (0..1)."""
    return YuNet(model, runtime, threshold, same_face)


def _sigmoid(logits: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.maximum(logits, -30))), np.float32)


def _faces(rows: Floats) -> list[Face]:
    landmarks = rows[:, 5:].reshape(-1, 5, 2)
    return [
        Face(Box(x, y, x + width, y + height), points, score)
        for (score, x, y, width, height), points in zip(rows[:, :5].tolist(), landmarks)
    ]
