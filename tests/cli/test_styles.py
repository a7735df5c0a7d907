"""Who chooses a style is told what it withstands."""

import pytest
from click.testing import CliRunner

from appliance import parts
from appliance.cli import redact, run
from appliance.cli._styles import STYLES, warn_of
from appliance.cli.set import command as set_command


def test_the_help_names_every_style_the_weaker_ones_as_such():
    strong, weak = STYLES.split("; ")
    for style in parts.names("masks"):
        weaker = parts.part("masks", style).STRENGTH.startswith("weaker")
        assert style in (weak if weaker else strong)


@pytest.mark.parametrize("style", ["mosaic", "solid", "image"])
def test_nothing_is_said_of_a_style_that_keeps_nothing(style, capsys):
    warn_of(style)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("style", ["pixelate", "blur"])
def test_a_weaker_style_says_so_when_it_is_wished(style, tmp_path):
    wished = CliRunner().invoke(set_command, ["--data", str(tmp_path), "style", style])
    assert wished.exit_code == 0
    assert f"{style} is weaker: " in wished.output


@pytest.mark.parametrize("command", [redact.command, run.command])
def test_the_commands_that_cover_tell_it_in_their_help(command):
    assert "pixelate, blur" in " ".join(CliRunner().invoke(command, ["--help"]).output.split())
