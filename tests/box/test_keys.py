"""The box's keys: sealed from the start, sealed later, files again for a release of before; never lost on the way."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

from appliance.box import health, keys, removal, system_files, update
from appliance.box.places import Places
from appliance.errors import InputError, StoreError
from appliance.jobs import shelf
from appliance.store import KEY, Desired, Store, sealing
from appliance.store.people import Template
from appliance.store.vault import make_key, read_key
from tests.box.machine import Manager, made
from tests.mofy_process import CHECKOUT
from tests.scripted import identity
from tests.sealer import Machine

OFFER = CHECKOUT / "appliance/box/offer_keys.sh"


@pytest.fixture(autouse=True)
def machine(tmp_path_factory, monkeypatch):
    """Where the box is installed."""
    return Machine(tmp_path_factory.mktemp("machine"), monkeypatch)


@pytest.fixture
def places(tmp_path, monkeypatch):
    monkeypatch.setattr(health, "STEADY_S", 0.05)
    monkeypatch.setattr(health, "SETTLED_S", 3.0)
    places = Places(tmp_path)
    places.data.mkdir(parents=True)
    (places.root / keys.OFFERED).mkdir(parents=True)
    return places


def kept(places: Places) -> set[str]:
    """Every key of the box, open or sealed."""
    return {place for place in sealing.CREDENTIALS if (places.data / place).exists()} | {
        f"{place}.sealed" for place in sealing.CREDENTIALS if sealing.sealed(places.data / place).exists()
    }


SEALED = {"key.sealed", "jobs/key.sealed", "page-key.sealed"}


def enrol(places: Places) -> None:
    template = Template("m", identity("a"), np.zeros((112, 112, 3), np.uint8), 0.9, 0.1)
    Store.open(places.data, create=True).enrol("Ann", [template], "test")


def people(places: Places) -> list[str]:
    return [person.name for person in Store.open(places.data).people()]


def old_release(places: Places, label: str = "0.9-aa"):
    """One that knows nothing of sealed keys."""
    release = made(places, label)
    (release.folder / keys.UNIT).unlink()
    return release


def test_a_new_box_has_sealed_keys_from_the_start(places):
    lines: list[str] = []
    update.activate(places, made(places, "1.0-aa"), Manager(places), lines.append)
    assert kept(places) == SEALED
    assert any("are sealed to this machine" in line for line in lines)
    assert people(places) == []
    enrol(places)
    assert people(places) == ["Ann"]
    assert kept(places) == SEALED, "and no open one comes to lie beside them"


def test_sealed_keys_are_for_whom_the_folder_is(places):
    places.data.chmod(0o2770)
    update.activate(places, made(places, "1.0-aa"), Manager(places), print)
    for place in sealing.CREDENTIALS:
        assert sealing.sealed(places.data / place).stat().st_mode & 0o777 == 0o660
    assert (places.data / shelf.FOLDER).stat().st_mode & 0o777 == 0o770


def test_an_old_systemd_leaves_everything_as_it_was(places, machine):
    machine.too_old()
    lines: list[str] = []
    update.activate(places, made(places, "1.0-aa"), Manager(places), lines.append)
    assert kept(places) == set()
    assert not any("seal" in line for line in lines)
    placed = [path.read_text() for path in system_files.placed(places) if path.suffix == ".service"]
    assert not any("LoadCredentialEncrypted=" in unit for unit in placed)
    enrol(places)
    assert kept(places) == {"key"}
    with pytest.raises(InputError, match="takes systemd 250"):
        keys.seal(places)


def test_units_ask_for_keys_where_systemd_can_open_them(places):
    update.activate(places, made(places, "1.0-aa"), Manager(places), print)
    engine = (places.root / "etc/systemd/system/mofy-engine.service").read_text()
    assert "LoadCredentialEncrypted=mofy-key\n" in engine


def test_an_upgrade_leaves_open_keys_alone_and_says_so(places):
    """The owner's backups may count on them."""
    update.activate(places, old_release(places), Manager(places), print)
    enrol(places)
    lines: list[str] = []
    update.activate(places, made(places, "1.0-bb"), Manager(places), lines.append)
    assert kept(places) == {"key"}
    assert "sudo mofy box seal" in lines[-1]
    assert people(places) == ["Ann"]


def test_sealing_by_hand_and_back(places):
    enrol(places)
    make_key(places.data / "page-key")
    was = read_key(places.data / KEY)
    assert keys.seal(places) == [places.data / "key", places.data / "page-key"]
    assert kept(places) == {"key.sealed", "page-key.sealed"}
    assert keys.seal(places) == []
    assert people(places) == ["Ann"]
    assert keys.unseal(places) == [places.data / "key", places.data / "page-key"]
    assert kept(places) == {"key", "page-key"}
    assert (places.data / KEY).read_bytes() == was
    assert keys.unseal(places) == []


def test_no_copy_of_a_key_stays_that_was_cut_off_as_it_was_made(places, monkeypatch):
    """The power went between the link and the end of the draft, which is the same file."""
    usual = Path.unlink

    def cut(path, **how):
        if path.name.startswith(".key-"):
            raise KeyboardInterrupt
        usual(path, **how)

    with monkeypatch.context() as power:
        power.setattr(Path, "unlink", cut)
        places.data.mkdir(parents=True, exist_ok=True)
        with pytest.raises(KeyboardInterrupt):
            make_key(places.data / KEY)
    was = read_key(places.data / KEY)
    enrol(places)
    keys.seal(places)
    assert [path for path in places.data.iterdir() if path.is_file() and path.read_bytes() == was] == []


def test_sealing_a_box_that_has_none_yet_makes_them(places):
    assert len(keys.seal(places)) == len(SEALED)
    assert kept(places) == SEALED


def test_where_there_is_no_box_there_is_nothing_to_seal(places):
    places.data.rmdir()
    with pytest.raises(InputError, match="there is no box here"):
        keys.seal(places)
    assert keys.unseal(places) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root works in others' folders")
def test_root_follows_no_link_out_of_the_folder(places, tmp_path):
    """The page may write in the data folder, and root's rights are not for it to borrow."""
    theirs = tmp_path / "theirs"
    theirs.mkdir(mode=0o755)
    (theirs / "key").write_bytes(b"r" * 32)
    (theirs / "key").chmod(0o644)
    os.chown(places.data, 12345, 12345)
    for above in places.data.relative_to(tmp_path).parents:
        (tmp_path / above).chmod(0o755)
    (places.data / "jobs").symlink_to(theirs)
    with pytest.raises(StoreError, match="permission denied"):
        keys.seal(places)
    assert [path.name for path in theirs.iterdir()] == ["key"]


def test_a_wish_before_anybody_is_enrolled_is_no_lost_key(places):
    Desired(places.data).set_setting("strength", "4", "test")
    assert keys.seal(places) == []
    enrol(places)
    assert keys.seal(places) == [places.data / KEY]
    assert people(places) == ["Ann"]


def test_a_key_that_does_not_open_the_people_is_not_sealed_over_the_one_that_does(places):
    enrol(places)
    keys.seal(places)
    (places.data / KEY).write_bytes(b"w" * 32)
    before = sealing.sealed(places.data / KEY).read_bytes()
    with pytest.raises(StoreError, match="is not the key"):
        keys.seal(places)
    assert sealing.sealed(places.data / KEY).read_bytes() == before
    (places.data / KEY).unlink()
    assert people(places) == ["Ann"]


@pytest.mark.parametrize("answer", [b"", b"another key of the same length!!"])
def test_the_file_stays_where_the_sealed_one_is_not_the_same(places, monkeypatch, answer):
    enrol(places)
    monkeypatch.setattr(sealing, "unseal", lambda locked, path: answer)
    with pytest.raises(StoreError, match=r"the file .* stays"):
        keys.seal(places)
    assert people(places) == ["Ann"]


def test_a_seal_that_fails_loses_nothing_and_a_new_box_works_with_files(places, monkeypatch):
    def fails(key: bytes, path: Path) -> bytes:
        raise StoreError(f"{path}: this machine cannot encrypt the key (no TPM)")

    monkeypatch.setattr(sealing, "seal", fails)
    lines: list[str] = []
    update.activate(places, made(places, "1.0-aa"), Manager(places), lines.append)
    assert any("not sealed to this machine" in line for line in lines)
    enrol(places)
    assert kept(places) == {"key"}
    with pytest.raises(StoreError, match="no TPM"):
        keys.seal(places)
    assert people(places) == ["Ann"]


def test_a_cut_while_sealing_leaves_both_and_both_serve(places):
    enrol(places)
    sealing.sealed(places.data / KEY).write_bytes(b"half")
    assert people(places) == ["Ann"]
    keys.seal(places)
    assert kept(places) == {"key.sealed"}
    assert people(places) == ["Ann"]
    (places.data / KEY).write_bytes(sealing.opened(places.data / KEY))
    keys.unseal(places)
    assert kept(places) == {"key"}


def test_a_machines_secret_in_memory_is_no_secret_to_seal_with(places, monkeypatch):
    """A read-only system's overlay: with the power it would be gone, and the people on their partition with it."""
    enrol(places)
    (places.root / keys.MACHINE_SECRET).mkdir(parents=True)
    real = Path.stat
    monkeypatch.setattr(keys, "_file_system", lambda path: "overlayfs")
    assert keys.seal(places) == [places.data / KEY], "of one disk both stay or go"
    keys.unseal(places)

    def elsewhere(path: Path, **given: bool) -> os.stat_result:
        found = real(path, **given)
        if path != places.root / keys.MACHINE_SECRET:
            return found
        return os.stat_result((*found[:2], found.st_dev + 1, *found[3:]))

    monkeypatch.setattr(Path, "stat", elsewhere)
    with pytest.raises(InputError, match="lies in memory"):
        keys.seal(places)
    assert kept(places) == {"key"}


def test_going_back_to_a_release_of_before_makes_files_of_them(places):
    old, new = old_release(places), made(places, "1.0-bb")
    update.activate(places, old, Manager(places), print)
    enrol(places)
    update.activate(places, new, Manager(places), print)
    keys.seal(places)
    lines: list[str] = []
    update.rollback(places, Manager(places), lines.append)
    assert kept(places) == {"key"}
    assert any("is a file again: 0.9-aa knows nothing of sealed keys" in line for line in lines)
    assert people(places) == ["Ann"]


def test_going_back_where_they_cannot_be_opened_says_what_will_be(places, machine):
    old, new = old_release(places), made(places, "1.0-bb")
    update.activate(places, old, Manager(places), print)
    update.activate(places, new, Manager(places), print)
    enrol(places)
    keys.seal(places)
    machine.replace()
    lines: list[str] = []
    update.rollback(places, Manager(places), lines.append)
    assert any(line.startswith("0.9-aa will cover everyone: ") for line in lines)
    assert "key.sealed" in kept(places), "what cannot be opened here may be opened elsewhere"


def test_a_release_that_fails_leaves_the_keys_as_they_were(places):
    one, two = made(places, "1.0-aa"), made(places, "2.0-bb", "2.0")
    update.activate(places, one, Manager(places), print)
    enrol(places)
    with pytest.raises(Exception, match="runs again"):
        update.activate(places, two, Manager(places, broken=("2.0",)), print)
    assert kept(places) == SEALED
    assert people(places) == ["Ann"]


def test_uninstalling_takes_back_what_was_offered_and_nobody_elses(places):
    update.activate(places, made(places, "1.0-aa"), Manager(places), print)
    offer(places)
    theirs = places.root / keys.OFFERED / "database-password"
    theirs.touch()
    list(removal.uninstall(places, Manager(places), purge=False))
    assert list((places.root / keys.OFFERED).iterdir()) == [theirs]
    assert kept(places) == SEALED
    list(removal.uninstall(places, Manager(places), purge=True))
    assert not places.data.exists()


def offer(places: Places) -> str:
    """What mofy-keys.service does; its words."""
    run = subprocess.run(
        ["sh", OFFER, places.data, places.root / keys.OFFERED], capture_output=True, text=True, check=True
    )
    return run.stderr


def offered(places: Places) -> set[str]:
    return {path.name for path in (places.root / keys.OFFERED).iterdir()}


def test_what_opens_here_is_offered_to_the_services_and_still_sealed(places):
    update.activate(places, made(places, "1.0-aa"), Manager(places), print)
    assert offer(places) == ""
    assert offered(places) == set(sealing.CREDENTIALS.values())
    for place, name in sealing.CREDENTIALS.items():
        found = places.root / keys.OFFERED / name
        assert found.read_bytes() == sealing.sealed(places.data / place).read_bytes()
        assert found.stat().st_mode & 0o077 == 0


def test_what_does_not_open_here_is_not_offered_any_more(places, machine):
    update.activate(places, made(places, "1.0-aa"), Manager(places), print)
    offer(places)
    own = places.data / "page-key"
    machine.replace()
    sealing.sealed(own).write_bytes(sealing.seal(b"x" * 32, own))
    words = offer(places)
    assert offered(places) == {"mofy-page-key"}
    assert f"{places.data / 'key.sealed'}: this machine cannot open it" in words


def test_nothing_sealed_is_nothing_offered(places):
    assert offer(places) == ""
    assert offered(places) == set()
