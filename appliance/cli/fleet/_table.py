"""The boxes of a fleet as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table

    from appliance.fleet.roll import Row


def table(rows: Sequence[Row]) -> Table:
    """A row for each box; what is not as usual stands out."""
    from rich.markup import escape
    from rich.table import Table

    shown = Table(box=None, padding=(0, 2, 0, 0))
    for title in ("box", "name", "", "picture", "mode", "fps", "version", "faults"):
        shown.add_column(title)
    for row in rows:
        where = "on" if row.online else "[red]away[/red]"
        mode = f"[yellow]{escape(row.mode)}[/yellow]" if row.mode not in ("", "selective") else row.mode
        name = escape(row.name) if row.member else "[dim]not of the fleet[/dim]"
        faults = escape("; ".join(row.faults)) if row.online else ""
        fps = f"{row.fps:.1f}" if row.online else ""
        shown.add_row(escape(row.box), name, where, escape(row.state), mode, fps, escape(row.version), faults)
    return shown
