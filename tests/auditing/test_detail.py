"""Bare or covered: what the comparison says of faces that are bare, masked, dark, encoded anew, half covered."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.auditing.detail import BARE, kept
from appliance.core.frames import from_rgb
from appliance.core.geometry import Box
from appliance.core.veiling import Cover, veil
from appliance.masks import MaskOptions
from appliance.parts import part

SIZES = (24, 48, 120, 300)


def face(size: int, light: float = 1.0) -> np.ndarray:
    """(3 size, 3 size, 3): a head with eyes, brows, nose and mouth in its middle, some skin, some noise."""
    dice = np.random.default_rng(5)
    side = 3 * 120
    picture = np.full((side, side, 3), (90, 100, 110), np.uint8)
    centre = side // 2
    cv2.ellipse(picture, (centre, centre), (55, 68), 0, 0, 360, (205, 160, 130), -1, cv2.LINE_AA)
    for x in (-22, 22):
        cv2.ellipse(picture, (centre + x, centre - 15), (10, 5), 0, 0, 360, (240, 240, 235), -1, cv2.LINE_AA)
        cv2.circle(picture, (centre + x, centre - 15), 4, (50, 30, 20), -1, cv2.LINE_AA)
        cv2.line(picture, (centre + x - 12, centre - 28), (centre + x + 12, centre - 30), (70, 45, 30), 4, cv2.LINE_AA)
    cv2.line(picture, (centre, centre - 10), (centre - 6, centre + 15), (160, 115, 95), 3, cv2.LINE_AA)
    cv2.ellipse(picture, (centre, centre + 35), (20, 7), 0, 0, 360, (150, 60, 65), -1, cv2.LINE_AA)
    texture = cv2.GaussianBlur(dice.normal(0, 30, (side, side, 1)).astype(np.float32), (0, 0), 2.0)[:, :, None]
    picture = np.clip(picture + texture, 0, 255)
    sized = cv2.resize(picture, (3 * size, 3 * size), interpolation=cv2.INTER_AREA)
    return np.clip(sized * light, 0, 255).astype(np.uint8)


def box_of(size: int) -> Box:
    return Box(size, size, 2 * size, 2 * size)


def masked(picture: np.ndarray, size: int, style: str, margin: float = 0.25) -> np.ndarray:
    """Luma of the picture with the face under a mask of the style at its default strength."""
    frame = from_rgb(picture)
    cover = Cover(box_of(size).grown(margin * size, margin * size), 1)
    return veil(frame, [cover], part("masks", style).build(MaskOptions())).y


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("light", [1.0, 0.15])
def test_a_face_against_itself_is_bare(size, light):
    raw = from_rgb(face(size, light)).y
    assert kept(raw, raw.copy(), box_of(size)) == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("light", [1.0, 0.15])
@pytest.mark.parametrize("style", ["mosaic", "solid", "blur"])
def test_a_masked_face_is_covered_in_light_and_in_the_dark(size, light, style):
    picture = face(size, light)
    assert kept(from_rgb(picture).y, masked(picture, size, style), box_of(size)) < BARE


@pytest.mark.parametrize("size", SIZES)
def test_a_bare_face_stays_bare_when_it_is_encoded_anew(size):
    picture = face(size)
    raw = from_rgb(picture).y
    encoded = cv2.imdecode(cv2.imencode(".jpg", raw, [cv2.IMWRITE_JPEG_QUALITY, 60])[1], cv2.IMREAD_GRAYSCALE)
    assert kept(raw, encoded, box_of(size)) > 0.7


@given(st.floats(0.8, 1.25), st.integers(-16, 16))
def test_a_change_of_levels_hides_nobody(gain, offset):
    raw = from_rgb(face(80)).y
    changed = np.clip(raw * gain + offset, 0, 255).astype(np.uint8)
    assert kept(raw, changed, box_of(80)) > 0.7


def test_half_a_face_is_half_bare():
    picture = face(120)
    raw, half = from_rgb(picture).y, masked(picture, 120, "mosaic")
    half[:, 180:] = raw[:, 180:]
    assert 0.25 < kept(raw, half, box_of(120)) < 0.75


def test_a_mask_that_misses_the_face_is_told():
    picture = face(120)
    raw = from_rgb(picture).y
    beside = veil(from_rgb(picture), [Cover(Box(0, 0, 110, 360), 1)], part("masks", "mosaic").build(MaskOptions())).y
    assert kept(raw, beside, box_of(120)) > 0.95


@given(st.integers(-200, 500), st.integers(-200, 500), st.integers(0, 300), st.integers(0, 300))
def test_any_box_gives_a_share_or_nothing(x, y, wide, tall):
    raw = from_rgb(face(40)).y
    value = kept(raw, raw[::-1].copy(), Box(x, y, x + wide, y + tall))
    assert np.isnan(value) or 0 <= value <= 1


def test_a_flat_picture_has_no_detail_to_keep():
    flat = np.full((100, 100), 60, np.uint8)
    assert kept(flat, flat, Box(10, 10, 90, 90)) == pytest.approx(0.0, abs=0.01)


@pytest.mark.parametrize("size", [24, 60, 200])
@pytest.mark.parametrize("style", ["mosaic", "solid", "blur", "pixelate"])
def test_a_real_face_is_covered_by_every_style(photos, size, style):
    photo = cv2.imread(str(photos / "obama.jpg"))[:, :, ::-1]
    part_of = photo[130:760, 300:930]
    picture = cv2.resize(np.ascontiguousarray(part_of), (3 * size, 3 * size), interpolation=cv2.INTER_AREA)
    raw = from_rgb(picture).y
    assert kept(raw, raw.copy(), box_of(size)) > 0.95
    limit = 0.6 if style == "pixelate" else BARE
    assert kept(raw, masked(picture, size, style), box_of(size)) < limit
