"""From the colours people name to those a frame holds."""

from __future__ import annotations


def ycc_of(rgb: tuple[int, int, int]) -> tuple[int, int, int]:
    """(y, u, v) in limited range BT.601 of an RGB colour, 0..255 each."""
    r, g, b = rgb
    y = 16 + 0.257 * r + 0.504 * g + 0.098 * b
    u = 128 - 0.148 * r - 0.291 * g + 0.439 * b
    v = 128 + 0.439 * r - 0.368 * g - 0.071 * b
    return round(y), round(u), round(v)
