"""What every source promises: the newest frame, of its own memory, and nothing without end."""

from __future__ import annotations

import sys
import time

import numpy as np
import pytest

from appliance import capture, parts
from appliance.options import Camera
from tests.fakes import jetson_utils, picamera2
from tests.mofy_process import clip, needs_gstreamer
from tests.waiting import slowness

CAMERA = Camera(width=320, height=240, fps=30)
SOURCES = ["test", "file", *(name for name in parts.names("capture") if name != "gstreamer")]


@pytest.fixture(params=SOURCES)
def source(request, tmp_path, monkeypatch):
    """An open source of each kind; those of boards on a bench of their own."""
    if request.param == "walk":
        request.getfixturevalue("photos")
    if request.param in ("picamera2", "auto"):
        names = ("picamera2", "libcamera", "picamera2.devices.imx708")
        for name, made in zip(names, picamera2.module(picamera2.Bench())):
            monkeypatch.setitem(sys.modules, name, made)
    if request.param == "jetson":
        monkeypatch.setitem(sys.modules, "jetson_utils", jetson_utils.module(jetson_utils.Bench()))
    name = str(clip(tmp_path / "film.mp4", seconds=3)) if request.param == "file" else request.param
    opened = capture.build(name, CAMERA)
    yield opened
    opened.close()


pytestmark = needs_gstreamer


def next_frame(source):
    for _ in range(40):
        frame = source.read(0.1)
        if frame is not None:
            return frame
    raise AssertionError("no frame")


def test_frames_are_i420_of_their_own_writable_memory(source):
    first = next_frame(source)
    half = ((first.height + 1) // 2, (first.width + 1) // 2)
    assert first.u.shape == first.v.shape == half
    for plane in (first.y, first.u, first.v):
        assert plane.dtype == np.uint8
        plane[:] = 7
    second = next_frame(source)
    for mine, other in zip((first.y, first.u, first.v), (second.y, second.u, second.v)):
        assert not np.shares_memory(mine, other)
        assert (mine == 7).all()


def test_a_slow_reader_gets_the_newest_frame_not_the_next(source):
    next_frame(source)
    before = next_frame(source)
    time.sleep(0.6)
    after = next_frame(source)
    assert after.captured_at - before.captured_at > 0.4


def test_frames_come_in_order_at_about_their_rate(source):
    next_frame(source)
    began, frames = time.monotonic(), []
    while time.monotonic() - began < 1.0:
        frame = source.read(0.1)
        if frame is not None:
            frames.append(frame)
    times = [frame.captured_at for frame in frames]
    assert times == sorted(times)
    assert len(set(times)) == len(times)
    assert 15 <= len(frames) <= 40


def test_waiting_ends_when_the_time_is_over(source):
    next_frame(source)
    began = time.monotonic()
    source.read(0.0)
    assert time.monotonic() - began < 0.3 * slowness()


def test_it_may_be_closed_twice(source):
    source.close()
    source.close()
