"""A Jetson's camera by jetson-utils, and by GStreamer where that is absent."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from appliance.capture import _returning, gstreamer, jetson
from appliance.errors import CaptureError, InputError
from appliance.options import Camera
from tests.fakes.jetson_utils import Bench, module
from tests.mofy_process import needs_gstreamer

CAMERA = Camera(width=320, height=240, fps=30, rotation=180)


@pytest.fixture
def bench(monkeypatch):
    """A camera on a Jetson."""
    bench = Bench()
    monkeypatch.setitem(sys.modules, "jetson_utils", module(bench))
    return bench


def frame_of(source):
    return next(frame for _ in range(100) if (frame := source.read(0.05)) is not None)


def test_planes_come_from_the_gpu_once_it_has_finished(bench):
    source = jetson.build("jetson", CAMERA)
    first, second = frame_of(source), frame_of(source)
    source.close()
    assert first.y.shape == (240, 320)
    assert int(second.y[0, 0]) == int(first.y[0, 0]) + 1
    assert (int(first.u[0, 0]), int(first.v[0, 0])) == (100, 150)
    assert bench.open == 0


def test_size_rate_and_rotation_are_asked_for(bench):
    jetson.build("jetson:csi://1", CAMERA).close()
    assert bench.address == "csi://1"
    assert bench.options["flipMethod"] == "rotate-180"
    assert (bench.options["width"], bench.options["height"], bench.options["framerate"]) == (320, 240, 30.0)


def test_a_camera_that_fails_is_opened_anew(bench, monkeypatch):
    monkeypatch.setattr(_returning, "BACK_OFF_S", (0.02,))
    source = jetson.build("jetson", CAMERA)
    frame_of(source)
    bench.broken = True
    assert source.read(0.05) is None
    assert bench.open == 0
    bench.broken = False
    assert frame_of(source).cut
    source.close()


def test_a_camera_that_is_not_there_is_told(bench):
    bench.present = False
    with pytest.raises(CaptureError, match="cannot be opened"):
        jetson.build("jetson", CAMERA)


def test_a_camera_that_cannot_be_started_is_told(bench):
    bench.starts = False
    with pytest.raises(CaptureError, match="gives no picture"):
        jetson.build("jetson", CAMERA)
    source = jetson.build("jetson", CAMERA, patient=True)
    assert source.read(0.01) is None
    assert bench.open == 0


def test_the_unrelated_package_of_that_name_is_refused(monkeypatch):
    monkeypatch.setitem(sys.modules, "jetson_utils", SimpleNamespace(add_one=None))
    with pytest.raises(InputError, match="pip uninstall jetson-utils"):
        jetson.build("jetson", CAMERA)


@needs_gstreamer
def test_elsewhere_gstreamer_says_which_part_it_lacks(monkeypatch):
    monkeypatch.setitem(sys.modules, "jetson_utils", None)
    with pytest.raises(CaptureError, match="csi://0: GStreamer lacks a part"):
        jetson.build("jetson", CAMERA)


def test_the_pipeline_of_the_ribbon_cable_turns_the_picture(monkeypatch):
    plan = gstreamer.plan("csi://1", CAMERA)
    assert "nvvidconv flip-method=2" in plan.launch
    assert plan.properties == {"sensor-id": 1}
    with pytest.raises(InputError, match="csi://0"):
        gstreamer.plan("csi://left", CAMERA)
