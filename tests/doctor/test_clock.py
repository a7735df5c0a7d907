"""A clock that nobody keeps right is told."""

from __future__ import annotations

import time
from pathlib import Path

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


def test_the_kernel_is_asked_who_keeps_the_clock():
    from appliance.doctor.clock import synchronised

    assert synchronised(Site(Path("/nowhere"), None, "", Path("/"))) in (True, False)
