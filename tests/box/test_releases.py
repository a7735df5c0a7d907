"""Releases side by side: one is current, links change whole, old ones go."""

from __future__ import annotations

import os
import time

import pytest

from appliance.box import releases
from appliance.box.places import Places
from appliance.errors import InputError
from tests.box.machine import made


@pytest.fixture
def places(tmp_path):
    return Places(tmp_path)


def aged(release, seconds):
    os.utime(release.folder / releases.WHOLE, (seconds, seconds))
    return release


def test_a_release_that_was_cut_off_is_none(places):
    made(places, "1.0-aa", whole=False)
    assert releases.releases(places) == []
    with pytest.raises(InputError, match="there is none"):
        releases.release(places, "1.0-aa")


def test_the_one_to_go_back_to_is_remembered_apart(places):
    one, two = made(places, "1.0-aa"), made(places, "1.1-bb")
    releases.switch(places, one)
    assert (releases.current(places), releases.previous(places)) == (one, None)
    releases.switch(places, two)
    assert (releases.current(places), releases.previous(places)) == (two, None)
    releases.remember(places, one)
    assert (releases.current(places), releases.previous(places)) == (two, one)
    assert list(places.home.glob(".*")) == []


def test_old_releases_go_and_those_in_use_stay(places):
    old = [aged(made(places, f"1.{n}-aa"), n) for n in range(5)]
    releases.remember(places, old[0])
    releases.switch(places, old[1])
    assert releases.prune(places) == ["1.2-aa", "1.3-aa"]
    assert [one.label for one in releases.releases(places)] == ["1.0-aa", "1.1-aa", "1.4-aa"]


def test_a_link_to_nothing_is_no_release(places):
    places.home.mkdir(parents=True)
    places.current.symlink_to(places.releases / "gone")
    assert releases.current(places) is None


def test_what_was_begun_and_never_made_goes_once_nobody_can_be_making_it(places):
    one = made(places, "1.0-aa")
    releases.switch(places, one)
    being_made, cut_off = (made(places, label, whole=False) for label in ("1.1-bb", "1.2-cc"))
    long_ago = time.time() - 2 * releases.ABANDONED_S
    os.utime(cut_off.folder, (long_ago, long_ago))
    assert releases.prune(places) == ["1.2-cc"]
    assert sorted(path.name for path in places.releases.iterdir()) == [one.label, being_made.label]


def test_one_update_at_a_time(places):
    with (
        releases.alone(places),
        pytest.raises(releases.BusyError, match="another update of this box is going on"),
        releases.alone(places),
    ):
        raise AssertionError("two at once")
    with releases.alone(places):
        pass
