"""Commands are parts: each is a file of its group's folder, and is called like that file."""

from __future__ import annotations

from typing import Any

import click

from appliance import parts


class Commands(click.Group):
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
