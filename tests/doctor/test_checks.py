"""Each check finds its own fault, put into a real file, folder, port or device; and a well box is well."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from appliance import doctor, model_files, parts, reach, status
from appliance.core.frames import RgbImage
from appliance.doctor import Finding, Site
from appliance.store import Store
from appliance.store.people import Template
from tests.doctor.conftest import found, only, site_of
from tests.mofy_process import clip, needs_gstreamer
from tests.mosquitto import Mosquitto, needs_mosquitto
from tests.ports import free_port
from tests.sinks.test_connectors import plug
from tests.waiting import slowness

pytestmark = needs_gstreamer
IS_ROOT = os.geteuid() == 0
CROP: RgbImage = np.zeros((112, 112, 3), np.uint8)


def engine(site: Site, **facts) -> None:
    """Leave the report of an engine that runs now."""
    told = {"state": "running", "at": time.time(), "pid": 1, "version": "0", "source": "/dev/video0", "width": 1280,
            "height": 720, "fps": 15.0, "address": "rtsp://127.0.0.1:1/live", **facts}  # fmt: skip
    status.write(status.Status(**told), status.runtime_folder(site.data))


def enrol(site: Site, model: str | None = None) -> Store:
    """Put somebody into the store."""
    store = Store.open(site.data, create=True)
    model = model or model_files.default("embedder").id
    store.enrol("Anna", [Template(model, np.eye(1, 512, dtype=np.float32)[0], CROP, 0.9, 0.0)], "test")
    return store


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


class TestCamera:
    def test_one_that_works_is_told_with_its_size_and_rate(self, box):
        finding = only(site_of(box), "camera")
        assert finding.level == "ok"
        assert re.search(r"test: 320x240, 1\d frames", finding.says), finding.says

    @pytest.mark.parametrize("source", ["/dev/video99", "nowhere.mp4", "/dev/null"])
    def test_one_that_is_not_there(self, box, source):
        finding = only(site_of(box, source), "camera")
        assert (finding.level, source in finding.says) == ("wrong", True)
        assert "cable" in finding.do

    def test_a_film_that_ends_is_judged_by_what_it_gave(self, box):
        finding = only(site_of(box, str(clip(box / "film.mp4", 1))), "camera")
        assert (finding.level, "640x360" in finding.says) == ("ok", True)

    def test_a_password_in_an_address_is_not_told(self, box):
        finding = only(site_of(box, "rtsp://me:hunter2@127.0.0.1:9/x"), "camera")
        assert finding.level == "wrong"
        assert "hunter2" not in finding.says

    def test_of_one_that_the_engine_has_its_report_tells(self, box):
        site = site_of(box, "/dev/video99")
        engine(site)
        assert only(site, "camera") == Finding(
            "ok", "/dev/video0: 1280x720, 15 frames a second (the engine has it)", "", "camera"
        )
        engine(site, fps=4.0)
        assert only(site, "camera").level == "warning"
        engine(site, state="no-picture")
        assert only(site, "camera").level == "wrong"
        engine(site, state="slate", fps=0.0)
        assert only(site, "camera").level == "ok"
        engine(site, at=time.time() - 60)
        assert "/dev/video99" in only(site, "camera").says, "an old report counts for nothing"

    def test_where_there_are_several_they_are_listed(self, box):
        for number, name in ((0, "HD Webcam"), (2, "Capture stick")):
            place = box / f"root/sys/devices/platform/usb1/1-{number}"
            place.mkdir(parents=True)
            node = box / f"root/sys/class/video4linux/video{number}"
            node.mkdir(parents=True)
            (node / "device").symlink_to(place)
            (node / "name").write_text(f"{name}\n")
        _, others = found(site_of(box), "camera")
        assert others.level == "ok"
        assert "dev/video0 (HD Webcam)" in others.says
        assert "dev/video2 (Capture stick)" in others.says


class TestEncoder:
    def test_one_that_falls_over_is_passed_over(self, box, monkeypatch):
        from appliance.doctor import encoder

        broken = {"v4l2h264enc": lambda wanted: "identity error-after=2", **{"x264enc": encoder.ENCODERS["x264enc"]}}
        monkeypatch.setattr(encoder, "ENCODERS", broken)
        monkeypatch.setattr(encoder, "present", lambda: list(broken))
        assert [finding.level for finding in found(site_of(box), "encoder")] == ["warning", "ok"]

    def test_without_any_it_says_what_to_install(self, box, monkeypatch):
        from appliance.doctor import encoder

        monkeypatch.setattr(encoder, "present", list)
        finding = only(site_of(box), "encoder")
        assert (finding.level, finding.do) == ("wrong", "install gstreamer1.0-plugins-ugly")


class TestDisplay:
    def test_a_display_that_may_not_be_opened(self, box):
        plug(box / "root")
        finding = only(site_of(box), "display")
        assert finding.level == "warning"
        assert "HDMI-A-1" in finding.says
        assert "group video" in finding.do

    def test_a_display_that_may(self, box):
        plug(box / "root")
        (box / "root/dev/dri").mkdir(parents=True)
        (box / "root/dev/dri/card1").touch()
        assert "to be shown at 1920x1080" in only(site_of(box), "display").says
        assert only(site_of(box, hdmi={"mode": "1280x720"}), "display").level == "ok"
        assert only(site_of(box, hdmi={"mode": "800x600"}), "display").level == "warning"

    def test_what_is_asked_for_and_cannot_be(self, box):
        assert only(site_of(box, hdmi={"output": "x11"}), "display").level == "wrong"
        assert only(site_of(box, hdmi={"output": "kms"}), "display").level == "wrong"
        assert only(site_of(box, hdmi={"output": "off"}), "display").level == "ok"
        plug(box / "root", status="disconnected")
        assert "nothing is plugged in" in only(site_of(box, hdmi={"output": "kms"}), "display").says

    def test_what_the_engine_says_of_it_counts(self, box):
        site = site_of(box)
        engine(site, faults=("hdmi: /dev/dri/card1: cannot be opened",))
        assert only(site, "display").level == "wrong"
        engine(site, display="HDMI-A-1 1920x1080")
        assert "HDMI-A-1 1920x1080" in only(site, "display").says


class TestModels:
    @pytest.fixture
    def folder(self, box, monkeypatch) -> Path:
        copy = box / "models"
        shutil.copytree(model_files.folder(), copy, ignore=shutil.ignore_patterns("build"))
        monkeypatch.setenv(model_files.ENVIRONMENT, str(copy))
        return copy

    def test_an_altered_file_and_a_missing_one(self, box, folder):
        one, other = model_files.models()[:2]
        with (folder / one.file).open("r+b") as file:
            file.seek(1000)
            file.write(b"x")
        (folder / other.file).unlink()
        findings = found(site_of(box), "models")
        assert [finding.level for finding in findings] == ["wrong", "wrong"]
        assert one.file in findings[0].says
        assert "install.sh" in findings[1].says

    def test_a_model_that_is_asked_for_and_unknown(self, box):
        assert "yunet-nothing" in only(site_of(box, faces={"detector": "yunet-nothing"}), "models").says


class TestStore:
    def test_nobody_is_a_warning(self, box):
        assert only(site_of(box), "store").level == "warning"

    def test_people_are_counted_and_photos_of_another_model_told(self, box):
        site = site_of(box)
        enrol(site)
        assert "1 enrolled, 1 of them to be shown" in only(site, "store").says
        enrol(site, "an-older-model")
        assert [finding.level for finding in found(site, "store")] == ["ok", "warning"]
        assert "mofy people refresh" in found(site, "store")[1].do

    def test_a_damaged_store(self, box):
        site = site_of(box)
        enrol(site)
        path = site.data / "people.db"
        body = path.read_bytes()
        path.write_bytes(body[:4096] + b"\xa5" * (len(body) - 4096))
        assert only(site, "store").level == "wrong"
        path.write_bytes(b"no database at all" * 100)
        assert only(site, "store").level == "wrong"

    def test_a_key_that_is_lost_cut_or_anothers(self, box):
        site = site_of(box)
        enrol(site)
        key = site.data / "key"
        for body in (None, b"short", os.urandom(32)):
            key.unlink() if body is None else key.write_bytes(body)
            finding = only(site, "store")
            assert finding.level == "wrong"
            assert "key" in finding.says


class TestSecrets:
    def test_files_and_a_folder_that_others_may_use(self, box):
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

    def test_a_certificate_elsewhere(self, box):
        pem = box / "box.pem"
        pem.write_text("secret")
        pem.chmod(0o604)
        assert str(pem) in only(site_of(box, rtsp={"certificate": str(pem)}), "secrets").says

    @pytest.mark.skipif(not IS_ROOT, reason="only root may give files away")
    def test_a_file_that_root_made_for_the_box(self, box):
        site = site_of(box)
        os.chown(site.data, 12345, 12345)
        (site.data / "key").touch(0o600)
        finding = only(site, "secrets")
        assert (finding.level, finding.do) == ("wrong", f"chown 12345 '{site.data / 'key'}'")


class TestDisk:
    @pytest.fixture
    def small_disk(self, box):
        place = box / "small"
        place.mkdir()
        made = IS_ROOT and subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)], check=False, capture_output=True
        )
        if not made or made.returncode:
            pytest.skip("mounting a small disk needs root")
        yield place
        subprocess.run(["umount", "-l", str(place)], check=True)

    def test_a_full_disk(self, box, small_disk):
        with contextlib.suppress(OSError), (small_disk / "fill").open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
        site = site_of(box, record={"folder": str(small_disk)})
        bad = [finding for finding in found(site, "disk") if finding.level == "wrong"]
        assert len(bad) == 1
        assert "no space left" in bad[0].says

    def test_a_disk_that_is_read_only(self, box, small_disk):
        subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
        site = site_of(box, record={"folder": str(small_disk)})
        assert any("read-only" in finding.says for finding in found(site, "disk") if finding.level == "wrong")

    def test_less_room_than_is_to_be_kept(self, box):
        site = site_of(box, record={"folder": str(box), "keep_free_mb": 10**9})
        (finding,) = [one for one in found(site, "disk") if one.says.startswith("recordings")]
        assert (finding.level, finding.do) == ("warning", "make room")

    @pytest.mark.skipif(IS_ROOT, reason="root may write everywhere")
    def test_a_folder_of_somebody_else(self, box):
        site = site_of(box)
        site.data.chmod(0o500)
        assert found(site, "disk")[0].level == "wrong"


def test_little_memory(box):
    for available_kb, level in ((3_000_000, "ok"), (250_000, "warning"), (50_000, "wrong")):
        (box / "root/proc/meminfo").write_text(f"MemTotal: 4000000 kB\nMemAvailable: {available_kb} kB\n")
        assert only(site_of(box), "memory").level == level
    engine(site_of(box))
    (box / "root/proc/meminfo").write_text("MemTotal: 4000000 kB\nMemAvailable: 250000 kB\n")
    assert only(site_of(box), "memory").level == "ok", "what the engine took already needs not be free"


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


class TestNetwork:
    def test_a_port_that_somebody_has(self, box):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            stream = found(site_of(box, rtsp={"address": "127.0.0.1", "port": port}), "network")[1]
            assert (stream.level, str(port) in stream.says) == ("wrong", True)
            page = only(site_of(box, page={"address": "127.0.0.1", "port": port}), "page")
            assert page.level == "wrong"

    def test_an_address_that_is_not_this_machines(self, box):
        assert found(site_of(box, rtsp={"address": "203.0.113.9", "port": 0}), "network")[1].level == "wrong"

    def test_no_network_at_all(self, box, monkeypatch):
        monkeypatch.setattr(reach, "lan_addresses", tuple)
        assert found(site_of(box), "network")[0].level == "warning"

    def test_the_engines_stream_is_asked(self, box):
        site = site_of(box)
        with socket.create_server(("127.0.0.1", port := free_port())):
            engine(site, address=f"rtsp://127.0.0.1:{port}/live")
            assert found(site, "network")[1].level == "ok"
        assert found(site, "network")[1].level == "wrong"


class TestPage:
    def answering(self, words: bytes) -> int:
        server = socket.create_server(("127.0.0.1", 0))

        def serve() -> None:
            with server, contextlib.suppress(OSError):
                connection, _ = server.accept()
                with connection:
                    connection.recv(4096)
                    connection.sendall(words)

        threading.Thread(target=serve, daemon=True).start()
        return server.getsockname()[1]

    @pytest.mark.parametrize(
        ("words", "level"),
        [
            (b"HTTP/1.0 302 Found\r\n\r\n", "ok"),
            (b"HTTP/1.0 500 Oh\r\n\r\n", "wrong"),
            (b"", "wrong"),
            (b"SSH-2.0\r\n", "wrong"),
        ],
    )
    def test_what_it_answers(self, box, words, level):
        site = site_of(box)
        reach.tell_page(site.data, "http", "127.0.0.1", self.answering(words))
        assert only(site, "page").level == level

    def test_one_that_ended_without_a_word(self, box):
        site = site_of(box)
        reach.tell_page(site.data, "https", "0.0.0.0", free_port())
        assert only(site, "page").level == "wrong"

    def test_none_beside_a_running_engine(self, box):
        site = site_of(box)
        engine(site)
        assert only(site, "page").level == "warning"


class TestBroker:
    def test_none(self, box):
        assert only(site_of(box), "broker") == Finding("ok", "none is configured", "", "broker")

    def test_one_that_is_not_there(self, box):
        finding = only(site_of(box, mqtt={"broker": "127.0.0.1", "port": 9}), "broker")
        assert finding.level == "wrong"
        assert "127.0.0.1:9" in finding.says

    def test_files_that_are_not_there(self, box):
        for option in ("password_file", "ca"):
            changes = {"broker": "127.0.0.1", "tls": True, option: str(box / "missing")}
            assert "missing" in only(site_of(box, mqtt=changes), "broker").says

    @needs_mosquitto
    def test_a_real_one_that_lets_in_and_one_that_does_not(self, box):
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


class TestPackages:
    def test_what_is_missing_is_named(self, box, monkeypatch):
        from appliance.doctor import packages

        monkeypatch.setattr(packages, "NEEDED", ("appsrc", "nothingsrc"))
        assert "nothingsrc" in found(site_of(box), "packages")[0].says
        monkeypatch.setattr(
            packages.metadata, "requires", lambda name: ["numpy>=2", "nothing-at-all>=1", "x>1; extra == 'y'"]
        )
        (python,) = found(site_of(box), "packages")[1:]
        assert (python.level, "nothing-at-all" in python.says, " x" in python.says) == ("wrong", True, False)


class TestExamine:
    def test_a_check_that_hangs_keeps_nobody_waiting(self, box, monkeypatch):
        from appliance.doctor import memory

        monkeypatch.setattr(memory, "check", lambda site: time.sleep(30))
        began = time.monotonic()
        (finding,) = doctor.examine(site_of(box), ("memory",), longest_s=0.2)
        assert time.monotonic() - began < 5 * slowness()
        assert (finding.level, "no answer" in finding.says) == ("wrong", True)

    def test_a_check_that_falls_over_is_a_finding(self, box):
        (box / "root/proc/meminfo").write_text("rubbish")
        finding = only(site_of(box), "memory")
        assert (finding.level, "cannot be checked" in finding.says) == ("wrong", True)
