"""Whether there is memory left."""

from __future__ import annotations

import re
from collections.abc import Iterable

from appliance.doctor import Finding, Site, ok, warning, wrong

LEAST_MB, LITTLE_MB = 100, 350
"""The engine takes about 350 MB at 1080p."""

DO = "end other programs, or choose a smaller picture in [camera]"


def check(site: Site) -> Iterable[Finding]:
    """One finding."""
    text = (site.root / "proc/meminfo").read_text(encoding="utf-8")
    sizes = {name: int(kb) * 1024 // 1_000_000 for name, kb in re.findall(r"(\w+): +(\d+) kB", text)}
    available, total = sizes["MemAvailable"], sizes["MemTotal"]
    says = f"{available} of {total} MB are free"
    # What a running engine has taken already needs not be free.
    least, little = (LEAST_MB // 2, LEAST_MB) if site.engine else (LEAST_MB, LITTLE_MB)
    if available < least:
        return [wrong(says, DO)]
    return [warning(says, DO) if available < little else ok(says)]
