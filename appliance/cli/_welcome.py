"""How the page is found: its address, a QR code of it for a phone's camera, the PIN as long as nobody has used it."""

from __future__ import annotations

import sys
from pathlib import Path

import click

ADDRESS = "page: "
"""What the line with the page's address begins with."""


def page(address: str, fingerprint: str | None, data: Path) -> None:
    """Tell where the page is; QR code and PIN are for a person's eyes, not for a log."""
    click.echo(f"{ADDRESS}{address}")
    if fingerprint is not None:
        click.echo(f"  certificate SHA-256 {fingerprint}")
    if sys.stdout.isatty():
        way_in(address, data)


def way_in(address: str, data: Path) -> None:
    """The QR code and the first PIN, on a terminal."""
    from web import pin

    if "//127." not in address and "//[::1]" not in address:
        click.echo(code(address))
    first = pin.first(data)
    if first is not None:
        click.echo(f"  PIN {first} (until it is used; then `mofy page pin` sets a new one)")


def code(text: str) -> str:
    """A QR code of half-height blocks, dark on light whatever the terminal's colours are."""
    import io

    import segno

    drawn = io.StringIO()
    segno.make_qr(text).terminal(out=drawn, compact=True, border=2)
    return drawn.getvalue().rstrip("\n")
