"""`mofy page`: who may open the phone page."""

from __future__ import annotations

from pathlib import Path

import click

from appliance.cli._commands import Group
from appliance.cli._options import data_option
from appliance.cli._who import WHO


@click.group("page", cls=Group)
def command() -> None:
    """Who may open the phone page: set its PIN, log everybody out, make tokens for programs."""


@command.command("pin")
@data_option
@click.option("--ask", is_flag=True, help="Type a PIN of your own instead of a random one.")
def new_pin(data: Path, ask: bool) -> None:
    """Set a new PIN, show it, and log every phone out. The old one cannot be shown: only its hash is kept."""
    from web import pin

    wanted = click.prompt("new PIN", hide_input=True, confirmation_prompt="again") if ask else None
    chosen = pin.change(data, wanted)
    _note(data, "PIN changed")
    click.echo("the PIN is changed; every phone is logged out" if ask else f"PIN {chosen}; every phone is logged out")


@command.command("logout")
@data_option
def logout(data: Path) -> None:
    """Log every phone out; the PIN stays as it is."""
    from web import pin

    pin.log_everybody_out(data)
    _note(data, "everybody logged out")
    click.echo("every phone is logged out")


@command.command("token")
@data_option
@click.argument("name")
def new_token(data: Path, name: str) -> None:
    """Make a token for a program called NAME and show it, once: only its hash is kept."""
    from appliance.store.tokens import Tokens

    click.echo(Tokens(data).make(name, WHO))


@command.command("tokens")
@data_option
def list_tokens(data: Path) -> None:
    """List the programs that have a token."""
    import time

    from appliance.store.tokens import Tokens

    for token in Tokens(data).all():
        click.echo(f"{token.name} (since {time.strftime('%Y-%m-%d %H:%M', time.localtime(token.created_at))})")


@command.command("revoke")
@data_option
@click.argument("name")
def revoke_token(data: Path, name: str) -> None:
    """End the token of the program called NAME."""
    from appliance.errors import InputError
    from appliance.store.tokens import Tokens

    if not Tokens(data).revoke(name, WHO):
        raise InputError(f"{name}: has no token; `mofy page tokens` lists who has")
    click.echo(f"{name}: its token is of no use any more")


def _note(data: Path, what: str) -> None:
    from appliance.store import Store

    Store.open(data, create=True).note(WHO, what)
