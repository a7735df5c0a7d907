"""A display is seen by the kernel's own files, and by what the engine says."""

from __future__ import annotations

from tests.doctor.conftest import engine, only, site_of
from tests.mofy_process import needs_gstreamer
from tests.sinks.test_connectors import plug

pytestmark = needs_gstreamer


def test_a_display_that_may_not_be_opened(box):
    plug(box / "root")
    finding = only(site_of(box), "display")
    assert finding.level == "warning"
    assert "HDMI-A-1" in finding.says
    assert "group video" in finding.do


def test_a_display_that_may(box):
    plug(box / "root")
    (box / "root/dev/dri").mkdir(parents=True)
    (box / "root/dev/dri/card1").touch()
    assert "to be shown at 1920x1080" in only(site_of(box), "display").says
    assert only(site_of(box, hdmi={"mode": "1280x720"}), "display").level == "ok"
    assert only(site_of(box, hdmi={"mode": "800x600"}), "display").level == "warning"


def test_what_is_asked_for_and_cannot_be(box):
    assert only(site_of(box, hdmi={"output": "x11"}), "display").level == "wrong"
    assert only(site_of(box, hdmi={"output": "kms"}), "display").level == "wrong"
    assert only(site_of(box, hdmi={"output": "off"}), "display").level == "ok"
    plug(box / "root", status="disconnected")
    assert "nothing is plugged in" in only(site_of(box, hdmi={"output": "kms"}), "display").says


def test_what_the_engine_says_of_it_counts(box):
    site = site_of(box)
    engine(site, faults=("hdmi: /dev/dri/card1: cannot be opened",))
    assert only(site, "display").level == "wrong"
    engine(site, display="HDMI-A-1 1920x1080")
    assert "HDMI-A-1 1920x1080" in only(site, "display").says
