"""Wishes are obeyed at once; whatever is wrong with the store, nobody is shown."""

from __future__ import annotations

import os
import sqlite3

import numpy as np
import pytest

from appliance.live import people_watch
from appliance.live.people_watch import RETRY_S, PeopleWatch
from appliance.store import DATABASE, KEY, Desired, Store
from appliance.store.people import Template

MODEL = "a-model"
FRAME_S = 1 / 30


def template(seed: int = 0) -> Template:
    vector = np.random.default_rng(seed).normal(size=16).astype(np.float32)
    return Template(MODEL, vector / np.linalg.norm(vector), np.zeros((112, 112, 3), np.uint8), 0.8, 0.1)


@pytest.fixture
def store(tmp_path):
    """A store with one person."""
    opened = Store.open(tmp_path / "data", create=True)
    opened.enrol("Anna", [template()], "test")
    return opened


class Clock:
    """Seconds that pass as a frame does: the watch is asked before each."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def watch(tmp_path):
    """A watch over it."""
    watching = PeopleWatch(tmp_path / "data", MODEL, now=Clock())
    yield watching
    watching.close()


def wait_for_change(watch: PeopleWatch, most_s: float = 2.0) -> float:
    """Seconds of the watch's clock until it sees one."""
    began = watch._now.now
    while not watch.changed():
        assert watch._now.now - began < most_s, "no change was seen"
        watch._now.now += FRAME_S
    return watch._now.now - began


def names(watch: PeopleWatch) -> list[str]:
    return sorted(person.name for person in watch.people.people)


def test_people_are_read_at_once_and_then_only_when_something_changed(store, watch):
    assert watch.changed()
    assert names(watch) == ["Anna"]
    watch._now.now += 0.1
    assert not watch.changed()


def test_adding_and_removing_is_seen_within_150_ms(store, watch):
    wait_for_change(watch)
    store.enrol("Béla", [template(1)], "test")
    assert wait_for_change(watch) < 0.15
    assert names(watch) == ["Anna", "Béla"]
    store.remove("Anna", "test")
    assert wait_for_change(watch) < 0.15
    assert names(watch) == ["Béla"]


def test_no_store_means_nobody_and_a_new_one_is_found(tmp_path, watch):
    watch.changed()
    assert names(watch) == []
    assert watch.fault is None
    Store.open(tmp_path / "data", create=True).enrol("Anna", [template()], "test")
    wait_for_change(watch)
    assert names(watch) == ["Anna"]
    assert watch.fault is None


@pytest.mark.parametrize("harm", ["no key", "another key", "no database", "rubbish"])
def test_a_harmed_store_covers_everyone_and_says_so(tmp_path, store, watch, harm):
    wait_for_change(watch)
    data = tmp_path / "data"
    if harm == "no key":
        (data / KEY).unlink()
    elif harm == "another key":
        (data / "new").write_bytes(os.urandom(32))
        (data / "new").replace(data / KEY)
    elif harm == "no database":
        (data / DATABASE).unlink()
    else:
        (data / "new").write_bytes(b"rubbish" * 1000)
        (data / "new").replace(data / DATABASE)
    wait_for_change(watch)
    assert names(watch) == []
    assert watch.fault


def test_a_store_that_is_well_again_is_read_again(tmp_path, store, watch):
    wait_for_change(watch)
    key = tmp_path / "data" / KEY
    key.rename(tmp_path / "kept")
    wait_for_change(watch)
    assert names(watch) == []
    (tmp_path / "kept").rename(key)
    wait_for_change(watch)
    assert names(watch) == ["Anna"]


@pytest.mark.parametrize("unreadable", ["wishes", "claims"])
def test_what_could_not_be_read_once_is_asked_for_again_though_nothing_changes(
    tmp_path, store, monkeypatch, unreadable
):
    """A store that is busy for a moment: everyone is covered, and what was wished holds soon all the same."""
    seconds = [0.0]
    watch = PeopleWatch(tmp_path / "data", MODEL, now=lambda: seconds[0])
    watch.changed()
    desired = Desired(tmp_path / "data")
    desired.set_setting("mode", "slate", "test")
    desired.cover("run", 7, None, "test")
    with monkeypatch.context() as busy:
        if unreadable == "wishes":
            busy.setattr("appliance.live.wishes._stored", _busy)
        else:
            busy.setattr(Desired, "claims", _busy)
        seconds[0] += 1
        assert watch.changed()
        assert watch.wishes.mode == ("cover-everyone" if unreadable == "wishes" else "slate")
        assert len(watch.claims) == (1 if unreadable == "wishes" else 0)
    seconds[0] += RETRY_S / 2
    assert not watch.changed(), "a store that fails is not asked at every frame"
    seconds[0] += RETRY_S
    assert watch.changed()
    assert watch.wishes.mode == "slate"
    assert len(watch.claims) == 1
    seconds[0] += 2 * RETRY_S
    assert not watch.changed()
    watch.close()


def _busy(*asked: object) -> None:
    raise sqlite3.OperationalError("database is locked")


def written_to(watch: PeopleWatch, monkeypatch, write, times: int = 1) -> None:
    """Let the watch look, while `write` is done each time after the wishes were read, and before the people are."""
    usual, left = people_watch.wishes, [times]

    def interrupted(*asked):
        found = usual(*asked)
        if left[0]:
            left[0] -= 1
            write()
        return found

    with monkeypatch.context() as patched:
        patched.setattr(people_watch, "wishes", interrupted)
        wait_for_change(watch)


def test_the_mode_of_one_moment_never_shows_the_people_of_another(tmp_path, store, watch, monkeypatch):
    """Everyone is covered, and only then somebody is enrolled: he was to be shown at no moment."""
    store.set_setting("mode", "selective", "test")

    def cover_everyone_and_enrol():
        store.set_setting("mode", "cover-everyone", "test")
        store.enrol("Béla", [template(1)], "test")

    written_to(watch, monkeypatch, cover_everyone_and_enrol)
    assert (watch.wishes.mode, names(watch)) == ("cover-everyone", ["Anna", "Béla"])


def test_who_is_kept_covered_is_not_shown_by_people_who_are_newer_than_the_wishes(tmp_path, store, watch, monkeypatch):
    anna = store.change("Anna", "test", enabled=False).id
    claims = PeopleWatch._claims

    def then(asked):
        found = claims(asked)
        monkeypatch.setattr(PeopleWatch, "_claims", claims)
        Desired(tmp_path / "data").cover_person(anna, None, "test")
        store.change("Anna", "test", enabled=True)
        return found

    monkeypatch.setattr(PeopleWatch, "_claims", then)
    wait_for_change(watch)
    assert names(watch) == ["Anna"]
    assert [claim.person for claim in watch.claims] == [anna]


def test_a_store_that_is_written_to_without_end_covers_everyone_until_it_rests(store, watch, monkeypatch):
    wait_for_change(watch)
    assert watch.wishes.mode == "selective"
    store.set_setting("margin", "0.3", "test")
    written_to(watch, monkeypatch, lambda: store.note("test", "once more"), times=1000)
    assert watch.wishes.mode == "cover-everyone"
    wait_for_change(watch)
    assert watch.wishes.mode == "selective"
