"""What becomes of an update, from `mofy box` that writes it down to Home Assistant's words."""

from __future__ import annotations

import pytest

from appliance import __version__
from appliance.box.places import Places
from appliance.box.update import note
from appliance.mqtt.update import NAME, update


def test_without_any_the_version_that_runs_is_all_there_is(tmp_path):
    told = update(tmp_path)
    assert (told["installed_version"], told["latest_version"], told["in_progress"]) == (__version__, __version__, False)


def test_one_that_is_on_its_way_is_told_of_and_then_what_became_of_it(tmp_path):
    places = Places(tmp_path)
    note(places, "installing", "9.9.1-1a2b3c4d", "")
    told = update(places.data)
    assert (told["latest_version"], told["in_progress"]) == ("9.9.1", True)
    note(places, "returned", "9.9.1-1a2b3c4d", "the encoder is gone")
    told = update(places.data)
    assert (told["latest_version"], told["in_progress"]) == (__version__, False)
    assert told["release_summary"] == "the encoder is gone"


@pytest.mark.parametrize("text", ["", "[]", '{"state": 7}', '{"release": "a b"}', "\0"])
def test_a_damaged_file_is_as_good_as_none(tmp_path, text):
    (tmp_path / NAME).write_text(text)
    assert update(tmp_path)["in_progress"] is False
