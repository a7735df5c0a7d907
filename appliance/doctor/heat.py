"""Whether the board is cool enough, and whether it slows itself down."""

from __future__ import annotations

from collections.abc import Iterable

from appliance import boards, throttling
from appliance.doctor import Finding, Site, ok, warning, wrong

HOT_C, WARM_C = 85.0, 75.0
"""A Raspberry Pi slows down at 80 to 85."""

COOL = "give it air, a heat sink or a fan"


def check(site: Site) -> Iterable[Finding]:
    """One for the temperature, one more where the board slows itself down."""
    degrees = boards.temperature_c(site.root)
    found = [_temperature(degrees)]
    if slowed := throttling.throttled(site.root):
        thing, _, do = slowed.partition(": ")
        found.append(wrong(thing, do))
    return found


def _temperature(degrees: float | None) -> Finding:
    if degrees is None:
        return ok("this machine tells no temperature")
    says = f"{degrees:.0f} °C"
    if degrees >= HOT_C:
        return wrong(says, COOL)
    return warning(says, COOL) if degrees >= WARM_C else ok(says)
