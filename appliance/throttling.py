"""Does the board slow itself down, and why: read from the kernel's own files."""

from __future__ import annotations

from pathlib import Path

from appliance.kernel_files import text

ROOT = Path("/")

UNDER_VOLTAGE = "the power supply is too weak, and the board slows down: use the one made for it"
TOO_HOT = "the board is too hot and slows down: give it air, or a fan"

PI_THROTTLED = ((0x1, UNDER_VOLTAGE), (0x2 | 0x4 | 0x8, TOO_HOT))
"""Bits of the Raspberry Pi's get_throttled that tell of this moment; the higher ones tell of the past."""


def throttled(root: Path = ROOT) -> str:
    """Why the board slows itself down at this moment, in words; empty where it does not, or where nobody can tell."""
    for place in root.glob("sys/devices/platform/soc*/*firmware/get_throttled"):
        bits = _number(text(place), 16)
        for bit, words in PI_THROTTLED:
            if bits & bit:
                return words
    for place in root.glob("sys/class/hwmon/hwmon*/in0_lcrit_alarm"):
        if _number(text(place), 10):
            return UNDER_VOLTAGE
    for device in root.glob("sys/class/thermal/cooling_device*"):
        slows = any(word in text(device / "type").lower() for word in ("cpufreq", "processor", "devfreq"))
        if slows and _number(text(device / "cur_state"), 10):
            return TOO_HOT
    return ""


def _number(text: str, base: int) -> int:
    try:
        return int(text, base)
    except ValueError:
        return 0
