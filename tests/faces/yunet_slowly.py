"""YuNet's decoding as OpenCV writes it, cell by cell, to compare with."""

from __future__ import annotations

import math

from appliance.runtimes import Tensor


def sigmoid(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))


def decode(real: Tensor, stride: float, threshold: float) -> list[list[float]]:
    """Rows of score, x, y, width, height, ten landmark coordinates, for a map (1, rows, columns, 16) of real values."""
    found = []
    for row in range(real.shape[1]):
        for column in range(real.shape[2]):
            cell = [float(value) for value in real[0, row, column]]
            score = math.sqrt(sigmoid(cell[0]) * sigmoid(cell[1]))
            if score < threshold:
                continue
            width, height = math.exp(cell[4]) * stride, math.exp(cell[5]) * stride
            x, y = (column + cell[2]) * stride - width / 2, (row + cell[3]) * stride - height / 2
            points = []
            for point in range(5):
                points += [(cell[6 + 2 * point] + column) * stride, (cell[7 + 2 * point] + row) * stride]
            found.append([score, x, y, width, height, *points])
    return found
