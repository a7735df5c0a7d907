"""Room and the right to write, in every folder that is written to."""

from __future__ import annotations

import contextlib
import subprocess

import pytest

from tests.doctor.conftest import IS_ROOT, found, site_of


@pytest.fixture
def small_disk(box):
    place = box / "small"
    place.mkdir()
    made = IS_ROOT and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)], check=False, capture_output=True
    )
    if not made or made.returncode:
        pytest.skip("mounting a small disk needs root")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk(box, small_disk):
    with contextlib.suppress(OSError), (small_disk / "fill").open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    site = site_of(box, record={"folder": str(small_disk)})
    bad = [finding for finding in found(site, "disk") if finding.level == "wrong"]
    assert len(bad) == 1
    assert "no space left" in bad[0].says


def test_a_disk_that_is_read_only(box, small_disk):
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    site = site_of(box, record={"folder": str(small_disk)})
    assert any("read-only" in finding.says for finding in found(site, "disk") if finding.level == "wrong")


def test_less_room_than_is_to_be_kept(box):
    site = site_of(box, record={"folder": str(box), "keep_free_mb": 10**9})
    (finding,) = [one for one in found(site, "disk") if one.says.startswith("recordings")]
    assert (finding.level, finding.do) == ("warning", "make room")


@pytest.mark.skipif(IS_ROOT, reason="root may write everywhere")
def test_a_folder_of_somebody_else(box):
    site = site_of(box)
    site.data.chmod(0o500)
    assert found(site, "disk")[0].level == "wrong"
