"""One more sighting: what a track keeps, and what it learns."""

from dataclasses import fields

from appliance.core.identity import Evidence
from appliance.core.motion import seen
from appliance.core.slips import Slip
from appliance.core.tracks import Sighting, Track
from tests.scripted import at, face


def test_nothing_known_of_a_track_is_lost_when_it_is_seen_again():
    known = {
        "id": 7,
        "shot": 2,
        "sightings": (Sighting(3, at(100, 100, 50), 0.9), Sighting(4, at(104, 100, 50), 0.9)),
        "velocity": (4.0, 0.0),
        "evidence": Evidence(run=3),
        "ended_at": 90,
        "believed": 0.25,
        "doubted_at": 3,
        "slip": Slip(0.1, 0.1, 0.1, 0.1),
        "resumed": True,
    }
    assert known.keys() == {field.name for field in fields(Track)}, "a new field: is it kept?"
    after = seen(Track(**known), face(at(108, 100, 50), 0.8), 5, leaps=False, oldest=0)
    learned = {"sightings", "velocity"}
    assert {name: getattr(after, name) for name in known.keys() - learned} == {
        name: value for name, value in known.items() if name not in learned
    }
    assert [sighting.frame for sighting in after.sightings] == [3, 4, 5]
    assert after.velocity == (4.0, 0.0)
