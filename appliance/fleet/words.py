"""What other boxes say and people read: nothing in it may steer a terminal."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator


def plain(text: str) -> str:
    """The text with a sign in the place of whatever cannot be printed."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)


Words = Annotated[str, AfterValidator(plain)]
