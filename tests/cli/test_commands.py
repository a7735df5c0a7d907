"""What the lists of commands say, and what is said of a command that is not there."""

import click
import pytest
from click.testing import CliRunner

from appliance.cli import cli

GROUPS = [
    name for name in cli.list_commands(click.Context(cli))
    if isinstance(cli.get_command(click.Context(cli), name), click.Group)
]  # fmt: skip


def asked(*words):
    return CliRunner().invoke(cli, words, terminal_width=80)


@pytest.mark.parametrize("group", ["", *GROUPS])
def test_every_command_is_told_in_a_whole_sentence(group):
    told = asked(*group.split(), "--help").output
    assert "Commands:" in told
    assert "..." not in told.partition("Commands:")[2].replace("mofy/ID/...", "")


@pytest.mark.parametrize(
    ("words", "hint"),
    [(["peple"], "did you mean people?"), (["people", "ad"], "did you mean add?"), (["zz"], "There are")],
)
def test_a_wrong_command_is_told_with_the_one_that_was_meant(words, hint):
    result = asked(*words)
    assert result.exit_code == 2
    assert repr(words[-1]) in result.output
    assert hint in result.output


def test_a_source_that_is_not_named_is_told_with_what_there_is():
    result = asked("run")
    assert result.exit_code == 2
    assert "--source is missing: auto" in result.output
