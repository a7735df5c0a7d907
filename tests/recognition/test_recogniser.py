"""Looks become evidence: nonsense is not believed, and nobody is proven to be in two places."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from appliance.core.geometry import Box
from appliance.core.identity import Gallery, Levels, Person, gallery
from appliance.core.tracks import Sighting, Track
from appliance.errors import ModelError
from appliance.recognition.recogniser import MIN_QUALITY, Look, Recogniser
from tests.core.test_identity import ANNA, near
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


PEOPLE = gallery([Person("anna", "Anna", np.stack([near(ANNA, 0.85, i) for i in range(5)]))])


class Script:
    """An Embedder that knows the similarity to Anna from the crop's first pixel, and whose face it is from the next."""

    def embed(self, crops: np.ndarray) -> np.ndarray:
        return np.stack([near(PEOPLE.centres[0], crop[0, 0, 0] / 100, int(crop[0, 0, 1])) for crop in crops])


def looked_at(frames: int, *similarities: float, people: Gallery = PEOPLE, first: int = 0) -> list[bool]:
    """Whether each face is proven after so many looks; they are in view from frame `first * their number` on."""
    recogniser, tracks = Recogniser(Script()), []
    for number in range(len(similarities)):
        tracks.append(Track(number, 0, (Sighting(0, Box(0, 0, 60, 60), 0.9),)))
    for frame in range(frames):
        looks = []
        for number, similarity in enumerate(similarities):
            crop = np.zeros((112, 112, 3), np.uint8)
            crop[0, 0, :2] = round(100 * similarity), number + 1
            if frame >= first * number:
                looks.append(Look(tracks[number], frame, crop, 0.9))
        updated = recogniser.examine(looks, people, Levels(), 0)
        tracks = [updated.get(track.id, track) for track in tracks]
    return [track.evidence.latest is not None and track.evidence.latest.proven for track in tracks]


def test_of_two_at_the_same_time_the_surer_one_is_proven():
    assert looked_at(8, 0.78) == [True]
    assert looked_at(8, 0.9, 0.78) == [True, False]
    assert looked_at(8, 0.78, 0.9) == [False, True]


def test_who_comes_after_the_other_one_went_is_proven():
    recogniser = Recogniser(Script())
    crop = np.zeros((112, 112, 3), np.uint8)
    for number, (similarity, frames) in enumerate([(90, range(8)), (80, range(20, 28))]):
        crop[0, 0, :2] = similarity, number + 1
        track = Track(number, 0, (Sighting(0, Box(0, 0, 60, 60), 0.9),))
        for frame in frames:
            track = recogniser.examine([Look(track, frame, crop, 0.9)], PEOPLE, Levels(), 0)[number]
        assert track.evidence.latest is not None
        assert track.evidence.latest.proven


def test_a_worthless_look_changes_nothing():
    track = Track(1, 0, (Sighting(0, Box(0, 0, 60, 60), 0.9),))
    look = Look(track, 0, np.zeros((112, 112, 3), np.uint8), 0.0)
    assert Recogniser(Script()).examine([look], PEOPLE, Levels(), 0) == {}
    assert Recogniser(Script()).examine([replace(look, quality=0.5)], PEOPLE, Levels(), 0)[1].evidence.latest
