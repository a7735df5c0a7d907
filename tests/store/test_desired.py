"""Wishes need no key: whoever lost it, or enrolled nobody, must still be able to cover everyone."""

from __future__ import annotations

import math
import secrets
import stat
import threading
import time

import numpy as np
import pytest

from appliance.errors import InputError, StoreError
from appliance.store import DATABASE, KEY, Claim, Desired, Store, claims, database
from appliance.store.people import Template
from tests.scripted import identity

RUN, SOON = "a1b2", 3600.0


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def desired(folder):
    return Desired(folder)


def enrol(folder, name="Ann"):
    template = Template("m", identity(name), np.zeros((112, 112, 3), np.uint8), 0.9, 0.1)
    return Store.open(folder, create=True).enrol(name, [template], "test")


def soon() -> float:
    return time.time() + SOON


def only(desired: Desired) -> Claim:
    (claim,) = desired.claims(time.time())
    return claim


def test_no_store_holds_no_wish_and_looking_makes_none(desired, folder):
    assert (desired.settings(), desired.claims(0.0), desired.audit()) == ({}, (), [])
    assert not desired.anybody_enrolled()
    assert not folder.exists()


@pytest.mark.parametrize("key", ["never made", "lost", "another", "rubbish", "unreadable"])
def test_everything_without_a_name_is_wished_without_the_key(desired, folder, key):
    if key != "never made":
        enrol(folder)
        (folder / KEY).unlink()
    if key == "another":
        (folder / KEY).write_bytes(secrets.token_bytes(32))
    elif key == "rubbish":
        (folder / KEY).write_bytes(b"rubbish")
    elif key == "unreadable":
        (folder / KEY).mkdir()
    desired.set_setting("mode", "slate", "test")
    reveal = desired.reveal(RUN, 7, soon(), "test")
    cover = desired.cover(RUN, 8, None, "test")
    person = desired.cover_person("somebody", soon(), "test")
    assert desired.settings() == {"mode": "slate"}
    assert [claim.id for claim in desired.claims(time.time())] == [reveal, cover, person]
    assert desired.withdraw(cover, "test")
    assert not desired.withdraw(cover, "test")
    assert desired.forget_guests("test") == 1
    assert [claim.kind for claim in desired.claims(time.time())] == ["cover-person"]
    assert len(desired.audit()) == (7 if key != "never made" else 6)
    if key in ("never made", "lost"):
        assert not (folder / KEY).exists(), "a key made now would look like the one that is lost"
    assert stat.S_IMODE((folder / DATABASE).stat().st_mode) == 0o600


def test_a_first_wish_does_not_hinder_the_first_enrolment(desired, folder):
    desired.set_setting("mode", "slate", "test")
    enrol(folder)
    assert desired.anybody_enrolled()
    assert Store.open(folder).settings() == {"mode": "slate"}


def test_a_guests_name_is_locked_and_comes_back_while_the_key_is_there(desired, folder):
    desired.reveal(RUN, 7, soon(), "test", "  Grandma   Kim ")
    assert only(desired).name == "Grandma Kim"
    assert b"Grandma" not in b"".join(path.read_bytes() for path in folder.iterdir())
    assert "Grandma" not in str(desired.audit())
    (folder / KEY).unlink()
    assert (only(desired).name, only(desired).kind) == (None, "reveal")
    enrol(folder)
    assert only(desired).name is None


def test_a_name_needs_the_key_and_says_so(desired, folder):
    enrol(folder)
    (folder / KEY).unlink()
    with pytest.raises(StoreError, match="without a name"):
        desired.reveal(RUN, 7, soon(), "test", "Kim")
    assert desired.claims(time.time()) == ()
    assert not (folder / KEY).exists()


def test_the_same_wish_again_is_the_same_claim_with_another_end(desired):
    first, end = desired.reveal(RUN, 7, soon(), "test", "Kim"), soon() + 60
    before = only(desired)
    assert desired.reveal(RUN, 7, end, "test") == first
    after = only(desired)
    assert (after.until, after.name) == (end, None)
    assert after.asked_at > before.asked_at
    assert desired.cover(RUN, 7, None, "test") != first
    people = {desired.cover_person(person, None, "test") for person in ("a", "b", "a")}
    assert len(people) == 2


def test_what_has_ended_is_not_told_and_goes_with_the_next_wish(desired, monkeypatch):
    end = soon()
    desired.reveal(RUN, 7, end, "test")
    assert desired.claims(end) == ()
    assert len(desired.claims(0.0)) == 1
    monkeypatch.setattr(time, "time", lambda: end)
    desired.cover(RUN, 8, None, "test")
    assert [claim.kind for claim in desired.claims(0.0)] == ["cover"]


def test_another_run_of_the_engine_ends_what_was_said_of_tracks_but_not_of_people(desired):
    desired.reveal(RUN, 7, soon(), "test")
    desired.cover(RUN, 8, None, "test")
    person = desired.cover_person("somebody", None, "test")
    newer = desired.reveal("c3d4", 7, soon(), "test")
    assert [claim.id for claim in desired.claims(time.time())] == [person, newer]


@pytest.mark.parametrize("until", [math.inf, math.nan, -1.0, 0.0, 1e9])
def test_a_guest_needs_an_end_that_is_to_come(desired, folder, until):
    with pytest.raises(InputError):
        desired.reveal(RUN, 7, until, "test")
    assert not folder.exists()


def test_a_cover_for_ever_has_no_end(desired):
    desired.cover(RUN, 7, math.inf, "test")
    assert only(desired).until is None


@pytest.mark.parametrize("name", ["", "  ", "\u202eKim", "x" * 101])
def test_what_cannot_be_a_name_is_refused_and_nothing_is_stored(desired, folder, name):
    with pytest.raises(InputError):
        desired.reveal(RUN, 7, soon(), "test", name)
    assert not folder.exists()


def test_a_flood_of_wishes_is_refused_and_the_panic_button_works_on(desired, monkeypatch):
    monkeypatch.setattr(claims, "MOST", 5)
    for track in range(5):
        desired.cover(RUN, track, None, "test")
    with pytest.raises(InputError, match="already"):
        desired.cover(RUN, 99, None, "test")
    assert len(desired.claims(time.time())) == 5
    desired.cover(RUN, 3, None, "test")
    desired.set_setting("mode", "slate", "test")


def test_a_database_of_an_older_version_is_read_and_brought_up_to_date_by_the_first_wish(desired, folder, monkeypatch):
    older = {name: sql for name, sql in database.MIGRATIONS.items() if name < "0003"}
    with monkeypatch.context() as patched:
        patched.setattr(database, "MIGRATIONS", older)
        desired.set_setting("mode", "slate", "test")
    assert desired.claims(time.time()) == ()
    desired.reveal(RUN, 7, soon(), "test")
    assert (len(desired.claims(time.time())), desired.settings()) == (1, {"mode": "slate"})


@pytest.mark.parametrize("harm", ["rubbish", "a folder that is a file"])
def test_what_cannot_be_kept_is_told_in_one_line(desired, folder, harm):
    if harm == "rubbish":
        folder.mkdir()
        (folder / DATABASE).write_bytes(b"rubbish" * 1000)
    else:
        folder.write_text("a file")
    for wish in (
        lambda: desired.set_setting("mode", "slate", "test"),
        lambda: desired.reveal(RUN, 7, soon(), "test"),
        lambda: desired.claims(time.time()),
    ):
        with pytest.raises(StoreError) as error:
            wish()
        assert "\n" not in str(error.value)


def test_wishes_of_many_at_once_are_all_kept(folder):
    def wish(of: int) -> None:
        for k in range(5):
            Desired(folder).cover(RUN, 10 * of + k, None, "test")

    threads = [threading.Thread(target=wish, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(Desired(folder).claims(time.time())) == 20


def test_the_engines_watch_sees_each_wish(desired, folder):
    store_watch = Store.open(folder, create=True)
    seen = [store_watch.version()]
    desired.reveal(RUN, 7, soon(), "test")
    seen.append(store_watch.version())
    desired.forget_guests("test")
    seen.append(store_watch.version())
    store_watch.close()
    assert len(set(seen)) == 3
