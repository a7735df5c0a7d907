"""The passphrase of an archive of people."""

from __future__ import annotations

import os
import sys

import click

from appliance.errors import InputError


def passphrase(confirm: bool) -> str:
    """MOFY_PASSPHRASE, or what is typed in the terminal, twice to confirm; raises InputError where there is neither."""
    if (given := os.environ.get("MOFY_PASSPHRASE")) is not None:
        return given
    if not sys.stdin.isatty():
        raise InputError("a passphrase is needed: set MOFY_PASSPHRASE, or run this in a terminal")
    asked: str = click.prompt("Passphrase", hide_input=True, confirmation_prompt=confirm, err=True)
    return asked
