"""Planes of every layout become ours."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.capture import _planes
from appliance.core.frames import from_i420
from appliance.errors import CaptureError


@given(
    width=st.integers(1, 40),
    height=st.integers(1, 24),
    padding=st.tuples(st.integers(0, 130), st.integers(0, 70)),
    gap=st.integers(0, 50),
    seed=st.integers(0, 99),
)
def test_planes_are_copied_whatever_their_stride_and_place(width, height, padding, gap, seed):
    half = ((height + 1) // 2, (width + 1) // 2)
    shapes = ((height, width), half, half)
    strides = [width + padding[0], half[1] + padding[1], half[1] + padding[1]]
    offsets, end = [], 0
    for shape, stride in zip(shapes, strides):
        offsets.append(end + gap)
        end = offsets[-1] + stride * (shape[0] - 1) + shape[1]  # the last row's padding need not exist
    data = np.random.default_rng(seed).integers(0, 256, end, np.uint8)
    packed = _planes.copied(data.tobytes(), width, height, offsets, strides)
    frame = from_i420(packed, width, height, 0, 0.0)
    for plane, shape, offset, stride in zip((frame.y, frame.u, frame.v), shapes, offsets, strides):
        for row in range(shape[0]):
            assert (plane[row] == data[offset + row * stride : offset + row * stride + shape[1]]).all()


def test_planes_that_end_too_early_are_a_fault_not_a_picture():
    with pytest.raises(CaptureError, match="laid out"):
        _planes.copied(b"\0" * 100, 16, 16, [0, 256, 320], [16, 8, 8])
