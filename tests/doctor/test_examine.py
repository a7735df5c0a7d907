"""Every check answers in time, none changes anything, and a well box is well."""

from __future__ import annotations

import time

from appliance import doctor, parts
from tests.doctor.conftest import enrol, only, site_of
from tests.mofy_process import needs_gstreamer
from tests.waiting import slowness

pytestmark = needs_gstreamer


def test_the_order_names_every_check_once():
    assert sorted(doctor.ORDER) == parts.names("doctor")


def test_a_well_box_is_well(box):
    site = site_of(box)
    enrol(site)
    names = [name for name in doctor.ORDER if name not in ("clock", "network")]
    findings = list(doctor.examine(site, names))
    assert {finding.check for finding in findings} == set(names)
    assert [finding for finding in findings if finding.level != "ok"] == []


def test_it_changes_nothing(tmp_path, monkeypatch):
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    site = site_of(tmp_path)
    (tmp_path / "root/proc").mkdir(parents=True)
    (tmp_path / "root/proc/meminfo").write_text("MemTotal:  4000000 kB\nMemAvailable:  3000000 kB\n")
    list(doctor.examine(site, [name for name in doctor.ORDER if name != "camera"]))
    assert not site.data.exists()


def test_a_check_that_hangs_keeps_nobody_waiting(box, monkeypatch):
    from appliance.doctor import memory

    monkeypatch.setattr(memory, "check", lambda site: time.sleep(30))
    began = time.monotonic()
    (finding,) = doctor.examine(site_of(box), ("memory",), longest_s=0.2)
    assert time.monotonic() - began < 5 * slowness()
    assert (finding.level, "no answer" in finding.says) == ("wrong", True)


def test_a_check_that_falls_over_is_a_finding(box):
    (box / "root/proc/meminfo").write_text("rubbish")
    finding = only(site_of(box), "memory")
    assert (finding.level, "cannot be checked" in finding.says) == ("wrong", True)
