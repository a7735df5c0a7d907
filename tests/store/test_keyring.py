"""A database without its key, a key without its database, and another key."""

import pytest

from appliance.core.identity import NOBODY
from appliance.errors import StoreError
from appliance.store import DATABASE, KEY, Desired, Store, gallery_or_nobody
from tests.store.faults import nobody_is_shown
from tests.store.stored import MODEL, template


def test_a_box_without_people_shows_nobody_and_has_no_fault(folder):
    assert gallery_or_nobody(folder, MODEL) == (NOBODY, None)
    with pytest.raises(StoreError, match="nobody is enrolled"):
        Store.open(folder)
    assert not folder.exists(), "looking makes nothing"
    Desired(folder).set_setting("style", "solid", "test")
    assert gallery_or_nobody(folder, MODEL) == (NOBODY, None)


def test_a_lost_database_is_a_fault_and_not_a_box_without_people(store, folder):
    store.enrol("Ann", [template()], "test")
    store.close()
    for path in folder.glob(f"{DATABASE}*"):
        path.unlink()
    nobody_is_shown(folder, "is missing, though its key is here")
    Store.open(folder, create=True).enrol("Ann", [template()], "test")
    assert len(gallery_or_nobody(folder, MODEL)[0].people) == 1


def test_a_lost_key_shows_nobody_and_is_not_made_anew(store, folder):
    store.enrol("Ann", [template()], "test")
    (folder / KEY).unlink()
    nobody_is_shown(folder, "key is missing")
    with pytest.raises(StoreError, match="key is missing"):
        Store.open(folder, create=True)
    assert not (folder / KEY).exists()


@pytest.mark.parametrize("key", [b"another key, of the right length", b"", b"x" * 31])
def test_a_wrong_key_shows_nobody(store, folder, key):
    store.enrol("Ann", [template()], "test")
    (folder / KEY).write_bytes(key)
    nobody_is_shown(folder, "key")
    assert (folder / KEY).read_bytes() == key


def test_a_key_that_comes_back_opens_everything(store, folder):
    store.enrol("Ann", [template()], "test")
    (folder / KEY).rename(folder / "away")
    nobody_is_shown(folder, "key is missing")
    (folder / "away").rename(folder / KEY)
    assert [person.name for person in gallery_or_nobody(folder, MODEL)[0].people] == ["Ann"]


def test_a_key_lost_before_anybody_was_enrolled_is_made_anew(store, folder):
    (folder / KEY).unlink()
    Store.open(folder, create=True).enrol("Ann", [template()], "test")
    assert len(gallery_or_nobody(folder, MODEL)[0].people) == 1
