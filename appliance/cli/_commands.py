"""Commands are parts: each is a file of its group's folder, and is called like that file."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

import click

from appliance import parts

LONGEST = 1000
"""Characters of a sentence that says what a command does."""


class Group(click.Group):
    """Tells of each command in a whole sentence, and of a wrong one which was meant."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Click's own would cut the sentences off at the end of the line."""
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        rows = [(name, one.get_short_help_str(limit=LONGEST)) for name, one in commands if one is not None]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does; raises click.UsageError that names the nearest."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            known = self.list_commands(ctx)
            near = [] if args[0].startswith("-") else get_close_matches(args[0], known, 1)
            hint = f"did you mean {near[0]}?" if near else f"There are {', '.join(known)}."
            raise click.UsageError(
                f"{error.message.rstrip('.')}; {hint}" if near else f"{error.message} {hint}", ctx
            ) from None


class Commands(Group):
    """Finds a command by its file's name, and imports only that one."""

    def __init__(self, family: str, **attributes: Any) -> None:
        """family: "cli", "cli.people", ..., the folder within the package."""
        super().__init__(**attributes)
        self._family = family

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(self._files())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        file = self._files().get(cmd_name)
        if file is None:
            return None
        command: click.Command = parts.part(self._family, file).command
        return command

    def _files(self) -> dict[str, str]:
        """By command; what Python does not allow in a module's name is written import_ and cover_everyone."""
        return {name.rstrip("_").replace("_", "-"): name for name in parts.names(self._family)}
