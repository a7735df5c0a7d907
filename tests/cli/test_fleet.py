"""`mofy fleet` as users type it: two boxes, each with its control process, and a real broker."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys

import pytest
from click.testing import CliRunner

from appliance.cli import cli
from appliance.cli.fleet import _mode
from appliance.cli.fleet._broker import Given
from appliance.cli.fleet._heard import heard
from appliance.errors import MofyError
from appliance.fleet import errand, joining
from appliance.mqtt.setup import setup
from appliance.store import Store
from appliance.store.membership import BrokerPlace
from tests.fleet.boxes import Box, eventually, template
from tests.mosquitto import Mosquitto, needs_mosquitto
from tests.ports import free_port
from tests.waiting import PATIENCE_S

pytestmark = needs_mosquitto

NO_BROKER = Given(None, None, None, False, None, None)
"""Options of a command that names none."""


class Machine:
    """A data folder, and `mofy` on it: commands within this process, what stays running in its own."""

    def __init__(self, folder):
        self.data = folder
        self.control = None

    def mofy(self, *words, fails=False):
        done = CliRunner().invoke(cli, [*words, "--data", str(self.data)])
        assert done.exception is None or isinstance(done.exception, (MofyError, SystemExit)), done.exception
        assert (done.exit_code != 0) == fails, done.output
        return f"{done.output}{done.exception}" if fails else done.output

    def start(self, *words):
        command = [sys.executable, "-m", "appliance.cli", *words, "--data", str(self.data)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def on(self):
        self.control = self.start("control", "--port", "0", "--address", "127.0.0.1")
        assert "page" in self.control.stdout.readline()

    def off(self):
        if self.control is not None:
            self.control.send_signal(signal.SIGTERM)
            _, err = self.control.communicate(timeout=PATIENCE_S)
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


def test_a_fleet_from_the_first_invitation_to_the_last_goodbye(machines, mosquitto, monkeypatch):
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
    with monkeypatch.context() as impatient:
        impatient.setattr(_mode, "OBEY_S", 1.0)
        assert "as soon as it hears of it" in studio.mofy("fleet", "slate", fails=True)
    stage.on()
    eventually(lambda: stage.store.settings()["mode"] == "slate")

    with heard(studio.data, NO_BROKER) as rows:
        eventually(lambda: [row.online for row in rows()] == [True, True])
        assert "key 2" in studio.mofy("fleet", "rotate")
        eventually(lambda: [row.online for row in rows()] == [True, True])
    studio.mofy("people", "remove", "Ben")
    eventually(lambda: stage.names() == ["Ann"])

    assert "1 people whom other boxes enrolled were removed" in stage.mofy("fleet", "leave", "--yes")
    assert stage.names() == []
    eventually(lambda: "taken out" in studio.mofy("fleet", "members"))
    eventually(lambda: "key 3" in studio.mofy("fleet", "members"))
    assert studio.names() == ["Ann"]


def test_who_comes_while_the_key_is_changed_is_given_the_new_one_and_knows_everybody(machines, mosquitto):
    """Nobody but `mofy fleet invite` answers here."""
    studio, stage, late = machines
    studio.store.enrol("Ann", [template()], "test")
    where = ("--broker", f"127.0.0.1:{mosquitto.port}", "--address", "127.0.0.1", "--name", "Studio")
    first = studio.start("fleet", "invite", *where)
    assert "1 people are known here now" in stage.mofy("fleet", "join", code_of(first), "--name", "Stage")
    assert "Stage" in first.communicate(timeout=30)[0]
    second = studio.start("fleet", "invite", "--address", "127.0.0.1")
    code = code_of(second)
    assert "key 2" in stage.mofy("fleet", "rotate")
    eventually(lambda: "key 2" in studio.mofy("fleet", "members"))
    assert "with 2 other boxes" in late.mofy("fleet", "join", code, "--name", "Late")
    assert "Late" in second.communicate(timeout=30)[0]
    assert late.store.membership().fleet().key == stage.store.membership().fleet().key
    assert late.names() == ["Ann"]


def code_of(inviting):
    """What a running `mofy fleet invite` prints."""
    line = next(line for line in inviting.stdout if line.startswith("mofy fleet join"))
    return line.split()[-1]


def test_what_cannot_be_is_told_in_one_line(tmp_path, mosquitto, monkeypatch):
    monkeypatch.setattr(joining, "CONNECT_S", 2.0)

    def told(*words):
        done = CliRunner().invoke(cli, ["fleet", *words, "--data", str(tmp_path / "data")])
        assert done.exit_code != 0
        assert isinstance(done.exception, (MofyError, SystemExit)), done.exception
        return f"{done.output}{done.exception}"

    here = ["--broker", f"127.0.0.1:{mosquitto.port}", "--address", "127.0.0.1", "--no-wait"]
    assert "nobody is enrolled here yet" in told("rotate")
    assert "which broker?" in told("invite")
    assert "HOST or HOST:PORT" in told("invite", "--broker", "a b:99999")
    assert "no whole invitation" in told("join", "mofy1-abc")
    assert "no whole invitation" in told("join", "-")
    assert "has no broker that answers" in told("invite", "--broker", "127.0.0.1:1")
    assert "in no fleet" in told("rotate")
    assert CliRunner().invoke(cli, ["fleet", "invite", *here, "--data", str(tmp_path / "data")]).exit_code == 0
    assert "no box of the fleet is called 'Nobody'" in told("slate", "--box", "Nobody")
    own = Store.open(tmp_path / "data").membership().fleet().box
    assert "cannot take itself out" in told("rotate", "--without", own)
    assert "a fleet already" in told("invite", *here)
    assert "not both" in told("slate", "--all", "--box", own)


def test_the_boxs_own_broker_is_named_by_the_configuration_and_others_come_encrypted(machines, tmp_path):
    studio, stage, _ = machines
    etc, ports = tmp_path / "etc", (free_port(), free_port())
    made = setup(etc, studio.data, ports=ports)
    config = tmp_path / "mofy.toml"
    config.write_text(f'[mqtt]\nbroker = "127.0.0.1"\nport = {ports[0]}\n')
    lines = made.configuration.read_text(encoding="utf-8").splitlines()
    with Mosquitto(tmp_path / "run", lines, ports[0]):
        studio.store.enrol("Ann", [template()], "test")
        inviting = studio.start("fleet", "invite", "--config", str(config), "--name", "Studio",
                                "--address", f"127.0.0.1:{ports[1]}", "--ca", str(etc / "ca.pem"))  # fmt: skip
        stage.mofy("fleet", "join", code_of(inviting), "--name", "Stage")
        out, err = inviting.communicate(timeout=30)
        assert inviting.returncode == 0, err
        assert "Stage" in out
        fleet = stage.store.membership().fleet()
        assert (fleet.broker.port, fleet.broker.tls, fleet.broker.user) == (ports[1], True, "mofy")
        assert stage.names() == ["Ann"], "what the broker knew is known at once"
        assert "with TLS" in stage.mofy("fleet", "members")
        secret = fleet.broker.password
        readable = [
            path for path in stage.data.iterdir() if path.is_file() and secret in path.read_bytes().decode("latin1")
        ]
        assert all(path.stat().st_mode & 0o077 == 0 for path in readable)
        rows = json.loads(stage.mofy("fleet", "list", "--json"))
        assert {row["name"] for row in rows if row["member"]} == {"Studio", "Stage"}


@pytest.mark.parametrize(("words", "covered"), [((), True), (("--box", "Box a"), True), (("--box", "Box b"), False)])
def test_the_box_that_a_person_stands_at_obeys_though_the_broker_is_gone(tmp_path, monkeypatch, words, covered):
    monkeypatch.setattr(errand, "CONNECT_S", 0.1)
    a, b = (Box(tmp_path, name, BrokerPlace("127.0.0.1", free_port())) for name in "ab")
    a.found()
    a.store.membership().put_members([b.member])
    told = Machine(a.folder).mofy("fleet", "slate", *words, fails=True)
    assert "broker" in told
    assert ("Box a (a): slate" in told) == covered
    assert (a.store.settings().get("mode") == "slate") == covered
