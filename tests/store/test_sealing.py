"""A key may lie sealed: whoever may open it has it, and for everybody else it is there and cannot be had."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from appliance import config
from appliance.errors import StoreError
from appliance.jobs.shelf import Shelf
from appliance.store import DATABASE, KEY, Store, gallery_or_nobody, sealing
from appliance.store.people import Template
from appliance.store.vault import KEY_BYTES, is_kept, kept_key, make_key, read_key
from tests.scripted import identity
from tests.sealer import Machine

PLACES = list(sealing.CREDENTIALS)


@pytest.fixture
def machine(tmp_path, monkeypatch):
    return Machine(tmp_path, monkeypatch)


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data"
    (folder / "jobs").mkdir(parents=True)
    return folder


def sealed(path: Path) -> bytes:
    """A key that lies sealed only."""
    key = make_key(path)
    sealing.sealed(path).write_bytes(sealing.seal(key, path))
    path.unlink()
    return key


def handed(folder: Path, name: str, key: bytes, monkeypatch) -> None:
    """As systemd hands it to a service."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(key)
    monkeypatch.setenv(sealing.HANDED, str(folder))


@pytest.mark.parametrize("place", PLACES)
def test_root_opens_what_is_sealed(machine, data, place):
    key = sealed(data / place)
    assert key not in sealing.sealed(data / place).read_bytes()
    assert read_key(data / place) == kept_key(data / place) == key
    assert not (data / place).exists()


@pytest.mark.parametrize("place", PLACES)
def test_a_service_takes_what_it_was_handed(machine, data, tmp_path, place, monkeypatch):
    key = sealed(data / place)
    machine.not_as_root()
    handed(tmp_path / "handed", sealing.CREDENTIALS[place], key, monkeypatch)
    assert read_key(data / place) == key


def test_every_key_has_a_name_of_its_own(data):
    assert [sealing.credential(data / place) for place in PLACES] == list(sealing.CREDENTIALS.values())
    assert sealing.credential(data / "network-key") == ""


def test_who_is_handed_nothing_is_told_what_to_do(machine, data, tmp_path, monkeypatch):
    sealed(data / KEY)
    machine.not_as_root()
    with pytest.raises(StoreError, match=r"key\.sealed: the key is sealed.*sudo"):
        read_key(data / KEY)
    handed(tmp_path / "handed", "mofy-page-key", b"x" * KEY_BYTES, monkeypatch)
    with pytest.raises(StoreError, match="the key is sealed"):
        kept_key(data / KEY)
    assert not (data / KEY).exists(), "a key made now would look like the one that is sealed"


def test_what_a_service_is_handed_is_for_no_other_folder(machine, data, tmp_path, monkeypatch):
    """Where nothing is sealed, nothing of another box may be used."""
    handed(tmp_path / "handed", "mofy-key", b"x" * KEY_BYTES, monkeypatch)
    with pytest.raises(FileNotFoundError):
        read_key(data / KEY)


def test_a_file_goes_before_what_is_sealed(machine, data):
    """An owner put it back from a backup; of a sealing that was cut off it is the same key."""
    sealed(data / KEY)
    (data / KEY).write_bytes(b"b" * KEY_BYTES)
    machine.replace()
    assert read_key(data / KEY) == b"b" * KEY_BYTES


def test_neither_is_no_key(machine, data):
    assert not is_kept(data / KEY)
    with pytest.raises(FileNotFoundError):
        read_key(data / KEY)
    assert kept_key(data / KEY) == read_key(data / KEY)


@pytest.mark.parametrize("broken", [b"", b"rubbish", b"\0" * 5000])
def test_what_is_damaged_is_told(machine, data, broken):
    sealed(data / KEY)
    sealing.sealed(data / KEY).write_bytes(broken)
    with pytest.raises(StoreError, match="this machine cannot decrypt the key"):
        read_key(data / KEY)


def test_a_handed_key_of_another_length_is_none(machine, data, tmp_path, monkeypatch):
    sealed(data / KEY)
    handed(tmp_path / "handed", "mofy-key", b"short", monkeypatch)
    with pytest.raises(StoreError, match="is no key"):
        read_key(data / KEY)


def test_one_sealed_for_another_place_is_refused(machine, data):
    """Whoever may write in the folder cannot swap them."""
    key = make_key(data / "page-key")
    sealing.sealed(data / KEY).write_bytes(sealing.seal(key, data / "page-key"))
    with pytest.raises(StoreError, match="does not match"):
        read_key(data / KEY)


def test_without_systemds_program_the_reason_is_told(machine, data):
    sealed(data / KEY)
    machine.too_old()
    assert not sealing.possible()
    with pytest.raises(StoreError, match="cannot be run"):
        read_key(data / KEY)


def test_people_under_a_sealed_key(machine, data):
    Store.open(data, create=True)
    sealing.sealed(data / KEY).write_bytes(sealing.seal(read_key(data / KEY), data / KEY))
    (data / KEY).unlink()
    template = Template("m", identity("a"), np.zeros((112, 112, 3), np.uint8), 0.9, 0.1)
    Store.open(data, create=True).enrol("Ann", [template], "test")
    assert [person.name for person in Store.open(data).people()] == ["Ann"]
    machine.replace()
    people, fault = gallery_or_nobody(data, "m")
    assert people.people == ()
    assert fault
    assert "this machine cannot decrypt the key" in fault
    (data / DATABASE).unlink()
    with pytest.raises(StoreError, match="is missing, though its key is here"):
        Store.open(data)


def test_the_shelf_of_files_keeps_to_the_sealed_key(machine, data):
    key = sealed(data / "jobs/key")
    locked = Shelf(data, config.load().jobs).vault.lock(b"face", "here")
    assert not (data / "jobs/key").exists()
    (data / "jobs/key").write_bytes(key)
    assert Shelf(data, config.load().jobs).vault.open(locked, "here") == b"face"


@pytest.mark.skipif(
    os.geteuid() != 0 or not Path("/var/lib/systemd/credential.secret").exists() or not sealing.possible(),
    reason="no machine that has sealed something, or not root",
)
def test_the_stand_in_does_as_the_real_one(data, tmp_path, monkeypatch):
    """What we ask of it, and what it answers: with the real one first."""
    key, path = os.urandom(KEY_BYTES), data / KEY
    for real in (True, False):
        if not real:
            Machine(tmp_path, monkeypatch)
        locked = sealing.seal(key, path)
        assert sealing.unseal(locked, path) == key
        with pytest.raises(StoreError, match="name 'mofy-key' does not match"):
            sealing.unseal(locked, data / "page-key")
        with pytest.raises(StoreError, match="this machine cannot decrypt the key"):
            sealing.unseal(b"rubbish", path)
