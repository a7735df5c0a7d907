"""Whatever others can read is named, with the command that mends it."""

from __future__ import annotations

import os
import subprocess

import pytest

from tests.doctor.conftest import IS_ROOT, enrol, only, site_of


def test_files_and_a_folder_that_others_may_use(box):
    site = site_of(box)
    enrol(site)
    assert only(site, "secrets").level == "ok"
    (site.data / "key").chmod(0o644)
    finding = only(site, "secrets")
    assert (finding.level, finding.do) == ("wrong", f"chmod 600 '{site.data / 'key'}'")
    subprocess.run(finding.do, shell=True, check=True)
    site.data.chmod(0o755)
    finding = only(site, "secrets")
    assert (finding.level, finding.do) == ("warning", f"chmod 700 '{site.data}'")


def test_a_certificate_elsewhere(box):
    pem = box / "box.pem"
    pem.write_text("secret")
    pem.chmod(0o604)
    assert str(pem) in only(site_of(box, rtsp={"certificate": str(pem)}), "secrets").says


@pytest.mark.skipif(not IS_ROOT, reason="only root may give files away")
def test_a_file_that_root_made_for_the_box(box):
    site = site_of(box)
    os.chown(site.data, 12345, 12345)
    (site.data / "key").touch(0o600)
    finding = only(site, "secrets")
    assert (finding.level, finding.do) == ("wrong", f"chown 12345 '{site.data / 'key'}'")
