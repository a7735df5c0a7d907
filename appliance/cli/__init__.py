"""The command line: the only place that prints or exits. A command is a file of this folder, a group a folder."""

from __future__ import annotations

import atexit
import gc
import os
import sys

import click

from appliance import __version__
from appliance.cli._commands import Commands
from appliance.cli._room import fitted
from appliance.errors import MofyError, system_reason

EPILOG = "`mofy help COMMAND` tells every option of one, `mofy help` is the manual: begin with `mofy help day`."


@click.command(cls=Commands, family="cli", context_settings={"help_option_names": ["-h", "--help"]}, epilog=EPILOG)
@click.version_option(__version__, prog_name="mofy")
def cli() -> None:
    """MOFY shows the faces of the people you enrolled and covers every other one."""


def main() -> None:
    """Run the command line; whatever a user can cause ends in one line and a non-zero exit code."""
    # The interpreter's own last looks for garbage take a tenth of a second, and the system takes all back anyway.
    atexit.register(gc.freeze)
    try:
        # Outside its standalone mode click returns the code that a command left with.
        code = cli(standalone_mode=False)
        if sys.stdout is not None:
            sys.stdout.flush()
        sys.exit(code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("mofy: stopped", err=True)
        sys.exit(130)
    except MofyError as error:
        click.echo(fitted(f"mofy: {error}", stream=sys.stderr), err=True)
        sys.exit(1)
    except BrokenPipeError:
        _forget_output()
        sys.exit(1)
    except OSError as error:
        _forget_output()
        click.echo(f"mofy: {error.filename or 'output'}: {system_reason(error)}", err=True)
        sys.exit(1)


def _forget_output() -> None:
    """What could not be written is told already: the interpreter's own last try must not tell it again."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
