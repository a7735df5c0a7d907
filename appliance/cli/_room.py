"""Lines that fit the terminal, broken between words; where there is none they stay whole, for programs."""

from __future__ import annotations

import shutil
import sys
import textwrap
from typing import TextIO

NARROWEST = 20
"""Columns below which nothing could be told."""


def columns() -> int:
    """Of the terminal."""
    return max(NARROWEST, shutil.get_terminal_size().columns)


def fitted(words: str, indent: int = 2, stream: TextIO | None = None) -> str:
    """The words, further lines indented by so many columns; stream: where they go, sys.stdout unless told."""
    stream = sys.stdout if stream is None else stream
    if stream is None or not stream.isatty():
        return words
    room, begin = columns(), words[: len(words) - len(words.lstrip())]
    lines = textwrap.wrap(
        words.strip(),
        room,
        initial_indent=begin,
        subsequent_indent=" " * min(indent, room // 2),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(lines)
