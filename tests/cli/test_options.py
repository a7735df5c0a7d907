import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from appliance.cli import _options
from appliance.cli._options import data_folder, data_option


@click.command()
@data_option
def command(data):
    click.echo(data)


def asked(*words, **environment):
    return CliRunner(env=environment).invoke(command, words)


@pytest.fixture
def box(tmp_path, monkeypatch):
    """Where a box's services would keep their data; not there yet."""
    monkeypatch.setattr(_options, "SERVICE_FOLDER", tmp_path / "var")
    return tmp_path / "var"


def test_the_option_comes_before_the_environment(box):
    assert asked("--data", "/a", MOFY_DATA="/b").output == "/a\n"
    assert asked(MOFY_DATA="/b").output == "/b\n"


def test_the_services_folder_is_used_where_it_can_be_written(box):
    elsewhere = asked(MOFY_DATA=None).output.strip()
    assert elsewhere.endswith("mofy")
    assert elsewhere == str(data_folder())
    box.mkdir()
    assert asked(MOFY_DATA="").output == f"{box}\n"


def test_the_users_folder_is_theirs(box, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "mine"))
    assert data_folder() == tmp_path / "mine" / "mofy"


def test_a_folder_without_a_name_is_a_mistake(box):
    run = asked("--data", "")
    assert run.exit_code == 2
    assert "--data" in run.output


def test_relative_folders_are_taken_as_given(box):
    assert data_folder(Path("here")) == Path("here")


@pytest.mark.parametrize("words", [["people", "list"], ["models"]])
def test_an_output_that_cannot_be_written_is_one_clear_line(words, data_folder):
    with Path("/dev/full").open("w") as full:
        run = subprocess.run(
            [sys.executable, "-m", "appliance.cli", *words], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert run.returncode == 1
    assert run.stderr == "mofy: output: no space left on device\n"
