"""The service as a process, and the command beside it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from appliance.network import own, report
from tests.network.conftest import HOME, PASSWORD

MOFY = (sys.executable, "-m", "appliance.cli", "network")


def mofy(field, *words: str, said: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*MOFY, *words], env=environment(field), input=said, capture_output=True, text=True, timeout=60, check=False
    )


def environment(field) -> dict[str, str]:
    return {**os.environ, "MOFY_DATA": str(field.site.data), "RUNTIME_DIRECTORY": str(field.site.runtime)}


@pytest.fixture
def service(field):
    running = subprocess.Popen([*MOFY, "keep", "--root", str(field.site.root)], env=environment(field))
    yield running
    running.terminate()
    assert running.wait(20) == 0


def test_without_the_service_every_command_says_so_in_a_line(field):
    assert "does not run" in mofy(field).stdout
    for words in (("scan",), ("join", "Home"), ("hotspot", "on"), ("forget", "Home")):
        run = mofy(field, *words, said="some words\n")
        assert (run.returncode, run.stderr.count("\n")) == (1, 1), run
        assert "does not run" in run.stderr


def test_a_person_at_the_box_uses_it(field, service):
    import time

    end_at = time.monotonic() + 30
    while report.read(field.site.runtime) is None and time.monotonic() < end_at:
        time.sleep(0.1)
    assert f"70 %  {HOME}" in mofy(field, "scan").stdout
    failed = mofy(field, "join", HOME, said="not the word\n")
    assert (failed.returncode, "the password is not the right one" in failed.stderr) == (1, True), failed
    joined = mofy(field, "join", HOME, said=f"{PASSWORD}\n")
    assert (joined.returncode, joined.stdout) == (0, f"in the Wi-Fi {HOME} at 192.168.1.5\n"), joined
    assert "own Wi-Fi: MOFY-" in mofy(field).stdout
    secret = own.read(field.site.data).password
    assert secret not in mofy(field).stdout
    assert secret in mofy(field, "status", "--password").stdout
    opened = mofy(field, "hotspot", "on")
    assert (opened.returncode, field.told.own_kept) == (0, True), opened
    assert mofy(field, "forget", HOME).stdout == f"{HOME} is forgotten\n"
    assert PASSWORD not in " ".join(word for call in field.calls for word in call)
