"""What is said of the styles wherever one is chosen."""

from __future__ import annotations

import click

STYLES = "mosaic, solid, image; weaker, machines recognise some faces through them: pixelate, blur"
"""Every style, for a line of help."""


def warn_of(style: str) -> None:
    """Say in a line on the error output when the style keeps something of the face."""
    from appliance import parts

    strength: str = parts.part("masks", style).STRENGTH
    if strength.startswith("weaker"):
        click.echo(f"mofy: {style} is {strength}", err=True)
