"""The preview is a whole, small, masked JPEG, or it is not there."""

from __future__ import annotations

import time

import cv2
import numpy as np
import pytest

from appliance.errors import SinkError
from appliance.sinks import preview
from tests.contracts.test_sinks import masked, sink_options


def test_a_reader_never_sees_half_a_picture(tmp_path, monkeypatch):
    monkeypatch.setattr(preview, "EVERY_S", 0.0)
    sink = preview.PreviewSink(tmp_path)
    end_at, read = time.monotonic() + 1.0, 0
    while time.monotonic() < end_at or read < 4:
        sink.write(masked(1280, 720))
        if (tmp_path / preview.NAME).exists():
            data = np.frombuffer((tmp_path / preview.NAME).read_bytes(), np.uint8)
            assert cv2.imdecode(data, cv2.IMREAD_COLOR).shape == (360, 640, 3)
            assert bytes(data[-2:]) == b"\xff\xd9"
            read += 1
    sink.close()
    assert list(tmp_path.iterdir()) == []


def test_it_comes_a_few_times_a_second_only(tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr(preview, "jpeg", lambda frame: drawn.append(frame) or b"")
    sink = preview.PreviewSink(tmp_path)
    end_at = time.monotonic() + 0.9
    while time.monotonic() < end_at:
        sink.write(masked(32, 32))
        time.sleep(0.01)
    sink.close()
    assert 2 <= len(drawn) <= 4


def test_a_folder_that_vanishes_is_a_fault_of_the_preview_alone(tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    sink = preview.PreviewSink(folder)
    folder.rmdir()
    sink.write(masked())
    end_at = time.monotonic() + 3
    while sink.fault is None and time.monotonic() < end_at:
        time.sleep(0.02)
    assert "no preview" in sink.fault
    sink.close()


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(SinkError, match="preview"):
        preview.build(sink_options(tmp_path / "none"))


@pytest.mark.parametrize("size", [(1, 1), (2, 1), (641, 361), (640, 360), (1920, 1080), (64, 1000)])
def test_any_size_becomes_a_jpeg_no_broader_than_asked(size):
    picture = cv2.imdecode(np.frombuffer(preview.jpeg(masked(*size, text="")), np.uint8), cv2.IMREAD_COLOR)
    assert picture.shape[1] <= preview.WIDTH_PX + 1
