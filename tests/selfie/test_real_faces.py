"""Clips of real faces."""

import cv2
import numpy as np
import pytest

from appliance.errors import PhotoError
from appliance.files.pictures import load
from appliance.selfie import pick
from appliance.selfie.keeping import LOOKS_MOST
from tests.selfie.filmed import film, unit


@pytest.fixture(scope="module")
def real():
    from appliance import config, enrolment

    return enrolment.models(config.load())


def panned(picture, frames=12):
    """A still photo under a hand-held camera."""
    height = 480
    whole = cv2.resize(
        picture, (round(picture.shape[1] * height / picture.shape[0]), height), interpolation=cv2.INTER_AREA
    )
    canvas = cv2.copyMakeBorder(whole, 20, 20, 20, 660, cv2.BORDER_REPLICATE)
    return [np.ascontiguousarray(canvas[i : i + height, i : i + 640]) for i in range(frames)]


def test_a_real_mans_photos_in_one_clip_are_one_man(photos, real, tmp_path):
    pictures = [p for name in ("obama", "obama2", "obama3") for p in panned(load(photos / f"{name}.jpg").rgb)]
    clip = pick(film(tmp_path / "a.mp4", pictures), real.detector, real.embedder)
    assert 3 <= len(clip.picked) <= LOOKS_MOST
    rows = np.stack([one.embedding for one in clip.picked])
    assert (rows @ unit(rows.mean(axis=0))).min() > 0.6


def test_two_real_men_in_one_clip_are_refused(photos, real, tmp_path):
    pictures = [p for name in ("obama", "biden") for p in panned(load(photos / f"{name}.jpg").rgb, 50)]
    with pytest.raises(PhotoError, match="different people"):
        pick(film(tmp_path / "a.mp4", pictures), real.detector, real.embedder)


def test_a_real_group_needs_a_choice(photos, real, tmp_path):
    group = load(photos / "t1.jpg").rgb
    wide = cv2.resize(
        group, (1280, round(group.shape[0] * 1280 / group.shape[1]) // 2 * 2), interpolation=cv2.INTER_AREA
    )
    path = film(tmp_path / "a.mp4", [wide] * 10)
    with pytest.raises(PhotoError, match=r"faces and none is clearly the largest"):
        pick(path, real.detector, real.embedder)
    assert len(pick(path, real.detector, real.embedder, 1).picked) == 1, "ten times the same picture is one"
