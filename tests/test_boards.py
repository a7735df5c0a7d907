"""Boards are told from trees as the kernel shows them."""

from __future__ import annotations

from appliance.boards import board, temperature_c


def test_a_pi_is_told_by_its_device_tree(tmp_path):
    model = tmp_path / "proc/device-tree/model"
    model.parent.mkdir(parents=True)
    model.write_bytes(b"Raspberry Pi 5 Model B Rev 1.0\0")
    assert board(tmp_path).startswith("Raspberry Pi 5 Model B Rev 1.0 (")


def test_a_machine_without_a_name_still_has_one(tmp_path):
    assert board(tmp_path)


def test_the_warmest_zone_counts_and_rubbish_does_not(tmp_path):
    assert temperature_c(tmp_path) is None
    for name, text in (("thermal_zone0", "48312\n"), ("thermal_zone1", "61500"), ("thermal_zone2", "N/A")):
        zone = tmp_path / "sys/class/thermal" / name
        zone.mkdir(parents=True)
        (zone / "temp").write_text(text)
    assert temperature_c(tmp_path) == 61.5
