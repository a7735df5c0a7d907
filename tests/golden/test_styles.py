"""Each style's picture, to the pixel. After a wanted change: MOFY_GOLDEN=write pytest tests/golden, and look at it."""

import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from appliance import parts
from appliance.core.drawing import outline
from appliance.core.frames import Frame, from_rgb, region_rgb
from appliance.core.geometry import Box, Rect
from appliance.core.sign import stamp
from appliance.core.slate import local_slate, slate
from appliance.core.veiling import Cover, veil
from appliance.live.words import sign
from appliance.masks import MaskOptions
from tests.core.test_slate import LOCAL, NOTICE

HERE = Path(__file__).parent
SIZE = (240, 160)
TOLERANCE = 2
"""Neighbouring releases of OpenCV round resizing differently by one."""


def drawn_face() -> Frame:
    """A face of circles: nobody's."""
    rgb = np.full((SIZE[1], SIZE[0], 3), (120, 150, 170), np.uint8)
    rgb[:, ::8] = (100, 130, 150)
    for x, skin in ((66, (226, 180, 150)), (174, (150, 100, 70))):
        cv2.ellipse(rgb, (x, 80), (38, 52), 0, 0, 360, skin, -1, cv2.LINE_AA)
        for eye in (-15, 15):
            cv2.circle(rgb, (x + eye, 68), 6, (250, 250, 250), -1, cv2.LINE_AA)
            cv2.circle(rgb, (x + eye, 68), 3, (30, 30, 30), -1, cv2.LINE_AA)
        cv2.ellipse(rgb, (x, 100), (16, 9), 0, 10, 170, (150, 40, 50), 3, cv2.LINE_AA)
    return from_rgb(rgb)


def check(name: str, y: np.ndarray, u: np.ndarray, v: np.ndarray) -> None:
    size = (y.shape[1], y.shape[0])
    picture = region_rgb(Frame(y, u, v, 0, 0.0), Rect(0, 0, *size), size)[:, :, ::-1]
    path = HERE / f"{name}.png"
    if os.environ.get("MOFY_GOLDEN") == "write":
        cv2.imwrite(str(path), picture)
    wanted = cv2.imread(str(path))
    assert wanted is not None, f"{path.name} is missing: write it with MOFY_GOLDEN=write and look at it"
    assert wanted.shape == picture.shape
    assert np.abs(wanted.astype(int) - picture).max() <= TOLERANCE


@pytest.mark.parametrize("style", parts.names("masks"))
def test_a_style_looks_as_it_did(style):
    mask = parts.part("masks", style).build(MaskOptions())
    masked = veil(drawn_face(), [Cover(Box(128.5, 17.2, 220.1, 143.9), 7)], mask)
    check(style, masked.y, masked.u, masked.v)


def test_the_outline_looks_as_it_did():
    frame = drawn_face()
    outline(frame, Box(28, 40, 104, 132), "김민지 Ana")
    check("outline", frame.y, frame.u, frame.v)


def test_the_outline_at_the_edge_of_the_frame():
    frame = drawn_face()
    outline(frame, Box(190, -20, 300, 60), "Ana")
    outline(frame, Box(-40, 120, 30, 200), "Ben")
    outline(frame, Box(-90, -90, -20, -20), "outside")
    check("outline-edge", frame.y, frame.u, frame.v)


SLATES = {"1080p": (1920, 1080), "720p": (1280, 720), "360p": (640, 360), "portrait": (720, 1280)}


@pytest.mark.parametrize("size", SLATES)
def test_slates_look_as_they_did(size):
    local, public = local_slate(LOCAL, *SLATES[size]), slate(NOTICE, *SLATES[size])
    check(f"slate-local-{size}", local.y, local.u, local.v)
    check(f"slate-{size}", public.y, public.u, public.v)


@pytest.mark.parametrize("language", ["en", "ko", "both"])
def test_the_sign_looks_as_it_did(language):
    rgb = np.full((360, 640, 3), (120, 150, 170), np.uint8)
    frame = from_rgb(rgb)
    stamp(frame.y, frame.u, frame.v, sign(language))
    check(f"sign-{language}", frame.y[240:], frame.u[120:], frame.v[120:])
