"""Sources of every kind, planes of every layout."""

from __future__ import annotations

import itertools
import os
import subprocess
import time

import numpy as np
import pytest

from appliance import capture
from appliance.capture import SourceEndError, _returning, gstreamer
from appliance.errors import CaptureError, InputError
from appliance.options import Camera
from tests.mofy_process import FPS, clip, needs_ffmpeg, needs_gstreamer
from tests.waiting import slowness

CAMERA = Camera(width=320, height=240, fps=30)


def read_all(source: capture.Capture) -> list:
    frames = []
    try:
        while True:
            frames.append(source.read(0.2))
    except SourceEndError:
        source.close()
    return [frame for frame in frames if frame is not None]


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("", "a source is"),
        ("nothing", "nothing: no such file"),
        ("a\0b", "a source is"),
        ("http://camera/x.mjpg", "only rtsp://"),
        (".", "neither a video file nor a camera"),
    ],
)
def test_what_is_no_source_is_told_at_once(source, told):
    with pytest.raises(InputError, match=told):
        gstreamer.plan(source, CAMERA)


def test_a_pipe_is_refused_instead_of_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="neither"):
        gstreamer.plan(str(tmp_path / "pipe"), CAMERA)


def test_an_address_is_told_without_its_password():
    assert capture.told("rtsp://me:p@ss@camera:554/live?x=1") == "rtsp://camera:554/live?x=1"
    assert capture.told("/dev/video0") == "/dev/video0"


@needs_gstreamer
def test_an_address_that_is_refused_tells_no_password():
    with pytest.raises(CaptureError) as refused:
        capture.build("rtsp://me:secret@127.0.0.1:9/live", CAMERA)
    assert "secret" not in str(refused.value)
    assert "rtsp://127.0.0.1:9/live" in str(refused.value)


@needs_gstreamer
@pytest.mark.parametrize("content", [b"", b"this is no film", bytes(5000)])
def test_a_file_that_is_no_film_is_told(tmp_path, content):
    path = tmp_path / "film.mp4"
    path.write_bytes(content)
    with pytest.raises((CaptureError, InputError), match=r"film\.mp4"):
        capture.build(str(path), CAMERA)


@needs_gstreamer
@needs_ffmpeg
def test_a_file_with_sound_alone_is_told(tmp_path):
    path = tmp_path / "song.m4a"
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=d=1", str(path)], check=True)
    with pytest.raises((CaptureError, InputError), match="no picture"):
        capture.build(str(path), CAMERA)


@needs_gstreamer
@pytest.mark.parametrize("name", ["film.mp4", "a film, with # and % and é.mp4"])
def test_a_file_comes_at_its_own_pace_and_ends(tmp_path, name):
    path = clip(tmp_path / name, seconds=1.5)
    began = time.monotonic()
    frames = read_all(capture.build(str(path), CAMERA))
    assert 1.0 < time.monotonic() - began < 4.0 * slowness()
    assert len(frames) > 0.7 * 1.5 * FPS / slowness()
    assert [frame.index for frame in frames] == list(range(len(frames)))
    times = [frame.captured_at for frame in frames]
    assert times == sorted(times)


@needs_gstreamer
def test_a_looped_file_begins_again_with_a_new_shot(tmp_path):
    source = capture.build(str(clip(tmp_path / "film.mp4", seconds=0.5)), CAMERA, loop=True)
    cuts, end_at = [], time.monotonic() + 3
    while time.monotonic() < end_at and sum(cuts) < 2:
        frame = source.read(0.2)
        if frame is not None:
            cuts.append(frame.cut)
    source.close()
    assert sum(cuts) == 2
    assert not cuts[0]


@needs_gstreamer
@needs_ffmpeg
def test_odd_sizes_other_formats_and_turned_films_arrive_upright_as_i420(tmp_path):
    path, turned = tmp_path / "odd.mkv", tmp_path / "turned.mp4"
    picture = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=s=161x91:d=0.3"]
    subprocess.run([*picture, "-pix_fmt", "yuv444p", str(path)], check=True)
    (frame, *_) = read_all(capture.build(str(path), CAMERA))
    assert (frame.y.shape, frame.u.shape, frame.v.shape) == ((91, 161), (46, 81), (46, 81))
    plain = str(clip(tmp_path / "plain.mp4", seconds=0.3, size=(320, 240)))
    command = ["ffmpeg", "-v", "quiet", "-y"]
    new = subprocess.run([*command, "-display_rotation", "90", "-i", plain, "-c", "copy", str(turned)], check=False)
    if new.returncode != 0:  # before ffmpeg 6
        subprocess.run([*command, "-i", plain, "-metadata:s:v", "rotate=90", "-c", "copy", str(turned)], check=True)
    (frame, *_) = read_all(capture.build(str(turned), CAMERA))
    assert frame.y.shape == (320, 240)


@needs_gstreamer
@needs_ffmpeg
def test_a_picture_that_changes_its_size_arrives_in_its_new_size(tmp_path):
    whole = tmp_path / "both.h264"
    for size in ((320, 240), (480, 270)):
        film = clip(tmp_path / f"{size[0]}.mp4", seconds=0.5, size=size)
        raw = film.with_suffix(".h264")
        subprocess.run(["ffmpeg", "-v", "error", "-i", str(film), "-c", "copy", str(raw)], check=True)
        with whole.open("ab") as out:
            out.write(raw.read_bytes())
    frames = read_all(capture.build(str(whole), CAMERA))
    assert {(frame.width, frame.height) for frame in frames} == {(320, 240), (480, 270)}


@needs_gstreamer
def test_full_range_pictures_become_limited(tmp_path):
    """Planes go out as they came in, and players take them for limited."""
    path = tmp_path / "white.mjpg.mkv"
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "color=white:s=64x64:d=0.3,format=yuvj420p"]
    subprocess.run([*command, "-c:v", "mjpeg", str(path)], check=True)
    (frame, *_) = read_all(capture.build(str(path), CAMERA))
    assert abs(float(np.median(frame.y)) - 235) < 4


@needs_gstreamer
def test_a_camera_that_fails_is_opened_again_with_patience(monkeypatch):
    class Clock:
        now = 1000.0

        def __call__(self) -> float:
            return self.now

    clock, opened = Clock(), []
    real = gstreamer.Media

    def running(how):
        opened.append(clock.now)
        if len(opened) in (1, 5):
            return real(how)
        raise CaptureError("not there")

    monkeypatch.setattr(gstreamer, "Media", running)
    monkeypatch.setattr(_returning.time, "sleep", lambda seconds: None)
    source = gstreamer.opened(gstreamer.plan("test", CAMERA), now=clock)
    assert source.read(0.5) is not None
    source._running.stop()
    monkeypatch.setattr(source._running, "pull", _gone)
    assert source.read(0.0) is None
    frame = None
    while frame is None:
        clock.now += 0.1
        frame = source.read(0.5)
    source.close()
    assert frame.cut
    assert [round(b - a) for a, b in itertools.pairwise(opened[1:])] == [1, 2, 4]


def _gone(timeout_s: float) -> None:
    raise CaptureError("unplugged")
