"""From one release to the next: only what is signed and works, and back by itself."""

from __future__ import annotations

import pytest

from appliance.box import releases, update
from appliance.errors import InputError, MofyError
from tests.box.machine import Manager, Stuck, made, noted, said


def test_the_first_installation_places_its_files_and_starts(places):
    one, manager = made(places, "1.0-aa"), Manager(places)
    update.activate(places, one, manager, said())
    assert releases.current(places) == one
    assert (places.root / "etc/systemd/system/mofy-engine.service").is_file()
    assert (places.root / "etc/sysusers.d/mofy.conf").is_file()
    assert manager.calls == ["prepare", "prepare", "restart"]
    assert "# strength = 3    # how much" in places.options.read_text()
    assert noted(places)["state"] == "current"


def test_twice_changes_nothing_and_the_owners_options_stay(places):
    one = made(places, "1.0-aa")
    update.activate(places, one, Manager(places), said())
    places.options.write_text("[look]\nstrength = 5\n")
    lines: list[str] = []
    update.activate(places, one, Manager(places), said(lines))
    assert lines == ["1.0-aa runs"]
    assert places.options.read_text() == "[look]\nstrength = 5\n"


def test_a_release_that_does_not_run_goes_back_by_itself(places):
    one, two = made(places, "1.0-aa"), made(places, "2.0-bb", "2.0")
    update.activate(places, one, Manager(places), said())
    with pytest.raises(
        MofyError, match=r"2\.0-bb does not work.*encoder is gone; the engine said: the camera is on fire; 1\.0-aa"
    ):
        update.activate(places, two, Manager(places, broken=("2.0",)), said())
    assert releases.current(places) == one
    assert noted(places)["state"] == "returned"


def test_a_box_without_a_camera_is_installed_and_updated(places):
    """It may be plugged in later."""
    blind = Manager(places, blind=("1.0", "2.0"))
    for release in (made(places, "1.0-aa"), made(places, "2.0-bb", "2.0")):
        update.activate(places, release, blind, said())
        assert releases.current(places) == release


def test_a_release_that_loses_the_camera_goes_back(places):
    one, two = made(places, "1.0-aa"), made(places, "2.0-bb", "2.0")
    update.activate(places, one, Manager(places), said())
    with pytest.raises(MofyError, match=r"reports no-picture.*1\.0-aa runs again"):
        update.activate(places, two, Manager(places, blind=("2.0",)), said())
    assert releases.current(places) == one


def test_a_first_installation_that_fails_says_why(places):
    with pytest.raises(MofyError, match="not found"):
        update.activate(places, made(places, "1.0-aa"), Stuck(places), said())
    assert noted(places)["state"] == "failed"


def test_without_systemd_it_is_placed_for_the_next_boot(places):
    lines: list[str] = []
    update.activate(places, made(places, "1.0-aa"), Manager(places, running=False), said(lines))
    assert lines[-1].startswith("There is no running systemd here")


def test_a_file_that_the_new_release_lacks_goes(places):
    one, two = made(places, "1.0-aa"), made(places, "1.1-bb")
    (one.folder / "systemd/mofy-old.service").write_text("[Service]\n")
    update.activate(places, one, Manager(places), said())
    assert (places.root / "etc/systemd/system/mofy-old.service").exists()
    update.activate(places, two, Manager(places), said())
    assert not (places.root / "etc/systemd/system/mofy-old.service").exists()


def test_going_back_by_hand(places):
    one, two = made(places, "1.0-aa"), made(places, "1.1-bb")
    with pytest.raises(InputError, match="no release to go back to"):
        update.rollback(places, Manager(places), said())
    update.activate(places, one, Manager(places), said())
    update.activate(places, two, Manager(places), said())
    assert update.rollback(places, Manager(places), said()) == one
    assert releases.current(places) == one


BROKEN = ("2.0",)


def cut_while_tried(places, label="2.0-bb", version="2.0"):
    """The new release runs for the first time when the power goes: nothing was seen of it yet."""
    one, two = made(places, "1.0-aa"), made(places, label, version)
    update.activate(places, one, Manager(places), said())

    class Cut(Manager):
        def restart(self):
            raise SystemExit

    with pytest.raises(SystemExit):
        update.activate(places, two, Cut(places), said())
    assert releases.current(places) == two
    assert noted(places)["state"] == "installing"
    return one, two


@pytest.mark.parametrize("broken", [(), BROKEN])
def test_a_release_that_the_power_cut_off_is_tried_at_the_next_start(places, broken):
    one, two = cut_while_tried(places)
    booted = Manager(places, broken)
    booted.restart()
    update.resume(places, booted, said())
    assert releases.current(places) == (one if broken else two)
    assert releases.previous(places) == (None if broken else one)
    assert noted(places)["state"] == ("returned" if broken else "current")
    assert releases.begun_from(places) is None
    calls = list(booted.calls)
    update.resume(places, booted, said())
    assert booted.calls == calls, "there is nothing more to end"


def test_units_of_a_release_that_never_became_current_go_again(places):
    one, two = made(places, "1.0-aa"), made(places, "2.0-bb", "2.0")
    update.activate(places, one, Manager(places), said())
    (two.folder / "systemd/mofy-new.service").write_text("[Service]\n")

    class Cut(Manager):
        def prepare(self):
            raise SystemExit

    with pytest.raises(SystemExit):
        update.activate(places, two, Cut(places), said())
    assert (places.root / "etc/systemd/system/mofy-new.service").exists()
    update.resume(places, Manager(places), said())
    assert not (places.root / "etc/systemd/system/mofy-new.service").exists()
    assert (releases.current(places), noted(places)["state"]) == (one, "returned")


def test_after_a_return_there_is_no_way_back_to_what_failed(places):
    one, two = made(places, "1.0-aa"), made(places, "2.0-bb", "2.0")
    update.activate(places, one, Manager(places), said())
    with pytest.raises(MofyError, match="runs again"):
        update.activate(places, two, Manager(places, BROKEN), said())
    with pytest.raises(InputError, match="no release to go back to"):
        update.rollback(places, Manager(places), said())
    assert releases.begun_from(places) is None


@pytest.mark.parametrize("fault", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_whatever_stops_an_update_it_goes_back(places, fault):
    one, two = made(places, "1.0-aa"), made(places, "2.0-bb", "2.0")
    update.activate(places, one, Manager(places), said())

    class Stopped(Manager):
        def restart(self):
            if releases.current(places) == two:
                raise fault
            super().restart()

    with pytest.raises(MofyError, match=r"2\.0-bb does not work.*1\.0-aa runs again"):
        update.activate(places, two, Stopped(places), said())
    assert releases.current(places) == one
