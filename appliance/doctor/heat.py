"""Whether the board is cool enough, and whether it slows itself down."""

from __future__ import annotations

from collections.abc import Iterable

from appliance import boards
from appliance.doctor import Finding, Site, ok, warning, wrong

HOT_C, WARM_C = 85.0, 75.0
"""A Raspberry Pi slows down at 80 to 85."""

COOL = "give it air, a heat sink or a fan"
POWER = "use the board's own power supply and a short cable"


def check(site: Site) -> Iterable[Finding]:
    """One for the temperature, one for each way in which the board is slowed down."""
    degrees = boards.temperature_c(site.root)
    found = [_temperature(degrees)]
    for state in boards.throttled(site.root):
        do = POWER if "voltage" in state else COOL
        found.append(
            wrong(f"the board says: {state}", do) if state.endswith("now") else warning(f"the board says: {state}", do)
        )
    return found


def _temperature(degrees: float | None) -> Finding:
    if degrees is None:
        return ok("this machine tells no temperature")
    says = f"{degrees:.0f} °C"
    if degrees >= HOT_C:
        return wrong(says, COOL)
    return warning(says, COOL) if degrees >= WARM_C else ok(says)
