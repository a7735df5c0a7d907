"""Every style keeps the contract: the whole region changes hands, any size down to 1x1, nothing beside it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance import parts
from appliance.core.frames import Frame
from appliance.core.geometry import Box
from appliance.core.veiling import Cover, veil
from appliance.masks import STRENGTHS, MaskOptions

STYLES = parts.names("masks")


def checker(width: int, height: int) -> Frame:
    """The finest detail there is: what of it is left after covering?"""
    rows, columns = np.indices((height, width))
    y = np.where((rows + columns) % 2, 235, 16).astype(np.uint8)
    half = ((height + 1) // 2, (width + 1) // 2)
    chroma = np.where(np.indices(half).sum(axis=0) % 2, 200, 60).astype(np.uint8)
    return Frame(y, chroma, chroma.copy(), 0, 0.0)


@pytest.mark.parametrize("style", STYLES)
def test_each_style_says_what_it_withstands(style):
    assert len(parts.part("masks", style).STRENGTH) > 20


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("strength", STRENGTHS)
@settings(max_examples=40, deadline=None)
@given(size=st.tuples(st.integers(1, 60), st.integers(1, 60)), at=st.tuples(st.integers(0, 59), st.integers(0, 59)))
def test_any_region_of_any_size(style, strength, size, at):
    frame = checker(60, 60)
    before = [plane.copy() for plane in (frame.y, frame.u, frame.v)]
    mask = parts.part("masks", style).build(MaskOptions(strength=strength))
    masked = veil(frame, [Cover(Box(at[0], at[1], at[0] + size[0], at[1] + size[1]), 3)], mask)
    (rect,) = masked.covered
    beside = np.ones((60, 60), bool)
    beside[rect.y0 : rect.y1, rect.x0 : rect.x1] = False
    assert (masked.y[beside] == before[0][beside]).all()
    beside = np.ones((30, 30), bool)
    beside[rect.y0 // 2 : -(-rect.y1 // 2), rect.x0 // 2 : -(-rect.x1 // 2)] = False
    assert (masked.u[beside] == before[1][beside]).all()
    assert (masked.v[beside] == before[2][beside]).all()
    inside = masked.y[rect.y0 : rect.y1, rect.x0 : rect.x1].astype(int)
    if min(inside.shape) >= 2:
        # A checkerboard's neighbours differ by 219: no style may leave detail as fine as that.
        original = before[0][rect.y0 : rect.y1, rect.x0 : rect.x1].astype(int)
        assert not np.array_equal(inside, original)


@pytest.mark.parametrize("style", STYLES)
def test_no_fine_detail_of_a_face_is_left(style):
    frame = checker(96, 96)
    original = frame.y.copy().astype(float)
    mask = parts.part("masks", style).build(MaskOptions())
    masked = veil(frame, [Cover(Box(0, 0, 96, 96), 5)], mask)
    left = np.corrcoef(original.ravel(), masked.y.ravel() + np.random.default_rng(0).normal(0, 1e-3, 96 * 96))[0, 1]
    assert abs(left) < 0.05


def region(style: str, picture: np.ndarray, token: int = 9) -> np.ndarray:
    frame = Frame(picture.copy(), np.full((32, 32), 128, np.uint8), np.full((32, 32), 128, np.uint8), 0, 0.0)
    mask = parts.part("masks", style).build(MaskOptions())
    return veil(frame, [Cover(Box(0, 0, 64, 64), token)], mask).y


@pytest.mark.parametrize("style", ["mosaic", "solid", "image"])
def test_content_free_styles_depend_on_nothing(style):
    """P5: any two faces, light or dark, give the same mask, to the pixel."""
    dice = np.random.default_rng(1)
    first = dice.integers(40, 120, (64, 64), np.uint8)
    second = dice.integers(110, 235, (64, 64), np.uint8)
    assert np.array_equal(region(style, first), region(style, second))


def test_averaging_frames_of_a_still_face_undoes_nothing():
    """P5: the mosaic of a still face is one and the same in each frame, so that an average is the mosaic again."""
    face = np.random.default_rng(2).integers(40, 200, (64, 64)).astype(float)
    seen = []
    for shot in range(30):
        grain = np.random.default_rng(shot).normal(0, 4, (64, 64))
        seen.append(region("mosaic", np.clip(face + grain, 16, 235).astype(np.uint8)).astype(float))
    average = np.mean(seen, axis=0)
    detail, tiles = face - face.mean(), seen[0] - seen[0].mean()
    residue = average - average.mean() - tiles
    assert np.abs(residue).max() < 1.5
    assert abs(np.corrcoef(detail.ravel(), average.ravel())[0, 1]) < 0.1


def test_two_faces_wear_different_mosaics():
    face = np.random.default_rng(3).integers(40, 200, (64, 64), np.uint8)
    assert not np.array_equal(region("mosaic", face, 1), region("mosaic", face, 2))


def test_the_classic_mosaic_is_at_most_six_cells_across():
    face = np.random.default_rng(4).integers(16, 235, (64, 64), np.uint8)
    frame = Frame(face, np.full((32, 32), 128, np.uint8), np.full((32, 32), 128, np.uint8), 0, 0.0)
    mask = parts.part("masks", "pixelate").build(MaskOptions(strength=1))
    y = veil(frame, [Cover(Box(0, 0, 64, 64), 1)], mask).y
    changes = np.abs(np.diff(y.astype(int), axis=1)).max(axis=0) > 0
    assert changes.sum() <= 5


def test_where_a_picture_is_transparent_there_is_grey_and_no_face():
    clear = np.zeros((16, 16, 4), np.uint8)
    frame = checker(32, 32)
    mask = parts.part("masks", "image").build(MaskOptions(picture=clear))
    y = veil(frame, [Cover(Box(0, 0, 32, 32), 1)], mask).y
    assert int(y.max()) - int(y.min()) <= 1
