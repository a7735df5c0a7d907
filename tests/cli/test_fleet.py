"""`mofy fleet` as users type it: two boxes, each with its control process, and a real broker."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time

import pytest

from appliance.store import Store
from tests.fleet.boxes import eventually, template
from tests.mosquitto import Mosquitto, needs_mosquitto

pytestmark = needs_mosquitto


class Machine:
    """A data folder, and `mofy` on it."""

    def __init__(self, folder):
        self.data = folder
        self.control = None

    def mofy(self, *words, fails=False):
        run = self.start(*words)
        out, err = run.communicate(timeout=90)
        assert (run.returncode != 0) == fails, f"{out}\n{err}"
        assert "Traceback" not in err
        return err if fails else out

    def start(self, *words):
        command = [sys.executable, "-m", "appliance.cli", *words, "--data", str(self.data)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def on(self):
        self.control = self.start("control", "--port", "0", "--address", "127.0.0.1")
        assert "page" in self.control.stdout.readline()

    def off(self):
        if self.control is not None:
            self.control.send_signal(signal.SIGTERM)
            _, err = self.control.communicate(timeout=20)
            assert "Traceback" not in err, err
            self.control = None

    @property
    def store(self):
        return Store.open(self.data, create=True)

    def names(self):
        return [person.name for person in self.store.people()]


@pytest.fixture(scope="module")
def mosquitto(tmp_path_factory):
    folder = tmp_path_factory.mktemp("broker")
    with Mosquitto(folder) as broker:
        yield broker


@pytest.fixture
def machines(tmp_path, monkeypatch):
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    made = [Machine(tmp_path / name) for name in ("studio", "stage", "late")]
    yield made
    for machine in made:
        machine.off()


def test_a_fleet_from_the_first_invitation_to_the_last_goodbye(machines, mosquitto):
    studio, stage, late = machines
    studio.store.enrol("Ann", [template()], "test")
    stage.store.enrol("Ben", [template("ben")], "test")
    told = studio.mofy("fleet", "invite", "--broker", f"127.0.0.1:{mosquitto.port}", "--address", "127.0.0.1",
                       "--name", "Studio", "--no-wait")  # fmt: skip
    assert "█" in told, "a QR that a phone can read"
    code = re.search(r"mofy fleet join (\S+)", told)[1]
    studio.on()
    assert "2 people are known here now" in stage.mofy("fleet", "join", code, "--name", "Stage")
    stage.on()
    eventually(lambda: studio.names() == stage.names() == ["Ann", "Ben"])
    assert "lets one box in" in told
    assert "nobody lets this box in" in late.mofy("fleet", "join", code, "--wait", "3", fails=True), (
        "a code is good for one box"
    )

    eventually(lambda: studio.mofy("fleet", "list").count(" on ") == 2)
    studio.mofy("fleet", "cover-everyone")
    assert studio.store.settings()["mode"] == stage.store.settings()["mode"] == "cover-everyone"
    stage.mofy("fleet", "selective", "--box", "Studio")
    assert (studio.store.settings()["mode"], stage.store.settings()["mode"]) == ("selective", "cover-everyone")

    stage.off()
    studio.mofy("fleet", "slate", fails=True)
    stage.on()
    eventually(lambda: stage.store.settings()["mode"] == "slate")

    assert "key 2" in studio.mofy("fleet", "rotate")
    studio.mofy("people", "remove", "Ben")
    eventually(lambda: stage.names() == ["Ann"])

    assert "1 people whom other boxes enrolled were removed" in stage.mofy("fleet", "leave", "--yes")
    assert stage.names() == []
    eventually(lambda: "taken out" in studio.mofy("fleet", "members"))
    eventually(lambda: "key 3" in studio.mofy("fleet", "members"))
    assert studio.names() == ["Ann"]


def test_what_cannot_be_is_told_in_one_line(machines, mosquitto):
    studio, *_ = machines
    assert "in no fleet" in (studio.store.close() or studio.mofy("fleet", "rotate", fails=True))
    assert "which broker?" in studio.mofy("fleet", "invite", fails=True)
    assert "no whole invitation" in studio.mofy("fleet", "join", "mofy1-abc", fails=True)
    assert "has no broker that answers" in studio.mofy("fleet", "invite", "--broker", "127.0.0.1:1", fails=True)
    studio.mofy("fleet", "invite", "--broker", f"127.0.0.1:{mosquitto.port}", "--address", "127.0.0.1", "--no-wait")
    assert "no box of the fleet is called 'Nobody'" in studio.mofy("fleet", "slate", "--box", "Nobody", fails=True)
    assert "cannot take itself out" in studio.mofy(
        "fleet", "rotate", "--without", studio.store.membership().fleet().box, fails=True
    )
    started = time.monotonic()
    assert "a fleet already" in studio.mofy("fleet", "invite", "--broker", f"127.0.0.1:{mosquitto.port}", fails=True)
    assert time.monotonic() - started < 30
