"""The commands that README and docs/mqtt.md give for a broker on the box, typed as they stand there."""

from __future__ import annotations

import re
import subprocess

import pytest

from appliance import config
from appliance.mqtt import agent
from appliance.store import Desired
from tests.mofy_process import CHECKOUT
from tests.mosquitto import needs_clients, needs_mosquitto
from tests.mqtt.test_setup import Own
from tests.waiting import PATIENCE_S, awaited

pytestmark = [needs_mosquitto, needs_clients]

PAGES = ("README.md", "docs/mqtt.md")


def examples() -> list[str]:
    """Every command line with a client of mosquitto's."""
    lines = [line for page in PAGES for line in (CHECKOUT / page).read_text(encoding="utf-8").splitlines()]
    return [line.partition("    # ")[0] for line in lines if line.startswith("mosquitto_")]


@pytest.fixture(scope="module")
def box(tmp_path_factory):
    """(broker, agent) of a box that has its own."""
    own = Own(tmp_path_factory.mktemp("own"))
    runtime = tmp_path_factory.mktemp("run")
    one = agent.build(config.load(changes={"mqtt": {"broker": "127.0.0.1", "port": own.ports[0]}}), own.data, runtime)
    with own.broker:
        one.start()
        assert one.connection.wait(PATIENCE_S)
        yield own, one
        one.close()


def test_there_are_some_of_each():
    assert {line.split()[0] for line in examples()} == {"mosquitto_sub", "mosquitto_pub", "mosquitto_rr"}


@pytest.mark.parametrize("line", sorted(set(examples())))
def test_it_does_what_it_says(box, line):
    own, one = box
    Desired(own.data).set_setting("mode", "selective", "test")
    typed = re.sub("BOX|k3f9q2x7", one.topics.box, line.replace("mofy.local -p 8883", f"127.0.0.1 -p {own.ports[1]}"))
    if typed.startswith("mosquitto_sub"):
        typed += " -C 1 -W 10"
    ran = subprocess.run(
        ["bash", "-c", typed], cwd=own.folder, capture_output=True, text=True, timeout=30, check=False
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    wished = re.search("command/([a-z-]+)", line)
    if wished is None:
        assert ran.stdout.startswith(f"mofy/{one.topics.box}/")
    else:
        awaited(lambda: Desired(own.data).settings()["mode"] == wished[1])
    if typed.startswith("mosquitto_rr"):
        assert '"ok":true' in ran.stdout
