"""A Pi camera: padded rows, requests that are given back, faults that end in waiting, not in a wrong picture."""

from __future__ import annotations

import sys
import time

import numpy as np
import pytest

from appliance import capture
from appliance.capture import _returning, auto, picamera2
from appliance.errors import CaptureError, InputError
from appliance.options import Camera
from tests.fakes.picamera2 import Bench, module

CAMERA = Camera(width=200, height=120, fps=100)


@pytest.fixture
def bench(monkeypatch):
    """Cameras on a Pi."""
    bench = Bench()
    names = ("picamera2", "libcamera", "picamera2.devices.imx708")
    for name, made in zip(names, module(bench)):
        monkeypatch.setitem(sys.modules, name, made)
    return bench


def opened(source="picamera2", camera=CAMERA):
    return picamera2.build(source, camera)


def frame_of(source):
    for _ in range(100):
        if (frame := source.read(0.05)) is not None:
            return frame
    raise AssertionError("no frame")


def test_the_padding_of_a_row_is_not_in_the_picture(bench):
    source = opened()
    frame = frame_of(source)
    source.close()
    assert frame.y.shape == (120, 200)
    assert frame.u.shape == frame.v.shape == (60, 100)
    assert len(np.unique(frame.y)) == 1
    assert (np.unique(frame.u), np.unique(frame.v)) == (100, 150)


def test_the_planes_are_ours_once_the_request_went_back(bench):
    source = opened()
    frames = [frame_of(source) for _ in range(20)]
    source.close()
    assert bench.held == 0
    assert bench.open == 0
    assert all(frame.y.max() < 255 for frame in frames)
    assert len({int(frame.y[0, 0]) for frame in frames}) == 20


def test_a_request_goes_back_when_its_picture_is_refused(bench, monkeypatch):
    source = opened()
    monkeypatch.setattr(picamera2, "copied", lambda *args: (_ for _ in ()).throw(CaptureError("not laid out")))
    for _ in range(10):
        source.read(0.1)
    source.close()
    assert bench.held == 0


def test_the_newest_picture_is_given_though_an_older_one_was_asked_for(bench):
    source = opened()
    frame_of(source)
    assert source.read(0.0) is None  # asked for, and not there yet
    time.sleep(0.3)
    began = time.monotonic()
    frame = frame_of(source)
    source.close()
    assert frame.captured_at > began - 0.1


def test_a_camera_that_falls_silent_is_opened_anew_and_begins_a_new_shot(bench, monkeypatch):
    monkeypatch.setattr(_returning, "SILENT_S", 0.2)
    monkeypatch.setattr(_returning, "BACK_OFF_S", (0.05,))
    source = opened()
    frame_of(source)
    bench.unplugged.set()
    ended_at = time.monotonic() + 0.6
    while time.monotonic() < ended_at:
        source.read(0.05)
    bench.unplugged.clear()
    frame = frame_of(source)
    source.close()
    assert frame.cut
    assert bench.open == 0


def test_a_driver_that_hangs_is_told_so_that_the_process_ends(bench, monkeypatch):
    monkeypatch.setattr(_returning, "SILENT_S", 0.2)
    monkeypatch.setattr(picamera2, "STOPPING_S", 0.1)
    source = opened()
    bench.unplugged.set()
    bench.hangs = True
    with pytest.raises(CaptureError, match="does not let go"):
        [source.read(0.05) for _ in range(100)]


def test_no_camera_is_a_fault_with_a_remedy_and_may_be_waited_for(bench, monkeypatch):
    monkeypatch.setattr(_returning, "BACK_OFF_S", (0.05,))
    cameras, bench.cameras = bench.cameras, []
    with pytest.raises(CaptureError, match="ribbon cable"):
        opened()
    source = capture.build("picamera2", CAMERA, patient=True)
    assert source.read(0.1) is None
    bench.cameras = cameras
    assert frame_of(source).y.shape == (120, 200)
    source.close()


@pytest.mark.parametrize(("which", "number"), [("", 0), ("0", 0), ("1", 1), ("uvc", 1), ("imx708", 0)])
def test_a_camera_is_told_by_number_or_name(bench, which, number):
    assert picamera2._number(which, bench.cameras) == number


def test_a_camera_that_is_not_there_is_told_with_those_that_are(bench):
    with pytest.raises(InputError, match=r"no such camera; there are 0 .imx708_wide"):
        opened("picamera2:7")


def test_a_camera_in_use_is_told(bench):
    source = opened()
    with pytest.raises(CaptureError, match=r"busy.*another program"):
        opened()
    source.close()


def test_the_rate_the_focus_and_the_light_are_as_configured(bench):
    opened(camera=CAMERA.model_copy(update={"exposure_ms": 5.0, "focus_m": 2.0})).close()
    assert bench.controls["FrameDurationLimits"] == (10000, 10000)
    assert (bench.controls["ExposureTime"], bench.controls["LensPosition"], bench.controls["AfMode"]) == (5000, 0.5, 0)
    opened().close()
    assert bench.controls["AfMode"] == 2
    assert "ExposureTime" not in bench.controls


def test_an_exposure_is_never_longer_than_a_frame(bench):
    opened(camera=CAMERA.model_copy(update={"exposure_ms": 500.0})).close()
    assert bench.controls["ExposureTime"] == 10000


def test_upside_down_is_turned_by_the_sensor_and_sideways_is_refused(bench):
    opened(camera=CAMERA.model_copy(update={"rotation": 180})).close()
    assert bench.transform.hflip
    assert bench.transform.vflip
    with pytest.raises(InputError, match=r"camera\.rotation"):
        opened(camera=CAMERA.model_copy(update={"rotation": 90}))
    assert bench.open == 0


def test_two_exposures_are_asked_of_the_sensor_before_it_is_opened(bench):
    opened(camera=CAMERA.model_copy(update={"hdr": True})).close()
    assert bench.hdr is True
    with pytest.raises(InputError, match="Camera Module 3"):
        opened("picamera2:1", CAMERA.model_copy(update={"hdr": True}))


def test_the_sensor_is_told_to_stop_exposing_twice(bench):
    """It stays as it was told until the power goes, whatever the options say by then."""
    opened(camera=CAMERA.model_copy(update={"hdr": True})).close()
    opened().close()
    assert bench.hdr is False


def test_a_sensor_that_cannot_be_told_gives_its_picture(bench, monkeypatch):
    def absent(camera_num=None):
        raise RuntimeError("IMX708: Requested camera v4l2 device node not found")

    monkeypatch.setattr(sys.modules["picamera2.devices.imx708"], "IMX708", absent)
    opened().close()
    with pytest.raises(CaptureError, match="not found"):
        opened(camera=CAMERA.model_copy(update={"hdr": True}))


def test_the_cameras_are_listed_as_a_source_is_named(bench):
    assert picamera2.listed() == [("picamera2:0", "imx708_wide"), ("picamera2:1", "UVC Camera")]


def test_another_format_than_asked_for_is_a_fault(bench):
    bench.format = "NV12"
    with pytest.raises(CaptureError, match="gives NV12"):
        opened()
    assert bench.open == 0


def test_full_range_becomes_limited(bench):
    bench.range = "Full"
    source = opened()
    frame = frame_of(source)
    source.close()
    assert int(frame.u[0, 0]) == round(100 * 224 / 255 + 15.56)


def test_without_the_package_it_says_which_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "picamera2", None)
    assert picamera2.listed() == []
    with pytest.raises(InputError, match="apt install python3-picamera2"):
        opened()


def test_auto_takes_the_boards_own_camera_first(bench):
    source = auto.build("auto", CAMERA)
    assert frame_of(source).u[0, 0] == 100
    source.close()
    assert bench.open == 0
