"""The units: understood by systemd, tight, and in step with what the program does."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from appliance import parts
from appliance.box import keys, system_files
from appliance.box.places import Places
from appliance.box.releases import WHOLE
from appliance.capture import _argus
from appliance.cli._options import SERVICE_FOLDER
from appliance.network import joining, profiles
from appliance.store import sealing
from web import portal

UNITS = Path(__file__).resolve().parents[1] / "systemd"
KEYS = "mofy-keys.service"
SERVICES = ("mofy-engine.service", "mofy-control.service", "mofy-jobs.service")
NETWORK = "mofy-network.service"
UPDATE = "mofy-update.service"
PROGRAM = "/opt/mofy/current/.venv/bin/mofy"
UNFINISHED = f"{Places().unfinished}/.venv/bin/mofy"

needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units, with a program that is here: verify looks for it."""
    for unit in UNITS.glob("mofy*.*"):
        text = unit.read_text(encoding="utf-8")
        for program in (PROGRAM, UNFINISHED):
            text = text.replace(program, sys.executable)
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    return tmp_path


def analyzed(*options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *map(str, options)], capture_output=True, text=True, check=False, timeout=60
    )


def section(unit: str, name: str) -> dict[str, list[str]]:
    """Options of a section; an option may be given several times."""
    found: dict[str, list[str]] = {}
    text = (UNITS / unit).read_text(encoding="utf-8").partition(f"[{name}]\n")[2].partition("\n[")[0]
    for line in text.splitlines():
        if "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


@needs_systemd
def test_systemd_understands_every_line(units):
    """It exits 0 whatever it finds, so what it says counts."""
    names = sorted(unit.name for unit in units.iterdir() if unit.suffix in (".service", ".target", ".socket"))
    others = (NETWORK, UPDATE, KEYS, "mofy-first-boot.service", "mofy-portal.socket", "mofy.target")
    assert names == sorted((*SERVICES, *others))
    said = analyzed("verify", "--man=no", *(units / name for name in names))
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")


@needs_systemd
def test_a_wrong_line_would_be_told(units):
    broken = units / SERVICES[0]
    broken.write_text(broken.read_text().replace("RestrictSUIDSGID", "RestrictSUIDGID"))
    said = analyzed("verify", "--man=no", broken)
    assert "RestrictSUIDGID" in said.stderr + said.stdout


@needs_systemd
@pytest.mark.parametrize(
    ("unit", "most"),
    [("mofy-engine.service", 40), ("mofy-control.service", 25), ("mofy-jobs.service", 25), (NETWORK, 25), (KEYS, 25)],
)
def test_the_services_are_tight(units, unit, most):
    """Exposure in tenths: the engine needs devices and the network, the page next to nothing."""
    judged = analyzed("security", "--offline=true", f"--threshold={most}", "--no-pager", units / unit)
    assert judged.returncode == 0, judged.stdout.splitlines()[-1:]


@pytest.mark.parametrize("unit", SERVICES)
def test_the_services_start_commands_that_exist(unit):
    (line,) = section(unit, "Service")["ExecStart"]
    program, name, *words = line.split()
    assert program == PROGRAM
    command: click.Command = parts.part("cli", name).command
    known = {text for option in command.params for text in (*option.opts, *option.secondary_opts)}
    assert {word for word in words if word.startswith("--")} <= known


@pytest.mark.parametrize("unit", SERVICES)
def test_the_services_agree_on_where_things_are(unit):
    service = section(unit, "Service")
    given = dict(one.split("=") for one in service["Environment"][0].split())
    assert given["MOFY_DATA"] == str(SERVICE_FOLDER) == "/var/lib/mofy"
    assert service["ReadWritePaths"] == ["/var/lib/mofy /run/mofy"]
    assert given["RUNTIME_DIRECTORY"] == "/run/mofy"
    for folder in service["ReadWritePaths"][0].split():
        assert f"d {folder} 2770 mofy mofy" in (UNITS / "mofy.tmpfiles.conf").read_text()
    assert re.search(rf"^u {service['User'][0]} ", (UNITS / "mofy.sysusers.conf").read_text(), re.MULTILINE)
    assert (service["Group"], service["UMask"]) == (["mofy"], ["0007"])


def test_the_page_is_another_user_than_the_engine():
    """Who gets into the page must not get at the engine's memory: raw pixels are in it."""
    engine, page, jobs = (section(unit, "Service")["User"] for unit in SERVICES)
    assert engine != page == jobs


@pytest.mark.parametrize("unit", SERVICES)
def test_the_services_always_come_back(unit):
    service = section(unit, "Service")
    assert service["Restart"] == ["always"]
    assert section(unit, "Unit")["StartLimitIntervalSec"] == ["0"]
    assert service["Type"] == ["notify"]
    assert service["LimitCORE"] == ["0"], "a core dump of the engine would be raw pixels on disk"


def test_only_the_engine_has_devices():
    engine, page, jobs = (section(unit, "Service") for unit in SERVICES)
    assert "video" in engine["SupplementaryGroups"][0]
    for other in (page, jobs):
        assert other["PrivateDevices"] == ["yes"]
        assert not {"SupplementaryGroups", "DeviceAllow"} & set(other)
    assert (jobs["IPAddressDeny"], jobs["Nice"]) == (["any"], ["19"])
    near = ["localhost link-local 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7"]
    assert (page["IPAddressDeny"], page["IPAddressAllow"]) == (["any"], near)


@pytest.mark.parametrize("unit", ["mofy-engine.service", "mofy-first-boot.service"])
def test_a_jetsons_gpu_can_be_reached(unit):
    """What CUDA opens there: nvgpu's nodes and nvhost's, the memory's, a fence, and the renderer."""
    allowed = {line.removesuffix(" rw") for line in section(unit, "Service")["DeviceAllow"]}
    assert {"char-nv*", "char-*.gpu", "char-*.ga10b", "char-host1x*", "/dev/nvmap", "char-drm"} <= allowed
    assert {"video", "render"} <= set(section(unit, "Service")["SupplementaryGroups"][0].split())


def test_a_jetsons_cameras_can_be_reached():
    engine = section("mofy-engine.service", "Service")
    (wait,) = engine["ExecStartPre"]
    assert wait.startswith("-+/usr/bin/timeout 5 "), (
        "a box without that service, or without its socket, starts all the same"
    )
    assert f'! grep -q "{_argus.LISTENS}.* {_argus.SOCKET}" {_argus.SOCKETS}' in wait, (
        "one that nobody listens at is no use"
    )
    assert engine["BindPaths"] == [f"-{_argus.SOCKET}"]
    assert "nvargus-daemon.service" in section("mofy-engine.service", "Unit")["After"][0].split()


def test_the_target_is_the_whole_box():
    target = configparser.ConfigParser()
    target.read(UNITS / "mofy.target", encoding="utf-8")
    assert set(target["Unit"]["Wants"].split()) == {*SERVICES, NETWORK, UPDATE, KEYS, "mofy-first-boot.service"}
    for unit in SERVICES:
        assert section(unit, "Unit")["PartOf"] == section(unit, "Install")["WantedBy"] == ["mofy.target"]


def test_the_network_service_is_root_without_roots_rights():
    service, unit = section(NETWORK, "Service"), section(NETWORK, "Unit")
    assert (service["User"], service["Group"], service["UMask"]) == (["root"], ["mofy"], ["0007"])
    assert service["CapabilityBoundingSet"] == service["AmbientCapabilities"] == [""]
    assert service["IPAddressDeny"] == ["any"]
    assert (service["Restart"], unit["StartLimitIntervalSec"], unit["PartOf"]) == (["always"], ["0"], ["mofy.target"])
    writable = service["ReadWritePaths"][0].split()
    assert {f"-/{joining.SAVED}", f"-/{Path(joining.VOLATILE).parent}"} < set(writable)
    (line,) = service["ExecStart"]
    assert line == f"{PROGRAM} network keep --config /etc/mofy/mofy.toml"
    assert "keep" in parts.part("cli", "network").command.commands


def test_each_service_asks_for_the_keys_it_reads_and_no_others():
    """Not by a path: then one that is missing would keep the service from starting."""
    asked = {unit: set(section(unit, "Service").get("LoadCredentialEncrypted", [])) for unit in (*SERVICES, NETWORK)}
    people, files, page = (sealing.CREDENTIALS[place] for place in ("key", "jobs/key", "page-key"))
    assert list(asked.values()) == [{people}, {people, files, page}, {people, files}, set()]


def test_the_keys_are_offered_before_anybody_asks_for_them():
    unit, service = section(KEYS, "Unit"), section(KEYS, "Service")
    assert set(unit["Before"][0].split()) == set(SERVICES)
    assert unit["PartOf"] == section(KEYS, "Install")["WantedBy"] == ["mofy.target"]
    assert unit["ConditionPathExists"] == [f"/usr/bin/{sealing.PROGRAM}"]
    assert service["CapabilityBoundingSet"] == service["AmbientCapabilities"] == [""]
    store = f"/{keys.OFFERED}"
    script = Path(keys.__file__).with_name("offer_keys.sh")
    assert service["ExecStart"] == [f"-/bin/sh /opt/mofy/current/appliance/box/{script.name} {SERVICE_FOLDER} {store}"]
    assert service["ReadWritePaths"] == [store]
    assert f"d {store} 0700 root root" in (UNITS / "mofy.tmpfiles.conf").read_text()
    told = script.read_text()
    assert all(f'"$1/{place}.sealed" "$2/{name}"\n' in told for place, name in sealing.CREDENTIALS.items())


def test_a_systemd_that_cannot_open_keys_is_not_asked_to(tmp_path, monkeypatch):
    """Ubuntu 22.04's does not know the option, and would say so at every start."""
    monkeypatch.setattr(sealing, "PROGRAM", "no-such-program")
    placed = system_files.targets(UNITS.parent, Places(tmp_path))
    assert not any(b"LoadCredentialEncrypted" in content for content in placed.values())


def test_the_portal_is_only_where_the_own_network_is():
    assert section("mofy-portal.socket", "Socket")["ListenStream"] == [f"{profiles.OWN_ADDRESS}:80"]
    assert section("mofy-portal.socket", "Socket")["FileDescriptorName"] == [portal.SOCKET]
    assert section("mofy-control.service", "Service")["Sockets"] == ["mofy-portal.socket"]
    assert f"address=/#/{profiles.OWN_ADDRESS}\n" in (UNITS / "mofy.dnsmasq.conf").read_text()


def test_an_update_is_ended_by_the_program_that_worked_and_outlives_the_others():
    """The new one may be worth nothing, and who goes back stops mofy.target."""
    service, unit = section(UPDATE, "Service"), section(UPDATE, "Unit")
    assert service["ExecStart"] == [f"{UNFINISHED} box resume"]
    assert "resume" in parts.part("cli", "box").command.commands
    assert unit["ConditionPathExists"] == [f"{Places().unfinished}/{WHOLE}"]
    assert "PartOf" not in unit
    assert "mofy-engine.service" in unit["After"][0].split()
