"""What is plugged in is read from trees as the kernel shows them."""

from __future__ import annotations

import pytest

from appliance.sinks._connectors import USUAL, chosen, connected, sockets


def plug(
    root, name="card1-HDMI-A-1", status="connected", modes="1920x1080\n1280x720\n1920x1080i\n", number="33", edid=b"one"
):
    """One socket of a fake /sys, with or without a display in it."""
    folder = root / "sys/class/drm" / name
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in (("status", f"{status}\n"), ("modes", modes), ("connector_id", f"{number}\n")):
        (folder / file).write_text(text)
    (folder / "edid").write_bytes(edid)


def test_a_board_without_sockets_has_none(tmp_path):
    assert connected(tmp_path) == []
    assert sockets(tmp_path) == 0


def test_a_display_is_told_with_its_modes(tmp_path):
    plug(tmp_path)
    plug(tmp_path, "card1-HDMI-A-2", "disconnected", "")
    (tmp_path / "sys/class/drm/card1").mkdir()
    (tmp_path / "sys/class/drm/version").write_text("drm 1.1.0")
    (one,) = connected(tmp_path)
    assert (one.name, one.card, one.id, one.modes) == ("HDMI-A-1", "card1", 33, ((1920, 1080), (1280, 720)))
    assert sockets(tmp_path) == 2


def test_hdmi_comes_first_and_a_writeback_is_no_display(tmp_path):
    for name in ("card0-Writeback-1", "card0-DP-1", "card1-HDMI-A-2"):
        plug(tmp_path, name)
    assert [one.name for one in connected(tmp_path)] == ["HDMI-A-2", "DP-1"]


def test_another_display_is_another_one(tmp_path):
    plug(tmp_path)
    (first,) = connected(tmp_path)
    plug(tmp_path, edid=b"two")
    assert connected(tmp_path) != [first]


def test_rubbish_and_what_old_kernels_do_not_tell_are_no_harm(tmp_path):
    plug(tmp_path, modes="rubbish\n\n12x\n", number="")
    (tmp_path / "sys/class/drm/card1-HDMI-A-1/edid").unlink()
    (one,) = connected(tmp_path)
    assert (one.id, one.modes) == (-1, ())


@pytest.mark.parametrize(
    ("modes", "wanted", "mode"),
    [
        (((1920, 1080), (1280, 720)), "auto", (1920, 1080)),
        (((1920, 1080), (1280, 720)), "1280x720", (1280, 720)),
        (((1920, 1080), (1280, 720)), "800x600", (1920, 1080)),
        (((3840, 2160), (2560, 1440), (1920, 1080), (1920, 1200), (1280, 720)), "auto", (1920, 1080)),
        (((3840, 2160), (1920, 1080)), "3840x2160", (3840, 2160)),
        (((1366, 768), (1024, 768)), "auto", (1366, 768)),
        (((3840, 2160),), "auto", (3840, 2160)),
        (((800, 480),), "auto", (800, 480)),
        (((480, 1920),), "auto", (480, 1920)),
        ((), "auto", USUAL),
        ((), "1280x720", USUAL),
    ],
)
def test_the_mode_is_the_displays_own_unless_it_is_huge(modes, wanted, mode):
    assert chosen(modes, wanted) == mode
