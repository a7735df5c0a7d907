"""Hardware is used where it encodes, and never trusted for being there."""

from __future__ import annotations

import subprocess
import sys

import pytest

from appliance.sinks import _encoders
from appliance.sinks._encoders import ENCODERS, Wanted
from tests.mofy_process import CHECKOUT, needs_gstreamer

pytestmark = needs_gstreamer


@pytest.mark.parametrize(
    ("how", "chosen"),
    [
        ("works", "v4l2h264enc x264enc | v4l2h264enc | True"),
        ("fails", "x264enc | x264enc | True"),
        ("silent", "x264enc | x264enc | True"),
    ],
)
def test_a_device_that_encodes_is_taken_and_one_that_does_not_is_not(how, chosen):
    """In a process of its own: what is registered stays."""
    run = subprocess.run(
        [sys.executable, "-m", "tests.sinks.fake_encoders", how],
        cwd=CHECKOUT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert run.stdout.strip() == chosen, run.stderr


@pytest.mark.parametrize("broken", [(), ("nvv4l2h264enc",), ("nvv4l2h264enc", "v4l2h264enc")])
def test_the_best_that_works_comes_first(monkeypatch, broken):
    class Everything:
        """A registry that has it all."""

        def find(self, name):
            return name

    class Names:
        ElementFactory = Everything()

    monkeypatch.setattr(_encoders, "gst", lambda: type("G", (), {"Gst": Names})())
    monkeypatch.setattr(_encoders, "encodes", lambda name, wanted: name not in broken)
    wanted = Wanted(4000, 60, "main")
    assert _encoders.usable(wanted) == [name for name in ENCODERS if name not in broken]
    assert _encoders.usable(wanted)[-1] == "x264enc"


@pytest.mark.parametrize("name", ["nvv4l2h264enc", "v4l2h264enc"])
@pytest.mark.parametrize("profile", ["constrained-baseline", "main"])
def test_hardware_is_asked_for_rate_and_key_frames(name, profile):
    text = ENCODERS[name](Wanted(4000, 60, profile))
    assert "4000000" in text
    assert "60" in text
    assert not _encoders.encodes(name, Wanted(4000, 60, profile)), "no such hardware here"


@pytest.mark.parametrize("profile", ["constrained-baseline", "main"])
@pytest.mark.parametrize("preset", ["ultrafast", "superfast", "veryfast"])
def test_x264_encodes_with_every_preset(preset, profile):
    wanted = Wanted(1000, 30, profile, preset)
    assert f"speed-preset={preset} " in ENCODERS["x264enc"](wanted)
    assert _encoders.encodes("x264enc", wanted)
