"""A camera is asked for pictures, or the engine that has it is believed."""

from __future__ import annotations

import re
import time

import pytest

from appliance.doctor import Finding
from tests.doctor.conftest import engine, found, only, site_of
from tests.mofy_process import clip, needs_gstreamer

pytestmark = needs_gstreamer


def test_one_that_works_is_told_with_its_size_and_rate(box):
    finding = only(site_of(box), "camera")
    assert finding.level == "ok"
    assert re.search(r"test: 320x240, 1\d frames", finding.says), finding.says


@pytest.mark.parametrize("source", ["/dev/video99", "nowhere.mp4", "/dev/null"])
def test_one_that_is_not_there(box, source):
    finding = only(site_of(box, source), "camera")
    assert (finding.level, source in finding.says) == ("wrong", True)
    assert "cable" in finding.do


def test_a_film_that_ends_is_judged_by_what_it_gave(box):
    finding = only(site_of(box, str(clip(box / "film.mp4", 1))), "camera")
    assert (finding.level, "640x360" in finding.says) == ("ok", True)


def test_a_password_in_an_address_is_not_told(box):
    finding = only(site_of(box, "rtsp://me:hunter2@127.0.0.1:9/x"), "camera")
    assert finding.level == "wrong"
    assert "hunter2" not in finding.says


def test_of_one_that_the_engine_has_its_report_tells(box):
    site = site_of(box, "/dev/video99")
    engine(site)
    assert only(site, "camera") == Finding(
        "ok", "/dev/video0: 1280x720, 15 frames a second (the engine has it)", "", "camera"
    )
    engine(site, fps=4.0)
    assert only(site, "camera").level == "warning"
    engine(site, state="no-picture")
    assert only(site, "camera").level == "wrong"
    engine(site, state="slate", fps=0.0)
    assert only(site, "camera").level == "ok"
    engine(site, at=time.time() - 60)
    assert "/dev/video99" in only(site, "camera").says, "an old report counts for nothing"


def test_where_there_are_several_they_are_listed(box):
    for number, name in ((0, "HD Webcam"), (2, "Capture stick")):
        place = box / f"root/sys/devices/platform/usb1/1-{number}"
        place.mkdir(parents=True)
        node = box / f"root/sys/class/video4linux/video{number}"
        node.mkdir(parents=True)
        (node / "device").symlink_to(place)
        (node / "name").write_text(f"{name}\n")
    _, others = found(site_of(box), "camera")
    assert others.level == "ok"
    assert "dev/video0 (HD Webcam)" in others.says
    assert "dev/video2 (Capture stick)" in others.says
