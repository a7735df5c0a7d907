"""How faces can be covered, with a true sample of each way and what machines could still make of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import url_for
from flask_babel import format_decimal
from flask_babel import gettext as _

from appliance import parts
from appliance.live import wishes
from appliance.options import Config
from web.wording import style_name

MEASURED = Path(__file__).with_name("strengths.json")
"""From docs/attack.md, by docs/samples.py: percent of right first guesses, and of right ones in the first tenth."""

SAMPLED = (1, 3, 5)
"""Strengths of which there are samples and figures."""

WEAK_TENTH = 20.0
"""From here on a mask tells a machine clearly more than its place in the picture does."""


@dataclass(frozen=True, slots=True)
class Style:
    """One way to cover a face."""

    id: str
    name: str
    sample: str
    """Address of the picture."""
    about: str
    weak: bool


@dataclass(frozen=True, slots=True)
class Look:
    """The options that are in force, and the ones there are."""

    style: str
    strength: int
    margin: float
    outline: bool
    window: int
    record: bool | None
    styles: tuple[Style, ...]


def look(data: Path, config: Config) -> Look:
    """As it is wished; what is not wished is as configured."""
    wished = wishes.wishes(data)
    found: dict[str, Any] = {
        key: getattr(getattr(config, place), name) for key, (place, name) in wishes.OPTIONS.items()
    } | dict(wished.options)
    strength = int(found["strength"])
    return Look(
        style=str(found["style"]),
        strength=strength,
        margin=float(found["margin"]),
        outline=bool(found["outline"]),
        window=int(found["window"]),
        record=wished.record,
        styles=styles(strength),
    )


def styles(strength: int) -> tuple[Style, ...]:
    """All there are, at one strength, the surest first."""
    return tuple(_style(style, strength) for style in sorted(parts.names("masks"), key=_strongest_first))


def _style(style: str, strength: int) -> Style:
    near = min(SAMPLED, key=lambda sampled: (abs(sampled - strength), sampled))
    sample = url_for("static", filename=f"mask-{style}-{near}.webp")
    figures = _measured().get(f"{style} {near}", _measured().get(style))
    if figures is None:
        return Style(style, style_name(style), sample, _("Not measured"), weak=True)
    about = _(
        "Guessed right: %(first)s of 100",
        first=format_decimal(figures["first"]),
    )
    return Style(style, style_name(style), sample, about, figures["tenth"] >= WEAK_TENTH)


def _strongest_first(style: str) -> int:
    order = ("mosaic", "solid", "image", "pixelate", "blur")
    return order.index(style) if style in order else len(order)


@lru_cache(maxsize=1)
def _measured() -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = json.loads(MEASURED.read_text(encoding="utf-8"))
    return found
