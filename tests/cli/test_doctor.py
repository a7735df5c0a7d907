"""`mofy doctor` as a user types it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.mofy_process import CHECKOUT, needs_gstreamer

pytestmark = needs_gstreamer


def doctor(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(folder)}
    environment.pop("RUNTIME_DIRECTORY", None)
    command = [sys.executable, "-m", "appliance.cli", "doctor", "--data", str(folder / "data"), *words]
    return subprocess.run(
        command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False, timeout=120
    )


def test_one_line_each_and_1_when_anything_is_wrong(tmp_path):
    done = doctor(tmp_path, "--source", "/dev/video99")
    assert done.returncode == 1
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert all(line.split()[0] in ("ok", "warning", "wrong") for line in lines)
    assert any(line.startswith("wrong    camera    /dev/video99") for line in lines)
    assert not (tmp_path / "data").exists()


def test_single_checks_and_0_when_nothing_is_wrong(tmp_path):
    done = doctor(tmp_path, "models", "store")
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 2)


def test_json_for_programs(tmp_path):
    done = doctor(tmp_path, "--json", "camera", "--source", "nowhere")
    assert done.returncode == 1
    (finding,) = json.loads(done.stdout)
    assert (finding["check"], finding["level"], set(finding)) == ("camera", "wrong", {"check", "level", "says", "do"})


def test_the_board_and_by_what_it_was_told(tmp_path):
    done = doctor(tmp_path, "--board")
    assert done.returncode == 0
    assert {"board", "taken", "encoder", "display"} <= {line.split()[0] for line in done.stdout.splitlines()}
    rows = json.loads(doctor(tmp_path, "--board", "--json").stdout)
    assert all(set(row) == {"what", "found", "why"} for row in rows)


def test_a_check_that_does_not_exist(tmp_path):
    done = doctor(tmp_path, "camara")
    assert done.returncode == 2
    assert "camera" in done.stderr


def test_a_configuration_that_is_wrong_is_one_line(tmp_path):
    (tmp_path / "mofy.toml").write_text("[hdmi]\noutput = 'screen'\n")
    done = doctor(tmp_path, "--config", str(tmp_path / "mofy.toml"))
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "hdmi.output" in done.stderr
