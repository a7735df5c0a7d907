"""`mofy status` tells what the engine reported, and that it is old when it is."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import pytest
from click.testing import CliRunner
from rich.console import Console

from appliance import status
from appliance.cli import cli
from appliance.cli.status import table
from appliance.errors import InputError
from tests.test_status import NOW


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The runtime folder."""
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path))
    return tmp_path


def run(*options: str):
    return CliRunner().invoke(cli, ["status", *options])


def test_it_tells_the_report(folder):
    status.write(replace(NOW, at=time.time(), covered=4, faults=("[red]disk[/red] full",)), folder)
    said = run()
    assert said.exit_code == 0
    assert "4 covered" in said.output
    rows = {line.split()[0]: line.split()[1] for line in said.output.splitlines() if len(line.split()) > 1}
    assert (rows["mode"], rows["recording"]) == ("selective", "off")
    assert "[red]disk[/red] full" in said.output
    assert "no news" not in said.output


def test_nobody_enrolled_is_a_hint_and_a_fault_is_red(folder):
    new = replace(NOW, at=time.time(), people=0, faults=())
    status.write(new, folder)
    said = run()
    assert said.exit_code == 0
    assert "`mofy people add` enrols somebody" in " ".join(said.output.split())
    assert {"faults", "none"} in [set(line.split()) for line in said.output.splitlines()]
    assert "\x1b[31m" not in coloured(new)
    assert "\x1b[31m" in coloured(replace(new, faults=("disk full",)))
    assert "enrols somebody" not in coloured(replace(new, faults=("no key",))), "who is enrolled cannot be known"


def coloured(now):
    console = Console(force_terminal=True, color_system="standard", width=200)
    with console.capture() as got:
        console.print(table(now, now.at))
    return got.get()


def test_json_is_the_whole_report(folder):
    status.write(replace(NOW, at=time.time()), folder)
    assert json.loads(run("--json").output)["tracks"][0] == {"id": 3, "box": [1, 2, 30, 40], "person": None}


def test_an_old_report_is_told_as_such_and_fails(folder):
    status.write(replace(NOW, at=time.time() - 60), folder)
    said = run()
    assert said.exit_code == 1
    assert "no news for" in said.output


def test_no_engine_is_one_line(folder):
    assert isinstance(run().exception, InputError)
