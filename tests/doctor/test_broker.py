"""The broker is asked whether it lets the box in."""

from __future__ import annotations

import subprocess

from appliance.doctor import Finding
from tests.doctor.conftest import only, site_of
from tests.mosquitto import Mosquitto, needs_mosquitto


def test_none(box):
    assert only(site_of(box), "broker") == Finding("ok", "none is configured", "", "broker")


def test_one_that_is_not_there(box):
    finding = only(site_of(box, mqtt={"broker": "127.0.0.1", "port": 9}), "broker")
    assert finding.level == "wrong"
    assert "127.0.0.1:9" in finding.says


def test_files_that_are_not_there(box):
    for option in ("password_file", "ca"):
        changes = {"broker": "127.0.0.1", "tls": True, option: str(box / "missing")}
        assert "missing" in only(site_of(box, mqtt=changes), "broker").says


@needs_mosquitto
def test_a_real_one_that_lets_in_and_one_that_does_not(box):
    subprocess.run(["mosquitto_passwd", "-b", "-c", str(box / "passwords"), "mofy", "right"], check=True)
    server = Mosquitto(box, [f"password_file {box / 'passwords'}"])
    try:
        password = box / "password"
        site = site_of(box, mqtt={"broker": "127.0.0.1", "port": server.port, "password_file": str(password)})
        password.write_text("right\n")
        assert only(site, "broker").level == "ok"
        password.write_text("wrong\n")
        finding = only(site, "broker")
        assert finding.level == "wrong"
        assert "does not accept" in finding.says
    finally:
        server.stop()
