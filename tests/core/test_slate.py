"""A slate says what it should at any size, in both languages; what may leave holds no secret."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.frames import Frame, rgb_of
from appliance.core.slate import (
    Code,
    LocalNotice,
    LocalPicture,
    Notice,
    Place,
    Secret,
    SecretCode,
    Words,
    local_slate,
    slate,
)  # fmt: skip
from appliance.core.slate_drawing import GROUND
from appliance.core.veiling import veil
from appliance.live.notices import modules
from appliance.masks import MaskOptions, mosaic

PAGE = "http://192.168.0.12:8080/"
STREAM = "rtsp://mofy:3aZ-2k_pQ9x7@192.168.0.12:8554/live"
WIFI = "WIFI:T:WPA;S:MOFY-1234;P:abcdefghij;;"
SIZES = [(1920, 1080), (1280, 720), (640, 360), (720, 1280), (1080, 1920), (1024, 768)]

NOTICE = Notice(
    "MOFY stage-left",
    (
        Words("카메라 연결 끊김", "카메라와 케이블을 확인하세요. 연결되면 화면이 저절로 돌아옵니다."),
        Words("Camera lost", "Check the camera and its cable. The picture comes back by itself."),
    ),
    "2026-11-23 03:25",
    (Place("Page", "http://192.168.0.12:8080"), Place("Stream", "rtsp://192.168.0.12:8554/live")),
    (Code("Open the page", modules(PAGE)),),
    alert=True,
)
LOCAL = LocalNotice(NOTICE, (Secret("PIN", "482913"),), (SecretCode("Watch the stream", modules(STREAM)),))


def read_codes(bgr: np.ndarray) -> set[str]:
    """What a phone reads in the picture. Of several codes each of OpenCV's detectors misses one now and then."""
    texts: set[str] = set()
    for detector in (cv2.QRCodeDetector(), cv2.QRCodeDetectorAruco()):
        texts |= set(detector.detectAndDecodeMulti(bgr)[1] or ())
    return texts - {""}


def bgr_of(picture: Frame | LocalPicture) -> np.ndarray:
    """The picture as OpenCV likes it."""
    return np.ascontiguousarray(rgb_of(picture.y, picture.u, picture.v)[:, :, ::-1])


@given(st.integers(1, 420), st.integers(1, 320), st.text(max_size=40), st.text(max_size=200), st.integers(0, 2))
def test_any_size_and_any_words_make_a_frame(width, height, title, detail, codes):
    notice = Notice(title, (Words(title, detail),) * 2, title, (Place(title, detail),), (NOTICE.codes * 2)[:codes])
    frame = slate(notice, width, height)
    half = ((height + 1) // 2, (width + 1) // 2)
    assert (frame.y.shape, frame.u.shape, frame.v.shape) == ((height, width), half, half)
    assert (frame.y.min(), frame.y.max()) >= (16, 16)
    assert frame.y.max() <= 236


def test_a_slate_of_nothing_is_plain_ground():
    frame = slate(Notice("", ()), 640, 360)
    assert (frame.y[60:] == GROUND[0]).all()
    assert slate(Notice("", ()), 64, 48).y.shape == (48, 64)


@pytest.mark.parametrize("size", SIZES)
def test_nothing_runs_over_the_edges_or_into_each_other(size):
    picture = local_slate(LOCAL, *size)
    edge = min(size) // 40
    bare = picture.y.copy()
    bare[edge:-edge, edge:-edge] = GROUND[0]
    assert (bare == GROUND[0]).all()


@pytest.mark.parametrize("size", SIZES)
def test_a_phone_reads_every_code(size):
    assert read_codes(bgr_of(slate(NOTICE, *size))) == {PAGE}
    assert read_codes(bgr_of(local_slate(LOCAL, *size))) == {PAGE, STREAM}


@pytest.mark.parametrize("size", [(1920, 1080), (1280, 720), (1080, 1920)])
def test_four_codes_are_read_too(size):
    more = (SecretCode("Wi-Fi", modules(WIFI)), SecretCode("2", modules("two")))
    crowded = replace(LOCAL, codes=(*LOCAL.codes, *more))
    assert read_codes(bgr_of(local_slate(crowded, *size))) == {PAGE, STREAM, WIFI, "two"}


@pytest.mark.parametrize(
    "words", [Words("camera lost"), Words("카메라 연결 끊김", "무엇을 할까요"), Words("long " * 40)]
)
def test_the_words_are_seen_whole(words):
    frame = slate(Notice("MOFY", (words,)), 640, 360)
    written = frame.y[60:] != GROUND[0]
    assert written.sum() > 300
    assert not written[:, :12].any()
    assert not written[:, -12:].any()


def test_a_notice_with_secrets_does_not_pass_for_one_that_may_leave():
    with pytest.raises(TypeError, match="no secret"):
        slate(LOCAL, 640, 360)
    with pytest.raises(TypeError, match="no secret"):
        slate(replace(NOTICE, codes=LOCAL.codes), 640, 360)
    with pytest.raises(TypeError, match="no secret"):
        slate(replace(NOTICE, places=LOCAL.secrets), 640, 360)


def test_a_local_picture_cannot_be_made_a_masked_frame():
    with pytest.raises(AttributeError):
        veil(local_slate(LOCAL, 640, 360), (), mosaic.build(MaskOptions()))


@given(st.text("abcdefghjkmnp23456789", min_size=8, max_size=24))
def test_no_secret_changes_a_pixel_of_what_leaves(password):
    local = LocalNotice(NOTICE, (Secret("PIN", password),), (SecretCode("Wi-Fi", modules(password)),))
    assert np.array_equal(slate(local.notice, 640, 360).y, slate(NOTICE, 640, 360).y)
    assert password not in read_codes(bgr_of(slate(local.notice, 640, 360)))


def test_what_should_be_looked_after_looks_different():
    calm, alert = (slate(replace(NOTICE, alert=alert), 640, 360) for alert in (False, True))
    assert not np.array_equal(calm.u, alert.u)
