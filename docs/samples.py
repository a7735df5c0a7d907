"""Draws what the page shows of itself: a drawn face under every mask, and the icons. Writes into web/static.

.venv/bin/python docs/samples.py
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import cv2
import numpy as np
from picture import SCALE, person

from appliance import parts
from appliance.core.frames import Frame, from_rgb, region_rgb
from appliance.core.geometry import Box, Rect
from appliance.core.veiling import Cover, veil
from appliance.masks import MaskOptions

DOCS = Path(__file__).parent
STATIC = DOCS.parent / "web" / "static"
SIDE_PX = 160
WEBP_QUALITY = 80

GREEN, WHITE, PALE, MIDDLE = (11, 107, 87), (255, 255, 255), (191, 229, 218), (124, 197, 178)
TILES = (
    # x, y, width, height in 32nds of the icon, as in icon.svg
    (16, 5, 5, 5, PALE), (21, 10, 5, 6, PALE), (16, 16, 5, 5, PALE), (21, 21, 3, 3, PALE),
    (21, 6, 3, 4, MIDDLE), (16, 10, 5, 6, MIDDLE), (21, 16, 5, 5, MIDDLE), (16, 21, 5, 6, MIDDLE),
)  # fmt: skip


def portrait() -> Frame:
    """One drawn person who fills the picture."""
    side = SIDE_PX * SCALE
    canvas = np.empty((side, side, 3), np.uint8)
    canvas[:] = np.linspace((196, 214, 226), (224, 218, 204), side)[:, None]
    person(canvas, SIDE_PX // 2, 78, 88, (224, 176, 140), (44, 30, 24), (52, 92, 112), True, False)
    return from_rgb(cv2.resize(canvas, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_AREA))


def sample(style: str, strength: int) -> np.ndarray:
    """The portrait as this mask leaves it: (SIDE_PX, SIDE_PX, 3) RGB."""
    face = Box(36.0, 29.0, 124.0, 133.0)
    mask = parts.part("masks", style).build(MaskOptions(strength=strength))
    masked = veil(portrait(), [Cover(face, 1)], mask)
    return region_rgb(Frame(masked.y, masked.u, masked.v, 0, 0.0), Rect(0, 0, SIDE_PX, SIDE_PX), (SIDE_PX, SIDE_PX))


def icon(side: int, share: float) -> np.ndarray:
    """The sign of icon.svg, BGRA: on a full square when share is below 1 (for launchers that cut), else rounded."""
    big = 4 * side
    canvas = np.zeros((big, big, 4), np.uint8)
    if share < 1:
        canvas[:] = (*GREEN, 255)
    else:
        radius = big // 4
        for x0, y0, x1, y1 in ((radius, 0, big - radius, big), (0, radius, big, big - radius)):
            canvas[y0:y1, x0:x1] = (*GREEN, 255)
        for x in (radius, big - 1 - radius):
            for y in (radius, big - 1 - radius):
                cv2.circle(canvas, (x, y), radius, (*GREEN, 255), -1, cv2.LINE_AA)

    def at(value: float) -> int:
        return round(big * (0.5 + share * (value / 32 - 0.5)))

    cv2.ellipse(canvas, (at(16), at(15)), (at(16) - at(6), at(15) - at(5)), 0, 180, 270, (*WHITE, 255), -1, cv2.LINE_AA)
    cv2.rectangle(canvas, (at(6), at(15)), (at(16) - 1, at(18)), (*WHITE, 255), -1)
    cv2.ellipse(canvas, (at(16), at(18)), (at(16) - at(6), at(27) - at(18)), 0, 90, 180, (*WHITE, 255), -1, cv2.LINE_AA)
    for x, y, width, height, colour in TILES:
        cv2.rectangle(canvas, (at(x), at(y)), (at(x + width) - 1, at(y + height) - 1), (*colour, 255), -1)
    small = cv2.resize(canvas, (side, side), interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(small, cv2.COLOR_RGBA2BGRA)


def measured() -> dict[str, dict[str, float]]:
    """What docs/attack.md found of each style and strength: the best any attacker did, in percent."""
    found: dict[str, dict[str, float]] = {}
    for line in (DOCS / "attack.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip(" *") for cell in line.split("|")[1:-1]]
        if len(cells) != 5 or not re.match(r"(none|mosaic|pixelate|blur|solid|image)( \d)?$", cells[0]):
            continue
        guesses = [re.match(r"([\d.]+) \([^)]*\); ([\d.]+)", cell) for cell in cells[2:]]
        for what, group in (("first", 1), ("tenth", 2)):
            best = max(float(guess[group]) for guess in guesses if guess)
            old = found.setdefault(cells[0], {}).get(what, 0.0)
            found[cells[0]][what] = max(best, old)
    return found


def main() -> None:
    """Samples, icons, and the figures that stand beside them."""
    for style in parts.names("masks"):
        for strength in (1, 3, 5):
            picture = sample(style, strength)[:, :, ::-1]
            cv2.imwrite(
                str(STATIC / f"mask-{style}-{strength}.webp"), picture, [cv2.IMWRITE_WEBP_QUALITY, WEBP_QUALITY]
            )
    for side, share, name in (
        (192, 1.0, "icon-192"),
        (512, 1.0, "icon-512"),
        (512, 0.8, "icon-maskable"),
        (180, 0.9, "icon-touch"),
    ):
        cv2.imwrite(str(STATIC / f"{name}.png"), icon(side, share), [cv2.IMWRITE_PNG_COMPRESSION, 9])
    (STATIC.parent / "strengths.json").write_text(json.dumps(measured(), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
