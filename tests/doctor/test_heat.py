"""How warm the board is, and what it does about it."""

from __future__ import annotations

from tests.doctor.conftest import found, only, site_of


def test_heat_and_what_it_does(box):
    assert only(site_of(box), "heat").level == "ok"
    zone = box / "root/sys/class/thermal/thermal_zone0"
    zone.mkdir(parents=True)
    for degrees, level in ((48_000, "ok"), (78_000, "warning"), (91_000, "wrong")):
        (zone / "temp").write_text(f"{degrees}\n")
        assert only(site_of(box), "heat").level == level
    (zone / "temp").write_text("50000")
    firmware = box / "root/sys/devices/platform/soc@107c000000/soc@107c000000:firmware"
    firmware.mkdir(parents=True)
    (firmware / "get_throttled").write_text("50005\n")
    findings = found(site_of(box), "heat")
    assert [finding.level for finding in findings] == ["ok", "wrong"]
    assert "power supply" in findings[1].says
