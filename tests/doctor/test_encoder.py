"""Encoders that fall over are passed over, and somebody is told what to install."""

from __future__ import annotations

from tests.doctor.conftest import found, only, site_of
from tests.mofy_process import needs_gstreamer

pytestmark = needs_gstreamer


def test_one_that_falls_over_is_passed_over(box, monkeypatch):
    from appliance.doctor import encoder

    broken = {"v4l2h264enc": lambda wanted: "identity error-after=2", **{"x264enc": encoder.ENCODERS["x264enc"]}}
    monkeypatch.setattr(encoder, "ENCODERS", broken)
    monkeypatch.setattr(encoder, "present", lambda: list(broken))
    assert [finding.level for finding in found(site_of(box), "encoder")] == ["warning", "ok"]


def test_without_any_it_says_what_to_install(box, monkeypatch):
    from appliance.doctor import encoder

    monkeypatch.setattr(encoder, "present", list)
    finding = only(site_of(box), "encoder")
    assert (finding.level, finding.do) == ("wrong", "install gstreamer1.0-plugins-ugly")
