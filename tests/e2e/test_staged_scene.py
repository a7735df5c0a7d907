"""The whole line with the real networks on the staged scene, whose truth is known: the promise, counted."""

from collections import Counter

import numpy as np
import pytest

from appliance import assembly, bench, config
from appliance.capture._stage import Stage
from appliance.core.identity import NOBODY

VISIBLE = 0.5
"""Faces less visible than this are hidden behind somebody nearer, whose pixels are there instead."""

CHANGED = 3
"""Luma differences up to this are rounding."""


def bare_share(raw: np.ndarray, masked: np.ndarray) -> float:
    """Share of the pixels that are as they were."""
    return float((np.abs(raw.astype(int) - masked) <= CHANGED).mean())


def play(stage: Stage, people, first: int, frames: int, live: bool = True) -> tuple[Counter, Counter]:
    """(face-frames present, face-frames bare) by person."""
    loaded = config.load()
    make = assembly.live if live else assembly.film
    pipeline = make(loaded, assembly.detector(loaded), assembly.embedder(loaded), people)
    present, bare = Counter(), Counter()
    out = []
    for index in range(first, first + frames):
        out += pipeline.step(stage.frame(index))
    out += pipeline.flush()
    assert len(out) == frames
    for masked in out:
        raw = stage.frame(first + masked.index)
        for face in stage.truth(first + masked.index):
            rect = face.box.pixels(stage.width, stage.height)
            if rect.empty or face.visible < VISIBLE:
                continue
            part = (slice(rect.y0, rect.y1), slice(rect.x0, rect.x1))
            present[face.person] += 1
            bare[face.person] += bare_share(raw.y[part], masked.y[part]) > 0.3
    return present, bare


@pytest.mark.parametrize("live", [True, False], ids=["live", "film"])
def test_strangers_are_covered_and_the_enrolled_is_shown(photos, live):
    stage = Stage(photos)
    enrolled = bench.cast(config.load(), photos)
    present, bare = play(stage, enrolled, 100, 330, live)
    strangers = [person for person in present if person != "obama"]
    assert sum(present[person] for person in strangers) > 900
    assert {person: bare[person] for person in strangers} == dict.fromkeys(strangers, 0)
    assert bare["obama"] / present["obama"] > 0.85


def test_with_nobody_enrolled_everybody_is_covered(photos):
    present, bare = play(Stage(photos), NOBODY, 150, 120)
    assert sum(present.values()) > 400
    assert sum(bare.values()) == 0
