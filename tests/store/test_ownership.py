"""Whose a file is: its owner's alone, or its group's where the folder is shared, and never anybody else's."""

from __future__ import annotations

import stat

import pytest

from appliance.store import Store, ownership
from appliance.store.vault import make_key, read_key


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(params=[0o700, 0o2770], ids=["alone", "shared"])
def folder(request, tmp_path):
    place = tmp_path / "data"
    place.mkdir()
    place.chmod(request.param)
    return place


def test_what_is_made_in_a_folder_is_for_whom_the_folder_is(folder):
    shared = ownership.is_shared(folder)
    (folder / "sub").mkdir(mode=0o700)
    ownership.like_folder(folder / "sub")
    make_key(folder / "key")
    Store.open(folder, create=True).close()
    assert mode(folder / "key") == mode(folder / "people.db") == (0o660 if shared else 0o600)
    assert mode(folder / "sub") & 0o777 == (0o770 if shared else 0o700)


def test_a_key_that_others_may_read_is_taken_from_them(folder):
    make_key(folder / "key")
    allowed = mode(folder / "key")
    (folder / "key").chmod(0o666)
    read_key(folder / "key")
    assert mode(folder / "key") == allowed


def test_the_first_to_make_a_secret_wins(tmp_path):
    ownership.make_once(tmp_path / "secret", b"first")
    ownership.make_once(tmp_path / "secret", b"second")
    assert (tmp_path / "secret").read_bytes() == b"first"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["secret"]
