"""`mofy control` by itself, and as the child of `mofy run`: either may die and come back alone."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from appliance.cli._page import Child
from appliance.store import Desired
from tests.mofy_process import CHECKOUT, Mofy, Viewer, needs_gstreamer
from tests.page_visitor import PageVisitor
from tests.ports import free_port
from tests.waiting import PATIENCE_S, awaited, slowness

MOFY = (sys.executable, "-m", "appliance.cli")


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "MOFY_DATA": str(tmp_path / "data"), "RUNTIME_DIRECTORY": str(tmp_path / "run")}


def asked(address: str, path: str = "health") -> dict:
    try:
        with urllib.request.urlopen(address + path, timeout=5) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as answer:
        return json.load(answer)


def answers(address: str) -> bool:
    try:
        asked(address)
    except OSError:
        return False
    return True


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, "eof"])
def test_it_serves_until_it_is_told_to_end(environment, how):
    options = ("control", "--port", "0", "--address", "127.0.0.1", *(("--until-eof",) if how == "eof" else ()))
    with subprocess.Popen(
        [*MOFY, *options], cwd=CHECKOUT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        address = re.fullmatch(r"page: (http://127\.0\.0\.1:\d+/)\n", process.stdout.readline())[1]
        assert asked(address) == {"page": "ok", "engine": "off"}
        began = time.monotonic()
        if how == "eof":
            process.stdin.close()
        else:
            process.send_signal(how)
        assert process.wait(PATIENCE_S) == 0
        assert time.monotonic() - began < 2 * slowness()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--address", "192.0.2.1"), "cannot listen on"),
        (("--port", "70000"), "--port"),
        (("--port", "-1"), "--port"),
        (("--mqtt", ":1883"), "--mqtt"),
    ],
)
def test_what_it_cannot_do_is_one_line(environment, options, words):
    run = subprocess.run(
        [*MOFY, "control", *options],
        cwd=CHECKOUT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
    )
    assert run.returncode != 0
    assert words in run.stderr
    assert "Traceback" not in run.stderr
    assert run.stdout == ""


def test_a_page_that_cannot_start_says_so_once_and_is_tried_again(tmp_path, monkeypatch):
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path / "run"))
    monkeypatch.chdir(CHECKOUT)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with Child("control", tmp_path / "data", "--address", "127.0.0.1", "--port", str(port)) as page:
            said: list[str] = []
            end_at = time.monotonic() + 6
            while time.monotonic() < end_at:
                said += page.keep()
                time.sleep(0.1)
            assert [line for line in said if "in use" in line] == said
            assert len(said) == 1
            taken.close()
            awaited(lambda: [line for line in page.keep() if line == f"page: http://127.0.0.1:{port}/"])


def children(mofy: Mofy, command: str) -> list[psutil.Process]:
    """The processes of a command beside `mofy run`."""
    return [child for child in psutil.Process(mofy.process.pid).children() if _runs(child, command)]


def _runs(child: psutil.Process, command: str) -> bool:
    with suppress(psutil.Error):
        return command in child.cmdline()
    return False


@needs_gstreamer
def test_either_dies_and_comes_back_alone(tmp_path):
    port = free_port()
    address = f"http://127.0.0.1:{port}/"
    data = tmp_path / "data"
    with Mofy(
        data, "--source", "test", "--width", "320", "--height", "240", "--page", "--page-port", str(port)
    ) as mofy:
        viewer = Viewer(mofy.address)
        viewer.wait_for(lambda picture: True)
        (child,) = awaited(lambda: children(mofy, "control"))
        (worker,) = awaited(lambda: children(mofy, "jobs"))
        awaited(lambda: f"page: {address}" in mofy.said())
        awaited(lambda: asked(address)["engine"] == "running")
        operator = PageVisitor(address, data)
        assert operator.json()["told"]["headline"] == "Live"

        Desired(data).set_setting("mode", "cover-everyone", "test")
        awaited(lambda: operator.json()["status"]["mode"] == "cover-everyone")

        child.kill()
        killed_at = time.monotonic()
        again = awaited(lambda: [one for one in children(mofy, "control") if one.pid != child.pid])
        awaited(lambda: answers(address))
        assert operator.json()["status"]["state"] == "running", "the login outlives the page's process"
        gaps = [b.at - a.at for a, b in zip(viewer.seen, viewer.seen[1:]) if b.at > killed_at]
        assert max(gaps) < 0.8 * slowness(), "the picture does not care"

        os.kill(mofy.process.pid, signal.SIGKILL)
        mofy.process.wait(PATIENCE_S)
        assert psutil.wait_procs([*again, worker], PATIENCE_S)[1] == [], "neither page nor worker is left behind"


@needs_gstreamer
def test_without_a_page_there_is_no_child(tmp_path):
    with Mofy(tmp_path / "data", "--source", "test", "--no-page") as mofy:
        Viewer(mofy.address).wait_for(lambda picture: True)
        time.sleep(1)
        assert psutil.Process(mofy.process.pid).children() == []
