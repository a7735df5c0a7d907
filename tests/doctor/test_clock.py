"""A clock that nobody keeps right is told."""

from __future__ import annotations

import os
import time
from pathlib import Path

import appliance
from appliance.doctor import Site
from tests.doctor.conftest import only, site_of


def test_a_clock_that_is_wrong(box, monkeypatch):
    site = site_of(box)
    assert only(site, "clock").level == "warning"
    told = box / "root/run/systemd/timesync/synchronized"
    told.parent.mkdir(parents=True)
    told.touch()
    assert only(site, "clock").level == "ok"
    right = time.time()
    for wrong in (0.0, right - 400 * 86400.0, right + 30 * 365 * 86400.0):
        monkeypatch.setattr(time, "time", lambda wrong=wrong: wrong)
        finding = only(site, "clock")
        assert (finding.level, "timedatectl" in finding.do) == ("wrong", True)


def test_a_release_whose_files_are_of_1970_does_not_make_the_clock_wrong(box, monkeypatch):
    """On every box they are: a release is packed without the times of its files."""
    unpacked = box / "__init__.py"
    unpacked.touch()
    os.utime(unpacked, (0, 0))
    monkeypatch.setattr(appliance, "__file__", str(unpacked))
    assert only(site_of(box), "clock").level == "warning"


def test_the_kernel_is_asked_who_keeps_the_clock():
    from appliance.doctor.clock import synchronised

    assert synchronised(Site(Path("/nowhere"), None, "", Path("/"))) in (True, False)
