"""Staged scenes of crossings and swaps, drawn by dice from a seed: who is shown must never hand on being shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from appliance.capture._stage import Actor, Mark

SECONDS = 5.0
ENROLLED = "obama"
STRANGERS = ("biden", "guest-1", "guest-2", "guest-3", "guest-4", "guest-5", "guest-6")
CROSSINGS = 4
"""In each scene: one change of places or taking over, and so many less one who pass."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Actors of one scene, and what happens in it."""

    seed: int
    actors: tuple[Actor, ...]
    kind: str
    """"change of places", "taking over" or "passing": what the first stranger does."""


def scenes(crossings: int, seed: int = 1) -> Iterator[Scene]:
    """As many scenes as it takes for so many crossings."""
    for number in range(-(-crossings // CROSSINGS)):
        yield scene(seed * 100_000 + number)


def scene(seed: int) -> Scene:
    """The scene of this seed."""
    dice = np.random.default_rng(seed)
    strangers = [str(name) for name in dice.permutation(STRANGERS)]
    place = Mark(0, dice.uniform(0.38, 0.62), dice.uniform(0.42, 0.5), dice.uniform(0.2, 0.34))
    kind = str(dice.choice(["change of places", "taking over", "passing"]))
    first = {"change of places": _change, "taking over": _take_over, "passing": _pass_by}[kind]
    enrolled, rival = first(dice, place, strangers.pop())
    others = [_passer(dice, place, strangers.pop()) for _ in range(CROSSINGS - 1)]
    return Scene(seed, (enrolled, rival, *others), kind)


def _change(dice: np.random.Generator, place: Mark, stranger: str) -> tuple[Actor, Actor]:
    """Both walk to where the other stood, through each other."""
    there = _at(place, 0, place.x + dice.choice([-1, 1]) * dice.uniform(0.18, 0.3), dice.uniform(0.9, 1.1))
    begins = dice.uniform(1.6, 2.4)
    ends = begins + dice.uniform(0.5, 1.4)
    return (
        Actor(ENROLLED, (_on(place, -1), _on(place, begins), _on(there, ends), _on(there, SECONDS + 1))),
        Actor(stranger, (_on(there, 0.2), _on(there, begins), _on(place, ends), _on(place, SECONDS + 1))),
    )


def _take_over(dice: np.random.Generator, place: Mark, stranger: str) -> tuple[Actor, Actor]:
    """From one frame to the next a stranger of the same size stands where the enrolled person stood."""
    moment = dice.uniform(2.0, 3.0)
    away = _at(place, 0, place.x + dice.choice([-1, 1]) * dice.uniform(0.0, 0.2), dice.uniform(0.95, 1.05))
    return (
        Actor(ENROLLED, (_on(place, -1), _on(place, moment))),
        Actor(stranger, (_on(place, moment), _on(away, moment + 1.5), _on(away, SECONDS + 1))),
    )


def _pass_by(dice: np.random.Generator, place: Mark, stranger: str) -> tuple[Actor, Actor]:
    stays = _at(place, 0, place.x + dice.uniform(-0.05, 0.05), dice.uniform(0.95, 1.05))
    return Actor(ENROLLED, (_on(place, -1), _on(stays, SECONDS + 1))), _passer(dice, place, stranger)


def _passer(dice: np.random.Generator, place: Mark, stranger: str) -> Actor:
    """Walks through the enrolled person's place, in front or behind, at any pace; some stop there for a moment."""
    size, meets, slow = dice.uniform(0.75, 1.35), dice.uniform(1.2, SECONDS - 1.0), dice.uniform(0.6, 1.6)
    left, right = (-0.15, 1.15) if dice.random() < 0.5 else (1.15, -0.15)
    here = Mark(meets, place.x, place.y + dice.uniform(-0.05, 0.05), place.height * size)
    stop = dice.choice([0.0, 0.4])
    return Actor(
        stranger,
        (
            _at(here, meets - slow, left, 1.0),
            here,
            _on(here, meets + stop + 0.01),
            _at(here, meets + stop + slow, right, 1.0),
        ),
    )


def _on(place: Mark, at: float) -> Mark:
    return Mark(float(at), place.x, place.y, place.height)


def _at(place: Mark, at: float, x: float, size: float) -> Mark:
    return Mark(float(at), float(x), place.y, float(place.height * size))
