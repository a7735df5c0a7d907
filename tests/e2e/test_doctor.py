"""`mofy doctor` beside a running engine: the camera is taken, the port is the engine's, and that is no fault."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.mofy_process import CHECKOUT, Mofy, Viewer, needs_gstreamer

pytestmark = needs_gstreamer


def doctor(data: Path, *words: str) -> dict[str, list[dict[str, str]]]:
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(data)}
    environment.pop("RUNTIME_DIRECTORY", None)
    command = [sys.executable, "-m", "appliance.cli", "doctor", "--json", "--data", str(data), *words]
    done = subprocess.run(
        command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.stderr == ""
    found: dict[str, list[dict[str, str]]] = {}
    for finding in json.loads(done.stdout):
        found.setdefault(finding["check"], []).append(finding)
    return found


def test_what_the_engine_has_its_report_tells_of(tmp_path):
    with Mofy(tmp_path, "--source", "test", "--fps", "15", detector="blind") as mofy:
        Viewer(mofy.address).wait_for(lambda picture: picture.ground < 20, 20)  # a ball on black
        found = doctor(tmp_path, "camera", "network", "display", "page", "--source", "/dev/video99")
        assert "the engine has it" in found["camera"][0]["says"]
        assert found["network"][1]["level"] == "ok"
        assert "answers" in found["network"][1]["says"]
        assert found["page"][0]["level"] == "warning", "this one runs with --no-page"
        mofy.process.kill()
        mofy.process.wait()
