"""Which devices are cameras, by the kernel's own tree."""

from __future__ import annotations

import sys

import pytest

from appliance.capture import auto
from appliance.errors import CaptureError
from appliance.options import Camera

CAMERA = Camera(width=320, height=240, fps=30)


def device(root, name, bus, index):
    place = root / "sys/devices" / bus / name
    place.mkdir(parents=True)
    node = root / "sys/class/video4linux" / name
    node.mkdir(parents=True)
    (node / "device").symlink_to(place)
    (node / "index").write_text(f"{index}\n")


def test_only_the_picture_of_a_usb_camera_counts(tmp_path):
    device(tmp_path, "video10", "platform/axi/1000880000.pisp_be", 0)
    device(tmp_path, "video2", "platform/soc/usb1/1-1/1-1:1.0", 0)
    device(tmp_path, "video3", "platform/soc/usb1/1-1/1-1:1.0/meta", 1)
    device(tmp_path, "video12", "platform/soc/usb2/2-1/2-1:1.0", 0)
    assert [path.name for path in auto.usb_cameras(tmp_path)] == ["video2", "video12"]


def test_a_machine_without_any_has_none(tmp_path):
    assert auto.usb_cameras(tmp_path) == []


def test_no_camera_at_all_is_told_with_what_was_tried(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "picamera2", None)
    tree = tmp_path / "proc/device-tree"
    tree.mkdir(parents=True)
    (tree / "compatible").write_text("raspberrypi,5-model-b\0brcm,bcm2712\0")
    with pytest.raises(CaptureError, match=r"plug one in .*picamera2"):
        auto.running(CAMERA, tmp_path)


def test_a_pc_is_not_told_what_only_boards_have(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "picamera2", None)
    with pytest.raises(CaptureError, match=r"plug one in$"):
        auto.running(CAMERA, tmp_path)
