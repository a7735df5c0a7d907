"""Boards are told from trees as the kernel shows them, and asked for what they can do."""

from __future__ import annotations

import json

import pytest

from appliance import boards, config, model_files
from appliance.boards import board, row, temperature_c, tuned


def tree(root, model: bytes, compatible: bytes = b""):
    folder = root / "proc/device-tree"
    folder.mkdir(parents=True)
    (folder / "model").write_bytes(model)
    (folder / "compatible").write_bytes(compatible)
    return root


def test_a_pi_is_told_by_its_device_tree(tmp_path):
    assert board(tree(tmp_path, b"Raspberry Pi 5 Model B Rev 1.0\0")).startswith("Raspberry Pi 5 Model B Rev 1.0 (")


def test_a_machine_without_a_name_still_has_one(tmp_path):
    assert board(tmp_path)


def test_the_warmest_zone_counts_and_rubbish_does_not(tmp_path):
    assert temperature_c(tmp_path) is None
    for name, text in (("thermal_zone0", "48312\n"), ("thermal_zone1", "61500"), ("thermal_zone2", "N/A")):
        zone = tmp_path / "sys/class/thermal" / name
        zone.mkdir(parents=True)
        (zone / "temp").write_text(text)
    assert temperature_c(tmp_path) == 61.5


@pytest.mark.parametrize(
    ("compatible", "name"),
    [
        (b"raspberrypi,5-model-b\0brcm,bcm2712\0", "Raspberry Pi 5"),
        (b"raspberrypi,5-compute-module\0brcm,bcm2712\0", "Raspberry Pi 5"),
        (b"raspberrypi,500\0brcm,bcm2712\0", "Raspberry Pi 5"),
        (b"raspberrypi,4-model-b\0brcm,bcm2711\0", "Raspberry Pi 4"),
        (b"raspberrypi,400\0brcm,bcm2711\0", "Raspberry Pi 4"),
        (b"nvidia,p3768-0000+p3767-0005\0nvidia,p3767-0005\0nvidia,tegra234\0", "Jetson Orin"),
        (b"nvidia,p3450-0000\0nvidia,tegra210\0", "Jetson Nano"),
        (b"rockchip,rk3588\0", "any other machine"),
        (b"", "any other machine"),
    ],
)
def test_the_row_is_chosen_by_what_the_board_says_it_is(tmp_path, compatible, name):
    assert row(tree(tmp_path, b"x\0", compatible)).name == name


def test_no_tree_at_all_is_any_other_machine(tmp_path):
    assert row(tmp_path) == boards.ROWS[-1]


@pytest.mark.parametrize("one", boards.ROWS, ids=lambda one: one.name)
def test_every_row_is_a_configuration_of_models_that_ship(one):
    loaded = config.load(board=one.options)
    for name in (loaded.faces.detector, loaded.faces.embedder):
        assert not name or model_files.find(name).id == name
    assert one.why


def test_the_owners_options_go_over_the_boards(tmp_path):
    mine = tmp_path / "mofy.toml"
    mine.write_text("[faces]\nthreads = 1\n")
    loaded = config.load(mine, board={"faces": {"threads": 3, "tiles_a_frame": 4}})
    assert (loaded.faces.threads, loaded.faces.tiles_a_frame) == (1, 4)


def test_what_was_measured_goes_over_the_row_and_only_on_that_board(tmp_path):
    root, data = tree(tmp_path / "root", b"Raspberry Pi 5\0", b"raspberrypi,5-model-b\0brcm,bcm2712\0"), tmp_path
    keep(data, root)
    assert boards.options(data, root)["faces"] == {"threads": 3, "tiles_a_frame": 2}
    assert tuned(data, tmp_path / "elsewhere") == {}


def keep(data, root):
    """A measurement of this board."""
    kept = {**boards.marks(root), "options": {"faces": {"tiles_a_frame": 2}}}
    (data / boards.TUNED).write_text(json.dumps(kept))


def machine(root, model=b"Raspberry Pi 5 Model B Rev 1.0\0", present="0-3\n", memory_kb=8_244_000):
    """A board with so many processors and so much memory."""
    tree(root, model, b"raspberrypi,5-model-b\0brcm,bcm2712\0")
    (root / "sys/devices/system/cpu").mkdir(parents=True)
    (root / "sys/devices/system/cpu/present").write_text(present)
    (root / "proc/meminfo").write_text(f"MemTotal:       {memory_kb} kB\nMemFree:        1 kB\n")
    return root


def test_a_measurement_belongs_to_the_board_it_was_made_on(tmp_path):
    keep(tmp_path, machine(tmp_path / "one"))
    assert tuned(tmp_path, tmp_path / "one")
    assert tuned(tmp_path, machine(tmp_path / "another kernel", memory_kb=7_998_100)), "the same board"
    assert not tuned(tmp_path, machine(tmp_path / "two", model=b"Raspberry Pi 4 Model B Rev 1.4\0"))
    assert not tuned(tmp_path, machine(tmp_path / "three", present="0-1\n"))
    assert not tuned(tmp_path, machine(tmp_path / "four", memory_kb=4_133_000))


def test_a_measurement_of_an_older_mofy_is_made_anew(tmp_path):
    root = machine(tmp_path / "one")
    (tmp_path / boards.TUNED).write_text(json.dumps({"board": board(root), "options": {"faces": {"threads": 1}}}))
    assert tuned(tmp_path, root) == {}


@pytest.mark.parametrize(
    ("present", "memory_kb", "told"),
    [("0-3\n", 8_244_000, (4, 8)), ("0\n", 1_900_000, (1, 2)), ("0-1,4-5\n", 15_900_000, (4, 16)),
     ("0-5\n", 7_620_000, (6, 8)), ("0-5\n", 3_500_000, (6, 4)), ("0-13\n", 500_000, (14, 1)), ("\n", 0, (0, 1))],
)  # fmt: skip
def test_boards_are_counted_as_they_are_sold(tmp_path, present, memory_kb, told):
    found = boards.marks(machine(tmp_path, present=present, memory_kb=max(memory_kb, 1)))
    assert (found["processors"], found["memory_gb"]) == told


def test_this_machine_has_marks():
    found = boards.marks()
    assert found["processors"] >= 1
    assert found["memory_gb"] >= 1


@pytest.mark.parametrize("text", ["", "[]", "{", '{"board": 1}', '{"board": null, "options": 7}', "\0"])
def test_a_damaged_measurement_counts_as_none(tmp_path, text):
    (tmp_path / boards.TUNED).write_text(text)
    assert tuned(tmp_path, tmp_path) == {}
