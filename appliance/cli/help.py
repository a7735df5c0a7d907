"""`mofy help`: the manual's chapters, read at the box, with or without a network."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from appliance import parts
from appliance.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

Tongue = Literal["en", "ko"]

DOCS = Path(__file__).resolve().parents[2] / "docs"
FILES: Mapping[Tongue, str] = {"en": "manual.md", "ko": "manual.ko.md"}
CHAPTER = re.compile(r'^<a id="([a-z]+)"></a>\n## (.+)\n', re.MULTILINE)
"""A chapter's short name, the same in every language, and its title."""

PICTURE = re.compile(r"!\[[^\]]*\]\([^)]*\)\n*")
"""What a terminal cannot show."""


@click.command("help")
@click.argument("topic", nargs=-1)
@click.option("--language", type=click.Choice(list(FILES)), help="Of the manual.  [default: as this terminal's]")
def command(topic: tuple[str, ...], language: Tongue | None) -> None:
    """Read the manual: the chapter TOPIC or, without one, what there is; the name of a command explains that one."""
    found = chapters(language or tongue(os.environ))
    words = " ".join(topic).lower()
    if not words:
        _list({name: title for name, (title, _) in found.items()})
    elif words in found:
        _show(found[words][1])
    elif (named := _named(topic)) is not None:
        click.echo(named.get_help())
    else:
        _list(mentioning(found, words))


def chapters(language: Tongue) -> dict[str, tuple[str, str]]:
    """Title and text of each chapter by its short name; raises InputError where the manual is not installed."""
    path = DOCS / FILES[language]
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InputError(f"{path}: the manual is not here; `mofy --help` lists the commands") from None
    marks = list(CHAPTER.finditer(text))
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    return {m[1]: (m[2], text[m.start() : end].partition("\n")[2].strip()) for m, end in zip(marks, ends)}


def mentioning(found: Mapping[str, tuple[str, str]], words: str) -> dict[str, str]:
    """The chapters that hold every word, by short name; raises InputError where none does."""
    wanted = words.split()
    some = {name: title for name, (title, text) in found.items() if all(word in text.lower() for word in wanted)}
    if not some:
        raise InputError(f"help: no chapter and no command tells of {words!r}; there are {', '.join(found)}")
    return some


def tongue(environment: Mapping[str, str]) -> Tongue:
    """The terminal's language; Linux's own console has no Korean letters."""
    if environment.get("TERM") == "linux":
        return "en"
    spoken = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")
    return "ko" if spoken.startswith("ko") else "en"


def _list(titles: Mapping[str, str]) -> None:
    for name, title in titles.items():
        click.echo(f"mofy help {name:<10} {title}")


def _named(names: tuple[str, ...]) -> click.Context | None:
    """The command that these names lead to, in its context; None where they lead nowhere."""
    if names[0] not in parts.names("cli"):
        return None
    here = click.Context(parts.part("cli", names[0]).command, info_name=f"mofy {names[0]}")
    for name in names[1:]:
        below = here.command.get_command(here, name) if isinstance(here.command, click.Group) else None
        if below is None:
            return None
        here = click.Context(below, info_name=name, parent=here)
    return here


def _show(text: str) -> None:
    if not sys.stdout.isatty():
        click.echo(text)
        return
    from rich.console import Console
    from rich.markdown import Markdown

    os.environ.setdefault("LESS", "-FRX")
    console = Console()
    with console.pager(styles=True):
        console.print(Markdown(PICTURE.sub("", text)))
