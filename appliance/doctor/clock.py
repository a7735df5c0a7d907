"""Whether the clock tells the time: people expire by it, and recordings are named by it."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Iterable
from pathlib import Path

import appliance
from appliance.doctor import Finding, Site, ok, warning, wrong

DAY_S = 86400.0
FAR_S = 20 * 365 * DAY_S
TIME_ERROR = 5
"""What adjtimex(2) answers when nobody keeps the clock."""

TIMEX_BYTES = 512
"""More than a struct timex has on any machine."""

DO = "connect the box to a network with a time server, or set it with `timedatectl set-time`"


def check(site: Site) -> Iterable[Finding]:
    """One finding."""
    now = time.time()
    says = time.strftime("%Y-%m-%d %H:%M %Z", time.localtime(now))
    # Not when it was last changed: files of a release have no such time, so that one state of them has one checksum.
    installed = Path(appliance.__file__).stat().st_ctime
    if now < installed - DAY_S:
        return [wrong(f"{says} is before this MOFY was installed", DO)]
    if now > installed + FAR_S:
        return [wrong(f"{says} is too far in the future", DO)]
    if not synchronised(site):
        return [warning(f"{says}, and no time server keeps it right", DO)]
    return [ok(f"{says}, kept by a time server")]


def synchronised(site: Site) -> bool:
    """Whether somebody keeps the clock right, by the kernel's word or systemd's."""
    if (site.root / "run/systemd/timesync/synchronized").exists():
        return True
    if site.root != Path("/"):
        return False
    asked = ctypes.create_string_buffer(TIMEX_BYTES)
    return ctypes.CDLL(None).adjtimex(asked) not in (TIME_ERROR, -1)
