"""The crop is upright, centred and of one size wherever and however large the face stands."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.core.alignment import CROP_PX, TEMPLATE, crop, similarity
from appliance.core.frames import from_rgb


def pattern(side: int) -> np.ndarray:
    """A smooth picture whose every place has its own colour."""
    across = np.linspace(0, 1, side)
    rgb = np.stack(np.broadcast_arrays(across[None, :], across[:, None], 1 - across[None, :]), axis=2)
    return (40 + 170 * rgb).astype(np.uint8)


@settings(max_examples=60, deadline=None)
@given(st.floats(0.2, 6), st.floats(-3.1, 3.1), st.floats(-200, 600), st.floats(-200, 600))
def test_the_transform_is_recovered(scale, angle, dx, dy):
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    source = (TEMPLATE @ turn.T + [dx, dy]).astype(np.float32)
    matrix = similarity(source, TEMPLATE)
    assert np.abs(source @ matrix[:, :2].T + matrix[:, 2] - TEMPLATE).max() < 0.05


@pytest.mark.parametrize("scale", [0.7, 1.0, 2.0, 3.3, 5.0])
@pytest.mark.parametrize("full_chroma", [False, True])
def test_large_and_small_faces_give_the_same_crop(scale, full_chroma):
    side = round(CROP_PX * scale / 2) * 2
    frame = from_rgb(pattern(side), full_chroma=full_chroma)
    landmarks = ((TEMPLATE + 0.5) * (side / CROP_PX) - 0.5).astype(np.float32)
    aligned = crop(frame, landmarks)
    assert aligned.shape == (CROP_PX, CROP_PX, 3)
    inner = slice(6, -6)
    assert np.abs(aligned[inner, inner].astype(int) - pattern(CROP_PX)[inner, inner]).max() <= 8


def test_a_face_beyond_the_frame_is_black_there():
    frame = from_rgb(np.full((80, 80, 3), 200, np.uint8))
    aligned = crop(frame, TEMPLATE - np.array([60, 0], np.float32))
    assert aligned[:, :50].max() < 20
    assert crop(frame, TEMPLATE - np.array([900, 0], np.float32)).max() < 20
    assert crop(frame, TEMPLATE * 5 + np.array([3000, 3000], np.float32)).max() < 20
