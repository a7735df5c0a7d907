import resource
import unicodedata
from pathlib import Path

import numpy as np
import pytest

from appliance.errors import InputError
from appliance.store import archive
from appliance.store.archive import Person, Photo
from appliance.store.people import Enrolled

PASSPHRASE = "correct horse"


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """The least work a file may ask for: what is tested does not depend on it."""
    monkeypatch.setattr(archive, "WORK", archive.WORK_RANGE.start)


@pytest.fixture
def people():
    dice = np.random.default_rng(0)
    crops = [dice.integers(0, 255, (112, 112, 3)).astype(np.uint8) for _ in range(3)]
    ann = Enrolled("1", "김민수", "a note", True, 1000.0, 2000.5, 2)
    ben = Enrolled("2", "Ben Underwood", "", False, 1001.0, None, 1)
    other = Photo(crops[2][::-1], 0.7, 0.2)
    return [
        Person(ann, [Photo(crops[0], 0.9, 0.1), Photo(crops[1], 0.5, 0.6)], [other]),
        Person(ben, [Photo(crops[2], 1.0, 0.0)]),
    ]


def test_people_come_back_as_they_were(tmp_path, people):
    archive.write(tmp_path / "a.mofy", people, PASSPHRASE)
    again = archive.read(tmp_path / "a.mofy", PASSPHRASE)
    for person, was in zip(again, people, strict=True):
        for field in ("name", "note", "enabled", "created_at", "expires_at", "photos"):
            assert getattr(person.enrolled, field) == getattr(was.enrolled, field)
        assert person.enrolled.rejected == len(was.rejected)
        for photos, before in ((person.photos, was.photos), (person.rejected, was.rejected)):
            for photo, photo_before in zip(photos, before, strict=True):
                assert (photo.crop == photo_before.crop).all()
                assert (photo.quality, photo.turn) == (photo_before.quality, photo_before.turn)


def test_the_file_tells_nothing_and_is_for_its_owner_alone(tmp_path, people):
    archive.write(tmp_path / "a.mofy", people, PASSPHRASE)
    content = (tmp_path / "a.mofy").read_bytes()
    # Long words: three letters stand in noise of this length now and then.
    assert b"Ben Underwood" not in content
    assert b"\x89PNG\r\n\x1a\n" not in content
    assert (tmp_path / "a.mofy").stat().st_mode & 0o777 == 0o600


def test_another_passphrase_opens_nothing(tmp_path, people):
    archive.write(tmp_path / "a.mofy", people, PASSPHRASE)
    with pytest.raises(InputError, match="passphrase is wrong"):
        archive.read(tmp_path / "a.mofy", PASSPHRASE + "!")


def test_a_passphrase_in_hangul_is_the_same_from_any_keyboard(tmp_path, people):
    archive.write(tmp_path / "a.mofy", people, "열려라 참깨 하나")
    assert archive.read(tmp_path / "a.mofy", unicodedata.normalize("NFD", "열려라 참깨 하나"))


@pytest.mark.parametrize("place", [0, 20, 40, 60, 100, -1])
def test_a_changed_byte_is_noticed(tmp_path, people, place):
    path = tmp_path / "a.mofy"
    archive.write(path, people, PASSPHRASE)
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"a\.mofy"):
        archive.read(path, PASSPHRASE)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", archive.MAGIC, archive.MAGIC + b"\x0e" + bytes(28)])
def test_what_is_no_archive_is_told(tmp_path, content):
    (tmp_path / "a.mofy").write_bytes(content)
    with pytest.raises(InputError, match="no export of people"):
        archive.read(tmp_path / "a.mofy", PASSPHRASE)


@pytest.mark.parametrize("work", [0, 13, 21, 30, 255])
def test_a_file_cannot_ask_for_all_our_memory(tmp_path, work):
    (tmp_path / "a.mofy").write_bytes(archive.MAGIC + bytes([work]) + bytes(200))
    with pytest.raises(InputError, match="no export of people"):
        archive.read(tmp_path / "a.mofy", PASSPHRASE)


def described(name, photos=b"[]"):
    rest = b'"note": "", "enabled": 1, "created_at": 0, "expires_at": null'
    return b'{"people": [{"name": %s, %s, "photos": %s}]}' % (name, rest, photos)


@pytest.mark.parametrize(
    "text",
    [
        b"[]",
        b'{"people": 7}',
        b'{"people": [{}]}',
        described(b'"\\u202e"'),
        described(b"7"),
        described(b'"A"', b'[{"crop": "AAAA"}]'),
        described(b'"A"', b'[], "rejected": 7'),
        described(b'"A"', b'[], "rejected": [{"crop": "AAAA"}]'),
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_a_well_locked_file_of_nonsense_is_refused(tmp_path, text):
    head = archive.MAGIC + bytes([archive.WORK]) + bytes(28)
    locked = archive._cipher(head, PASSPHRASE).encrypt(head[-12:], text, head)
    (tmp_path / "a.mofy").write_bytes(head + locked)
    with pytest.raises(InputError, match="does not understand"):
        archive.read(tmp_path / "a.mofy", PASSPHRASE)


def test_a_file_of_the_first_mofy_knows_nobody_rejected(tmp_path):
    head = archive.MAGIC + bytes([archive.WORK]) + bytes(28)
    locked = archive._cipher(head, PASSPHRASE).encrypt(head[-12:], described(b'"Ann"'), head)
    (tmp_path / "a.mofy").write_bytes(head + locked)
    (ann,) = archive.read(tmp_path / "a.mofy", PASSPHRASE)
    assert (ann.enrolled.name, list(ann.rejected)) == ("Ann", [])


def test_a_short_passphrase_is_refused_before_anything_is_written(tmp_path, people):
    with pytest.raises(InputError, match="at least 8"):
        archive.write(tmp_path / "a.mofy", people, "seven77")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_replaced_only_when_asked(tmp_path, people):
    (tmp_path / "a.mofy").write_text("dear")
    with pytest.raises(InputError, match="exists already"):
        archive.write(tmp_path / "a.mofy", people, PASSPHRASE)
    assert (tmp_path / "a.mofy").read_text() == "dear"
    archive.write(tmp_path / "a.mofy", people, PASSPHRASE, overwrite=True)
    assert len(archive.read(tmp_path / "a.mofy", PASSPHRASE)) == 2


def test_a_full_disk_leaves_the_old_file_and_no_half_one(tmp_path, people):
    (tmp_path / "a.mofy").write_text("dear")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5000, hard))
    try:
        with pytest.raises(InputError, match="cannot be written"):
            archive.write(tmp_path / "a.mofy", people, PASSPHRASE, overwrite=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (tmp_path / "a.mofy").read_text() == "dear"
    assert [path.name for path in tmp_path.iterdir()] == ["a.mofy"]


def test_where_nothing_can_be_written_or_read_is_told(tmp_path, people):
    with pytest.raises(InputError, match="no such file"):
        archive.write(tmp_path / "missing" / "a.mofy", people, PASSPHRASE)
    with pytest.raises(InputError, match="no such file"):
        archive.read(tmp_path / "a.mofy", PASSPHRASE)
    with pytest.raises(InputError, match="directory"):
        archive.read(tmp_path, PASSPHRASE)


def test_devices_and_folders_are_neither_read_nor_replaced(tmp_path, people):
    with pytest.raises(InputError, match="not a regular file"):
        archive.read(Path("/dev/zero"), PASSPHRASE)
    for path in (Path("/dev/null"), tmp_path):
        with pytest.raises(InputError, match="not a regular file"):
            archive.write(path, people, PASSPHRASE, overwrite=True)
    assert Path("/dev/null").is_char_device()
