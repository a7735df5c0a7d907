"""What starts and stops a recording."""

import pytest

from appliance.live.recording import Recording
from appliance.live.wishes import Wishes
from appliance.options import Record


class People:
    def __init__(self, wished: bool | None, asked: bool = True) -> None:
        self.wishes, self.asked = Wishes(record=wished), asked


class Recorder:
    recording = False

    def switch(self, on: bool) -> None:
        self.recording = on


@pytest.mark.parametrize(
    ("started_on", "wished", "records"),
    [(True, None, True), (False, None, False), (True, False, False), (False, True, True)],
)
def test_a_wish_overrules_how_it_was_started(started_on, wished, records):
    recording = Recording(options(started_on), People(wished), Recorder())
    recording.obey()
    assert (recording.on, recording.fault) == (records, None)


def test_nothing_begins_before_it_is_known_what_is_wished():
    recording = Recording(options(True), People(None, asked=False), Recorder())
    recording.obey()
    assert not recording.on


def test_a_wish_without_a_folder_is_told():
    recording = Recording(options(True), People(True), None)
    recording.obey()
    assert not recording.on
    assert "--record FOLDER" in recording.fault
    assert Recording(options(True), People(None), None).fault is None


def options(on: bool) -> Record:
    return Record(folder="", on=on, minutes=1, keep_free_mb=10)
