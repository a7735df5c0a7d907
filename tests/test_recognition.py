"""An embedder is not believed when it answers nonsense: that might be like anybody."""

from __future__ import annotations

import numpy as np
import pytest

from appliance.core.identity import Levels
from appliance.core.tracking import Sighting, Track
from appliance.errors import ModelError
from appliance.recognition import MIN_QUALITY, Look, Recogniser
from tests.scripted import at, people


class Says:
    def __init__(self, rows: np.ndarray) -> None:
        self._rows = rows

    def embed(self, crops):
        return self._rows


def looks(*qualities: float) -> list[Look]:
    track = Track(1, 0, (Sighting(0, at(50, 50, 40), 0.9),))
    return [Look(track, 0, np.zeros((112, 112, 3), np.uint8), quality) for quality in qualities]


UNIT = np.eye(2, 64, dtype=np.float32)


@pytest.mark.parametrize(
    "rows",
    [UNIT * np.nan, np.full_like(UNIT, np.inf), UNIT * 0, UNIT * 3, UNIT[:1], UNIT[0], np.concatenate([UNIT, UNIT])],
)
def test_nonsense_ends_it(rows):
    recogniser = Recogniser(Says(rows))
    with pytest.raises(ModelError, match="nonsense"):
        recogniser.study(looks(0.9, 0.9))
    with pytest.raises(ModelError, match="nonsense"):
        recogniser.examine(looks(0.9, 0.9), people("ann"), Levels(), 0)


def test_what_is_learned_comes_with_the_look_it_was_learned_from_and_poor_ones_are_left_out():
    given = looks(0.9, MIN_QUALITY / 2, 0.5)
    studied = Recogniser(Says(UNIT)).study(given)
    assert [look.quality for look, _ in studied] == [0.9, 0.5]
    assert [row.tolist() for _, row in studied] == UNIT.tolist()
    assert Recogniser(Says(UNIT)).study([]) == ()
